/* SPDX-License-Identifier: MIT
 *
 * `wipyctl complete -- WORDS...`: the words of a command line, the last one as far as it
 * is typed. Prints a candidate a line, behind a tab what it means; ":files" alone means
 * that files may stand there. Says nothing about faults: the command itself will.
 */
#include "config.h"

#include "cli/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/explain.h"
#include "cli/form.h"
#include "cli/shape.h"

#define NAMES_LIMIT "100"
#define ANSWER_MS   140 /* of two requests at most: a person is waiting */
#define WORDS_MAX   64

/* ---- candidates -------------------------------------------------------------------- */

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

void complete_offer(struct complete *complete, const char *word, const char *help)
{
	const char *typed = complete->typed + complete->head_len;

	if (strncmp(word, typed, strlen(typed)) != 0 || !is_printable(word))
		return;
	writer_put(complete->cli->out, STYLE_PLAIN, "%.*s%s", (int)complete->head_len,
		complete->head, word);
	if (help != NULL) {
		writer_raw(complete->cli->out, "\t");
		writer_put(complete->cli->out, STYLE_PLAIN, "%s", help);
	}
	writer_end(complete->cli->out);
}

void complete_names(struct complete *complete, const char *kind, const char *key,
	const char *prefix, const char *before, const char *behind)
{
	char path[CLIENT_PATH_MAX] = "/v1/names?limit=" NAMES_LIMIT, text[512];
	struct client_request request = {
		.method = "GET", .path = path, .timeout_ms = ANSWER_MS};
	struct cli *cli = complete->cli;
	struct failure failure;
	const json_t *name;
	json_t *answer;
	size_t i;

	if (cli->client == NULL && !complete->away && cli_client(cli, &failure) < 0) {
		failure_done(&failure);
		complete->away = true;
	}
	if (complete->away || cli_add_query(cli, "kind", kind, path) != 0 ||
		cli_add_query(cli, "key", key, path) != 0 ||
		cli_add_query(cli, "prefix", prefix, path) != 0)
		return;
	if (client_call(cli->client, &request, &answer, &failure) < 0) {
		failure_done(&failure);
		complete->away = true;
		return;
	}
	json_array_foreach(shape_list(answer, "names"), i, name)
	{
		/* A value with such signs needs quotation marks: not worth a guess. */
		if (!json_is_string(name) ||
			strpbrk(json_string_value(name), "\"'*,|()[]") != NULL)
			continue;
		snprintf(text, sizeof(text), "%s%s%s", before, json_string_value(name),
			behind);
		complete_offer(complete, text, NULL);
	}
	json_decref(answer);
}

/* ---- kinds of arguments ------------------------------------------------------------ */

static const char *typed_of(const struct complete *complete)
{
	return complete->typed + complete->head_len;
}

static void offer_boards(struct complete *complete)
{
	complete_names(complete, "board", NULL, typed_of(complete), "", "");
}

static void offer_releases(struct complete *complete)
{
	complete_names(complete, "release", NULL, typed_of(complete), "", "");
}

static void offer_channels(struct complete *complete)
{
	complete_names(complete, "channel", NULL, typed_of(complete), "", "");
}

static void offer_rollouts(struct complete *complete)
{
	complete_offer(complete, "latest", "the latest one");
	complete_names(complete, "rollout", NULL, typed_of(complete), "", "");
}

static void offer_sites(struct complete *complete)
{
	complete_names(complete, "value", "site", typed_of(complete), "", "");
}

static void offer_types(struct complete *complete)
{
	complete_names(complete, "value", "type", typed_of(complete), "", "");
	complete_names(complete, "value", "family", typed_of(complete), "", "");
}

static void offer_files(struct complete *complete)
{
	writer_line(complete->cli->out, ":files");
}

static void offer_forms(struct complete *complete)
{
	const struct command *command = complete->command;
	bool report = command != NULL && (command->flags & COMMAND_REPORTS) != 0;
	enum form form;
	char near[32];

	for (size_t i = 0; form_word(i) != NULL; i++)
		if (form_parse(form_word(i), &form, near) == 0 &&
			(report || !form_is_of_report(form)))
			complete_offer(complete, form_word(i), NULL);
}

