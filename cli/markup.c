/* SPDX-License-Identifier: MIT
 *
 * Escaping, and elements put together of it.
 */
#include "config.h"

#include "cli/markup.h"

#include <string.h>

static const char *escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* U+FFFE and U+FFFF are characters to UTF-8, and none to XML. */
static size_t no_character(const char *at)
{
	return memcmp(at, "\xef\xbf", 2) == 0 && (at[2] == '\xbe' || at[2] == '\xbf')
		       ? 3
		       : 0;
}

static const char *next_special(const char *text)
{
	while (*text != '\0' && escape_of(*text) == NULL &&
		(text[0] != '\xef' || text[1] == '\0' || no_character(text) == 0))
		text++;
	return text;
}

void markup_text(struct writer *writer, const char *text)
{
	while (*text != '\0') {
		const char *end = next_special(text);

		if (end > text)
			writer_put(
				writer, STYLE_PLAIN, "%.*s", (int)(end - text), text);
		if (*end == '\0')
			return;
		if (escape_of(*end) != NULL) {
			markup_raw(writer, escape_of(*end));
			text = end + 1;
		} else {
			markup_raw(writer, "?");
			text = end + no_character(end);
		}
	}
}

void markup_raw(struct writer *writer, const char *markup)
{
	writer_put(writer, STYLE_PLAIN, "%s", markup);
}

void markup_line(struct writer *writer, const char *markup)
{
	writer_line(writer, "%s", markup);
}

void markup_attribute(struct writer *writer, const char *name, const char *text)
{
	writer_put(writer, STYLE_PLAIN, " %s=\"", name);
	markup_text(writer, text);
	markup_raw(writer, "\"");
}

void markup_number(struct writer *writer, const char *name, long long number)
{
	writer_put(writer, STYLE_PLAIN, " %s=\"%lld\"", name, number);
}

void markup_element(
	struct writer *writer, const char *name, const char *rest, const char *text)
{
	writer_put(writer, STYLE_PLAIN, "<%s%s>", name, rest);
	markup_text(writer, text);
	writer_put(writer, STYLE_PLAIN, "</%s>", name);
}
