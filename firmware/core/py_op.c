/* SPDX-License-Identifier: MIT
 *
 * Operators: arithmetic, comparison, truth.
 */
#include <string.h>

#include "firmware/core/py_code.h"

#define EQUAL_DEPTH 8  /* of nested containers that are compared */
#define TEXT_COST   32 /* bytes of a text that count as one element */

static bool is_number(struct py_value v)
{
	return py_is_int(v) || py_is_bool(v);
}

static int32_t number_of(struct py_value v)
{
	return py_is_int(v) ? py_number(v) : py_same(v, PY_TRUE);
}

static bool is_text(const struct wipy_board *board, struct py_value v)
{
	return py_is(board, v, PY_STR) || py_is(board, v, PY_BYTES);
}

static bool is_sequence(const struct wipy_board *board, struct py_value v)
{
	return py_is(board, v, PY_LIST) || py_is(board, v, PY_TUPLE);
}

int py_get_int(struct wipy_board *board, struct py_value v, int32_t *ret_number)
{
	if (!is_number(v))
		return py_raise(board, PY_TYPE_ERROR, "can't convert to int");
	*ret_number = number_of(v);
	return 0;
}

int py_get_text(struct wipy_board *board, struct py_value v, const char **ret_text,
	size_t *ret_len)
{
	const struct py_bytes *bytes;

	if (!is_text(board, v))
		return py_raise(
			board, PY_TYPE_ERROR, "can't convert to str implicitly");
	bytes = py_at(board, v);
	*ret_text = bytes->at;
	*ret_len = bytes->len;
	return 0;
}

/* ---- equality and order ------------------------------------------------------------- */

struct items {
	const struct py_value *at;
	uint32_t len;
};

static struct items items_of(const struct wipy_board *board, struct py_value v)
{
	if (py_is(board, v, PY_TUPLE)) {
		const struct py_tuple *tuple = py_at(board, v);

		return (struct items){tuple->at, tuple->len};
	}
	struct py_list *list = py_at(board, v);

	return (struct items){py_list_items(board, list), list->len};
}

/* Containers that hold one another many times over have more elements than the arena:
 * what may be compared is counted for the whole instruction, which fails in the end.
 * False: that is too much. */
static bool count(struct wipy_board *board, uint32_t elements)
{
	struct py *py = &board->py;

	if (py->compared <= PY_COMPARED_MAX)
		py->compared += elements;
	return py->compared <= PY_COMPARED_MAX;
}

static bool equal(
	struct wipy_board *board, struct py_value a, struct py_value b, int depth);

static bool equal_items(
	struct wipy_board *board, struct py_value a, struct py_value b, int depth)
{
	struct items x = items_of(board, a);
	struct items y = items_of(board, b);

	if (x.len != y.len)
		return false;
	for (uint32_t i = 0; i < x.len; i++)
		if (!equal(board, x.at[i], y.at[i], depth))
			return false;
	return true;
}

static bool equal_dicts(
	struct wipy_board *board, struct py_dict *a, struct py_dict *b, int depth)
{
	const struct py_value *pair = py_dict_pairs(board, a);

	if (a->len != b->len)
		return false;
	for (uint32_t i = 0; i < a->len; i++, pair += 2) {
		const struct py_value *other = py_dict_find(board, b, pair[0]);

		if (!other || !equal(board, pair[1], other[1], depth))
			return false;
	}
	return true;
}

static bool equal_objects(
	struct wipy_board *board, const struct py_head *a, const struct py_head *b)
{
	const struct py_bytes *x = (const struct py_bytes *)a;
	const struct py_bytes *y = (const struct py_bytes *)b;
	const struct py_range *r = (const struct py_range *)a;
	const struct py_range *s = (const struct py_range *)b;

	if (a->kind == PY_STR || a->kind == PY_BYTES)
		return x->len == y->len && x->hash == y->hash &&
		       count(board, x->len / TEXT_COST) &&
		       memcmp(x->at, y->at, x->len) == 0;
	if (a->kind == PY_RANGE)
		return r->start == s->start && r->stop == s->stop && r->step == s->step;
	return false;
}

static bool equal(
	struct wipy_board *board, struct py_value a, struct py_value b, int depth)
{
	const struct py_head *x = py_head(board, a);
	const struct py_head *y = py_head(board, b);

