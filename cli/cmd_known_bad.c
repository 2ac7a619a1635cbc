/* SPDX-License-Identifier: MIT
 *
 * `wipyctl release known-bad list|add|clear`, and `boards accept`: what wipyd
 * refuses to push to, until a person says otherwise.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/shape.h"
#include "cli/table.h"

static void known_bad_print(struct cli *cli, const json_t *answer)
{
	static const struct table_column columns[] = {
		{"RELEASE", false, 12},
		{"SHA-256", false, 0},
		{"TYPE", false, 8},
		{"BOARD", false, 8},
		{"WHY", false, 12},
		{"SINCE", false, 0},
		{"CLEARED", false, 12},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *list = shape_list(answer, "known_bad"), *entry;
	struct writer *writer = cli->out;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		const char *by = shape_text(entry, "cleared_by");
		const char *added_by = shape_text(entry, "added_by");
		enum style style = by[0] ? STYLE_PLAIN : STYLE_BAD;

		table_cell(table, STYLE_PLAIN, "%s", shape_cell(entry, "release"));
		table_cell(table, STYLE_PLAIN, "%.12s", shape_cell(entry, "sha256"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(entry, "type"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(entry, "board"));
		if (added_by[0])
			table_cell(table, style, "by %s: %s", added_by,
				shape_cell(entry, "added_reason"));
		else
			table_cell(table, style, "%s", shape_cell(entry, "code"));
		table_time(table, writer, shape_time(entry, "since"));
		if (by[0] == '\0')
			table_cell(table, STYLE_PLAIN, "-");
		else
			table_cell(table, STYLE_PLAIN, "by %s: %s", by,
				shape_cell(entry, "cleared_reason"));
	}
	if (json_array_size(list) == 0)
		writer_line(writer, "No image has lost or rolled back a board, and "
				    "nobody has added one.");
	else
		table_print(table, writer, 0);
	table_free(table);
}

int cmd_known_bad_list(struct cli *cli)
{
	return cli_look(cli, "/v1/known-bad", "known_bad", known_bad_print);
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
	json_t *body, *answer;
	int code = reason_needed(cli, &reason);

	if (code != 0)
		return code;
	body = json_pack("{s:s, s:s}", "image", cli->args->words[0], "reason", reason);
	if (body != NULL && type != NULL)
		(void)json_object_set_new(body, "type", json_string(type));
	code = cli_post(cli, path, body, 0, &answer);
	return code == 0 ? cli_answer(cli, answer, "known_bad", known_bad_print) : code;
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

static void accept_print(struct cli *cli, const json_t *answer)
{
	(void)answer;
	writer_line(cli->out,
		"%s is accepted as it is; the next poll learns what it runs.",
		cli->args->words[0]);
}

int cmd_boards_accept(struct cli *cli)
{
	const char *name = cli->args->words[0], *reason;
	char path[CLIENT_PATH_MAX];
	json_t *answer;
	int code = reason_needed(cli, &reason);

	if (code == 0)
		code = cli_path(cli, "/v1/boards/", name, "/accept", path);
	if (code == 0)
		code = cli_post(
			cli, path, json_pack("{s:s}", "reason", reason), 0, &answer);
	return code == 0 ? cli_answer(cli, answer, NULL, accept_print) : code;
}
