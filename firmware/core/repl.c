/* SPDX-License-Identifier: MIT
 *
 * The friendly mode of the REPL.
 */
#include "firmware/core/repl.h"

#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

#define PROMPT          ">>> "
#define CONTINUE_PROMPT "... "
#define OUT_ROOM        1024 /* one key may print as much: a line with its result */

static void write_text(struct wipy_board *board, const char *text)
{
	repl_write(board, text, strlen(text));
}

void repl_write(struct wipy_board *board, const char *text, size_t len)
{
	telnet_srv_write(board, text, len);
	hal_console_write(board->hal, text, len);
}

void repl_print(struct wipy_board *board, const char *text, size_t len)
{
	while (len > 0) {
		const char *feed = memchr(text, '\n', len);
		size_t n = feed ? (size_t)(feed - text) : len;

		if (n > 0)
			repl_write(board, text, n);
		if (feed)
			repl_write(board, "\r\n", 2);
		n += feed != NULL;
		text += n;
		len -= n;
	}
}

size_t repl_banner(const struct wipy_board *board, char *buf, size_t cap)
{
	char fingerprint[WIPY_FINGERPRINT_MAX];
	struct wipy_text text;

	wipy_fingerprint_format(&board->fingerprint, fingerprint);
	wipy_text_init(&text, buf, cap);
	wipy_text_str(&text, "MicroPython ");
	wipy_text_str(&text, fingerprint);
	wipy_text_str(&text, "\r\n");
	return text.len;
}

static void show_banner(struct wipy_board *board)
{
	char banner[WIPY_FINGERPRINT_MAX + 16];
	size_t len = repl_banner(board, banner, sizeof(banner));

	repl_write(board, banner, len);
	write_text(board, REPL_HELP_LINE);
}

static void prompt(struct wipy_board *board)
{
	readline_clear(&board->repl.line);
	write_text(board, PROMPT);
}

void repl_start(struct wipy_board *board)
{
	py_start(board);
	show_banner(board);
	prompt(board);
}

static void soft_reset(struct wipy_board *board)
{
	write_text(board, "\r\n");
	write_text(board, board->personality->soft_reset);
	write_text(board, "\r\n");
	repl_start(board);
}

static bool starts_block(const char *text, size_t len)
{
	static const char *const words[] = {
		"if", "while", "for", "try", "with", "def", "class", "@"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);
		char next = len > n ? text[n] : ' ';

		if (len >= n && memcmp(text, words[i], n) == 0 &&
			(words[i][0] == '@' || next == ' ' || next == ':' ||
				next == '('))
			return true;
	}
	return false;
}

/* What a look over the quotes and brackets of a statement finds. */
struct shape {
	int brackets;
	bool in_triple;
	bool backslash;
};

static struct shape shape_of(const char *text, size_t len)
{
	struct shape shape = {0};
	char quote = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool triple = i + 2 < len && text[i + 1] == c && text[i + 2] == c;

		if (c == '\\') {
			shape.backslash = ++i == len;
		} else if (quote) {
			if (c != quote || (shape.in_triple && !triple))
				continue;
			i += shape.in_triple ? 2 : 0;
			shape.in_triple = false;
			quote = 0;
		} else if (c == '\'' || c == '"') {
			quote = c;
			shape.in_triple = triple;
			i += triple ? 2 : 0;
		} else if (strchr("([{", c)) {
			shape.brackets++;
		} else if (strchr(")]}", c)) {
			shape.brackets--;
		}
	}
	return shape;
}

bool repl_needs_more(const char *text, size_t len)
{
	struct shape shape = shape_of(text, len);

	if (len == 0)
		return false;
	if (shape.brackets > 0 || shape.in_triple || shape.backslash)
		return true;
	/* a block ends with an empty line */
	return starts_block(text, len) && text[len - 1] != '\n';
}

static void end_line(struct wipy_board *board)
{
	struct readline *line = &board->repl.line;

	if (line->len < sizeof(line->text) && repl_needs_more(line->text, line->len)) {
		write_text(board, CONTINUE_PROMPT);
		readline_continue(board, line);
		return;
	}
	if (line->len > 0)
		py_execute(board, line->text, line->len);
	if (board->reset_wanted)
		return;
	if (board->py.exit_wanted)
		soft_reset(board);
	else
		prompt(board);
}

static void feed(struct wipy_board *board, uint8_t key)
{
	switch (readline_feed(board, &board->repl.line, key)) {
	case READLINE_MORE:
		break;
	case READLINE_LINE:
		end_line(board);
		break;
	case READLINE_CTRL_B:
		write_text(board, "\r\n");
		show_banner(board);
		prompt(board);
		break;
	case READLINE_CTRL_C:
		write_text(board, "\r\n");
		prompt(board);
		break;
	case READLINE_CTRL_D:
		soft_reset(board);
		break;
	case READLINE_CTRL_A:
	case READLINE_CTRL_E:
		break;
	}
}

bool repl_step(struct wipy_board *board)
{
	struct telnet_srv *telnet = &board->telnet;

	if (telnet->in.len == 0 || ring_room(&telnet->out) < OUT_ROOM)
		return false;
	feed(board, ring_take(&telnet->in));
	return true;
}
