/* SPDX-License-Identifier: MIT
 *
 * Methods of list, tuple and dict.
 */
#include <string.h>

#include "firmware/core/py_native.h"

/* ---- list and tuple ------------------------------------------------------------- */

struct py_value *py_elements(
	const struct wipy_board *board, struct py_value v, size_t *ret_count)
{
	if (py_is(board, v, PY_LIST)) {
		struct py_list *list = py_at(board, v);

		*ret_count = list->len;
		return py_list_items(board, list);
	}
	if (py_is(board, v, PY_TUPLE)) {
		struct py_tuple *tuple = py_at(board, v);

		*ret_count = tuple->len;
		return tuple->at;
	}
	*ret_count = 0;
	return NULL;
}

/* The position of an equal value, or -1. */
static int32_t position(
	struct wipy_board *board, struct py_value sequence, struct py_value wanted)
{
	size_t count;
	const struct py_value *items = py_elements(board, sequence, &count);

	for (size_t i = 0; i < count; i++)
		if (py_equal(board, items[i], wanted))
			return (int32_t)i;
	return -1;
}

static int sequence_index(PY_NATIVE_ARGS)
{
	int32_t at = position(board, call->args[0], call->args[1]);

	if (at < 0)
		return py_raise(board, PY_VALUE_ERROR, "object not in sequence");
	*ret_value = PY_INT(at);
	return 0;
}

static int sequence_count(PY_NATIVE_ARGS)
{
	size_t count;
	const struct py_value *items = py_elements(board, call->args[0], &count);
	int32_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += py_equal(board, items[i], call->args[1]);
	*ret_value = PY_INT(found);
	return 0;
}

/* Takes elements out; the places behind them are None again. */
static void cut(struct wipy_board *board, struct py_list *list, size_t at, size_t count)
{
	struct py_value *items = py_list_items(board, list);

	if (count == 0)
		return;
	memmove(items + at, items + at + count,
		(list->len - at - count) * sizeof(items[0]));
	list->len -= (uint32_t)count;
	for (size_t i = 0; i < count; i++)
		items[list->len + i] = PY_NONE;
}

static int list_append(PY_NATIVE_ARGS)
{
	(void)ret_value;
	return py_append(board, py_at(board, call->args[0]), call->args[1]);
}

static int list_extend(PY_NATIVE_ARGS)
{
	struct py_list *list = py_at(board, call->args[0]);
	uint32_t len = list->len;
	struct py_value more, *items;
	size_t count;
	int r = py_collect(board, call->args[1], &more);

	(void)ret_value;
	if (r < 0)
		return r;
	items = py_elements(board, more, &count);
	for (size_t i = 0; i < count; i++) {
		r = py_append(board, list, items[i]);
		if (r < 0) {
			cut(board, list, len, list->len - len);
			return r;
		}
	}
	return 0;
}

static int list_insert(PY_NATIVE_ARGS)
{
	struct py_list *list = py_at(board, call->args[0]);
	int32_t at = 0, len = (int32_t)list->len;
	struct py_value *items;
	int r = py_int_argument(board, call, 1, NULL, &at);

	(void)ret_value;
	if (r == 0)
		r = py_append(board, list, call->args[2]);
	if (r < 0)
		return r;
	at += at < 0 ? len : 0;
	at = at < 0 ? 0 : at > len ? len : at;
	items = py_list_items(board, list);
	memmove(items + at + 1, items + at, (size_t)(len - at) * sizeof(items[0]));
	items[at] = call->args[2];
	return 0;
}

static int list_pop(PY_NATIVE_ARGS)
{
	struct py_list *list = py_at(board, call->args[0]);
	int32_t at = -1;
	int r = py_int_argument(board, call, 1, NULL, &at);

	if (r < 0)
		return r;
	if (list->len == 0)
		return py_raise(board, PY_INDEX_ERROR, "pop from empty list");
	at += at < 0 ? (int32_t)list->len : 0;
	if (at < 0 || at >= (int32_t)list->len)
		return py_raise(board, PY_INDEX_ERROR, PY_TEXT_INDEX);
	*ret_value = py_list_items(board, list)[at];
	cut(board, list, (size_t)at, 1);
	return 0;
}

