/* SPDX-License-Identifier: MIT
 *
 * What an undo does to a board: A ran before, the rollout brought B.
 */
#include "daemon/core/undo_plan.h"
#include "tests/tap.h"

#define WIPY         WIPY_FAMILY_WIPY
#define PYCOM        WIPY_FAMILY_PYCOM
#define ESP32        WIPY_FAMILY_ESP32
#define PLANNED      TASK_PLANNED, REASON_NONE
#define NOTHING      TASK_ALREADY, REASON_NONE, UNDO_NOT, UNDO_RISK_NONE, ""
#define REFUSED(why) TASK_REFUSED, REASON_##why, UNDO_NOT, UNDO_RISK_NONE, ""

/* Ledgers: B runs from update 1; where the row has a second world, from the other one. */
#define UPDATED  "B--|1R01AB-"         /* A is the factory's */
#define EITHER   "B--|1R21?BA,2R12?AB" /* A is in the other update slot */
#define HALVES   "B--|1R01AB-,0R10BA-" /* two slots, not known which is which */
#define UNSEEN   "B--|1R01aB-"         /* A was pushed there and never seen */
#define ON_TRIAL "B--|1T01AB-"
#define FORGOT   "B--|1R01?B?"
#define ONE_GOOD "B--|0R01?B?"
#define TORN     "B--|1C00A!-,0R00A!-"
#define CERTAIN  "A--|0R00A--"

