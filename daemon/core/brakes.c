/* SPDX-License-Identifier: MIT
 *
 * Brakes.
 */
#include "daemon/core/brakes.h"

static bool over_budget(int count, int percent, int attempted)
{
	int64_t allowed = (int64_t)attempted * percent / 100;

	if (allowed < BRAKE_SAMPLE_GUARD)
		allowed = BRAKE_SAMPLE_GUARD;
	return count > allowed;
}

enum reason brakes_check(
	const struct brake_limits *limits, const struct brake_counts *counts)
{
	if (counts->lost >= limits->lost)
		return REASON_BRAKE_LOST;
	if (counts->canary_hurt > 0)
		return REASON_BRAKE_CANARY;
	if (over_budget(
		    counts->fell_back, limits->fell_back_percent, counts->attempted))
		return REASON_BRAKE_FELL_BACK;
	if (over_budget(counts->failed, limits->failed_percent, counts->attempted))
		return REASON_BRAKE_FAILED;
	return REASON_NONE;
}
