/* SPDX-License-Identifier: MIT
 *
 * The least risk first: a board that only has to be reset is not pushed to.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "daemon/core/undo_plan.h"

/* A broken push of this rollout, or a whole one that waits for a reset. */
static bool is_trapped(const struct undo_facts *facts)
{
	return (facts->conditions & (CONDITION_DIRTY | CONDITION_ARMED)) != 0;
}

static bool is_same(const struct wipy_fingerprint *a, const struct wipy_fingerprint *b)
{
	return a && b && wipy_fingerprint_equal(a, b);
}

/* It changed this board: the image runs there, is about to, or may once it is back. */
static bool is_changed(const struct undo_facts *facts)
{
	const struct task *task = facts->task;

	if (!task->attempted || !task->has_before ||
		is_same(&task->before, facts->brought))
		return false;
	return is_trapped(facts) || task->state == TASK_LOST ||
	       is_same(facts->runs, facts->brought);
}

/* It runs what it would go back to. What was pushed can be overwritten by no second push,
 * and the reset that cures the slot would start it: it stays armed (0007). A lost board
 * may run it by now, so that one is looked at first. */
static bool would_start_it(const struct undo_facts *facts)
{
	return (facts->conditions & CONDITION_ARMED) &&
	       !wipy_family_facts(facts->family)->push_again_cures &&
	       facts->task->state != TASK_LOST &&
	       is_same(facts->runs, &facts->task->before);
}

/* A start of that kind is certain to run the image from before. */
static bool starts_it(
	const struct undo_facts *facts, enum ledger_pick pick, bool known_good)
{
	const struct ledger *ledger = facts->ledger;
	struct ledger_guess guess;

	ledger_boots(ledger, pick, &guess);
	return ledger_certain(&guess) && ledger_is_image(guess.content[0]) &&
	       (!known_good || ledger_is_good(guess.content[0])) &&
	       is_same(&ledger->image[ledger_image_at(guess.content[0])],
		       &facts->task->before);
}

static bool by_hand(const struct undo_facts *facts)
{
	for (int pick = LEDGER_WINDOW_LATEST; pick < LEDGER_PICK_COUNT; pick++)
		if (starts_it(facts, (enum ledger_pick)pick, false))
			return true;
	return false;
}

static void write_statement(
	const char *form, uint8_t number, char ret_statement[STATEMENT_MAX])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_statement, STATEMENT_MAX);
	for (; *form; form++)
		if (*form == '#')
			wipy_text_int(&text, number);
		else
			wipy_text_char(&text, *form);
}

/* Without an upload, where the board is known well enough. */
static bool find_start(const struct undo_facts *facts, struct undo_step *step)
{
	const struct wipy_family_facts *family = wipy_family_facts(facts->family);
	uint8_t number;

	if (facts->conditions != 0 || facts->task->state == TASK_LOST)
		return false;
	if (starts_it(facts, LEDGER_PLAIN, true)) {
		step->method = UNDO_RESTART;
		write_statement("machine.reset()", 0, step->statement);
		return true;
	}
	if (!family->switch_statement[0] ||
		ledger_switch(facts->ledger, &facts->task->before, &number) < 0)
		return false;
	step->method = UNDO_SWITCH;
	write_statement(family->switch_statement, number, step->statement);
	return true;
}

static enum undo_risk risk_of(
	const struct undo_facts *facts, enum undo_method method, bool burns)
{
	const struct wipy_family_facts *family = wipy_family_facts(facts->family);
	bool trial = family->confirm_path[0] != '\0';

	if (method == UNDO_RESTART)
		return UNDO_RISK_RESTART;
	if (method == UNDO_SWITCH)
		return trial ? UNDO_RISK_TRIAL_SWITCH : UNDO_RISK_SWITCH;
	if (burns)
		return UNDO_RISK_BURNS;
	if (trial)
		return UNDO_RISK_TRIAL_PUSH;
	return family->push_again_cures ? UNDO_RISK_PUSH : UNDO_RISK_ONE_PUSH;
}

static struct undo_step ended(enum task_state state, enum reason reason)
{
	return (struct undo_step){.state = state, .reason = reason};
}

