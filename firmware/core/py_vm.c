/* SPDX-License-Identifier: MIT
 *
 * The machine: one instruction at a time on frames in the heap, so that a program can
 * stop and go on anywhere. An instruction that finds no memory has changed nothing, but
 * for iterators, which are set back; it is done again after a collection.
 */
#include <string.h>

#include "firmware/core/py_code.h"

static struct py_value const_at(
	const struct wipy_board *board, const struct py_frame *frame, int index)
{
	const struct py_code *code = py_at(board, frame->code);
	const struct py_cells *consts = py_at(board, code->consts);

	return consts->at[index];
}

/* ---- names ----------------------------------------------------------------------------- */

struct py_value py_globals(const struct wipy_board *board)
{
	const struct py_frame *frame = py_at(board, board->py.frame);

	return ((const struct py_code *)py_at(board, frame->code))->globals;
}

static int load_name(struct wipy_board *board, struct py_dict *globals,
	struct py_value name, struct py_value *ret_value)
{
	const struct py_bytes *text = py_at(board, name);
	const struct py_value *pair =
		py_dict_find_text(board, globals, text->at, text->len);
	const struct py_row *row;

	if (pair) {
		*ret_value = pair[1];
		return 0;
	}
	row = py_find_row(py_builtins, text->at, text->len);
	if (!row)
		return py_raise(board, PY_NAME_ERROR, "name not defined");
	return py_row_value(board, 0, py_builtins, row, ret_value);
}

static int delete_name(
	struct wipy_board *board, struct py_dict *globals, struct py_value name)
{
	struct py_value *pair = py_dict_find(board, globals, name);

	if (!pair)
		return py_raise_value(board, PY_KEY_ERROR, name);
	py_dict_remove(board, globals, pair);
	return 0;
}

static int unbound(struct wipy_board *board)
{
	return py_raise(
		board, PY_NAME_ERROR, "local variable referenced before assignment");
}

/* ---- single instructions that need more than a line ---------------------------------------- */

static int make_tuple(struct wipy_board *board, struct py_frame *frame, int count)
{
	struct py_tuple *tuple = py_new_tuple(board, (size_t)count);

	if (!tuple)
		return -ENOMEM;
	frame->sp = (uint16_t)(frame->sp - count);
	memcpy(tuple->at, &frame->at[frame->sp], (size_t)count * sizeof(tuple->at[0]));
	frame->at[frame->sp++] = py_reference(board, tuple);
	return 0;
}

static int make_slice(struct wipy_board *board, struct py_frame *frame)
{
	struct py_slice *slice = py_new(board, PY_SLICE_OBJECT, sizeof(*slice));

	if (!slice)
		return -ENOMEM;
	frame->sp = (uint16_t)(frame->sp - 3);
	memcpy(&slice->start, &frame->at[frame->sp], 3 * sizeof(slice->start));
	frame->at[frame->sp++] = py_reference(board, slice);
	return 0;
}

static int unpack(struct wipy_board *board, struct py_frame *frame, int count)
{
	struct py_value *to = &frame->at[frame->sp - 1];
	struct py_value v = *to;
	struct py_value iterator, item;
	int r = py_iter(board, v, &iterator);

	for (int i = 0; r == 0 && i < count; i++) {
		r = py_next(board, iterator, &item);
		if (r == 0)
			to[count - 1 - i] = item;
	}
	/* there must not be one more */
	if (r == 0 && (r = py_next(board, iterator, &item)) >= 0)
		r = !r;
	if (r > 0)
		r = py_raise(board, PY_VALUE_ERROR, "wrong number of values to unpack");
	if (r < 0)
		*to = v; /* for the next try */
	else
		frame->sp = (uint16_t)(frame->sp - 1 + count);
	return r;
}

static int make_function(
	struct wipy_board *board, struct py_frame *frame, bool defaults, int len)
{
	struct py_function *function = py_new(board, PY_FUNCTION, sizeof(*function));

	if (!function)
		return -ENOMEM;
	function->code = frame->code;
	function->entry = frame->ip;
	function->defaults = PY_NO_VALUE;
	if (defaults)
		function->defaults = frame->at[--frame->sp];
	frame->at[frame->sp++] = py_reference(board, function);
	frame->ip = (uint16_t)(frame->ip + len);
	return 0;
}

