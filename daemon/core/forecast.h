/* SPDX-License-Identifier: MIT
 *
 * When the waves of a rollout would begin and end: its boards are played through the
 * limits in flight, the bytes a second, the windows and the soaks, each as long as
 * boards of its kind take. Pure: a guess from what is known now, in which nothing goes
 * wrong and nothing else is under way.
 */
#ifndef WIPY_CORE_FORECAST_H
#define WIPY_CORE_FORECAST_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/domain.h"
#include "daemon/core/model.h"
#include "daemon/core/rollout_plan.h"

/* Boards of a wave that are alike. */
struct forecast_group {
	int wave; /* from 0 */
	struct task_domains domains;
	struct task_window window;
	int64_t size;    /* bytes that are pushed to each */
	int64_t push_ms; /* that a push takes where nothing throttles it */
	int64_t rest_ms; /* all else until the board is back */
	size_t boards;
	/* Scratch of forecast_waves(). */
	size_t left, next_site;
	int64_t asked_ms, opens_ms; /* when its window was asked for, and the answer */
};

/* Scratch: one board in flight. */
struct forecast_flight {
	int64_t end_ms;
	size_t group;
};

struct forecast_line {
	int64_t rate;    /* bytes a second; 0: no limit */
	int64_t free_ms; /* scratch: when it has fed all that was taken */
};

struct forecast_view {
	int64_t now_s, soak_s;
	int64_t soaks_until_s; /* boards of the first wave are back and soak until then;
				* 0: none do */
	int pushes_max;        /* in flight in all, 1 or more */
	int domain_share;      /* percent of a domain's boards at once */
	struct domain *domain; /* nothing in flight: what is then counted in here */
	struct forecast_line *line; /* of each domain, by the same index */
	struct forecast_line all;
	struct forecast_group *group; /* by wave, then by site */
	size_t group_count;
	struct forecast_flight *flight; /* room for pushes_max */
	size_t in_flight;               /* scratch, 0 */
};

struct forecast_wave {
	int64_t begin_s; /* WINDOW_NEVER: behind a wave that does not end */
	int64_t end_s; /* its last board has soaked; WINDOW_NEVER: a window that some of
			  * its boards wait for does not open within the search */
};

/* Of `wave_count` waves; one without a group ends as it begins. */
void forecast_waves(
	struct forecast_view *view, struct forecast_wave *ret_waves, int wave_count);

#endif
