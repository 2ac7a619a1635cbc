/* SPDX-License-Identifier: MIT
 *
 * Prints the manual wipyctl(1) in mdoc(7): the page that is written by hand, in which a
 * line such as @COMMANDS@ stands for what the tables of commands and of exit codes say.
 * What is typed is thereby said once.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/explain.h"

#define LINE_COLUMNS 64

/* ---- text ------------------------------------------------------------------------- */

/* One character as roff takes it for itself. `before` is the one in front of it. */
static void put_char(char before, char c)
{
	switch (c) {
	case '\\':
		fputs("\\e", stdout);
		break;
	case '\'':
		fputs("\\(aq", stdout);
		break;
	case '^':
		fputs("\\(ha", stdout);
		break;
	case '~':
		fputs("\\(ti", stdout);
		break;
	case '-': /* a dash that is typed, no hyphen in a word */
		fputs(isalnum((unsigned char)before) ? "-" : "\\-", stdout);
		break;
	default:
		putchar(c);
	}
}

/* A word that begins with a dot is no macro, one that is a mark ends no sentence. */
static void put_word(const char *word, size_t len)
{
	if (*word == '.')
		fputs("\\&", stdout);
	for (size_t i = 0; i < len; i++)
		put_char(i == 0 ? ' ' : word[i - 1], word[i]);
	if (len == 1 && strchr(".?!", *word) != NULL)
		fputs("\\&", stdout);
}

/* Sentences, each on lines of its own. `capital`: the first letter becomes one. */
static void put_text(const char *text, bool capital)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		bool ends = len > 1 && strchr(".?", text[len - 1]) != NULL;

		if (column > 0 && column + len + 1 > LINE_COLUMNS) {
			putchar('\n');
			column = 0;
		}
		if (column > 0)
			putchar(' ');
		if (capital && islower((unsigned char)*text)) {
			putchar(toupper((unsigned char)*text));
			put_word(text + 1, len - 1);
		} else
			put_word(text, len);
		capital = false;
		column += len + 1;
		text += len;
		text += strspn(text, " ");
		if (ends && *text != '\0') {
			putchar('\n');
			column = 0;
		}
	}
}

/* ---- commands --------------------------------------------------------------------- */

/* "FILE...", "-", "bash": what is in upper case is meant, the rest is typed. */
static void put_alternative(const char *word, size_t len)
{
	bool many = len > 3 && strncmp(word + len - 3, "...", 3) == 0;

	if (many)
		len -= 3;
	fputs(isupper((unsigned char)*word) ? "Ar " : "Cm ", stdout);
	put_word(word, len);
	if (many)
		fputs(" ...", stdout);
}

static void put_alternatives(const char *text, size_t len)
{
	while (len > 0) {
		size_t part = strcspn(text, "|");

		if (part > len)
			part = len;
		put_alternative(text, part);
		if (part == len)
			return;
		fputs(" | ", stdout);
		text += part + 1;
		len -= part + 1;
	}
}

/* "[ID]", "NAME ROLE", "FILE...|URL": a macro line for each. */
static void put_arguments(const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (*text == '[') {
			fputs(".Op ", stdout);
			put_alternatives(text + 1, len - 2);
		} else {
			putchar('.');
			put_alternatives(text, len);
		}
		putchar('\n');
		text += len + (text[len] == ' ');
	}
}

static void put_command(const struct command *command)
{
	printf(".Cm %s\n", command->words);
	if (command->options != NULL)
		puts(".Op Ar options");
	put_arguments(command->arguments);
}

static void put_options(const struct command_option *options)
{
	puts(".Bl -tag -width Ds");
	for (; options->name != NULL; options++) {
		fputs(".It", stdout);
		if (options->letter != 0)
			printf(" Fl %c ,", options->letter);
		printf(" Fl -%s", options->name);
		if (options->argument != NULL) {
			putchar(' ');
			put_alternatives(options->argument, strlen(options->argument));
		}
		putchar('\n');
		/* as it stands: its first word may be one that is typed */
		put_text(options->help, false);
		putchar('\n');
	}
	puts(".El");
}

/* ---- what stands in the page ------------------------------------------------------ */

static void print_synopsis(void)
{
	const struct command *command;

	for (size_t i = 0; (command = commands_at(i)) != NULL; i++)
		if (!(command->flags & COMMAND_HIDDEN)) {
			puts(".Nm");
			put_command(command);
		}
}

static void print_commands(void)
{
	const struct command *command;

	puts(".Bl -tag -width Ds");
	for (size_t i = 0; (command = commands_at(i)) != NULL; i++) {
		if (command->flags & COMMAND_HIDDEN)
			continue;
		puts(".It Xo");
		put_command(command);
		puts(".Xc");
		put_text(command->help, true);
		puts(".");
		if (command->more != NULL) {
			put_text(command->more, false);
			putchar('\n');
		}
		if (command->options != NULL)
			put_options(command->options);
	}
	puts(".El");
}

static void print_options(void)
{
	put_options(commands_global_options());
}

static void print_exit_codes(void)
{
	struct explain_word word;

	puts(".Bl -tag -width 130");
	for (size_t i = 0; explain_at(i, &word); i++)
		if (strcmp(word.kind, "exit-code") == 0) {
			printf(".It %s\n", word.word);
			put_text(word.meaning, true);
			puts(".");
		}
	puts(".El");
}

static const struct {
	const char *line;
	void (*print)(void);
} parts[] = {
	{"@SYNOPSIS@\n", print_synopsis},
	{"@COMMANDS@\n", print_commands},
	{"@OPTIONS@\n", print_options},
	{"@EXIT_CODES@\n", print_exit_codes},
};

/* Is the line one of ours? Then what it stands for is printed. */
static bool print_part(const char *line)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strcmp(parts[i].line, line) == 0) {
			parts[i].print();
			return true;
		}
	return false;
}

/* From the page on standard input to the manual. */
int main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin) != NULL)
		if (!print_part(line))
			fputs(line, stdout);
	return ferror(stdin) != 0 || fflush(stdout) != 0;
}