	if (depth > 0 && !count(board, 1))
		return false;
	if (py_same(a, b))
		return true;
	if (is_number(a) && is_number(b))
		return number_of(a) == number_of(b);
	if (!x || !y || x->kind != y->kind)
		return false;
	if (x->kind != PY_LIST && x->kind != PY_TUPLE && x->kind != PY_DICT)
		return equal_objects(board, x, y);
	if (depth >= EQUAL_DEPTH) {
		board->py.compared = PY_COMPARED_MAX + 1;
		return false;
	}
	return x->kind == PY_DICT
		       ? equal_dicts(board, py_at(board, a), py_at(board, b), depth + 1)
		       : equal_items(board, a, b, depth + 1);
}

bool py_equal(struct wipy_board *board, struct py_value a, struct py_value b)
{
	return equal(board, a, b, 0);
}

static int less_bytes(struct wipy_board *board, const struct py_bytes *a,
	const struct py_bytes *b, bool *ret_less)
{
	uint16_t n = a->len < b->len ? a->len : b->len;
	int order;

	if (!count(board, n / TEXT_COST))
		return py_raise_depth(board);
	order = memcmp(a->at, b->at, n);
	*ret_less = order < 0 || (order == 0 && a->len < b->len);
	return 0;
}

/* No deeper than equal(), which finds that too much. */
static int less(struct wipy_board *board, struct py_value a, struct py_value b,
	int depth, bool *ret_less)
{
	const struct py_head *x = py_head(board, a);
	const struct py_head *y = py_head(board, b);

	if (!count(board, 1))
		return py_raise_depth(board);
	if (is_number(a) && is_number(b)) {
		*ret_less = number_of(a) < number_of(b);
		return 0;
	}
	if (!x || !y || x->kind != y->kind)
		return py_raise_operator(board);
	if (is_text(board, a))
		return less_bytes(board, py_at(board, a), py_at(board, b), ret_less);
	if (!is_sequence(board, a))
		return py_raise_operator(board);
	struct items p = items_of(board, a);
	struct items q = items_of(board, b);

	for (uint32_t i = 0; i < p.len && i < q.len; i++)
		if (!equal(board, p.at[i], q.at[i], depth + 1))
			return less(board, p.at[i], q.at[i], depth + 1, ret_less);
	*ret_less = p.len < q.len;
	return 0;
}

int py_less(
	struct wipy_board *board, struct py_value a, struct py_value b, bool *ret_less)
{
	return less(board, a, b, 0, ret_less);
}

static int compare(struct wipy_board *board, enum py_binary op, struct py_value a,
	struct py_value b, struct py_value *ret_value)
{
	bool truth = false;
	int r = 0;

	if (op == PY_EQ || op == PY_NE)
		truth = py_equal(board, a, b) == (op == PY_EQ);
	else if (op == PY_IS || op == PY_IS_NOT)
		truth = py_same(a, b) == (op == PY_IS);
	else if (op == PY_IN || op == PY_NOT_IN)
		r = py_contains(board, b, a, &truth);
	else if (op == PY_LT || op == PY_GE)
		r = py_less(board, a, b, &truth);
	else
		r = py_less(board, b, a, &truth);
	if (r < 0)
		return r;
	if (op == PY_GE || op == PY_LE || op == PY_NOT_IN)
		truth = !truth;
	*ret_value = PY_BOOL(truth);
	return 0;
}

bool py_truth(struct wipy_board *board, struct py_value v)
{
	int32_t len;

	if (is_number(v))
		return number_of(v) != 0;
	if (py_is_none(v))
		return false;
	if (is_text(board, v) || is_sequence(board, v) || py_is(board, v, PY_DICT) ||
		py_is(board, v, PY_RANGE))
		return py_len(board, v, &len) < 0 || len != 0;
	return true;
}

/* ---- arithmetic ----------------------------------------------------------------------- */

static int power(
	struct wipy_board *board, int32_t a, int32_t b, struct py_value *ret_value)
{
	int64_t result = 1;

	if (b < 0)
		return py_raise(
			board, PY_VALUE_ERROR, "negative power with no float support");
	if (a == 0 || a == 1 || b == 0)
		return py_int(board, b == 0 ? 1 : a, ret_value);
	if (a == -1)
		return py_int(board, b & 1 ? -1 : 1, ret_value);
	for (; b > 0 && result <= PY_INT_MAX && result >= PY_INT_MIN; b--)
		result *= a;
	return py_int(board, result, ret_value);
}

