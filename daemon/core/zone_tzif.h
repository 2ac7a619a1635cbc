/* SPDX-License-Identifier: MIT
 *
 * A time zone out of the bytes of a TZif file (RFC 8536): its 64-bit block and the rule in
 * its footer. Pure; any bytes may come.
 */
#ifndef WIPY_CORE_ZONE_TZIF_H
#define WIPY_CORE_ZONE_TZIF_H

#include "common/err.h"
#include "daemon/core/zone.h"

#define ZONE_TZIF_MAX (64 * 1024) /* bytes; the largest that are known have 4 KiB */

/* Returns 0, -EINVAL (no TZif file of version 2 or later, or a faulty one), -E2BIG (more
 * changes than ZONE_CHANGES_MAX) or -ENOTSUP (it counts leap seconds). *ret_zone is
 * undefined after a failure: it is large, and filled in place. */
int zone_read_tzif(const uint8_t *data, size_t len, struct zone *ret_zone) WARN_UNUSED;

/* The rule of the footer, as in "CET-1CEST,M3.5.0,M10.5.0/3". Returns 0 or -EINVAL. */
int zone_read_rule(
	const char *text, size_t len, struct zone_rule *ret_rule) WARN_UNUSED;

#endif
