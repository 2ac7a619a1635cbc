/* SPDX-License-Identifier: MIT
 *
 * The loop through a hand (DESIGN.md 1.5; docs/decisions/0021): a board that only a hand
 * could help, seen again. Where its next plain reset keeps what it runs the loop is
 * closed, as rescued or reverted. Where it does not, what makes it lasting is pushed: as
 * a rollout of one board, of the daemon's own.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/core/axes.h"
#include "daemon/core/card.h"
#include "daemon/core/reason.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "rescue"

#define TRAPS (CONDITION_DIRTY | CONDITION_ARMED)

/* ---- the record ------------------------------------------------------------------ */

static void needs_hands(struct engine_task *et)
{
	const struct wipy_fingerprint *wanted = engine_task_wanted(et);
	struct board *board = &et->board->board;

	board->conditions |= CONDITION_NEEDS_HANDS;
	board->hands_reason = et->task.reason;
	board->hands_since_s = engine_now_s();
	board->hands_away = et->task.state == TASK_LOST;
	board->has_hands_wanted = wanted != NULL;
	memset(&board->hands_wanted, 0, sizeof(board->hands_wanted));
	if (wanted)
		board->hands_wanted = *wanted;
	board->hands_outcome[0] = '\0';
	board->hands_ended_s = 0;
}

/* What it runs and what a plain reset boots, as a sentence. */
static void describe(const struct board *board, char *ret_text, size_t cap)
{
	char banner[WIPY_FINGERPRINT_MAX], boots[CARD_GUESS_MAX];
	struct ledger_guess plain;

	ledger_boots(&board->ledger, LEDGER_PLAIN, &plain);
	card_guess_text(&board->ledger, &plain, boots);
	wipy_fingerprint_format(&board->fingerprint, banner);
	snprintf(ret_text, cap,
		"needed a hand after %s and runs again: banner '%.160s'; a plain reset "
		"boots %.120s",
		reason_code(board->hands_reason), banner, boots);
}

static void tell(
	struct engine_board *board, const char *name, struct store_batch *batch)
{
	char actor[80], detail[384];

	snprintf(actor, sizeof(actor), "board %s", board->board.name);
	describe(&board->board, detail, sizeof(detail));
	engine_event_caused(
		batch, actor, "poll", board->board.name, NULL, name, detail);
	log_info(TAG, "%s board=%s", name, board->board.name);
}

/* It runs the image that it was to run then, or another one. */
static const char *outcome_of(const struct engine_board *board)
{
	const struct board *known = &board->board;
	const struct release_image *target = NULL;
	const struct wipy_fingerprint *wanted = &known->hands_wanted;

	if (!known->has_hands_wanted) {
		engine_board_target(board, &target);
		wanted = target ? &target->fingerprint : NULL;
	}
	return wanted && wipy_fingerprint_equal(wanted, &known->fingerprint)
		       ? "rescued"
		       : "reverted";
}

static void close_loop(struct engine_board *board, struct store_batch *batch)
{
	struct board *known = &board->board;

	snprintf(known->hands_outcome, sizeof(known->hands_outcome), "%s",
		outcome_of(board));
	tell(board, known->hands_outcome, batch);
	known->conditions &= ~CONDITION_NEEDS_HANDS;
	known->failed_repairs = 0;
	known->hands_ended_s = engine_now_s();
	known->hands_away = false;
}

/* A person's rollout has begun anew: so may the daemon, should it come to that. */
static void note_repair(const struct engine_task *et)
{
	const struct task *task = &et->task;
	struct board *board = &et->board->board;

	if (!task_state_is_end(task->state) || !task->attempted)
		return;
	if (!rollout_is_repair(&et->rollout->rollout))
		board->failed_repairs = 0;
	else if (task->state != TASK_CONFIRMED)
		board_note_repair_failed(board, engine_now_s());
}

void engine_rescue_note(struct engine_task *et, struct store_batch *batch)
{
	const struct task *task = &et->task;

	if (!et->board)
		return;
	note_repair(et);
	if (task->state == TASK_LOST || task->reason == REASON_PUSH_NOT_REPAIRED)
		needs_hands(et);
	else if ((task->state == TASK_CONFIRMED || task->state == TASK_REVERTED) &&
		 (et->board->board.conditions & CONDITION_NEEDS_HANDS))
		close_loop(et->board, batch);
}

