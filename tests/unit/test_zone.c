/* SPDX-License-Identifier: MIT
 *
 * Time zones: the calendar, rules of both hemispheres, changes that are written down, and
 * files, good and faulty.
 */
#include <errno.h>

#include "tests/tap.h"
#include "tests/unit/zone_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	int year, month, day;
	int64_t days;
	int weekday;
} dates[] = {
	{1970, 1, 1, 0, 4},
	{1969, 12, 31, -1, 3},
	{1960, 2, 29, -3594, 1},
	{2000, 2, 29, 11016, 2},
	{2000, 3, 1, 11017, 3},
	{2026, 11, 21, 20778, 6},
	{2100, 3, 1, 47541, 1},
	{9999, 12, 31, 2932896, 5},
};

static void test_calendar(void)
{
	for (size_t i = 0; i < COUNT(dates); i++) {
		struct wipy_date date = wipy_date_of(dates[i].days);

		EQ_INT(wipy_days_of(dates[i].year, dates[i].month, dates[i].day),
			dates[i].days, "days");
		EQ_INT(date.year, dates[i].year, "year");
		EQ_INT(date.month, dates[i].month, "month");
		EQ_INT(date.day, dates[i].day, "day");
		EQ_INT(zone_weekday_of(dates[i].days), dates[i].weekday, "weekday");
	}
	EQ_INT(zone_day_of_time(-1), -1, "a second before 1970");
	EQ_INT(zone_day_of_time(86399), 0, "the last second of a day");
	EQ_INT(zone_day_of_time(-86400), -1, "the first second of a day");
}

/* The offset in minutes just before and at a time, and the next change after it. */
static const struct {
	const char *name, *rule, *at;
	int before, after;
	const char *next; /* "": never */
} rules[] = {
	{"UTC", UTC_RULE, "2026-06-01 00:00", 0, 0, ""},
	{"quarters of an hour", KATHMANDU, "2026-06-01 00:00", 345, 345, ""},
	{"half hours westward", MARQUESAS, "2026-06-01 00:00", -570, -570, ""},
	{"spring", BERLIN, "2026-03-29 01:00", 60, 120, "2026-10-25 01:00"},
	{"autumn", BERLIN, "2026-10-25 01:00", 120, 60, "2027-03-28 01:00"},
	{"New Year", BERLIN, "2027-01-01 00:00", 60, 60, "2027-03-28 01:00"},
	{"westward", NEW_YORK, "2026-03-08 07:00", -300, -240, "2026-11-01 06:00"},
	{"southern spring", SYDNEY, "2026-10-03 16:00", 600, 660, "2027-04-03 16:00"},
	{"southern autumn", SYDNEY, "2026-04-04 16:00", 660, 600, "2026-10-03 16:00"},
	{"southern New Year", SYDNEY, "2026-12-31 13:00", 660, 660, "2027-04-03 16:00"},
	{"summer time of half an hour", LORD_HOWE, "2026-10-03 15:30", 630, 660,
		"2027-04-03 15:00"},
	{"standard time in summer", DUBLIN, "2026-03-29 01:00", 0, 60,
		"2026-10-25 01:00"},
	{"a change on the day before", NUUK, "2026-03-29 01:00", -120, -60,
		"2026-10-25 01:00"},
	{"summer all year", ALL_SUMMER, "2026-07-01 00:00", -240, -240,
		"2027-01-01 05:00"},
	{"summer all year, at its seam", ALL_SUMMER, "2027-01-01 05:00", -240, -240,
		"2028-01-01 05:00"},
	{"days of the year", "AAA0BBB,J60,J300/0", "2028-03-01 02:00", 0, 60,
		"2028-10-26 23:00"},
	{"days with 29 February", "AAA0BBB,59,300/0", "2028-02-29 02:00", 0, 60,
		"2028-10-26 23:00"},
};

static void test_rules(void)
{
	for (size_t i = 0; i < COUNT(rules); i++) {
		struct zone *zone = zone_of_rule(rules[i].rule);
		int64_t at_s = utc(rules[i].at);
		int64_t next_s = rules[i].next[0] ? utc(rules[i].next) : ZONE_NEVER;

		EQ_INT(zone_offset_at(zone, at_s - 1) / 60, rules[i].before,
			rules[i].name);
		EQ_INT(zone_offset_at(zone, at_s) / 60, rules[i].after, rules[i].name);
		EQ_INT(zone_next_change(zone, at_s), next_s, rules[i].name);
		free(zone);
	}
}

static void test_changes(void)
{
	struct zone *zone = zone_of_rule(BERLIN);

	zone->first_offset_s = 100;
	zone->count = 2;
	zone->change_s[0] = utc("1980-01-01 00:00");
	zone->offset_s[0] = 200;
	zone->change_s[1] = utc("2026-05-01 00:00");
	zone->offset_s[1] = 7200;
	EQ_INT(zone_offset_at(zone, -5), 100, "before the first change");
	EQ_INT(zone_next_change(zone, -5), utc("1980-01-01 00:00"), "the first");
	EQ_INT(zone_offset_at(zone, utc("1980-01-01 00:00")), 200, "at a change");
	EQ_INT(zone_offset_at(zone, utc("2026-04-30 23:59")), 200, "before the last");
	EQ_INT(zone_next_change(zone, utc("1980-01-01 00:00")), utc("2026-05-01 00:00"),
		"the last");
	EQ_INT(zone_offset_at(zone, utc("2026-12-01 00:00")), 3600, "then the rule");
	EQ_INT(zone_next_change(zone, utc("2026-05-01 00:00")), utc("2026-10-25 01:00"),
		"then the rule's change");
	zone->rule.given = false;
	EQ_INT(zone_offset_at(zone, utc("2026-12-01 00:00")), 7200, "without a rule");
	EQ_INT(zone_next_change(zone, utc("2026-12-01 00:00")), ZONE_NEVER,
		"without a rule nothing changes");
	free(zone);
}

