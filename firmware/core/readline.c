/* SPDX-License-Identifier: MIT
 *
 * The line editor. A key changes text and cursor; what is drawn follows from that: back
 * so far, the rest of the line again, forward so far.
 */
#include "firmware/core/readline.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

#define INDENT 4

#define KEY_CTRL_A 0x01
#define KEY_CTRL_C 0x03
#define KEY_CTRL_E 0x05
#define KEY_BS     0x08
#define KEY_TAB    0x09
#define KEY_ESC    0x1B
#define KEY_DEL    0x7F

/* What a key asks to be drawn, in this order. */
struct redraw {
	size_t back;    /* columns to the left */
	bool rest;      /* the text from there on */
	size_t forward; /* columns to the right of there */
};

static const char *text_of(const struct wipy_board *board, size_t *ret_len)
{
	const char *text = py_kept(board, READLINE_TEXT, ret_len);

	return text ? text : "";
}

static size_t text_len(const struct wipy_board *board)
{
	size_t len;

	(void)text_of(board, &len);
	return len;
}

/* ---- history -------------------------------------------------------------------- */

/* Where the line is kept that was typed `back` lines ago. */
static int history_place(const struct readline *line, int back)
{
	return 1 + (line->newest + READLINE_HISTORY - back) % READLINE_HISTORY;
}

static void clear(struct wipy_board *board, int place)
{
	size_t len;

	(void)py_kept(board, place, &len);
	if (len > 0)
		py_kept_cut(board, place, 0, len);
}

static void forget_history(struct wipy_board *board)
{
	for (int i = 1; i <= READLINE_HISTORY; i++)
		clear(board, i);
	board->repl.line.recalled = -1;
}

int readline_insert(struct wipy_board *board, size_t at, const char *bytes, size_t len)
{
	int err = py_kept_insert(board, READLINE_TEXT, at, bytes, len);

	if (err == -ENOMEM) {
		forget_history(board);
		err = py_kept_insert(board, READLINE_TEXT, at, bytes, len);
	}
	return err;
}

/* A line that is not empty and not the one before it becomes the newest. Where the heap
 * is full it is not remembered. */
static void remember(struct wipy_board *board)
{
	struct readline *line = &board->repl.line;
	size_t len, last_len, line_len;
	const char *last = py_kept(board, history_place(line, 0), &last_len);
	const char *text = text_of(board, &len);

	line_len = len - line->start;
	if (line_len == 0 || (last_len == line_len &&
				     memcmp(last, text + line->start, line_len) == 0))
		return;
	line->newest = (line->newest + 1) % READLINE_HISTORY;
	if (py_kept_copy(board, history_place(line, 0), READLINE_TEXT) < 0)
		clear(board, history_place(line, 0));
	else if (line->start > 0)
		py_kept_cut(board, history_place(line, 0), 0, line->start);
}

/* Puts a line of history behind the text. Returns how much of it the heap took. */
static size_t append_history(struct wipy_board *board, int place)
{
	struct readline *line = &board->repl.line;
	char piece[64];
	size_t done = 0;

	for (;;) {
		size_t len, n;
		const char *past = py_kept(board, place, &len);

		n = len - done < sizeof(piece) ? len - done : sizeof(piece);
		if (n == 0)
			return done;
		memcpy(piece, past + done, n);
		if (py_kept_insert(board, READLINE_TEXT, line->start + done, piece, n) <
			0)
			return done;
		done += n;
	}
}

static struct redraw recall(struct wipy_board *board, int step)
{
	struct readline *line = &board->repl.line;
	int wanted = line->recalled + step;
	size_t back = line->cursor - line->start;
	size_t len = 0;

	if (wanted < -1 || wanted >= READLINE_HISTORY)
		return (struct redraw){0};
	if (wanted >= 0)
		(void)py_kept(board, history_place(line, wanted), &len);
	if (wanted >= 0 && len == 0)
		return (struct redraw){0};
	line->recalled = wanted;
	len = text_len(board) - line->start;
	if (len > 0)
		py_kept_cut(board, READLINE_TEXT, line->start, len);
	len = wanted >= 0 ? append_history(board, history_place(line, wanted)) : 0;
	return (struct redraw){.back = back, .rest = true, .forward = len};
}

