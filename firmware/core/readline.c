/* SPDX-License-Identifier: MIT
 *
 * The line editor. Whatever changes before the cursor's end of line is drawn again from
 * the cursor on, and the cursor moved back.
 */
#include "firmware/core/readline.h"

#include <stdbool.h>
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

#define INDENT 4

#define KEY_CTRL_A 0x01
#define KEY_CTRL_E 0x05
#define KEY_BS     0x08
#define KEY_ESC    0x1B
#define KEY_DEL    0x7F

void readline_clear(struct readline *line)
{
	line->len = 0;
	line->start = 0;
	line->cursor = 0;
	line->escape = 0;
}

static void echo(struct wipy_board *board, const char *text, size_t len)
{
	repl_write(board, text, len);
}

static void move_back(struct wipy_board *board, size_t columns)
{
	char sequence[24];
	struct wipy_text text;

	if (columns <= INDENT) {
		echo(board, "\b\b\b\b", columns);
		return;
	}
	wipy_text_init(&text, sequence, sizeof(sequence));
	wipy_text_str(&text, "\x1b[");
	wipy_text_int(&text, (int64_t)columns);
	wipy_text_char(&text, 'D');
	echo(board, sequence, text.len);
}

static void insert(
	struct wipy_board *board, struct readline *line, const char *text, size_t len)
{
	size_t rest = line->len - line->cursor;

	if (len > sizeof(line->text) - line->len)
		return;
	memmove(line->text + line->cursor + len, line->text + line->cursor, rest);
	memcpy(line->text + line->cursor, text, len);
	line->len += len;
	echo(board, line->text + line->cursor, len + rest);
	line->cursor += len;
	if (rest > 0)
		move_back(board, rest);
}

/* How many characters one backspace takes: a whole step of indentation where nothing
 * but blanks stands before the cursor. */
static size_t backspace_width(const struct readline *line)
{
	size_t before = line->cursor - line->start;

	if (before == 0)
		return 0;
	for (size_t i = line->start; i < line->cursor; i++)
		if (line->text[i] != ' ')
			return 1;
	return before % INDENT == 0 ? INDENT : 1;
}

static void backspace(struct wipy_board *board, struct readline *line)
{
	size_t width = backspace_width(line);
	size_t rest = line->len - line->cursor;

	if (width == 0)
		return;
	memmove(line->text + line->cursor - width, line->text + line->cursor, rest);
	line->len -= width;
	line->cursor -= width;
	move_back(board, width);
	echo(board, "\x1b[K", 3);
	if (rest > 0) {
		echo(board, line->text + line->cursor, rest);
		move_back(board, rest);
	}
}

static void go_home(struct wipy_board *board, struct readline *line)
{
	if (line->cursor > line->start)
		move_back(board, line->cursor - line->start);
	line->cursor = line->start;
}

static void go_end(struct wipy_board *board, struct readline *line)
{
	if (line->cursor < line->len)
		echo(board, line->text + line->cursor, line->len - line->cursor);
	line->cursor = line->len;
}

/* ESC [ x, ESC [ n ~ and ESC O x; what has no meaning here is swallowed. */
static void feed_escape(struct wipy_board *board, struct readline *line, uint8_t key)
{
	if (line->escape == 1) {
		line->escape = key == '[' || key == 'O' ? 2 : 0;
		line->parameter = 0;
		return;
	}
	if (key >= '0' && key <= '9') {
		line->parameter = (char)key;
		return;
	}
	line->escape = 0;
	if (key == '~' && (line->parameter == '1' || line->parameter == '7'))
		go_home(board, line);
	else if (key == '~' && (line->parameter == '4' || line->parameter == '8'))
		go_end(board, line);
	else if (key == 'H')
		go_home(board, line);
	else if (key == 'F')
		go_end(board, line);
	else if (key == 'C' && line->cursor < line->len)
		echo(board, &line->text[line->cursor++], 1);
	else if (key == 'D' && line->cursor > line->start) {
		line->cursor--;
		move_back(board, 1);
	}
}

static enum readline_key feed_control(
	struct wipy_board *board, struct readline *line, uint8_t key)
{
	static const enum readline_key keys[] = {READLINE_CTRL_A, READLINE_CTRL_B,
		READLINE_CTRL_C, READLINE_CTRL_D, READLINE_CTRL_E};
	bool empty = line->len == line->start;

	if (empty || keys[key - KEY_CTRL_A] == READLINE_CTRL_C)
		return keys[key - KEY_CTRL_A];
	/* in a line that holds something the other keys do not switch modes */
	if (key == KEY_CTRL_A)
		go_home(board, line);
	else if (key == KEY_CTRL_E)
		go_end(board, line);
	return READLINE_MORE;
}

enum readline_key readline_feed(
	struct wipy_board *board, struct readline *line, uint8_t key)
{
	char text = (char)key;

	if (line->escape > 0)
		feed_escape(board, line, key);
	else if (key == '\r') {
		echo(board, "\r\n", 2);
		return READLINE_LINE;
	} else if (key >= KEY_CTRL_A && key <= KEY_CTRL_E)
		return feed_control(board, line, key);
	else if (key == KEY_BS || key == KEY_DEL)
		backspace(board, line);
	else if (key == KEY_ESC)
		line->escape = 1;
	else if (key >= 0x20 && key < 0x7F)
		insert(board, line, &text, 1);
	return READLINE_MORE;
}

/* The beginning of the line that ends before `end`. */
static size_t line_start(const struct readline *line, size_t end)
{
	while (end > 0 && line->text[end - 1] != '\n')
		end--;
	return end;
}

static size_t blanks(const struct readline *line, size_t from, size_t to)
{
	size_t n = 0;

	while (from + n < to && line->text[from + n] == ' ')
		n++;
	return n;
}

void readline_continue(struct wipy_board *board, struct readline *line)
{
	size_t end = line->len, start = line_start(line, end);
	size_t steps = blanks(line, start, end) / INDENT;

	if (line->len == sizeof(line->text))
		return;
	/* after two empty lines the indentation is given up: the block can be ended */
	if (start > 0 && start + blanks(line, start, end) == end) {
		size_t before = line_start(line, start - 1);

		if (before > 0 && before + blanks(line, before, start - 1) == start - 1)
			steps = 0;
	}
	if (end > start && line->text[end - 1] == ':')
		steps++;
	line->text[line->len++] = '\n';
	line->start = line->len;
	line->cursor = line->len;
	while (steps-- > 0)
		insert(board, line, "    ", INDENT);
}
