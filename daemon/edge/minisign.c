/* SPDX-License-Identifier: MIT
 *
 * A key is `Ed`, its id, 32 bytes; a signature is `ED` (prehashed) or `Ed`, the id of its
 * key, 64 bytes; both as base64 on the second line, below a comment that proves nothing.
 * A signature has two lines more: a comment, and 64 bytes over signature and comment.
 */
#include "config.h"

#include "daemon/edge/minisign.h"

#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ALGORITHM_LEN 2
#define KEY_LEN       (ALGORITHM_LEN + MINISIGN_ID_LEN + 32)
#define SIGNATURE_LEN (ALGORITHM_LEN + MINISIGN_ID_LEN + 64)

static const char untrusted[] = "untrusted comment:";
static const char trusted[] = "trusted comment: ";

__attribute__((format(printf, 2, 3))) static int wrong(
	struct errtext *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return -EBADMSG;
}

void minisign_id_text(
	const uint8_t id[MINISIGN_ID_LEN], char ret_text[MINISIGN_ID_TEXT_MAX])
{
	/* The number is stored with its low byte first and shown with its high one. */
	for (size_t i = 0; i < MINISIGN_ID_LEN; i++)
		snprintf(ret_text + 2 * i, 3, "%02X", id[MINISIGN_ID_LEN - 1 - i]);
}

/* ---- lines ------------------------------------------------------------------------ */

struct lines {
	const char *at, *end;
};

struct line {
	const char *text;
	size_t len;
};

/* The next line that is not empty. A comment's blanks are signed and stay; a CR before
 * the line's end is an editor's. */
static bool next_line(struct lines *lines, struct line *ret_line)
{
	while (lines->at < lines->end) {
		const char *start = lines->at;
		const char *stop = memchr(start, '\n', (size_t)(lines->end - start));

		lines->at = stop ? stop + 1 : lines->end;
		if (!stop)
			stop = lines->end;
		if (stop > start && stop[-1] == '\r')
			stop--;
		if (start == stop)
			continue;
		*ret_line = (struct line){start, (size_t)(stop - start)};
		return true;
	}
	return false;
}

static bool starts(const struct line *line, const char *word)
{
	size_t len = strlen(word);

	return line->len >= len && memcmp(line->text, word, len) == 0;
}

/* Exactly so many bytes of base64. */
static bool decode(const struct line *line, uint8_t *ret_bytes, size_t len)
{
	size_t found;

	return sodium_base642bin(ret_bytes, len, line->text, line->len, NULL, &found,
		       NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       found == len;
}

/* ---- keys ------------------------------------------------------------------------- */

int minisign_key_parse(const char *text, size_t len, struct minisign_key *ret_key,
	struct errtext *ret_error)
{
	struct lines lines = {text, text + len};
	uint8_t bytes[KEY_LEN];
	struct line line;

	if (!next_line(&lines, &line))
		return wrong(ret_error, "there is no key in it");
	if (starts(&line, untrusted) && !next_line(&lines, &line))
		return wrong(ret_error, "there is no key below the comment");
	if (!decode(&line, bytes, sizeof(bytes)) || memcmp(bytes, "Ed", 2) != 0)
		return wrong(ret_error,
			"this is not a public key of minisign: expected the text of a "
			".pub file, or its second line, which begins with RW");
	if (next_line(&lines, &line))
		return wrong(ret_error, "there is something below the key");
	memcpy(ret_key->id, bytes + ALGORITHM_LEN, MINISIGN_ID_LEN);
	memcpy(ret_key->key, bytes + ALGORITHM_LEN + MINISIGN_ID_LEN,
		sizeof(ret_key->key));
	return 0;
}

/* ---- signatures ------------------------------------------------------------------- */

static int parse_one(struct lines *lines, const struct line *first,
	struct minisign_signature *signature, struct errtext *ret_error)
{
	uint8_t bytes[SIGNATURE_LEN];
	struct line line;
	size_t len;

	if (!starts(first, untrusted))
		return wrong(ret_error, "a signature begins with '%s'", untrusted);
	if (!next_line(lines, &line) || !decode(&line, bytes, sizeof(bytes)) ||
		bytes[0] != 'E' || (bytes[1] != 'd' && bytes[1] != 'D'))
		return wrong(ret_error,
			"its second line is not a signature of minisign (base64 that "
			"begins with RU or RW)");
	signature->prehashed = bytes[1] == 'D';
	memcpy(signature->id, bytes + ALGORITHM_LEN, MINISIGN_ID_LEN);
	memcpy(signature->signature, bytes + ALGORITHM_LEN + MINISIGN_ID_LEN,
		sizeof(signature->signature));
	if (!next_line(lines, &line) || !starts(&line, trusted))
		return wrong(
			ret_error, "its third line does not begin with '%s'", trusted);
	len = line.len - strlen(trusted);
	if (len >= MINISIGN_COMMENT_MAX)
		return wrong(ret_error, "its comment is longer than %d bytes",
			MINISIGN_COMMENT_MAX - 1);
	memcpy(signature->comment, line.text + strlen(trusted), len);
	signature->comment[len] = '\0';
	if (!next_line(lines, &line) ||
		!decode(&line, signature->global, sizeof(signature->global)))
		return wrong(
			ret_error, "its fourth line is not the comment's signature");
	return 0;
}

int minisign_signatures_parse(const char *text, size_t len,
	struct minisign_signature ret_signature[MINISIGN_KEYS_MAX], size_t *ret_count,
	struct errtext *ret_error)
{
	struct lines lines = {text, text + len};
	struct line line;
	size_t count = 0;
	int r;

	while (next_line(&lines, &line)) {
		if (count == MINISIGN_KEYS_MAX)
			return wrong(ret_error, "there are more than %d signatures",
				MINISIGN_KEYS_MAX);
		r = parse_one(&lines, &line, &ret_signature[count++], ret_error);
		if (r < 0)
			return r;
	}
	if (count == 0)
		return wrong(ret_error, "there is no signature in it");
	*ret_count = count;
	return 0;
}

/* ---- verifying -------------------------------------------------------------------- */

static bool verify_data(const struct minisign_key *key,
	const struct minisign_signature *signature, const uint8_t *data, size_t len)
{
	uint8_t hash[crypto_generichash_BYTES_MAX]; /* BLAKE2b-512 */

	if (!signature->prehashed)
		return crypto_sign_verify_detached(
			       signature->signature, data, len, key->key) == 0;
	crypto_generichash(hash, sizeof(hash), data, len, NULL, 0);
	return crypto_sign_verify_detached(
		       signature->signature, hash, sizeof(hash), key->key) == 0;
}

bool minisign_verify(const struct minisign_key *key,
	const struct minisign_signature *signature, const uint8_t *data, size_t len)
{
	uint8_t both[sizeof(signature->signature) + MINISIGN_COMMENT_MAX];
	size_t comment_len = strlen(signature->comment);

	if (memcmp(key->id, signature->id, MINISIGN_ID_LEN) != 0 ||
		!verify_data(key, signature, data, len))
		return false;
	memcpy(both, signature->signature, sizeof(signature->signature));
	memcpy(both + sizeof(signature->signature), signature->comment, comment_len);
	return crypto_sign_verify_detached(signature->global, both,
		       sizeof(signature->signature) + comment_len, key->key) == 0;
}
