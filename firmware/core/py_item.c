/* SPDX-License-Identifier: MIT
 *
 * Subscripts, slices, membership, length and iteration of all types.
 */
#include <string.h>

#include "firmware/core/py_code.h"
#include "firmware/core/py_native.h"

static const struct py_type *native_type(
	const struct wipy_board *board, struct py_value v)
{
	if (!py_is(board, v, PY_OBJECT))
		return NULL;
	return py_types[((struct py_object *)py_at(board, v))->type];
}

static int32_t range_len(const struct py_range *range)
{
	int64_t span = (int64_t)range->stop - range->start;
	int64_t step = range->step;

	if ((span > 0) != (step > 0) || span == 0)
		return 0;
	return (int32_t)((span + step + (step > 0 ? -1 : 1)) / step);
}

/* -1: the type has no length. */
static int64_t len_of(const struct wipy_board *board, struct py_value v)
{
	const struct py_head *head = py_head(board, v);

	if (!head)
		return -1;
	if (head->kind == PY_STR || head->kind == PY_BYTES)
		return ((const struct py_bytes *)head)->len;
	if (head->kind == PY_TUPLE)
		return ((const struct py_tuple *)head)->len;
	if (head->kind == PY_LIST || head->kind == PY_DICT)
		return ((const struct py_list *)head)->len;
	if (head->kind == PY_RANGE)
		return range_len((const struct py_range *)head);
	return -1;
}

int py_len(struct wipy_board *board, struct py_value v, int32_t *ret_len)
{
	const struct py_type *type = native_type(board, v);
	int64_t len = len_of(board, v);

	if (len < 0 && type && type->length)
		return type->length(board, v, ret_len);
	if (len < 0)
		return py_raise(board, PY_TYPE_ERROR, "object has no len");
	*ret_len = (int32_t)len;
	return 0;
}

/* ---- one item ------------------------------------------------------------------------ */

/* The at-th item of a sequence; the index is good. */
static int item_at(struct wipy_board *board, struct py_value v, uint32_t at,
	struct py_value *ret_value)
{
	const struct py_head *head = py_head(board, v);
	const struct py_bytes *bytes = (const struct py_bytes *)head;
	const struct py_range *range = (const struct py_range *)head;

	if (head->kind == PY_STR)
		return py_str(board, bytes->at + at, 1, ret_value);
	if (head->kind == PY_BYTES)
		*ret_value = PY_INT((uint8_t)bytes->at[at]);
	else if (head->kind == PY_TUPLE)
		*ret_value = ((const struct py_tuple *)head)->at[at];
	else if (head->kind == PY_LIST)
		*ret_value = py_list_items(board, py_at(board, v))[at];
	else
		*ret_value =
			PY_INT((int32_t)(range->start + (int64_t)range->step * at));
	return 0;
}

/* Where a sequence of this length has that index. */
static int find_index(
	struct wipy_board *board, struct py_value index, int64_t len, uint32_t *ret_at)
{
	int64_t at;

	if (!py_is_int(index) && !py_is_bool(index))
		return py_raise(board, PY_TYPE_ERROR, "indices must be integers");
	at = py_is_int(index) ? py_number(index) : py_same(index, PY_TRUE);
	if (at < 0)
		at += len;
	if (at < 0 || at >= len)
		return py_raise(board, PY_INDEX_ERROR, "index out of range");
	*ret_at = (uint32_t)at;
	return 0;
}

/* ---- slices ----------------------------------------------------------------------------- */

struct cut {
	int64_t start, stop, step, count;
};

/* A bound within the sequence, or in front of it where slices go backwards. */
static int64_t bound(int64_t at, int64_t len, int64_t step)
{
	if (at < 0)
		at += len;
	if (at < 0)
		return step > 0 ? 0 : -1;
	if (at >= len)
		return step > 0 ? len : len - 1;
	return at;
}

