/* SPDX-License-Identifier: MIT
 *
 * A binary heap; each board knows its place in it.
 */
#include "config.h"

#include "firmware/ports/linux/schedule.h"

static void heap_put(struct fleet *fleet, size_t at, struct hal *hal)
{
	fleet->heap[at] = hal;
	hal->heap_at = at;
}

static void heap_up(struct fleet *fleet, size_t at)
{
	struct hal *hal = fleet->heap[at];

	while (at > 0 && fleet->heap[(at - 1) / 2]->due_ms > hal->due_ms) {
		heap_put(fleet, at, fleet->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_put(fleet, at, hal);
}

static void heap_down(struct fleet *fleet, size_t at)
{
	struct hal *hal = fleet->heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < fleet->heap_len &&
			fleet->heap[child + 1]->due_ms < fleet->heap[child]->due_ms)
			child++;
		if (child >= fleet->heap_len ||
			fleet->heap[child]->due_ms >= hal->due_ms)
			break;
		heap_put(fleet, at, fleet->heap[child]);
		at = child;
	}
	heap_put(fleet, at, hal);
}

static void heap_remove(struct fleet *fleet, struct hal *hal)
{
	size_t at = hal->heap_at;
	struct hal *last;

	if (at == SCHEDULE_NOT)
		return;
	hal->heap_at = SCHEDULE_NOT;
	last = fleet->heap[--fleet->heap_len];
	if (last == hal)
		return;
	heap_put(fleet, at, last);
	heap_up(fleet, at);
	heap_down(fleet, last->heap_at);
}

void schedule_plan(struct hal *hal, int64_t due_ms)
{
	struct fleet *fleet = hal->fleet;

	if (fleet->is_virtual && due_ms <= fleet->now_ms)
		due_ms = fleet->now_ms + 1;
	heap_remove(fleet, hal);
	hal->due_ms = due_ms;
	if (due_ms == WIPY_NEVER)
		return;
	heap_put(fleet, fleet->heap_len++, hal);
	heap_up(fleet, hal->heap_at);
}

int64_t schedule_first_ms(const struct fleet *fleet)
{
	return fleet->heap_len > 0 ? fleet->heap[0]->due_ms : WIPY_NEVER;
}
