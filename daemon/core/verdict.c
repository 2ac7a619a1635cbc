/* SPDX-License-Identifier: MIT
 *
 * Verdicts and risks.
 */
#include "daemon/core/verdict.h"

#include <string.h>

static const char *const names[VERDICT_COUNT] = {
	[VERDICT_UPDATE] = "update",
	[VERDICT_HELD] = "held",
	[VERDICT_DEFERRED] = "deferred",
	[VERDICT_ALREADY] = "already",
	[VERDICT_REFUSED] = "refused",
};

const char *verdict_name(enum verdict verdict)
{
	return verdict < VERDICT_COUNT ? names[verdict] : "invalid";
}

enum verdict verdict_by_name(const char *name)
{
	int i = 0;

	while (i < VERDICT_COUNT && strcmp(names[i], name) != 0)
		i++;
	return (enum verdict)i;
}

enum verdict verdict_settled(enum verdict verdict)
{
	return verdict == VERDICT_HELD || verdict == VERDICT_DEFERRED ? VERDICT_UPDATE
								      : verdict;
}

enum verdict verdict_of(const struct verdict_facts *facts, enum reason *ret_reason)
{
	*ret_reason = facts->reason;
	if (facts->state == TASK_ALREADY)
		return VERDICT_ALREADY;
	if (facts->state != TASK_PLANNED)
		return VERDICT_REFUSED;
	/* Nobody waits for the window of a board that is not there. */
	if (!facts->answers) {
		*ret_reason = REASON_OFFLINE;
		return VERDICT_DEFERRED;
	}
	*ret_reason = facts->closed ? REASON_WINDOW : REASON_NONE;
	return facts->closed ? VERDICT_HELD : VERDICT_UPDATE;
}

enum reason risk_reason(enum risk risk)
{
	static const enum reason reasons[RISK_COUNT] = {
		[RISK_BURNS] = REASON_BURNS_LAST_GOOD,
		[RISK_ONE_WAY] = REASON_NO_ENDPOINTS,
		[RISK_NO_WAY_BACK] = REASON_NO_WAY_BACK,
		[RISK_ONLY_OF_TYPE] = REASON_ONLY_OF_ITS_TYPE,
		[RISK_NEVER_CONFIRMED] = REASON_NEVER_CONFIRMED,
		[RISK_MODIFIED] = REASON_MODIFIED_BUILD,
		[RISK_OFFLINE] = REASON_OFFLINE,
	};

	return risk < RISK_COUNT ? reasons[risk] : REASON_NONE;
}

uint32_t risks_of(const struct risk_facts *facts)
{
	bool back = facts->runs_known && (facts->back_image || facts->keeps_slot);
	uint32_t risks = 0;

	risks |= (uint32_t)facts->burns << RISK_BURNS;
	risks |= (uint32_t)facts->one_way << RISK_ONE_WAY;
	risks |= (uint32_t)!back << RISK_NO_WAY_BACK;
	risks |= (uint32_t)(facts->alone && !facts->confirmed) << RISK_ONLY_OF_TYPE;
	risks |= (uint32_t)!facts->confirmed << RISK_NEVER_CONFIRMED;
	risks |= (uint32_t)facts->modified << RISK_MODIFIED;
	risks |= (uint32_t)!facts->answers << RISK_OFFLINE;
	return risks;
}