static int list_remove(PY_NATIVE_ARGS)
{
	int32_t at = position(board, call->args[0], call->args[1]);

	(void)ret_value;
	if (at < 0)
		return py_raise(board, PY_VALUE_ERROR, NULL);
	cut(board, py_at(board, call->args[0]), (size_t)at, 1);
	return 0;
}

static int list_clear(PY_NATIVE_ARGS)
{
	struct py_list *list = py_at(board, call->args[0]);

	(void)ret_value;
	list->len = 0;
	list->cells = PY_NO_VALUE;
	return 0;
}

static int list_copy(PY_NATIVE_ARGS)
{
	return py_collect(board, call->args[0], ret_value);
}

static void turn(struct py_value *items, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct py_value item = items[i];

		items[i] = items[count - 1 - i];
		items[count - 1 - i] = item;
	}
}

static int list_reverse(PY_NATIVE_ARGS)
{
	size_t count;
	struct py_value *items = py_elements(board, call->args[0], &count);

	(void)ret_value;
	turn(items, count);
	return 0;
}

/* ---- sorting -------------------------------------------------------------------- */

struct sorting {
	struct wipy_board *board;
	bool reverse;
};

static int before(const struct sorting *sorting, struct py_value a, struct py_value b,
	bool *ret_before)
{
	return sorting->reverse ? py_less(sorting->board, b, a, ret_before)
				: py_less(sorting->board, a, b, ret_before);
}

/* How many of these sorted items stand before `item`; after: those that are equal, too. */
static int find_place(const struct sorting *sorting, const struct py_value *items,
	size_t count, struct py_value item, bool after, size_t *ret_place)
{
	size_t from = 0;

	while (from < count) {
		size_t middle = from + (count - from) / 2;
		bool left = false;
		int r = after ? before(sorting, item, items[middle], &left)
			      : before(sorting, items[middle], item, &left);

		if (r < 0)
			return r;
		if (left != after)
			from = middle + 1;
		else
			count = middle;
	}
	*ret_place = from;
	return 0;
}

/* Merges two sorted parts side by side: halves the larger one, turns what stands on the
 * wrong side of that item round it, and goes on left and right. */
static int merge(const struct sorting *sorting, struct py_value *items, size_t first,
	size_t second)
{
	size_t a = first / 2, b = second / 2;
	bool swap = false;
	int r;

	if (first == 0 || second == 0)
		return 0;
	if (first == 1 && second == 1) {
		r = before(sorting, items[1], items[0], &swap);
		if (r == 0 && swap)
			turn(items, 2);
		return r;
	}
	r = first > second
		    ? find_place(sorting, items + first, second, items[a], false, &b)
		    : find_place(sorting, items, first, items[first + b], true, &a);
	if (r < 0)
		return r;
	turn(items + a, first - a);
	turn(items + first, b);
	turn(items + a, first - a + b);
	r = merge(sorting, items, a, b);
	return r < 0 ? r : merge(sorting, items + a + b, first - a, second - b);
}

/* Stable, without memory; the stack goes as deep as the logarithm of the count. Where
 * items cannot be compared all are still there. */
int py_sort(
	struct wipy_board *board, struct py_value *items, size_t count, bool reverse)
{
	struct sorting sorting = {board, reverse};
	int r = 0;

	for (size_t width = 1; width < count; width *= 2)
		for (size_t at = 0; at + width < count && r == 0; at += 2 * width)
			r = merge(&sorting, items + at, width,
				count - at - width < width ? count - at - width
							   : width);
	return r;
}

