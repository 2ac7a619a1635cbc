/* SPDX-License-Identifier: MIT
 *
 * The rollout planner: one look at a rollout, and what it says comes next. Tasks and
 * waves are written as words, intents too.
 */
#include <errno.h>
#include <stdio.h>

#include "daemon/core/reason.h"
#include "daemon/core/rollout_places.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TASKS_MAX    16
#define INTENTS_MAX  32

/* Waves: c closed, o open, s soaking, p passed, t tripped, k skipped. */
static const char wave_letters[] = "cosptk";

/* A task is "wave:state", "*" behind it if its push was begun, "!" if it has left something
 * on the board, "+" if it catches up, "@n" for each domain (0 without). */
static void read_task(
	const char *word, struct task *ret_task, struct task_domains *ret_domains)
{
	char name[32];
	size_t len = strcspn(word + 2, "*!+@ ");

	*ret_task = (struct task){.attempt = 1};
	*ret_domains = (struct task_domains){{0, -1, -1}};
	ret_task->wave = word[0] == '-' ? -1 : word[0] - '0';
	snprintf(name, sizeof(name), "%.*s", (int)len, word + 2);
	if (strcmp(name, "expired") == 0) {
		ret_task->reason = REASON_EXPIRED;
		snprintf(name, sizeof(name), "cancelled");
	}
	ret_task->state = task_state_by_name(name);
	word += 2 + len;
	ret_task->attempted = *word == '*';
	if (*word == '*')
		word++;
	ret_task->touched = *word == '!';
	if (*word == '!')
		word++;
	ret_task->late = *word == '+';
	if (*word == '+')
		word++;
	for (int i = 0; i < TASK_DOMAINS && *word == '@'; i++, word += 2)
		ret_domains->index[i] = word[1] - '0';
}

struct limits {
	int in_flight, pushes_max, share;
	struct domain domain[2];
	int64_t now_s; /* the rollout expires at 1000; 0: it never does */
};
static const struct limits wide = {0, 16, 100, {{100, 0, 0}, {100, 0, 0}}, 0};
static const struct limits two_in_all = {0, 2, 100, {{100, 0, 0}, {100, 0, 0}}, 0};
static const struct limits nearly_full = {15, 16, 100, {{100, 0, 15}, {100, 0, 0}}, 0};
static const struct limits full = {16, 16, 100, {{100, 0, 16}, {100, 0, 0}}, 0};
static const struct limits over_full = {20, 16, 100, {{100, 0, 20}, {100, 0, 0}}, 0};
static const struct limits site_of_one = {0, 16, 100, {{100, 1, 0}, {100, 0, 0}}, 0};
static const struct limits site_is_full = {1, 16, 100, {{100, 1, 1}, {100, 0, 0}}, 0};
static const struct limits quarter_of_8 = {0, 16, 25, {{8, 0, 0}, {100, 0, 0}}, 0};
static const struct limits quarter_of_9 = {0, 16, 25, {{9, 0, 0}, {100, 0, 0}}, 0};
static const struct limits quarter_of_1 = {0, 16, 25, {{1, 0, 0}, {100, 0, 0}}, 0};
static const struct limits share_before_site = {0, 16, 25, {{8, 5, 0}, {100, 0, 0}}, 0};
static const struct limits room_of_8 = {0, 16, 25, {{100, 0, 0}, {8, 0, 0}}, 0};
static const struct limits point_of_one = {0, 16, 100, {{100, 0, 0}, {100, 1, 0}}, 0};
static const struct limits in_time = {0, 16, 100, {{100, 0, 0}, {100, 0, 0}}, 999};
static const struct limits site_is_full_then = {
	1, 16, 100, {{100, 1, 1}, {100, 0, 0}}, 999};
static const struct limits too_late = {0, 16, 100, {{100, 0, 0}, {100, 0, 0}}, 1000};

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

struct scene {
	struct rollout rollout;
	struct task task[TASKS_MAX];
	const struct task *list[TASKS_MAX];
	struct task_domains task_domains[TASKS_MAX];
	struct domain domain[2];
	struct rollout_view view;
};

