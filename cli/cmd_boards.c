/* SPDX-License-Identifier: MIT
 *
 * `wipyctl boards`, `wipyctl board NAME`.
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

#define KEY_COLUMN 14

#define FIRMWARE_LEN 160

static void boards_task(const json_t *board, struct view_cell *cell)
{
	const json_t *task = shape_object(board, "task");
	const char *state = shape_text(task, "state"),
		   *reason = shape_reason(task, "reason");
	bool dirty = shape_true(board, "dirty");

	cell->style = dirty ? STYLE_BAD : progress_style(state);
	snprintf(cell->text, sizeof(cell->text), "%s%s%s%s", dirty ? "DIRTY " : "",
		state, reason[0] == '\0' || dirty ? "" : ": ", dirty ? "" : reason);
}

static const struct view_column boards_columns[] = {
	{.title = "NAME", .path = "name", .shrinks = 12},
	{.title = "FAMILY", .path = "family", .drop = 3},
	{.title = "SITE", .path = "site", .shrinks = 8, .drop = 6},
	{.title = "ADDRESS", .path = "address", .wide = true},
	{.title = "REACH", .path = "reach", .kind = VIEW_STATE},
	{.title = "ACCESS", .path = "access", .kind = VIEW_STATE, .drop = 2},
	{.title = "VERSION", .path = "version.state", .kind = VIEW_STATE},
	{.title = "FIRMWARE", .path = "version.tag", .shrinks = 12, .drop = 5},
	{.title = "BUILT", .path = "version.date", .drop = 1},
	{.title = "BOARD", .path = "version.board", .wide = true},
	{.title = "RELEASE", .path = "version.release", .wide = true},
	{.title = "TASK", .kind = VIEW_CELL, .cell = boards_task, .shrinks = 8},
	{.path = "dirty"},
	{.path = "task.rollout"},
	{.path = "task.state"},
	{.path = "task.reason"},
	{.path = "task.attempt"},
	{.title = "SEEN", .path = "last_seen", .kind = VIEW_AGE, .drop = 4},
	{.title = NULL},
};

/* With --as-of: which of them the inventory has no more. */
static void boards_gone(struct cli *cli, const json_t *answer)
{
	const json_t *gone = shape_list(answer, "gone");
	char names[1024];

	if (json_array_size(gone) == 0)
		return;
	shape_names(gone, NULL, 20, sizeof(names), names);
	writer_line(cli->out, "known then, and not in the inventory now: %s", names);
}

static json_t *boards_document(const struct cli *cli, json_t *boards, json_t *gone)
{
	if (args_given(cli->args, "as-of"))
		return json_pack("{s:O, s:O}", "boards", boards, "gone", gone);
	return json_pack("{s:O}", "boards", boards);
}

static const char *boards_none(const struct cli *cli)
{
	if (args_given(cli->args, "select"))
		return "No board matches.";
	return args_given(cli->args, "as-of") ? "No board was known then."
					      : "There are no boards in the inventory.";
}

int cmd_boards(struct cli *cli)
{
	const struct view view = {.key = "boards",
		.columns = boards_columns,
		.name = "name",
		.none = boards_none(cli),
		.text = boards_gone};
	json_t *boards = json_array(), *gone = json_array();
	int code = cli_boards(cli, boards, gone);

	if (code == 0)
		code = view_show(cli, &view, boards_document(cli, boards, gone));
	json_decref(gone);
	json_decref(boards);
	return code;
}

/* ---- one board --------------------------------------------------------------------- */

static void board_line(struct writer *writer, const char *key, const char *text)
{
	writer_key(writer, key, KEY_COLUMN);
	writer_put(writer, progress_style(text), "%s", text);
	writer_end(writer);
}

static void board_place(struct writer *writer, const json_t *board)
{
	const char *name;
	json_t *value;

	board_line(writer, "family", shape_cell(board, "family"));
	board_line(writer, "type", shape_cell(board, "type"));
	writer_key(writer, "address", KEY_COLUMN);
	writer_line(writer, "%s (telnet %lld, ftp %lld)", shape_cell(board, "address"),
		shape_number(board, "telnet_port"), shape_number(board, "ftp_port"));
	board_line(writer, "site", shape_cell(board, "site"));
	json_object_foreach(
		(json_t *)(uintptr_t)shape_object(board, "labels"), name, value)
	{
		writer_key(writer, "label", KEY_COLUMN);
		writer_line(writer, "%s=%s", name,
			json_is_string(value) ? json_string_value(value) : "?");
	}
}

