/* SPDX-License-Identifier: MIT
 *
 * The lexer. A token's line is where its first character stands, behind all blanks in
 * front of it: so the end of a line counts for the line that follows, which is what
 * boards name in syntax errors.
 */
#include "firmware/core/py_lex.h"

#include <string.h>

#define TAB 8

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 128;
}

static int digit_value(int c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

static int file_char(struct py_lexer *lexer, uint32_t at)
{
	struct files *files = &lexer->board->files;
	int n;

	if (at < lexer->window_at || at >= lexer->window_at + lexer->window_len) {
		lexer->window_at = at;
		lexer->window_len = 0;
		n = files_seek(files, lexer->source->file, at);
		if (n >= 0)
			n = files_read(
				files, lexer->source->file, lexer->window, PY_WINDOW);
		if (n < 0)
			lexer->error = n;
		lexer->window_len = n > 0 ? (uint32_t)n : 0;
		if (n <= 0)
			return -1;
	}
	return (uint8_t)lexer->window[at - lexer->window_at];
}

static int char_at(struct py_lexer *lexer, uint32_t at)
{
	const char *text = lexer->source->text;

	return text ? (uint8_t)text[at] : file_char(lexer, at);
}

/* A carriage return alone ends a line, too. */
static int source_char(struct py_lexer *lexer, uint32_t at)
{
	int c = char_at(lexer, at);

	if (c != '\r')
		return c;
	return at + 1 < lexer->source->len && char_at(lexer, at + 1) == '\n' ? c : '\n';
}

/* The character `ahead` of the place reached; a line feed at the end if there is none,
 * then -1. */
static int peek(struct py_lexer *lexer, uint32_t ahead)
{
	uint32_t at = lexer->at + ahead;
	const struct py_source *source = lexer->source;

	if (at > source->len)
		return -1;
	if (at == source->len) {
		if (at > 0 && source_char(lexer, at - 1) == '\n')
			return -1;
		return '\n';
	}
	return source_char(lexer, at);
}

/* Blanks, comments, joined lines. Returns true if a line has ended. */
static bool skip_blanks(struct py_lexer *lexer, int *ret_column)
{
	bool ended = false;
	int column = 0;

	for (;;) {
		int c = peek(lexer, 0);

		if (c == '\n') {
			ended |= lexer->brackets == 0;
			/* the line feed that is added is not a line more */
			lexer->line++;
			column = -1;
		} else if (c == '#') {
			while (peek(lexer, 0) != '\n' && peek(lexer, 0) >= 0)
				lexer->at++;
			continue;
		} else if (c == '\\' &&
			   (peek(lexer, 1) == '\n' || peek(lexer, 1) == '\r')) {
			lexer->at += peek(lexer, 1) == '\r' ? 2 : 1;
			lexer->line++;
		} else if (c == '\t') {
			column = column / TAB * TAB + TAB - 1;
		} else if (c != ' ' && c != '\r' && c != '\f') {
			*ret_column = column;
			return ended;
		}
		if (c == '\r')
			column--;
		column++;
		lexer->at++;
	}
}

static void add_char(struct py_lexer *lexer, int c)
{
	struct wipy_board *board = lexer->board;
	struct py_value *work = &board->py.work[2];
	struct py_bytes *text = py_at(board, *work);
	size_t room = py_size(&text->head) - sizeof(*text);

	if (lexer->text_len >= room) {
		text = lexer->text_len < PY_BYTES_MAX
			       ? py_grow(board, work,
					 sizeof(*text) + room + room / 2 + 16)
			       : py_refuse(board, lexer->text_len, 1);
		if (!text) {
			lexer->no_memory = true;
			return;
		}
	}
	text->at[lexer->text_len++] = (char)c;
}

const char *py_lex_text(const struct py_lexer *lexer)
{
	return ((struct py_bytes *)py_at(lexer->board, lexer->board->py.work[2]))->at;
}

static void add_utf8(struct py_lexer *lexer, uint32_t c)
{
	if (c < 0x80) {
		add_char(lexer, (int)c);
	} else if (c < 0x800) {
		add_char(lexer, (int)(0xC0 | c >> 6));
		add_char(lexer, (int)(0x80 | (c & 63)));
	} else if (c < 0x10000) {
		add_char(lexer, (int)(0xE0 | c >> 12));
		add_char(lexer, (int)(0x80 | (c >> 6 & 63)));
		add_char(lexer, (int)(0x80 | (c & 63)));
	} else {
		add_char(lexer, (int)(0xF0 | (c >> 18 & 7)));
		add_char(lexer, (int)(0x80 | (c >> 12 & 63)));
		add_char(lexer, (int)(0x80 | (c >> 6 & 63)));
		add_char(lexer, (int)(0x80 | (c & 63)));
	}
}

static void invalid(
	struct py_lexer *lexer, enum py_exception_id type, const char *fault)
{
	lexer->type = PY_T_INVALID;
	lexer->fault_type = type;
	lexer->fault = fault;
}

static void add_code(struct py_lexer *lexer, uint32_t c)
{
	if (lexer->type == PY_T_BYTES)
		add_char(lexer, (int)(c & 255));
	else
		add_utf8(lexer, c);
}

/* Exactly `count` hexadecimal digits, or up to `count` octal ones. */
static void add_digits(struct py_lexer *lexer, int base, int count)
{
	uint32_t c = 0;
	int i = 0;

	for (; i < count && digit_value(peek(lexer, 0)) < base; i++, lexer->at++)
		c = c * (uint32_t)base + (uint32_t)digit_value(peek(lexer, 0));
	if ((base == 16 && i < count) || c > 0x10FFFF) {
		invalid(lexer, PY_SYNTAX_ERROR, NULL);
		return;
	}
	add_code(lexer, c);
}

static void read_escape(struct py_lexer *lexer)
{
	static const char from[] = "abfnrtv\\'\"";
	static const char to[] = "\a\b\f\n\r\t\v\\'\"";
	int c = peek(lexer, 0);
	const char *found = c > 0 ? memchr(from, c, sizeof(from) - 1) : NULL;

	if (c >= '0' && c <= '7') {
		add_digits(lexer, 8, 3);
		return;
	}
	if (c < 0)
		return;
	lexer->at++;
	if (c == 'x') {
		add_digits(lexer, 16, 2);
	} else if (lexer->type == PY_T_STR && (c == 'u' || c == 'U')) {
		add_digits(lexer, 16, c == 'u' ? 4 : 8);
	} else if (c == '\n') {
		lexer->line++;
	} else if (found) {
		add_char(lexer, to[found - from]);
	} else {
		add_char(lexer, '\\');
		add_char(lexer, c);
	}
}

/* The length of what stands in front of a quote ("", "b", "rb"...), or -1. */
static int prefix(struct py_lexer *lexer, bool *ret_raw, bool *ret_bytes)
{
	*ret_raw = false;
	*ret_bytes = false;
	for (uint32_t i = 0; i < 3; i++) {
		int c = peek(lexer, i);

		if (c == '\'' || c == '"')
			return (int)i;
		if (c == 'r' && !*ret_raw)
			*ret_raw = true;
		else if (c == 'b' && !*ret_bytes)
			*ret_bytes = true;
		else if (c != 'u' || i > 0)
			return -1;
	}
	return -1;
}

static bool at_quotes(struct py_lexer *lexer, int quote, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (peek(lexer, i) != quote)
			return false;
	return true;
}

static void read_one_string(struct py_lexer *lexer, bool raw)
{
	int quote = peek(lexer, 0);
	uint32_t count = at_quotes(lexer, quote, 3) ? 3 : 1;

	lexer->at += count;
	while (!at_quotes(lexer, quote, count)) {
		int c = peek(lexer, 0);

		/* the line feed that is added at the end is in no string */
		if (c < 0 || (c == '\n' && count == 1) ||
			lexer->at >= lexer->source->len)
			invalid(lexer, PY_SYNTAX_ERROR, NULL);
		if (lexer->type == PY_T_INVALID || lexer->no_memory)
			return;
		lexer->at++;
		if (c == '\r')
			continue;
		lexer->line = (uint16_t)(lexer->line + (c == '\n'));
		if (c == '\\' && !raw) {
			read_escape(lexer);
		} else {
			add_char(lexer, c);
			if (c == '\\' && peek(lexer, 0) == quote) {
				add_char(lexer, quote);
				lexer->at++;
			}
		}
	}
	lexer->at += count;
}

/* Strings side by side are one. */
static bool read_string(struct py_lexer *lexer)
{
	bool raw, bytes;
	int len = prefix(lexer, &raw, &bytes);
	int column;

	if (len < 0)
		return false;
	lexer->type = bytes ? PY_T_BYTES : PY_T_STR;
	while (len >= 0) {
		struct py_mark mark;

		lexer->at += (uint32_t)len;
		read_one_string(lexer, raw);
		if (lexer->type == PY_T_INVALID || lexer->no_memory)
			return true;
		mark = (struct py_mark){.at = lexer->at, .line = lexer->line};
		if (skip_blanks(lexer, &column)) {
			lexer->at = mark.at;
			lexer->line = mark.line;
			return true;
		}
		len = prefix(lexer, &raw, &bytes);
		if (len >= 0 && bytes != (lexer->type == PY_T_BYTES))
			invalid(lexer, PY_SYNTAX_ERROR,
				"cannot mix bytes and nonbytes literals");
		if (lexer->type == PY_T_INVALID)
			return true;
	}
	return true;
}

static void read_number(struct py_lexer *lexer)
{
	int64_t number = 0;
	int base = 10;
	int count = 0;

	lexer->type = PY_T_NUMBER;
	if (peek(lexer, 0) == '0') {
		int c = peek(lexer, 1) | 0x20;

		base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 10;
		lexer->at += base == 10 ? 0 : 2;
	}
	for (; digit_value(peek(lexer, 0)) < base; count++, lexer->at++) {
		if (number <= PY_INT_MAX)
			number = number * base + digit_value(peek(lexer, 0));
	}
	if (base == 10 && (peek(lexer, 0) == '.' || (peek(lexer, 0) | 0x20) == 'e' ||
				  (peek(lexer, 0) | 0x20) == 'j'))
		invalid(lexer, PY_SYNTAX_ERROR, "decimal numbers not supported");
	else if (count == 0 || is_letter(peek(lexer, 0)) || is_digit(peek(lexer, 0)))
		invalid(lexer, PY_SYNTAX_ERROR, "invalid syntax for integer");
	else if (number > PY_INT_MAX)
		invalid(lexer, PY_OVERFLOW_ERROR,
			"long int not supported in this build");
	lexer->number = number > PY_INT_MAX ? PY_INT_MAX : (int32_t)number;
}

static void read_name(struct py_lexer *lexer)
{
	static const char keywords[][9] = {"False", "None", "True", "and", "as",
		"assert", "break", "class", "continue", "def", "del", "elif", "else",
		"except", "finally", "for", "from", "global", "if", "import", "in",
		"is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return",
		"try", "while", "with", "yield"};
	const char *text;

	lexer->type = PY_T_NAME;
	while (is_letter(peek(lexer, 0)) || is_digit(peek(lexer, 0))) {
		add_char(lexer, peek(lexer, 0));
		lexer->at++;
	}
	text = py_lex_text(lexer);
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strlen(keywords[i]) == lexer->text_len &&
			memcmp(keywords[i], text, lexer->text_len) == 0)
			lexer->type = (enum py_token_type)(PY_T_KEYWORD + i);
}

