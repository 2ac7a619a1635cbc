/* SPDX-License-Identifier: MIT
 *
 * Selectors.
 */
#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "daemon/core/selector.h"

static int fail(
	struct errtext *ret_error, const char *what, const char *term, size_t len)
{
	struct wipy_text text;

	wipy_text_init(&text, ret_error->text, sizeof(ret_error->text));
	wipy_text_str(&text, "selector: ");
	wipy_text_str(&text, what);
	wipy_text_str(&text, ", found '");
	wipy_text_bytes(&text, term, len);
	wipy_text_str(&text, "'; write for example site=berlin,room!=b12");
	return -EINVAL;
}

/* Cuts one term at its '=' or '!='; `typed` is the same term, which stays whole. */
static int parse_term(struct selector *selector, char *term, const char *typed,
	struct errtext *ret_error)
{
	size_t len = strlen(term);
	char *equals = strchr(term, '=');
	bool negated;

	if (!equals || equals == term || (equals == term + 1 && *term == '!'))
		return fail(ret_error, "expected key=value", typed, len);
	if (selector->count == SELECTOR_TERMS)
		return fail(ret_error, "at most 16 terms", typed, len);
	negated = equals[-1] == '!';
	equals[negated ? -1 : 0] = '\0';
	selector->term[selector->count].negated = negated;
	selector->term[selector->count].key = term;
	selector->term[selector->count].value = equals + 1;
	selector->count++;
	return 0;
}

int selector_parse(
	const char *text, struct selector *ret_selector, struct errtext *ret_error)
{
	char *term = ret_selector->text;

	ret_selector->count = 0;
	if (strlen(text) >= SELECTOR_MAX)
		return fail(ret_error, "at most 255 characters", "a longer one",
			strlen("a longer one"));
	memcpy(ret_selector->text, text, strlen(text) + 1);
	while (*term) {
		size_t len = strcspn(term, ",");
		bool last = term[len] == '\0';
		int rc;

		term[len] = '\0';
		/* An empty term shows nothing: only the whole text tells where it is. */
		if (len == 0)
			return fail(ret_error, "expected key=value between commas",
				text, strlen(text));
		rc = parse_term(ret_selector, term, text + (term - ret_selector->text),
			ret_error);
		if (rc < 0)
			return rc;
		if (last)
			break;
		term += len + 1;
		if (!*term)
			return fail(ret_error, "a term is missing after the last comma",
				text, strlen(text));
	}
	return 0;
}

/* Iterative glob with `*` only: linear memory, at most len * len steps. */
static bool matches(const char *pattern, const char *value)
{
	const char *star = NULL, *retry = NULL;

	while (*value) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = value;
		} else if (*pattern == *value) {
			pattern++;
			value++;
		} else if (star) {
			pattern = star;
			value = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool selector_match(const struct selector *selector, selector_value_fn value, void *arg)
{
	for (int i = 0; i < selector->count; i++) {
		const char *have = value(arg, selector->term[i].key);
		bool holds = have && matches(selector->term[i].value, have);

		if (holds == selector->term[i].negated)
			return false;
	}
	return true;
}
