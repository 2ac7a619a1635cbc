/* SPDX-License-Identifier: MIT
 *
 * What int, bool, str, bytes and range make of their arguments; methods of int;
 * arguments of natives in general.
 */
#include <string.h>

#include "firmware/core/py_native.h"

#define INT_BYTES_MAX 64

/* ---- arguments ------------------------------------------------------------------ */

int py_int_argument(struct wipy_board *board, const struct py_call *call, int index,
	const char *name, int32_t *number)
{
	struct py_value v;

	if (!(name ? py_argument(board, call, index, name, &v)
		   : index < call->count && (v = call->args[index], true)))
		return 0;
	return py_get_int(board, v, number);
}

bool py_truth_argument(struct wipy_board *board, const struct py_call *call, int index,
	const char *name, bool otherwise)
{
	struct py_value v;

	return py_argument(board, call, index, name, &v) ? py_truth(board, v)
							 : otherwise;
}

int py_get_str(struct wipy_board *board, struct py_value v, const char **ret_text,
	size_t *ret_len)
{
	if (!py_is(board, v, PY_STR))
		return py_raise(
			board, PY_TYPE_ERROR, "can't convert to str implicitly");
	return py_get_text(board, v, ret_text, ret_len);
}

int py_check_os(struct wipy_board *board, int r)
{
	return r < 0 ? py_raise_os(board, r) : 0;
}

/* ---- int -------------------------------------------------------------------------- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* The base that 0x, 0o, 0b in front say, and how many characters that is. */
static int prefix_base(const char *text, size_t len, int base, size_t *ret_skip)
{
	static const char letters[] = "xob";
	static const int bases[] = {16, 8, 2};
	const char *at = len > 2 && text[0] == '0' && text[1]
				 ? strchr(letters, text[1] | 0x20)
				 : NULL;

	*ret_skip = 0;
	if (at && (base == 0 || base == bases[at - letters])) {
		*ret_skip = 2;
		return bases[at - letters];
	}
	return base == 0 ? 10 : base;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static int parse_int(struct wipy_board *board, const char *text, size_t len, int base,
	struct py_value *ret_value)
{
	int64_t number = 0;
	bool negative;
	size_t skip;

	while (len > 0 && is_blank(text[len - 1]))
		len--;
	while (len > 0 && is_blank(text[0])) {
		text++;
		len--;
	}
	negative = len > 0 && text[0] == '-';
	skip = len > 0 && (text[0] == '-' || text[0] == '+');
	text += skip;
	len -= skip;
	base = prefix_base(text, len, base, &skip);
	if (len == skip || base < 2 || base > 36)
		return py_raise(board, PY_VALUE_ERROR, "invalid syntax for integer");
	for (size_t i = skip; i < len; i++) {
		if (digit_of(text[i]) >= base)
			return py_raise(
				board, PY_VALUE_ERROR, "invalid syntax for integer");
		number = number * base + digit_of(text[i]);
		number = number > UINT32_MAX ? UINT32_MAX : number;
	}
	return py_int(board, negative ? -number : number, ret_value);
}

int py_make_int(PY_NATIVE_ARGS)
{
	int32_t base = 10, number = 0;
	const char *text;
	size_t len;
	int r = py_int_argument(board, call, 1, NULL, &base);

	if (r == 0 && call->count > 0 &&
		(py_is(board, call->args[0], PY_STR) ||
			py_is(board, call->args[0], PY_BYTES))) {
		r = py_get_text(board, call->args[0], &text, &len);
		return r < 0 ? r : parse_int(board, text, len, base, ret_value);
	}
	if (r == 0)
		r = py_int_argument(board, call, 0, NULL, &number);
	*ret_value = PY_INT(number);
	return r;
}

/* 'little' or 'big'. */
static int byte_order(struct wipy_board *board, struct py_value v, bool *ret_big)
{
	const char *text;
	size_t len;
	int r = py_get_str(board, v, &text, &len);

	if (r < 0)
		return r;
	*ret_big = len != 6 || memcmp(text, "little", 6) != 0;
	return 0;
}

int py_int_from_bytes(PY_NATIVE_ARGS)
{
	const char *text;
	size_t len;
	uint64_t number = 0;
	bool big = false;
	int r = py_get_text(board, call->args[0], &text, &len);

	if (r == 0)
		r = byte_order(board, call->args[1], &big);
	if (r < 0)
		return r;
	for (size_t i = 0; i < len; i++) {
		number = number << 8 | (uint8_t)text[big ? i : len - 1 - i];
		number = number > UINT32_MAX ? (uint64_t)UINT32_MAX + 1 : number;
	}
	return py_int(board, (int64_t)number, ret_value);
}

static int int_to_bytes(PY_NATIVE_ARGS)
{
	int32_t number, len;
	bool big = false;
	struct py_bytes *bytes;
	int r = py_get_int(board, call->args[0], &number);

	if (r == 0)
		r = py_get_int(board, call->args[1], &len);
	if (r == 0)
		r = byte_order(board, call->args[2], &big);
	if (r < 0)
		return r;
	if (len < 0 || len > INT_BYTES_MAX)
		return py_raise(board, PY_VALUE_ERROR, NULL);
	bytes = py_new_bytes(board, PY_BYTES, NULL, (size_t)len);
	if (!bytes)
		return -ENOMEM;
	for (int32_t i = 0; i < len; i++)
		bytes->at[big ? len - 1 - i : i] =
			(char)(i < 4         ? (uint32_t)number >> (8 * i)
				: number < 0 ? 0xFF
					     : 0);
	py_seal(bytes);
	*ret_value = py_reference(board, bytes);
	return 0;
}

int py_make_bool(PY_NATIVE_ARGS)
{
	*ret_value = PY_BOOL(call->count > 0 && py_truth(board, call->args[0]));
	return 0;
}

/* ---- str, bytes --------------------------------------------------------------------- */

int py_make_str(PY_NATIVE_ARGS)
{
	const char *text;
	size_t len;
	int r;

	if (call->count == 0)
		return py_str(board, "", 0, ret_value);
	if (call->count == 1)
		return py_to_str(board, call->args[0], ret_value);
	r = py_get_text(board, call->args[0], &text, &len);
	return r < 0 ? r : py_str(board, text, len, ret_value);
}

/* From the numbers of an iterable. */
static int bytes_of_numbers(
	struct wipy_board *board, struct py_value source, struct py_value *ret_value)
{
	struct py_value list, *items;
	struct py_bytes *bytes;
	size_t count;
	int32_t number;
	int r = py_collect(board, source, &list);

	if (r < 0)
		return r;
	items = py_elements(board, list, &count);
	bytes = py_new_bytes(board, PY_BYTES, NULL, count);
	if (!bytes)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		r = py_get_int(board, items[i], &number);
		if (r < 0)
			return r;
		bytes->at[i] = (char)number;
	}
	py_seal(bytes);
	*ret_value = py_reference(board, bytes);
	return 0;
}

