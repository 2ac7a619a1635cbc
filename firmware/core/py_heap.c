/* SPDX-License-Identifier: MIT
 *
 * The interpreter's heap: objects side by side in the arena, in blocks of 8 bytes, each
 * with its length in front; a collector that marks and sweeps and moves nothing. What
 * lies above `top` was never touched or has been given back.
 */
#include <string.h>

#include "firmware/core/py_code.h"

#define BLOCK      8
#define HEAP_MAX   (65535 * BLOCK)
#define PAGE       4096
#define FRESH      1024 /* bytes since the last collection that make a page worth one */
#define MARK_STACK 24

enum { WHITE, GREY, BLACK };

static void *place(const struct wipy_board *board, uint32_t at)
{
	return (char *)board->settings.arena + at;
}

struct py_head *py_head(const struct wipy_board *board, struct py_value v)
{
	return py_is_reference(v) ? place(board, v.bits) : NULL;
}

bool py_is(const struct wipy_board *board, struct py_value v, enum py_kind kind)
{
	const struct py_head *head = py_head(board, v);

	return head && head->kind == kind;
}

void *py_at(const struct wipy_board *board, struct py_value v)
{
	return place(board, v.bits);
}

struct py_value py_reference(const struct wipy_board *board, const void *object)
{
	const char *at = object;

	return (struct py_value){(uint32_t)(at - (char *)board->settings.arena)};
}

void py_heap_start(struct wipy_board *board)
{
	struct py *py = &board->py;
	size_t len = board->settings.arena_len;

	py->len = (uint32_t)(len > HEAP_MAX ? HEAP_MAX : len) / BLOCK * BLOCK;
	py->top = BLOCK; /* offset 0 is no value */
	py->free = py->top;
	py->fresh = 0;
}

static uint32_t blocks_of(size_t size)
{
	return (uint32_t)((size + BLOCK - 1) / BLOCK);
}

/* The free chunk here, joined with the free ones that follow. */
static struct py_head *joined(struct wipy_board *board, uint32_t at)
{
	struct py *py = &board->py;
	struct py_head *head = place(board, at);

	for (;;) {
		uint32_t next = at + head->blocks * BLOCK;
		const struct py_head *other = place(board, next);

		if (next >= py->top || other->kind != PY_FREE)
			return head;
		head->blocks = (uint16_t)(head->blocks + other->blocks);
	}
}

/* Cuts a chunk that is too large in two. */
static void cut(struct wipy_board *board, struct py_head *head, uint32_t blocks)
{
	uint32_t at = py_reference(board, head).bits + blocks * BLOCK;
	uint32_t left = head->blocks - blocks;
	struct py_head *rest = place(board, at);

	if (left == 0)
		return;
	head->blocks = (uint16_t)blocks;
	*rest = (struct py_head){.blocks = (uint16_t)left, .kind = PY_FREE};
	if (at < board->py.free)
		board->py.free = at;
}

static struct py_head *find_free(struct wipy_board *board, uint32_t blocks)
{
	struct py *py = &board->py;
	bool first = true;

	for (uint32_t at = py->free; at < py->top;) {
		struct py_head *head = place(board, at);

		if (head->kind == PY_FREE) {
			head = joined(board, at);
			if (head->blocks >= blocks) {
				cut(board, head, blocks);
				if (first)
					py->free = at + blocks * BLOCK;
				return head;
			}
			if (first)
				py->free = at;
			first = false;
		}
		at += head->blocks * BLOCK;
	}
	if (first)
		py->free = py->top;
	return NULL;
}

/* From above the top. A program that makes much garbage stays in few pages. */
static struct py_head *take_top(struct wipy_board *board, uint32_t blocks)
{
	struct py *py = &board->py;
	struct py_head *head = place(board, py->top);
	uint32_t end = py->top + blocks * BLOCK;

	if (end > py->len)
		return NULL;
	if ((end - 1) / PAGE != (py->top - 1) / PAGE && py->fresh >= FRESH &&
		!py->collected)
		return NULL;
	if (py->free == py->top)
		py->free = end;
	py->top = end;
	head->blocks = (uint16_t)blocks;
	return head;
}

