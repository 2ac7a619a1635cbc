/* SPDX-License-Identifier: MIT
 *
 * The chain over the events: each one's value is the SHA-256 of the value before it and
 * of all that the event says, so that no byte, row or order can change without the values
 * behind it telling (docs/decisions/0013-chain-of-events.md). Pure: bytes in, verdict out.
 * For the files of the store alone.
 */
#ifndef WIPY_EDGE_STORE_CHAIN_H
#define WIPY_EDGE_STORE_CHAIN_H

#include "daemon/edge/store.h"

enum {
	CHAIN_ACTOR,
	CHAIN_BOARD,
	CHAIN_ROLLOUT, /* 16 bytes, or none */
	CHAIN_NAME,
	CHAIN_DETAIL,
	CHAIN_CAUSE,
	CHAIN_PARTS
};

struct chain_part {
	const void *at;
	size_t len;
};

/* An event as its bytes are kept; borrowed. */
struct chain_row {
	int64_t seq, time_s;
	struct chain_part part[CHAIN_PARTS];
};

/* A place in the chain: the last event up to there and its value. Before the first event
 * it is 0 and 32 zero bytes. */
struct chain_place {
	int64_t seq;
	uint8_t value[STORE_CHAIN_LEN];
};

/* The row of an event, which must live as long. Takes the event's own seq. */
struct chain_row chain_row_of(const struct event *event);

/* The value of a row that stands behind `before`. */
void chain_next(const uint8_t before[STORE_CHAIN_LEN], const struct chain_row *row,
	uint8_t ret_value[STORE_CHAIN_LEN]);

/* ---- walking along it ------------------------------------------------------------ */

struct chain_walk {
	struct chain_place at;
	struct store_verdict verdict;
};

/* Begins at a checkpoint that is taken as it stands. */
void chain_walk_begin(struct chain_walk *walk, const struct chain_place *checkpoint);
/* The next row, and the value that is kept with it (NULL: none, or none that is one).
 * Returns false, with the verdict, if they do not fit. */
bool chain_walk_row(
	struct chain_walk *walk, const struct chain_row *row, const uint8_t *kept);
/* A checkpoint or, `head`, what is kept as the end of the chain: called once the rows up
 * to it were walked. Returns false, with the verdict, if it does not fit. */
bool chain_walk_place(
	struct chain_walk *walk, const struct chain_place *place, bool head);

#endif
