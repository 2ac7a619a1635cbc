/* SPDX-License-Identifier: MIT
 *
 * Signatures in the format of minisign: Ed25519 over a manifest's bytes (prehashed with
 * BLAKE2b-512, or the bytes themselves in old files), key ids, and a comment that is
 * signed as well. Pure functions on libsodium; sodium_init() has been called.
 */
#ifndef WIPY_EDGE_MINISIGN_H
#define WIPY_EDGE_MINISIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "daemon/core/release_rule.h"

#define MINISIGN_ID_LEN      8
#define MINISIGN_ID_TEXT_MAX (2 * MINISIGN_ID_LEN + 1)
#define MINISIGN_COMMENT_MAX 1024
#define MINISIGN_FILE_MAX    65536
#define MINISIGN_KEYS_MAX    32 /* trusted ones, and signatures in one file */

struct minisign_key {
	uint8_t id[MINISIGN_ID_LEN];
	uint8_t key[32];
};

struct minisign_signature {
	uint8_t id[MINISIGN_ID_LEN];
	bool prehashed;
	uint8_t signature[64], global[64];
	char comment[MINISIGN_COMMENT_MAX]; /* the trusted one, once verified */
};

/* Whose releases are taken. */
struct minisign_trust {
	enum signature_policy policy;
	size_t threshold; /* so many of the keys have to sign */
	size_t key_count;
	struct minisign_key key[MINISIGN_KEYS_MAX];
};

/* As minisign shows a key's id: 16 upper-case hex digits. */
void minisign_id_text(
	const uint8_t id[MINISIGN_ID_LEN], char ret_text[MINISIGN_ID_TEXT_MAX]);

/* A public key: the text of a .pub file, or its second line alone. Returns 0, or -EBADMSG with what is wrong in *ret_error. */
int minisign_key_parse(const char *text, size_t len, struct minisign_key *ret_key,
	struct errtext *ret_error) WARN_UNUSED;

/* A signature file: four lines a signature, up to MINISIGN_KEYS_MAX of them one after the
 * other. Returns 0 and how many, or -EBADMSG. */
int minisign_signatures_parse(const char *text, size_t len,
	struct minisign_signature ret_signature[MINISIGN_KEYS_MAX], size_t *ret_count,
	struct errtext *ret_error) WARN_UNUSED;

/* The key made this signature over the data, and over the comment. */
bool minisign_verify(const struct minisign_key *key,
	const struct minisign_signature *signature, const uint8_t *data, size_t len);

#endif
