/* SPDX-License-Identifier: MIT
 *
 * All types and modules, and how the names of either are walked.
 */
#include <string.h>

#include "firmware/core/board.h"
#include "firmware/core/py_native.h"

static const struct py_row no_rows[] = {PY_ROW_END};

static const struct py_type type_object = {.name = "object", .rows = no_rows};
static const struct py_type type_none = {.name = "NoneType", .rows = no_rows};
static const struct py_type type_slice = {.name = "slice", .rows = no_rows};
static const struct py_type type_function = {.name = "function", .rows = no_rows};
static const struct py_type type_bound = {.name = "bound_method", .rows = no_rows};
static const struct py_type type_module = {.name = "module", .rows = no_rows};
static const struct py_type type_iterator = {.name = "iterator", .rows = no_rows};
static const struct py_type type_type = {
	.name = "type",
	.rows = no_rows,
	.make = PY_ROW_FN("type", py_make_type, 1, 1),
};

const struct py_type *const py_types[PY_TYPE_COUNT] = {
	[PY_TYPE_OBJECT] = &type_object,
	[PY_TYPE_TYPE] = &type_type,
	[PY_TYPE_NONE] = &type_none,
	[PY_TYPE_BOOL] = &py_type_bool,
	[PY_TYPE_INT] = &py_type_int,
	[PY_TYPE_STR] = &py_type_str,
	[PY_TYPE_BYTES] = &py_type_bytes,
	[PY_TYPE_TUPLE] = &py_type_tuple,
	[PY_TYPE_LIST] = &py_type_list,
	[PY_TYPE_DICT] = &py_type_dict,
	[PY_TYPE_RANGE] = &py_type_range,
	[PY_TYPE_ITERATOR] = &type_iterator,
	[PY_TYPE_SLICE] = &type_slice,
	[PY_TYPE_FUNCTION] = &type_function,
	[PY_TYPE_BOUND] = &type_bound,
	[PY_TYPE_MODULE] = &type_module,
	[PY_TYPE_PIN] = &py_type_pin,
	[PY_TYPE_WDT] = &py_type_wdt,
	[PY_TYPE_UART] = &py_type_uart,
	[PY_TYPE_WLAN] = &py_type_wlan,
	[PY_TYPE_SERVER] = &py_type_server,
	[PY_TYPE_FILE] = &py_type_file,
	[PY_TYPE_STREAM] = &py_type_stream,
	[PY_TYPE_WALKER] = &py_type_walker,
};

const struct py_module *const py_modules[] = {
	&py_module_gc,
	&py_module_machine,
	&py_module_micropython,
	&py_module_network,
	&py_module_os,
	&py_module_sys,
	&py_module_time,
	&py_module_wipy,
	&py_module_pycom,
	NULL,
};

bool py_has_module(const struct wipy_board *board, const struct py_module *module)
{
	return module != &py_module_pycom ||
	       board->personality->boot == WIPY_BOOT_PYCOM;
}

/* ---- walking names -------------------------------------------------------------- */

/* The table behind a value's attributes. */
static const struct py_row *rows_of(struct wipy_board *board, struct py_value of)
{
	struct py_value type = of;

	if (py_is_immediate(of, PY_MODULE))
		return py_modules[py_index(of)]->rows;
	if (!py_is_immediate(of, PY_TYPE))
		type = py_type_of(board, of);
	if (!py_is_immediate(type, PY_TYPE) || !py_types[py_index(type)]->rows)
		return no_rows;
	return py_types[py_index(type)]->rows;
}

/* wipy: what our own firmware adds stands last. */
bool py_is_hidden(
	const struct wipy_board *board, struct py_value of, const struct py_row *row)
{
	return py_is_immediate(of, PY_MODULE) &&
	       py_modules[py_index(of)] == &py_module_wipy &&
	       row >= &py_module_wipy.rows[PY_WIPY_OWN] &&
	       !board->personality->wipy_trial;
}

bool py_names_next(struct wipy_board *board, struct py_names *names)
{
	if (py_is(board, names->of, PY_NAMESPACE)) {
		struct py_dict *dict = py_at(board, names->of);
		const struct py_value *pair;
		const struct py_bytes *text;

		if (names->at >= dict->len)
			return false;
		pair = py_dict_pairs(board, dict) + 2 * names->at;
		text = py_at(board, pair[0]);
		names->name = text->at;
		names->len = text->len;
		names->v = pair[1];
	} else {
		const struct py_row *row = &rows_of(board, names->of)[names->at];

		if (!row->name || py_is_hidden(board, names->of, row))
			return false;
		names->row = row;
		names->name = row->name;
		names->len = strlen(row->name);
	}
	names->at++;
	return true;
}
