/* SPDX-License-Identifier: MIT
 *
 * Drawing only; what has been seen is kept as the daemon's own words, since a state that
 * this wipyctl has never heard of must be told all the same.
 */
#include "config.h"

#include "cli/watch_draw.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/when.h"

#define FLYING_SHOWN     8
#define EXCEPTIONS_SHOWN 5

int watch_seen_init(struct watch_seen *seen)
{
	*seen = (struct watch_seen){.tasks = json_object(), .waves = json_array()};
	return seen->tasks == NULL || seen->waves == NULL ? -ENOMEM : 0;
}

void watch_seen_done(struct watch_seen *seen)
{
	json_decref(seen->tasks);
	json_decref(seen->waves);
}

/* ---- the live display -------------------------------------------------------------- */

static void draw_task(struct writer *writer, const json_t *task)
{
	const char *state = shape_text(task, "state");
	long long size = shape_number(task, "size");
	long long taken = shape_number(task, "bytes_taken");

	writer_put(writer, STYLE_PLAIN, "    %s", shape_cell(task, "board"));
	writer_pad(writer, 28);
	writer_put(writer, progress_style(state), "%s", state);
	if (strcmp(state, "pushing") == 0 && size > 0 && taken >= 0 && taken <= size)
		writer_put(writer, STYLE_PLAIN, " %lld %%", taken * 100 / size);
	if (shape_number(task, "attempt") > 1)
		writer_put(writer, STYLE_PLAIN, ", attempt %lld",
			shape_number(task, "attempt"));
	if (shape_text(task, "code")[0] != '\0')
		writer_put(writer, STYLE_PLAIN, ", %s", shape_text(task, "code"));
	writer_end(writer);
}

static void draw_flying(struct writer *writer, const json_t *tasks)
{
	const json_t *task;
	size_t i, flying = 0;

	json_array_foreach(tasks, i, task)
	{
		const char *state = shape_text(task, "state");

		if (progress_kind(state) != PROGRESS_FLYING &&
			strcmp(state, "backoff") != 0)
			continue;
		if (flying++ < FLYING_SHOWN)
			draw_task(writer, task);
	}
	if (flying > FLYING_SHOWN)
		writer_line(writer, "    and %zu more", flying - FLYING_SHOWN);
}

static void draw_exceptions(struct writer *writer, const json_t *exceptions)
{
	size_t count = json_array_size(exceptions);
	size_t first = count > EXCEPTIONS_SHOWN ? count - EXCEPTIONS_SHOWN : 0;

	if (count == 0)
		return;
	writer_line(writer, "  %zu to look at%s:", count,
		first > 0 ? ", the last of them" : "");
	for (size_t i = first; i < count; i++) {
		const json_t *row = json_array_get(exceptions, i);
		const char *state = shape_text(row, "state");

		writer_put(writer, STYLE_PLAIN, "    %s", shape_cell(row, "board"));
		writer_pad(writer, 28);
		writer_put(writer, progress_style(state), "%s", state);
		writer_line(writer, " (%s) %s", shape_cell(row, "code"),
			shape_text(row, "next_human"));
	}
}

void watch_draw_frame(struct writer *writer, const json_t *rollout, const json_t *tasks,
	const char *note)
{
	progress_head(writer, rollout);
	progress_waves(writer, rollout);
	draw_flying(writer, tasks);
	draw_exceptions(writer, shape_list(rollout, "exceptions"));
	if (note[0] != '\0') {
		writer_put(writer, STYLE_WARN, "%s", note);
		writer_end(writer);
	}
}

/* ---- lines -------------------------------------------------------------------------- */

static void put_clock(struct writer *writer, const char *time)
{
	char text[WHEN_TEXT_MAX];
	int64_t s;

	if (time == NULL || when_parse(time, &s) < 0)
		s = writer->now_s;
	when_format_clock(s, writer->utc, text);
	writer_put(writer, STYLE_DIM, "%s", text);
	writer_put(writer, STYLE_PLAIN, "  ");
}