void *py_refuse(struct wipy_board *board, size_t count, size_t each)
{
	uint64_t size = (uint64_t)count * each;

	board->py.asked = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
	return NULL;
}

void *py_new(struct wipy_board *board, enum py_kind kind, size_t size)
{
	struct py *py = &board->py;
	uint32_t blocks = blocks_of(size);
	struct py_head *head = NULL;

	if (size <= py->len && (!py->always_collect || py->collected)) {
		head = find_free(board, blocks);
		if (!head)
			head = take_top(board, blocks);
	}
	if (!head)
		return py_refuse(board, size, 1);
	py->fresh += blocks * BLOCK;
	head->kind = (uint8_t)kind;
	head->mark = WHITE;
	return head;
}

static void release(struct wipy_board *board, struct py_head *head)
{
	struct py *py = &board->py;
	uint32_t at = py_reference(board, head).bits;

	head->kind = PY_FREE;
	head->mark = WHITE;
	head = joined(board, at);
	if (at + head->blocks * BLOCK == py->top)
		py->top = at;
	if (at < py->free)
		py->free = at;
}

void py_free(struct wipy_board *board, struct py_value v)
{
	if (py_is_reference(v))
		release(board, py_at(board, v));
}

void py_trim(struct wipy_board *board, void *object, size_t size)
{
	struct py_head *head = object;
	uint32_t blocks = blocks_of(size);

	if (blocks >= head->blocks)
		return;
	cut(board, head, blocks);
	release(board, place(board, py_reference(board, head).bits + blocks * BLOCK));
}

bool py_extend(struct wipy_board *board, void *object, size_t size)
{
	struct py *py = &board->py;
	struct py_head *head = object;
	uint32_t blocks = blocks_of(size);
	uint32_t at = py_reference(board, head).bits;
	uint32_t next = at + head->blocks * BLOCK;

	if (blocks <= head->blocks)
		return true;
	if (size > py->len || (py->always_collect && !py->collected))
		return false;
	if (next < py->top) {
		struct py_head *other = place(board, next);

		if (other->kind != PY_FREE)
			return false;
		other = joined(board, next);
		if (head->blocks + other->blocks < blocks)
			return false;
		if (py->free == next)
			py->free = at;
		head->blocks = (uint16_t)(head->blocks + other->blocks);
		cut(board, head, blocks);
		return true;
	}
	if (!take_top(board, blocks - head->blocks))
		return false;
	head->blocks = (uint16_t)blocks;
	return true;
}

void *py_grow(struct wipy_board *board, struct py_value *v, size_t size)
{
	struct py_head *old = py_at(board, *v);
	struct py_head *head;
	uint16_t blocks;

	if (py_extend(board, old, size))
		return old;
	head = py_new(board, (enum py_kind)old->kind, size);
	if (!head)
		return NULL;
	blocks = head->blocks;
	memcpy(head, old, py_size(old));
	head->blocks = blocks;
	release(board, old);
	*v = py_reference(board, head);
	return head;
}

/* ---- the collector ------------------------------------------------------------------ */

struct marker {
	const struct wipy_board *board;
	uint32_t count;
	bool overflow; /* something grey is not on the stack */
	uint32_t stack[MARK_STACK];
};

static void mark(struct marker *m, struct py_value v)
{
	struct py_head *head = py_head(m->board, v);

	if (!head || head->mark != WHITE)
		return;
	head->mark = GREY;
	if (m->count < MARK_STACK)
		m->stack[m->count++] = v.bits;
	else
		m->overflow = true;
}

static void mark_all(struct marker *m, const struct py_value *v, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mark(m, v[i]);
}

static void mark_frame(struct marker *m, const struct py_frame *frame)
{
	mark(m, frame->back);
	mark(m, frame->code);
	mark_all(m, frame->at, frame->sp);
}

static void mark_callable(struct marker *m, struct py_head *head)
{
	if (head->kind == PY_FUNCTION) {
		mark(m, ((struct py_function *)head)->code);
		mark(m, ((struct py_function *)head)->defaults);
	} else {
		mark(m, ((struct py_bound *)head)->self);
	}
}

