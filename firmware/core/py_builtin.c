/* SPDX-License-Identifier: MIT
 *
 * The functions that are there without an import.
 */
#include <string.h>

#include "firmware/core/py_native.h"

/* ---- print() and texts -------------------------------------------------------------- */

/* The text of sep= or end=; None is the usual one. */
static int named_text(struct wipy_board *board, const struct py_call *call,
	const char *name, const char **text, size_t *len)
{
	struct py_value v;

	if (!py_argument(board, call, -1, name, &v) || py_is_none(v))
		return 0;
	return py_get_str(board, v, text, len);
}

static int call_print(PY_NATIVE_ARGS)
{
	const char *separator = " ", *end = "\n";
	size_t separator_len = 1, end_len = 1;
	struct py_sink sink = {NULL, 0};
	int r = named_text(board, call, "sep", &separator, &separator_len);

	(void)ret_value;
	if (r == 0)
		r = named_text(board, call, "end", &end, &end_len);
	if (r < 0)
		return r;
	for (int pass = 0; pass < 2; pass++) {
		if (pass > 0)
			r = py_sink_begin(board, &sink, PY_STR);
		if (r < 0)
			return r;
		for (int i = 0; i < call->count; i++) {
			if (i > 0)
				py_put_bytes(&sink, separator, separator_len);
			py_put_value(board, &sink, call->args[i], false);
		}
		py_put_bytes(&sink, end, end_len);
	}
	py_print(board, py_sink_end(board, &sink), false);
	return 0;
}

static int call_repr(PY_NATIVE_ARGS)
{
	return py_to_repr(board, call->args[0], ret_value);
}

static int in_base(PY_NATIVE_ARGS, unsigned base, const char *prefix)
{
	struct py_sink sink = {NULL, 0};
	int32_t number = 0;
	int r = py_get_int(board, call->args[0], &number);

	for (int pass = 0; pass < 2 && r == 0; pass++) {
		if (pass > 0)
			r = py_sink_begin(board, &sink, PY_STR);
		if (r < 0)
			break;
		py_put(&sink, number < 0 ? "-" : "");
		py_put(&sink, prefix);
		py_put_digits(&sink,
			number < 0 ? 0u - (uint32_t)number : (uint32_t)number, base);
	}
	if (r == 0)
		*ret_value = py_sink_end(board, &sink);
	return r;
}

static int call_hex(PY_NATIVE_ARGS)
{
	return in_base(board, call, ret_value, 16, "0x");
}

static int call_oct(PY_NATIVE_ARGS)
{
	return in_base(board, call, ret_value, 8, "0o");
}

static int call_bin(PY_NATIVE_ARGS)
{
	return in_base(board, call, ret_value, 2, "0b");
}

/* ---- characters ------------------------------------------------------------------- */

/* How many bytes UTF-8 takes for what this byte begins. */
static size_t sequence_len(uint8_t first)
{
	return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

static int call_ord(PY_NATIVE_ARGS)
{
	const char *text;
	size_t len;
	int32_t c;
	int r = py_get_text(board, call->args[0], &text, &len);

	if (r < 0)
		return r;
	if (len == 0 || len > 4 || (len > 1 && sequence_len((uint8_t)text[0]) != len))
		return py_raise(board, PY_TYPE_ERROR, "ord expects a character");
	c = (uint8_t)text[0];
	if (len > 1)
		c &= 0x7F >> len;
	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((uint8_t)text[i] & 0x3F);
	*ret_value = PY_INT(c);
	return 0;
}

static int call_chr(PY_NATIVE_ARGS)
{
	char text[4];
	int32_t c;
	size_t len;
	int r = py_get_int(board, call->args[0], &c);

	if (r < 0)
		return r;
	if (c < 0 || c > 0x10FFFF)
		return py_raise(
			board, PY_VALUE_ERROR, "chr() arg not in range(0x110000)");
	len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = len; i-- > 1; c >>= 6)
		text[i] = (char)(0x80 | (c & 0x3F));
	text[0] = (char)(len == 1 ? c : (0xF00 >> len & 0xFF) | c);
	return py_str(board, text, len, ret_value);
}

