/* SPDX-License-Identifier: MIT
 *
 * Who answers at a board's address, and whether a change was our doing.
 */
#include <errno.h>

#include "daemon/core/identity.h"
#include "tests/tap.h"

#define FP(tag, board, mcu)                                                            \
	{                                                                              \
		tag, "2017-01-08", board, mcu                                          \
	}

static const struct wipy_fingerprint old_image = FP("v1.8.6", "WiPy", "CC3200");
static const struct wipy_fingerprint new_image = FP("v1.8.7", "WiPy", "CC3200");
static const struct wipy_fingerprint third = FP("v1.8.4", "WiPy", "CC3200");
static const struct wipy_fingerprint launchpad = FP("v1.8.6", "LaunchPad", "CC3200");
static const struct wipy_fingerprint esp = FP("v1.8.6", "ESP module", "ESP8266");

static struct board knows(const struct wipy_fingerprint *fp)
{
	struct board board = {.name = "lab-01", .has_fingerprint = fp != NULL};

	if (fp)
		board.fingerprint = *fp;
	return board;
}

/* ---- who answers ------------------------------------------------------------------ */

static const struct {
	const char *name;
	const struct wipy_fingerprint *known, *seen;
	bool other;
} answers[] = {
	{"never seen, of its family", NULL, &old_image, false},
	{"never seen, of another family", NULL, &esp, true},
	{"the same", &old_image, &old_image, false},
	{"another version", &old_image, &new_image, false},
	{"another board text", &old_image, &launchpad, true},
	{"another MCU", &old_image, &esp, true},
	{"the right one behind another family's", &esp, &old_image, false},
	{"still the other family", &esp, &esp, true},
};

static void test_answers(void)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct board board = knows(answers[i].known);

		EQ_INT(board_is_other(&board, WIPY_FAMILY_WIPY, answers[i].seen),
			answers[i].other, answers[i].name);
	}
}

static void test_ids(void)
{
	static const char too_long[] = "00112233445566778899aabbccddeeff0";
	struct board board = knows(&old_image);

	OK(!board_note_id(&board, "", false) && !board.unique_id[0],
		"an id that could not be read is none");
	OK(!board_note_id(&board, too_long, false) && !board.unique_id[0],
		"nor is one that is too long");
	OK(board_note_id(&board, "aa", true), "another board's id");
	OK(!board.unique_id[0], "is not learnt");
	EQ_STR(board.other_id, "aa", "but kept");
	OK(board_note_id(&board, "d0", false), "the first id of the right board");
	EQ_STR(board.unique_id, "d0", "is learnt");
	EQ_STR(board.other_id, "", "and ends the other");
	OK(!board_note_id(&board, "d0", false), "the same id");
	OK(board_note_id(&board, "d1", false), "another id behind the same banner");
	EQ_STR(board.unique_id, "d0", "does not take its place");
	EQ_STR(board.other_id, "d1", "is kept");
	OK(!board_note_id(&board, "d1", false), "once");
	OK(!board_note_id(&board, "", false) && board.other_id[0],
		"a login without an id proves nothing");
	OK(board_note_id(&board, "d0", false) && !board.other_id[0],
		"the right one is back");
}

static void test_accept(void)
{
	struct board board = knows(&old_image);

	board.access = ACCESS_LOGIN_OK;
	EQ_INT(board_accept(&board), -EALREADY, "nothing is to be accepted");
	board.version = VERSION_CHANGED_BY_OTHERS;
	EQ_INT(board_accept(&board), 0, "what others have changed");
	OK(board.has_fingerprint && board.version == VERSION_UNKNOWN,
		"is compared anew, and nothing is forgotten");

	board.access = ACCESS_WRONG_BOARD;
	board.conditions = CONDITION_DIRTY;
	strcpy(board.confirmed_release, "v1.8.6");
	strcpy(board.unique_id, "d0");
	EQ_INT(board_accept(&board), 0, "another banner");
	OK(!board.has_fingerprint && !board.unique_id[0] && board.access == ACCESS_OPEN,
		"its banner and id are learnt anew");
	EQ_INT(board.conditions, CONDITION_DIRTY, "it may be the same hardware");
	EQ_STR(board.confirmed_release, "", "no rollout has confirmed that one");

	board = knows(&old_image);
	board.access = ACCESS_BUSY;
	board.conditions = CONDITION_ARMED | CONDITION_NEEDS_HANDS;
	board.hands_reason = REASON_NO_RETURN;
	board.ledger.kind = LEDGER_CLASSIC;
	strcpy(board.unique_id, "d0");
	strcpy(board.other_id, "d1");
	EQ_INT(board_accept(&board), 0, "another id");
	EQ_STR(board.unique_id, "d1", "is the board's now");
	EQ_STR(board.other_id, "", "and no other any more");
	EQ_INT(board.conditions, CONDITION_ARMED,
		"the right one may be back since: its trap is not forgotten");
	OK(board.ledger.kind == LEDGER_NO_KIND && board.hands_reason == REASON_NONE,
		"but the slots of the other hardware are");
}

