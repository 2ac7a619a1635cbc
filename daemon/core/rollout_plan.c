/* SPDX-License-Identifier: MIT
 *
 * The rollout planner.
 */
#include "daemon/core/rollout_places.h"

/* What the planner needs to know of one wave. */
struct wave_count {
	size_t tasks, settled, good, untried;
	size_t untried_at; /* a task of it that could be swapped */
};

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

		/* Who is late has a brake of its own; most others have yet to begin. */
		if (task[i]->late || (!task[i]->attempted && !task_state_is_end(state)))
			continue;
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

int rollout_late_hurt(const struct rollout *rollout, const struct task *const *task,
	size_t task_count)
{
	int hurt = 0;

	for (size_t i = 0; i < task_count; i++)
		hurt += task[i]->late && (task[i]->state == TASK_LOST ||
						 task[i]->state == TASK_FELL_BACK ||
						 task[i]->state == TASK_FAILED);
	return at_least_zero(hurt - rollout->acked_catch_up);
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

/* Every board runs it; of the catch-up every board that was in it. */
static bool all_well(const struct rollout_view *view)
{
	for (size_t i = 0; i < view->task_count; i++)
		if (view->task[i]->state != TASK_CONFIRMED &&
			view->task[i]->state != TASK_ALREADY &&
			(view->task[i]->late || !rollout_catches_up(view->rollout)))
			return false;
	return true;
}

/* Until when the boards that are deferred now catch up; 0: nobody does. */
static int64_t valid_until(const struct rollout_view *view)
{
	const struct rollout *rollout = view->rollout;
	int64_t until_s = rollout->created_s + view->validity_s;

	if (rollout->expires_s > 0 && rollout->expires_s < until_s)
		until_s = rollout->expires_s;
	for (size_t i = 0; i < view->task_count; i++)
		if (view->task[i]->state == TASK_DEFERRED &&
			!rollout_catches_up(view->rollout))
			return until_s > view->now_s ? until_s : 0;
	return 0;
}

/* Nothing is under way or to come: the rollout ends. */
static size_t plan_end(
	const struct rollout_view *view, bool cut_off, struct intent *ret_intent)
{
	struct rollout_facts facts = {.cut_off = cut_off, .all_well = all_well(view)};

	*ret_intent = (struct intent){
		.kind = INTENT_FINISH, .valid_until_s = valid_until(view)};
	return rollout_fsm_step(rollout_drive(view->rollout), ROLLOUT_EV_SETTLED,
		       &facts, &ret_intent->state) == 0;
}

static size_t plan_halt(
	const struct rollout_view *view, enum reason reason, struct intent *ret_intent)
{
	static const struct rollout_facts none;

	*ret_intent = (struct intent){.kind = INTENT_HALT, .reason = reason};
	return rollout_fsm_step(rollout_drive(view->rollout), ROLLOUT_EV_BRAKE, &none,
		       &ret_intent->state) == 0;
}

static size_t plan_open_wave(
	const struct rollout_view *view, int wave, struct intent *ret_intent)
{
	struct wave_count count = count_wave(view->task, view->task_count, wave);
	struct wave_facts facts;
	enum wave_state to;
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
	/* Boards that are deferred behind it do not hang on it: they catch up one by one. */
	facts = (struct wave_facts){
		.shown = count.good > 0, .last = !find_planned(view, wave, &planned)};
	to = wave_fsm_step(view->rollout->wave_state[wave], WAVE_EV_SETTLED, &facts);
	if (to == WAVE_TRIPPED)
		return plan_halt(view, REASON_NO_CONFIRMED_BOARD, ret_intent);
	ret_intent->kind = to == WAVE_PASSED ? INTENT_PASS_WAVE : INTENT_SKIP_WAVE;
	return 1;
}

/* Its turn has come: it opens, unless nobody of it is left to begin. */
static size_t plan_closed_wave(
	const struct rollout_view *view, int wave, struct intent *ret_intent)
{
	struct wave_facts facts = {.left_over = true};

	/* Not only who is planned: the daemon may have died before the wave's opening was
	 * durable, and after the task's. */
	for (size_t i = 0; i < view->task_count; i++)
		if (view->task[i]->wave == wave &&
			view->task[i]->state != TASK_DEFERRED &&
			!task_state_is_end(view->task[i]->state))
			facts.left_over = false;
	ret_intent->wave = wave;
	ret_intent->kind = wave_fsm_step(WAVE_CLOSED, WAVE_EV_TURN, &facts) == WAVE_OPEN
				   ? INTENT_OPEN_WAVE
				   : INTENT_SKIP_WAVE;
	return 1;
}

static size_t plan_waves(const struct rollout_view *view, struct intent *ret_intent)
{
	const struct rollout *rollout = view->rollout;

	for (int wave = 0; wave < rollout->wave_count; wave++) {
		enum wave_state state = rollout->wave_state[wave];

		if (state == WAVE_PASSED || state == WAVE_SKIPPED)
			continue;
		return state == WAVE_CLOSED ? plan_closed_wave(view, wave, ret_intent)
					    : plan_open_wave(view, wave, ret_intent);
	}
	for (size_t i = 0; i < view->task_count; i++)
		if (!task_state_is_end(view->task[i]->state) &&
			view->task[i]->state != TASK_DEFERRED)
			return 0; /* a deferred board came back and is under way */
	return plan_end(view, false, ret_intent);
}

/* When it, or its catch-up, begins nothing more; 0: never. */
static int64_t over_at(const struct rollout_view *view)
{
	return rollout_catches_up(view->rollout) ? view->rollout->valid_until_s
						 : view->rollout->expires_s;
}

static bool is_over(const struct rollout_view *view)
{
	int64_t over_s = over_at(view);

	return over_s > 0 && view->now_s >= over_s;
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
		return rollout_plan_grants(view, ret_intents, max);
	return plan_end(view, true, ret_intents);
}

static size_t plan_running(
	struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	struct brake_counts counts;
	enum reason brake;
	size_t count;

	rollout_count(view->rollout, view->task, view->task_count, &counts);
	brake = rollout_is_repair(view->rollout) ? REASON_NONE
						 : brakes_check(&view->brakes, &counts);
	if (brake != REASON_NONE)
		return plan_halt(view, brake, ret_intents);
	if (is_cut_off(view))
		return plan_cut_off(view, ret_intents, max);
	*ret_intents = (struct intent){0};
	count = plan_waves(view, ret_intents);
	return count > 0 ? count : rollout_plan_grants(view, ret_intents, max);
}

/* Small and rolling: one board that gets hurt stops it. */
static size_t plan_catch_up(
	struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	if (rollout_late_hurt(view->rollout, view->task, view->task_count) > 0)
		return plan_halt(view, REASON_BRAKE_CATCH_UP, ret_intents);
	if (is_cut_off(view))
		return plan_cut_off(view, ret_intents, max);
	for (size_t i = 0; i < view->task_count; i++)
		if (!task_state_is_end(view->task[i]->state))
			return rollout_plan_grants(view, ret_intents, max);
	return plan_end(view, false, ret_intents);
}

/* Only what repairs or disarms goes on. If nobody has resumed it in time, what has not begun
 * is left out, and what is on boards is dealt with as in an abort. */
static size_t plan_standing(
	struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	static const struct rollout_facts none;
	enum rollout_state state = rollout_drive(view->rollout);
	size_t count = 0;

	if (!is_over(view))
		return rollout_plan_grants(view, ret_intents, max);
	for (size_t i = 0; i < view->task_count && count < max; i++)
		if (can_expire(view->task[i]))
			ret_intents[count++] =
				(struct intent){.kind = INTENT_EXPIRE, .a = i};
	if (count > 0)
		return count;
	*ret_intents = (struct intent){.kind = INTENT_ABORT, .reason = REASON_EXPIRED};
	return rollout_fsm_step(
		       state, ROLLOUT_EV_EXPIRED, &none, &ret_intents->state) == 0;
}

static size_t plan_aborting(
	struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	const struct rollout *rollout = view->rollout;
	enum reason reason = rollout_catches_up(view->rollout)
				     ? rollout->catch_up_reason
				     : rollout->reason;

	for (size_t i = 0; i < view->task_count; i++)
		if (!task_state_is_end(view->task[i]->state))
			return rollout_plan_grants(view, ret_intents, max);
	return plan_end(view, reason == REASON_EXPIRED, ret_intents);
}

size_t rollout_plan(struct rollout_view *view, struct intent *ret_intents, size_t max)
{
	int64_t over_s = over_at(view);

	view->wake_s = over_s > view->now_s ? over_s : WINDOW_NEVER;
	if (max == 0)
		return 0;
	switch (rollout_drive(view->rollout)) {
	case ROLLOUT_RUNNING:
		return rollout_catches_up(view->rollout)
			       ? plan_catch_up(view, ret_intents, max)
			       : plan_running(view, ret_intents, max);
	case ROLLOUT_AWAITING_APPROVAL:
		return is_cut_off(view) ? plan_cut_off(view, ret_intents, max) : 0;
	case ROLLOUT_PAUSED:
	case ROLLOUT_HALTED:
		return plan_standing(view, ret_intents, max);
	case ROLLOUT_ABORTING:
		return plan_aborting(view, ret_intents, max);
	case ROLLOUT_DRAFT:
	case ROLLOUT_SCHEDULED:
	case ROLLOUT_ABORTED:
	case ROLLOUT_UNDOING:
	case ROLLOUT_UNDONE:
	case ROLLOUT_COMPLETED:
	case ROLLOUT_COMPLETED_WITH_EXCEPTIONS:
	case ROLLOUT_EXPIRED:
	case ROLLOUT_STATE_COUNT:
		break;
	}
	return 0;
}
