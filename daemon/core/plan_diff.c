/* SPDX-License-Identifier: MIT
 *
 * Two lists by name, walked side by side.
 */
#include "daemon/core/plan_diff.h"

#include <stdbool.h>
#include <string.h>

struct found {
	struct plan_difference *list;
	size_t max, count;
};

const char *plan_move_name(enum plan_move move)
{
	static const char *const names[PLAN_MOVE_COUNT] = {
		[PLAN_ADDED] = "added",
		[PLAN_REMOVED] = "removed",
		[PLAN_FAMILY] = "family",
		[PLAN_TYPE] = "type",
		[PLAN_RUNS] = "version",
		[PLAN_VERDICT] = "verdict",
		[PLAN_IMAGE] = "image",
		[PLAN_RELEASE] = "release",
	};

	return move < PLAN_MOVE_COUNT ? names[move] : "invalid";
}

static void note(struct found *found, enum plan_move move, const char *board,
	const char *was, const char *is)
{
	if (found->count < found->max)
		found->list[found->count] =
			(struct plan_difference){move, board, was, is};
	found->count++;
}

static void note_text(struct found *found, enum plan_move move, const char *board,
	const char *was, const char *is)
{
	if (strcmp(was, is) != 0)
		note(found, move, board, was, is);
}

/* A refusal is told by its code. */
static const char *verdict_of(const struct plan_row *row)
{
	return row->code[0] != '\0' ? row->code : row->verdict;
}

static void compare_rows(
	const struct plan_row *was, const struct plan_row *now, struct found *found)
{
	note_text(found, PLAN_FAMILY, was->board, was->family, now->family);
	note_text(found, PLAN_TYPE, was->board, was->type, now->type);
	note_text(found, PLAN_RUNS, was->board, was->runs, now->runs);
	note_text(found, PLAN_VERDICT, was->board, verdict_of(was), verdict_of(now));
}

size_t plan_compare(const struct plan_row *was, size_t was_count,
	const struct plan_row *now, size_t now_count, struct plan_difference *ret,
	size_t max)
{
	struct found found = {.list = ret, .max = max};
	size_t i = 0, k = 0;

	while (i < was_count || k < now_count) {
		int order = i == was_count   ? 1
			    : k == now_count ? -1
					     : strcmp(was[i].board, now[k].board);

		if (order < 0) {
			note(&found, PLAN_REMOVED, was[i].board, was[i].runs, "");
			i++;
		} else if (order > 0) {
			note(&found, PLAN_ADDED, now[k].board, "", now[k].runs);
			k++;
		} else {
			compare_rows(&was[i++], &now[k++], &found);
		}
	}
	return found.count;
}
