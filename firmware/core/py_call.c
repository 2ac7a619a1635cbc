/* SPDX-License-Identifier: MIT
 *
 * Calls: functions in C, functions of programs, types, exceptions.
 */
#include <string.h>

#include "firmware/core/py_code.h"

#define FRAME_BYTES 256 /* of the arena for each level of calls that is allowed */

static int mismatch(struct wipy_board *board)
{
	return py_raise(board, PY_TYPE_ERROR, "argument num/types mismatch");
}

bool py_argument(const struct wipy_board *board, const struct py_call *call, int index,
	const char *name, struct py_value *ret_value)
{
	if (index >= 0 && index < call->count) {
		*ret_value = call->args[index];
		return true;
	}
	for (int i = 0; name && i < call->named_count; i++) {
		const struct py_bytes *given = py_at(board, call->named[i * 2]);

		if (given->len == strlen(name) &&
			memcmp(given->at, name, given->len) == 0) {
			*ret_value = call->named[i * 2 + 1];
			return true;
		}
	}
	return false;
}

/* Whether a word is in a list with blanks between; "*" has all. */
static bool is_word(const char *words, const char *word, size_t len)
{
	if (words && strcmp(words, "*") == 0)
		return true;
	while (words && *words) {
		size_t n = strcspn(words, " ");

		if (n == len && memcmp(words, word, n) == 0)
			return true;
		words += n + (words[n] == ' ');
	}
	return false;
}

static int call_row(struct wipy_board *board, const struct py_row *row,
	const struct py_call *call, struct py_value *ret_value)
{
	if (!row || row->kind != PY_ROW_NATIVE || !row->is.call)
		return py_raise(board, PY_TYPE_ERROR, "object not callable");
	if (call->count < row->min || (row->max != PY_ANY && call->count > row->max))
		return mismatch(board);
	for (int i = 0; i < call->named_count; i++) {
		const struct py_bytes *name = py_at(board, call->named[i * 2]);

		if (!is_word(row->keywords, name->at, name->len))
			return py_raise(board, PY_TYPE_ERROR,
				row->keywords
					? "unexpected keyword argument"
					: "function does not take keyword arguments");
	}
	*ret_value = PY_NONE;
	return row->is.call(board, call, ret_value);
}

static int call_type(struct wipy_board *board, struct py_value type,
	const struct py_call *call, struct py_value *ret_value)
{
	const struct py_type *of = py_types[py_index(type)];

	if (!of || !of->make.is.call)
		return py_raise(board, PY_TYPE_ERROR, "cannot create instances");
	return call_row(board, &of->make, call, ret_value);
}

static int call_object(struct wipy_board *board, struct py_value self,
	const struct py_call *call, struct py_value *ret_value)
{
	const struct py_type *type = NULL;

	if (py_is(board, self, PY_OBJECT))
		type = py_types[((struct py_object *)py_at(board, self))->type];
	if (!type || !type->call)
		return py_raise(board, PY_TYPE_ERROR, "object not callable");
	*ret_value = PY_NONE;
	return type->call(board, self, call, ret_value);
}

/* ---- functions of programs ---------------------------------------------------------- */

static struct py_frame *new_frame(
	struct wipy_board *board, struct py_value code, size_t locals, size_t stack)
{
	struct py *py = &board->py;
	size_t size = locals + stack + 1;
	struct py_frame *frame =
		py_new(board, PY_FRAME, sizeof(*frame) + size * sizeof(frame->at[0]));

	if (!frame)
		return NULL;
	frame->back = py->frame;
	frame->code = code;
	frame->ip = 0;
	frame->ip_before = 0;
	frame->locals = (uint16_t)locals;
	frame->sp = (uint16_t)locals;
	frame->size = (uint16_t)size;
	frame->block = 0;
	frame->line = 0;
	frame->name = 0;
	memset(frame->at, 0, locals * sizeof(frame->at[0]));
	return frame;
}

static int check_depth(struct wipy_board *board)
{
	if (board->py.depth < board->py.len / FRAME_BYTES)
		return 0;
	return py_raise_depth(board);
}

static void enter_frame(struct wipy_board *board, const struct py_frame *frame)
{
	board->py.frame = py_reference(board, frame);
	board->py.depth++;
}

int py_enter(struct wipy_board *board, struct py_value code)
{
	const struct py_code *unit = py_at(board, code);
	struct py_frame *frame;
	int r = check_depth(board);

	if (r < 0)
		return r;
	frame = new_frame(board, code, 0, unit->stack);
	if (!frame)
		return -ENOMEM;
	enter_frame(board, frame);
	return 0;
}

/* Named arguments to their parameters. */
static int bind_named(struct wipy_board *board, const struct py_code *code,
	const uint8_t *entry, const struct py_call *call, struct py_frame *frame)
{
	const struct py_cells *consts = py_at(board, code->consts);

	for (int i = 0; i < call->named_count; i++) {
		int at = 0;

		while (at < entry[PY_ENTRY_PARAMS] &&
			!py_equal(board,
				consts->at[py_u16(entry + PY_ENTRY_NAMES + at * 2)],
				call->named[i * 2]))
			at++;
		if (at == entry[PY_ENTRY_PARAMS])
			return py_raise(
				board, PY_TYPE_ERROR, "unexpected keyword argument");
		if (py_is_reference(frame->at[at]) || frame->at[at].bits)
			return py_raise(board, PY_TYPE_ERROR,
				"function got multiple values for argument");
		frame->at[at] = call->named[i * 2 + 1];
	}
	return 0;
}

