/* SPDX-License-Identifier: MIT
 *
 * Inside the interpreter: values, objects, memory, and how functions written in C meet
 * the programs. For py_*.c only.
 *
 * MEMORY. py_new_*() may return no memory: the function then returns -ENOMEM at once,
 * having changed NOTHING that a program or the machine could see, but for iterators that
 * py_moves() knows. The instruction is abandoned, the heap collected, and the
 * instruction tried once more from its start; if that fails, too, the program gets
 * MemoryError. The collector never runs inside a native, so values in C variables need
 * no protection, and pointers to objects stay valid until the native returns. The rule
 * for natives follows: first check, then allocate all, then act.
 */
#ifndef WIPY_FIRMWARE_PY_OBJECT_H
#define WIPY_FIRMWARE_PY_OBJECT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/board.h"

/* ---- values ---------------------------------------------------------------------
 *
 *   ....1   an int: the upper 31 bits
 *   ...10   an immediate: bits 2..5 its kind, the upper 26 its index
 *   ...00   an object: its offset in the arena, a multiple of 8; 0 is no value
 */
enum py_immediate {
	PY_SPECIAL,   /* index: enum py_special */
	PY_TYPE,      /* index: enum py_type_id */
	PY_EXCEPTION, /* a class; index: enum py_exception_id */
	PY_MODULE,    /* one in C; index in py_modules */
	PY_NATIVE,    /* a function in C; index: table << 8 | row; py_row() finds it */
};

/* The last one is the MemoryError that needs no memory. */
enum py_special { PY_IS_NONE, PY_IS_FALSE, PY_IS_TRUE, PY_IS_NO_MEMORY };

#define PY_IMMEDIATE(kind, index)                                                      \
	((struct py_value){(uint32_t)(index) << 6 | (uint32_t)(kind) << 2 | 2})
#define PY_NO_VALUE  ((struct py_value){0})
#define PY_NONE      PY_IMMEDIATE(PY_SPECIAL, PY_IS_NONE)
#define PY_FALSE     PY_IMMEDIATE(PY_SPECIAL, PY_IS_FALSE)
#define PY_TRUE      PY_IMMEDIATE(PY_SPECIAL, PY_IS_TRUE)
#define PY_NO_MEMORY PY_IMMEDIATE(PY_SPECIAL, PY_IS_NO_MEMORY)

/* The number must fit 31 bits; py_int() checks. */
#define PY_INT(number) ((struct py_value){(uint32_t)(number) << 1 | 1})
#define PY_BOOL(truth) ((truth) ? PY_TRUE : PY_FALSE)

static inline bool py_is_int(struct py_value v) /* a bool is none */
{
	return v.bits & 1;
}

static inline int32_t py_number(struct py_value v)
{
	return (int32_t)v.bits >> 1;
}

static inline bool py_is_immediate(struct py_value v, enum py_immediate kind)
{
	return (v.bits & 63) == ((uint32_t)kind << 2 | 2);
}

static inline uint32_t py_index(struct py_value v)
{
	return v.bits >> 6;
}

static inline bool py_same(struct py_value a, struct py_value b)
{
	return a.bits == b.bits;
}

static inline bool py_is_bool(struct py_value v)
{
	return py_same(v, PY_TRUE) || py_same(v, PY_FALSE);
}

static inline bool py_is_none(struct py_value v)
{
	return py_same(v, PY_NONE);
}

static inline bool py_is_reference(struct py_value v)
{
	return (v.bits & 3) == 0 && v.bits != 0;
}

/* ---- objects -------------------------------------------------------------------- */

enum py_kind {
	PY_FREE,
	PY_STR, /* struct py_bytes; UTF-8 by use, bytes by nature: len() counts bytes */
	PY_BYTES, /* struct py_bytes */
	PY_TUPLE,
	PY_LIST,
	PY_DICT,
	PY_RANGE,
	PY_ITERATOR,
	PY_SLICE_OBJECT,
	PY_FUNCTION, /* def and lambda */
	PY_BOUND,    /* a native with its self */
	PY_ERROR,    /* an exception's instance */
	PY_OBJECT,   /* an instance of a native type (struct py_type) */
	PY_CELLS, /* what lists, dicts and the compiler's tables keep their values in */
	PY_CODE,
	PY_FRAME,
	PY_NAMESPACE, /* struct py_dict; a module of a file: its names */
};

