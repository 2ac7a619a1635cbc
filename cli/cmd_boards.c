/* SPDX-License-Identifier: MIT
 *
 * `wipyctl boards`, `wipyctl board NAME`.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/table.h"

#define FIRMWARE_LEN 160

static void boards_task(struct table *table, const json_t *board)
{
	const json_t *task = shape_object(board, "task");
	const char *state = shape_text(task, "state"),
		   *reason = shape_reason(task, "reason");

	if (shape_true(board, "dirty"))
		table_cell(table, STYLE_BAD, "DIRTY %s", state);
	else if (state[0] == '\0')
		table_cell(table, STYLE_PLAIN, "-");
	else
		table_cell(table, progress_style(state), "%s%s%s", state,
			reason[0] == '\0' ? "" : ": ", reason);
}

static void boards_print(struct writer *writer, const json_t *boards)
{
	static const struct table_column columns[] = {
		{"NAME", false, 12},
		{"FAMILY", false, 0},
		{"SITE", false, 8},
		{"REACH", false, 0},
		{"ACCESS", false, 0},
		{"VERSION", false, 0},
		{"FIRMWARE", false, 12},
		{"TASK", false, 8},
		{"SEEN", false, 0},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *board;
	size_t i;

	json_array_foreach(boards, i, board)
	{
		const json_t *version = shape_object(board, "version");
		const char *reach = shape_cell(board, "reach");
		const char *access = shape_cell(board, "access");
		const char *state = shape_cell(version, "state");
		char firmware[FIRMWARE_LEN];

		shape_firmware(version, sizeof(firmware), firmware);
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(board, "name"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(board, "family"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(board, "site"));
		table_cell(table, progress_style(reach), "%s", reach);
		table_cell(table, progress_style(access), "%s", access);
		table_cell(table, progress_style(state), "%s", state);
		table_cell(table, STYLE_PLAIN, "%s", firmware);
		boards_task(table, board);
		table_age(table, writer, shape_time(board, "last_seen"));
	}
	table_print(table, writer, 0);
	table_free(table);
}

int cmd_boards(struct cli *cli)
{
	json_t *boards = json_array(), *document;
	int code = cli_boards(cli, boards);

	if (code == 0 && cli->json) {
		document = json_pack("{s:O}", "boards", boards);
		writer_json(cli->out, document);
		json_decref(document);
	} else if (code == 0 && json_array_size(boards) == 0) {
		writer_line(
			cli->out, args_given(cli->args, "select")
					  ? "No board matches."
					  : "There are no boards in the inventory.");
	} else if (code == 0) {
		boards_print(cli->out, boards);
	}
	json_decref(boards);
	return code;
}

/* ---- one board --------------------------------------------------------------------- */

static void board_key(struct writer *writer, const char *key)
{
	writer_pad(writer, 2);
	writer_put(writer, STYLE_HEAD, "%s", key);
	writer_pad(writer, 14);
}

static void board_line(struct writer *writer, const char *key, const char *text)
{
	board_key(writer, key);
	writer_put(writer, progress_style(text), "%s", text);
	writer_end(writer);
}

static void board_place(struct writer *writer, const json_t *board)
{
	const char *name;
	json_t *value;

	board_line(writer, "family", shape_cell(board, "family"));
	board_line(writer, "type", shape_cell(board, "type"));
	board_key(writer, "address");
	writer_line(writer, "%s (telnet %lld, ftp %lld)", shape_cell(board, "address"),
		shape_number(board, "telnet_port"), shape_number(board, "ftp_port"));
	board_line(writer, "site", shape_cell(board, "site"));
	json_object_foreach(
		(json_t *)(uintptr_t)shape_object(board, "labels"), name, value)
	{
		board_key(writer, "label");
		writer_line(writer, "%s=%s", name,
			json_is_string(value) ? json_string_value(value) : "?");
	}
}

