/* SPDX-License-Identifier: MIT
 *
 * The chain over the events: each one's value is the SHA-256 of the value before it and
 * of all that the event says, so that no byte, row or order can change without the values
 * behind it telling (docs/decisions/0013-chain-of-events.md).
 */
#ifndef WIPY_COMMON_CHAIN_H
#define WIPY_COMMON_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#define CHAIN_LEN     32
#define CHAIN_HEX_MAX (2 * CHAIN_LEN + 1) /* a value as lower-case hex digits and NUL */

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

/* The value of a row that stands behind `before`. */
void chain_next(const uint8_t before[CHAIN_LEN], const struct chain_row *row,
	uint8_t ret_value[CHAIN_LEN]);

/* Bytes as lower-case hex digits with a NUL: 2 * len + 1 of them. */
void chain_hex(const void *bytes, size_t len, char *ret_hex);

#endif
