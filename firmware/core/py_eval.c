/* SPDX-License-Identifier: MIT
 *
 * Expressions of the small Python, by recursive descent. While py.dry is above 0 the
 * same code only parses: for the syntax check of a whole line, and for the half of
 * `and` and `or` that is not evaluated.
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

int py_raise(struct wipy_board *board, const char *error, const char *text)
{
	struct py *py = &board->py;

	py->error = error;
	py->error_in_syntax = false;
	py->error_text = text;
	py->error_text_len = strlen(text);
	py->error_line = py->token.line;
	return -1;
}

int py_syntax(struct wipy_board *board, const char *text)
{
	py_raise(board, "SyntaxError", text);
	board->py.error_in_syntax = true;
	return -1;
}

int py_descend(struct wipy_board *board)
{
	if (++board->py.depth > PY_DEPTH)
		return py_raise(
			board, "RuntimeError", "maximum recursion depth exceeded");
	return 0;
}

char *py_temp(struct wipy_board *board, size_t len)
{
	struct py *py = &board->py;
	char *at = py->temp + py->temp_len;

	if (len > sizeof(py->temp) - py->temp_len) {
		py_raise(board, "MemoryError", "");
		return NULL;
	}
	py->temp_len += len;
	return at;
}

/* ---- tokens ------------------------------------------------------------------- */

bool py_at_operator(const struct py *py, const char *spelling)
{
	size_t len = strlen(spelling);

	return py->token.type == PY_OPERATOR && py->token.len == len &&
	       memcmp(py->token.at, spelling, len) == 0;
}

bool py_at_word(const struct py *py, const char *word)
{
	size_t len = strlen(word);

	return py->token.type == PY_WORD && py->token.len == len &&
	       memcmp(py->token.at, word, len) == 0;
}

static bool is_keyword(const struct py_token *token)
{
	static const char words[] =
		" and as assert break class continue def del elif else except finally "
		"for from global if import in is lambda nonlocal not or pass raise "
		"return try while with yield None True False ";
	char needle[12] = " ";

	if (token->len > sizeof(needle) - 3)
		return false;
	memcpy(needle + 1, token->at, token->len);
	needle[token->len + 1] = ' ';
	return strstr(words, needle) != NULL;
}

bool py_at_name(const struct py *py)
{
	return py->token.type == PY_WORD && !is_keyword(&py->token);
}

int py_invalid(struct wipy_board *board)
{
	return py_syntax(board, "invalid syntax");
}

static int expect(struct wipy_board *board, const char *spelling)
{
	return py_at_operator(&board->py, spelling) ? py_next(board)
						    : py_invalid(board);
}

/* ---- expressions -------------------------------------------------------------- */

static const struct py_value none = {.type = PY_NONE};

static struct py_value truth(bool value)
{
	return (struct py_value){.type = PY_BOOL, .number = value};
}

/* Texts that stand side by side are one. */
static int texts(struct wipy_board *board, struct py_value *ret_value)
{
	struct py *py = &board->py;
	struct py_token first = py->token;
	struct py_value value = py_text(first.at, first.len);

	if (first.is_bytes)
		value.type = PY_BYTES;
	if (py_next(board) < 0)
		return -1;
	while (py->token.type == PY_TEXT && py->token.is_bytes == first.is_bytes) {
		struct py_value more = py_text(py->token.at, py->token.len);

		more.type = value.type;
		if (py_binary(board, "+", 1, &value, &more, &value) < 0 ||
			py_next(board) < 0)
			return -1;
	}
	if (py->token.type == PY_TEXT)
		return py_invalid(board);
	*ret_value = value;
	return 0;
}