static void offer_roles(struct complete *complete)
{
	static const char *const roles[] = {"viewer", "operator", "approver", "admin"};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		complete_offer(complete, roles[i], NULL);
}

static void offer_words(struct complete *complete)
{
	struct explain_word word;

	for (size_t i = 0; explain_at(i, &word); i++)
		complete_offer(complete, word.word, NULL);
}

/* The word number `at` of a row, if the typed ones are those before it. */
static bool word_at(const struct command *command, const char *const *words, size_t at,
	char *ret_word, size_t cap)
{
	const char *text = command->words;

	if (command->flags & COMMAND_HIDDEN)
		return false;
	for (size_t i = 0;; i++) {
		size_t len = strcspn(text, " ");

		if (i == at) {
			snprintf(ret_word, cap, "%.*s", (int)len, text);
			return true;
		}
		if (strlen(words[i]) != len || strncmp(words[i], text, len) != 0 ||
			text[len] == '\0')
			return false;
		text += len + 1;
	}
}

/* An earlier row has the same word there. */
static bool is_repeated(
	size_t row, const char *word, const char *const *words, size_t at)
{
	char other[64];

	for (size_t i = 0; i < row; i++)
		if (word_at(commands_at(i), words, at, other, sizeof(other)) &&
			strcmp(word, other) == 0)
			return true;
	return false;
}

/* The next words of commands. A word that only begins others has no help of its own. */
static void offer_commands(
	struct complete *complete, const char *const *words, size_t count)
{
	const struct command *command;
	char word[64];

	for (size_t i = 0; (command = commands_at(i)) != NULL; i++) {
		size_t len = strlen(command->words);

		if (!word_at(command, words, count, word, sizeof(word)) ||
			is_repeated(i, word, words, count))
			continue;
		/* The row ends with it. */
		if (strcmp(command->words + len - strlen(word), word) == 0)
			complete_offer(complete, word, command->help);
		else
			complete_offer(complete, word, NULL);
	}
}

static void offer_first_words(struct complete *complete)
{
	offer_commands(complete, NULL, 0);
}

static const struct {
	const char *word;
	void (*offer)(struct complete *complete); /* NULL: anything may be typed */
} kinds[] = {
	{"ADDRESS", NULL},
	{"BOARD", offer_boards},
	{"CHANNEL", offer_channels},
	{"CIDR", NULL},
	{"CODE", NULL}, /* STATE offers both */
	{"COMMAND", offer_first_words},
	{"FILE", offer_files},
	{"FORM", offer_forms},
	{"ID", offer_rollouts},
	{"N", NULL},
	{"NAME", NULL}, /* a new one */
	{"NUMBER", NULL},
	{"PATH", offer_files},
	{"RATE", NULL},
	{"REASON", NULL},
	{"RELEASE", offer_releases},
	{"ROLE", offer_roles},
	{"SELECTOR", complete_selector},
	{"SEQ", NULL},
	{"SHA-256", NULL},
	{"SITE", offer_sites},
	{"STATE", offer_words},
	{"T", NULL}, /* a span of time */
	{"TEXT", NULL},
	{"TIME", NULL},
	{"TYPE", offer_types},
	{"URL", NULL},
	{"W", NULL},
};

static bool is_word(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && memcmp(word, text, len) == 0;
}

bool complete_knows(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_word(kinds[i].word, word, len))
			return true;
	return false;
}

static void offer_kind(struct complete *complete, const char *text, size_t len)
{
	char word[32];

	if (len > 0 && len < sizeof(word) && !isupper((unsigned char)text[0])) {
		memcpy(word, text, len);
		word[len] = '\0';
		complete_offer(complete, word, NULL);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_word(kinds[i].word, text, len) && kinds[i].offer != NULL)
			kinds[i].offer(complete);
}

