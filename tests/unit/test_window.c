/* SPDX-License-Identifier: MIT
 *
 * Maintenance windows: their texts; when something may begin, over midnight, weeks, year
 * ends, blackouts and both changes of the clocks; and the same answer from a model that
 * looks at every minute.
 */
#include <errno.h>

#include "daemon/core/window.h"
#include "tests/tap.h"
#include "tests/unit/zone_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HOUR         3600

/* ---- texts ----------------------------------------------------------------------- */

#define SUN 1u
#define MON 2u
#define FRI 32u
#define SAT 64u

static const struct {
	const char *text;
	int rc;
	unsigned days;
	int begin_min, end_min;
} texts[] = {
	{"Mon-Fri 01:00-05:00", 0, 0x3e, 60, 300},
	{"Sat,Sun 00:00-24:00", 0, SAT | SUN, 0, 1440},
	{"22:00-02:00", 0, 0x7f, 1320, 1560},
	{"mon 12:30-12:31", 0, MON, 750, 751},
	{"Fri-Mon,WED  23:59-00:00", 0, FRI | SAT | SUN | MON | 8u, 1439, 1440},
	{"Sun-Sat 00:00-00:01", 0, 0x7f, 0, 1},
	{"", -EINVAL, 0, 0, 0},
	{"Mon", -EINVAL, 0, 0, 0},
	{"Mon 1:00-5:00", -EINVAL, 0, 0, 0},
	{"Mon- 01:00-05:00", -EINVAL, 0, 0, 0},
	{"Mo 01:00-05:00", -EINVAL, 0, 0, 0},
	{"Monday 01:00-05:00", -EINVAL, 0, 0, 0},
	{",Mon 01:00-05:00", -EINVAL, 0, 0, 0},
	{"Mon, 01:00-05:00", -EINVAL, 0, 0, 0},
	{"Mon-Foo 01:00-05:00", -EINVAL, 0, 0, 0},
	{"01:00-05:00 ", -EINVAL, 0, 0, 0},
	{"01:60-05:00", -EINVAL, 0, 0, 0},
	{"24:00-05:00", -EINVAL, 0, 0, 0},
	{"00:00-24:01", -EINVAL, 0, 0, 0},
	{"25:00-05:00", -EINVAL, 0, 0, 0},
	{"+1:00-05:00", -EINVAL, 0, 0, 0},
	{"01:00 05:00", -EINVAL, 0, 0, 0},
	{"01.00-05.00", -EINVAL, 0, 0, 0},
	{"03:00-03:00", -ERANGE, 0, 0, 0},
};

static void test_texts(void)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct window window = {0};

		EQ_INT(window_parse(texts[i].text, &window), texts[i].rc,
			texts[i].text);
		EQ_INT(window.days, texts[i].days, texts[i].text);
		EQ_INT(window.begin_s, texts[i].begin_min * 60, texts[i].text);
		EQ_INT(window.end_s, texts[i].end_min * 60, texts[i].text);
	}
}

static const struct {
	const char *text;
	int rc;
	bool yearly;
	int64_t first, last;
} blackouts[] = {
	{"1970-01-02", 0, false, 1, 1},
	{"2026-12-24..2027-01-02", 0, false, 20811, 20820},
	{"12-24..01-02", 0, true, 1224, 102},
	{"02-29", 0, true, 229, 229},
	{"2028-02-29", 0, false, 21243, 21243},
	{"2026-02-29", -EINVAL, false, 0, 0},
	{"2026-13-01", -EINVAL, false, 0, 0},
	{"2026-00-01", -EINVAL, false, 0, 0},
	{"2026-01-00", -EINVAL, false, 0, 0},
	{"2026-1-01", -EINVAL, false, 0, 0},
	{"1969-12-31", -EINVAL, false, 0, 0},
	{"2026-12-24.2027-01-02", -EINVAL, false, 0, 0},
	{"2026-12-24..", -EINVAL, false, 0, 0},
	{"2026-12-24..01-02", -EINVAL, false, 0, 0},
	{"..2026-12-24", -EINVAL, false, 0, 0},
	{"2026-12-24-2027-01-02", -EINVAL, false, 0, 0},
	{"", -EINVAL, false, 0, 0},
	{"2026-12-24..2026-12-23", -ERANGE, false, 0, 0},
};

