/* SPDX-License-Identifier: MIT
 *
 * Polls: the time to the first look and to the next one.
 */
#include "daemon/core/poll_plan.h"
#include "tests/tap.h"

#define MINUTE_MS 60000
#define MISSES    3

/* ---- times ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	int64_t every_ms, retry_ms;
	int misses;
	int64_t want_ms; /* without jitter */
} waits[] = {
	{"seen", 5 * MINUTE_MS, MINUTE_MS, 0, 5 * MINUTE_MS},
	{"the first miss", 5 * MINUTE_MS, MINUTE_MS, 1, MINUTE_MS},
	{"the last miss before it is offline", 5 * MINUTE_MS, MINUTE_MS, 2, MINUTE_MS},
	{"offline", 5 * MINUTE_MS, MINUTE_MS, 3, 5 * MINUTE_MS},
	{"a retry longer than the interval", MINUTE_MS, 5 * MINUTE_MS, 1, MINUTE_MS},
	{"a short interval", 1000, 500, 0, 1000},
};

static void test_times(void)
{
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		int64_t low = INT64_MAX, high = 0, want = waits[i].want_ms;

		for (uint32_t r = 0; r < 5000; r++) {
			int64_t ms = poll_next_ms(waits[i].every_ms, waits[i].retry_ms,
				waits[i].misses, MISSES, r * 858993u);

			low = ms < low ? ms : low;
			high = ms > high ? ms : high;
		}
		OK(low >= want - want / 10 && high <= want + want / 10, waits[i].name);
		OK(low < want - want / 20 && high > want + want / 20,
			"the jitter uses its room");
	}
	for (uint32_t r = 0; r < 4; r++)
		OK(poll_next_ms(10, 10, 0, MISSES, UINT32_MAX - r) > 0,
			"never at once, whatever the random number");
}

static void test_first(void)
{
	static const int64_t every_ms[] = {1000, 30000, MINUTE_MS, 24 * 60 * MINUTE_MS};

	for (size_t i = 0; i < sizeof(every_ms) / sizeof(every_ms[0]); i++) {
		int64_t room = every_ms[i] < MINUTE_MS ? every_ms[i] : MINUTE_MS;
		int64_t low = INT64_MAX, high = -1;

		for (uint32_t r = 0; r < 3000; r++) {
			int64_t ms = poll_first_ms(every_ms[i], r);

			low = ms < low ? ms : low;
			high = ms > high ? ms : high;
		}
		OK(low >= 0 && high < room, "the first look is within the interval");
		OK(low < room / 10 && high > room - room / 10,
			"first looks are spread over all of it");
	}
}

int main(void)
{
	test_times();
	test_first();
	return tap_done();
}
