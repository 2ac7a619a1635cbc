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

#include "daemon/core/axes.h"
#include "daemon/core/reason.h"
#include "daemon/core/task_record.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "task"

#define EARLY_MS        5000 /* a board may need this long to begin its reset */
#define RESETS_MAX      3
#define ASKS_MAX        2 /* for the mark, after each reset: each is a login */
#define COMMIT_RETRY_MS 5000

/* What a completion must still match. */
struct pending {
	struct engine_task *task;
	uint64_t generation;
};

/* ---- the table ------------------------------------------------------------------- */

/* Its image is another one than when this was planned, by nobody of ours: neither what the
 * undo is to take back nor where it goes; or the board catches up, and came back with a
 * change of others. */
static bool moved_on(
	const struct engine_task *et, const struct wipy_fingerprint *seen_fp)
{
	const struct wipy_fingerprint *brought = engine_undo_brought(et);

	if (et->task.attempted || et->task.resets > 0)
		return false;
	if (brought)
		return !wipy_fingerprint_equal(seen_fp, brought) &&
		       !wipy_fingerprint_equal(seen_fp, &et->task.wanted);
	return et->task.late && et->board->board.version == VERSION_CHANGED_BY_OTHERS;
}

static void fill_seen(const struct engine_task *et, const struct wipy_fingerprint *fp,
	struct task_facts *facts)
{
	const struct wipy_fingerprint *wanted = engine_task_wanted(et);

	facts->seen = task_see(&et->task, fp, wanted);
	facts->moved_on = moved_on(et, fp);
	/* The board's text must be the image's too: another board of the family is
	 * another board. */
	facts->wrong_board |= wanted && (strcmp(fp->mcu, wanted->mcu) != 0 ||
						strcmp(fp->board, wanted->board) != 0);
}

/* Shows another image than right before the push: it has been reset since, whoever did
 * it, and nothing of ours waits for the next reset. */
static bool was_reset(const struct engine_task *et)
{
	const struct board *board = &et->board->board;

	return et->task.has_before && board->has_fingerprint &&
	       !wipy_fingerprint_equal(&board->fingerprint, &et->task.before);
}

/* What the ledger says against a push, once a look has told it what runs. */
static void fill_push(const struct engine_task *et, struct task_facts *facts)
{
	const struct ledger *ledger = &et->board->board.ledger;
	struct ledger_next_push next;
	bool on_trial = ledger->world_count > 0;

	if (et->task.state != TASK_CHECKING)
		return;
	facts->forbidden = engine_task_forbidden(et);
	ledger_next_push(ledger, &next);
	for (size_t i = 0; i < ledger->world_count; i++)
		on_trial = on_trial && ledger->world[i].status == LEDGER_ON_TRIAL;
	facts->kills = next.kills;
	/* It may be so of many a board that was just enrolled: it takes a refusal, or
	 * certainty. */
	facts->refuses = next.refused && (on_trial || et->stor_refused);
}

