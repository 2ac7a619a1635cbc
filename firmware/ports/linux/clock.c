/* SPDX-License-Identifier: MIT
 *
 * Real and virtual time.
 */
#include "config.h"

#include "firmware/ports/linux/clock.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "common/text.h"
#include "firmware/ports/linux/schedule.h"

/* How often the sockets are asked at one moment of virtual time before it goes on: a
 * client that never stops sending must not stop the clock. */
#define ROUNDS_MAX 256
#define WAIT_MAX   60000

int64_t clock_real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t fleet_clock_ms(const struct fleet *fleet)
{
	return fleet->is_virtual ? fleet->now_ms : clock_real_ms();
}

int clock_parse_span(const char *text, int64_t *ret_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	size_t digits;
	uint64_t number;

	if (*text++ != '+')
		return -EINVAL;
	digits = strspn(text, "0123456789");
	if (wipy_text_parse_u64(text, digits, CLOCK_SPAN_MAX_MS, &number) < 0)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].unit) != 0)
			continue;
		if ((int64_t)number > CLOCK_SPAN_MAX_MS / units[i].ms)
			return -EINVAL;
		*ret_ms = (int64_t)number * units[i].ms;
		return 0;
	}
	return -EINVAL;
}

int clock_send(struct fleet *fleet, int64_t span_ms)
{
	if (!fleet->is_virtual)
		return -ENOTSUP;
	if (fleet->clock_runs)
		return -EBUSY;
	fleet->clock_runs = true;
	fleet->clock_rounds = 0;
	fleet->clock_target_ms = fleet->now_ms + span_ms;
	return 0;
}

int clock_wait_ms(const struct fleet *fleet)
{
	int64_t due = WIPY_NEVER;

	if (fleet->clock_runs)
		return 0;
	if (!fleet->is_virtual)
		due = schedule_first_ms(fleet);
	if (fleet->farewell_first && fleet->farewell_first->until_ms < due)
		due = fleet->farewell_first->until_ms;
	if (due == WIPY_NEVER)
		return -1;
	if (due <= fleet->real_ms)
		return 0;
	return due - fleet->real_ms > WAIT_MAX ? WAIT_MAX : (int)(due - fleet->real_ms);
}

/* Each board once: one that wants to go on at once must not starve others. */
static void step_due(struct fleet *fleet)
{
	for (size_t left = fleet->heap_len;
		left > 0 && schedule_first_ms(fleet) <= fleet->now_ms; left--)
		life_wake(fleet->heap[0]);
}

bool clock_turn(struct fleet *fleet, bool news)
{
	if (!fleet->is_virtual) {
		step_due(fleet);
		return false;
	}
	if (!fleet->clock_runs || (news && ++fleet->clock_rounds < ROUNDS_MAX))
		return false;
	fleet->clock_rounds = 0;
	if (fleet->now_ms == fleet->clock_target_ms) {
		fleet->clock_runs = false;
		return true;
	}
	fleet->now_ms = schedule_first_ms(fleet);
	if (fleet->now_ms > fleet->clock_target_ms)
		fleet->now_ms = fleet->clock_target_ms;
	step_due(fleet);
	return false;
}
