/* SPDX-License-Identifier: MIT
 *
 * What needs a person, the most dangerous first, each with the command to type next.
 */
#ifndef WIPY_CLI_STATUS_NEEDS_H
#define WIPY_CLI_STATUS_NEEDS_H

#include <jansson.h>

#include "cli/writer.h"

#define NEEDS_MAX 12

struct need {
	enum style style;
	char word[48];     /* "dirty" */
	char text[320];    /* "lab-01 and lab-02: do not power-cycle them" */
	char command[160]; /* to type next */
};

struct needs {
	struct need need[NEEDS_MAX];
	size_t count, left_out;
};

/* From the API's status. */
void needs_collect(const json_t *status, struct needs *ret_needs);
/* The lines that needs_print() will write. */
size_t needs_lines(const struct needs *needs, const struct writer *writer);
void needs_print(struct writer *writer, const struct needs *needs);

#endif
