/* SPDX-License-Identifier: MIT
 *
 * The compiler: what is assigned to. A target is compiled as if its value were wanted,
 * and the last instruction, the load, is taken away again; targets in a row are read a
 * second time behind their value.
 */
#include "firmware/core/py_compile.h"

struct py_target py_take_target(struct py_compiler *c)
{
	struct py_target target = {PY_TARGET_NONE, 0};
	uint16_t depth = c->scope->depth;
	const uint8_t *code;

	if (c->failed)
		return target;
	if (c->last == PY_NO_CODE) {
		py_fail(c, PY_SYNTAX_ERROR, "can't assign to expression");
		return target;
	}
	code = py_code_at(c, c->last);
	if (*code == PY_OP_LOAD_NAME) {
		target = (struct py_target){PY_TARGET_NAME, py_u16(code + 1)};
		depth = (uint16_t)(depth - 1);
	} else if (*code == PY_OP_LOAD_ATTR) {
		target = (struct py_target){PY_TARGET_ATTR, py_u16(code + 1)};
	} else if (*code == PY_OP_LOAD_ITEM) {
		target.type = PY_TARGET_ITEM;
		depth = (uint16_t)(depth + 1);
	} else {
		bool literal = *code >= PY_OP_LOAD_NONE && *code <= PY_OP_LOAD_CONST;

		py_fail(c, PY_SYNTAX_ERROR,
			literal ? "can't assign to literal"
				: "can't assign to expression");
		return target;
	}
	py_cut_code(c, c->last, depth);
	return target;
}

/* The value is on top, above what the target needs. */
static void store(struct py_compiler *c, struct py_target target, bool keep)
{
	if (target.type == PY_TARGET_NAME) {
		if (keep)
			py_emit(c, PY_OP_DUP, 1);
		py_emit_name(c, PY_OP_STORE_NAME, target.name, -1);
		return;
	}
	if (target.type == PY_TARGET_ATTR)
		py_emit_16(c, PY_OP_STORE_ATTR, target.name, -1);
	else
		py_emit(c, PY_OP_STORE_ITEM, -2);
	if (!keep)
		py_emit(c, PY_OP_POP, -1);
}

/* At the end of a row of targets. */
static bool ends_targets(const struct py_compiler *c, uint16_t brackets)
{
	enum py_token_type type = c->lexer.type;

	return type == PY_T_NEWLINE || type == PY_T_END || type == PY_T_INDENT ||
	       type == PY_T_DEDENT || type == PY_T_BAD_DEDENT ||
	       (c->lexer.token_brackets == brackets &&
		       (type == PY_T_ASSIGN || type == PY_K_IN ||
			       type == PY_T_CLOSE_PAREN || type == PY_T_CLOSE_BRACKET));
}

/* How many there are; 0: one without a comma. */
static int count_targets(struct py_compiler *c)
{
	struct py_mark mark = py_lex_mark(&c->lexer);
	uint16_t brackets = c->lexer.token_brackets;
	bool comma = false;
	bool inside = false;
	int count = 0;

	while (!c->failed && !ends_targets(c, brackets)) {
		if (c->lexer.type == PY_T_COMMA &&
			c->lexer.token_brackets == brackets) {
			comma = true;
			inside = false;
		} else if (!inside) {
			inside = true;
			count++;
		}
		py_step_token(c);
	}
	py_set_back(c, mark);
	return comma ? count : 0;
}

static void targets(struct py_compiler *c, bool list);

static void one_target(struct py_compiler *c)
{
	struct py_target target;

	if (c->lexer.type == PY_T_OPEN_PAREN || c->lexer.type == PY_T_OPEN_BRACKET) {
		bool list = c->lexer.type == PY_T_OPEN_BRACKET;

		py_step_token(c);
		if (py_nest(c))
			targets(c, list);
		c->nesting--;
		py_expect(c, list ? PY_T_CLOSE_BRACKET : PY_T_CLOSE_PAREN);
		return;
	}
	py_compile_primary(c);
	target = py_take_target(c);
	if (target.type == PY_TARGET_ATTR) {
		py_emit(c, PY_OP_ROT2, 0);
	} else if (target.type == PY_TARGET_ITEM) {
		py_emit(c, PY_OP_ROT3, 0);
		py_emit(c, PY_OP_ROT3, 0);
	}
	store(c, target, false);
}

/* list: between brackets, where one target stands for a sequence of one. */
static void targets(struct py_compiler *c, bool list)
{
	int count = count_targets(c);

	if (c->lexer.type == PY_T_CLOSE_PAREN || c->lexer.type == PY_T_CLOSE_BRACKET) {
		py_emit_8(c, PY_OP_UNPACK, 0, -1);
		return;
	}
	if (count == 0 && list)
		count = 1;
	if (count == 0) {
		one_target(c);
		return;
	}
	if (count > 255)
		py_fail(c, PY_SYNTAX_ERROR, "invalid syntax");
	py_emit_8(c, PY_OP_UNPACK, count, count - 1);
	while (count-- > 0) {
		one_target(c);
		if (count > 0)
			py_expect(c, PY_T_COMMA);
		else
			(void)py_accept(c, PY_T_COMMA);
	}
}

