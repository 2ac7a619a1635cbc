/* SPDX-License-Identifier: MIT
 *
 * What has been seen is kept as the daemon's own words, since a state that this wipyctl has
 * never heard of must be told all the same.
 */
#include "config.h"

#include "cli/watch_lines.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/when.h"

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

/* ---- what has changed ---------------------------------------------------------------- */

struct change {
	int64_t s;
	enum change_kind { CHANGE_WAVE, CHANGE_TASK, CHANGE_STATE } kind;
	size_t order;      /* keeps those of one second as they came */
	const json_t *row; /* borrowed: of the wave, of the task, the rollout */
	const char *old;   /* its state at the last look, borrowed; NULL: none */
};

struct changes {
	struct change *list;
	size_t count;
};

static int by_time(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	if (x->s != y->s)
		return x->s < y->s ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void changes_add(struct changes *changes, const struct writer *writer,
	enum change_kind kind, const json_t *row, const char *old)
{
	const char *since = kind == CHANGE_WAVE ? NULL : shape_time(row, "since");
	struct change *change = &changes->list[changes->count];

	*change = (struct change){
		.kind = kind, .order = changes->count++, .row = row, .old = old};
	/* How things stand is told as of now, and of a wave no time is known. */
	if (old == NULL || since == NULL || wipy_utc_parse(since, &change->s) < 0)
		change->s = writer->now_s;
}

/* The list has room for all waves, all tasks, and the rollout itself. */
static void changes_gather(struct changes *changes, const struct writer *writer,
	const struct watch_seen *seen, const json_t *rollout, const json_t *tasks)
{
	bool first = seen->state[0] == '\0';
	const char *old;
	const json_t *row;
	size_t i;

	json_array_foreach(shape_list(rollout, "waves"), i, row)
	{
		old = json_string_value(json_array_get(seen->waves, i));
		if (old != NULL && strcmp(old, shape_text(row, "state")) != 0)
			changes_add(changes, writer, CHANGE_WAVE, row, old);
	}
	/* A board that was not there before has nothing to change from. */
	json_array_foreach(tasks, i, row)
	{
		old = shape_text(seen->tasks, shape_text(row, "board"));
		if (!first && strcmp(old, shape_text(row, "state")) != 0)
			changes_add(changes, writer, CHANGE_TASK, row, old);
	}
	if (strcmp(seen->state, shape_text(rollout, "state")) != 0)
		changes_add(changes, writer, CHANGE_STATE, rollout,
			first ? NULL : seen->state);
	qsort(changes->list, changes->count, sizeof(*changes->list), by_time);
}

/* ---- as lines ------------------------------------------------------------------------ */

static void put_clock(struct writer *writer, int64_t s)
{
	char text[WHEN_TEXT_MAX];

	when_format_clock(s, writer->utc, text);
	writer_put(writer, STYLE_DIM, "%s", text);
	writer_put(writer, STYLE_PLAIN, "  ");
}

static void put_states(
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

static void put_task(
	struct writer *writer, const struct change *change, const json_t *rollout)
{
	const json_t *task = change->row;
	const char *board = shape_text(task, "board"),
		   *code = shape_reason(task, "code");
	const json_t *exception = find_exception(rollout, board);

	put_states(writer, board, change->old[0] == '\0' ? "new" : change->old,
		shape_text(task, "state"));
	if (code[0] != '\0')
		writer_put(writer, STYLE_PLAIN, ": %s", code);
	if (shape_number(task, "attempt") > 1)
		writer_put(writer, STYLE_PLAIN, ", attempt %lld",
			shape_number(task, "attempt"));
	if (shape_text(exception, "next_auto")[0] != '\0')
		writer_put(writer, STYLE_PLAIN, "; next: %s",
			shape_text(exception, "next_auto"));
	if (shape_text(exception, "next_human")[0] != '\0')
		writer_put(writer, STYLE_PLAIN, "; you: %s",
			shape_text(exception, "next_human"));
	writer_end(writer);
}

static void put_wave(
	struct writer *writer, const struct change *change, const json_t *rollout)
{
	const json_t *wave = change->row;
	char what[64];

	snprintf(what, sizeof(what), "wave %lld of %zu (%lld %s)",
		shape_number(wave, "number"),
		json_array_size(shape_list(rollout, "waves")),
		shape_number(wave, "size"), shape_boards(shape_number(wave, "size")));
	put_states(writer, what, change->old, shape_text(wave, "state"));
	writer_end(writer);
}

static void put_rollout(struct writer *writer, const struct change *change)
{
	const json_t *rollout = change->row;
	const char *reason = shape_reason(rollout, "reason");
	const char *brake = shape_text(shape_object(rollout, "brakes"), "text");
	char what[64];

	if (change->old == NULL) {
		progress_head(writer, rollout);
		return;
	}
	snprintf(what, sizeof(what), "rollout %.*s", PROGRESS_ID_SHOWN,
		shape_text(rollout, "id"));
	put_states(writer, what, change->old, shape_text(rollout, "state"));
	if (reason[0] != '\0')
		writer_put(writer, STYLE_PLAIN, ": %s", reason);
	if (strcmp(shape_text(rollout, "state"), "halted") == 0 && brake[0] != '\0')
		writer_put(writer, STYLE_PLAIN, "; %s", brake);
	writer_end(writer);
}

static void put_line(
	struct writer *writer, const struct change *change, const json_t *rollout)
{
	put_clock(writer, change->s);
	if (change->kind == CHANGE_WAVE)
		put_wave(writer, change, rollout);
	else if (change->kind == CHANGE_TASK)
		put_task(writer, change, rollout);
	else
		put_rollout(writer, change);
}

/* ---- as objects ---------------------------------------------------------------------- */

static void take_keys(json_t *object, const json_t *row, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		if (json_object_get(row, *keys) != NULL)
			(void)json_object_set(
				object, *keys, json_object_get(row, *keys));
}

static void put_object(
	struct writer *writer, const struct change *change, const json_t *rollout)
{
	static const char *const of_wave[] = {"state", "size", "outcomes", NULL},
				 *const of_task[] = {"board", "wave", "state", "code",
					 "attempt", NULL},
				 *const of_exception[] = {"code", "what", "next_auto",
					 "next_human", NULL},
				 *const of_rollout[] = {"state", "reason", "release",
					 "undo_of", "outcomes", NULL};
	static const char *const kinds[] = {"wave", "board", "rollout"};
	char time[WIPY_UTC_MAX];
	json_t *object;

	if (wipy_utc_format(change->s, time) < 0)
		time[0] = '\0';
	object = json_pack("{s:s, s:s, s:s, s:s?}", "time", time, "change",
		kinds[change->kind], "rollout", shape_text(rollout, "id"), "from",
		change->old == NULL || change->old[0] == '\0' ? NULL : change->old);
	if (change->kind == CHANGE_WAVE) {
		(void)json_object_set(
			object, "wave", json_object_get(change->row, "number"));
		take_keys(object, change->row, of_wave);
	} else if (change->kind == CHANGE_TASK) {
		take_keys(object, change->row, of_task);
		take_keys(object,
			find_exception(rollout, shape_text(change->row, "board")),
			of_exception);
	} else {
		take_keys(object, rollout, of_rollout);
	}
	writer_json_line(writer, object);
	json_decref(object);
}

/* ---- both ---------------------------------------------------------------------------- */

static void seen_update(
	struct watch_seen *seen, const json_t *rollout, const json_t *tasks)
{
	const json_t *row;
	size_t i;

	json_array_foreach(shape_list(rollout, "waves"), i, row)
	{
		json_t *state = json_string(shape_text(row, "state"));

		if (i < json_array_size(seen->waves))
			(void)json_array_set_new(seen->waves, i, state);
		else
			(void)json_array_append_new(seen->waves, state);
	}
	json_array_foreach(tasks, i, row)(void) json_object_set_new(seen->tasks,
		shape_text(row, "board"), json_string(shape_text(row, "state")));
	snprintf(seen->state, sizeof(seen->state), "%s", shape_text(rollout, "state"));
}

void watch_tell_changes(struct writer *writer, enum form form, struct watch_seen *seen,
	const json_t *rollout, const json_t *tasks)
{
	size_t room = json_array_size(shape_list(rollout, "waves")) +
		      json_array_size(tasks) + 1;
	struct changes changes = {.list = calloc(room, sizeof(*changes.list))};

	/* Without memory nothing is told, and nothing is forgotten: the next look. */
	if (changes.list == NULL)
		return;
	changes_gather(&changes, writer, seen, rollout, tasks);
	for (size_t i = 0; i < changes.count; i++)
		(form_is_text(form) ? put_line : put_object)(
			writer, &changes.list[i], rollout);
	free(changes.list);
	seen_update(seen, rollout, tasks);
}
