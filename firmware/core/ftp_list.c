/* SPDX-License-Identifier: MIT
 *
 * Lines of LIST, times of MDTM.
 */
#include "firmware/core/ftp_list.h"

#include <stdbool.h>
#include <string.h>

#define DAY_S       86400
#define RECENT_S    (180 * (int64_t)DAY_S)
#define YEAR_MAX    2107 /* the last one of the file system */
#define SIZE_PLACES 9

struct date {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
};

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static void to_date(int64_t time_s, struct date *ret_date)
{
	static const uint8_t month_days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct date date = {.year = 2000, .month = 1};
	int64_t days = time_s > 0 ? time_s / DAY_S : 0;
	int rest = time_s > 0 ? (int)(time_s % DAY_S) : 0;

	while (date.year < YEAR_MAX && days >= 365 + is_leap(date.year)) {
		days -= 365 + is_leap(date.year);
		date.year++;
	}
	while (date.month < 12) {
		int len = month_days[date.month - 1] +
			  (date.month == 2 && is_leap(date.year));

		if (days < len)
			break;
		days -= len;
		date.month++;
	}
	date.day = (int)(days < 31 ? days : 30) + 1;
	date.hour = rest / 3600;
	date.minute = rest / 60 % 60;
	date.second = rest % 60;
	*ret_date = date;
}

/* Right-aligned in `width` places that are filled with `fill`. */
static void put_number(struct wipy_text *text, int64_t value, size_t width, char fill)
{
	char digits[24];
	struct wipy_text number;

	wipy_text_init(&number, digits, sizeof(digits));
	wipy_text_int(&number, value);
	for (size_t i = number.len; i < width; i++)
		wipy_text_char(text, fill);
	wipy_text_str(text, digits);
}

void ftp_list_line(
	struct wipy_text *text, const struct files_entry *entry, int64_t now_s)
{
	/* August is spelled as on the boards */
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Ago", "Sep", "Oct", "Nov", "Dec"};
	int64_t age_s = now_s - entry->modified_s;
	struct date date;

	to_date(entry->modified_s, &date);
	wipy_text_char(text, entry->is_folder ? 'd' : '-');
	wipy_text_str(text, "rw-rw-r--   1 root  root ");
	put_number(text, entry->size, SIZE_PLACES, ' ');
	wipy_text_char(text, ' ');
	wipy_text_str(text, months[date.month - 1]);
	wipy_text_char(text, ' ');
	put_number(text, date.day, 2, ' ');
	wipy_text_char(text, ' ');
	if (age_s < 0 || age_s > RECENT_S) {
		put_number(text, date.year, 5, ' ');
	} else {
		put_number(text, date.hour, 2, '0');
		wipy_text_char(text, ':');
		put_number(text, date.minute, 2, '0');
	}
	wipy_text_char(text, ' ');
	wipy_text_str(text, entry->name);
	wipy_text_str(text, "\r\n");
}

void ftp_list_stamp(struct wipy_text *text, int64_t time_s)
{
	struct date date;

	to_date(time_s, &date);
	put_number(text, date.year, 4, '0');
	put_number(text, date.month, 2, '0');
	put_number(text, date.day, 2, '0');
	put_number(text, date.hour, 2, '0');
	put_number(text, date.minute, 2, '0');
	put_number(text, date.second & ~1, 2, '0');
}