static int show(struct wipy_board *board, struct py_frame *frame)
{
	struct py_value text;
	int r;

	if (!py_is_none(frame->at[frame->sp - 1])) {
		r = py_to_repr(board, frame->at[frame->sp - 1], &text);
		if (r < 0)
			return r;
		py_print(board, text, true);
	}
	frame->sp--;
	return 0;
}

/* ---- groups of instructions; each returns 0, -1, -ENOMEM, or 1: not of this group ----------- */

static int do_names(
	struct wipy_board *board, struct py_frame *frame, enum py_op op, int n)
{
	struct py_value *top = &frame->at[frame->sp - 1];
	struct py_dict *globals = py_at(board, py_globals(board));
	struct py_value v = PY_NONE;
	int r = 0;

	switch ((int)op) {
	case PY_OP_LOAD_NAME:
		r = load_name(board, globals, const_at(board, frame, n), &v);
		break;
	case PY_OP_LOAD_LOCAL:
		v = frame->at[n];
		if (!v.bits)
			return unbound(board);
		break;
	case PY_OP_STORE_NAME:
		r = py_dict_set(board, globals, const_at(board, frame, n), *top);
		frame->sp = (uint16_t)(frame->sp - (r == 0));
		return r;
	case PY_OP_STORE_LOCAL:
		frame->at[n] = *top;
		frame->sp--;
		return 0;
	case PY_OP_DELETE_NAME:
		return delete_name(board, globals, const_at(board, frame, n));
	case PY_OP_DELETE_LOCAL:
		if (!frame->at[n].bits)
			return unbound(board);
		frame->at[n] = PY_NO_VALUE;
		return 0;
	case PY_OP_IMPORT:
		r = py_import(board, const_at(board, frame, n), &v);
		if (!v.bits)
			return r;
		break;
	case PY_OP_IMPORT_FROM:
		r = py_import_from(
			board, *top, py_at(board, const_at(board, frame, n)), &v);
		break;
	case PY_OP_IMPORT_ALL:
		r = py_import_all(board, *top, globals);
		frame->sp = (uint16_t)(frame->sp - (r == 0));
		return r;
	default:
		return 1;
	}
	if (r == 0)
		frame->at[frame->sp++] = v;
	return r;
}

static int do_objects(
	struct wipy_board *board, struct py_frame *frame, enum py_op op, int n)
{
	struct py_value *top = &frame->at[frame->sp - 1];
	const struct py_bytes *name;
	struct py_value v = PY_NONE;
	int pops = 1;
	int r;

	switch ((int)op) {
	case PY_OP_LOAD_ATTR:
		name = py_at(board, const_at(board, frame, n));
		r = py_get_attribute(board, *top, name->at, name->len, &v);
		break;
	case PY_OP_STORE_ATTR:
		v = *top;
		r = py_set_attribute(board, top[-1], const_at(board, frame, n), v);
		pops = 2;
		break;
	case PY_OP_LOAD_ITEM:
		r = py_get_item(board, top[-1], *top, &v);
		pops = 2;
		break;
	case PY_OP_STORE_ITEM:
		v = *top;
		r = py_set_item(board, top[-2], top[-1], v);
		pops = 3;
		break;
	case PY_OP_DELETE_ITEM:
		r = py_delete_item(board, top[-1], *top);
		if (r == 0)
			frame->sp = (uint16_t)(frame->sp - 2);
		return r;
	case PY_OP_BINARY:
		r = py_binary(board, (enum py_binary)n, top[-1], *top, &v);
		pops = 2;
		break;
	case PY_OP_UNARY:
		r = py_unary(board, (enum py_unary)n, *top, &v);
		break;
	case PY_OP_ITER:
		r = py_iter(board, *top, &v);
		break;
	default:
		return 1;
	}
	if (r < 0)
		return r;
	frame->sp = (uint16_t)(frame->sp - pops);
	frame->at[frame->sp++] = v;
	return 0;
}

static int do_displays(
	struct wipy_board *board, struct py_frame *frame, enum py_op op, int n)
{
	struct py_value *top = &frame->at[frame->sp - 1];
	void *object;
	int r;