static int word(struct wipy_board *board, struct py_value *ret_value)
{
	struct py *py = &board->py;
	struct py_token token = py->token;

	if (py_at_word(py, "None"))
		*ret_value = none;
	else if (py_at_word(py, "True") || py_at_word(py, "False"))
		*ret_value = truth(py_at_word(py, "True"));
	else if (is_keyword(&token))
		return py_invalid(board);
	else if (py->dry > 0)
		*ret_value = none;
	else if (py_get_name(board, token.at, token.len, ret_value) < 0)
		return -1;
	return py_next(board);
}

static int atom(struct wipy_board *board, struct py_value *ret_value)
{
	struct py *py = &board->py;

	switch (py->token.type) {
	case PY_WORD:
		return word(board, ret_value);
	case PY_NUMBER:
		*ret_value = none;
		if (py_int(board, py->token.number, ret_value) < 0)
			return -1;
		return py_next(board);
	case PY_TEXT:
		return texts(board, ret_value);
	case PY_OPERATOR:
		if (expect(board, "(") < 0 || py_expression(board, ret_value) < 0)
			return -1;
		return expect(board, ")");
	case PY_END:
	case PY_NEWLINE:
		break;
	}
	return py_invalid(board);
}

/* At NAME = (not ==): a named argument or an assignment. The parser has to look one
 * token ahead, and comes back. */
bool py_at_binding(struct wipy_board *board)
{
	struct py *py = &board->py;
	struct py_token token = py->token;
	size_t at = py->at, temp_len = py->temp_len;
	int line = py->line, brackets = py->brackets;
	bool binding;

	if (!py_at_name(py))
		return false;
	binding = py_next(board) == 0 && py_at_operator(py, "=");
	py->token = token;
	py->at = at;
	py->temp_len = temp_len;
	py->line = line;
	py->brackets = brackets;
	py->error = NULL;
	return binding;
}

static int argument(struct wipy_board *board, struct py_args *args)
{
	struct py *py = &board->py;

	if (py_at_binding(board)) {
		int i = args->named_count++;

		if (i == PY_ARGS)
			return py_raise(board, "TypeError", "too many arguments");
		args->named[i].name = py->token.at;
		args->named[i].name_len = py->token.len;
		if (py_next(board) < 0 || py_next(board) < 0)
			return -1;
		return py_expression(board, &args->named[i].value);
	}
	if (args->named_count > 0)
		return py_invalid(board);
	if (args->count == PY_ARGS)
		return py_raise(board, "TypeError", "too many arguments");
	return py_expression(board, &args->value[args->count++]);
}

static int arguments(struct wipy_board *board, struct py_args *ret_args)
{
	struct py *py = &board->py;

	ret_args->count = 0;
	ret_args->named_count = 0;
	while (!py_at_operator(py, ")")) {
		if (argument(board, ret_args) < 0)
			return -1;
		if (!py_at_operator(py, ",")) {
			if (!py_at_operator(py, ")"))
				return py_invalid(board);
		} else if (py_next(board) < 0) {
			return -1;
		}
	}
	return py_next(board);
}

static int call(struct wipy_board *board, struct py_value *value)
{
	struct py_args args;
	const struct py_function *function = value->function;

	if (py_next(board) < 0 || arguments(board, &args) < 0)
		return -1;
	if (board->py.dry > 0)
		return 0;
	if (value->type != PY_FUNCTION)
		return py_raise(board, "TypeError", "object not callable");
	if (args.count < function->min_args ||
		(function->max_args >= 0 &&
			(args.count > function->max_args || args.named_count > 0)))
		return py_raise(board, "TypeError", "argument num/types mismatch");
	*value = none;
	return function->call(board, &args, value);
}

static int postfix(struct wipy_board *board, struct py_value *ret_value)
{
	struct py *py = &board->py;

	if (atom(board, ret_value) < 0)
		return -1;
	for (;;) {
		if (py_at_operator(py, "(")) {
			if (call(board, ret_value) < 0)
				return -1;
		} else if (py_at_operator(py, ".")) {
			if (py_next(board) < 0)
				return -1;
			if (!py_at_name(py))
				return py_invalid(board);
			if (py->dry == 0 && py_attribute(board, ret_value, py->token.at,
						    py->token.len, ret_value) < 0)
				return -1;
			if (py_next(board) < 0)
				return -1;
		} else {
			return 0;
		}
	}
}

