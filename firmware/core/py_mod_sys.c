/* SPDX-License-Identifier: MIT
 *
 * sys, gc, micropython.
 */
#include <string.h>

#include "firmware/core/board.h"
#include "firmware/core/py_native.h"

/* ---- sys ------------------------------------------------------------------------ */

static int sys_exit(PY_NATIVE_ARGS)
{
	(void)ret_value;
	if (call->count > 0)
		return py_raise_value(board, PY_SYSTEM_EXIT, call->args[0]);
	return py_raise(board, PY_SYSTEM_EXIT, NULL);
}

/* The numbers in a tag: v1.8.7-12-gabc is (1, 8, 7). */
static int version_of(struct wipy_board *board, struct py_value *ret_value)
{
	const char *at = board->fingerprint.tag;
	struct py_tuple *tuple = py_new_tuple(board, 3);

	if (!tuple)
		return -ENOMEM;
	at += *at == 'v';
	for (int i = 0; i < 3; i++) {
		int32_t number = 0;

		while (*at >= '0' && *at <= '9' && number < 10000)
			number = number * 10 + (*at++ - '0');
		at += *at == '.';
		tuple->at[i] = PY_INT(number);
	}
	*ret_value = py_reference(board, tuple);
	return 0;
}

static int sys_implementation(struct wipy_board *board, struct py_value *ret_value)
{
	static const char name[] = "micropython";
	struct py_tuple *tuple = py_new_tuple(board, 2);
	int r;

	if (!tuple)
		return -ENOMEM;
	tuple->fields = PY_FIELDS_IMPLEMENTATION;
	*ret_value = py_reference(board, tuple);
	r = py_str(board, name, sizeof(name) - 1, &tuple->at[0]);
	return r < 0 ? r : version_of(board, &tuple->at[1]);
}

static int sys_platform(struct wipy_board *board, struct py_value *ret_value)
{
	const char *name = board->personality->sysname;

	return py_str(board, name, strlen(name), ret_value);
}

int py_sys_path(struct wipy_board *board, struct py_value *ret_value)
{
	static const char *const places[] = {"", "/flash", "/flash/lib"};
	struct py_value *kept = &board->py.state[PY_STATE_PATH];
	struct py_list *list;

	if (!kept->bits) {
		list = py_new_list(board, 3);
		if (!list)
			return -ENOMEM;
		for (int i = 0; i < 3; i++) {
			struct py_value v;
			int r = py_str(board, places[i], strlen(places[i]), &v);

			if (r == 0)
				r = py_append(board, list, v);
			if (r < 0)
				return r;
		}
		*kept = py_reference(board, list);
	}
	*ret_value = *kept;
	return 0;
}

static int sys_argv(struct wipy_board *board, struct py_value *ret_value)
{
	struct py_list *list = py_new_list(board, 0);

	if (!list)
		return -ENOMEM;
	*ret_value = py_reference(board, list);
	return 0;
}

static int new_stream(struct wipy_board *board, struct py_value *ret_value)
{
	struct py_object *stream = py_new_object(board, PY_TYPE_STREAM, 0);

	if (!stream)
		return -ENOMEM;
	*ret_value = py_reference(board, stream);
	return 0;
}

/* Returns bytes, as on the boards: '\xff' in a str is two. */
static int stream_write(PY_NATIVE_ARGS)
{
	const char *text;
	size_t len;
	int r = py_get_text(board, call->args[1], &text, &len);

	if (r < 0)
		return r;
	*ret_value = PY_INT((int32_t)len);
	py_print(board, call->args[1], false);
	return 0;
}

static const struct py_row stream_rows[] = {
	PY_ROW_FN("write", stream_write, 2, 2),
	PY_ROW_END,
};

const struct py_type py_type_stream = {.name = "stdio_obj", .rows = stream_rows};

static const struct py_row sys_rows[] = {
	PY_ROW_STR("__name__", "sys"),
	PY_ROW_GET("path", py_sys_path),
	PY_ROW_GET("argv", sys_argv),
	PY_ROW_STR("version", "3.4.0"),
	PY_ROW_GET("implementation", sys_implementation),
	PY_ROW_GET("platform", sys_platform),
	PY_ROW_STR("byteorder", "little"),
	PY_ROW_INT("maxsize", PY_INT_MAX),
	PY_ROW_FN("exit", sys_exit, 0, 1),
	PY_ROW_GET("stdout", new_stream),
	PY_ROW_GET("stderr", new_stream),
	PY_ROW_END,
};

const struct py_module py_module_sys = {"sys", sys_rows};

/* ---- gc --------------------------------------------------------------------------- */

/* Collected once this has returned. */
static int gc_collect(PY_NATIVE_ARGS)
{
	(void)call;
	*ret_value = PY_INT(0);
	board->py.collect = true;
	return 0;
}

static int gc_mem_free(PY_NATIVE_ARGS)
{
	(void)call;
	return py_int(board, py_heap_free(board), ret_value);
}

static int gc_mem_alloc(PY_NATIVE_ARGS)
{
	(void)call;
	return py_int(board, (int64_t)board->py.len - py_heap_free(board), ret_value);
}

static int do_nothing(PY_NATIVE_ARGS)
{
	(void)board;
	(void)call;
	(void)ret_value;
	return 0;
}

static int gc_isenabled(PY_NATIVE_ARGS)
{
	(void)board;
	(void)call;
	*ret_value = PY_TRUE;
	return 0;
}

static const struct py_row gc_rows[] = {
	PY_ROW_STR("__name__", "gc"),
	PY_ROW_FN("collect", gc_collect, 0, 0),
	/* it cannot be switched off: the memory is too small for that */
	PY_ROW_FN("disable", do_nothing, 0, 0),
	PY_ROW_FN("enable", do_nothing, 0, 0),
	PY_ROW_FN("isenabled", gc_isenabled, 0, 0),
	PY_ROW_FN("mem_free", gc_mem_free, 0, 0),
	PY_ROW_FN("mem_alloc", gc_mem_alloc, 0, 0),
	PY_ROW_END,
};

const struct py_module py_module_gc = {"gc", gc_rows};

/* ---- micropython -------------------------------------------------------------------- */

static int micropython_const(PY_NATIVE_ARGS)
{
	(void)board;
	*ret_value = call->args[0];
	return 0;
}

static int micropython_mem_info(PY_NATIVE_ARGS)
{
	struct py_sink sink = {NULL, 0};
	int32_t len = (int32_t)board->py.len;
	int32_t left = (int32_t)py_heap_free(board);
	int r = 0;

	(void)call;
	(void)ret_value;
	for (int pass = 0; pass < 2 && r == 0; pass++) {
		if (pass > 0)
			r = py_sink_begin(board, &sink, PY_STR);
		if (r < 0)
			return r;
		py_put(&sink, "GC: total: ");
		py_put_int(&sink, len);
		py_put(&sink, ", used: ");
		py_put_int(&sink, len - left);
		py_put(&sink, ", free: ");
		py_put_int(&sink, left);
		py_put_char(&sink, '\n');
	}
	py_print(board, py_sink_end(board, &sink), false);
	return 0;
}

static const struct py_row micropython_rows[] = {
	PY_ROW_STR("__name__", "micropython"),
	PY_ROW_FN("const", micropython_const, 1, 1),
	PY_ROW_FN("mem_info", micropython_mem_info, 0, 1),
	PY_ROW_END,
};

const struct py_module py_module_micropython = {"micropython", micropython_rows};
