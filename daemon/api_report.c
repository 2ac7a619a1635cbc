/* SPDX-License-Identifier: MIT
 *
 * JSON of the fleet as a whole: the status and the report.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/core/reason.h"

static json_t *names_with(const struct engine *engine, uint32_t condition)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		if (board->board.conditions & condition)
			json_array_append_new(list, json_string(board->board.name));
	}
	return list;
}

static int compare_fingerprints(const void *va, const void *vb)
{
	const struct wipy_fingerprint *const *a = va, *const *b = vb;
	int order = strcmp((*a)->tag, (*b)->tag);

	if (order == 0)
		order = strcmp((*a)->date, (*b)->date);
	return order ? order : strcmp((*a)->board, (*b)->board);
}

/* What runs where, counted. */
static json_t *json_firmware(const struct engine *engine)
{
	size_t boards = engine_board_count(engine), count = 0, same = 1;
	const struct wipy_fingerprint **seen = calloc(boards + 1, sizeof(*seen));
	json_t *list = json_array();

	if (!seen)
		abort();
	for (size_t i = 0; i < boards; i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		if (board->board.has_fingerprint)
			seen[count++] = &board->board.fingerprint;
	}
	qsort(seen, count, sizeof(*seen), compare_fingerprints);
	for (size_t i = 0; i < count; i++, same++) {
		if (i + 1 < count && compare_fingerprints(&seen[i], &seen[i + 1]) == 0)
			continue;
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:I}", "tag", seen[i]->tag,
				      "date", seen[i]->date, "board", seen[i]->board,
				      "count", (json_int_t)same));
		same = 0;
	}
	free(seen);
	return list;
}

static json_t *json_counts(const int *counts, int len, const char *(*name)(int value))
{
	json_t *object = json_object();

	for (int i = 0; i < len; i++)
		if (counts[i] > 0)
			json_object_set_new(object, name(i), json_integer(counts[i]));
	return object;
}

static const char *reach_text(int value)
{
	return reach_name((enum reach)value);
}

static const char *access_text(int value)
{
	return access_name((enum access)value);
}

static const char *version_text(int value)
{
	return version_name((enum version_state)value);
}

static json_t *active_rollouts(const struct engine *engine)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_rollout_count(engine); i++) {
		const struct engine_rollout *er = engine_rollout_at(engine, i);

		if (!rollout_is_over(&er->rollout))
			json_array_append_new(list, json_rollout_line(er));
	}
	return list;
}

json_t *json_status(const struct engine *engine)
{
	int reach[REACH_COUNT] = {0}, access[ACCESS_COUNT] = {0};
	int versions[VERSION_COUNT] = {0};

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct board *board = &engine_board_at(engine, i)->board;

		reach[board->reach]++;
		access[board->access]++;
		versions[board->version]++;
	}
	return json_pack(
		"{s:s, s:b, s:{s:o, s:I}, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"version", PACKAGE_VERSION, "read_only", engine_read_only(engine),
		"inventory", "path", json_text(engine_inventory(engine)->path),
		"boards", (json_int_t)engine_board_count(engine), "reach",
		json_counts(reach, REACH_COUNT, reach_text), "access",
		json_counts(access, ACCESS_COUNT, access_text), "versions",
		json_counts(versions, VERSION_COUNT, version_text), "firmware",
		json_firmware(engine), "dirty", names_with(engine, CONDITION_DIRTY),
		"armed", names_with(engine, CONDITION_ARMED), "needs_hands",
		names_with(engine, CONDITION_NEEDS_HANDS), "rollouts",
		active_rollouts(engine), "damaged_releases", json_damaged(engine));
}

/* ---- the report ------------------------------------------------------------------ */

/* The latest task of that board, ended or not: what happened to it last. */
static const struct task *latest_task(const struct engine *engine, const char *name)
{
	for (size_t r = engine_rollout_count(engine); r > 0; r--) {
		const struct engine_rollout *er = engine_rollout_at(engine, r - 1);

		for (size_t i = 0; i < er->task_count; i++)
			if (strcmp(er->task[i].task.board, name) == 0)
				return &er->task[i].task;
	}
	return NULL;
}

