/* SPDX-License-Identifier: MIT
 *
 * The telnet server of a board: one client, login in a fixed order of short sends with
 * what was typed too early thrown away, then a ring of 255 bytes into the REPL
 * (WIRE.md 1.1 to 1.8, with the corrections of 0.4).
 */
#ifndef WIPY_FIRMWARE_TELNET_SRV_H
#define WIPY_FIRMWARE_TELNET_SRV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/ring.h"

struct wipy_board;

#define TELNET_SRV_RING    255 /* WIRE.md 1.1 */
#define TELNET_SRV_FIELD   32  /* WIRE.md 1.4: a name of 32 does not work */
#define TELNET_SRV_SEGMENT 256 /* the most that one receive takes */
#define TELNET_SRV_OUT     2048

enum telnet_srv_state {
	TELNET_SRV_CLOSED, /* nobody listens; from due_ms on it may */
	TELNET_SRV_LISTENING,
	TELNET_SRV_BANNER, /* from here on: what is sent next, at due_ms */
	TELNET_SRV_USER_OPTIONS,
	TELNET_SRV_USER_PROMPT,
	TELNET_SRV_USER, /* the name is awaited */
	TELNET_SRV_PASSWORD_PROMPT,
	TELNET_SRV_PASSWORD_OPTIONS,
	TELNET_SRV_PASSWORD,
	TELNET_SRV_GOOD_OPTIONS,
	TELNET_SRV_GOOD_TEXT,
	TELNET_SRV_BAD_TEXT,
	TELNET_SRV_LOGGED_IN,
	TELNET_SRV_STATE_COUNT
};

struct telnet_srv {
	enum telnet_srv_state state;
	int listener; /* -1: none */
	int conn;     /* -1: none */
	int tries;
	bool user_right;
	int64_t due_ms;      /* when the next cycle of the servers task comes round */
	int64_t heard_ms;    /* the last byte received */
	int64_t progress_ms; /* the last byte sent */
	size_t field_len;
	uint8_t field[TELNET_SRV_FIELD];
	struct ring in;
	struct ring out;
	uint8_t in_bytes[TELNET_SRV_RING];
	uint8_t out_bytes[TELNET_SRV_OUT];
};

/* The input filter of WIRE.md 1.6 on one segment, in place. Returns the bytes left. */
size_t telnet_srv_filter(uint8_t *bytes, size_t len);

void telnet_srv_start(struct wipy_board *board, int64_t now_ms);
/* Closes everything in good order; it stays closed until the next start. */
void telnet_srv_stop(struct wipy_board *board);
/* Returns when it must be called again, or WIPY_NEVER. */
int64_t telnet_srv_step(struct wipy_board *board, int64_t now_ms);
/* The servers task hangs: nothing is waited for any more, nothing is closed. */
void telnet_srv_freeze(struct wipy_board *board);
/* Text from the REPL to the client. Lost where nobody is logged in, or where the client
 * reads too slowly (WIRE.md 1.7). */
void telnet_srv_write(struct wipy_board *board, const char *text, size_t len);

#endif
