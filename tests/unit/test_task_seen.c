/* SPDX-License-Identifier: MIT
 *
 * What a task keeps of what it saw: the times of loss and return, the banner before the
 * push and the one since.
 */
#include "daemon/core/task_record.h"
#include "tests/tap.h"

struct step {
	enum task_state from;
	enum task_event event;
	enum task_state to;
};

static const struct {
	const char *name;
	struct step steps[6]; /* one a minute, from minute 1 on; ends with zeros */
	int lost, returned;   /* minutes */
} cases[] = {
	{"the first of a row of looks counts",
		{{TASK_RETURNING, TASK_EV_UNSEEN, TASK_RETURNING},
			{TASK_RETURNING, TASK_EV_UNSEEN, TASK_RETURNING},
			{TASK_RETURNING, TASK_EV_BUSY, TASK_RETURNING}},
		1, 0},
	{"and the first that it answers again",
		{{TASK_RETURNING, TASK_EV_UNSEEN, TASK_RETURNING},
			{TASK_RETURNING, TASK_EV_UNSEEN, TASK_RETURNING},
			{TASK_RETURNING, TASK_EV_LOOKED, TASK_VERIFYING},
			{TASK_VERIFYING, TASK_EV_NAMED, TASK_SOAKING},
			{TASK_SOAKING, TASK_EV_LOOKED, TASK_SOAKING}},
		1, 3},
	{"nobody saw it go",
		{{TASK_RESETTING, TASK_EV_RESET_SENT, TASK_RETURNING},
			{TASK_RETURNING, TASK_EV_LOOKED, TASK_RETURNING},
			{TASK_RETURNING, TASK_EV_LOOKED, TASK_VERIFYING},
			{TASK_VERIFYING, TASK_EV_RESTARTED, TASK_VERIFYING}},
		0, 3},
	{"its mark shows that it is back",
		{{TASK_RESETTING, TASK_EV_RESET_SENT, TASK_RETURNING},
			{TASK_RETURNING, TASK_EV_MARK_GONE, TASK_VERIFYING}},
		0, 2},
	{"another outage takes the place of the first",
		{{TASK_RETURNING, TASK_EV_UNSEEN, TASK_RETURNING},
			{TASK_RETURNING, TASK_EV_LOOKED, TASK_VERIFYING},
			{TASK_SOAKING, TASK_EV_UNSEEN, TASK_SOAKING},
			{TASK_SOAKING, TASK_EV_RESTARTED, TASK_SOAKING},
			{TASK_SOAKING, TASK_EV_LOOKED, TASK_SOAKING}},
		3, 5},
	{"a reset begins anew",
		{{TASK_CHECKING, TASK_EV_UNSEEN, TASK_DEFERRED},
			{TASK_DEFERRED, TASK_EV_SEEN, TASK_WAITING},
			{TASK_RESETTING, TASK_EV_RESET_SENT, TASK_RETURNING}},
		0, 0},
	{"a poll has met it again",
		{{TASK_CHECKING, TASK_EV_UNSEEN, TASK_DEFERRED},
			{TASK_DEFERRED, TASK_EV_SEEN, TASK_WAITING}},
		1, 2},
	{"a reset that is not known to have gone out",
		{{TASK_CHECKING, TASK_EV_UNSEEN, TASK_BACKOFF},
			{TASK_RESETTING, TASK_EV_RESTARTED, TASK_CHECKING}},
		1, 0},
};

static void take(
	struct task *task, const struct step *step, const char *banner, int minute)
{
	static const struct wipy_fingerprint seen = {"v1", "2020-01-01", "WiPy", "CC"};
	struct task_move move = {.to = step->to};

	task->state = step->from;
	if (banner)
		strcpy(task->banner_after, banner);
	task_apply(task, step->event, &move,
		step->event == TASK_EV_LOOKED ? &seen : NULL, 60 * minute);
}

