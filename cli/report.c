/* SPDX-License-Identifier: MIT
 *
 * The daemon's answer as rows.
 */
#include "config.h"

#include "cli/report.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/shape.h"

#define END                                                                            \
	{                                                                              \
		.title = NULL                                                          \
	}
#define COLUMN_BOARD                                                                   \
	{                                                                              \
		.title = "BOARD", .path = "board", .shrinks = 12                       \
	}
#define COLUMN_SITE                                                                    \
	{                                                                              \
		.title = "SITE", .path = "site", .shrinks = 8                          \
	}
#define COLUMN_CODE                                                                    \
	{                                                                              \
		.title = "CODE", .path = "code"                                        \
	}

static void cell_percent(const json_t *row, struct view_cell *ret_cell)
{
	if (json_object_get(row, "percent") != NULL)
		snprintf(ret_cell->text, sizeof(ret_cell->text), "%3lld %%",
			shape_number(row, "percent"));
}

static const struct view_column verdict_columns[] = {
	{.title = "VERDICT", .path = "text"},
	{.title = "ROLLOUT", .path = "rollout", .kind = VIEW_ID},
	{.title = "RELEASE", .path = "release"},
	{.title = "STATE", .path = "state", .kind = VIEW_STATE},
	{.title = "BOARDS", .path = "boards", .kind = VIEW_NUMBER}, END};

static const struct view_column wave_columns[] = {
	{.title = "WAVE", .path = "number", .kind = VIEW_NUMBER},
	{.title = "STATE", .path = "state", .kind = VIEW_STATE},
	{.title = "BOARDS", .path = "size", .kind = VIEW_NUMBER},
	{.title = "DONE", .path = "done", .kind = VIEW_NUMBER},
	{.title = "FAILED", .path = "failed", .kind = VIEW_NUMBER},
	{.title = "UNDER WAY", .path = "under_way", .kind = VIEW_NUMBER},
	{.title = "HELD UP", .path = "held_up", .kind = VIEW_NUMBER},
	{.title = "TAKEN BACK", .path = "taken_back", .kind = VIEW_NUMBER},
	{.title = "NOT TRIED", .path = "not_tried", .kind = VIEW_NUMBER},
	{.title = "TO COME", .path = "to_come", .kind = VIEW_NUMBER}, END};

static const struct view_column outcome_columns[] = {
	{.title = "OUTCOME", .path = "state", .kind = VIEW_STATE},
	{.title = "BOARDS", .path = "count", .kind = VIEW_NUMBER},
	{.title = "OF", .path = "of", .kind = VIEW_NUMBER},
	{.title = "WHICH", .path = "of_what"},
	{.title = "SHARE", .path = "percent", .kind = VIEW_CELL, .cell = cell_percent},
	END};

static const struct view_column exception_columns[] = {COLUMN_BOARD,
	{.title = "STATE", .path = "state", .kind = VIEW_STATE}, COLUMN_CODE,
	{.title = "FOR", .path = "since", .kind = VIEW_SPAN},
	{.title = "NEXT BY ITSELF", .path = "next_auto", .shrinks = 14, .wraps = true},
	{.title = "WHAT A PERSON CAN DO",
		.path = "next_human",
		.shrinks = 20,
		.wraps = true},
	{.path = "what"}, END};

static const struct view_column sick_columns[] = {COLUMN_BOARD, COLUMN_SITE,
	{.title = "SINCE", .path = "since", .kind = VIEW_TIME},
	{.title = "FOR", .path = "since", .kind = VIEW_SPAN}, COLUMN_CODE,
	{.title = "WHAT TO DO", .path = "to_do", .shrinks = 20, .wraps = true}, END};

static const struct view_column offline_columns[] = {COLUMN_BOARD, COLUMN_SITE,
	{.title = "OFFLINE FOR", .path = "since", .kind = VIEW_SPAN},
	{.title = "LAST SEEN", .path = "last_seen", .kind = VIEW_TIME}, END};

static const struct view_column back_columns[] = {COLUMN_BOARD, COLUMN_SITE,
	{.title = "OUTCOME", .path = "outcome"},
	{.title = "AT", .path = "ended", .kind = VIEW_TIME}, END};

