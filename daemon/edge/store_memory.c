/* SPDX-License-Identifier: MIT
 *
 * The store over plain memory: for tests, and to keep the interface honest. It behaves
 * as the SQLite one does, but for what a disk adds: nothing outlives it and nothing but
 * the loss of the lease can fail.
 *
 * Records stand in the order in which they were first written; a search tree a kind
 * finds one by its key.
 */
#include "config.h"

#include <assert.h>
#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/store_backend.h"
#include "daemon/edge/store_chain.h"
#include "daemon/edge/store_past.h"

/* A list of pointers to records, and a tree over the same records. */
struct index {
	void **row;
	size_t count;
	void *tree;
	size_t size;
	int (*compare)(const void *a, const void *b);
};

struct memory_event {
	struct event event;
	uint8_t chain[STORE_CHAIN_LEN];
};

struct memory_store {
	struct store_backend backend;
	atomic_bool stale; /* set on the loop's thread, read on the store's */
	struct index boards;
	struct index rollouts;
	struct index tasks;
	struct index known_bad;
	struct memory_event *event;
	size_t event_count;
	struct past past;
};

static struct memory_store *memory_of(struct store_backend *backend)
{
	return (struct memory_store *)backend;
}

static int compare_boards(const void *a, const void *b)
{
	return strcmp(((const struct board *)a)->name, ((const struct board *)b)->name);
}

static int compare_rollouts(const void *a, const void *b)
{
	return memcmp(&((const struct rollout *)a)->id,
		&((const struct rollout *)b)->id, sizeof(struct id));
}

static int compare_tasks(const void *a, const void *b)
{
	const struct task *left = a, *right = b;
	int order = memcmp(&left->rollout, &right->rollout, sizeof(struct id));

	return order ? order : strcmp(left->board, right->board);
}

static int compare_known_bad(const void *a, const void *b)
{
	const struct known_bad *left = a, *right = b;

	return (left->number > right->number) - (left->number < right->number);
}

/* ---- records --------------------------------------------------------------------- */

static void *index_find(const struct index *index, const void *key)
{
	void *node = tfind(key, &index->tree, index->compare);

	return node ? *(void **)node : NULL;
}

static void index_put(struct index *index, const void *record)
{
	void *row = index_find(index, record);

	if (!row) {
		row = store_alloc(index->size);
		memcpy(row, record, index->size);
		index->row = store_grow(index->row, index->count, sizeof(*index->row));
		index->row[index->count++] = row;
		if (!tsearch(row, &index->tree, index->compare))
			abort();
		return;
	}
	memcpy(row, record, index->size);
}

static void index_remove(struct index *index, const void *key)
{
	void *row = index_find(index, key);
	size_t i = 0;

	if (!row)
		return;
	tdelete(row, &index->tree, index->compare);
	while (index->row[i] != row)
		i++;
	memmove(&index->row[i], &index->row[i + 1],
		(--index->count - i) * sizeof(*index->row));
	free(row);
}

static void index_done(struct index *index)
{
	for (size_t i = 0; i < index->count; i++) {
		tdelete(index->row[i], &index->tree, index->compare);
		free(index->row[i]);
	}
	free(index->row);
}

/* ---- the operations -------------------------------------------------------------- */

static int memory_begin(struct store_backend *self)
{
	return atomic_load(&memory_of(self)->stale) ? WIPY_E_STALE : 0;
}

static struct board board_key(const struct store_seen *seen)
{
	struct board key = {0};

	memcpy(key.name, seen->name, sizeof(key.name));
	return key;
}

static void put_seen(struct memory_store *self, const struct store_seen *seen)
{
	struct board key = board_key(seen), *board = index_find(&self->boards, &key);

	if (board)
		board->seen_s = seen->seen_s;
}

/* The end of the chain. */
static struct chain_place chain_end(const struct memory_store *self)
{
	struct chain_place end = {.seq = (int64_t)self->event_count};

	if (self->event_count > 0)
		memcpy(end.value, self->event[self->event_count - 1].chain,
			STORE_CHAIN_LEN);
	return end;
}

