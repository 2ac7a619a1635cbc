/* SPDX-License-Identifier: MIT
 *
 * Times and spans of time, in and out.
 */
#include "config.h"

#include "cli/when.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/text.h"

#define DAY_S      (24 * 3600)
#define SPAN_MAX_S (365LL * DAY_S)

int when_parse_past(const char *text, int64_t now_s, char ret_time[WIPY_UTC_MAX])
{
	int64_t s, span_s;

	if (wipy_utc_parse(text, &s) == 0)
		return wipy_utc_format(s, ret_time);
	if (when_parse_span(text, &span_s) < 0)
		return -EINVAL;
	return wipy_utc_format(now_s - span_s, ret_time);
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

/* The time of the API that stands there as a word of a sentence. */
static bool time_at(const char *begin, const char *at, int64_t *ret_s)
{
	char word[WIPY_UTC_MAX];

	if (at > begin && strchr(" (", at[-1]) == NULL)
		return false;
	if (*at < '0' || *at > '9')
		return false;
	snprintf(word, sizeof(word), "%s", at);
	return wipy_utc_parse(word, ret_s) == 0;
}

char *when_in_text(const char *text, bool utc)
{
	/* What takes the place of a time is not longer than it was. */
	char *shown = malloc(strlen(text) + 1), *put = shown;
	const char *at = text;

	while (shown != NULL && *at != '\0') {
		char time[WHEN_TEXT_MAX];
		int64_t s;

		if (!time_at(text, at, &s)) {
			*put++ = *at++;
			continue;
		}
		when_format(s, utc, time);
		memcpy(put, time, strlen(time));
		put += strlen(time);
		at += WIPY_UTC_MAX - 1;
	}
	if (shown != NULL)
		*put = '\0';
	return shown;
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