/* ---- numbers and sequences ---------------------------------------------------------- */

static int call_abs(PY_NATIVE_ARGS)
{
	int32_t number;
	int r = py_get_int(board, call->args[0], &number);

	return r < 0 ? r
		     : py_int(board, number < 0 ? -(int64_t)number : number, ret_value);
}

static int call_divmod(PY_NATIVE_ARGS)
{
	struct py_tuple *tuple;
	int32_t a, b, rest;
	int r = py_get_int(board, call->args[0], &a);

	if (r == 0)
		r = py_get_int(board, call->args[1], &b);
	if (r < 0)
		return r;
	if (b == 0)
		return py_raise(board, PY_ZERO_DIVISION_ERROR, "division by zero");
	tuple = py_new_tuple(board, 2);
	if (!tuple)
		return -ENOMEM;
	rest = a % b;
	rest += rest != 0 && (rest < 0) != (b < 0) ? b : 0;
	tuple->at[1] = PY_INT(rest);
	*ret_value = py_reference(board, tuple);
	return py_int(board, ((int64_t)a - rest) / b, &tuple->at[0]);
}

static int call_len(PY_NATIVE_ARGS)
{
	int32_t len;
	int r = py_len(board, call->args[0], &len);

	/* a range may have more elements than an int can say */
	return r < 0 ? r : py_int(board, len, ret_value);
}

static int extreme(PY_NATIVE_ARGS, bool largest)
{
	struct py_value best = PY_NO_VALUE, v;
	struct py_walk walk;
	bool less;
	int i = 0, r = 0;

	if (call->count == 1)
		r = py_walk_begin(board, &walk, call->args[0]);
	if (r < 0)
		return r;
	for (;;) {
		if (call->count == 1)
			r = py_walk_next(board, &walk, &v);
		else if (i < call->count)
			v = call->args[i++];
		else
			break;
		if (r != 0)
			break;
		less = best.bits == 0;
		if (!less)
			r = largest ? py_less(board, best, v, &less)
				    : py_less(board, v, best, &less);
		if (r < 0)
			break;
		best = less ? v : best;
	}
	if (r < 0)
		return r;
	if (best.bits == 0)
		return py_raise(board, PY_VALUE_ERROR, "arg is an empty sequence");
	*ret_value = best;
	return 0;
}

static int call_min(PY_NATIVE_ARGS)
{
	return extreme(board, call, ret_value, false);
}

static int call_max(PY_NATIVE_ARGS)
{
	return extreme(board, call, ret_value, true);
}

static int call_sum(PY_NATIVE_ARGS)
{
	struct py_walk walk;
	struct py_value v;
	int64_t total;
	int32_t number = 0;
	int r = py_int_argument(board, call, 1, NULL, &number);

	if (r == 0)
		r = py_walk_begin(board, &walk, call->args[0]);
	if (r < 0)
		return r;
	total = number;
	while ((r = py_walk_next(board, &walk, &v)) == 0) {
		r = py_get_int(board, v, &number);
		if (r < 0)
			return r;
		total += number;
	}
	return r < 0 ? r : py_int(board, total, ret_value);
}

/* Whether one is true (`wanted`), or one is false. */
static int search_truth(PY_NATIVE_ARGS, bool wanted)
{
	struct py_walk walk;
	struct py_value v;
	int r = py_walk_begin(board, &walk, call->args[0]);

	while (r == 0 && (r = py_walk_next(board, &walk, &v)) == 0) {
		if (py_truth(board, v) == wanted) {
			*ret_value = PY_BOOL(wanted);
			return 0;
		}
	}
	*ret_value = PY_BOOL(!wanted);
	return r < 0 ? r : 0;
}

static int call_any(PY_NATIVE_ARGS)
{
	return search_truth(board, call, ret_value, true);
}