static int shift(struct wipy_board *board, enum py_binary op, int32_t a, int32_t b,
	struct py_value *ret_value)
{
	if (b < 0)
		return py_raise(board, PY_VALUE_ERROR, "negative shift count");
	if (op == PY_RIGHT)
		return py_int(board, a >> (b > 31 ? 31 : b), ret_value);
	/* 31 places leave nothing that fits but zero */
	return py_int(board, (int64_t)a * ((int64_t)1 << (b > 31 ? 31 : b)), ret_value);
}

/* Towards minus infinity, as everywhere in Python. */
static int divide(struct wipy_board *board, enum py_binary op, int32_t a, int32_t b,
	struct py_value *ret_value)
{
	int32_t quotient, rest;

	if (b == 0)
		return py_raise(board, PY_ZERO_DIVISION_ERROR, "division by zero");
	quotient = a / b;
	rest = a % b;
	if (rest != 0 && (rest < 0) != (b < 0)) {
		quotient--;
		rest += b;
	}
	return py_int(board, op == PY_FLOOR ? quotient : rest, ret_value);
}

static int arithmetic(struct wipy_board *board, enum py_binary op, int32_t a, int32_t b,
	struct py_value *ret_value)
{
	switch ((int)op) {
	case PY_ADD:
		return py_int(board, (int64_t)a + b, ret_value);
	case PY_SUBTRACT:
		return py_int(board, (int64_t)a - b, ret_value);
	case PY_MULTIPLY:
		return py_int(board, (int64_t)a * b, ret_value);
	case PY_FLOOR:
	case PY_MODULO:
		return divide(board, op, a, b, ret_value);
	case PY_POWER:
		return power(board, a, b, ret_value);
	case PY_AND:
		return py_int(board, a & b, ret_value);
	case PY_OR:
		return py_int(board, a | b, ret_value);
	case PY_XOR:
		return py_int(board, a ^ b, ret_value);
	case PY_LEFT:
	case PY_RIGHT:
		return shift(board, op, a, b, ret_value);
	default:
		return py_raise_operator(board);
	}
}

/* ---- joining and repeating -------------------------------------------------------------- */

static int join_text(struct wipy_board *board, const struct py_bytes *a,
	const struct py_bytes *b, struct py_value *ret_value)
{
	struct py_bytes *both = py_new_bytes(
		board, (enum py_kind)a->head.kind, NULL, (size_t)a->len + b->len);

	if (!both)
		return -ENOMEM;
	memcpy(both->at, a->at, a->len);
	memcpy(both->at + a->len, b->at, b->len);
	py_seal(both);
	*ret_value = py_reference(board, both);
	return 0;
}

/* A tuple or list of `kind` with room for `len` items, which the caller fills. */
static struct py_value *new_items(
	struct wipy_board *board, bool tuple, size_t len, struct py_value *ret_value)
{
	struct py_tuple *new_tuple;
	struct py_list *list;

	if (tuple) {
		new_tuple = py_new_tuple(board, len);
		if (!new_tuple)
			return NULL;
		*ret_value = py_reference(board, new_tuple);
		return new_tuple->at;
	}
	list = py_new_list(board, len > 0 ? len : 1);
	if (!list)
		return NULL;
	list->len = (uint32_t)len;
	*ret_value = py_reference(board, list);
	return py_list_items(board, list);
}

static int join_items(struct wipy_board *board, struct py_value a, struct py_value b,
	struct py_value *ret_value)
{
	struct items x = items_of(board, a);
	struct items y = items_of(board, b);
	struct py_value *at = new_items(
		board, py_is(board, a, PY_TUPLE), (size_t)x.len + y.len, ret_value);

	if (!at)
		return -ENOMEM;
	if (x.len > 0)
		memcpy(at, x.at, x.len * sizeof(*at));
	if (y.len > 0)
		memcpy(at + x.len, y.at, y.len * sizeof(*at));
	return 0;
}

