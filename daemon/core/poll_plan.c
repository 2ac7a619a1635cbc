/* SPDX-License-Identifier: MIT
 *
 * When a board is looked at.
 */
#include "daemon/core/poll_plan.h"

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
