/* SPDX-License-Identifier: MIT
 *
 * The half of the store that all back ends share: batches, the queue, the thread that
 * works it off, and the way of the answers back onto the loop. It knows nothing of how
 * a back end keeps its rows.
 */
#include "config.h"

#include "daemon/edge/store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/edge/store_backend.h"
#include "daemon/edge/store_job.h"

struct job_list {
	struct job *first;
	struct job *last;
};

struct store_batch {
	struct job job;
	struct store *store;
	struct store_op *first;
	struct store_op *last;
	size_t len;
	bool has_events;
	store_done_fn done;
	void *arg;
};

struct store {
	uv_async_t async; /* something was finished */
	uv_thread_t thread;
	uv_mutex_t lock; /* over the lists and flags below */
	uv_cond_t more;
	struct job_list commits;
	struct job_list reads;
	struct job_list finished;
	bool untidy;  /* the back end may have something to do that can wait */
	bool closing; /* the thread ends once the lists are empty */
	bool ended;   /* it has, or is about to: nothing of it follows */
	struct store_figures figures;
	uv_mutex_t backend_lock;
	struct store_backend *backend;
	void (*on_events)(void *arg); /* only on the loop */
	void *on_events_arg;
	void (*closed)(void *arg);
	void *closed_arg;
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
	if (count & (count - 1))
		return array;
	if (count > SIZE_MAX / 2 / size)
		abort();
	array = realloc(array, (count ? 2 * count : 1) * size);
	if (!array)
		abort();
	return array;
}

/* ---- jobs ------------------------------------------------------------------------ */

static void job_append(struct job_list *list, struct job *job)
{
	job->next = NULL;
	if (list->last)
		list->last->next = job;
	else
		list->first = job;
	list->last = job;
}

static struct job *job_take_all(struct job_list *list)
{
	struct job *first = list->first;

	list->first = list->last = NULL;
	return first;
}

static struct job *job_take_first(struct job_list *list)
{
	struct job *job = list->first;

	list->first = job->next;
	if (!list->first)
		list->last = NULL;
	job->next = NULL;
	return job;
}

static void job_queue(struct store *store, struct job_list *list, struct job *job)
{
	uv_mutex_lock(&store->lock);
	assert(!store->closing);
	job_append(list, job);
	store->figures.waiting++;
	uv_cond_signal(&store->more);
	uv_mutex_unlock(&store->lock);
}

/* ---- batches --------------------------------------------------------------------- */

static struct store_batch *batch_of(struct job *job)
{
	return (struct store_batch *)job;
}

static void batch_clear(struct store_batch *batch)
{
	while (batch->first) {
		struct store_op *op = batch->first;

		batch->first = op->next;
		free(op);
	}
	batch->last = NULL;
}

struct store_batch *store_batch_new(struct store *store)
{
	struct store_batch *batch = store_alloc(sizeof(*batch));

	batch->store = store;
	return batch;
}

void store_batch_drop(struct store_batch *batch)
{
	if (!batch)
		return;
	batch_clear(batch);
	free(batch);
}

size_t store_batch_len(const struct store_batch *batch)
{
	return batch->len;
}

static void batch_add(struct store_batch *batch, enum store_op_kind kind,
	const void *record, size_t size)
{
	struct store_op *op = store_alloc(sizeof(*op) + size);

	op->kind = kind;
	op->time_s = time(NULL);
	op->record = op + 1;
	memcpy(op->record, record, size);
	if (batch->last)
		batch->last->next = op;
	else
		batch->first = op;
	batch->last = op;
	batch->len++;
}

static void batch_add_seen(struct store_batch *batch, enum store_op_kind kind,
	const char *name, int64_t seen_s)
{
	struct store_seen seen = {.seen_s = seen_s};
	size_t len = strlen(name);

	assert(len < sizeof(seen.name));
	memcpy(seen.name, name, len);
	batch_add(batch, kind, &seen, sizeof(seen));
}

void store_put_board(struct store_batch *batch, const struct board *board)
{
	batch_add(batch, STORE_OP_BOARD, board, sizeof(*board));
}

void store_delete_board(struct store_batch *batch, const char *name)
{
	batch_add_seen(batch, STORE_OP_BOARD_GONE, name, 0);
}

void store_put_rollout(struct store_batch *batch, const struct rollout *rollout)
{
	batch_add(batch, STORE_OP_ROLLOUT, rollout, sizeof(*rollout));
}

void store_put_task(struct store_batch *batch, const struct task *task)
{
	batch_add(batch, STORE_OP_TASK, task, sizeof(*task));
}

void store_put_known_bad(struct store_batch *batch, const struct known_bad *entry)
{
	batch_add(batch, STORE_OP_KNOWN_BAD, entry, sizeof(*entry));
}

void store_add_event(struct store_batch *batch, const struct event *event)
{
	batch_add(batch, STORE_OP_EVENT, event, sizeof(*event));
	batch->has_events = true;
}

void store_put_seen(struct store_batch *batch, const char *name, int64_t seen_s)
{
	batch_add_seen(batch, STORE_OP_SEEN, name, seen_s);
}

