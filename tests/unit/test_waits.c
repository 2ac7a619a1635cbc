/* SPDX-License-Identifier: MIT
 *
 * What a rollout waits for: tasks as words, groups as words.
 */
#include <stdio.h>

#include "daemon/core/waits.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TASKS_MAX    8

/* A task is "wave:state", "+" behind it if it catches up, "@n" for its site: 0 is shut until
 * 3600, the others have no window. Times run from 100 s on for due tasks: the i-th is due at
 * 100 + i. */
static const struct {
	const char *name;
	enum rollout_state state, catch_up;
	const char *waves; /* c closed, o open, p passed */
	int in_flight;     /* of 4 in all */
	struct domain site[4];
	const char *tasks;
	const char *want; /* "why[@domain][ until time] xboards" */
} cases[] = {
	{"the shut site holds the canary", ROLLOUT_RUNNING, ROLLOUT_DRAFT, "oc", 0,
		{{0}}, "0:waiting@0 1:planned@1", "window@0 until 3600 x1"},
	{"several things at once", ROLLOUT_RUNNING, ROLLOUT_DRAFT, "o", 0,
		{{10, 0, 0}, {10, 0, 0}},
		"0:waiting@0 0:pushing@1 0:soaking@1 0:soaking@1 0:backoff@1 "
		"0:returning@1",
		"window@0 until 3600 x1, under-way x2, soak until 103 x2, back-off "
		"until "
		"104 x1"},
	{"all places are taken", ROLLOUT_RUNNING, ROLLOUT_DRAFT, "o", 4,
		{{0}, {10, 0, 0}}, "0:waiting@1 0:waiting@1", "in-flight x2"},
	{"those at a site are", ROLLOUT_RUNNING, ROLLOUT_DRAFT, "o", 2,
		{{0}, {10, 2, 2}, {10, 0, 0}}, "0:waiting@1 0:waiting@2",
		"max-pushes@1 x1, turn x1"},
	{"a share of the site is down", ROLLOUT_RUNNING, ROLLOUT_DRAFT, "o", 2,
		{{0}, {4, 0, 2}}, "0:waiting@1", "domain-share@1 x1"},
	{"who has ended, who is offline and who comes later hold nobody",
		ROLLOUT_RUNNING, ROLLOUT_DRAFT, "oc", 0, {{0}},
		"0:confirmed@1 0:deferred@1 1:planned@1", ""},
	{"one that came back late holds it", ROLLOUT_RUNNING, ROLLOUT_DRAFT, "po", 0,
		{{0}, {10, 0, 0}}, "0:checking@1 1:soaking@1",
		"under-way x1, soak until 101 x1"},
	{"the abort waits for what is on boards", ROLLOUT_ABORTING, ROLLOUT_DRAFT, "oc",
		0, {{0}}, "0:disarming@1 1:cancelled@1", "under-way x1"},
	{"paused: who is armed is held", ROLLOUT_PAUSED, ROLLOUT_DRAFT, "o", 0, {{0}},
		"0:held@1", "held x1"},
	{"the catch-up waits for boards to be seen", ROLLOUT_COMPLETED_WITH_EXCEPTIONS,
		ROLLOUT_RUNNING, "p", 0, {{0}, {10, 0, 0}},
		"0:confirmed@1 0:deferred+@1 0:deferred+@1", "offline x2"},
	{"few catch up at once", ROLLOUT_COMPLETED_WITH_EXCEPTIONS, ROLLOUT_RUNNING,
		"p", 0, {{0}, {10, 0, 0}},
		"0:confirmed@1 0:soaking+@1 0:soaking+@1 0:waiting+@1",
		"soak until 102 x2, catch-up x1"},
	{"nobody catches up any more", ROLLOUT_COMPLETED_WITH_EXCEPTIONS,
		ROLLOUT_EXPIRED, "p", 0, {{0}}, "0:confirmed@1 0:cancelled+@1", ""},
	{"it is over", ROLLOUT_COMPLETED_WITH_EXCEPTIONS, ROLLOUT_DRAFT, "p", 0, {{0}},
		"0:confirmed@1 0:deferred@1", ""},
};

