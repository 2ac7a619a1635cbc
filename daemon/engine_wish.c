/* SPDX-License-Identifier: MIT
 *
 * What a person asks of rollouts: starting one, approving, pausing, resuming, aborting.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/reason.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "rollout"

struct answer {
	struct engine *engine;
	struct engine_rollout *rollout;
	bool created;
	engine_rollout_fn done;
	void *arg;
};

/* ---- starting -------------------------------------------------------------------- */

static void answered(void *arg, int status)
{
	struct answer *answer = arg;
	struct engine *engine = answer->engine;
	struct engine_rollout *er = answer->rollout;

	engine->commits_in_flight--;
	er->answers--;
	if (engine_commit_ok(engine, status)) {
		er->durable = true;
		engine_catch_up_keep(er);
	} else if (answer->created) {
		engine_undo_dropped(er);
		engine_catch_up_restore(er);
		engine_rollout_remove(engine, er);
		er = NULL;
	}
	if (answer->done)
		answer->done(answer->arg, status, er);
	free(answer);
	engine_plan_soon(engine);
	engine_stop_check(engine);
}

static void commit_answer(struct engine *engine, struct engine_rollout *er,
	bool created, struct store_batch *batch, engine_rollout_fn done, void *arg)
{
	struct answer *answer = engine_alloc(1, sizeof(*answer));

	*answer = (struct answer){engine, er, created, done, arg};
	store_put_rollout(batch, &er->rollout);
	er->answers++;
	engine->commits_in_flight++;
	store_commit(batch, answered, answer);
}

static void fill_task(struct engine_task *et, const struct plan_entry *entry)
{
	struct task *task = &et->task;
	char id[ID_TEXT_MAX];

	task->rollout = et->rollout->rollout.id;
	snprintf(task->board, sizeof(task->board), "%s", entry->board->board.name);
	task->wave = entry->wave;
	task->state = entry->state;
	task->reason = entry->reason;
	task->since_s = et->rollout->rollout.created_s;
	task->attempt = 1;
	task->inherited =
		entry->board->board.conditions & (CONDITION_DIRTY | CONDITION_ARMED);
	if (entry->wanted) {
		task->has_wanted = true;
		task->wanted = *entry->wanted;
	}
	snprintf(task->statement, sizeof(task->statement), "%s", entry->statement);
	if (entry->other) {
		id_format(&entry->other->rollout.id, id);
		snprintf(task->evidence, sizeof(task->evidence),
			"rollout %.8s of release %s", id,
			entry->other->rollout.release);
	}
	et->board = entry->board;
	if (!task_state_is_end(task->state))
		entry->board->task = et;
	else
		engine_task_settle(et);
}

static struct rollout rollout_of(
	struct engine *engine, const struct plan *plan, const char *actor)
{
	struct rollout rollout = {
		.state = engine->config.settings->approval ? ROLLOUT_AWAITING_APPROVAL
							   : ROLLOUT_RUNNING,
		.created_s = engine_now_s(),
		.expires_s = engine_now_s() + plan->expires_s,
		.since_s = engine_now_s(),
		.soak_s = plan->soak_s,
		.wave_count = plan->wave_count,
		.attempts_max = (int)engine->config.settings->attempts,
		.burn_last_good = plan->burn_last_good,
		.allow_one_way = plan->allow_one_way,
	};

	clock_random(rollout.id.byte, sizeof(rollout.id.byte));
	snprintf(rollout.release, sizeof(rollout.release), "%s",
		plan_release_name(plan));
	snprintf(rollout.selector, sizeof(rollout.selector), "%s", plan->select_text);
	snprintf(rollout.waves, sizeof(rollout.waves), "%s", plan->waves_text);
	snprintf(rollout.actor, sizeof(rollout.actor), "%s", actor);
	if (plan->undo_of) {
		rollout.undo_of = plan->undo_of->rollout.id;
		rollout.undo_from = plan->undo_of->rollout.state;
	}
	if (rollout_is_repair(&rollout))
		rollout.state = ROLLOUT_RUNNING; /* no start: nobody has to agree */
	return rollout;
}

void engine_start_rollout(struct engine *engine, const struct plan *plan,
	const char *actor, engine_rollout_fn done, void *arg)
{
	struct rollout record = rollout_of(engine, plan, actor);
	struct engine_rollout *er =
		engine_rollout_new(engine, &record, plan->entry_count);
	struct store_batch *batch = store_batch_new(engine->config.store);
	char detail[384], id[ID_TEXT_MAX];

	id_format(&record.id, id);
	for (size_t i = 0; i < plan->entry_count; i++) {
		/* What is refused gets nothing of this one in its place. */
		if (plan->entry[i].state != TASK_REFUSED)
			engine_catch_up_yield(er, plan->entry[i].board);
		fill_task(&er->task[i], &plan->entry[i]);
		store_put_task(batch, &er->task[i].task);
		store_put_board(batch, &plan->entry[i].board->board);
	}
	engine_undo_begin(er, actor, batch); /* what it takes back stays in memory */
	engine_forget_rollouts(engine);
	engine_rollout_append(engine, er);
	snprintf(detail, sizeof(detail), "%srelease %s, waves %s, %zu boards planned",
		plan->undo_of ? "undo of " : "", record.release, record.waves,
		plan->planned);
	engine_event_caused(batch, actor,
		rollout_is_repair(&record) ? "rescue" : "wish", "", &record.id,
		"rollout-started", detail);
	log_info(TAG, "started rollout=%.8s release=%s boards=%zu actor=%s", id,
		record.release, plan->planned, actor);
	commit_answer(engine, er, true, batch, done, arg);
}