void store_note_exported(struct store_batch *batch, int64_t seq)
{
	batch_add(batch, STORE_OP_EXPORTED, &seq, sizeof(seq));
}

void store_put_prune(
	struct store_batch *batch, const struct store_prune_plan *plan, size_t recent)
{
	struct store_prune_op op = {plan->upto_seq, plan->upto_s, (int64_t)recent};

	batch_add(batch, STORE_OP_PRUNE, &op, sizeof(op));
}

static void answer_commit(struct job *job)
{
	struct store_batch *batch = batch_of(job);
	struct store *store = batch->store;

	if (job->status == 0 && batch->has_events && store->on_events)
		store->on_events(store->on_events_arg);
	if (batch->done)
		batch->done(batch->arg, job->status);
	store_batch_drop(batch);
}

void store_on_events(struct store *store, void (*fn)(void *arg), void *arg)
{
	store->on_events = fn;
	store->on_events_arg = arg;
}

void store_commit(struct store_batch *batch, store_done_fn done, void *arg)
{
	batch->done = done;
	batch->arg = arg;
	batch->job.answer = answer_commit;
	job_queue(batch->store, &batch->store->commits, &batch->job);
}

/* ---- the thread ------------------------------------------------------------------ */

/* The batches from first up to but not including end, as one transaction. Nothing but
 * empty ones needs none, and so cannot fail. */
static int write_batches(
	struct store_backend *backend, struct job *first, const struct job *end)
{
	bool open = false;
	int rc = 0;

	for (struct job *job = first; job != end; job = job->next) {
		for (struct store_op *op = batch_of(job)->first; op; op = op->next) {
			if (!open && (rc = backend->ops->begin(backend)))
				return rc;
			open = true;
			if ((rc = backend->ops->apply(backend, op)))
				goto fail;
		}
	}
	if (!open || !(rc = backend->ops->commit(backend)))
		return 0;
fail:
	backend->ops->rollback(backend);
	return rc;
}

/* Group commit: one fsync for all that waits. Only if that fails, one each. */
static void write_group(struct store_backend *backend, struct job *first)
{
	int together = write_batches(backend, first, NULL);
	bool one_by_one = together && first->next;

	for (struct job *job = first; job; job = job->next) {
		job->status =
			one_by_one ? write_batches(backend, job, job->next) : together;
		batch_clear(batch_of(job));
	}
}

enum work { WORK_END, WORK_COMMITS, WORK_READ, WORK_TIDY };

/* Waits for work. Commits go first: a board waits for each of them, for a read only a
 * person does, for tidying nobody. WORK_END: everything is done and the store closes. */
static enum work next_work(struct store *store, struct job **ret_jobs)
{
	enum work what = WORK_END;

	*ret_jobs = NULL;
	uv_mutex_lock(&store->lock);
	while (!store->commits.first && !store->reads.first && !store->closing &&
		!store->untidy)
		uv_cond_wait(&store->more, &store->lock);
	if (store->commits.first) {
		what = WORK_COMMITS;
		*ret_jobs = job_take_all(&store->commits);
		for (struct job *job = *ret_jobs; job; job = job->next)
			store->figures.waiting--;
	} else if (store->reads.first) {
		what = WORK_READ;
		*ret_jobs = job_take_first(&store->reads);
		store->figures.waiting--;
	} else if (!store->closing) {
		what = WORK_TIDY;
	}
	uv_mutex_unlock(&store->lock);
	return what;
}

/* What comes in steps queues up again behind every other read. */
static bool put_back(struct store *store, struct job *read)
{
	bool again;

	uv_mutex_lock(&store->lock);
	again = !store->closing;
	if (again) {
		job_append(&store->reads, read);
		store->figures.waiting++;
	} else {
		read->status = -ECANCELED;
	}
	uv_mutex_unlock(&store->lock);
	return again;
}

static void finish(struct store *store, struct job *work)
{
	uv_mutex_lock(&store->lock);
	while (work) {
		struct job *job = work;

		work = job->next;
		job_append(&store->finished, job);
	}
	uv_mutex_unlock(&store->lock);
	uv_async_send(&store->async);
}

static void note_size(struct store *store)
{
	struct store_backend *backend = store->backend;
	int64_t bytes = backend->ops->size ? backend->ops->size(backend) : 0;

	uv_mutex_lock(&store->lock);
	store->figures.bytes = bytes;
	uv_mutex_unlock(&store->lock);
}

static void note_commits(struct store *store, const struct job *first, uint64_t took_ns)
{
	uv_mutex_lock(&store->lock);
	for (const struct job *job = first; job; job = job->next)
		*(job->status ? &store->figures.failed : &store->figures.batches) += 1;
	histogram_add(&store->figures.commits, took_ns / 1000);
	uv_mutex_unlock(&store->lock);
	note_size(store);
}

