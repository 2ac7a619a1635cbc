/* SPDX-License-Identifier: MIT
 *
 * Rollouts for the planner: tasks and waves are written as words, its intents too.
 */
#ifndef WIPY_TESTS_PLAN_SCENE_H
#define WIPY_TESTS_PLAN_SCENE_H

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
 * on the board, "~" if an earlier rollout has left that dirty, "+" if it catches up, "@n"
 * for each domain (0 without). */
static inline void read_task(
	const char *word, struct task *ret_task, struct task_domains *ret_domains)
{
	char name[32];
	size_t len = strcspn(word + 2, "*!~+@ ");

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
	if (*word == '~') {
		ret_task->inherited = CONDITION_DIRTY;
		word++;
	}
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

struct scene {
	struct rollout rollout;
	struct task task[TASKS_MAX];
	const struct task *list[TASKS_MAX];
	struct task_domains task_domains[TASKS_MAX];
	struct domain domain[2];
	struct rollout_view view;
};

static inline void set_scene(struct scene *s, enum rollout_state state,
	const char *waves, const struct limits *limits, const char *tasks)
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

static inline void write_intent(char *text, size_t cap, const struct intent *intent)
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

#endif
