/* SPDX-License-Identifier: MIT
 *
 * The forecast: events in the order of time, as the planner would let boards begin.
 * Boards that are alike are one group, and the groups of a site stand together, so that
 * one look skips a site that is full.
 */
#include "daemon/core/forecast.h"

/* A window that is open is asked again after so long: what it is off by does not
 * show. */
#define WINDOW_STEP_MS 60000

/* A range of groups: those of one wave. */
struct wave_range {
	size_t first, end, left;
};

/* ---- boards in flight: a heap by their ends -------------------------------------- */

static void flight_swap(struct forecast_flight *flight, size_t a, size_t b)
{
	struct forecast_flight kept = flight[a];

	flight[a] = flight[b];
	flight[b] = kept;
}

static void flight_add(struct forecast_view *view, int64_t end_ms, size_t group)
{
	struct forecast_flight *flight = view->flight;
	size_t at = view->in_flight++;

	flight[at] = (struct forecast_flight){end_ms, group};
	for (; at > 0 && flight[at].end_ms < flight[(at - 1) / 2].end_ms;
		at = (at - 1) / 2)
		flight_swap(flight, at, (at - 1) / 2);
}

static struct forecast_flight flight_take(struct forecast_view *view)
{
	struct forecast_flight *flight = view->flight, first = flight[0];
	size_t count = --view->in_flight, at = 0;

	flight[0] = flight[count];
	for (;;) {
		size_t least = at, child = 2 * at + 1;

		for (size_t i = child; i < child + 2 && i < count; i++)
			if (flight[i].end_ms < flight[least].end_ms)
				least = i;
		if (least == at)
			return first;
		flight_swap(flight, at, least);
		at = least;
	}
}

/* ---- places ---------------------------------------------------------------------- */

static bool has_room(const struct forecast_view *view, const struct task_domains *in)
{
	for (int i = 0; i < TASK_DOMAINS; i++)
		if (in->index[i] >= 0 && !domain_has_room(&view->domain[in->index[i]],
						 view->domain_share))
			return false;
	return true;
}

static void take_place(
	struct forecast_view *view, const struct task_domains *in, int boards)
{
	for (int i = 0; i < TASK_DOMAINS; i++)
		if (in->index[i] >= 0)
			view->domain[in->index[i]].in_flight += boards;
}

/* When the line has fed so many bytes more. */
static int64_t line_feed(struct forecast_line *line, int64_t now_ms, int64_t size)
{
	if (line->rate == 0)
		return now_ms;
	if (line->free_ms < now_ms)
		line->free_ms = now_ms;
	line->free_ms += size * 1000 / line->rate;
	return line->free_ms;
}

static void begin_one(struct forecast_view *view, size_t at, int64_t now_ms)
{
	struct forecast_group *group = &view->group[at];
	int64_t pushed_ms = now_ms + group->push_ms;
	int64_t fed_ms = line_feed(&view->all, now_ms, group->size);

	for (int i = 0; i < TASK_DOMAINS; i++) {
		int index = group->domains.index[i];
		int64_t ms = index >= 0 && view->line ? line_feed(&view->line[index],
								now_ms, group->size)
						      : now_ms;

		fed_ms = ms > fed_ms ? ms : fed_ms;
	}
	pushed_ms = fed_ms > pushed_ms ? fed_ms : pushed_ms;
	take_place(view, &group->domains, 1);
	flight_add(view, pushed_ms + group->rest_ms, at);
	group->left--;
}

/* ---- windows --------------------------------------------------------------------- */

static bool is_fresh(const struct forecast_group *group, int64_t now_ms)
{
	return group->asked_ms <= now_ms && now_ms < group->asked_ms + WINDOW_STEP_MS;
}

/* When the group's window opens. The group before it, of the same site as a rule,
 * may have just asked. */
static int64_t opens_ms(struct forecast_group *group,
	const struct forecast_group *before, int64_t now_ms)
{
	const struct task_window *window = &group->window;

	if (!window->windows)
		return now_ms;
	if (!is_fresh(group, now_ms)) {
		bool alike = before && before->window.windows == window->windows &&
			     before->window.need_s == window->need_s &&
			     is_fresh(before, now_ms);
		int64_t opens_s = alike ? 0
					: windows_next(window->windows, now_ms / 1000,
						  window->need_s);

		group->asked_ms = alike ? before->asked_ms : now_ms;
		group->opens_ms = alike                     ? before->opens_ms
				  : opens_s == WINDOW_NEVER ? WINDOW_NEVER
							    : opens_s * 1000;
	}
	return group->opens_ms > now_ms ? group->opens_ms : now_ms;
}

