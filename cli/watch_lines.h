/* SPDX-License-Identifier: MIT
 *
 * What has changed in a watched rollout since the last look: a line each, or an object. No
 * clock, no daemon.
 */
#ifndef WIPY_CLI_WATCH_LINES_H
#define WIPY_CLI_WATCH_LINES_H

#include <jansson.h>

#include "cli/form.h"
#include "cli/writer.h"

/* What was seen last, so that only changes are told. */
struct watch_seen {
	json_t *tasks; /* {board: state} */
	json_t *waves; /* [state] */
	char state[40];
};

int watch_seen_init(struct watch_seen *seen); /* 0 or -ENOMEM */
void watch_seen_done(struct watch_seen *seen);

/* Tells what has changed, the oldest first; the first time only how things stand. For a
 * person as lines, else as objects of one line each (docs/output.md). */
void watch_tell_changes(struct writer *writer, enum form form, struct watch_seen *seen,
	const json_t *rollout, const json_t *tasks);

#endif
