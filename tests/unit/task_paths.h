/* SPDX-License-Identifier: MIT
 *
 * Paths through the task machine as data: what happens step by step, what the machine
 * answers, and what the record holds at the end. The row shows; the runner says which
 * step went another way.
 */
#ifndef WIPY_TESTS_TASK_PATHS_H
#define WIPY_TESTS_TASK_PATHS_H

#include <errno.h>

#include "daemon/core/reason.h"
#include "tests/tap.h"
#include "tests/unit/task_driver.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What surrounds a step. */
#define CANCELLED     0x01u
#define STANDING      0x02u
#define EARLY         0x04u
#define ABSENT        0x08u
#define WRONG         0x10u
#define BUSY          0x20u
#define TRAPPED       0x40u
#define SOAKS         0x80u
#define PROBED        0x1000u
#define AGAIN         0x200u /* another round of probes is left */
#define TRIAL         0x400u
#define NO_CURE       0x2000u /* a Pycom board */
#define UNCLEAR       0x800u
#define CLOSED        0x100u
#define ASKED         0x4000u  /* for the mark, as often as may be */
#define GONE          0x8000u  /* in the soak */
#define BACK          0x10000u /* the image before can be pushed back */
#define REFUSES       0x20000u
#define KILLS         0x40000u
#define KNOWN_BAD     0x80000u
#define HALTED        0x100000u
#define RESET_BY_HAND 0x400000u
#define FROZEN        0x200000u
#define MOVED_ON      0x800000u  /* others have changed it since it was planned */
#define BURNS         0x2000000u /* its last known-good image */
#define SPRINGS       0x1000000u /* armed with what an undo takes back */
#define DIRTY         0x4000000u /* left so by an earlier rollout */
#define STRAYS        0x8000000u /* started by a hand: no push, no reset */

enum shown { NOTHING, OLD, NEW, OTHER };

#define STEPS_MAX 20

struct path_step {
	enum task_event event;
	enum shown shown;
	unsigned int around;
	enum task_state to;
	enum task_action action;
	enum reason reason;
};

/* What the record holds at the end of a path. */
struct path_end {
	bool attempted, touched, pushed;
	enum proof proof;
	int attempt, resets;
	bool marked;
	enum shown before;
};

#define S(event, shown, around, to, action, reason)                                    \
	{                                                                              \
		TASK_EV_##event, shown, around, TASK_##to, TASK_ACT_##action,          \
			REASON_##reason                                                \
	}
/* The event has no row: nothing may change. */
#define DROPPED TASK_STATE_COUNT
#define D(event, around)                                                               \
	{                                                                              \
		TASK_EV_##event, NOTHING, around, DROPPED, TASK_ACT_NONE, REASON_NONE  \
	}
#define FREEZES (CANCELLED | FROZEN)
/* clang-format off */
#define OPENED                                                                       \
	S(OPEN, NOTHING, 0, WAITING, NONE, NONE),                                    \
	S(GRANT, NOTHING, 0, CHECKING, LOOK, NONE)
#define PUSHING                                                                      \
	OPENED,                                                                      \
	S(LOOKED, OLD, 0, PUSHING, PUSH, NONE)
#define RESETTING                                                                    \
	PUSHING,                                                                     \
	S(PUSHED, NOTHING, 0, STAGED, PROCEED, NONE),                                \
	S(PROCEED, NOTHING, 0, RESETTING, RESET, NONE)
#define RETURNING                                                                    \
	RESETTING,                                                                   \
	S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE)
#define SOAKING                                                                      \
	RETURNING,                                                                   \
	S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),                     \
	S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE),                                   \
	S(NAMED, NOTHING, 0, SOAKING, SOAK, NONE)
#define BROKEN                                                                       \
	PUSHING,                                                                     \
	S(PUSH_BROKEN, NOTHING, 0, BACKOFF, BACK_OFF, PUSH_BROKEN)
/* clang-format on */

struct path {
	const char *name;
	struct path_step step[STEPS_MAX];
	struct path_end end;
};

static inline const struct wipy_fingerprint *fingerprint_of(enum shown shown)
{
	static const struct wipy_fingerprint *const all[] = {
		NULL, &driver_old, &driver_new, &driver_other};

	return all[shown];
}