/* Returns whether the jobs are done. */
static bool do_work(struct store *store, enum work what, struct job *jobs)
{
	struct store_backend *backend = store->backend;
	uint64_t began_ns = uv_hrtime();
	bool more = false;

	uv_mutex_lock(&store->backend_lock);
	if (what == WORK_COMMITS) {
		write_group(backend, jobs);
		note_commits(store, jobs, uv_hrtime() - began_ns);
	} else if (what == WORK_READ) {
		more = jobs->work(backend, jobs);
	}
	/* Only this thread looks at it. */
	if (what != WORK_READ)
		store->untidy = backend->ops->tidy &&
				(what == WORK_COMMITS || backend->ops->tidy(backend));
	uv_mutex_unlock(&store->backend_lock);
	return what != WORK_TIDY && (!more || !put_back(store, jobs));
}

static void thread_main(void *arg)
{
	struct store *store = arg;
	struct job *jobs;
	enum work what;

	note_size(store);
	while ((what = next_work(store, &jobs)) != WORK_END)
		if (do_work(store, what, jobs))
			finish(store, jobs);
	/* Here and not on the loop: it may write back a long log. */
	store->backend->ops->close(store->backend);
	uv_mutex_lock(&store->lock);
	store->ended = true;
	uv_mutex_unlock(&store->lock);
	uv_async_send(&store->async);
}

/* ---- on the loop ----------------------------------------------------------------- */

static void store_free(struct store *store)
{
	uv_mutex_destroy(&store->lock);
	uv_mutex_destroy(&store->backend_lock);
	uv_cond_destroy(&store->more);
	free(store);
}

static void on_closed(uv_handle_t *handle)
{
	struct store *store = handle->data;
	void (*closed)(void *arg) = store->closed;
	void *arg = store->closed_arg;

	store_free(store);
	if (closed)
		closed(arg);
}

static void on_finished(uv_async_t *async)
{
	struct store *store = async->data;
	struct job *finished;
	bool ended;

	uv_mutex_lock(&store->lock);
	finished = job_take_all(&store->finished);
	ended = store->ended;
	uv_mutex_unlock(&store->lock);
	while (finished) {
		struct job *job = finished;

		finished = job->next;
		job->answer(job);
	}
	if (!ended)
		return;
	/* The wake-up may have been an earlier one: the thread can still be inside its
	 * last uv_async_send(), so the handle outlives the thread. */
	uv_thread_join(&store->thread);
	uv_close((uv_handle_t *)&store->async, on_closed);
}

static int init_locks(struct store *store)
{
	int rc;

	if ((rc = uv_mutex_init(&store->lock)))
		return rc;
	if ((rc = uv_mutex_init(&store->backend_lock)))
		goto fail_lock;
	if ((rc = uv_cond_init(&store->more)))
		goto fail_backend_lock;
	return 0;
fail_backend_lock:
	uv_mutex_destroy(&store->backend_lock);
fail_lock:
	uv_mutex_destroy(&store->lock);
	return rc;
}

int store_start(
	uv_loop_t *loop, struct store_backend *backend, struct store **ret_store)
{
	struct store *store = store_alloc(sizeof(*store));
	int rc;

	store->backend = backend;
	store->untidy = backend->ops->tidy != NULL; /* as it was left */
	if ((rc = init_locks(store)))
		goto fail;
	if ((rc = uv_async_init(loop, &store->async, on_finished))) {
		store_free(store);
		store = NULL;
		goto fail;
	}
	store->async.data = store;
	if ((rc = uv_thread_create(&store->thread, thread_main, store))) {
		/* on_closed() frees it when the loop runs next. */
		uv_close((uv_handle_t *)&store->async, on_closed);
		store = NULL;
		goto fail;
	}
	*ret_store = store;
	return 0;
fail:
	backend->ops->close(backend);
	free(store);
	return rc;
}

struct store_backend *store_backend_of(struct store *store)
{
	return store->backend;
}

void store_close(struct store *store, void (*done)(void *arg), void *arg)
{
	uv_mutex_lock(&store->lock);
	assert(!store->closing);
	store->closed = done;
	store->closed_arg = arg;
	store->closing = true;
	uv_cond_signal(&store->more);
	uv_mutex_unlock(&store->lock);
}

void store_figures(struct store *store, struct store_figures *ret_figures)
{
	uv_mutex_lock(&store->lock);
	*ret_figures = store->figures;
	uv_mutex_unlock(&store->lock);
}

/* ---- reading --------------------------------------------------------------------- */

int store_load(struct store *store, size_t recent, struct store_snapshot *ret_snapshot,
	struct errtext *ret_error)
{
	int rc;

	uv_mutex_lock(&store->backend_lock);
	rc = store->backend->ops->load(store->backend, recent, ret_snapshot, ret_error);
	uv_mutex_unlock(&store->backend_lock);
	return rc;
}

void store_snapshot_done(struct store_snapshot *snapshot)
{
	free(snapshot->board);
	free(snapshot->rollout);
	free(snapshot->task);
	free(snapshot->known_bad);
	free(snapshot->outcomes);
	*snapshot = (struct store_snapshot){0};
}

void store_queue_read(struct store *store, struct job *job,
	bool (*work)(struct store_backend *backend, struct job *job),
	void (*answer)(struct job *job))
{
	job->work = work;
	job->answer = answer;
	job_queue(store, &store->reads, job);
}
