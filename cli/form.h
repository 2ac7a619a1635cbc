/* SPDX-License-Identifier: MIT
 *
 * The forms in which wipyctl says the same thing: `-o`, and `--quiet`.
 */
#ifndef WIPY_CLI_FORM_H
#define WIPY_CLI_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

enum form {
	FORM_TABLE, /* for a person, as wide as the terminal */
	FORM_WIDE,  /* the same with every column, nothing cut */
	FORM_JSON,  /* the daemon's document */
	FORM_JSONL, /* one object of it a line */
	FORM_CSV,   /* RFC 4180 */
	FORM_HTML,  /* of a report: one file, opens offline, prints */
	FORM_JUNIT, /* of a report: XML for what runs tests */
	FORM_QUIET, /* --quiet: names alone, one a line */
	FORM_COUNT
};

/* Sentences for a person, and not values for a program. */
bool form_is_text(enum form form);

/* Only a report has it. */
bool form_is_of_report(enum form form);

/* A word behind -o. Returns 0, or -ENOENT with the nearest such word in ret_near ("": none
 * is near). */
int form_parse(const char *word, enum form *ret_form, char ret_near[32]) WARN_UNUSED;

/* The words, in order; NULL beyond the last one. */
const char *form_word(size_t index);

#endif
