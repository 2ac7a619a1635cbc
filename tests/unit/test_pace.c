/* SPDX-License-Identifier: MIT
 *
 * Measured times: whose count, what is assumed, what fades.
 */
#include "daemon/core/pace.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NOTHING                                                                        \
	{                                                                              \
		0                                                                      \
	}
#define ALL                                                                            \
	{                                                                              \
		1, 1000, 100, 2, 3000, 4, 8000                                         \
	}
#define PUSH                                                                           \
	{                                                                              \
		1, 1000, 100, 0, 0, 0, 0                                               \
	}
#define FAST                                                                           \
	{                                                                              \
		2, 100000, 1000, 1, 500, 1, 700                                        \
	}
#define ASSUMED_ PACE_RATE_ASSUMED, PACE_RESET_ASSUMED, PACE_RETURN_ASSUMED

static const struct {
	const char *name;
	struct pace site, family;
	int64_t rate, reset_ms, return_ms;
	enum pace_from from;
	int64_t pushes;
} cases[] = {
	{"nothing was measured", NOTHING, NOTHING, ASSUMED_, PACE_ASSUMED, 0},
	{"at the site", ALL, FAST, 10000, 1500, 2000, PACE_SITE, 1},
	{"at other sites", NOTHING, FAST, 100000, 500, 700, PACE_FAMILY, 2},
	{"the push here, the rest elsewhere", PUSH, FAST, 10000, 500, 700, PACE_FAMILY,
		1},
	{"the rest nowhere", PUSH, PUSH, 10000, PACE_RESET_ASSUMED, PACE_RETURN_ASSUMED,
		PACE_ASSUMED, 1},
};

static void test_notes(void)
{
	struct pace pace = NOTHING;
	struct pace_times times;

	pace_note_push(&pace, 0, 100);
	pace_note_push(&pace, 100, -1);
	pace_note_reset(&pace, -1);
	pace_note_return(&pace, -1);
	EQ_INT(pace.pushes + pace.resets + pace.returns, 0, "what makes no sense");
	pace_note_push(&pace, 100, 0);
	EQ_INT(pace.push_ms, 1, "no push takes no time");
	pace = (struct pace)NOTHING;
	for (int i = 0; i < 1000; i++) {
		pace_note_push(&pace, 1000, i < 500 ? 1000 : 100);
		pace_note_reset(&pace, i < 500 ? 9000 : 1000);
		pace_note_return(&pace, i < 500 ? 9000 : 2000);
	}
	pace_times(&pace, &pace, &times);
	OK(times.rate > 9900 && times.reset_ms < 1100 && times.return_ms < 2100,
		"what was long ago has faded");
	OK(pace.pushes <= PACE_SAMPLES_MAX, "and counts are bounded");
}

int main(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct pace_times times;

		pace_times(&cases[i].site, &cases[i].family, &times);
		EQ_INT(times.rate, cases[i].rate, cases[i].name);
		EQ_INT(times.reset_ms, cases[i].reset_ms, cases[i].name);
		EQ_INT(times.return_ms, cases[i].return_ms, cases[i].name);
		EQ_INT(times.pushes, cases[i].pushes, cases[i].name);
		EQ_STR(pace_from_name(times.from), pace_from_name(cases[i].from),
			cases[i].name);
	}
	test_notes();
	return tap_done();
}