static struct task_facts facts_of(
	const struct engine_task *et, const struct wipy_fingerprint *seen_fp)
{
	const struct task *task = &et->task;
	const struct rollout *rollout = &et->rollout->rollout;
	const struct wipy_fingerprint *wanted = engine_task_wanted(et);
	const struct wipy_family_facts *family =
		wipy_family_facts(et->board->spec->family);
	int64_t now_ms = engine_now_ms(et->rollout->engine);
	enum rollout_state drive = rollout_drive(rollout);
	struct task_facts facts = {
		.attempts_left = task->attempt < rollout->attempts_max,
		.resets_left = task->resets < RESETS_MAX,
		.attempted = task->attempted,
		.touched = task->touched,
		.dirty = task->inherited & CONDITION_DIRTY,
		.pushed = task->pushed,
		.reset_since = was_reset(et),
		.reset_known = task->mark[0] != '\0',
		.proven = task->proof == PROOF_MARK,
		.gone = task->state == TASK_RETURNING
				? task->proof == PROOF_OUTAGE
				: task->state == TASK_SOAKING && task_is_gone(task),
		.asks_left = et->asks<ASKS_MAX, .gives_up = task->gives_up,
			.went_away = task->outages> 0,
		.was_cut = task->trials_cut > 0,
		.early = now_ms - et->reset_ms < EARLY_MS,
		.cancelled = drive == ROLLOUT_ABORTING,
		.frozen = drive == ROLLOUT_ABORTING &&
			  rollout->abort_mode == ABORT_FREEZE,
		.standing = drive == ROLLOUT_PAUSED || drive == ROLLOUT_HALTED,
		.closed = engine_task_closed(et),
		.absent = et->board->board.reach == REACH_OFFLINE ||
			  et->board->board.reach == REACH_NEVER_SEEN,
		.wrong_board = et->board->board.access == ACCESS_WRONG_BOARD,
		.was_busy = et->was_busy,
		.was_blind = et->was_blind,
		.switches = task->statement[0] != '\0',
		.trapped = task->inherited != 0,
		.springs = (task->inherited & CONDITION_ARMED) &&
			   !family->push_again_cures && engine_undo_brought(et) != NULL,
		.cures = family->push_again_cures,
		.trial = family->confirm_path[0] != '\0',
		.soak_over = et->soak_end_ms != 0 && now_ms >= et->soak_end_ms,
		.probes = engine_has_probes(et) && !et->probed,
		.probes_again = et->probe_tries < PROBE_TRIES,
		.unclear = engine_probe_verdict(et) == PROBE_INCONCLUSIVE,
	};

	facts.pushes_back = facts.cures && task->has_before && !facts.frozen &&
			    engine_image_showing(et->board, &task->before) != NULL;
	facts.disarms = facts.pushes_back &&
			(facts.cancelled || facts.gives_up || drive == ROLLOUT_HALTED);
	facts.same_image = wanted && task_same_image(task, wanted);
	if (seen_fp) {
		fill_seen(et, seen_fp, &facts);
		fill_push(et, &facts);
	}
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

/* What the looks of a soak, and the questions for the mark, have come to. */
static void note_looks(
	struct engine_task *et, enum task_event event, const struct task_move *move)
{
	bool soaks = et->task.state == TASK_SOAKING;

	et->was_busy = event == TASK_EV_BUSY;
	et->was_blind = event == TASK_EV_BLIND;
	et->answered = event == TASK_EV_LOOKED || event == TASK_EV_MARK_UNKNOWN;
	if (!soaks || task_is_gone(&et->task) || move->action == TASK_ACT_SOAK)
		et->probed = false;
	else if (event == TASK_EV_PROBES_PASSED || event == TASK_EV_PROBES_UNCLEAR)
		et->probed = true;
	if (event == TASK_EV_RESET_SENT)
		et->asks = 0;
	else if (move->action == TASK_ACT_ASK_MARK)
		et->asks++;
}

/* Waits for a board that it has touched: not for ever. */
static bool has_deadline(const struct task *task, const struct task_move *move)
{
	return task->state == TASK_RETURNING || task->state == TASK_CONFIRMING ||
	       (task->state == TASK_CHECKING && move->action == TASK_ACT_LOOK_LATER);
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
	else
		et->old_mark[0] = '\0';
	if (event != TASK_EV_RESTARTED && move->action == TASK_ACT_BACK_OFF)
		task->due_s = engine_now_s() + backoff_s(engine, task->attempt);
	if (task->state == TASK_SOAKING &&
		(from != TASK_SOAKING || task->reason == REASON_WENT_AWAY)) {
		task->due_s = engine_now_s() + et->rollout->rollout.soak_s;
		et->soak_end_ms = 0;
		et->probe_tries = 0;
	}
	if (from == TASK_RESETTING && task->state == TASK_RETURNING)
		et->reset_ms = now_ms;
	if (task->state != TASK_SOAKING) {
		et->soak_end_ms = 0;
		et->probe_tries = 0;
	}
	/* Returning has one deadline from its beginning, soaking one for each of its
	 * looks that is not answered. */
	if (task->state != from || move->action == TASK_ACT_SOAK)
		et->deadline_ms = 0;
	if ((et->deadline_ms == 0 && has_deadline(task, move)) ||
		(task->state == TASK_SOAKING && move->action == TASK_ACT_LOOK)) {
		et->deadline_ms = now_ms + settings->return_ms;
		et->looked = false;
	}
}

/* Pushed to, and no reset since. An outage proves none: only of a board that went with its
 * reset and never came back it is taken for one, but where a second push can kill
 * (WIRE.md 3.4) not even there. */
static bool may_be_armed(const struct engine_task *et)
{
	const struct task *task = &et->task;
	bool cures = wipy_family_facts(et->board->spec->family)->push_again_cures;

	if (!task->pushed || task->proof > PROOF_OUTAGE || was_reset(et))
		return false;
	return task->proof == PROOF_NONE || task->state != TASK_LOST || !cures;
}

/* What the task's state means for the board's own record. */
void engine_task_settle(struct engine_task *et)
{
	struct board *board = &et->board->board;
	const struct task *task = &et->task;

	board->conditions &= CONDITION_NEEDS_HANDS;
	board->conditions |= task->inherited;
	if (task->touched && !was_reset(et))
		board->conditions |= CONDITION_DIRTY;
	if (may_be_armed(et))
		board->conditions |= CONDITION_ARMED;
	if (task->state == TASK_CONFIRMED || task->state == TASK_ALREADY) {
		const struct release_image *target = NULL;

		engine_undo_name(et, board->confirmed_release);
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
	       was->attempt == et->task.attempt && was->outages == et->task.outages &&
	       was->lost_s == et->task.lost_s &&
	       was->returned_s == et->task.returned_s &&
	       strcmp(was->mark, et->task.mark) == 0 && et->action != TASK_ACT_ASK_MARK;
}

static void ended(struct engine_task *et)
{
	et->rollout->engine->tallies.ended[et->task.state]++;
	due_heap_remove(&et->rollout->engine->tasks, &et->due);
	engine_board_let_go(et->board, et);
}

void engine_task_event(struct engine_task *et, enum task_event event,
	const struct wipy_fingerprint *seen_fp)
{
	struct task_facts facts;
	struct engine *engine = et->rollout->engine;
	struct task was;
	struct store_batch *batch;
	struct task_move move;

	/* While it rested the board was not its own. */
	if (engine_catch_up_rests(et))
		et->task.inherited = et->board->board.conditions &
				     (CONDITION_DIRTY | CONDITION_ARMED);
	facts = facts_of(et, seen_fp);
	was = et->task;
	if (task_fsm_step(et->task.state, event, &facts, &move) < 0) {
		log_debug(TAG, "event %s means nothing in state %s board=%s",
			task_event_name(event), task_state_name(et->task.state),
			et->task.board);
		return;
	}
	engine_task_cancel_io(et);
	et->rollout->idle_until_s = 0;
	et->generation++;
	task_apply(&et->task, event, &move, seen_fp, engine_now_s());
	if (et->task.attempted && !task_is_begun(&was))
		memcpy(et->task.type, et->board->spec->type, sizeof(et->task.type));
	if (event == TASK_EV_MARK_UNKNOWN)
		memcpy(et->old_mark, was.mark, sizeof(et->old_mark));
	note_looks(et, event, &move);
	prepare_state(et, was.state, event, &move);
	et->action = move.action;
	engine_pace_note(et, was.state, event);
	engine_ledger_task(et, was.state, event);
	engine_task_settle(et);
	if (only_waits(&was, et)) {
		engine_task_act(et);
		return;
	}
	batch = store_batch_new(engine->config.store);
	log_move(et, was.state, event, batch);
	engine_known_bad_note(et, &was, batch);
	engine_rescue_note(et, batch);
	engine_undo_note(et, was.state, batch);
	commit_task(et, batch);
	if (task_state_is_end(et->task.state))
		ended(et);
	else if (et->task.late && et->task.state == TASK_DEFERRED)
		engine_catch_up_rest(et);
	if (task_moves_plan(&was, &et->task))
		engine_plan_soon(engine);
}
