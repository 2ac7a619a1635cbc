/* SPDX-License-Identifier: MIT
 *
 * One table says what each task state means for a bar, a colour and a denominator.
 */
#include "config.h"

#include "cli/progress.h"

#include <stdint.h>
#include <string.h>

#include "cli/shape.h"
#include "cli/table.h"

#define BAR_CELLS  30
#define BAR_LEAST  6
#define BAR_BESIDE 50 /* columns of what stands beside it */

struct task_fact {
	const char *state;
	enum progress_kind kind;
	bool begun;
};

static const struct task_fact task_facts[] = {
	{"confirmed", PROGRESS_DONE, true},
	{"already", PROGRESS_DONE, false},
	{"fell-back", PROGRESS_BAD, true},
	{"failed", PROGRESS_BAD, true},
	{"lost", PROGRESS_BAD, true},
	{"reverted", PROGRESS_BACK, true},
	{"refused", PROGRESS_OUT, false},
	{"skipped", PROGRESS_OUT, false},
	{"cancelled", PROGRESS_OUT, false},
	{"checking", PROGRESS_FLYING, false},
	{"pushing", PROGRESS_FLYING, true},
	{"staged", PROGRESS_FLYING, true},
	{"disarming", PROGRESS_FLYING, true},
	{"resetting", PROGRESS_FLYING, true},
	{"returning", PROGRESS_FLYING, true},
	{"verifying", PROGRESS_FLYING, true},
	{"soaking", PROGRESS_FLYING, true},
	{"confirming", PROGRESS_FLYING, true},
	{"backoff", PROGRESS_STUCK, false},
	{"held", PROGRESS_STUCK, true},
	{"deferred", PROGRESS_STUCK, false},
	{"planned", PROGRESS_AHEAD, false},
	{"waiting", PROGRESS_AHEAD, false},
};

static const char kind_signs[PROGRESS_KIND_COUNT] = {
	[PROGRESS_DONE] = '#',
	[PROGRESS_BAD] = '!',
	[PROGRESS_OUT] = '-',
	[PROGRESS_BACK] = '<',
	[PROGRESS_FLYING] = '>',
	[PROGRESS_STUCK] = '?',
	[PROGRESS_AHEAD] = '.',
};

static const struct {
	const char *state;
	enum style style;
} state_styles[] = {
	{"confirmed", STYLE_GOOD},
	{"already", STYLE_GOOD},
	{"completed", STYLE_GOOD},
	{"undoing", STYLE_WARN},
	{"undone", STYLE_WARN},
	{"reverted", STYLE_WARN},
	{"passed", STYLE_GOOD},
	{"online", STYLE_GOOD},
	{"in-sync", STYLE_GOOD},
	{"login-ok", STYLE_GOOD},
	{"ok", STYLE_GOOD},
	{"pass", STYLE_GOOD},
	{"inconclusive", STYLE_WARN},
	{"fail", STYLE_BAD},
	{"offline", STYLE_WARN},
	{"flapping", STYLE_WARN},
	{"never-seen", STYLE_WARN},
	{"behind", STYLE_WARN},
	{"foreign", STYLE_WARN},
	{"changed-by-others", STYLE_WARN},
	{"busy", STYLE_WARN},
	{"safe-boot", STYLE_WARN},
	{"backoff", STYLE_WARN},
	{"held", STYLE_WARN},
	{"deferred", STYLE_WARN},
	{"refused", STYLE_WARN},
	{"armed", STYLE_WARN},
	{"paused", STYLE_WARN},
	{"awaiting-approval", STYLE_WARN},
	{"completed-with-exceptions", STYLE_WARN},
	{"wrong-board", STYLE_BAD},
	{"login-refused", STYLE_BAD},
	{"dirty", STYLE_BAD},
	{"needs-hands", STYLE_BAD},
	{"lost", STYLE_BAD},
	{"failed", STYLE_BAD},
	{"fell-back", STYLE_BAD},
	{"halted", STYLE_BAD},
	{"aborting", STYLE_BAD},
	{"aborted", STYLE_BAD},
	{"tripped", STYLE_BAD},
};

