/* SPDX-License-Identifier: MIT
 *
 * Attributes, and the tables that hold what is written in C.
 */
#include <string.h>

#include "firmware/core/py_code.h"
#include "firmware/core/py_native.h"

const struct py_row *py_row(struct py_value native)
{
	uint32_t table = py_index(native) >> 8;
	uint32_t row = py_index(native) & 255;

	if (table == 0)
		return &py_builtins[row];
	if (table >= PY_TABLE_TYPES)
		return &py_types[table - PY_TABLE_TYPES]->rows[row];
	return &py_modules[table - 1]->rows[row];
}

const struct py_row *py_find_row(
	const struct py_row *rows, const char *name, size_t len)
{
	for (; rows && rows->name; rows++)
		if (strlen(rows->name) == len && memcmp(rows->name, name, len) == 0)
			return rows;
	return NULL;
}

int py_row_value(struct wipy_board *board, int table, const struct py_row *rows,
	const struct py_row *row, struct py_value *ret_value)
{
	switch ((enum py_row_kind)row->kind) {
	case PY_ROW_NATIVE:
		*ret_value = PY_IMMEDIATE(
			PY_NATIVE, (uint32_t)table << 8 | (uint32_t)(row - rows));
		return 0;
	case PY_ROW_VALUE:
		*ret_value = (struct py_value){row->is.bits};
		return 0;
	case PY_ROW_TEXT:
		return py_str(board, row->is.text, strlen(row->is.text), ret_value);
	case PY_ROW_GETTER:
		return row->is.get(board, ret_value);
	}
	return -1;
}

struct py_value py_type_of(const struct wipy_board *board, struct py_value v)
{
	static const uint8_t types[] = {[PY_STR] = PY_TYPE_STR,
		[PY_BYTES] = PY_TYPE_BYTES,
		[PY_TUPLE] = PY_TYPE_TUPLE,
		[PY_LIST] = PY_TYPE_LIST,
		[PY_DICT] = PY_TYPE_DICT,
		[PY_RANGE] = PY_TYPE_RANGE,
		[PY_ITERATOR] = PY_TYPE_ITERATOR,
		[PY_SLICE_OBJECT] = PY_TYPE_SLICE,
		[PY_FUNCTION] = PY_TYPE_FUNCTION,
		[PY_BOUND] = PY_TYPE_BOUND,
		[PY_FRAME] = PY_TYPE_OBJECT,
		[PY_NAMESPACE] = PY_TYPE_MODULE};
	const struct py_head *head = py_head(board, v);
	enum py_exception_id error;
	int type = PY_TYPE_OBJECT;

	if (py_is_error(board, v, &error))
		return PY_IMMEDIATE(PY_EXCEPTION, error);
	if (head && head->kind == PY_OBJECT)
		type = ((const struct py_object *)head)->type;
	else if (head)
		type = types[head->kind];
	else if (py_is_int(v))
		type = PY_TYPE_INT;
	else if (py_is_bool(v))
		type = PY_TYPE_BOOL;
	else if (py_is_none(v))
		type = PY_TYPE_NONE;
	else if (py_is_immediate(v, PY_MODULE))
		type = PY_TYPE_MODULE;
	else if (py_is_immediate(v, PY_NATIVE))
		type = PY_TYPE_FUNCTION;
	else if (py_is_immediate(v, PY_TYPE) || py_is_immediate(v, PY_EXCEPTION))
		type = PY_TYPE_TYPE;
	return PY_IMMEDIATE(PY_TYPE, type);
}

static int no_attribute(struct wipy_board *board)
{
	return py_raise(board, PY_ATTRIBUTE_ERROR, "no such attribute");
}

static int row_attribute(struct wipy_board *board, int table, const struct py_row *rows,
	const char *name, size_t len, struct py_value *ret_value)
{
	const struct py_row *row = py_find_row(rows, name, len);

	return row ? py_row_value(board, table, rows, row, ret_value) : -ENOENT;
}

/* A method gets its self. */
static int bind(struct wipy_board *board, struct py_value self, struct py_value *value)
{
	struct py_bound *bound;

	if (!py_is_immediate(*value, PY_NATIVE))
		return 0;
	bound = py_new(board, PY_BOUND, sizeof(*bound));
	if (!bound)
		return -ENOMEM;
	bound->self = self;
	bound->function = *value;
	*value = py_reference(board, bound);
	return 0;
}

