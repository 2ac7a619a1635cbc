/* SPDX-License-Identifier: MIT
 *
 * The compiler: simple statements, functions.
 */
#include <string.h>

#include "firmware/core/py_compile.h"

uint16_t py_name_here(struct py_compiler *c)
{
	uint16_t name = 0;

	if (c->lexer.type != PY_T_NAME)
		py_fail_token(c);
	else
		name = py_const_text(c, PY_STR);
	py_step_token(c);
	return name;
}

void py_leave(struct py_compiler *c, uint16_t depth, uint16_t to, uint16_t *chain)
{
	bool blocks = depth != c->scope->depth;
	enum py_op op = blocks ? PY_OP_UNWIND : PY_OP_JUMP;

	if (chain)
		py_jump_chain(c, op, chain, 0);
	else
		py_jump_back(c, op, to, 0);
	if (depth > 255)
		py_fail(c, PY_RUNTIME_ERROR, "maximum recursion depth exceeded");
	if (blocks) {
		py_emit_bytes(c, 1);
		py_patch_8(c, (uint16_t)(c->len - 1), depth);
	}
}

static void jump_statement(struct py_compiler *c, bool is_break)
{
	struct py_loop *loop = c->scope->loop;

	if (!loop)
		py_fail(c, PY_SYNTAX_ERROR,
			is_break ? "'break' outside loop" : "'continue' outside loop");
	else if (is_break)
		py_leave(c, loop->end_depth, 0, &loop->ends);
	else
		py_leave(c, loop->depth, loop->top, NULL);
}

static bool ends_statement(const struct py_compiler *c)
{
	return c->lexer.type == PY_T_NEWLINE || c->lexer.type == PY_T_SEMICOLON ||
	       c->lexer.type == PY_T_END;
}

static void return_statement(struct py_compiler *c)
{
	if (!c->scope->is_function)
		py_fail(c, PY_SYNTAX_ERROR, "'return' outside function");
	if (ends_statement(c))
		py_emit(c, PY_OP_LOAD_NONE, 1);
	else
		py_compile_list(c);
	py_emit(c, PY_OP_RETURN, -1);
}

static void raise_statement(struct py_compiler *c)
{
	if (!ends_statement(c)) {
		py_compile_test(c);
		py_emit(c, PY_OP_RAISE, -1);
	} else {
		/* 255: there is none */
		py_emit_8(c, PY_OP_RERAISE,
			c->scope->error < 0 || c->scope->error > 254 ? 255
								     : c->scope->error,
			0);
	}
}

static void import_statement(struct py_compiler *c)
{
	do {
		uint16_t name = py_name_here(c);

		py_emit_16(c, PY_OP_IMPORT, name, 1);
		/* no module has modules inside */
		while (py_accept(c, PY_T_DOT)) {
			py_emit(c, PY_OP_POP, -1);
			py_emit_16(c, PY_OP_IMPORT, py_name_here(c), 1);
		}
		if (py_accept(c, PY_K_AS))
			name = py_name_here(c);
		py_emit_name(c, PY_OP_STORE_NAME, name, -1);
	} while (py_accept(c, PY_T_COMMA));
}

static void import_from(struct py_compiler *c)
{
	bool open;

	py_emit_16(c, PY_OP_IMPORT, py_name_here(c), 1);
	py_expect(c, PY_K_IMPORT);
	if (py_accept(c, PY_T_STAR)) {
		py_emit(c, PY_OP_IMPORT_ALL, -1);
		return;
	}
	open = py_accept(c, PY_T_OPEN_PAREN);
	do {
		uint16_t name;

		if (open && c->lexer.type == PY_T_CLOSE_PAREN)
			break;
		name = py_name_here(c);
		py_emit_16(c, PY_OP_IMPORT_FROM, name, 1);
		if (py_accept(c, PY_K_AS))
			name = py_name_here(c);
		py_emit_name(c, PY_OP_STORE_NAME, name, -1);
	} while (py_accept(c, PY_T_COMMA));
	if (open)
		py_expect(c, PY_T_CLOSE_PAREN);
	py_emit(c, PY_OP_POP, -1);
}

static void global_statement(struct py_compiler *c)
{
	struct py_scope *scope = c->scope;

	do {
		uint16_t name = py_name_here(c);

		for (int i = 0; i < scope->local_count; i++)
			if (scope->locals[i] == name)
				py_fail(c, PY_SYNTAX_ERROR,
					"identifier redefined as global");
		if (scope->global_count == PY_GLOBALS_MAX)
			py_fail(c, PY_RUNTIME_ERROR, "too many global variables");
		else if (scope->is_function)
			scope->globals[scope->global_count++] = name;
	} while (py_accept(c, PY_T_COMMA));
}

static void assert_statement(struct py_compiler *c)
{
	uint16_t end;

	py_compile_test(c);
	end = py_jump(c, PY_OP_JUMP_TRUE, -1);
	py_emit_16(c, PY_OP_LOAD_CONST,
		py_const(c, PY_IMMEDIATE(PY_EXCEPTION, PY_ASSERTION_ERROR)), 1);
	if (py_accept(c, PY_T_COMMA)) {
		py_compile_test(c);
		py_emit_8(c, PY_OP_CALL, 1, -1);
		py_emit_bytes(c, 1);
	}
	py_emit(c, PY_OP_RAISE, -1);
	py_land(c, end);
}