static struct undo_step decide(const struct undo_facts *facts)
{
	struct undo_step step = {.state = TASK_PLANNED, .method = UNDO_PUSH};
	struct ledger_next_push next = {.burns = false};

	if (!is_changed(facts))
		return ended(TASK_ALREADY, REASON_NONE);
	if (facts->wrong_board)
		return ended(TASK_REFUSED, REASON_WRONG_BOARD);
	if (facts->held)
		return ended(TASK_REFUSED, REASON_IN_ROLLOUT);
	if (facts->newer)
		return ended(TASK_REFUSED, REASON_CONFIRMED_SINCE);
	if (facts->strays)
		return ended(TASK_REFUSED, REASON_NOT_LASTING);
	if (would_start_it(facts))
		return ended(TASK_REFUSED, REASON_UNDO_ARMED);
	if (facts->known_bad)
		return ended(TASK_REFUSED, REASON_KNOWN_BAD);
	if (!find_start(facts, &step)) {
		if (!facts->image)
			return ended(TASK_REFUSED, by_hand(facts)
							   ? REASON_UNDO_BY_HAND
							   : REASON_UNDO_NO_IMAGE);
		ledger_next_push(facts->ledger, &next);
		/* What repairs is not refused; what a hand has started needs no repair. */
		if (next.burns && !facts->burn_last_good &&
			(facts->not_lasting || !is_trapped(facts)))
			return ended(TASK_REFUSED, REASON_BURNS_LAST_GOOD);
	}
	step.risk = risk_of(facts, step.method, next.burns);
	return step;
}

void undo_decide(const struct undo_facts *facts, struct undo_step *ret_step)
{
	*ret_step = decide(facts);
}

static int by_risk(const void *va, const void *vb)
{
	const struct undo_turn *a = va, *b = vb;

	if (a->away != b->away)
		return a->away ? 1 : -1;
	if (a->risk != b->risk)
		return a->risk < b->risk ? -1 : 1;
	return a->wave != b->wave ? a->wave - b->wave : strcmp(a->board, b->board);
}

void undo_order(struct undo_turn *turn, size_t count)
{
	size_t places[WAVES_MAX] = {0};
	int wave = 0;

	for (size_t i = 0; i < count; i++)
		places[turn[i].wave]++;
	qsort(turn, count, sizeof(*turn), by_risk);
	for (size_t i = 0; i < count; i++) {
		while (places[wave] == 0)
			wave++;
		turn[i].wave = wave;
		places[wave]--;
	}
}

const char *undo_method_name(enum undo_method method)
{
	static const char *const names[UNDO_METHOD_COUNT] = {
		[UNDO_NOT] = "none",
		[UNDO_RESTART] = "restart",
		[UNDO_SWITCH] = "switch",
		[UNDO_PUSH] = "push",
	};

	return method < UNDO_METHOD_COUNT ? names[method] : "invalid";
}

const char *undo_risk_text(enum undo_risk risk)
{
	static const char *const texts[UNDO_RISK_COUNT] = {
		[UNDO_RISK_NONE] = "",
		[UNDO_RISK_RESTART] =
			"It is only reset: its next start goes back by itself.",
		[UNDO_RISK_TRIAL_SWITCH] =
			"It starts the image from another slot, on trial: a reset "
			"takes it back.",
		[UNDO_RISK_TRIAL_PUSH] =
			"The image is pushed again and starts on trial: a reset takes "
			"it back.",
		[UNDO_RISK_SWITCH] =
			"It starts the image from its other slot, which its loader "
			"checks first; it stays.",
		[UNDO_RISK_PUSH] =
			"The image is pushed again: an upload that breaks off leaves "
			"the board dirty until it is repeated.",
		[UNDO_RISK_ONE_PUSH] =
			"The image is pushed again, once: a second upload before its "
			"reset could kill the board.",
		[UNDO_RISK_BURNS] =
			"The image is pushed over the only one of this board that is "
			"known to be good.",
	};

	return risk < UNDO_RISK_COUNT ? texts[risk] : "";
}