static int list_sort(PY_NATIVE_ARGS)
{
	size_t count;
	struct py_value *items = py_elements(board, call->args[0], &count);

	(void)ret_value;
	return py_sort(board, items, count,
		py_truth_argument(board, call, -1, "reverse", false));
}

/* ---- dict ------------------------------------------------------------------------- */

/* The argument behind the key, or None. */
static struct py_value otherwise(const struct py_call *call)
{
	return call->count > 2 ? call->args[2] : PY_NONE;
}

static int dict_get(PY_NATIVE_ARGS)
{
	const struct py_value *pair =
		py_dict_find(board, py_at(board, call->args[0]), call->args[1]);

	*ret_value = pair ? pair[1] : otherwise(call);
	return 0;
}

static int dict_pop(PY_NATIVE_ARGS)
{
	struct py_dict *dict = py_at(board, call->args[0]);
	struct py_value *pair = py_dict_find(board, dict, call->args[1]);

	if (!pair && call->count < 3)
		return py_raise_value(board, PY_KEY_ERROR, call->args[1]);
	*ret_value = pair ? pair[1] : otherwise(call);
	if (pair)
		py_dict_remove(board, dict, pair);
	return 0;
}

static int dict_popitem(PY_NATIVE_ARGS)
{
	struct py_dict *dict = py_at(board, call->args[0]);
	struct py_value *pair;
	struct py_tuple *tuple;

	if (dict->len == 0)
		return py_raise(board, PY_KEY_ERROR, "popitem(): dictionary is empty");
	tuple = py_new_tuple(board, 2);
	if (!tuple)
		return -ENOMEM;
	pair = py_dict_pairs(board, dict) + 2 * (dict->len - 1);
	tuple->at[0] = pair[0];
	tuple->at[1] = pair[1];
	*ret_value = py_reference(board, tuple);
	py_dict_remove(board, dict, pair);
	return 0;
}

static int dict_setdefault(PY_NATIVE_ARGS)
{
	struct py_dict *dict = py_at(board, call->args[0]);
	const struct py_value *pair = py_dict_find(board, dict, call->args[1]);

	*ret_value = pair ? pair[1] : otherwise(call);
	return pair ? 0 : py_dict_set(board, dict, call->args[1], *ret_value);
}

static int dict_clear(PY_NATIVE_ARGS)
{
	struct py_dict *dict = py_at(board, call->args[0]);

	(void)ret_value;
	dict->len = 0;
	dict->cells = PY_NO_VALUE;
	return 0;
}

/* Setting the same pairs again changes nothing: no harm where memory runs out midway. */
static int set_pairs(struct wipy_board *board, struct py_dict *dict,
	const struct py_value *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int r = py_dict_set(board, dict, pairs[2 * i], pairs[2 * i + 1]);

		if (r < 0)
			return r;
	}
	return 0;
}

/* From a list of pairs. */
static int set_items(
	struct wipy_board *board, struct py_dict *dict, struct py_value source)
{
	struct py_value items, *item;
	size_t count, two;
	int r = py_collect(board, source, &items);

