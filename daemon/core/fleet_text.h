/* SPDX-License-Identifier: MIT
 *
 * How the fleet stands, in one sentence: what `wipyctl` alone begins with; and how a rollout
 * stands: what a report begins with. Pure.
 */
#ifndef WIPY_CORE_FLEET_TEXT_H
#define WIPY_CORE_FLEET_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/core/model.h"

/* Boards and rollouts, counted. */
struct fleet_counts {
	size_t boards, online;
	size_t in_sync, behind; /* of those with a target */
	size_t dirty, needs_hands;
	size_t locked_out; /* wrong-board, login-refused */
	size_t halted,
		unapproved; /* rollouts, or their catch-ups, that wait for a person */
	bool read_only;     /* the state cannot be written */
};

#define FLEET_TEXT_MAX 400

/* "500 boards, 480 online; 450 of 481 run what they should; 2 are dirty, 3 need hands, 1
 * rollout is halted." */
void fleet_say(const struct fleet_counts *counts, char ret_text[FLEET_TEXT_MAX]);

/* Of its tasks. What a board runs now is not among it: a later rollout may have changed
 * that. */
struct rollout_counts {
	size_t tasks;
	size_t confirmed, already;
	size_t hurt; /* fell back, failed, lost */
	size_t deferred, refused;
};
void rollout_counts_add(struct rollout_counts *counts, enum task_state state);

#define ROLLOUT_TEXT_MAX 512

/* "Rollout of v1.8.7 is completed: 24 of 24 boards were confirmed on it, ..." */
void rollout_say(const struct rollout *rollout, const struct rollout_counts *counts,
	char ret_text[ROLLOUT_TEXT_MAX]);

#endif