static void put_change(
	struct writer *writer, const char *what, const char *old, const char *state)
{
	writer_put(writer, STYLE_PLAIN, "%s  %s -> ", what, old);
	writer_put(writer, progress_style(state), "%s", state);
}

static const json_t *find_exception(const json_t *rollout, const char *board)
{
	const json_t *row;
	size_t i;

	json_array_foreach(shape_list(rollout, "exceptions"), i,
		row) if (strcmp(shape_text(row, "board"), board) == 0) return row;
	return NULL;
}

static void change_task(struct writer *writer, struct watch_seen *seen,
	const json_t *rollout, const json_t *task)
{
	const char *board = shape_text(task, "board"),
		   *state = shape_text(task, "state");
	const char *old = shape_text(seen->tasks, board),
		   *code = shape_text(task, "code");
	const json_t *exception;

	/* A board that was not there before has nothing to change from. */
	if (seen->state[0] == '\0' || strcmp(old, state) == 0)
		return;
	put_clock(writer, shape_time(task, "since"));
	put_change(writer, board, old[0] == '\0' ? "new" : old, state);
	if (code[0] != '\0')
		writer_put(writer, STYLE_PLAIN, ": %s", code);
	if (shape_number(task, "attempt") > 1)
		writer_put(writer, STYLE_PLAIN, ", attempt %lld",
			shape_number(task, "attempt"));
	exception = find_exception(rollout, board);
	if (shape_text(exception, "next_auto")[0] != '\0')
		writer_put(writer, STYLE_PLAIN, "; next: %s",
			shape_text(exception, "next_auto"));
	if (shape_text(exception, "next_human")[0] != '\0')
		writer_put(writer, STYLE_PLAIN, "; you: %s",
			shape_text(exception, "next_human"));
	writer_end(writer);
}

static void change_waves(
	struct writer *writer, struct watch_seen *seen, const json_t *rollout)
{
	const json_t *waves = shape_list(rollout, "waves"), *wave;
	size_t i;

	json_array_foreach(waves, i, wave)
	{
		const char *state = shape_text(wave, "state");
		const char *old = json_string_value(json_array_get(seen->waves, i));
		char what[64];

		if (old != NULL && strcmp(old, state) != 0) {
			snprintf(what, sizeof(what), "wave %lld of %zu (%lld %s)",
				shape_number(wave, "number"), json_array_size(waves),
				shape_number(wave, "size"),
				shape_boards(shape_number(wave, "size")));
			put_clock(writer, NULL);
			put_change(writer, what, old, state);
			writer_end(writer);
		}
		if (old == NULL)
			(void)json_array_append_new(seen->waves, json_string(state));
		else
			(void)json_array_set_new(seen->waves, i, json_string(state));
	}
}

static void change_state(
	struct writer *writer, struct watch_seen *seen, const json_t *rollout)
{
	const char *state = shape_text(rollout, "state");
	const char *reason = shape_text(rollout, "reason");
	char what[64];

	if (seen->state[0] == '\0') {
		put_clock(writer, NULL);
		progress_head(writer, rollout);
	} else if (strcmp(seen->state, state) != 0) {
		snprintf(what, sizeof(what), "rollout %.*s", PROGRESS_ID_SHOWN,
			shape_text(rollout, "id"));
		put_clock(writer, shape_time(rollout, "since"));
		put_change(writer, what, seen->state, state);
		if (reason[0] != '\0')
			writer_put(writer, STYLE_PLAIN, ": %s", reason);
		writer_end(writer);
	}
	snprintf(seen->state, sizeof(seen->state), "%s", state);
}

void watch_draw_changes(struct writer *writer, struct watch_seen *seen,
	const json_t *rollout, const json_t *tasks)
{
	const json_t *task;
	size_t i;

	change_waves(writer, seen, rollout);
	json_array_foreach(tasks, i, task)
	{
		change_task(writer, seen, rollout, task);
		(void)json_object_set_new(seen->tasks, shape_text(task, "board"),
			json_string(shape_text(task, "state")));
	}
	change_state(writer, seen, rollout);
}
