/* SPDX-License-Identifier: MIT
 *
 * What is due next, among many: a binary heap over memory of the caller. One timer then
 * serves any number of boards.
 */
#ifndef WIPY_CORE_DUE_HEAP_H
#define WIPY_CORE_DUE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DUE_NOWHERE SIZE_MAX

/* Embedded in what becomes due; `at` is DUE_NOWHERE while it is in no heap. */
struct due {
	int64_t due_ms;
	size_t at;
};

struct due_heap {
	struct due **slot; /* borrowed; room for `cap` */
	size_t count, cap;
};

void due_heap_init(struct due_heap *heap, struct due **slot, size_t cap);
/* More room: `slot` holds what the old one held, at the same places. */
void due_heap_grow(struct due_heap *heap, struct due **slot, size_t cap);
/* Puts it in, or moves it to its new time. There must be room. */
void due_heap_set(struct due_heap *heap, struct due *due, int64_t due_ms);
/* Takes it out; nothing happens if it is not in. */
void due_heap_remove(struct due_heap *heap, struct due *due);
/* The next one due, or NULL. */
struct due *due_heap_first(const struct due_heap *heap);

#endif
