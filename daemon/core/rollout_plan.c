/* SPDX-License-Identifier: MIT
 *
 * The rollout planner.
 */
#include <errno.h>
#include <string.h>

#include "daemon/core/rollout_plan.h"

/* What the planner needs to know of one wave. */
struct wave_count {
	size_t tasks, settled, good, untried;
	size_t untried_at; /* a task of it that could be swapped */
};

bool task_takes_place(const struct task *task)
{
	return task_state_in_flight(task->state) && task->state != TASK_SOAKING &&
	       task->state != TASK_CONFIRMING;
}

static int at_least_zero(int value)
{
	return value > 0 ? value : 0;
}

void rollout_count(const struct rollout *rollout, const struct task *const *task,
	size_t task_count, struct brake_counts *ret_counts)
{
	struct brake_counts counts = {0};
	int canary_acked = 0;

	for (size_t i = 0; i < task_count; i++) {
		enum task_state state = task[i]->state;
		bool hurt = state == TASK_FELL_BACK || state == TASK_FAILED;
		bool probe =
			state == TASK_FAILED && task[i]->reason == REASON_PROBE_FAILED;

		counts.attempted += task[i]->attempted || hurt || state == TASK_LOST;
		counts.lost += state == TASK_LOST;
		counts.fell_back += state == TASK_FELL_BACK;
		counts.failed += state == TASK_FAILED && !probe;
		counts.probe += probe;
		counts.canary_hurt += hurt && task[i]->wave == 0;
	}
	canary_acked =
		rollout->acked_fell_back + rollout->acked_failed + rollout->acked_probe;
	counts.lost = at_least_zero(counts.lost - rollout->acked_lost);
	counts.fell_back = at_least_zero(counts.fell_back - rollout->acked_fell_back);
	counts.failed = at_least_zero(counts.failed - rollout->acked_failed);
	counts.probe = at_least_zero(counts.probe - rollout->acked_probe);
	counts.canary_hurt = at_least_zero(counts.canary_hurt - canary_acked);
	*ret_counts = counts;
}

static struct wave_count count_wave(
	const struct task *const *tasks, size_t task_count, int wave)
{
	struct wave_count count = {0};

	for (size_t i = 0; i < task_count; i++) {
		const struct task *task = tasks[i];
		bool untried;

		if (task->wave != wave)
			continue;
		untried = !task->attempted && (task->state == TASK_DEFERRED ||
						      task->state == TASK_REFUSED ||
						      task->state == TASK_ALREADY);
		count.tasks++;
		count.settled +=
			task_state_is_end(task->state) || task->state == TASK_DEFERRED;
		count.good += task->state == TASK_CONFIRMED;
		if (untried) {
			count.untried++;
			count.untried_at = i;
		}
	}
	return count;
}

bool rollout_wave_failed(const struct task *const *task, size_t task_count, int wave)
{
	struct wave_count count = count_wave(task, task_count, wave);

	return count.settled == count.tasks && count.good == 0;
}

/* A task of a later wave that could take an untried one's place; false if none. */
static bool find_planned(const struct rollout_view *view, int after, size_t *ret_index)
{
	for (size_t i = 0; i < view->task_count; i++)
		if (view->task[i]->wave > after &&
			view->task[i]->state == TASK_PLANNED) {
			*ret_index = i;
			return true;
		}
	return false;
}

/* A later wave still has boards that this one's outcome decides about. */
static bool more_behind(const struct rollout_view *view, int wave)
{
	for (size_t i = 0; i < view->task_count; i++)
		if (view->task[i]->wave > wave &&
			!task_state_is_end(view->task[i]->state))
			return true;
	return false;
}

/* The state in which a rollout ends whose waves have all passed. */
static enum rollout_state end_state(const struct rollout_view *view)
{
	for (size_t i = 0; i < view->task_count; i++)
		if (view->task[i]->state != TASK_CONFIRMED &&
			view->task[i]->state != TASK_ALREADY)
			return ROLLOUT_COMPLETED_WITH_EXCEPTIONS;
	return ROLLOUT_COMPLETED;
}

