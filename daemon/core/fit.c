/* SPDX-License-Identifier: MIT
 *
 * Whether an image belongs on a board.
 */
#include "daemon/core/fit.h"

#include <string.h>

#include "common/image.h"

static bool takes_entry(const struct fit_rules *accept, uint32_t entry_point)
{
	for (size_t i = 0; i < accept->entry_count; i++)
		if (accept->entry_point[i] == entry_point)
			return true;
	return accept->entry_count == 0;
}

/* With the MD5 that a push puts behind an image that has none: whether it has one nobody
 * has noted, and a slot that is filled to the last 32 bytes is not worth the risk. */
static bool slot_holds(
	const struct fit_rules *accept, const struct release_image *image)
{
	bool adds = wipy_family_facts(image->family)->adds_md5;

	return accept->size == 0 ||
	       image->size + (adds ? WIPY_MD5_HEX_LEN : 0) <= accept->size;
}

/* It runs something older than the version that is to be passed through, and the image is
 * not that version itself. What cannot be put in order has to pass through too. */
static bool skips(const struct release_image *image, const char *runs)
{
	const char *through = image->through;

	if (!*through || wipy_version_has_base(image->fingerprint.tag, through))
		return false;
	if (!runs)
		return true;
	if (wipy_version_has_base(runs, through))
		return false;
	return wipy_version_compare(runs, through) != WIPY_ORDER_NEWER;
}

enum fit fit_judge(const struct fit_facts *facts)
{
	const struct release_image *image = facts->image;
	const struct fit_rules *accept = facts->accept;

	if (accept && !takes_entry(accept, image->entry_point))
		return FIT_ENTRY_POINT;
	if (accept && !version_ranges_hold(&accept->version, image->fingerprint.tag))
		return FIT_VERSION;
	if (accept && !slot_holds(accept, image))
		return FIT_SIZE;
	if ((image->warnings & WIPY_IMAGE_WARN_ONE_WAY) && !facts->may_one_way)
		return FIT_ONE_WAY;
	/* What runs there has come there. */
	if (facts->runs && strcmp(facts->runs, image->fingerprint.tag) == 0)
		return FIT_GOOD;
	if (image->from.count > 0 &&
		(!facts->runs || !version_ranges_hold(&image->from, facts->runs)))
		return FIT_FROM;
	return skips(image, facts->runs) ? FIT_THROUGH : FIT_GOOD;
}
