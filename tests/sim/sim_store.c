/* SPDX-License-Identifier: MIT
 *
 * The store on virtual time: the memory back end that ships, which outlives the daemon,
 * behind commits that take a moment. The daemon may die at any commit: just before it
 * is durable, or just after.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/store_backend.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_cover.h"

struct store {
	struct store_backend *backend;
	void (*closed)(void *arg);
	void *closed_arg;
};

struct store_batch {
	struct store *store;
	struct store_op *first, **last;
	size_t count;
	store_done_fn done;
	void *arg;
	bool dead; /* was given by a daemon that had died already */
};

void *store_alloc(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

void *store_grow(void *array, size_t count, size_t size)
{
	if (count > 0 && (count & (count - 1)) != 0)
		return array;
	array = realloc(array, (count ? 2 * count : 1) * size);
	if (!array)
		abort();
	return array;
}

struct store_backend *store_backend_of(struct store *store)
{
	return store->backend;
}

int store_start(
	uv_loop_t *loop, struct store_backend *backend, struct store **ret_store)
{
	(void)loop;
	*ret_store = store_alloc(sizeof(**ret_store));
	(*ret_store)->backend = backend;
	return 0;
}

struct store *sim_store_open(void)
{
	struct store *store;

	if (!sim->durable) {
		if (store_open_memory(NULL, &store) < 0)
			abort();
		sim->durable = store->backend;
		return store;
	}
	if (store_start(NULL, sim->durable, &store) < 0)
		abort();
	return store;
}

static void closed(void *arg)
{
	struct store *store = arg;

	store->closed(store->closed_arg);
	free(store);
}

void store_close(struct store *store, void (*done)(void *arg), void *arg)
{
	store->closed = done;
	store->closed_arg = arg;
	(void)sim_at(10, closed, store); /* behind every commit that is on its way */
}

/* ---- batches ---------------------------------------------------------------------- */

struct store_batch *store_batch_new(struct store *store)
{
	struct store_batch *batch = store_alloc(sizeof(*batch));

	batch->store = store;
	batch->last = &batch->first;
	return batch;
}

static void add(struct store_batch *batch, enum store_op_kind kind, const void *record,
	size_t size)
{
	struct store_op *op = store_alloc(sizeof(*op) + size);

	op->kind = kind;
	op->record = op + 1;
	memcpy(op->record, record, size);
	*batch->last = op;
	batch->last = &op->next;
	batch->count++;
}

void store_put_board(struct store_batch *batch, const struct board *board)
{
	add(batch, STORE_OP_BOARD, board, sizeof(*board));
	sim_watch_board(board);
}

void store_put_rollout(struct store_batch *batch, const struct rollout *rollout)
{
	add(batch, STORE_OP_ROLLOUT, rollout, sizeof(*rollout));
	sim_cover_reason(rollout->reason);
}

void store_put_task(struct store_batch *batch, const struct task *task)
{
	add(batch, STORE_OP_TASK, task, sizeof(*task));
	sim_cover_reason(task->reason);
	if (!sim->dead) {
		sim_watch_task(task);
		sim_ambush_task(task);
	}
}

void store_put_known_bad(struct store_batch *batch, const struct known_bad *entry)
{
	add(batch, STORE_OP_KNOWN_BAD, entry, sizeof(*entry));
}

void store_add_event(struct store_batch *batch, const struct event *event)
{
	add(batch, STORE_OP_EVENT, event, sizeof(*event));
	sim_cover_event(event);
}

void store_put_seen(struct store_batch *batch, const char *name, int64_t seen_s)
{
	struct store_seen seen = {.seen_s = seen_s};

	memcpy(seen.name, name, strlen(name));
	add(batch, STORE_OP_SEEN, &seen, sizeof(seen));
}

size_t store_batch_len(const struct store_batch *batch)
{
	return batch->count;
}

void store_batch_drop(struct store_batch *batch)
{
	while (batch->first) {
		struct store_op *op = batch->first;

		batch->first = op->next;
		free(op);
	}
	free(batch);
}

static void make_durable(struct store_batch *batch)
{
	struct store_backend *backend = batch->store->backend;

	if (backend->ops->begin(backend) < 0)
		abort();
	for (struct store_op *op = batch->first; op; op = op->next)
		/* Nobody reads events in here, and a month of them is long. */
		if (op->kind != STORE_OP_EVENT && backend->ops->apply(backend, op) < 0)
			abort();
	if (backend->ops->commit(backend) < 0)
		abort();
}

/* It dies with this commit: which kinds of records have been in one. */
static void count_death(const struct store_batch *batch, enum sim_moment moment)
{
	for (const struct store_op *op = batch->first; op; op = op->next) {
		sim->count->died[op->kind][moment]++;
		if (op->kind == STORE_OP_TASK)
			sim->count->died_in[op->task->state]++;
	}
	sim->doomed = false;
	sim_daemon_crash();
}

/* Where nothing befalls anybody it dies at the commits that were drawn for it. */
static bool is_fated(const struct store_batch *batch)
{
	bool works = false, fated = false;

	for (const struct store_op *op = batch->first; op; op = op->next)
		works |= op->kind == STORE_OP_ROLLOUT || op->kind == STORE_OP_TASK;
	sim->work += works;
	for (size_t i = 0; works && i < sim->fate.count; i++)
		fated |= sim->fate.at[i] == sim->work;
	return fated;
}

/* Commits of people's wishes are few: there it dies more often. */
static bool dies_now(const struct store_batch *batch)
{
	bool wished = false;

	if (sim->plain)
		return is_fated(batch);
	if ((sim->deaths == 0 && !sim->doomed) || batch->count == 0)
		return false;
	for (const struct store_op *op = batch->first; op; op = op->next)
		wished |=
			op->kind == STORE_OP_ROLLOUT || op->kind == STORE_OP_KNOWN_BAD;
	return (wished && sim->doomed) ||
	       (int)sim_random(100000) < sim->deaths * (wished ? 5 : 1);
}

static void committed(void *arg)
{
	struct store_batch *batch = arg;
	bool durable = !batch->dead && !sim->dead;

	if (durable) {
		bool dies = dies_now(batch);

		if (dies && !sim->doomed && sim_chance(50)) {
			count_death(batch, SIM_BEFORE);
			durable = false;
		} else {
			make_durable(batch);
			if (dies)
				count_death(batch, SIM_AFTER);
		}
	}
	if (batch->done)
		batch->done(batch->arg, durable && !sim->dead ? 0 : -EIO);
	store_batch_drop(batch);
}

void store_commit(struct store_batch *batch, store_done_fn done, void *arg)
{
	batch->done = done;
	batch->arg = arg;
	batch->dead = sim->dead;
	sim->count->commits++;
	(void)sim_at(2, committed, batch);
}

/* ---- reading ---------------------------------------------------------------------- */

int store_load(struct store *store, size_t recent, struct store_snapshot *ret_snapshot,
	struct errtext *ret_error)
{
	int rc = store->backend->ops->load(
		store->backend, recent, ret_snapshot, ret_error);

	if (rc == 0)
		sim_watch_loaded(ret_snapshot);
	return rc;
}

void store_snapshot_done(struct store_snapshot *snapshot)
{
	free(snapshot->board);
	free(snapshot->rollout);
	free(snapshot->task);
	free(snapshot->known_bad);
}
