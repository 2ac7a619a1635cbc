/* SPDX-License-Identifier: MIT
 *
 * Blocks: try and finally, and all that leaves them: jumps, return, exceptions.
 *
 * A block on the stack is two numbers: the block around it, and where its handler is.
 * A finally part is entered with a payload and one of enum py_why.
 */
#include "firmware/core/py_code.h"

void py_leave_frame(struct wipy_board *board)
{
	struct py *py = &board->py;
	struct py_value gone = py->frame;

	py->frame = ((struct py_frame *)py_at(board, gone))->back;
	py->depth--;
	py_free(board, gone);
}

bool py_pop_block(struct py_frame *frame)
{
	uint32_t handler;

	frame->sp = (uint16_t)(frame->block - 2);
	handler = (uint32_t)py_number(frame->at[frame->sp + 1]);
	frame->block = (uint16_t)py_number(frame->at[frame->sp]);
	frame->ip = (uint16_t)(handler >> 1);
	return handler & 1;
}

void py_unwind(struct wipy_board *board, struct py_frame *frame, enum py_why why,
	struct py_value what)
{
	uint32_t depth = 0;

	if (why == PY_WHY_JUMP)
		depth = (uint32_t)py_number(what) & 255;
	while (frame->block > frame->locals + depth) {
		if (!py_pop_block(frame))
			continue;
		frame->at[frame->sp++] = what;
		frame->at[frame->sp++] = PY_INT(why);
		return;
	}
	if (why == PY_WHY_JUMP) {
		frame->sp = (uint16_t)(frame->locals + depth);
		frame->ip = (uint16_t)(py_number(what) >> 8);
		return;
	}
	py_leave_frame(board);
	if (py_is_reference(board->py.frame)) {
		frame = py_at(board, board->py.frame);
		frame->at[frame->sp++] = what;
	}
}

void py_propagate(struct wipy_board *board)
{
	struct py *py = &board->py;
	enum py_exception_id type = PY_BASE_EXCEPTION;

	while (py_is_reference(py->frame)) {
		struct py_frame *frame = py_at(board, py->frame);

		py_add_trace(board, frame->code, frame->line, frame->name);
		if (frame->block > 0) {
			bool finally = py_pop_block(frame);

			frame->at[frame->sp++] = py->error;
			if (finally)
				frame->at[frame->sp++] = PY_INT(PY_WHY_ERROR);
			py->error = PY_NO_VALUE;
			return;
		}
		py_forget_import(board, frame);
		py_leave_frame(board);
	}
	(void)py_is_error(board, py->error, &type);
	if (type == PY_SYSTEM_EXIT) {
		py->error = PY_NO_VALUE;
		py->trace_count = 0;
	} else {
		py->failed = true;
	}
}

static bool matches(
	const struct wipy_board *board, enum py_exception_id type, struct py_value with)
{
	if (py_is(board, with, PY_TUPLE)) {
		const struct py_tuple *tuple = py_at(board, with);

		for (size_t i = 0; i < tuple->len; i++)
			if (py_is_immediate(tuple->at[i], PY_EXCEPTION) &&
				matches(board, type, tuple->at[i]))
				return true;
		return false;
	}
	return py_is_immediate(with, PY_EXCEPTION) &&
	       py_exception_is_a(type, (enum py_exception_id)py_index(with));
}

void py_match(const struct wipy_board *board, struct py_frame *frame)
{
	enum py_exception_id type = PY_BASE_EXCEPTION;
	struct py_value *top = &frame->at[frame->sp - 1];

	(void)py_is_error(board, top[-1], &type);
	*top = PY_BOOL(matches(board, type, *top));
}

int py_end_finally(struct wipy_board *board, struct py_frame *frame)
{
	enum py_why why = (enum py_why)py_number(frame->at[--frame->sp]);
	struct py_value what = frame->at[--frame->sp];

	if (why == PY_WHY_ERROR) {
		board->py.error = what;
		return -1;
	}
	if (why != PY_WHY_NOTHING)
		py_unwind(board, frame, why, what);
	return 0;
}

int py_reraise(struct wipy_board *board, struct py_frame *frame, int depth)
{
	enum py_exception_id type;
	struct py_value error = PY_NO_VALUE;

	if (frame->locals + depth < frame->sp)
		error = frame->at[frame->locals + depth];
	if (depth == 255 || !py_is_error(board, error, &type))
		return py_raise(
			board, PY_RUNTIME_ERROR, "No active exception to reraise");
	board->py.error = error;
	return -1;
}

void py_push_block(struct py_frame *frame, int target, bool finally)
{
	frame->at[frame->sp++] = PY_INT(frame->block);
	frame->at[frame->sp++] = PY_INT(target << 1 | finally);
	frame->block = frame->sp;
}