void engine_rescue_arm(struct engine_board *board)
{
	board->board.conditions |= CONDITION_ARMED;
	if (board->task && !board->task->task.attempted)
		board->task->task.inherited |= CONDITION_ARMED;
}

void engine_rescue_seen(struct engine_board *board, struct store_batch *batch)
{
	struct board *known = &board->board;

	if (!(known->conditions & CONDITION_NEEDS_HANDS))
		return;
	if (!(known->conditions & TRAPS) && ledger_keeps(&known->ledger)) {
		close_loop(board, batch);
		return;
	}
	/* A broken upload says more than this. */
	if (known->conditions & CONDITION_DIRTY)
		return;
	if (known->hands_reason != REASON_NOT_LASTING) {
		tell(board, "returned", batch);
		known->hands_reason = REASON_NOT_LASTING;
		known->hands_since_s = engine_now_s();
	}
	engine_rescue_arm(board);
}

bool engine_rescue_strays(const struct engine_board *board)
{
	const struct board *known = &board->board;
	struct ledger_guess plain;

	if (wipy_family_facts(board->spec->family)->push_again_cures ||
		!board_is_not_lasting(known))
		return false;
	ledger_boots(&known->ledger, LEDGER_PLAIN, &plain);
	return !ledger_certain(&plain) || !ledger_is_good(plain.content[0]);
}

bool engine_rescue_accepts(const struct engine_board *board)
{
	return board->board.has_fingerprint && board_is_not_lasting(&board->board);
}

void engine_rescue_accept(struct engine_board *board, struct store_batch *batch)
{
	struct board *known = &board->board;

	/* As if it were seen for the first time: found as a plain boot leaves it. */
	memset(&known->ledger, 0, sizeof(known->ledger));
	(void)engine_ledger_seen(board, &known->fingerprint);
	known->conditions &= ~CONDITION_ARMED;
	close_loop(board, batch);
}

void engine_rescue_gone(struct board *board)
{
	if (!(board->conditions & CONDITION_NEEDS_HANDS))
		return;
	board->hands_away = true;
	if (!board->ledger.lost) /* whoever goes there may hold the pin */
		ledger_lost(&board->ledger, NULL);
}

/* ---- the card ------------------------------------------------------------------- */

/* One that may be pushed to the board, or "". */
static const char *usable(
	const struct engine_board *board, const struct release *release)
{
	const struct release_image *image = engine_image_for(board, release);

	return image && !engine_image_known_bad(board, image) ? release->name : "";
}

/* Whether it pushes just that image to this board: releases whose images differ may show
 * the same fingerprint, and nobody knows which of them it is; or the image is meant for
 * another type, and this board would get its own type's. */
static bool pushes_it(const struct engine_board *board, const struct release *release,
	const struct wipy_fingerprint *fp)
{
	const struct release_image *shows = engine_image_showing(board, fp);
	const struct release_image *gets = engine_image_for(board, release);

	return shows && gets && strcmp(shows->sha256, gets->sha256) == 0;
}

/* The release that does, or "". */
static const char *release_of(
	const struct engine_board *board, const struct wipy_fingerprint *fp)
{
	const struct release *release = engine_release_showing(board, fp);

	return pushes_it(board, release, fp) ? usable(board, release) : "";
}

void engine_fill_card(const struct engine_board *board, struct card_facts *ret_facts)
{
	const struct board *known = &board->board;
	const struct release_image *image = NULL;
	struct card_facts facts = {
		.board = known,
		.family = board->spec->family,
		.reason = known->conditions & CONDITION_NEEDS_HANDS
				  ? known->hands_reason
				  : REASON_NONE,
		.task = board->task ? &board->task->task : NULL,
		.release = usable(board, engine_board_target(board, &image)),
	};

	for (size_t i = 0; i < LEDGER_IMAGES_MAX; i++)
		facts.image_release[i] =
			i < known->ledger.image_count
				? release_of(board, &known->ledger.image[i])
				: "";
	*ret_facts = facts;
}

static struct card_wire_release wire_release(
	const struct engine_board *board, const struct release *release)
{
	const struct release_image *image = engine_image_for(board, release);
	struct card_wire_release found = {
		.name = release ? release->name : NULL,
		.image = image,
		.known_bad = image && engine_image_known_bad(board, image),
	};

	return found;
}

static struct card_wire_release wire_showing(
	const struct engine_board *board, const struct wipy_fingerprint *fp)
{
	const struct release *release = engine_release_showing(board, fp);

	return wire_release(board, pushes_it(board, release, fp) ? release : NULL);
}

