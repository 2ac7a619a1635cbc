/* SPDX-License-Identifier: MIT
 *
 * Keys and signatures as minisign 0.11 wrote them, and what a forger or a bad copy makes
 * of them; several signatures in one file are signed here.
 */
#include "daemon/edge/minisign.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/signer.h"

/* `minisign -G -W`, then `minisign -S` of "hello\n", once with -l. */
static const char key_file[] =
	"untrusted comment: minisign public key E4AEFBA95B4CAB33\n"
	"RWQzq0xbqfuu5FuNXrWMRdfdpkmALgmB+Y20FBiHZVjz4C4QNVWn5yku\n";
static const char key_line[] =
	"RWQzq0xbqfuu5FuNXrWMRdfdpkmALgmB+Y20FBiHZVjz4C4QNVWn5yku";
static const char signed_file[] =
	"untrusted comment: signature from minisign secret key\n"
	"RUQzq0xbqfuu5DqaSHrb+Wt0MXpy9+E7/+bRnTTgv1zUYwNPBRH6DYttXrRnkbo9OsOF0MRTdW5w4C"
	"Mhj3Z3oPxjdgKCoveFsgs=\n"
	"trusted comment: serial 3\n"
	"tiFBdNiUb4tSs8Q5ARBtZ30XjlIKloFBFYydfge7oa8eO2D+kykFI1i6pQJZ+"
	"lTwRuPXIddPZxSZgXi"
	"ZP/GmDQ==\n";
static const char old_file[] =
	"untrusted comment: signature from minisign secret key\n"
	"RWQzq0xbqfuu5FEUJjvAgyEnIXq7Xa/BmfFySvK20POqLQDyINf0JFol7eqwyEydG8JgOI+Kmil9y3"
	"fdwXdxLWhL1f8pEkywdgs=\n"
	"trusted comment: old way\n"
	"R9wyEe9CZV4B3pW7rGAHazNg46ENXL5fK661nC8a2IPCjnEXtcQWgjAq/"
	"Le1O+FFQe6GO+mB1mE+oQA"
	"HD2InDQ==\n";
static const char data[] = "hello\n";

#define DATA_LEN (sizeof(data) - 1)

static struct minisign_signature found[MINISIGN_KEYS_MAX];

static size_t parse(const char *name, const char *text)
{
	struct errtext error = {""};
	size_t count = 0;

	if (minisign_signatures_parse(text, strlen(text), found, &count, &error) < 0)
		printf("# %s: %s\n", name, error.text);
	return count;
}

static struct minisign_key the_key(void)
{
	struct minisign_key key = {{0}, {0}};
	struct errtext error = {""};

	OK(minisign_key_parse(key_line, strlen(key_line), &key, &error) == 0, "key");
	return key;
}

/* ---- what minisign wrote ---------------------------------------------------------- */

static void test_theirs(void)
{
	struct minisign_key key = the_key(), from_file = {{0}, {0}};
	struct errtext error = {""};
	char id[MINISIGN_ID_TEXT_MAX];

	EQ_INT(minisign_key_parse(key_file, strlen(key_file), &from_file, &error), 0,
		"a .pub file");
	OK(memcmp(&key, &from_file, sizeof(key)) == 0, "file and line: the same key");
	minisign_id_text(key.id, id);
	EQ_STR(id, "E4AEFBA95B4CAB33", "the id as minisign shows it");
	EQ_INT(parse("prehashed", signed_file), 1, "prehashed");
	OK(found[0].prehashed, "prehashed: told by its first letters");
	EQ_STR(found[0].comment, "serial 3", "prehashed: the comment");
	OK(minisign_verify(&key, &found[0], (const uint8_t *)data, DATA_LEN),
		"prehashed: verified");
	EQ_INT(parse("old", old_file), 1, "old");
	OK(!found[0].prehashed, "old: told by its first letters");
	OK(minisign_verify(&key, &found[0], (const uint8_t *)data, DATA_LEN),
		"old: verified");
}

/* ---- forged and damaged ----------------------------------------------------------- */

static void test_each_bit(const char *name, const char *file)
{
	struct minisign_key key = the_key();
	uint8_t bytes[DATA_LEN];
	int taken = 0;

	for (size_t bit = 0; bit < 8 * DATA_LEN; bit++) {
		memcpy(bytes, data, DATA_LEN);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		EQ_INT(parse(name, file), 1, name);
		taken += minisign_verify(&key, &found[0], bytes, DATA_LEN);
	}
	EQ_INT(taken, 0, "no bit of the data can change");
	for (size_t bit = 0; bit < 8 * sizeof(found[0].signature); bit++) {
		parse(name, file);
		found[0].signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
		taken += minisign_verify(
			&key, &found[0], (const uint8_t *)data, DATA_LEN);
		parse(name, file);
		found[0].global[bit / 8] ^= (uint8_t)(1u << bit % 8);
		taken += minisign_verify(
			&key, &found[0], (const uint8_t *)data, DATA_LEN);
	}
	EQ_INT(taken, 0, "no bit of either signature can change");
}

static void test_forged(void)
{
	struct minisign_key key = the_key();
	const uint8_t *bytes = (const uint8_t *)data;

	parse("comment", signed_file);
	found[0].comment[7] = '4';
	OK(!minisign_verify(&key, &found[0], bytes, DATA_LEN), "another comment");
	parse("length", signed_file);
	OK(!minisign_verify(&key, &found[0], bytes, DATA_LEN - 1), "data cut short");
	OK(!minisign_verify(&key, &found[0], bytes, DATA_LEN + 1), "data one longer");
	found[0].prehashed = false;
	OK(!minisign_verify(&key, &found[0], bytes, DATA_LEN), "the other algorithm");
	parse("id", signed_file);
	key.id[0] ^= 1;
	OK(!minisign_verify(&key, &found[0], bytes, DATA_LEN), "another key's id");
	key = the_key();
	key.key[5] ^= 1;
	OK(!minisign_verify(&key, &found[0], bytes, DATA_LEN), "another key");
}

