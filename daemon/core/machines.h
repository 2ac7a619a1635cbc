/* SPDX-License-Identifier: MIT
 *
 * All machines of core as words: their states with a meaning, a deadline and what a
 * person can do, their rows, and what the words of the rows say. docs/fsm.md and
 * `wipyctl explain` are made from here; the daemon itself needs none of it.
 */
#ifndef WIPY_CORE_MACHINES_H
#define WIPY_CORE_MACHINES_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/core/fsm.h"

struct machine_state {
	const char *name;
	const char *meaning;  /* one line, begins small, no full stop */
	const char *deadline; /* "-": of an end, or of one that nothing is in today */
	const char *next;     /* by itself, where no row tells it; else NULL */
	const char *human;    /* what a person can do; "-": nothing to do */
};

struct machine {
	const char *name;  /* "task" */
	const char *title; /* "A task: one board in one rollout" */
	bool (*state)(size_t index, struct machine_state *ret_state);
	bool (*row)(size_t index, struct fsm_row *ret_row); /* NULL: it has no table */
};

/* NULL past the end. */
const struct machine *machine_at(size_t index);

/* No row of the machine enters the state, or none leaves it. */
bool machine_enters(const struct machine *machine, const char *state);
bool machine_leaves(const struct machine *machine, const char *state);

/* A word of the rows: an event, or a part of the name of a guard. */
struct machine_word {
	const char *word, *meaning;
};
bool machine_event(size_t index, struct machine_word *ret_word);
bool machine_guard(size_t index, struct machine_word *ret_word);

#endif
