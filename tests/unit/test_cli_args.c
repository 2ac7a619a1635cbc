/* SPDX-License-Identifier: MIT
 *
 * The command line: which command, which options, and what is said to wrong ones; and
 * that the table of commands keeps its own rules.
 */
#include "config.h"

#include "cli/args.h"

#include <string.h>

#include "cli/complete.h"
#include "common/nearest.h"
#include "tests/tap.h"

#define WORDS_MAX 10

struct args_case {
	const char *name;
	const char *line[WORDS_MAX]; /* without the program's name */
	const char *command;         /* NULL: it is wrong */
	const char *expected;        /* the argument, or what the sentence holds */
};

static const struct args_case cases[] = {
	{"nothing is status", {NULL}, "status", ""},
	{"only options is status", {"-o", "json"}, "status", ""},
	{"one word", {"boards"}, "boards", ""},
	{"two words", {"rollout", "status"}, "rollout status", ""},
	{"two words and an argument", {"rollout", "status", "3f2a"}, "rollout status",
		"3f2a"},
	{"the group alone is a command", {"rollout", "--release", "r"}, "rollout", ""},
	{"option before the command", {"--release", "r", "rollout"}, "rollout", ""},
	{"option between the words", {"rollout", "--utc", "watch"}, "rollout watch",
		""},
	{"global option before", {"-o", "json", "board", "a"}, "board", "a"},
	{"value behind =", {"boards", "--select=site=b"}, "boards", ""},
	{"value behind the letter", {"-ojson", "boards"}, "boards", ""},
	{"the second -o wins", {"-o", "json", "-o", "table", "boards"}, "boards", ""},
	{"behind -- all is argument", {"board", "--", "--utc"}, "board", "--utc"},
	{"a single dash is an argument", {"image", "info", "-"}, "image info", "-"},
	{"--help", {"--help"}, "help", ""},
	{"-h behind a command", {"rollout", "status", "-h"}, "help", "rollout"},
	{"--help of a group", {"inventory", "--help"}, "help", "inventory"},
	{"--help and too few words", {"board", "--help"}, "help", "board"},
	{"help of two words", {"help", "rollout", "status"}, "help", "rollout"},
	{"unknown command", {"frobnicate"}, NULL, "unknown command 'frobnicate'"},
	{"unknown command, near", {"bords"}, NULL, "(did you mean 'boards'?)"},
	{"unknown command, swapped", {"lolp"}, NULL, "unknown command 'lolp'"},
	{"unknown command, a letter swap", {"plol"}, NULL, "(did you mean 'poll'?)"},
	{"unknown command, near a group", {"relase"}, NULL,
		"(did you mean 'release'?)"},
	{"a group without its word", {"inventory"}, NULL, "needs another word"},
	{"a group of two words without its word", {"release", "known-bad"}, NULL,
		"'release known-bad' needs another word behind it"},
	{"an unknown third word", {"release", "known-bad", "lits"}, NULL,
		"unknown word 'lits' behind 'release known-bad' (did you mean "
		"'list'?)"},
	{"three words and an argument", {"release", "known-bad", "clear", "r"},
		"release known-bad clear", "r"},
	{"--help of a group of two words", {"release", "known-bad", "-h"}, "help",
		"release"},
	{"unknown second word", {"inventory", "relaod"}, NULL,
		"(did you mean 'reload'?)"},
	{"unknown word behind a command", {"rollout", "wacth"}, NULL,
		"unknown word 'wacth' behind 'rollout' (did you mean 'watch'?)"},
	{"unknown option", {"boards", "--slect", "x"}, NULL,
		"(did you mean '--select'?)"},
	{"unknown letter", {"-x"}, NULL, "unknown option '-x'"},
	{"option of another command", {"boards", "--yes"}, NULL,
		"'boards' takes no option --yes"},
	{"option without its value", {"boards", "--select"}, NULL,
		"--select needs a value: S"},
	{"letter without its value", {"-o"}, NULL, "--output needs a value: FORM"},
	{"value where none belongs", {"--utc=no"}, NULL, "--utc takes no value"},
	{"twice the same option", {"rollout", "--release", "a", "--release", "b"}, NULL,
		"--release is given twice"},
	{"too few arguments", {"board"}, NULL, "'board' needs BOARD"},
	{"too many arguments", {"board", "a", "b"}, NULL, "to do with 'b'"},
	{"an argument where none belongs", {"status", "a"}, NULL,
		"takes no argument, but 'a' is given"},
};

static void run_case(const struct args_case *c)
{
	char *argv[WORDS_MAX + 1] = {(char *)(uintptr_t) "wipyctl"};
	struct failure failure = {0};
	struct args args = {0};
	int argc = 1, err;
	bool right;

	while (argc <= WORDS_MAX && c->line[argc - 1] != NULL) {
		argv[argc] = (char *)(uintptr_t)c->line[argc - 1];
		argc++;
	}
	err = args_parse(argc, argv, &args, &failure);
	if (c->command == NULL) {
		OK(err < 0 && failure.exit_code == EXIT_CODE_USAGE &&
				strstr(failure.text, c->expected) != NULL,
			c->name);
		printf("# %s\n", failure.text);
		return;
	}
	right = err == 0 && strcmp(args.command->words, c->command) == 0 &&
		strcmp(args_word(&args, 0) == NULL ? "" : args_word(&args, 0),
			c->expected) == 0;
	OK(right, c->name);
	args_done(&args);
}