struct py_head {
	uint16_t blocks; /* of 8 bytes, with the head */
	uint8_t kind;
	uint8_t mark; /* the collector's */
};

#define PY_BYTES_MAX 65535

struct py_bytes {
	struct py_head head;
	uint16_t len;
	uint16_t hash; /* of the contents; set by py_new_bytes() and py_seal() */
	char at[];
};

struct py_cells {
	struct py_head head;
	uint32_t cap;
	struct py_value at[];
};

struct py_tuple {
	struct py_head head;
	uint16_t len;
	uint16_t fields; /* 0, or 1 + index in py_fields: os.uname() and the like */
	struct py_value at[];
};

struct py_list {
	struct py_head head;
	uint32_t len;
	struct py_value cells; /* no value as long as nothing was in it */
};

/* Keys and values in turn, in the order of their insertion. */
struct py_dict {
	struct py_head head;
	uint32_t len; /* pairs */
	struct py_value cells;
};

struct py_range {
	struct py_head head;
	int32_t start;
	int32_t stop;
	int32_t step; /* not 0 */
};

/* Also what `for` walks with. */
struct py_iterator {
	struct py_head head;
	uint32_t at;
	struct py_value source; /* STR, BYTES, TUPLE, LIST, DICT, RANGE */
	uint32_t mode;          /* DICT: enum py_dict_mode */
};
enum py_dict_mode { PY_DICT_KEYS, PY_DICT_VALUES, PY_DICT_ITEMS };

struct py_slice {
	struct py_head head;
	struct py_value start, stop, step; /* None where left out */
};

struct py_function {
	struct py_head head;
	uint32_t entry; /* of its description in the code */
	struct py_value code;
	struct py_value defaults; /* a tuple, or no value */
};

struct py_bound {
	struct py_head head;
	struct py_value self;
	struct py_value function; /* immediate PY_NATIVE */
};

struct py_error {
	struct py_head head;
	uint32_t type;        /* enum py_exception_id */
	struct py_value args; /* a tuple, or no value for none */
};

/* An instance of a native type; what it holds are values, so the collector needs no
 * hints: a number (a file, a pin) is kept as PY_INT(). */
struct py_object {
	struct py_head head;
	uint16_t type; /* enum py_type_id */
	uint16_t len;
	struct py_value at[];
};

/* The head of an object; NULL for ints, immediates and no value. */
struct py_head *py_head(const struct wipy_board *board, struct py_value v);
bool py_is(const struct wipy_board *board, struct py_value v, enum py_kind kind);
/* The object; the kind must be known. Use: struct py_list *list = py_at(board, v); */
void *py_at(const struct wipy_board *board, struct py_value v);
/* The value of an object that py_at() or py_new_*() gave. */
struct py_value py_reference(const struct wipy_board *board, const void *object);

/* ---- new objects: all but py_int() answer NULL or -ENOMEM as said above ------------ */

void *py_new(struct wipy_board *board, enum py_kind kind, size_t size);
/* Contents are undefined where bytes is NULL; then call py_seal() when filled. `kind`
 * is PY_STR or PY_BYTES. */
struct py_bytes *py_new_bytes(
	struct wipy_board *board, enum py_kind kind, const char *bytes, size_t len);
void py_seal(struct py_bytes *bytes);
/* Elements are None; set them. */
struct py_tuple *py_new_tuple(struct wipy_board *board, size_t len);
struct py_list *py_new_list(struct wipy_board *board, size_t cap);
struct py_dict *py_new_dict(struct wipy_board *board, size_t cap);
/* Values are None; set them. */
struct py_object *py_new_object(struct wipy_board *board, int type, size_t len);

/* str for text; the usual end of a native: return py_str(board, "x", 1, ret). */
int py_str(struct wipy_board *board, const char *text, size_t len,
	struct py_value *ret_value);
/* OverflowError beyond 31 bits: returns -1 then. */
int py_int(struct wipy_board *board, int64_t number, struct py_value *ret_value);
int py_append(struct wipy_board *board, struct py_list *list, struct py_value v);
struct py_value *py_list_items(const struct wipy_board *board, struct py_list *list);

/* Key and value of the pair, side by side, or NULL. Keys that cannot be keys (list,
 * dict) are simply not found; py_dict_set() raises TypeError for them. */
