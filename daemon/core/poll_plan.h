/* SPDX-License-Identifier: MIT
 *
 * Polls: when a board is looked at next, and what a look says about its three axes
 * (DESIGN.md 5). Pure.
 */
#ifndef WIPY_CORE_POLL_PLAN_H
#define WIPY_CORE_POLL_PLAN_H

#include "daemon/core/model.h"

/* Reach changes within about an hour that make a board flapping. */
#define POLL_FLAPS 6

/* The first look at a board: spread over the interval by a random number, so that a
 * thousand boards are not asked at once. */
int64_t poll_first_ms(int64_t every_ms, uint32_t random);

/* The time to the next look: the interval, 10 % more or less by a random number; after
 * a miss that has not yet made the board offline the retry interval, if it is shorter. */
int64_t poll_next_ms(int64_t every_ms, int64_t retry_ms, int misses, int misses_max,
	uint32_t random);

/* A banner was read. `ours`: a change of the fingerprint is our doing (identity.h). Returns whether anything changed that is kept (all but
 * seen_s). */
bool board_note_seen(struct board *board, const struct wipy_fingerprint *fp, bool ours,
	int64_t now_s);

/* No banner. Returns as above. */
bool board_note_miss(struct board *board, int misses_max, int64_t now_s);

/* The version axis, anew: `target` is the fingerprint that it should show, or NULL. */
enum version_state board_version_state(
	const struct board *board, const struct wipy_fingerprint *target);

#endif
