/* SPDX-License-Identifier: MIT
 *
 * Values as text: repr() and str().
 */
#include <string.h>

#include "firmware/core/py_code.h"
#include "firmware/core/py_native.h"

#define SHOW_DEPTH 8 /* containers within containers */

static const char hex_digits[] = "0123456789abcdef";

/* ---- the sink ------------------------------------------------------------------- */

void py_put_bytes(struct py_sink *sink, const char *text, size_t len)
{
	size_t room = sink->object ? sink->object->len : 0;

	room -= sink->len < room ? sink->len : room;
	if (room > 0)
		memcpy(sink->object->at + sink->len, text, len < room ? len : room);
	sink->len += len;
}

void py_put_char(struct py_sink *sink, char c)
{
	py_put_bytes(sink, &c, 1);
}

void py_put(struct py_sink *sink, const char *text)
{
	py_put_bytes(sink, text, strlen(text));
}

void py_put_digits(struct py_sink *sink, uint32_t number, unsigned base)
{
	char digits[32];
	size_t at = sizeof(digits);

	do {
		digits[--at] = hex_digits[number % base];
		number /= base;
	} while (number > 0);
	py_put_bytes(sink, digits + at, sizeof(digits) - at);
}

void py_put_int(struct py_sink *sink, int32_t number)
{
	if (number < 0)
		py_put_char(sink, '-');
	py_put_digits(sink, number < 0 ? 0u - (uint32_t)number : (uint32_t)number, 10);
}

int py_sink_begin(struct wipy_board *board, struct py_sink *sink, enum py_kind kind)
{
	sink->object = py_new_bytes(board, kind, NULL, sink->len);
	sink->len = 0;
	return sink->object ? 0 : -ENOMEM;
}

struct py_value py_sink_end(struct wipy_board *board, struct py_sink *sink)
{
	py_seal(sink->object);
	return py_reference(board, sink->object);
}

/* ---- texts -------------------------------------------------------------------- */

static void put_escaped(struct py_sink *sink, unsigned char c, bool is_bytes)
{
	static const char plain[] = "\n\r\t", letter[] = "nrt";
	const char *at = c ? strchr(plain, c) : NULL;

	if (at) {
		py_put_char(sink, '\\');
		py_put_char(sink, letter[at - plain]);
	} else if (c < 0x20 || c == 0x7F || (is_bytes && c >= 0x80)) {
		py_put(sink, "\\x");
		py_put_char(sink, hex_digits[c >> 4]);
		py_put_char(sink, hex_digits[c & 15]);
	} else {
		py_put_char(sink, (char)c);
	}
}

static void put_quoted(struct py_sink *sink, const struct py_bytes *text, bool is_bytes)
{
	bool has_single = memchr(text->at, '\'', text->len) != NULL;
	char quote = has_single && !memchr(text->at, '"', text->len) ? '"' : '\'';

	if (is_bytes)
		py_put_char(sink, 'b');
	py_put_char(sink, quote);
	for (size_t i = 0; i < text->len; i++) {
		if (text->at[i] == quote || text->at[i] == '\\') {
			py_put_char(sink, '\\');
			py_put_char(sink, text->at[i]);
		} else {
			put_escaped(sink, (unsigned char)text->at[i], is_bytes);
		}
	}
	py_put_char(sink, quote);
}

/* ---- containers ----------------------------------------------------------------- */

static void put(struct wipy_board *board, struct py_sink *sink, struct py_value v,
	bool repr, int depth);

static void put_items(struct wipy_board *board, struct py_sink *sink,
	const struct py_value *items, size_t count, int depth)
{
	for (size_t i = 0; i < count; i++) {
		py_put(sink, i > 0 ? ", " : "");
		put(board, sink, items[i], true, depth);
	}
}

static void put_tuple(struct wipy_board *board, struct py_sink *sink,
	const struct py_tuple *tuple, int depth)
{
	const char *const *names =
		tuple->fields > 0 ? py_fields[tuple->fields - 1] : NULL;

	py_put_char(sink, '(');
	for (size_t i = 0; i < tuple->len; i++) {
		py_put(sink, i > 0 ? ", " : "");
		if (names && names[i]) {
			py_put(sink, names[i]);
			py_put_char(sink, '=');
		}
		put(board, sink, tuple->at[i], true, depth);
	}
	py_put(sink, tuple->len == 1 && !names ? ",)" : ")");
}