static const struct task_fact *task_fact(const char *state)
{
	static const struct task_fact unknown = {"", PROGRESS_STUCK, false};

	for (size_t i = 0; i < sizeof(task_facts) / sizeof(task_facts[0]); i++)
		if (strcmp(task_facts[i].state, state) == 0)
			return &task_facts[i];
	return &unknown;
}

enum progress_kind progress_kind(const char *state)
{
	return task_fact(state)->kind;
}

enum style progress_style(const char *state)
{
	for (size_t i = 0; i < sizeof(state_styles) / sizeof(state_styles[0]); i++)
		if (strcmp(state_styles[i].state, state) == 0)
			return state_styles[i].style;
	return STYLE_PLAIN;
}

/* Counts beyond this are nonsense, and would overflow the arithmetic of a bar. */
#define COUNT_MAX 1000000000LL

void progress_tally(const json_t *outcomes, struct progress_tally *ret_tally)
{
	const char *state;
	json_t *value;

	*ret_tally = (struct progress_tally){0};
	/* The iterator wants an object that it could change. */
	json_object_foreach((json_t *)(uintptr_t)outcomes, state, value)
	{
		const struct task_fact *fact = task_fact(state);
		long long count = json_integer_value(value);

		if (count < 0 || count > COUNT_MAX)
			continue;
		ret_tally->count[fact->kind] += count;
		ret_tally->total += count;
		if (fact->begun)
			ret_tally->begun += count;
	}
}

void progress_bar(const struct progress_tally *tally, int cells, char *ret_bar)
{
	int share[PROGRESS_KIND_COUNT], largest = 0, rest = cells;

	for (int kind = 0; kind < PROGRESS_KIND_COUNT; kind++) {
		long long count = tally->count[kind];

		share[kind] =
			tally->total == 0 ? 0 : (int)(count * cells / tally->total);
		if (share[kind] == 0 && count > 0)
			share[kind] = 1;
		rest -= share[kind];
		if (share[kind] > share[largest])
			largest = kind;
	}
	/* Rounding is paid by the kind that feels it least. */
	share[largest] += rest;
	for (int kind = 0; kind < PROGRESS_KIND_COUNT; kind++)
		for (; share[kind] > 0; share[kind]--)
			*ret_bar++ = kind_signs[kind];
	*ret_bar = '\0';
}

static void put_count(
	struct writer *writer, long long count, const char *word, enum style style)
{
	if (count == 0)
		return;
	writer_put(writer, STYLE_PLAIN, ", ");
	writer_put(writer, style, "%lld %s", count, word);
}

/* What hurts stands in front: a narrow terminal cuts the rest. */
static void put_counts(struct writer *writer, const struct progress_tally *tally)
{
	put_count(writer, tally->count[PROGRESS_BAD], "failed", STYLE_BAD);
	put_count(writer, tally->count[PROGRESS_FLYING], "under way", STYLE_PLAIN);
	put_count(writer, tally->count[PROGRESS_STUCK], "held up", STYLE_WARN);
	put_count(writer, tally->count[PROGRESS_BACK], "taken back", STYLE_WARN);
	put_count(writer, tally->count[PROGRESS_OUT], "not tried", STYLE_PLAIN);
}

void progress_head(struct writer *writer, const json_t *rollout)
{
	const char *state = shape_text(rollout, "state");
	const char *reason = shape_reason(rollout, "reason");
	struct progress_tally tally;

	progress_tally(shape_object(rollout, "outcomes"), &tally);
	writer_put(writer, STYLE_HEAD, "rollout %.*s", PROGRESS_ID_SHOWN,
		shape_text(rollout, "id"));
	writer_put(writer, STYLE_PLAIN, " ");
	writer_put(writer, progress_style(state), "%s", state);
	if (reason[0] != '\0')
		writer_put(writer, STYLE_PLAIN, " (%s)", reason);
	writer_put(writer, STYLE_PLAIN, ": %lld of %lld done",
		tally.count[PROGRESS_DONE], tally.total);
	put_counts(writer, &tally);
	writer_put(writer, STYLE_PLAIN, "; release %s", shape_text(rollout, "release"));
	if (shape_text(rollout, "undo_of")[0] != '\0')
		writer_put(writer, STYLE_PLAIN,
			", which it takes back from rollout %.*s", PROGRESS_ID_SHOWN,
			shape_text(rollout, "undo_of"));
	writer_end(writer);
}

