/* SPDX-License-Identifier: MIT
 *
 * The record of a task: what a banner means to it, and how a move of the task machine
 * (task_fsm.h) is carried into it. Pure.
 */
#ifndef WIPY_CORE_TASK_RECORD_H
#define WIPY_CORE_TASK_RECORD_H

#include "daemon/core/task_fsm.h"

/* What a banner says to this task; `wanted` is NULL where the catalogue has lost it. Where both images look alike only a proven reset tells
 * the pushed one from the one before (DESIGN.md 1.1, indistinguishable). */
enum task_seen task_see(const struct task *task, const struct wipy_fingerprint *seen_fp,
	const struct wipy_fingerprint *wanted);
bool task_same_image(const struct task *task, const struct wipy_fingerprint *wanted);

/* Its latest push is under way, or what it has left there may be on the board: task->type
 * says which image that was. Before the first one, and once nothing of the last is left, the
 * next one goes by what the board is called then. */
bool task_is_begun(const struct task *task);

/* Carries a move into the task's record: state, flags, counters, times. `seen_fp` is the
 * fingerprint of a LOOKED event, else NULL. */
void task_apply(struct task *task, enum task_event event, const struct task_move *move,
	const struct wipy_fingerprint *seen_fp, int64_t now_s);

#endif
