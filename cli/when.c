/* SPDX-License-Identifier: MIT
 *
 * Times in and out. sscanf() and strptime() are not used for reading: they let signs,
 * blanks and short fields pass.
 */
#include "config.h"

#include "cli/when.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/text.h"

#define DAY_S      (24 * 3600)
#define SPAN_MAX_S (365LL * DAY_S)

static bool field(const char *text, size_t at, size_t len, int *ret_value)
{
	uint64_t value;

	if (wipy_text_parse_u64(text + at, len, 9999, &value) < 0)
		return false;
	*ret_value = (int)value;
	return true;
}

int when_parse(const char *text, int64_t *ret_s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	struct tm tm = {0}, back;
	time_t s;

	if (strlen(text) != sizeof(form) - 1)
		return -EINVAL;
	for (size_t i = 0; form[i] != '\0'; i++)
		if (form[i] != 'd' && form[i] != text[i])
			return -EINVAL;
	if (!field(text, 0, 4, &tm.tm_year) || !field(text, 5, 2, &tm.tm_mon) ||
		!field(text, 8, 2, &tm.tm_mday) || !field(text, 11, 2, &tm.tm_hour) ||
		!field(text, 14, 2, &tm.tm_min) || !field(text, 17, 2, &tm.tm_sec))
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	back = tm;
	s = timegm(&back);
	/* timegm() turns the 31st of February into March: such a day is no day. */
	if (back.tm_mon != tm.tm_mon || back.tm_mday != tm.tm_mday ||
		back.tm_hour != tm.tm_hour || back.tm_min != tm.tm_min)
		return -EINVAL;
	*ret_s = s;
	return 0;
}

static void format(
	int64_t s, bool utc, const char *pattern, char ret_text[WHEN_TEXT_MAX])
{
	time_t time = (time_t)s;
	struct tm tm;
	size_t len;

	if ((utc ? gmtime_r(&time, &tm) : localtime_r(&time, &tm)) == NULL) {
		snprintf(ret_text, WHEN_TEXT_MAX, "?");
		return;
	}
	/* The pattern is one of the two below. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	len = strftime(ret_text, WHEN_TEXT_MAX - 1, pattern, &tm);
#pragma GCC diagnostic pop
	ret_text[len] = utc ? 'Z' : '\0';
	ret_text[len + 1] = '\0';
}

void when_format(int64_t s, bool utc, char ret_text[WHEN_TEXT_MAX])
{
	format(s, utc, "%Y-%m-%d %H:%M:%S", ret_text);
}

void when_format_clock(int64_t s, bool utc, char ret_text[WHEN_TEXT_MAX])
{
	format(s, utc, "%H:%M:%S", ret_text);
}

void when_format_span(int64_t span_s, char ret_text[WHEN_TEXT_MAX])
{
	static const struct {
		int64_t unit_s;
		const char *name;
	} units[] = {{DAY_S, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	size_t i = 0;

	/* Two clocks that disagree by a second must not print a negative age. */
	if (span_s < 0)
		span_s = 0;
	while (units[i].unit_s > 1 && span_s < 2 * units[i].unit_s)
		i++;
	snprintf(ret_text, WHEN_TEXT_MAX, "%lld %s",
		(long long)(span_s / units[i].unit_s), units[i].name);
}

int when_parse_span(const char *text, int64_t *ret_span_s)
{
	size_t len = strlen(text);
	uint64_t count, unit_s;

	if (strcmp(text, "0") == 0) {
		*ret_span_s = 0;
		return 0;
	}
	if (len < 2)
		return -EINVAL;
	switch (text[len - 1]) {
	case 's':
		unit_s = 1;
		break;
	case 'm':
		unit_s = 60;
		break;
	case 'h':
		unit_s = 3600;
		break;
	case 'd':
		unit_s = DAY_S;
		break;
	default:
		return -EINVAL;
	}
	if (wipy_text_parse_u64(text, len - 1, SPAN_MAX_S / unit_s, &count) < 0)
		return -EINVAL;
	*ret_span_s = (int64_t)(count * unit_s);
	return 0;
}