static void set_scene(struct scene *s, enum rollout_state state, const char *waves,
	const struct limits *limits, const char *tasks)
{
	*s = (struct scene){.rollout = {.state = state, .attempts_max = 3}};
	s->rollout.wave_count = (int)strlen(waves);
	for (int i = 0; i < s->rollout.wave_count; i++)
		s->rollout.wave_state[i] = (enum wave_state)(
			strchr(wave_letters, waves[i]) - wave_letters);
	memcpy(s->domain, limits->domain, sizeof(s->domain));
	s->rollout.expires_s = limits->now_s > 0 ? 1000 : 0;
	s->view = (struct rollout_view){
		.rollout = &s->rollout,
		.task = s->list,
		.task_domains = s->task_domains,
		.domain = s->domain,
		.in_flight = limits->in_flight,
		.now_s = limits->now_s,
		.pushes_max = limits->pushes_max,
		.domain_share = limits->share,
		.brakes = {{1, false}, {5, true}, {5, true}, {5, true}},
		.validity_s = 5000,
		.catch_up_max = 2,
	};
	while (*tasks) {
		size_t i = s->view.task_count++;

		read_task(tasks, &s->task[i], &s->task_domains[i]);
		s->list[i] = &s->task[i];
		tasks += strcspn(tasks, " ");
		tasks += strspn(tasks, " ");
	}
}

static void write_intent(char *text, size_t cap, const struct intent *intent)
{
	size_t len = strlen(text);
	const char *comma = len > 0 ? ", " : "";

	text += len;
	cap -= len;
	switch (intent->kind) {
	case INTENT_OPEN_WAVE:
		snprintf(text, cap, "%sopen %d", comma, intent->wave);
		break;
	case INTENT_PASS_WAVE:
		snprintf(text, cap, "%spass %d", comma, intent->wave);
		break;
	case INTENT_SKIP_WAVE:
		snprintf(text, cap, "%sskip %d", comma, intent->wave);
		break;
	case INTENT_SWAP:
		snprintf(text, cap, "%sswap %zu %zu", comma, intent->a, intent->b);
		break;
	case INTENT_GRANT:
		snprintf(text, cap, "%sgrant %zu", comma, intent->a);
		break;
	case INTENT_HOLD:
		snprintf(text, cap, "%shold %zu %lld", comma, intent->a,
			(long long)intent->due_s);
		break;
	case INTENT_UNHOLD:
		snprintf(text, cap, "%sunhold %zu", comma, intent->a);
		break;
	case INTENT_HALT:
		snprintf(text, cap, "%shalt %s", comma, reason_code(intent->reason));
		break;
	case INTENT_EXPIRE:
		snprintf(text, cap, "%sexpire %zu", comma, intent->a);
		break;
	case INTENT_ABORT:
		snprintf(text, cap, "%sabort %s", comma, reason_code(intent->reason));
		break;
	case INTENT_FINISH:
		len = (size_t)snprintf(text, cap, "%sfinish %s", comma,
			rollout_state_name(intent->state));
		if (intent->valid_until_s != 0)
			snprintf(text + len, cap - len, ", valid until %lld",
				(long long)intent->valid_until_s);
		break;
	}
}

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

/* ---- windows --------------------------------------------------------------------- */

/* Task i is at site @n: 0 is always open, 1 opens at 3600 for an hour. Each needs 600 s;
 * "" or what changes of the tasks before they are planned. */