static void board_conditions(struct writer *writer, const json_t *board)
{
	const json_t *list = shape_list(board, "conditions"), *condition;
	bool dirty = false;
	size_t i;

	json_array_foreach(list, i, condition) if (json_is_string(condition)) dirty |=
		strcmp(json_string_value(condition), "dirty") == 0;
	json_array_foreach(list, i, condition)
	{
		const char *name = json_string_value(condition), *what;

		if (name == NULL)
			continue;
		what = progress_condition(name, dirty);
		board_key(writer, "condition");
		writer_put(writer, progress_style(name), "%s", name);
		writer_line(writer, "%s%s", what[0] == '\0' ? "" : ": ", what);
	}
}

static void board_version(struct writer *writer, const json_t *board)
{
	const json_t *version = shape_object(board, "version");
	const json_t *uname = shape_object(board, "uname");

	board_line(writer, "version", shape_cell(version, "state"));
	board_key(writer, "firmware");
	if (shape_text(version, "tag")[0] == '\0')
		writer_line(writer, "not seen yet");
	else
		writer_line(writer, "%s of %s; %s", shape_text(version, "tag"),
			shape_cell(version, "date"), shape_cell(version, "board"));
	board_line(writer, "release", shape_cell(version, "release"));
	board_line(writer, "target", shape_cell(board, "target"));
	if (uname == NULL)
		return;
	board_key(writer, "os.uname()");
	writer_line(writer, "release %s, version %s, machine %s",
		shape_cell(uname, "release"), shape_cell(uname, "version"),
		shape_cell(uname, "machine"));
}

static void board_state(struct writer *writer, const json_t *board)
{
	const json_t *task = shape_object(board, "task");
	const char *reach = shape_cell(board, "reach"),
		   *reason = shape_reason(task, "reason");

	board_key(writer, "reach");
	writer_put(writer, progress_style(reach), "%s", reach);
	writer_put(writer, STYLE_PLAIN, " since ");
	writer_time(writer, shape_time(board, "since"));
	writer_end(writer);
	board_key(writer, "last seen");
	writer_time(writer, shape_time(board, "last_seen"));
	writer_end(writer);
	board_line(writer, "access", shape_cell(board, "access"));
	board_key(writer, "intrusions");
	writer_line(writer, "%lld", shape_number(board, "intrusions"));
	board_key(writer, "task");
	if (task == NULL)
		writer_line(writer, "none");
	else
		writer_line(writer, "%s in rollout %.*s, attempt %lld%s%s",
			shape_cell(task, "state"), PROGRESS_ID_SHOWN,
			shape_cell(task, "rollout"), shape_number(task, "attempt"),
			reason[0] == '\0' ? "" : ": ", reason);
}

static void board_events(struct writer *writer, const json_t *events)
{
	static const struct table_column columns[] = {
		{"TIME", false, 0},
		{"BY", false, 0},
		{"EVENT", false, 0},
		{"DETAIL", false, 20},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *event;
	size_t i;

	json_array_foreach(events, i, event)
	{
		table_time(table, writer, shape_time(event, "time"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(event, "actor"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(event, "name"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(event, "detail"));
	}
	table_print(table, writer, 2);
	table_free(table);
}

static void board_print(struct writer *writer, const json_t *board)
{
	const json_t *events = shape_list(board, "events");

	writer_put(writer, STYLE_HEAD, "%s", shape_cell(board, "name"));
	writer_end(writer);
	board_conditions(writer, board);
	board_state(writer, board);
	board_version(writer, board);
	board_place(writer, board);
	writer_end(writer);
	if (json_array_size(events) == 0)
		writer_line(writer, "No events yet.");
	else
		writer_line(writer, "latest events:");
	board_events(writer, events);
}

int cmd_board(struct cli *cli)
{
	char path[CLIENT_PATH_MAX];
	const json_t *board;
	json_t *answer;
	int code = cli_path(cli, "/v1/boards/", args_word(cli->args, 0), "", path);

	if (code == 0)
		code = cli_get(cli, path, &answer);
	if (code != 0)
		return code;
	code = cli_object(cli, answer, "board", &board);
	if (code == 0 && cli->json)
		writer_json(cli->out, answer);
	else if (code == 0)
		board_print(cli->out, board);
	json_decref(answer);
	return code;
}
