/* SPDX-License-Identifier: MIT
 *
 * For tests of zones and windows: zones out of rules, times out of text.
 */
#ifndef WIPY_TESTS_ZONE_FIXTURE_H
#define WIPY_TESTS_ZONE_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "common/utc.h"
#include "daemon/core/zone_tzif.h"

#define BERLIN     "CET-1CEST,M3.5.0,M10.5.0/3"
#define NEW_YORK   "EST5EDT,M3.2.0,M11.1.0"
#define SYDNEY     "AEST-10AEDT,M10.1.0,M4.1.0/3"
#define LORD_HOWE  "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
#define KATHMANDU  "<+0545>-5:45"
#define DUBLIN     "IST-1GMT0,M10.5.0,M3.5.0/1"
#define NUUK       "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"
#define MARQUESAS  "<-0930>9:30"
#define UTC_RULE   "UTC0"
#define ALL_SUMMER "EST5EDT,0/0,J365/25"

static inline struct zone *zone_of_rule(const char *rule)
{
	struct zone *zone = calloc(1, sizeof(*zone));

	if (!zone || zone_read_rule(rule, strlen(rule), &zone->rule) < 0)
		abort();
	zone->first_offset_s = zone->rule.offset_s;
	return zone;
}

/* "2026-03-29 01:00", UTC. */
static inline int64_t utc(const char *text)
{
	return wipy_days_of(atoi(text), atoi(text + 5), atoi(text + 8)) * ZONE_DAY_S +
	       atoi(text + 11) * 3600 + atoi(text + 14) * 60;
}

#endif
