/* SPDX-License-Identifier: MIT
 *
 * Tells from the bytes that pass through a connection what a board and its client are
 * about, so that a fault can strike there while neither of them knows. Pure: no socket,
 * no clock.
 */
#ifndef WIPY_PORT_LINUX_WIRE_H
#define WIPY_PORT_LINUX_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_kind { WIRE_KIND_TELNET, WIRE_KIND_FTP, WIRE_KIND_DATA };

enum wire_phase {
	WIRE_CONNECT, /* a client has connected and is not accepted yet */
	WIRE_BANNER,  /* telnet: up to the first line end */
	WIRE_LOGIN,   /* up to the end of the greeting (WIRE.md 1.3) */
	WIRE_REPL,
	WIRE_USER, /* FTP: these commands */
	WIRE_PASS,
	WIRE_PASV,
	WIRE_STOR,
	WIRE_DATA, /* what comes over a data connection */
	WIRE_226,  /* FTP: the reply at the end of a transfer */
	WIRE_QUIT,
	WIRE_OTHER,
	WIRE_PHASE_COUNT
};

/* A connection as far as it has been seen. Zeros and a kind are a new one. */
struct wire {
	enum wire_kind kind;
	enum wire_phase phase; /* telnet: WIRE_CONNECT is "nothing sent yet" */
	uint8_t matched;       /* of the text that is looked for */
	bool in_line;          /* FTP: inside a reply line, whose phase is `phase` */
};

/* A run of what the board sends: `len` bytes of one phase, before them `prefix` bytes
 * that were kept back earlier (the beginning of WIRE_226_TEXT). */
struct wire_run {
	enum wire_phase phase;
	size_t len;
	size_t prefix;
	bool undecided; /* keep the bytes back: the next ones decide what they are */
};

#define WIRE_226_TEXT "226 "

/* The name of a phase, "stor"; NULL for WIRE_OTHER. */
const char *wire_phase_name(enum wire_phase phase);

/* What the bytes of one receive are for. */
enum wire_phase wire_in(const struct wire *wire, const uint8_t *bytes, size_t len);

/* The first run of what is sent next. len > 0. */
struct wire_run wire_out(struct wire *wire, const uint8_t *bytes, size_t len);

/* Spoils a login: the password of telnet and FTP, so that it cannot be right. */
void wire_spoil(const struct wire *wire, uint8_t *bytes, size_t len);

#endif
