/* SPDX-License-Identifier: MIT
 *
 * Whether a release may be taken into the catalogue, and whether boards may get it.
 */
#include "daemon/core/release_rule.h"

enum release_verdict release_judge_use(const struct release_facts *facts)
{
	bool lacks =
		facts->policy != SIGNATURES_OFF && facts->trusted < facts->threshold;
	bool expired = facts->expires_s != 0 && facts->expires_s <= facts->now_s;

	if (facts->broken && facts->policy != SIGNATURES_OFF)
		return RELEASE_TAMPERED;
	if (lacks && facts->policy == SIGNATURES_REQUIRED)
		return facts->has_manifest ? RELEASE_TOO_FEW : RELEASE_NO_MANIFEST;
	if (facts->has_manifest && expired && !facts->begun)
		return RELEASE_EXPIRED;
	if (facts->retired && !facts->begun)
		return RELEASE_RETIRED;
	return lacks || !facts->has_manifest ? RELEASE_UNSIGNED : RELEASE_GOOD;
}

enum release_verdict release_judge(const struct release_facts *facts)
{
	enum release_verdict verdict = release_judge_use(facts);

	if (release_is_refused(verdict) || !facts->has_manifest || facts->may_go_back)
		return verdict;
	if (facts->serial <= facts->most_serial)
		return RELEASE_OLDER;
	return facts->unsure ? RELEASE_UNSURE : verdict;
}
