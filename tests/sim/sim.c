/* SPDX-License-Identifier: MIT
 *
 * Chance and time of the simulation: one random source, one queue of happenings.
 */
#include "config.h"

#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sim *sim;

/* splitmix64 */
uint32_t sim_random(uint32_t below)
{
	uint64_t z = sim->random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) >> 32) % below;
}

bool sim_chance(uint32_t percent)
{
	return sim_random(100) < percent;
}

int64_t sim_between(int64_t low, int64_t high)
{
	return low + (int64_t)sim_random((uint32_t)(high - low + 1));
}

static bool before(const struct sim_event *a, const struct sim_event *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->seq < b->seq;
}

static void sift_up(size_t at)
{
	struct sim_event **q = sim->queue;

	while (at > 0 && before(q[at], q[(at - 1) / 2])) {
		struct sim_event *event = q[at];

		q[at] = q[(at - 1) / 2];
		q[(at - 1) / 2] = event;
		at = (at - 1) / 2;
	}
}

static void sift_down(size_t at)
{
	struct sim_event **q = sim->queue;

	for (;;) {
		size_t least = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
			if (child < sim->queue_count && before(q[child], q[least]))
				least = child;
		if (least == at)
			return;
		struct sim_event *event = q[at];

		q[at] = q[least];
		q[least] = event;
		at = least;
	}
}

struct sim_event *sim_at(int64_t in_ms, void (*fn)(void *arg), void *arg)
{
	struct sim_event *event = calloc(1, sizeof(*event));

	if (sim->queue_count == sim->queue_cap) {
		sim->queue_cap = sim->queue_cap ? 2 * sim->queue_cap : 256;
		sim->queue = realloc(
			sim->queue, sim->queue_cap * sizeof(struct sim_event *));
	}
	if (!event || !sim->queue)
		abort();
	*event = (struct sim_event){
		sim->now_ms + (in_ms > 0 ? in_ms : 0), sim->seq++, fn, arg, false};
	sim->queue[sim->queue_count++] = event;
	sift_up(sim->queue_count - 1);
	return event;
}

/* It stays in the queue, and nothing comes of it. */
void sim_cancel(struct sim_event *event)
{
	if (event)
		event->fn = NULL;
}

static struct sim_event *take_first(void)
{
	struct sim_event *event = sim->queue[0];

	sim->queue[0] = sim->queue[--sim->queue_count];
	sift_down(0);
	return event;
}

/* One happening; false if there is none up to `end_ms`. */
bool sim_step(int64_t end_ms)
{
	struct sim_event *event;

	if (sim->queue_count == 0 || sim->queue[0]->at_ms > end_ms)
		return false;
	event = take_first();
	if (event->at_ms > sim->now_ms)
		sim->now_ms = event->at_ms;
	if (event->fn) {
		sim->count->events++;
		event->fn(event->arg);
	}
	free(event);
	return true;
}

void sim_clear_queue(void)
{
	while (sim->queue_count > 0)
		free(sim->queue[--sim->queue_count]);
	free(sim->queue);
	sim->queue = NULL;
	sim->queue_cap = 0;
}

void sim_note(const char *format, ...)
{
	char *line = sim->history[sim->history_at++ % 64];
	int len = snprintf(line, 200, "%9.3f ", (double)sim->now_ms / 1000);
	va_list args;

	va_start(args, format);
	vsnprintf(line + len, 200 - (size_t)len, format, args);
	va_end(args);
	if (sim->verbose)
		printf("# %s\n", line);
}

void sim_complain(const char *format, ...)
{
	va_list args;

	if (sim->complaint[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(sim->complaint, sizeof(sim->complaint), format, args);
	va_end(args);
	sim_note("COMPLAINT: %s", sim->complaint);
}
