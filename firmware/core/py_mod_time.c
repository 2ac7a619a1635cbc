/* SPDX-License-Identifier: MIT
 *
 * time: sleeping, ticks, the calendar. Ticks wrap at 30 bits, which small integers hold.
 */
#include "firmware/core/board.h"
#include "firmware/core/py_native.h"

#define DAY_S      86400
#define FIRST_YEAR 2000
#define LAST_YEAR  2067

enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, WEEKDAY, YEARDAY, DATE_FIELDS };

/* ---- the calendar --------------------------------------------------------------- */

static bool is_leap(int32_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int32_t month_days(int32_t year, int32_t month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* `time_s` is 0 or more; 2000-01-01 was a Saturday, weekdays begin with Monday. */
static void to_date(int32_t time_s, int32_t date[DATE_FIELDS])
{
	int32_t days = time_s / DAY_S, rest = time_s % DAY_S;
	int32_t year = FIRST_YEAR, month = 1;

	date[WEEKDAY] = (days + 5) % 7;
	for (; days >= 365 + is_leap(year); year++)
		days -= 365 + is_leap(year);
	date[YEARDAY] = days + 1;
	for (; days >= month_days(year, month); month++)
		days -= month_days(year, month);
	date[YEAR] = year;
	date[MONTH] = month;
	date[DAY] = days + 1;
	date[HOUR] = rest / 3600;
	date[MINUTE] = rest / 60 % 60;
	date[SECOND] = rest % 60;
}

/* Fields may lie outside their ranges, but for the year. */
static int64_t to_seconds(const int32_t date[DATE_FIELDS])
{
	int32_t month = date[MONTH] > 0 ? date[MONTH] - 1 : 0;
	int32_t year = date[YEAR] + month / 12;
	int64_t days = (int64_t)date[DAY] - 1;

	year = year < FIRST_YEAR ? FIRST_YEAR : year > LAST_YEAR ? LAST_YEAR : year;
	for (int32_t y = FIRST_YEAR; y < year; y++)
		days += 365 + is_leap(y);
	for (int32_t m = 1; m <= month % 12; m++)
		days += month_days(year, m);
	return days * DAY_S + (int64_t)date[HOUR] * 3600 + (int64_t)date[MINUTE] * 60 +
	       date[SECOND];
}

static int time_localtime(PY_NATIVE_ARGS)
{
	int32_t date[DATE_FIELDS], time_s;
	struct py_tuple *tuple;
	int r = 0;

	time_s = (int32_t)hal_rtc_s(board->hal);
	if (call->count > 0 && !py_is_none(call->args[0]))
		r = py_get_int(board, call->args[0], &time_s);
	if (r < 0)
		return r;
	tuple = py_new_tuple(board, DATE_FIELDS);
	if (!tuple)
		return -ENOMEM;
	to_date(time_s < 0 ? 0 : time_s, date);
	for (int i = 0; i < DATE_FIELDS; i++)
		tuple->at[i] = PY_INT(date[i]);
	*ret_value = py_reference(board, tuple);
	return 0;
}

static int time_mktime(PY_NATIVE_ARGS)
{
	int32_t date[DATE_FIELDS];
	size_t count;
	const struct py_value *items = py_elements(board, call->args[0], &count);

	if (count < 8 || count > 9)
		return py_raise(board, PY_TYPE_ERROR, PY_TEXT_NUM_TYPE);
	for (int i = 0; i < DATE_FIELDS; i++) {
		int r = py_get_int(board, items[i], &date[i]);

		if (r < 0)
			return r;
	}
	return py_int(board, to_seconds(date), ret_value);
}

static int time_time(PY_NATIVE_ARGS)
{
	(void)call;
	return py_int(board, hal_rtc_s(board->hal), ret_value);
}

/* ---- sleeping and ticks ------------------------------------------------------------- */

static int sleep_units(
	struct wipy_board *board, const struct py_call *call, int32_t per_s)
{
	int32_t units;
	int r = py_get_int(board, call->args[0], &units);

	if (r == 0 && units > 0)
		py_sleep(board, ((int64_t)units * 1000 + per_s - 1) / per_s);
	return r;
}

static int time_sleep(PY_NATIVE_ARGS)
{
	(void)ret_value;
	return sleep_units(board, call, 1);
}

static int time_sleep_ms(PY_NATIVE_ARGS)
{
	(void)ret_value;
	return sleep_units(board, call, 1000);
}

static int time_sleep_us(PY_NATIVE_ARGS)
{
	(void)ret_value;
	return sleep_units(board, call, 1000000);
}

static int time_ticks_ms(PY_NATIVE_ARGS)
{
	(void)call;
	*ret_value = PY_INT((int32_t)(board->py.now_ms & PY_INT_MAX));
	return 0;
}

static int time_ticks_us(PY_NATIVE_ARGS)
{
	(void)call;
	*ret_value = PY_INT((int32_t)(board->py.now_ms * 1000 & PY_INT_MAX));
	return 0;
}

/* How far apart, in whatever order, as on boards with v1.8.7. */
static int time_ticks_diff(PY_NATIVE_ARGS)
{
	int32_t a, b;
	int r = py_get_int(board, call->args[0], &a);

	if (r == 0)
		r = py_get_int(board, call->args[1], &b);
	return r < 0 ? r
		     : py_int(board, a > b ? (int64_t)a - b : (int64_t)b - a,
			       ret_value);
}

static const struct py_row rows[] = {
	PY_ROW_STR("__name__", "utime"),
	PY_ROW_FN("localtime", time_localtime, 0, 1),
	PY_ROW_FN("mktime", time_mktime, 1, 1),
	PY_ROW_FN("time", time_time, 0, 0),
	PY_ROW_FN("sleep", time_sleep, 1, 1),
	PY_ROW_FN("sleep_ms", time_sleep_ms, 1, 1),
	PY_ROW_FN("sleep_us", time_sleep_us, 1, 1),
	PY_ROW_FN("ticks_ms", time_ticks_ms, 0, 0),
	PY_ROW_FN("ticks_us", time_ticks_us, 0, 0),
	PY_ROW_FN("ticks_cpu", time_ticks_us, 0, 0),
	PY_ROW_FN("ticks_diff", time_ticks_diff, 2, 2),
	PY_ROW_END,
};

const struct py_module py_module_time = {"time", rows};
