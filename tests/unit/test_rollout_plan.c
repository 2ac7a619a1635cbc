/* SPDX-License-Identifier: MIT
 *
 * The rollout planner: one look at a rollout, and what it says comes next.
 */
#include "tests/unit/plan_scene.h"

static const struct {
	const char *name;
	enum rollout_state state;
	const char *waves;
	const struct limits *limits;
	const char *tasks;
	const char *want;
} cases[] = {
	/* Waves. */
	{"the first wave opens", ROLLOUT_RUNNING, "cc", &wide, "0:planned 1:planned",
		"open 0"},
	{"nobody is left to be dealt out", ROLLOUT_RUNNING, "", &wide,
		"-:already -:already", "finish completed"},
	{"somebody was refused by the plan", ROLLOUT_RUNNING, "", &wide,
		"-:already -:refused", "finish completed-with-exceptions"},
	{"boards of the open wave begin", ROLLOUT_RUNNING, "oc", &wide,
		"0:waiting 0:waiting 1:planned", "grant 0, grant 1"},
	{"the wave is under way", ROLLOUT_RUNNING, "oc", &wide,
		"0:pushing* 0:soaking* 1:planned", ""},
	{"one of the wave still soaks", ROLLOUT_RUNNING, "oc", &wide,
		"0:confirmed* 0:soaking* 1:planned", ""},
	{"the wave is over", ROLLOUT_RUNNING, "oc", &wide,
		"0:confirmed* 0:confirmed* 1:planned", "pass 0"},
	{"a board that had it already proves no push", ROLLOUT_RUNNING, "oc", &wide,
		"0:already 1:planned", "swap 0 1"},
	{"the second wave opens", ROLLOUT_RUNNING, "pc", &wide,
		"0:confirmed* 1:planned", "open 1"},
	{"after a skipped wave too", ROLLOUT_RUNNING, "kc", &wide,
		"0:refused 1:planned", "open 1"},
	{"only the first wave that is not over counts", ROLLOUT_RUNNING, "poc", &wide,
		"0:confirmed* 1:pushing* 2:planned", ""},
	{"all is well", ROLLOUT_RUNNING, "pp", &wide, "0:confirmed* 1:already",
		"finish completed"},
	{"all waves are over, a board is deferred", ROLLOUT_RUNNING, "pp", &wide,
		"0:confirmed* 1:deferred",
		"finish completed-with-exceptions, valid until 5000"},
	{"all waves are over, a board came back", ROLLOUT_RUNNING, "pp", &wide,
		"0:confirmed* 1:waiting", "grant 1"},
	{"all waves are over, a board is under way", ROLLOUT_RUNNING, "pp", &wide,
		"0:confirmed* 1:pushing*", ""},

	/* Boards that are not there. */
	{"a deferred board is replaced", ROLLOUT_RUNNING, "oc", &wide,
		"0:deferred 1:planned 1:planned", "swap 0 1"},
	{"a refused board is replaced", ROLLOUT_RUNNING, "oc", &wide,
		"0:pushing* 0:refused 1:deferred 1:planned", "swap 1 3"},
	{"one that was pushed to is not", ROLLOUT_RUNNING, "oc", &wide,
		"0:refused* 0:checking 1:planned", ""},
	{"nobody is left to replace it", ROLLOUT_RUNNING, "o", &wide,
		"0:confirmed* 0:deferred", "pass 0"},
	{"boards of earlier waves are no replacement", ROLLOUT_RUNNING, "po", &wide,
		"0:confirmed* 1:deferred 1:confirmed*", "pass 1"},
	{"the last wave may end without a confirmed board, and has not passed then",
		ROLLOUT_RUNNING, "po", &wide, "0:confirmed* 1:deferred", "skip 1"},
	{"a wave without a confirmed board shows nothing", ROLLOUT_RUNNING, "oc", &wide,
		"0:skipped 1:planned", "halt no-confirmed-board"},
	{"boards that are deferred do not hang on it", ROLLOUT_RUNNING, "oc", &wide,
		"0:deferred 1:deferred 1:deferred", "skip 0"},
	{"the first one has it already, the others are away", ROLLOUT_RUNNING, "oc",
		&wide, "0:already 1:deferred 1:deferred", "skip 0"},
	{"a wave of which nobody is left to begin is skipped", ROLLOUT_RUNNING, "pcc",
		&wide, "0:confirmed* 1:deferred 2:planned", "skip 1"},
	{"one of which somebody is left opens", ROLLOUT_RUNNING, "pc", &wide,
		"0:confirmed* 1:deferred 1:planned", "open 1"},
	{"the daemon died when its task was durable and its opening was not",
		ROLLOUT_RUNNING, "cc", &wide, "0:waiting 1:planned", "open 0"},
	{"... and its task had gone on", ROLLOUT_RUNNING, "pcc", &wide,
		"0:confirmed* 1:checking 1:deferred 2:planned", "open 1"},
	{"nobody was there at all", ROLLOUT_RUNNING, "kk", &wide,
		"0:deferred 1:deferred",
		"finish completed-with-exceptions, valid until 5000"},
	{"they catch up until it expires", ROLLOUT_RUNNING, "pp", &in_time,
		"0:confirmed* 1:deferred",
		"finish completed-with-exceptions, valid until 1000"},

	/* Brakes. */
	{"a lost board halts", ROLLOUT_RUNNING, "oc", &wide,
		"0:lost* 0:confirmed* 1:planned", "halt brake-lost"},
	{"a canary that fell back halts", ROLLOUT_RUNNING, "oc", &wide,
		"0:fell-back* 1:planned", "halt brake-canary"},
	{"a canary that failed halts", ROLLOUT_RUNNING, "oc", &wide,
		"0:failed 1:planned", "halt brake-canary"},
	{"1 of 2 in the second wave does not", ROLLOUT_RUNNING, "po", &wide,
		"0:confirmed* 1:fell-back* 1:waiting", "grant 2"},
	{"2 of 3 does", ROLLOUT_RUNNING, "po", &wide,
		"0:confirmed* 1:fell-back* 1:fell-back* 1:waiting",
		"halt brake-fell-back"},
	{"2 failed of 3 does", ROLLOUT_RUNNING, "po", &wide,
		"0:confirmed* 1:failed* 1:failed* 1:waiting", "halt brake-failed"},
	{"refused and deferred boards are no failures", ROLLOUT_RUNNING, "po", &wide,
		"0:confirmed* 1:refused 1:refused 1:deferred 1:waiting", "grant 4"},
	{"a brake is stronger than the end", ROLLOUT_RUNNING, "pp", &wide,
		"0:confirmed* 1:lost*", "halt brake-lost"},

	/* Limits. */
	{"two in all", ROLLOUT_RUNNING, "o", &two_in_all,
		"0:waiting 0:waiting 0:waiting", "grant 0, grant 1"},
	{"one place is left", ROLLOUT_RUNNING, "o", &nearly_full, "0:waiting 0:waiting",
		"grant 0"},
	{"no place is left", ROLLOUT_RUNNING, "o", &full, "0:waiting", ""},
	{"more than full after a smaller limit", ROLLOUT_RUNNING, "o", &over_full,
		"0:waiting", ""},
	{"one at this site", ROLLOUT_RUNNING, "o", &site_of_one,
		"0:waiting@0 0:waiting@0 0:waiting@1", "grant 0, grant 2"},
	{"the site is full, others go on", ROLLOUT_RUNNING, "o", &site_is_full,
		"0:waiting@0 0:waiting@1", "grant 1"},
	{"a quarter of 8 boards", ROLLOUT_RUNNING, "o", &quarter_of_8,
		"0:waiting 0:waiting 0:waiting", "grant 0, grant 1"},
	{"a quarter of 9 boards", ROLLOUT_RUNNING, "o", &quarter_of_9,
		"0:waiting 0:waiting 0:waiting 0:waiting", "grant 0, grant 1, grant 2"},
	{"one board at least", ROLLOUT_RUNNING, "o", &quarter_of_1,
		"0:waiting 0:waiting", "grant 0"},
	{"the narrower of share and site counts", ROLLOUT_RUNNING, "o",
		&share_before_site, "0:waiting 0:waiting 0:waiting",
		"grant 0, grant 1"},

	{"a quarter of the room, beside the site's own", ROLLOUT_RUNNING, "o",
		&room_of_8, "0:waiting@0@1 0:waiting@0@1 0:waiting@0@1 0:waiting@0",
		"grant 0, grant 1, grant 3"},
	{"one behind this access point, whatever the room", ROLLOUT_RUNNING, "o",
		&point_of_one, "0:waiting@0@1@0 0:waiting@0@1@0 0:waiting@0",
		"grant 0, grant 2"},

	/* Time. */
	{"there is a second left", ROLLOUT_RUNNING, "oc", &in_time,
		"0:waiting 1:planned", "grant 0"},
	{"what has not begun is left out", ROLLOUT_RUNNING, "oc", &too_late,
		"0:waiting 0:pushing* 0:backoff* 0:deferred 1:planned",
		"expire 0, expire 2, expire 3, expire 4"},
	{"what is under way ends", ROLLOUT_RUNNING, "oc", &too_late,
		"0:pushing* 0:backoff*! 1:cancelled", ""},
	{"what is on a board is finished", ROLLOUT_RUNNING, "oc", &too_late,
		"0:waiting*! 1:cancelled", "grant 0"},
	{"then it has expired", ROLLOUT_RUNNING, "oc", &too_late,
		"0:confirmed* 1:expired", "finish expired"},
	{"nothing was left to begin", ROLLOUT_RUNNING, "po", &too_late,
		"0:confirmed* 1:soaking*", ""},
	{"all was done in the end", ROLLOUT_RUNNING, "po", &too_late,
		"0:confirmed* 1:confirmed*", "pass 1"},
	{"a brake is stronger than time", ROLLOUT_RUNNING, "oc", &too_late,
		"0:lost* 1:planned", "halt brake-lost"},
	{"paused: in time it waits for the person", ROLLOUT_PAUSED, "oc", &in_time,
		"0:waiting 0:held!", ""},
	{"paused too long: nothing begins any more", ROLLOUT_PAUSED, "oc", &too_late,
		"0:waiting 0:held! 0:soaking* 1:planned", "expire 0, expire 3"},
	{"and what is on boards is dealt with", ROLLOUT_PAUSED, "oc", &too_late,
		"0:expired 0:held! 1:expired", "abort expired"},
	{"halted too long: the same", ROLLOUT_HALTED, "tc", &too_late,
		"0:lost* 0:deferred 1:planned", "expire 1, expire 2"},
	{"nobody was left", ROLLOUT_HALTED, "tc", &too_late, "0:lost* 1:expired",
		"abort expired"},
	{"nobody has approved it", ROLLOUT_AWAITING_APPROVAL, "cc", &in_time,
		"0:planned 1:planned", ""},
	{"nobody approved it in time", ROLLOUT_AWAITING_APPROVAL, "cc", &too_late,
		"0:planned 1:planned", "expire 0, expire 1"},
	{"and it is over", ROLLOUT_AWAITING_APPROVAL, "cc", &too_late,
		"0:expired 1:expired", "finish expired"},

	/* The other states. */
	{"paused: nothing begins", ROLLOUT_PAUSED, "oc", &wide, "0:waiting 1:planned",
		""},
	{"halted: nothing begins", ROLLOUT_HALTED, "tc", &wide, "0:waiting 1:planned",
		""},
	{"paused: a repair is no start", ROLLOUT_PAUSED, "oc", &wide,
		"0:waiting 0:waiting~ 1:planned~", "grant 1"},
	{"halted: nor is it there", ROLLOUT_HALTED, "tc", &wide,
		"0:waiting~ 0:waiting 1:planned", "grant 0"},
	{"paused: a repair takes a place", ROLLOUT_PAUSED, "oc", &site_is_full,
		"0:waiting~@0 0:waiting~@1", "grant 1"},
	{"paused too long: a repair that has not begun is left out", ROLLOUT_PAUSED,
		"oc", &too_late, "0:waiting~ 0:held!", "expire 0"},
	{"a draft does nothing", ROLLOUT_DRAFT, "c", &wide, "0:planned", ""},
	{"aborting: boards are under way", ROLLOUT_ABORTING, "oc", &wide,
		"0:returning* 1:cancelled", ""},
	{"aborting: a lost board changes nothing", ROLLOUT_ABORTING, "oc", &wide,
		"0:lost* 0:soaking* 1:cancelled", ""},
	{"aborted", ROLLOUT_ABORTING, "oc", &wide, "0:confirmed* 1:cancelled",
		"finish aborted"},
	{"it has ended", ROLLOUT_ABORTED, "oc", &wide, "0:confirmed* 1:cancelled", ""},
	{"it has completed", ROLLOUT_COMPLETED, "p", &wide, "0:confirmed*", ""},
};

