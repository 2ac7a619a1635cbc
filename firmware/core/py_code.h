/* SPDX-License-Identifier: MIT
 *
 * Compiled programs: what the compiler writes and the machine runs, and the parts of
 * the core that nobody outside py_*.c of the core needs.
 *
 * One unit (a line, a file) is one code object; functions lie inside it. Operands are
 * little-endian; jumps count from behind their operand, so that code can be moved.
 */
#ifndef WIPY_FIRMWARE_PY_CODE_H
#define WIPY_FIRMWARE_PY_CODE_H

#include "firmware/core/py_object.h"

/* Behind each: operands, stack before -> after. k: index of a constant, s: of a local,
 * j: jump, n: number. */
enum py_op {
	PY_OP_LINE,         /* n16 */
	PY_OP_LOAD_MODULE,  /* -> globals */
	PY_OP_LOAD_NONE,    /* -> v */
	PY_OP_LOAD_TRUE,    /* -> v */
	PY_OP_LOAD_FALSE,   /* -> v */
	PY_OP_LOAD_INT,     /* n8, signed: -> v */
	PY_OP_LOAD_CONST,   /* k16: -> v */
	PY_OP_LOAD_NAME,    /* k16: -> v */
	PY_OP_STORE_NAME,   /* k16: v -> */
	PY_OP_DELETE_NAME,  /* k16 */
	PY_OP_LOAD_LOCAL,   /* s16: -> v */
	PY_OP_STORE_LOCAL,  /* s16: v -> */
	PY_OP_DELETE_LOCAL, /* s16 */
	PY_OP_LOAD_ATTR,    /* k16: object -> v */
	PY_OP_STORE_ATTR,   /* k16: object v -> v */
	PY_OP_LOAD_ITEM,    /* object index -> v */
	PY_OP_STORE_ITEM,   /* object index v -> v */
	PY_OP_DELETE_ITEM,  /* object index -> */
	PY_OP_POP,          /* v -> */
	PY_OP_DUP,          /* v -> v v */
	PY_OP_DUP2,         /* a b -> a b a b */
	PY_OP_ROT2,         /* a b -> b a */
	PY_OP_ROT3,         /* a b c -> c a b */
	PY_OP_BINARY,       /* n8 (enum py_binary): a b -> v */
	PY_OP_UNARY,        /* n8 (enum py_unary): a -> v */
	PY_OP_TUPLE,        /* n16: n values -> tuple */
	PY_OP_LIST,         /* -> list */
	PY_OP_LIST_ADD,     /* n8: list (n below) ... v -> list ... */
	PY_OP_DICT,         /* -> dict */
	PY_OP_DICT_ADD,     /* dict k v -> dict */
	PY_OP_SLICE,        /* start stop step -> slice */
	PY_OP_UNPACK,       /* n8: v -> n values, the first on top */
	PY_OP_JUMP,         /* j16 */
	PY_OP_JUMP_FALSE,   /* j16: v -> */
	PY_OP_JUMP_TRUE,    /* j16: v -> */
	PY_OP_FALSE_OR_POP, /* j16: v -> v and jumps, or v -> */
	PY_OP_TRUE_OR_POP,  /* j16 */
	PY_OP_ITER,         /* v -> iterator */
	PY_OP_FOR,          /* j16: iterator -> iterator v, or iterator -> and jumps */
	PY_OP_CALL,         /* n8 positional, n8 named: f args name value ... -> v */
	PY_OP_FUNCTION,     /* n8: defaults are there; n16 length: [tuple] -> f */
	PY_OP_RETURN,       /* v -> */
	PY_OP_SHOW,         /* v -> */
	PY_OP_IMPORT,       /* k16: -> module, at once or when its frame returns */
	PY_OP_IMPORT_FROM,  /* k16: module -> module v */
	PY_OP_IMPORT_ALL,   /* module -> */
	PY_OP_TRY,          /* j16: -> block (two values) */
	PY_OP_TRY_FINALLY,  /* j16: -> block */
	PY_OP_POP_BLOCK,    /* block -> */
	PY_OP_UNWIND,       /* j16, n8 depth: leaves blocks above the depth, jumps */
	PY_OP_END_FINALLY,  /* payload kind -> : goes on with what finally cut */
	PY_OP_MATCH,        /* error class -> error truth */
	PY_OP_RAISE,        /* v -> */
	PY_OP_RERAISE,      /* n8: the error at this depth */
	PY_OP_COUNT,
};

