/* SPDX-License-Identifier: MIT
 *
 * First the options are sorted out of the words, then the words are looked up, then both
 * are checked against the row of the command. getopt is not used, since it cannot say
 * which word was wrong, nor what was probably meant.
 */
#include "config.h"

#include "cli/args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"

#define HINT_LEN 96

struct reader {
	char *const *argv;
	int argc, at;
	struct args *args;
	struct failure *failure;
};

static int usage_nearest(struct failure *failure, const struct nearest *nearest,
	const char *hint, const char *what, const char *where)
{
	bool near = nearest->best[0] != '\0';

	(void)failure_set(failure, EXIT_CODE_USAGE, hint, "unknown %s '%s'%s%s%s%s",
		what, nearest->typed, where, near ? " (did you mean '" : "",
		nearest->best, near ? "'?)" : "");
	return -EINVAL;
}

static bool option_is_global(const struct command_option *option)
{
	for (const struct command_option *o = commands_global_options();
		o->name != NULL; o++)
		if (o == option)
			return true;
	return false;
}

static int reader_store(
	struct reader *reader, const struct command_option *option, const char *value)
{
	struct args *args = reader->args;

	for (size_t i = 0; i < args->value_count; i++) {
		if (strcmp(args->values[i].option->name, option->name) != 0)
			continue;
		/* An alias may hold `-o json`; two releases must be a mistake. */
		if (option->argument != NULL && !option_is_global(option)) {
			(void)failure_set(reader->failure, EXIT_CODE_USAGE, NULL,
				"--%s is given twice", option->name);
			return -EINVAL;
		}
		args->values[i].value = value;
		return 0;
	}
	if (args->value_count == ARGS_OPTIONS_MAX) {
		(void)failure_set(
			reader->failure, EXIT_CODE_USAGE, NULL, "too many options");
		return -EINVAL;
	}
	args->values[args->value_count++] =
		(struct args_value){.option = option, .value = value};
	return 0;
}

/* `attached` is what stands behind "=" or behind the letter; NULL: nothing does. */
static int reader_option(struct reader *reader, const struct command_option *option,
	const char *attached)
{
	if (option->argument == NULL) {
		if (attached == NULL)
			return reader_store(reader, option, NULL);
		(void)failure_set(reader->failure, EXIT_CODE_USAGE, NULL,
			"--%s takes no value, but '%s' is given", option->name,
			attached);
		return -EINVAL;
	}
	if (attached != NULL)
		return reader_store(reader, option, attached);
	if (reader->at + 1 < reader->argc)
		return reader_store(reader, option, reader->argv[++reader->at]);
	(void)failure_set(reader->failure, EXIT_CODE_USAGE, NULL,
		"--%s needs a value: %s", option->name, option->argument);
	return -EINVAL;
}

/* Where the use of what has been typed so far is explained. */
static void hint_help(const struct args *args, size_t cap, char *ret_hint)
{
	char group[COMMANDS_GROUP_MAX];
	size_t taken;
	const struct command *command = commands_find(args->words, args->count, &taken);

	if (command != NULL)
		snprintf(ret_hint, cap, "its use: wipyctl help %s", command->words);
	else if (commands_group(args->words, args->count, group) > 0)
		snprintf(ret_hint, cap, "its commands: wipyctl help %s", group);
	else
		snprintf(ret_hint, cap, "all commands: wipyctl help");
}

static int reader_long(struct reader *reader, const char *text)
{
	const char *equals = strchr(text, '=');
	size_t len = equals == NULL ? strlen(text) : (size_t)(equals - text);
	const struct command_option *option = commands_option(text, len);
	struct nearest nearest;
	char name[32], hint[HINT_LEN];

	if (option != NULL)
		return reader_option(
			reader, option, equals == NULL ? NULL : equals + 1);
	if (len >= sizeof(name))
		len = sizeof(name) - 1;
	memcpy(name, text, len);
	name[len] = '\0';
	nearest_init(&nearest, name);
	commands_suggest_option(&nearest);
	hint_help(reader->args, sizeof(hint), hint);
	(void)failure_set(reader->failure, EXIT_CODE_USAGE, hint,
		"unknown option '--%s'%s%s%s", name,
		nearest.best[0] == '\0' ? "" : " (did you mean '--", nearest.best,
		nearest.best[0] == '\0' ? "" : "'?)");
	return -EINVAL;
}

/* One word with letters: `-ojson`, `-o json`. */
static int reader_short(struct reader *reader, const char *text)
{
	for (; *text != '\0'; text++) {
		const struct command_option *option = commands_option_by_letter(*text);
		bool attached;
		int err;

		if (option == NULL) {
			char hint[HINT_LEN];

			hint_help(reader->args, sizeof(hint), hint);
			(void)failure_set(reader->failure, EXIT_CODE_USAGE, hint,
				"unknown option '-%c'", *text);
			return -EINVAL;
		}
		attached = option->argument != NULL && text[1] != '\0';
		err = reader_option(reader, option, attached ? text + 1 : NULL);
		if (err < 0 || option->argument != NULL)
			return err;
	}
	return 0;
}

