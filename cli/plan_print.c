/* SPDX-License-Identifier: MIT
 *
 * Plans in text.
 */
#include "config.h"

#include "cli/plan_print.h"

#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/table.h"
#include "cli/when.h"

#define NOTES_SHOWN   8  /* lines, on a terminal */
#define REFUSED_SHOWN 12 /* boards, before somebody is asked */
#define NAMES_SHOWN   3
#define WINDOWS_SHOWN 5 /* sites */

struct plan_counts plan_counts(const json_t *plan)
{
	const json_t *boards = shape_object(plan, "boards");

	return (struct plan_counts){.planned = shape_number(boards, "planned"),
		.already = shape_number(boards, "already"),
		.refused = shape_number(boards, "refused")};
}

bool plan_is_undo(const json_t *plan)
{
	return shape_text(plan, "undo_of")[0] != '\0';
}

/* ---- notes ----------------------------------------------------------------------- */

/* As much of the text as one line takes: where the terminal's width is known up to a
 * blank, and never half a character. */
static size_t line_len(const struct writer *writer, const char *text)
{
	size_t len = strcspn(text, "\n"), room = (size_t)writer->width - 4, at;

	if (!writer->terminal || writer->width < 20 || len <= room)
		return len;
	for (at = room; at > 0 && text[at] != ' ';)
		at--;
	for (; at == 0 && room > 1 && ((unsigned char)text[room] & 0xC0) == 0x80;)
		room--;
	return at > 0 ? at : room;
}

/* What its maker says of the release. A terminal gets the beginning: what is asked
 * below it has to be seen with the plan. */
static void print_notes(struct writer *writer, const json_t *plan)
{
	const char *notes = shape_text(plan, "notes");
	int lines = 0;

	for (; *notes; lines++) {
		size_t len = line_len(writer, notes);

		if (writer->terminal && lines == NOTES_SHOWN) {
			writer_line(writer, "  ... all of it: wipyctl release show %s",
				shape_cell(plan, "release"));
			return;
		}
		writer_line(writer, "  | %.*s", (int)len, notes);
		notes += len + (notes[len] == '\n' || notes[len] == ' ');
	}
}

/* ---- waves and times ------------------------------------------------------------- */

static void print_wave(struct writer *writer, const json_t *wave)
{
	long long size = shape_number(wave, "size"), away = shape_number(wave, "away");

	writer_put(writer, STYLE_PLAIN, "  wave %2lld  %5lld %s",
		shape_number(wave, "number"), size, shape_boards(size));
	if (away > 0)
		writer_put(writer, STYLE_WARN, ", %lld of them offline", away);
	if (shape_time(wave, "ends") != NULL && away < size) {
		writer_put(writer, STYLE_PLAIN, ", over about ");
		writer_time(writer, shape_time(wave, "ends"));
	}
	writer_end(writer);
}

static void print_eta(struct writer *writer, const json_t *plan)
{
	const json_t *eta = shape_object(plan, "eta");
	char span[WHEN_TEXT_MAX];

	if (eta == NULL)
		return;
	if (shape_time(eta, "ends") == NULL) {
		writer_line(writer, "  its end is %s", shape_cell(eta, "text"));
		return;
	}
	when_format_span(shape_number(eta, "seconds"), span);
	writer_put(writer, STYLE_PLAIN, "  begun now it is over in about %s, ", span);
	writer_time(writer, shape_time(eta, "ends"));
	writer_put(writer, STYLE_PLAIN, ",");
	writer_end(writer);
	help_wrap(writer, 2, shape_cell(eta, "text"));
}

static void print_windows(struct writer *writer, const json_t *plan)
{
	const json_t *all = shape_list(plan, "windows");
	size_t count = json_array_size(all);
	json_t *first = json_array();

	for (size_t i = 0; i < count && i < WINDOWS_SHOWN; i++)
		(void)json_array_append(first, json_array_get(all, i));
	progress_windows(writer, first);
	if (count > WINDOWS_SHOWN)
		writer_line(writer, "... and those of %zu more sites for theirs",
			count - WINDOWS_SHOWN);
	json_decref(first);
}

/* ---- groups of boards ------------------------------------------------------------ */

/* The daemon names the first few of them. */
static void put_names(struct writer *writer, const json_t *row)
{
	const json_t *names = shape_list(row, "names");
	long long boards = shape_number(row, "boards"), left = boards;

	writer_put(writer, STYLE_PLAIN, ", %lld %s:", boards, shape_boards(boards));
	for (size_t i = 0; i < json_array_size(names) && i < NAMES_SHOWN; i++, left--)
		writer_put(writer, STYLE_PLAIN, "%s %s", i > 0 ? "," : "",
			json_is_string(json_array_get(names, i))
				? json_string_value(json_array_get(names, i))
				: "?");
	if (left > 0)
		writer_put(writer, STYLE_PLAIN, " and %lld more", left);
	writer_end(writer);
}

void plan_print_sentences(struct writer *writer, const char *one, const char *two)
{
	char text[800];

	(void)snprintf(text, sizeof(text), "%s %s", one, two);
	help_wrap(writer, 6, text);
}