static int bind_arguments(struct wipy_board *board, const struct py_function *function,
	const struct py_code *code, const struct py_call *call, struct py_frame *frame)
{
	const uint8_t *entry = code->at + function->entry;
	int params = entry[PY_ENTRY_PARAMS];
	int given = call->count < params ? call->count : params;
	const struct py_tuple *defaults = NULL;
	struct py_tuple *rest;
	int r;

	if (call->count > params && !entry[PY_ENTRY_STAR])
		return mismatch(board);
	memcpy(frame->at, call->args, (size_t)given * sizeof(frame->at[0]));
	if (entry[PY_ENTRY_STAR]) {
		rest = py_new_tuple(board, (size_t)(call->count - given));
		if (!rest)
			return -ENOMEM;
		memcpy(rest->at, call->args + given,
			(size_t)(call->count - given) * sizeof(rest->at[0]));
		frame->at[params] = py_reference(board, rest);
	}
	r = bind_named(board, code, entry, call, frame);
	if (r < 0)
		return r;
	if (py_is_reference(function->defaults))
		defaults = py_at(board, function->defaults);
	for (int i = 0; i < params; i++) {
		int from = defaults ? i - (params - defaults->len) : -1;

		if (frame->at[i].bits)
			continue;
		if (from < 0)
			return mismatch(board);
		frame->at[i] = defaults->at[from];
	}
	return 0;
}

/* Its result comes with RETURN. */
static int call_function(struct wipy_board *board, const struct py_function *function,
	const struct py_call *call)
{
	const struct py_code *code = py_at(board, function->code);
	const uint8_t *entry = code->at + function->entry;
	struct py_frame *frame;
	int r = check_depth(board);

	if (r < 0)
		return r;
	frame = new_frame(board, function->code, entry[PY_ENTRY_LOCALS],
		py_u16(entry + PY_ENTRY_STACK));
	if (!frame)
		return -ENOMEM;
	r = bind_arguments(board, function, code, call, frame);
	if (r < 0)
		return r;
	frame->ip = (uint16_t)(function->entry + PY_ENTRY_NAMES +
			       entry[PY_ENTRY_PARAMS] * 2U);
	frame->name = py_u16(entry + PY_ENTRY_NAME);
	enter_frame(board, frame);
	return 1;
}

/* A method that is reached through its type, str.upper(x), must get a self of it. */
static bool self_fits(struct wipy_board *board, struct py_value native,
	const struct py_row *row, const struct py_call *call)
{
	uint32_t table = py_index(native) >> 8;

	if (table < PY_TABLE_TYPES || row->is.call == py_int_from_bytes)
		return true;
	return call->count > 0 &&
	       py_same(py_type_of(board, call->args[0]),
		       PY_IMMEDIATE(PY_TYPE, table - PY_TABLE_TYPES));
}

static int call_native(struct wipy_board *board, struct py_value native,
	const struct py_call *call, struct py_value *ret_value)
{
	const struct py_row *row = py_row(native);

	return self_fits(board, native, row, call)
		       ? call_row(board, row, call, ret_value)
		       : mismatch(board);
}

/* The stack: callee, arguments, names and values. It is left as it is on failure. With 1
 * a frame has been entered, the stack popped; with 0 the result is pushed. */
int py_call(struct wipy_board *board, struct py_frame *frame, int positional, int named)
{
	int base = frame->sp - positional - named * 2 - 1;
	struct py_value callee = frame->at[base];
	struct py_value result = PY_NONE;
	struct py_call call = {.args = &frame->at[base + 1],
		.count = positional,
		.named = &frame->at[base + 1 + positional],
		.named_count = named};
	int r;

	if (py_is_immediate(callee, PY_NATIVE)) {
		r = call_native(board, callee, &call, &result);
	} else if (py_is(board, callee, PY_BOUND)) {
		const struct py_bound *bound = py_at(board, callee);

		frame->at[base] = bound->self;
		call.args--;
		call.count++;
		r = call_row(board, py_row(bound->function), &call, &result);
		frame->at[base] = callee;
	} else if (py_is(board, callee, PY_FUNCTION)) {
		r = call_function(board, py_at(board, callee), &call);
	} else if (py_is_immediate(callee, PY_EXCEPTION)) {
		r = named ? mismatch(board)
			  : py_new_error(board, (enum py_exception_id)py_index(callee),
				    call.args, call.count, &result);
	} else if (py_is_immediate(callee, PY_TYPE)) {
		r = call_type(board, callee, &call, &result);
	} else {
		r = call_object(board, callee, &call, &result);
	}
	if (r < 0)
		return r;
	frame->sp = (uint16_t)base;
	if (r == 0)
		frame->at[frame->sp++] = result;
	return 0;
}
