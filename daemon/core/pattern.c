/* SPDX-License-Identifier: MIT
 *
 * Patterns.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "common/text.h"
#include "daemon/core/pattern.h"

#define DIGITS_MAX 9
#define NUMBER_MAX 999999999u

/* What stands between the brackets, and the texts around them. */
struct range {
	size_t before_len;
	const char *behind;
	size_t behind_len;
	size_t width; /* digits with leading zeros; 0: without */
	uint64_t first, last;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool has_leading_zero(const char *digits, size_t len)
{
	return len > 1 && *digits == '0';
}

static int range_ends(const char *from, size_t from_len, const char *to, size_t to_len,
	struct range *range, const char **ret_fault)
{
	bool padded = has_leading_zero(from, from_len) || has_leading_zero(to, to_len);

	*ret_fault = "a range is two numbers of at most nine digits, such as [1:40]";
	if (from_len > DIGITS_MAX || to_len > DIGITS_MAX ||
		wipy_text_parse_u64(from, from_len, NUMBER_MAX, &range->first) < 0 ||
		wipy_text_parse_u64(to, to_len, NUMBER_MAX, &range->last) < 0)
		return -EINVAL;
	*ret_fault = "the range runs backwards";
	if (range->last < range->first)
		return -EINVAL;
	*ret_fault = "with leading zeros both ends of a range need the same number of "
		     "digits, such as [001:100]";
	if (padded && from_len != to_len)
		return -EINVAL;
	range->width = padded ? from_len : 0;
	return 0;
}

static int range_read(const char *text, size_t len, const char *open,
	struct range *range, const char **ret_fault)
{
	const char *end = text + len;
	const char *close = memchr(open, ']', (size_t)(end - open)), *colon;

	*ret_fault = "a bracket without its partner, a range looks like [1:40]; a text "
		     "with brackets needs quotes";
	if (!close)
		return -EINVAL;
	colon = memchr(open, ':', (size_t)(close - open));
	range->before_len = (size_t)(open - text);
	range->behind = close + 1;
	range->behind_len = (size_t)(end - close) - 1;
	if (memchr(text, ']', range->before_len))
		return -EINVAL;
	*ret_fault = "only one range is allowed";
	if (memchr(range->behind, '[', range->behind_len) ||
		memchr(range->behind, ']', range->behind_len))
		return -EINVAL;
	*ret_fault = "a range looks like [1:40], with a colon";
	if (!colon)
		return -EINVAL;
	return range_ends(open + 1, (size_t)(colon - open) - 1, colon + 1,
		(size_t)(close - colon) - 1, range, ret_fault);
}

int pattern_check(const char *text, size_t len, const char **ret_fault)
{
	const char *open = memchr(text, '[', len);
	struct range range;

	if (open)
		return range_read(text, len, open, &range, ret_fault);
	if (!memchr(text, ']', len))
		return 0;
	*ret_fault = "a bracket without its partner, a range looks like [1:40]; a text "
		     "with brackets needs quotes";
	return -EINVAL;
}

/* Iterative: linear memory, at most len * value_len steps. */
static bool glob(const char *text, size_t len, const char *value, size_t value_len)
{
	const char *end = text + len, *value_end = value + value_len;
	const char *star = NULL, *retry = NULL;

	while (value < value_end) {
		if (text < end && *text == '*') {
			star = ++text;
			retry = value;
		} else if (text < end && *text == *value) {
			text++;
			value++;
		} else if (star) {
			text = star;
			value = ++retry;
		} else {
			return false;
		}
	}
	while (text < end && *text == '*')
		text++;
	return text == end;
}

/* The number may end before the digits do: another one may stand right behind it. */
static bool match_behind(const struct range *range, const char *number)
{
	uint64_t value = 0;

	for (size_t len = 1; len <= DIGITS_MAX && is_digit(number[len - 1]); len++) {
		const char *rest = number + len;

		value = value * 10 + (uint64_t)(number[len - 1] - '0');
		if (range->width ? len != range->width : has_leading_zero(number, len))
			continue;
		if (value >= range->first && value <= range->last &&
			glob(range->behind, range->behind_len, rest, strlen(rest)))
			return true;
	}
	return false;
}

bool pattern_match(const char *text, size_t len, const char *value)
{
	const char *open = memchr(text, '[', len), *ignored;
	struct range range;

	if (!open)
		return glob(text, len, value, strlen(value));
	if (range_read(text, len, open, &range, &ignored) < 0)
		return false;
	for (size_t at = 0; value[at]; at++)
		if (is_digit(value[at]) && glob(text, range.before_len, value, at) &&
			match_behind(&range, value + at))
			return true;
	return false;
}
