/* SPDX-License-Identifier: MIT
 *
 * The telnet codec: every kind of command, cut at every place, in place and not.
 */
#include "common/telnet_codec.h"
#include "tests/tap.h"

#define BYTES(s) (s), sizeof(s) - 1

static const struct {
	const char *name;
	const char *in;
	size_t in_len;
	const char *out;
	size_t out_len;
	uint64_t options;
} rows[] = {
	{"nothing", BYTES(""), BYTES(""), 0},
	{"text", BYTES("Login as: "), BYTES("Login as: "), 0},
	{"options before the login prompt",
		BYTES("\r\n\xff\xfc\x01\xff\xfc\x03\xff\xfb\"Login as: "),
		BYTES("\r\nLogin as: "), 3},
	{"DO and DONT",
		BYTES("a\xff\xfd\x03"
		      "b\xff\xfe\x01"
		      "c"),
		BYTES("abc"), 2},
	{"option number FF",
		BYTES("\xff\xfb\xff"
		      "A"),
		BYTES("A"), 1},
	{"doubled FF",
		BYTES("a\xff\xff"
		      "b"),
		BYTES("a\xff"
		      "b"),
		0},
	{"single FF before text",
		BYTES("a\xff"
		      "b"),
		BYTES("ab"), 0},
	{"command of two bytes",
		BYTES("a\xff\xf1"
		      "b\xff\xf6"),
		BYTES("ab"), 0},
	{"sub-negotiation",
		BYTES("a\xff\xfa\x18\x01\xff\xf0"
		      "b"),
		BYTES("ab"), 0},
	{"sub-negotiation with a doubled FF",
		BYTES("\xff\xfa\x18\xff\xff\xf0x\xff\xf0"
		      "b"),
		BYTES("b"), 0},
	{"sub-negotiation with a command inside",
		BYTES("\xff\xfa\x18\xff\xf1x\xff\xf0"
		      "b"),
		BYTES("b"), 0},
	{"sub-negotiation without an end", BYTES("a\xff\xfa\x18text text"), BYTES("a"),
		0},
	{"NUL is data", BYTES("a\0b"), BYTES("a\0b"), 0},
	{"high bytes are data", BYTES("\x80\xef\xf0\xfe"), BYTES("\x80\xef\xf0\xfe"),
		0},
	{"ends inside a triple", BYTES("a\xff\xfb"), BYTES("a"), 0},
};

static void check(size_t row, size_t piece_len, bool in_place)
{
	struct telnet_codec codec;
	uint8_t buf[128], out[128];
	size_t in_len = rows[row].in_len, out_len = 0;

	memcpy(buf, rows[row].in, in_len);
	telnet_codec_init(&codec);
	for (size_t at = 0; at < in_len; at += piece_len) {
		size_t len = in_len - at < piece_len ? in_len - at : piece_len;
		uint8_t *to = in_place ? buf + at : out + out_len;
		size_t got = telnet_codec_decode(&codec, buf + at, len, to);

		if (in_place)
			memcpy(out + out_len, to, got);
		out_len += got;
	}
	tap_ok(out_len == rows[row].out_len &&
			memcmp(out, rows[row].out, out_len) == 0 &&
			codec.options == rows[row].options,
		"%s, pieces of %zu%s", rows[row].name, piece_len,
		in_place ? ", in place" : "");
}

int main(void)
{
	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		check(row, 1, false);
		check(row, 2, true);
		check(row, 3, false);
		check(row, 128, true);
	}
	return tap_done();
}
