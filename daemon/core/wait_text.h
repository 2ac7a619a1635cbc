/* SPDX-License-Identifier: MIT
 *
 * What a board or a group of boards waits for, as words: one wording for the rollout's
 * waits and for `why`. Pure.
 */
#ifndef WIPY_CORE_WAIT_TEXT_H
#define WIPY_CORE_WAIT_TEXT_H

#include "common/text.h"
#include "daemon/core/waits.h"

/* Of the domain that a wait is about; borrowed. */
struct wait_place {
	const char *name;        /* "site berlin"; "" without */
	bool fed;                /* it is bytes a second that limit the number there */
	const struct zone *zone; /* of WAIT_WINDOW: the site's; NULL: not known */
	const char *zone_name;
};

/* "for the window of site berlin, which opens at 2026-11-22 01:00 Europe/Berlin
 * (2026-11-22T00:00:00Z)", "to soak until ...": goes on after "waits", "2 boards". */
void wait_say(const struct wait *wait, const struct wait_place *place,
	struct wipy_text *text);

/* A time of the API; nothing for one outside the calendar. */
void wait_say_time(int64_t time_s, struct wipy_text *text);

#endif
