/* SPDX-License-Identifier: MIT
 *
 * One frame. What does not fit into the terminal is counted instead; what matters most
 * keeps its place longest.
 */
#include "config.h"

#include "cli/watch_draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/when.h"

#define EXCEPTIONS_SHOWN 5 /* unless there is room to spare */
#define NAME_COLUMNS     24

/* Lines of the frame for each of its parts. */
struct room {
	int waves, flying, exceptions;
};

/* ---- the head ------------------------------------------------------------------------ */

static void put_rate(struct writer *writer, const json_t *rate)
{
	long long per_hour = shape_number(rate, "per_hour");

	if (per_hour >= 6)
		writer_put(writer, STYLE_PLAIN, ", %lld.%lld boards/min", per_hour / 60,
			per_hour % 60 / 6);
	else if (per_hour > 0)
		writer_put(writer, STYLE_PLAIN, ", %lld boards/h", per_hour);
}

static void put_eta(struct writer *writer, const json_t *eta)
{
	char span[WHEN_TEXT_MAX], clock[WHEN_TEXT_MAX];
	const char *ends = shape_time(eta, "ends");
	int64_t s;

	if (eta == NULL)
		return;
	if (ends == NULL || wipy_utc_parse(ends, &s) < 0) {
		writer_put(writer, STYLE_PLAIN, ", end %s", shape_cell(eta, "text"));
		return;
	}
	when_format_span(shape_number(eta, "seconds"), span);
	if (shape_number(eta, "seconds") < 86400)
		when_format_clock(s, writer->utc, clock);
	else
		when_format(s, writer->utc, clock);
	writer_put(writer, STYLE_PLAIN, ", about %s left, until %s (%s)", span, clock,
		shape_cell(eta, "text"));
}

static bool has_pace(const json_t *rollout)
{
	return shape_number(rollout, "wave") > 0;
}

static void draw_pace(struct writer *writer, const json_t *rollout)
{
	if (!has_pace(rollout))
		return;
	writer_put(writer, STYLE_PLAIN, "  wave %lld of %zu",
		shape_number(rollout, "wave"),
		json_array_size(shape_list(rollout, "waves")));
	put_rate(writer, shape_object(rollout, "rate"));
	put_eta(writer, shape_object(rollout, "eta"));
	writer_end(writer);
}

/* ---- boards under way ---------------------------------------------------------------- */

static bool is_flying(const json_t *task)
{
	const char *state = shape_text(task, "state");

	/* Those that soak are many, nothing happens to them, and the sentence of what the
	 * wave waits for counts them. */
	return (progress_kind(state) == PROGRESS_FLYING &&
		       strcmp(state, "soaking") != 0) ||
	       strcmp(state, "backoff") == 0;
}

static void put_bytes(struct writer *writer, const json_t *task)
{
	long long size = shape_number(task, "size"),
		  taken = shape_number(task, "bytes_taken"),
		  speed = shape_number(task, "bytes_per_s");

	if (size <= 0 || taken < 0 || taken > size)
		return;
	writer_put(writer, STYLE_PLAIN, " %3lld %%  %lld of %lld KiB",
		taken * 100 / size, taken / 1024, size / 1024);
	if (speed > 0)
		writer_put(writer, STYLE_PLAIN, "  %lld.%lld KiB/s", speed / 1024,
			speed % 1024 * 10 / 1024);
}

static void put_span(struct writer *writer, const json_t *task)
{
	const char *since = shape_time(task, "since");
	char span[WHEN_TEXT_MAX];
	int64_t s;

	if (since == NULL || wipy_utc_parse(since, &s) < 0 || s > writer->now_s)
		return;
	when_format_span(writer->now_s - s, span);
	writer_put(writer, STYLE_PLAIN, " for %s", span);
}

static void draw_task(struct writer *writer, const json_t *task, int column)
{
	const char *state = shape_text(task, "state");

	writer_put(writer, STYLE_PLAIN, "      %s ", shape_cell(task, "board"));
	writer_pad(writer, column);
	writer_put(writer, progress_style(state), "%s", state);
	if (strcmp(state, "pushing") == 0)
		put_bytes(writer, task);
	else
		put_span(writer, task);
	if (shape_number(task, "attempt") > 1)
		writer_put(writer, STYLE_PLAIN, ", attempt %lld",
			shape_number(task, "attempt"));
	if (shape_reason(task, "code")[0] != '\0')
		writer_put(writer, STYLE_PLAIN, ", %s", shape_reason(task, "code"));
	writer_end(writer);
}

/* Where what stands beside the names begins. */
static int name_column(
	const struct writer *writer, const json_t *rows, const char *key, int indent)
{
	int longest = 0, most = NAME_COLUMNS;
	const json_t *row;
	size_t i;

	if (writer->width > 0 && most > writer->width / 3)
		most = writer->width / 3;
	json_array_foreach(rows, i, row)
	{
		int len = (int)strnlen(shape_cell(row, key), NAME_COLUMNS);

		longest = len > longest ? len : longest;
	}
	return indent + (longest < most ? longest : most) + 2;
}

static long long count_flying(const struct watch_frame *frame)
{
	long long listed = 0;
	const json_t *task;
	size_t i;

	json_array_foreach(frame->tasks, i, task) listed += is_flying(task);
	/* The daemon was asked for a few of them. */
	return frame->tasks_total > (long long)json_array_size(frame->tasks)
		       ? frame->tasks_total
		       : listed;
}

struct flying {
	long long total, shown;
	int left; /* lines for boards */
	bool cut; /* and one that counts the others, which is yet to be drawn */
};

