/* SPDX-License-Identifier: MIT
 *
 * What a rollout waits for.
 */
#include "daemon/core/waits.h"

static const char *const why_names[WAIT_COUNT] = {
	[WAIT_WINDOW] = "window",
	[WAIT_CATCH_UP] = "catch-up",
	[WAIT_PLACE] = "in-flight",
	[WAIT_DOMAIN] = "max-pushes",
	[WAIT_SHARE] = "domain-share",
	[WAIT_TURN] = "turn",
	[WAIT_UNDER_WAY] = "under-way",
	[WAIT_BACKOFF] = "back-off",
	[WAIT_SOAK] = "soak",
	[WAIT_HELD] = "held",
	[WAIT_SEEN] = "offline",
};

const char *wait_why_name(enum wait_why why)
{
	return why < WAIT_COUNT ? why_names[why] : "invalid";
}

int rollout_wave_now(const struct rollout *rollout)
{
	for (int i = 0; i < rollout->wave_count; i++)
		if (rollout->wave_state[i] != WAVE_PASSED &&
			rollout->wave_state[i] != WAVE_SKIPPED)
			return i;
	return -1;
}

bool rollout_waits_for(const struct rollout *rollout, const struct task *task)
{
	int wave = rollout_wave_now(rollout);

	if (rollout_is_over(rollout) || task_state_is_end(task->state))
		return false;
	if (rollout_state_is_end(rollout->state))
		return task->late;
	if (task->state == TASK_DEFERRED)
		return false;
	/* While it is aborted whatever has not ended; and whoever came back late. */
	return wave < 0 || task->wave == wave || rollout->state == ROLLOUT_ABORTING ||
	       task->state != TASK_PLANNED;
}

static struct wait wait_in(enum wait_why why, int domain, int64_t until_s)
{
	return (struct wait){.why = why, .domain = domain, .until_s = until_s};
}

/* A task that waits for a place: the first thing that it does not get. */
static struct wait wait_for_place(
	const struct rollout_view *view, size_t at, int64_t begin_s)
{
	const struct task_domains *domains = &view->task_domains[at];

	if (begin_s > view->now_s)
		return wait_in(WAIT_WINDOW, domains->index[0], begin_s);
	if (view->task[at]->late && rollout_catch_up_room(view) <= 0)
		return wait_in(WAIT_CATCH_UP, -1, 0);
	if (view->in_flight >= view->pushes_max)
		return wait_in(WAIT_PLACE, -1, 0);
	for (int i = 0; i < TASK_DOMAINS; i++) {
		int index = domains->index[i];
		const struct domain *domain = &view->domain[index < 0 ? 0 : index];

		if (index >= 0 && domain_is_full(domain))
			return wait_in(WAIT_DOMAIN, index, 0);
		if (index >= 0 &&
			domain->in_flight >= domain_share(domain, view->domain_share))
			return wait_in(WAIT_SHARE, index, 0);
	}
	return wait_in(WAIT_TURN, -1, 0);
}

static struct wait wait_of(const struct rollout_view *view, size_t at, int64_t begin_s)
{
	const struct task *task = view->task[at];

	if (task->state == TASK_WAITING)
		return wait_for_place(view, at, begin_s);
	if (task->state == TASK_PLANNED)
		return wait_in(WAIT_TURN, -1, 0);
	if (task->state == TASK_DEFERRED)
		return wait_in(WAIT_SEEN, -1, 0);
	if (task->state == TASK_HELD)
		return wait_in(WAIT_HELD, -1, 0);
	if (task->state == TASK_BACKOFF)
		return wait_in(WAIT_BACKOFF, -1, task->due_s);
	if (task->state == TASK_SOAKING || task->state == TASK_CONFIRMING)
		return wait_in(WAIT_SOAK, -1, task->due_s);
	return wait_in(WAIT_UNDER_WAY, -1, 0);
}

static size_t add(struct wait *waits, size_t count, const struct wait *wait)
{
	size_t i = 0;

	while (i < count &&
		(waits[i].why != wait->why || waits[i].domain != wait->domain))
		i++;
	if (i == WAITS_MAX)
		i--;
	else if (i == count)
		waits[i] = *wait;
	waits[i].boards++;
	/* A soak is over with the last of them; of the others the first tells. */
	if (wait->why == WAIT_SOAK ? wait->until_s > waits[i].until_s
				   : wait->until_s < waits[i].until_s)
		waits[i].until_s = wait->until_s;
	return i;
}

size_t rollout_waits(const struct rollout_view *view, struct wait ret_waits[WAITS_MAX],
	unsigned char *ret_of)
{
	struct window_memo memo = {.begin_s = 0};
	size_t count = 0;

	for (size_t i = 0; i < view->task_count; i++) {
		struct wait wait;
		size_t at;

		if (ret_of)
			ret_of[i] = WAITS_MAX;
		if (!rollout_waits_for(view->rollout, view->task[i]))
			continue;
		wait = wait_of(view, i, task_begin_s(view, i, &memo));
		at = add(ret_waits, count, &wait);
		count = at == count ? count + 1 : count;
		if (ret_of)
			ret_of[i] = (unsigned char)at;
	}
	return count;
}
