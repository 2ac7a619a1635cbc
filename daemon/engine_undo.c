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

const struct engine_rollout *engine_undo_of(const struct engine_rollout *first)
{
	const struct engine *engine = first->engine;
	size_t i = engine->rollout_count;

	while (i > 0 && undone_by(engine->rollout[i - 1]) != first)
		i--;
	return i > 0 ? engine->rollout[i - 1] : NULL;
}

static bool has_task(const struct engine_rollout *er, enum task_state state)
{
	for (size_t i = 0; i < er->task_count; i++)
		if (er->task[i].task.state == state)
			return true;
	return false;
}

/* ---- the plan -------------------------------------------------------------------- */

/* Has left its board another image than it found there. */
static bool has_brought(const struct engine_task *et)
{
	const struct task *task = &et->task;
	const struct wipy_fingerprint *wanted = engine_task_wanted(et);

	return task->state == TASK_CONFIRMED && task->attempted && task->has_before &&
	       !(wanted && wipy_fingerprint_equal(wanted, &task->before));
}

static size_t index_of(const struct engine *engine, const struct engine_board *board)
{
	struct engine_board **found =
		bsearch(&board, engine->board, engine->board_count,
			sizeof(struct engine_board *), engine_compare_boards);

	return found ? (size_t)(found - engine->board) : engine->board_count;
}

/* For each board the newer rollout whose matter it is to take back what runs there, by the
 * board's index. Undos and repairs bring nothing of their own. */
static const struct engine_rollout **find_newer(const struct engine_rollout *first)
{
	const struct engine *engine = first->engine;
	const struct engine_rollout **newer = engine_alloc(
		engine->board_count + 1, sizeof(const struct engine_rollout *));

	for (size_t i = engine->rollout_count;
		i-- > 0 && engine->rollout[i] != first;) {
		const struct engine_rollout *er = engine->rollout[i];
		bool counts = id_is_zero(&er->rollout.undo_of) &&
			      !rollout_is_repair(&er->rollout);

		for (size_t k = 0; counts && k < er->task_count; k++)
			if (er->task[k].board && has_brought(&er->task[k]))
				newer[index_of(engine, er->task[k].board)] = er;
	}
	return newer;
}

static const struct engine_rollout *held_by(const struct engine_board *board)
{
	return board->task && !engine_task_yields(board->task) ? board->task->rollout
							       : NULL;
}

static void judge(struct plan *plan, const struct engine_task *et,
	const struct engine_rollout *newer, struct plan_entry *ret_entry)
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
		.held = held_by(board) != NULL,
		.newer = newer != NULL,
		.image = image != NULL,
		.known_bad = image && engine_image_known_bad(board, image),
		.burn_last_good = plan->burn_last_good,
		.not_lasting = board_is_not_lasting(&board->board),
		.strays = engine_rescue_strays(board),
	};
	struct undo_step step;

	undo_decide(&facts, &step);
	*ret_entry = (struct plan_entry){.board = et->board,
		.state = step.state,
		.reason = step.reason,
		.wave = -1,
		.other = step.reason == REASON_IN_ROLLOUT        ? held_by(board)
			 : step.reason == REASON_CONFIRMED_SINCE ? newer
								 : NULL,
		.wanted = &et->task.before,
		.method = step.method,
		.risk = step.risk};
	memcpy(ret_entry->statement, step.statement, sizeof(ret_entry->statement));
	plan->planned += step.state == TASK_PLANNED;
	plan->already += step.state == TASK_ALREADY;
	plan->refused += step.state == TASK_REFUSED;
}

/* Boards with nothing to take back are counted, and no part of the undo; nor are those
 * that are in no inventory now, which are named. */
static void fill(const struct engine_rollout *first, struct plan *plan)
{
	const struct engine_rollout **newer = find_newer(first);

	plan->entry = engine_alloc(first->task_count + 1, sizeof(*plan->entry));
	plan->vanished =
		engine_alloc(first->task_count + 1, sizeof(const struct task *));
	for (size_t i = 0; i < first->task_count; i++) {
		const struct engine_task *et = &first->task[i];
		struct plan_entry *entry = &plan->entry[plan->entry_count];

		if (!et->board || et->board->kept) {
			if (has_brought(et))
				plan->vanished[plan->vanished_count++] = &et->task;
			continue;
		}
		judge(plan, et, newer[index_of(first->engine, et->board)], entry);
		plan->entry_count += entry->state != TASK_ALREADY;
	}
	free(newer);
}