static int call_all(PY_NATIVE_ARGS)
{
	return search_truth(board, call, ret_value, false);
}

static int call_sorted(PY_NATIVE_ARGS)
{
	struct py_value *items;
	size_t count;
	int r = py_collect(board, call->args[0], ret_value);

	if (r < 0)
		return r;
	items = py_elements(board, *ret_value, &count);
	return py_sort(board, items, count,
		py_truth_argument(board, call, -1, "reverse", false));
}

/* ---- types and attributes ----------------------------------------------------------- */

int py_make_type(PY_NATIVE_ARGS)
{
	*ret_value = py_type_of(board, call->args[0]);
	return 0;
}

/* A value's type, and whether it is, or stands below, this one. */
static bool is_a(struct wipy_board *board, struct py_value v, struct py_value type)
{
	struct py_value own = py_type_of(board, v);

	if (py_same(own, type) || py_same(type, PY_IMMEDIATE(PY_TYPE, PY_TYPE_OBJECT)))
		return true;
	if (py_is_bool(v))
		return py_same(type, PY_IMMEDIATE(PY_TYPE, PY_TYPE_INT));
	return py_is_immediate(own, PY_EXCEPTION) &&
	       py_is_immediate(type, PY_EXCEPTION) &&
	       py_exception_is_a((enum py_exception_id)py_index(own),
		       (enum py_exception_id)py_index(type));
}

static bool is_class(struct py_value v)
{
	return py_is_immediate(v, PY_TYPE) || py_is_immediate(v, PY_EXCEPTION);
}

static int call_isinstance(PY_NATIVE_ARGS)
{
	const struct py_value *type = &call->args[1];
	size_t count = 1;

	if (py_is(board, call->args[1], PY_TUPLE))
		type = py_elements(board, call->args[1], &count);
	*ret_value = PY_FALSE;
	for (size_t i = 0; i < count; i++) {
		if (!is_class(type[i]))
			return py_raise(board, PY_TYPE_ERROR,
				"isinstance() arg 2 must be a class or tuple of "
				"classes");
		if (is_a(board, call->args[0], type[i]))
			*ret_value = PY_TRUE;
	}
	return 0;
}

static int call_callable(PY_NATIVE_ARGS)
{
	struct py_value v = call->args[0];
	bool can = is_class(v) || py_is_immediate(v, PY_NATIVE) ||
		   py_is(board, v, PY_FUNCTION) || py_is(board, v, PY_BOUND);

	if (py_is(board, v, PY_OBJECT)) {
		const struct py_object *object = py_at(board, v);

		can = py_types[object->type]->call != NULL;
	}
	*ret_value = PY_BOOL(can);
	return 0;
}

static int attribute(struct wipy_board *board, const struct py_call *call,
	struct py_value *ret_value)
{
	const char *name;
	size_t len;
	int r = py_get_str(board, call->args[1], &name, &len);

	return r < 0 ? r : py_get_attribute(board, call->args[0], name, len, ret_value);
}

/* The attribute is missing: forgets the exception. */
static bool is_missing(struct wipy_board *board)
{
	enum py_exception_id type;

	if (!py_is_error(board, board->py.error, &type) || type != PY_ATTRIBUTE_ERROR)
		return false;
	board->py.error = PY_NO_VALUE;
	return true;
}

static int call_getattr(PY_NATIVE_ARGS)
{
	int r = attribute(board, call, ret_value);

	if (r == -1 && call->count > 2 && is_missing(board)) {
		*ret_value = call->args[2];
		return 0;
	}
	return r;
}

static int call_hasattr(PY_NATIVE_ARGS)
{
	int r = attribute(board, call, ret_value);

	*ret_value = PY_BOOL(r == 0);
	return r == -1 && is_missing(board) ? 0 : r;
}

static int call_id(PY_NATIVE_ARGS)
{
	(void)board;
	*ret_value = PY_INT((int32_t)(call->args[0].bits & PY_INT_MAX));
	return 0;
}

