/* SPDX-License-Identifier: MIT
 *
 * What `wipyctl explain` knows. States, rows, events, guards and reason codes are made
 * from the daemon's own tables when wipyctl is built (tests/print_fsm); error codes are
 * those of common/err.h, exit codes wipyctl's own.
 */
#ifndef WIPY_CLI_EXPLAIN_H
#define WIPY_CLI_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Texts are "" where there is nothing to say. Static storage. */
struct explain_word {
	const char *kind;    /* state, reason, error, exit-code, event, guard */
	const char *machine; /* of a state: "task" */
	const char *word;
	const char *meaning, *deadline;
	const char *next;  /* by itself */
	const char *human; /* what a person can do */
};
struct explain_row {
	const char *machine, *from, *event, *guard, *to, *action, *reason;
};

/* Made; each ends with a row of NULL. */
extern const struct explain_word explain_words[];
extern const struct explain_row explain_rows[];

/* Every word, those of all kinds one after the other; false past the end. */
bool explain_at(size_t index, struct explain_word *ret_word);

#endif
