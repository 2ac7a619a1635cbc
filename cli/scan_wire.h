/* SPDX-License-Identifier: MIT
 *
 * Many addresses asked for their banner, a few at once, by poll(). Each conversation ends
 * with the clean close (DESIGN.md 1.2), so that a board's one telnet line is free again at
 * once. Where port 23 shows no banner, port 21 is asked for the 220 that tells a board
 * whose line is taken from something else.
 */
#ifndef WIPY_CLI_SCAN_WIRE_H
#define WIPY_CLI_SCAN_WIRE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/scan_range.h"
#include "common/fingerprint.h"

#define SCAN_TOGETHER 128 /* connections at once */

enum scan_state {
	SCAN_ABSENT,    /* nobody */
	SCAN_BOARD,     /* it has shown its banner */
	SCAN_BUSY,      /* no banner, but FTP says 220: perhaps a board in use */
	SCAN_NO_BANNER, /* the telnet port is open and says nothing */
	SCAN_OTHER,     /* it says something that no board says */
	SCAN_REFUSED,   /* it refuses telnet, and FTP does not answer */
	SCAN_NO_ROUTE,  /* from here nobody can connect there */
};

enum scan_password {
	SCAN_PASSWORD_NOT_ASKED,
	SCAN_PASSWORD_DEFAULT, /* it still takes micro, python */
	SCAN_PASSWORD_OWN,     /* it does not */
	SCAN_PASSWORD_UNCLEAR, /* a login began, and came to no end */
};

struct scan_seen {
	uint32_t address;
	enum scan_state state;
	enum scan_password password;
	struct wipy_fingerprint banner; /* of SCAN_BOARD */
};

struct scan_order {
	struct scan_range range;
	uint16_t telnet_port, ftp_port;
	int rate;       /* connections a second, 1 to SCAN_RATE_MAX */
	bool passwords; /* log in: an intrusion (DESIGN.md 1.2) */
	/* Not 0: begin nothing more. Borrowed. */
	const volatile sig_atomic_t *interrupt;
	/* Each address once it is known, in no order. */
	void (*seen)(void *arg, const struct scan_seen *seen);
	/* Now and then, once it takes long: so many have been asked. */
	void (*progress)(void *arg, uint32_t asked);
	void *arg;
};

/* Returns 0 and how many addresses were asked; or a negated errno: this machine cannot
 * connect (-EMFILE, -ENOMEM, ...). */
int scan_run(const struct scan_order *order, uint32_t *ret_asked) WARN_UNUSED;

#endif