struct py_value *py_dict_find(
	struct wipy_board *board, const struct py_dict *dict, struct py_value key);
struct py_value *py_dict_find_text(const struct wipy_board *board,
	const struct py_dict *dict, const char *text, size_t len);
struct py_value *py_dict_pairs(const struct wipy_board *board, struct py_dict *dict);
int py_dict_set(struct wipy_board *board, struct py_dict *dict, struct py_value key,
	struct py_value v);
/* `pair` is what py_dict_find() gave. */
void py_dict_remove(
	struct wipy_board *board, struct py_dict *dict, struct py_value *pair);

/* gc.collect(), gc.mem_free(): bytes. Collecting is asked for, and happens when the
 * native has returned. */
uint32_t py_heap_free(struct wipy_board *board);
void py_heap_collect(struct wipy_board *board); /* NOT inside a native */

/* The names that the running function sees: a dict, or a PY_NAMESPACE. */
struct py_value py_globals(const struct wipy_board *board);

/* ---- exceptions ------------------------------------------------------------------- */

enum py_exception_id {
	PY_BASE_EXCEPTION,
	PY_SYSTEM_EXIT,
	PY_KEYBOARD_INTERRUPT,
	PY_AN_EXCEPTION, /* class Exception */
	PY_ARITHMETIC_ERROR,
	PY_OVERFLOW_ERROR,
	PY_ZERO_DIVISION_ERROR,
	PY_ASSERTION_ERROR,
	PY_ATTRIBUTE_ERROR,
	PY_EOF_ERROR,
	PY_IMPORT_ERROR,
	PY_LOOKUP_ERROR,
	PY_INDEX_ERROR,
	PY_KEY_ERROR,
	PY_MEMORY_ERROR,
	PY_NAME_ERROR,
	PY_OS_ERROR,
	PY_RUNTIME_ERROR,
	PY_NOT_IMPLEMENTED_ERROR,
	PY_STOP_ITERATION,
	PY_SYNTAX_ERROR,
	PY_INDENTATION_ERROR,
	PY_TYPE_ERROR,
	PY_VALUE_ERROR,
	PY_UNICODE_ERROR,
	PY_EXCEPTION_COUNT,
};

struct py_exception {
	const char *name;
	enum py_exception_id base;
};
extern const struct py_exception py_exceptions[PY_EXCEPTION_COUNT];

/* Both return -1, or -ENOMEM (then nothing is raised: the instruction is tried again):
 * return py_raise(board, PY_VALUE_ERROR, "invalid syntax for integer"); */
int py_raise(struct wipy_board *board, enum py_exception_id type, const char *text);
int py_raise_value(
	struct wipy_board *board, enum py_exception_id type, struct py_value arg);
/* OSError with a positive number of errno.h; takes -ENOENT as well as ENOENT. */
int py_raise_os(struct wipy_board *board, int error);
/* RuntimeError: maximum recursion depth exceeded */
int py_raise_depth(struct wipy_board *board);
/* TypeError: unsupported type for operator */
int py_raise_operator(struct wipy_board *board);

/* Is v an instance (PY_NO_MEMORY is one)? Its class. */
bool py_is_error(const struct wipy_board *board, struct py_value v,
	enum py_exception_id *ret_type);
bool py_exception_is_a(enum py_exception_id type, enum py_exception_id base);

/* ---- functions in C ----------------------------------------------------------------
 *
 * A method finds its self in args[0]; min and max count it. The interpreter checks the
 * number of arguments and the names of keywords before it calls. */
struct py_call {
	const struct py_value *args;
	int count;
	/* name (a str) and value in turn */
	const struct py_value *named;
	int named_count;
};

/* Returns 0, -1 after a py_raise*(), -ENOMEM. *ret_value is None before the call. */
typedef int py_native(struct wipy_board *board, const struct py_call *call,
	struct py_value *ret_value);
typedef int py_getter(struct wipy_board *board, struct py_value *ret_value);

/* The index-th argument, or the one with that keyword; false: neither was given.
 * index -1: by keyword only. */
bool py_argument(const struct wipy_board *board, const struct py_call *call, int index,
	const char *name, struct py_value *ret_value);

enum py_row_kind {
	PY_ROW_NATIVE,
	PY_ROW_VALUE,  /* number: the bits of an immediate or int */
	PY_ROW_TEXT,   /* a str */
	PY_ROW_GETTER, /* computed at each look: sys.implementation */
};