static int repeat_text(struct wipy_board *board, const struct py_bytes *bytes,
	size_t count, struct py_value *ret_value)
{
	size_t len = bytes->len;
	struct py_bytes *new =
		py_new_bytes(board, (enum py_kind)bytes->head.kind, NULL, len * count);

	if (!new)
		return -ENOMEM;
	for (size_t i = 0; i < new->len; i++)
		new->at[i] = bytes->at[i % len];
	py_seal(new);
	*ret_value = py_reference(board, new);
	return 0;
}

static int repeat(struct wipy_board *board, struct py_value v, int32_t count,
	struct py_value *ret_value)
{
	bool text = is_text(board, v);
	struct items items = {NULL, 0};
	struct py_value *at;
	int32_t len = 0;
	size_t n = count > 0 ? (size_t)count : 0;

	(void)py_len(board, v, &len);
	if (len > 0 && n > board->py.len / (size_t)len) {
		(void)py_refuse(
			board, n, (size_t)len * (text ? 1 : sizeof(struct py_value)));
		return -ENOMEM;
	}
	if (text)
		return repeat_text(board, py_at(board, v), n, ret_value);
	items = items_of(board, v);
	at = new_items(board, py_is(board, v, PY_TUPLE), items.len * n, ret_value);
	if (!at)
		return -ENOMEM;
	for (size_t i = 0; i < items.len * n; i++)
		at[i] = items.at[i % items.len];
	return 0;
}

int py_extend_list(struct wipy_board *board, struct py_list *list, struct py_value with)
{
	struct py_value joined;
	struct py_list *new;
	int r = join_items(board, py_reference(board, list), with, &joined);

	if (r < 0)
		return r;
	new = py_at(board, joined);
	list->cells = new->cells;
	list->len = new->len;
	return 0;
}

static int binary_object(struct wipy_board *board, enum py_binary op, struct py_value a,
	struct py_value b, bool in_place, struct py_value *ret_value)
{
	const struct py_head *x = py_head(board, a);
	const struct py_head *y = py_head(board, b);
	bool alike = x && y && x->kind == y->kind;

	if (op == PY_MODULO && is_text(board, a))
		return py_format(board, a, b, ret_value);
	if (op == PY_ADD && in_place && py_is(board, a, PY_LIST) &&
		is_sequence(board, b)) {
		*ret_value = a;
		return py_extend_list(board, py_at(board, a), b);
	}
	if (op == PY_ADD && alike && is_text(board, a))
		return join_text(board, py_at(board, a), py_at(board, b), ret_value);
	if (op == PY_ADD && alike && is_sequence(board, a))
		return join_items(board, a, b, ret_value);
	if (op == PY_MULTIPLY && is_number(b) &&
		(is_text(board, a) || is_sequence(board, a)))
		return repeat(board, a, number_of(b), ret_value);
	if (op == PY_MULTIPLY && is_number(a) &&
		(is_text(board, b) || is_sequence(board, b)))
		return repeat(board, b, number_of(a), ret_value);
	return py_raise_operator(board);
}

static int bool_logic(enum py_binary op, struct py_value a, struct py_value b,
	struct py_value *ret_value)
{
	int x = number_of(a);
	int y = number_of(b);

	*ret_value = PY_BOOL(op == PY_AND ? x & y : op == PY_OR ? x | y : x ^ y);
	return 0;
}

int py_binary(struct wipy_board *board, enum py_binary op, struct py_value a,
	struct py_value b, struct py_value *ret_value)
{
	bool in_place = op & PY_IN_PLACE;

	op = (enum py_binary)(op & ~PY_IN_PLACE);
	if (op >= PY_LT)
		return compare(board, op, a, b, ret_value);
	if (py_is_bool(a) && py_is_bool(b) && op >= PY_AND && op <= PY_XOR)
		return bool_logic(op, a, b, ret_value);
	if (is_number(a) && is_number(b))
		return arithmetic(board, op, number_of(a), number_of(b), ret_value);
	return binary_object(board, op, a, b, in_place, ret_value);
}

int py_unary(struct wipy_board *board, enum py_unary op, struct py_value v,
	struct py_value *ret_value)
{
	if (op == PY_NOT) {
		*ret_value = PY_BOOL(!py_truth(board, v));
		return 0;
	}
	if (!is_number(v))
		return py_raise_operator(board);
	if (op == PY_NEGATIVE)
		return py_int(board, -(int64_t)number_of(v), ret_value);
	return py_int(board, op == PY_INVERT ? ~number_of(v) : number_of(v), ret_value);
}