/* What is wrong with it, and what became of it the last time that a hand was needed. */
static void board_conditions(struct writer *writer, const json_t *board)
{
	const json_t *condition, *hands = shape_object(board, "hands");
	const char *to_do = shape_text(board, "to_do");
	size_t i;

	json_array_foreach(shape_list(board, "conditions"), i, condition)
	{
		const char *name = json_string_value(condition);

		if (name != NULL)
			board_line(writer, "condition", name);
	}
	if (to_do[0] != '\0')
		board_line(writer, "to do", to_do);
	if (hands == NULL)
		return;
	writer_key(writer, "hand needed", KEY_COLUMN);
	writer_put(writer, STYLE_PLAIN, "%s since ", shape_cell(hands, "code"));
	writer_time(writer, shape_time(hands, "since"));
	if (shape_time(hands, "ended") != NULL) {
		writer_put(writer, STYLE_PLAIN, ", %s ", shape_cell(hands, "outcome"));
		writer_time(writer, shape_time(hands, "ended"));
	}
	writer_end(writer);
}

/* The rollout that had to go on without it. */
static void board_catch_up(struct writer *writer, const json_t *board)
{
	const json_t *late = shape_object(board, "catch_up");

	if (shape_text(late, "release")[0] == '\0')
		return;
	writer_key(writer, "catches up", KEY_COLUMN);
	writer_put(writer, STYLE_PLAIN, "with %s when it is seen again, until ",
		shape_cell(late, "release"));
	writer_time(writer, shape_time(late, "until"));
	writer_put(writer, STYLE_PLAIN, " (rollout %.*s, %s)", PROGRESS_ID_SHOWN,
		shape_text(late, "rollout"), shape_cell(late, "state"));
	writer_end(writer);
}

static void board_version(struct writer *writer, const json_t *board)
{
	const json_t *version = shape_object(board, "version");
	const json_t *uname = shape_object(board, "uname");

	board_line(writer, "version", shape_cell(version, "state"));
	writer_key(writer, "firmware", KEY_COLUMN);
	if (shape_text(version, "tag")[0] == '\0')
		writer_line(writer, "not seen yet");
	else
		writer_line(writer, "%s of %s; %s", shape_text(version, "tag"),
			shape_cell(version, "date"), shape_cell(version, "board"));
	board_line(writer, "release", shape_cell(version, "release"));
	board_line(writer, "target", shape_cell(board, "target"));
	if (uname == NULL)
		return;
	writer_key(writer, "os.uname()", KEY_COLUMN);
	writer_line(writer, "release %s, version %s, machine %s",
		shape_cell(uname, "release"), shape_cell(uname, "version"),
		shape_cell(uname, "machine"));
}

static void board_state(struct writer *writer, const json_t *board)
{
	const json_t *task = shape_object(board, "task");
	const char *reach = shape_cell(board, "reach"),
		   *reason = shape_reason(task, "reason");

	writer_key(writer, "reach", KEY_COLUMN);
	writer_put(writer, progress_style(reach), "%s", reach);
	writer_put(writer, STYLE_PLAIN, " since ");
	writer_time(writer, shape_time(board, "since"));
	writer_end(writer);
	writer_key(writer, "last seen", KEY_COLUMN);
	writer_time(writer, shape_time(board, "last_seen"));
	writer_end(writer);
	board_line(writer, "access", shape_cell(board, "access"));
	board_line(writer, "unique id", shape_cell(board, "unique_id"));
	if (shape_text(board, "other_id")[0] != '\0') {
		writer_key(writer, "answers now", KEY_COLUMN);
		writer_put(writer, STYLE_BAD, "%s", shape_text(board, "other_id"));
		writer_line(writer, ": another board, it is not pushed to");
	}
	writer_key(writer, "intrusions", KEY_COLUMN);
	writer_line(writer, "%lld", shape_number(board, "intrusions"));
	writer_key(writer, "task", KEY_COLUMN);
	if (task == NULL)
		writer_line(writer, "none");
	else
		writer_line(writer, "%s in rollout %.*s, attempt %lld%s%s",
			shape_cell(task, "state"), PROGRESS_ID_SHOWN,
			shape_cell(task, "rollout"), shape_number(task, "attempt"),
			reason[0] == '\0' ? "" : ": ", reason);
}

