/* SPDX-License-Identifier: MIT
 *
 * `wipyctl release known-bad list|add|clear`, and `boards accept`: what wipyd
 * refuses to push to, until a person says otherwise.
 */
#include "config.h"

#include <stdio.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/shape.h"
#include "cli/view.h"

static void known_bad_why(const json_t *entry, struct view_cell *cell)
{
	const char *by = shape_text(entry, "added_by");
	bool cleared = shape_text(entry, "cleared_by")[0] != '\0';

	cell->style = cleared ? STYLE_PLAIN : STYLE_BAD;
	if (by[0] == '\0')
		snprintf(cell->text, sizeof(cell->text), "%s",
			shape_text(entry, "code"));
	else
		snprintf(cell->text, sizeof(cell->text), "by %s: %s", by,
			shape_cell(entry, "added_reason"));
}

static void known_bad_cleared(const json_t *entry, struct view_cell *cell)
{
	const char *by = shape_text(entry, "cleared_by");

	if (by[0] != '\0')
		snprintf(cell->text, sizeof(cell->text), "by %s: %s", by,
			shape_cell(entry, "cleared_reason"));
}

static const struct view_column known_bad_columns[] = {
	{.path = "number"},
	{.title = "RELEASE", .path = "release", .shrinks = 12},
	{.title = "SHA-256", .path = "sha256", .kind = VIEW_DIGEST},
	{.title = "TYPE", .path = "type", .shrinks = 8},
	{.title = "BOARD", .path = "board", .shrinks = 8, .drop = 2},
	{.title = "WHY", .kind = VIEW_CELL, .cell = known_bad_why, .shrinks = 12},
	{.path = "code"},
	{.path = "rollout"},
	{.path = "added_by"},
	{.path = "added_reason"},
	{.title = "SINCE", .path = "since", .kind = VIEW_TIME, .drop = 1},
	{.title = "CLEARED",
		.kind = VIEW_CELL,
		.cell = known_bad_cleared,
		.shrinks = 12},
	{.path = "cleared"},
	{.path = "cleared_by"},
	{.path = "cleared_reason"},
	{.title = NULL},
};

static const struct view known_bad_view = {.key = "known_bad",
	.columns = known_bad_columns,
	.name = "sha256",
	.none = "No image has lost or rolled back a board, and nobody has added one."};

int cmd_known_bad_list(struct cli *cli)
{
	return view_get(cli, "/v1/known-bad", &known_bad_view);
}

/* What a person decides is kept with the reason for it. */
static int reason_needed(struct cli *cli, const char **ret_reason)
{
	*ret_reason = args_option(cli->args, "reason");
	if (*ret_reason != NULL && **ret_reason != '\0')
		return 0;
	return cli_fail(cli, EXIT_CODE_USAGE, "add --reason TEXT",
		"a reason is needed: it is kept with what you decide");
}

static int known_bad_wish(struct cli *cli, const char *path)
{
	const char *type = args_option(cli->args, "type"), *reason;
	struct view view = known_bad_view;
	json_t *body;
	int code = reason_needed(cli, &reason);

	if (code != 0)
		return code;
	body = json_pack("{s:s, s:s}", "image", cli->args->words[0], "reason", reason);
	if (body != NULL && type != NULL)
		(void)json_object_set_new(body, "type", json_string(type));
	view.name = NULL;
	return view_post(cli, path, body, 0, &view);
}

int cmd_known_bad_clear(struct cli *cli)
{
	return known_bad_wish(cli, "/v1/known-bad/clear");
}

int cmd_known_bad_add(struct cli *cli)
{
	if (!args_given(cli->args, "type"))
		return cli_fail(cli, EXIT_CODE_USAGE, "add --type T",
			"the type or family of boards is needed that it is bad for");
	return known_bad_wish(cli, "/v1/known-bad");
}

static void accept_print(struct cli *cli, const json_t *board)
{
	writer_line(cli->out,
		"%s is accepted as it is; the next poll learns what it runs.",
		shape_cell(board, "name"));
}

int cmd_boards_accept(struct cli *cli)
{
	static const struct view view = {.key = "board", .text = accept_print};
	const char *name = cli->args->words[0], *reason;
	char path[CLIENT_PATH_MAX];
	int code = reason_needed(cli, &reason);

	if (code == 0)
		code = cli_path(cli, "/v1/boards/", name, "/accept", path);
	if (code != 0)
		return code;
	return view_post(cli, path, json_pack("{s:s}", "reason", reason), 0, &view);
}