static int cut_of(struct wipy_board *board, const struct py_slice *slice, int64_t len,
	struct cut *ret_cut)
{
	const struct py_value *part = &slice->start;
	int32_t at[3] = {0, 0, 1};
	int64_t start, stop, step;

	for (int i = 0; i < 3; i++) {
		if (py_is_none(part[i]))
			continue;
		if (!py_is_int(part[i]) && !py_is_bool(part[i]))
			return py_raise(
				board, PY_TYPE_ERROR, "indices must be integers");
		(void)py_get_int(board, part[i], &at[i]);
	}
	step = at[2];
	if (step == 0)
		return py_raise(board, PY_VALUE_ERROR, "slice step cannot be zero");
	start = step > 0 ? 0 : len - 1;
	stop = step > 0 ? len : -1;
	if (!py_is_none(slice->start))
		start = bound(at[0], len, step);
	if (!py_is_none(slice->stop))
		stop = bound(at[1], len, step);
	*ret_cut = (struct cut){.start = start, .stop = stop, .step = step};
	if (step > 0 && stop > start)
		ret_cut->count = (stop - start - 1) / step + 1;
	else if (step < 0 && stop < start)
		ret_cut->count = (start - stop - 1) / -step + 1;
	return 0;
}

static int slice_text(struct wipy_board *board, const struct py_bytes *bytes,
	const struct cut *cut, struct py_value *ret_value)
{
	struct py_bytes *new = py_new_bytes(
		board, (enum py_kind)bytes->head.kind, NULL, (size_t)cut->count);

	if (!new)
		return -ENOMEM;
	for (int64_t i = 0; i < cut->count; i++)
		new->at[i] = bytes->at[cut->start + i * cut->step];
	py_seal(new);
	*ret_value = py_reference(board, new);
	return 0;
}

static int slice_items(struct wipy_board *board, struct py_value v,
	const struct cut *cut, struct py_value *ret_value)
{
	struct py_list *list = NULL;
	struct py_tuple *tuple = NULL;
	struct py_value *to;

	if (py_is(board, v, PY_TUPLE))
		tuple = py_new_tuple(board, (size_t)cut->count);
	else
		list = py_new_list(board, (size_t)cut->count);
	if (!tuple && !list)
		return -ENOMEM;
	to = tuple ? tuple->at : py_list_items(board, list);
	for (int64_t i = 0; i < cut->count; i++)
		(void)item_at(board, v, (uint32_t)(cut->start + i * cut->step), &to[i]);
	if (list)
		list->len = (uint32_t)cut->count;
	*ret_value = tuple ? py_reference(board, tuple) : py_reference(board, list);
	return 0;
}

/* Again a range, as the boards have it. */
static int slice_range(struct wipy_board *board, const struct py_range *range,
	const struct cut *cut, struct py_value *ret_value)
{
	int64_t part[3] = {range->start + cut->start * range->step,
		range->start + cut->stop * range->step, range->step * cut->step};
	struct py_value v[3] = {PY_NONE, PY_NONE, PY_NONE};
	const struct py_call call = {.args = v, .count = 3};

	for (int i = 0; i < 3; i++) {
		int r = py_int(board, part[i], &v[i]);

		if (r < 0)
			return r;
	}
	return py_make_range(board, &call, ret_value);
}

static int get_slice(struct wipy_board *board, struct py_value v,
	const struct py_slice *slice, struct py_value *ret_value)
{
	struct cut cut = {0};
	int64_t len = len_of(board, v);
	int r = cut_of(board, slice, len, &cut);

	if (r < 0)
		return r;
	if (py_is(board, v, PY_STR) || py_is(board, v, PY_BYTES))
		return slice_text(board, py_at(board, v), &cut, ret_value);
	if (py_is(board, v, PY_RANGE))
		return slice_range(board, py_at(board, v), &cut, ret_value);
	return slice_items(board, v, &cut, ret_value);
}

/* ---- subscripts ----------------------------------------------------------------------------- */