static void test_times(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct task task = {.pushed = true};

		for (int k = 0; cases[i].steps[k].from || cases[i].steps[k].to; k++)
			take(&task, &cases[i].steps[k], NULL, k + 1);
		EQ_INT(task.lost_s, 60 * cases[i].lost, cases[i].name);
		EQ_INT(task.returned_s, 60 * cases[i].returned, cases[i].name);
		OK(task_is_gone(&task) == (cases[i].lost > 0 && cases[i].returned == 0),
			cases[i].name);
	}
}

static void test_banners(void)
{
	static const struct step steps[] = {
		{TASK_CHECKING, TASK_EV_LOOKED, TASK_PUSHING},
		{TASK_PUSHING, TASK_EV_PUSHED, TASK_STAGED},
		{TASK_RETURNING, TASK_EV_LOOKED, TASK_VERIFYING},
		{TASK_CHECKING, TASK_EV_LOOKED, TASK_PUSHING},
		{TASK_RESETTING, TASK_EV_RESET_SENT, TASK_RETURNING},
	};
	struct task task = {.attempt = 1};

	take(&task, &steps[0], "the old one", 1);
	EQ_STR(task.banner_before, "the old one", "kept at the push");
	EQ_STR(task.banner_after, "", "none has come since");
	take(&task, &steps[1], NULL, 2);
	take(&task, &steps[2], "the new one", 3);
	EQ_STR(task.banner_before, "the old one", "the one before stays");
	EQ_STR(task.banner_after, "the new one", "the one since");
	take(&task, &steps[3], "the new one", 4);
	EQ_STR(task.banner_before, "the new one", "of another push its own");
	take(&task, &steps[4], "read by the login that resets it", 5);
	EQ_STR(task.banner_after, "", "none has come since the reset");
	EQ_STR(task.banner_before, "the new one", "nor is it the one before");
}

/* The release may have lost its image since: what ran before the push is known still, and a
 * board that shows it is armed. */
static void test_see(void)
{
	static const struct wipy_fingerprint old = {"v1", "2020-01-01", "WiPy", "CC"};
	static const struct wipy_fingerprint new = {"v2", "2020-01-02", "WiPy", "CC"};
	struct task task = {.has_before = true, .before = old};

	EQ_INT(task_see(&task, &new, &new), TASK_SEEN_WANTED, "the new image");
	EQ_INT(task_see(&task, &old, &new), TASK_SEEN_BEFORE, "the old image");
	EQ_INT(task_see(&task, &old, NULL), TASK_SEEN_BEFORE, "the new one is unknown");
	EQ_INT(task_see(&task, &new, NULL), TASK_SEEN_OTHER,
		"neither, as far as known");
}

/* A board that is called something else between two tries gets the image that fits it
 * then; one that something of ours is on is judged by that. */
static void test_begun(void)
{
	static const struct {
		const char *name;
		struct task task;
		bool begun;
	} rows[] = {
		{"never pushed to", {.state = TASK_CHECKING}, false},
		{"dirty by another task",
			{.state = TASK_CHECKING, .inherited = CONDITION_DIRTY}, false},
		{"under way", {.state = TASK_PUSHING, .attempted = true}, true},
		{"refused, to be tried again",
			{.state = TASK_BACKOFF, .attempted = true}, false},
		{"and looked at for that", {.state = TASK_CHECKING, .attempted = true},
			false},
		{"its trial ended", {.state = TASK_WAITING, .attempted = true}, false},
		{"torn, to be repaired",
			{.state = TASK_CHECKING, .attempted = true, .touched = true},
			true},
		{"whole, and waits",
			{.state = TASK_WAITING, .attempted = true, .pushed = true},
			true},
		{"it runs", {.state = TASK_SOAKING, .attempted = true}, true},
		{"it fell back", {.state = TASK_FELL_BACK, .attempted = true}, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		EQ_INT(task_is_begun(&rows[i].task), rows[i].begun, rows[i].name);
}

int main(void)
{
	test_see();
	test_begun();
	test_times();
	test_banners();
	return tap_done();
}
