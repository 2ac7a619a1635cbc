/* SPDX-License-Identifier: MIT
 *
 * The compiler: statements that contain statements.
 *
 * A try statement keeps two values on the stack per block; an exception cuts the stack
 * down to the block and is pushed. A finally part finds two values, why it runs and what
 * with (py_vm.c), and END_FINALLY goes on from there.
 */
#include "firmware/core/py_compile.h"

void py_compile_block(struct py_compiler *c)
{
	py_expect(c, PY_T_COLON);
	if (!py_accept(c, PY_T_NEWLINE)) {
		py_compile_simple(c);
		return;
	}
	/* a missing indent is plain invalid syntax on boards */
	py_expect(c, PY_T_INDENT);
	while (!c->failed && c->lexer.type != PY_T_DEDENT) {
		if (c->lexer.type == PY_T_END || c->lexer.type == PY_T_BAD_DEDENT)
			py_fail_token(c);
		else
			py_compile_statement(c);
	}
	py_expect(c, PY_T_DEDENT);
}

static void emit_line(struct py_compiler *c)
{
	c->line = c->lexer.token_line;
	py_emit_16(c, PY_OP_LINE, c->line, 0);
	c->last = PY_NO_CODE;
}

static void if_statement(struct py_compiler *c)
{
	uint16_t ends = 0;

	for (;;) {
		uint16_t next;

		py_compile_test(c);
		next = py_jump(c, PY_OP_JUMP_FALSE, -1);
		py_compile_block(c);
		if (c->lexer.type == PY_K_ELIF || c->lexer.type == PY_K_ELSE)
			py_jump_chain(c, PY_OP_JUMP, &ends, 0);
		py_land(c, next);
		if (c->lexer.type != PY_K_ELIF)
			break;
		emit_line(c);
		py_step_token(c);
	}
	if (py_accept(c, PY_K_ELSE))
		py_compile_block(c);
	py_land_chain(c, ends);
}

static void loop_block(struct py_compiler *c, struct py_loop *loop)
{
	loop->outer = c->scope->loop;
	c->scope->loop = loop;
	py_compile_block(c);
	c->scope->loop = loop->outer;
	py_jump_back(c, PY_OP_JUMP, loop->top, 0);
}

static void else_of_loop(struct py_compiler *c, const struct py_loop *loop)
{
	if (py_accept(c, PY_K_ELSE))
		py_compile_block(c);
	py_land_chain(c, loop->ends);
}

static void while_statement(struct py_compiler *c)
{
	struct py_loop loop = {
		.top = c->len, .depth = c->scope->depth, .end_depth = c->scope->depth};
	uint16_t end;

	py_emit_16(c, PY_OP_LINE, c->line, 0);
	py_compile_test(c);
	end = py_jump(c, PY_OP_JUMP_FALSE, -1);
	loop_block(c, &loop);
	py_land(c, end);
	else_of_loop(c, &loop);
}

static void for_statement(struct py_compiler *c)
{
	struct py_loop loop = {.end_depth = c->scope->depth};
	struct py_mark targets = py_skip_targets(c);
	uint16_t end;

	py_compile_list(c);
	py_emit(c, PY_OP_ITER, 0);
	loop.top = c->len;
	loop.depth = c->scope->depth;
	py_emit_16(c, PY_OP_LINE, c->line, 0);
	end = py_jump(c, PY_OP_FOR, 1);
	py_compile_targets(c, targets);
	loop_block(c, &loop);
	py_land(c, end);
	c->scope->depth = loop.end_depth;
	else_of_loop(c, &loop);
}

static void def_statement(struct py_compiler *c)
{
	uint16_t name = py_name_here(c);

	py_compile_function(c, name, false);
	py_emit_name(c, PY_OP_STORE_NAME, name, -1);
}

/* ---- try ------------------------------------------------------------------------------ */

/* The error is on the stack. */
static void except_clause(struct py_compiler *c, uint16_t *ends, bool *ret_bare)
{
	int outer = c->scope->error;
	uint16_t name = 0;
	uint16_t next = 0;

	*ret_bare = c->lexer.type == PY_T_COLON;
	if (!*ret_bare) {
		py_compile_test(c);
		py_emit(c, PY_OP_MATCH, 0);
		next = py_jump(c, PY_OP_JUMP_FALSE, -1);
		if (py_accept(c, PY_K_AS)) {
			if (c->lexer.type != PY_T_NAME)
				py_fail_token(c);
			else
				name = py_const_text(c, PY_STR);
			py_step_token(c);
			py_emit(c, PY_OP_DUP, 1);
			py_emit_name(c, PY_OP_STORE_NAME, name, -1);
		}
	}
	c->scope->error = c->scope->depth - 1;
	py_compile_block(c);
	c->scope->error = outer;
	if (name) {
		py_emit(c, PY_OP_LOAD_NONE, 1);
		py_emit_name(c, PY_OP_STORE_NAME, name, -1);
		py_emit_name(c, PY_OP_DELETE_NAME, name, 0);
	}
	py_emit(c, PY_OP_POP, -1);
	py_jump_chain(c, PY_OP_JUMP, ends, 0);
	c->scope->depth++;
	if (next)
		py_land(c, next);
}

