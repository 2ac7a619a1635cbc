/* SPDX-License-Identifier: MIT
 *
 * The heap against the simplest thing that could be right: a list that is searched.
 */
#include "daemon/core/due_heap.h"
#include "tests/tap.h"

#define ITEMS 60
#define STEPS 4000

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static bool heap_is_sound(const struct due_heap *heap)
{
	for (size_t i = 0; i < heap->count; i++) {
		if (heap->slot[i]->at != i)
			return false;
		if (i > 0 && heap->slot[(i - 1) / 2]->due_ms > heap->slot[i]->due_ms)
			return false;
	}
	return true;
}

/* What the list says: how many are in, and the smallest time. */
static bool agrees(
	const struct due_heap *heap, const struct due *item, const int64_t *due_ms)
{
	const struct due *first = due_heap_first(heap);
	int64_t smallest = INT64_MAX;
	size_t count = 0;

	for (size_t i = 0; i < ITEMS; i++) {
		bool in = due_ms[i] >= 0;

		if (in != (item[i].at != DUE_NOWHERE))
			return false;
		if (in && item[i].due_ms != due_ms[i])
			return false;
		count += in;
		if (in && due_ms[i] < smallest)
			smallest = due_ms[i];
	}
	if (count != heap->count)
		return false;
	return count == 0 ? first == NULL : first && first->due_ms == smallest;
}

static bool walk(uint64_t seed)
{
	struct due *slot[ITEMS], item[ITEMS];
	int64_t due_ms[ITEMS]; /* -1: not in */
	uint64_t state = seed;
	struct due_heap heap;

	due_heap_init(&heap, slot, ITEMS);
	for (size_t i = 0; i < ITEMS; i++) {
		item[i].at = DUE_NOWHERE;
		due_ms[i] = -1;
	}
	for (int step = 0; step < STEPS; step++) {
		size_t i = next_random(&state) % ITEMS;

		/* Few different times, so that equal ones meet. */
		if (next_random(&state) % 3 > 0) {
			due_ms[i] = (int64_t)(next_random(&state) % 20);
			due_heap_set(&heap, &item[i], due_ms[i]);
		} else {
			due_ms[i] = -1;
			due_heap_remove(&heap, &item[i]);
		}
		if (!heap_is_sound(&heap) || !agrees(&heap, item, due_ms)) {
			printf("# seed %llu, step %d\n", (unsigned long long)seed,
				step);
			return false;
		}
	}
	return true;
}

static void test_walks(void)
{
	bool ok = true;

	for (uint64_t seed = 1; seed <= 20; seed++)
		ok = walk(seed) && ok;
	OK(ok, "random sets, moves and removals agree with a list");
}

static void test_by_hand(void)
{
	struct due *slot[2], a = {.at = DUE_NOWHERE}, b = {.at = DUE_NOWHERE};
	struct due_heap heap;

	due_heap_init(&heap, slot, 2);
	OK(due_heap_first(&heap) == NULL, "an empty heap has no first");
	due_heap_remove(&heap, &a);
	EQ_INT((int64_t)heap.count, 0, "removing what is not in changes nothing");
	due_heap_set(&heap, &a, 5);
	due_heap_set(&heap, &b, 3);
	OK(due_heap_first(&heap) == &b, "the earlier one is first");
	due_heap_set(&heap, &b, 9);
	OK(due_heap_first(&heap) == &a, "a later time moves it back");
	due_heap_set(&heap, &b, -1);
	OK(due_heap_first(&heap) == &b, "an earlier time moves it forward");
	due_heap_remove(&heap, &b);
	OK(b.at == DUE_NOWHERE && due_heap_first(&heap) == &a, "the first is removed");
	due_heap_remove(&heap, &a);
	OK(a.at == DUE_NOWHERE && heap.count == 0, "the last is removed");
}

static void test_order(void)
{
	struct due *slot[4], *more[ITEMS], item[ITEMS];
	struct due_heap heap;
	int64_t before = -1;
	bool ok = true;

	due_heap_init(&heap, slot, 4);
	for (int i = 0; i < ITEMS; i++) {
		if (heap.count == heap.cap) {
			for (size_t k = 0; k < heap.count; k++)
				more[k] = slot[k];
			due_heap_grow(&heap, more, ITEMS);
		}
		item[i].at = DUE_NOWHERE;
		due_heap_set(&heap, &item[i], i * 37 % ITEMS);
	}
	EQ_INT((int64_t)heap.count, ITEMS, "growing keeps what is in");
	while (due_heap_first(&heap)) {
		struct due *first = due_heap_first(&heap);

		ok = ok && first->due_ms == before + 1;
		before = first->due_ms;
		due_heap_remove(&heap, first);
	}
	OK(ok && before == ITEMS - 1, "taken out one by one they come in order");
}

int main(void)
{
	test_by_hand();
	test_order();
	test_walks();
	return tap_done();
}