/* ---- drawing -------------------------------------------------------------------- */

static void move_back(struct wipy_board *board, size_t columns)
{
	char sequence[24];
	struct wipy_text text;

	if (columns <= INDENT) {
		repl_write(board, "\b\b\b\b", columns);
		return;
	}
	wipy_text_init(&text, sequence, sizeof(sequence));
	wipy_text_str(&text, "\x1b[");
	wipy_text_int(&text, (int64_t)columns);
	wipy_text_char(&text, 'D');
	repl_write(board, sequence, text.len);
}

static void draw(struct wipy_board *board, struct redraw redraw, size_t len_before)
{
	struct readline *line = &board->repl.line;
	size_t len;
	const char *text = text_of(board, &len);

	if (redraw.back > 0)
		move_back(board, redraw.back);
	line->cursor -= redraw.back;
	if (redraw.rest) {
		if (len < len_before)
			repl_write(board, "\x1b[K", 3);
		repl_write(board, text + line->cursor, len - line->cursor);
		move_back(board, len - line->cursor - redraw.forward);
	} else {
		repl_write(board, text + line->cursor, redraw.forward);
	}
	line->cursor += redraw.forward;
}

/* ---- keys ----------------------------------------------------------------------- */

static struct redraw go_home(const struct readline *line)
{
	return (struct redraw){.back = line->cursor - line->start};
}

static struct redraw go_end(const struct readline *line, size_t len)
{
	return (struct redraw){.forward = len - line->cursor};
}

/* A whole step of indentation goes where nothing but blanks stands before it. */
static struct redraw backspace(struct wipy_board *board)
{
	struct readline *line = &board->repl.line;
	size_t blanks = 0, width, len;
	const char *text = text_of(board, &len);

	if (line->cursor == line->start)
		return (struct redraw){0};
	for (size_t i = line->start; i < line->cursor && text[i] == ' '; i++)
		blanks++;
	width = blanks == line->cursor - line->start && blanks >= INDENT ? INDENT : 1;
	py_kept_cut(board, READLINE_TEXT, line->cursor - width, width);
	return (struct redraw){.back = width, .rest = true};
}

static struct redraw delete_key(struct wipy_board *board)
{
	struct readline *line = &board->repl.line;

	if (line->cursor == text_len(board))
		return (struct redraw){0};
	py_kept_cut(board, READLINE_TEXT, line->cursor, 1);
	return (struct redraw){.rest = true};
}

static struct redraw insert(struct wipy_board *board, uint8_t key)
{
	char text = (char)key;

	if (readline_insert(board, board->repl.line.cursor, &text, 1) < 0)
		return (struct redraw){0};
	return (struct redraw){.rest = true, .forward = 1};
}

static struct redraw complete(struct wipy_board *board)
{
	struct readline *line = &board->repl.line;
	bool listed = false;
	size_t inserted = readline_complete(board, &listed), len;
	const char *text = text_of(board, &len);

	if (listed) {
		repl_write(board, line->prompt, strlen(line->prompt));
		repl_write(board, text + line->start, line->cursor - line->start);
	}
	return (struct redraw){.rest = listed || inserted > 0, .forward = inserted};
}

static struct redraw feed_bracket(struct wipy_board *board, uint8_t key)
{
	struct readline *line = &board->repl.line;
	size_t len = text_len(board);

	switch (key) {
	case 'A':
		return recall(board, 1);
	case 'B':
		return recall(board, -1);
	case 'C':
		return (struct redraw){.forward = line->cursor < len};
	case 'D':
		return (struct redraw){.back = line->cursor > line->start};
	case 'H':
		return go_home(line);
	case 'F':
		return go_end(line, len);
	default:
		return (struct redraw){0};
	}
}

static struct redraw feed_tilde(struct wipy_board *board, uint8_t digit)
{
	struct readline *line = &board->repl.line;

	if (digit == '1' || digit == '7')
		return go_home(line);
	if (digit == '4' || digit == '8')
		return go_end(line, text_len(board));
	return digit == '3' ? delete_key(board) : (struct redraw){0};
}

/* ESC [ x, ESC [ n ~ and ESC O x; what has no meaning here is swallowed. */
static struct redraw feed_escape(struct wipy_board *board, uint8_t key)
{
	struct readline *line = &board->repl.line;
	enum readline_escape escape = line->escape;

