/* SPDX-License-Identifier: MIT
 *
 * `wipyctl poll`: look at boards now, all of them at once, and show what they answered.
 */
#include "config.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/table.h"

#define FIRMWARE_LEN   160
#define POLL_TIMEOUT_S 60

static void poll_print(struct writer *writer, const json_t *boards)
{
	static const struct table_column columns[] = {
		{"NAME", false, 12},
		{"ANSWER", false, 0},
		{"VERSION", false, 0},
		{"FIRMWARE", false, 12},
		{"DETAIL", false, 20},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *board;
	size_t i, silent = 0;

	json_array_foreach(boards, i, board)
	{
		const json_t *version = shape_object(board, "version");
		const char *status = shape_cell(board, "status");
		const char *state = shape_cell(version, "state");
		bool ok = strcmp(status, "ok") == 0;
		char firmware[FIRMWARE_LEN];

		silent += !ok;
		shape_firmware(version, sizeof(firmware), firmware);
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(board, "name"));
		table_cell(table, ok ? STYLE_GOOD : STYLE_BAD, "%s", status);
		table_cell(table, progress_style(state), "%s", state);
		table_cell(table, STYLE_PLAIN, "%s", firmware);
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(board, "detail"));
	}
	table_print(table, writer, 0);
	table_free(table);
	writer_line(writer, "%zu of %zu boards answered", i - silent, i);
}

static json_t *poll_body(const struct args *args)
{
	json_t *body = json_object(), *names = json_array();
	const char *select = args_option(args, "select");
	int failed = 0;

	for (size_t i = 0; i < args->count; i++)
		failed |= json_array_append_new(names, json_string(args->words[i]));
	if (args->count > 0)
		failed |= json_object_set(body, "boards", names);
	if (select != NULL)
		failed |= json_object_set_new(body, "select", json_string(select));
	failed |= json_object_set_new(body, "method",
		json_string(args_given(args, "uname") ? "uname" : "banner"));
	json_decref(names);
	if (failed == 0)
		return body;
	json_decref(body);
	return NULL;
}

int cmd_poll(struct cli *cli)
{
	const json_t *boards;
	json_t *answer;
	int code;

	if (cli->args->count > 0 && args_given(cli->args, "select"))
		return cli_fail(cli, EXIT_CODE_USAGE,
			"a name can be selected: name=lab-01",
			"poll takes names or --select, not both");
	code = cli_post(
		cli, "/v1/polls", poll_body(cli->args), POLL_TIMEOUT_S, &answer);
	if (code != 0)
		return code;
	code = cli_list(cli, answer, "boards", &boards);
	if (code == 0 && cli->json)
		writer_json(cli->out, answer);
	else if (code == 0)
		poll_print(cli->out, boards);
	json_decref(answer);
	return code;
}
