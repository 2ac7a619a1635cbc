/* SPDX-License-Identifier: MIT
 *
 * Maintenance windows of a site: when a board may be taken down. Pure: the zone is data
 * and the time an argument.
 *
 * A window is what the clocks of the place show: an hour that they skip is in no window,
 * one that they show twice is in it twice.
 */
#ifndef WIPY_CORE_WINDOW_H
#define WIPY_CORE_WINDOW_H

#include "common/err.h"
#include "daemon/core/zone.h"

#define WINDOWS_MAX        16
#define BLACKOUTS_MAX      64
#define WINDOW_SEARCH_DAYS 400
#define WINDOW_NEVER       ZONE_NEVER /* not within the search */

struct window {
	uint8_t days; /* on which it begins; bit 0: Sunday */
	int begin_s;  /* since midnight */
	int end_s;    /* after begin_s; beyond 24 hours: on the next day */
};

/* Both ends are inside. */
struct blackout {
	bool yearly;         /* the ends are month * 100 + day, of every year */
	int64_t first, last; /* days since 1970 */
};

struct windows {
	const struct zone *zone; /* borrowed */
	size_t count;            /* 0: open at any time but a blackout */
	struct window window[WINDOWS_MAX];
	size_t blackout_count;
	struct blackout blackout[BLACKOUTS_MAX];
};

/* "Mon-Fri 01:00-05:00", "Sat,Sun 00:00-24:00", "22:00-02:00" (every day). Returns 0,
 * -EINVAL, or -ERANGE where it ends as it begins. */
int window_parse(const char *text, struct window *ret_window) WARN_UNUSED;

/* "2026-12-24", "2026-12-24..2027-01-02"; without the years: in every year. Returns 0,
 * -EINVAL, or -ERANGE where it ends before it begins. */
int blackout_parse(const char *text, struct blackout *ret_blackout) WARN_UNUSED;

/* The earliest moment, now or later, at which something may begin that takes need_s and
 * must be over before the window closes; WINDOW_NEVER if there is none. It may begin now
 * if that is now_s. */
int64_t windows_next(const struct windows *windows, int64_t now_s, int64_t need_s);

#define WINDOW_PUSH_RATE 8192 /* bytes a second: slower pushes are rare */

/* What an update of a board takes until the board is back: the push at WINDOW_PUSH_RATE,
 * and as long as it may take to return. The soak is not in it. */
int64_t window_need_s(int64_t image_size, int64_t return_ms);

#endif