/* ---- wishes ---------------------------------------------------------------------- */

/* The person has seen the failures so far: only new ones can trip a brake again. A wave
 * that can show nothing any more is left behind, since that is what resuming means. */
static void acknowledge(struct engine_rollout *er, struct store_batch *batch,
	const char *reason, char *ret_words, size_t cap)
{
	struct rollout *rollout = &er->rollout;
	struct brake_counts counts;
	int late = rollout_late_hurt(rollout, er->view, er->task_count);

	if (rollout_state_is_end(rollout->state)) {
		rollout->acked_catch_up += late;
		snprintf(ret_words, cap, "%s; acknowledged: %d that caught up", reason,
			late);
		return;
	}
	rollout_count(rollout, er->view, er->task_count, &counts);
	rollout->acked_lost += counts.lost;
	rollout->acked_fell_back += counts.fell_back;
	rollout->acked_failed += counts.failed;
	rollout->acked_probe += counts.probe;
	snprintf(ret_words, cap,
		"%s; acknowledged: %d lost, %d fell back, %d failed, %d failed their "
		"probes",
		reason, counts.lost, counts.fell_back, counts.failed, counts.probe);
	for (int i = 0; i < rollout->wave_count; i++) {
		struct wave_facts facts = {
			.spent = rollout_wave_failed(er->view, er->task_count, i)};

		engine_wave_event(er, i, WAVE_EV_RESUME, &facts, batch);
	}
}

/* It is permitted: durable first, then its tasks hear of it. */
static void carry_wish(struct engine_rollout *rollout, enum rollout_wish wish,
	enum rollout_state to, const char *actor, const char *reason,
	engine_rollout_fn done, void *arg)
{
	struct engine *engine = rollout->engine;
	struct store_batch *batch = store_batch_new(engine->config.store);
	char words[256];

	snprintf(words, sizeof(words), "%s", reason);
	if (rollout_drive(&rollout->rollout) == ROLLOUT_HALTED && wish == WISH_RESUME)
		acknowledge(rollout, batch, reason, words, sizeof(words));
	else if (wish == WISH_ABORT && rollout->rollout.abort_mode != ABORT_KEEP)
		snprintf(words, sizeof(words), "mode %s%s%s",
			abort_mode_name(rollout->rollout.abort_mode),
			reason[0] ? ": " : "", reason);
	engine_set_rollout(rollout, to,
		to == ROLLOUT_RUNNING ? REASON_NONE : REASON_BY_OPERATOR, actor, words,
		batch);
	commit_answer(engine, rollout, false, batch, done, arg);
	if (rollout->dormant) {
		rollout->dormant = false;
		engine_restart_rollout(rollout);
	}
	if (wish == WISH_ABORT)
		engine_tell_tasks(rollout, TASK_EV_CANCEL);
	if (wish == WISH_RESUME)
		engine_tell_tasks(rollout, TASK_EV_RELEASE);
}

/* What an undo goes back to is its tasks' matter, not its release's. */
static bool is_undo(const struct engine_rollout *er)
{
	return !id_is_zero(&er->rollout.undo_of);
}

int engine_wish_rollout(struct engine_rollout *rollout, enum rollout_wish wish,
	const char *actor, const char *reason, engine_rollout_fn done, void *arg)
{
	enum rollout_state drive = rollout_drive(&rollout->rollout), to;
	struct errtext ignored;
	int rc;

	if (wish == WISH_ABORT)
		return engine_abort_rollout(
			rollout, ABORT_KEEP, actor, reason, done, arg);
	rc = rollout_wish(drive, wish, &to);
	if (rc < 0)
		return rc;
	if (!rollout->release && !is_undo(rollout))
		return -ENOENT;
	if (wish == WISH_APPROVE && !is_undo(rollout) &&
		engine_release_begins(rollout->engine, rollout->release, &ignored) < 0)
		return -ESTALE;
	if (wish == WISH_APPROVE && rollout->engine->config.settings->approval &&
		strcmp(actor, rollout->rollout.actor) == 0)
		return -EACCES;
	if (drive == ROLLOUT_HALTED && !reason[0])
		return -EINVAL;
	carry_wish(rollout, wish, to, actor, reason, done, arg);
	return 0;
}

int engine_abort_rollout(struct engine_rollout *rollout, enum abort_mode mode,
	const char *actor, const char *reason, engine_rollout_fn done, void *arg)
{
	struct rollout *record = &rollout->rollout;
	enum rollout_state to = ROLLOUT_ABORTING;
	int rc = rollout_wish(rollout_drive(record), WISH_ABORT, &to);
	bool harder = rc == -EALREADY && mode == ABORT_FREEZE &&
		      rollout_drive(record) == ROLLOUT_ABORTING &&
		      record->abort_mode != ABORT_FREEZE;

	if (rc < 0 && !harder)
		return rc;
	if (!rollout->release && !is_undo(rollout))
		return -ENOENT;
	record->abort_mode = mode;
	carry_wish(rollout, WISH_ABORT, to, actor, reason, done, arg);
	return 0;
}
