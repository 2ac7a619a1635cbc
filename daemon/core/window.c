/* SPDX-License-Identifier: MIT
 *
 * Maintenance windows. Time is walked in pieces within which neither the offset of the
 * zone nor what the windows say can change.
 */
#include "daemon/core/window.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "common/utc.h"

#define EVERY_DAY 0x7f
#define LEAP_YEAR 2000 /* has every date that a year can have */

/* ---- texts ----------------------------------------------------------------------- */

static bool digits(const char *text, size_t len, int max, int *ret_value)
{
	uint64_t value;

	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	if (wipy_text_parse_u64(text, len, (uint64_t)max, &value) < 0)
		return false;
	*ret_value = (int)value;
	return true;
}

/* "Mon", in any case. Returns 0 for Sunday to 6, or -1. */
static int day_by_name(const char *text)
{
	static const char names[] = "sunmontuewedthufrisat";

	for (int day = 0; day < 7; day++) {
		bool same = true;

		for (int i = 0; i < 3 && same; i++)
			same = (text[i] | 0x20) == names[day * 3 + i];
		if (same)
			return day;
	}
	return -1;
}

/* "Mon-Fri,Sun"; a range may go over the end of the week. */
static bool parse_days(const char *text, size_t len, uint8_t *ret_days)
{
	const char *end = text + len;
	uint8_t days = 0;

	for (;;) {
		int first = end - text >= 3 ? day_by_name(text) : -1, last = first;

		if (first < 0)
			return false;
		text += 3;
		if (end - text >= 4 && *text == '-') {
			last = day_by_name(text + 1);
			text += 4;
		}
		if (last < 0)
			return false;
		for (int day = first;; day = (day + 1) % 7) {
			days |= (uint8_t)(1u << day);
			if (day == last)
				break;
		}
		if (text == end)
			break;
		if (*text++ != ',')
			return false;
	}
	*ret_days = days;
	return true;
}

/* "01:30" */
static bool parse_clock(const char *text, int *ret_s)
{
	int hours, minutes;

	if (!digits(text, 2, 24, &hours) || text[2] != ':' ||
		!digits(text + 3, 2, hours == 24 ? 0 : 59, &minutes))
		return false;
	*ret_s = hours * 3600 + minutes * 60;
	return true;
}

int window_parse(const char *text, struct window *ret_window)
{
	static const char form[] = "hh:mm-hh:mm";
	struct window window = {.days = EVERY_DAY};
	size_t days = strcspn(text, " ");

	if (text[days] == ' ') {
		if (!parse_days(text, days, &window.days))
			return -EINVAL;
		text += days + strspn(text + days, " ");
	}
	if (strlen(text) != sizeof(form) - 1 || text[5] != '-' ||
		!parse_clock(text, &window.begin_s) ||
		!parse_clock(text + 6, &window.end_s) || window.begin_s == ZONE_DAY_S)
		return -EINVAL;
	if (window.begin_s == window.end_s)
		return -ERANGE;
	if (window.end_s < window.begin_s)
		window.end_s += ZONE_DAY_S;
	*ret_window = window;
	return 0;
}

/* "2026-12-24" or "12-24". */
static bool parse_date(const char *text, size_t len, bool *ret_yearly, int64_t *ret_at)
{
	struct wipy_date date = {.year = LEAP_YEAR}, back;
	bool yearly = len == 5;

	if (!yearly && (len != 10 || !digits(text, 4, 9999, &date.year) ||
			       text[4] != '-' || date.year < 1970))
		return false;
	text += yearly ? 0 : 5;
	if (!digits(text, 2, 12, &date.month) || text[2] != '-' ||
		!digits(text + 3, 2, 31, &date.day) || !date.month || !date.day)
		return false;
	*ret_at = wipy_days_of(date.year, date.month, date.day);
	back = wipy_date_of(*ret_at);
	if (back.day != date.day) /* the 31st of February is no day */
		return false;
	*ret_yearly = yearly;
	if (yearly)
		*ret_at = date.month * 100 + date.day;
	return true;
}