static const struct view_column firmware_columns[] = {
	{.title = "BOARDS", .path = "count", .kind = VIEW_NUMBER},
	{.title = "OF ALL", .path = "percent", .kind = VIEW_CELL, .cell = cell_percent},
	{.title = "FIRMWARE", .path = "tag", .shrinks = 16},
	{.title = "BUILT", .path = "date"},
	{.title = "BOARD", .path = "hardware", .shrinks = 8}, END};

static const struct view_column evidence_columns[] = {COLUMN_BOARD,
	{.title = "STATE", .path = "state", .kind = VIEW_STATE},
	{.title = "RESET PROVEN BY", .path = "proof"},
	{.title = "BANNER BEFORE", .path = "banner_before", .shrinks = 20},
	{.title = "UPLOAD", .path = "push_reply", .shrinks = 20},
	{.title = "GONE", .path = "lost", .kind = VIEW_TIME},
	{.title = "BACK", .path = "returned", .kind = VIEW_TIME},
	{.title = "BANNER AFTER", .path = "banner_after", .shrinks = 20},
	{.title = "LATEST", .path = "evidence", .shrinks = 20}, END};

static const struct view_column approval_columns[] = {
	{.title = "WHEN", .path = "time", .kind = VIEW_TIME},
	{.title = "WHO", .path = "actor"}, {.title = "WHAT", .path = "what"},
	{.title = "REASON", .path = "reason", .shrinks = 16}, END};

static const struct view_column changed_columns[] = {COLUMN_BOARD, COLUMN_SITE,
	{.title = "RAN", .path = "from.tag"}, {.title = "BUILT", .path = "from.date"},
	{.title = "RUNS", .path = "to.tag"}, {.title = "BUILT", .path = "to.date"},
	END};

static const struct view_column trouble_columns[] = {
	COLUMN_BOARD, COLUMN_SITE, COLUMN_CODE, END};

static const struct view_column name_columns[] = {COLUMN_BOARD, END};

static const struct report_section sections[REPORT_KIND_COUNT] = {
	[REPORT_DIRTY] = {"dirty", "do not power-cycle: dirty boards", STYLE_BAD,
		sick_columns},
	[REPORT_VERDICT] = {"verdict", "verdict", STYLE_HEAD, verdict_columns},
	[REPORT_WAVES] = {"wave", "waves", STYLE_HEAD, wave_columns},
	[REPORT_OUTCOMES] = {"outcome", "outcomes", STYLE_HEAD, outcome_columns},
	[REPORT_EXCEPTIONS] = {"exception", "exceptions", STYLE_HEAD,
		exception_columns},
	[REPORT_ARMED] = {"armed", "armed: their next reset starts another image",
		STYLE_WARN, sick_columns},
	[REPORT_OFFLINE] = {"offline", "offline, the longest first", STYLE_HEAD,
		offline_columns},
	[REPORT_HANDS] = {"needs-hands", "needs hands, site by site", STYLE_BAD,
		sick_columns},
	[REPORT_BACK] = {"brought-back", "brought back by a hand", STYLE_HEAD,
		back_columns},
	[REPORT_FIRMWARE] = {"firmware", "firmware on the fleet", STYLE_HEAD,
		firmware_columns},
	[REPORT_EVIDENCE] = {"evidence", "evidence", STYLE_HEAD, evidence_columns},
	[REPORT_APPROVALS] = {"approval", "who asked, who approved", STYLE_HEAD,
		approval_columns},
	[REPORT_CHANGED] = {"changed", "other firmware than then", STYLE_HEAD,
		changed_columns},
	[REPORT_NEW] = {"new", "wrong now, and not then", STYLE_WARN, trouble_columns},
	[REPORT_HEALED] = {"healed", "healed since then", STYLE_GOOD, trouble_columns},
	[REPORT_ADDED] = {"added", "in the inventory now, and not then", STYLE_HEAD,
		name_columns},
	[REPORT_GONE] = {"gone", "in the inventory then, and not now", STYLE_HEAD,
		name_columns},
};