/* ---- whose change ----------------------------------------------------------------- */

/* A task for new_image that found old_image. */
static const struct {
	const char *name;
	bool task, active, attempted, touched, inherited, trial;
	enum task_state state;
	uint32_t conditions;
	const struct wipy_fingerprint *known, *seen;
	bool ours;
} changes[] = {
	{"no task", .known = &old_image, .seen = &new_image},
	{"a task that has not pushed", true, true, .state = TASK_CHECKING,
		.known = &old_image, .seen = &new_image},
	{"the pushed image", true, true, true, .state = TASK_RETURNING,
		.conditions = CONDITION_ARMED, .known = &old_image, .seen = &new_image,
		.ours = true},
	{"back to the image before, in the soak", true, true, true,
		.state = TASK_SOAKING, .known = &new_image, .seen = &old_image,
		.ours = true},
	{"a third image after a whole push", true, true, true, .state = TASK_RETURNING,
		.conditions = CONDITION_ARMED, .known = &old_image, .seen = &third},
	{"a third image in the soak", true, true, true, .state = TASK_SOAKING,
		.known = &new_image, .seen = &third},
	{"a third image after a torn push", true, true, true, .touched = true,
		.state = TASK_BACKOFF, .conditions = CONDITION_DIRTY,
		.known = &old_image, .seen = &third, .ours = true},
	{"what an earlier rollout left boots", true, true, true, .inherited = true,
		.state = TASK_RETURNING, .conditions = CONDITION_ARMED,
		.known = &old_image, .seen = &third, .ours = true},
	{"we have reset it to clear it before its push", true, true,
		.state = TASK_RETURNING, .known = &third, .seen = &old_image,
		.ours = true},
	{"an armed board's own reset", .conditions = CONDITION_ARMED,
		.known = &old_image, .seen = &new_image, .ours = true},
	{"a dirty board's own reset", .conditions = CONDITION_DIRTY,
		.known = &old_image, .seen = &third, .ours = true},
	{"a lost board that a hand has brought back",
		.conditions = CONDITION_NEEDS_HANDS, .known = &new_image,
		.seen = &third, .ours = true},
	{"an unconfirmed trial falls back", true, false, true, .trial = true,
		.state = TASK_FAILED, .known = &new_image, .seen = &old_image,
		.ours = true},
	{"an unconfirmed trial becomes a third image", true, false, true, .trial = true,
		.state = TASK_FAILED, .known = &new_image, .seen = &third},
	{"a confirmed trial goes back", true, false, true, .trial = true,
		.state = TASK_CONFIRMED, .known = &new_image, .seen = &old_image},
	{"a family without trials goes back after its task", true, false, true,
		.state = TASK_FAILED, .known = &new_image, .seen = &old_image},
	{"a trial's board that had moved on", true, false, true, .trial = true,
		.state = TASK_FAILED, .known = &third, .seen = &old_image},
};

static void test_changes(void)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct task task = {.state = changes[i].state,
			.attempted = changes[i].attempted,
			.touched = changes[i].touched,
			.pushed = changes[i].attempted && !changes[i].touched,
			.inherited = changes[i].inherited ? CONDITION_ARMED : 0,
			.has_before = true,
			.before = old_image};
		struct change_facts facts = {
			.task = changes[i].task ? &task : NULL,
			.active = changes[i].active,
			.wanted = changes[i].task ? &new_image : NULL,
			.trial = changes[i].trial,
		};
		struct board board = knows(changes[i].known);

		board.conditions = changes[i].conditions;
		EQ_INT(board_change_is_ours(&board, &facts, changes[i].seen),
			changes[i].ours, changes[i].name);
	}
}

int main(void)
{
	test_answers();
	test_ids();
	test_accept();
	test_changes();
	return tap_done();
}
