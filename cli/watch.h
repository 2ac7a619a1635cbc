/* SPDX-License-Identifier: MIT
 *
 * Following a rollout until it ends: a display that is redrawn in place on a terminal, a
 * line for each change elsewhere, nothing but the end in JSON.
 */
#ifndef WIPY_CLI_WATCH_H
#define WIPY_CLI_WATCH_H

#include <stdint.h>

#include "cli/cli.h"

/* timeout_s < 0: none. Returns the exit code that the rollout's end means; 0 after
 * Ctrl-C. */
int watch_rollout(struct cli *cli, const char *id, int64_t timeout_s);

#endif
