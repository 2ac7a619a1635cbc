/* SPDX-License-Identifier: MIT
 *
 * Ranges of versions, as owners and release manifests write them: which versions a type of
 * boards accepts, from which versions an image may be reached.
 */
#ifndef WIPY_CORE_VERSION_RANGE_H
#define WIPY_CORE_VERSION_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"
#include "common/fingerprint.h"

#define VERSION_RANGES_MAX     4
#define VERSION_RANGE_TEXT_MAX (2 * WIPY_TAG_MAX + 2)

/* Both ends belong to it; "": no end on that side. */
struct version_range {
	char from[WIPY_TAG_MAX], to[WIPY_TAG_MAX];
};
struct version_ranges {
	size_t count; /* 0: nothing is asked for */
	struct version_range range[VERSION_RANGES_MAX];
};

/* "v1.8.4..v1.8.6", "v1.8.4..", "..v1.8.6", "v1.8.6". The ends have to be versions in an
 * order. Returns 0, or -EINVAL with a sentence in *ret_error. */
int version_range_parse(const char *text, struct version_range *ret_range,
	struct errtext *ret_error) WARN_UNUSED;
void version_range_format(
	const struct version_range *range, char ret_text[VERSION_RANGE_TEXT_MAX]);

/* The tag lies in one of the ranges, or nothing is asked for. What grew out of the upper
 * end belongs to it (DESIGN.md 2: `v1.8.7` is the base of `v1.8.7-219-...`). A tag without
 * a base, a bare hash, lies in no range. */
bool version_ranges_hold(const struct version_ranges *ranges, const char *tag);

#endif