	switch ((int)op) {
	case PY_OP_TUPLE:
		return make_tuple(board, frame, n);
	case PY_OP_LIST:
	case PY_OP_DICT:
		object = op == PY_OP_LIST ? (void *)py_new_list(board, 0)
					  : (void *)py_new_dict(board, 0);
		if (!object)
			return -ENOMEM;
		frame->at[frame->sp++] = py_reference(board, object);
		return 0;
	case PY_OP_LIST_ADD:
		r = py_append(board, py_at(board, top[-1 - n]), *top);
		frame->sp = (uint16_t)(frame->sp - (r == 0));
		return r;
	case PY_OP_DICT_ADD:
		r = py_dict_set(board, py_at(board, top[-2]), top[-1], *top);
		frame->sp = (uint16_t)(frame->sp - (r == 0 ? 2 : 0));
		return r;
	case PY_OP_SLICE:
		return make_slice(board, frame);
	case PY_OP_UNPACK:
		return unpack(board, frame, n);
	case PY_OP_SHOW:
		return show(board, frame);
	default:
		return 1;
	}
}

static int do_for(struct wipy_board *board, struct py_frame *frame, int target)
{
	struct py_value v;
	int r = py_next(board, frame->at[frame->sp - 1], &v);

	if (r == 0) {
		frame->at[frame->sp++] = v;
	} else if (r > 0) {
		frame->sp--;
		frame->ip = (uint16_t)target;
		r = 0;
	}
	return r;
}

static int do_flow(struct wipy_board *board, struct py_frame *frame, enum py_op op,
	int n, const uint8_t *operands)
{
	struct py_value *top = &frame->at[frame->sp - 1];
	int target = frame->ip + (int16_t)n;
	bool truth;

	switch ((int)op) {
	case PY_OP_JUMP:
		frame->ip = (uint16_t)target;
		return 0;
	case PY_OP_JUMP_FALSE:
	case PY_OP_JUMP_TRUE:
		frame->sp--;
		if (py_truth(board, *top) == (op == PY_OP_JUMP_TRUE))
			frame->ip = (uint16_t)target;
		return 0;
	case PY_OP_FALSE_OR_POP:
	case PY_OP_TRUE_OR_POP:
		truth = py_truth(board, *top) == (op == PY_OP_TRUE_OR_POP);
		if (truth)
			frame->ip = (uint16_t)target;
		else
			frame->sp--;
		return 0;
	case PY_OP_FOR:
		return do_for(board, frame, target);
	case PY_OP_TRY:
	case PY_OP_TRY_FINALLY:
		py_push_block(frame, target, op == PY_OP_TRY_FINALLY);
		return 0;
	case PY_OP_POP_BLOCK: {
		uint16_t ip = frame->ip;

		(void)py_pop_block(frame);
		frame->ip = ip;
		return 0;
	}
	case PY_OP_UNWIND:
		/* its jump counts from before the depth */
		py_unwind(board, frame, PY_WHY_JUMP,
			PY_INT((target - 1) << 8 | operands[2]));
		return 0;
	case PY_OP_RETURN:
		py_unwind(board, frame, PY_WHY_RETURN, *top);
		return 0;
	default:
		return 1;
	}
}

