/* SPDX-License-Identifier: MIT
 *
 * Tokens of the small Python.
 */
#include <string.h>

#include "firmware/core/board.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

/* The character `ahead` of the place reached, NUL behind the end. */
static char peek(const struct py *py, size_t ahead)
{
	return py->at + ahead < py->source_len ? py->source[py->at + ahead] : '\0';
}

static void skip_blanks(struct py *py)
{
	for (;;) {
		char c = peek(py, 0);

		if (c == '#') {
			while (py->at < py->source_len && peek(py, 0) != '\n')
				py->at++;
		} else if (c == '\\' && peek(py, 1) == '\n') {
			py->at += 2;
			py->line++;
		} else if (c == '\n' && py->brackets > 0) {
			py->at++;
			py->line++;
		} else if (c == ' ' || c == '\t' || c == '\r') {
			py->at++;
		} else {
			return;
		}
	}
}

static int read_number(struct wipy_board *board)
{
	struct py *py = &board->py;
	int64_t number = 0;
	int base = 10;
	bool digits = false;

	if (peek(py, 0) == '0') {
		char c = (char)(peek(py, 1) | 0x20);

		base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 10;
		py->at += base == 10 ? 0 : 2;
	}
	for (; digit_value(peek(py, 0)) < base; py->at++) {
		number = number * base + digit_value(peek(py, 0));
		digits = true;
		if (number > PY_INT_MAX)
			return py_raise(board, "OverflowError",
				"long int not supported in this build");
	}
	if (base == 10 && (peek(py, 0) == '.' || (peek(py, 0) | 0x20) == 'e'))
		return py_syntax(board, "decimal numbers not supported");
	if (!digits || is_letter(peek(py, 0)) || is_digit(peek(py, 0)))
		return py_syntax(board, "invalid syntax for integer");
	py->token.type = PY_NUMBER;
	py->token.number = (int32_t)number;
	return 0;
}

/* Reads the digits of \xNN or \NNN. */
static char escape_digits(struct py *py, int base, int max)
{
	int value = 0;

	for (int i = 0; i < max && digit_value(peek(py, 0)) < base; i++)
		value = value * base + digit_value(py->source[py->at++]);
	return (char)value;
}

static char read_escape(struct py *py)
{
	static const char from[] = "abfnrtv";
	static const char to[] = "\a\b\f\n\r\t\v";
	char c = peek(py, 0);
	const char *found = c ? strchr(from, c) : NULL;

	if (c >= '0' && c <= '7')
		return escape_digits(py, 8, 3);
	py->at++;
	if (c == 'x')
		return escape_digits(py, 16, 2);
	return found ? to[found - from] : c;
}

static bool at_quotes(const struct py *py, char quote, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (peek(py, i) != quote)
			return false;
	return true;
}

static int read_text(struct wipy_board *board)
{
	struct py *py = &board->py;
	char quote = peek(py, 0);
	size_t count = at_quotes(py, quote, 3) ? 3 : 1;
	/* no text is longer than what is left of the source */
	char *text = py_temp(board, py->source_len - py->at);
	size_t len = 0;

	if (!text)
		return -1;
	py->at += count;
	while (!at_quotes(py, quote, count)) {
		char c = peek(py, 0);

		if (py->at >= py->source_len || (c == '\n' && count == 1))
			return py_syntax(board, "invalid syntax");
		py->at++;
		py->line += c == '\n';
		if (c != '\\')
			text[len++] = c;
		else if (peek(py, 0) == '\n')
			py->at++, py->line++;
		else
			text[len++] = read_escape(py);
	}
	py->at += count;
	/* give back what was not needed */
	py->temp_len = (size_t)(text - py->temp) + len;
	py->token.type = PY_TEXT;
	py->token.at = text;
	py->token.len = len;
	return 0;
}

static int read_operator(struct wipy_board *board)
{
	static const char *const operators[] = {"**=", "//=", "**", "//",
		"==", "!=", "<=", ">=", "<<", ">>", "+=", "-=", "*=", "%=", "->", "+",
		"-", "*", "/", "%", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",",
		":", ".", ";", "&", "|", "^", "~", "@"};
	struct py *py = &board->py;
	const char *at = py->source + py->at;
	size_t left = py->source_len - py->at;

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t len = strlen(operators[i]);

		if (len > left || memcmp(at, operators[i], len) != 0)
			continue;
		py->token.type = PY_OPERATOR;
		py->token.at = at;
		py->token.len = len;
		py->at += len;
		if (strchr("([{", *at))
			py->brackets++;
		else if (strchr(")]}", *at) && py->brackets > 0)
			py->brackets--;
		return 0;
	}
	return py_syntax(board, "invalid syntax");
}

int py_next(struct wipy_board *board)
{
	struct py *py = &board->py;
	char c;

	skip_blanks(py);
	py->token = (struct py_token){.line = py->line, .at = py->source + py->at};
	c = peek(py, 0);
	if (py->at >= py->source_len) {
		py->token.type = PY_END;
		return 0;
	}
	if (c == '\n') {
		py->token.type = PY_NEWLINE;
		py->at++;
		py->line++;
		return 0;
	}
	if (is_digit(c))
		return read_number(board);
	if (c == '\'' || c == '"')
		return read_text(board);
	if (c == 'b' && (peek(py, 1) == '\'' || peek(py, 1) == '"')) {
		py->at++;
		py->token.is_bytes = true;
		return read_text(board);
	}
	if (!is_letter(c))
		return read_operator(board);
	py->token.type = PY_WORD;
	while (is_letter(peek(py, 0)) || is_digit(peek(py, 0))) {
		py->at++;
		py->token.len++;
	}
	return 0;
}
