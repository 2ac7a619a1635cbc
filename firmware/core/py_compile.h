/* SPDX-License-Identifier: MIT
 *
 * Inside the compiler. It reads the source once and writes code as it goes; where the
 * order of the code is another one (targets of assignments, loops) the lexer is set
 * back. A fault is noted once: from then on nothing is written and every token is the
 * end, so the functions need not answer anything.
 */
#ifndef WIPY_FIRMWARE_PY_COMPILE_H
#define WIPY_FIRMWARE_PY_COMPILE_H

#include "firmware/core/py_lex.h"

#define PY_LOCALS_MAX  48
#define PY_GLOBALS_MAX 16 /* declared in one function */
#define PY_NESTING_MAX 32 /* brackets, blocks, functions: they cost stack */
#define PY_CODE_MAX    32000
#define PY_NO_CODE     0xFFFF

struct py_loop {
	struct py_loop *outer;
	uint16_t top;   /* where continue goes */
	uint16_t ends;  /* chain of the breaks' operands; 0: none */
	uint16_t depth; /* at the top, with the iterator */
	uint16_t end_depth;
};

/* A function or the module. */
struct py_scope {
	struct py_scope *outer;
	struct py_loop *loop;
	bool is_function;
	int error; /* depth of the exception being handled; -1: none */
	uint16_t name;
	uint16_t depth; /* values on the stack at this place */
	uint16_t stack; /* the most there were */
	uint8_t local_count;
	uint8_t global_count;
	uint16_t locals[PY_LOCALS_MAX];
	uint16_t globals[PY_GLOBALS_MAX];
};

struct py_compiler {
	struct wipy_board *board;
	struct py_lexer lexer;
	struct py_scope *scope;
	enum py_mode mode;
	uint16_t len;  /* of the code */
	uint16_t last; /* its last instruction; PY_NO_CODE behind a label */
	uint16_t const_count;
	int line; /* of the statement */
	int nesting;
	int comprehensions; /* nested in the last expression */
	bool failed;
};

/* What an assignment goes to: the end of the code that would load it, taken away. */
struct py_target {
	enum { PY_TARGET_NAME, PY_TARGET_ATTR, PY_TARGET_ITEM, PY_TARGET_NONE } type;
	uint16_t name;
};

/* ---- py_compile.c ----------------------------------------------------------------- */

void py_fail_memory(struct py_compiler *c);
/* The parser's fault at the present token; the compiler's in the present statement. */
void py_fail_token(struct py_compiler *c);
void py_fail(struct py_compiler *c, enum py_exception_id type, const char *text);

void py_step_token(struct py_compiler *c);
void py_expect(struct py_compiler *c, enum py_token_type type);
bool py_accept(struct py_compiler *c, enum py_token_type type);
void py_set_back(struct py_compiler *c, struct py_mark mark);
/* One level deeper; false and a fault: too deep. */
bool py_nest(struct py_compiler *c);

/* The index of a constant, of the token's text. */
uint16_t py_const(struct py_compiler *c, struct py_value v);
uint16_t py_const_text(struct py_compiler *c, enum py_kind kind);

/* Instructions; `effect` is what they add to the stack. */
void py_emit(struct py_compiler *c, enum py_op op, int effect);
void py_emit_8(struct py_compiler *c, enum py_op op, int n, int effect);
void py_emit_16(struct py_compiler *c, enum py_op op, int n, int effect);
/* With the name of the present token, which must be one; steps over it. */
void py_emit_name(struct py_compiler *c, enum py_op op, uint16_t name, int effect);
/* A jump forward: returns the place of its operand for py_land(). */
uint16_t py_jump(struct py_compiler *c, enum py_op op, int effect);
void py_land(struct py_compiler *c, uint16_t operand);
void py_jump_back(struct py_compiler *c, enum py_op op, uint16_t to, int effect);
/* Jumps to one place to come, chained through their operands. */
void py_jump_chain(struct py_compiler *c, enum py_op op, uint16_t *chain, int effect);
void py_land_chain(struct py_compiler *c, uint16_t chain);
/* Room for bytes in front of code that is written already. */
void py_insert(struct py_compiler *c, uint16_t at, uint16_t count);
void py_patch_8(struct py_compiler *c, uint16_t at, int n);
void py_patch_16(struct py_compiler *c, uint16_t at, int n);
uint8_t *py_code_at(struct py_compiler *c, uint16_t at);
void py_cut_code(struct py_compiler *c, uint16_t len, uint16_t depth);
void py_emit_bytes(struct py_compiler *c, int count); /* zeros, to be patched */

/* A local of the function, or PY_NO_CODE. */
void py_add_local(struct py_compiler *c, uint16_t name);

/* ---- py_compile_expr.c -------------------------------------------------------------- */

void py_compile_test(struct py_compiler *c);
void py_compile_or(struct py_compiler *c);   /* no conditional, no lambda */
void py_compile_list(struct py_compiler *c); /* a, b, c: a tuple */
void py_compile_primary(struct py_compiler *c);
/* The present token as a name; steps over it. */
uint16_t py_name_here(struct py_compiler *c);
/* Behind def NAME or lambda: parameters up to the closing token, then the body. */
void py_compile_function(struct py_compiler *c, uint16_t name, bool lambda);

/* ---- py_compile_target.c ------------------------------------------------------------ */

struct py_target py_take_target(struct py_compiler *c);
/* Token by token up to the target's end; the value is on the stack. */
void py_compile_targets(struct py_compiler *c, struct py_mark mark);
/* At the first token of for's targets: skips them and `in`. */
struct py_mark py_skip_targets(struct py_compiler *c);
void py_compile_expression_statement(struct py_compiler *c);
void py_compile_del(struct py_compiler *c);

/* ---- py_compile_stmt.c, py_compile_block.c ------------------------------------------- */

void py_compile_simple(struct py_compiler *c);
void py_compile_statement(struct py_compiler *c);
void py_compile_block(struct py_compiler *c); /* : and what follows */
void py_compile_try(struct py_compiler *c);
void py_leave(struct py_compiler *c, uint16_t depth, uint16_t to, uint16_t *chain);

#endif