int py_make_bytes(PY_NATIVE_ARGS)
{
	struct py_bytes *bytes;
	struct py_value v = call->count > 0 ? call->args[0] : PY_INT(0);
	const char *text;
	size_t len;
	int r;

	if (py_is(board, v, PY_STR) && call->count < 2)
		return py_raise(board, PY_TYPE_ERROR, "wrong number of arguments");
	if (py_is(board, v, PY_STR) || py_is(board, v, PY_BYTES)) {
		r = py_get_text(board, v, &text, &len);
		return r < 0 ? r : py_text_value(board, PY_BYTES, text, len, ret_value);
	}
	if (!py_is_int(v))
		return bytes_of_numbers(board, v, ret_value);
	if (py_number(v) < 0)
		return py_raise(board, PY_VALUE_ERROR, NULL);
	bytes = py_new_bytes(board, PY_BYTES, NULL, (size_t)py_number(v));
	if (!bytes)
		return -ENOMEM;
	memset(bytes->at, 0, bytes->len);
	py_seal(bytes);
	*ret_value = py_reference(board, bytes);
	return 0;
}

/* ---- range -------------------------------------------------------------------------- */

int py_make_range(PY_NATIVE_ARGS)
{
	int32_t part[3] = {0, 0, 1};
	struct py_range *range;

	for (int i = 0; i < call->count; i++) {
		int r = py_get_int(
			board, call->args[i], &part[call->count == 1 ? 1 : i]);

		if (r < 0)
			return r;
	}
	if (part[2] == 0)
		return py_raise(board, PY_VALUE_ERROR, "zero step");
	range = py_new(board, PY_RANGE, sizeof(*range));
	if (!range)
		return -ENOMEM;
	range->start = part[0];
	range->stop = part[1];
	range->step = part[2];
	*ret_value = py_reference(board, range);
	return 0;
}

/* ---- tables ----------------------------------------------------------------------- */

static const struct py_row int_rows[] = {
	PY_ROW_FN("from_bytes", py_int_from_bytes, 2, 2),
	PY_ROW_FN("to_bytes", int_to_bytes, 3, 3),
	PY_ROW_END,
};

static const struct py_row no_rows[] = {PY_ROW_END};

const struct py_type py_type_int = {
	.name = "int",
	.rows = int_rows,
	.make = PY_ROW_FN("int", py_make_int, 0, 2),
};

const struct py_type py_type_bool = {
	.name = "bool",
	.rows = no_rows,
	.make = PY_ROW_FN("bool", py_make_bool, 0, 1),
};

const struct py_type py_type_range = {
	.name = "range",
	.rows = no_rows,
	.make = PY_ROW_FN("range", py_make_range, 1, 3),
};
