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
	INTENT_FINISH, /* the rollout ends in `state` */
};

struct intent {
	enum intent_kind kind;
	int wave;
	size_t a, b;
	enum reason reason;
	enum rollout_state state;
	int64_t due_s; /* WINDOW_NEVER: the window does not open */
};

/* What a task that begins takes of the window of its site. */
struct task_window {
	const struct windows *windows; /* NULL: there is none, it may always begin */
	int64_t need_s;
};

/* The moment, now_s or later, at which the task may begin or go on; WINDOW_NEVER. A dirty
 * board waits for no window: a repair is no start (DESIGN.md 1.4). */
int64_t task_may_begin_s(
	const struct task *task, const struct task_window *window, int64_t now_s);

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
	int64_t now_s;                         /* wall clock */
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

/* Every task of the wave has come to rest and none of them runs the release: there is
 * nothing left in it that could pass it. */
bool rollout_wave_failed(const struct task *const *task, size_t task_count, int wave);

/* It holds a place within the limits: from checking to verifying, and in back-off. */
bool task_takes_place(const struct task *task);

/* A person's wish, as a machine: pause, resume, abort, approve. Returns 0 and the new
 * state, or -EALREADY (nothing to do), -EPERM (not from this state). */
enum rollout_wish { WISH_PAUSE, WISH_RESUME, WISH_ABORT, WISH_APPROVE, WISH_COUNT };
int rollout_wish(enum rollout_state from, enum rollout_wish wish,
	enum rollout_state *ret_to) WARN_UNUSED;
const char *rollout_wish_name(enum rollout_wish wish);

#endif