	if (r < 0)
		return r;
	item = py_elements(board, items, &count);
	for (size_t i = 0; i < count; i++) {
		const struct py_value *pair = py_elements(board, item[i], &two);

		if (two != 2)
			return py_raise(board, PY_VALUE_ERROR,
				"dict update sequence has the wrong length");
		r = set_pairs(board, dict, pair, 1);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The source in args[index], if any, then the keywords. */
static int fill(struct wipy_board *board, struct py_dict *dict,
	const struct py_call *call, int index)
{
	int r = 0;

	if (call->count > index && py_is(board, call->args[index], PY_DICT)) {
		struct py_dict *from = py_at(board, call->args[index]);

		if (from != dict)
			r = set_pairs(
				board, dict, py_dict_pairs(board, from), from->len);
	} else if (call->count > index) {
		r = set_items(board, dict, call->args[index]);
	}
	return r < 0 ? r
		     : set_pairs(board, dict, call->named, (size_t)call->named_count);
}

static int dict_update(PY_NATIVE_ARGS)
{
	(void)ret_value;
	return fill(board, py_at(board, call->args[0]), call, 1);
}

int py_make_dict(PY_NATIVE_ARGS)
{
	struct py_dict *dict = py_new_dict(board, 0);

	if (!dict)
		return -ENOMEM;
	*ret_value = py_reference(board, dict);
	return fill(board, dict, call, 0);
}

static int dict_copy(PY_NATIVE_ARGS)
{
	return py_make_dict(board, call, ret_value);
}

static int view(struct wipy_board *board, const struct py_call *call,
	enum py_dict_mode mode, struct py_value *ret_value)
{
	struct py_iterator *iterator = py_new(board, PY_ITERATOR, sizeof(*iterator));

	if (!iterator)
		return -ENOMEM;
	iterator->at = 0;
	iterator->source = call->args[0];
	iterator->mode = mode;
	*ret_value = py_reference(board, iterator);
	return 0;
}

static int dict_keys(PY_NATIVE_ARGS)
{
	return view(board, call, PY_DICT_KEYS, ret_value);
}

static int dict_values(PY_NATIVE_ARGS)
{
	return view(board, call, PY_DICT_VALUES, ret_value);
}

static int dict_items(PY_NATIVE_ARGS)
{
	return view(board, call, PY_DICT_ITEMS, ret_value);
}

/* ---- tables ----------------------------------------------------------------------- */

static const struct py_row list_rows[] = {
	PY_ROW_FN("append", list_append, 2, 2),
	PY_ROW_FN("clear", list_clear, 1, 1),
	PY_ROW_FN("copy", list_copy, 1, 1),
	PY_ROW_FN("count", sequence_count, 2, 2),
	PY_ROW_FN("extend", list_extend, 2, 2),
	PY_ROW_FN("index", sequence_index, 2, 2),
	PY_ROW_FN("insert", list_insert, 3, 3),
	PY_ROW_FN("pop", list_pop, 1, 2),
	PY_ROW_FN("remove", list_remove, 2, 2),
	PY_ROW_FN("reverse", list_reverse, 1, 1),
	PY_ROW_KEYWORDS("sort", list_sort, 1, 1, "reverse"),
	PY_ROW_END,
};

static const struct py_row tuple_rows[] = {
	PY_ROW_FN("count", sequence_count, 2, 2),
	PY_ROW_FN("index", sequence_index, 2, 2),
	PY_ROW_END,
};

static const struct py_row dict_rows[] = {
	PY_ROW_FN("clear", dict_clear, 1, 1),
	PY_ROW_FN("copy", dict_copy, 1, 1),
	PY_ROW_FN("get", dict_get, 2, 3),
	PY_ROW_FN("items", dict_items, 1, 1),
	PY_ROW_FN("keys", dict_keys, 1, 1),
	PY_ROW_FN("pop", dict_pop, 2, 3),
	PY_ROW_FN("popitem", dict_popitem, 1, 1),
	PY_ROW_FN("setdefault", dict_setdefault, 2, 3),
	PY_ROW_KEYWORDS("update", dict_update, 1, 2, "*"),
	PY_ROW_FN("values", dict_values, 1, 1),
	PY_ROW_END,
};

const struct py_type py_type_list = {
	.name = "list",
	.rows = list_rows,
	.make = PY_ROW_FN("list", py_make_list, 0, 1),
};

const struct py_type py_type_tuple = {
	.name = "tuple",
	.rows = tuple_rows,
	.make = PY_ROW_FN("tuple", py_make_tuple, 0, 1),
};

const struct py_type py_type_dict = {
	.name = "dict",
	.rows = dict_rows,
	.make = PY_ROW_KEYWORDS("dict", py_make_dict, 0, 1, "*"),
};
