/* SPDX-License-Identifier: MIT
 *
 * Ranges, names, credentials and addresses of an inventory: see the header.
 */
#include "config.h"

#include "daemon/edge/inventory_range.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "daemon/core/model.h"

#define DIGITS_MAX 9
#define NUMBER_MAX 999999999u
#define LABEL_MAX  63 /* between the dots of a host name */

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

/* ---- ranges ---------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static int bad(
	struct errtext *ret_error, const char *text, const char *format, ...)
{
	char *at = ret_error->text;
	size_t cap = sizeof(ret_error->text), len;
	va_list args;

	len = (size_t)snprintf(at, cap, "'%.80s': ", text);
	va_start(args, format);
	vsnprintf(at + len, cap - len, format, args);
	va_end(args);
	return -EINVAL;
}

static bool zero_padded(const char *digits, size_t len)
{
	return len > 1 && digits[0] == '0';
}

/* What stands between the brackets: [from, from + from_len) ':' [to, to + to_len). */
static int parse_ends(struct inventory_range *range, uint32_t limit, const char *from,
	size_t from_len, const char *to, size_t to_len, struct errtext *ret_error)
{
	const char *text = range->text;
	uint64_t first, last;

	if (from_len > DIGITS_MAX || to_len > DIGITS_MAX ||
		wipy_text_parse_u64(from, from_len, NUMBER_MAX, &first) < 0 ||
		wipy_text_parse_u64(to, to_len, NUMBER_MAX, &last) < 0)
		return bad(ret_error, text,
			"a range is two numbers of at most nine digits, such as "
			"[1:40]");
	if (last < first)
		return bad(ret_error, text,
			"the range runs backwards, write [%.*s:%.*s]", (int)to_len, to,
			(int)from_len, from);
	if (last - first >= limit)
		return bad(ret_error, text,
			"the range has %" PRIu64 " values, at most %" PRIu32
			" are allowed",
			last - first + 1, limit);
	if (from_len != to_len &&
		(zero_padded(from, from_len) || zero_padded(to, to_len)))
		return bad(ret_error, text,
			"with leading zeros both ends of a range need the same number "
			"of "
			"digits, such as [001:100]");
	range->first = (uint32_t)first;
	range->count = (uint32_t)(last - first + 1);
	range->width = zero_padded(from, from_len) ? (int)from_len : 1;
	return 0;
}

int inventory_range_parse(const char *text, uint32_t limit,
	struct inventory_range *ret_range, struct errtext *ret_error)
{
	struct inventory_range range = {.text = text, .count = 1};
	const char *open = text + strcspn(text, "[]");
	const char *close, *colon;
	int rc;

	range.prefix_len = (size_t)(open - text);
	range.suffix = open;
	if (!*open) {
		*ret_range = range;
		return 0;
	}
	close = open + strcspn(open, "]");
	if (*open == ']' || !*close)
		return bad(ret_error, text,
			"a bracket without its partner, a range looks like [1:40]");
	range.suffix = close + 1;
	if (range.suffix[strcspn(range.suffix, "[]")])
		return bad(ret_error, text, "only one range is allowed");
	colon = memchr(open, ':', (size_t)(close - open));
	if (!colon)
		return bad(ret_error, text, "a range looks like [1:40], with a colon");
	rc = parse_ends(&range, limit, open + 1, (size_t)(colon - open - 1), colon + 1,
		(size_t)(close - colon - 1), ret_error);
	if (rc == 0)
		*ret_range = range;
	return rc;
}

int inventory_range_format(
	const struct inventory_range *range, uint32_t index, char *ret_text, size_t cap)
{
	char number[16] = "";
	size_t number_len, suffix_len = strlen(range->suffix);

	if (range->width)
		snprintf(number, sizeof(number), "%0*" PRIu32, range->width,
			range->first + index);
	number_len = strlen(number);
	if (range->prefix_len + number_len + suffix_len >= cap)
		return -ENAMETOOLONG;
	memcpy(ret_text, range->text, range->prefix_len);
	memcpy(ret_text + range->prefix_len, number, number_len);
	memcpy(ret_text + range->prefix_len + number_len, range->suffix,
		suffix_len + 1);
	return 0;
}

/* ---- names, credentials, addresses ----------------------------------------------- */

bool inventory_name_valid(const char *name)
{
	size_t len = strspn(name, LETTERS DIGITS "-_.");

	return len && len < NAME_MAX_LEN && !name[len];
}

bool inventory_credential_valid(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return len >= 1 && len <= 31;
}

/* Letters, digits and hyphens between dots, no hyphen at an edge (RFC 1123). A name whose
 * last part is a number would be an IPv4 address, and is a wrong one. */
static bool host_name_valid(const char *text)
{
	size_t len = 0;

	if (strlen(text) >= ADDRESS_MAX_LEN)
		return false;
	for (const char *at = text;; at += len + 1) {
		len = strcspn(at, ".");
		if (len == 0 || len > LABEL_MAX || at[0] == '-' || at[len - 1] == '-' ||
			strspn(at, LETTERS DIGITS "-") < len)
			return false;
		if (!at[len])
			return strspn(at, DIGITS) != len;
	}
}

int inventory_address_normalize(const char *text, char ret_address[ADDRESS_MAX_LEN])
{
	static const int families[] = {AF_INET, AF_INET6};
	struct in6_addr binary; /* room for either */

	for (size_t i = 0; i < 2; i++)
		if (inet_pton(families[i], text, &binary) == 1)
			return inet_ntop(families[i], &binary, ret_address,
				       ADDRESS_MAX_LEN)
				       ? 0
				       : -EINVAL;
	if (!host_name_valid(text))
		return -EINVAL;
	for (; *text; text++)
		*ret_address++ =
			*text >= 'A' && *text <= 'Z' ? (char)(*text | 0x20) : *text;
	*ret_address = '\0';
	return 0;
}
