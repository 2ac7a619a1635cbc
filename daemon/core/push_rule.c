/* SPDX-License-Identifier: MIT
 *
 * Whether a board may be pushed to.
 */
#include "daemon/core/push_rule.h"

enum reason push_unfit(enum fit fit)
{
	static const enum reason reasons[] = {
		[FIT_GOOD] = REASON_NONE,
		[FIT_ENTRY_POINT] = REASON_ENTRY_POINT,
		[FIT_VERSION] = REASON_VERSION_NOT_ACCEPTED,
		[FIT_SIZE] = REASON_SLOT_SIZE,
		[FIT_ONE_WAY] = REASON_NO_ENDPOINTS,
		[FIT_FROM] = REASON_FROM_VERSION,
		[FIT_THROUGH] = REASON_PASS_THROUGH,
	};

	return reasons[fit];
}

enum reason push_forbidden(const struct push_facts *facts)
{
	if (!facts->has_image)
		return REASON_NO_IMAGE;
	if (facts->wrong_board)
		return REASON_WRONG_BOARD;
	if (facts->runs_it)
		return REASON_ALREADY_RUNNING;
	if (facts->withdrawn)
		return REASON_RELEASE_WITHDRAWN;
	if (facts->known_bad)
		return REASON_KNOWN_BAD;
	if (facts->fit != FIT_GOOD)
		return push_unfit(facts->fit);
	if (facts->strays && !facts->dirty)
		return REASON_NOT_LASTING;
	/* What is left on a dirty board is worse than what its repair may cost. */
	if (facts->burns && !facts->may_burn && !facts->dirty)
		return REASON_BURNS_LAST_GOOD;
	return REASON_NONE;
}
