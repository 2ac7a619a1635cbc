/* SPDX-License-Identifier: MIT
 *
 * Catching up: what becomes of boards that were deferred when their rollout completed.
 * Until the rollout's time is over such a task rests; when a poll sees its board, and no
 * other rollout works on it, it goes on. A newer rollout of the board takes precedence.
 */
#include "config.h"

#include <stdio.h>

#include "common/utc.h"
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

void engine_catch_up_yield(struct engine_board *board)
{
	if (board->catch_up)
		engine_task_event(board->catch_up, TASK_EV_SUPERSEDE, NULL);
	if (board->task && engine_task_yields(board->task))
		engine_task_event(board->task, TASK_EV_SUPERSEDE, NULL);
}