static bool is_away(const struct plan_entry *entry)
{
	enum reach reach = entry->board->board.reach;

	return reach != REACH_ONLINE && reach != REACH_FLAPPING;
}

/* As dealt, but what is the least risk comes first: what goes wrong there halts the undo
 * before the risky ones begin. Who is settled by the plan stands before all of them. */
static void order(struct plan *plan)
{
	struct plan_entry *entry =
		engine_alloc(plan->entry_count + 1, sizeof(*plan->entry));
	struct undo_turn *turn = engine_alloc(plan->planned + 1, sizeof(*turn));
	size_t settled = 0, count = 0;

	for (size_t i = 0; i < plan->entry_count; i++) {
		const struct plan_entry *at = &plan->entry[i];

		if (at->wave < 0)
			entry[settled++] = *at;
		else
			turn[count++] =
				(struct undo_turn){.board = at->board->board.name,
					.risk = at->risk,
					.away = is_away(at),
					.wave = at->wave,
					.index = i};
	}
	undo_order(turn, count);
	for (size_t i = 0; i < count; i++) {
		entry[settled + i] = plan->entry[turn[i].index];
		entry[settled + i].wave = turn[i].wave;
	}
	free(turn);
	free(plan->entry);
	plan->entry = entry;
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
	const struct engine_rollout *under = undone_by(first);

	under = under ? undone_by(under) : NULL;
	if (rc == 0 && to != from && under) {
		char id[ID_TEXT_MAX];

		id_format(&under->rollout.id, id);
		snprintf(ret_error->text, sizeof(ret_error->text),
			"the rollout is the undo of an undo: what it has brought back "
			"is that of rollout %.8s, so undo that one",
			id);
		return -EPERM;
	}
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
	if (first->release || !id_is_zero(&first->rollout.undo_of))
		return 0; /* the tasks of an undo know what they brought */
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
	fill(rollout, ret_plan);
	engine_plan_deal(engine, ret_plan, &waves);
	order(ret_plan);
	return 0;
}

/* ---- beginning and end ----------------------------------------------------------- */

/* Who was still to get the release does not get it any more. */
static void supersede(struct engine_rollout *undo, struct engine_rollout *first)
{
	for (size_t i = 0; i < first->task_count; i++)
		if (!task_state_is_end(first->task[i].task.state))
			engine_catch_up_supersede(undo, &first->task[i]);
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
	undo->was_catch_up = first->rollout.catch_up;
	supersede(undo, first);
	first->rollout.abort_mode = ABORT_KEEP;
	id_format(&undo->rollout.id, id);
	snprintf(words, sizeof(words), "by rollout %.8s", id);
	engine_set_rollout(first, to, REASON_NONE, actor, words, batch);
	store_put_rollout(batch, &first->rollout);
}

static void tell(struct engine_rollout *er, enum rollout_event event,
	const struct rollout_facts *facts, const char *words, struct store_batch *batch)
{
	enum rollout_state to;

	if (rollout_fsm_step(er->rollout.state, event, facts, &to) < 0)
		return;
	engine_set_rollout(er, to, REASON_NONE, "wipyd", words, batch);
	store_put_rollout(batch, &er->rollout);
}

void engine_undo_ended(struct engine_rollout *undo, struct store_batch *batch)
{
	struct engine_rollout *first = undone_by(undo), *under;
	enum rollout_state ended = undo->rollout.state;
	struct rollout_facts facts = {
		.undone = ended == ROLLOUT_COMPLETED ||
			  ended == ROLLOUT_COMPLETED_WITH_EXCEPTIONS ||
			  undo->rollout.undo_from == ROLLOUT_UNDONE,
		.undo_from = undo->rollout.undo_from};

	/* The end of an older undo's catch-up means nothing. */
	if (!first || engine_undo_of(first) != undo)
		return;
	facts.reverted = has_task(first, TASK_REVERTED);
	tell(first, ROLLOUT_EV_UNDO_ENDED, &facts,
		facts.undone ? "" : "its undo did not come to its end", batch);
	under = undone_by(first);
	if (!under || engine_undo_of(under) != first || !has_task(undo, TASK_CONFIRMED))
		return;
	facts.undo_from = first->rollout.undo_from;
	facts.reverted = has_task(under, TASK_REVERTED);
	tell(under, ROLLOUT_EV_REDONE, &facts, "its undo was undone", batch);
}

