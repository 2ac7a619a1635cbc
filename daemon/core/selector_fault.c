/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a selector, as a sentence that names the place.
 */
#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "daemon/core/selector_private.h"

#define FOUND_MAX 40 /* characters of the text that a fault shows */

/* Characters, not bytes. */
static int64_t column_of(const struct selector_parser *p, size_t at)
{
	int64_t column = 1;

	for (size_t i = p->frame->begin; i < at; i++)
		column += ((unsigned char)p->selector->text[i] & 0xc0) != 0x80;
	return column;
}

static void begin_fault(
	const struct selector_parser *p, size_t at, struct wipy_text *text)
{
	wipy_text_init(text, p->error->text, sizeof(p->error->text));
	wipy_text_str(text, "selector: ");
	if (p->frame->set) {
		wipy_text_str(text, "in @");
		wipy_text_str(text, p->frame->set->name);
		wipy_text_str(text, ", ");
	}
	wipy_text_str(text, "column ");
	wipy_text_int(text, column_of(p, at));
	wipy_text_str(text, ": ");
}

/* A part of the text in quotes, cut between characters. */
static void add_found(
	const struct selector_parser *p, size_t at, size_t len, struct wipy_text *text)
{
	const char *found = p->selector->text + at;

	if (len > FOUND_MAX)
		for (len = FOUND_MAX; len > 0 && (found[len] & 0xc0) == 0x80;)
			len--;
	wipy_text_char(text, '\'');
	wipy_text_bytes(text, found, len);
	wipy_text_char(text, '\'');
}

int selector_fail(const struct selector_parser *p, const char *what)
{
	const char *texts = p->selector->text;
	size_t at = p->at, len;
	struct wipy_text text;

	while (at < p->frame->end && texts[at] == ' ')
		at++;
	len = strcspn(texts + at, " ,()|");
	begin_fault(p, at, &text);
	wipy_text_str(&text, what);
	wipy_text_str(&text, ", found ");
	if (at >= p->frame->end)
		wipy_text_str(&text, "the end");
	else
		add_found(p, at, len > 0 ? len : 1, &text);
	return -EINVAL;
}

/* A fault that says of itself what is wrong with a part of the text. */
int selector_fail_at(
	const struct selector_parser *p, struct selector_span span, const char *what)
{
	struct wipy_text text;

	begin_fault(p, span.at, &text);
	add_found(p, span.at, span.len, &text);
	wipy_text_str(&text, ": ");
	wipy_text_str(&text, what);
	return -EINVAL;
}

int selector_fail_unknown(const struct selector_parser *p, struct selector_span span,
	const char *what, const struct nearest *nearest)
{
	struct wipy_text text;

	begin_fault(p, span.at, &text);
	wipy_text_str(&text, what);
	wipy_text_char(&text, ' ');
	add_found(p, span.at, span.len, &text);
	if (nearest->best[0]) {
		wipy_text_str(&text, " (did you mean '");
		wipy_text_str(&text, nearest->best);
		wipy_text_str(&text, "'?)");
	}
	return -EINVAL;
}
