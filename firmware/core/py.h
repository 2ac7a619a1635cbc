/* SPDX-License-Identifier: MIT
 *
 * A small Python: names, integers of 31 bits, texts, None and truth values, arithmetic,
 * comparison, attributes, calls, assignment, import. Statements are first parsed without
 * being executed, so that a syntax error stops a line before it does anything.
 * Errors have the terse form of the boards (WIRE.md 6.3).
 */
#ifndef WIPY_FIRMWARE_PY_H
#define WIPY_FIRMWARE_PY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wipy_board;

#define PY_NAMES    32
#define PY_NAME_MAX 32   /* with NUL */
#define PY_POOL     1024 /* texts that names hold */
#define PY_TEMP     2560 /* texts while a statement runs */
#define PY_DEPTH    12   /* nesting of expressions: it costs stack */
#define PY_ARGS     6

#define PY_INT_MAX 0x3FFFFFFF
#define PY_INT_MIN (-PY_INT_MAX - 1)

enum py_type {
	PY_NONE,
	PY_BOOL,
	PY_INT,
	PY_STR,
	PY_BYTES,
	PY_MODULE,
	PY_FUNCTION,
	PY_UNAME, /* the tuple that os.uname() gives */
};

struct py_value {
	enum py_type type;
	int32_t number; /* BOOL, INT */
	size_t len;     /* STR, BYTES; otherwise 0 */
	union {
		const char *at; /* STR, BYTES: not terminated */
		const struct py_module *module;
		const struct py_function *function;
	};
};

struct py_args {
	int count;
	struct py_value value[PY_ARGS];
	int named_count;
	struct {
		const char *name;
		size_t name_len;
		struct py_value value;
	} named[PY_ARGS];
};

/* Returns 0, or -1 after py_raise(). */
struct py_function {
	const char *name;
	int min_args;
	int max_args; /* -1: any number, and named ones */
	int (*call)(struct wipy_board *board, const struct py_args *args,
		struct py_value *ret_value);
};

struct py_attribute {
	const char *name;
	enum py_type type;
	int32_t number;
	const char *text;
	const struct py_function *function;
};

struct py_module {
	const char *name;
	const struct py_attribute *attributes; /* ends with a row without a name */
};

struct py_name {
	char name[PY_NAME_MAX];
	struct py_value value; /* texts lie in the pool */
};

enum py_token_type { PY_END, PY_NEWLINE, PY_WORD, PY_NUMBER, PY_TEXT, PY_OPERATOR };

struct py_token {
	enum py_token_type type;
	int line;
	const char *at; /* WORD and OPERATOR: in the source; TEXT: decoded, in temp */
	size_t len;
	int32_t number;
	bool is_bytes;
};

struct py {
	size_t name_count;
	struct py_name names[PY_NAMES];
	size_t pool_len;
	char pool[PY_POOL];

	/* of the statement being executed */
	const char *source;
	size_t source_len;
	size_t at;
	int line;
	int depth;
	int brackets;
	int dry; /* above 0: parse, evaluate nothing */
	struct py_token token;
	size_t temp_len;
	char temp[PY_TEMP];

	const char *error; /* the class; NULL: no error */
	bool error_in_syntax;
	const char *error_text; /* borrowed, or in temp */
	size_t error_text_len;
	int error_line;
	bool exit_wanted; /* sys.exit(): a soft reset */
};

/* Forgets all names. */
void py_start(struct wipy_board *board);

/* Executes lines of source. Results and tracebacks go to the REPL's output. After
 * machine.reset() board->reset_wanted is set and nothing more is printed. */
void py_execute(struct wipy_board *board, const char *source, size_t len);

/* ---- between the parts of the interpreter -------------------------------------- */

/* Both return -1, for `return py_raise(...)`. `text` must stay. */
int py_raise(struct wipy_board *board, const char *error, const char *text);
int py_syntax(struct wipy_board *board, const char *text);

/* Reads the next token into py.token. */
int py_next(struct wipy_board *board);

int py_invalid(struct wipy_board *board); /* the plain syntax error */

/* What the present token is: this operator, this word, a name that is no keyword. */
bool py_at_operator(const struct py *py, const char *spelling);
bool py_at_word(const struct py *py, const char *word);
bool py_at_name(const struct py *py);
/* At NAME = (not ==): a named argument or an assignment. */
bool py_at_binding(struct wipy_board *board);
int py_expression(struct wipy_board *board, struct py_value *ret_value);
/* One level deeper; undone by py.depth--. -1: too deep. */
int py_descend(struct wipy_board *board);

/* Room for len bytes until the statement ends, or NULL after py_raise(). */
char *py_temp(struct wipy_board *board, size_t len);

bool py_truth(const struct py_value *value);
bool py_is(const struct py_value *a, const struct py_value *b); /* equal */
/* `op` is its spelling; comparison operators too. */
int py_binary(struct wipy_board *board, const char *op, size_t op_len,
	const struct py_value *a, const struct py_value *b, struct py_value *ret_value);
int py_int(struct wipy_board *board, int64_t number, struct py_value *ret_value);
struct py_value py_text(const char *at, size_t len);
/* str() and repr() into temp. */
int py_str(struct wipy_board *board, const struct py_value *value,
	struct py_value *ret_text);
int py_repr(struct wipy_board *board, const struct py_value *value,
	struct py_value *ret_text);
int py_attribute(struct wipy_board *board, const struct py_value *value,
	const char *name, size_t len, struct py_value *ret_value);

int py_set_name(struct wipy_board *board, const char *name, size_t len,
	const struct py_value *value);
int py_del_name(struct wipy_board *board, const char *name, size_t len);
int py_get_name(struct wipy_board *board, const char *name, size_t len,
	struct py_value *ret_value);

/* NULL: there is none. */
const struct py_module *py_find_module(const char *name, size_t len);
const struct py_function *py_find_builtin(const char *name, size_t len);

/* The fields of os.uname(), in order; NULL behind the last one. */
const char *py_uname_field(
	const struct wipy_board *board, int index, char *buf, size_t cap);
extern const char *const py_uname_names[];

#endif
