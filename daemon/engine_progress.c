/* SPDX-License-Identifier: MIT
 *
 * How a rollout under way gets on: its rate, and when what is left of it would be over.
 */
#include "config.h"

#include <stdlib.h>

#include "daemon/engine_outlook.h"
#include "daemon/engine_private.h"

#define SPEED_AFTER_MS 1000 /* what buffers swallow at once says nothing */

static int64_t push_taken(const struct engine_task *et)
{
	return et->push ? (int64_t)ftp_push_taken(et->push) : et->task.bytes_taken;
}

int64_t engine_push_speed(const struct engine_task *et)
{
	int64_t ms;

	if (!et->push || et->entered_ms == 0)
		return 0;
	ms = engine_now_ms(et->rollout->engine) - et->entered_ms;
	return ms >= SPEED_AFTER_MS ? push_taken(et) * 1000 / ms : 0;
}

/* What is left of one board. Returns true when it is a group of its own. */
static bool look_at(const struct engine_task *et, int first_wave,
	struct forecast_group *ret_group, struct forecast_soak *soak)
{
	const struct release_image *image = engine_task_image(et);
	const struct engine_board *board = et->board;
	int wave = et->task.wave > first_wave ? et->task.wave - first_wave : 0;
	struct remains_facts facts = {
		.task = &et->task,
		.taken = push_taken(et),
		.size = et->bytes ? (int64_t)et->bytes->len
			: image   ? image->size
				  : 0,
		.now_s = engine_now_s(),
	};
	struct remains left;

	if (!board)
		return false;
	facts.answers = board->board.reach == REACH_ONLINE ||
			board->board.reach == REACH_FLAPPING;
	engine_pace_times(board, &facts.times);
	remains_of(&facts, &left);
	if (left.kind == REMAINS_SOAK && et->task.due_s > soak->until_s)
		soak->until_s = et->task.due_s;
	if (left.kind != REMAINS_WORK)
		return false;
	*ret_group = engine_forecast_group(board, wave, left.size);
	ret_group->push_ms = left.push_ms;
	ret_group->rest_ms = left.rest_ms;
	if (!left.begun)
		ret_group->window = engine_task_window(et);
	return true;
}

static void foresee(
	const struct engine_rollout *er, int first, struct rollout_progress *progress)
{
	struct forecast_group *group = engine_alloc(er->task_count + 1, sizeof(*group));
	struct forecast_soak soak = {.soak_s = er->rollout.soak_s};
	struct forecast_wave wave[WAVES_MAX];
	size_t boards = 0;

	for (size_t i = 0; i < er->task_count; i++) {
		struct pace_times times;

		if (!look_at(&er->task[i], first, &group[boards], &soak))
			continue;
		boards++;
		engine_pace_times(er->task[i].board, &times);
		if (times.from > progress->from)
			progress->from = times.from;
	}
	if (boards > 0 || soak.until_s > 0) {
		int waves = er->rollout.wave_count - first;

		engine_forecast(er->engine, group, boards, &soak, wave, waves);
		progress->foreseen = true;
		progress->boards = boards;
		progress->ends_s = wave[waves - 1].end_s;
	}
	free(group);
}

void engine_progress(
	const struct engine_rollout *er, struct rollout_progress *ret_progress)
{
	int first = rollout_wave_now(&er->rollout);

	*ret_progress = (struct rollout_progress){0};
	if (!er->domains)
		return;
	remains_rate(er->view, er->task_count, er->rollout.created_s, engine_now_s(),
		&ret_progress->rate);
	if (er->rollout.state == ROLLOUT_RUNNING && first >= 0)
		foresee(er, first, ret_progress);
}