static size_t plan_open_wave(
	const struct rollout_view *view, int wave, struct intent *ret_intent)
{
	struct wave_count count = count_wave(view->task, view->task_count, wave);
	size_t planned = 0;

	ret_intent->wave = wave;
	if (count.untried > 0 && find_planned(view, wave, &planned)) {
		ret_intent->kind = INTENT_SWAP;
		ret_intent->a = count.untried_at;
		ret_intent->b = planned;
		return 1;
	}
	if (count.settled < count.tasks)
		return 0;
	/* A wave that confirmed nobody has shown nothing: the next must not open. */
	if (count.good == 0 && more_behind(view, wave)) {
		ret_intent->kind = INTENT_HALT;
		ret_intent->reason = REASON_NO_CONFIRMED_BOARD;
		return 1;
	}
	ret_intent->kind = count.good > 0 ? INTENT_PASS_WAVE : INTENT_SKIP_WAVE;
	return 1;
}

static size_t plan_waves(const struct rollout_view *view, struct intent *ret_intent)
{
	const struct rollout *rollout = view->rollout;

	for (int wave = 0; wave < rollout->wave_count; wave++) {
		enum wave_state state = rollout->wave_state[wave];

		if (state == WAVE_PASSED || state == WAVE_SKIPPED)
			continue;
		if (state == WAVE_CLOSED) {
			ret_intent->kind = INTENT_OPEN_WAVE;
			ret_intent->wave = wave;
			return 1;
		}
		return plan_open_wave(view, wave, ret_intent);
	}
	for (size_t i = 0; i < view->task_count; i++)
		if (!task_state_is_end(view->task[i]->state) &&
			view->task[i]->state != TASK_DEFERRED)
			return 0; /* a deferred board came back and is under way */
	ret_intent->kind = INTENT_FINISH;
	ret_intent->state = end_state(view);
	return 1;
}

