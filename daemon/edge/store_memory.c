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
	struct chain_place pruned; /* the place before the first event */
	int64_t exported_seq, pruned_s;
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

/* The place behind so many of the events. */
static struct chain_place place_at(const struct memory_store *self, size_t count)
{
	struct chain_place place = self->pruned;

	place.seq += (int64_t)count;
	if (count > 0)
		memcpy(place.value, self->event[count - 1].chain, STORE_CHAIN_LEN);
	return place;
}

/* How many of the events come up to that number. */
static size_t count_upto(const struct memory_store *self, int64_t seq)
{
	int64_t count = seq - self->pruned.seq;

	if (count <= 0)
		return 0;
	return (size_t)count < self->event_count ? (size_t)count : self->event_count;
}

/* The end of the chain. */
static struct chain_place chain_end(const struct memory_store *self)
{
	return place_at(self, self->event_count);
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
	case STORE_OP_EXPORTED:
	case STORE_OP_PRUNE:
	case STORE_OP_COUNT:
		break;
	}
	return NULL;
}

static bool forgotten(
	const struct memory_store *self, const struct store_prune_op *op, size_t at)
{
	const struct rollout *rollout = self->rollouts.row[at];
	int64_t since = 0; /* it and newer ones, without repairs */

	for (size_t i = at; i < self->rollouts.count; i++)
		since += !rollout_is_repair(self->rollouts.row[i]);
	return rollout_state_is_end(rollout->state) && rollout->since_s <= op->upto_s &&
	       since > op->recent &&
	       (rollout->catch_up == ROLLOUT_DRAFT ||
		       rollout_state_is_end(rollout->catch_up));
}

static void forget_tasks(struct memory_store *self, const struct id *rollout)
{
	for (size_t i = self->tasks.count; i > 0; i--) {
		const struct task *task = self->tasks.row[i - 1];

		if (id_equal(&task->rollout, rollout))
			index_remove(&self->tasks, task);
	}
}

/* At once: there is no disk to be slow. */
static void prune(struct memory_store *self, const struct store_prune_op *op)
{
	size_t gone = count_upto(self, op->upto_seq);

	if (gone == 0)
		return;
	self->pruned = place_at(self, gone);
	if (self->exported_seq < self->pruned.seq)
		self->exported_seq = self->pruned.seq;
	self->event_count -= gone;
	memmove(self->event, self->event + gone,
		self->event_count * sizeof(*self->event));
	if (self->pruned_s < op->upto_s)
		self->pruned_s = op->upto_s;
	past_prune(&self->past, self->pruned_s);
	for (size_t i = self->rollouts.count; i > 0; i--) {
		struct rollout *rollout = self->rollouts.row[i - 1];

		if (!forgotten(self, op, i - 1))
			continue;
		forget_tasks(self, &rollout->id);
		past_forget(&self->past, &rollout->id);
		index_remove(&self->rollouts, rollout);
	}
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
	case STORE_OP_EXPORTED:
		if (self->exported_seq < *op->exported_seq)
			self->exported_seq = *op->exported_seq;
		break;
	case STORE_OP_PRUNE:
		prune(self, op->prune);
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
	struct store_recent latest;

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
	latest = store_find_recent(snapshot.rollout, snapshot.rollout_count, recent);
	for (size_t i = 0; i < snapshot.rollout_count; i++)
		if (store_wants_tasks(&snapshot.rollout[i], i, &latest))
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
	if (query->oldest_first && event->seq <= query->after_seq)
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

	for (size_t i = first; i < self->event_count && count < query->max; i++) {
		size_t at =
			query->oldest_first ? i : self->event_count - 1 - (i - first);

		if (!event_wanted(&self->event[at].event, query))
			continue;
		events = store_grow(events, count, sizeof(*events));
		events[count++] = self->event[at].event;
	}
	*ret_events = events;
	*ret_count = count;
	return 0;
}

static int memory_verify(struct store_backend *backend, bool begun,
	struct chain_walk *walk, bool *ret_more)
{
	const struct memory_store *self = memory_of(backend);
	const struct chain_place before = self->pruned, end = chain_end(self);
	size_t walked;

