/* SPDX-License-Identifier: MIT
 *
 * `wipyctl poll`: look at boards now, all of them at once, and show what they answered.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/table.h"

#define FIRMWARE_LEN   160
#define POLL_TIMEOUT_S 60
#define POLL_NAMES_MAX 1000 /* that the daemon takes in one request */

struct poll_counts {
	size_t total, silent, in_rollout;
};

static struct poll_counts poll_count(const json_t *boards)
{
	struct poll_counts counts = {.total = json_array_size(boards)};
	const json_t *board;
	size_t i;

	json_array_foreach(boards, i, board)
	{
		const char *status = shape_text(board, "status");

		if (strcmp(status, "in-rollout") == 0)
			counts.in_rollout++;
		else if (strcmp(status, "ok") != 0)
			counts.silent++;
	}
	return counts;
}

static enum style poll_style(const char *status)
{
	if (strcmp(status, "in-rollout") == 0)
		return STYLE_WARN;
	return strcmp(status, "ok") == 0 ? STYLE_GOOD : STYLE_BAD;
}

static void poll_print(struct cli *cli, const json_t *document)
{
	static const struct table_column columns[] = {
		{"NAME", false, 12},
		{"ANSWER", false, 0},
		{"VERSION", false, 0},
		{"FIRMWARE", false, 12},
		{"DETAIL", false, 20},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *boards = shape_list(document, "boards"), *board;
	struct poll_counts counts = poll_count(boards);
	struct writer *writer = cli->out;
	size_t i;

	json_array_foreach(boards, i, board)
	{
		const json_t *version = shape_object(board, "version");
		const char *status = shape_cell(board, "status");
		const char *state = shape_cell(version, "state");
		char firmware[FIRMWARE_LEN];

		shape_firmware(version, sizeof(firmware), firmware);
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(board, "name"));
		table_cell(table, poll_style(status), "%s", status);
		table_cell(table, progress_style(state), "%s", state);
		table_cell(table, STYLE_PLAIN, "%s", firmware);
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(board, "detail"));
	}
	table_print(table, writer, 0);
	table_free(table);
	writer_put(writer, STYLE_PLAIN, "%zu of %zu boards answered",
		counts.total - counts.silent - counts.in_rollout, counts.total);
	if (counts.in_rollout > 0)
		writer_put(writer, STYLE_PLAIN, ", %zu not asked: in a rollout",
			counts.in_rollout);
	writer_end(writer);
}

/* The names of the command line, or of the boards that are meant without any. */
static int poll_names(struct cli *cli, json_t *names)
{
	const char *select = args_option(cli->args, "select");
	json_t *boards = json_array();
	const json_t *board;
	int code = 0, failed = 0;
	size_t i;

	for (i = 0; i < cli->args->count; i++)
		failed |= json_array_append_new(
			names, json_string(args_word(cli->args, i)));
	if (cli->args->count == 0)
		code = cli_boards(cli, boards, NULL);
	json_array_foreach(boards, i, board) failed |=
		json_array_append(names, json_object_get(board, "name"));
	json_decref(boards);
	if (code != 0)
		return code;
	if (failed != 0)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"a board's name is not UTF-8 text, or there is not enough "
			"memory");
	if (select != NULL && json_array_size(names) == 0)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"no board matches the selector '%s'; `wipyctl boards` lists "
			"them",
			select);
	return 0;
}

/* One request: the names from `first` on, as many as fit. */
static json_t *poll_body(const struct args *args, const json_t *names, size_t first)
{
	json_t *body = json_object(), *some = json_array();
	int failed = 0;

	for (size_t i = first; i < first + POLL_NAMES_MAX && i < json_array_size(names);
		i++)
		failed |= json_array_append(some, json_array_get(names, i));
	failed |= json_object_set_new(body, "boards", some);
	failed |= json_object_set_new(body, "method",
		json_string(args_given(args, "uname") ? "uname" : "banner"));
	if (failed == 0)
		return body;
	json_decref(body);
	return NULL;
}

/* Appends what the boards of one request answered. */
static int poll_some(struct cli *cli, const json_t *names, size_t first, json_t *boards)
{
	const json_t *list;
	json_t *answer;
	int code = cli_post(cli, "/v1/polls", poll_body(cli->args, names, first),
		POLL_TIMEOUT_S, &answer);

	if (code != 0)
		return code;
	code = cli_list(cli, answer, "boards", &list);
	if (code == 0 && json_array_extend(boards, (json_t *)(uintptr_t)list) < 0)
		code = cli_fail(
			cli, EXIT_CODE_INTERNAL, NULL, "there is not enough memory");
	json_decref(answer);
	return code;
}

int cmd_poll(struct cli *cli)
{
	json_t *names, *boards;
	int code;

	if (cli->args->count > 0 && args_given(cli->args, "select"))
		return cli_fail(cli, EXIT_CODE_USAGE,
			"a name can be selected: name=lab-01",
			"poll takes names or --select, not both");
	names = json_array();
	boards = json_array();
	code = poll_names(cli, names);
	for (size_t i = 0; code == 0 && i < json_array_size(names); i += POLL_NAMES_MAX)
		code = poll_some(cli, names, i, boards);
	if (code == 0)
		code = cli_answer(cli, json_pack("{s:O}", "boards", boards), "boards",
			poll_print);
	if (code == 0 && poll_count(boards).silent > 0)
		code = EXIT_CODE_EXCEPTIONS;
	json_decref(names);
	json_decref(boards);
	return code;
}
