/* SPDX-License-Identifier: MIT
 *
 * The client side of telnet as the boards speak it (RFC 854; WIRE.md 1.3, 1.12.3):
 * options are taken out of the stream and never answered. Five states, no memory but
 * the struct. Feeding byte by byte gives the same as feeding whole.
 */
#ifndef WIPY_COMMON_TELNET_CODEC_H
#define WIPY_COMMON_TELNET_CODEC_H

#include <stddef.h>
#include <stdint.h>

enum telnet_codec_state {
	TELNET_CODEC_DATA,
	TELNET_CODEC_IAC,    /* after FF */
	TELNET_CODEC_OPTION, /* after FF and a verb WILL, WONT, DO, DONT */
	TELNET_CODEC_SB,     /* inside a sub-negotiation */
	TELNET_CODEC_SB_IAC, /* FF inside a sub-negotiation */
};

struct telnet_codec {
	enum telnet_codec_state state;
	uint64_t options; /* option triples seen so far: the login script counts them */
};

void telnet_codec_init(struct telnet_codec *codec);

/* Copies the data bytes of in[0..len) to out, which has room for len bytes; in and out
 * may be the same buffer. FF FF is one data byte FF. Returns the bytes written. */
size_t telnet_codec_decode(
	struct telnet_codec *codec, const uint8_t *in, size_t len, uint8_t *out);

#endif