static void add_event(struct memory_store *self, const struct event *event)
{
	struct chain_place end = chain_end(self);
	struct chain_row row;
	struct memory_event *added;

	self->event = store_grow(self->event, self->event_count, sizeof(*self->event));
	added = &self->event[self->event_count++];
	added->event = *event;
	added->event.seq = end.seq + 1;
	row = chain_row_of(&added->event);
	chain_next(end.value, &row, added->chain);
}

/* The record that an operation is about to change, or NULL. */
static const void *record_of(struct memory_store *self, const struct store_op *op)
{
	struct board key;

	switch (op->kind) {
	case STORE_OP_BOARD:
		return index_find(&self->boards, op->board);
	case STORE_OP_BOARD_GONE:
		key = board_key(op->seen);
		return index_find(&self->boards, &key);
	case STORE_OP_ROLLOUT:
		return index_find(&self->rollouts, op->rollout);
	case STORE_OP_TASK:
		return index_find(&self->tasks, op->task);
	case STORE_OP_KNOWN_BAD:
	case STORE_OP_EVENT:
	case STORE_OP_SEEN:
	case STORE_OP_COUNT:
		break;
	}
	return NULL;
}

static int memory_apply(struct store_backend *backend, const struct store_op *op)
{
	struct memory_store *self = memory_of(backend);
	struct board key;

	if (op->time_s)
		past_note(&self->past, op, record_of(self, op));
	switch (op->kind) {
	case STORE_OP_BOARD:
		index_put(&self->boards, op->board);
		break;
	case STORE_OP_BOARD_GONE:
		key = board_key(op->seen);
		index_remove(&self->boards, &key);
		break;
	case STORE_OP_ROLLOUT:
		index_put(&self->rollouts, op->rollout);
		break;
	case STORE_OP_TASK:
		index_put(&self->tasks, op->task);
		break;
	case STORE_OP_KNOWN_BAD:
		index_put(&self->known_bad, op->known_bad);
		break;
	case STORE_OP_EVENT:
		add_event(self, op->event);
		break;
	case STORE_OP_SEEN:
		put_seen(self, op->seen);
		break;
	case STORE_OP_COUNT:
		assert(false);
	}
	return 0;
}

static int memory_commit(struct store_backend *self)
{
	(void)self;
	return 0;
}

/* begin() is the only step that fails, and then nothing has been applied. */
static void memory_rollback(struct store_backend *self)
{
	(void)self;
}

static void *copy_rows(const struct index *index)
{
	char *copy = index->count ? store_alloc(index->count * index->size) : NULL;

	for (size_t i = 0; i < index->count; i++)
		memcpy(copy + i * index->size, index->row[i], index->size);
	return copy;
}

static void copy_tasks(struct memory_store *self, const struct id *rollout,
	struct store_snapshot *snapshot)
{
	for (size_t i = 0; i < self->tasks.count; i++) {
		const struct task *task = self->tasks.row[i];

		if (!id_equal(&task->rollout, rollout))
			continue;
		snapshot->task = store_grow(
			snapshot->task, snapshot->task_count, sizeof(*snapshot->task));
		snapshot->task[snapshot->task_count++] = *task;
	}
}

static int memory_load(struct store_backend *backend, size_t recent,
	struct store_snapshot *ret_snapshot, struct errtext *ret_error)
{
	struct memory_store *self = memory_of(backend);
	struct store_snapshot snapshot = {0};

	(void)ret_error;
	snapshot.board = copy_rows(&self->boards);
	snapshot.board_count = self->boards.count;
	if (snapshot.board)
		qsort(snapshot.board, snapshot.board_count, sizeof(*snapshot.board),
			compare_boards);
	snapshot.rollout = copy_rows(&self->rollouts);
	snapshot.rollout_count = self->rollouts.count;
	snapshot.known_bad = copy_rows(&self->known_bad);
	snapshot.known_bad_count = self->known_bad.count;
	for (size_t i = 0; i < snapshot.rollout_count; i++)
		if (store_wants_tasks(
			    &snapshot.rollout[i], i, snapshot.rollout_count, recent))
			copy_tasks(self, &snapshot.rollout[i].id, &snapshot);
	*ret_snapshot = snapshot;
	return 0;
}

