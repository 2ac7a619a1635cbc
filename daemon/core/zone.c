/* SPDX-License-Identifier: MIT
 *
 * Time zones: the offset at a moment, from the changes that are written down or from the
 * rule behind them.
 */
#include "daemon/core/zone.h"

#include "common/text.h"
#include "common/utc.h"

#define JANUARY_1970  4            /* its first day was a Thursday */
#define YEARS_AROUND  4            /* a rule's day may lie a week outside its year */
#define RULE_LATEST_S 253402300799 /* the end of the year 9999 */

int zone_weekday_of(int64_t days)
{
	return (int)(((days + JANUARY_1970) % 7 + 7) % 7);
}

int64_t zone_day_of_time(int64_t local_s)
{
	return local_s / ZONE_DAY_S - (local_s % ZONE_DAY_S < 0);
}

/* ---- the rule -------------------------------------------------------------------- */

static int64_t turn_day(const struct zone_turn *turn, int year)
{
	int64_t first = wipy_days_of(year, 1, 1), next, day;
	bool leap = wipy_days_of(year + 1, 1, 1) - first == 366;

	if (turn->kind == ZONE_TURN_DAY)
		return first + turn->day;
	if (turn->kind == ZONE_TURN_JULIAN)
		return first + turn->day - 1 + (leap && turn->day >= 60);
	first = wipy_days_of(year, turn->month, 1);
	next = turn->month == 12 ? wipy_days_of(year + 1, 1, 1)
				 : wipy_days_of(year, turn->month + 1, 1);
	day = first + (turn->weekday - zone_weekday_of(first) + 7) % 7 +
	      (int64_t)(turn->week - 1) * 7;
	return day < next ? day : day - 7;
}

/* When summer time begins (or ends) in that year, in UTC. */
static int64_t turn_time(const struct zone_rule *rule, int year, bool begin)
{
	const struct zone_turn *turn = begin ? &rule->begin : &rule->end;
	int32_t before_s = begin ? rule->offset_s : rule->summer_offset_s;

	return turn_day(turn, year) * ZONE_DAY_S + turn->time_s - before_s;
}

static int rule_year(const struct zone_rule *rule, int64_t time_s)
{
	return wipy_date_of(zone_day_of_time(time_s + rule->offset_s)).year;
}

static int32_t rule_offset(const struct zone_rule *rule, int64_t time_s)
{
	int64_t latest_s = INT64_MIN;
	bool summer = false;
	int year;

	if (!rule->summer)
		return rule->offset_s;
	year = rule_year(rule, time_s) - YEARS_AROUND / 2;
	for (int i = 0; i < YEARS_AROUND; i++) {
		int64_t end_s = turn_time(rule, year + i, false);
		int64_t begin_s = turn_time(rule, year + i, true);

		if (end_s <= time_s && end_s > latest_s) {
			latest_s = end_s;
			summer = false;
		}
		/* At the same moment: the one summer ends where the next begins. */
		if (begin_s <= time_s && begin_s >= latest_s) {
			latest_s = begin_s;
			summer = true;
		}
	}
	return summer ? rule->summer_offset_s : rule->offset_s;
}

static int64_t rule_next(const struct zone_rule *rule, int64_t time_s)
{
	int64_t next_s = ZONE_NEVER;
	int year;

	if (!rule->summer)
		return ZONE_NEVER;
	year = rule_year(rule, time_s) - 1;
	for (int i = 0; i < YEARS_AROUND; i++)
		for (int begin = 0; begin < 2; begin++) {
			int64_t at_s = turn_time(rule, year + i, begin);

			if (at_s > time_s && at_s < next_s)
				next_s = at_s;
		}
	return next_s;
}

/* ---- the zone -------------------------------------------------------------------- */

/* How many changes have been at that time. */
static size_t changes_until(const struct zone *zone, int64_t time_s)
{
	size_t low = 0, high = zone->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->change_s[middle] <= time_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool rule_holds(const struct zone *zone, size_t changes, int64_t time_s)
{
	return zone->rule.given && changes == zone->count && time_s >= 0 &&
	       time_s <= RULE_LATEST_S;
}

int32_t zone_offset_at(const struct zone *zone, int64_t time_s)
{
	size_t changes = changes_until(zone, time_s);

	if (rule_holds(zone, changes, time_s))
		return rule_offset(&zone->rule, time_s);
	return changes > 0 ? zone->offset_s[changes - 1] : zone->first_offset_s;
}

int64_t zone_next_change(const struct zone *zone, int64_t time_s)
{
	size_t changes = changes_until(zone, time_s);

	if (changes < zone->count)
		return zone->change_s[changes];
	return rule_holds(zone, changes, time_s) ? rule_next(&zone->rule, time_s)
						 : ZONE_NEVER;
}

static void put_digits(struct wipy_text *text, int64_t value, int width)
{
	int64_t least = 1;

	for (int i = 1; i < width; i++)
		least *= 10;
	for (; least > 1 && value < least; least /= 10)
		wipy_text_char(text, '0');
	wipy_text_int(text, value);
}

void zone_format(const struct zone *zone, int64_t time_s, char ret_text[ZONE_TEXT_MAX])
{
	int64_t local_s = time_s + zone_offset_at(zone, time_s);
	int64_t day = zone_day_of_time(local_s);
	int64_t minutes = (local_s - day * ZONE_DAY_S) / 60;
	struct wipy_date date = wipy_date_of(day);
	struct wipy_text text;

	wipy_text_init(&text, ret_text, ZONE_TEXT_MAX);
	put_digits(&text, date.year, 4);
	wipy_text_char(&text, '-');
	put_digits(&text, date.month, 2);
	wipy_text_char(&text, '-');
	put_digits(&text, date.day, 2);
	wipy_text_char(&text, ' ');
	put_digits(&text, minutes / 60, 2);
	wipy_text_char(&text, ':');
	put_digits(&text, minutes % 60, 2);
}
