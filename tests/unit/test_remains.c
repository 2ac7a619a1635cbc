/* SPDX-License-Identifier: MIT
 *
 * A rollout under way: its rate, what is left of each board.
 */
#include "daemon/core/remains.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW          1000000

/* A push has 1000 bytes at 100 a second; a reset takes 3 s, the return 20 s. */
static const struct {
	const char *name;
	enum task_state state;
	bool away;
	int64_t taken, due_s;
	struct remains want;
} lefts[] = {
	{"planned", TASK_PLANNED, false, 0, 0,
		{REMAINS_WORK, false, 1000, 10000, 23000 + PACE_LOOK_MS}},
	{"planned, and away", TASK_PLANNED, true, 0, 0,
		{REMAINS_NOTHING, false, 1000, 10000, 23000 + PACE_LOOK_MS}},
	{"a back-off of 30 s", TASK_BACKOFF, false, 0, NOW + 30,
		{REMAINS_WORK, false, 1000, 10000, 53000 + PACE_LOOK_MS}},
	{"bytes of an earlier attempt count for nothing", TASK_WAITING, false, 400, 0,
		{REMAINS_WORK, false, 1000, 10000, 23000 + PACE_LOOK_MS}},
	{"checking", TASK_CHECKING, true, 0, 0,
		{REMAINS_WORK, true, 1000, 10000, 23000 + PACE_LOOK_MS}},
	{"pushing", TASK_PUSHING, true, 400, 0, {REMAINS_WORK, true, 600, 6000, 23000}},
	{"more than there is", TASK_PUSHING, false, 4000, 0,
		{REMAINS_WORK, true, 1000, 10000, 23000}},
	{"resetting", TASK_RESETTING, true, 1000, 0, {REMAINS_WORK, true, 0, 0, 23000}},
	{"returning", TASK_RETURNING, true, 1000, 0, {REMAINS_WORK, true, 0, 0, 20000}},
	{"soaking", TASK_SOAKING, false, 1000, NOW + 60, {REMAINS_SOAK, true, 0, 0, 0}},
	{"deferred", TASK_DEFERRED, true, 0, 0, {REMAINS_NOTHING, true, 0, 0, 0}},
	{"confirmed", TASK_CONFIRMED, false, 1000, 0, {REMAINS_NOTHING, true, 0, 0, 0}},
};

static void test_lefts(void)
{
	for (size_t i = 0; i < COUNT(lefts); i++) {
		const struct task task = {
			.state = lefts[i].state, .due_s = lefts[i].due_s};
		const struct remains_facts facts = {
			.task = &task,
			.answers = !lefts[i].away,
			.taken = lefts[i].taken,
			.size = 1000,
			.times = {.rate = 100, .reset_ms = 3000, .return_ms = 20000},
			.now_s = NOW,
		};
		struct remains got;

		remains_of(&facts, &got);
		EQ_INT(got.kind, lefts[i].want.kind, lefts[i].name);
		EQ_INT(got.begun, lefts[i].want.begun, lefts[i].name);
		EQ_INT(got.size, lefts[i].want.size, lefts[i].name);
		EQ_INT(got.push_ms, lefts[i].want.push_ms, lefts[i].name);
		EQ_INT(got.rest_ms, lefts[i].want.rest_ms, lefts[i].name);
	}
}

static const struct {
	const char *name;
	int64_t begun_s;
	struct {
		enum task_state state;
		int64_t since_s;
	} task[4];
	struct remains_rate want;
} rates[] = {
	{"nobody yet", NOW - 60, {{TASK_SOAKING, NOW - 5}, {TASK_ALREADY, NOW - 50}},
		{0, 0, 0}},
	{"two in a minute", NOW - 60,
		{{TASK_CONFIRMED, NOW - 5}, {TASK_LOST, NOW}, {TASK_REFUSED, NOW}},
		{2, 60, 120}},
	{"within the second in which it was begun", NOW, {{TASK_CONFIRMED, NOW}},
		{1, 1, 3600}},
	{"of the latest quarter of an hour", NOW - 5000,
		{{TASK_CONFIRMED, NOW - 2000}, {TASK_CONFIRMED, NOW - 100},
			{TASK_FAILED, NOW - RATE_WINDOW_S}},
		{2, RATE_WINDOW_S, 8}},
	{"a clock that was set back", NOW + 50, {{TASK_CONFIRMED, NOW + 60}},
		{1, 1, 3600}},
};

static void test_rates(void)
{
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct task task[4] = {{.wave = 0}};
		const struct task *view[4];
		struct remains_rate got;

		for (size_t k = 0; k < COUNT(task); k++) {
			task[k].state = rates[i].task[k].state;
			task[k].since_s = rates[i].task[k].since_s;
			view[k] = &task[k];
		}
		remains_rate(view, COUNT(view), rates[i].begun_s, NOW, &got);
		EQ_INT(got.boards, rates[i].want.boards, rates[i].name);
		EQ_INT(got.seconds, rates[i].want.seconds, rates[i].name);
		EQ_INT(got.per_hour, rates[i].want.per_hour, rates[i].name);
	}
}

int main(void)
{
	test_lefts();
	test_rates();
	return tap_done();
}
