/* SPDX-License-Identifier: MIT
 *
 * Undoing a rollout (docs/decisions/0019): a rollout of its own, each task of which has
 * its own image and way. Here is its plan, and what its beginning, its tasks and its end
 * mean for the rollout that it takes back.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/reason.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "undo"

static struct engine_rollout *undone_by(const struct engine_rollout *undo)
{
	const struct engine *engine = undo->engine;
	const struct id *id = &undo->rollout.undo_of;

	for (size_t i = 0; !id_is_zero(id) && i < engine->rollout_count; i++)
		if (id_equal(&engine->rollout[i]->rollout.id, id))
			return engine->rollout[i];
	return NULL;
}

/* ---- the plan -------------------------------------------------------------------- */

static void judge(
	struct plan *plan, const struct engine_task *et, struct plan_entry *ret_entry)
{
	const struct engine_board *board = et->board;
	const struct release_image *image =
		et->task.has_before ? engine_image_showing(board, &et->task.before)
				    : NULL;
	struct undo_facts facts = {
		.family = board->spec->family,
		.ledger = &board->board.ledger,
		.conditions = board->board.conditions,
		.task = &et->task,
		.brought = engine_task_wanted(et),
		.runs = board->board.has_fingerprint ? &board->board.fingerprint : NULL,
		.wrong_board = board->board.access == ACCESS_WRONG_BOARD ||
			       board->board.other_id[0] != '\0',
		.image = image != NULL,
		.known_bad = image && engine_image_known_bad(board, image),
		.burn_last_good = plan->burn_last_good,
	};
	struct undo_step step;

	undo_decide(&facts, &step);
	*ret_entry = (struct plan_entry){.board = et->board,
		.state = step.state,
		.reason = step.reason,
		.wave = -1,
		.wanted = &et->task.before,
		.method = step.method,
		.risk = step.risk};
	memcpy(ret_entry->statement, step.statement, sizeof(ret_entry->statement));
	plan->planned += step.state == TASK_PLANNED;
	plan->already += step.state == TASK_ALREADY;
	plan->refused += step.state == TASK_REFUSED;
}

/* Boards with nothing to take back are counted, and no part of the undo. */
static int fill(const struct engine_rollout *first, struct plan *plan,
	struct errtext *ret_error)
{
	plan->entry = engine_alloc(first->task_count + 1, sizeof(*plan->entry));
	for (size_t i = 0; i < first->task_count; i++) {
		const struct engine_task *et = &first->task[i];
		struct plan_entry *entry = &plan->entry[plan->entry_count];

		if (!et->board || et->board->kept)
			continue;
		judge(plan, et, entry);
		if (entry->state == TASK_PLANNED &&
			engine_plan_free(et->board, ret_error) < 0)
			return -EBUSY;
		plan->entry_count += entry->state != TASK_ALREADY;
	}
	return 0;
}

static bool is_away(const struct plan_entry *entry)
{
	enum reach reach = entry->board->board.reach;

	return reach != REACH_ONLINE && reach != REACH_FLAPPING;
}

static int by_risk(const void *va, const void *vb)
{
	const struct plan_entry *a = va, *b = vb;

	if ((a->wave < 0) != (b->wave < 0))
		return a->wave - b->wave;
	if (is_away(a) != is_away(b))
		return is_away(a) ? 1 : -1;
	if (a->risk != b->risk)
		return a->risk < b->risk ? -1 : 1;
	return a->wave != b->wave ? a->wave - b->wave
				  : strcmp(a->board->board.name, b->board->board.name);
}

/* As dealt, but what is the least risk comes first, whatever its wave was: what goes wrong
 * there halts the undo before the risky ones begin. */
static void order(struct plan *plan)
{
	size_t left = 0;
	int wave = -1;

	qsort(plan->entry, plan->entry_count, sizeof(*plan->entry), by_risk);
	for (size_t i = 0; i < plan->entry_count; i++) {
		if (plan->entry[i].wave < 0)
			continue;
		while (left == 0)
			left = plan->wave_size[++wave];
		plan->entry[i].wave = wave;
		left--;
	}
}