static int append_text(
	struct wipy_board *board, struct py_list *list, const char *text, size_t len)
{
	struct py_value v;
	int r = py_str(board, text, len, &v);

	return r < 0 ? r : py_append(board, list, v);
}

static int append_globals(struct wipy_board *board, struct py_list *list)
{
	struct py_dict *globals = py_at(board, py_globals(board));
	const struct py_value *pairs = py_dict_pairs(board, globals);

	for (uint32_t i = 0; i < globals->len; i++) {
		int r = py_append(board, list, pairs[2 * i]);

		if (r < 0)
			return r;
	}
	return 0;
}

static int call_dir(PY_NATIVE_ARGS)
{
	struct py_list *list = py_new_list(board, 0);
	struct py_names names = {.at = 0};
	int r = 0;

	if (!list)
		return -ENOMEM;
	*ret_value = py_reference(board, list);
	if (call->count == 0)
		return append_globals(board, list);
	names.of = call->args[0];
	while (r == 0 && py_names_next(board, &names))
		r = append_text(board, list, names.name, names.len);
	return r;
}

/* ---- help() --------------------------------------------------------------------- */

static const char *type_name(struct wipy_board *board, struct py_value v)
{
	struct py_value type = py_type_of(board, v);

	return py_is_immediate(type, PY_EXCEPTION) ? py_exceptions[py_index(type)].name
						   : py_types[py_index(type)]->name;
}

static void put_row(
	struct wipy_board *board, struct py_sink *sink, const struct py_row *row)
{
	if (row->kind == PY_ROW_TEXT)
		py_put(sink, row->is.text);
	else if (row->kind == PY_ROW_VALUE)
		py_put_value(board, sink, (struct py_value){row->is.bits}, false);
	else if (strcmp(row->name, "from_bytes") == 0)
		py_put(sink, "<classmethod>");
	else
		py_put(sink, row->kind == PY_ROW_NATIVE ? "<function>" : "<object>");
}

static void put_help(struct wipy_board *board, struct py_sink *sink, struct py_value of)
{
	struct py_names names = {.of = of};

	py_put(sink, "object ");
	py_put_value(board, sink, of, false);
	py_put(sink, " is of type ");
	py_put(sink, type_name(board, of));
	py_put_char(sink, '\n');
	while (py_names_next(board, &names)) {
		py_put(sink, "  ");
		py_put_bytes(sink, names.name, names.len);
		py_put(sink, " -- ");
		if (names.row)
			put_row(board, sink, names.row);
		else
			py_put_value(board, sink, names.v, false);
		py_put_char(sink, '\n');
	}
}

static int call_help(PY_NATIVE_ARGS)
{
	static const char text[] =
		"Welcome to MicroPython!\n"
		"For online help please visit http://micropython.org/help/.\n"
		"For further help on a specific object, type help(obj)\n";
	struct py_sink sink = {NULL, 0};
	int r;

	(void)ret_value;
	if (call->count == 0) {
		py_print_static(board, text, sizeof(text) - 1);
		return 0;
	}
	put_help(board, &sink, call->args[0]);
	r = py_sink_begin(board, &sink, PY_STR);
	if (r < 0)
		return r;
	put_help(board, &sink, call->args[0]);
	py_print(board, py_sink_end(board, &sink), false);
	return 0;
}

/* ---- the table ---------------------------------------------------------------------- */

#define CLASS(name, type) PY_ROW_IMMEDIATE(name, PY_TYPE, type)
#define ERROR(name, id)   PY_ROW_IMMEDIATE(name, PY_EXCEPTION, id)

