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
void release_print_images(struct writer *writer, const json_t *release);
/* The answer to a release that was added: its images, and every warning. */
void release_print_added(struct cli *cli, const json_t *answer);

#endif