/* A board that catches up and was pushed to has to end first. */
static const struct engine_task *under_way(const struct engine_rollout *first)
{
	for (size_t i = 0; i < first->task_count; i++) {
		const struct engine_task *et = &first->task[i];

		if (et->board && et->board->task == et && !engine_task_yields(et))
			return et;
	}
	return NULL;
}

static int may_be_undone(const struct engine_rollout *first, struct errtext *ret_error)
{
	static const struct rollout_facts none;
	enum rollout_state to, from = first->rollout.state;
	int rc = rollout_fsm_step(from, ROLLOUT_EV_UNDO, &none, &to);

	if (rc < 0)
		snprintf(ret_error->text, sizeof(ret_error->text),
			"a rollout that is %s cannot be undone: let it end, or abort "
			"it",
			rollout_state_name(from));
	else if (to == from)
		snprintf(ret_error->text, sizeof(ret_error->text),
			"the rollout is being undone already");
	if (rc < 0 || to == from)
		return rc < 0 ? rc : -EALREADY;
	if (under_way(first)) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"board %s still catches up: wait for its end, or abort that",
			under_way(first)->task.board);
		return -EBUSY;
	}
	if (first->release)
		return 0;
	snprintf(ret_error->text, sizeof(ret_error->text),
		"the release %s of this rollout is missing from the catalogue, so "
		"nobody can tell which boards run it: add it again",
		first->rollout.release);
	return -ENOENT;
}

int engine_plan_undo(struct engine_rollout *rollout,
	const struct rollout_request *request, struct plan *ret_plan,
	struct errtext *ret_error)
{
	struct engine *engine = rollout->engine;
	struct waves waves;
	int rc = may_be_undone(rollout, ret_error);

	if (rc == 0)
		rc = engine_plan_begin(engine, request, ret_plan, &waves, ret_error);
	if (rc < 0)
		return rc;
	ret_plan->undo_of = rollout;
	ret_plan->release = rollout->release;
	rc = fill(rollout, ret_plan, ret_error);
	if (rc < 0) {
		plan_done(ret_plan);
		return rc;
	}
	engine_plan_deal(engine, ret_plan, &waves);
	order(ret_plan);
	return 0;
}

/* ---- beginning and end ----------------------------------------------------------- */

/* Who was still to get the release does not get it any more. */
static void supersede(struct engine_rollout *first, struct store_batch *batch)
{
	for (size_t i = 0; i < first->task_count; i++) {
		struct engine_task *et = &first->task[i];

		if (task_state_is_end(et->task.state))
			continue;
		if (et->board && (engine_catch_up_rests(et) || et->board->task == et)) {
			engine_task_event(et, TASK_EV_SUPERSEDE, NULL);
			continue;
		}
		et->task.state = TASK_CANCELLED;
		et->task.reason = REASON_SUPERSEDED;
		et->task.since_s = engine_now_s();
		store_put_task(batch, &et->task);
	}
	first->rollout.catch_up = ROLLOUT_DRAFT;
}

void engine_undo_begin(
	struct engine_rollout *undo, const char *actor, struct store_batch *batch)
{
	static const struct rollout_facts none;
	struct engine_rollout *first = undone_by(undo);
	char words[48], id[ID_TEXT_MAX];
	enum rollout_state to;

	if (!first ||
		rollout_fsm_step(first->rollout.state, ROLLOUT_EV_UNDO, &none, &to) < 0)
		return;
	supersede(first, batch);
	first->rollout.abort_mode = ABORT_KEEP;
	id_format(&undo->rollout.id, id);
	snprintf(words, sizeof(words), "by rollout %.8s", id);
	engine_set_rollout(first, to, REASON_NONE, actor, words, batch);
	store_put_rollout(batch, &first->rollout);
}

