/* SPDX-License-Identifier: MIT
 *
 * Selectors: which boards are meant. Comma-separated terms `key=value` and `key!=value`
 * that must all hold; `*` in a value matches any text. "" is the whole fleet.
 */
#ifndef WIPY_CORE_SELECTOR_H
#define WIPY_CORE_SELECTOR_H

#include <stdbool.h>

#include "common/err.h"

#define SELECTOR_MAX   256 /* characters with NUL */
#define SELECTOR_TERMS 16

struct selector {
	int count;
	struct {
		bool negated;
		const char *key, *value; /* into text */
	} term[SELECTOR_TERMS];
	char text[SELECTOR_MAX];
};

/* Returns 0, or -EINVAL with a sentence that names the term. The struct refers to itself:
 * it must not be moved afterwards, and holds nothing after a failure. */
int selector_parse(const char *text, struct selector *ret_selector,
	struct errtext *ret_error) WARN_UNUSED;

/* The value of a board's key (name, site, family, type, reach, version or a label), or
 * NULL if it has none; lives until the next call. */
typedef const char *(*selector_value_fn)(void *arg, const char *key);

/* A key that the board does not have fails `=` and holds for `!=`. */
bool selector_match(
	const struct selector *selector, selector_value_fn value, void *arg);

#endif