static const struct row {
	const char *name;
	enum wipy_family family;
	const char *ledger;
	struct {
		char runs; /* 0: never seen */
		uint32_t conditions;
		bool image, known_bad, burn, wrong, held, newer;
		bool not_lasting, strays;
	} is;
	struct {
		enum task_state ended;
		bool attempted;
	} task;
	enum task_state state;
	enum reason reason;
	enum undo_method method;
	enum undo_risk risk;
	const char *statement;
} rows[] = {
	{"updated", WIPY, UPDATED, {.runs = 'B', .image = true}, {TASK_CONFIRMED, true},
		PLANNED, UNDO_PUSH, UNDO_RISK_PUSH, ""},
	{"its image is in no release, a window starts it", WIPY, UPDATED, {.runs = 'B'},
		{TASK_CONFIRMED, true}, REFUSED(UNDO_BY_HAND)},
	{"its image is in no release, a window may start it", WIPY, FORGOT,
		{.runs = 'B'}, {TASK_CONFIRMED, true}, REFUSED(UNDO_NO_IMAGE)},
	{"its image is known-bad", WIPY, UPDATED,
		{.runs = 'B', .image = true, .known_bad = true}, {TASK_CONFIRMED, true},
		REFUSED(KNOWN_BAD)},
	{"another board answers", WIPY, UPDATED,
		{.runs = 'B', .image = true, .wrong = true}, {TASK_CONFIRMED, true},
		REFUSED(WRONG_BOARD)},
	{"another rollout has it", WIPY, UPDATED,
		{.runs = 'B', .image = true, .held = true}, {TASK_CONFIRMED, true},
		REFUSED(IN_ROLLOUT)},
	{"another rollout has it, nothing to take back", WIPY, UPDATED,
		{.runs = 'A', .image = true, .held = true}, {TASK_FELL_BACK, true},
		NOTHING},
	{"a newer rollout has confirmed it", WIPY, UPDATED,
		{.runs = 'B', .image = true, .newer = true}, {TASK_REVERTED, true},
		REFUSED(CONFIRMED_SINCE)},
	{"the upload may hit the only good one", WIPY, ONE_GOOD,
		{.runs = 'B', .image = true}, {TASK_CONFIRMED, true},
		REFUSED(BURNS_LAST_GOOD)},
	{"... and may", WIPY, ONE_GOOD, {.runs = 'B', .image = true, .burn = true},
		{TASK_CONFIRMED, true}, PLANNED, UNDO_PUSH, UNDO_RISK_BURNS, ""},
	{"... and is the cure of a dirty board", WIPY, ONE_GOOD,
		{.runs = 'B', .conditions = CONDITION_DIRTY, .image = true},
		{TASK_FAILED, true}, PLANNED, UNDO_PUSH, UNDO_RISK_BURNS, ""},
	{"... and no cure of what a hand has started", WIPY, ONE_GOOD,
		{.runs = 'A',
			.conditions = CONDITION_ARMED | CONDITION_NEEDS_HANDS,
			.image = true,
			.not_lasting = true},
		{TASK_LOST, true}, REFUSED(BURNS_LAST_GOOD)},
	{"pycom: started by a hand, and no push makes it stay", PYCOM, ONE_GOOD,
		{.runs = 'A',
			.conditions = CONDITION_ARMED | CONDITION_NEEDS_HANDS,
			.image = true,
			.burn = true,
			.not_lasting = true,
			.strays = true},
		{TASK_LOST, true}, REFUSED(NOT_LASTING)},
	{"fell back", WIPY, CERTAIN, {.runs = 'A', .image = true},
		{TASK_FELL_BACK, true}, NOTHING},
	{"never touched", WIPY, CERTAIN, {.runs = 'A', .image = true},
		{TASK_CANCELLED, false}, NOTHING},
	{"ran it before, too", WIPY, UPDATED, {.runs = 'B', .image = true},
		{TASK_ALREADY, false}, NOTHING},
	{"runs something else by now", WIPY, UPDATED, {.runs = 'C', .image = true},
		{TASK_CONFIRMED, true}, NOTHING},
	{"never seen", WIPY, FORGOT, {.image = true}, {TASK_DEFERRED, false}, NOTHING},
	{"armed", WIPY, CERTAIN,
		{.runs = 'A', .conditions = CONDITION_ARMED, .image = true},
		{TASK_CANCELLED, true}, PLANNED, UNDO_PUSH, UNDO_RISK_PUSH, ""},
	{"armed by another rollout", WIPY, CERTAIN,
		{.runs = 'A', .conditions = CONDITION_ARMED, .image = true},
		{TASK_CANCELLED, false}, NOTHING},
	{"dirty", WIPY, TORN,
		{.runs = 'A', .conditions = CONDITION_DIRTY, .image = true},
		{TASK_FAILED, true}, PLANNED, UNDO_PUSH, UNDO_RISK_PUSH, ""},
	{"lost: may run it once it is back", WIPY, UPDATED,
		{.runs = 'A', .conditions = CONDITION_NEEDS_HANDS, .image = true},
		{TASK_LOST, true}, PLANNED, UNDO_PUSH, UNDO_RISK_PUSH, ""},
	{"on trial, confirmed by nobody", ESP32, ON_TRIAL, {.runs = 'B'},
		{TASK_FAILED, true}, PLANNED, UNDO_RESTART, UNDO_RISK_RESTART,
		"machine.reset()"},
	{"trial: in another slot", ESP32, EITHER, {.runs = 'B', .image = true},
		{TASK_CONFIRMED, true}, PLANNED, UNDO_SWITCH, UNDO_RISK_TRIAL_SWITCH,
		"wipy.safeboot(2, safe=False)"},
	{"trial: in another slot, never seen there", ESP32, UNSEEN,
		{.runs = 'B', .image = true}, {TASK_CONFIRMED, true}, PLANNED,
		UNDO_PUSH, UNDO_RISK_TRIAL_PUSH, ""},
	{"trial: the slots are not known", ESP32, FORGOT, {.runs = 'B', .image = true},
		{TASK_CONFIRMED, true}, PLANNED, UNDO_PUSH, UNDO_RISK_TRIAL_PUSH, ""},
	{"trial: in a slot and known-bad", ESP32, EITHER,
		{.runs = 'B', .image = true, .known_bad = true}, {TASK_CONFIRMED, true},
		REFUSED(KNOWN_BAD)},
	{"trial: armed is not only started", ESP32, EITHER,
		{.runs = 'B', .conditions = CONDITION_ARMED, .image = true},
		{TASK_CANCELLED, true}, PLANNED, UNDO_PUSH, UNDO_RISK_TRIAL_PUSH, ""},
	{"pycom: in the other slot, in no release", PYCOM, HALVES, {.runs = 'B'},
		{TASK_CONFIRMED, true}, PLANNED, UNDO_SWITCH, UNDO_RISK_SWITCH,
		"pycom.bootmgr(boot_partition=?)"},
	{"pycom: armed, and never ran it", PYCOM, FORGOT,
		{.runs = 'A', .conditions = CONDITION_ARMED, .image = true},
		{TASK_CANCELLED, true}, REFUSED(UNDO_ARMED)},
	{"pycom: armed anew, and ran it", PYCOM, FORGOT,
		{.runs = 'B', .conditions = CONDITION_ARMED, .image = true},
		{TASK_CANCELLED, true}, PLANNED, UNDO_PUSH, UNDO_RISK_ONE_PUSH, ""},
	{"pycom: armed and lost: may run it by now", PYCOM, FORGOT,
		{.runs = 'A', .conditions = CONDITION_ARMED, .image = true},
		{TASK_LOST, true}, PLANNED, UNDO_PUSH, UNDO_RISK_ONE_PUSH, ""},
	{"pycom: dirty: its loader checks what its reset starts", PYCOM, FORGOT,
		{.runs = 'A', .conditions = CONDITION_DIRTY, .image = true},
		{TASK_FAILED, true}, PLANNED, UNDO_PUSH, UNDO_RISK_ONE_PUSH, ""},
	{"pycom: pushed once", PYCOM, FORGOT, {.runs = 'B', .image = true},
		{TASK_CONFIRMED, true}, PLANNED, UNDO_PUSH, UNDO_RISK_ONE_PUSH, ""},
};

static struct wipy_fingerprint image(char tag)
{
	struct wipy_fingerprint fp = {.date = "2016-11-18", .board = "x", .mcu = "y"};

	fp.tag[0] = tag;
	return fp;
}

static struct ledger ledger_of(const struct row *row)
{
	char text[LEDGER_TEXT_MAX];
	struct ledger ledger = {0};