int blackout_parse(const char *text, struct blackout *ret_blackout)
{
	size_t len = strcspn(text, ".");
	struct blackout blackout;
	bool yearly;

	if (!parse_date(text, len, &blackout.yearly, &blackout.first))
		return -EINVAL;
	blackout.last = blackout.first;
	text += len;
	if (*text) {
		if (strncmp(text, "..", 2) != 0 ||
			!parse_date(
				text + 2, strlen(text + 2), &yearly, &blackout.last) ||
			yearly != blackout.yearly)
			return -EINVAL;
		/* A yearly one may go over the end of the year. */
		if (!yearly && blackout.last < blackout.first)
			return -ERANGE;
	}
	*ret_blackout = blackout;
	return 0;
}

/* ---- time ------------------------------------------------------------------------ */

static bool is_blacked_out(const struct windows *windows, int64_t day)
{
	struct wipy_date date = wipy_date_of(day);
	int of_year = date.month * 100 + date.day;

	for (size_t i = 0; i < windows->blackout_count; i++) {
		const struct blackout *b = &windows->blackout[i];
		int64_t at = b->yearly ? of_year : day;

		if (b->first <= b->last ? at >= b->first && at <= b->last
					: at >= b->first || at <= b->last)
			return true;
	}
	return false;
}

static bool is_open(const struct windows *windows, int64_t local_s)
{
	int64_t day = zone_day_of_time(local_s);
	int in_day_s = (int)(local_s - day * ZONE_DAY_S);
	unsigned today = 1u << zone_weekday_of(day);
	unsigned yesterday = 1u << zone_weekday_of(day - 1);

	if (is_blacked_out(windows, day))
		return false;
	for (size_t i = 0; i < windows->count; i++) {
		const struct window *w = &windows->window[i];

		if ((w->days & today) && in_day_s >= w->begin_s && in_day_s < w->end_s)
			return true;
		if ((w->days & yesterday) && in_day_s < w->end_s - ZONE_DAY_S)
			return true;
	}
	return windows->count == 0;
}

static void earlier(int in_day_s, int edge_s, int *next_s)
{
	if (edge_s > in_day_s && edge_s < *next_s)
		*next_s = edge_s;
}

/* How long what the windows say holds at least, while the clocks run on. */
static int64_t piece_s(const struct windows *windows, int64_t local_s)
{
	int in_day_s = (int)(local_s - zone_day_of_time(local_s) * ZONE_DAY_S);
	int next_s = ZONE_DAY_S;

	for (size_t i = 0; i < windows->count; i++) {
		const struct window *w = &windows->window[i];

		earlier(in_day_s, w->begin_s, &next_s);
		earlier(in_day_s, w->end_s, &next_s);
		earlier(in_day_s, w->end_s - ZONE_DAY_S, &next_s);
	}
	return next_s - in_day_s;
}

int64_t windows_next(const struct windows *windows, int64_t now_s, int64_t need_s)
{
	const int64_t search_s = (int64_t)WINDOW_SEARCH_DAYS * ZONE_DAY_S;
	int64_t at_s = now_s, begin_s = WINDOW_NEVER, change_s = now_s;
	int32_t offset_s = 0;

	if (need_s > search_s)
		return WINDOW_NEVER;
	while (at_s - now_s <= search_s || begin_s != WINDOW_NEVER) {
		int64_t next_s;

		if (at_s >= change_s) {
			offset_s = zone_offset_at(windows->zone, at_s);
			change_s = zone_next_change(windows->zone, at_s);
		}
		next_s = at_s + piece_s(windows, at_s + offset_s);
		if (next_s > change_s)
			next_s = change_s;
		if (!is_open(windows, at_s + offset_s))
			begin_s = WINDOW_NEVER;
		else if (begin_s == WINDOW_NEVER)
			begin_s = at_s;
		if (begin_s != WINDOW_NEVER && next_s - begin_s >= need_s)
			return begin_s;
		at_s = next_s;
	}
	return WINDOW_NEVER;
}

int64_t window_need_s(int64_t image_size, int64_t return_ms)
{
	return (image_size + WINDOW_PUSH_RATE - 1) / WINDOW_PUSH_RATE +
	       (return_ms + 999) / 1000;
}