static int reader_run(struct reader *reader)
{
	bool options = true;

	for (reader->at = 1; reader->at < reader->argc; reader->at++) {
		const char *text = reader->argv[reader->at];
		int err = 0;

		if (options && strcmp(text, "--") == 0)
			options = false;
		else if (options && strncmp(text, "--", 2) == 0)
			err = reader_long(reader, text + 2);
		else if (options && text[0] == '-' && text[1] != '\0')
			err = reader_short(reader, text + 1);
		else
			reader->args->words[reader->args->count++] = text;
		if (err < 0)
			return err;
	}
	return 0;
}

static void words_drop(struct args *args, size_t taken)
{
	args->count -= taken;
	memmove(args->words, args->words + taken, args->count * sizeof(args->words[0]));
}

/* No row fits, or one that takes no arguments and is followed by an unknown word. */
static int unknown_word(struct args *args, struct failure *failure)
{
	char group[COMMANDS_GROUP_MAX], where[80], hint[HINT_LEN];
	size_t behind = commands_group(args->words, args->count, group);
	struct nearest nearest;

	hint_help(args, sizeof(hint), hint);
	if (behind == args->count) {
		(void)failure_set(failure, EXIT_CODE_USAGE, hint,
			"'%s' needs another word behind it", group);
		return -EINVAL;
	}
	nearest_init(&nearest, args->words[behind]);
	commands_suggest(behind > 0 ? group : NULL, &nearest);
	snprintf(where, sizeof(where), " behind '%s'", group);
	return usage_nearest(failure, &nearest, hint, behind > 0 ? "word" : "command",
		behind > 0 ? where : "");
}

static int args_find_command(struct args *args, struct failure *failure)
{
	static const char *const nothing[] = {"status"};
	static const char *const help[] = {"help"};
	char group[COMMANDS_GROUP_MAX];
	size_t taken = 0;

	if (args_given(args, "help")) {
		args->command = commands_find(help, 1, &taken);
		return 0;
	}
	if (args->count == 0) {
		args->command = commands_find(nothing, 1, &taken);
		return 0;
	}
	args->command = commands_find(args->words, args->count, &taken);
	if (args->command == NULL ||
		(taken == 1 && args->command->arguments_max == 0 && args->count > 1 &&
			commands_group(args->words, args->count, group) > 0))
		return unknown_word(args, failure);
	words_drop(args, taken);
	return 0;
}

static int args_check(const struct args *args, struct failure *failure)
{
	const struct command *command = args->command;
	char hint[HINT_LEN];

	snprintf(hint, sizeof(hint), "its use: wipyctl help %s", command->words);
	for (size_t i = 0; i < args->value_count; i++) {
		const struct command_option *option = args->values[i].option;

		if (option_is_global(option) || commands_takes_option(command, option))
			continue;
		(void)failure_set(failure, EXIT_CODE_USAGE, hint,
			"'%s' takes no option --%s", command->words, option->name);
		return -EINVAL;
	}
	if (args->count < command->arguments_min) {
		(void)failure_set(failure, EXIT_CODE_USAGE, hint, "'%s' needs %s",
			command->words, command->arguments);
		return -EINVAL;
	}
	if (args->count > command->arguments_max) {
		(void)failure_set(failure, EXIT_CODE_USAGE, hint,
			command->arguments_max == 0
				? "'%s' takes no argument, but '%s' is given"
				: "'%s' does not know what to do with '%s'",
			command->words, args->words[command->arguments_max]);
		return -EINVAL;
	}
	return 0;
}

int args_parse(
	int argc, char *const *argv, struct args *ret_args, struct failure *ret_failure)
{
	struct args args = {0};
	struct reader reader = {
		.argv = argv, .argc = argc, .args = &args, .failure = ret_failure};
	int err;

	args.words = calloc((size_t)argc + 1, sizeof(args.words[0]));
	if (args.words == NULL) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL,
			"there is not enough memory");
		return -ENOMEM;
	}
	err = reader_run(&reader);
	args.version = args_given(&args, "version");
	if (err == 0 && !args.version)
		err = args_find_command(&args, ret_failure);
	/* Whoever asks for help is not told what else was wrong. */
	if (err == 0 && !args.version && !args_given(&args, "help"))
		err = args_check(&args, ret_failure);
	if (err < 0) {
		args_done(&args);
		return err;
	}
	*ret_args = args;
	return 0;
}

void args_done(struct args *args)
{
	free(args->words);
	args->words = NULL;
	args->count = 0;
}

static const struct args_value *args_find(const struct args *args, const char *name)
{
	for (size_t i = 0; i < args->value_count; i++)
		if (strcmp(args->values[i].option->name, name) == 0)
			return &args->values[i];
	return NULL;
}

const char *args_option(const struct args *args, const char *name)
{
	const struct args_value *value = args_find(args, name);

	return value == NULL ? NULL : value->value;
}

bool args_given(const struct args *args, const char *name)
{
	return args_find(args, name) != NULL;
}

const char *args_word(const struct args *args, size_t index)
{
	return index < args->count ? args->words[index] : NULL;
}
