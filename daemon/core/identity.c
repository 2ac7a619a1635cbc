/* SPDX-License-Identifier: MIT
 *
 * Who answers, and who changed it.
 */
#include "daemon/core/identity.h"

#include <errno.h>
#include <string.h>

#include "daemon/core/axes.h"

bool board_has_baseline(const struct board *known, enum wipy_family family)
{
	return known->has_fingerprint &&
	       strcmp(known->fingerprint.mcu, wipy_family_facts(family)->mcu) == 0;
}

bool board_is_other(const struct board *known, enum wipy_family family,
	const struct wipy_fingerprint *seen)
{
	if (strcmp(seen->mcu, wipy_family_facts(family)->mcu) != 0)
		return true;
	return board_has_baseline(known, family) &&
	       strcmp(known->fingerprint.board, seen->board) != 0;
}

/* Both are UNIQUE_ID_MAX. */
static bool take_id(char *id, const char *from)
{
	bool changed = strcmp(id, from) != 0;

	if (changed)
		memcpy(id, from, strlen(from) + 1);
	return changed;
}

bool board_note_id(struct board *board, const char *unique_id, bool other)
{
	bool changed = false;

	if (unique_id[0] == '\0' || strlen(unique_id) >= UNIQUE_ID_MAX)
		return false;
	if (board->unique_id[0] == '\0' && !other)
		changed = take_id(board->unique_id, unique_id);
	if (strcmp(board->unique_id, unique_id) == 0)
		return take_id(board->other_id, "") || changed;
	return take_id(board->other_id, unique_id) || changed;
}

int board_accept(struct board *board)
{
	bool other = board->other_id[0] != '\0';

	if (board->access != ACCESS_WRONG_BOARD && !other) {
		if (board->version != VERSION_CHANGED_BY_OTHERS)
			return -EALREADY;
		board->version = VERSION_UNKNOWN; /* compared anew by the caller */
		return 0;
	}
	/* What waits on the other hardware for its next reset does not hang on this one;
	 * but the right one may be back since, with the same banner: a trap is rather
	 * feared once too often than forgotten. */
	if (other) {
		board->conditions &= ~CONDITION_NEEDS_HANDS;
		board->hands_reason = REASON_NONE;
		board->hands_outcome[0] = '\0';
		board->failed_repairs = 0;
		memset(&board->ledger, 0, sizeof(board->ledger));
	}
	memcpy(board->unique_id, board->other_id, sizeof(board->unique_id));
	board->other_id[0] = '\0';
	board->has_fingerprint = false;
	memset(&board->fingerprint, 0, sizeof(board->fingerprint));
	board->uname_release[0] = board->uname_version[0] = '\0';
	board->uname_machine[0] = board->confirmed_release[0] = '\0';
	board->version = VERSION_UNKNOWN;
	board_note_access(board, ACCESS_EV_ACCEPTED);
	return 0;
}

static bool is_of_task(
	const struct change_facts *facts, const struct wipy_fingerprint *seen)
{
	const struct task *task = facts->task;

	return (facts->wanted && wipy_fingerprint_equal(seen, facts->wanted)) ||
	       (task->has_before && wipy_fingerprint_equal(seen, &task->before));
}

bool board_change_is_ours(const struct board *known, const struct change_facts *facts,
	const struct wipy_fingerprint *seen)
{
	const struct task *task = facts->task;

	/* We have reset it to clear it before a push. */
	if (task && facts->active && task->state == TASK_RETURNING && !task->pushed)
		return true;
	/* A whole push, and nothing that an earlier rollout left: its reset boots one of
	 * two images. */
	if (task && facts->active && task->attempted && !task->touched &&
		task->inherited == 0)
		return is_of_task(facts, seen);
	/* Which image the reset of a dirty, armed or lost board boots is not always
	 * known. */
	if (known->conditions != 0)
		return true;
	return task && !facts->active && task->attempted && facts->trial &&
	       task->state != TASK_CONFIRMED && task->has_before && facts->wanted &&
	       wipy_fingerprint_equal(&known->fingerprint, facts->wanted) &&
	       wipy_fingerprint_equal(seen, &task->before);
}
