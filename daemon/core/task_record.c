/* SPDX-License-Identifier: MIT
 *
 * What a task's record says of its board, and what events and moves make of it: flags,
 * proofs, counters, times. Which moves there are is the table's matter (task_fsm.c).
 */
#include "daemon/core/task_record.h"

#include <string.h>

bool task_same_image(const struct task *task, const struct wipy_fingerprint *wanted)
{
	return task->has_before && wipy_fingerprint_equal(&task->before, wanted);
}

enum task_seen task_see(const struct task *task, const struct wipy_fingerprint *seen_fp,
	const struct wipy_fingerprint *wanted)
{
	bool is_before =
		task->has_before && wipy_fingerprint_equal(seen_fp, &task->before);

	/* Where both look alike only the mark tells. */
	if (wanted && wipy_fingerprint_equal(seen_fp, wanted) &&
		(!is_before || task->proof == PROOF_MARK))
		return TASK_SEEN_WANTED;
	return is_before ? TASK_SEEN_BEFORE : TASK_SEEN_OTHER;
}

/* What the event itself says of the board, whatever the state becomes. */
static void apply_event(
	struct task *task, enum task_event event, const struct task_move *move)
{
	bool reset_known = task->mark[0] != '\0';

	/* Listed are the events that change what is known; the others change nothing. */
	if (task->state == TASK_CONFIRMING)
		return; /* what it takes then touches no slot */
	if (event == TASK_EV_PUSHED || event == TASK_EV_PUSH_BROKEN) {
		/* What an earlier reset proved says nothing of what was pushed since. */
		task->proof = PROOF_NONE;
		task->mark[0] = '\0';
	}
	if (event == TASK_EV_PUSHED) {
		/* Pushed back is what runs: the next reset changes nothing. */
		task->pushed = task->state != TASK_DISARMING;
		task->touched = false;
		task->inherited = 0;
	} else if (event == TASK_EV_PUSH_BROKEN) {
		task->touched = true;
		task->pushed = false;
		task->inherited = 0;
	} else if (event == TASK_EV_FTP_BUSY && !task->touched && !task->pushed) {
		task->attempted = false; /* it did not even begin */
	} else if (event == TASK_EV_RESET_SENT) {
		task->resets++;
		task->proof = PROOF_NONE;
	} else if (event == TASK_EV_RESET_FAILED || event == TASK_EV_MARK_THERE ||
		   event == TASK_EV_LOGIN_REFUSED ||
		   (event == TASK_EV_MARK_UNKNOWN && move->to != TASK_RETURNING)) {
		/* No reset has happened that the mark could prove later. */
		task->mark[0] = '\0';
		task->proof = PROOF_NONE;
	} else if (event == TASK_EV_MARK_GONE) {
		task->resets += task->state == TASK_RESETTING; /* it was told again */
		task->proof = PROOF_MARK;
	} else if (event == TASK_EV_UNSEEN && task->state == TASK_RETURNING &&
		   reset_known && task->proof == PROOF_NONE) {
		task->proof = PROOF_OUTAGE;
	} else if (event == TASK_EV_RESTARTED) {
		/* Whether STOR or the reset went out is not known: assume the worse. */
		if (task->state == TASK_PUSHING || task->state == TASK_DISARMING) {
			task->touched = true;
			task->pushed = false;
			task->inherited = 0;
			task->proof = PROOF_NONE;
		}
		if (task->state == TASK_RESETTING) {
			task->mark[0] = '\0';
			task->proof = PROOF_NONE;
		}
	}
}

/* It has been reset since our push, or whoever put a third image there has reset it: no
 * trap of ours is left. */
static bool trap_is_gone(const struct task *task, enum task_event event)
{
	return (task->state == TASK_VERIFYING && event != TASK_EV_RESTARTED) ||
	       task->state == TASK_FELL_BACK || task->reason == REASON_TRAP_SPRUNG ||
	       (task->state == TASK_FAILED && task->reason == REASON_FOREIGN_IMAGE);
}

/* When it went and when it was back, as far as looks have told. */
static void apply_sight(struct task *task, enum task_event event,
	const struct task_move *move, int64_t now_s)
{
	bool gone = task_is_gone(task);
	bool seen = event == TASK_EV_LOOKED || event == TASK_EV_SEEN;
	bool is_back = task->state != TASK_VERIFYING && move->to == TASK_VERIFYING &&
		       task->returned_s == 0;

	if (task->state == TASK_RESETTING && move->to == TASK_RETURNING) {
		task->lost_s = task->returned_s = 0;
		task->banner_after[0] =
			'\0'; /* what was read until now was before it */
	} else if (event == TASK_EV_UNSEEN && !gone) {
		task->lost_s = now_s;
		task->returned_s = 0;
	} else if ((seen && gone) || is_back) {
		task->returned_s = now_s;
	}
}

static void apply_state(struct task *task, enum task_event event,
	const struct wipy_fingerprint *seen_fp)
{
	bool reset_to_cure = task->state == TASK_RESETTING && !task->pushed;

	if (task->state == TASK_PUSHING ||
		(task->state == TASK_RESETTING && task->statement[0] != '\0'))
		task->attempted = true;
	if ((task->state == TASK_PUSHING || reset_to_cure) && seen_fp) {
		task->before = *seen_fp;
		task->has_before = true;
		memcpy(task->banner_before, task->banner_after,
			sizeof(task->banner_before));
		task->banner_after[0] = '\0';
	}
	if (trap_is_gone(task, event)) {
		/* It shows another fingerprint than the one read before the push. */
		if (task->proof != PROOF_MARK && task->state != TASK_FELL_BACK)
			task->proof = PROOF_FINGERPRINT;
		/* It says nothing of the push to come. */
		if (!task_state_is_end(task->state) &&
			task->reason == REASON_TRAP_SPRUNG)
			task->proof = PROOF_NONE;
		task->touched = task->pushed = task->gives_up = false;
		task->inherited = 0;
	}
	if (task->state == TASK_DISARMING && task->reason != REASON_DISARM) {
		task->gives_up = true;
		task->attempt = 1; /* for this it has all of them */
	}
	task->outages +=
		task->state == TASK_SOAKING && task->reason == REASON_WENT_AWAY;
	task->trials_cut += task->reason == REASON_TRIAL_ENDED;
	if (task->state == TASK_DEFERRED)
		task->attempt = 1; /* it comes back with all of them */
	else if (event == TASK_EV_TIMER &&
		 (task->state == TASK_CHECKING || task->reason == REASON_WINDOW))
		task->attempt++;
}

/* Ahead of a push. */
static bool is_before_push(enum task_state state)
{
	return state == TASK_PLANNED || state == TASK_WAITING ||
	       state == TASK_CHECKING || state == TASK_BACKOFF ||
	       state == TASK_DEFERRED;
}

bool task_is_begun(const struct task *task)
{
	return task->attempted &&
	       (task->touched || task->pushed || !is_before_push(task->state));
}

void task_apply(struct task *task, enum task_event event, const struct task_move *move,
	const struct wipy_fingerprint *seen_fp, int64_t now_s)
{
	bool moved = move->to != task->state;

	apply_event(task, event, move);
	apply_sight(task, event, move, now_s);
	task->state = move->to;
	task->reason = move->reason;
	if (moved)
		task->since_s = now_s;
	apply_state(task, event, seen_fp);
}
