/* SPDX-License-Identifier: MIT
 *
 * Completion: what may stand where the cursor is, from the table of commands and, for
 * names, from the daemon. The shells' scripts (cli/completion.c) only ask and show.
 */
#ifndef WIPY_CLI_COMPLETE_H
#define WIPY_CLI_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

struct complete {
	struct cli *cli;
	const char *typed; /* what the word that is completed begins with */
	const char *head;  /* stands in front of every candidate, of `typed` too */
	size_t head_len;
	const struct command *command; /* that stands in front; or NULL */
	bool away; /* the daemon did not answer: it is not asked again */
};

/* Prints the candidate, if it begins with what is typed behind the head. `help` may be
 * NULL. */
void complete_offer(struct complete *complete, const char *word, const char *help);
/* Those names of a kind (docs/api.md) that begin with `prefix`, each between `before` and
 * `behind`. Silent without a daemon. */
void complete_names(struct complete *complete, const char *kind, const char *key,
	const char *prefix, const char *before, const char *behind);
/* complete_select.c: the word is a selector. */
void complete_selector(struct complete *complete);

/* Whether the word, which stands for an argument in the table, is one of those that are
 * known here. */
bool complete_knows(const char *word, size_t len);

#endif
