/* SPDX-License-Identifier: MIT
 *
 * The calendar by arithmetic: gmtime() and its kin are not to be had on every machine
 * that this archive is built for. Years are counted from March, so that the day that
 * some of them have more is their last.
 */
#include "common/utc.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"

#define DAY_S        86400
#define DAYS_OF_400  146097       /* years */
#define DAYS_TO_1970 719468       /* from 1 March of the year 0 */
#define LAST_S       253402300799 /* 9999-12-31T23:59:59Z */

int64_t wipy_days_of(int year, int month, int day)
{
	int from_march = (month + 9) % 12;

	if (month <= 2)
		year--;
	return (int64_t)365 * year + year / 4 - year / 100 + year / 400 +
	       (153 * from_march + 2) / 5 + day - 1 - DAYS_TO_1970;
}

struct wipy_date wipy_date_of(int64_t days)
{
	int64_t all = days + DAYS_TO_1970, era = all / DAYS_OF_400;
	int in_era = (int)(all % DAYS_OF_400);
	int year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int in_year = in_era - (365 * year + year / 4 - year / 100);
	int month = (5 * in_year + 2) / 153;
	struct wipy_date date = {.year = (int)(era * 400) + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = in_year - (153 * month + 2) / 5 + 1};

	return date;
}

static bool field(const char *text, size_t len, int min, int max, int *ret_value)
{
	uint64_t value;

	if (wipy_text_parse_u64(text, len, (uint64_t)max, &value) < 0)
		return false;
	*ret_value = (int)value;
	return *ret_value >= min;
}

int wipy_utc_parse(const char *text, int64_t *ret_s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	int hour, minute, second;
	struct wipy_date date, back;
	int64_t days;

	if (strlen(text) != sizeof(form) - 1)
		return -EINVAL;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] != 'd' && form[i] != text[i])
			return -EINVAL;
	if (!field(text, 4, 1970, 9999, &date.year) ||
		!field(text + 5, 2, 1, 12, &date.month) ||
		!field(text + 8, 2, 1, 31, &date.day) ||
		!field(text + 11, 2, 0, 23, &hour) ||
		!field(text + 14, 2, 0, 59, &minute) ||
		!field(text + 17, 2, 0, 59, &second))
		return -EINVAL;
	days = wipy_days_of(date.year, date.month, date.day);
	back = wipy_date_of(days);
	if (back.day != date.day) /* the 31st of February is no day */
		return -EINVAL;
	*ret_s = days * DAY_S + hour * 3600 + minute * 60 + second;
	return 0;
}

static void digits(char *at, int len, int value)
{
	while (len-- > 0) {
		at[len] = (char)('0' + value % 10);
		value /= 10;
	}
}

int wipy_utc_format(int64_t s, char ret_text[WIPY_UTC_MAX])
{
	struct wipy_date date;
	int rest;

	if (s < 0 || s > LAST_S)
		return -ERANGE;
	date = wipy_date_of(s / DAY_S);
	rest = (int)(s % DAY_S);
	memcpy(ret_text, "0000-00-00T00:00:00Z", WIPY_UTC_MAX);
	digits(ret_text, 4, date.year);
	digits(ret_text + 5, 2, date.month);
	digits(ret_text + 8, 2, date.day);
	digits(ret_text + 11, 2, rest / 3600);
	digits(ret_text + 14, 2, rest / 60 % 60);
	digits(ret_text + 17, 2, rest % 60);
	return 0;
}
