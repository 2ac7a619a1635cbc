/* SPDX-License-Identifier: MIT
 *
 * The compiler's tools: faults, tokens, constants, writing and patching code, and the
 * frame of a unit.
 */
#include "firmware/core/py_compile.h"

#include <string.h>

#define CODE_FIRST  192
#define CONST_FIRST 12
#define TEXT_FIRST  40

const uint8_t py_op_operands[PY_OP_COUNT] = {
	[PY_OP_LINE] = 2,
	[PY_OP_LOAD_INT] = 1,
	[PY_OP_LOAD_CONST] = 2,
	[PY_OP_LOAD_NAME] = 2,
	[PY_OP_STORE_NAME] = 2,
	[PY_OP_DELETE_NAME] = 2,
	[PY_OP_LOAD_LOCAL] = 2,
	[PY_OP_STORE_LOCAL] = 2,
	[PY_OP_DELETE_LOCAL] = 2,
	[PY_OP_LOAD_ATTR] = 2,
	[PY_OP_STORE_ATTR] = 2,
	[PY_OP_BINARY] = 1,
	[PY_OP_UNARY] = 1,
	[PY_OP_TUPLE] = 2,
	[PY_OP_LIST_ADD] = 1,
	[PY_OP_UNPACK] = 1,
	[PY_OP_JUMP] = 2,
	[PY_OP_JUMP_FALSE] = 2,
	[PY_OP_JUMP_TRUE] = 2,
	[PY_OP_FALSE_OR_POP] = 2,
	[PY_OP_TRUE_OR_POP] = 2,
	[PY_OP_FOR] = 2,
	[PY_OP_CALL] = 2,
	[PY_OP_FUNCTION] = 3,
	[PY_OP_IMPORT] = 2,
	[PY_OP_IMPORT_FROM] = 2,
	[PY_OP_TRY] = 2,
	[PY_OP_TRY_FINALLY] = 2,
	[PY_OP_UNWIND] = 3,
	[PY_OP_RERAISE] = 1,
};

/* ---- faults and tokens ------------------------------------------------------------- */

static struct py_code *code_of(const struct py_compiler *c)
{
	return py_at(c->board, c->board->py.work[0]);
}

static void fail(struct py_compiler *c, enum py_exception_id type, const char *text,
	int line, int name)
{
	struct py *py = &c->board->py;

	if (c->failed)
		return;
	c->failed = true;
	c->lexer.type = PY_T_END;
	code_of(c)->consts = py->work[1];
	py_raise_syntax(c->board, type, text, line, py->work[0], name);
}

void py_fail_memory(struct py_compiler *c)
{
	if (c->failed)
		return;
	c->failed = true;
	c->lexer.type = PY_T_END;
	py_raise_memory(c->board);
	c->board->py.trace_count = 0;
	c->board->py.trace_of = PY_NO_VALUE;
}

void py_fail(struct py_compiler *c, enum py_exception_id type, const char *text)
{
	fail(c, type, text, c->line, c->scope->name);
}

void py_fail_token(struct py_compiler *c)
{
	const struct py_lexer *lexer = &c->lexer;
	enum py_exception_id type = PY_SYNTAX_ERROR;
	const char *text = "invalid syntax";

	if (lexer->type == PY_T_INDENT || lexer->type == PY_T_BAD_DEDENT) {
		type = PY_INDENTATION_ERROR;
		text = lexer->type == PY_T_INDENT
			       ? "unexpected indent"
			       : "unindent does not match any outer indentation level";
	} else if (lexer->type == PY_T_INVALID) {
		type = lexer->fault_type;
		text = lexer->fault ? lexer->fault : text;
	}
	fail(c, type, text, lexer->token_line, -1);
}

static void check_lexer(struct py_compiler *c)
{
	if (c->lexer.no_memory || c->lexer.error)
		py_fail_memory(c);
	else if (c->lexer.type == PY_T_INVALID)
		py_fail_token(c);
}

void py_step_token(struct py_compiler *c)
{
	if (c->failed)
		return;
	py_lex_next(&c->lexer);
	check_lexer(c);
}

void py_set_back(struct py_compiler *c, struct py_mark mark)
{
	if (c->failed)
		return;
	py_lex_back(&c->lexer, mark);
	check_lexer(c);
}

bool py_accept(struct py_compiler *c, enum py_token_type type)
{
	if (c->failed || c->lexer.type != type)
		return false;
	py_step_token(c);
	return true;
}

void py_expect(struct py_compiler *c, enum py_token_type type)
{
	if (!py_accept(c, type))
		py_fail_token(c);
}

bool py_nest(struct py_compiler *c)
{
	if (++c->nesting <= PY_NESTING_MAX)
		return true;
	fail(c, PY_RUNTIME_ERROR, "maximum recursion depth exceeded",
		c->lexer.token_line, -1);
	return false;
}