static json_t *json_sick(const struct engine_board *board, uint32_t condition)
{
	const struct board *known = &board->board;
	const struct task *task = latest_task(board->engine, known->name);
	int64_t since_s = task ? task->since_s : known->seen_s;
	enum reason reason = task ? task->reason : REASON_NONE;

	if (condition == CONDITION_NEEDS_HANDS ||
		((known->conditions & CONDITION_NEEDS_HANDS) &&
			known->hands_reason == REASON_NOT_LASTING)) {
		since_s = known->hands_since_s;
		reason = known->hands_reason;
	}
	return json_pack("{s:s, s:s, s:o, s:s, s:o}", "board", known->name, "site",
		engine_board_site(board), "since", json_time(since_s), "code",
		reason_code(reason), "to_do", json_to_do(board));
}

static json_t *boards_with(const struct engine *engine, uint32_t condition)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		if (board->board.conditions & condition)
			json_array_append_new(list, json_sick(board, condition));
	}
	return list;
}

/* Those that a hand has brought back since the rollout began. */
static json_t *boards_back(
	const struct engine *engine, const struct engine_rollout *rollout)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);
		const struct board *known = &board->board;

		if (known->hands_outcome[0] == '\0' ||
			(rollout && known->hands_ended_s < rollout->rollout.created_s))
			continue;
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:o}", "board", known->name,
				      "site", engine_board_site(board), "outcome",
				      known->hands_outcome, "ended",
				      json_time(known->hands_ended_s)));
	}
	return list;
}

static json_t *offline_boards(const struct engine *engine)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		if (board->board.reach != REACH_OFFLINE &&
			board->board.reach != REACH_NEVER_SEEN)
			continue;
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:o, s:o}", "board", board->board.name,
				"site", engine_board_site(board), "since",
				json_time(board->board.since_s), "last_seen",
				json_time(board->board.seen_s)));
	}
	return list;
}

static json_t *json_evidence(const struct engine_rollout *er)
{
	json_t *list = json_array();

	for (size_t i = 0; er && i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;

		if (task->evidence[0]) {
			json_t *row = json_object();

			json_add_seen(row, task);
			json_array_append_new(list, row);
		}
	}
	return list;
}

static void write_verdict(const struct engine_rollout *er, char *verdict, size_t cap)
{
	const struct rollout *rollout = &er->rollout;
	size_t good = 0, hurt = 0, deferred = 0, refused = 0;
	const char *brake =
		rollout->state == ROLLOUT_HALTED ? reason_what(rollout->reason)
		: rollout->state == ROLLOUT_EXPIRED
			? "Its time was over before every board had its turn."
			: "";
	char id[ID_TEXT_MAX];

	for (size_t i = 0; i < er->task_count; i++) {
		enum task_state state = er->task[i].task.state;

		good += state == TASK_CONFIRMED || state == TASK_ALREADY;
		hurt += state == TASK_FELL_BACK || state == TASK_FAILED ||
			state == TASK_LOST;
		deferred += state == TASK_DEFERRED;
		refused += state == TASK_REFUSED;
	}
	id_format(&rollout->undo_of, id);
	if (!id_is_zero(&rollout->undo_of)) {
		snprintf(verdict, cap,
			"The undo of rollout %.8s (release %s) is %s: %zu of %zu "
			"boards are back, %zu fell back, failed or were lost, %zu "
			"offline, %zu cannot be taken back.%s%s",
			id, rollout->release, rollout_state_name(rollout->state), good,
			er->task_count, hurt, deferred, refused, brake[0] ? " " : "",
			brake);
		return;
	}
	snprintf(verdict, cap,
		"Rollout of %s is %s: %zu of %zu boards run it, %zu fell back, failed "
		"or "
		"were lost, %zu offline, %zu refused.%s%s",
		rollout->release, rollout_state_name(rollout->state), good,
		er->task_count, hurt, deferred, refused, brake[0] ? " " : "", brake);
}

json_t *json_report(const struct engine *engine, const struct engine_rollout *rollout)
{
	char verdict[512] = "No rollout has been started yet.";

	if (rollout)
		write_verdict(rollout, verdict, sizeof(verdict));
	return json_pack("{s:o, s:s, s:o, s:{s:I}, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"generated", json_time(engine_now_s()), "verdict", verdict, "rollout",
		rollout ? json_rollout(rollout) : json_null(), "boards", "total",
		(json_int_t)engine_board_count(engine), "firmware",
		json_firmware(engine), "dirty", boards_with(engine, CONDITION_DIRTY),
		"armed", boards_with(engine, CONDITION_ARMED), "needs_hands",
		boards_with(engine, CONDITION_NEEDS_HANDS), "brought_back",
		boards_back(engine, rollout), "offline", offline_boards(engine),
		"evidence", json_evidence(rollout));
}
