/* SPDX-License-Identifier: MIT
 *
 * `why BOARD`: what a board runs, what it should run, what holds it, what comes next by
 * itself and what a person can do, as one paragraph and as facts. Pure: what is known goes
 * in, sentences come out. The sentences of reason codes (core/reason.h), of states
 * (core/machines.h) and of waits (core/wait_text.h) are used as they are.
 */
#ifndef WIPY_CORE_WHY_H
#define WIPY_CORE_WHY_H

#include "daemon/core/model.h"
#include "daemon/core/wait_text.h"

/* All borrowed; texts are never NULL. */
struct why_facts {
	const struct board *board;
	int64_t as_of_s; /* 0: now. Of the past neither waits nor steps are known */
	const char *runs_release; /* that its image belongs to; "" */
	int64_t runs_since_s;     /* since when it shows that image; 0: not known */

	enum target_from from;
	const char *target;       /* the release's name; "" for TARGET_NONE */
	const char *target_place; /* the type or the site that says so; "" */
	bool target_known;        /* the release is in the catalogue */
	const struct wipy_fingerprint
		*target_shows; /* of its image for the board; or NULL */
	enum reason forbidden; /* what a rollout of the target would refuse it for */

	const struct task *task;       /* the active one, else the latest; or NULL */
	const struct rollout *rollout; /* the task's; NULL: not known any more */
	const struct wait *wait; /* what the task waits for, if it does; or NULL */
	struct wait_place place; /* ... and where */
	const char *brake;       /* what the brake that halted it has counted; "" */
	const char *to_do;       /* the card's first step; "" */
	int64_t next_poll_s;     /* 0: not known */
};

#define WHY_TEXT_MAX    4096
#define WHY_PART_MAX    512
#define WHY_COMMAND_MAX 256
#define WHY_HOLDS_MAX   8
#define WHY_STEPS_MAX   8

struct why_hold {
	const char *code; /* a state, a condition, a reason or a wait; static */
	char text[WHY_PART_MAX];
	int64_t until_s; /* it ends by itself then; 0: not known */
};
struct why_step {
	char text[WHY_PART_MAX];
	char command[WHY_COMMAND_MAX]; /* to be typed; capitals stand for what is to be
					* filled in; "" where no command does it */
};
struct why {
	char text[WHY_TEXT_MAX]; /* the whole answer as one paragraph */
	char runs[WHY_PART_MAX];
	char should[WHY_PART_MAX];
	struct why_hold hold[WHY_HOLDS_MAX]; /* the gravest first */
	size_t hold_count;
	char next[WHY_PART_MAX];
	int64_t next_s; /* when, as far as it is known; 0 */
	struct why_step step[WHY_STEPS_MAX];
	size_t step_count;
};

void why_answer(const struct why_facts *facts, struct why *ret_why);

/* "board", "type", "site", "defaults", "confirmed"; "none". */
const char *target_from_name(enum target_from from);

/* The gravest thing that is wrong with a board now: the code of a condition, of an axis or
 * of how its latest task (may be NULL) ended; NULL: nothing. */
const char *why_trouble(const struct board *board, const struct task *task);

/* What comes next for a task by itself, and what a person can do; `over`: nothing of its
 * rollout goes on any more. Static. */
const char *task_next_auto(const struct task *task, bool over);
const char *task_next_human(const struct task *task, bool over);

#endif
