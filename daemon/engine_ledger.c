/* SPDX-License-Identifier: MIT
 *
 * The slot ledger of each board (common/ledger.h) is told here what happens: pushes, by
 * the states of the task, in the same commit; fingerprints, by every look. And boards
 * that needed a hand and are seen again: what the hand has done.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/core/card.h"
#include "daemon/core/reason.h"
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
	return et->task.bytes_taken + UNACKED_MAX < image->size ? LEDGER_PUSH_BROKEN
								: LEDGER_PUSH_UNKNOWN;
}

/* The event ended a push, if one was under way. */
static void push_ended(struct engine_task *et, enum task_event event)
{
	struct ledger *ledger = &et->board->board.ledger;

	if (event == TASK_EV_PUSHED)
		ledger_push_ended(ledger, LEDGER_PUSH_COMPLETE);
	else if (event == TASK_EV_PUSH_BROKEN)
		ledger_push_ended(ledger, broken_how(et));
	else if (event == TASK_EV_PUSH_REFUSED || event == TASK_EV_LOGIN_REFUSED)
		ledger_push_ended(ledger, LEDGER_PUSH_REFUSED);
	else
		ledger_push_ended(ledger, LEDGER_PUSH_UNKNOWN);
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
		if (image)
			ledger_push_begun(&board->ledger, &image->fingerprint);
	}
	image = engine_task_image(et);
	if (et->task.state == TASK_LOST)
		ledger_lost(&board->ledger, image ? &image->fingerprint : NULL);
	else if (et->task.reason == REASON_PUSH_NOT_REPAIRED)
		ledger_lost(&board->ledger, NULL);
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

/* ---- boards that come back ------------------------------------------------------- */

/* The task that a hand was needed for: the latest that lost the board, or left it so. */
const struct engine_task *engine_hands_task(const struct engine_board *board)
{
	const struct engine *engine = board->engine;

	for (size_t r = engine->rollout_count; r > 0; r--) {
		const struct engine_rollout *er = engine->rollout[r - 1];

		for (size_t i = 0; i < er->task_count; i++) {
			const struct engine_task *et = &er->task[i];

			if (strcmp(et->task.board, board->board.name) == 0 &&
				(et->task.state == TASK_LOST ||
					et->task.reason == REASON_PUSH_NOT_REPAIRED))
				return et;
		}
	}
	return NULL;
}

static const char *returned_as(const struct engine_board *board,
	const struct engine_task *et, const struct wipy_fingerprint *fp)
{
	const struct release *release = et ? et->rollout->release : NULL;
	const struct release_image *image =
		release ? release_image_for(release, board->spec->family) : NULL;

	if (image && wipy_fingerprint_equal(&image->fingerprint, fp))
		return "rescued";
	if (et && et->task.has_before && wipy_fingerprint_equal(&et->task.before, fp))
		return "reverted";
	return "returned";
}

void engine_ledger_returned(struct engine_board *board,
	const struct wipy_fingerprint *fp, struct store_batch *batch)
{
	const struct ledger *ledger = &board->board.ledger;
	const struct engine_task *et = engine_hands_task(board);
	struct ledger_guess plain;
	char actor[80], detail[384], banner[WIPY_FINGERPRINT_MAX];
	char boots[CARD_GUESS_MAX];

	ledger_boots(ledger, LEDGER_PLAIN, &plain);
	card_guess_text(ledger, &plain, boots);
	wipy_fingerprint_format(fp, banner);
	snprintf(actor, sizeof(actor), "board %s", board->board.name);
	snprintf(detail, sizeof(detail),
		"needed a hand%s%s and runs again: banner '%s'; a plain reset boots "
		"%.120s",
		et ? " after " : "", et ? reason_code(et->task.reason) : "", banner,
		boots);
	engine_event_caused(batch, actor, "poll", board->board.name,
		et ? &et->task.rollout : NULL, returned_as(board, et, fp), detail);
}