static const char *const bad_rules[] = {"", "CET", "CE-1", "CET-1CEST", "CET-25",
	"CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
	"CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J300", "CET-1CEST,J1,J366",
	"CET-1CEST,1,366", "CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,M3.5.0,M10.5.0 ",
	"<CET-1", "CET-1:60", "CET-1CEST,M3.5.0/", "CET-99999999999999999999"};

static void test_bad_rules(void)
{
	struct zone_rule rule = {.offset_s = 7};

	for (size_t i = 0; i < COUNT(bad_rules); i++)
		EQ_INT(zone_read_rule(bad_rules[i], strlen(bad_rules[i]), &rule),
			-EINVAL, bad_rules[i]);
	EQ_INT(rule.offset_s, 7, "untouched");
}

/* ---- files ----------------------------------------------------------------------- */

/* Two blocks, the first empty; two changes from one type to another and back. */
#define FOUR       "\0\0\0\0"
#define MAGIC      "TZif2" FOUR FOUR FOUR "\0\0\0"
#define FIRST      MAGIC FOUR FOUR FOUR FOUR FOUR FOUR
#define SECOND     MAGIC FOUR FOUR FOUR "\0\0\0\2\0\0\0\2\0\0\0\4"
#define TIMES      "\0\0\0\0\0\0\0\144\0\0\0\0\0\0\0\310"
#define KINDS      "\1\0"
#define TYPES      "\377\377\361\360\0\0\0\0\16\20\1\0ABC\0"
#define GOOD       FIRST SECOND TIMES KINDS TYPES "\nABC1\n"
#define SIZE(text) text, sizeof(text) - 1

static const struct {
	const char *name, *data;
	size_t len;
	int want;
} files[] = {
	{"good", SIZE(GOOD), 0},
	{"no rule", SIZE(FIRST SECOND TIMES KINDS TYPES "\n\n"), 0},
	{"empty", SIZE(""), -EINVAL},
	{"another file", SIZE("#!/bin/sh, long enough to hold a header, surely."),
		-EINVAL},
	{"version 1",
		SIZE("TZif\0"
		     "2\0\0\0\0\0\0\0\0\0\0"),
		-EINVAL},
	{"no second block", SIZE(FIRST), -EINVAL},
	{"cut in the times", SIZE(FIRST SECOND "\0\0\0\0"), -EINVAL},
	{"no footer", SIZE(FIRST SECOND TIMES KINDS TYPES), -EINVAL},
	{"open footer", SIZE(FIRST SECOND TIMES KINDS TYPES "\nABC1"), -EINVAL},
	{"a rule that is none", SIZE(FIRST SECOND TIMES KINDS TYPES "\nABC\n"),
		-EINVAL},
	{"times that do not ascend",
		SIZE(FIRST SECOND "\0\0\0\0\0\0\0\144\0\0\0\0\0\0\0\144" KINDS TYPES
				  "\nABC1\n"),
		-EINVAL},
	{"a type that is not there", SIZE(FIRST SECOND TIMES "\1\2" TYPES "\nABC1\n"),
		-EINVAL},
	{"an offset of days",
		SIZE(FIRST SECOND TIMES KINDS "\0\2\0\0\0\0\0\0\16\20\1\0ABC\0"
					      "\nABC1\n"),
		-EINVAL},
	{"counts beyond all bounds",
		SIZE(FIRST MAGIC
			"\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377"
			"\377\377\377\377\377\377\377\377\377"),
		-EINVAL},
};

static void test_files(void)
{
	struct zone *zone = calloc(1, sizeof(*zone));

	for (size_t i = 0; zone && i < COUNT(files); i++) {
		uint8_t *copy = malloc(files[i].len + 1);

		/* In memory of its own size: a sanitizer sees a read beyond. */
		memcpy(copy, files[i].data, files[i].len);
		EQ_INT(zone_read_tzif(copy, files[i].len, zone), files[i].want,
			files[i].name);
		free(copy);
	}
	EQ_INT(zone_read_tzif((const uint8_t *)GOOD, sizeof(GOOD) - 1, zone), 0,
		"good");
	EQ_INT(zone->count, 2, "good");
	EQ_INT(zone_offset_at(zone, 99), -3600, "good: before");
	EQ_INT(zone_offset_at(zone, 100), 3600, "good: between");
	EQ_INT(zone_offset_at(zone, 200), -3600, "good: after");
	free(zone);
}

static void test_format(void)
{
	static const struct zone east = {.first_offset_s = 3600};
	static const struct zone west = {.first_offset_s = -4 * 3600 - 1800};
	char text[ZONE_TEXT_MAX];

	zone_format(&east, 1700000000, text); /* 2023-11-14T22:13:20Z */
	EQ_STR(text, "2023-11-14 23:13", "east");
	zone_format(&east, 1704063599, text); /* 2023-12-31T22:59:59Z */
	EQ_STR(text, "2023-12-31 23:59", "the last minute of a year");
	zone_format(&east, 1704063600, text);
	EQ_STR(text, "2024-01-01 00:00", "the first");
	zone_format(&west, 0, text);
	EQ_STR(text, "1969-12-31 19:30", "before 1970");
}

int main(void)
{
	test_format();
	test_calendar();
	test_rules();
	test_changes();
	test_bad_rules();
	test_files();
	return tap_done();
}