static void test_blackouts(void)
{
	for (size_t i = 0; i < COUNT(blackouts); i++) {
		struct blackout blackout = {0};

		EQ_INT(blackout_parse(blackouts[i].text, &blackout), blackouts[i].rc,
			blackouts[i].text);
		EQ_INT(blackout.yearly, blackouts[i].yearly, blackouts[i].text);
		EQ_INT(blackout.first, blackouts[i].first, blackouts[i].text);
		EQ_INT(blackout.last, blackouts[i].last, blackouts[i].text);
	}
}

/* ---- when something may begin ---------------------------------------------------- */

/* Windows, then blackouts behind "!", separated by ";". */
static void read_windows(const char *text, struct windows *windows)
{
	char part[64];

	while (*text) {
		size_t len = strcspn(text, ";");
		int rc;

		memcpy(part, text, len);
		part[len] = '\0';
		if (part[0] == '!')
			rc = blackout_parse(part + 1,
				&windows->blackout[windows->blackout_count++]);
		else
			rc = window_parse(part, &windows->window[windows->count++]);
		if (rc < 0)
			abort();
		text += len + (text[len] == ';');
	}
}

#define NIGHTS "Mon-Fri 01:00-05:00"

static const struct {
	const char *name, *rule, *windows, *now;
	int64_t need_s;
	const char *want; /* "now", "never" or a time */
} cases[] = {
	/* 2026-11-23 is a Monday. Berlin is one hour ahead of UTC in winter. */
	{"no windows at all", BERLIN, "", "2026-11-23 12:00", HOUR, "now"},
	{"in the window", BERLIN, NIGHTS, "2026-11-23 01:00", HOUR, "now"},
	{"at its first second", BERLIN, NIGHTS, "2026-11-23 00:00", HOUR, "now"},
	{"just in time", BERLIN, NIGHTS, "2026-11-23 03:00", HOUR, "now"},
	{"a second too late", BERLIN, NIGHTS, "2026-11-23 03:00", HOUR + 1,
		"2026-11-24 00:00"},
	{"a second before it", BERLIN, NIGHTS, "2026-11-22 23:59", 60,
		"2026-11-23 00:00"},
	{"closed", BERLIN, NIGHTS, "2026-11-23 04:00", 60, "2026-11-24 00:00"},
	{"over the weekend", BERLIN, NIGHTS, "2026-11-27 04:00", 60,
		"2026-11-30 00:00"},
	{"longer than any window", BERLIN, NIGHTS, "2026-11-23 01:00", 4 * HOUR + 1,
		"never"},
	{"the days are local", BERLIN, "Mon 00:00-24:00", "2026-11-22 22:59", 60,
		"2026-11-22 23:00"},
	{"to the last second of the day", BERLIN, "Mon 00:00-24:00", "2026-11-23 22:59",
		60, "now"},
	{"two days in a row are one window", BERLIN, "Sat,Sun 00:00-24:00",
		"2026-11-21 12:00", 30 * HOUR, "now"},
	{"the earlier of two", BERLIN, "Wed 02:00-03:00;Tue 20:00-21:00",
		"2026-11-23 12:00", 60, "2026-11-24 19:00"},
	{"windows that touch", UTC_RULE, "01:00-02:00;02:00-03:00", "2026-11-23 01:30",
		HOUR, "now"},
	{"windows that overlap", UTC_RULE, "01:00-02:30;02:00-04:00",
		"2026-11-23 01:30", 2 * HOUR, "now"},
	{"the first is too short", UTC_RULE, "01:00-02:00;05:00-08:00",
		"2026-11-23 00:00", 2 * HOUR, "2026-11-23 05:00"},

	/* Over midnight. */
	{"before midnight", UTC_RULE, "22:00-02:00", "2026-11-23 23:00", 3 * HOUR,
		"now"},
	{"after midnight", UTC_RULE, "22:00-02:00", "2026-11-23 01:00", HOUR, "now"},
	{"the night belongs to the day it begins on", UTC_RULE, "Fri 22:00-02:00",
		"2026-11-28 01:00", HOUR, "now"},
	{"and to no other", UTC_RULE, "Fri 22:00-02:00", "2026-11-27 01:00", HOUR,
		"2026-11-27 22:00"},
	{"over the end of the week", UTC_RULE, "Sat 22:00-02:00", "2026-11-29 01:59",
		60, "now"},
	{"over the end of the year", UTC_RULE, "Thu 22:00-02:00", "2027-01-01 01:00",
		HOUR, "now"},

	/* Blackouts. */
	{"a blackout", BERLIN, NIGHTS ";!2026-12-24..2027-01-02", "2026-12-23 04:00",
		60, "2027-01-04 00:00"},
	{"a night that runs into it", UTC_RULE, "22:00-02:00;!2026-12-24",
		"2026-12-23 23:00", HOUR, "now"},
	{"ends at its midnight", UTC_RULE, "22:00-02:00;!2026-12-24",
		"2026-12-23 23:00", HOUR + 1, "2026-12-25 00:00"},
	{"a night goes on behind it", UTC_RULE, "22:00-02:00;!2026-12-24",
		"2026-12-24 23:00", 2 * HOUR, "2026-12-25 00:00"},
	{"every year", UTC_RULE, "!12-24..01-02", "2031-12-30 00:00", 60,
		"2032-01-03 00:00"},
	{"only a blackout", UTC_RULE, "!2026-11-23", "2026-11-22 23:00", HOUR, "now"},
	{"only a blackout, too long", UTC_RULE, "!2026-11-23", "2026-11-22 23:00",
		2 * HOUR, "2026-11-24 00:00"},
	{"further than the search", UTC_RULE, "!2026-01-01..2030-01-01",
		"2026-11-23 00:00", 60, "never"},
	{"needs more than the search", UTC_RULE, "!2026-01-01", "2026-11-23 00:00",
		(int64_t)401 * ZONE_DAY_S, "never"},

	/* Berlin skips 02:00 to 03:00 on 2026-03-29 and has it twice on 2026-10-25. */
	{"the hour that is skipped", BERLIN, "02:15-02:45", "2026-03-28 12:00", 60,
		"2026-03-30 00:15"},
	{"a window over the skipped hour is shorter", BERLIN, "01:00-05:00",
		"2026-03-29 00:00", 3 * HOUR, "now"},
	{"by that hour", BERLIN, "01:00-05:00", "2026-03-29 00:00", 3 * HOUR + 1,
		"2026-03-29 23:00"},
	{"it ends where the clocks jump over its end", BERLIN, "01:00-02:30",
		"2026-03-29 00:00", HOUR, "now"},
	{"and no later", BERLIN, "01:00-02:30", "2026-03-29 00:00", HOUR + 1,
		"2026-03-29 23:00"},
	{"it begins where the clocks jump over its beginning", BERLIN, "02:30-04:00",
		"2026-03-29 00:30", HOUR, "2026-03-29 01:00"},
	{"the first time round", BERLIN, "02:15-02:45", "2026-10-25 00:00", 60,
		"2026-10-25 00:15"},
	{"the second time round", BERLIN, "02:15-02:45", "2026-10-25 00:50", 60,
		"2026-10-25 01:15"},
	{"but never through both", BERLIN, "02:15-02:45", "2026-10-25 00:00", HOUR,
		"never"},
	{"a window over the double hour is longer", BERLIN, "01:00-05:00",
		"2026-10-24 23:00", 5 * HOUR, "now"},
	{"by that hour only", BERLIN, "01:00-05:00", "2026-10-24 23:00", 5 * HOUR + 1,
		"never"},
	{"a whole day of 23 hours", BERLIN, "Sun 00:00-24:00", "2026-03-28 23:00",
		23 * HOUR, "now"},
	{"a whole day of 25 hours", BERLIN, "Sun 00:00-24:00", "2026-10-24 22:00",
		25 * HOUR, "now"},

	/* Elsewhere. */
	{"Sydney in summer", SYDNEY, NIGHTS, "2026-11-22 13:59", 60,
		"2026-11-22 14:00"},
	{"Sydney in winter", SYDNEY, NIGHTS, "2026-06-21 14:59", 60,
		"2026-06-21 15:00"},
	{"half an hour is skipped", LORD_HOWE, "02:10-02:20", "2026-10-03 15:00", 60,
		"2026-10-04 15:10"},
	{"half an hour comes twice", LORD_HOWE, "01:40-01:50", "2026-04-04 14:55", 60,
		"2026-04-04 15:10"},
	{"quarters of an hour", KATHMANDU, "01:00-05:00", "2026-11-23 00:00", 60,
		"2026-11-23 19:15"},
	{"far in the west", MARQUESAS, "Mon 00:00-01:00", "2026-11-23 09:00", 60,
		"2026-11-23 09:30"},
	{"clocks that change before midnight", NUUK, "Sat 22:30-23:30",
		"2026-03-28 23:00", 60, "2026-03-29 00:30"},
};

