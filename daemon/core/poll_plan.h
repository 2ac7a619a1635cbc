/* SPDX-License-Identifier: MIT
 *
 * Polls: when a board is looked at next. Pure.
 */
#ifndef WIPY_CORE_POLL_PLAN_H
#define WIPY_CORE_POLL_PLAN_H

#include <stdbool.h>
#include <stdint.h>

/* The first look at a board: spread over the interval by a random number, so that a
 * thousand boards are not asked at once. */
int64_t poll_first_ms(int64_t every_ms, uint32_t random);

/* The time to the next look: the interval, 10 % more or less by a random number; after
 * a miss that has not yet made the board offline the retry interval, if it is shorter. */
int64_t poll_next_ms(int64_t every_ms, int64_t retry_ms, int misses, int misses_max,
	uint32_t random);

#endif
