/* SPDX-License-Identifier: MIT
 *
 * The slot ledger of each board (common/ledger.h) is told here what happens: pushes, by
 * the states of the task, in the same commit; fingerprints, by every look.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/engine_private.h"

/* What the board may have got beyond what it has acknowledged. */
#define UNACKED_MAX 65536

static enum ledger_kind kind_of(
	const struct engine_board *board, const struct wipy_fingerprint *fp)
{
	enum wipy_family family = board->spec->family;

	if (strcmp(fp->mcu, wipy_family_facts(family)->mcu) != 0)
		return LEDGER_NO_KIND; /* another board: nothing is known of it */
	return ledger_kind_of(family, fp->board);
}

bool engine_ledger_seen(struct engine_board *board, const struct wipy_fingerprint *fp)
{
	return ledger_seen(&board->board.ledger, kind_of(board, fp), fp, false) !=
	       LEDGER_NOTHING_NEW;
}

/* ---- pushes ---------------------------------------------------------------------- */

static const struct release_image *pushed_image(const struct engine_task *et)
{
	return et->action == TASK_ACT_PUSH_BACK
		       ? engine_image_showing(et->board, &et->task.before)
		       : engine_task_image(et);
}

static enum ledger_push broken_how(const struct engine_task *et)
{
	const struct ledger *ledger = &et->board->board.ledger;
	const struct release_image *image = engine_task_image(et);

	if (!image || ledger->pushing == 0 ||
		!wipy_fingerprint_equal(
			&ledger->image[ledger->pushing - 1], &image->fingerprint))
		return LEDGER_PUSH_UNKNOWN;
	if (et->task.bytes_taken + UNACKED_MAX >= image->size)
		return LEDGER_PUSH_UNKNOWN;
	return et->task.bytes_taken > 0 ? LEDGER_PUSH_TORN : LEDGER_PUSH_BROKEN;
}

/* The event ended a push, if one was under way. */
static void push_ended(struct engine_task *et, enum task_event event)
{
	struct ledger *ledger = &et->board->board.ledger;

	if (event == TASK_EV_PUSHED)
		ledger_push_ended(ledger, LEDGER_PUSH_COMPLETE);
	else if (event == TASK_EV_PUSH_BROKEN)
		ledger_push_ended(ledger, broken_how(et));
	else if (event == TASK_EV_PUSH_REFUSED || event == TASK_EV_LOGIN_REFUSED ||
		 event == TASK_EV_FTP_BUSY)
		ledger_push_ended(ledger, LEDGER_PUSH_REFUSED);
	else
		ledger_push_ended(ledger, LEDGER_PUSH_UNKNOWN);
}

static bool was_changed(const struct task *task)
{
	return task->touched || task->pushed || task->resets > 0 ||
	       task->inherited != 0;
}

void engine_ledger_task(
	struct engine_task *et, enum task_state from, enum task_event event)
{
	const struct release_image *image;
	struct board *board;

	if (!et->board)
		return;
	board = &et->board->board;
	if (from == TASK_PUSHING || from == TASK_DISARMING)
		push_ended(et, event);
	if (from == TASK_CONFIRMING && event == TASK_EV_PUSHED)
		ledger_confirmed(&board->ledger);
	if (event == TASK_EV_MARK_GONE && board->has_fingerprint)
		(void)ledger_seen(&board->ledger,
			kind_of(et->board, &board->fingerprint), &board->fingerprint,
			true);
	if (et->action == TASK_ACT_PUSH || et->action == TASK_ACT_PUSH_BACK) {
		image = pushed_image(et);
		engine_receipt_void(et->board); /* what it tells of is older */
		if (image)
			ledger_push_begun(&board->ledger, &image->fingerprint);
	}
	if (et->action == TASK_ACT_RESET && et->task.statement[0]) {
		engine_receipt_void(et->board);
		ledger_switched(&board->ledger, &et->task.wanted);
	}
	/* A board that nothing was done to keeps what it had: it is only away. */
	if (et->task.state == TASK_LOST && was_changed(&et->task))
		ledger_lost(&board->ledger, engine_task_wanted(et));
}

void engine_ledger_load(struct board *board)
{
	/* The daemon died in the middle of a push. */
	ledger_push_ended(&board->ledger, LEDGER_PUSH_UNKNOWN);
}

bool engine_ledger_burns(const struct engine_board *board)
{
	struct ledger_next_push next;

	ledger_next_push(&board->board.ledger, &next);
	return next.burns;
}
