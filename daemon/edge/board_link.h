/* SPDX-License-Identifier: MIT
 *
 * One telnet conversation with a board on the loop: resolve, connect, drive the
 * telnet_client, close cleanly (shut the sending side, drain to the end of file for at
 * most 1 s, close: DESIGN.md 1.2), and where there was no banner ask port 21 for its 220
 * to tell busy from absent.
 */
#ifndef WIPY_EDGE_BOARD_LINK_H
#define WIPY_EDGE_BOARD_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "common/telnet_client.h"

struct board_link;

struct board_link_request {
	const char *address; /* copied */
	uint16_t telnet_port;
	uint16_t ftp_port; /* asked for a 220 when there is no banner; 0: not asked */
	enum telnet_goal goal;
	const char *user, *password, *mark; /* copied, wiped afterwards */
	const char *old_mark;               /* copied; see telnet_client.h */
	const char *expression;             /* copied; see telnet_client.h */
	bool may_interrupt;
	int64_t connect_ms; /* 0: 5 s (WIRE.md 1.12.1) */
};

struct board_link_result {
	/* 0; a telnet_client status; WIPY_E_REFUSED, WIPY_E_NO_BANNER, WIPY_E_TELNET_BUSY (no
	 * banner, but port 21 says 220), or a negated errno of the network (-ETIMEDOUT,
	 * -EHOSTUNREACH, ...; a name that does not resolve: -EADDRNOTAVAIL). */
	int status;
	struct telnet_result telnet;
};

/* Called once, when the connection is closed. The link is freed afterwards. */
typedef void (*board_link_fn)(void *arg, const struct board_link_result *result);

/* Never fails at once: every fault arrives in `done`, never from within this call. */
struct board_link *board_link_start(uv_loop_t *loop,
	const struct board_link_request *request, board_link_fn done, void *arg);
/* Gives the link up: `done` is not called any more, the credentials are wiped at once, and
 * the link is not to be touched again. While it resolves or connects it just closes; once
 * connected it closes cleanly as above, on its own, and frees itself: the loop must run
 * until then, at most 1 s. */
void board_link_cancel(struct board_link *link);

#endif
