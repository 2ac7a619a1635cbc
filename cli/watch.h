/* SPDX-License-Identifier: MIT
 *
 * Following a rollout until it ends: a display that is redrawn in place on a terminal, a
 * line for each change elsewhere (with -o jsonl an object), nothing but the end in JSON.
 * One that is undone is followed into its undo.
 */
#ifndef WIPY_CLI_WATCH_H
#define WIPY_CLI_WATCH_H

#include <stdint.h>

#include "cli/cli.h"

/* Why a rollout is followed: to look at it, or to act on how it ends. */
enum watch_aim { WATCH_LOOK, WATCH_WAIT };

/* timeout_s < 0: none. Returns the exit code that the rollout's end means. What comes
 * before its end, Ctrl-C, is 0 to one who looks, EXIT_CODE_INTERRUPTED to one who waits:
 * it must not pass for "completed". */
int watch_rollout(
	struct cli *cli, const char *id, enum watch_aim aim, int64_t timeout_s);

#endif
