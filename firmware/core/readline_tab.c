/* SPDX-License-Identifier: MIT
 *
 * TAB: names that continue the one before the cursor. They are listed in columns as the
 * boards do it: 16 wide, four in a row, at least two blanks between.
 */
#include "firmware/core/readline.h"

#include <string.h>

#include "firmware/core/board.h"

#define NAME_MAX_LEN 64 /* with NUL */
#define COLUMN       16
#define ROW          (4 * COLUMN)

/* The dotted name that ends at the cursor. */
struct stem {
	char at[NAME_MAX_LEN]; /* the heap may move while names are looked for */
	size_t len;
	size_t word_len; /* behind the last dot */
	bool first;      /* nothing stands before it in the line */
};

static bool is_in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* False: it is longer than any name. */
static bool find_stem(const struct wipy_board *board, struct stem *ret_stem)
{
	const struct readline *line = &board->repl.line;
	size_t len, from = line->cursor, word = line->cursor;
	const char *text = py_kept(board, READLINE_TEXT, &len);

	while (from > line->start && is_in_name(text[from - 1]))
		from--;
	while (word > from && text[word - 1] != '.')
		word--;
	len = line->cursor - from;
	if (len > sizeof(ret_stem->at))
		return false;
	if (len > 0)
		memcpy(ret_stem->at, text + from, len);
	ret_stem->len = len;
	ret_stem->word_len = line->cursor - word;
	ret_stem->first = word == line->start;
	return true;
}

/* How long two names are equal. */
static size_t common_len(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

static const char *name_at(struct wipy_board *board, const struct stem *stem, int index,
	char buf[NAME_MAX_LEN])
{
	return py_complete(board, stem->at, stem->len, index, buf, NAME_MAX_LEN);
}

static void list_names(struct wipy_board *board, const struct stem *stem)
{
	static const char blanks[COLUMN + 2] = "                 ";
	char buf[NAME_MAX_LEN];
	const char *name;
	size_t column = ROW; /* the first name begins a row */

	for (int i = 0; (name = name_at(board, stem, i, buf)); i++) {
		size_t len = strlen(name);
		size_t gap = (column + COLUMN - 1) / COLUMN * COLUMN - column;

		if (gap < 2)
			gap += COLUMN;
		if (column + gap + len <= ROW) {
			repl_print(board, blanks, gap);
			column += gap + len;
		} else {
			repl_print(board, "\n", 1);
			column = len;
		}
		repl_print(board, name, len);
	}
	repl_print(board, "\n", 1);
}

size_t readline_complete(struct wipy_board *board, bool *ret_listed)
{
	static const char import[] = "import ";
	struct stem stem;
	size_t cursor = board->repl.line.cursor;
	char first[NAME_MAX_LEN], buf[NAME_MAX_LEN];
	const char *name, *match;
	size_t len;
	int count;

	if (!find_stem(board, &stem))
		return 0;
	match = name_at(board, &stem, 0, first);
	len = match ? strlen(match) : 0;
	count = match != NULL;
	for (; match && (name = name_at(board, &stem, count, buf)); count++)
		if (common_len(match, name) < len)
			len = common_len(match, name);
	if (count == 0 && stem.first && stem.word_len < sizeof(import) &&
		memcmp(stem.at, import, stem.word_len) == 0) {
		match = import;
		len = sizeof(import) - 1;
	}
	if (len > stem.word_len) {
		match += stem.word_len;
		len -= stem.word_len;
		return readline_insert(board, cursor, match, len) == 0 ? len : 0;
	}
	*ret_listed = count > 1;
	if (*ret_listed)
		list_names(board, &stem);
	return 0;
}