enum py_binary {
	PY_ADD,
	PY_SUBTRACT,
	PY_MULTIPLY,
	PY_DIVIDE,
	PY_FLOOR,
	PY_MODULO,
	PY_POWER,
	PY_AND,
	PY_OR,
	PY_XOR,
	PY_LEFT,
	PY_RIGHT,
	PY_LT,
	PY_GT,
	PY_LE,
	PY_GE,
	PY_EQ,
	PY_NE,
	PY_IN,
	PY_NOT_IN,
	PY_IS,
	PY_IS_NOT,
	PY_IN_PLACE = 64, /* flag: += and so on */
};

enum py_unary { PY_NEGATIVE, PY_POSITIVE, PY_INVERT, PY_NOT };

/* What follows an instruction; jumps end every list of operands but UNWIND's. */
extern const uint8_t py_op_operands[PY_OP_COUNT];

struct py_code {
	struct py_head head;
	struct py_value consts; /* cells */
	struct py_value file;   /* a str; no value: <stdin> */
	struct py_value globals;
	uint16_t len;
	uint16_t stack; /* what the unit itself needs */
	uint8_t at[];
};

/* In front of a function's code: name k16, parameters, star, locals u8 each, stack u16, then
 * the parameters' names k16 each. The star parameter is the local behind the
 * parameters. */
#define PY_NAME_LAMBDA  0xFFFF
#define PY_ENTRY_NAME   0
#define PY_ENTRY_PARAMS 2
#define PY_ENTRY_STAR   3
#define PY_ENTRY_LOCALS 4
#define PY_ENTRY_STACK  5
#define PY_ENTRY_NAMES  7

struct py_frame {
	struct py_head head;
	struct py_value back;
	struct py_value code;
	uint16_t ip;
	uint16_t sp;    /* index in at[]; the locals lie below */
	uint16_t block; /* behind the innermost block's two values; 0: none */
	uint16_t size;
	uint16_t line;
	uint16_t name; /* constant; 0: <module>; PY_NAME_LAMBDA */
	uint16_t locals;
	uint16_t ip_before; /* of the instruction being executed */
	struct py_value at[];
};

static inline uint16_t py_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

/* ---- py_heap.c ------------------------------------------------------------------ */

void py_heap_start(struct wipy_board *board);
/* An allocation that need not be tried; what it asked for stands in the MemoryError.
 * Returns NULL. */
void *py_refuse(struct wipy_board *board, size_t count, size_t each);
/* Gives back all of an object, or its tail behind `size` bytes. */
void py_free(struct wipy_board *board, struct py_value v);
void py_trim(struct wipy_board *board, void *object, size_t size);
/* Makes an object larger where it lies: false if there is no room. */
bool py_extend(struct wipy_board *board, void *object, size_t size);
/* The same, or moves it and frees the old one; NULL: no memory, nothing has changed. */
void *py_grow(struct wipy_board *board, struct py_value *v, size_t size);
static inline size_t py_size(const struct py_head *head)
{
	return (size_t)head->blocks * 8;
}

struct py_cells *py_new_cells(struct wipy_board *board, size_t cap);

/* ---- py_op*.c ------------------------------------------------------------------- */

int py_binary(struct wipy_board *board, enum py_binary op, struct py_value a,
	struct py_value b, struct py_value *ret_value);
int py_unary(struct wipy_board *board, enum py_unary op, struct py_value v,
	struct py_value *ret_value);
