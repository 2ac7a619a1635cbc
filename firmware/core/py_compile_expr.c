/* SPDX-License-Identifier: MIT
 *
 * The compiler: expressions, by precedence.
 */
#include <string.h>

#include "firmware/core/py_compile.h"

#define COMPREHENSIONS_MAX 3 /* nested: each one compiles what is in it twice */

enum precedence {
	NO_OPERATOR,
	OR,
	AND,
	NOT,
	COMPARE,
	BIT_OR,
	BIT_XOR,
	BIT_AND,
	SHIFT,
	SUM,
	PRODUCT,
};

static void binary(struct py_compiler *c, enum precedence min);

/* ---- the smallest things ------------------------------------------------------------ */

static void number(struct py_compiler *c)
{
	int32_t n = c->lexer.number;

	if (n < 128)
		py_emit_8(c, PY_OP_LOAD_INT, n, 1);
	else
		py_emit_16(c, PY_OP_LOAD_CONST, py_const(c, PY_INT(n)), 1);
	py_step_token(c);
}

static void text(struct py_compiler *c, enum py_kind kind)
{
	py_emit_16(c, PY_OP_LOAD_CONST, py_const_text(c, kind), 1);
	py_step_token(c);
}

/* Further values behind the first, up to the closing token or the end of the list. */
static void rest_of_tuple(struct py_compiler *c)
{
	int count = 1;

	while (py_accept(c, PY_T_COMMA)) {
		enum py_token_type type = c->lexer.type;

		if (type == PY_T_CLOSE_PAREN || type == PY_T_CLOSE_BRACKET ||
			type == PY_T_ASSIGN || type == PY_T_NEWLINE ||
			type == PY_T_SEMICOLON || type == PY_T_COLON ||
			type == PY_T_END)
			break;
		py_compile_test(c);
		count++;
	}
	py_emit_16(c, PY_OP_TUPLE, count, 1 - count);
}

static void parentheses(struct py_compiler *c)
{
	py_step_token(c);
	if (py_accept(c, PY_T_CLOSE_PAREN)) {
		py_emit_16(c, PY_OP_TUPLE, 0, 1);
		return;
	}
	py_compile_list(c);
	py_expect(c, PY_T_CLOSE_PAREN);
}

/* Behind the element of [element for ...]: its code was taken away, the list lies
 * `level` loops below. */
static void comprehension(struct py_compiler *c, struct py_mark element, int level)
{
	uint16_t depth = c->scope->depth;
	struct py_mark targets, behind;
	uint16_t top, end;

	if (!py_nest(c))
		return;
	py_expect(c, PY_K_FOR);
	targets = py_skip_targets(c);
	py_compile_or(c);
	py_emit(c, PY_OP_ITER, 0);
	top = c->len;
	end = py_jump(c, PY_OP_FOR, 1);
	py_compile_targets(c, targets);
	while (py_accept(c, PY_K_IF)) {
		py_compile_or(c);
		py_jump_back(c, PY_OP_JUMP_FALSE, top, -1);
	}
	if (c->lexer.type == PY_K_FOR) {
		comprehension(c, element, level + 1);
	} else {
		behind = py_lex_mark(&c->lexer);
		py_set_back(c, element);
		py_compile_test(c);
		py_emit_8(c, PY_OP_LIST_ADD, level + 1, -1);
		py_set_back(c, behind);
	}
	py_jump_back(c, PY_OP_JUMP, top, 0);
	py_land(c, end);
	c->scope->depth = depth;
	c->nesting--;
}