static const struct {
	const char *name;
	const struct limits *limits;
	const char *tasks;
	int64_t now_s;
	enum { AS_IT_IS, DIRTY, LEFT_DIRTY, ARMED, HELD_BEFORE, HELD_LONGER } first;
	const char *want;
	int64_t wake_s;
} windowed[] = {
	{"closed: it is held, another site goes on", &wide, "0:waiting@1 0:waiting@0",
		0, AS_IT_IS, "hold 0 3600, grant 1", 3600},
	{"open", &wide, "0:waiting@1 0:waiting@0", 3600, AS_IT_IS, "grant 0, grant 1",
		WINDOW_NEVER},
	{"open, just in time", &wide, "0:waiting@1", 6600, AS_IT_IS, "grant 0",
		WINDOW_NEVER},
	{"open, and too little is left", &wide, "0:waiting@1", 6601, AS_IT_IS,
		"hold 0 90000", 90000},
	{"it is said once", &wide, "0:waiting@1", 0, HELD_BEFORE, "", 3600},
	{"and again when the time changes", &wide, "0:waiting@1", 0, HELD_LONGER,
		"hold 0 3600", 3600},
	{"held before, and open now", &wide, "0:waiting@1", 3700, HELD_BEFORE,
		"grant 0", WINDOW_NEVER},
	{"open, but there is no place", &full, "0:waiting@1", 3700, HELD_BEFORE,
		"unhold 0", WINDOW_NEVER},
	{"a repair waits for no window", &wide, "0:waiting*@1 0:waiting@1", 0, DIRTY,
		"grant 0, hold 1 3600", 3600},
	{"nor what an earlier rollout left dirty", &wide, "0:waiting@1", 0, LEFT_DIRTY,
		"grant 0", WINDOW_NEVER},
	{"an armed board does: its reset takes it down", &wide, "0:waiting*@1", 0,
		ARMED, "hold 0 3600", 3600},
	{"held boards take no place", &two_in_all,
		"0:waiting@1 0:waiting@1 0:waiting@0 0:waiting@0", 0, AS_IT_IS,
		"hold 0 3600, hold 1 3600, grant 2, grant 3", 3600},
	{"what is under way is left alone", &wide, "0:pushing*@1 0:backoff*@1", 0,
		AS_IT_IS, "", WINDOW_NEVER},
};

static void set_first(struct task *task, int what)
{
	task->touched = what == DIRTY;
	task->inherited = what == LEFT_DIRTY ? CONDITION_DIRTY : 0;
	task->pushed = what == ARMED;
	if (what == HELD_BEFORE || what == HELD_LONGER)
		task->reason = REASON_WINDOW;
	task->due_s = what == HELD_BEFORE ? 3600 : what == HELD_LONGER ? 90000 : 0;
}

static void test_windows(void)
{
	static const struct zone utc = {.count = 0};
	static const struct windows nights = {.zone = &utc,
		.count = 1,
		.window = {{.days = 0x7f, .begin_s = 3600, .end_s = 7200}}};

	for (size_t i = 0; i < COUNT(windowed); i++) {
		struct task_window window[TASKS_MAX] = {{NULL, 600}};
		struct intent intents[INTENTS_MAX];
		struct scene scene;
		char text[256] = "";
		size_t count;

		set_scene(&scene, ROLLOUT_RUNNING, "o", windowed[i].limits,
			windowed[i].tasks);
		for (size_t k = 0; k < scene.view.task_count; k++)
			window[k] = (struct task_window){
				scene.task_domains[k].index[0] == 1 ? &nights : NULL,
				600};
		set_first(&scene.task[0], windowed[i].first);
		scene.view.task_window = window;
		scene.view.now_s = windowed[i].now_s;
		count = rollout_plan(&scene.view, intents, INTENTS_MAX);
		for (size_t k = 0; k < count; k++)
			write_intent(text, sizeof(text), &intents[k]);
		EQ_STR(text, windowed[i].want, windowed[i].name);
		EQ_INT(scene.view.wake_s, windowed[i].wake_s, windowed[i].name);
	}
}