static int raise_key(struct wipy_board *board, struct py_value key)
{
	return py_raise_value(board, PY_KEY_ERROR, key);
}

int py_get_item(struct wipy_board *board, struct py_value v, struct py_value index,
	struct py_value *ret_value)
{
	uint32_t at = 0;
	int r;

	if (py_is(board, v, PY_DICT)) {
		const struct py_value *pair =
			py_dict_find(board, py_at(board, v), index);

		if (!pair)
			return raise_key(board, index);
		*ret_value = pair[1];
		return 0;
	}
	if (len_of(board, v) < 0)
		return py_raise(board, PY_TYPE_ERROR, "object is not subscriptable");
	if (py_is(board, index, PY_SLICE_OBJECT))
		return get_slice(board, v, py_at(board, index), ret_value);
	r = find_index(board, index, len_of(board, v), &at);
	return r < 0 ? r : item_at(board, v, at, ret_value);
}

/* Puts what an iterable gives, or nothing for no value, in the place of a slice. */
static int replace_slice(struct wipy_board *board, struct py_list *list,
	const struct py_slice *slice, struct py_value with)
{
	uint32_t old = list->len, want;
	struct cut cut = {0};
	struct py_value copy = PY_NONE, *items;
	const struct py_value *new;
	size_t count, rest;
	int r = cut_of(board, slice, old, &cut);

	if (r == 0 && cut.step != 1)
		r = py_raise(board, PY_NOT_IMPLEMENTED_ERROR, NULL);
	if (r == 0 && with.bits)
		r = py_collect(board, with, &copy);
	if (r < 0)
		return r;
	new = py_elements(board, copy, &count);
	rest = old - (size_t)(cut.start + cut.count);
	want = (uint32_t)((size_t)cut.start + count + rest);
	while (list->len < want && r == 0)
		r = py_append(board, list, PY_NONE);
	if (r < 0) {
		list->len = old;
		return r;
	}
	items = py_list_items(board, list);
	if (rest > 0)
		memmove(items + cut.start + count, items + cut.start + cut.count,
			rest * sizeof(*items));
	if (count > 0)
		memcpy(items + cut.start, new, count * sizeof(*items));
	while (list->len > want)
		items[--list->len] = PY_NONE;
	return 0;
}

int py_set_item(struct wipy_board *board, struct py_value v, struct py_value index,
	struct py_value item)
{
	uint32_t at = 0;
	int r;

	if (py_is(board, v, PY_DICT))
		return py_dict_set(board, py_at(board, v), index, item);
	if (!py_is(board, v, PY_LIST))
		return py_raise(board, PY_TYPE_ERROR,
			"object does not support item assignment");
	if (py_is(board, index, PY_SLICE_OBJECT))
		return replace_slice(board, py_at(board, v), py_at(board, index), item);
	r = find_index(board, index, len_of(board, v), &at);
	if (r == 0)
		py_list_items(board, py_at(board, v))[at] = item;
	return r;
}

int py_delete_item(struct wipy_board *board, struct py_value v, struct py_value index)
{
	struct py_list *list;
	struct py_value *items;
	uint32_t at = 0;
	int r;

	if (py_is(board, v, PY_DICT)) {
		struct py_value *pair = py_dict_find(board, py_at(board, v), index);

		if (!pair)
			return raise_key(board, index);
		py_dict_remove(board, py_at(board, v), pair);
		return 0;
	}
	if (!py_is(board, v, PY_LIST))
		return py_raise(
			board, PY_TYPE_ERROR, "object does not support item deletion");
	if (py_is(board, index, PY_SLICE_OBJECT))
		return replace_slice(
			board, py_at(board, v), py_at(board, index), PY_NO_VALUE);
	r = find_index(board, index, len_of(board, v), &at);
	if (r < 0)
		return r;
	list = py_at(board, v);
	items = py_list_items(board, list);
	memmove(items + at, items + at + 1, (list->len - at - 1) * sizeof(*items));
	list->len--;
	return 0;
}

