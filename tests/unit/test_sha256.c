/* SPDX-License-Identifier: MIT
 *
 * SHA-256: the examples of FIPS 180-4, and pieces of every size.
 */
#include <stdlib.h>

#include "common/sha256.h"
#include "tests/tap.h"

static void hash_hex(const void *data, size_t len, size_t piece, char ret_hex[65])
{
	struct wipy_sha256 sha;
	uint8_t digest[WIPY_SHA256_LEN];
	const uint8_t *at = data;

	wipy_sha256_init(&sha);
	for (size_t i = 0; i < len; i += piece)
		wipy_sha256_update(&sha, at + i, len - i < piece ? len - i : piece);
	wipy_sha256_final(&sha, digest);
	for (int i = 0; i < WIPY_SHA256_LEN; i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}

static void test_examples(void)
{
	static const struct {
		const char *name;
		const char *text;
		const char *want;
	} rows[] = {
		{"nothing", "",
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8"
			"55"},
		{"one block", "abc",
			"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015"
			"ad"},
		{"two blocks",
			"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06"
			"c1"},
		{"four blocks",
			"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
			"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
			"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9"
			"d1"},
	};
	char hex[65];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		hash_hex(rows[i].text, strlen(rows[i].text), 1000, hex);
		EQ_STR(hex, rows[i].want, rows[i].name);
	}
}

static void test_million(void)
{
	char *text = malloc(1000000);
	char hex[65];

	memset(text, 'a', 1000000);
	hash_hex(text, 1000000, 777, hex);
	EQ_STR(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
		"a million times a");
	free(text);
}

static void test_pieces(void)
{
	static uint8_t data[200];
	char whole[65], hex[65];
	int wrong = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 3);
	for (size_t len = 1; len <= sizeof(data); len++) {
		hash_hex(data, len, len, whole);
		for (size_t piece = 1; piece < 70; piece += 7) {
			hash_hex(data, len, piece, hex);
			wrong += strcmp(hex, whole) != 0;
		}
	}
	EQ_INT(wrong, 0, "pieces of any size give the same sum");
}

int main(void)
{
	test_examples();
	test_million();
	test_pieces();
	return tap_done();
}
