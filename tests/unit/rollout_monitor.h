/* SPDX-License-Identifier: MIT
 *
 * Watches rollouts from outside and knows what must never be seen. It is told what
 * happens, one sight at a time, keeps books of its own and complains once: nothing in here
 * asks the planner or the task machine for its opinion.
 */
#ifndef WIPY_TESTS_ROLLOUT_MONITOR_H
#define WIPY_TESTS_ROLLOUT_MONITOR_H

#include <stdio.h>

#include "daemon/core/model.h"
#include "daemon/core/task_fsm.h"

#define MONITOR_ROLLOUTS 2
#define MONITOR_TASKS    64
#define MONITOR_SITES    4

enum sight_kind {
	SAW_ROLLOUT, /* rollout, value: its new state */
	SAW_WAVE,    /* rollout, task: the wave, value: its new state */
	SAW_DEALT,   /* rollout, task, value: its wave */
	SAW_SITE,    /* rollout, task, value: where it is */
	SAW_TASK,    /* rollout, task, value: its new state */
	SAW_GRANT,   /* rollout, task: it was let in; value: to be disarmed */
	SAW_PUSH,    /* rollout, task; value: the board is dirty */
	SAW_RESET,   /* rollout, task; value: the board is dirty */
	SAW_RESUME,  /* rollout: a person has acknowledged all failures so far */
	SAW_LATE, /* rollout, task: it was left when the waves were over: it catches up */
	SAW_LANE,   /* rollout, value: the new state of its catch-up */
	SAW_FREEZE, /* rollout: a person wants nothing more done to any board */
	SAW_END,    /* nothing will happen any more */
};

struct sight {
	enum sight_kind kind;
	int rollout, task, value;
};

struct monitor_limits {
	int total;
	int site_max[MONITOR_SITES];   /* 0: none of its own */
	int site_share[MONITOR_SITES]; /* boards at once by the domain's share */
	int lost, fell_back_percent, failed_percent;
	int late; /* boards that catch up at once */
};

struct monitor_rollout {
	bool known;
	enum rollout_state state;
	enum wave_state wave[WAVES_MAX];
	int wave_count;
	bool dealt[MONITOR_TASKS], attempted[MONITOR_TASKS], counted[MONITOR_TASKS];
	int in_wave[MONITOR_TASKS], site[MONITOR_TASKS];
	enum task_state task[MONITOR_TASKS];
	int lost, fell_back, failed, canary_hurt; /* since the last resume */
	bool frozen, shown;                       /* shown: it has a confirmed board */
	bool late[MONITOR_TASKS];
	enum rollout_state lane; /* DRAFT: there is none */
	int late_hurt;           /* since the last resume */
};

struct monitor {
	struct monitor_limits limits;
	struct monitor_rollout rollout[MONITOR_ROLLOUTS];
	char complaint[160]; /* the first one */
};

static inline void monitor_complain(
	struct monitor *m, const struct sight *sight, const char *what)
{
	if (m->complaint[0] == '\0')
		snprintf(m->complaint, sizeof(m->complaint), "%s (rollout %d, task %d)",
			what, sight->rollout, sight->task);
}

/* From the first look to the verification, and while it waits to try again. */
static inline bool monitor_in_flight(enum task_state state)
{
	return state == TASK_CHECKING || state == TASK_PUSHING ||
	       state == TASK_DISARMING || state == TASK_STAGED ||
	       state == TASK_RESETTING || state == TASK_RETURNING ||
	       state == TASK_VERIFYING || state == TASK_BACKOFF;
}

static inline void monitor_check_limits(struct monitor *m, const struct sight *sight)
{
	int total = 0, at_site[MONITOR_SITES] = {0};

	for (int r = 0; r < MONITOR_ROLLOUTS; r++)
		for (int t = 0; t < MONITOR_TASKS; t++) {
			const struct monitor_rollout *rollout = &m->rollout[r];

			if (!rollout->dealt[t] || !monitor_in_flight(rollout->task[t]))
				continue;
			total++;
			at_site[rollout->site[t]]++;
		}
	if (total > m->limits.total)
		monitor_complain(m, sight, "more in flight than in all");
	for (int site = 0; site < MONITOR_SITES; site++) {
		if (m->limits.site_max[site] > 0 &&
			at_site[site] > m->limits.site_max[site])
			monitor_complain(m, sight, "more in flight than at the site");
		if (at_site[site] > m->limits.site_share[site])
			monitor_complain(
				m, sight, "more in flight than the domain's share");
	}
}