/* A narrow terminal has the counts rather than the bar. */
static int bar_cells(const struct writer *writer)
{
	int cells = writer->width == 0 ? BAR_CELLS : writer->width - BAR_BESIDE;

	return cells > BAR_CELLS ? BAR_CELLS : cells < BAR_LEAST ? BAR_LEAST : cells;
}

void progress_wave(struct writer *writer, const json_t *wave)
{
	const char *state = shape_text(wave, "state");
	struct progress_tally tally;
	char bar[BAR_CELLS + 1];
	int cells = bar_cells(writer);

	progress_tally(shape_object(wave, "outcomes"), &tally);
	/* A wave that was planned only has no outcomes yet. */
	if (tally.total == 0)
		tally.total = tally.count[PROGRESS_AHEAD] =
			shape_number(wave, "size") > 0;
	progress_bar(&tally, cells, bar);
	writer_put(writer, STYLE_PLAIN, "  wave %2lld [%s] %5lld/%-5lld ",
		shape_number(wave, "number"), bar, tally.count[PROGRESS_DONE],
		shape_number(wave, "size"));
	writer_put(writer, progress_style(state), "%s", state);
	put_counts(writer, &tally);
	writer_end(writer);
}

void progress_waves(struct writer *writer, const json_t *rollout)
{
	const json_t *wave;
	size_t i;

	json_array_foreach(shape_list(rollout, "waves"), i, wave)
		progress_wave(writer, wave);
}

bool progress_outcome_at(
	const json_t *outcomes, size_t index, struct progress_outcome *ret_outcome)
{
	const struct task_fact *fact = &task_facts[index];
	struct progress_tally tally;
	long long count;

	if (index >= sizeof(task_facts) / sizeof(task_facts[0]))
		return false;
	progress_tally(outcomes, &tally);
	count = shape_number(outcomes, fact->state);
	*ret_outcome = (struct progress_outcome){.state = fact->state,
		.count = count > 0 && count <= COUNT_MAX ? count : 0,
		.of = fact->begun ? tally.begun : tally.total,
		.begun = fact->begun};
	return true;
}

void progress_outcomes(struct writer *writer, const json_t *rollout)
{
	const json_t *outcomes = shape_object(rollout, "outcomes");
	struct progress_outcome outcome;

	for (size_t i = 0; progress_outcome_at(outcomes, i, &outcome); i++) {
		if (outcome.count == 0)
			continue;
		writer_pad(writer, 2);
		writer_put(writer, progress_style(outcome.state), "%s", outcome.state);
		writer_pad(writer, 13);
		writer_put(writer, STYLE_PLAIN, "%5lld of %lld %s (%lld %%)",
			outcome.count, outcome.of, outcome.begun ? "begun" : "boards",
			outcome.count * 100 / outcome.of);
		writer_end(writer);
	}
}

void progress_windows(struct writer *writer, const json_t *windows)
{
	const json_t *row;
	size_t i;

	json_array_foreach(windows, i, row)
	{
		long long boards = shape_number(row, "boards");
		const char *opens = shape_text(row, "opens");

		writer_put(writer, STYLE_WARN, "%lld %s of site %s", boards,
			shape_boards(boards), shape_cell(row, "site"));
		if (opens[0] == '\0') {
			writer_line(writer, " wait for its maintenance window, which "
					    "opens at no time "
					    "in the next 400 days");
			continue;
		}
		writer_put(writer, STYLE_PLAIN,
			" wait for its maintenance window: it opens %s %s (",
			shape_cell(row, "opens_local"), shape_cell(row, "timezone"));
		writer_time(writer, opens);
		writer_line(writer, ")");
	}
}

