/* SPDX-License-Identifier: MIT
 *
 * Help in plain columns; sentences are wrapped, since the table holds them whole.
 */
#include "config.h"

#include "cli/help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/glyph.h"
#include "cli/when.h"

#define LINE_COLUMNS 80

void help_wrap(struct writer *writer, int indent, const char *text)
{
	bool narrow = writer->width > 0 && writer->width < LINE_COLUMNS;
	int column = indent, most = narrow ? writer->width : LINE_COLUMNS;

	writer_pad(writer, indent);
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > indent && column + (int)len + 1 > most) {
			writer_end(writer);
			writer_pad(writer, indent);
			column = indent;
		}
		writer_put(writer, STYLE_PLAIN, "%s%.*s", column > indent ? " " : "",
			(int)len, text);
		column += (int)len + (column > indent);
		text += len + (text[len] == ' ');
	}
	writer_end(writer);
}

void help_sentences(struct writer *writer, int indent, const char *text)
{
	char *shown = when_in_text(text, writer->utc);

	help_wrap(writer, indent, shown == NULL ? text : shown);
	free(shown);
}

static void help_row(struct writer *writer, const char *left, const char *right)
{
	writer_pad(writer, 2);
	writer_put(writer, STYLE_PLAIN, "%s", left);
	if (glyph_columns(left) > 24)
		writer_end(writer);
	writer_pad(writer, 28);
	help_wrap(writer, 28, right);
}

static void help_options(struct writer *writer, const struct command_option *options)
{
	for (; options != NULL && options->name != NULL; options++) {
		char left[64], letter[8] = "";

		if (options->letter != 0)
			snprintf(letter, sizeof(letter), "-%c, ", options->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, options->name,
			options->argument == NULL ? "" : " ",
			options->argument == NULL ? "" : options->argument);
		help_row(writer, left, options->help);
	}
}

static void help_commands(struct writer *writer, const char *group)
{
	const struct command *command;
	size_t group_len = group == NULL ? 0 : strlen(group);

	for (size_t i = 0; (command = commands_at(i)) != NULL; i++) {
		char left[64];

		if (command->flags & COMMAND_HIDDEN)
			continue;
		if (group != NULL &&
			(strncmp(command->words, group, group_len) != 0 ||
				strchr(" ", command->words[group_len]) == NULL))
			continue;
		snprintf(left, sizeof(left), "%s%s%s", command->words,
			command->arguments[0] == '\0' ? "" : " ", command->arguments);
		help_row(writer, left, command->help);
	}
}

void help_overview(struct writer *writer)
{
	writer_line(writer, "use: wipyctl [COMMAND] [ARGUMENTS] [OPTIONS]");
	writer_end(writer);
	help_commands(writer, NULL);
	writer_end(writer);
	writer_line(writer, "options of every command:");
	help_options(writer, commands_global_options());
	writer_end(writer);
	writer_line(writer, "More on one of them: wipyctl help COMMAND");
}

void help_group(struct writer *writer, const char *words)
{
	help_commands(writer, words);
}

void help_command(struct writer *writer, const struct command *command)
{
	writer_line(writer, "use: wipyctl %s%s%s%s", command->words,
		command->arguments[0] == '\0' ? "" : " ", command->arguments,
		command->options == NULL ? "" : " [OPTIONS]");
	writer_end(writer);
	writer_line(writer, "  %s", command->help);
	if (command->more != NULL) {
		writer_end(writer);
		help_wrap(writer, 2, command->more);
	}
	if (command->options != NULL) {
		writer_end(writer);
		writer_line(writer, "options:");
		help_options(writer, command->options);
	}
	writer_end(writer);
	writer_line(writer, "options of every command:");
	help_options(writer, commands_global_options());
}

/* `group` is the beginning that there is, and takes that many words. */
static int help_unknown(struct cli *cli, const char *group, size_t words)
{
	return cli_fail(cli, EXIT_CODE_USAGE, "all commands: wipyctl help",
		"there is no help on '%s%s%s': no such command", group,
		words > 0 ? " " : "", args_word(cli->args, words));
}

int cmd_help(struct cli *cli)
{
	const struct args *args = cli->args;
	char group[COMMANDS_GROUP_MAX];
	size_t grouped = commands_group(args->words, args->count, group), taken = 0;
	const struct command *command;

	if (args->count == 0) {
		help_overview(cli->out);
		return EXIT_CODE_DONE;
	}
	command = commands_find(args->words, args->count, &taken);
	if (command == NULL) {
		if (grouped < args->count)
			return help_unknown(cli, group, grouped);
		help_group(cli->out, group);
		return EXIT_CODE_DONE;
	}
	help_command(cli->out, command);
	if (grouped == taken) {
		writer_end(cli->out);
		writer_line(cli->out, "see also:");
		help_group(cli->out, group);
	}
	return EXIT_CODE_DONE;
}
