/* SPDX-License-Identifier: MIT
 *
 * The one table of commands. Reading the command line, help, usage errors and later the
 * completion and the man page all come from its rows.
 */
#ifndef WIPY_CLI_COMMANDS_H
#define WIPY_CLI_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

struct cli;
struct nearest;

struct command_option {
	const char *name;     /* without the dashes */
	char letter;          /* 0: no short form */
	const char *argument; /* NULL: takes none; else words as for a command's */
	const char *help;
};

#define COMMAND_NEEDS_DAEMON  0x1u
#define COMMAND_CHANGES_STATE 0x2u
#define COMMAND_HIDDEN        0x8u  /* for programs: in no list */
#define COMMAND_REPORTS       0x4u  /* -o html and -o junit as well */
#define COMMAND_PAGES         0x10u /* -o html as well */

struct command {
	const char *words; /* "rollout status" */
	/* As in the synopsis: "[ID]", "". What is in upper case says what is meant, and by
	 * that how it is completed (cli/complete.c has the list); what is in lower case
	 * is typed as it stands: "bash|zsh|fish". */
	const char *arguments;
	size_t arguments_min, arguments_max;
	unsigned int flags;                   /* COMMAND_* */
	const struct command_option *options; /* up to one without name; NULL: none */
	const char *help;                     /* one line */
	const char *more;            /* some sentences for its own page, or NULL */
	int (*run)(struct cli *cli); /* returns the exit code */
};

#define COMMAND_ARGUMENTS_ANY ((size_t)-1)
#define COMMANDS_GROUP_MAX    48 /* longer than the words of any row, with NUL */

/* The rows, in the order of help. NULL beyond the last one. */
const struct command *commands_at(size_t index);
/* The options that every command takes, up to one without name. */
const struct command_option *commands_global_options(void);

/* The command that the words begin with, the longest first, and how many words it took;
 * NULL without one. */
const struct command *commands_find(
	const char *const *words, size_t count, size_t *ret_taken);
/* The longest beginning of the words that commands of more words begin with, joined by
 * blanks, and how many words that is; 0 and "" where the first one is no such word. */
size_t commands_group(
	const char *const *words, size_t count, char ret_group[COMMANDS_GROUP_MAX]);
/* Feeds the words that may stand behind `group` (NULL: the first words of all rows). */
void commands_suggest(const char *group, struct nearest *nearest);

/* An option by its name (of so many bytes), whichever command it belongs to: the same
 * name means the same everywhere, so that it may stand in front of the command. */
const struct command_option *commands_option(const char *name, size_t len);
const struct command_option *commands_option_by_letter(char letter);
/* Feeds the names of all options. */
void commands_suggest_option(struct nearest *nearest);
bool commands_takes_option(
	const struct command *command, const struct command_option *option);

#endif
