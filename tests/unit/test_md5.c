/* SPDX-License-Identifier: MIT
 *
 * MD5 against the values of RFC 1321, and fed in pieces of every size against whole.
 */
#include "common/md5.h"
#include "tests/tap.h"

static const struct {
	const char *name;
	const char *input;
	const char *hex;
} vectors[] = {
	{"nothing", "", "d41d8cd98f00b204e9800998ecf8427e"},
	{"one letter", "a", "0cc175b9c0f1b6a831c399e269772661"},
	{"three letters", "abc", "900150983cd24fb0d6963f7d28e17f72"},
	{"two words", "message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
	{"the alphabet", "abcdefghijklmnopqrstuvwxyz",
		"c3fcd3d76192e4007dfb496cca67e13b"},
	{"62 bytes: padding needs a block of its own",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		"d174ab98d277d9f5a5611c2c9f419d9f"},
	{"56 bytes: no room for the length",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"3b0c8ac703f828b04c6c197006d17218"},
	{"80 bytes: two blocks",
		"1234567890123456789012345678901234567890"
		"1234567890123456789012345678901234567890",
		"57edf4a22be3c955ac49da2e2107b67a"},
};

static void hash(const void *data, size_t len, size_t piece_len, char *ret_hex)
{
	const uint8_t *at = data;
	struct wipy_md5 md5;
	uint8_t digest[WIPY_MD5_LEN];

	wipy_md5_init(&md5);
	for (size_t done = 0; done < len; done += piece_len)
		wipy_md5_update(&md5, at + done,
			len - done < piece_len ? len - done : piece_len);
	wipy_md5_final(&md5, digest);
	wipy_md5_hex(digest, ret_hex);
}

static void test_pieces(void)
{
	uint8_t data[300];
	char whole[WIPY_MD5_HEX_LEN + 1], pieces[WIPY_MD5_HEX_LEN + 1];
	size_t bad = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	for (size_t len = 0; len <= sizeof(data); len++) {
		hash(data, len, sizeof(data), whole);
		for (size_t piece_len = 1; piece_len < 130; piece_len++) {
			hash(data, len, piece_len, pieces);
			bad += strcmp(whole, pieces) != 0;
		}
	}
	EQ_INT((int64_t)bad, 0, "pieces of 1..129 bytes give what the whole gives");
}

int main(void)
{
	char hex[WIPY_MD5_HEX_LEN + 1];

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		hash(vectors[i].input, strlen(vectors[i].input), 1000, hex);
		EQ_STR(hex, vectors[i].hex, vectors[i].name);
	}
	test_pieces();
	return tap_done();
}
