/* SPDX-License-Identifier: MIT
 *
 * What a rollout waits for: which boards hold it, and why, in groups. Pure; it looks at what
 * the planner looks at.
 */
#ifndef WIPY_CORE_WAITS_H
#define WIPY_CORE_WAITS_H

#include "daemon/core/rollout_places.h"

enum wait_why {
	WAIT_WINDOW,    /* of their site, which opens at until_s; WINDOW_NEVER */
	WAIT_CATCH_UP,  /* as many catch up as may */
	WAIT_PLACE,     /* as many are in flight in all as may */
	WAIT_DOMAIN,    /* ... in a domain */
	WAIT_SHARE,     /* ... of a domain's boards */
	WAIT_TURN,      /* they are about to begin */
	WAIT_UNDER_WAY, /* looked at, pushed to, reset */
	WAIT_BACKOFF,   /* the first is tried again at until_s */
	WAIT_SOAK,      /* the last has soaked at until_s */
	WAIT_HELD,      /* armed, until the rollout goes on */
	WAIT_SEEN,      /* deferred, until they are seen again */
	WAIT_COUNT
};
const char *wait_why_name(enum wait_why why);

struct wait {
	enum wait_why why;
	int domain; /* of WINDOW, DOMAIN and SHARE: index into the view's list; else -1 */
	int64_t until_s; /* of WINDOW, BACKOFF and SOAK; else 0 */
	size_t boards;
};

#define WAITS_MAX 32 /* groups; what would be one more is counted in the last */

/* The wave that the rollout is in, or -1: all are over. */
int rollout_wave_now(const struct rollout *rollout);

/* Whom the rollout waits for, and so does the task: those of the wave that it is in, or of
 * its catch-up. */
bool rollout_waits_for(const struct rollout *rollout, const struct task *task);

/* Groups in the order of their first boards. *ret_of[i]: the group of task i, WAITS_MAX for
 * none; may be NULL. Returns how many groups. */
size_t rollout_waits(const struct rollout_view *view, struct wait ret_waits[WAITS_MAX],
	unsigned char *ret_of);

#endif
