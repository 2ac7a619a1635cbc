/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rescue list`, `wipyctl rescue card NAME`: boards that need a person.
 */
#include "config.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_rescue.h"
#include "cli/progress.h"
#include "cli/rescue_file.h"
#include "cli/shape.h"
#include "cli/table.h"
#include "cli/view.h"

/* ---- the list -------------------------------------------------------------------- */

static const struct {
	const char *key, *name;
} lists[] = {
	{"dirty", "dirty"},
	{"armed", "armed"},
	{"needs_hands", "needs-hands"},
};

/* Whoever sets out goes to a site: one after the other, boards without one behind them. In
 * a site they keep their order, the dirty ones first. */
static bool goes_before(const json_t *a, const json_t *b)
{
	const char *site_a = shape_text(a, "site"), *site_b = shape_text(b, "site");

	if (site_a[0] == '\0' || site_b[0] == '\0')
		return site_a[0] != '\0';
	return strcmp(site_a, site_b) < 0;
}

static void insert_by_site(json_t *boards, json_t *board)
{
	size_t at = json_array_size(boards);

	while (at > 0 && goes_before(board, json_array_get(boards, at - 1)))
		at--;
	(void)json_array_insert_new(boards, at, board);
}

/* A board is there once: further conditions stand behind its first, the gravest. */
static void add_condition(json_t *board, const char *condition)
{
	(void)json_object_set_new(board, "condition",
		json_sprintf("%s, %s", shape_text(board, "condition"), condition));
}

/* All of them in one list, each with its conditions. */
static json_t *rescue_boards(const json_t *report)
{
	json_t *boards = json_array(), *by_name = json_object(), *board;
	const json_t *row;
	size_t at;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		json_array_foreach(shape_list(report, lists[i].key), at, row)
		{
			board = json_object_get(by_name, shape_text(row, "board"));
			if (board != NULL) {
				add_condition(board, lists[i].name);
				continue;
			}
			board = json_copy((json_t *)(uintptr_t)row);
			(void)json_object_set_new(
				board, "condition", json_string(lists[i].name));
			(void)json_object_set(by_name, shape_text(row, "board"), board);
			insert_by_site(boards, board);
		}
	json_decref(by_name);
	return boards;
}

static json_t *rescue_document(const json_t *report)
{
	json_t *document = json_object();

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		(void)json_object_set(
			document, lists[i].key, json_object_get(report, lists[i].key));
	(void)json_object_set_new(document, "boards", rescue_boards(report));
	return document;
}

static void rescue_hint(struct cli *cli, const json_t *answer)
{
	if (json_array_size(shape_list(answer, "boards")) > 0)
		writer_line(cli->out, "what to do at one: wipyctl rescue card NAME");
}

/* Coloured by the first one. */
static void condition_cell(const json_t *row, struct view_cell *ret_cell)
{
	char first[32];

	snprintf(ret_cell->text, sizeof(ret_cell->text), "%s",
		shape_cell(row, "condition"));
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(ret_cell->text, ","),
		ret_cell->text);
	ret_cell->style = progress_style(first);
}

static const struct view_column rescue_columns[] = {
	{.title = "SITE", .path = "site", .shrinks = 8},
	{.title = "BOARD", .path = "board", .shrinks = 12},
	{.title = "CONDITION",
		.path = "condition",
		.kind = VIEW_CELL,
		.cell = condition_cell},
	{.title = "CODE", .path = "code", .drop = 2},
	{.title = "SINCE", .path = "since", .kind = VIEW_AGE, .drop = 1},
	{.title = "WHAT TO DO", .path = "to_do", .shrinks = 20, .wraps = true},
	{.title = NULL},
};

int cmd_rescue_list(struct cli *cli)
{
	static const struct view view = {.key = "boards",
		.columns = rescue_columns,
		.name = "board",
		.none = "No board needs a person.",
		.text = rescue_hint};
	const json_t *dirty;
	json_t *report, *document;
	char path[CLIENT_PATH_MAX] = "/v1/report";
	int code = cli_add_query(cli, "select", args_option(cli->args, "select"), path);

	if (code == 0)
		code = cli_get(cli, path, &report);
	if (code != 0)
		return code;
	code = cli_list(cli, report, "dirty", &dirty);
	document = code == 0 ? rescue_document(report) : NULL;
	json_decref(report);
	return code == 0 ? view_show(cli, &view, document) : code;
}

/* ---- the card -------------------------------------------------------------------- */

const struct rescue_part rescue_card_parts[] = {
	{"why", "What is wrong"},
	{"power-cycle", "Power"},
	{"check", "Check first"},
	{"step", "Then, one after the other"},
	{"led", "What the LED says"},
	{"safe-boot", "What comes up"},
	{"next", "When it is back"},
	{NULL, NULL},
};

static void part_line(struct writer *writer, const json_t *line, int number)
{
	const char *seen = shape_text(line, "seen");

	writer_pad(writer, shape_true(line, "command") ? 6 : 2);
	if (number > 0)
		writer_put(writer, STYLE_PLAIN, "%d. ", number);
	else if (seen[0] != '\0')
		writer_put(writer, STYLE_HEAD, "%s: ", seen);
	writer_put(writer, STYLE_PLAIN, "%s", shape_text(line, "text"));
	writer_end(writer);
}

void rescue_print_part(
	struct writer *writer, const json_t *lines, const struct rescue_part *part)
{
	bool steps = strcmp(part->part, "step") == 0, headed = false;
	const json_t *line;
	int number = 0;
	size_t i;

	json_array_foreach(lines, i, line)
	{
		if (strcmp(shape_text(line, "part"), part->part) != 0)
			continue;
		if (!headed) {
			writer_put(writer, STYLE_HEAD, "%s", part->head);
			writer_end(writer);
			headed = true;
		}
		/* A command belongs to the step above it. */
		part_line(writer, line,
			steps && !shape_true(line, "command") ? ++number : 0);
	}
}

static void card_windows(struct writer *writer, const json_t *card)
{
	static const struct table_column columns[] = {
		{"WINDOW", true, 0, false},
		{"LET GO AT", true, 0, false},
		{"LED TOGGLES EVERY", true, 0, false},
		{"BOOTS", false, 20, false},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *window;
	size_t i;

	json_array_foreach(shape_list(card, "windows"), i, window)
	{
		long long ms = shape_number(window, "release_ms");

		table_cell(table, STYLE_PLAIN, "%lld", shape_number(window, "number"));
		table_cell(
			table, STYLE_PLAIN, "%lld.%lld s", ms / 1000, ms % 1000 / 100);
		table_cell(table, STYLE_PLAIN, "%lld ms",
			shape_number(window, "blink_ms"));
		table_cell(table, STYLE_PLAIN, "%s",
			shape_cell(shape_object(window, "boots"), "text"));
	}
	table_print(table, writer, 2);
	table_free(table);
}

static void card_print(struct cli *cli, const json_t *card)
{
	struct writer *writer = cli->out;

	writer_put(
		writer, STYLE_HEAD, "Safe-boot card of %s", shape_cell(card, "board"));
	writer_end(writer);
	for (const struct rescue_part *part = rescue_card_parts; part->part; part++) {
		rescue_print_part(writer, shape_list(card, "lines"), part);
		if (strcmp(part->part, "step") == 0)
			card_windows(writer, card);
	}
}

static int card_show(struct cli *cli, json_t *answer)
{
	static const struct view view = {
		.key = "card", .name = "board", .text = card_print};
	const json_t *card;
	int code = cli_object(cli, answer, "card", &card);

	if (code == 0 && cli->form != FORM_HTML)
		return view_show(cli, &view, answer);
	if (code == 0)
		rescue_html(cli->out, card);
	json_decref(answer);
	return code;
}

/* The card's file, and its image beside it: all that a bench needs. */
static int card_save(struct cli *cli, const char *file, json_t **ret_answer)
{
	const char *release = args_option(cli->args, "release");
	char path[CLIENT_PATH_MAX], image[PATH_MAX];
	json_t *body = release ? json_pack("{s:s}", "release", release) : json_object();
	const json_t *card;
	int code = cli_path(cli, "/v1/boards/", args_word(cli->args, 0), "/card", path);

	snprintf(image, sizeof(image), "%s.bin", file);
	/* A card that could not be saved would have made the one before it void. */
	if (code == 0)
		code = rescue_is_free(cli, file);
	if (code == 0)
		code = rescue_is_free(cli, image);
	if (code == 0)
		code = cli_post(cli, path, body, 0, ret_answer);
	else
		json_decref(body);
	if (code != 0)
		return code;
	code = cli_object(cli, *ret_answer, "card", &card);
	if (code == 0)
		code = rescue_save_image(cli,
			shape_text(shape_object(card, "image"), "sha256"),
			shape_number(shape_object(card, "image"), "size"), image);
	if (code == 0)
		code = rescue_file_write(cli, RESCUE_CARD, file, card);
	if (code != 0)
		json_decref(*ret_answer);
	else if (cli_aside(cli) != NULL)
		writer_line(cli_aside(cli),
			"saved as %s and %s; at the bench: wipyctl rescue run %s", file,
			image, file);
	return code;
}

int cmd_rescue_card(struct cli *cli)
{
	const char *file = args_option(cli->args, "save");
	char path[CLIENT_PATH_MAX];
	json_t *answer;
	int code;

	if (file == NULL && args_given(cli->args, "release"))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--release says which image is saved: it needs --save FILE");
	if (file != NULL) {
		code = card_save(cli, file, &answer);
		return code == 0 ? card_show(cli, answer) : code;
	}
	code = cli_path(cli, "/v1/boards/", args_word(cli->args, 0), "/card", path);
	if (code == 0)
		code = cli_get(cli, path, &answer);
	return code == 0 ? card_show(cli, answer) : code;
}