static bool domain_has_room(const struct domain *domain, int percent)
{
	return domain->in_flight < domain_share(domain, percent) &&
	       (domain->max_pushes == 0 || domain->in_flight < domain->max_pushes);
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

/* While the rollout stands or is aborted only what disarms (DESIGN.md 1.4). */
static bool may_begin(const struct rollout_view *view, const struct task *task)
{
	return task->state == TASK_WAITING &&
	       (view->rollout->state == ROLLOUT_RUNNING ||
		       task->reason == REASON_DISARM);
}

static bool heeds_windows(const struct task *task)
{
	return !task->touched && !(task->inherited & CONDITION_DIRTY) &&
	       task->reason != REASON_DISARM;
}

int64_t task_may_begin_s(
	const struct task *task, const struct task_window *window, int64_t now_s)
{
	return window->windows && heeds_windows(task)
		       ? windows_next(window->windows, now_s, window->need_s)
		       : now_s;
}

/* The answer for one site and one image, which most tasks in a row share. */
struct window_memo {
	struct task_window window;
	int64_t begin_s;
};

static int64_t begin_of(
	const struct rollout_view *view, size_t at, struct window_memo *memo)
{
	const struct task_window *window;

	if (!view->task_window || !heeds_windows(view->task[at]))
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

/* What is to be done about one waiting task; false: nothing. */
static bool plan_task(struct rollout_view *view, size_t at, int64_t begin_s,
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
	if (take_place(view, &view->task_domains[at])) {
		ret_intent->kind = INTENT_GRANT;
		return true;
	}
	ret_intent->kind = INTENT_UNHOLD;
	return task->reason == REASON_WINDOW;
}

static size_t plan_grants(
	struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	struct window_memo memo = {.begin_s = 0};
	size_t count = 0;

	for (size_t i = 0; i < view->task_count && count < max; i++)
		if (may_begin(view, view->task[i]))
			count += plan_task(
				view, i, begin_of(view, i, &memo), &ret_intents[count]);
	return count;
}

static bool is_over(const struct rollout_view *view)
{
	return view->rollout->expires_s > 0 && view->now_s >= view->rollout->expires_s;
}

/* Nothing of it is on the board: leaving it out leaves no trace. */
static bool can_expire(const struct task *task)
{
	if (task->state == TASK_PLANNED || task->state == TASK_DEFERRED)
		return true;
	return (task->state == TASK_WAITING || task->state == TASK_BACKOFF) &&
	       !task->touched && !task->pushed && task->reason != REASON_DISARM;
}

/* Its time is over, and boards were left out or are about to be. */
static bool is_cut_off(const struct rollout_view *view)
{
	for (size_t i = 0; is_over(view) && i < view->task_count; i++)
		if (can_expire(view->task[i]) ||
			view->task[i]->reason == REASON_EXPIRED)
			return true;
	return false;
}

/* What has not begun is left out, what is under way on boards ends. */
static size_t plan_cut_off(
	struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	size_t count = 0;
	bool under_way = false;

	for (size_t i = 0; i < view->task_count && count < max; i++) {
		under_way = under_way || !task_state_is_end(view->task[i]->state);
		if (can_expire(view->task[i]))
			ret_intents[count++] =
				(struct intent){.kind = INTENT_EXPIRE, .a = i};
	}
	if (count > 0)
		return count;
	if (under_way)
		return plan_grants(view, ret_intents, max);
	*ret_intents = (struct intent){.kind = INTENT_FINISH, .state = ROLLOUT_EXPIRED};
	return 1;
}

static size_t plan_running(
	struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	struct brake_counts counts;
	enum reason brake;
	size_t count;

	rollout_count(view->rollout, view->task, view->task_count, &counts);
	brake = brakes_check(&view->brakes, &counts);
	if (brake != REASON_NONE) {
		*ret_intents = (struct intent){.kind = INTENT_HALT, .reason = brake};
		return 1;
	}
	if (is_cut_off(view))
		return plan_cut_off(view, ret_intents, max);
	*ret_intents = (struct intent){0};
	count = plan_waves(view, ret_intents);
	return count > 0 ? count : plan_grants(view, ret_intents, max);
}

static size_t plan_aborting(
	struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	for (size_t i = 0; i < view->task_count; i++)
		if (!task_state_is_end(view->task[i]->state))
			return plan_grants(view, ret_intents, max);
	*ret_intents = (struct intent){.kind = INTENT_FINISH, .state = ROLLOUT_ABORTED};
	return 1;
}

size_t rollout_plan(struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	view->wake_s = view->rollout->expires_s > view->now_s ? view->rollout->expires_s
							      : WINDOW_NEVER;
	if (max == 0)
		return 0;
	if (view->rollout->state == ROLLOUT_RUNNING)
		return plan_running(view, ret_intents, max);
	if (view->rollout->state == ROLLOUT_AWAITING_APPROVAL)
		return is_cut_off(view) ? plan_cut_off(view, ret_intents, max) : 0;
	if (view->rollout->state == ROLLOUT_ABORTING)
		return plan_aborting(view, ret_intents, max);
	if (view->rollout->state == ROLLOUT_HALTED)
		return plan_grants(view, ret_intents, max);
	return 0;
}

/* One row a permitted wish. */
static const struct {
	enum rollout_state from;
	enum rollout_wish wish;
	enum rollout_state to;
} wishes[] = {
	{ROLLOUT_AWAITING_APPROVAL, WISH_APPROVE, ROLLOUT_RUNNING},
	{ROLLOUT_AWAITING_APPROVAL, WISH_ABORT, ROLLOUT_ABORTING},
	{ROLLOUT_RUNNING, WISH_PAUSE, ROLLOUT_PAUSED},
	{ROLLOUT_PAUSED, WISH_RESUME, ROLLOUT_RUNNING},
	{ROLLOUT_HALTED, WISH_RESUME, ROLLOUT_RUNNING},
	{ROLLOUT_RUNNING, WISH_ABORT, ROLLOUT_ABORTING},
	{ROLLOUT_PAUSED, WISH_ABORT, ROLLOUT_ABORTING},
	{ROLLOUT_HALTED, WISH_ABORT, ROLLOUT_ABORTING},
};

int rollout_wish(
	enum rollout_state from, enum rollout_wish wish, enum rollout_state *ret_to)
{
	if ((wish == WISH_PAUSE && from == ROLLOUT_PAUSED) ||
		(wish == WISH_RESUME && from == ROLLOUT_RUNNING) ||
		(wish == WISH_APPROVE && from == ROLLOUT_RUNNING) ||
		(wish == WISH_ABORT &&
			(from == ROLLOUT_ABORTING || from == ROLLOUT_ABORTED)))
		return -EALREADY;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		if (wishes[i].from == from && wishes[i].wish == wish) {
			*ret_to = wishes[i].to;
			return 0;
		}
	return -EPERM;
}

const char *rollout_wish_name(enum rollout_wish wish)
{
	static const char *const names[WISH_COUNT] = {
		[WISH_PAUSE] = "pause",
		[WISH_RESUME] = "resume",
		[WISH_ABORT] = "abort",
		[WISH_APPROVE] = "approve",
	};

	return wish < WISH_COUNT ? names[wish] : "invalid";
}
