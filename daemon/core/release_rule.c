/* SPDX-License-Identifier: MIT
 *
 * Whether a release may be taken into the catalogue.
 */
#include "daemon/core/release_rule.h"

enum release_verdict release_judge(const struct release_facts *facts)
{
	bool lacks =
		facts->policy != SIGNATURES_OFF && facts->trusted < facts->threshold;

	if (facts->broken && facts->policy != SIGNATURES_OFF)
		return RELEASE_TAMPERED;
	if (lacks && facts->policy == SIGNATURES_REQUIRED)
		return facts->has_manifest ? RELEASE_TOO_FEW : RELEASE_NO_MANIFEST;
	if (!facts->has_manifest)
		return lacks ? RELEASE_UNSIGNED : RELEASE_GOOD;
	if (facts->expires_s != 0 && facts->expires_s <= facts->now_s)
		return RELEASE_EXPIRED;
	if (facts->serial <= facts->most_serial)
		return facts->may_go_back ? RELEASE_GOES_BACK : RELEASE_OLDER;
	return lacks ? RELEASE_UNSIGNED : RELEASE_GOOD;
}