static inline bool monitor_brake_tripped(
	const struct monitor *m, const struct monitor_rollout *rollout)
{
	int attempted = 0;

	for (int t = 0; t < MONITOR_TASKS; t++)
		attempted += rollout->attempted[t] || rollout->counted[t];
	return rollout->lost >= m->limits.lost || rollout->canary_hurt > 0 ||
	       (rollout->fell_back > 1 &&
		       rollout->fell_back * 100 >
			       attempted * m->limits.fell_back_percent) ||
	       (rollout->failed > 1 &&
		       rollout->failed * 100 > attempted * m->limits.failed_percent);
}

/* What may be done to its boards now follows from this state. */
static inline enum rollout_state monitor_drive(const struct monitor_rollout *rollout)
{
	return rollout->lane != ROLLOUT_DRAFT ? rollout->lane : rollout->state;
}

static inline void monitor_count_hurt(
	struct monitor_rollout *rollout, int task, enum task_state now)
{
	bool hurt = now == TASK_FELL_BACK || now == TASK_FAILED;

	if (rollout->late[task]) {
		rollout->late_hurt++;
		return;
	}
	rollout->counted[task] = true;
	rollout->lost += now == TASK_LOST;
	rollout->fell_back += now == TASK_FELL_BACK;
	rollout->failed += now == TASK_FAILED;
	rollout->canary_hurt += hurt && rollout->in_wave[task] == 0;
}

static inline void monitor_see_task(
	struct monitor *m, struct monitor_rollout *rollout, const struct sight *sight)
{
	enum task_state was = rollout->task[sight->task];
	enum task_state now = (enum task_state)sight->value;
	bool hurt = now == TASK_FELL_BACK || now == TASK_FAILED;

	if (task_state_is_end(was) && now != was)
		monitor_complain(m, sight, "a task has left its end");
	if (!task_state_is_end(was) && (hurt || now == TASK_LOST))
		monitor_count_hurt(rollout, sight->task, now);
	rollout->shown = rollout->shown || now == TASK_CONFIRMED;
	rollout->task[sight->task] = now;
	monitor_check_limits(m, sight);
}

/* Something could still begin behind this wave. */
static inline bool monitor_more_behind(const struct monitor_rollout *rollout, int wave)
{
	for (int t = 0; t < MONITOR_TASKS; t++)
		if (rollout->dealt[t] && rollout->in_wave[t] > wave &&
			(rollout->task[t] == TASK_PLANNED ||
				rollout->task[t] == TASK_DEFERRED))
			return true;
	return false;
}

static inline void monitor_check_passed(
	struct monitor *m, struct monitor_rollout *rollout, const struct sight *sight)
{
	int good = 0;

	for (int t = 0; t < MONITOR_TASKS; t++) {
		enum task_state state = rollout->task[t];

		if (!rollout->dealt[t] || rollout->in_wave[t] != sight->task)
			continue;
		good += state == TASK_CONFIRMED;
		if (!task_state_is_end(state) && state != TASK_DEFERRED)
			monitor_complain(
				m, sight, "a wave passed with a board under way");
	}
	if (good == 0 && monitor_more_behind(rollout, sight->task))
		monitor_complain(m, sight, "a wave passed without a confirmed board");
}

static inline void monitor_see_wave(
	struct monitor *m, struct monitor_rollout *rollout, const struct sight *sight)
{
	int open = 0;

	rollout->wave[sight->task] = (enum wave_state)sight->value;
	if (sight->task >= rollout->wave_count)
		rollout->wave_count = sight->task + 1;
	for (int w = 0; w < rollout->wave_count; w++)
		open += rollout->wave[w] == WAVE_OPEN ||
			rollout->wave[w] == WAVE_SOAKING;
	if (open > 1)
		monitor_complain(m, sight, "two waves are open");
	if (sight->value == WAVE_PASSED)
		monitor_check_passed(m, rollout, sight);
	if (sight->value != WAVE_OPEN)
		return;
	for (int w = 0; w < sight->task; w++)
		if (rollout->wave[w] != WAVE_PASSED && rollout->wave[w] != WAVE_SKIPPED)
			monitor_complain(m, sight, "a wave opened before its turn");
}

/* A board begins that was left when the waves were over. */
static inline void monitor_see_late_grant(
	struct monitor *m, struct monitor_rollout *rollout, const struct sight *sight)
{
	int most = rollout->shown ? m->limits.late : 1, under_way = 0;

