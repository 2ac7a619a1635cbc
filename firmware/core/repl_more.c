/* SPDX-License-Identifier: MIT
 *
 * Whether a statement goes on in the next line: a look over quotes and brackets, as
 * superficial as that of the boards, which do not parse before the last line is there.
 */
#include "firmware/core/repl.h"

#include <string.h>

static bool is_in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static bool starts_block(const char *text, size_t len)
{
	static const char *const words[] = {
		"if", "while", "for", "try", "with", "def", "class"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		if (len >= n && memcmp(text, words[i], n) == 0 &&
			(len == n || !is_in_word(text[n])))
			return true;
	}
	return text[0] == '@';
}

/* What a statement leaves open. */
struct shape {
	int open[3]; /* of ( [ { */
	char quote;  /* 0: none */
	bool triple;
};

static bool is_triple(const char *text, size_t len)
{
	return len >= 3 && text[1] == text[0] && text[2] == text[0];
}

/* Takes one character and what belongs to it; returns how many that were. */
static size_t look(struct shape *shape, const char *text, size_t len)
{
	static const char brackets[] = "([{)]}";
	const char *bracket = memchr(brackets, text[0], sizeof(brackets) - 1);
	bool is_quote = text[0] == '\'' || text[0] == '"';
	bool may_turn = is_quote && (!shape->quote || shape->quote == text[0]);

	if (may_turn && (!shape->quote || shape->triple) && is_triple(text, len)) {
		shape->triple = !shape->quote;
		shape->quote = shape->quote ? 0 : text[0];
		return 3;
	}
	if (may_turn && !shape->triple)
		shape->quote = shape->quote ? 0 : text[0];
	else if (shape->quote && text[0] == '\\' && len > 1 &&
		 memchr("'\"\\", text[1], 3))
		return 2;
	else if (!shape->quote && bracket)
		shape->open[(bracket - brackets) % 3] +=
			bracket < brackets + 3 ? 1 : -1;
	return 1;
}

bool repl_needs_more(const char *text, size_t len)
{
	struct shape shape = {0};

	if (len == 0)
		return false;
	for (size_t i = 0; i < len;)
		i += look(&shape, text + i, len - i);
	for (int i = 0; i < 3; i++)
		if (shape.open[i] > 0)
			return true;
	/* a block ends with an empty line */
	return shape.triple || text[len - 1] == '\\' ||
	       (starts_block(text, len) && text[len - 1] != '\n');
}