/* What a module, a type or the builtins have under a name. */
struct py_row {
	const char *name;
	uint8_t kind;
	int8_t min;
	int8_t max;           /* PY_ANY: no limit */
	const char *keywords; /* names with blanks between, "sep end"; "*": any;
			       * NULL: none */
	union {
		py_native *call;
		py_getter *get;
		const char *text;
		uint32_t bits;
	} is;
};

#define PY_ANY 127
/* clang-format off */
#define PY_ROW_FN(name, call_, min, max) \
	{name, PY_ROW_NATIVE, min, max, NULL, {.call = call_}}
#define PY_ROW_KEYWORDS(name, call_, min, max, keywords) \
	{name, PY_ROW_NATIVE, min, max, keywords, {.call = call_}}
#define PY_ROW_INT(name, number) \
	{name, PY_ROW_VALUE, 0, 0, NULL, {.bits = (uint32_t)(number) << 1 | 1}}
#define PY_ROW_IMMEDIATE(name, kind, index) \
	{name, PY_ROW_VALUE, 0, 0, NULL, \
		{.bits = (uint32_t)(index) << 6 | (uint32_t)(kind) << 2 | 2}}
#define PY_ROW_STR(name, text_) {name, PY_ROW_TEXT, 0, 0, NULL, {.text = text_}}
#define PY_ROW_GET(name, get_) {name, PY_ROW_GETTER, 0, 0, NULL, {.get = get_}}
#define PY_ROW_END {NULL, 0, 0, 0, NULL, {.bits = 0}}
/* clang-format on */

struct py_module {
	const char *name;
	const struct py_row *rows;
};

/* All types: the basic ones by their kind, then those of the modules. The index in
 * py_types. Modules add theirs before PY_TYPE_COUNT. */
enum py_type_id {
	PY_TYPE_OBJECT,
	PY_TYPE_TYPE,
	PY_TYPE_NONE,
	PY_TYPE_BOOL,
	PY_TYPE_INT,
	PY_TYPE_STR,
	PY_TYPE_BYTES,
	PY_TYPE_TUPLE,
	PY_TYPE_LIST,
	PY_TYPE_DICT,
	PY_TYPE_RANGE,
	PY_TYPE_ITERATOR,
	PY_TYPE_SLICE,
	PY_TYPE_FUNCTION,
	PY_TYPE_BOUND,
	PY_TYPE_MODULE,
	/* of the modules */
	PY_TYPE_PIN,
	PY_TYPE_WDT,
	PY_TYPE_UART,
	PY_TYPE_WLAN,
	PY_TYPE_SERVER,
	PY_TYPE_FILE,
	PY_TYPE_STREAM, /* sys.stdin, sys.stdout */
	PY_TYPE_WALKER, /* enumerate(), zip(), reversed() ... */
	PY_TYPE_COUNT,
};

/* Hooks are NULL where the type does not have the property. Those of the basic types
 * are never asked for subscripts, items and length: py_op.c knows them. */
struct py_type {
	const char *name;
	const struct py_row *rows; /* methods and constants; ends with PY_ROW_END */
	/* the constructor: a row with kind PY_ROW_NATIVE; call NULL: cannot be called.
	 * args[0] is the first argument, there is no self yet */
	struct py_row make;
	/* attributes that are not in rows; -ENOENT: no such attribute */
	int (*get)(struct wipy_board *board, struct py_value self, const char *name,
		size_t len, struct py_value *ret_value);
	int (*set)(struct wipy_board *board, struct py_value self, const char *name,
		size_t len, struct py_value v);
	/* self(): args without self; NULL: cannot be called */
	int (*call)(struct wipy_board *board, struct py_value self,
		const struct py_call *call, struct py_value *ret_value);
	/* iteration: the instance is its own iterator. 0, 1 at the end, -1, -ENOMEM */
	int (*next)(struct wipy_board *board, struct py_value self,
		struct py_value *ret_value);
	/* len(); also the truth of an instance */
	int (*length)(struct wipy_board *board, struct py_value self, int32_t *ret_len);
};

/* Written by py_builtin*.c and py_mod_*.c. */
extern const struct py_row py_builtins[]; /* ends with PY_ROW_END; exceptions and
					   * types are rows with PY_ROW_IMMEDIATE */
