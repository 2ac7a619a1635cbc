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

/* Of a safe-boot card, in order, up to one without a name. */
extern const struct rescue_part rescue_card_parts[];

/* The card as one page for a phone or for paper (rescue_html.c). */
void rescue_html(struct writer *writer, const json_t *card);

#endif
