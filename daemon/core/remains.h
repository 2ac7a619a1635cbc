/* SPDX-License-Identifier: MIT
 *
 * A rollout under way: how fast boards get through it, and what is left to be done to each.
 * Pure.
 */
#ifndef WIPY_CORE_REMAINS_H
#define WIPY_CORE_REMAINS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/model.h"
#include "daemon/core/pace.h"

/* The rate is that of the latest so many seconds, at most. */
#define RATE_WINDOW_S 900

/* Boards that were updated and came to an end, whichever. */
struct remains_rate {
	int64_t boards, seconds, per_hour; /* all 0: none yet */
};

/* Of a rollout that was begun at begun_s. */
void remains_rate(const struct task *const *task, size_t count, int64_t begun_s,
	int64_t now_s, struct remains_rate *ret_rate);

enum remains_kind {
	REMAINS_NOTHING, /* it has ended, or holds no wave */
	REMAINS_WORK,    /* times are those that are left */
	REMAINS_SOAK     /* until task.due_s */
};

struct remains_facts {
	const struct task *task;
	bool answers;        /* the board does: else it will be deferred */
	int64_t taken, size; /* bytes, of the push under way */
	struct pace_times times;
	int64_t now_s;
};

struct remains {
	enum remains_kind kind;
	bool begun;   /* no window is in its way any more */
	int64_t size; /* bytes that are still to be pushed */
	int64_t push_ms, rest_ms;
};

void remains_of(const struct remains_facts *facts, struct remains *ret_remains);

#endif
