/* SPDX-License-Identifier: MIT
 *
 * The command line, read against the table of commands. Options may stand before or
 * behind the command; `--` ends them.
 */
#ifndef WIPY_CLI_ARGS_H
#define WIPY_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/commands.h"
#include "cli/failure.h"
#include "common/err.h"

#define ARGS_OPTIONS_MAX 32

struct args_value {
	const struct command_option *option;
	const char *value; /* NULL for an option without argument */
};

struct args {
	const struct command *command;
	const char *
		*words; /* the arguments behind the command; owned array of borrowed */
	size_t count;
	struct args_value values[ARGS_OPTIONS_MAX];
	size_t value_count;
	bool version; /* --version: the rest was not looked at */
};

/* Borrows argv for the life of *ret_args. Returns 0; -EINVAL with *ret_failure filled;
 * -ENOMEM likewise. `--help` becomes the command help. */
int args_parse(int argc, char *const *argv, struct args *ret_args,
	struct failure *ret_failure) WARN_UNUSED;
void args_done(struct args *args);

/* The value of an option, or NULL if it was not given. */
const char *args_option(const struct args *args, const char *name);
bool args_given(const struct args *args, const char *name);
/* An argument of the command, or NULL. */
const char *args_word(const struct args *args, size_t index);

#endif
