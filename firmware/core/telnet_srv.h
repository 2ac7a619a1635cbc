/* SPDX-License-Identifier: MIT
 *
 * The telnet server of a board: one client, login in a fixed order of short sends with
 * what was typed too early thrown away, then a ring of 255 bytes into the REPL
 * (WIRE.md 1.1 to 1.8, with the corrections of 0.4). It works in cycles as the servers
 * task of the boards does, each one send or one receive; an idle one takes no cycles.
 */
#ifndef WIPY_FIRMWARE_TELNET_SRV_H
#define WIPY_FIRMWARE_TELNET_SRV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/ring.h"
#include "firmware/core/telnet_filter.h"

struct wipy_board;

#define TELNET_SRV_RING  256 /* WIRE.md 1.1: one less is usable */
#define TELNET_SRV_FIELD 32  /* WIRE.md 1.4: a name of 32 does not work */
#define TELNET_SRV_OUT   2048

enum telnet_srv_state {
	TELNET_SRV_CLOSED, /* nobody listens; at the next cycle it does */
	TELNET_SRV_LISTENING,
	TELNET_SRV_BANNER, /* from here on: what is sent next */
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
	bool loses;          /* the next text is lost: the client does not read */
	bool busy;           /* the last cycle did something: there will be another */
	int64_t cycle_ms;    /* no cycle before */
	int64_t heard_ms;    /* the last byte received */
	int64_t progress_ms; /* the last byte sent, or nothing was to be sent */
	size_t field_len;
	uint8_t field[TELNET_SRV_FIELD];
	struct telnet_filter filter;
	struct ring in;
	struct ring out;
	uint8_t in_bytes[TELNET_SRV_RING];
	uint8_t out_bytes[TELNET_SRV_OUT];
};

void telnet_srv_start(struct wipy_board *board, int64_t now_ms);
/* Closes everything in good order; it stays closed until the next start. */
void telnet_srv_stop(struct wipy_board *board);
/* Returns when it must be called again, or WIPY_NEVER. */
int64_t telnet_srv_step(struct wipy_board *board, int64_t now_ms);
/* The servers task hangs: nothing is waited for any more, nothing is closed. */
void telnet_srv_freeze(struct wipy_board *board);

/* ---- the REPL's side ------------------------------------------------------------ */

/* A key that was received, -1: none. */
int telnet_srv_key(struct wipy_board *board);
/* How long a text may be that telnet_srv_write() takes whole. Without a client: any. */
size_t telnet_srv_room(struct wipy_board *board);
/* Text to the client. What finds no room is lost, and a whole text where nobody is
 * logged in or the client has not read for 1.5 s (WIRE.md 1.7). */
void telnet_srv_write(struct wipy_board *board, const char *text, size_t len);
/* Keys were taken, texts were written: sends them, waits for what there is room for
 * now. Returns when telnet_srv_step() must be called, or WIPY_NEVER. */
int64_t telnet_srv_settle(struct wipy_board *board, int64_t now_ms);

#endif
