/* SPDX-License-Identifier: MIT
 *
 * Takes telnet commands out of a byte stream. Boards do not double the FF bytes that a
 * program prints (WIRE.md 1.6), so an FF before a byte that is no command is dropped
 * alone: the text goes on.
 */
#include "common/telnet_codec.h"

#include <stdbool.h>

enum {
	BYTE_SE = 0xf0,
	BYTE_SB = 0xfa,
	BYTE_WILL = 0xfb,
	BYTE_DONT = 0xfe,
	BYTE_IAC = 0xff,
};

void telnet_codec_init(struct telnet_codec *codec)
{
	codec->state = TELNET_CODEC_DATA;
	codec->options = 0;
}

/* The byte after an FF. True if it is data. */
static bool codec_command(struct telnet_codec *codec, uint8_t byte)
{
	codec->state = TELNET_CODEC_DATA;
	if (byte >= BYTE_WILL && byte <= BYTE_DONT)
		codec->state = TELNET_CODEC_OPTION;
	else if (byte == BYTE_SB)
		codec->state = TELNET_CODEC_SB;
	return byte == BYTE_IAC || byte < BYTE_SE;
}

/* True if the byte is data. */
static bool codec_step(struct telnet_codec *codec, uint8_t byte)
{
	switch (codec->state) {
	case TELNET_CODEC_DATA:
		if (byte != BYTE_IAC)
			return true;
		codec->state = TELNET_CODEC_IAC;
		return false;
	case TELNET_CODEC_IAC:
		return codec_command(codec, byte);
	case TELNET_CODEC_OPTION:
		codec->options++;
		codec->state = TELNET_CODEC_DATA;
		return false;
	case TELNET_CODEC_SB:
		if (byte == BYTE_IAC)
			codec->state = TELNET_CODEC_SB_IAC;
		return false;
	case TELNET_CODEC_SB_IAC:
		/* FF FF is an FF of the sub-negotiation; only FF F0 ends it. */
		codec->state = byte == BYTE_SE ? TELNET_CODEC_DATA : TELNET_CODEC_SB;
		return false;
	}
	return false;
}

size_t telnet_codec_decode(
	struct telnet_codec *codec, const uint8_t *in, size_t len, uint8_t *out)
{
	size_t out_len = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = in[i];

		if (codec_step(codec, byte))
			out[out_len++] = byte;
	}
	return out_len;
}
