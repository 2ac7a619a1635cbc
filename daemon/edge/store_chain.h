/* SPDX-License-Identifier: MIT
 *
 * The events of the model as rows of their chain, the walk along it, and pieces of it. No
 * I/O. For the files of the store alone.
 */
#ifndef WIPY_EDGE_STORE_CHAIN_H
#define WIPY_EDGE_STORE_CHAIN_H

#include "common/chain.h"
#include "daemon/edge/store.h"

/* A place in the chain: the last event up to there and its value. Before the first event
 * it is 0 and 32 zero bytes. */
struct chain_place {
	int64_t seq;
	uint8_t value[STORE_CHAIN_LEN];
};

/* The row of an event, which must live as long. Takes the event's own seq. */
struct chain_row chain_row_of(const struct event *event);

/* Appends a copy of the row; the page's rows are freed by chain_page_done(). */
void chain_page_add(struct store_export *page, const struct chain_row *row,
	const uint8_t value[STORE_CHAIN_LEN]);
void chain_page_done(struct store_export *page);

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