/* Behind the guarded block, at the first except. */
static void except_clauses(struct py_compiler *c, uint16_t handler)
{
	uint16_t depth = c->scope->depth; /* with the block */
	uint16_t ends = 0;
	uint16_t normal;
	bool bare = false;

	py_emit(c, PY_OP_POP_BLOCK, -2);
	normal = py_jump(c, PY_OP_JUMP, 0);
	py_land(c, handler);
	c->scope->depth = (uint16_t)(depth - 1);
	while (!c->failed && c->lexer.type == PY_K_EXCEPT) {
		if (bare)
			py_fail(c, PY_SYNTAX_ERROR, "default 'except:' must be last");
		emit_line(c);
		py_step_token(c);
		except_clause(c, &ends, &bare);
	}
	py_emit_8(c, PY_OP_RERAISE, depth - 2 > 254 ? 255 : depth - 2, 0);
	c->scope->depth = (uint16_t)(depth - 2);
	py_land(c, normal);
	if (py_accept(c, PY_K_ELSE))
		py_compile_block(c);
	py_land_chain(c, ends);
}

/* Looks ahead for the parts of the statement: what guards it has to come first. */
static bool find_finally(struct py_compiler *c, bool *ret_except)
{
	struct py_lexer saved = c->lexer;
	struct py_lexer *lexer = &c->lexer;
	bool fresh = false; /* a line begins */
	bool found = false;
	int level = 0;

	while (lexer->type != PY_T_END && lexer->type != PY_T_INVALID &&
		lexer->type != PY_T_BAD_DEDENT && !lexer->no_memory && !lexer->error &&
		level >= 0) {
		if (level == 0 && fresh && lexer->type != PY_K_EXCEPT &&
			lexer->type != PY_K_ELSE && lexer->type != PY_T_INDENT) {
			found = lexer->type == PY_K_FINALLY;
			break;
		}
		if (level == 0 && fresh && lexer->type == PY_K_EXCEPT)
			*ret_except = true;
		level += lexer->type == PY_T_INDENT;
		level -= lexer->type == PY_T_DEDENT;
		fresh = (lexer->type == PY_T_NEWLINE || lexer->type == PY_T_DEDENT) &&
			level == 0;
		py_lex_next(lexer);
	}
	*lexer = saved;
	return found;
}

void py_compile_try(struct py_compiler *c)
{
	bool except = false;
	bool finally = !c->failed && find_finally(c, &except);
	uint16_t outer = 0;
	uint16_t handler = 0;

	if (c->scope->depth > 240)
		py_fail(c, PY_RUNTIME_ERROR, "maximum recursion depth exceeded");
	if (finally)
		outer = py_jump(c, PY_OP_TRY_FINALLY, 2);
	if (except)
		handler = py_jump(c, PY_OP_TRY, 2);
	py_compile_block(c);
	if (except)
		except_clauses(c, handler);
	if (!finally) {
		if (!except)
			py_fail_token(c);
		return;
	}
	py_emit(c, PY_OP_POP_BLOCK, -2);
	py_emit(c, PY_OP_LOAD_NONE, 1);
	py_emit_8(c, PY_OP_LOAD_INT, 0, 1);
	py_land(c, outer);
	py_expect(c, PY_K_FINALLY);
	py_compile_block(c);
	py_emit(c, PY_OP_END_FINALLY, -2);
}

void py_compile_statement(struct py_compiler *c)
{
	enum py_token_type type = c->lexer.type;

	if (!py_nest(c))
		return;
	if (type == PY_K_IF || type == PY_K_WHILE || type == PY_K_FOR ||
		type == PY_K_TRY || type == PY_K_DEF) {
		c->line = c->lexer.token_line;
		if (type != PY_K_WHILE)
			emit_line(c);
		py_step_token(c);
	}
	if (type == PY_K_IF)
		if_statement(c);
	else if (type == PY_K_WHILE)
		while_statement(c);
	else if (type == PY_K_FOR)
		for_statement(c);
	else if (type == PY_K_DEF)
		def_statement(c);
	else if (type == PY_K_TRY)
		py_compile_try(c);
	else
		py_compile_simple(c);
	c->nesting--;
}