static void test_cases(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct zone *zone = zone_of_rule(cases[i].rule);
		struct windows windows = {.zone = zone};
		int64_t now_s = utc(cases[i].now), want_s;

		read_windows(cases[i].windows, &windows);
		want_s = strcmp(cases[i].want, "now") == 0     ? now_s
			 : strcmp(cases[i].want, "never") == 0 ? WINDOW_NEVER
							       : utc(cases[i].want);
		EQ_INT(windows_next(&windows, now_s, cases[i].need_s), want_s,
			cases[i].name);
		free(zone);
	}
}

static void test_need(void)
{
	EQ_INT(window_need_s(0, 90000), 90, "no image, only the return");
	EQ_INT(window_need_s(8192, 1), 2, "both are rounded up");
	EQ_INT(window_need_s(196608, 90000), 114, "192 KiB at 8 KiB/s and 90 s");
}

/* ---- a model --------------------------------------------------------------------- */

/* What the clocks show in that minute, against the texts' plain meaning. */
static bool model_open(const struct windows *windows, int64_t utc_s)
{
	int64_t local_s = utc_s + zone_offset_at(windows->zone, utc_s);
	int64_t day = zone_day_of_time(local_s);
	int in_day = (int)(local_s - day * ZONE_DAY_S);
	bool open = windows->count == 0;

	for (size_t i = 0; i < windows->blackout_count; i++)
		if (day >= windows->blackout[i].first &&
			day <= windows->blackout[i].last)
			return false;
	for (size_t i = 0; i < windows->count; i++) {
		const struct window *w = &windows->window[i];

		for (int back = 0; back < 2; back++) {
			int at = in_day + back * ZONE_DAY_S;
			int weekday = zone_weekday_of(day - back);

			open = open || ((w->days >> weekday & 1) && at >= w->begin_s &&
					       at < w->end_s);
		}
	}
	return open;
}

