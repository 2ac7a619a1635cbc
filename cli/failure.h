/* SPDX-License-Identifier: MIT
 *
 * What went wrong, for the person at the terminal: a sentence, the next step, and the exit
 * code that it ends in. The daemon's problem documents become one of these.
 */
#ifndef WIPY_CLI_FAILURE_H
#define WIPY_CLI_FAILURE_H

#include <jansson.h>
#include <stdbool.h>

/* The exit codes of wipyctl; scripts rely on them. */
enum exit_code {
	EXIT_CODE_DONE = 0,
	EXIT_CODE_INTERNAL = 1,
	EXIT_CODE_USAGE = 2, /* wrong use, or a configuration with faults */
	EXIT_CODE_CHANGES = 3,
	EXIT_CODE_EXCEPTIONS = 4,
	EXIT_CODE_HALTED = 5,
	EXIT_CODE_ABORTED = 6,
	EXIT_CODE_TIMED_OUT = 7,
	EXIT_CODE_REFUSED = 8,
	EXIT_CODE_NO_DAEMON = 9,
	EXIT_CODE_INTERRUPTED = 130, /* by Ctrl-C, as a shell would say it */
};

struct failure {
	int exit_code;
	bool away; /* the daemon was not there: it may be restarting */
	char text[640];
	char hint[320];   /* "" without one */
	json_t *problems; /* an array of sentences, owned; or NULL */
};

/* Overwrites all of *failure. `hint` may be NULL. Returns exit_code. */
int failure_set(struct failure *failure, int exit_code, const char *hint,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* From an answer with that HTTP status (300 and more) and its body (NULL or anything). */
void failure_from_answer(struct failure *failure, long status, const json_t *answer);

/* Frees what it owns. */
void failure_done(struct failure *failure);

#endif
