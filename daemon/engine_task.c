/* SPDX-License-Identifier: MIT
 *
 * Tasks: an event goes through the table, the new state is committed, and only then the
 * action is carried out on the board (engine_action.c). A commit that ends for an older
 * generation starts nothing.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "daemon/core/poll_plan.h"
#include "daemon/core/reason.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "task"

#define EARLY_MS        5000 /* a board may need this long to begin its reset */
#define RESETS_MAX      3
#define COMMIT_RETRY_MS 5000

/* What a completion must still match. */
struct pending {
	struct engine_task *task;
	uint64_t generation;
};

/* ---- the table ------------------------------------------------------------------- */

static void fill_seen(const struct engine_task *et, const struct wipy_fingerprint *fp,
	struct task_facts *facts)
{
	const struct release_image *image = engine_task_image(et);

	facts->seen =
		image ? task_see(&et->task, fp, &image->fingerprint) : TASK_SEEN_OTHER;
	/* The board's text must be the image's too: another board of the family is
	 * another board. */
	facts->wrong_board |= !image || strcmp(fp->mcu, image->fingerprint.mcu) != 0 ||
			      strcmp(fp->board, image->fingerprint.board) != 0;
}

static struct task_facts facts_of(
	const struct engine_task *et, const struct wipy_fingerprint *seen_fp)
{
	const struct task *task = &et->task;
	const struct rollout *rollout = &et->rollout->rollout;
	const struct release_image *image = engine_task_image(et);
	const struct wipy_family_facts *family =
		wipy_family_facts(et->board->spec->family);
	int64_t now_ms = engine_now_ms(et->rollout->engine);
	struct task_facts facts = {
		.attempts_left = task->attempt < rollout->attempts_max,
		.resets_left = task->resets < RESETS_MAX,
		.attempted = task->attempted,
		.touched = task->touched,
		.pushed = task->pushed,
		.reset_known = task->mark[0] != '\0',
		.proven = task->proof != PROOF_NONE,
		.early = now_ms - et->reset_ms < EARLY_MS,
		.cancelled = rollout->state == ROLLOUT_ABORTING,
		.standing = rollout->state == ROLLOUT_PAUSED ||
			    rollout->state == ROLLOUT_HALTED,
		.closed = engine_task_closed(et),
		.absent = et->board->board.reach == REACH_OFFLINE ||
			  et->board->board.reach == REACH_NEVER_SEEN,
		.wrong_board = et->board->board.access == ACCESS_WRONG_BOARD,
		.was_busy = et->was_busy,
		.was_blind = et->was_blind,
		.trapped = task->inherited != 0,
		.cures = family->push_again_cures,
		.trial = family->confirm_path[0] != '\0',
		.soak_over = et->soak_end_ms != 0 && now_ms >= et->soak_end_ms,
		.probes = engine_has_probes(et),
		.probes_again = et->probe_tries < PROBE_TRIES,
		.unclear = engine_probe_verdict(et) == PROBE_INCONCLUSIVE,
	};

	facts.disarms = (facts.cancelled || rollout->state == ROLLOUT_HALTED) &&
			facts.cures && task->has_before &&
			engine_image_showing(et->board, &task->before) != NULL;
	facts.same_image = image && task_same_image(task, &image->fingerprint);
	if (seen_fp)
		fill_seen(et, seen_fp, &facts);
	return facts;
}

/* A name that no program has: what is gone after a reset proves it (DESIGN.md 1.1). */
static void choose_mark(struct task *task)
{
	uint8_t random[6];
	char hex[2 * sizeof(random) + 1];

	clock_random(random, sizeof(random));
	sodium_bin2hex(hex, sizeof(hex), random, sizeof(random));
	snprintf(task->mark, sizeof(task->mark), "wipyd_%s", hex);
}

static int64_t backoff_s(const struct engine *engine, int attempt)
{
	int64_t ms = engine->config.settings->backoff_ms;

	for (int i = 1; i < attempt && ms < ENGINE_BACKOFF_MAX_S * 1000; i++)
		ms *= 2;
	ms = (ms + 999) / 1000;
	return ms < ENGINE_BACKOFF_MAX_S ? ms : ENGINE_BACKOFF_MAX_S;
}

/* Timers and names that the new state needs; stored with it. */
static void prepare_state(struct engine_task *et, enum task_state from,
	enum task_event event, const struct task_move *move)
{
	struct engine *engine = et->rollout->engine;
	const struct settings *settings = engine->config.settings;
	struct task *task = &et->task;
	int64_t now_ms = engine_now_ms(engine);

	if (move->action == TASK_ACT_RESET)
		choose_mark(task);
	if (event != TASK_EV_RESTARTED && move->action == TASK_ACT_BACK_OFF)
		task->due_s = engine_now_s() + backoff_s(engine, task->attempt);
	if (task->state == TASK_SOAKING && from != TASK_SOAKING)
		task->due_s = engine_now_s() + et->rollout->rollout.soak_s;
	if (event == TASK_EV_RESET_SENT)
		et->reset_ms = now_ms;
	if (task->state != TASK_SOAKING) {
		et->soak_end_ms = 0;
		et->probe_tries = 0;
	}
	/* Returning has one deadline from its beginning, soaking one for each of its
	 * looks that is not answered. */
	if (task->state != from || move->action == TASK_ACT_SOAK)
		et->deadline_ms = 0;
	if (et->deadline_ms == 0 &&
		(task->state == TASK_RETURNING || task->state == TASK_CONFIRMING ||
			(task->state == TASK_SOAKING && event == TASK_EV_TIMER))) {
		et->deadline_ms = now_ms + settings->return_ms;
		et->looked = false;
	}
}

