/* SPDX-License-Identifier: MIT
 *
 * SHA-256 after FIPS 180-4. The message schedule is a ring of 16 words instead of an
 * array of 64: a quarter of the stack for the same work.
 */
#include "common/sha256.h"

#include <string.h>

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t sha_round[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
	0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
	0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138,
	0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624,
	0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f,
	0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t value, unsigned int bits)
{
	return value >> bits | value << (32 - bits);
}

static uint32_t word_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
	       (uint32_t)at[3];
}

/* Word i of the schedule; the ring holds the 16 before it. */
static uint32_t schedule(uint32_t ring[16], unsigned int i, const uint8_t block[64])
{
	uint32_t early, late;

	if (i < 16) {
		ring[i] = word_at(block + 4 * i);
		return ring[i];
	}
	early = ring[(i + 1) % 16];
	late = ring[(i + 14) % 16];
	ring[i % 16] += (turn(early, 7) ^ turn(early, 18) ^ early >> 3) +
			ring[(i + 9) % 16] +
			(turn(late, 17) ^ turn(late, 19) ^ late >> 10);
	return ring[i % 16];
}

static void sha_block(uint32_t state[8], const uint8_t block[64])
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t ring[16];

	for (unsigned int i = 0; i < 64; i++) {
		uint32_t one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) +
			       ((e & f) ^ (~e & g)) + sha_round[i] +
			       schedule(ring, i, block);
		uint32_t two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) +
			       ((a & b) ^ (a & c) ^ (b & c));

		h = g;
		g = f;
		f = e;
		e = d + one;
		d = c;
		c = b;
		b = a;
		a = one + two;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

void wipy_sha256_init(struct wipy_sha256 *sha)
{
	static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
		0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

	memset(sha, 0, sizeof(*sha));
	memcpy(sha->state, start, sizeof(start));
}

void wipy_sha256_update(struct wipy_sha256 *sha, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len > 0) {
		size_t used = sha->total_len % sizeof(sha->block);
		size_t take = sizeof(sha->block) - used;

		if (take > len)
			take = len;
		memcpy(sha->block + used, at, take);
		sha->total_len += take;
		at += take;
		len -= take;
		if (used + take == sizeof(sha->block))
			sha_block(sha->state, sha->block);
	}
}

void wipy_sha256_final(struct wipy_sha256 *sha, uint8_t ret_digest[WIPY_SHA256_LEN])
{
	static const uint8_t padding[64] = {0x80};
	uint64_t bits = sha->total_len * 8;
	size_t used = sha->total_len % 64;
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	wipy_sha256_update(sha, padding, used < 56 ? 56 - used : 120 - used);
	wipy_sha256_update(sha, length, sizeof(length));
	for (int i = 0; i < WIPY_SHA256_LEN; i++)
		ret_digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}