static const struct zone utc;
static const struct windows shut = {
	.zone = &utc,
	.count = 1,
	.window = {{.days = 0x7f, .begin_s = 3600, .end_s = 7200}},
};

static size_t read_tasks(const char *words, struct task *ret_task,
	struct task_domains *ret_domains, struct task_window *ret_window)
{
	size_t count = 0;

	while (*words) {
		struct task *task = &ret_task[count];
		size_t len = strcspn(words + 2, "+@ ");
		char name[32];

		*task = (struct task){.wave = words[0] - '0'};
		snprintf(name, sizeof(name), "%.*s", (int)len, words + 2);
		task->state = task_state_by_name(name);
		task->due_s = 100 + (int64_t)count;
		words += 2 + len;
		task->late = *words == '+';
		words += *words == '+';
		ret_domains[count] = (struct task_domains){{words[1] - '0', -1, -1}};
		ret_window[count] = (struct task_window){NULL, 600};
		if (words[1] == '0')
			ret_window[count].windows = &shut;
		words += strcspn(words, " ");
		words += strspn(words, " ");
		count++;
	}
	return count;
}

static void write_wait(char *text, size_t cap, const struct wait *wait)
{
	size_t len = strlen(text);

	len += (size_t)snprintf(text + len, cap - len, "%s%s", len > 0 ? ", " : "",
		wait_why_name(wait->why));
	if (wait->domain >= 0)
		len += (size_t)snprintf(text + len, cap - len, "@%d", wait->domain);
	if (wait->until_s != 0)
		len += (size_t)snprintf(
			text + len, cap - len, " until %lld", (long long)wait->until_s);
	snprintf(text + len, cap - len, " x%zu", wait->boards);
}

struct scene {
	struct rollout rollout;
	struct task task[TASKS_MAX];
	const struct task *list[TASKS_MAX];
	struct task_domains domains[TASKS_MAX];
	struct task_window window[TASKS_MAX];
	struct domain site[4];
	struct rollout_view view;
};

static void set_scene(struct scene *s, size_t number)
{
	*s = (struct scene){.rollout = {.state = cases[number].state,
				    .catch_up = cases[number].catch_up}};
	for (const char *wave = cases[number].waves; *wave; wave++)
		s->rollout.wave_state[s->rollout.wave_count++] =
			*wave == 'c'   ? WAVE_CLOSED
			: *wave == 'o' ? WAVE_OPEN
				       : WAVE_PASSED;
	memcpy(s->site, cases[number].site, sizeof(s->site));
	s->view = (struct rollout_view){.rollout = &s->rollout,
		.task = s->list,
		.task_domains = s->domains,
		.domain = s->site,
		.in_flight = cases[number].in_flight,
		.pushes_max = 4,
		.domain_share = 50,
		.catch_up_max = 2,
		.task_window = s->window};
	s->view.task_count =
		read_tasks(cases[number].tasks, s->task, s->domains, s->window);
	for (size_t i = 0; i < s->view.task_count; i++)
		s->list[i] = &s->task[i];
}

int main(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct wait waits[WAITS_MAX];
		unsigned char of[TASKS_MAX];
		size_t count, in_groups = 0;
		struct scene scene;
		char text[256] = "";

		set_scene(&scene, i);
		count = rollout_waits(&scene.view, waits, of);
		for (size_t k = 0; k < count; k++) {
			write_wait(text, sizeof(text), &waits[k]);
			in_groups += waits[k].boards;
		}
		EQ_STR(text, cases[i].want, cases[i].name);
		for (size_t k = 0; k < scene.view.task_count; k++)
			in_groups -= of[k] < count;
		EQ_INT((int64_t)in_groups, 0, cases[i].name);
	}
	return tap_done();
}
