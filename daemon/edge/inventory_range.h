/* SPDX-License-Identifier: MIT
 *
 * The texts of an inventory that stand for more than they say: `lab-[01:40]` and
 * `10.1.2.[1:40]` are forty names and forty addresses, and one address can be written in
 * many ways. Pure: texts in, texts and verdicts out.
 */
#ifndef WIPY_EDGE_INVENTORY_RANGE_H
#define WIPY_EDGE_INVENTORY_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define ADDRESS_MAX_LEN 254 /* a host name of 253 characters, and NUL */

/* A text with at most one range of numbers in it. */
struct inventory_range {
	const char *text;   /* borrowed */
	size_t prefix_len;  /* the part before '[' */
	const char *suffix; /* the part behind ']'; in text */
	uint32_t first;
	uint32_t count; /* 1 for a text without a range */
	int width;      /* digits, with leading zeros; 0: no number at all */
};

/* Takes a text apart. `limit`: the most values that one range may have. Returns 0, or
 * -EINVAL with the sentence in *ret_error. */
int inventory_range_parse(const char *text, uint32_t limit,
	struct inventory_range *ret_range, struct errtext *ret_error) WARN_UNUSED;

/* The text with value number `index` (from 0). Returns 0, or -ENAMETOOLONG. */
int inventory_range_format(const struct inventory_range *range, uint32_t index,
	char *ret_text, size_t cap) WARN_UNUSED;

/* 1 to 63 letters, digits, '-', '_' and '.'. */
bool inventory_name_valid(const char *name);

/* A login's user or password: 1 to 31 printable ASCII characters without blanks, which is
 * what can be typed at a board (WIRE.md 1.4, 1.6). */
bool inventory_credential_valid(const char *text);

/* The one way of writing an IPv4 or IPv6 address or a host name, so that equal addresses
 * compare equal. Returns 0, or -EINVAL. */
int inventory_address_normalize(
	const char *text, char ret_address[ADDRESS_MAX_LEN]) WARN_UNUSED;

#endif
