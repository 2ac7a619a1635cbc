/* SPDX-License-Identifier: MIT
 *
 * Places in a rollout: windows, limits, the room of the catch-up.
 */
#include "daemon/core/rollout_places.h"

#include <limits.h>

static bool is_at_work(const struct task *task)
{
	return task_takes_place(task) && task->state != TASK_BACKOFF;
}

bool task_moves_plan(const struct task *was, const struct task *is)
{
	return !is_at_work(was) || !is_at_work(is) || was->attempted != is->attempted;
}

/* Takes a place in all and in each of the task's domains, or nowhere. */
static bool take_place(struct rollout_view *view, const struct task_domains *domains)
{
	bool room = view->in_flight < view->pushes_max;

	for (int i = 0; i < TASK_DOMAINS; i++)
		if (domains->index[i] >= 0)
			room = room && domain_has_room(&view->domain[domains->index[i]],
					       view->domain_share);
	if (!room)
		return false;
	view->in_flight++;
	for (int i = 0; i < TASK_DOMAINS; i++)
		if (domains->index[i] >= 0)
			view->domain[domains->index[i]].in_flight++;
	return true;
}

/* The board is dirty or to be disarmed: that is no start, and neither a window nor a
 * rollout that stands holds it (DESIGN.md 1.4). */
static bool is_repair(const struct task *task)
{
	return task->touched || (task->inherited & CONDITION_DIRTY) ||
	       task->reason == REASON_DISARM;
}

static bool may_begin(const struct rollout_view *view, const struct task *task)
{
	return task->state == TASK_WAITING &&
	       (rollout_drive(view->rollout) == ROLLOUT_RUNNING || is_repair(task));
}

int64_t task_may_begin_s(
	const struct task *task, const struct task_window *window, int64_t now_s)
{
	return window->windows && !is_repair(task)
		       ? windows_next(window->windows, now_s, window->need_s)
		       : now_s;
}

int64_t task_begin_s(
	const struct rollout_view *view, size_t at, struct window_memo *memo)
{
	const struct task_window *window;

	if (!view->task_window || is_repair(view->task[at]))
		return view->now_s;
	window = &view->task_window[at];
	if (!window->windows)
		return view->now_s;
	if (memo->window.windows != window->windows ||
		memo->window.need_s != window->need_s) {
		memo->window = *window;
		memo->begin_s =
			windows_next(window->windows, view->now_s, window->need_s);
	}
	return memo->begin_s;
}

/* What is to be done about one waiting task; false: nothing. `room`: for one more. */
static bool plan_task(struct rollout_view *view, size_t at, int64_t begin_s, bool room,
	struct intent *ret_intent)
{
	const struct task *task = view->task[at];

	*ret_intent = (struct intent){.a = at};
	if (begin_s > view->now_s) {
		if (begin_s < view->wake_s)
			view->wake_s = begin_s;
		ret_intent->kind = INTENT_HOLD;
		ret_intent->due_s = begin_s;
		return task->reason != REASON_WINDOW || task->due_s != begin_s;
	}
	if (room && take_place(view, &view->task_domains[at])) {
		ret_intent->kind = INTENT_GRANT;
		return true;
	}
	ret_intent->kind = INTENT_UNHOLD;
	return task->reason == REASON_WINDOW;
}

int rollout_catch_up_room(const struct rollout_view *view)
{
	bool shown = false;
	int under_way = 0;

	for (size_t i = 0; i < view->task_count; i++) {
		enum task_state state = view->task[i]->state;

		shown = shown || state == TASK_CONFIRMED;
		under_way += !task_state_is_end(state) && state != TASK_DEFERRED &&
			     state != TASK_WAITING;
	}
	return (shown ? view->catch_up_max : 1) - under_way;
}

size_t rollout_plan_grants(
	struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	struct window_memo memo = {.begin_s = 0};
	int room = rollout_catches_up(view->rollout) ? rollout_catch_up_room(view)
						     : INT_MAX;
	size_t count = 0;

	for (size_t i = 0; i < view->task_count && count < max; i++) {
		const struct task *task = view->task[i];
		bool in = room > 0 || task->reason == REASON_DISARM;

		if (!may_begin(view, task) ||
			!plan_task(view, i, task_begin_s(view, i, &memo), in,
				&ret_intents[count]))
			continue;
		room -= ret_intents[count++].kind == INTENT_GRANT;
	}
	return count;
}
