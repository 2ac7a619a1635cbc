/* SPDX-License-Identifier: MIT
 *
 * Tokens of Python source, read from memory or from a file. The lexer can be set back to
 * a token it has given, which is how targets are compiled behind their values.
 */
#ifndef WIPY_FIRMWARE_PY_LEX_H
#define WIPY_FIRMWARE_PY_LEX_H

#include "firmware/core/py_code.h"

#define PY_INDENTS 24
#define PY_WINDOW  64

enum py_token_type {
	PY_T_END,
	PY_T_NEWLINE,
	PY_T_INDENT,
	PY_T_DEDENT,
	PY_T_BAD_DEDENT,
	PY_T_INVALID,
	PY_T_NAME,
	PY_T_NUMBER,
	PY_T_STR,
	PY_T_BYTES,
	PY_T_OPERATOR, /* the first operator; the others follow in their order */
	PY_T_LESS = PY_T_OPERATOR,
	PY_T_GREATER,
	PY_T_LESS_EQUAL,
	PY_T_GREATER_EQUAL,
	PY_T_EQUAL,
	PY_T_NOT_EQUAL,
	PY_T_PLUS,
	PY_T_MINUS,
	PY_T_STAR,
	PY_T_SLASH,
	PY_T_FLOOR,
	PY_T_PERCENT,
	PY_T_POWER,
	PY_T_AMPERSAND,
	PY_T_BAR,
	PY_T_CARET,
	PY_T_LEFT,
	PY_T_RIGHT,
	PY_T_TILDE,
	PY_T_ASSIGN,
	PY_T_PLUS_ASSIGN,
	PY_T_MINUS_ASSIGN,
	PY_T_STAR_ASSIGN,
	PY_T_SLASH_ASSIGN,
	PY_T_FLOOR_ASSIGN,
	PY_T_PERCENT_ASSIGN,
	PY_T_POWER_ASSIGN,
	PY_T_AND_ASSIGN,
	PY_T_OR_ASSIGN,
	PY_T_XOR_ASSIGN,
	PY_T_LEFT_ASSIGN,
	PY_T_RIGHT_ASSIGN,
	PY_T_OPEN_PAREN,
	PY_T_CLOSE_PAREN,
	PY_T_OPEN_BRACKET,
	PY_T_CLOSE_BRACKET,
	PY_T_OPEN_BRACE,
	PY_T_CLOSE_BRACE,
	PY_T_COMMA,
	PY_T_COLON,
	PY_T_SEMICOLON,
	PY_T_DOT,
	PY_T_KEYWORD, /* the first keyword; the others follow in their order */
	PY_K_FALSE = PY_T_KEYWORD,
	PY_K_NONE,
	PY_K_TRUE,
	PY_K_AND,
	PY_K_AS,
	PY_K_ASSERT,
	PY_K_BREAK,
	PY_K_CLASS,
	PY_K_CONTINUE,
	PY_K_DEF,
	PY_K_DEL,
	PY_K_ELIF,
	PY_K_ELSE,
	PY_K_EXCEPT,
	PY_K_FINALLY,
	PY_K_FOR,
	PY_K_FROM,
	PY_K_GLOBAL,
	PY_K_IF,
	PY_K_IMPORT,
	PY_K_IN,
	PY_K_IS,
	PY_K_LAMBDA,
	PY_K_NONLOCAL,
	PY_K_NOT,
	PY_K_OR,
	PY_K_PASS,
	PY_K_RAISE,
	PY_K_RETURN,
	PY_K_TRY,
	PY_K_WHILE,
	PY_K_WITH,
	PY_K_YIELD,
};

struct py_mark {
	uint32_t at;
	uint16_t line;
	uint16_t brackets;
	uint8_t indent_count;
};

struct py_lexer {
	struct wipy_board *board;
	const struct py_source *source;
	uint32_t at;
	int error; /* what files_read() said */
	uint32_t window_at;
	uint32_t window_len;
	char window[PY_WINDOW];
	uint16_t line;
	uint16_t brackets;
	int dents; /* tokens to come: above 0 indents, below dedents */
	bool bad_dent;
	uint8_t indent_count;
	uint8_t indents[PY_INDENTS];

	/* the token */
	enum py_token_type type;
	uint16_t token_line;
	uint16_t token_brackets;
	uint32_t start;
	struct py_mark before; /* in front of the blanks in front of it */
	int32_t number;
	const char *fault; /* of an INVALID one; NULL: invalid syntax */
	enum py_exception_id fault_type;
	/* NAME, STR, BYTES: contents, in board->py.work[2] */
	uint32_t text_len;
	bool no_memory;
};

/* Reads the first token, too. */
void py_lex_start(struct py_lexer *lexer, struct wipy_board *board,
	const struct py_source *source);
void py_lex_next(struct py_lexer *lexer);
/* The present token; py_lex_back() makes it the present one again. Not for indents. */
struct py_mark py_lex_mark(const struct py_lexer *lexer);
void py_lex_back(struct py_lexer *lexer, struct py_mark mark);
const char *py_lex_text(const struct py_lexer *lexer);

#endif
