/* SPDX-License-Identifier: MIT
 *
 * Values of the small Python: their texts, their arithmetic, and the names that hold
 * them.
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

struct py_value py_text(const char *at, size_t len)
{
	return (struct py_value){.type = PY_STR, .at = at, .len = len};
}

int py_int(struct wipy_board *board, int64_t number, struct py_value *ret_value)
{
	if (number > PY_INT_MAX || number < PY_INT_MIN)
		return py_raise(board, "OverflowError", "small int overflow");
	*ret_value = (struct py_value){.type = PY_INT, .number = (int32_t)number};
	return 0;
}

static bool is_number(const struct py_value *value)
{
	return value->type == PY_INT || value->type == PY_BOOL;
}

static bool is_text(const struct py_value *value)
{
	return value->type == PY_STR || value->type == PY_BYTES;
}

bool py_truth(const struct py_value *value)
{
	switch (value->type) {
	case PY_NONE:
		return false;
	case PY_BOOL:
	case PY_INT:
		return value->number != 0;
	case PY_STR:
	case PY_BYTES:
		return value->len > 0;
	case PY_MODULE:
	case PY_FUNCTION:
	case PY_UNAME:
		break;
	}
	return true;
}

bool py_is(const struct py_value *a, const struct py_value *b)
{
	if (is_number(a) && is_number(b))
		return a->number == b->number;
	if (a->type != b->type)
		return false;
	if (is_text(a))
		return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
	return a->module == b->module;
}

/* ---- texts of values ---------------------------------------------------------- */

static void quote(struct wipy_text *text, const struct py_value *value)
{
	bool single = value->len > 0 && memchr(value->at, '\'', value->len);
	bool both = single && memchr(value->at, '"', value->len);
	char mark = single && !both ? '"' : '\'';

	if (value->type == PY_BYTES)
		wipy_text_char(text, 'b');
	wipy_text_char(text, mark);
	for (size_t i = 0; i < value->len; i++) {
		unsigned char c = (unsigned char)value->at[i];
		static const char plain[] = "\n\r\t";
		static const char named[] = "nrt";
		const char *found = c ? strchr(plain, c) : NULL;

		if (found) {
			wipy_text_char(text, '\\');
			wipy_text_char(text, named[found - plain]);
		} else if (c < 0x20 || c >= 0x7F) {
			wipy_text_str(text, "\\x");
			wipy_text_hex(text, c, 2);
		} else {
			if (c == '\\' || c == (unsigned char)mark)
				wipy_text_char(text, '\\');
			wipy_text_char(text, (char)c);
		}
	}
	wipy_text_char(text, mark);
}

static void uname_text(const struct wipy_board *board, struct wipy_text *text)
{
	char field[WIPY_TAG_MAX + WIPY_DATE_MAX + WIPY_BOARD_MAX];

	for (int i = 0; py_uname_names[i]; i++) {
		struct py_value value;
		const char *at = py_uname_field(board, i, field, sizeof(field));

		value = py_text(at, strlen(at));
		wipy_text_str(text, i == 0 ? "(" : ", ");
		wipy_text_str(text, py_uname_names[i]);
		wipy_text_char(text, '=');
		quote(text, &value);
	}
	wipy_text_char(text, ')');
}

static size_t text_bound(const struct py_value *value)
{
	if (is_text(value))
		return value->len * 4 + 4; /* every byte as \xNN, quotes, b, NUL */
	return value->type == PY_UNAME ? 400 : 64;
}

static void describe(const struct wipy_board *board, const struct py_value *value,
	struct wipy_text *text)
{
	switch (value->type) {
	case PY_NONE:
		wipy_text_str(text, "None");
		break;
	case PY_BOOL:
		wipy_text_str(text, value->number ? "True" : "False");
		break;
	case PY_INT:
		wipy_text_int(text, value->number);
		break;
	case PY_STR:
	case PY_BYTES:
		quote(text, value);
		break;
	case PY_MODULE:
		wipy_text_str(text, "<module '");
		wipy_text_str(text, value->module->name);
		wipy_text_str(text, "'>");
		break;
	case PY_FUNCTION:
		wipy_text_str(text, "<function>");
		break;
	case PY_UNAME:
		uname_text(board, text);
		break;
	}
}

