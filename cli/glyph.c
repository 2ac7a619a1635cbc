/* SPDX-License-Identifier: MIT
 *
 * UTF-8 by hand: the C library's functions depend on the locale, and under LC_ALL=C they
 * would turn every umlaut in a site's name into an error.
 */
#include "config.h"

#include "cli/glyph.h"

#include <stdbool.h>
#include <stdint.h>

struct span {
	uint32_t first, last;
};

/* Controls (C0, DEL, C1), marks that reorder or hide text, line separators, tags. */
static const struct span unprintable[] = {
	{0x00, 0x1f},
	{0x7f, 0x9f},
	{0x61c, 0x61c},
	{0x200b, 0x200f},
	{0x2028, 0x202e},
	{0x2060, 0x206f},
	{0xd800, 0xdfff},
	{0xfeff, 0xfeff},
	{0xfff9, 0xfffb},
	{0xe0000, 0xe0fff},
};

static const struct span no_columns[] = {
	{0x300, 0x36f},
	{0x1ab0, 0x1aff},
	{0x20d0, 0x20ff},
	{0xfe00, 0xfe0f},
	{0xfe20, 0xfe2f},
};

static const struct span two_columns[] = {
	{0x1100, 0x115f},
	{0x2e80, 0x303e},
	{0x3041, 0xa4cf},
	{0xac00, 0xd7a3},
	{0xf900, 0xfaff},
	{0xfe30, 0xfe6f},
	{0xff00, 0xff60},
	{0xffe0, 0xffe6},
	{0x1f300, 0x1faff},
	{0x20000, 0x3fffd},
};

static bool span_holds(const struct span *spans, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count; i++)
		if (code >= spans[i].first && code <= spans[i].last)
			return true;
	return false;
}

#define HOLDS(spans, code) span_holds(spans, sizeof(spans) / sizeof(spans[0]), code)

/* The length of the sequence at s and its code point; 0 for a broken one. */
static size_t utf8_decode(const unsigned char *s, uint32_t *ret_code)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = s[0] < 0x80   ? 1
		     : s[0] < 0xc2 ? 0
		     : s[0] < 0xe0 ? 2
		     : s[0] < 0xf0 ? 3
		     : s[0] < 0xf5 ? 4
				   : 0;
	uint32_t code;

	if (len == 0)
		return 0;
	code = len == 1 ? s[0] : s[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3fu);
	}
	if (code < smallest[len] || code > 0x10ffff)
		return 0;
	*ret_code = code;
	return len;
}

struct glyph glyph_next(const char *text)
{
	uint32_t code;
	size_t len;

	if (text[0] == '\0')
		return (struct glyph){
			.bytes = "", .len = 0, .consumed = 0, .columns = 0};
	/* What is most of most texts needs no look into the tables. */
	if (text[0] >= ' ' && text[0] <= '~')
		return (struct glyph){
			.bytes = text, .len = 1, .consumed = 1, .columns = 1};
	len = utf8_decode((const unsigned char *)text, &code);
	if (len == 0 || HOLDS(unprintable, code))
		return (struct glyph){.bytes = "?",
			.len = 1,
			.consumed = len == 0 ? 1 : len,
			.columns = 1};
	return (struct glyph){.bytes = text,
		.len = len,
		.consumed = len,
		.columns = HOLDS(no_columns, code)    ? 0
			   : HOLDS(two_columns, code) ? 2
						      : 1};
}

int glyph_columns(const char *text)
{
	int columns = 0;

	for (struct glyph g = glyph_next(text); g.consumed > 0; g = glyph_next(text)) {
		columns += g.columns;
		text += g.consumed;
	}
	return columns;
}