static int64_t model_next(
	const struct windows *windows, int64_t now_s, int64_t need_min, int64_t limit)
{
	int64_t run = 0;

	for (int64_t minute = 0; minute < limit; minute++) {
		run = model_open(windows, now_s + minute * 60) ? run + 1 : 0;
		if (run >= need_min)
			return now_s + (minute - need_min + 1) * 60;
	}
	return WINDOW_NEVER;
}

static uint64_t seed_state;

static int64_t pick(int64_t below)
{
	seed_state = seed_state * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)((seed_state >> 33) % (uint64_t)below);
}

/* Around the changes of the clocks of 2026. */
static void test_model(void)
{
	static const char *const zones[] = {BERLIN, SYDNEY, LORD_HOWE, NUUK, NEW_YORK};
	static const char *const around[] = {"2026-03-27 12:00", "2026-10-23 12:00",
		"2026-04-03 00:00", "2026-10-02 00:00", "2026-10-31 00:00"};
	const int64_t limit = 14 * 1440;
	int wrong = 0, never = 0, now = 0;

	for (int i = 0; i < 600; i++) {
		struct zone *zone = zone_of_rule(zones[i % 5]);
		struct windows windows = {.zone = zone, .count = 1 + (size_t)pick(3)};
		int64_t now_s, need, got, want;

		seed_state = (uint64_t)i + 1;
		for (size_t k = 0; k < windows.count; k++) {
			struct window *w = &windows.window[k];

			w->days = (uint8_t)(pick(127) + 1);
			w->begin_s = (int)pick(288) * 300;
			w->end_s = w->begin_s + ((int)pick(80) + 1) * 300;
		}
		now_s = utc(around[pick(5)]) + pick(4 * 1440) * 60;
		windows.blackout_count = (size_t)pick(2);
		windows.blackout[0].first = zone_day_of_time(now_s) + pick(3);
		windows.blackout[0].last = windows.blackout[0].first + pick(3);
		need = 1 + pick(90);
		want = model_next(&windows, now_s, need, limit);
		got = windows_next(&windows, now_s, need * 60);
		if (want == WINDOW_NEVER) {
			never++;
			wrong += got < now_s + (limit - need) * 60;
		} else {
			now += want == now_s;
			wrong += got != want;
		}
		if (wrong == 1)
			printf("# seed %d: got %lld, want %lld\n", i + 1,
				(long long)got, (long long)want);
		free(zone);
	}
	printf("# %d at once, %d not within two weeks\n", now, never);
	EQ_INT(wrong, 0, "the same as minute by minute");
	OK(now > 50 && never > 10 && never < 300, "the model met both answers");
}

int main(void)
{
	test_texts();
	test_blackouts();
	test_cases();
	test_need();
	test_model();
	return tap_done();
}
