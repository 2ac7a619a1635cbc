/* SPDX-License-Identifier: MIT
 *
 * What a board does to the bytes of a telnet client before anybody sees them: option
 * commands go, some keys act at once (WIRE.md 1.6). Two families of rules; both work on
 * one received segment, in place.
 */
#ifndef WIPY_FIRMWARE_TELNET_FILTER_H
#define WIPY_FIRMWARE_TELNET_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/personality.h"

#define TELNET_FILTER_SEGMENT 256 /* the most that one receive takes */
#define TELNET_FILTER_HELD    2   /* of a command of three bytes */

struct telnet_filter {
	enum wipy_telnet_kind kind;
	bool binary;      /* PY: everything but commands is data */
	uint8_t held_len; /* PY: a command that goes on in the next segment */
	uint8_t held[TELNET_FILTER_HELD];
};

/* The moment: what the owner of the connection knows. */
struct telnet_moment {
	bool logged_in;
	bool running; /* a program runs: Ctrl-C is no key */
	bool ctrl_f;  /* 06 is no key on this board (WIRE.md 1.11) */
};

/* What else a segment held. */
struct telnet_notes {
	bool interrupted; /* Ctrl-C, however often */
	bool ctrl_f;      /* WIRE.md 1.11 */
	size_t reply_len; /* to be sent to the client */
	uint8_t reply[TELNET_FILTER_SEGMENT + TELNET_FILTER_HELD];
};

void telnet_filter_start(struct telnet_filter *filter, enum wipy_telnet_kind kind);

/* Returns how many of `bytes` are left. What was held is put in front of them first, so
 * there must be room for len + TELNET_FILTER_HELD. len <= TELNET_FILTER_SEGMENT. */
size_t telnet_filter(struct telnet_filter *filter, const struct telnet_moment *moment,
	uint8_t *bytes, size_t len, struct telnet_notes *ret_notes);

#endif
