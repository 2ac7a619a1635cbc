/* SPDX-License-Identifier: MIT
 *
 * Bounded building of text without stdio, for code that must also run on a board.
 * The buffer is always NUL-terminated; what does not fit is cut and `cut` is set.
 */
#ifndef WIPY_COMMON_TEXT_H
#define WIPY_COMMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wipy_text {
	char *at;   /* borrowed */
	size_t cap; /* bytes at `at`, including the NUL */
	size_t len; /* bytes written, without the NUL */
	bool cut;   /* something did not fit */
};

/* `cap` must be at least 1. */
void wipy_text_init(struct wipy_text *t, char *buf, size_t cap);
void wipy_text_char(struct wipy_text *t, char c);
void wipy_text_str(struct wipy_text *t, const char *s);
void wipy_text_bytes(struct wipy_text *t, const char *s, size_t len);
void wipy_text_int(struct wipy_text *t, int64_t value);
/* As many digits as `width`, padded with zeros, lower case; width 1..16. */
void wipy_text_hex(struct wipy_text *t, uint64_t value, int width);

/* Reads an unsigned decimal number that fills [s, s+len) exactly: no sign, no blank,
 * at most `max`. Returns 0, or -EINVAL (ret_value untouched). */
int wipy_text_parse_u64(const char *s, size_t len, uint64_t max, uint64_t *ret_value);

/* The position of needle in haystack, or NULL: memmem() without the extension. */
const uint8_t *wipy_text_find(
	const uint8_t *haystack, size_t len, const char *needle, size_t needle_len);

/* A name as owners give them: letters, digits, '-', '_' and '.', at least one, and with its
 * NUL within cap bytes. */
bool wipy_text_is_name(const char *s, size_t cap);

/* Copies s into buf of cap bytes, cutting what does not fit; always terminated.
 * Returns false if it was cut. */
bool wipy_text_copy(char *buf, size_t cap, const char *s, size_t len);

#endif
