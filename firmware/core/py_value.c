/* SPDX-License-Identifier: MIT
 *
 * Making values, and the two containers that grow: lists and dicts. A dict is a list of
 * pairs searched from the front: programs of this size have few names, and the order is
 * that of insertion.
 */
#include <string.h>

#include "firmware/core/py_code.h"

#define PAIRS_COST 16 /* pairs of a dict that count as one compared element */

uint16_t py_hash(const char *bytes, size_t len)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)bytes[i]) * 16777619U;
	return (uint16_t)(hash ^ hash >> 16);
}

void py_seal(struct py_bytes *bytes)
{
	bytes->hash = py_hash(bytes->at, bytes->len);
}

struct py_bytes *py_new_bytes(
	struct wipy_board *board, enum py_kind kind, const char *bytes, size_t len)
{
	struct py_bytes *object;

	if (len > PY_BYTES_MAX)
		return py_refuse(board, len, 1);
	object = py_new(board, kind, sizeof(*object) + len);
	if (!object)
		return NULL;
	object->len = (uint16_t)len;
	if (bytes && len > 0)
		memcpy(object->at, bytes, len);
	if (bytes || len == 0)
		py_seal(object);
	return object;
}

struct py_tuple *py_new_tuple(struct wipy_board *board, size_t len)
{
	struct py_tuple *tuple;

	if (len > UINT16_MAX)
		return py_refuse(board, len, sizeof(tuple->at[0]));
	tuple = py_new(board, PY_TUPLE, sizeof(*tuple) + len * sizeof(tuple->at[0]));
	if (!tuple)
		return NULL;
	tuple->len = (uint16_t)len;
	tuple->fields = 0;
	for (size_t i = 0; i < len; i++)
		tuple->at[i] = PY_NONE;
	return tuple;
}

struct py_cells *py_new_cells(struct wipy_board *board, size_t cap)
{
	struct py_cells *cells;

	if (cap > board->py.len)
		return py_refuse(board, cap, sizeof(cells->at[0]));
	cells = py_new(board, PY_CELLS, sizeof(*cells) + cap * sizeof(cells->at[0]));
	if (!cells)
		return NULL;
	/* what the last block has left over */
	cap = (py_size(&cells->head) - sizeof(*cells)) / sizeof(cells->at[0]);
	cells->cap = (uint32_t)cap;
	memset(cells->at, 0, cap * sizeof(cells->at[0]));
	return cells;
}

/* Lists and dicts begin alike. */
static void *new_container(struct wipy_board *board, enum py_kind kind, size_t cap)
{
	struct py_list *list = py_new(board, kind, sizeof(*list));
	struct py_cells *cells;

	if (!list)
		return NULL;
	list->len = 0;
	list->cells = PY_NO_VALUE;
	if (cap == 0)
		return list;
	cells = py_new_cells(board, cap);
	if (!cells)
		return NULL;
	list->cells = py_reference(board, cells);
	return list;
}

struct py_list *py_new_list(struct wipy_board *board, size_t cap)
{
	return new_container(board, PY_LIST, cap);
}

struct py_dict *py_new_dict(struct wipy_board *board, size_t cap)
{
	return new_container(board, PY_DICT, cap * 2);
}

struct py_object *py_new_object(struct wipy_board *board, int type, size_t len)
{
	struct py_object *object =
		py_new(board, PY_OBJECT, sizeof(*object) + len * sizeof(object->at[0]));

	if (!object)
		return NULL;
	object->type = (uint16_t)type;
	object->len = (uint16_t)len;
	for (size_t i = 0; i < len; i++)
		object->at[i] = PY_NONE;
	return object;
}

int py_str(struct wipy_board *board, const char *text, size_t len,
	struct py_value *ret_value)
{
	const struct py_bytes *bytes = py_new_bytes(board, PY_STR, text, len);

	if (!bytes)
		return -ENOMEM;
	*ret_value = py_reference(board, bytes);
	return 0;
}

int py_int(struct wipy_board *board, int64_t number, struct py_value *ret_value)
{
	if (number > PY_INT_MAX || number < PY_INT_MIN)
		return py_raise(board, PY_OVERFLOW_ERROR, "small int overflow");
	*ret_value = PY_INT((int32_t)number);
	return 0;
}

