/* SPDX-License-Identifier: MIT
 *
 * A binary heap, smallest time first.
 */
#include "daemon/core/due_heap.h"

void due_heap_init(struct due_heap *heap, struct due **slot, size_t cap)
{
	heap->slot = slot;
	heap->count = 0;
	heap->cap = cap;
}

void due_heap_grow(struct due_heap *heap, struct due **slot, size_t cap)
{
	heap->slot = slot;
	heap->cap = cap;
}

static void place(struct due_heap *heap, size_t at, struct due *due)
{
	heap->slot[at] = due;
	due->at = at;
}

static void sift_up(struct due_heap *heap, struct due *due)
{
	size_t at = due->at;

	while (at > 0 && heap->slot[(at - 1) / 2]->due_ms > due->due_ms) {
		place(heap, at, heap->slot[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	place(heap, at, due);
}

static void sift_down(struct due_heap *heap, struct due *due)
{
	size_t at = due->at;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= heap->count)
			break;
		if (child + 1 < heap->count &&
			heap->slot[child + 1]->due_ms < heap->slot[child]->due_ms)
			child++;
		if (heap->slot[child]->due_ms >= due->due_ms)
			break;
		place(heap, at, heap->slot[child]);
		at = child;
	}
	place(heap, at, due);
}

void due_heap_set(struct due_heap *heap, struct due *due, int64_t due_ms)
{
	due->due_ms = due_ms;
	if (due->at == DUE_NOWHERE)
		place(heap, heap->count++, due);
	sift_up(heap, due);
	sift_down(heap, due);
}

void due_heap_remove(struct due_heap *heap, struct due *due)
{
	struct due *last;

	if (due->at == DUE_NOWHERE)
		return;
	last = heap->slot[--heap->count];
	if (last != due) {
		place(heap, due->at, last);
		sift_up(heap, last);
		sift_down(heap, last);
	}
	due->at = DUE_NOWHERE;
}

struct due *due_heap_first(const struct due_heap *heap)
{
	return heap->count > 0 ? heap->slot[0] : NULL;
}
