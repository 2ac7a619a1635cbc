/* SPDX-License-Identifier: MIT
 *
 * `--select S --explain` of every command that takes a selector, `wipyctl boards sets`.
 */
#include "config.h"

#include "cli/cmd_select.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/shape.h"
#include "cli/view.h"

/* A part, indented by what it is in. */
static void part_cell(const json_t *part, struct view_cell *cell)
{
	static const struct {
		const char *is, *shown;
	} words[] = {
		{"and", "all of"},
		{"or", "any of"},
		{"not", "not"},
	};
	const char *shown = shape_text(part, "text");

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(shape_text(part, "is"), words[i].is) == 0)
			shown = words[i].shown;
	snprintf(cell->text, sizeof(cell->text), "%*s%s",
		2 * (int)(shape_number(part, "depth") & 0xff), "", shown);
}

static const struct view_column part_columns[] = {
	{.path = "depth"},
	{.path = "is"},
	{.title = "BOARDS", .path = "boards", .kind = VIEW_NUMBER},
	{.title = "PART", .path = "text", .kind = VIEW_CELL, .cell = part_cell},
	{.title = NULL},
};

int select_explain(struct cli *cli)
{
	static const struct view view = {.key = "parts",
		.columns = part_columns,
		.name = "text",
		.none = "Without a selector every board is meant."};
	char path[CLIENT_PATH_MAX] = "/v1/selectors";
	int code = cli_add_query(cli, "select", args_option(cli->args, "select"), path);

	return code == 0 ? view_get(cli, path, &view) : code;
}

int cmd_boards_sets(struct cli *cli)
{
	static const struct view_column columns[] = {
		{.title = "NAME", .path = "name"},
		{.title = "BOARDS", .path = "boards", .kind = VIEW_NUMBER},
		{.title = "SELECTOR", .path = "select", .shrinks = 20},
		{.title = NULL},
	};
	static const struct view view = {.key = "sets",
		.columns = columns,
		.name = "name",
		.none = "The inventory saves no selectors: they stand under 'sets'."};

	return view_get(cli, "/v1/sets", &view);
}