/* The rollout has completed with exceptions; two may catch up at once, until 1000. */
static const struct {
	const char *name;
	enum rollout_state catch_up;
	enum reason reason;
	const struct limits *limits;
	const char *tasks;
	int acked;
	const char *want;
} late_cases[] = {
	{"nobody has come back", ROLLOUT_RUNNING, REASON_NONE, &in_time,
		"0:confirmed* 1:deferred+ 1:deferred+", 0, ""},
	{"they come back, a few at once", ROLLOUT_RUNNING, REASON_NONE, &in_time,
		"0:confirmed* 1:waiting+ 1:deferred+ 1:waiting+ 1:waiting+", 0,
		"grant 1, grant 3"},
	{"who soaks counts", ROLLOUT_RUNNING, REASON_NONE, &in_time,
		"0:confirmed* 1:soaking*+ 1:waiting+ 1:waiting+", 0, "grant 2"},
	{"who waits to try again counts", ROLLOUT_RUNNING, REASON_NONE, &in_time,
		"0:confirmed* 1:backoff*+ 1:pushing*+ 1:waiting+", 0, ""},
	{"one by one until one of them is confirmed", ROLLOUT_RUNNING, REASON_NONE,
		&in_time, "0:already 1:waiting+ 1:waiting+", 0, "grant 1"},
	{"then as many as may", ROLLOUT_RUNNING, REASON_NONE, &in_time,
		"0:already 1:confirmed*+ 1:waiting+ 1:waiting+ 1:waiting+", 0,
		"grant 2, grant 3"},
	{"the limits of all hold", ROLLOUT_RUNNING, REASON_NONE, &site_is_full_then,
		"0:confirmed* 1:waiting+@0 1:waiting+@1", 0, "grant 2"},
	{"one hurt board stops it", ROLLOUT_RUNNING, REASON_NONE, &in_time,
		"0:confirmed* 1:failed*+ 1:waiting+", 0, "halt brake-catch-up"},
	{"hurt in the waves is another matter", ROLLOUT_RUNNING, REASON_NONE, &in_time,
		"0:confirmed* 0:fell-back* 1:waiting+", 0, "grant 2"},
	{"acknowledged", ROLLOUT_RUNNING, REASON_NONE, &in_time,
		"0:confirmed* 1:failed*+ 1:waiting+", 1, "grant 2"},
	{"all of them are back", ROLLOUT_RUNNING, REASON_NONE, &in_time,
		"0:confirmed* 0:failed* 1:confirmed*+ 1:already+", 0,
		"finish completed"},
	{"one of them could not be helped", ROLLOUT_RUNNING, REASON_NONE, &in_time,
		"0:confirmed* 1:confirmed*+ 1:refused+", 0,
		"finish completed-with-exceptions"},
	{"its time is over", ROLLOUT_RUNNING, REASON_NONE, &too_late,
		"0:confirmed* 1:deferred+ 1:pushing*+", 0, "expire 1"},
	{"what is under way ends", ROLLOUT_RUNNING, REASON_NONE, &too_late,
		"0:confirmed* 1:expired+ 1:pushing*+", 0, ""},
	{"and then it is over", ROLLOUT_RUNNING, REASON_NONE, &too_late,
		"0:confirmed* 1:expired+ 1:confirmed*+", 0, "finish expired"},
	{"paused: nobody begins", ROLLOUT_PAUSED, REASON_NONE, &in_time,
		"0:confirmed* 1:waiting+", 0, ""},
	{"paused: a repair does", ROLLOUT_PAUSED, REASON_NONE, &in_time,
		"0:confirmed* 1:waiting+ 1:waiting~+", 0, "grant 2"},
	{"halted: nobody begins", ROLLOUT_HALTED, REASON_BRAKE_CATCH_UP, &in_time,
		"0:confirmed* 1:failed*+ 1:waiting+", 0, ""},
	{"halted until its time is over", ROLLOUT_HALTED, REASON_BRAKE_CATCH_UP,
		&too_late, "0:confirmed* 1:failed*+ 1:deferred+", 0, "expire 2"},
	{"aborting: somebody is under way", ROLLOUT_ABORTING, REASON_BY_OPERATOR,
		&in_time, "0:confirmed* 1:soaking*+ 1:cancelled+", 0, ""},
	{"aborted", ROLLOUT_ABORTING, REASON_BY_OPERATOR, &in_time,
		"0:confirmed* 1:cancelled+", 0, "finish aborted"},
	{"it stood until it was over", ROLLOUT_ABORTING, REASON_EXPIRED, &too_late,
		"0:confirmed* 1:expired+", 0, "finish expired"},
	{"nobody catches up any more", ROLLOUT_ABORTED, REASON_NONE, &in_time,
		"0:confirmed* 1:cancelled+", 0, ""},
};

