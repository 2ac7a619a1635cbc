/* SPDX-License-Identifier: MIT
 *
 * The machines of a rollout and of its waves, as tables. What the planner finds and what
 * people wish are their events. Pure; docs/fsm.md is printed from them.
 */
#ifndef WIPY_CORE_ROLLOUT_FSM_H
#define WIPY_CORE_ROLLOUT_FSM_H

#include "daemon/core/fsm.h"
#include "daemon/core/model.h"

enum rollout_event {
	ROLLOUT_EV_APPROVE, /* the wishes of people ... */
	ROLLOUT_EV_PAUSE,
	ROLLOUT_EV_RESUME,
	ROLLOUT_EV_ABORT,
	ROLLOUT_EV_BRAKE,      /* a brake, or a wave that has shown nothing */
	ROLLOUT_EV_EXPIRED,    /* its time was over while it stood */
	ROLLOUT_EV_NO_RELEASE, /* its release left the catalogue */
	ROLLOUT_EV_UNDO,       /* an undo of it has begun ... */
	ROLLOUT_EV_UNDO_ENDED, /* ... and ended */
	ROLLOUT_EV_REDONE,     /* ... and was itself taken back */
	ROLLOUT_EV_SETTLED,    /* nothing of it is under way or to come */
	ROLLOUT_EVENT_COUNT
};

struct rollout_facts {
	bool cut_off;                 /* boards were left out since its time is over */
	bool all_well;                /* every board runs the release */
	bool undone;                  /* the undo has completed, or one before it had */
	bool reverted;                /* a board of it is back on what ran before */
	enum rollout_state undo_from; /* its own end, before the undo */
};

/* The number of the row, or -EPERM: not from this state. */
int rollout_fsm_find(enum rollout_state from, enum rollout_event event,
	const struct rollout_facts *facts) WARN_UNUSED;
/* The new state (the old one: there is nothing to do), or -EPERM. */
int rollout_fsm_step(enum rollout_state from, enum rollout_event event,
	const struct rollout_facts *facts, enum rollout_state *ret_to) WARN_UNUSED;
bool rollout_fsm_row(size_t index, struct fsm_row *ret_row);
const char *rollout_event_name(enum rollout_event event);

enum wave_event {
	WAVE_EV_TURN,    /* every wave before it is over */
	WAVE_EV_SETTLED, /* every board of it has ended or is deferred */
	WAVE_EV_BRAKE,   /* a brake has halted the rollout */
	WAVE_EV_RESUME,
	WAVE_EV_ENDED, /* the rollout has */
	WAVE_EVENT_COUNT
};

struct wave_facts {
	bool left_over; /* nobody of it is left to begin: who is deferred catches up */
	bool shown;     /* it has a confirmed board */
	bool last;      /* no board of a later wave hangs on it */
	bool spent;     /* settled without a confirmed board: it cannot show any more */
};

/* The number of the row, or -ENOENT. */
int wave_fsm_find(enum wave_state from, enum wave_event event,
	const struct wave_facts *facts) WARN_UNUSED;
/* The new state; without a row the old one stays. */
enum wave_state wave_fsm_step(
	enum wave_state from, enum wave_event event, const struct wave_facts *facts);
bool wave_fsm_row(size_t index, struct fsm_row *ret_row);
const char *wave_event_name(enum wave_event event);

/* A person's wish, as an event. Returns 0 and the new state, or -EALREADY (nothing to
 * do), -EPERM (not from this state). */
enum rollout_wish { WISH_PAUSE, WISH_RESUME, WISH_ABORT, WISH_APPROVE, WISH_COUNT };
int rollout_wish(enum rollout_state from, enum rollout_wish wish,
	enum rollout_state *ret_to) WARN_UNUSED;
const char *rollout_wish_name(enum rollout_wish wish);

#endif
