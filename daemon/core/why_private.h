/* SPDX-License-Identifier: MIT
 *
 * What the files of `why` share.
 */
#ifndef WIPY_CORE_WHY_PRIVATE_H
#define WIPY_CORE_WHY_PRIVATE_H

#include "daemon/core/machines.h"
#include "daemon/core/why.h"

/* Its rollout, or its catch-up, still means to do something with the board. */
bool why_is_active(const struct why_facts *facts);
/* The state of the task's rollout that decides what may be done now. */
enum rollout_state why_drive(const struct why_facts *facts);
/* Not as it was meant to. */
bool why_ended_badly(const struct task *task);
/* It is what it should be, as far as its version goes. */
bool why_is_right(const struct why_facts *facts);

/* "rollout 3f2a9c10 of release v1.8.7" */
void why_say_rollout(const struct why_facts *facts, struct wipy_text *text);
/* What the state of that name means, by the machine of that name; NULL: no such state. */
const struct machine_state *why_state(
	const char *machine, const char *state, struct machine_state *buffer);
/* As a sentence: a capital in front, a full stop behind. */
void why_say_sentence(const char *words, struct wipy_text *text);

/* Fills holds and the steps that go with them. */
void why_find_holds(const struct why_facts *facts, struct why *why);
/* A step with the commands that its sentence quotes; one that is there already is left out. */
void why_add_step(const struct why_facts *facts, struct why *why, const char *words,
	const char *command);

#endif
