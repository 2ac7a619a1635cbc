/* SPDX-License-Identifier: MIT
 *
 * Times of the API, spans of time typed by people, and back.
 */
#include "config.h"

#include "cli/when.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "tests/tap.h"

static void test_past(void)
{
	char text[WIPY_UTC_MAX];

	EQ_INT(when_parse_past("2026-11-20T11:00:00Z", 5, text), 0, "a time");
	EQ_STR(text, "2026-11-20T11:00:00Z", "a time stays as it is");
	EQ_INT(when_parse_past("2h", 1795172400, text), 0, "a span");
	EQ_STR(text, "2026-11-20T09:00:00Z", "two hours ago");
	EQ_INT(when_parse_past("2h", 5, text), -ERANGE, "before the clock began");
	EQ_INT(when_parse_past("yesterday", 1795172400, text), -EINVAL, "a word");
	EQ_INT(when_parse_past("", 1795172400, text), -EINVAL, "nothing");
}

static void test_format(void)
{
	char text[WHEN_TEXT_MAX];

	when_format(1795172400, true, text);
	EQ_STR(text, "2026-11-20 11:00:00Z", "UTC");
	when_format_clock(1795172400, true, text);
	EQ_STR(text, "11:00:00Z", "UTC, clock");
	setenv("TZ", "UTC-2", 1);
	tzset();
	when_format(1795172400, false, text);
	EQ_STR(text, "2026-11-20 13:00:00", "two hours east");
	when_format_clock(1795172400, false, text);
	EQ_STR(text, "13:00:00", "two hours east, clock");
	when_format(INT64_MAX, true, text);
	EQ_STR(text, "?", "a year beyond reckoning");
}

static const struct {
	int64_t span_s;
	const char *text;
} spans[] = {
	{-5, "0 s"},
	{0, "0 s"},
	{119, "119 s"},
	{120, "2 min"},
	{7199, "119 min"},
	{7200, "2 h"},
	{172799, "47 h"},
	{172800, "2 d"},
	{86400 * 400, "400 d"},
};

static const struct {
	const char *text;
	int64_t span_s; /* -1: wrong */
} typed[] = {
	{"0", 0},
	{"0s", 0},
	{"30s", 30},
	{"5m", 300},
	{"2h", 7200},
	{"1d", 86400},
	{"365d", 86400 * 365},
	{"366d", -1},
	{"99999999999999999999s", -1},
	{"30", -1},
	{"s", -1},
	{"", -1},
	{"-5m", -1},
	{"+5m", -1},
	{"5 m", -1},
	{"1.5h", -1},
	{"5M", -1},
	{"5mm", -1},
};

static void test_spans(void)
{
	char text[WHEN_TEXT_MAX];

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		when_format_span(spans[i].span_s, text);
		EQ_STR(text, spans[i].text, spans[i].text);
	}
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		int64_t span_s = -7;

		EQ_INT(when_parse_span(typed[i].text, &span_s),
			typed[i].span_s < 0 ? -EINVAL : 0, typed[i].text);
		EQ_INT(span_s, typed[i].span_s < 0 ? -7 : typed[i].span_s,
			typed[i].text);
	}
}

static const struct {
	const char *text, *utc, *local;
} sentences[] = {
	{"", "", ""},
	{"It waits.", "It waits.", "It waits."},
	{"2026-11-20T11:00:00Z", "2026-11-20 11:00:00Z", "2026-11-20 13:00:00"},
	{"since 2026-11-20T23:00:00Z, not 2026-11-20T11:00:00Z. Next",
		"since 2026-11-20 23:00:00Z, not 2026-11-20 11:00:00Z. Next",
		"since 2026-11-21 01:00:00, not 2026-11-20 13:00:00. Next"},
	{"at 13:00 Berlin (2026-11-20T11:00:00Z)",
		"at 13:00 Berlin (2026-11-20 11:00:00Z)",
		"at 13:00 Berlin (2026-11-20 13:00:00)"},
	{"seen<2026-11-20T11:00:00Z", "seen<2026-11-20T11:00:00Z",
		"seen<2026-11-20T11:00:00Z"},
	{"of 2026-02-31T11:00:00Z", "of 2026-02-31T11:00:00Z",
		"of 2026-02-31T11:00:00Z"},
	{"at 2026-11-20T11:00", "at 2026-11-20T11:00", "at 2026-11-20T11:00"},
};

static void test_sentences(void)
{
	setenv("TZ", "UTC-2", 1);
	tzset();
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		char *utc = when_in_text(sentences[i].text, true);
		char *local = when_in_text(sentences[i].text, false);

		EQ_STR(utc, sentences[i].utc, sentences[i].text);
		EQ_STR(local, sentences[i].local, sentences[i].text);
		free(utc);
		free(local);
	}
}

int main(void)
{
	test_past();
	test_sentences();
	test_format();
	test_spans();
	return tap_done();
}