static void test_cases(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct intent intents[INTENTS_MAX];
		struct scene scene;
		char text[256] = "", again[256] = "";
		size_t count;

		set_scene(&scene, cases[i].state, cases[i].waves, cases[i].limits,
			cases[i].tasks);
		count = rollout_plan(&scene.view, intents, INTENTS_MAX);
		for (size_t k = 0; k < count; k++)
			write_intent(text, sizeof(text), &intents[k]);
		EQ_STR(text, cases[i].want, cases[i].name);
		/* The same question has the same answer. */
		set_scene(&scene, cases[i].state, cases[i].waves, cases[i].limits,
			cases[i].tasks);
		count = rollout_plan(&scene.view, intents, INTENTS_MAX);
		for (size_t k = 0; k < count; k++)
			write_intent(again, sizeof(again), &intents[k]);
		OK(strcmp(text, again) == 0, cases[i].name);
	}
}

static void test_late_cases(void)
{
	for (size_t i = 0; i < COUNT(late_cases); i++) {
		struct intent intents[INTENTS_MAX];
		struct scene scene;
		char text[256] = "";
		size_t count;

		set_scene(&scene, ROLLOUT_COMPLETED_WITH_EXCEPTIONS, "pp",
			late_cases[i].limits, late_cases[i].tasks);
		scene.rollout.expires_s = 0;
		scene.rollout.catch_up = late_cases[i].catch_up;
		scene.rollout.catch_up_reason = late_cases[i].reason;
		scene.rollout.valid_until_s = 1000;
		scene.rollout.acked_catch_up = late_cases[i].acked;
		count = rollout_plan(&scene.view, intents, INTENTS_MAX);
		for (size_t k = 0; k < count; k++)
			write_intent(text, sizeof(text), &intents[k]);
		EQ_STR(text, late_cases[i].want, late_cases[i].name);
		EQ_INT(scene.view.wake_s, scene.view.now_s < 1000 ? 1000 : WINDOW_NEVER,
			late_cases[i].name);
	}
}