static void brackets(struct py_compiler *c)
{
	int outer = c->comprehensions;
	struct py_mark element;
	uint16_t start, depth;
	bool first = true;

	py_step_token(c);
	py_emit(c, PY_OP_LIST, 1);
	element = py_lex_mark(&c->lexer);
	start = c->len;
	depth = c->scope->depth;
	c->comprehensions = 0;
	while (!c->failed && c->lexer.type != PY_T_CLOSE_BRACKET) {
		py_compile_test(c);
		if (c->lexer.type == PY_K_FOR && first) {
			py_cut_code(c, start, depth);
			if (++c->comprehensions > COMPREHENSIONS_MAX)
				py_fail(c, PY_RUNTIME_ERROR,
					"maximum recursion depth exceeded");
			comprehension(c, element, 0);
			break;
		}
		first = false;
		py_emit_8(c, PY_OP_LIST_ADD, 0, -1);
		if (!py_accept(c, PY_T_COMMA))
			break;
	}
	if (c->comprehensions < outer)
		c->comprehensions = outer;
	py_expect(c, PY_T_CLOSE_BRACKET);
	c->last = PY_NO_CODE;
}

static void braces(struct py_compiler *c)
{
	py_step_token(c);
	py_emit(c, PY_OP_DICT, 1);
	while (!c->failed && c->lexer.type != PY_T_CLOSE_BRACE) {
		py_compile_test(c);
		py_expect(c, PY_T_COLON);
		py_compile_test(c);
		py_emit(c, PY_OP_DICT_ADD, -2);
		if (!py_accept(c, PY_T_COMMA))
			break;
	}
	py_expect(c, PY_T_CLOSE_BRACE);
	c->last = PY_NO_CODE;
}

static void atom(struct py_compiler *c)
{
	enum py_token_type type = c->lexer.type;

	if (type == PY_T_NAME) {
		py_emit_name(c, PY_OP_LOAD_NAME, py_const_text(c, PY_STR), 1);
		py_step_token(c);
	} else if (type == PY_T_NUMBER) {
		number(c);
	} else if (type == PY_T_STR) {
		text(c, PY_STR);
	} else if (type == PY_T_BYTES) {
		text(c, PY_BYTES);
	} else if (type == PY_T_OPEN_PAREN) {
		parentheses(c);
	} else if (type == PY_T_OPEN_BRACKET) {
		brackets(c);
	} else if (type == PY_T_OPEN_BRACE) {
		braces(c);
	} else if (py_accept(c, PY_K_NONE)) {
		py_emit(c, PY_OP_LOAD_NONE, 1);
	} else if (py_accept(c, PY_K_TRUE)) {
		py_emit(c, PY_OP_LOAD_TRUE, 1);
	} else if (py_accept(c, PY_K_FALSE)) {
		py_emit(c, PY_OP_LOAD_FALSE, 1);
	} else {
		py_fail_token(c);
	}
}

/* ---- calls, subscripts, attributes --------------------------------------------------- */

/* The load of a bare name that stands in front of =. */
static bool take_keyword(struct py_compiler *c, uint16_t start)
{
	uint16_t name;

	if (c->failed || c->lexer.type != PY_T_ASSIGN || c->last != start ||
		*py_code_at(c, start) != PY_OP_LOAD_NAME)
		return false;
	name = py_u16(py_code_at(c, (uint16_t)(start + 1)));
	py_cut_code(c, start, (uint16_t)(c->scope->depth - 1));
	py_emit_16(c, PY_OP_LOAD_CONST, name, 1);
	py_step_token(c);
	py_compile_test(c);
	return true;
}

static void call(struct py_compiler *c)
{
	int count = 0;
	int named = 0;

	py_step_token(c);
	while (!c->failed && c->lexer.type != PY_T_CLOSE_PAREN) {
		uint16_t start = c->len;

		py_compile_test(c);
		if (take_keyword(c, start))
			named++;
		else if (named > 0)
			py_fail(c, PY_SYNTAX_ERROR,
				"non-keyword arg after keyword arg");
		else
			count++;
		if (!py_accept(c, PY_T_COMMA))
			break;
	}
	py_expect(c, PY_T_CLOSE_PAREN);
	if (count > 255 || named > 255)
		py_fail(c, PY_RUNTIME_ERROR, "too many arguments");
	py_emit_8(c, PY_OP_CALL, count, -count - named * 2);
	py_emit_bytes(c, 1);
	py_patch_8(c, (uint16_t)(c->len - 1), named);
}