static void print_risks(struct writer *writer, const json_t *plan)
{
	const json_t *row;
	size_t i;

	json_array_foreach(shape_list(plan, "risks"), i, row)
	{
		writer_put(writer, STYLE_PLAIN, "  risk ");
		writer_put(writer, STYLE_WARN, "%s", shape_cell(row, "code"));
		put_names(writer, row);
		plan_print_sentences(
			writer, shape_text(row, "what"), shape_text(row, "next_human"));
	}
}

/* Refused boards stand by name below. */
static bool stands_alone(const json_t *group)
{
	const char *verdict = shape_text(group, "verdict");

	return strcmp(verdict, "held") == 0 || strcmp(verdict, "deferred") == 0;
}

static void print_groups(struct writer *writer, const json_t *plan)
{
	const json_t *row;
	size_t i;

	json_array_foreach(shape_list(plan, "verdicts"), i, row)
	{
		if (!stands_alone(row))
			continue;
		writer_put(writer, STYLE_WARN, "  %s", shape_cell(row, "verdict"));
		writer_put(writer, STYLE_PLAIN, " (%s)", shape_cell(row, "code"));
		put_names(writer, row);
		plan_print_sentences(
			writer, shape_text(row, "why"), shape_text(row, "next_auto"));
	}
}

/* ---- boards by name -------------------------------------------------------------- */

static void exception_row(struct table *table, const json_t *row)
{
	const char *state = shape_cell(row, "state");
	const char *other = shape_text(row, "rollout");

	table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
	table_cell(table, progress_style(state), "%s", state);
	table_cell(table, STYLE_PLAIN, "%s%s%.*s", shape_cell(row, "code"),
		other[0] != '\0' ? " " : "", PROGRESS_ID_SHOWN, other);
	table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "next_auto"));
	table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "next_human"));
}

static void print_exceptions(struct writer *writer, const json_t *plan, bool all)
{
	static const struct table_column columns[] = {
		{"BOARD", false, 12, false},
		{"STATE", false, 0, false},
		{"CODE", false, 0, false},
		{"NEXT BY ITSELF", false, 14, true},
		{"WHAT A PERSON CAN DO", false, 20, true},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	long long refused = plan_counts(plan).refused;
	const json_t *row;
	size_t i;

	json_array_foreach(shape_list(plan, "exceptions"), i, row)
	{
		if (!all && i == REFUSED_SHOWN)
			break;
		exception_row(table, row);
	}
	table_print(table, writer, 2);
	table_free(table);
	if (!all && json_array_size(shape_list(plan, "exceptions")) > REFUSED_SHOWN)
		writer_line(writer, "  ... %lld are refused: wipyctl plan shows all",
			refused);
}

/* Of an undo: what each board goes back to, the least risk first. */
static void print_steps(struct writer *writer, const json_t *plan)
{
	static const struct table_column columns[] = {
		{"BOARD", false, 12, false},
		{"WAVE", true, 0, false},
		{"BACK TO", false, 12, false},
		{"HOW", false, 0, false},
		{"RISK", false, 20, false},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *row;
	size_t i;

	json_array_foreach(shape_list(plan, "steps"), i, row)
	{
		const char *statement = shape_text(row, "statement");

		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
		table_cell(table, STYLE_PLAIN, "%lld", shape_number(row, "wave"));
		table_cell(table, STYLE_PLAIN, "%s (%s)", shape_cell(row, "tag"),
			shape_cell(row, "date"));
		table_cell(table, STYLE_PLAIN, "%s",
			statement[0] ? statement : shape_cell(row, "method"));
		table_cell(table,
			shape_true(row, "burns_last_good") ? STYLE_BAD : STYLE_PLAIN,
			"%s", shape_cell(row, "risk"));
	}
	table_print(table, writer, 2);
	table_free(table);
}

/* ---- the whole ------------------------------------------------------------------- */

void plan_print_head(struct writer *writer, const json_t *plan)
{
	struct plan_counts counts = plan_counts(plan);
	bool undo = plan_is_undo(plan);
	const json_t *wave;
	size_t i;

	if (undo)
		writer_put(writer, STYLE_HEAD, "undo of rollout %.*s, ",
			PROGRESS_ID_SHOWN, shape_cell(plan, "undo_of"));
	writer_put(writer, STYLE_HEAD, "release %s", shape_cell(plan, "release"));
	writer_line(writer, ": %lld %s planned, %lld %s, %lld refused", counts.planned,
		shape_boards(counts.planned), counts.already,
		undo ? "with nothing to take back" : "already run it", counts.refused);
	print_notes(writer, plan);
	json_array_foreach(shape_list(plan, "waves"), i, wave) print_wave(writer, wave);
	print_eta(writer, plan);
	print_windows(writer, plan);
	print_risks(writer, plan);
}

void plan_print_rest(struct writer *writer, const json_t *plan, bool all)
{
	print_groups(writer, plan);
	print_steps(writer, plan);
	print_exceptions(writer, plan, all);
}
