/* SPDX-License-Identifier: MIT
 *
 * Who answers at a board's address, and who changed what it runs (DESIGN.md 5, WIRE.md 7
 * rows 28 and 29). Pure.
 *
 * A board is known by its MCU, the board text of its banner and, once a login has read it,
 * its machine.unique_id(). What differs is another board: it is never pushed to until
 * the right one is seen again or a person accepts it.
 */
#ifndef WIPY_CORE_IDENTITY_H
#define WIPY_CORE_IDENTITY_H

#include "daemon/core/model.h"

/* The banner is not that of the board: another MCU than its family's, or another board
 * text than it has shown so far. */
bool board_is_other(const struct board *known, enum wipy_family family,
	const struct wipy_fingerprint *seen);
/* What is known of it is of its family: it says how its banner has to look. */
bool board_has_baseline(const struct board *known, enum wipy_family family);

/* A login read machine.unique_id() as hex ("": could not be read). `other`: the banner
 * was another board's, so that its id is not to be learnt. Returns whether anything
 * changed. */
bool board_note_id(struct board *board, const char *unique_id, bool other);

/* A person takes what answers there for the board from now on: its banner and id are
 * learnt anew. Returns 0, or -EALREADY where there is nothing to accept. */
int board_accept(struct board *board) WARN_UNUSED;

/* What may explain that a board shows another fingerprint than before. */
struct change_facts {
	const struct task *task; /* that works on it; else the latest one; NULL: none */
	bool active;             /* `task` has not ended */
	const struct wipy_fingerprint
		*wanted; /* of the task's image; NULL: not known */
	bool trial;      /* its family starts a new image on trial */
};

/* Whether the change to `seen` is ours: what a task pushed or went back to, what a
 * condition of the board left for its next reset, or an unconfirmed trial that fell back
 * (WIRE.md 7 row 36). All else was done by others. */
bool board_change_is_ours(const struct board *known, const struct change_facts *facts,
	const struct wipy_fingerprint *seen);

#endif