void engine_undo_dropped(const struct engine_rollout *undo)
{
	struct engine_rollout *first = undone_by(undo);

	if (!first)
		return;
	first->rollout.state = undo->rollout.undo_from;
	first->rollout.catch_up = undo->was_catch_up;
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

const struct wipy_fingerprint *engine_undo_brought(const struct engine_task *et)
{
	const struct engine_rollout *first = undone_by(et->rollout);

	for (size_t i = 0; first && i < first->task_count; i++)
		if (first->task[i].board &&
			strcmp(first->task[i].task.board, et->task.board) == 0)
			return engine_task_wanted(&first->task[i]);
	return NULL;
}

static void set_task(struct engine_task *et, enum task_state state, enum reason reason,
	struct store_batch *batch)
{
	struct task *task = &et->task;
	char detail[96];

	snprintf(detail, sizeof(detail), "%s -> %s%s%s", task_state_name(task->state),
		task_state_name(state), reason != REASON_NONE ? ", " : "",
		reason != REASON_NONE ? reason_code(reason) : "");
	engine_event_caused(batch, "wipyd", "undo", task->board, &task->rollout,
		"task-state", detail);
	task->state = state;
	task->reason = reason;
	task->since_s = engine_now_s();
	store_put_task(batch, task);
}

static struct engine_task *task_of(struct engine_rollout *er, const char *board)
{
	for (size_t i = 0; er && i < er->task_count; i++)
		if (strcmp(er->task[i].task.board, board) == 0)
			return &er->task[i];
	return NULL;
}

void engine_undo_note(
	struct engine_task *et, enum task_state from, struct store_batch *batch)
{
	struct engine_rollout *first = undone_by(et->rollout);
	enum task_state state = et->task.state;
	struct engine_task *taken_back = task_of(first, et->task.board), *again;

	if (!taken_back || state == from ||
		(state != TASK_CONFIRMED && state != TASK_ALREADY))
		return;
	set_task(taken_back, TASK_REVERTED, REASON_UNDONE, batch);
	/* The undo of an undo: the board runs again what the rollout under it brought. */
	again = task_of(undone_by(first), et->task.board);
	if (!again || again->task.state != TASK_REVERTED)
		return;
	/* It may have failed on its own, and been taken back all the same. */
	memcpy(again->task.evidence, et->task.evidence, sizeof(again->task.evidence));
	again->task.proof =
		et->task.proof != PROOF_NONE ? et->task.proof : PROOF_FINGERPRINT;
	again->task.touched = again->task.pushed = false;
	set_task(again, TASK_CONFIRMED, REASON_NONE, batch);
}

/* ---- by itself ------------------------------------------------------------------- */

/* Aborted so, it or its catch-up, and nothing of it is under way any more. */
static bool is_due(const struct engine_rollout *er)
{
	return er->rollout.abort_mode == ABORT_REVERT &&
	       rollout_is_over(&er->rollout) && er->durable && er->answers == 0;
}

/* It is not tried again by itself. */
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

/* Returns whether a rollout was started. */
static bool start(struct engine_rollout *er)
{
	static const struct rollout_request request = {.soak_s = -1, .expires_s = -1};
	struct errtext error;
	struct plan plan;
	bool starts;
	int rc = engine_plan_undo(er, &request, &plan, &error);

	if (rc == -EBUSY)
		return false;
	if (rc < 0) {
		give_up(er, error.text);
		return false;
	}
	starts = plan.planned > 0;
	if (starts)
		engine_start_rollout(er->engine, &plan, "wipyd", NULL, NULL);
	else
		give_up(er, "no board can be brought back: `wipyctl rollout undo ID "
			    "--dry-run` says of each why");
	plan_done(&plan);
	return starts;
}

void engine_undo_due(struct engine *engine)
{
	/* One at a time: what starts one forgets old ones, and so changes the list. The
	 * commit of that start asks here again. */
	for (size_t i = engine->rollout_count; i-- > 0 && !engine->read_only;)
		if (is_due(engine->rollout[i]) && start(engine->rollout[i]))
			return;
}