static void board_slots(struct writer *writer, const json_t *ledger)
{
	const char *runs = shape_text(ledger, "runs");
	const json_t *slot;
	size_t i;

	json_array_foreach(shape_list(ledger, "slots"), i, slot)
	{
		const char *name = shape_cell(slot, "name");
		bool image = shape_time(slot, "tag") != NULL;
		char firmware[FIRMWARE_LEN];

		shape_firmware(slot, sizeof(firmware), firmware);
		writer_key(writer, name, KEY_COLUMN);
		writer_line(writer, "%s%s%s%s", shape_cell(slot, "state"),
			image ? " " : "", image ? firmware : "",
			strcmp(runs, name) == 0 ? ", runs" : "");
	}
}

/* One record, or how many there may be. */
static void board_record(struct writer *writer, const json_t *ledger)
{
	const json_t *records = shape_list(ledger, "records");
	const json_t *record = json_array_get(records, 0);

	writer_key(writer, "record", KEY_COLUMN);
	if (json_array_size(records) == 1)
		writer_line(writer, "%s, %s, previous %s", shape_cell(record, "active"),
			shape_cell(record, "status"), shape_cell(record, "previous"));
	else
		writer_line(writer, "one of %zu: its past is not known well enough",
			json_array_size(records));
}

static void board_ledger(struct writer *writer, const json_t *ledger)
{
	static const struct {
		const char *key, *title;
	} starts[] = {
		{"plain", "reset"},
		{"window1", "window 1"},
		{"window2", "window 2"},
		{"window3", "window 3"},
	};
	const json_t *boots = shape_object(ledger, "boots");
	const json_t *next = shape_object(ledger, "next_push");
	char names[FIRMWARE_LEN];

	if (ledger == NULL)
		return;
	writer_line(writer, "slots:");
	board_slots(writer, ledger);
	board_record(writer, ledger);
	shape_names(shape_list(next, "slots"), NULL, 3, sizeof(names), names);
	writer_key(writer, "next push", KEY_COLUMN);
	writer_line(writer, "overwrites %s: %s%s", names,
		shape_cell(shape_object(next, "holds"), "text"),
		shape_true(next, "burns_last_good") ? "; the last known to be good"
						    : "");
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		writer_key(writer, starts[i].title, KEY_COLUMN);
		writer_line(writer, "boots %s",
			shape_cell(shape_object(boots, starts[i].key), "text"));
	}
	writer_end(writer);
}

static const struct view_column board_events[] = {
	{.title = "TIME", .path = "time", .kind = VIEW_TIME},
	{.title = "BY", .path = "actor"},
	{.title = "EVENT", .path = "name"},
	{.title = "DETAIL", .path = "detail", .shrinks = 20},
	{.title = NULL},
};

static void board_print(struct cli *cli, const json_t *board)
{
	const json_t *events = shape_list(board, "events");
	struct writer *writer = cli->out;

	writer_put(writer, STYLE_HEAD, "%s", shape_cell(board, "name"));
	writer_end(writer);
	board_conditions(writer, board);
	board_catch_up(writer, board);
	board_state(writer, board);
	board_version(writer, board);
	board_place(writer, board);
	writer_end(writer);
	board_ledger(writer, shape_object(board, "ledger"));
	if (json_array_size(shape_list(board, "probes")) > 0)
		writer_line(writer, "latest probes:");
	progress_probes(writer, shape_list(board, "probes"));
	/* `wipyctl events` tells what happened around an earlier time. */
	if (args_given(cli->args, "as-of"))
		return;
	writer_line(writer, "%s",
		json_array_size(events) == 0 ? "No events yet." : "latest events:");
	if (json_array_size(events) > 0)
		view_table(cli, board_events, events, 2);
}

int cmd_board(struct cli *cli)
{
	static const struct view view = {
		.key = "board", .name = "name", .text = board_print};
	char path[CLIENT_PATH_MAX];
	int code = cli_path(cli, "/v1/boards/", args_word(cli->args, 0), "", path);

	if (code == 0)
		code = cli_add_past(cli, "as-of", path);
	return code == 0 ? view_get(cli, path, &view) : code;
}