/* ---- constants ----------------------------------------------------------------------- */

static uint16_t add_const(struct py_compiler *c, struct py_value v)
{
	struct py_value *work = &c->board->py.work[1];
	struct py_cells *cells = py_at(c->board, *work);

	if (c->const_count >= cells->cap) {
		uint32_t old = cells->cap;
		size_t cap = old + old / 2;

		cells = py_grow(
			c->board, work, sizeof(*cells) + cap * sizeof(cells->at[0]));
		if (!cells) {
			py_fail_memory(c);
			return 0;
		}
		cells->cap = (uint32_t)((py_size(&cells->head) - sizeof(*cells)) /
					sizeof(cells->at[0]));
		memset(cells->at + old, 0, (cells->cap - old) * sizeof(cells->at[0]));
	}
	cells->at[c->const_count] = v;
	return c->const_count++;
}

uint16_t py_const(struct py_compiler *c, struct py_value v)
{
	const struct py_cells *cells = py_at(c->board, c->board->py.work[1]);

	if (c->failed)
		return 0;
	for (uint16_t i = 0; i < c->const_count; i++)
		if (py_same(cells->at[i], v))
			return i;
	return add_const(c, v);
}

uint16_t py_const_text(struct py_compiler *c, enum py_kind kind)
{
	const struct py_cells *cells = py_at(c->board, c->board->py.work[1]);
	const char *text = py_lex_text(&c->lexer);
	size_t len = c->lexer.text_len;
	const struct py_bytes *new;

	if (c->failed)
		return 0;
	for (uint16_t i = 0; i < c->const_count; i++) {
		const struct py_bytes *old = py_at(c->board, cells->at[i]);

		if (py_is(c->board, cells->at[i], kind) && old->len == len &&
			memcmp(old->at, text, len) == 0)
			return i;
	}
	new = py_new_bytes(c->board, kind, text, len);
	if (!new) {
		py_fail_memory(c);
		return 0;
	}
	return add_const(c, py_reference(c->board, new));
}

/* ---- code ------------------------------------------------------------------------------ */

uint8_t *py_code_at(struct py_compiler *c, uint16_t at)
{
	return code_of(c)->at + at;
}

/* Room for `count` bytes more; false after a fault. */
static bool reserve(struct py_compiler *c, uint32_t count)
{
	struct py_code *code = code_of(c);
	size_t want = sizeof(*code) + c->len + count;

	if (c->failed)
		return false;
	if (c->len + count > PY_CODE_MAX)
		(void)py_refuse(c->board, want, 1);
	else if ((want <= py_size(&code->head) ||
			 py_grow(c->board, &c->board->py.work[0], want + want / 4) ||
			 py_grow(c->board, &c->board->py.work[0], want)))
		return true;
	py_fail_memory(c);
	return false;
}

static void add_byte(struct py_compiler *c, int byte)
{
	if (reserve(c, 1))
		code_of(c)->at[c->len++] = (uint8_t)byte;
}

void py_emit_bytes(struct py_compiler *c, int count)
{
	while (count-- > 0)
		add_byte(c, 0);
}

void py_emit(struct py_compiler *c, enum py_op op, int effect)
{
	struct py_scope *scope = c->scope;

	c->last = c->len;
	add_byte(c, op);
	scope->depth = (uint16_t)(scope->depth + effect);
	if (scope->depth > scope->stack)
		scope->stack = scope->depth;
}

void py_emit_8(struct py_compiler *c, enum py_op op, int n, int effect)
{
	py_emit(c, op, effect);
	add_byte(c, n & 255);
}

void py_emit_16(struct py_compiler *c, enum py_op op, int n, int effect)
{
	py_emit(c, op, effect);
	add_byte(c, n & 255);
	add_byte(c, n >> 8 & 255);
}

void py_patch_8(struct py_compiler *c, uint16_t at, int n)
{
	if (!c->failed)
		*py_code_at(c, at) = (uint8_t)n;
}

void py_patch_16(struct py_compiler *c, uint16_t at, int n)
{
	py_patch_8(c, at, n & 255);
	py_patch_8(c, (uint16_t)(at + 1), n >> 8 & 255);
}

uint16_t py_jump(struct py_compiler *c, enum py_op op, int effect)
{
	uint16_t operand = (uint16_t)(c->len + 1);

	py_emit_16(c, op, 0, effect);
	return operand;
}

void py_land(struct py_compiler *c, uint16_t operand)
{
	py_patch_16(c, operand, c->len - operand - 2);
	c->last = PY_NO_CODE;
}

void py_jump_back(struct py_compiler *c, enum py_op op, uint16_t to, int effect)
{
	py_emit_16(c, op, to - (c->len + 3), effect);
}

void py_jump_chain(struct py_compiler *c, enum py_op op, uint16_t *chain, int effect)
{
	uint16_t operand = py_jump(c, op, effect);

	py_patch_16(c, operand, *chain);
	*chain = operand;
}

