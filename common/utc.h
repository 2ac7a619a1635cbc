/* SPDX-License-Identifier: MIT
 *
 * Times as text, as they stand in the API: `2026-11-20T11:00:00Z`, always UTC.
 */
#ifndef WIPY_COMMON_UTC_H
#define WIPY_COMMON_UTC_H

#include <stdint.h>

#include "common/err.h"

#define WIPY_UTC_MAX 21 /* with NUL */

/* That form and nothing else, years 1970 to 9999. Returns 0 and seconds since 1970, or
 * -EINVAL. */
int wipy_utc_parse(const char *text, int64_t *ret_s) WARN_UNUSED;

/* Returns 0, or -ERANGE for a time outside those years. */
int wipy_utc_format(int64_t s, char ret_text[WIPY_UTC_MAX]) WARN_UNUSED;

#endif
