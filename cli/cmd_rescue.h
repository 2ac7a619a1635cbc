/* SPDX-License-Identifier: MIT
 *
 * How the lines of cards are printed.
 */
#ifndef WIPY_CLI_CMD_RESCUE_H
#define WIPY_CLI_CMD_RESCUE_H

#include <jansson.h>

#include "cli/writer.h"

struct rescue_part {
	const char *part, *head; /* of the API's lines; what stands above them */
};

/* The lines of that part under its head; nothing if there are none. */
void rescue_print_part(
	struct writer *writer, const json_t *lines, const struct rescue_part *part);

#endif
