/* SPDX-License-Identifier: MIT
 *
 * `wipyctl explain`: what a word means, what comes next and what a person can do. Needs
 * no daemon.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/explain.h"
#include "cli/help.h"
#include "cli/view.h"
#include "common/nearest.h"

#define TEXT_COLUMN 14

static const struct {
	const char *kind, *title;
} kinds[] = {
	{"state", "states"},
	{"reason", "reason codes"},
	{"error", "error codes"},
	{"exit-code", "exit codes of wipyctl"},
	{"event", "events in the rows"},
	{"guard", "words in guards"},
};

/* ---- which rows belong to a word ------------------------------------------------- */

static bool is_derived(const struct explain_word *word)
{
	return strcmp(word->machine, "version") == 0;
}

/* Out of a state, for the version axis, which is derived anew each time, into it; with a
 * reason code those that say it. What only goes round in a state is left out. */
static bool row_shown(const struct explain_row *row, const struct explain_word *word)
{
	if (strcmp(word->kind, "reason") == 0)
		return strcmp(row->reason, word->word) == 0;
	if (strcmp(word->kind, "state") != 0 ||
		strcmp(row->machine, word->machine) != 0)
		return false;
	if (is_derived(word))
		return strcmp(row->to, word->word) == 0;
	return (strcmp(row->from, word->word) == 0 || strcmp(row->from, "any") == 0) &&
	       strcmp(row->to, word->word) != 0;
}

/* ---- text ------------------------------------------------------------------------ */

static void show_text(struct writer *writer, const char *key, const char *text)
{
	if (text[0] == '\0')
		return;
	writer_pad(writer, 2);
	writer_put(writer, STYLE_HEAD, "%s", key);
	help_wrap(writer, TEXT_COLUMN, text);
}

static void show_rows(struct writer *writer, const struct explain_word *word)
{
	bool goes = strcmp(word->kind, "state") == 0 && !is_derived(word);
	const char *key = goes ? "goes" : "said when";

	for (const struct explain_row *row = explain_rows; row->machine != NULL;
		row++) {
		char text[256];

		if (!row_shown(row, word))
			continue;
		writer_pad(writer, 2);
		writer_put(writer, STYLE_HEAD, "%s", key);
		snprintf(text, sizeof(text), "%s%son %s%s%s -> %s%s%s%s",
			goes ? "" : row->from, goes ? "" : " ", row->event,
			row->guard[0] ? ", if " : "", row->guard, row->to,
			goes && row->reason[0] ? " (" : "", goes ? row->reason : "",
			goes && row->reason[0] ? ")" : "");
		help_wrap(writer, TEXT_COLUMN, text);
		key = "";
	}
}

static void show_word(struct writer *writer, const struct explain_word *word)
{
	writer_put(writer, STYLE_HEAD, "%s%s%s %s", word->machine,
		word->machine[0] ? " " : "", word->kind, word->word);
	writer_end(writer);
	show_text(writer, "means", word->meaning);
	show_text(writer, "deadline", word->deadline);
	show_text(writer, "by itself", word->next);
	show_rows(writer, word);
	show_text(writer, "by a person", word->human);
}

/* ---- JSON ------------------------------------------------------------------------ */

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *word_json(const struct explain_word *word)
{
	json_t *rows = json_array();

	for (const struct explain_row *row = explain_rows; row->machine != NULL; row++)
		if (row_shown(row, word))
			(void)json_array_append_new(
				rows, json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o}",
					      "machine", row->machine, "from",
					      row->from, "event", row->event, "guard",
					      text_or_null(row->guard), "to", row->to,
					      "action", text_or_null(row->action),
					      "reason", text_or_null(row->reason)));
	return json_pack("{s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "kind", word->kind,
		"machine", text_or_null(word->machine), "word", word->word, "meaning",
		word->meaning, "deadline", text_or_null(word->deadline), "next_auto",
		text_or_null(word->next), "next_human", text_or_null(word->human),
		"rows", rows);
}

/* ---- the command ----------------------------------------------------------------- */

