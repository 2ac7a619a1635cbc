/* SPDX-License-Identifier: MIT
 *
 * Walking iterables inside natives, and the iterators enumerate(), zip(), reversed().
 */
#include "firmware/core/py_native.h"

/* A native cannot be interrupted; a program that walks further has to use `for`. */
#define WALK_MAX 65536

/* ---- walking -------------------------------------------------------------------- */

/* An instance of PY_TYPE_WALKER: what it is, its count, how many places there are in it
 * and in what it walks, the iterators it walks. The places bound the nesting. */
enum { WALKER_KIND, WALKER_COUNT, WALKER_PLACES, WALKER_SOURCES };
enum { ENUMERATE, ZIP, REVERSED };

int py_walk_begin(struct wipy_board *board, struct py_walk *walk, struct py_value v)
{
	walk->left = WALK_MAX;
	return py_iter(board, v, &walk->iterator);
}

int py_walk_next(
	struct wipy_board *board, struct py_walk *walk, struct py_value *ret_value)
{
	if (walk->left-- == 0)
		return py_raise(board, PY_MEMORY_ERROR, NULL);
	return py_next(board, walk->iterator, ret_value);
}

int py_collect(
	struct wipy_board *board, struct py_value iterable, struct py_value *ret_list)
{
	struct py_walk walk;
	struct py_value item;
	struct py_list *list;
	int r = py_walk_begin(board, &walk, iterable);

	if (r < 0)
		return r;
	list = py_new_list(board, 0);
	if (!list)
		return -ENOMEM;
	while ((r = py_walk_next(board, &walk, &item)) == 0) {
		r = py_append(board, list, item);
		if (r < 0)
			return r;
	}
	*ret_list = py_reference(board, list);
	return r < 0 ? r : 0;
}

int py_make_list(PY_NATIVE_ARGS)
{
	struct py_list *list;

	if (call->count > 0)
		return py_collect(board, call->args[0], ret_value);
	list = py_new_list(board, 0);
	if (!list)
		return -ENOMEM;
	*ret_value = py_reference(board, list);
	return 0;
}

int py_make_tuple(PY_NATIVE_ARGS)
{
	struct py_value list = PY_NONE, *items;
	struct py_tuple *tuple;
	size_t count = 0;
	int r = 0;

	if (call->count > 0 && py_is(board, call->args[0], PY_TUPLE)) {
		*ret_value = call->args[0];
		return 0;
	}
	if (call->count > 0)
		r = py_collect(board, call->args[0], &list);
	if (r < 0)
		return r;
	items = py_elements(board, list, &count);
	tuple = py_new_tuple(board, count);
	if (!tuple)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		tuple->at[i] = items[i];
	*ret_value = py_reference(board, tuple);
	return 0;
}

/* ---- enumerate(), zip(), reversed() ----------------------------------------------- */

static int places_of(const struct wipy_board *board, struct py_value v)
{
	const struct py_object *walker;

	if (!py_is(board, v, PY_OBJECT))
		return 1;
	walker = py_at(board, v);
	return walker->type == PY_TYPE_WALKER ? py_number(walker->at[WALKER_PLACES])
					      : 1;
}

static int new_walker(struct wipy_board *board, int kind, int32_t count,
	const struct py_value *sources, int source_count, struct py_value *ret_value)
{
	struct py_object *walker;
	int places = 1;

	if (source_count > PY_MOVED_MAX - 1)
		return py_raise(board, PY_TYPE_ERROR, PY_TEXT_MISMATCH);
	for (int i = 0; i < source_count; i++)
		places += places_of(board, sources[i]);
	if (places > PY_MOVED_MAX)
		return py_raise_depth(board);
	walker = py_new_object(
		board, PY_TYPE_WALKER, WALKER_SOURCES + (size_t)source_count);
	if (!walker)
		return -ENOMEM;
	walker->at[WALKER_KIND] = PY_INT(kind);
	walker->at[WALKER_COUNT] = PY_INT(count);
	walker->at[WALKER_PLACES] = PY_INT(places);
	for (int i = 0; i < source_count; i++) {
		int r = kind == REVERSED ? 0
					 : py_iter(board, sources[i],
						   &walker->at[WALKER_SOURCES + i]);

		if (r < 0)
			return r;
		if (kind == REVERSED)
			walker->at[WALKER_SOURCES + i] = sources[i];
	}
	*ret_value = py_reference(board, walker);
	return 0;
}

int py_enumerate(PY_NATIVE_ARGS)
{
	int32_t start = 0;
	int r = py_int_argument(board, call, 1, "start", &start);

	return r < 0 ? r
		     : new_walker(board, ENUMERATE, start, call->args, 1, ret_value);
}

int py_zip(PY_NATIVE_ARGS)
{
	return new_walker(board, ZIP, 0, call->args, call->count, ret_value);
}

int py_reversed(PY_NATIVE_ARGS)
{
	int32_t len;
	int r = py_len(board, call->args[0], &len);

	return r < 0 ? r : new_walker(board, REVERSED, len, call->args, 1, ret_value);
}

/* One element of each source. */
static int next_of_all(
	struct wipy_board *board, const struct py_object *walker, struct py_value *into)
{
	int r = walker->len > WALKER_SOURCES ? 0 : 1;

	for (int i = WALKER_SOURCES; i < walker->len && r == 0; i++)
		r = py_next(board, walker->at[i], into++);
	return r;
}

static int walker_next(
	struct wipy_board *board, struct py_value self, struct py_value *ret_value)
{
	struct py_object *walker = py_at(board, self);
	int kind = py_number(walker->at[WALKER_KIND]);
	int32_t count = py_number(walker->at[WALKER_COUNT]);
	struct py_value next = PY_NONE;
	struct py_tuple *tuple;
	int r;

	if (kind == REVERSED) {
		if (count <= 0)
			return 1;
		r = py_get_item(board, walker->at[WALKER_SOURCES], PY_INT(count - 1),
			ret_value);
		py_moves(board, &walker->at[WALKER_COUNT]);
		if (r == 0)
			walker->at[WALKER_COUNT] = PY_INT(count - 1);
		return r;
	}
	tuple = py_new_tuple(
		board, kind == ENUMERATE ? 2 : walker->len - WALKER_SOURCES);
	if (!tuple)
		return -ENOMEM;
	/* the number behind the last one must be one, too */
	r = kind == ENUMERATE ? py_int(board, (int64_t)count + 1, &next) : 0;
	if (r < 0)
		return r;
	r = next_of_all(board, walker, kind == ENUMERATE ? &tuple->at[1] : tuple->at);
	if (r != 0)
		return r;
	if (kind == ENUMERATE) {
		tuple->at[0] = PY_INT(count);
		py_moves(board, &walker->at[WALKER_COUNT]);
		walker->at[WALKER_COUNT] = next;
	}
	*ret_value = py_reference(board, tuple);
	return 0;
}

const struct py_type py_type_walker = {
	.name = "iterator",
	.next = walker_next,
};
