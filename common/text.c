/* SPDX-License-Identifier: MIT
 *
 * Bounded building and reading of text without stdio. Every function keeps the buffer
 * terminated; nothing here allocates or fails other than by cutting.
 */
#include "common/text.h"

#include <errno.h>
#include <string.h>

void wipy_text_init(struct wipy_text *t, char *buf, size_t cap)
{
	t->at = buf;
	t->cap = cap;
	t->len = 0;
	t->cut = false;
	buf[0] = '\0';
}

void wipy_text_bytes(struct wipy_text *t, const char *s, size_t len)
{
	size_t room = t->cap - 1 - t->len;

	if (len > room) {
		len = room;
		t->cut = true;
	}
	if (len > 0)
		memcpy(t->at + t->len, s, len);
	t->len += len;
	t->at[t->len] = '\0';
}

void wipy_text_char(struct wipy_text *t, char c)
{
	wipy_text_bytes(t, &c, 1);
}

void wipy_text_str(struct wipy_text *t, const char *s)
{
	wipy_text_bytes(t, s, strlen(s));
}

void wipy_text_int(struct wipy_text *t, int64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);
	/* Unsigned, since INT64_MIN has no positive counterpart. */
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		digits[--at] = '-';
	wipy_text_bytes(t, digits + at, sizeof(digits) - at);
}

void wipy_text_hex(struct wipy_text *t, uint64_t value, int width)
{
	if (width < 1)
		width = 1;
	if (width > 16)
		width = 16;
	for (int shift = 4 * (width - 1); shift >= 0; shift -= 4)
		wipy_text_char(t, "0123456789abcdef"[value >> shift & 15]);
}

int wipy_text_parse_u64(const char *s, size_t len, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (len == 0)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		unsigned int digit = (unsigned int)(unsigned char)s[i] - '0';

		if (digit > 9 || digit > max || value > (max - digit) / 10)
			return -EINVAL;
		value = value * 10 + digit;
	}
	*ret_value = value;
	return 0;
}

const uint8_t *wipy_text_find(
	const uint8_t *haystack, size_t len, const char *needle, size_t needle_len)
{
	if (needle_len == 0)
		return haystack;
	while (len >= needle_len) {
		const uint8_t *hit = memchr(
			haystack, (unsigned char)needle[0], len - needle_len + 1);

		if (hit == NULL)
			return NULL;
		if (memcmp(hit, needle, needle_len) == 0)
			return hit;
		len -= (size_t)(hit - haystack) + 1;
		haystack = hit + 1;
	}
	return NULL;
}

bool wipy_text_copy(char *buf, size_t cap, const char *s, size_t len)
{
	struct wipy_text t;

	wipy_text_init(&t, buf, cap);
	wipy_text_bytes(&t, s, len);
	return !t.cut;
}

bool wipy_text_is_name(const char *s, size_t cap)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

	return len > 0 && len < cap && s[len] == '\0';
}