static void part_of_slice(struct py_compiler *c)
{
	if (c->lexer.type == PY_T_COLON || c->lexer.type == PY_T_CLOSE_BRACKET)
		py_emit(c, PY_OP_LOAD_NONE, 1);
	else
		py_compile_test(c);
}

static void subscript(struct py_compiler *c)
{
	py_step_token(c);
	if (c->lexer.type == PY_T_CLOSE_BRACKET)
		py_fail_token(c);
	part_of_slice(c);
	if (py_accept(c, PY_T_COLON)) {
		part_of_slice(c);
		if (py_accept(c, PY_T_COLON))
			part_of_slice(c);
		else
			py_emit(c, PY_OP_LOAD_NONE, 1);
		py_emit(c, PY_OP_SLICE, -2);
	} else if (c->lexer.type == PY_T_COMMA) {
		rest_of_tuple(c);
	}
	py_expect(c, PY_T_CLOSE_BRACKET);
	py_emit(c, PY_OP_LOAD_ITEM, -1);
}

void py_compile_primary(struct py_compiler *c)
{
	atom(c);
	for (;;) {
		if (c->lexer.type == PY_T_OPEN_PAREN) {
			call(c);
		} else if (c->lexer.type == PY_T_OPEN_BRACKET) {
			subscript(c);
		} else if (py_accept(c, PY_T_DOT)) {
			if (c->lexer.type != PY_T_NAME)
				py_fail_token(c);
			py_emit_name(c, PY_OP_LOAD_ATTR, py_const_text(c, PY_STR), 0);
			py_step_token(c);
		} else {
			return;
		}
	}
}

/* ---- operators ------------------------------------------------------------------------ */

static void unary(struct py_compiler *c)
{
	enum py_token_type type = c->lexer.type;

	if (!py_nest(c))
		return;
	if (type == PY_T_MINUS || type == PY_T_PLUS || type == PY_T_TILDE) {
		py_step_token(c);
		unary(c);
		py_emit_8(c, PY_OP_UNARY,
			type == PY_T_MINUS  ? PY_NEGATIVE
			: type == PY_T_PLUS ? PY_POSITIVE
					    : PY_INVERT,
			0);
	} else {
		py_compile_primary(c);
		if (py_accept(c, PY_T_POWER)) {
			unary(c);
			py_emit_8(c, PY_OP_BINARY, PY_POWER, -1);
		}
	}
	c->nesting--;
}

static const struct {
	uint8_t token;
	uint8_t precedence;
	uint8_t op;
} operators[] = {
	{PY_K_OR, OR, 0},
	{PY_K_AND, AND, 0},
	{PY_T_LESS, COMPARE, PY_LT},
	{PY_T_GREATER, COMPARE, PY_GT},
	{PY_T_LESS_EQUAL, COMPARE, PY_LE},
	{PY_T_GREATER_EQUAL, COMPARE, PY_GE},
	{PY_T_EQUAL, COMPARE, PY_EQ},
	{PY_T_NOT_EQUAL, COMPARE, PY_NE},
	{PY_K_IN, COMPARE, PY_IN},
	{PY_K_NOT, COMPARE, PY_NOT_IN},
	{PY_K_IS, COMPARE, PY_IS},
	{PY_T_BAR, BIT_OR, PY_OR},
	{PY_T_CARET, BIT_XOR, PY_XOR},
	{PY_T_AMPERSAND, BIT_AND, PY_AND},
	{PY_T_LEFT, SHIFT, PY_LEFT},
	{PY_T_RIGHT, SHIFT, PY_RIGHT},
	{PY_T_PLUS, SUM, PY_ADD},
	{PY_T_MINUS, SUM, PY_SUBTRACT},
	{PY_T_STAR, PRODUCT, PY_MULTIPLY},
	{PY_T_SLASH, PRODUCT, PY_DIVIDE},
	{PY_T_FLOOR, PRODUCT, PY_FLOOR},
	{PY_T_PERCENT, PRODUCT, PY_MODULO},
};