extern const struct py_module *const py_modules[];          /* ends with NULL */
extern const struct py_type *const py_types[PY_TYPE_COUNT]; /* NULL: just a name */
/* int.from_bytes: the one method that has no self. */
py_native py_int_from_bytes;
/* Names of the elements of named tuples: NULL-terminated lists, at tuple.fields - 1. */
extern const char *const *const py_fields[];

/* The row of an immediate PY_NATIVE, NULL if there is none. */
const struct py_row *py_row(struct py_value native);
/* Finds in a table; NULL. */
const struct py_row *py_find_row(
	const struct py_row *rows, const char *name, size_t len);
#define PY_TABLE_TYPES 128
/* What a row stands for. `table`: 0 builtins, 1 + n module n, PY_TABLE_TYPES + n type
 * n. */
int py_row_value(struct wipy_board *board, int table, const struct py_row *rows,
	const struct py_row *row, struct py_value *ret_value);
/* type(v): an immediate PY_TYPE or PY_EXCEPTION. */
struct py_value py_type_of(const struct wipy_board *board, struct py_value v);

/* ---- what natives do ---------------------------------------------------------------- */

/* Prints a str or bytes object, with a line feed behind it if so wished, as soon as
 * there is room; the program stalls meanwhile. Once per call of a native, as the last
 * thing it does. */
void py_print(struct wipy_board *board, struct py_value text, bool newline);
/* The same for text that stays forever. */
void py_print_static(struct wipy_board *board, const char *text, size_t len);
/* The program sleeps when the native has returned. */
void py_sleep(struct wipy_board *board, int64_t ms);
/* board->py.now_ms is the time. machine.reset(): board->reset_wanted = true.
 * machine.soft_reset(), sys.exit(): return py_raise(board, PY_SYSTEM_EXIT, NULL). */

/* Operators as functions (py_op.c). */
bool py_truth(struct wipy_board *board, struct py_value v);
/* Elements of containers count, and so does each order that is asked for; long texts
 * and dicts that are searched count as some. Where py.compared is above PY_COMPARED_MAX
 * the answer is worthless, and the instruction ends with RuntimeError whatever it
 * returns; it should change nothing then. */
#define PY_COMPARED_MAX 500000
bool py_equal(struct wipy_board *board, struct py_value a, struct py_value b);
/* a < b: 0 or 1 in *ret_less; -1 after TypeError, or RuntimeError where that is too
 * much; -ENOMEM. */
int py_less(
	struct wipy_board *board, struct py_value a, struct py_value b, bool *ret_less);
/* An int or bool as a number; TypeError otherwise. */
int py_get_int(struct wipy_board *board, struct py_value v, int32_t *ret_number);
/* The bytes of a str or bytes object; TypeError otherwise. */
int py_get_text(struct wipy_board *board, struct py_value v, const char **ret_text,
	size_t *ret_len);
int py_len(struct wipy_board *board, struct py_value v, int32_t *ret_len);
int py_get_attribute(struct wipy_board *board, struct py_value v, const char *name,
	size_t len, struct py_value *ret_value);
int py_get_item(struct wipy_board *board, struct py_value v, struct py_value index,
	struct py_value *ret_value);
int py_contains(struct wipy_board *board, struct py_value container, struct py_value v,
	bool *ret_found);
/* Allocates nothing where v is an iterator already. */
int py_iter(struct wipy_board *board, struct py_value v, struct py_value *ret_iterator);
/* 0, 1 at the end, -1, -ENOMEM. */
int py_next(
	struct wipy_board *board, struct py_value iterator, struct py_value *ret_value);
/* To be called before an iterator is moved on, with the word of the arena that says
 * where it stands: it goes back there if the instruction finds no memory, which may be
 * much later in it. */
void py_moves(struct wipy_board *board, const void *word);

/* Written with the builtins: str() and repr() as a new str object. Nesting is bounded
 * (deeper: "..."). */
int py_to_str(struct wipy_board *board, struct py_value v, struct py_value *ret_text);
int py_to_repr(struct wipy_board *board, struct py_value v, struct py_value *ret_text);
/* a % b for a str or bytes. */
int py_format(struct wipy_board *board, struct py_value a, struct py_value b,
	struct py_value *ret_text);

#endif