/* Boards catch up for so long, and never beyond the expiry. */
static void test_validity(void)
{
	static const struct {
		int64_t validity_s, expires_s, until_s;
	} rows[] = {{5000, 1000, 1000}, {800, 1000, 800}, {800, 0, 800}, {0, 1000, 0}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct intent intent;
		struct scene scene;

		set_scene(&scene, ROLLOUT_RUNNING, "pp", &in_time,
			"0:confirmed* 1:deferred");
		scene.view.now_s = 500;
		scene.view.validity_s = rows[i].validity_s;
		scene.rollout.expires_s = rows[i].expires_s;
		tap_ok(rollout_plan(&scene.view, &intent, 1) == 1 &&
				intent.kind == INTENT_FINISH &&
				intent.valid_until_s == rows[i].until_s,
			"for %lld s, expires at %lld", (long long)rows[i].validity_s,
			(long long)rows[i].expires_s);
	}
}

static void test_caps(void)
{
	struct intent intents[2];
	struct scene scene;

	set_scene(&scene, ROLLOUT_RUNNING, "o", &wide, "0:waiting 0:waiting 0:waiting");
	EQ_INT((int64_t)rollout_plan(&scene.view, intents, 0), 0, "no room, no intent");
	EQ_INT((int64_t)rollout_plan(&scene.view, intents, 2), 2,
		"as many as there is room");
	EQ_INT(scene.view.in_flight, 2, "grants are counted in all");
	EQ_INT(scene.domain[0].in_flight, 2, "and in their domain");
}

int main(void)
{
	test_cases();
	test_late_cases();
	test_validity();
	test_caps();
	return tap_done();
}
