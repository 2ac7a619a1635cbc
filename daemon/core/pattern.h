/* SPDX-License-Identifier: MIT
 *
 * The values of selectors: a text in which `*` stands for any text and one `[01:12]` for
 * the numbers of a range, written as the inventory writes them. Pure.
 */
#ifndef WIPY_CORE_PATTERN_H
#define WIPY_CORE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

/* Returns 0, or -EINVAL and a sentence without a subject ("the range runs backwards"). */
int pattern_check(const char *text, size_t len, const char **ret_fault) WARN_UNUSED;

/* Whether the pattern, which has been checked, stands for the value. */
bool pattern_match(const char *text, size_t len, const char *value);

#endif