int py_repr(struct wipy_board *board, const struct py_value *value,
	struct py_value *ret_text)
{
	size_t cap = text_bound(value);
	size_t before = board->py.temp_len;
	struct wipy_text text;
	char *at = py_temp(board, cap);

	if (!at)
		return -1;
	wipy_text_init(&text, at, cap);
	describe(board, value, &text);
	board->py.temp_len = before + text.len;
	*ret_text = py_text(at, text.len);
	return 0;
}

int py_str(struct wipy_board *board, const struct py_value *value,
	struct py_value *ret_text)
{
	if (value->type != PY_STR)
		return py_repr(board, value, ret_text);
	*ret_text = *value;
	return 0;
}

/* ---- arithmetic --------------------------------------------------------------- */

static int unsupported(struct wipy_board *board)
{
	return py_raise(board, "TypeError", "unsupported type for operator");
}

/* Rounds to minus infinity, as Python does. */
static int64_t floor_div(int64_t a, int64_t b)
{
	int64_t quotient = a / b;

	return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

static int power(struct wipy_board *board, int64_t base, int64_t exponent,
	struct py_value *ret_value)
{
	int64_t result = 1;

	/* no floats: a negative exponent has no result here */
	if (exponent < 0)
		return unsupported(board);
	if (base == 0 || base == 1)
		return py_int(board, exponent == 0 ? 1 : base, ret_value);
	if (base == -1)
		return py_int(board, exponent % 2 ? -1 : 1, ret_value);
	for (; exponent > 0; exponent--) {
		result *= base;
		if (result > PY_INT_MAX || result < PY_INT_MIN)
			break;
	}
	return py_int(board, result, ret_value);
}

static int arithmetic(struct wipy_board *board, const char *op, size_t len, int64_t a,
	int64_t b, struct py_value *ret_value)
{
	if (len == 2 && op[0] == '*')
		return power(board, a, b, ret_value);
	if ((len == 2 || op[0] == '%') && b == 0)
		return py_raise(board, "ZeroDivisionError", "division by zero");
	if (len == 2)
		return py_int(board, floor_div(a, b), ret_value);
	switch (op[0]) {
	case '+':
		return py_int(board, a + b, ret_value);
	case '-':
		return py_int(board, a - b, ret_value);
	case '*':
		return py_int(board, a * b, ret_value);
	case '%':
		return py_int(board, a - floor_div(a, b) * b, ret_value);
	default: /* the real division needs floats */
		return unsupported(board);
	}
}

static int join(struct wipy_board *board, const struct py_value *a,
	const struct py_value *b, struct py_value *ret_value)
{
	char *at = py_temp(board, a->len + b->len);
	struct py_value joined = *a;

	if (!at)
		return -1;
	if (a->len > 0)
		memcpy(at, a->at, a->len);
	if (b->len > 0)
		memcpy(at + a->len, b->at, b->len);
	joined.at = at;
	joined.len = a->len + b->len;
	*ret_value = joined;
	return 0;
}

/* Negative, 0, positive; -2 in ret_order: these two have no order. */
static bool order(const struct py_value *a, const struct py_value *b, int *ret_order)
{
	if (is_number(a) && is_number(b)) {
		*ret_order = a->number < b->number ? -1 : a->number > b->number;
		return true;
	}
	if (is_text(a) && a->type == b->type) {
		size_t len = a->len < b->len ? a->len : b->len;
		int first = len > 0 ? memcmp(a->at, b->at, len) : 0;

		*ret_order = first ? first : a->len < b->len ? -1 : a->len > b->len;
		return true;
	}
	return false;
}

static int compare(struct wipy_board *board, const char *op, size_t len,
	const struct py_value *a, const struct py_value *b, struct py_value *ret_value)
{
	int relation;
	bool result;

	if (op[0] == '=' || op[0] == '!') {
		result = py_is(a, b) == (op[0] == '=');
	} else {
		if (!order(a, b, &relation))
			return unsupported(board);
		result = (len == 2 && relation == 0) ||
			 (op[0] == '<' ? relation < 0 : relation > 0);
	}
	*ret_value = (struct py_value){.type = PY_BOOL, .number = result};
	return 0;
}

int py_binary(struct wipy_board *board, const char *op, size_t op_len,
	const struct py_value *a, const struct py_value *b, struct py_value *ret_value)
{
	if (board->py.dry > 0)
		return 0;
	if (strchr("<>=!", op[0]))
		return compare(board, op, op_len, a, b, ret_value);
	if (is_number(a) && is_number(b))
		return arithmetic(board, op, op_len, a->number, b->number, ret_value);
	if (is_text(a) && a->type == b->type && op[0] == '+')
		return join(board, a, b, ret_value);
	return unsupported(board);
}

/* ---- names -------------------------------------------------------------------- */

void py_start(struct wipy_board *board)
{
	struct py *py = &board->py;

	memset(py, 0, sizeof(*py));
}

static struct py_name *find_name(struct py *py, const char *name, size_t len)
{
	for (size_t i = 0; i < py->name_count; i++)
		if (strlen(py->names[i].name) == len &&
			memcmp(py->names[i].name, name, len) == 0)
			return &py->names[i];
	return NULL;
}

/* Moves the texts that names hold together, in the order in which they lie. */
static void compact_pool(struct py *py)
{
	size_t to = 0;

	for (;;) {
		struct py_name *lowest = NULL;

		for (size_t i = 0; i < py->name_count; i++) {
			struct py_name *name = &py->names[i];

			if (is_text(&name->value) && name->value.at >= py->pool + to &&
				name->value.len > 0 &&
				(!lowest || name->value.at < lowest->value.at))
				lowest = name;
		}
		if (!lowest)
			break;
		memmove(py->pool + to, lowest->value.at, lowest->value.len);
		lowest->value.at = py->pool + to;
		to += lowest->value.len;
	}
	py->pool_len = to;
}

static int keep_text(struct wipy_board *board, struct py_value *value)
{
	struct py *py = &board->py;
	const char *from = value->at;

	if (value->len > sizeof(py->pool) - py->pool_len) {
		/* the value may itself lie in the pool and be moved: keep it aside */
		char *aside = py_temp(board, value->len);

		if (!aside)
			return -1;
		memcpy(aside, from, value->len);
		from = aside;
		compact_pool(py);
	}
	if (value->len > sizeof(py->pool) - py->pool_len)
		return py_raise(board, "MemoryError", "");
	if (value->len > 0)
		memcpy(py->pool + py->pool_len, from, value->len);
	value->at = py->pool + py->pool_len;
	py->pool_len += value->len;
	return 0;
}

int py_set_name(struct wipy_board *board, const char *name, size_t len,
	const struct py_value *value)
{
	struct py *py = &board->py;
	struct py_name *slot = find_name(py, name, len);
	struct py_value kept = *value;

	if (!slot && (len >= PY_NAME_MAX || py->name_count == PY_NAMES))
		return py_raise(board, "MemoryError", "");
	/* the old text is garbage from here on */
	if (slot)
		slot->value = (struct py_value){.type = PY_NONE};
	if (is_text(&kept) && keep_text(board, &kept) < 0)
		return -1;
	if (!slot) {
		slot = &py->names[py->name_count++];
		memcpy(slot->name, name, len);
		slot->name[len] = '\0';
	}
	slot->value = kept;
	return 0;
}

int py_del_name(struct wipy_board *board, const char *name, size_t len)
{
	struct py *py = &board->py;
	struct py_name *slot = find_name(py, name, len);
	char *text;

	if (slot) {
		*slot = py->names[--py->name_count];
		return 0;
	}
	text = py_temp(board, len);
	if (!text)
		return -1;
	memcpy(text, name, len);
	py_raise(board, "KeyError", "");
	py->error_text = text;
	py->error_text_len = len;
	return -1;
}

int py_get_name(struct wipy_board *board, const char *name, size_t len,
	struct py_value *ret_value)
{
	static const char main_name[] = "__main__";
	struct py_name *slot = find_name(&board->py, name, len);
	const struct py_function *function;

	if (slot) {
		*ret_value = slot->value;
		return 0;
	}
	function = py_find_builtin(name, len);
	if (function) {
		*ret_value =
			(struct py_value){.type = PY_FUNCTION, .function = function};
		return 0;
	}
	if (len == 8 && memcmp(name, "__name__", 8) == 0) {
		*ret_value = py_text(main_name, sizeof(main_name) - 1);
		return 0;
	}
	return py_raise(board, "NameError", "name not defined");
}
