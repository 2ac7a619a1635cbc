/* SPDX-License-Identifier: MIT
 *
 * JSON of the report.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common/utc.h"
#include "daemon/api_json.h"
#include "daemon/core/fleet_text.h"
#include "daemon/core/reason.h"

bool report_is_about(const struct report_scope *scope, const struct engine_board *board)
{
	if (!scope)
		return true;
	if (scope->site[0] && strcmp(scope->site, engine_board_site(board)) != 0)
		return false;
	return engine_board_matches(board, &scope->selector);
}

static json_t *json_sick(const struct engine_board *board, uint32_t condition)
{
	const struct board *known = &board->board;
	const struct engine_task *latest = engine_latest_task(board);
	const struct task *task = latest ? &latest->task : NULL;
	int64_t since_s = task ? task->since_s : known->seen_s;
	enum reason reason = task ? task->reason : REASON_NONE;

	/* A task that came after knows nothing of what has happened. */
	if (condition == CONDITION_NEEDS_HANDS ||
		((known->conditions & CONDITION_NEEDS_HANDS) &&
			(known->hands_reason == REASON_NOT_LASTING ||
				reason == REASON_NONE))) {
		since_s = known->hands_since_s;
		reason = known->hands_reason;
	}
	return json_pack("{s:s, s:s, s:o, s:s, s:o}", "board", known->name, "site",
		engine_board_site(board), "since", json_time(since_s), "code",
		reason_code(reason), "to_do", json_to_do(board));
}

static json_t *boards_with(const struct engine *engine,
	const struct report_scope *scope, uint32_t condition)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		if (board->board.conditions & condition &&
			report_is_about(scope, board))
			json_array_append_new(list, json_sick(board, condition));
	}
	return list;
}

/* Those that a hand has brought back since the rollout began. */
static json_t *boards_back(const struct engine *engine,
	const struct report_scope *scope, const struct engine_rollout *rollout)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);
		const struct board *known = &board->board;

		if (known->hands_outcome[0] == '\0' ||
			(rollout &&
				known->hands_ended_s < rollout->rollout.created_s) ||
			known->hands_ended_s < scope->since_s ||
			!report_is_about(scope, board))
			continue;
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:o}", "board", known->name,
				      "site", engine_board_site(board), "outcome",
				      known->hands_outcome, "ended",
				      json_time(known->hands_ended_s)));
	}
	return list;
}

static json_t *offline_boards(
	const struct engine *engine, const struct report_scope *scope)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		if ((board->board.reach != REACH_OFFLINE &&
			    board->board.reach != REACH_NEVER_SEEN) ||
			board->board.since_s < scope->since_s ||
			!report_is_about(scope, board))
			continue;
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:o, s:o}", "board", board->board.name,
				"site", engine_board_site(board), "since",
				json_time(board->board.since_s), "last_seen",
				json_time(board->board.seen_s)));
	}
	return list;
}

static json_t *json_evidence(const struct engine_rollout *er, int64_t since_s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;

		if (task->evidence[0] && task->since_s >= since_s) {
			json_t *row = json_object();

			json_add_seen(row, task);
			json_array_append_new(list, row);
		}
	}
	return list;
}

static void write_verdict(
	const struct engine_rollout *er, char ret_verdict[ROLLOUT_TEXT_MAX])
{
	struct rollout_counts counts = {.tasks = 0};

	for (size_t i = 0; i < er->task_count; i++)
		rollout_counts_add(&counts, er->task[i].task.state);
	rollout_say(&er->rollout, &counts, ret_verdict);
}

/* Its tasks on these boards alone; one whose board has left the inventory is in no part of
 * it. To be freed with part_done(). */
static void part_of(const struct engine_rollout *er, const struct report_scope *scope,
	struct engine_rollout *ret_part)
{
	*ret_part = *er;
	ret_part->task = calloc(er->task_count + 1, sizeof(*er->task));
	ret_part->view = calloc(er->task_count + 1, sizeof(*er->view));
	ret_part->domains = NULL;
	ret_part->task_count = 0;
	if (!ret_part->task || !ret_part->view)
		abort();
	for (size_t i = 0; i < er->task_count; i++) {
		struct engine_task *task = &ret_part->task[ret_part->task_count];

		if (!er->task[i].board || !report_is_about(scope, er->task[i].board))
			continue;
		*task = er->task[i];
		ret_part->view[ret_part->task_count++] = &task->task;
	}
}

