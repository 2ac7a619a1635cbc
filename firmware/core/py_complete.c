/* SPDX-License-Identifier: MIT
 *
 * TAB: names that continue what was typed. The latest name comes first, as on a fresh
 * board (machine, os, __name__); behind a dot the table of the module or type. Nothing
 * is computed: the program does not notice.
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"
#include "firmware/core/py_native.h"

/* What NAME.NAME stands for, as far as tables and globals tell. */
static bool find_value(struct wipy_board *board, const char *stem, size_t len,
	struct py_value *ret_value)
{
	const char *dot = memchr(stem, '.', len);
	size_t part = dot ? (size_t)(dot - stem) : len;
	const struct py_value *pair =
		py_dict_find_text(board, py_at(board, board->py.globals), stem, part);
	struct py_value v;

	if (!pair)
		return false;
	v = pair[1];
	while (part < len) {
		struct py_names names = {.of = v};

		stem += part + 1;
		len -= part + 1;
		dot = memchr(stem, '.', len);
		part = dot ? (size_t)(dot - stem) : len;
		do {
			if (!py_names_next(board, &names))
				return false;
		} while (names.len != part || memcmp(names.name, stem, part) != 0);
		if (names.row && names.row->kind != PY_ROW_VALUE)
			return false;
		v = names.row ? (struct py_value){names.row->is.bits} : names.v;
	}
	*ret_value = v;
	return true;
}

static const char *complete_global(struct wipy_board *board, const char *stem,
	size_t len, int index, char *buf, size_t cap)
{
	static const char import[] = "import ";
	struct py_dict *globals = py_at(board, board->py.globals);
	const struct py_value *pairs = py_dict_pairs(board, globals);
	int found = 0;

	for (uint32_t i = globals->len; i-- > 0;) {
		const struct py_bytes *name = py_at(board, pairs[2 * i]);

		if (name->len < len || memcmp(name->at, stem, len) != 0)
			continue;
		if (found++ == index)
			return wipy_text_copy(buf, cap, name->at, name->len) ? buf
									     : NULL;
	}
	if (found == 0 && index == 0 && len > 0 && len < sizeof(import) &&
		memcmp(import, stem, len) == 0)
		return import;
	return NULL;
}

const char *py_complete(struct wipy_board *board, const char *stem, size_t len,
	int index, char *buf, size_t cap)
{
	struct py_names names = {.at = 0};
	size_t dot = len;

	if (!py_is(board, board->py.globals, PY_DICT))
		return NULL;
	while (dot > 0 && stem[dot - 1] != '.')
		dot--;
	if (dot == 0)
		return complete_global(board, stem, len, index, buf, cap);
	if (!find_value(board, stem, dot - 1, &names.of))
		return NULL;
	stem += dot;
	len -= dot;
	while (py_names_next(board, &names))
		if (names.len >= len && memcmp(names.name, stem, len) == 0 &&
			index-- == 0)
			return wipy_text_copy(buf, cap, names.name, names.len) ? buf
									       : NULL;
	return NULL;
}