void py_land_chain(struct py_compiler *c, uint16_t chain)
{
	while (chain && !c->failed) {
		uint16_t next = py_u16(py_code_at(c, chain));

		py_land(c, chain);
		chain = next;
	}
	c->last = PY_NO_CODE;
}

void py_insert(struct py_compiler *c, uint16_t at, uint16_t count)
{
	if (!reserve(c, count))
		return;
	memmove(py_code_at(c, (uint16_t)(at + count)), py_code_at(c, at),
		(size_t)(c->len - at));
	memset(py_code_at(c, at), 0, count);
	c->len = (uint16_t)(c->len + count);
	c->last = PY_NO_CODE;
}

void py_cut_code(struct py_compiler *c, uint16_t len, uint16_t depth)
{
	if (c->failed)
		return;
	c->len = len;
	c->last = PY_NO_CODE;
	c->scope->depth = depth;
}

/* ---- names ------------------------------------------------------------------------------ */

static bool among(const uint16_t *names, int count, uint16_t name)
{
	for (int i = 0; i < count; i++)
		if (names[i] == name)
			return true;
	return false;
}

void py_add_local(struct py_compiler *c, uint16_t name)
{
	struct py_scope *scope = c->scope;

	if (!scope->is_function || among(scope->globals, scope->global_count, name) ||
		among(scope->locals, scope->local_count, name))
		return;
	if (scope->local_count == PY_LOCALS_MAX) {
		py_fail(c, PY_RUNTIME_ERROR, "too many local variables");
		return;
	}
	scope->locals[scope->local_count++] = name;
}

void py_emit_name(struct py_compiler *c, enum py_op op, uint16_t name, int effect)
{
	if (op == PY_OP_STORE_NAME || op == PY_OP_DELETE_NAME)
		py_add_local(c, name);
	py_emit_16(c, op, name, effect);
}

/* ---- a unit ----------------------------------------------------------------------------- */

static bool prepare(struct py_compiler *c, struct py_value file)
{
	struct py *py = &c->board->py;
	struct py_code *code =
		py_new(c->board, PY_CODE, sizeof(struct py_code) + CODE_FIRST);
	struct py_cells *consts;
	struct py_bytes *text;

	if (!code)
		return false;
	code->consts = PY_NO_VALUE;
	code->file = file;
	code->globals = py->globals;
	py->work[0] = py_reference(c->board, code);
	consts = py_new_cells(c->board, CONST_FIRST);
	text = py_new_bytes(c->board, PY_BYTES, NULL, TEXT_FIRST);
	if (!consts || !text)
		return false;
	py->work[1] = py_reference(c->board, consts);
	py->work[2] = py_reference(c->board, text);
	(void)py_const(c, PY_NONE); /* index 0: the name of the module */
	return true;
}

static void finish(struct py_compiler *c)
{
	struct py *py = &c->board->py;
	struct py_code *code = code_of(c);
	struct py_cells *consts = py_at(c->board, py->work[1]);

	py_trim(c->board, code, sizeof(*code) + c->len);
	py_trim(c->board, consts,
		sizeof(*consts) + c->const_count * sizeof(consts->at[0]));
	consts->cap = c->const_count;
	code->consts = py->work[1];
	code->len = c->len;
	code->stack = c->scope->stack;
}

/* A single statement of the prompt, or all of a file. */
static void compile_unit(struct py_compiler *c)
{
	if (c->mode == PY_SINGLE) {
		if (!py_accept(c, PY_T_NEWLINE))
			py_compile_statement(c);
		(void)py_accept(c, PY_T_NEWLINE);
	} else {
		while (!c->failed && c->lexer.type != PY_T_END)
			if (!py_accept(c, PY_T_NEWLINE))
				py_compile_statement(c);
	}
	if (c->lexer.type != PY_T_END)
		py_fail_token(c);
	py_emit(c, PY_OP_LOAD_MODULE, 1);
	py_emit(c, PY_OP_RETURN, -1);
}

int py_compile(struct wipy_board *board, const struct py_source *source,
	enum py_mode mode, struct py_value *ret_code)
{
	struct py *py = &board->py;
	struct py_scope module = {.error = -1};
	struct py_compiler c = {
		.board = board, .scope = &module, .mode = mode, .line = 1};
	int result = -1;

	if (prepare(&c, source->name)) {
		py_lex_start(&c.lexer, board, source);
		check_lexer(&c);
		compile_unit(&c);
	} else {
		py_fail_memory(&c);
	}
	if (c.lexer.error)
		result = c.lexer.error;
	if (!c.failed) {
		finish(&c);
		*ret_code = py->work[0];
		result = 0;
	}
	py_free(board, py->work[2]);
	for (int i = 0; i < 3; i++)
		py->work[i] = PY_NO_VALUE;
	return result;
}