/* Room for `want` values in the cells; what was there stays. */
static struct py_value *reserve(struct wipy_board *board, struct py_value *cells_value,
	size_t used, size_t want)
{
	struct py_cells *cells = NULL;
	struct py_cells *larger;
	size_t cap = want + want / 4 + 2;

	if (py_is_reference(*cells_value)) {
		cells = py_at(board, *cells_value);
		if (want <= cells->cap)
			return cells->at;
	}
	larger = py_new_cells(board, cap);
	if (!larger)
		return NULL;
	if (cells)
		memcpy(larger->at, cells->at, used * sizeof(cells->at[0]));
	*cells_value = py_reference(board, larger);
	return larger->at;
}

static struct py_value *contents(const struct wipy_board *board, struct py_value cells)
{
	if (!py_is_reference(cells))
		return NULL;
	return ((struct py_cells *)py_at(board, cells))->at;
}

struct py_value *py_list_items(const struct wipy_board *board, struct py_list *list)
{
	return contents(board, list->cells);
}

struct py_value *py_dict_pairs(const struct wipy_board *board, struct py_dict *dict)
{
	return contents(board, dict->cells);
}

int py_append(struct wipy_board *board, struct py_list *list, struct py_value v)
{
	struct py_value *items = reserve(board, &list->cells, list->len, list->len + 1);

	if (!items)
		return -ENOMEM;
	items[list->len++] = v;
	return 0;
}

struct py_value *py_dict_find(
	struct wipy_board *board, const struct py_dict *dict, struct py_value key)
{
	struct py_value *pair = contents(board, dict->cells);

	/* one instruction may look for as many keys as there are */
	if (board->py.compared > PY_COMPARED_MAX)
		return NULL;
	board->py.compared += dict->len / PAIRS_COST;
	for (uint32_t i = 0; i < dict->len; i++, pair += 2)
		if (py_same(pair[0], key) || py_equal(board, pair[0], key))
			return pair;
	return NULL;
}

struct py_value *py_dict_find_text(const struct wipy_board *board,
	const struct py_dict *dict, const char *text, size_t len)
{
	struct py_value *pair = contents(board, dict->cells);
	uint16_t hash = py_hash(text, len);

	for (uint32_t i = 0; i < dict->len; i++, pair += 2) {
		const struct py_bytes *key = py_at(board, pair[0]);

		if (py_is(board, pair[0], PY_STR) && key->hash == hash &&
			key->len == len && memcmp(key->at, text, len) == 0)
			return pair;
	}
	return NULL;
}

/* `left`: tuples that may be looked into; they may hold one another many times over. */
static bool can_be_key(
	const struct wipy_board *board, struct py_value key, int depth, uint32_t *left)
{
	const struct py_tuple *tuple;

	if (py_is(board, key, PY_LIST) || py_is(board, key, PY_DICT))
		return false;
	if (!py_is(board, key, PY_TUPLE))
		return true;
	if (depth > 8 || *left == 0)
		return false;
	--*left;
	tuple = py_at(board, key);
	for (size_t i = 0; i < tuple->len; i++)
		if (!can_be_key(board, tuple->at[i], depth + 1, left))
			return false;
	return true;
}

int py_dict_set(struct wipy_board *board, struct py_dict *dict, struct py_value key,
	struct py_value v)
{
	struct py_value *pair = py_dict_find(board, dict, key);
	uint32_t left = board->py.len / 16;

	if (pair) {
		pair[1] = v;
		return 0;
	}
	if (board->py.compared > PY_COMPARED_MAX)
		return py_raise_depth(board);
	if (!can_be_key(board, key, 0, &left))
		return py_raise(board, PY_TYPE_ERROR, "unhashable type");
	pair = reserve(board, &dict->cells, dict->len * 2, dict->len * 2 + 2);
	if (!pair)
		return -ENOMEM;
	pair[dict->len * 2] = key;
	pair[dict->len * 2 + 1] = v;
	dict->len++;
	return 0;
}

void py_dict_remove(
	struct wipy_board *board, struct py_dict *dict, struct py_value *pair)
{
	struct py_value *end = contents(board, dict->cells) + dict->len * 2;

	memmove(pair, pair + 2, (size_t)(end - pair - 2) * sizeof(*pair));
	dict->len--;
}