int py_extend_list(
	struct wipy_board *board, struct py_list *list, struct py_value with);
int py_set_item(struct wipy_board *board, struct py_value v, struct py_value index,
	struct py_value item);
int py_delete_item(struct wipy_board *board, struct py_value v, struct py_value index);
int py_set_attribute(struct wipy_board *board, struct py_value v, struct py_value name,
	struct py_value item);
uint16_t py_hash(const char *bytes, size_t len);

/* ---- py_error.c ----------------------------------------------------------------- */

/* A fault in the text: traceback of one line. name: of the block, as in a traceback; -1
 * where the parser found the fault: these name no block. Returns -1. */
int py_raise_syntax(struct wipy_board *board, enum py_exception_id type,
	const char *text, int line, struct py_value code, int name);
/* A MemoryError without memory. Its text, then a number and "bytes". */
#define PY_TEXT_NO_MEMORY "memory allocation failed, allocating "
void py_raise_memory(struct wipy_board *board);
void py_add_trace(struct wipy_board *board, struct py_value code, int line, int name);
/* Makes an exception of a class or an instance. */
int py_raise_object(struct wipy_board *board, struct py_value v);
int py_new_error(struct wipy_board *board, enum py_exception_id type,
	const struct py_value *args, int count, struct py_value *ret_value);

/* ---- py_call.c, py_vm.c ---------------------------------------------------------- */

/* Calls what lies at args[-1]... on the frame's stack; see py_call.c. */
int py_call(
	struct wipy_board *board, struct py_frame *frame, int positional, int named);
/* Begins a unit, on top of what runs. RuntimeError: too deep. */
int py_enter(struct wipy_board *board, struct py_value code);
/* Drops the running frame: what runs is the one below. */
void py_leave_frame(struct wipy_board *board);
/* One instruction and what follows from it. */
void py_execute(struct wipy_board *board);

/* ---- py_block.c ------------------------------------------------------------------ */

/* Why a finally part runs. */
enum py_why { PY_WHY_NOTHING, PY_WHY_ERROR, PY_WHY_RETURN, PY_WHY_JUMP };

void py_push_block(struct py_frame *frame, int target, bool finally);
/* Takes the innermost block off the stack, its handler comes next; whether it is a
 * finally. */
bool py_pop_block(struct py_frame *frame);
/* Leaves blocks: `what` is the value of a return, or the jump: target << 8 | depth. A
 * finally in between runs first and comes back here. */
void py_unwind(struct wipy_board *board, struct py_frame *frame, enum py_why why,
	struct py_value what);
/* py.error goes up to a handler, or ends the run. */
void py_propagate(struct wipy_board *board);
/* The instructions MATCH, END_FINALLY, RERAISE. */
void py_match(const struct wipy_board *board, struct py_frame *frame);
int py_end_finally(struct wipy_board *board, struct py_frame *frame);
int py_reraise(struct wipy_board *board, struct py_frame *frame, int depth);

/* ---- py_import.c ----------------------------------------------------------------- */

/* The module; no value: a frame has been entered, whose result is the module. */
int py_import(
	struct wipy_board *board, struct py_value name, struct py_value *ret_module);
int py_import_from(struct wipy_board *board, struct py_value module,
	const struct py_bytes *name, struct py_value *ret_value);
/* All names but _private ones. */
int py_import_all(
	struct wipy_board *board, struct py_value module, struct py_dict *globals);
/* The frame ends before its end: where it was a module's, the next import begins anew. */
void py_forget_import(struct wipy_board *board, const struct py_frame *frame);

/* ---- py_compile.c ---------------------------------------------------------------- */

struct py_source {
	const char *text; /* NULL: a file */
	size_t len;
	int file;
	struct py_value name;
};
/* 0 and code, or -1 with the error raised, or what files_read() says. */
int py_compile(struct wipy_board *board, const struct py_source *source,
	enum py_mode mode, struct py_value *ret_code);

#endif