/* The pairs, or one side of them, as `mode` says. */
static void put_pairs(struct wipy_board *board, struct py_sink *sink,
	struct py_dict *dict, int mode, int depth)
{
	const struct py_value *pairs = py_dict_pairs(board, dict);

	for (size_t i = 0; i < dict->len; i++) {
		const struct py_value *pair = &pairs[2 * i];

		py_put(sink, i > 0 ? ", " : "");
		if (mode == PY_DICT_ITEMS)
			py_put_char(sink, '(');
		if (mode != PY_DICT_VALUES)
			put(board, sink, pair[0], true, depth);
		if (mode == PY_DICT_ITEMS || mode < 0)
			py_put(sink, mode < 0 ? ": " : ", ");
		if (mode != PY_DICT_KEYS)
			put(board, sink, pair[1], true, depth);
		if (mode == PY_DICT_ITEMS)
			py_put_char(sink, ')');
	}
}

static void put_range(struct py_sink *sink, const struct py_range *range)
{
	py_put(sink, "range(");
	py_put_int(sink, range->start);
	py_put(sink, ", ");
	py_put_int(sink, range->stop);
	if (range->step != 1) {
		py_put(sink, ", ");
		py_put_int(sink, range->step);
	}
	py_put_char(sink, ')');
}

/* str() of an exception is its argument. */
static void put_error(struct wipy_board *board, struct py_sink *sink,
	const struct py_error *error, bool repr, int depth)
{
	static const struct py_tuple none;
	const struct py_tuple *args =
		error->args.bits ? py_at(board, error->args) : &none;

	if (repr)
		py_put(sink, py_exceptions[error->type].name);
	if (!repr && args->len == 1)
		put(board, sink, args->at[0], false, depth);
	else if (repr || args->len > 1)
		put_tuple(board, sink, args, depth);
}

/* What d.keys() and the like give. */
static void put_iterator(struct wipy_board *board, struct py_sink *sink,
	const struct py_iterator *iterator, int depth)
{
	static const char *const names[] = {
		"dict_keys([", "dict_values([", "dict_items(["};

	if (!py_is(board, iterator->source, PY_DICT) ||
		iterator->mode > PY_DICT_ITEMS) {
		py_put(sink, "<iterator>");
		return;
	}
	py_put(sink, names[iterator->mode]);
	put_pairs(board, sink, py_at(board, iterator->source), (int)iterator->mode,
		depth);
	py_put(sink, "])");
}

static void put_container(
	struct wipy_board *board, struct py_sink *sink, struct py_value v, int depth)
{
	struct py_list *list;

	if (depth >= SHOW_DEPTH) {
		py_put(sink, "...");
		return;
	}
	if (py_is(board, v, PY_TUPLE)) {
		put_tuple(board, sink, py_at(board, v), depth + 1);
	} else if (py_is(board, v, PY_LIST)) {
		list = py_at(board, v);
		py_put_char(sink, '[');
		put_items(
			board, sink, py_list_items(board, list), list->len, depth + 1);
		py_put_char(sink, ']');
	} else if (py_is(board, v, PY_DICT)) {
		py_put_char(sink, '{');
		put_pairs(board, sink, py_at(board, v), -1, depth + 1);
		py_put_char(sink, '}');
	} else {
		put_iterator(board, sink, py_at(board, v), depth + 1);
	}
}

/* ---- all values ------------------------------------------------------------------- */

static void put_named(struct py_sink *sink, const char *before, const char *name)
{
	py_put(sink, before);
	py_put(sink, name);
	py_put(sink, before[1] == 'c' || before[1] == 'm' ? "'>" : ">");
}

static void put_no_memory(
	const struct wipy_board *board, struct py_sink *sink, bool repr)
{
	if (repr)
		py_put(sink, "MemoryError('");
	py_put(sink, PY_TEXT_NO_MEMORY);
	py_put_digits(sink, board->py.refused, 10);
	py_put(sink, repr ? " bytes',)" : " bytes");
}