static const struct {
	const char *line[WORDS_MAX], *hint;
} hints[] = {
	{{"rollout", "wacth"}, "its use: wipyctl help rollout"},
	{{"rollout", "wacth", "3f2a"}, "its use: wipyctl help rollout"},
	{{"inventory", "relaod"}, "its commands: wipyctl help inventory"},
	{{"inventory"}, "its commands: wipyctl help inventory"},
	{{"release", "known-bad"}, "its commands: wipyctl help release known-bad"},
	{{"frobnicate"}, "all commands: wipyctl help"},
	{{"boards", "--slect", "x"}, "its use: wipyctl help boards"},
	{{"rollout", "watch", "--timout=5s"}, "its use: wipyctl help rollout watch"},
	{{"rollout", "-x"}, "its use: wipyctl help rollout"},
	{{"release", "--nmae"}, "its commands: wipyctl help release"},
	{{"--slect", "boards"}, "all commands: wipyctl help"},
	{{"boards", "--yes"}, "its use: wipyctl help boards"},
};

static void test_hints(void)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		char *argv[WORDS_MAX + 1] = {(char *)(uintptr_t) "wipyctl"};
		struct failure failure = {0};
		struct args args = {0};
		int argc = 1;

		for (; argc <= WORDS_MAX && hints[i].line[argc - 1] != NULL; argc++)
			argv[argc] = (char *)(uintptr_t)hints[i].line[argc - 1];
		OK(args_parse(argc, argv, &args, &failure) < 0, hints[i].hint);
		EQ_STR(failure.hint, hints[i].hint, argv[argc - 1]);
	}
}

static void test_values(void)
{
	char *argv[] = {(char *)(uintptr_t) "wipyctl", (char *)(uintptr_t) "--utc",
		(char *)(uintptr_t) "poll", (char *)(uintptr_t) "--select=a=b",
		(char *)(uintptr_t) "x", (char *)(uintptr_t) "y"};
	struct failure failure;
	struct args args;

	if (!OK(args_parse(6, argv, &args, &failure) == 0, "values"))
		return;
	EQ_STR(args_option(&args, "select"), "a=b", "a value keeps its own =");
	OK(args_given(&args, "utc") && args_option(&args, "utc") == NULL,
		"an option alone");
	OK(!args_given(&args, "uname"), "an option not given");
	EQ_INT(args.count, 2, "arguments are counted");
	EQ_STR(args_word(&args, 1), "y", "the second argument");
	OK(args_word(&args, 2) == NULL, "there is no third");
	args_done(&args);
}

/* The same option name must take the same kind of value in every row, since it may stand
 * before the command is known. */
static void test_table(void)
{
	const struct command *row;

	for (size_t i = 0; (row = commands_at(i)) != NULL; i++) {
		const struct command_option *o = row->options;
		bool right = row->run != NULL && row->help[0] != '\0' &&
			     row->arguments_min <= row->arguments_max &&
			     (row->arguments[0] == '\0') == (row->arguments_max == 0);

		for (; o != NULL && o->name != NULL; o++) {
			const struct command_option *first =
				commands_option(o->name, strlen(o->name));

			right = right && first != NULL &&
				(first->argument == NULL) == (o->argument == NULL);
		}
		OK(right, row->words);
	}
}

/* Each word in upper case says what is meant: completion knows all of them. */
static bool words_are_known(const char *argument)
{
	static const char signs[] = "[]|. ";

	while (*(argument += strspn(argument, signs))) {
		size_t len = strcspn(argument, signs);

		if (argument[0] >= 'A' && argument[0] <= 'Z' &&
			!complete_knows(argument, len))
			return false;
		argument += len;
	}
	return true;
}

/* ... and an option means the same wherever it stands, which is how it is completed. */
static void test_argument_words(void)
{
	const struct command *row;

	for (size_t i = 0; (row = commands_at(i)) != NULL; i++) {
		const struct command_option *o = row->options;

		OK(words_are_known(row->arguments), row->words);
		for (; o != NULL && o->name != NULL; o++) {
			const struct command_option *first =
				commands_option(o->name, strlen(o->name));

			OK(o->argument == NULL || (words_are_known(o->argument) &&
							  strcmp(first->argument,
								  o->argument) == 0),
				o->name);
		}
	}
	OK(!complete_knows("NONSENSE", 8) && !complete_knows("BOAR", 4),
		"what it does not know");
}

static const struct {
	const char *a, *b;
	int distance;
} distances[] = {
	{"", "", 0},
	{"", "abc", 3},
	{"poll", "poll", 0},
	{"pol", "poll", 1},
	{"polll", "poll", 1},
	{"pull", "poll", 1},
	{"opll", "poll", 1},
	{"kitten", "sitting", 3},
	{"status", "boards", 4},
};

static void test_distances(void)
{
	for (size_t i = 0; i < sizeof(distances) / sizeof(distances[0]); i++) {
		EQ_INT(nearest_distance(distances[i].a, distances[i].b),
			distances[i].distance, distances[i].a);
		EQ_INT(nearest_distance(distances[i].b, distances[i].a),
			distances[i].distance, distances[i].b);
	}
	OK(nearest_distance("a", "0123456789012345678901234567890123456789") > 2,
		"a word without end is far");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(&cases[i]);
	test_hints();
	test_values();
	test_table();
	test_argument_words();
	test_distances();
	return tap_done();
}