/* Those of one wave that there is still room for. */
static void draw_flying(struct writer *writer, const struct watch_frame *frame,
	long long wave, struct flying *flying)
{
	int column = name_column(writer, frame->tasks, "board", 6);
	const json_t *task;
	size_t i;

	json_array_foreach(frame->tasks, i, task)
	{
		if (!is_flying(task) || shape_number(task, "wave") != wave ||
			flying->left <= 0)
			continue;
		draw_task(writer, task, column);
		flying->left--;
		flying->shown++;
	}
}

static void draw_others(struct writer *writer, struct flying *flying)
{
	if (flying->cut && flying->total > flying->shown)
		writer_line(writer, "      and %lld more under way",
			flying->total - flying->shown);
	flying->cut = false;
}

/* ---- the tree ------------------------------------------------------------------------ */

/* The first wave that is drawn: there is room for `rows`, and the present one matters. */
static int first_wave(const json_t *rollout, int count, int rows)
{
	int now = (int)shape_number(rollout, "wave");
	int first = (now > 0 && now <= count ? now : count) - 1;

	if (first > rows / 2)
		first -= rows / 2;
	else
		first = 0;
	return first > count - rows ? count - rows : first;
}

static void draw_tree(
	struct writer *writer, const struct watch_frame *frame, const struct room *room)
{
	const json_t *waves = shape_list(frame->rollout, "waves");
	int count = (int)json_array_size(waves), rows = room->waves, first;
	bool cut = rows < count && rows > 1;
	struct flying flying = {.total = count_flying(frame), .left = room->flying};

	flying.cut = flying.left > 0 && flying.total > 0;
	flying.left -= flying.total > flying.left;
	rows -= cut;
	first = first_wave(frame->rollout, count, rows);
	for (int i = first; i < first + rows; i++) {
		const json_t *wave = json_array_get(waves, (size_t)i);

		progress_wave(writer, wave);
		draw_flying(writer, frame, shape_number(wave, "number"), &flying);
		if (flying.left <= 0)
			draw_others(writer, &flying);
	}
	draw_others(writer, &flying);
	if (cut)
		writer_line(writer, "  and %d more waves", count - rows);
}

/* ---- exceptions ---------------------------------------------------------------------- */

static int by_since(const void *va, const void *vb)
{
	const json_t *const *a = va, *const *b = vb;

	/* Times of the API stand in order as texts do. */
	return strcmp(shape_text(*a, "since"), shape_text(*b, "since"));
}

static void draw_exception(struct writer *writer, const json_t *row, int column)
{
	const char *state = shape_text(row, "state"), *code = shape_reason(row, "code"),
		   *what = shape_text(row, "what"),
		   *human = shape_text(row, "next_human");

	writer_put(writer, STYLE_PLAIN, "    %s ", shape_cell(row, "board"));
	writer_pad(writer, column);
	writer_put(writer, progress_style(state), "%s", state);
	if (code[0] != '\0')
		writer_put(writer, STYLE_PLAIN, " (%s)", code);
	if (what[0] != '\0')
		writer_put(writer, STYLE_PLAIN, ": %s", what);
	if (human[0] != '\0')
		writer_put(writer, STYLE_PLAIN, "; you: %s", human);
	writer_end(writer);
}

/* The latest, the newest at the end. */
static void draw_exceptions(struct writer *writer, const json_t *exceptions, int lines)
{
	size_t count = json_array_size(exceptions), first;
	const json_t **rows = calloc(count + 1, sizeof(const json_t *));
	int column = name_column(writer, exceptions, "board", 4);

	if (count > 0 && lines > 1 && rows != NULL) {
		for (size_t i = 0; i < count; i++)
			rows[i] = json_array_get(exceptions, i);
		qsort(rows, count, sizeof(const json_t *), by_since);
		first = count > (size_t)lines - 1 ? count - ((size_t)lines - 1) : 0;
		writer_line(writer, "  %zu to look at%s:", count,
			first > 0 ? ", the latest" : "");
		for (size_t i = first; i < count; i++)
			draw_exception(writer, rows[i], column);
	}
	free(rows);
}

/* ---- the frame ----------------------------------------------------------------------- */

static int give(int *rows, int want)
{
	int given = want < *rows ? want : *rows;

	given = given < 0 ? 0 : given;
	*rows -= given;
	return given;
}

/* First what must be seen of each, then what each would like. */
static struct room share_rows(int rows, const struct watch_frame *frame)
{
	int waves = (int)json_array_size(shape_list(frame->rollout, "waves"));
	int listed = (int)json_array_size(shape_list(frame->rollout, "exceptions"));
	int exceptions = listed > 0 ? listed + 1 : 0;
	int few = exceptions < EXCEPTIONS_SHOWN + 1 ? exceptions : EXCEPTIONS_SHOWN + 1;
	int flying = (int)count_flying(frame);
	struct room room;

	room.exceptions = give(&rows, exceptions > 0 ? 2 : 0);
	room.waves = give(&rows, waves > 0);
	room.flying = give(&rows, flying < 2 ? flying : 2);
	room.waves += give(&rows, waves - room.waves);
	room.exceptions += give(&rows, few - room.exceptions);
	room.flying += give(&rows, flying - room.flying);
	room.exceptions += give(&rows, exceptions - room.exceptions);
	return room;
}

void watch_draw_frame(struct writer *writer, const struct watch_frame *frame)
{
	const json_t *exceptions = shape_list(frame->rollout, "exceptions");
	struct room room;

	progress_head(writer, frame->rollout);
	if (frame->note[0] != '\0') {
		writer_put(writer, STYLE_WARN, "%s", frame->note);
		writer_end(writer);
	}
	draw_pace(writer, frame->rollout);
	progress_waits(writer, frame->rollout);
	room = share_rows(writer_rows(writer), frame);
	draw_tree(writer, frame, &room);
	draw_exceptions(writer, exceptions, room.exceptions);
}