static enum precedence operator_at(const struct py_compiler *c, enum py_binary *ret_op)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (operators[i].token == c->lexer.type) {
			*ret_op = (enum py_binary)operators[i].op;
			return (enum precedence)operators[i].precedence;
		}
	}
	return NO_OPERATOR;
}

/* Behind the left side of a comparison: a < b < c. */
static void comparison(struct py_compiler *c, enum py_binary op)
{
	enum py_binary next = op;
	uint16_t chain = 0;
	uint16_t end;

	do {
		op = next;
		py_step_token(c);
		if (op == PY_NOT_IN)
			py_expect(c, PY_K_IN);
		else if (op == PY_IS && py_accept(c, PY_K_NOT))
			op = PY_IS_NOT;
		binary(c, BIT_OR);
		if (operator_at(c, &next) != COMPARE)
			break;
		py_emit(c, PY_OP_DUP, 1);
		py_emit(c, PY_OP_ROT3, 0);
		py_emit_8(c, PY_OP_BINARY, op, -1);
		py_jump_chain(c, PY_OP_FALSE_OR_POP, &chain, -1);
	} while (!c->failed);
	py_emit_8(c, PY_OP_BINARY, op, -1);
	if (!chain)
		return;
	end = py_jump(c, PY_OP_JUMP, 0);
	py_land_chain(c, chain);
	py_emit(c, PY_OP_ROT2, 0);
	py_emit(c, PY_OP_POP, 0);
	py_land(c, end);
}

static void binary(struct py_compiler *c, enum precedence min)
{
	enum precedence precedence;
	enum py_binary op = PY_ADD;
	uint16_t end;

	if (c->lexer.type == PY_K_NOT && min <= NOT) {
		if (!py_nest(c))
			return;
		py_step_token(c);
		binary(c, NOT);
		py_emit_8(c, PY_OP_UNARY, PY_NOT, 0);
		c->nesting--;
	} else {
		unary(c);
	}
	while ((precedence = operator_at(c, &op)) >= min && precedence) {
		if (precedence == COMPARE) {
			comparison(c, op);
			continue;
		}
		py_step_token(c);
		if (precedence > COMPARE) {
			binary(c, (enum precedence)(precedence + 1));
			py_emit_8(c, PY_OP_BINARY, op, -1);
			continue;
		}
		end = py_jump(c,
			precedence == OR ? PY_OP_TRUE_OR_POP : PY_OP_FALSE_OR_POP, -1);
		binary(c, (enum precedence)(precedence + 1));
		py_land(c, end);
	}
}

void py_compile_or(struct py_compiler *c)
{
	binary(c, OR);
}

/* Behind a, at the if of `a if test else b`: the test runs first, so a jump is put in
 * front of a. */
static void conditional(struct py_compiler *c, uint16_t start)
{
	uint16_t end;

	py_step_token(c);
	py_insert(c, start, 3);
	py_patch_8(c, start, PY_OP_JUMP);
	end = py_jump(c, PY_OP_JUMP, -1);
	py_land(c, (uint16_t)(start + 1));
	py_compile_or(c);
	py_jump_back(c, PY_OP_JUMP_TRUE, (uint16_t)(start + 3), -1);
	py_expect(c, PY_K_ELSE);
	py_compile_test(c);
	py_land(c, end);
}

void py_compile_test(struct py_compiler *c)
{
	uint16_t start = c->len;

	if (!py_nest(c))
		return;
	if (py_accept(c, PY_K_LAMBDA)) {
		py_compile_function(c, PY_NAME_LAMBDA, true);
	} else {
		py_compile_or(c);
		if (c->lexer.type == PY_K_IF)
			conditional(c, start);
	}
	c->nesting--;
}

void py_compile_list(struct py_compiler *c)
{
	py_compile_test(c);
	if (c->lexer.type == PY_T_COMMA)
		rest_of_tuple(c);
}