/* What a rollout has confirmed, what was seen there last, what its slots hold. */
static void fill_known(
	const struct engine_board *board, struct card_wire_release *known)
{
	const struct board *seen = &board->board;
	const struct ledger *ledger = &seen->ledger;
	const struct release *release;
	struct errtext ignored;

	if (seen->confirmed_release[0] &&
		catalogue_find(board->engine->config.catalogue, seen->confirmed_release,
			&release, &ignored) == 0)
		*known = wire_release(board, release);
	if (seen->has_fingerprint)
		known[1] = wire_showing(board, &seen->fingerprint);
	for (uint8_t i = 0; i < ledger_slot_count((enum ledger_kind)ledger->kind);
		i++) {
		uint8_t content = ledger_slot(ledger, i);

		if (ledger_is_image(content) && ledger_is_good(content))
			known[2 + i] = wire_showing(
				board, &ledger->image[ledger_image_at(content)]);
	}
}

void engine_fill_wire(const struct engine_board *board, const struct release *release,
	struct card_wire_facts *ret_facts)
{
	const struct release_image *image = NULL;
	const struct card_wire_release *back;
	struct card_wire_facts facts = {
		.board = board->board.name,
		.family = board->spec->family,
		.accept = board->spec->accept,
	};

	fill_known(board, facts.known);
	facts.wanted = wire_release(
		board, release ? release : engine_board_target(board, &image));
	if (!release && card_wire_forbids(&facts, &facts.wanted) != REASON_NONE) {
		back = card_wire_back(&facts);
		if (back)
			facts.wanted = *back;
	}
	*ret_facts = facts;
}

/* ---- what makes it lasting ------------------------------------------------------- */

/* The release whose image it runs, if pushing that is certain to do no harm: what the
 * push overwrites is known not to be what runs, nor the last good image, and no second
 * upload can kill the board. One that refuses it is left as it is. */
static const struct release *lasting_release(const struct engine_board *board)
{
	const struct release *release = engine_running_release(board);
	const struct board *known = &board->board;
	struct ledger_next_push next;

	ledger_next_push(&known->ledger, &next);
	if (!release || !pushes_it(board, release, &known->fingerprint) ||
		!wipy_family_facts(board->spec->family)->push_again_cures ||
		next.slots == 0 || next.hits || next.burns || next.kills)
		return NULL;
	if (engine_image_known_bad(board, engine_image_for(board, release)))
		return NULL;
	return release;
}

bool engine_rescue_holds(const struct engine_task *et)
{
	return !rollout_is_repair(&et->rollout->rollout) || et->task.attempted ||
	       lasting_release(et->board) == et->rollout->release;
}

static void start_repair(struct engine_board *board, const struct release *release)
{
	struct engine *engine = board->engine;
	struct plan_entry entry = {.board = board, .state = TASK_PLANNED};
	struct plan plan = {
		.release = release,
		.waves_text = "100%",
		.soak_s = (engine->config.settings->soak_ms + 999) / 1000,
		.expires_s = engine->config.settings->expires_ms / 1000,
		.entry = &entry,
		.entry_count = 1,
		.planned = 1,
		.wave_count = 1,
		.wave_size = {1},
	};

	snprintf(plan.select_text, sizeof(plan.select_text), "name=%s",
		board->board.name);
	engine_start_rollout(engine, &plan, "wipyd", NULL, NULL);
}

bool engine_rescue_begins(const struct engine_board *board)
{
	const struct engine *engine = board->engine;
	const struct board *known = &board->board;

	return (known->conditions & CONDITION_NEEDS_HANDS) && known->hands_away &&
	       board_may_be_repaired(known, engine_now_s()) && !board->task &&
	       !board->kept && !engine->stopping && !engine->read_only &&
	       known->access != ACCESS_WRONG_BOARD && !known->other_id[0];
}

void engine_rescue_start(struct engine_board *board)
{
	struct engine *engine = board->engine;
	struct board *known = &board->board;
	const struct release *release;
	struct store_batch *batch;

	if (!engine_rescue_begins(board))
		return;
	/* Once: a repair that fails, or that nobody dares, is a person's from then on. */
	known->hands_away = false;
	release = lasting_release(board);
	if (release) {
		start_repair(board, release);
		return;
	}
	batch = store_batch_new(engine->config.store);
	store_put_board(batch, known);
	engine_commit(engine, batch);
}
