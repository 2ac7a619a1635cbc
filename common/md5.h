/* SPDX-License-Identifier: MIT
 *
 * MD5 (RFC 1321), fed in pieces. Not for security: it is what the boot loader of the
 * CC3200 boards checks (WIRE.md 3.1), so firmware and daemon both need it.
 */
#ifndef WIPY_COMMON_MD5_H
#define WIPY_COMMON_MD5_H

#include <stddef.h>
#include <stdint.h>

#define WIPY_MD5_LEN     16
#define WIPY_MD5_HEX_LEN 32

struct wipy_md5 {
	uint32_t state[4];
	uint64_t total_len;
	uint8_t block[64];
};

void wipy_md5_init(struct wipy_md5 *md5);
void wipy_md5_update(struct wipy_md5 *md5, const void *data, size_t len);
void wipy_md5_final(struct wipy_md5 *md5, uint8_t ret_digest[WIPY_MD5_LEN]);

/* 32 lower-case hex digits and a NUL: the form of the image trailer (WIRE.md 3.1). */
void wipy_md5_hex(
	const uint8_t digest[WIPY_MD5_LEN], char ret_hex[WIPY_MD5_HEX_LEN + 1]);

#endif