/* Words that hold the typed text, as far as there is room; one that several kinds have
 * stands there once. */
static void words_with(const char *typed, char *ret_text, size_t size)
{
	struct explain_word word;
	size_t len = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; strlen(typed) >= 3 && explain_at(i, &word); i++)
		if (strstr(word.word, typed) && !strstr(ret_text, word.word) &&
			len + strlen(word.word) + 3 < size)
			len += (size_t)snprintf(ret_text + len, size - len, "%s%s",
				len ? ", " : "", word.word);
}

static int explain_unknown(struct cli *cli, const char *typed)
{
	struct explain_word word;
	struct nearest nearest;
	char hint[256] = "all words: wipyctl explain", words[160];

	nearest_init(&nearest, typed);
	for (size_t i = 0; explain_at(i, &word); i++)
		nearest_try(&nearest, word.word);
	words_with(typed, words, sizeof(words));
	if (nearest.best[0] || words[0])
		snprintf(hint, sizeof(hint),
			"did you mean %s? All words: wipyctl explain",
			words[0] ? words : nearest.best);
	return cli_fail(
		cli, EXIT_CODE_USAGE, hint, "there is no state or code '%s'", typed);
}

static void explained_print(struct cli *cli, const json_t *answer)
{
	const char *typed = cli->args->words[0];
	struct explain_word word;
	bool first = true;

	(void)answer; /* of the same words */
	for (size_t i = 0; explain_at(i, &word); i++) {
		if (strcmp(word.word, typed) != 0)
			continue;
		if (!first)
			writer_end(cli->out);
		show_word(cli->out, &word);
		first = false;
	}
}

static const struct view_column word_columns[] = {
	{.path = "kind"},
	{.path = "machine"},
	{.path = "word"},
	{.path = "meaning"},
	{.path = "deadline"},
	{.path = "next_auto"},
	{.path = "next_human"},
	{.title = NULL},
};

static int explain_one(struct cli *cli, const char *typed)
{
	static const struct view view = {
		.key = "explained", .columns = word_columns, .text = explained_print};
	json_t *list = json_array();
	struct explain_word word;

	for (size_t i = 0; explain_at(i, &word); i++)
		if (strcmp(word.word, typed) == 0)
			(void)json_array_append_new(list, word_json(&word));
	if (json_array_size(list) > 0)
		return view_show(cli, &view,
			json_pack("{s:s, s:o}", "word", typed, "explained", list));
	json_decref(list);
	return explain_unknown(cli, typed);
}

static void list_kind(struct writer *writer, const char *kind)
{
	struct explain_word word;
	char text[4096] = "";
	size_t len = 0;

	for (size_t i = 0; explain_at(i, &word); i++)
		if (strcmp(word.kind, kind) == 0 && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
				len ? " " : "", word.word);
	help_wrap(writer, 2, text);
}

static void words_print(struct cli *cli, const json_t *answer)
{
	(void)answer; /* of the same words */
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		writer_put(cli->out, STYLE_HEAD, "%s", kinds[i].title);
		writer_end(cli->out);
		list_kind(cli->out, kinds[i].kind);
	}
}

static int explain_all(struct cli *cli)
{
	static const struct view_column columns[] = {{.path = "kind"},
		{.path = "machine"}, {.path = "word"}, {.path = "meaning"},
		{.title = NULL}};
	static const struct view view = {.key = "words",
		.columns = columns,
		.name = "word",
		.text = words_print};
	json_t *list = json_array();
	struct explain_word word;

	for (size_t i = 0; explain_at(i, &word); i++)
		(void)json_array_append_new(
			list, json_pack("{s:s, s:o, s:s, s:s}", "kind", word.kind,
				      "machine", text_or_null(word.machine), "word",
				      word.word, "meaning", word.meaning));
	return view_show(cli, &view, json_pack("{s:o}", "words", list));
}

int cmd_explain(struct cli *cli)
{
	return cli->args->count > 0 ? explain_one(cli, cli->args->words[0])
				    : explain_all(cli);
}