static void put_immediate(struct py_sink *sink, struct py_value v)
{
	if (py_is_none(v))
		py_put(sink, "None");
	else if (py_is_bool(v))
		py_put(sink, py_same(v, PY_TRUE) ? "True" : "False");
	else if (py_is_immediate(v, PY_TYPE))
		put_named(sink, "<class '", py_types[py_index(v)]->name);
	else if (py_is_immediate(v, PY_EXCEPTION))
		put_named(sink, "<class '", py_exceptions[py_index(v)].name);
	else if (py_is_immediate(v, PY_MODULE))
		put_named(sink, "<module '", py_modules[py_index(v)]->rows[0].is.text);
	else
		py_put(sink, "<function>");
}

static void put_object(
	struct wipy_board *board, struct py_sink *sink, struct py_value v)
{
	const struct py_object *object = py_at(board, v);

	if (object->type == PY_TYPE_PIN)
		py_put_pin(board, sink, object);
	else
		put_named(sink, "<", py_types[object->type]->name);
}

static void put_module(
	struct wipy_board *board, struct py_sink *sink, struct py_value v)
{
	const struct py_value *pair =
		py_dict_find_text(board, py_at(board, v), "__name__", 8);

	py_put(sink, "<module '");
	if (pair && py_is(board, pair[1], PY_STR))
		py_put_value(board, sink, pair[1], false);
	py_put(sink, "'>");
}

static void put_reference(struct wipy_board *board, struct py_sink *sink,
	struct py_value v, bool repr, int depth)
{
	switch ((enum py_kind)py_head(board, v)->kind) {
	case PY_STR:
	case PY_BYTES: {
		const struct py_bytes *text = py_at(board, v);
		bool is_bytes = py_is(board, v, PY_BYTES);

		if (repr || is_bytes)
			put_quoted(sink, text, is_bytes);
		else
			py_put_bytes(sink, text->at, text->len);
		break;
	}
	case PY_TUPLE:
	case PY_LIST:
	case PY_DICT:
	case PY_ITERATOR:
		put_container(board, sink, v, depth);
		break;
	case PY_RANGE:
		put_range(sink, py_at(board, v));
		break;
	case PY_ERROR:
		put_error(board, sink, py_at(board, v), repr, depth);
		break;
	case PY_OBJECT:
		put_object(board, sink, v);
		break;
	case PY_FUNCTION:
		py_put(sink, "<function>");
		break;
	case PY_NAMESPACE:
		put_module(board, sink, v);
		break;
	case PY_BOUND:
		py_put(sink, "<bound_method>");
		break;
	case PY_SLICE_OBJECT:
		py_put(sink, "<slice>");
		break;
	case PY_FREE:
	case PY_CELLS:
	case PY_CODE:
	case PY_FRAME:
		py_put(sink, "<object>");
		break;
	}
}

static void put(struct wipy_board *board, struct py_sink *sink, struct py_value v,
	bool repr, int depth)
{
	/* only counting, and more already than an object holds: lists may hold one
	 * another many times over */
	if (!sink->object && sink->len > PY_BYTES_MAX)
		return;
	if (py_is_int(v))
		py_put_int(sink, py_number(v));
	else if (py_is_reference(v))
		put_reference(board, sink, v, repr, depth);
	else if (py_same(v, PY_NO_MEMORY))
		put_no_memory(board, sink, repr);
	else
		put_immediate(sink, v);
}

void py_put_value(
	struct wipy_board *board, struct py_sink *sink, struct py_value v, bool repr)
{
	put(board, sink, v, repr, 0);
}

static int make_text(struct wipy_board *board, struct py_value v, bool repr,
	struct py_value *ret_text)
{
	struct py_sink sink = {NULL, 0};
	int r;

	py_put_value(board, &sink, v, repr);
	r = py_sink_begin(board, &sink, PY_STR);
	if (r < 0)
		return r;
	py_put_value(board, &sink, v, repr);
	*ret_text = py_sink_end(board, &sink);
	return 0;
}

int py_to_str(struct wipy_board *board, struct py_value v, struct py_value *ret_text)
{
	if (py_is(board, v, PY_STR)) {
		*ret_text = v;
		return 0;
	}
	return make_text(board, v, false, ret_text);
}

int py_to_repr(struct wipy_board *board, struct py_value v, struct py_value *ret_text)
{
	return make_text(board, v, true, ret_text);
}

int py_text_value(struct wipy_board *board, enum py_kind kind, const char *text,
	size_t len, struct py_value *ret_value)
{
	struct py_bytes *bytes = py_new_bytes(board, kind, text, len);

	if (!bytes)
		return -ENOMEM;
	*ret_value = py_reference(board, bytes);
	return 0;
}