static inline struct surroundings around_of(unsigned int bits)
{
	return (struct surroundings){
		.cancelled = bits & CANCELLED,
		.standing = bits & STANDING,
		.closed = bits & CLOSED,
		.early = bits & EARLY,
		.absent = bits & ABSENT,
		.wrong_board = bits & WRONG,
		.was_busy = bits & BUSY,
		.trapped = bits & TRAPPED,
		.no_cure = bits & NO_CURE,
		.soak_goes_on = bits & SOAKS,
		.probes = bits & PROBED,
		.probes_again = bits & AGAIN,
		.trial = bits & TRIAL,
		.unclear = bits & UNCLEAR,
		.asked = bits & ASKED,
		.gone = bits & GONE,
		.disarms = bits & BACK,
		.halted = bits & HALTED,
		.reset_since = bits & RESET_BY_HAND,
		.frozen = bits & FROZEN,
		.refuses = bits & REFUSES,
		.kills = bits & KILLS,
		.moved_on = bits & MOVED_ON,
		.springs = bits & SPRINGS,
		.dirty = bits & DIRTY,
		.forbidden = bits & KNOWN_BAD ? REASON_KNOWN_BAD
			     : bits & BURNS   ? REASON_BURNS_LAST_GOOD
			     : bits & STRAYS  ? REASON_NOT_LASTING
					      : REASON_NONE,
	};
}

/* One step of a path; says on failure which. */
static inline bool step_holds(
	struct task *task, const struct path_step *step, size_t number)
{
	struct surroundings around = around_of(step->around);
	struct task_move move = {TASK_STATE_COUNT, TASK_ACT_NONE, REASON_NONE};
	struct task was;
	int rc;

	memcpy(&was, task, sizeof(was));
	rc = driver_event(task, step->event, fingerprint_of(step->shown), &around,
		1000 + (int64_t)number, &move);

	if (step->to == DROPPED && rc == -ENOENT &&
		memcmp(&was, task, sizeof(was)) == 0)
		return true;
	if (rc == 0 && move.to == step->to && move.action == step->action &&
		move.reason == step->reason && task->state == step->to &&
		task->reason == step->reason)
		return true;
	printf("# step %zu: %s, %s -> %s, %s, %s\n", number + 1,
		task_state_name(was.state), task_event_name(step->event),
		rc < 0 ? "dropped" : task_state_name(move.to),
		task_action_name(move.action), reason_code(move.reason));
	return false;
}

static inline bool end_holds(const struct task *task, const struct path_end *want)
{
	const struct wipy_fingerprint *before = fingerprint_of(want->before);
	bool before_ok = task->has_before == (before != NULL) &&
			 (!before || wipy_fingerprint_equal(before, &task->before));

	if (task->attempted == want->attempted && task->touched == want->touched &&
		task->pushed == want->pushed && task->proof == want->proof &&
		task->attempt == want->attempt && task->resets == want->resets &&
		(task->mark[0] != '\0') == want->marked && before_ok)
		return true;
	printf("# at the end: attempted=%d touched=%d pushed=%d proof=%s attempt=%d "
	       "resets=%d mark='%s' before=%s\n",
		task->attempted, task->touched, task->pushed, proof_name(task->proof),
		task->attempt, task->resets, task->mark,
		task->has_before ? task->before.tag : "-");
	return false;
}

static inline void run_paths(
	const struct path *path, size_t count, const char *statement)
{
	for (size_t p = 0; p < count; p++) {
		struct task task = {.state = TASK_PLANNED, .attempt = 1};
		bool ok = true;

		strcpy(task.statement, statement);
		for (size_t i = 0; i < STEPS_MAX && ok; i++) {
			/* OPEN to PLANNED is no step of any path: the rest is empty. */
			if (path[p].step[i].event == TASK_EV_OPEN &&
				path[p].step[i].to == TASK_PLANNED)
				break;
			ok = step_holds(&task, &path[p].step[i], i);
		}
		tap_ok(ok && end_holds(&task, &path[p].end), "%s", path[p].name);
	}
}

#endif
