/* SPDX-License-Identifier: MIT
 *
 * Times of the API as text: what is one, what is none, and every day there and back.
 */
#include "config.h"

#include "common/utc.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "tests/tap.h"

static const struct {
	const char *text;
	int64_t s; /* -1: wrong */
} times[] = {
	{"1970-01-01T00:00:00Z", 0},
	{"2026-11-20T11:00:00Z", 1795172400},
	{"2024-02-29T23:59:59Z", 1709251199},
	{"2000-02-29T00:00:00Z", 951782400},
	{"9999-12-31T23:59:59Z", 253402300799},
	{"2100-02-29T00:00:00Z", -1},
	{"2026-02-29T00:00:00Z", -1},
	{"2026-04-31T00:00:00Z", -1},
	{"2026-00-10T00:00:00Z", -1},
	{"2026-01-00T00:00:00Z", -1},
	{"1969-12-31T23:59:59Z", -1},
	{"2026-11-20T11:00:60Z", -1},
	{"2026-13-01T00:00:00Z", -1},
	{"2026-11-20T24:00:00Z", -1},
	{"2026-11-20T11:60:00Z", -1},
	{"2026-11-20 11:00:00Z", -1},
	{"2026-11-20T11:00:00", -1},
	{"2026-11-20T11:00:00+01", -1},
	{"2026-11-20T-1:00:00Z", -1},
	{"2026-11-20T11:00:00ZZ", -1},
	{"", -1},
};

static void test_parse(void)
{
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int64_t s = -7;

		EQ_INT(wipy_utc_parse(times[i].text, &s), times[i].s < 0 ? -EINVAL : 0,
			times[i].text);
		EQ_INT(s, times[i].s < 0 ? -7 : times[i].s, times[i].text);
	}
}

/* The library's calendar is the judge; each day at another time of it. */
static void test_every_day(void)
{
	int64_t wrong = 0;

	for (int64_t day = 0; day < 200 * 366; day++) {
		char text[WIPY_UTC_MAX] = "", want[40];
		int64_t s = day * 86400 + day * 7919 % 86400, back = -1;
		time_t wall = (time_t)s;
		struct tm tm;

		gmtime_r(&wall, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
		wrong += wipy_utc_format(s, text) != 0 || strcmp(text, want) != 0 ||
			 wipy_utc_parse(text, &back) != 0 || back != s;
	}
	EQ_INT(wrong, 0, "every day of 200 years");
}

static void test_range(void)
{
	char text[WIPY_UTC_MAX];

	EQ_INT(wipy_utc_format(253402300799, text), 0, "the last second");
	EQ_STR(text, "9999-12-31T23:59:59Z", "the last second");
	EQ_INT(wipy_utc_format(253402300800, text), -ERANGE, "the year 10000");
	EQ_INT(wipy_utc_format(-1, text), -ERANGE, "before 1970");
}

int main(void)
{
	test_parse();
	test_every_day();
	test_range();
	return tap_done();
}