	for (int t = 0; t < MONITOR_TASKS; t++)
		under_way +=
			rollout->late[t] && (monitor_in_flight(rollout->task[t]) ||
						    rollout->task[t] == TASK_SOAKING);
	if (rollout->lane != ROLLOUT_RUNNING)
		monitor_complain(m, sight, "a board caught up while nobody may");
	if (rollout->late_hurt > 0)
		monitor_complain(m, sight, "a board caught up after one was hurt");
	if (under_way >= most)
		monitor_complain(m, sight, "more catch up at once than may");
}

static inline void monitor_see_grant(
	struct monitor *m, struct monitor_rollout *rollout, const struct sight *sight)
{
	enum wave_state wave = rollout->wave[rollout->in_wave[sight->task]];

	/* Disarming is no start (DESIGN.md 1.4). */
	if (sight->value)
		return;
	if (rollout->late[sight->task]) {
		monitor_see_late_grant(m, rollout, sight);
		return;
	}
	if (rollout->state != ROLLOUT_RUNNING)
		monitor_complain(m, sight, "a board began while the rollout stood");
	if (monitor_brake_tripped(m, rollout))
		monitor_complain(m, sight, "a board began after a brake had tripped");
	if (wave == WAVE_CLOSED)
		monitor_complain(m, sight, "a board began before its wave was open");
}

static inline void monitor_see_push(
	struct monitor *m, struct monitor_rollout *rollout, const struct sight *sight)
{
	bool first = !rollout->attempted[sight->task];

	rollout->attempted[sight->task] = true;
	if (first && monitor_drive(rollout) != ROLLOUT_RUNNING)
		monitor_complain(m, sight, "a push began while the rollout stood");
	if (rollout->frozen)
		monitor_complain(m, sight, "a push began although all was frozen");
}

static inline void monitor_see_end(
	struct monitor *m, struct monitor_rollout *rollout, const struct sight *sight)
{
	if (!rollout->known)
		return;
	if (!rollout_state_is_end(rollout->state) && rollout->state != ROLLOUT_HALTED)
		monitor_complain(
			m, sight, "a rollout reached neither an end nor a halt");
	for (int t = 0; t < MONITOR_TASKS; t++) {
		enum task_state state = rollout->task[t];

		if (!rollout->dealt[t] || task_state_is_end(state))
			continue;
		if (monitor_in_flight(state) || state == TASK_SOAKING ||
			(rollout_state_is_end(rollout->state) &&
				state != TASK_DEFERRED) ||
			rollout_state_is_end(rollout->lane) ||
			rollout->state == ROLLOUT_ABORTED)
			monitor_complain(m, sight, "a task reached no end");
	}
}

static inline void monitor_see(struct monitor *m, const struct sight *sight)
{
	struct monitor_rollout *rollout = &m->rollout[sight->rollout];

	rollout->known = true;
	switch (sight->kind) {
	case SAW_ROLLOUT:
		if (rollout_state_is_end(rollout->state) &&
			rollout->state != (enum rollout_state)sight->value)
			monitor_complain(m, sight, "a rollout has left its end");
		rollout->state = (enum rollout_state)sight->value;
		break;
	case SAW_WAVE:
		monitor_see_wave(m, rollout, sight);
		break;
	case SAW_DEALT:
		rollout->dealt[sight->task] = true;
		rollout->in_wave[sight->task] = sight->value;
		break;
	case SAW_SITE:
		rollout->site[sight->task] = sight->value;
		break;
	case SAW_TASK:
		monitor_see_task(m, rollout, sight);
		break;
	case SAW_GRANT:
		monitor_see_grant(m, rollout, sight);
		break;
	case SAW_PUSH:
		monitor_see_push(m, rollout, sight);
		break;
	case SAW_RESET:
		if (sight->value)
			monitor_complain(m, sight, "a dirty board was reset");
		if (monitor_drive(rollout) != ROLLOUT_RUNNING)
			monitor_complain(
				m, sight, "a reset began while the rollout stood");
		break;
	case SAW_RESUME:
		rollout->lost = rollout->fell_back = rollout->failed = 0;
		rollout->canary_hurt = rollout->late_hurt = 0;
		break;
	case SAW_LATE:
		rollout->late[sight->task] = true;
		break;
	case SAW_LANE:
		if (rollout_state_is_end(rollout->lane))
			monitor_complain(m, sight, "a catch-up has left its end");
		rollout->lane = (enum rollout_state)sight->value;
		break;
	case SAW_FREEZE:
		rollout->frozen = true;
		break;
	case SAW_END:
		monitor_see_end(m, rollout, sight);
		break;
	}
}

#endif
