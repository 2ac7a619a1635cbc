/* SPDX-License-Identifier: MIT
 *
 * JSON of maintenance windows: which sites a rollout, or a plan, waits for, and until when.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utc.h"
#include "daemon/api_json.h"

/* One site and what waits for it. */
struct waiting {
	const struct engine_board *board; /* one of them */
	int64_t opens_s;                  /* for the first of them */
	json_int_t boards;
};

struct waiting_list {
	struct waiting *site;
	size_t count;
};

static void add_board(
	struct waiting_list *list, const struct engine_board *board, int64_t opens_s)
{
	struct waiting *site = NULL;

	for (size_t i = 0; i < list->count && !site; i++)
		if (list->site[i].board->spec->windows == board->spec->windows)
			site = &list->site[i];
	if (!site) {
		list->site =
			realloc(list->site, (list->count + 1) * sizeof(*list->site));
		if (!list->site)
			abort();
		site = &list->site[list->count++];
		*site = (struct waiting){board, opens_s, 0};
	}
	site->boards++;
	if (opens_s < site->opens_s)
		site->opens_s = opens_s;
}

/* "2026-11-22 01:00", as the clocks of the site show it. */
json_t *json_local_time(const struct zone *zone, int64_t time_s)
{
	char text[ZONE_TEXT_MAX];

	if (time_s == WINDOW_NEVER)
		return json_null();
	zone_format(zone, time_s, text);
	return json_string(text);
}

static json_t *list_done(struct waiting_list *list)
{
	json_t *sites = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct waiting *site = &list->site[i];
		const struct site_windows *windows = site->board->spec->windows;

		json_array_append_new(
			sites, json_pack("{s:s, s:s, s:I, s:o, s:o}", "site",
				       engine_board_site(site->board), "timezone",
				       windows->zone_name, "boards", site->boards,
				       "opens", json_time(site->opens_s), "opens_local",
				       json_local_time(&windows->zone, site->opens_s)));
	}
	free(list->site);
	return sites;
}

json_t *json_windows(const struct engine_rollout *er)
{
	struct waiting_list list = {NULL, 0};

	for (size_t i = 0; i < er->task_count; i++) {
		const struct engine_task *et = &er->task[i];

		if (et->task.state == TASK_WAITING &&
			et->task.reason == REASON_WINDOW && et->board &&
			et->board->spec->windows)
			add_board(&list, et->board, et->task.due_s);
	}
	return list_done(&list);
}

json_t *json_plan_windows(const struct plan *plan)
{
	struct waiting_list list = {NULL, 0};

	for (size_t i = 0; i < plan->entry_count; i++) {
		const struct engine_board *board = plan->entry[i].board;
		int64_t begin_s;

		if (plan->entry[i].state != TASK_PLANNED || !board->spec->windows)
			continue;
		begin_s = engine_board_begin_s(
			board, engine_image_for(board, plan->release));
		if (begin_s > engine_now_s())
			add_board(&list, board, begin_s);
	}
	return list_done(&list);
}

json_t *json_task_opens(const struct task *task)
{
	return task->state == TASK_WAITING && task->reason == REASON_WINDOW &&
			       task->due_s != WINDOW_NEVER
		       ? json_time(task->due_s)
		       : json_null();
}
