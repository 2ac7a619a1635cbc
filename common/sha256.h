/* SPDX-License-Identifier: MIT
 *
 * SHA-256 (FIPS 180-4), fed in pieces: what stands at the end of an ESP32 image
 * (WIRE.md 5.4).
 */
#ifndef WIPY_COMMON_SHA256_H
#define WIPY_COMMON_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define WIPY_SHA256_LEN 32

struct wipy_sha256 {
	uint32_t state[8];
	uint64_t total_len;
	uint8_t block[64];
};

void wipy_sha256_init(struct wipy_sha256 *sha);
void wipy_sha256_update(struct wipy_sha256 *sha, const void *data, size_t len);
void wipy_sha256_final(struct wipy_sha256 *sha, uint8_t ret_digest[WIPY_SHA256_LEN]);

#endif