static int instance_attribute(struct wipy_board *board, struct py_value v,
	const char *name, size_t len, struct py_value *ret_value)
{
	uint32_t index = py_index(py_type_of(board, v));
	const struct py_type *type = py_types[index];
	int r = -ENOENT;

	if (!type)
		return r;
	r = row_attribute(
		board, PY_TABLE_TYPES + (int)index, type->rows, name, len, ret_value);
	if (r == 0)
		return bind(board, v, ret_value);
	return r == -ENOENT && type->get ? type->get(board, v, name, len, ret_value)
					 : r;
}

static int field(struct wipy_board *board, const struct py_tuple *tuple,
	const char *name, size_t len, struct py_value *ret_value)
{
	const char *const *fields = tuple->fields ? py_fields[tuple->fields - 1] : NULL;

	(void)board;
	for (size_t i = 0; fields && fields[i] && i < tuple->len; i++) {
		if (strlen(fields[i]) == len && memcmp(fields[i], name, len) == 0) {
			*ret_value = tuple->at[i];
			return 0;
		}
	}
	return -ENOENT;
}

static int error_attribute(struct wipy_board *board, struct py_value v,
	const char *name, size_t len, struct py_value *ret_value)
{
	struct py_value args = PY_NO_VALUE;
	const struct py_tuple *tuple;

	if (py_is(board, v, PY_ERROR))
		args = ((struct py_error *)py_at(board, v))->args;
	if (len == 4 && memcmp(name, "args", 4) == 0) {
		tuple = py_is_reference(args) ? py_at(board, args)
					      : py_new_tuple(board, 0);
		if (!tuple)
			return -ENOMEM;
		*ret_value = py_reference(board, tuple);
		return 0;
	}
	if ((len == 5 && memcmp(name, "errno", 5) == 0) ||
		(len == 5 && memcmp(name, "value", 5) == 0)) {
		*ret_value = py_is_reference(args)
				     ? ((struct py_tuple *)py_at(board, args))->at[0]
				     : PY_NONE;
		return 0;
	}
	return -ENOENT;
}

static int module_attribute(struct wipy_board *board, struct py_value v,
	const char *name, size_t len, struct py_value *ret_value)
{
	const struct py_row *rows = py_modules[py_index(v)]->rows;
	const struct py_row *row = py_find_row(rows, name, len);

	if (!row || py_is_hidden(board, v, row))
		return -ENOENT;
	return py_row_value(board, 1 + (int)py_index(v), rows, row, ret_value);
}

int py_get_attribute(struct wipy_board *board, struct py_value v, const char *name,
	size_t len, struct py_value *ret_value)
{
	enum py_exception_id error;
	int r = -ENOENT;

	if (py_is_immediate(v, PY_MODULE)) {
		r = module_attribute(board, v, name, len, ret_value);
	} else if (py_is(board, v, PY_NAMESPACE)) {
		const struct py_value *pair =
			py_dict_find_text(board, py_at(board, v), name, len);

		if (pair) {
			*ret_value = pair[1];
			r = 0;
		}
	} else if (py_is_immediate(v, PY_TYPE) && py_types[py_index(v)]) {
		r = row_attribute(board, PY_TABLE_TYPES + (int)py_index(v),
			py_types[py_index(v)]->rows, name, len, ret_value);
	} else if (py_is_error(board, v, &error)) {
		r = error_attribute(board, v, name, len, ret_value);
	} else if (!py_is_immediate(v, PY_EXCEPTION)) {
		if (py_is(board, v, PY_TUPLE))
			r = field(board, py_at(board, v), name, len, ret_value);
		if (r == -ENOENT)
			r = instance_attribute(board, v, name, len, ret_value);
	}
	return r == -ENOENT ? no_attribute(board) : r;
}

int py_set_attribute(struct wipy_board *board, struct py_value v, struct py_value key,
	struct py_value item)
{
	const struct py_bytes *name = py_at(board, key);
	const struct py_type *type = NULL;
	int r = -ENOENT;

	if (py_is(board, v, PY_NAMESPACE))
		return py_dict_set(board, py_at(board, v), key, item);
	if (py_is(board, v, PY_OBJECT))
		type = py_types[((struct py_object *)py_at(board, v))->type];
	if (type && type->set)
		r = type->set(board, v, name->at, name->len, item);
	return r == -ENOENT ? no_attribute(board) : r;
}
