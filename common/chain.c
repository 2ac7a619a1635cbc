/* SPDX-License-Identifier: MIT
 *
 * Chain values.
 */
#include "common/chain.h"

#include "common/sha256.h"

_Static_assert(CHAIN_LEN == WIPY_SHA256_LEN, "a value is a SHA-256");

static void add_number(struct wipy_sha256 *sha, uint64_t value, size_t len)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
	wipy_sha256_update(sha, bytes, len);
}

void chain_next(const uint8_t before[CHAIN_LEN], const struct chain_row *row,
	uint8_t ret_value[CHAIN_LEN])
{
	struct wipy_sha256 sha;

	wipy_sha256_init(&sha);
	wipy_sha256_update(&sha, before, CHAIN_LEN);
	add_number(&sha, (uint64_t)row->seq, 8);
	add_number(&sha, (uint64_t)row->time_s, 8);
	/* With its length each: "ab","c" is not "a","bc". */
	for (size_t i = 0; i < CHAIN_PARTS; i++) {
		add_number(&sha, row->part[i].len, 4);
		if (row->part[i].len > 0)
			wipy_sha256_update(&sha, row->part[i].at, row->part[i].len);
	}
	wipy_sha256_final(&sha, ret_value);
}

void chain_hex(const void *bytes, size_t len, char *ret_hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		ret_hex[2 * i] = digits[((const uint8_t *)bytes)[i] >> 4];
		ret_hex[2 * i + 1] = digits[((const uint8_t *)bytes)[i] & 15];
	}
	ret_hex[2 * len] = '\0';
}
