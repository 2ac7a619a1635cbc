/* SPDX-License-Identifier: MIT
 *
 * What is left follows from the state that a board is in: whatever comes before it on the
 * way is behind it.
 */
#include "daemon/core/remains.h"

/* It was updated, and that has ended. */
static bool is_through(const struct task *task)
{
	switch (task->state) {
	case TASK_CONFIRMED:
	case TASK_FELL_BACK:
	case TASK_FAILED:
	case TASK_LOST:
	case TASK_REVERTED:
		return true;
	case TASK_PLANNED:
	case TASK_WAITING:
	case TASK_CHECKING:
	case TASK_PUSHING:
	case TASK_STAGED:
	case TASK_DISARMING:
	case TASK_RESETTING:
	case TASK_RETURNING:
	case TASK_VERIFYING:
	case TASK_SOAKING:
	case TASK_CONFIRMING:
	case TASK_HELD:
	case TASK_DEFERRED:
	case TASK_BACKOFF:
	case TASK_ALREADY:
	case TASK_REFUSED:
	case TASK_SKIPPED:
	case TASK_CANCELLED:
	case TASK_STATE_COUNT:
		break;
	}
	return false;
}

void remains_rate(const struct task *const *task, size_t count, int64_t begun_s,
	int64_t now_s, struct remains_rate *ret_rate)
{
	int64_t from_s = now_s - RATE_WINDOW_S;

	*ret_rate = (struct remains_rate){0};
	if (begun_s > from_s)
		from_s = begun_s;
	for (size_t i = 0; i < count; i++)
		if (is_through(task[i]) && task[i]->since_s >= from_s)
			ret_rate->boards++;
	if (ret_rate->boards == 0)
		return;
	ret_rate->seconds = now_s > from_s ? now_s - from_s : 1;
	ret_rate->per_hour = ret_rate->boards * 3600 / ret_rate->seconds;
}

static void push_left(const struct remains_facts *facts, struct remains *remains)
{
	bool pushing = facts->task->state == TASK_PUSHING && facts->taken > 0 &&
		       facts->taken <= facts->size;

	remains->size = facts->size - (pushing ? facts->taken : 0);
	remains->push_ms = remains->size * 1000 / facts->times.rate;
	remains->rest_ms = facts->times.reset_ms + facts->times.return_ms;
}

void remains_of(const struct remains_facts *facts, struct remains *ret_remains)
{
	const struct task *task = facts->task;
	struct remains left = {.kind = REMAINS_WORK, .begun = true};

	switch (task->state) {
	case TASK_PLANNED:
	case TASK_WAITING:
	case TASK_HELD:
	case TASK_BACKOFF:
		left.begun = false;
		left.kind = facts->answers ? REMAINS_WORK : REMAINS_NOTHING;
		push_left(facts, &left);
		left.rest_ms += PACE_LOOK_MS;
		if (task->state == TASK_BACKOFF && task->due_s > facts->now_s)
			left.rest_ms += (task->due_s - facts->now_s) * 1000;
		break;
	case TASK_CHECKING:
		push_left(facts, &left);
		left.rest_ms += PACE_LOOK_MS;
		break;
	case TASK_PUSHING:
	case TASK_DISARMING:
		push_left(facts, &left);
		break;
	case TASK_STAGED:
	case TASK_RESETTING:
		left.rest_ms = facts->times.reset_ms + facts->times.return_ms;
		break;
	case TASK_RETURNING:
	case TASK_VERIFYING:
		left.rest_ms = facts->times.return_ms;
		break;
	case TASK_SOAKING:
	case TASK_CONFIRMING:
		left.kind = REMAINS_SOAK;
		break;
	case TASK_DEFERRED:
	case TASK_CONFIRMED:
	case TASK_ALREADY:
	case TASK_REFUSED:
	case TASK_SKIPPED:
	case TASK_FELL_BACK:
	case TASK_FAILED:
	case TASK_LOST:
	case TASK_REVERTED:
	case TASK_CANCELLED:
	case TASK_STATE_COUNT:
		left.kind = REMAINS_NOTHING;
		break;
	}
	*ret_remains = left;
}