/* Pushed to, and no reset since. Where an outage is all that speaks for the reset it may
 * have been a lost packet: a board that answers may be armed still. Of a family that a
 * second push can kill (WIRE.md 3.4) that is said to the end. */
static bool may_be_armed(const struct engine_task *et)
{
	const struct task *task = &et->task;
	bool kills = !wipy_family_facts(et->board->spec->family)->push_again_cures;

	if (task->proof != PROOF_OUTAGE)
		return task->pushed && task->proof == PROOF_NONE;
	return (task->pushed && (task->state == TASK_FAILED ||
					(kills && task->state == TASK_LOST))) ||
	       (kills && task->state == TASK_FELL_BACK);
}

/* What the task's state means for the board's own record. */
void engine_task_settle(struct engine_task *et)
{
	struct board *board = &et->board->board;
	const struct task *task = &et->task;

	board->conditions &= CONDITION_NEEDS_HANDS;
	board->conditions |= task->inherited;
	if (task->touched)
		board->conditions |= CONDITION_DIRTY;
	if (may_be_armed(et))
		board->conditions |= CONDITION_ARMED;
	if (task->state == TASK_LOST || task->reason == REASON_PUSH_NOT_REPAIRED)
		board->conditions |= CONDITION_NEEDS_HANDS;
	if (task->state == TASK_CONFIRMED || task->state == TASK_ALREADY) {
		const struct release_image *target = NULL;

		board->conditions &= ~CONDITION_NEEDS_HANDS;
		snprintf(board->confirmed_release, sizeof(board->confirmed_release),
			"%s", et->rollout->rollout.release);
		engine_board_target(et->board, &target);
		board->version = board_version_state(
			board, target ? &target->fingerprint : NULL);
	}
}

static void log_move(struct engine_task *et, enum task_state from,
	enum task_event event, struct store_batch *batch)
{
	const struct task *task = &et->task;
	char detail[384];

	snprintf(detail, sizeof(detail), "%s -> %s on %s, attempt %d%s%s%s%s",
		task_state_name(from), task_state_name(task->state),
		task_event_name(event), task->attempt,
		task->reason != REASON_NONE ? ", " : "",
		task->reason != REASON_NONE ? reason_code(task->reason) : "",
		task->evidence[0] ? ": " : "", task->evidence);
	engine_event_caused(batch, "wipyd", task_event_name(event), task->board,
		&task->rollout, "task-state", detail);
	log_info(TAG, "%s -> %s board=%s reason=%s attempt=%d", task_state_name(from),
		task_state_name(task->state), task->board, reason_code(task->reason),
		task->attempt);
}

static void committed(void *arg, int status)
{
	struct pending *pending = arg;
	struct engine_task *et = pending->task;
	struct engine *engine = et->rollout->engine;
	bool current = pending->generation == et->generation;

	free(pending);
	engine->commits_in_flight--;
	if (current) {
		et->committing = false;
		if (engine_commit_ok(engine, status)) {
			engine_task_act(et);
		} else {
			/* Nothing may be done to the board before its state is durable. */
			et->retry_commit = true;
			due_heap_set(&engine->tasks, &et->due,
				engine_now_ms(engine) + COMMIT_RETRY_MS);
			engine_arm(engine);
		}
	}
	engine_stop_check(engine);
}

static void commit_task(struct engine_task *et, struct store_batch *batch)
{
	struct pending *pending = engine_alloc(1, sizeof(*pending));
	struct engine *engine = et->rollout->engine;

	pending->task = et;
	pending->generation = et->generation;
	et->committing = true;
	et->retry_commit = false;
	store_put_task(batch, &et->task);
	if (et->board)
		store_put_board(batch, &et->board->board);
	engine->commits_in_flight++;
	store_commit(batch, committed, pending);
}

void engine_task_commit(struct engine_task *et)
{
	commit_task(et, store_batch_new(et->rollout->engine->config.store));
}

/* True if the move says nothing that a restart would need, and is no intrusion. */
static bool only_waits(const struct task *was, const struct engine_task *et)
{
	return was->state == et->task.state && was->proof == et->task.proof &&
	       was->touched == et->task.touched && was->pushed == et->task.pushed &&
	       was->attempt == et->task.attempt &&
	       strcmp(was->mark, et->task.mark) == 0 && et->action != TASK_ACT_ASK_MARK;
}

static void ended(struct engine_task *et)
{
	due_heap_remove(&et->rollout->engine->tasks, &et->due);
	engine_board_let_go(et->board, et);
}

void engine_task_event(struct engine_task *et, enum task_event event,
	const struct wipy_fingerprint *seen_fp)
{
	struct task_facts facts = facts_of(et, seen_fp);
	struct engine *engine = et->rollout->engine;
	struct task was = et->task;
	struct store_batch *batch;
	struct task_move move;

	if (task_fsm_step(et->task.state, event, &facts, &move) < 0) {
		log_debug(TAG, "event %s means nothing in state %s board=%s",
			task_event_name(event), task_state_name(et->task.state),
			et->task.board);
		return;
	}
	engine_task_cancel_io(et);
	et->generation++;
	et->was_busy = event == TASK_EV_BUSY;
	et->was_blind = event == TASK_EV_BLIND;
	task_apply(&et->task, event, &move, seen_fp, engine_now_s());
	prepare_state(et, was.state, event, &move);
	et->action = move.action;
	engine_ledger_task(et, was.state, event);
	engine_task_settle(et);
	if (only_waits(&was, et)) {
		engine_task_act(et);
		return;
	}
	batch = store_batch_new(engine->config.store);
	log_move(et, was.state, event, batch);
	engine_known_bad_note(et, &was, batch);
	commit_task(et, batch);
	if (task_state_is_end(et->task.state))
		ended(et);
	engine_plan_soon(engine);
}
