/* SPDX-License-Identifier: MIT
 *
 * What bears on a rollout's plan: windows, what a resume has acknowledged, the counts of
 * brakes, places, wishes of people, repairs of the daemon's own.
 */
#include "tests/unit/plan_scene.h"

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
	test_windows();
	test_acknowledged();
	test_count();
	test_places();
	test_wishes();
	test_repair();
	return tap_done();
}
