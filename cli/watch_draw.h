/* SPDX-License-Identifier: MIT
 *
 * What a watched rollout looks like on a terminal: a tree of its waves and of the boards
 * under way, cut to the lines that there are. No clock, no daemon.
 */
#ifndef WIPY_CLI_WATCH_DRAW_H
#define WIPY_CLI_WATCH_DRAW_H

#include <jansson.h>

#include "cli/writer.h"

/* Borrows. */
struct watch_frame {
	const json_t *rollout; /* ROLLOUT */
	const json_t *tasks;   /* some of those under way */
	long long tasks_total; /* that there are; 0: those in the list */
	const char *note;      /* of the watching itself; "" for none */
};

void watch_draw_frame(struct writer *writer, const struct watch_frame *frame);

/* The states of tasks that it draws, for the query of their route. */
#define WATCH_DRAW_STATES                                                              \
	"checking,pushing,staged,disarming,resetting,returning,verifying,confirming,"  \
	"backoff"

#endif