/* ---- a wave ---------------------------------------------------------------------- */

static void lower(int64_t *ms, int64_t other_ms)
{
	*ms = other_ms < *ms ? other_ms : *ms;
}

/* Lets all of the wave begin that may. Returns when the next window opens that one
 * of them waits for. */
static int64_t begin_boards(
	struct forecast_view *view, struct wave_range *wave, int64_t now_ms)
{
	int64_t wake_ms = WINDOW_NEVER;
	size_t i = wave->first;

	while (i < wave->end && view->in_flight < (size_t)view->pushes_max) {
		struct forecast_group *group = &view->group[i];
		int site = group->domains.index[0];
		int64_t at_ms;

		if (site >= 0 &&
			!domain_has_room(&view->domain[site], view->domain_share)) {
			i = group->next_site;
			continue;
		}
		i++;
		if (group->left == 0)
			continue;
		at_ms = opens_ms(group, i > 1 ? group - 1 : NULL, now_ms);
		if (at_ms > now_ms) {
			lower(&wake_ms, at_ms);
			continue;
		}
		for (; group->left > 0 && view->in_flight < (size_t)view->pushes_max &&
			has_room(view, &group->domains);
			wave->left--)
			begin_one(view, i - 1, now_ms);
	}
	while (wave->first < wave->end && view->group[wave->first].left == 0)
		wave->first++;
	return wake_ms;
}

static void land(struct forecast_view *view, int64_t now_ms)
{
	while (view->in_flight > 0 && view->flight[0].end_ms <= now_ms) {
		struct forecast_flight one = flight_take(view);

		take_place(view, &view->group[one.group].domains, -1);
	}
}

/* Returns when its last board is back, or WINDOW_NEVER. */
static int64_t run_wave(
	struct forecast_view *view, struct wave_range *wave, int64_t now_ms)
{
	while (wave->left > 0 || view->in_flight > 0) {
		int64_t next_ms = begin_boards(view, wave, now_ms);

		if (view->in_flight > 0)
			lower(&next_ms, view->flight[0].end_ms);
		if (next_ms == WINDOW_NEVER)
			return WINDOW_NEVER;
		now_ms = next_ms;
		land(view, now_ms);
	}
	return now_ms;
}

static struct wave_range range_of(struct forecast_view *view, size_t first, int number)
{
	struct wave_range wave = {.first = first, .end = first};
	size_t next;

	for (; wave.end < view->group_count && view->group[wave.end].wave == number;
		wave.end++) {
		view->group[wave.end].left = view->group[wave.end].boards;
		view->group[wave.end].asked_ms = -WINDOW_STEP_MS;
		wave.left += view->group[wave.end].boards;
	}
	next = wave.end;
	for (size_t i = wave.end; i-- > first;) {
		view->group[i].next_site = next;
		if (i > first && view->group[i - 1].domains.index[0] !=
					 view->group[i].domains.index[0])
			next = i;
	}
	return wave;
}

static int64_t to_seconds(int64_t time_ms)
{
	return time_ms == WINDOW_NEVER ? WINDOW_NEVER : (time_ms + 999) / 1000;
}

void forecast_waves(
	struct forecast_view *view, struct forecast_wave *ret_waves, int wave_count)
{
	int64_t now_ms = view->now_s * 1000;
	size_t first = 0;

	for (int i = 0; i < wave_count; i++) {
		struct wave_range wave = range_of(view, first, i);
		bool empty = wave.left == 0;

		first = wave.end;
		ret_waves[i].begin_s = to_seconds(now_ms);
		if (now_ms != WINDOW_NEVER && !empty)
			now_ms = run_wave(view, &wave, now_ms);
		if (now_ms != WINDOW_NEVER && !empty)
			now_ms += view->soak_s * 1000;
		if (i == 0 && now_ms < view->soaks_until_s * 1000)
			now_ms = view->soaks_until_s * 1000;
		ret_waves[i].end_s = to_seconds(now_ms);
	}
}
