/* SPDX-License-Identifier: MIT
 *
 * A time zone as data: the changes of its offset that are written down, and the rule that
 * holds after the last of them. Pure: what the clocks of a place show at a moment.
 */
#ifndef WIPY_CORE_ZONE_H
#define WIPY_CORE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZONE_CHANGES_MAX 512
#define ZONE_DAY_S       86400
#define ZONE_NEVER       INT64_MAX

/* The day of each year on which a rule changes the clocks. */
enum zone_turn_kind {
	ZONE_TURN_WEEKDAY, /* the week-th such weekday of the month; 5: the last */
	ZONE_TURN_JULIAN,  /* day 1 to 365, 29 February is never counted */
	ZONE_TURN_DAY,     /* day 0 to 365 */
};
struct zone_turn {
	enum zone_turn_kind kind;
	int month, week, weekday; /* weekday 0: Sunday */
	int day;
	int32_t time_s; /* of the clocks before the change; may leave the day */
};
struct zone_rule {
	bool given;
	bool summer; /* two offsets a year: the other fields hold */
	int32_t offset_s;
	int32_t summer_offset_s;
	struct zone_turn begin, end; /* of summer time */
};

/* Offsets are seconds east of UTC. Times ascend. */
struct zone {
	int32_t first_offset_s; /* before the first change */
	size_t count;
	int64_t change_s[ZONE_CHANGES_MAX];
	int32_t offset_s[ZONE_CHANGES_MAX]; /* from that change on */
	struct zone_rule rule;              /* after the last change */
};

int32_t zone_offset_at(const struct zone *zone, int64_t time_s);
/* The next moment after time_s at which the offset may change, or ZONE_NEVER. */
int64_t zone_next_change(const struct zone *zone, int64_t time_s);

/* "2026-11-22 01:00", as the clocks there show it. */
#define ZONE_TEXT_MAX 24
void zone_format(const struct zone *zone, int64_t time_s, char ret_text[ZONE_TEXT_MAX]);

/* Of a day since 1970-01-01 (common/utc.h). */
int zone_weekday_of(int64_t days); /* 0: Sunday */
/* Whole days before that second, for negative times too. */
int64_t zone_day_of_time(int64_t local_s);

#endif