static void progress_catch_up(struct writer *writer, const json_t *catch_up)
{
	const char *state = shape_text(catch_up, "state");
	long long boards = shape_number(catch_up, "boards");

	if (state[0] == '\0')
		return;
	writer_put(writer, STYLE_PLAIN, "catch-up of %lld deferred %s: ", boards,
		shape_boards(boards));
	writer_put(writer, progress_style(state), "%s", state);
	writer_put(writer, STYLE_PLAIN, ", %lld done, %lld to come",
		shape_number(catch_up, "confirmed"), shape_number(catch_up, "left"));
	if (shape_number(catch_up, "left") > 0) {
		writer_put(writer, STYLE_PLAIN, ": each when it is seen again, until ");
		writer_time(writer, shape_time(catch_up, "until"));
	}
	writer_end(writer);
}

void progress_waits(struct writer *writer, const json_t *rollout)
{
	const char *text = shape_text(shape_object(rollout, "waits_for"), "text");

	progress_catch_up(writer, shape_object(rollout, "catch_up"));
	if (text[0] != '\0') {
		writer_sentence(writer, text);
		writer_end(writer);
	}
}

void progress_probes(struct writer *writer, const json_t *probes)
{
	static const struct table_column columns[] = {
		{"BOARD", false, 12, false},
		{"PROBE", false, 0, false},
		{"OUTCOME", false, 0, false},
		{"AGO", false, 0, false},
		{"EVIDENCE", false, 20, false},
	};
	/* Those of one board need no column for its name. */
	bool named = shape_text(json_array_get(probes, 0), "board")[0] != '\0';
	size_t skip = named ? 0 : 1, i;
	struct table *table;
	const json_t *row;

	if (json_array_size(probes) == 0)
		return;
	table = table_new(columns + skip, sizeof(columns) / sizeof(columns[0]) - skip);
	json_array_foreach(probes, i, row)
	{
		const char *outcome = shape_text(row, "outcome");

		if (named)
			table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "name"));
		table_cell(table, progress_style(outcome), "%s", outcome);
		table_span(table, writer, shape_time(row, "time"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "evidence"));
	}
	table_print(table, writer, 2);
	table_free(table);
}

void progress_exceptions(struct writer *writer, const json_t *exceptions)
{
	static const struct table_column columns[] = {
		{"BOARD", false, 12, false},
		{"STATE", false, 0, false},
		{"CODE", false, 0, false},
		{"FOR", false, 0, false},
		{"NEXT BY ITSELF", false, 14, true},
		{"WHAT A PERSON CAN DO", false, 20, true},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *row;
	size_t i;

	json_array_foreach(exceptions, i, row)
	{
		const char *state = shape_text(row, "state");

		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
		table_cell(table, progress_style(state), "%s", state);
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "code"));
		table_span(table, writer, shape_time(row, "since"));
		table_sentence(
			table, writer, STYLE_PLAIN, shape_cell(row, "next_auto"));
		table_sentence(
			table, writer, STYLE_PLAIN, shape_cell(row, "next_human"));
	}
	table_print(table, writer, 2);
	table_free(table);
}

bool progress_ended(const char *state, enum exit_code *ret_code)
{
	static const struct {
		const char *state;
		enum exit_code code;
	} ends[] = {
		{"completed", EXIT_CODE_DONE},
		{"completed-with-exceptions", EXIT_CODE_EXCEPTIONS},
		{"halted", EXIT_CODE_HALTED},
		{"aborted", EXIT_CODE_ABORTED},
		/* What goes on is its undo, which may stand as long as it likes. */
		{"undoing", EXIT_CODE_ABORTED},
		{"undone", EXIT_CODE_ABORTED},
		{"expired", EXIT_CODE_TIMED_OUT},
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (strcmp(ends[i].state, state) != 0)
			continue;
		*ret_code = ends[i].code;
		return true;
	}
	return false;
}