static int do_rest(struct wipy_board *board, struct py_frame *frame, enum py_op op,
	int n, const uint8_t *operands)
{
	struct py_value *top = &frame->at[frame->sp];
	struct py_value v;

	switch ((int)op) {
	case PY_OP_LINE:
		frame->line = (uint16_t)n;
		return 0;
	case PY_OP_LOAD_MODULE:
		*top = py_globals(board);
		break;
	case PY_OP_LOAD_NONE:
	case PY_OP_LOAD_TRUE:
	case PY_OP_LOAD_FALSE:
		*top = op == PY_OP_LOAD_NONE ? PY_NONE : PY_BOOL(op == PY_OP_LOAD_TRUE);
		break;
	case PY_OP_LOAD_INT:
		*top = PY_INT((int8_t)n);
		break;
	case PY_OP_LOAD_CONST:
		*top = const_at(board, frame, n);
		break;
	case PY_OP_DUP:
		*top = top[-1];
		break;
	case PY_OP_DUP2:
		top[0] = top[-2];
		top[1] = top[-1];
		frame->sp++;
		break;
	case PY_OP_POP:
		frame->sp--;
		return 0;
	case PY_OP_ROT2:
	case PY_OP_ROT3:
		v = top[-1];
		top[-1] = top[-2];
		if (op == PY_OP_ROT3)
			top[-2] = top[-3];
		top[op == PY_OP_ROT3 ? -3 : -2] = v;
		return 0;
	case PY_OP_CALL:
		return py_call(board, frame, operands[0], operands[1]);
	case PY_OP_FUNCTION:
		return make_function(board, frame, operands[0], py_u16(operands + 1));
	case PY_OP_END_FINALLY:
		return py_end_finally(board, frame);
	case PY_OP_MATCH:
		py_match(board, frame);
		return 0;
	case PY_OP_RAISE:
		return py_raise_object(board, top[-1]);
	case PY_OP_RERAISE:
		return py_reraise(board, frame, n);
	default:
		/* the compiler's mistake, or the heap's: no program can write one */
		return py_raise(board, PY_RUNTIME_ERROR, "unknown instruction");
	}
	frame->sp++;
	return 0;
}

static int dispatch(struct wipy_board *board, struct py_frame *frame)
{
	const struct py_code *code = py_at(board, frame->code);
	const uint8_t *operands = code->at + frame->ip + 1;
	enum py_op op = (enum py_op)code->at[frame->ip];
	int size = py_op_operands[op];
	int n = size >= 2 ? py_u16(operands) : size == 1 ? operands[0] : 0;
	int r;

	frame->ip_before = frame->ip;
	frame->ip = (uint16_t)(frame->ip + 1 + size);
	r = do_names(board, frame, op, n);
	if (r == 1)
		r = do_objects(board, frame, op, n);
	if (r == 1)
		r = do_flow(board, frame, op, n, operands);
	if (r == 1)
		r = do_displays(board, frame, op, n);
	if (r == 1)
		r = do_rest(board, frame, op, n, operands);
	return r;
}

/* ---- one instruction, tried twice ------------------------------------------------------- */

void py_moves(struct wipy_board *board, const void *word)
{
	struct py *py = &board->py;
	uint32_t place = py_reference(board, word).bits;

	for (int i = 0; i < py->moved_count; i++)
		if (py->moved[i].place == place)
			return;
	/* no more than PY_MOVED_MAX may be nested: see new_walker() */
	if (py->moved_count == PY_MOVED_MAX)
		return;
	py->moved[py->moved_count++] =
		(struct py_moved){place, *(const uint32_t *)word};
}

static void set_back(struct wipy_board *board)
{
	struct py *py = &board->py;

	for (int i = 0; i < py->moved_count; i++) {
		struct py_value at = {py->moved[i].place};

		*(uint32_t *)py_at(board, at) = py->moved[i].was;
	}
	py->moved_count = 0;
}

/* The instruction has compared too much to be right. It is done, so there is no second
 * try, but the collector may run. */
static int fail_late(struct wipy_board *board)
{
	py_heap_collect(board);
	board->py.collected = true;
	board->py.compared = 0;
	if (py_raise_depth(board) == -ENOMEM)
		py_raise_memory(board);
	return -1;
}

void py_execute(struct wipy_board *board)
{
	struct py *py = &board->py;
	struct py_frame *frame = py_at(board, py->frame);
	int r;

	py->collected = false;
	py->moved_count = 0;
	for (;;) {
		py->compared = 0;
		if (py->interrupted)
			r = py_raise(board, PY_KEYBOARD_INTERRUPT, NULL);
		else
			r = dispatch(board, frame);
		if (r != -ENOMEM && py->compared > PY_COMPARED_MAX)
			r = fail_late(board);
		if (r != -ENOMEM && r != -EAGAIN)
			break;
		set_back(board);
		if (!py->interrupted)
			frame->ip = frame->ip_before;
		/* a native has not come to its end: the others have their turn */
		if (r == -EAGAIN) {
			py->pause = true;
			return;
		}
		if (py->collected) {
			py_raise_memory(board);
			r = -1;
			break;
		}
		py_heap_collect(board);
		py->collected = true;
	}
	py->interrupted = false;
	if (r < 0)
		py_propagate(board);
}
