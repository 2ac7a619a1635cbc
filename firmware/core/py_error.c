/* SPDX-License-Identifier: MIT
 *
 * Exceptions: their classes, raising them, and the tracebacks as boards print them. The
 * MemoryError of the machine needs no memory: it is an immediate, and only the last one
 * knows what was asked for.
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/py_code.h"

/* What py_show_error() prints at most, with PY_TRACE + 1 line feeds 1 KiB in all; the
 * message has its part whatever the traceback takes. */
#define TRACE_MAX   750
#define MESSAGE_MAX 256

const struct py_exception py_exceptions[PY_EXCEPTION_COUNT] = {
	[PY_BASE_EXCEPTION] = {"BaseException", PY_BASE_EXCEPTION},
	[PY_SYSTEM_EXIT] = {"SystemExit", PY_BASE_EXCEPTION},
	[PY_KEYBOARD_INTERRUPT] = {"KeyboardInterrupt", PY_BASE_EXCEPTION},
	[PY_AN_EXCEPTION] = {"Exception", PY_BASE_EXCEPTION},
	[PY_ARITHMETIC_ERROR] = {"ArithmeticError", PY_AN_EXCEPTION},
	[PY_OVERFLOW_ERROR] = {"OverflowError", PY_ARITHMETIC_ERROR},
	[PY_ZERO_DIVISION_ERROR] = {"ZeroDivisionError", PY_ARITHMETIC_ERROR},
	[PY_ASSERTION_ERROR] = {"AssertionError", PY_AN_EXCEPTION},
	[PY_ATTRIBUTE_ERROR] = {"AttributeError", PY_AN_EXCEPTION},
	[PY_EOF_ERROR] = {"EOFError", PY_AN_EXCEPTION},
	[PY_IMPORT_ERROR] = {"ImportError", PY_AN_EXCEPTION},
	[PY_LOOKUP_ERROR] = {"LookupError", PY_AN_EXCEPTION},
	[PY_INDEX_ERROR] = {"IndexError", PY_LOOKUP_ERROR},
	[PY_KEY_ERROR] = {"KeyError", PY_LOOKUP_ERROR},
	[PY_MEMORY_ERROR] = {"MemoryError", PY_AN_EXCEPTION},
	[PY_NAME_ERROR] = {"NameError", PY_AN_EXCEPTION},
	[PY_OS_ERROR] = {"OSError", PY_AN_EXCEPTION},
	[PY_RUNTIME_ERROR] = {"RuntimeError", PY_AN_EXCEPTION},
	[PY_NOT_IMPLEMENTED_ERROR] = {"NotImplementedError", PY_RUNTIME_ERROR},
	[PY_STOP_ITERATION] = {"StopIteration", PY_AN_EXCEPTION},
	[PY_SYNTAX_ERROR] = {"SyntaxError", PY_AN_EXCEPTION},
	[PY_INDENTATION_ERROR] = {"IndentationError", PY_SYNTAX_ERROR},
	[PY_TYPE_ERROR] = {"TypeError", PY_AN_EXCEPTION},
	[PY_VALUE_ERROR] = {"ValueError", PY_AN_EXCEPTION},
	[PY_UNICODE_ERROR] = {"UnicodeError", PY_VALUE_ERROR},
};

bool py_exception_is_a(enum py_exception_id type, enum py_exception_id base)
{
	while (type != base && type != PY_BASE_EXCEPTION)
		type = py_exceptions[type].base;
	return type == base;
}

bool py_is_error(const struct wipy_board *board, struct py_value v,
	enum py_exception_id *ret_type)
{
	if (py_is(board, v, PY_ERROR))
		*ret_type = (enum py_exception_id)((struct py_error *)py_at(board, v))
				    ->type;
	else if (py_same(v, PY_NO_MEMORY))
		*ret_type = PY_MEMORY_ERROR;
	else
		return false;
	return true;
}

int py_new_error(struct wipy_board *board, enum py_exception_id type,
	const struct py_value *args, int count, struct py_value *ret_value)
{
	struct py_error *error = py_new(board, PY_ERROR, sizeof(*error));
	struct py_tuple *tuple = NULL;

	if (!error)
		return -ENOMEM;
	error->type = type;
	error->args = PY_NO_VALUE;
	if (count > 0) {
		tuple = py_new_tuple(board, (size_t)count);
		if (!tuple)
			return -ENOMEM;
		memcpy(tuple->at, args, (size_t)count * sizeof(args[0]));
		error->args = py_reference(board, tuple);
	}
	*ret_value = py_reference(board, error);
	return 0;
}

static int raise_args(struct wipy_board *board, enum py_exception_id type,
	const struct py_value *args, int count)
{
	struct py_value error;

	if (py_new_error(board, type, args, count, &error) < 0)
		return -ENOMEM;
	board->py.error = error;
	board->py.syntax = false;
	return -1;
}

int py_raise_value(
	struct wipy_board *board, enum py_exception_id type, struct py_value arg)
{
	return raise_args(board, type, &arg, 1);
}

int py_raise(struct wipy_board *board, enum py_exception_id type, const char *text)
{
	struct py_value arg;

	if (!text)
		return raise_args(board, type, NULL, 0);
	if (py_str(board, text, strlen(text), &arg) < 0)
		return -ENOMEM;
	return py_raise_value(board, type, arg);
}