/* "[RELEASE|SHA-256]", "FILE...": each of the words in it. */
static void offer_argument(struct complete *complete, const char *argument)
{
	static const char signs[] = "[]|. ";

	for (argument += strspn(argument, signs); *argument != '\0';) {
		size_t len = strcspn(argument, signs);

		offer_kind(complete, argument, len);
		argument += len;
		argument += strspn(argument, signs);
	}
}

/* ---- the command line -------------------------------------------------------------- */

/* The words in front of the one that is completed. */
struct line {
	const char *words[WORDS_MAX];
	size_t count;
	const struct command_option *pending; /* its argument comes next */
	bool plain;                           /* behind `--` */
};

/* Which daemon the command line means: its names are offered. */
static void note_daemon(struct cli *cli, const char *option, const char *value)
{
	if (strcmp(option, "socket") == 0 || strcmp(option, "url") == 0)
		cli->socket_path = value;
	else if (strcmp(option, "token-file") == 0)
		cli->token_file = value;
	else if (strcmp(option, "ca-file") == 0)
		cli->ca_file = value;
}

static void read_option(struct line *line, struct cli *cli, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = strcspn(word, "=");
	const struct command_option *option = NULL;

	if (word[1] == '-')
		option = commands_option(word + 2, len - 2);
	for (size_t i = 1; word[1] != '-' && word[i] != '\0'; i++) {
		option = commands_option_by_letter(word[i]);
		if (option != NULL && option->argument != NULL && word[i + 1] != '\0')
			return; /* it has its argument */
	}
	if (option == NULL || option->argument == NULL)
		return;
	if (equals == NULL)
		line->pending = option;
	else
		note_daemon(cli, option->name, equals + 1);
}

static void read_word(struct line *line, struct cli *cli, const char *word)
{
	if (line->pending != NULL) {
		note_daemon(cli, line->pending->name, word);
		line->pending = NULL;
	} else if (!line->plain && strcmp(word, "--") == 0) {
		line->plain = true;
	} else if (!line->plain && word[0] == '-' && word[1] != '\0') {
		read_option(line, cli, word);
	} else if (line->count < WORDS_MAX) {
		line->words[line->count++] = word;
	}
}

static void offer_options(
	struct complete *complete, const struct command_option *options)
{
	char name[64];

	for (; options != NULL && options->name != NULL; options++) {
		snprintf(name, sizeof(name), "--%s", options->name);
		complete_offer(complete, name, options->help);
	}
}

/* `--option=` and what is typed of its argument. */
static void offer_attached(struct complete *complete)
{
	size_t len = strcspn(complete->typed, "=");
	const struct command_option *option =
		commands_option(complete->typed + 2, len - 2);

	complete->head = complete->typed;
	complete->head_len = len + 1;
	if (option != NULL && option->argument != NULL)
		offer_argument(complete, option->argument);
}

static void offer_here(struct complete *complete, const struct line *line)
{
	const char *typed = complete->typed;
	size_t taken = 0;
	const struct command *command = commands_find(line->words, line->count, &taken);

	complete->command = command;
	if (line->pending != NULL) {
		offer_argument(complete, line->pending->argument);
	} else if (!line->plain && strncmp(typed, "--", 2) == 0 &&
		   strchr(typed, '=') != NULL) {
		offer_attached(complete);
	} else if (!line->plain && typed[0] == '-') {
		if (command != NULL)
			offer_options(complete, command->options);
		offer_options(complete, commands_global_options());
	} else {
		offer_commands(complete, line->words, line->count);
		if (command != NULL && command->arguments_max > line->count - taken)
			offer_argument(complete, command->arguments);
	}
}

int cmd_complete(struct cli *cli)
{
	size_t count = cli->args->count;
	struct complete complete = {.cli = cli, .typed = "", .head = ""};
	struct line line = {.count = 0};

	for (size_t i = 0; i + 1 < count; i++)
		read_word(&line, cli, args_word(cli->args, i));
	if (count > 0)
		complete.typed = args_word(cli->args, count - 1);
	offer_here(&complete, &line);
	return EXIT_CODE_DONE;
}