static bool event_wanted(
	const struct event *event, const struct store_event_query *query)
{
	if (query->board && strcmp(query->board, event->board) != 0)
		return false;
	if (query->before_seq && event->seq >= query->before_seq)
		return false;
	return !query->rollout ||
	       (event->has_rollout && id_equal(query->rollout, &event->rollout));
}

/* As SQLite finds it: behind the earliest of those that are not too old. */
static size_t first_since(const struct memory_store *self, int64_t since_s)
{
	size_t first = self->event_count;

	for (size_t i = 0; i < self->event_count; i++)
		if (self->event[i].event.time_s >= since_s &&
			(first == self->event_count ||
				self->event[i].event.time_s <
					self->event[first].event.time_s))
			first = i;
	return first;
}

static int memory_read_events(struct store_backend *backend,
	const struct store_event_query *query, struct event **ret_events,
	size_t *ret_count)
{
	const struct memory_store *self = memory_of(backend);
	size_t first = query->since_s ? first_since(self, query->since_s) : 0;
	struct event *events = NULL;
	size_t count = 0;

	for (size_t i = self->event_count; i-- > first && count < query->max;) {
		if (!event_wanted(&self->event[i].event, query))
			continue;
		events = store_grow(events, count, sizeof(*events));
		events[count++] = self->event[i].event;
	}
	*ret_events = events;
	*ret_count = count;
	return 0;
}

static int memory_verify(struct store_backend *backend, bool begun,
	struct chain_walk *walk, bool *ret_more)
{
	const struct memory_store *self = memory_of(backend);
	const struct chain_place before = {0}, end = chain_end(self);

	*ret_more = false;
	if (!begun)
		chain_walk_begin(walk, &before);
	if ((size_t)walk->at.seq < self->event_count) {
		const struct memory_event *event = &self->event[walk->at.seq];
		struct chain_row row = chain_row_of(&event->event);

		*ret_more = chain_walk_row(walk, &row, event->chain);
		return 0;
	}
	(void)chain_walk_place(walk, &end, true);
	return 0;
}

static int memory_read_past(struct store_backend *backend,
	const struct store_past_query *query, int64_t *ret_begins_s,
	struct store_snapshot *ret_past)
{
	past_read(&memory_of(backend)->past, query, ret_begins_s, ret_past);
	return 0;
}

static void memory_close(struct store_backend *backend)
{
	struct memory_store *self = memory_of(backend);

	index_done(&self->boards);
	index_done(&self->rollouts);
	index_done(&self->tasks);
	index_done(&self->known_bad);
	free(self->event);
	past_done(&self->past);
	free(self);
}

static const struct store_backend_ops memory_ops = {
	.begin = memory_begin,
	.apply = memory_apply,
	.commit = memory_commit,
	.rollback = memory_rollback,
	.load = memory_load,
	.read_events = memory_read_events,
	.verify = memory_verify,
	.read_past = memory_read_past,
	.close = memory_close,
};

int store_open_memory(uv_loop_t *loop, struct store **ret_store)
{
	struct memory_store *self = store_alloc(sizeof(*self));

	self->backend.ops = &memory_ops;
	atomic_init(&self->stale, false);
	self->boards =
		(struct index){.size = sizeof(struct board), .compare = compare_boards};
	self->rollouts = (struct index){
		.size = sizeof(struct rollout), .compare = compare_rollouts};
	self->tasks =
		(struct index){.size = sizeof(struct task), .compare = compare_tasks};
	self->known_bad = (struct index){
		.size = sizeof(struct known_bad), .compare = compare_known_bad};
	return store_start(loop, &self->backend, ret_store);
}

void store_memory_lose_lease(struct store *store)
{
	struct store_backend *backend = store_backend_of(store);

	assert(backend->ops == &memory_ops);
	atomic_store(&memory_of(backend)->stale, true);
}
