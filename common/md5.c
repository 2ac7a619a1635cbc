/* SPDX-License-Identifier: MIT
 *
 * MD5 after RFC 1321. One loop with tables instead of 64 written-out steps: on a
 * Cortex-M4 the text space counts for more than the last percent of speed, and a
 * firmware image is hashed once.
 */
#include "common/md5.h"

#include <string.h>

/* floor(2^32 * |sin(i + 1)|) for i = 0..63. */
static const uint32_t md5_sine[64] = {0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee,
	0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af,
	0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453,
	0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
	0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681,
	0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5,
	0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039,
	0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0,
	0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

static const uint8_t md5_shift[4][4] = {
	{7, 12, 17, 22},
	{5, 9, 14, 20},
	{4, 11, 16, 23},
	{6, 10, 15, 21},
};

static uint32_t md5_rotate(uint32_t value, unsigned int bits)
{
	return value << bits | value >> (32 - bits);
}

static uint32_t md5_word(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/* The round function and the message word of step i. */
static uint32_t md5_mix(
	unsigned int i, uint32_t b, uint32_t c, uint32_t d, unsigned int *ret_word)
{
	switch (i / 16) {
	case 0:
		*ret_word = i;
		return (b & c) | (~b & d);
	case 1:
		*ret_word = (5 * i + 1) % 16;
		return (d & b) | (~d & c);
	case 2:
		*ret_word = (3 * i + 5) % 16;
		return b ^ c ^ d;
	default:
		*ret_word = 7 * i % 16;
		return c ^ (b | ~d);
	}
}

static void md5_block(uint32_t state[4], const uint8_t block[64])
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];

	for (unsigned int i = 0; i < 64; i++) {
		unsigned int word;
		uint32_t sum = a + md5_mix(i, b, c, d, &word) + md5_sine[i];

		sum += md5_word(block + 4 * word);
		a = d;
		d = c;
		c = b;
		b += md5_rotate(sum, md5_shift[i / 16][i % 4]);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

void wipy_md5_init(struct wipy_md5 *md5)
{
	memset(md5, 0, sizeof(*md5));
	md5->state[0] = 0x67452301;
	md5->state[1] = 0xefcdab89;
	md5->state[2] = 0x98badcfe;
	md5->state[3] = 0x10325476;
}

void wipy_md5_update(struct wipy_md5 *md5, const void *data, size_t len)
{
	const uint8_t *at = data;
	size_t used = md5->total_len % sizeof(md5->block);

	md5->total_len += len;
	if (used > 0) {
		size_t take = sizeof(md5->block) - used;

		if (take > len)
			take = len;
		memcpy(md5->block + used, at, take);
		at += take;
		len -= take;
		if (used + take < sizeof(md5->block))
			return;
		md5_block(md5->state, md5->block);
	}
	for (; len >= sizeof(md5->block); len -= sizeof(md5->block)) {
		md5_block(md5->state, at);
		at += sizeof(md5->block);
	}
	/* memcpy() of nothing from a null pointer is undefined. */
	if (len > 0)
		memcpy(md5->block, at, len);
}

void wipy_md5_final(struct wipy_md5 *md5, uint8_t ret_digest[WIPY_MD5_LEN])
{
	static const uint8_t padding[64] = {0x80};
	uint64_t bits = md5->total_len * 8;
	size_t used = md5->total_len % 64;
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (8 * i));
	wipy_md5_update(md5, padding, used < 56 ? 56 - used : 120 - used);
	wipy_md5_update(md5, length, sizeof(length));
	for (int i = 0; i < WIPY_MD5_LEN; i++)
		ret_digest[i] = (uint8_t)(md5->state[i / 4] >> (8 * (i % 4)));
}

void wipy_md5_hex(
	const uint8_t digest[WIPY_MD5_LEN], char ret_hex[WIPY_MD5_HEX_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < WIPY_MD5_LEN; i++) {
		ret_hex[2 * i] = digits[digest[i] >> 4];
		ret_hex[2 * i + 1] = digits[digest[i] & 15];
	}
	ret_hex[WIPY_MD5_HEX_LEN] = '\0';
}