void engine_undo_ended(struct engine_rollout *undo, struct store_batch *batch)
{
	struct engine_rollout *first = undone_by(undo);
	enum rollout_state ended = undo->rollout.state, to;
	struct rollout_facts facts = {
		.undone = ended == ROLLOUT_COMPLETED ||
			  ended == ROLLOUT_COMPLETED_WITH_EXCEPTIONS ||
			  undo->rollout.undo_from == ROLLOUT_UNDONE,
		.undo_from = undo->rollout.undo_from};

	if (!first || rollout_fsm_step(first->rollout.state, ROLLOUT_EV_UNDO_ENDED,
			      &facts, &to) < 0)
		return;
	engine_set_rollout(first, to, REASON_NONE, "wipyd",
		facts.undone ? "" : "its undo did not come to its end", batch);
	store_put_rollout(batch, &first->rollout);
}

void engine_undo_dropped(const struct engine_rollout *undo)
{
	struct engine_rollout *first = undone_by(undo);

	if (!first)
		return;
	first->rollout.state = undo->rollout.undo_from;
	if (strcmp(undo->rollout.actor, "wipyd") == 0)
		first->rollout.abort_mode = ABORT_REVERT;
}

/* ---- its tasks ------------------------------------------------------------------- */

void engine_undo_name(const struct engine_task *et, char ret_name[NAME_MAX_LEN])
{
	const struct release *release;

	if (!et->task.has_wanted) {
		snprintf(ret_name, NAME_MAX_LEN, "%s", et->rollout->rollout.release);
		return;
	}
	release = engine_release_showing(et->board, &et->task.wanted);
	snprintf(ret_name, NAME_MAX_LEN, "%s", release ? release->name : "");
}

static void revert(struct engine_task *et, struct store_batch *batch)
{
	struct task *task = &et->task;
	char detail[96];

	snprintf(detail, sizeof(detail), "%s -> reverted, %s",
		task_state_name(task->state), reason_code(REASON_UNDONE));
	engine_event_caused(batch, "wipyd", "undo", task->board, &task->rollout,
		"task-state", detail);
	task->state = TASK_REVERTED;
	task->reason = REASON_UNDONE;
	task->since_s = engine_now_s();
	store_put_task(batch, task);
}

void engine_undo_note(
	struct engine_task *et, enum task_state from, struct store_batch *batch)
{
	struct engine_rollout *first = undone_by(et->rollout);
	enum task_state state = et->task.state;

	if (!first || state == from ||
		(state != TASK_CONFIRMED && state != TASK_ALREADY))
		return;
	for (size_t i = 0; i < first->task_count; i++)
		if (strcmp(first->task[i].task.board, et->task.board) == 0)
			revert(&first->task[i], batch);
}

/* ---- by itself ------------------------------------------------------------------- */

/* Aborted so, it or its catch-up, and nothing of it is under way any more. */
static bool is_due(const struct engine_rollout *er)
{
	return er->rollout.abort_mode == ABORT_REVERT &&
	       rollout_is_over(&er->rollout) && er->durable && er->answers == 0;
}

/* It is not tried again, but for a board that another rollout has now. */
static void give_up(struct engine_rollout *er, const char *why)
{
	struct store_batch *batch = store_batch_new(er->engine->config.store);

	er->rollout.abort_mode = ABORT_KEEP;
	engine_event_caused(
		batch, "wipyd", "undo", "", &er->rollout.id, "undo-refused", why);
	log_warn(TAG, "nothing is taken back: %s", why);
	store_put_rollout(batch, &er->rollout);
	engine_commit(er->engine, batch);
}

static void start(struct engine_rollout *er)
{
	static const struct rollout_request request = {.soak_s = -1, .expires_s = -1};
	struct errtext error;
	struct plan plan;
	int rc = engine_plan_undo(er, &request, &plan, &error);

	if (rc == -EBUSY)
		return;
	if (rc < 0) {
		give_up(er, error.text);
		return;
	}
	if (plan.planned == 0)
		give_up(er, "no board runs what the rollout has brought, or none can "
			    "be brought back");
	else
		engine_start_rollout(er->engine, &plan, "wipyd", NULL, NULL);
	plan_done(&plan);
}

void engine_undo_due(struct engine *engine)
{
	/* What it starts is put behind the others. */
	for (size_t i = engine->rollout_count; i-- > 0 && !engine->read_only;)
		if (is_due(engine->rollout[i]))
			start(engine->rollout[i]);
}
