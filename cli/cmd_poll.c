/* SPDX-License-Identifier: MIT
 *
 * `wipyctl poll`: look at boards now, all of them at once, and show what they answered.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/view.h"

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

static void poll_status(const json_t *board, struct view_cell *cell)
{
	const char *status = shape_text(board, "status");

	cell->style = poll_style(status);
	snprintf(cell->text, sizeof(cell->text), "%s", status);
}

static void poll_sum(struct cli *cli, const json_t *answer)
{
	struct poll_counts counts = poll_count(shape_list(answer, "boards"));
	struct writer *writer = cli->out;

	writer_put(writer, STYLE_PLAIN, "%zu of %zu boards answered",
		counts.total - counts.silent - counts.in_rollout, counts.total);
	if (counts.in_rollout > 0)
		writer_put(writer, STYLE_PLAIN, ", %zu not asked: in a rollout",
			counts.in_rollout);
	writer_end(writer);
}

static const struct view_column poll_columns[] = {
	{.title = "NAME", .path = "name", .shrinks = 12},
	{.title = "FAMILY", .path = "family", .wide = true},
	{.title = "SITE", .path = "site", .wide = true},
	{.title = "ANSWER", .path = "status", .kind = VIEW_CELL, .cell = poll_status},
	{.title = "VERSION", .path = "version.state", .kind = VIEW_STATE},
	{.title = "FIRMWARE", .path = "version.tag", .shrinks = 12, .drop = 2},
	{.title = "BUILT", .path = "version.date", .drop = 1},
	{.title = "BOARD", .path = "version.board", .wide = true},
	{.title = "DETAIL", .path = "detail", .shrinks = 20},
	{.title = NULL},
};

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

static int poll_show(struct cli *cli, json_t *boards)
{
	static const struct view view = {.key = "boards",
		.columns = poll_columns,
		.name = "name",
		.text = poll_sum};
	int code = view_show(cli, &view, json_pack("{s:O}", "boards", boards));

	if (code == 0 && poll_count(boards).silent > 0)
		code = EXIT_CODE_EXCEPTIONS;
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
		code = poll_show(cli, boards);
	json_decref(names);
	json_decref(boards);
	return code;
}