static int unary(struct wipy_board *board, struct py_value *ret_value);

static int power(struct wipy_board *board, struct py_value *ret_value)
{
	struct py_value right;
	int result;

	if (postfix(board, ret_value) < 0)
		return -1;
	if (!py_at_operator(&board->py, "**"))
		return 0;
	if (py_next(board) < 0 || py_descend(board) < 0)
		return -1;
	result = unary(board, &right);
	board->py.depth--;
	return result < 0 ? -1
			  : py_binary(board, "**", 2, ret_value, &right, ret_value);
}

static int unary(struct wipy_board *board, struct py_value *ret_value)
{
	struct py *py = &board->py;
	struct py_value zero = {.type = PY_INT};
	int result;

	if (!py_at_operator(py, "-") && !py_at_operator(py, "+"))
		return power(board, ret_value);
	if (py_descend(board) < 0)
		return -1;

	const char *op = py_at_operator(py, "-") ? "-" : "+";

	result = py_next(board) < 0 ? -1 : unary(board, ret_value);
	py->depth--;
	return result < 0 ? -1 : py_binary(board, op, 1, &zero, ret_value, ret_value);
}

/* Binary operators that group from the left, loosest first. */
static const char *const levels[][6] = {
	{"<", ">", "==", ">=", "<=", "!="},
	{"+", "-"},
	{"*", "/", "//", "%"},
};

#define LEVELS ((int)(sizeof(levels) / sizeof(levels[0])))

static bool at_level(const struct py *py, int level)
{
	for (size_t i = 0; i < 6 && levels[level][i]; i++)
		if (py_at_operator(py, levels[level][i]))
			return true;
	return false;
}

static int binary(struct wipy_board *board, int level, struct py_value *ret_value)
{
	struct py *py = &board->py;

	if (level == LEVELS)
		return unary(board, ret_value);
	if (binary(board, level + 1, ret_value) < 0)
		return -1;
	while (at_level(py, level)) {
		struct py_token op = py->token;
		struct py_value right;

		if (py_next(board) < 0 || binary(board, level + 1, &right) < 0 ||
			py_binary(board, op.at, op.len, ret_value, &right, ret_value) <
				0)
			return -1;
	}
	return 0;
}

static int negation(struct wipy_board *board, struct py_value *ret_value)
{
	bool negate = false, any = false;

	while (py_at_word(&board->py, "not")) {
		negate = !negate;
		any = true;
		if (py_next(board) < 0)
			return -1;
	}
	if (binary(board, 0, ret_value) < 0)
		return -1;
	if (any)
		*ret_value = truth(py_truth(ret_value) != negate);
	return 0;
}

/* `and` where `is_or` is false. The right side is only parsed where the left decides. */
static int logic(struct wipy_board *board, bool is_or, struct py_value *ret_value)
{
	struct py *py = &board->py;

	if ((is_or ? logic(board, false, ret_value) : negation(board, ret_value)) < 0)
		return -1;
	while (py_at_word(py, is_or ? "or" : "and")) {
		struct py_value right;
		bool decided = py_truth(ret_value) == is_or;
		int result;

		if (py_next(board) < 0)
			return -1;
		py->dry += decided;
		result = is_or ? logic(board, false, &right) : negation(board, &right);
		py->dry -= decided;
		if (result < 0)
			return -1;
		if (!decided)
			*ret_value = right;
	}
	return 0;
}

int py_expression(struct wipy_board *board, struct py_value *ret_value)
{
	struct py *py = &board->py;
	int result;

	*ret_value = none;
	if (py_descend(board) < 0)
		return -1;
	result = logic(board, true, ret_value);
	py->depth--;
	return result;
}
