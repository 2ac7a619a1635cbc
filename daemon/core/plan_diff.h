/* SPDX-License-Identifier: MIT
 *
 * A plan that was saved, against the plan that would be made now: what has moved in
 * between. Pure.
 */
#ifndef WIPY_CORE_PLAN_DIFF_H
#define WIPY_CORE_PLAN_DIFF_H

#include <stddef.h>

/* What a plan rests on, of one board. That it is online, or that its window is open, is
 * not in here: it says when the board has its turn, not what is done to it. */
struct plan_row {
	const char *board;
	const char *family, *type; /* type: "" without */
	const char *runs;          /* the fingerprint that was seen; "" without */
	const char *verdict;       /* "update", "already", "refused" */
	const char *code;          /* of a refusal, else "" */
	int wave;                  /* from 1; 0: in none */
};

enum plan_move {
	PLAN_ADDED,   /* the selector takes in one more */
	PLAN_REMOVED, /* ... or one less, or it has left the inventory */
	PLAN_FAMILY,
	PLAN_TYPE,
	PLAN_RUNS,
	PLAN_VERDICT, /* another one, or for another reason */
	PLAN_IMAGE,   /* of the release, for one family and type */
	PLAN_RELEASE, /* it can no longer be rolled out */
	PLAN_MOVE_COUNT
};
/* "added", "removed", "family", "type", "version", "verdict", "image", "release". */
const char *plan_move_name(enum plan_move move);

struct plan_difference {
	enum plan_move move;
	const char *what;     /* the board; of an image its family and type */
	const char *was, *is; /* borrowed from the rows; "" where there is nothing */
};

/* Both lists by name. Writes the first `max` differences, returns how many there
 * are. */
size_t plan_compare(const struct plan_row *was, size_t was_count,
	const struct plan_row *now, size_t now_count, struct plan_difference *ret,
	size_t max);

#endif