/* What a resume has acknowledged trips no brake again; only new failures do. */
static const struct {
	const char *name;
	int lost, fell_back, failed; /* acknowledged */
	const char *tasks;
	const char *want;
} acknowledged[] = {
	{"the lost board is known", 1, 0, 0, "0:confirmed* 1:lost* 1:waiting",
		"grant 2"},
	{"another one is lost", 1, 0, 0, "0:confirmed* 1:lost* 1:lost* 1:waiting",
		"halt brake-lost"},
	{"the canary is known", 0, 1, 0, "0:fell-back* 1:waiting", "grant 1"},
	{"another canary fell back", 0, 1, 0, "0:fell-back* 0:fell-back* 1:waiting",
		"halt brake-canary"},
	{"two that failed are known", 0, 0, 2,
		"0:confirmed* 1:failed* 1:failed* 1:waiting", "grant 3"},
	{"one more is an accident again", 0, 0, 2,
		"0:confirmed* 1:failed* 1:failed* 1:failed* 1:waiting", "grant 4"},
	{"two more are not", 0, 0, 2,
		"0:confirmed* 1:failed* 1:failed* 1:failed* 1:failed* 1:waiting",
		"halt brake-failed"},
};

static void test_acknowledged(void)
{
	for (size_t i = 0; i < COUNT(acknowledged); i++) {
		struct intent intents[INTENTS_MAX];
		struct scene scene;
		char text[256] = "";
		size_t count;

		set_scene(&scene, ROLLOUT_RUNNING, "po", &wide, acknowledged[i].tasks);
		scene.rollout.acked_lost = acknowledged[i].lost;
		scene.rollout.acked_fell_back = acknowledged[i].fell_back;
		scene.rollout.acked_failed = acknowledged[i].failed;
		count = rollout_plan(&scene.view, intents, INTENTS_MAX);
		for (size_t k = 0; k < count; k++)
			write_intent(text, sizeof(text), &intents[k]);
		EQ_STR(text, acknowledged[i].want, acknowledged[i].name);
	}
}

static void test_count(void)
{
	struct brake_counts counts;
	struct scene scene;

	set_scene(&scene, ROLLOUT_RUNNING, "oo", &wide,
		"0:confirmed* 0:failed 1:pushing* 1:refused 1:deferred 1:lost* "
		"1:fell-back* -:already 1:cancelled 1:checking");
	rollout_count(&scene.rollout, scene.list, scene.view.task_count, &counts);
	EQ_INT(counts.attempted, 5, "attempted");
	EQ_INT(counts.lost, 1, "lost");
	EQ_INT(counts.fell_back, 1, "fell back");
	EQ_INT(counts.failed, 1, "failed");
	EQ_INT(counts.canary_hurt, 1, "hurt in the first wave");
	scene.task[1].reason = REASON_PROBE_FAILED;
	rollout_count(&scene.rollout, scene.list, scene.view.task_count, &counts);
	EQ_INT(counts.failed * 10 + counts.probe, 1, "failed by its probes");
	EQ_INT(counts.canary_hurt, 1, "that hurts a canary too");
	scene.rollout.acked_probe = 1;
	rollout_count(&scene.rollout, scene.list, scene.view.task_count, &counts);
	EQ_INT(counts.probe + counts.canary_hurt, 0, "known, it trips nothing");
}

static void test_places(void)
{
	static const enum task_state places[] = {TASK_CHECKING, TASK_PUSHING,
		TASK_STAGED, TASK_DISARMING, TASK_RESETTING, TASK_RETURNING,
		TASK_VERIFYING, TASK_BACKOFF};

	for (int i = 0; i < TASK_STATE_COUNT; i++) {
		struct task task = {.state = (enum task_state)i};
		bool want = false;

		for (size_t k = 0; k < COUNT(places); k++)
			want = want || places[k] == task.state;
		EQ_INT(task_takes_place(&task), want, task_state_name(task.state));
	}
}

/* ---- wishes ---------------------------------------------------------------------- */

