/* SPDX-License-Identifier: MIT
 *
 * The rollout planner: looks at a rollout and its tasks and says what has to happen next:
 * open or pass a wave, let a task begin, halt, finish. Pure and repeatable; the engine
 * carries the intents out and asks again until there are none.
 */
#ifndef WIPY_CORE_ROLLOUT_PLAN_H
#define WIPY_CORE_ROLLOUT_PLAN_H

#include "daemon/core/brakes.h"
#include "daemon/core/domain.h"
#include "daemon/core/model.h"
#include "daemon/core/rollout_fsm.h"
#include "daemon/core/window.h"

enum intent_kind {
	INTENT_OPEN_WAVE,
	INTENT_PASS_WAVE,
	INTENT_SKIP_WAVE, /* the last one ended with nobody confirmed: it is no success */
	INTENT_SWAP,   /* nothing was pushed to `a`: `b` takes its place in the wave */
	INTENT_GRANT,  /* task `a` may begin */
	INTENT_HOLD,   /* task `a` waits for the window of its site, until due_s */
	INTENT_UNHOLD, /* ... which is open now: it waits for a place again */
	INTENT_EXPIRE, /* task `a` does not begin any more */
	INTENT_HALT,
	INTENT_ABORT, /* its time was over while it stood: for `reason`, not by a person */
	INTENT_FINISH, /* the rollout, or its catch-up, ends in `state` */
};

struct intent {
	enum intent_kind kind;
	int wave;
	size_t a, b;
	enum reason reason;
	enum rollout_state state; /* of FINISH, HALT and ABORT: the new one */
	int64_t due_s;            /* WINDOW_NEVER: the window does not open */
	int64_t valid_until_s;    /* of FINISH: boards are deferred, and catch up until
				   * then; 0: nobody does */
};

/* What a task that begins takes of the window of its site. */
struct task_window {
	const struct windows *windows; /* NULL: there is none, it may always begin */
	int64_t need_s;
};

struct rollout_view {
	const struct rollout *rollout;
	const struct task *const *task;
	const struct task_domains *task_domains;
	size_t task_count;
	struct domain *domain; /* in_flight: of all rollouts */
	int in_flight;         /* of all rollouts */
	int pushes_max;        /* in flight in total */
	int domain_share; /* percent of a domain's boards at once, at least one board */
	struct brake_limits brakes;
	int64_t validity_s; /* deferred boards catch up for so long from the beginning of
			     * their rollout, at most until it expires; 0: not at all */
	int catch_up_max;   /* boards that catch up at once */
	int64_t now_s;      /* wall clock */
	const struct task_window *task_window; /* NULL: no site has a window */
	int64_t wake_s; /* set by the planner: when the next window opens that a task
			 * waits for, or the rollout expires; WINDOW_NEVER */
};

/* Writes at most `max` intents that all hold together; returns how many. After carrying
 * them out, ask again. Raises in_flight of view and domains for each grant. */
size_t rollout_plan(struct rollout_view *view, struct intent *ret_intents, size_t max);

/* The failures counted for the brakes, acknowledged ones taken off. */
void rollout_count(const struct rollout *rollout, const struct task *const *task,
	size_t task_count, struct brake_counts *ret_counts);

/* Boards that were lost, fell back or failed while they caught up, acknowledged ones taken
 * off: one stops the catch-up. */
int rollout_late_hurt(const struct rollout *rollout, const struct task *const *task,
	size_t task_count);

/* Every task of the wave has come to rest and none of them runs the release: there is
 * nothing left in it that could pass it. */
bool rollout_wave_failed(const struct task *const *task, size_t task_count, int wave);

#endif
