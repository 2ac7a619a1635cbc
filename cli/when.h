/* SPDX-License-Identifier: MIT
 *
 * Times and spans of time between people, the API and numbers. The clock is read by the
 * callers only.
 */
#ifndef WIPY_CLI_WHEN_H
#define WIPY_CLI_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "common/utc.h"

#define WHEN_TEXT_MAX 32

/* "2026-11-20 12:00:00" in local time, "2026-11-20 11:00:00Z" in UTC. */
void when_format(int64_t s, bool utc, char ret_text[WHEN_TEXT_MAX]);
/* The same without the day: for lines that follow one another. */
void when_format_clock(int64_t s, bool utc, char ret_text[WHEN_TEXT_MAX]);

/* The sentence with each time of the API in it as when_format() has it: one that stands
 * behind a blank or a bracket, so none within an expression. To be freed; NULL without
 * memory. */
char *when_in_text(const char *text, bool utc);

/* "12 s", "5 min", "3 h", "4 d": the largest unit of which there are two or more. */
void when_format_span(int64_t span_s, char ret_text[WHEN_TEXT_MAX]);

/* "0", "30s", "5m", "2h", "1d". Returns 0, or -EINVAL for anything else and for more
 * than 365 days. */
int when_parse_span(const char *text, int64_t *ret_span_s) WARN_UNUSED;

/* A time of the API, or a span before now: "2h" is two hours ago. Gives a time of the
 * API. Returns 0, or -EINVAL or -ERANGE for anything else. */
int when_parse_past(
	const char *text, int64_t now_s, char ret_time[WIPY_UTC_MAX]) WARN_UNUSED;

#endif