	line->escape = READLINE_PLAIN;
	if (escape == READLINE_ESC && key == '[') {
		line->escape = READLINE_ESC_BRACKET;
	} else if (escape == READLINE_ESC && key == 'O') {
		line->escape = READLINE_ESC_O;
	} else if (escape == READLINE_ESC_BRACKET && key >= '0' && key <= '9') {
		line->escape = READLINE_ESC_DIGIT;
		line->digit = key;
	} else if (escape == READLINE_ESC_BRACKET) {
		return feed_bracket(board, key);
	} else if (escape == READLINE_ESC_DIGIT && key == '~') {
		return feed_tilde(board, line->digit);
	} else if (escape == READLINE_ESC_O && (key == 'H' || key == 'F')) {
		return feed_bracket(board, key);
	}
	return (struct redraw){0};
}

static struct redraw feed_plain(struct wipy_board *board, uint8_t key)
{
	struct readline *line = &board->repl.line;

	if (key >= 0x20 && key < KEY_DEL)
		return insert(board, key);
	switch (key) {
	case KEY_CTRL_A:
		return go_home(line);
	case KEY_CTRL_E:
		return go_end(line, text_len(board));
	case KEY_BS:
	case KEY_DEL:
		return backspace(board);
	case KEY_TAB:
		return complete(board);
	case KEY_ESC:
		line->escape = READLINE_ESC;
		break;
	default:
		break;
	}
	return (struct redraw){0};
}

enum readline_key readline_feed(struct wipy_board *board, uint8_t key)
{
	static const enum readline_key keys[] = {READLINE_CTRL_A, READLINE_CTRL_B,
		READLINE_CTRL_C, READLINE_CTRL_D, READLINE_CTRL_E};
	struct readline *line = &board->repl.line;
	size_t len = text_len(board);

	if (line->escape != READLINE_PLAIN) {
		draw(board, feed_escape(board, key), len);
		return READLINE_MORE;
	}
	if (key >= KEY_CTRL_A && key <= KEY_CTRL_E &&
		(len == line->start || key == KEY_CTRL_C))
		return keys[key - KEY_CTRL_A];
	if (key == '\r') {
		repl_write(board, "\r\n", 2);
		remember(board);
		return READLINE_LINE;
	}
	draw(board, feed_plain(board, key), len);
	return READLINE_MORE;
}

/* ---- the beginning of a line ---------------------------------------------------- */

/* The beginning of the line that ends before `end`. */
static size_t line_start(const char *text, size_t end)
{
	while (end > 0 && text[end - 1] != '\n')
		end--;
	return end;
}

static size_t blanks_at(const char *text, size_t from, size_t to)
{
	size_t n = 0;

	while (from + n < to && text[from + n] == ' ')
		n++;
	return n;
}

/* How many steps the line behind text[0..len) is indented; the text ends with a line
 * feed. After two lines of blanks the indentation is given up, so that a block can be
 * ended. */
static size_t indentation(const char *text, size_t len)
{
	size_t end = len - 1, start = line_start(text, end);
	size_t blanks = blanks_at(text, start, end);

	if (start > 0 && start + blanks == end) {
		size_t before = line_start(text, start - 1);

		if (before > 0 &&
			before + blanks_at(text, before, start - 1) == start - 1)
			return 0;
	}
	return blanks / INDENT + (end > 0 && text[end - 1] == ':');
}

void readline_start(struct wipy_board *board)
{
	board->repl.line = (struct readline){.recalled = -1};
}

void readline_begin(struct wipy_board *board, const char *prompt)
{
	struct readline *line = &board->repl.line;
	size_t len, steps = 0;
	const char *text = text_of(board, &len);

	line->prompt = prompt;
	line->start = len;
	line->cursor = len;
	line->escape = READLINE_PLAIN;
	line->recalled = -1;
	repl_write(board, prompt, strlen(prompt));
	if (len > 1 && text[len - 1] == '\n')
		steps = indentation(text, len);
	while (steps-- > 0 &&
		readline_insert(board, line->cursor, "    ", INDENT) == 0) {
		line->cursor += INDENT;
		repl_write(board, "    ", INDENT);
	}
}