static void part_done(struct engine_rollout *part)
{
	free(part->task);
	free(part->view);
}

static bool is_old(const json_t *exception, int64_t since_s)
{
	const char *text = json_string_value(json_object_get(exception, "since"));
	int64_t at_s = 0;

	return since_s > 0 && text && wipy_utc_parse(text, &at_s) == 0 &&
	       at_s < since_s;
}

static void drop_old(json_t *exceptions, int64_t since_s)
{
	for (size_t i = json_array_size(exceptions); i > 0; i--)
		if (is_old(json_array_get(exceptions, i - 1), since_s))
			json_array_remove(exceptions, i - 1);
}

/* Of a part the counts and lists are those of its boards; what holds for all of the rollout
 * (brakes, what it waits for, catch-up) stays. */
static json_t *json_part(const struct engine_rollout *er,
	const struct engine_rollout *part, const struct report_scope *scope)
{
	static const char *const own[] = {
		"waves", "outcomes", "windows", "probes", "exceptions"};
	json_t *json = json_rollout(er), *of_part;

	if (part != er) {
		of_part = json_rollout(part);
		for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
			json_object_set(json, own[i], json_object_get(of_part, own[i]));
		json_decref(of_part);
	}
	drop_old(json_object_get(json, "exceptions"), scope->since_s);
	return json;
}

/* `part`: the tasks that the report is about. */
static void add_part(json_t *report, const struct engine_rollout *er,
	const struct engine_rollout *part, const struct report_scope *scope)
{
	char verdict[ROLLOUT_TEXT_MAX];

	write_verdict(part, verdict);
	json_object_set_new(report, "verdict", json_text(verdict));
	json_object_set_new(report, "rollout", json_part(er, part, scope));
	if (!scope->terse)
		json_object_set_new(
			report, "evidence", json_evidence(part, scope->since_s));
	if (scope->tasks)
		json_object_update_new(report, json_tasks(part));
}

static void add_rollout(json_t *report, const struct engine_rollout *er,
	const struct report_scope *scope)
{
	struct engine_rollout part;

	json_object_set_new(
		report, "verdict", json_string("No rollout has been started yet."));
	json_object_set_new(report, "rollout", json_null());
	json_object_set_new(report, "evidence", json_array());
	if (!er)
		return;
	if (!scope->site[0] && scope->selector.count == 0) {
		add_part(report, er, er, scope);
		return;
	}
	part_of(er, scope, &part);
	add_part(report, er, &part, scope);
	part_done(&part);
}

static json_int_t count_boards(
	const struct engine *engine, const struct report_scope *scope)
{
	json_int_t count = 0;

	for (size_t i = 0; i < engine_board_count(engine); i++)
		count += report_is_about(scope, engine_board_at(engine, i));
	return count;
}

json_t *json_report(const struct engine *engine, const struct engine_rollout *rollout,
	const struct report_scope *scope)
{
	json_t *report = json_object();

	json_object_set_new(report, "generated", json_time(engine_now_s()));
	json_object_set_new(report, "scope",
		json_pack("{s:o, s:o, s:o}", "select", json_text(scope->select), "site",
			json_text(scope->site), "since", json_time(scope->since_s)));
	add_rollout(report, rollout, scope);
	json_object_set_new(report, "boards",
		json_pack("{s:I}", "total", count_boards(engine, scope)));
	json_object_set_new(report, "firmware", json_firmware(engine, scope));
	json_object_set_new(
		report, "dirty", boards_with(engine, scope, CONDITION_DIRTY));
	json_object_set_new(
		report, "armed", boards_with(engine, scope, CONDITION_ARMED));
	json_object_set_new(report, "needs_hands",
		boards_with(engine, scope, CONDITION_NEEDS_HANDS));
	json_object_set_new(
		report, "brought_back", boards_back(engine, scope, rollout));
	json_object_set_new(report, "offline", offline_boards(engine, scope));
	return report;
}
