/* SPDX-License-Identifier: MIT
 *
 * A conversation with a board's telnet server, without I/O: bytes and time go in,
 * bytes and a deadline come out. The daemon drives it on libuv, other programs by
 * poll(). It follows WIRE.md 1.3, 1.5, 1.12 and DESIGN.md 1.2.
 *
 * The caller connects, then loops: feed what arrived (telnet_client_input), send what
 * telnet_client_output gives in ONE send each (WIRE.md 1.4), call telnet_client_tick at
 * the deadline. Once telnet_client_done() says true it closes cleanly: shut the sending
 * side, drain to the end of file for at most a second, close (DESIGN.md 1.2).
 */
#ifndef WIPY_COMMON_TELNET_CLIENT_H
#define WIPY_COMMON_TELNET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/fingerprint.h"
#include "common/telnet_codec.h"

#define TELNET_BANNER_MAX 192  /* a banner longer than this is WIPY_E_TOO_LONG */
#define TELNET_WINDOW     1024 /* text kept while a prompt or a marker is awaited */
#define TELNET_TOTAL_MAX                                                               \
	16384 /* bytes a conversation may bring; more: WIPY_E_TOO_LONG */
#define TELNET_MARK_MAX  24
#define TELNET_ID_MAX    33 /* 16 bytes in hex and NUL */
#define TELNET_VALUE_MAX 64 /* of an expression and of what it gives, with NUL */

enum telnet_goal {
	TELNET_LOOK,  /* the banner, no login: done at its line feed */
	TELNET_UNAME, /* log in, os.uname(), machine.unique_id(); never interrupts a
	               * program: one Ctrl-B at most, after 2 s without a prompt */
	TELNET_RESET, /* log in, set `mark`, machine.reset() or what stands for it */
	TELNET_MARK,  /* log in, tell whether `mark` still exists, machine.unique_id();
	               * interrupts no program */
	TELNET_EVAL, /* log in, tell what the prompt prints for `expression`; interrupts
	               * no more than UNAME does */
};

struct telnet_request {
	enum telnet_goal goal;
	const char *user;     /* borrowed until done; <= 31 characters (WIRE.md 1.4) */
	const char *password; /* borrowed until done */
	const char *mark;     /* RESET, MARK: a Python name, borrowed until done */
	const char *old_mark; /* RESET: that of an earlier reset, which nobody could be
			       * asked for: told before the new one is set. NULL or "":
			       * none; borrowed until done */
	/* EVAL: one printable line. RESET: what resets the board instead of
	 * machine.reset(), "module.call()", NULL or "" without; a '?' in it is 0, and
	 * where that is a ValueError, 1. Borrowed until done. */
	const char *expression;
	bool may_interrupt; /* RESET: Ctrl-C at a program that runs (WIRE.md 1.9) */
};

struct telnet_uname {
	char sysname[32];
	char release[32]; /* constant on wipy (DESIGN.md 2) */
	char version[96]; /* "TAG on DATE" */
	char machine[80]; /* "BOARD with MCU" */
};

struct telnet_result {
	int status; /* 0: the goal was reached; else WIPY_E_NO_BANNER (nothing or the end
	             * before the banner), _GARBAGE (not a banner), _TOO_LONG,
	             * _LOGIN_REFUSED, _BUSY_PROGRAM, _NO_ANSWER, _CLOSED */
	bool has_banner;
	struct wipy_fingerprint banner;
	char banner_text
		[TELNET_BANNER_MAX]; /* the bytes seen, without CR LF: evidence */
	bool logged_in;              /* also if the goal was not reached */
	bool interrupted;            /* Ctrl-C was sent */
	int intrusions; /* the login, and each Ctrl-B and Ctrl-C (DESIGN.md 1.2) */
	bool has_uname;
	struct telnet_uname uname;
	char unique_id
		[TELNET_ID_MAX]; /* UNAME, MARK: lower-case hex; "": it has none */
	bool reset_sent; /* the line that resets went out after a prompt, and the board
			  * has not said that it cannot */
	bool mark_known; /* TELNET_MARK, or RESET for the old one: the board answered */
	bool mark_there; /* the name still exists: no reset has happened */
	bool has_value;  /* EVAL: the prompt came back */
	char value[TELNET_VALUE_MAX]; /* what was printed, its last line; cut, '.' for
	                               * what is not printable */
};

struct telnet_client {
	struct telnet_request request;
	struct telnet_result result;
	struct telnet_codec codec;
	int step;
	bool done;
	int64_t deadline_ms;
	size_t total_len;
	bool second;          /* RESET: the '?' is 1 now */
	uint64_t options_due; /* option triples that must be seen before sending */
	size_t window_len;
	char window[TELNET_WINDOW]; /* the latest text, NULs and IACs taken out */
	size_t out_len;
	uint8_t out[160];
};

/* The connection stands; `now_ms` is monotonic. */
void telnet_client_start(struct telnet_client *client,
	const struct telnet_request *request, int64_t now_ms);
/* Bytes from the board. */
void telnet_client_input(
	struct telnet_client *client, const uint8_t *data, size_t len, int64_t now_ms);
/* The board closed its side, or the connection broke. After machine.reset() that is
 * success. */
void telnet_client_eof(struct telnet_client *client, int64_t now_ms);
/* Time has passed; to be called at or after the deadline. */
void telnet_client_tick(struct telnet_client *client, int64_t now_ms);
/* Takes the bytes to be sent now, as one send; 0 when there are none. The buffer is
 * wiped inside the client (it may have held a password). */
size_t telnet_client_output(
	struct telnet_client *client, uint8_t *ret_bytes, size_t cap);
/* When telnet_client_tick() is due, monotonic ms. */
int64_t telnet_client_deadline(const struct telnet_client *client);
bool telnet_client_done(const struct telnet_client *client);
/* Valid once done; lives in the client. */
const struct telnet_result *telnet_client_result(const struct telnet_client *client);

#endif
