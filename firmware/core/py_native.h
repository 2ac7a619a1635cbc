/* SPDX-License-Identifier: MIT
 *
 * What the natives of the builtins and modules share: text that is written twice (into
 * nothing, to learn its length, then into a new object), arguments, the tables. For
 * py_builtin.c, py_text.c, py_type_*.c and py_mod_*.c.
 */
#ifndef WIPY_FIRMWARE_PY_NATIVE_H
#define WIPY_FIRMWARE_PY_NATIVE_H

#include "firmware/core/py_object.h"

/* The signature of a native, whose name a table holds. */
#define PY_NATIVE_ARGS                                                                 \
	struct wipy_board *board, const struct py_call *call, struct py_value *ret_value

/* Texts of the boards' errors. */
#define PY_TEXT_VALUE    "invalid argument(s) value"
#define PY_TEXT_NUM_TYPE "invalid argument(s) num/type"
#define PY_TEXT_MISMATCH "argument num/types mismatch"
#define PY_TEXT_RESOURCE "resource not available"
#define PY_TEXT_POSSIBLE "the requested operation is not possible"
#define PY_TEXT_INDEX    "index out of range"

/* Where text goes. Counts where there is no object yet. */
struct py_sink {
	struct py_bytes *object; /* NULL: only count */
	size_t len;
};

void py_put_bytes(struct py_sink *sink, const char *text, size_t len);
void py_put_char(struct py_sink *sink, char c);
void py_put(struct py_sink *sink, const char *text);
void py_put_int(struct py_sink *sink, int32_t number);
void py_put_digits(struct py_sink *sink, uint32_t number, unsigned base);
/* str() or repr() of a value. */
void py_put_value(
	struct wipy_board *board, struct py_sink *sink, struct py_value v, bool repr);

/* Makes an object for what was counted; what is put from now on goes there. */
int py_sink_begin(struct wipy_board *board, struct py_sink *sink, enum py_kind kind);
/* All is written. */
struct py_value py_sink_end(struct wipy_board *board, struct py_sink *sink);

/* Pin('GP5', mode=Pin.IN, ...) */
void py_put_pin(
	struct wipy_board *board, struct py_sink *sink, const struct py_object *pin);

/* What str.format() and % share: width and so on of one field. */
struct py_spec {
	char fill;
	char align; /* '<', '>', '^'; 0: by the kind of the value */
	char sign;  /* '+', ' '; 0: only minus */
	char type;  /* d, s, r, x, X, o, b, c; 0: as str() does */
	bool alternate;
	int32_t width;
	int32_t precision; /* -1: none */
};
int py_put_field(struct wipy_board *board, struct py_sink *sink,
	const struct py_spec *spec, struct py_value v);

/* An argument that is an int; left as it is where none was given. */
int py_int_argument(struct wipy_board *board, const struct py_call *call, int index,
	const char *name, int32_t *number);
bool py_truth_argument(struct wipy_board *board, const struct py_call *call, int index,
	const char *name, bool otherwise);
/* The text of a str; TypeError for all else, bytes too. */
int py_get_str(struct wipy_board *board, struct py_value v, const char **ret_text,
	size_t *ret_len);
/* The elements of a list or tuple, NULL for all else. */
struct py_value *py_elements(
	const struct wipy_board *board, struct py_value v, size_t *ret_count);
/* Walking any iterable inside a native. */
struct py_walk {
	struct py_value iterator;
	int left;
};
int py_walk_begin(struct wipy_board *board, struct py_walk *walk, struct py_value v);
/* 0, 1 at the end, -1, -ENOMEM. */
int py_walk_next(
	struct wipy_board *board, struct py_walk *walk, struct py_value *ret_value);
/* Where these bytes stand in others, for the first or the last time. */
#define PY_NOWHERE ((size_t)-1)
size_t py_find(const char *in, size_t in_len, const char *what, size_t len, bool last);
/* A new list of all that an iterable gives. */
int py_collect(
	struct wipy_board *board, struct py_value iterable, struct py_value *ret_list);
int py_sort(
	struct wipy_board *board, struct py_value *items, size_t count, bool reverse);
/* 0, or OSError for a negative errno. */
int py_check_os(struct wipy_board *board, int r);
int py_text_value(struct wipy_board *board, enum py_kind kind, const char *text,
	size_t len, struct py_value *ret_value);

/* A name of a program as an absolute path: relative to the current folder, with "." and
 * ".." resolved. -ENOENT: too long. */
int py_path(struct wipy_board *board, const char *name, size_t len, char *buf,
	size_t cap) HAL_WARN_UNUSED;
/* Like files_open(), for a program; -ENOMEM: try again after a collection. */
int py_open_file(struct wipy_board *board, const char *path,
	enum files_mode how) HAL_WARN_UNUSED;
int py_close_file(struct wipy_board *board, int number);
/* Natives that stand in tables of other files. */
py_native py_open, py_str_format, py_make_str, py_make_bytes, py_make_list,
	py_make_tuple, py_make_dict, py_make_int, py_make_bool, py_make_range,
	py_make_type, py_enumerate, py_zip, py_reversed;

/* Walks the names of something as dir() shows them. `at` starts as 0. */
struct py_names {
	struct py_value of;
	uint32_t at;
	const char *name;
	size_t len;
	const struct py_row *row; /* NULL: a name of a program, with its value */
	struct py_value v;
};
/* The next name; false behind the last one. */
bool py_names_next(struct wipy_board *board, struct py_names *names);

/* The first row of module wipy that real boards do not have. */
#define PY_WIPY_OWN 2
/* One of these, on such a board. */
bool py_is_hidden(
	const struct wipy_board *board, struct py_value of, const struct py_row *row);
/* sys.path */
py_getter py_sys_path;

/* The fields of os.uname() and sys.implementation, in py_fields. */
/* The board's firmware has that module. */
bool py_has_module(const struct wipy_board *board, const struct py_module *module);

enum { PY_FIELDS_UNAME = 1, PY_FIELDS_IMPLEMENTATION };

extern const struct py_type py_type_str, py_type_bytes, py_type_list, py_type_tuple,
	py_type_dict, py_type_int, py_type_bool, py_type_range, py_type_walker,
	py_type_file, py_type_stream, py_type_pin, py_type_wdt, py_type_uart,
	py_type_wlan, py_type_server;
extern const struct py_module py_module_os, py_module_machine, py_module_network,
	py_module_wipy, py_module_pycom, py_module_time, py_module_sys, py_module_gc,
	py_module_micropython;

#endif