	*ret_more = false;
	if (!begun)
		chain_walk_begin(walk, &before);
	walked = count_upto(self, walk->at.seq);
	if (walked < self->event_count) {
		const struct memory_event *event = &self->event[walked];
		struct chain_row row = chain_row_of(&event->event);

		*ret_more = chain_walk_row(walk, &row, event->chain);
		return 0;
	}
	(void)chain_walk_place(walk, &end, true);
	return 0;
}

static void memory_count(const struct memory_store *self, struct store_snapshot *past)
{
	past->outcomes =
		store_alloc((past->rollout_count + 1) * sizeof(*past->outcomes));
	for (size_t i = 0; i < past->rollout_count; i++)
		for (size_t k = 0; k < self->tasks.count; k++) {
			const struct task *task = self->tasks.row[k];

			if (id_equal(&task->rollout, &past->rollout[i].id))
				past->outcomes[i].of[task->state]++;
		}
}

static int memory_read_past(struct store_backend *backend,
	const struct store_past_query *query, int64_t *ret_begins_s,
	struct store_snapshot *ret_past)
{
	struct memory_store *self = memory_of(backend);

	*ret_past = (struct store_snapshot){0};
	*ret_begins_s = self->pruned_s;
	if (query->at_s < self->pruned_s)
		return WIPY_E_PRUNED;
	past_read(&self->past, query, ret_begins_s, ret_past);
	if (query->counted)
		memory_count(self, ret_past);
	if (*ret_begins_s < self->pruned_s)
		*ret_begins_s = self->pruned_s;
	return 0;
}

/* How many events there are up to the last that is not newer, as SQLite finds it. */
static size_t count_until(const struct memory_store *self, int64_t until_s)
{
	size_t last = 0;

	for (size_t i = 0; i < self->event_count; i++)
		if (self->event[i].event.time_s <= until_s &&
			(last == 0 || self->event[i].event.time_s >=
					      self->event[last - 1].event.time_s))
			last = i + 1;
	return last;
}

static int memory_export(struct store_backend *backend,
	const struct store_export_query *query, struct store_export *ret_page)
{
	const struct memory_store *self = memory_of(backend);
	size_t from = count_upto(self, query->after_seq), last = self->event_count;
	struct chain_place place;

	if (!query->after_seq && query->since_s)
		from = first_since(self, query->since_s);
	if (query->last_seq)
		last = count_upto(self, query->last_seq);
	else if (query->until_s)
		last = count_until(self, query->until_s);
	if (last < from)
		last = from;
	place = place_at(self, from);
	ret_page->after_seq = place.seq;
	memcpy(ret_page->chain, place.value, STORE_CHAIN_LEN);
	ret_page->last_seq = self->pruned.seq + (int64_t)last;
	ret_page->exported_seq = self->exported_seq;
	for (size_t i = from; i < last && ret_page->count < query->max; i++) {
		struct chain_row row = chain_row_of(&self->event[i].event);

		chain_page_add(ret_page, &row, self->event[i].chain);
	}
	return 0;
}

/* Each event is a segment of its own. */
static int memory_plan_prune(struct store_backend *backend, int64_t before_s,
	bool unexported, struct store_prune_plan *ret_plan)
{
	const struct memory_store *self = memory_of(backend);
	size_t gone = first_since(self, before_s);
	struct chain_place place;

	if (!unexported && gone > count_upto(self, self->exported_seq))
		gone = count_upto(self, self->exported_seq);
	ret_plan->first_seq = self->pruned.seq + 1;
	ret_plan->exported_seq = self->exported_seq;
	if (gone == 0)
		return 0;
	place = place_at(self, gone);
	ret_plan->upto_seq = place.seq;
	ret_plan->upto_s = self->event[gone - 1].event.time_s;
	memcpy(ret_plan->chain, place.value, STORE_CHAIN_LEN);
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
	.export = memory_export,
	.plan_prune = memory_plan_prune,
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
