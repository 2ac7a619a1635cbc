/* SPDX-License-Identifier: MIT
 *
 * Times as text, as they stand in the API: `2026-11-20T11:00:00Z`, always UTC.
 */
#ifndef WIPY_COMMON_UTC_H
#define WIPY_COMMON_UTC_H

#include <stdint.h>

#include "common/err.h"

#define WIPY_UTC_MAX 21 /* with NUL */

/* The calendar of all ages, without leap seconds: days since 1970-01-01. */
struct wipy_date {
	int year, month, day; /* from 1 */
};
/* A day beyond its month's last counts on into the next one. */
int64_t wipy_days_of(int year, int month, int day);
struct wipy_date wipy_date_of(int64_t days); /* from 0000-03-01 on */

/* That form and nothing else, years 1970 to 9999. Returns 0 and seconds since 1970, or
 * -EINVAL. */
int wipy_utc_parse(const char *text, int64_t *ret_s) WARN_UNUSED;

/* Returns 0, or -ERANGE for a time outside those years. */
int wipy_utc_format(int64_t s, char ret_text[WIPY_UTC_MAX]) WARN_UNUSED;

#endif
