/* SPDX-License-Identifier: MIT
 *
 * Runs the daemon's own program, for what it alone can say of files: $WIPYD, the one beside
 * wipyctl, or the one of the PATH.
 */
#ifndef WIPY_CLI_WIPYD_H
#define WIPY_CLI_WIPYD_H

#include <jansson.h>
#include <limits.h>

#include "common/err.h"

/* With these words behind its name, up to a NULL, and waits. What it says is appended to
 * `lines`, a text a line. Returns its exit code, or a negated errno; which program it was
 * stands in ret_path. */
int wipyd_run(
	const char *const *words, json_t *lines, char ret_path[PATH_MAX]) WARN_UNUSED;

#endif