int py_contains(struct wipy_board *board, struct py_value container, struct py_value v,
	bool *ret_found)
{
	int64_t len = len_of(board, container);
	const struct py_bytes *text, *what;
	struct py_value item;

	*ret_found = false;
	if (py_is(board, container, PY_DICT)) {
		*ret_found = py_dict_find(board, py_at(board, container), v) != NULL;
		return 0;
	}
	if (py_is(board, container, PY_STR) ||
		(py_is(board, container, PY_BYTES) && !py_is_int(v))) {
		if (!py_is(board, v, (enum py_kind)py_head(board, container)->kind))
			return py_raise(board, PY_TYPE_ERROR,
				"can't convert to str implicitly");
		text = py_at(board, container);
		what = py_at(board, v);
		*ret_found = py_find(text->at, text->len, what->at, what->len, false) !=
			     PY_NOWHERE;
		return 0;
	}
	if (len < 0)
		return py_raise(board, PY_TYPE_ERROR, "object not iterable");
	if (py_is(board, container, PY_RANGE)) {
		const struct py_range *range = py_at(board, container);
		int32_t number = 0;
		int64_t off;

		if (!py_is_int(v) && !py_is_bool(v))
			return 0;
		(void)py_get_int(board, v, &number);
		off = (int64_t)number - range->start;
		*ret_found = off % range->step == 0 && off / range->step >= 0 &&
			     off / range->step < len;
		return 0;
	}
	for (int64_t i = 0; i < len && !*ret_found; i++) {
		(void)item_at(board, container, (uint32_t)i, &item);
		*ret_found = py_equal(board, item, v);
	}
	return 0;
}

/* ---- iteration --------------------------------------------------------------------------- */

int py_iter(struct wipy_board *board, struct py_value v, struct py_value *ret_iterator)
{
	const struct py_type *type = native_type(board, v);
	struct py_iterator *iterator;

	if (py_is(board, v, PY_ITERATOR) || (type && type->next)) {
		*ret_iterator = v;
		return 0;
	}
	if (len_of(board, v) < 0)
		return py_raise(board, PY_TYPE_ERROR, "object not iterable");
	iterator = py_new(board, PY_ITERATOR, sizeof(*iterator));
	if (!iterator)
		return -ENOMEM;
	iterator->at = 0;
	iterator->source = v;
	iterator->mode = PY_DICT_KEYS;
	*ret_iterator = py_reference(board, iterator);
	return 0;
}

static int dict_item(struct wipy_board *board, const struct py_iterator *iterator,
	struct py_value *ret_value)
{
	const struct py_value *pair =
		py_dict_pairs(board, py_at(board, iterator->source)) + iterator->at * 2;
	struct py_tuple *tuple;

	if (iterator->mode != PY_DICT_ITEMS) {
		*ret_value = pair[iterator->mode == PY_DICT_VALUES];
		return 0;
	}
	tuple = py_new_tuple(board, 2);
	if (!tuple)
		return -ENOMEM;
	tuple->at[0] = pair[0];
	tuple->at[1] = pair[1];
	*ret_value = py_reference(board, tuple);
	return 0;
}

int py_next(struct wipy_board *board, struct py_value v, struct py_value *ret_value)
{
	const struct py_type *type = native_type(board, v);
	struct py_iterator *iterator;
	int r;

	if (type && type->next)
		return type->next(board, v, ret_value);
	if (!py_is(board, v, PY_ITERATOR))
		return py_raise(board, PY_TYPE_ERROR, "object not an iterator");
	iterator = py_at(board, v);
	if (iterator->at >= len_of(board, iterator->source))
		return 1;
	r = py_is(board, iterator->source, PY_DICT)
		    ? dict_item(board, iterator, ret_value)
		    : item_at(board, iterator->source, iterator->at, ret_value);
	if (r == 0) {
		py_moves(board, &iterator->at);
		iterator->at++;
	}
	return r;
}