static void read_operator(struct py_lexer *lexer)
{
	static const char operators[][4] = {"<", ">", "<=", ">=", "==", "!=", "+", "-",
		"*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>", "~", "=",
		"+=", "-=", "*=", "/=", "//=", "%=", "**=", "&=", "|=", "^=", "<<=",
		">>=", "(", ")", "[", "]", "{", "}", ",", ":", ";", "."};
	size_t best = 0;

	lexer->type = PY_T_INVALID;
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t len = strlen(operators[i]);
		uint32_t n = 0;

		while (n < len && peek(lexer, n) == operators[i][n])
			n++;
		if (n == len && len > best) {
			best = len;
			lexer->type = (enum py_token_type)(PY_T_OPERATOR + i);
		}
	}
	lexer->at += (uint32_t)best;
	if (lexer->type == PY_T_OPEN_PAREN || lexer->type == PY_T_OPEN_BRACKET ||
		lexer->type == PY_T_OPEN_BRACE)
		lexer->brackets++;
	else if ((lexer->type == PY_T_CLOSE_PAREN ||
			 lexer->type == PY_T_CLOSE_BRACKET ||
			 lexer->type == PY_T_CLOSE_BRACE) &&
		 lexer->brackets > 0)
		lexer->brackets--;
}

/* A new line begins in this column: how many indents or dedents that makes. */
static void count_dents(struct py_lexer *lexer, int column)
{
	if (column > lexer->indents[lexer->indent_count - 1]) {
		if (lexer->indent_count == PY_INDENTS || column > 255) {
			invalid(lexer, PY_RUNTIME_ERROR,
				"maximum recursion depth exceeded");
			return;
		}
		lexer->indents[lexer->indent_count++] = (uint8_t)column;
		lexer->dents = 1;
		return;
	}
	while (column < lexer->indents[lexer->indent_count - 1]) {
		lexer->indent_count--;
		lexer->dents--;
	}
	lexer->bad_dent = column != lexer->indents[lexer->indent_count - 1];
}