#define NOWHERE ROLLOUT_STATE_COUNT
static const struct {
	enum rollout_state from;
	enum rollout_state to[WISH_COUNT]; /* pause, resume, abort, approve */
	int error[WISH_COUNT];
} wishes[] = {
	{ROLLOUT_AWAITING_APPROVAL,
		{NOWHERE, NOWHERE, ROLLOUT_ABORTING, ROLLOUT_RUNNING},
		{-EPERM, -EPERM, 0, 0}},
	{ROLLOUT_RUNNING, {ROLLOUT_PAUSED, NOWHERE, ROLLOUT_ABORTING, NOWHERE},
		{0, -EALREADY, 0, -EALREADY}},
	{ROLLOUT_PAUSED, {NOWHERE, ROLLOUT_RUNNING, ROLLOUT_ABORTING, NOWHERE},
		{-EALREADY, 0, 0, -EPERM}},
	{ROLLOUT_HALTED, {NOWHERE, ROLLOUT_RUNNING, ROLLOUT_ABORTING, NOWHERE},
		{-EPERM, 0, 0, -EPERM}},
	{ROLLOUT_ABORTING, {NOWHERE, NOWHERE, NOWHERE, NOWHERE},
		{-EPERM, -EPERM, -EALREADY, -EPERM}},
	{ROLLOUT_ABORTED, {NOWHERE, NOWHERE, NOWHERE, NOWHERE},
		{-EPERM, -EPERM, -EALREADY, -EPERM}},
	{ROLLOUT_COMPLETED, {NOWHERE, NOWHERE, NOWHERE, NOWHERE},
		{-EPERM, -EPERM, -EPERM, -EPERM}},
	{ROLLOUT_COMPLETED_WITH_EXCEPTIONS, {NOWHERE, NOWHERE, NOWHERE, NOWHERE},
		{-EPERM, -EPERM, -EPERM, -EPERM}},
	{ROLLOUT_EXPIRED, {NOWHERE, NOWHERE, NOWHERE, NOWHERE},
		{-EPERM, -EPERM, -EPERM, -EPERM}},
	{ROLLOUT_UNDONE, {NOWHERE, NOWHERE, NOWHERE, NOWHERE},
		{-EPERM, -EPERM, -EPERM, -EPERM}},
};

static void test_wishes(void)
{
	static const char *const names[WISH_COUNT] = {
		"pause", "resume", "abort", "approve"};

	for (size_t i = 0; i < COUNT(wishes); i++)
		for (int wish = 0; wish < WISH_COUNT; wish++) {
			enum rollout_state to = NOWHERE;
			int rc = rollout_wish(
				wishes[i].from, (enum rollout_wish)wish, &to);

			tap_ok(rc == wishes[i].error[wish] && to == wishes[i].to[wish],
				"%s while %s", names[wish],
				rollout_state_name(wishes[i].from));
		}
	for (int wish = 0; wish < WISH_COUNT; wish++)
		EQ_STR(rollout_wish_name((enum rollout_wish)wish), names[wish],
			"the wish's name");
	EQ_STR(rollout_wish_name(WISH_COUNT), "invalid", "no wish");
}

/* The daemon's own rollout of one board: no brake stops it, so it comes to its end. */
static void test_repair(void)
{
	static const struct {
		const char *name, *actor;
		bool undo;
		const char *want;
	} repairs[] = {
		{"a person's is halted", "uid 0", false, "halt brake-lost"},
		{"an undo that the daemon began is halted", "wipyd", true,
			"halt brake-lost"},
		{"a repair is not", "wipyd", false, "skip 0"},
	};

	for (size_t i = 0; i < sizeof(repairs) / sizeof(repairs[0]); i++) {
		struct intent intents[4];
		char text[200] = "";
		struct scene s;

		set_scene(&s, ROLLOUT_RUNNING, "o", &wide, "0:lost*");
		snprintf(s.rollout.actor, sizeof(s.rollout.actor), "%s",
			repairs[i].actor);
		s.rollout.undo_of.byte[0] = repairs[i].undo;
		EQ_INT(rollout_plan(&s.view, intents, 4), 1, repairs[i].name);
		write_intent(text, sizeof(text), &intents[0]);
		EQ_STR(text, repairs[i].want, repairs[i].name);
	}
}

int main(void)
{
	test_cases();
	test_late_cases();
	test_caps();
	test_windows();
	test_acknowledged();
	test_count();
	test_places();
	test_wishes();
	test_repair();
	return tap_done();
}
