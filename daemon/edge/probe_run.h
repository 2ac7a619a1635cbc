/* SPDX-License-Identifier: MIT
 *
 * One probe of one board on the loop: a TCP connection, an FTP greeting, an HTTP GET, a
 * program of the owner (core/probe.h). An expression at the prompt is none of these: that
 * is a telnet conversation (board_link.h).
 */
#ifndef WIPY_EDGE_PROBE_RUN_H
#define WIPY_EDGE_PROBE_RUN_H

#include <stdint.h>
#include <uv.h>

#include "daemon/core/probe.h"

struct probe_run;

struct web;

struct probe_request {
	const struct probe_spec *spec; /* all of this is borrowed during the call */
	const char *name, *address;    /* of the board */
	uint16_t ftp_port;
	struct web *web; /* of an HTTP probe; until it has ended */
};

/* Called once, after everything of the probe is closed. `evidence` is one line, borrowed
 * during the call. */
typedef void (*probe_run_fn)(
	void *arg, enum probe_outcome outcome, const char *evidence);

/* Never fails at once: every fault arrives in `done`, never from within this call. At the
 * probe's deadline at the latest, and a second to clean up. */
struct probe_run *probe_run_start(uv_loop_t *loop, const struct probe_request *request,
	probe_run_fn done, void *arg);
/* Gives it up: `done` is not called any more, a program is killed. It frees itself: the
 * loop must run until then, at most 1 s. */
void probe_run_cancel(struct probe_run *run);

#endif