void py_lex_next(struct py_lexer *lexer)
{
	int column = 0;
	bool ended;
	int c;

	if (lexer->error || lexer->no_memory)
		return;
	lexer->before = (struct py_mark){
		lexer->at, lexer->line, lexer->brackets, lexer->indent_count};
	ended = skip_blanks(lexer, &column);
	c = peek(lexer, 0);
	lexer->token_line = lexer->line;
	lexer->token_brackets = lexer->brackets;
	lexer->start = lexer->at;
	lexer->text_len = 0;
	lexer->fault = NULL;
	lexer->fault_type = PY_SYNTAX_ERROR;
	if (lexer->dents != 0) {
		lexer->type = lexer->dents > 0 ? PY_T_INDENT : PY_T_DEDENT;
		lexer->dents += lexer->dents > 0 ? -1 : 1;
	} else if (lexer->bad_dent) {
		lexer->type = PY_T_BAD_DEDENT;
	} else if (ended) {
		lexer->type = PY_T_NEWLINE;
		count_dents(lexer, c < 0 ? 0 : column);
	} else if (c < 0) {
		lexer->type = PY_T_END;
	} else if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1)))) {
		read_number(lexer);
	} else if (!read_string(lexer)) {
		if (is_letter(c))
			read_name(lexer);
		else
			read_operator(lexer);
	}
}

void py_lex_start(struct py_lexer *lexer, struct wipy_board *board,
	const struct py_source *source)
{
	*lexer = (struct py_lexer){.board = board, .source = source, .line = 1};
	lexer->indent_count = 1;
	py_lex_next(lexer);
	/* blanks in front of the very first token are an indent */
	if (lexer->start > 0 && lexer->type != PY_T_NEWLINE && lexer->token_line == 1 &&
		lexer->type != PY_T_END)
		lexer->type = PY_T_INDENT;
}

struct py_mark py_lex_mark(const struct py_lexer *lexer)
{
	return lexer->before;
}

void py_lex_back(struct py_lexer *lexer, struct py_mark mark)
{
	lexer->at = mark.at;
	lexer->line = mark.line;
	lexer->brackets = mark.brackets;
	lexer->indent_count = mark.indent_count;
	lexer->dents = 0;
	lexer->bad_dent = false;
	py_lex_next(lexer);
}
