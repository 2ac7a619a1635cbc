/* SPDX-License-Identifier: MIT
 *
 * Statements of the small Python, and the execution of a line: parsed as a whole first,
 * then executed.
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

static int import_one(struct wipy_board *board)
{
	struct py *py = &board->py;
	struct py_token name = py->token;
	struct py_value value = {.type = PY_MODULE};

	if (!py_at_name(py))
		return py_invalid(board);
	if (py->dry == 0) {
		value.module = py_find_module(name.at, name.len);
		if (!value.module)
			return py_raise(board, "ImportError", "module not found");
	}
	if (py_next(board) < 0)
		return -1;
	if (py_at_word(py, "as")) {
		if (py_next(board) < 0)
			return -1;
		name = py->token;
		if (!py_at_name(py))
			return py_invalid(board);
		if (py_next(board) < 0)
			return -1;
	}
	return py->dry > 0 ? 0 : py_set_name(board, name.at, name.len, &value);
}

static int import_names(struct wipy_board *board)
{
	do {
		if (py_next(board) < 0 || import_one(board) < 0)
			return -1;
	} while (py_at_operator(&board->py, ","));
	return 0;
}

static int delete_name(struct wipy_board *board)
{
	struct py *py = &board->py;
	struct py_token name;

	if (py_next(board) < 0)
		return -1;
	name = py->token;
	if (!py_at_name(py))
		return py_invalid(board);
	if (py_next(board) < 0)
		return -1;
	return py->dry > 0 ? 0 : py_del_name(board, name.at, name.len);
}

/* Behind NAME =. `name` is the first target; more may follow. */
static int assign(struct wipy_board *board, const struct py_token *name)
{
	struct py *py = &board->py;
	struct py_token next = py->token;
	struct py_value value;
	int result;

	if (!py_at_binding(board)) {
		result = py_expression(board, &value);
	} else {
		if (py_next(board) < 0 || py_next(board) < 0 || py_descend(board) < 0)
			return -1;
		result = assign(board, &next);
		py->depth--;
		if (result == 0 && py->dry == 0)
			result = py_get_name(board, next.at, next.len, &value);
	}
	if (result < 0 || py->dry > 0)
		return result;
	return py_set_name(board, name->at, name->len, &value);
}

static int show(struct wipy_board *board, const struct py_value *value)
{
	struct py_value text;

	if (value->type == PY_NONE || board->py.dry > 0)
		return 0;
	if (py_repr(board, value, &text) < 0)
		return -1;
	repl_print(board, text.at, text.len);
	repl_print(board, "\n", 1);
	return 0;
}

static int statement(struct wipy_board *board)
{
	struct py *py = &board->py;
	struct py_value value;

	py->depth = 0;
	if (py_at_word(py, "import"))
		return import_names(board);
	if (py_at_word(py, "del"))
		return delete_name(board);
	if (py_at_word(py, "pass"))
		return py_next(board);
	if (py_at_binding(board)) {
		struct py_token name = py->token;

		if (py_next(board) < 0 || py_next(board) < 0)
			return -1;
		return assign(board, &name);
	}
	if (py_expression(board, &value) < 0)
		return -1;
	return show(board, &value);
}

/* All statements of the source, parsed or executed. */
static int run(struct wipy_board *board, bool dry)
{
	struct py *py = &board->py;

	py->at = 0;
	py->line = 1;
	py->brackets = 0;
	py->dry = dry;
	py->temp_len = 0;
	if (py->source_len > 0 && py->source[0] == ' ') {
		py->token.line = 1;
		py_raise(board, "IndentationError", "unexpected indent");
		py->error_in_syntax = true;
		return -1;
	}
	if (py_next(board) < 0)
		return -1;
	while (py->token.type != PY_END) {
		if (py->token.type == PY_NEWLINE) {
			if (py_next(board) < 0)
				return -1;
			continue;
		}
		if (statement(board) < 0)
			return -1;
		if (board->reset_wanted || py->exit_wanted)
			return 0;
		/* what one statement made is not needed by the next; the token read
		 * ahead is an operator or an end, never a text */
		py->temp_len = 0;
		if (py_at_operator(py, ";")) {
			if (py_next(board) < 0)
				return -1;
		} else if (py->token.type != PY_NEWLINE && py->token.type != PY_END) {
			return py_invalid(board);
		}
	}
	return 0;
}

static void traceback(struct wipy_board *board)
{
	struct py *py = &board->py;
	char head[96];
	struct wipy_text text;

	wipy_text_init(&text, head, sizeof(head));
	wipy_text_str(&text, "Traceback (most recent call last):\n"
			     "  File \"<stdin>\", line ");
	wipy_text_int(&text, py->error_line);
	wipy_text_str(&text, py->error_in_syntax ? "\n" : ", in <module>\n");
	repl_print(board, head, text.len);
	repl_print(board, py->error, strlen(py->error));
	repl_print(board, ": ", 2);
	repl_print(board, py->error_text, py->error_text_len);
	repl_print(board, "\n", 1);
}

void py_execute(struct wipy_board *board, const char *source, size_t len)
{
	struct py *py = &board->py;

	py->source = source;
	py->source_len = len;
	py->error = NULL;
	py->exit_wanted = false;
	if (run(board, true) < 0 || run(board, false) < 0)
		traceback(board);
	py->source = NULL;
	py->source_len = 0;
}
