/* SPDX-License-Identifier: MIT
 *
 * Catching up: what becomes of boards that were deferred when their rollout completed.
 * Until the rollout's time is over such a task rests; when a poll sees its board, and no
 * other rollout works on it, it goes on. A newer rollout of the board takes precedence.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/utc.h"
#include "daemon/core/reason.h"
#include "daemon/engine_private.h"

void engine_catch_up_rest(struct engine_task *et)
{
	engine_board_let_go(et->board, et);
	if (et->board)
		et->board->catch_up = et;
}

bool engine_catch_up_rests(const struct engine_task *et)
{
	return et->board && et->board->catch_up == et;
}

void engine_catch_up_open(
	struct engine_rollout *er, int64_t until_s, struct store_batch *batch)
{
	struct rollout *rollout = &er->rollout;
	char detail[128], until[WIPY_UTC_MAX];
	size_t count = 0;

	for (size_t i = 0; i < er->task_count; i++) {
		struct engine_task *et = &er->task[i];

		if (et->task.state != TASK_DEFERRED)
			continue;
		et->task.late = true;
		store_put_task(batch, &et->task);
		engine_catch_up_rest(et);
		count++;
	}
	rollout->catch_up = ROLLOUT_RUNNING;
	rollout->catch_up_reason = REASON_NONE;
	rollout->catch_up_since_s = engine_now_s();
	rollout->valid_until_s = until_s;
	if (wipy_utc_format(until_s, until) < 0)
		until[0] = '\0';
	snprintf(detail, sizeof(detail),
		"-> running, %zu deferred: each when it is seen, until %s", count,
		until);
	engine_event_caused(
		batch, "wipyd", "plan", "", &rollout->id, "catch-up-state", detail);
}

bool engine_catch_up_begins(const struct engine_board *board)
{
	const struct engine_task *et = board->catch_up;

	return et && !board->task && !et->rollout->dormant &&
	       rollout_drive(&et->rollout->rollout) == ROLLOUT_RUNNING;
}

void engine_catch_up_seen(struct engine_board *board)
{
	struct engine_task *et = board->catch_up;

	if (!engine_catch_up_begins(board))
		return;
	board->task = et;
	engine_task_event(et, TASK_EV_SEEN, NULL);
	board->catch_up = NULL;
}

bool engine_catch_up_idles(const struct engine_rollout *er)
{
	if (er->rollout.catch_up == ROLLOUT_DRAFT ||
		rollout_drive(&er->rollout) != ROLLOUT_RUNNING)
		return false;
	for (size_t i = 0; i < er->task_count; i++)
		if (!task_state_is_end(er->task[i].task.state) &&
			!engine_catch_up_rests(&er->task[i]))
			return false;
	return true;
}

bool engine_task_yields(const struct engine_task *et)
{
	enum task_state state = et->task.state;

	return et->task.late && !et->task.touched && !et->task.pushed &&
	       (state == TASK_WAITING || state == TASK_CHECKING ||
		       state == TASK_BACKOFF);
}

/* ---- a newer rollout goes first -------------------------------------------------- */

struct engine_superseded {
	struct engine_task *task;
	struct task was;
};

void engine_catch_up_supersede(struct engine_rollout *er, struct engine_task *et)
{
	struct engine_superseded *list =
		realloc(er->superseded, (er->superseded_count + 1) * sizeof(*list));

	if (!list)
		abort();
	er->superseded = list;
	list[er->superseded_count++] = (struct engine_superseded){et, et->task};
	if (engine_catch_up_rests(et) || (et->board && et->board->task == et)) {
		engine_task_event(et, TASK_EV_SUPERSEDE, NULL);
		return;
	}
	/* Its board is in no inventory, or another's: its record is none of ours. */
	et->action = TASK_ACT_NONE;
	et->task.state = TASK_CANCELLED;
	et->task.reason = REASON_SUPERSEDED;
	et->task.since_s = engine_now_s();
	engine_task_commit(et);
}

void engine_catch_up_yield(struct engine_rollout *er, struct engine_board *board)
{
	if (board->catch_up)
		engine_catch_up_supersede(er, board->catch_up);
	if (board->task && engine_task_yields(board->task))
		engine_catch_up_supersede(er, board->task);
}

void engine_catch_up_keep(struct engine_rollout *er)
{
	free(er->superseded);
	er->superseded = NULL;
	er->superseded_count = 0;
}

/* Whatever it was about to do, it waits for its board to be seen again. */
static void restore(const struct engine_superseded *superseded)
{
	struct engine_task *et = superseded->task;
	struct store_batch *batch = store_batch_new(et->rollout->engine->config.store);

	et->task = superseded->was;
	if (et->task.state != TASK_DEFERRED) {
		et->task.state = TASK_DEFERRED;
		et->task.reason = REASON_OFFLINE;
		et->task.since_s = engine_now_s();
	}
	et->generation++; /* the commit of its end starts nothing */
	et->action = TASK_ACT_NONE;
	if (et->task.late)
		engine_catch_up_rest(et);
	engine_event_caused(batch, "wipyd", "disk", et->task.board, &et->task.rollout,
		"task-state",
		"cancelled -> deferred: the rollout that superseded it could not be "
		"stored");
	engine_commit(et->rollout->engine, batch);
	engine_task_commit(et);
}

void engine_catch_up_restore(struct engine_rollout *er)
{
	for (size_t i = 0; i < er->superseded_count; i++) {
		const struct engine_board *board = er->superseded[i].task->board;

		/* Not if yet another rollout has taken the board since. */
		if (!board || !board->task || board->task->rollout == er)
			restore(&er->superseded[i]);
	}
	engine_catch_up_keep(er);
}