const struct report_section *report_section(enum report_kind kind)
{
	return &sections[kind];
}

static const struct {
	const char *key, *words;
} kinds[PROGRESS_KIND_COUNT] = {
	[PROGRESS_DONE] = {"done", "done"},
	[PROGRESS_BAD] = {"failed", "failed"},
	[PROGRESS_OUT] = {"not_tried", "not tried"},
	[PROGRESS_BACK] = {"taken_back", "taken back"},
	[PROGRESS_FLYING] = {"under_way", "under way"},
	[PROGRESS_STUCK] = {"held_up", "held up"},
	[PROGRESS_AHEAD] = {"to_come", "to come"},
};

const char *report_wave_key(enum progress_kind kind)
{
	return kinds[kind].key;
}

const char *report_wave_words(enum progress_kind kind)
{
	return kinds[kind].words;
}

/* ---- rows ------------------------------------------------------------------------ */

static void add_row(json_t *rows, json_t *row)
{
	if (row == NULL || json_array_append_new(rows, row) < 0)
		abort();
}

/* Borrowed rows; what is no object is left out. */
static void take_rows(json_t *rows, const json_t *list)
{
	json_t *row;
	size_t i;

	json_array_foreach(list, i, row) if (json_is_object(row))
		add_row(rows, json_incref(row));
}

typedef int (*row_order_fn)(const void *a, const void *b);

static int by_board(const json_t *a, const json_t *b)
{
	return strcmp(shape_text(a, "board"), shape_text(b, "board"));
}

/* API times sort as text; never seen ("") comes first, as the oldest. */
static int by_last_seen(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;
	int order = strcmp(shape_text(*x, "last_seen"), shape_text(*y, "last_seen"));

	return order != 0 ? order : by_board(*x, *y);
}

static int by_site(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;
	int order = strcmp(shape_text(*x, "site"), shape_text(*y, "site"));

	return order != 0 ? order : by_board(*x, *y);
}