const struct py_row py_builtins[] = {
	PY_ROW_FN("abs", call_abs, 1, 1),
	PY_ROW_FN("all", call_all, 1, 1),
	PY_ROW_FN("any", call_any, 1, 1),
	PY_ROW_FN("bin", call_bin, 1, 1),
	CLASS("bool", PY_TYPE_BOOL),
	CLASS("bytes", PY_TYPE_BYTES),
	PY_ROW_FN("callable", call_callable, 1, 1),
	PY_ROW_FN("chr", call_chr, 1, 1),
	CLASS("dict", PY_TYPE_DICT),
	PY_ROW_FN("dir", call_dir, 0, 1),
	PY_ROW_FN("divmod", call_divmod, 2, 2),
	PY_ROW_KEYWORDS("enumerate", py_enumerate, 1, 2, "start"),
	PY_ROW_FN("getattr", call_getattr, 2, 3),
	PY_ROW_FN("hasattr", call_hasattr, 2, 2),
	PY_ROW_FN("help", call_help, 0, 1),
	PY_ROW_FN("hex", call_hex, 1, 1),
	PY_ROW_FN("id", call_id, 1, 1),
	CLASS("int", PY_TYPE_INT),
	PY_ROW_FN("isinstance", call_isinstance, 2, 2),
	PY_ROW_FN("len", call_len, 1, 1),
	CLASS("list", PY_TYPE_LIST),
	PY_ROW_FN("max", call_max, 1, PY_ANY),
	PY_ROW_FN("min", call_min, 1, PY_ANY),
	CLASS("object", PY_TYPE_OBJECT),
	PY_ROW_FN("oct", call_oct, 1, 1),
	PY_ROW_FN("open", py_open, 1, 2),
	PY_ROW_FN("ord", call_ord, 1, 1),
	PY_ROW_KEYWORDS("print", call_print, 0, PY_ANY, "sep end"),
	CLASS("range", PY_TYPE_RANGE),
	PY_ROW_FN("repr", call_repr, 1, 1),
	PY_ROW_FN("reversed", py_reversed, 1, 1),
	PY_ROW_KEYWORDS("sorted", call_sorted, 1, 1, "reverse"),
	CLASS("str", PY_TYPE_STR),
	PY_ROW_FN("sum", call_sum, 1, 2),
	CLASS("tuple", PY_TYPE_TUPLE),
	CLASS("type", PY_TYPE_TYPE),
	PY_ROW_FN("zip", py_zip, 0, PY_MOVED_MAX - 1),
	ERROR("ArithmeticError", PY_ARITHMETIC_ERROR),
	ERROR("AssertionError", PY_ASSERTION_ERROR),
	ERROR("AttributeError", PY_ATTRIBUTE_ERROR),
	ERROR("BaseException", PY_BASE_EXCEPTION),
	ERROR("EOFError", PY_EOF_ERROR),
	ERROR("Exception", PY_AN_EXCEPTION),
	ERROR("ImportError", PY_IMPORT_ERROR),
	ERROR("IndentationError", PY_INDENTATION_ERROR),
	ERROR("IndexError", PY_INDEX_ERROR),
	ERROR("KeyError", PY_KEY_ERROR),
	ERROR("KeyboardInterrupt", PY_KEYBOARD_INTERRUPT),
	ERROR("LookupError", PY_LOOKUP_ERROR),
	ERROR("MemoryError", PY_MEMORY_ERROR),
	ERROR("NameError", PY_NAME_ERROR),
	ERROR("NotImplementedError", PY_NOT_IMPLEMENTED_ERROR),
	ERROR("OSError", PY_OS_ERROR),
	ERROR("OverflowError", PY_OVERFLOW_ERROR),
	ERROR("RuntimeError", PY_RUNTIME_ERROR),
	ERROR("StopIteration", PY_STOP_ITERATION),
	ERROR("SyntaxError", PY_SYNTAX_ERROR),
	ERROR("SystemExit", PY_SYSTEM_EXIT),
	ERROR("TypeError", PY_TYPE_ERROR),
	ERROR("UnicodeError", PY_UNICODE_ERROR),
	ERROR("ValueError", PY_VALUE_ERROR),
	ERROR("ZeroDivisionError", PY_ZERO_DIVISION_ERROR),
	PY_ROW_END,
};
