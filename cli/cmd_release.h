/* SPDX-License-Identifier: MIT
 *
 * How a release is shown by the commands that speak of one.
 */
#ifndef WIPY_CLI_CMD_RELEASE_H
#define WIPY_CLI_CMD_RELEASE_H

#include <jansson.h>

#include "cli/cli.h"
#include "cli/writer.h"

/* `release add URL`. Prints the result, or the failure; returns the exit code. */
int release_fetch(struct cli *cli);

/* Its images as a table. */
void release_print_images(struct cli *cli, const json_t *release);
/* Shows the answer to a release that was added, which it takes: its images, and every
 * warning. Returns the exit code. */
int release_show_added(struct cli *cli, json_t *answer) WARN_UNUSED;

#endif
