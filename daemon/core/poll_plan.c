/* SPDX-License-Identifier: MIT
 *
 * Polls and the axes of a board.
 */
#include "daemon/core/poll_plan.h"

#define FLAP_FORGET_S 600 /* one reach change is forgotten each ten quiet minutes */

int64_t poll_first_ms(int64_t every_ms, uint32_t random)
{
	/* The whole fleet is seen within a minute of the start, or faster where polls
	 * are: a person who starts the daemon waits for that. */
	int64_t spread = every_ms < 60000 ? every_ms : 60000;

	return spread * (random % 1000) / 1000;
}

int64_t poll_next_ms(
	int64_t every_ms, int64_t retry_ms, int misses, int misses_max, uint32_t random)
{
	if (misses > 0 && misses < misses_max && retry_ms < every_ms)
		every_ms = retry_ms;
	return every_ms - every_ms / 10 + every_ms / 5 * (random % 1000) / 1000;
}

static bool change_reach(struct board *board, enum reach reach, int64_t now_s)
{
	int64_t quiet =
		board->since_s > 0 ? (now_s - board->since_s) / FLAP_FORGET_S : 0;

	if (board->reach == reach)
		return false;
	board->flaps = quiet >= board->flaps ? 0 : board->flaps - (int)quiet;
	if (board->reach != REACH_NEVER_SEEN)
		board->flaps++;
	if (reach == REACH_ONLINE && board->flaps >= POLL_FLAPS)
		reach = REACH_FLAPPING;
	if (board->reach == reach)
		return false;
	board->reach = reach;
	board->since_s = now_s;
	return true;
}

bool board_note_seen(struct board *board, const struct wipy_fingerprint *fp, bool ours,
	int64_t now_s)
{
	bool changed = false;
	bool quiet = now_s - board->since_s > FLAP_FORGET_S * POLL_FLAPS;

	board->misses = 0;
	board->seen_s = now_s;
	if (board->reach != REACH_FLAPPING || quiet)
		changed = change_reach(board, REACH_ONLINE, now_s);
	if (board->access == ACCESS_BUSY) {
		board->access = ACCESS_OPEN;
		changed = true;
	}
	if (board->has_fingerprint && wipy_fingerprint_equal(&board->fingerprint, fp))
		return changed;
	if (board->has_fingerprint)
		board->version = ours ? VERSION_UNKNOWN : VERSION_CHANGED_BY_OTHERS;
	board->fingerprint = *fp;
	board->has_fingerprint = true;
	return true;
}

bool board_note_miss(struct board *board, int misses_max, int64_t now_s)
{
	if (board->misses < misses_max)
		board->misses++;
	if (board->misses < misses_max || board->reach == REACH_NEVER_SEEN)
		return false;
	return change_reach(board, REACH_OFFLINE, now_s);
}

enum version_state board_version_state(
	const struct board *board, const struct wipy_fingerprint *target)
{
	bool same = target && board->has_fingerprint &&
		    wipy_fingerprint_equal(&board->fingerprint, target);
	enum wipy_order order;

	if (!board->has_fingerprint)
		return VERSION_UNKNOWN;
	if (same)
		return VERSION_IN_SYNC;
	/* Said until it is what it should be again, or a rollout has changed it. */
	if (board->version == VERSION_CHANGED_BY_OTHERS)
		return VERSION_CHANGED_BY_OTHERS;
	if (!target)
		return VERSION_UNMANAGED;
	order = wipy_version_compare(board->fingerprint.tag, target->tag);
	if (order == WIPY_ORDER_OLDER)
		return VERSION_BEHIND;
	if (order == WIPY_ORDER_NEWER)
		return VERSION_AHEAD;
	return VERSION_FOREIGN;
}