static void take_sorted(json_t *rows, const json_t *list, row_order_fn order)
{
	json_t *taken = json_array(), **sorted;
	size_t count;

	take_rows(taken, list);
	count = json_array_size(taken);
	sorted = calloc(count + 1, sizeof(json_t *));
	if (sorted == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(taken, i);
	qsort(sorted, count, sizeof(json_t *), order);
	for (size_t i = 0; i < count; i++)
		add_row(rows, json_incref(sorted[i]));
	free(sorted);
	json_decref(taken);
}

static void make_verdict(struct report *report)
{
	const json_t *rollout = shape_object(report->answer, "rollout");

	add_row(report->rows[REPORT_VERDICT],
		json_pack("{s:s, s:s, s:s, s:s, s:I}", "text",
			shape_text(report->answer, "verdict"), "rollout",
			shape_text(rollout, "id"), "release",
			shape_text(rollout, "release"), "state",
			shape_text(rollout, "state"), "boards",
			(json_int_t)shape_number(
				shape_object(report->answer, "boards"), "total")));
}

static void make_waves(struct report *report)
{
	const json_t *rollout = shape_object(report->answer, "rollout"), *wave;
	size_t i;

	json_array_foreach(shape_list(rollout, "waves"), i, wave)
	{
		json_t *row = json_pack("{s:I, s:s, s:I}", "number",
			(json_int_t)shape_number(wave, "number"), "state",
			shape_text(wave, "state"), "size",
			(json_int_t)shape_number(wave, "size"));
		struct progress_tally tally;

		progress_tally(shape_object(wave, "outcomes"), &tally);
		for (int kind = 0; kind < PROGRESS_KIND_COUNT; kind++)
			(void)json_object_set_new(
				row, kinds[kind].key, json_integer(tally.count[kind]));
		add_row(report->rows[REPORT_WAVES], row);
	}
}

static void make_outcomes(struct report *report)
{
	const json_t *rollout = shape_object(report->answer, "rollout");
	const json_t *outcomes = shape_object(rollout, "outcomes");
	struct progress_outcome outcome;

	for (size_t i = 0; progress_outcome_at(outcomes, i, &outcome); i++)
		if (outcome.count > 0)
			add_row(report->rows[REPORT_OUTCOMES],
				json_pack("{s:s, s:I, s:I, s:s, s:I}", "state",
					outcome.state, "count",
					(json_int_t)outcome.count, "of",
					(json_int_t)outcome.of, "of_what",
					outcome.begun ? "begun" : "boards", "percent",
					(json_int_t)(outcome.count * 100 /
						     outcome.of)));
}

static void make_firmware(struct report *report)
{
	long long total = shape_number(shape_object(report->answer, "boards"), "total");
	const json_t *row;
	size_t i;

	json_array_foreach(shape_list(report->answer, "firmware"), i, row)
	{
		long long count = shape_number(row, "count");
		json_t *copy = json_copy((json_t *)(uintptr_t)row);

		/* `board` is the name of one everywhere else. */
		(void)json_object_set_new(
			copy, "hardware", json_string(shape_text(row, "board")));
		/* A share of nonsense is not computed. */
		if (total > 0 && count >= 0 && count <= total && total < INT32_MAX)
			(void)json_object_set_new(
				copy, "percent", json_integer(count * 100 / total));
		add_row(report->rows[REPORT_FIRMWARE], copy);
	}
}

static bool is_among(const json_t *boards, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach(boards, i, row)
	{
		if (strcmp(shape_text(row, "board"), name) == 0)
			return true;
	}
	return false;
}

/* Whoever goes to a board resets it: those that are dirty are marked. */
static void make_hands(struct report *report)
{
	json_t *rows = report->rows[REPORT_HANDS], *row;
	const json_t *dirty = shape_list(report->answer, "dirty");
	size_t i;

	take_sorted(rows, shape_list(report->answer, "needs_hands"), by_site);
	json_array_foreach(rows, i, row)
	{
		json_t *copy = json_copy(row);

		(void)json_object_set_new(copy, "dirty",
			json_boolean(is_among(dirty, shape_text(row, "board"))));
		(void)json_array_set_new(rows, i, copy);
	}
}

static void make_names(json_t *rows, const json_t *names)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name) if (json_is_string(name))
		add_row(rows, json_pack("{s:s}", "board", json_string_value(name)));
}

void report_make(json_t *answer, bool evidence, struct report *ret_report)
{
	const json_t *changes = shape_object(answer, "changes");
	const json_t *rollout = shape_object(answer, "rollout");
	json_t **rows = ret_report->rows;

	ret_report->answer = answer;
	ret_report->evidence = evidence;
	for (int i = 0; i < REPORT_KIND_COUNT; i++)
		if ((rows[i] = json_array()) == NULL)
			abort();
	take_rows(rows[REPORT_DIRTY], shape_list(answer, "dirty"));
	make_verdict(ret_report);
	make_waves(ret_report);
	make_outcomes(ret_report);
	take_rows(rows[REPORT_EXCEPTIONS], shape_list(rollout, "exceptions"));
	take_rows(rows[REPORT_ARMED], shape_list(answer, "armed"));
	take_sorted(rows[REPORT_OFFLINE], shape_list(answer, "offline"), by_last_seen);
	make_hands(ret_report);
	take_rows(rows[REPORT_BACK], shape_list(answer, "brought_back"));
	make_firmware(ret_report);
	if (evidence)
		take_rows(rows[REPORT_EVIDENCE], shape_list(answer, "evidence"));
	take_rows(rows[REPORT_APPROVALS], shape_list(answer, "approvals"));
	take_rows(rows[REPORT_CHANGED], shape_list(changes, "versions"));
	take_rows(rows[REPORT_NEW], shape_list(changes, "new"));
	take_rows(rows[REPORT_HEALED], shape_list(changes, "healed"));
	make_names(rows[REPORT_ADDED], shape_list(changes, "added"));
	make_names(rows[REPORT_GONE], shape_list(changes, "gone"));
}

void report_done(struct report *report)
{
	for (int i = 0; i < REPORT_KIND_COUNT; i++)
		json_decref(report->rows[i]);
}