static void small_statement(struct py_compiler *c)
{
	if (py_accept(c, PY_K_PASS))
		return;
	if (py_accept(c, PY_K_BREAK))
		jump_statement(c, true);
	else if (py_accept(c, PY_K_CONTINUE))
		jump_statement(c, false);
	else if (py_accept(c, PY_K_RETURN))
		return_statement(c);
	else if (py_accept(c, PY_K_RAISE))
		raise_statement(c);
	else if (py_accept(c, PY_K_IMPORT))
		import_statement(c);
	else if (py_accept(c, PY_K_FROM))
		import_from(c);
	else if (py_accept(c, PY_K_GLOBAL))
		global_statement(c);
	else if (py_accept(c, PY_K_DEL))
		py_compile_del(c);
	else if (py_accept(c, PY_K_ASSERT))
		assert_statement(c);
	else
		py_compile_expression_statement(c);
}

void py_compile_simple(struct py_compiler *c)
{
	do {
		if (c->lexer.type == PY_T_NEWLINE)
			break;
		c->line = c->lexer.token_line;
		py_emit_16(c, PY_OP_LINE, c->line, 0);
		c->last = PY_NO_CODE;
		small_statement(c);
	} while (py_accept(c, PY_T_SEMICOLON));
	py_expect(c, PY_T_NEWLINE);
}

/* ---- functions ---------------------------------------------------------------------- */

struct parameters {
	int count;
	int defaults;
	bool star;
};

static void add_parameter(struct py_compiler *c, struct py_scope *scope)
{
	uint16_t name = py_name_here(c);

	for (int i = 0; i < scope->local_count; i++)
		if (scope->locals[i] == name)
			py_fail(c, PY_SYNTAX_ERROR, "name reused for argument");
	if (scope->local_count == PY_LOCALS_MAX)
		py_fail(c, PY_RUNTIME_ERROR, "too many local variables");
	else
		scope->locals[scope->local_count++] = name;
}

/* The defaults' code belongs to the surroundings. */
static struct parameters read_parameters(
	struct py_compiler *c, struct py_scope *scope, enum py_token_type end)
{
	struct parameters parameters = {0};

	while (!c->failed && c->lexer.type != end && !parameters.star) {
		parameters.star = py_accept(c, PY_T_STAR);
		add_parameter(c, scope);
		if (!parameters.star) {
			parameters.count++;
			if (py_accept(c, PY_T_ASSIGN)) {
				py_compile_test(c);
				parameters.defaults++;
			} else if (parameters.defaults > 0) {
				py_fail(c, PY_SYNTAX_ERROR,
					"non-default argument follows default "
					"argument");
			}
		}
		if (!py_accept(c, PY_T_COMMA))
			break;
	}
	py_expect(c, end);
	return parameters;
}

/* Loads, stores and deletions of names that turned out to be locals. */
static void bind_locals(struct py_compiler *c, uint16_t at)
{
	const struct py_scope *scope = c->scope;

	while (!c->failed && at < c->len) {
		uint8_t *code = py_code_at(c, at);
		uint16_t name;

		if (*code == PY_OP_FUNCTION)
			at = (uint16_t)(at + py_u16(code + 2));
		at = (uint16_t)(at + 1 + py_op_operands[*code]);
		if (*code < PY_OP_LOAD_NAME || *code > PY_OP_DELETE_NAME)
			continue;
		name = py_u16(code + 1);
		for (int i = 0; i < scope->local_count; i++) {
			if (scope->locals[i] == name) {
				*code = (uint8_t)(*code + PY_OP_LOAD_LOCAL -
						  PY_OP_LOAD_NAME);
				code[1] = (uint8_t)i;
				code[2] = 0;
				break;
			}
		}
	}
}

static void function_body(struct py_compiler *c, bool lambda)
{
	if (lambda) {
		py_emit_16(c, PY_OP_LINE, c->lexer.token_line, 0);
		py_compile_test(c);
	} else {
		py_compile_block(c);
		py_emit(c, PY_OP_LOAD_NONE, 1);
	}
	py_emit(c, PY_OP_RETURN, -1);
}

void py_compile_function(struct py_compiler *c, uint16_t name, bool lambda)
{
	struct py_scope scope = {
		.outer = c->scope, .is_function = true, .error = -1, .name = name};
	struct parameters parameters;
	uint16_t entry;

	if (!lambda)
		py_expect(c, PY_T_OPEN_PAREN);
	parameters = read_parameters(c, &scope, lambda ? PY_T_COLON : PY_T_CLOSE_PAREN);
	if (parameters.defaults > 0)
		py_emit_16(
			c, PY_OP_TUPLE, parameters.defaults, 1 - parameters.defaults);
	py_emit_8(c, PY_OP_FUNCTION, parameters.defaults > 0,
		parameters.defaults > 0 ? 0 : 1);
	py_emit_bytes(c, 2);
	entry = c->len;
	py_emit_bytes(c, PY_ENTRY_NAMES + parameters.count * 2);
	py_patch_16(c, entry, name);
	py_patch_8(c, (uint16_t)(entry + PY_ENTRY_PARAMS), parameters.count);
	py_patch_8(c, (uint16_t)(entry + PY_ENTRY_STAR), parameters.star);
	for (int i = 0; i < parameters.count && !c->failed; i++)
		py_patch_16(
			c, (uint16_t)(entry + PY_ENTRY_NAMES + i * 2), scope.locals[i]);
	c->scope = &scope;
	function_body(c, lambda);
	bind_locals(c, (uint16_t)(entry + PY_ENTRY_NAMES + parameters.count * 2));
	c->scope = scope.outer;
	py_patch_8(c, (uint16_t)(entry + PY_ENTRY_LOCALS), scope.local_count);
	py_patch_16(c, (uint16_t)(entry + PY_ENTRY_STACK), scope.stack);
	py_patch_16(c, (uint16_t)(entry - 2), c->len - entry);
	c->last = PY_NO_CODE;
}
