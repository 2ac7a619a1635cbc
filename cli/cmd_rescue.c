/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rescue list`, `wipyctl rescue card NAME`: boards that need a person.
 */
#include "config.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_rescue.h"
#include "cli/shape.h"
#include "cli/table.h"

/* ---- the list -------------------------------------------------------------------- */

static const struct {
	const char *key, *name;
	enum style style;
} lists[] = {
	{"dirty", "dirty", STYLE_BAD},
	{"armed", "armed", STYLE_WARN},
	{"needs_hands", "needs-hands", STYLE_BAD},
};

static size_t rescue_rows(struct table *table, const json_t *report, size_t which)
{
	const json_t *row, *rows = shape_list(report, lists[which].key);
	size_t i;

	json_array_foreach(rows, i, row)
	{
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "site"));
		table_cell(table, lists[which].style, "%s", lists[which].name);
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "code"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "to_do"));
	}
	return json_array_size(rows);
}

static void rescue_print(struct cli *cli, const json_t *report)
{
	static const struct table_column columns[] = {
		{"BOARD", false, 12},
		{"SITE", false, 8},
		{"CONDITION", false, 0},
		{"CODE", false, 0},
		{"WHAT TO DO", false, 20},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	struct writer *writer = cli->out;
	size_t count = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		count += rescue_rows(table, report, i);
	if (count == 0)
		writer_line(writer, "No board needs a person.");
	else
		table_print(table, writer, 0);
	table_free(table);
	if (count > 0)
		writer_line(writer, "what to do at one: wipyctl rescue card NAME");
}

static json_t *rescue_document(const json_t *report)
{
	json_t *document = json_object();

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		json_object_set(
			document, lists[i].key, json_object_get(report, lists[i].key));
	return document;
}

int cmd_rescue_list(struct cli *cli)
{
	json_t *report, *document;
	int code = cli_get(cli, "/v1/report", &report);

	if (code != 0)
		return code;
	document = rescue_document(report);
	json_decref(report);
	return cli_answer(cli, document, "dirty", rescue_print);
}

/* ---- the card -------------------------------------------------------------------- */

static const struct rescue_part parts[] = {
	{"why", "What is wrong"},
	{"power-cycle", "Power"},
	{"check", "Check first"},
	{"step", "Then, one after the other"},
	{"led", "What the LED says"},
	{"safe-boot", "What comes up"},
	{"next", "When it is back"},
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
		{"WINDOW", true, 0},
		{"LET GO AT", true, 0},
		{"LED TOGGLES EVERY", true, 0},
		{"BOOTS", false, 20},
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

static void card_print(struct cli *cli, const json_t *answer)
{
	const json_t *card = shape_object(answer, "card");
	struct writer *writer = cli->out;

	writer_put(
		writer, STYLE_HEAD, "Safe-boot card of %s", shape_cell(card, "board"));
	writer_end(writer);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		rescue_print_part(writer, shape_list(card, "lines"), &parts[i]);
		if (strcmp(parts[i].part, "step") == 0)
			card_windows(writer, card);
	}
}

int cmd_rescue_card(struct cli *cli)
{
	char path[CLIENT_PATH_MAX];
	int code = cli_path(cli, "/v1/boards/", args_word(cli->args, 0), "/card", path);

	return code == 0 ? cli_look(cli, path, "card", card_print) : code;
}