void py_compile_targets(struct py_compiler *c, struct py_mark mark)
{
	struct py_mark behind = py_lex_mark(&c->lexer);

	py_set_back(c, mark);
	targets(c, false);
	if (c->lexer.type != PY_T_ASSIGN && c->lexer.type != PY_K_IN)
		py_fail_token(c);
	py_set_back(c, behind);
}

struct py_mark py_skip_targets(struct py_compiler *c)
{
	struct py_mark mark = py_lex_mark(&c->lexer);
	uint16_t brackets = c->lexer.token_brackets;

	if (c->lexer.type == PY_K_IN)
		py_fail_token(c);
	while (!c->failed && !ends_targets(c, brackets))
		py_step_token(c);
	py_expect(c, PY_K_IN);
	return mark;
}

/* Whether the code from `start` on, which has just been written, makes a tuple or list:
 * then the targets are read again, and what can be none is found. */
static bool is_row(struct py_compiler *c, uint16_t start)
{
	if (c->last != PY_NO_CODE)
		return *py_code_at(c, c->last) == PY_OP_TUPLE;
	return start < c->len && *py_code_at(c, start) == PY_OP_LIST;
}

/* At =, behind a target whose code begins at `start`. */
static void assignment(struct py_compiler *c, struct py_mark mark, uint16_t start,
	uint16_t depth, bool keep)
{
	struct py_target target = {PY_TARGET_NONE, 0};
	bool many = !c->failed && is_row(c, start);
	struct py_mark next_mark;
	uint16_t next_start, next_depth;

	if (!py_nest(c))
		return;
	if (many)
		py_cut_code(c, start, depth);
	else
		target = py_take_target(c);
	py_step_token(c);
	next_mark = py_lex_mark(&c->lexer);
	next_start = c->len;
	next_depth = c->scope->depth;
	py_compile_list(c);
	if (c->lexer.type == PY_T_ASSIGN)
		assignment(c, next_mark, next_start, next_depth, true);
	if (many) {
		if (keep)
			py_emit(c, PY_OP_DUP, 1);
		py_compile_targets(c, mark);
	} else {
		store(c, target, keep);
	}
	c->nesting--;
}

static void augmented(struct py_compiler *c, enum py_binary op)
{
	struct py_target target = py_take_target(c);

	py_step_token(c);
	if (target.type == PY_TARGET_NAME) {
		py_emit_name(c, PY_OP_LOAD_NAME, target.name, 1);
	} else if (target.type == PY_TARGET_ATTR) {
		py_emit(c, PY_OP_DUP, 1);
		py_emit_16(c, PY_OP_LOAD_ATTR, target.name, 0);
	} else {
		py_emit(c, PY_OP_DUP2, 2);
		py_emit(c, PY_OP_LOAD_ITEM, -1);
	}
	py_compile_list(c);
	py_emit_8(c, PY_OP_BINARY, op | PY_IN_PLACE, -1);
	store(c, target, false);
}

void py_compile_expression_statement(struct py_compiler *c)
{
	static const uint8_t ops[] = {PY_ADD, PY_SUBTRACT, PY_MULTIPLY, PY_DIVIDE,
		PY_FLOOR, PY_MODULO, PY_POWER, PY_AND, PY_OR, PY_XOR, PY_LEFT,
		PY_RIGHT};
	struct py_mark mark = py_lex_mark(&c->lexer);
	uint16_t start = c->len;
	uint16_t depth = c->scope->depth;
	enum py_token_type type;

	py_compile_list(c);
	type = c->lexer.type;
	if (type == PY_T_ASSIGN)
		assignment(c, mark, start, depth, false);
	else if (type >= PY_T_PLUS_ASSIGN && type <= PY_T_RIGHT_ASSIGN)
		augmented(c, (enum py_binary)ops[type - PY_T_PLUS_ASSIGN]);
	else if (c->mode == PY_SINGLE && !c->scope->is_function)
		py_emit(c, PY_OP_SHOW, -1);
	else
		py_emit(c, PY_OP_POP, -1);
}

void py_compile_del(struct py_compiler *c)
{
	do {
		struct py_target target;

		py_compile_primary(c);
		target = py_take_target(c);
		if (target.type == PY_TARGET_NAME)
			py_emit_name(c, PY_OP_DELETE_NAME, target.name, 0);
		else if (target.type == PY_TARGET_ITEM)
			py_emit(c, PY_OP_DELETE_ITEM, -2);
		else
			py_fail(c, PY_SYNTAX_ERROR, "can't delete expression");
	} while (py_accept(c, PY_T_COMMA));
}
