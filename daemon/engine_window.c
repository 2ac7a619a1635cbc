/* SPDX-License-Identifier: MIT
 *
 * Maintenance windows in the engine: what a task takes of the window of its site, and
 * waking the planner when one opens.
 */
#include "config.h"

#include "daemon/engine_private.h"

#define WAKE_MAX_S 60 /* the wall clock may be set at any time */

struct task_window engine_board_window(
	const struct engine_board *board, const struct release_image *image)
{
	const struct site_windows *site = board->spec->windows;

	return (struct task_window){
		.windows = site ? &site->windows : NULL,
		.need_s = window_need_s(image ? image->size : 0,
			board->engine->config.settings->return_ms),
	};
}

struct task_window engine_task_window(const struct engine_task *et)
{
	static const struct task_window none;

	/* A repair waits for no window (DESIGN.md 1.4). */
	return et->board && et->board->spec->windows &&
			       !rollout_is_repair(&et->rollout->rollout)
		       ? engine_board_window(et->board, engine_task_image(et))
		       : none;
}

bool engine_task_closed(const struct engine_task *et)
{
	struct task_window window = engine_task_window(et);
	int64_t now_s = engine_now_s();

	return task_may_begin_s(&et->task, &window, now_s) != now_s;
}

int64_t engine_board_begin_s(
	const struct engine_board *board, const struct release_image *image)
{
	struct task_window window = engine_board_window(board, image);

	return window.windows
		       ? windows_next(window.windows, engine_now_s(), window.need_s)
		       : engine_now_s();
}

void engine_hold_task(struct engine_task *et, int64_t until_s)
{
	et->task.due_s = until_s;
	engine_task_event(et, TASK_EV_WINDOW_CLOSED, NULL);
}

void engine_plan_wake(struct engine *engine, int64_t wake_s)
{
	int64_t wait_s = wake_s - engine_now_s();

	/* What was planned may ask for another plan at once. */
	if (wake_s == WINDOW_NEVER || engine->plan_asked)
		return;
	clock_timer_start(&engine->plan_timer,
		(wait_s < WAKE_MAX_S ? wait_s : WAKE_MAX_S) * 1000);
}
