/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a board: the faults that are armed, and what they remember.
 */
#ifndef WIPY_PORT_LINUX_HURT_H
#define WIPY_PORT_LINUX_HURT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/ports/linux/wire.h"

/* In the order of their words in status. */
enum fault {
	FAULT_BUSY,
	FAULT_CORRUPT_IMAGE,
	FAULT_CRASH_AFTER, /* number: seconds */
	FAULT_CRASH_AT_BOOT,
	FAULT_DROP_AFTER, /* number: bytes */
	FAULT_EAT_INTERRUPT,
	FAULT_GARBAGE,
	FAULT_HOG_REPL,
	FAULT_MOVE,
	FAULT_NEVER_JOIN,
	FAULT_NO_226,
	FAULT_NO_QUIT,
	FAULT_POWER_CUT_AT, /* number: flash operations left */
	FAULT_REFUSE_LOGIN,
	FAULT_REFUSE_TELNET,
	FAULT_RST_AFTER, /* number: bytes */
	FAULT_SILENT,
	FAULT_STALL, /* stall_s */
	FAULT_SWAP,
	FAULT_WRONG_BANNER,
	FAULT_COUNT
};

struct garbage;     /* a client of FAULT_GARBAGE */
struct own_program; /* a main.py that a fault has put aside */

struct hurt {
	uint32_t armed; /* 1 << enum fault */
	uint32_t number[FAULT_COUNT];
	uint32_t stall_s[WIRE_PHASE_COUNT];
	struct garbage *garbage; /* NULL: there never was one */
	/* of the board itself, and of the one that FAULT_SWAP plugs in; NULL: its
	 * main.py is where it was */
	struct own_program *own_programs[2];
	bool power_taken; /* by a fault, not by a hand */
	uint32_t drawn;   /* how many have come by themselves */
	bool drawn_now;   /* the latest of them, drawn_word, is still there */
	char drawn_word[40];
	char draw_word[40]; /* the next one, */
	int64_t draw_ms;    /* and when it comes */
};

static inline bool hurt_by(const struct hurt *hurt, enum fault fault)
{
	return hurt->armed >> fault & 1;
}

#endif
