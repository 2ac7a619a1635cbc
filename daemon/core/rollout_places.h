/* SPDX-License-Identifier: MIT
 *
 * Who of the waiting boards of a rollout may begin now: the windows of their sites, the
 * limits in all and in each fault domain, and, while it catches up, how few at once. Pure.
 */
#ifndef WIPY_CORE_ROLLOUT_PLACES_H
#define WIPY_CORE_ROLLOUT_PLACES_H

#include "daemon/core/rollout_plan.h"

/* It holds a place within the limits: from checking to verifying, and in back-off. */
static inline bool task_takes_place(const struct task *task)
{
	return task_state_in_flight(task->state) && task->state != TASK_SOAKING &&
	       task->state != TASK_CONFIRMING;
}

/* A task has moved: whether the planner may now say something else. The steps of an update
 * that is under way mean nothing to it, and asking it goes through all tasks. */
bool task_moves_plan(const struct task *was, const struct task *is);

/* The moment, now_s or later, at which the task may begin or go on; WINDOW_NEVER. A dirty
 * board waits for no window: a repair is no start (DESIGN.md 1.4). */
int64_t task_may_begin_s(
	const struct task *task, const struct task_window *window, int64_t now_s);

/* The same of task `at`. The memo, empty at first, holds the answer for one site and one
 * image, which most tasks in a row share. */
struct window_memo {
	struct task_window window;
	int64_t begin_s;
};
int64_t task_begin_s(
	const struct rollout_view *view, size_t at, struct window_memo *memo);

/* How many boards more may catch up now: few at once, and one by one until the release has
 * been confirmed on one. Whoever has not ended counts, soaking or not. */
int rollout_catch_up_room(const struct rollout_view *view);

/* The intents of all who wait: begin, or wait for a window, or for a place again. As
 * rollout_plan(), which asks for them. */
size_t rollout_plan_grants(
	struct rollout_view *view, struct intent *ret_intents, size_t max);

#endif
