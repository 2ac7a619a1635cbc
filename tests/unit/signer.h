/* SPDX-License-Identifier: MIT
 *
 * Signatures in the format of minisign, made with a key of the test's own.
 */
#ifndef WIPY_TESTS_SIGNER_H
#define WIPY_TESTS_SIGNER_H

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "daemon/edge/minisign.h"

#define SIGNER_TEXT_MAX 2048

struct signer {
	struct minisign_key key;
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
};

/* The id is that number, eight times. */
static inline void signer_make(struct signer *signer, int number)
{
	crypto_sign_keypair(signer->key.key, signer->secret);
	memset(signer->key.id, number, MINISIGN_ID_LEN);
}

static inline void signer_line(
	char *text, const char *before, const uint8_t *bytes, size_t len)
{
	char base64[256];

	sodium_bin2base64(
		base64, sizeof(base64), bytes, len, sodium_base64_VARIANT_ORIGINAL);
	strcat(strcat(strcat(text, before), base64), "\r\n");
}

/* Appends a signature to the text, which has SIGNER_TEXT_MAX bytes for each. */
static inline void signer_sign(const struct signer *signer, const uint8_t *data,
	size_t len, const char *comment, char *text)
{
	uint8_t line[2 + MINISIGN_ID_LEN + 64] = "ED", hash[64], global[64];
	uint8_t both[64 + MINISIGN_COMMENT_MAX];
	char before[MINISIGN_COMMENT_MAX + 32];

	memcpy(line + 2, signer->key.id, MINISIGN_ID_LEN);
	crypto_generichash(hash, sizeof(hash), data, len, NULL, 0);
	crypto_sign_detached(line + 10, NULL, hash, sizeof(hash), signer->secret);
	memcpy(both, line + 10, 64);
	memcpy(both + 64, comment, strlen(comment));
	crypto_sign_detached(global, NULL, both, 64 + strlen(comment), signer->secret);
	signer_line(text, "untrusted comment: any words\r\n", line, sizeof(line));
	snprintf(before, sizeof(before), "trusted comment: %s\r\n", comment);
	signer_line(text, before, global, sizeof(global));
}

#endif