	snprintf(text, sizeof(text),
		"1%c%s\tA on 2016-11-18; x with y\tB on 2016-11-18; x with y",
		row->family == WIPY    ? 'w'
		: row->family == PYCOM ? 'p'
				       : 't',
		row->ledger);
	if (strcmp(row->ledger, CERTAIN) == 0)
		*strrchr(text, '\t') = '\0';
	OK(ledger_parse(text, &ledger) == 0, row->name);
	return ledger;
}

static struct undo_step decide(
	const struct row *row, const struct wipy_fingerprint *before)
{
	struct wipy_fingerprint runs = image(row->is.runs), brought = image('B');
	struct ledger ledger = ledger_of(row);
	struct task task = {.state = row->task.ended,
		.attempted = row->task.attempted,
		.has_before = row->task.attempted,
		.before = *before};
	struct undo_facts facts = {.family = row->family,
		.ledger = &ledger,
		.conditions = row->is.conditions,
		.task = &task,
		.brought = &brought,
		.runs = row->is.runs ? &runs : NULL,
		.wrong_board = row->is.wrong,
		.held = row->is.held,
		.newer = row->is.newer,
		.image = row->is.image,
		.known_bad = row->is.known_bad,
		.burn_last_good = row->is.burn,
		.not_lasting = row->is.not_lasting,
		.strays = row->is.strays};
	struct undo_step step;

	undo_decide(&facts, &step);
	return step;
}

static void test_row(const struct row *row)
{
	struct wipy_fingerprint before = image('A'), brought = image('B');
	struct undo_step step = decide(row, &before);

	EQ_STR(task_state_name(step.state), task_state_name(row->state), row->name);
	EQ_INT(step.reason, row->reason, row->name);
	EQ_STR(undo_method_name(step.method), undo_method_name(row->method), row->name);
	EQ_INT(step.risk, row->risk, row->name);
	EQ_STR(step.statement, row->statement, row->name);
	OK((undo_risk_text(step.risk)[0] != '\0') == (step.state == TASK_PLANNED),
		row->name);
	/* Both images look alike: nobody could tell whether it was brought back. */
	step = decide(row, &brought);
	EQ_INT(step.state, TASK_ALREADY, row->name);
}

/* ---- the order ------------------------------------------------------------------- */

/* Boards of one undo, each as a row above; in the order in which they are to go. Those that
 * are dealt the same wave and are at the same risk go by their names. */
static const struct {
	const char *board, *row;
	bool away;
	int dealt, goes; /* waves; -1: it is no part of it */
} fleet[] = {
	{"c-trial", "on trial, confirmed by nobody", false, 2, 0},
	{"f-switch", "trial: in another slot", false, 3, 0},
	{"d-push", "trial: in another slot, never seen there", false, 1, 1},
	{"e-push", "trial: the slots are not known", false, 1, 1},
	{"b-bootmgr", "pycom: in the other slot, in no release", false, 3, 1},
	{"z-wipy", "updated", false, 0, 2},
	{"g-wipy", "dirty", false, 1, 2},
	{"a-pycom", "pycom: pushed once", false, 2, 3},
	{"h-burns", "... and may", false, 0, 3},
	{"a-lost", "on trial, confirmed by nobody", true, 3, 3},
	{"b-lost", "... and may", true, 3, 3},
	{"k-hand", "its image is in no release, a window starts it", false, -1, -1},
	{"l-burns", "the upload may hit the only good one", false, -1, -1},
	{"m-well", "fell back", false, -1, -1},
};

#define FLEET (sizeof(fleet) / sizeof(fleet[0]))

static const struct row *row_of(const char *name)
{
	size_t i = 0;

	while (strcmp(rows[i].name, name) != 0)
		i++;
	return &rows[i];
}

/* `first`: with which board the list begins, since the order must not hang on it. */
static void test_order(size_t first)
{
	struct wipy_fingerprint before = image('A');
	struct undo_turn turn[FLEET];
	size_t count = 0, at = 0;

	for (size_t k = 0; k < FLEET; k++) {
		size_t i = (first + k * 5) % FLEET;
		struct undo_step step = decide(row_of(fleet[i].row), &before);

		EQ_INT(step.state == TASK_PLANNED, fleet[i].goes >= 0, fleet[i].board);
		if (step.state == TASK_PLANNED)
			turn[count++] = (struct undo_turn){fleet[i].board, step.risk,
				fleet[i].away, fleet[i].dealt, i};
	}
	undo_order(turn, count);
	for (size_t i = 0; i < FLEET; i++) {
		if (fleet[i].goes < 0)
			continue;
		EQ_STR(turn[at].board, fleet[i].board, "the least risk first");
		EQ_INT(turn[at].wave, fleet[i].goes, fleet[i].board);
		EQ_INT(turn[at++].index, i, fleet[i].board);
	}
	EQ_INT(at, count, "each of them once");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(&rows[i]);
	for (size_t i = 0; i < FLEET; i++)
		test_order(i);
	return tap_done();
}