static void test_cut(void)
{
	struct errtext error;
	size_t len = strlen(signed_file), count, taken = 0;
	struct minisign_key key;

	/* The line's end behind the fourth line may be missing. */
	for (size_t cut = 0; cut < len - 1; cut++)
		taken += minisign_signatures_parse(
				 signed_file, cut, found, &count, &error) == 0;
	EQ_INT(taken, 0, "a signature file cut anywhere");
	EQ_INT(minisign_signatures_parse(signed_file, len - 1, found, &count, &error),
		0, "a signature file without its last line end");
	taken = 0;
	for (size_t cut = 0; cut < strlen(key_line); cut++)
		taken += minisign_key_parse(key_line, cut, &key, &error) == 0;
	EQ_INT(taken, 0, "a key cut anywhere");
}

/* ---- several ---------------------------------------------------------------------- */

#define SIGNERS 3

static void test_several(void)
{
	char several[SIGNERS * SIGNER_TEXT_MAX] = "";
	struct signer signer[SIGNERS];
	int verified = 0;

	for (size_t i = 0; i < SIGNERS; i++) {
		signer_make(&signer[i], (int)i + 1);
		signer_sign(&signer[i], (const uint8_t *)data, DATA_LEN,
			i == 1 ? "blanks at the end  " : "words", several);
	}
	EQ_INT(parse("three signers", several), SIGNERS, "three signers");
	for (size_t i = 0; i < SIGNERS; i++)
		for (size_t k = 0; k < SIGNERS; k++)
			verified +=
				minisign_verify(&signer[k].key, &found[i],
					(const uint8_t *)data, DATA_LEN) == (i == k);
	EQ_INT(verified, SIGNERS * SIGNERS, "each by its own key and no other");
}

/* ---- texts that are none ---------------------------------------------------------- */

static const struct {
	const char *name, *text, *says;
} keys[] =
	{
		{"nothing", "", "there is no key in it"},
		{"a comment alone", "untrusted comment: x\n", "no key below"},
		{"words", "a key, surely", "not a public key of minisign"},
		{"one letter too many",
			"RWQzq0xbqfuu5FuNXrWMRdfdpkmALgmB+Y20FBiHZVjz4C4QNVWn5ykuA",
			"not a public key"},
		{"a signature's line",
			"RUQzq0xbqfuu5FuNXrWMRdfdpkmALgmB+Y20FBiHZVjz4C4QNVWn5yku",
			"not a public key"},
		{"two keys",
			"RWQzq0xbqfuu5FuNXrWMRdfdpkmALgmB+"
			"Y20FBiHZVjz4C4QNVWn5yku\nmore",
			"something below"},
},
  signatures[] = {
	  {"nothing", "\n\n", "there is no signature in it"},
	  {"a key's file", key_file, "second line is not a signature"},
	  {"no comment above", "RUQzq0xb\n", "begins with 'untrusted comment:'"},
	  {"a line left out",
		  "untrusted comment: s\n"
		  "RUQzq0xbqfuu5DqaSHrb+Wt0MXpy9+E7/"
		  "+bRnTTgv1zUYwNPBRH6DYttXrRnkbo9OsOF0M"
		  "RTdW5w4CMhj3Z3oPxjdgKCoveFsgs=\nuntrusted comment: t\n",
		  "third line"},
};

static void test_texts(void)
{
	struct minisign_key key;
	struct errtext error;
	size_t count;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		OK(minisign_key_parse(keys[i].text, strlen(keys[i].text), &key,
			   &error) == -EBADMSG,
			keys[i].name);
		if (!OK(strstr(error.text, keys[i].says) != NULL, keys[i].name))
			printf("# said: %s\n", error.text);
	}
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		OK(minisign_signatures_parse(signatures[i].text,
			   strlen(signatures[i].text), found, &count,
			   &error) == -EBADMSG,
			signatures[i].name);
		if (!OK(strstr(error.text, signatures[i].says) != NULL,
			    signatures[i].name))
			printf("# said: %s\n", error.text);
	}
}

static void test_caps(void)
{
	size_t each = strlen(signed_file), count;
	char *many = malloc((MINISIGN_KEYS_MAX + 1) * each + 1);
	struct errtext error;
	char *longer;

	if (!many)
		abort();
	for (size_t i = 0; i <= MINISIGN_KEYS_MAX; i++)
		memcpy(many + i * each, signed_file, each);
	EQ_INT(minisign_signatures_parse(
		       many, MINISIGN_KEYS_MAX * each, found, &count, &error),
		0, "as many signatures as fit");
	EQ_INT(minisign_signatures_parse(
		       many, (MINISIGN_KEYS_MAX + 1) * each, found, &count, &error),
		-EBADMSG, "one more");
	longer = strstr(many, "serial 3");
	memset(longer, 'x', 2 * MINISIGN_COMMENT_MAX);
	longer[MINISIGN_COMMENT_MAX] = '\n';
	EQ_INT(minisign_signatures_parse(many, 8 * each, found, &count, &error),
		-EBADMSG, "a comment that is too long");
	free(many);
}

int main(void)
{
	if (sodium_init() < 0)
		return 1;
	test_theirs();
	test_each_bit("prehashed", signed_file);
	test_each_bit("old", old_file);
	test_forged();
	test_cut();
	test_several();
	test_texts();
	test_caps();
	return tap_done();
}