int py_raise_os(struct wipy_board *board, int error)
{
	return py_raise_value(board, PY_OS_ERROR, PY_INT(error < 0 ? -error : error));
}

int py_raise_depth(struct wipy_board *board)
{
	return py_raise(board, PY_RUNTIME_ERROR, "maximum recursion depth exceeded");
}

int py_raise_operator(struct wipy_board *board)
{
	return py_raise(board, PY_TYPE_ERROR, "unsupported type for operator");
}

void py_raise_memory(struct wipy_board *board)
{
	board->py.error = PY_NO_MEMORY;
	board->py.refused = board->py.asked;
	board->py.syntax = false;
}

int py_raise_object(struct wipy_board *board, struct py_value v)
{
	enum py_exception_id type;

	if (py_is_error(board, v, &type)) {
		board->py.error = v;
		return -1;
	}
	if (py_is_immediate(v, PY_EXCEPTION))
		return raise_args(board, (enum py_exception_id)py_index(v), NULL, 0);
	return py_raise(
		board, PY_TYPE_ERROR, "exceptions must derive from BaseException");
}

int py_raise_syntax(struct wipy_board *board, enum py_exception_id type,
	const char *text, int line, struct py_value code, int name)
{
	struct py *py = &board->py;

	if (py_raise(board, type, text) == -ENOMEM)
		py_raise_memory(board);
	py->trace_of = PY_NO_VALUE;
	py_add_trace(board, code, line, name < 0 ? 0 : name);
	py->syntax = name < 0;
	return -1;
}

void py_add_trace(struct wipy_board *board, struct py_value code, int line, int name)
{
	struct py *py = &board->py;

	if (!py_same(py->trace_of, py->error))
		py->trace_count = 0;
	py->trace_of = py->error;
	if (py->trace_count == PY_TRACE)
		py->trace_count--;
	py->trace[py->trace_count++] = (struct py_trace){
		.code = code, .line = (uint16_t)line, .name = (uint16_t)name};
}

/* ---- showing -------------------------------------------------------------------- */

struct shown {
	struct wipy_board *board;
	size_t left; /* bytes that may still be printed */
};

static void show(struct shown *shown, const char *text, size_t len)
{
	if (len > shown->left)
		len = shown->left;
	shown->left -= len;
	repl_print(shown->board, text, len);
}

static void show_bytes(struct shown *shown, struct py_value v)
{
	const struct py_bytes *bytes = py_at(shown->board, v);

	show(shown, bytes->at, bytes->len);
}

static void show_text(struct shown *shown, const char *text)
{
	show(shown, text, strlen(text));
}

static void show_number(struct shown *shown, int64_t number)
{
	char buf[24];
	struct wipy_text text;

	wipy_text_init(&text, buf, sizeof(buf));
	wipy_text_int(&text, number);
	show(shown, buf, text.len);
}

/* with_block: the function's name, too. */
static void show_trace(
	struct shown *shown, const struct py_trace *trace, bool with_block)
{
	const struct wipy_board *board = shown->board;
	const struct py_code *code = py_at(board, trace->code);

	show_text(shown, "  File \"");
	if (py_is(board, code->file, PY_STR))
		show_bytes(shown, code->file);
	else
		show_text(shown, "<stdin>");
	show_text(shown, "\", line ");
	show_number(shown, trace->line);
	if (with_block) {
		const struct py_cells *consts = py_at(board, code->consts);

		show_text(shown, ", in ");
		if (trace->name == PY_NAME_LAMBDA)
			show_text(shown, "<lambda>");
		else if (trace->name)
			show_bytes(shown, consts->at[trace->name]);
		else
			show_text(shown, "<module>");
	}
	repl_print(shown->board, "\n", 1);
}

/* The one argument by str(), several as a tuple. */
static void show_args(struct shown *shown, const struct py_error *error)
{
	struct wipy_board *board = shown->board;
	const struct py_tuple *args;
	struct py_value text;

	if (!py_is_reference(error->args))
		return;
	args = py_at(board, error->args);
	if (py_to_str(board, args->len == 1 ? args->at[0] : error->args, &text) < 0)
		return;
	show_bytes(shown, text);
}

void py_show_error(struct wipy_board *board)
{
	struct shown shown = {board, TRACE_MAX};
	struct py *py = &board->py;
	enum py_exception_id type;

	if (!py->failed || !py_is_error(board, py->error, &type))
		return;
	py_heap_collect(board);
	py->collected = true;
	if (py->trace_count > 0)
		show_text(&shown, "Traceback (most recent call last):\n");
	while (py->trace_count > 0) {
		py->trace_count--;
		show_trace(&shown, &py->trace[py->trace_count],
			!py->syntax || py->trace_count > 0);
	}
	shown.left += MESSAGE_MAX;
	show_text(&shown, py_exceptions[type].name);
	show_text(&shown, ": ");
	if (py_is(board, py->error, PY_ERROR)) {
		show_args(&shown, py_at(board, py->error));
	} else {
		show_text(&shown, PY_TEXT_NO_MEMORY);
		show_number(&shown, py->refused);
		show_text(&shown, " bytes");
	}
	repl_print(board, "\n", 1);
	py->error = PY_NO_VALUE;
	py->trace_of = PY_NO_VALUE;
	py->syntax = false;
	py->failed = false;
}
