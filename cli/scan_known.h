/* SPDX-License-Identifier: MIT
 *
 * What the daemon knows of the boards at the addresses that a scan asks.
 */
#ifndef WIPY_CLI_SCAN_KNOWN_H
#define WIPY_CLI_SCAN_KNOWN_H

#include "cli/cli.h"
#include "common/fingerprint.h"

struct scan_known_row {
	uint32_t address;
	uint16_t telnet_port;
	const json_t *board; /* Board of docs/openapi.yaml */
};

struct scan_known {
	bool has_daemon;
	char why_not[640]; /* without one: a sentence */
	json_t *boards;    /* all of them */
	json_t *names;     /* {NAME: true} */
	struct scan_known_row *rows;
	size_t count;
	size_t unresolved; /* boards whose names stand for no address here */
};

/* Asks for all boards. Without a daemon it is empty. Returns 0, or an exit code after the
 * failure was printed. */
int scan_known_read(struct cli *cli, struct scan_known *ret_known) WARN_UNUSED;
void scan_known_done(struct scan_known *known);

/* The board that is said to be there, or NULL. Borrowed. */
const json_t *scan_known_at(
	const struct scan_known *known, uint32_t address, uint16_t telnet_port);
bool scan_known_has_name(const struct scan_known *known, const char *name);

/* Another board than the one that the daemon knows answers in its place. */
bool scan_is_swapped(const json_t *board, const struct wipy_fingerprint *seen);

#endif
