/* SPDX-License-Identifier: MIT
 *
 * Drives one task's record through the task machine the way the daemon does: facts from
 * the record and its surroundings, a step, the record, and the mark that is chosen before
 * a reset. For tests of the machine without a daemon.
 */
#ifndef WIPY_TESTS_TASK_DRIVER_H
#define WIPY_TESTS_TASK_DRIVER_H

#include <string.h>

#include "daemon/core/task_record.h"

#define DRIVER_ATTEMPTS_MAX 3
#define DRIVER_RESETS_MAX   3

/* What the record does not hold. */
struct surroundings {
	bool cancelled, standing; /* of the rollout */
	bool frozen;
	bool closed; /* the window of its site */
	bool early, absent, wrong_board, was_busy, was_blind;
	bool trapped;      /* by an earlier rollout */
	bool dirty;        /* ... which has left a broken upload */
	bool soak_goes_on; /* else a look in the soak is its last */
	bool gone;         /* in its soak */
	bool asked;        /* for the mark, as often as may be */
	bool reset_since;  /* by a hand, and the polls have seen it */
	bool refuses, kills;
	bool moved_on; /* others have changed it since it was planned */
	bool springs;  /* armed with what the undo takes back */
	enum reason forbidden;
	bool no_cure; /* a second push would not cure: a Pycom board */
	bool disarms; /* the image before can be pushed back */
	bool trial;
	bool probes, unclear; /* it is probed; one of its probes was not answered */
	bool probes_again;
	bool halted; /* by a brake; `standing` alone: paused by a person */
};

static const struct wipy_fingerprint driver_old = {
	"v1.8.6", "2016-11-10", "WiPy", "CC3200"};
static const struct wipy_fingerprint driver_new = {
	"v1.8.7", "2017-01-08", "WiPy", "CC3200"};
static const struct wipy_fingerprint driver_other = {
	"v1.9.4", "2018-05-11", "WiPy", "CC3200"};

static inline struct task_facts driver_facts(const struct task *task,
	const struct surroundings *around, const struct wipy_fingerprint *seen_fp)
{
	bool pushes_back = around->disarms && !around->no_cure && !around->frozen &&
			   task->has_before;

	return (struct task_facts){
		.attempts_left = task->attempt<DRIVER_ATTEMPTS_MAX,
			.resets_left = task->resets<DRIVER_RESETS_MAX,
				.attempted = task->attempted, .touched = task->touched,
				.pushed = task->pushed,
				.reset_known = task->mark[0] != '\0',
				.proven = task->proof == PROOF_MARK,
				.gone = task->state == TASK_RETURNING
						? task->proof == PROOF_OUTAGE
						: around->gone,
				.asks_left = !around->asked, .gives_up = task->gives_up,
				.went_away = task->outages> 0,
			.was_cut = task->trials_cut> 0,
		.reset_since = around->reset_since,
		.refuses = around->refuses,
		.kills = around->kills,
		.moved_on = around->moved_on && !task->attempted,
		.springs = around->springs,
		.forbidden = around->forbidden,
		.early = around->early,
		.cancelled = around->cancelled,
		.frozen = around->frozen,
		.standing = around->standing,
		.closed = around->closed && !task->touched &&
			  !(task->inherited & CONDITION_DIRTY),
		.absent = around->absent,
		.wrong_board = around->wrong_board && seen_fp,
		.was_busy = around->was_busy,
		.was_blind = around->was_blind,
		.switches = task->statement[0] != '\0',
		.trapped = around->trapped || task->inherited != 0,
		.dirty = around->dirty || (task->inherited & CONDITION_DIRTY),
		.soak_over = !around->soak_goes_on,
		.cures = !around->no_cure,
		.trial = around->trial,
		.probes = around->probes,
		.probes_again = around->probes_again,
		.unclear = around->unclear,
		.pushes_back = pushes_back,
		.disarms = pushes_back &&
			   (around->cancelled || around->halted || task->gives_up),
		.same_image = task_same_image(task, &driver_new),
		.seen = seen_fp ? task_see(task, seen_fp, &driver_new)
				: TASK_SEEN_OTHER,
	};
}

/* Returns what task_fsm_step() returns; on 0 the record has moved. */
static inline int driver_event(struct task *task, enum task_event event,
	const struct wipy_fingerprint *seen_fp, const struct surroundings *around,
	int64_t now_s, struct task_move *ret_move)
{
	struct task_facts facts = driver_facts(task, around, seen_fp);
	int rc = task_fsm_step(task->state, event, &facts, ret_move);

	if (rc < 0)
		return rc;
	task_apply(task, event, ret_move, seen_fp, now_s);
	if (ret_move->action == TASK_ACT_RESET)
		strcpy(task->mark, "wipyd_mark");
	return 0;
}

#endif