static void mark_inside(struct marker *m, struct py_head *head)
{
	head->mark = BLACK;
	switch ((enum py_kind)head->kind) {
	case PY_FREE:
	case PY_STR:
	case PY_BYTES:
	case PY_RANGE:
		break;
	case PY_TUPLE:
		mark_all(m, ((struct py_tuple *)head)->at,
			((struct py_tuple *)head)->len);
		break;
	case PY_LIST:
		mark(m, ((struct py_list *)head)->cells);
		break;
	case PY_DICT:
	case PY_NAMESPACE:
		mark(m, ((struct py_dict *)head)->cells);
		break;
	case PY_ITERATOR:
		mark(m, ((struct py_iterator *)head)->source);
		break;
	case PY_SLICE_OBJECT:
		mark_all(m, &((struct py_slice *)head)->start, 3);
		break;
	case PY_FUNCTION:
	case PY_BOUND:
		mark_callable(m, head);
		break;
	case PY_ERROR:
		mark(m, ((struct py_error *)head)->args);
		break;
	case PY_OBJECT:
		mark_all(m, ((struct py_object *)head)->at,
			((struct py_object *)head)->len);
		break;
	case PY_CELLS:
		mark_all(m, ((struct py_cells *)head)->at,
			((struct py_cells *)head)->cap);
		break;
	case PY_CODE:
		mark(m, ((struct py_code *)head)->consts);
		mark(m, ((struct py_code *)head)->file);
		mark(m, ((struct py_code *)head)->globals);
		break;
	case PY_FRAME:
		mark_frame(m, (struct py_frame *)head);
		break;
	}
}

static void mark_reached(struct marker *m)
{
	for (;;) {
		while (m->count > 0)
			mark_inside(m, place(m->board, m->stack[--m->count]));
		if (!m->overflow)
			return;
		m->overflow = false;
		for (uint32_t at = BLOCK; at < m->board->py.top;) {
			struct py_head *head = place(m->board, at);

			if (head->kind != PY_FREE && head->mark == GREY)
				mark_inside(m, head);
			at += head->blocks * BLOCK;
		}
	}
}

static void mark_roots(struct marker *m)
{
	const struct py *py = &m->board->py;

	mark(m, py->globals);
	mark(m, py->frame);
	mark(m, py->error);
	mark_all(m, py->kept, PY_KEPT);
	mark_all(m, py->state, PY_STATES);
	mark_all(m, py->work, sizeof(py->work) / sizeof(py->work[0]));
	mark(m, py->output.object);
	for (int i = 0; i < py->trace_count; i++)
		mark(m, py->trace[i].code);
	mark(m, py->trace_of);
}

static void sweep(struct wipy_board *board)
{
	struct py *py = &board->py;
	uint32_t first = py->top;

	for (uint32_t at = BLOCK; at < py->top;) {
		struct py_head *head = place(board, at);

		if (head->kind != PY_FREE && head->mark == WHITE)
			head->kind = PY_FREE;
		head->mark = WHITE;
		at += head->blocks * BLOCK;
	}
	for (uint32_t at = BLOCK; at < py->top;) {
		struct py_head *head = place(board, at);

		if (head->kind == PY_FREE) {
			head = joined(board, at);
			if (at < first)
				first = at;
			if (at + head->blocks * BLOCK == py->top) {
				py->top = at;
				break;
			}
		}
		at += head->blocks * BLOCK;
	}
	py->free = first < py->top ? first : py->top;
}

void py_heap_collect(struct wipy_board *board)
{
	struct marker m = {.board = board};

	mark_roots(&m);
	mark_reached(&m);
	sweep(board);
	board->py.fresh = 0;
}

uint32_t py_heap_free(struct wipy_board *board)
{
	const struct py *py = &board->py;
	uint32_t free = py->len - py->top;

	for (uint32_t at = BLOCK; at < py->top;) {
		const struct py_head *head = place(board, at);

		if (head->kind == PY_FREE)
			free += head->blocks * BLOCK;
		at += head->blocks * BLOCK;
	}
	return free;
}
