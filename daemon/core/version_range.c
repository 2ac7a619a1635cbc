/* SPDX-License-Identifier: MIT
 *
 * Ranges of versions.
 */
#include "daemon/core/version_range.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"

#define SHOWN_MAX 60

static const char between[] = "..";

static int wrong(struct errtext *error, const char *text, const char *why)
{
	size_t len = strlen(text);
	struct wipy_text t;

	wipy_text_init(&t, error->text, sizeof(error->text));
	wipy_text_str(&t, "'");
	wipy_text_bytes(&t, text, len < SHOWN_MAX ? len : SHOWN_MAX);
	wipy_text_str(&t, "' is not a range of versions (v1.8.4..v1.8.6, v1.8.4.., "
			  "..v1.8.6 or v1.8.6): ");
	wipy_text_str(&t, why);
	return -EINVAL;
}

/* An empty end is open; another one has to be a version that can be put in order. */
static bool take_end(const char *text, size_t len, char ret_tag[WIPY_TAG_MAX])
{
	struct wipy_version version;

	if (!wipy_text_copy(ret_tag, WIPY_TAG_MAX, text, len))
		return false;
	return len == 0 ||
	       (wipy_version_parse(ret_tag, &version) == 0 && version.has_base);
}

int version_range_parse(
	const char *text, struct version_range *ret_range, struct errtext *ret_error)
{
	const char *dots = strstr(text, between);
	const char *to = dots ? dots + strlen(between) : text;
	size_t from_len = dots ? (size_t)(dots - text) : strlen(text);
	struct version_range range;

	if (!take_end(text, from_len, range.from) ||
		!take_end(to, strlen(to), range.to))
		return wrong(ret_error, text, "an end of it is not a version");
	if (!*range.from && !*range.to)
		return wrong(ret_error, text, "it has no end at all");
	if (*range.from && *range.to &&
		wipy_version_compare(range.from, range.to) == WIPY_ORDER_NEWER)
		return wrong(ret_error, text, "its first version is the newer one");
	*ret_range = range;
	return 0;
}

void version_range_format(
	const struct version_range *range, char ret_text[VERSION_RANGE_TEXT_MAX])
{
	struct wipy_text t;

	wipy_text_init(&t, ret_text, VERSION_RANGE_TEXT_MAX);
	wipy_text_str(&t, range->from);
	if (strcmp(range->from, range->to) == 0)
		return;
	wipy_text_str(&t, between);
	wipy_text_str(&t, range->to);
}

static bool not_older(const char *tag, const char *limit)
{
	enum wipy_order order = wipy_version_compare(tag, limit);

	return order == WIPY_ORDER_SAME || order == WIPY_ORDER_NEWER ||
	       wipy_version_has_base(tag, limit);
}

static bool not_newer(const char *tag, const char *limit)
{
	enum wipy_order order = wipy_version_compare(tag, limit);

	return order == WIPY_ORDER_SAME || order == WIPY_ORDER_OLDER ||
	       wipy_version_has_base(tag, limit);
}

bool version_ranges_hold(const struct version_ranges *ranges, const char *tag)
{
	struct wipy_version version;

	if (ranges->count == 0)
		return true;
	if (wipy_version_parse(tag, &version) < 0 || !version.has_base)
		return false;
	for (size_t i = 0; i < ranges->count; i++) {
		const struct version_range *range = &ranges->range[i];

		if ((!*range->from || not_older(tag, range->from)) &&
			(!*range->to || not_newer(tag, range->to)))
			return true;
	}
	return false;
}
