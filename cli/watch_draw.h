/* SPDX-License-Identifier: MIT
 *
 * What a watched rollout looks like: as one frame, or as the lines that tell what has
 * changed since the last look. No clock, no daemon.
 */
#ifndef WIPY_CLI_WATCH_DRAW_H
#define WIPY_CLI_WATCH_DRAW_H

#include <jansson.h>

#include "cli/writer.h"

/* What was seen last, so that only changes are told. */
struct watch_seen {
	json_t *tasks; /* {board: state} */
	json_t *waves; /* [state] */
	char state[40];
};

int watch_seen_init(struct watch_seen *seen); /* 0 or -ENOMEM */
void watch_seen_done(struct watch_seen *seen);

/* The live display of ROLLOUT and its list of tasks; `note` stands at its end, "" for
 * none. */
void watch_draw_frame(struct writer *writer, const json_t *rollout, const json_t *tasks,
	const char *note);

/* Lines for what has changed, the oldest first; the first time only how things stand. */
void watch_draw_changes(struct writer *writer, struct watch_seen *seen,
	const json_t *rollout, const json_t *tasks);

#endif
