/* SPDX-License-Identifier: MIT
 *
 * The reads that are asked for while the loop runs: events, their chain, pieces of it,
 * what of it could go, the past. Each
 * is a job of the store's thread; what it was asked is copied into it.
 */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/store_chain.h"
#include "daemon/edge/store_job.h"

struct events_job {
	struct job job;
	char board[NAME_MAX_LEN];
	struct id rollout;
	struct store_event_query query; /* points into this job */
	struct event *events;
	size_t count;
	store_events_fn done;
	void *arg;
};

struct verify_job {
	struct job job;
	bool begun;
	struct chain_walk walk;
	store_verified_fn done;
	void *arg;
};

struct export_job {
	struct job job;
	struct store_export_query query;
	struct store_export page;
	store_export_fn done;
	void *arg;
};

struct plan_job {
	struct job job;
	bool planned, begun, unexported;
	struct store_prune_plan plan;
	struct chain_walk walk;
	store_plan_fn done;
	void *arg;
};

struct past_job {
	struct job job;
	char board[NAME_MAX_LEN];
	struct id first, last;
	struct store_past_query query; /* points into this job */
	int64_t begins_s;
	struct store_snapshot past;
	store_past_fn done;
	void *arg;
};

/* ---- events ---------------------------------------------------------------------- */

static const char *copy_name(char copy[NAME_MAX_LEN], const char *name)
{
	size_t len;

	if (!name)
		return NULL;
	len = strlen(name);
	assert(len < NAME_MAX_LEN);
	memcpy(copy, name, len);
	return copy;
}

static bool work_events(struct store_backend *backend, struct job *job)
{
	struct events_job *read = (struct events_job *)job;

	job->status = backend->ops->read_events(
		backend, &read->query, &read->events, &read->count);
	return false;
}

static void answer_events(struct job *job)
{
	struct events_job *read = (struct events_job *)job;

	read->done(read->arg, job->status, read->events, read->count);
	free(read->events);
	free(read);
}

void store_read_events(struct store *store, const struct store_event_query *query,
	store_events_fn done, void *arg)
{
	struct events_job *read = store_alloc(sizeof(*read));

	read->query = *query;
	read->query.board = copy_name(read->board, query->board);
	if (query->rollout) {
		read->rollout = *query->rollout;
		read->query.rollout = &read->rollout;
	}
	read->done = done;
	read->arg = arg;
	store_queue_read(store, &read->job, work_events, answer_events);
}

/* ---- the chain of events --------------------------------------------------------- */

const char *store_fault_name(enum store_fault fault)
{
	static const char *const names[STORE_FAULT_COUNT] = {
		"", "altered", "missing", "added", "checkpoint", "end"};

	return fault < STORE_FAULT_COUNT ? names[fault] : "invalid";
}

static bool work_verify(struct store_backend *backend, struct job *job)
{
	struct verify_job *verify = (struct verify_job *)job;
	bool more = false;

	job->status =
		backend->ops->verify(backend, verify->begun, &verify->walk, &more);
	verify->begun = true;
	return !job->status && more;
}

static void answer_verify(struct job *job)
{
	struct verify_job *verify = (struct verify_job *)job;

	verify->done(verify->arg, job->status, &verify->walk.verdict);
	free(verify);
}

void store_verify_events(struct store *store, store_verified_fn done, void *arg)
{
	struct verify_job *verify = store_alloc(sizeof(*verify));

	verify->done = done;
	verify->arg = arg;
	store_queue_read(store, &verify->job, work_verify, answer_verify);
}

/* ---- exporting and pruning ------------------------------------------------------- */

static bool work_export(struct store_backend *backend, struct job *job)
{
	struct export_job *read = (struct export_job *)job;

	job->status = backend->ops->export(backend, &read->query, &read->page);
	return false;
}

static void answer_export(struct job *job)
{
	struct export_job *read = (struct export_job *)job;

	read->done(read->arg, job->status, &read->page);
	chain_page_done(&read->page);
	free(read);
}

void store_export_events(struct store *store, const struct store_export_query *query,
	store_export_fn done, void *arg)
{
	struct export_job *read = store_alloc(sizeof(*read));

	read->query = *query;
	read->done = done;
	read->arg = arg;
	store_queue_read(store, &read->job, work_export, answer_export);
}

/* First the plan, then the walk along what would go. */
static bool work_plan(struct store_backend *backend, struct job *job)
{
	struct plan_job *read = (struct plan_job *)job;
	bool more = true;

	if (!read->planned) {
		job->status = backend->ops->plan_prune(
			backend, read->plan.before_s, read->unexported, &read->plan);
		read->planned = true;
		return !job->status && read->plan.upto_seq > 0;
	}
	job->status = backend->ops->verify(backend, read->begun, &read->walk, &more);
	read->begun = true;
	read->plan.fault = read->walk.verdict.fault;
	return !job->status && more &&
	       read->walk.verdict.last_seq < read->plan.upto_seq;
}

static void answer_plan(struct job *job)
{
	struct plan_job *read = (struct plan_job *)job;

	read->done(read->arg, job->status, &read->plan);
	free(read);
}

void store_plan_prune(struct store *store, int64_t before_s, bool unexported,
	store_plan_fn done, void *arg)
{
	struct plan_job *read = store_alloc(sizeof(*read));

	read->plan.before_s = before_s;
	read->unexported = unexported;
	read->done = done;
	read->arg = arg;
	store_queue_read(store, &read->job, work_plan, answer_plan);
}

/* ---- the past -------------------------------------------------------------------- */

static bool work_past(struct store_backend *backend, struct job *job)
{
	struct past_job *read = (struct past_job *)job;

	job->status = backend->ops->read_past(
		backend, &read->query, &read->begins_s, &read->past);
	return false;
}

static void answer_past(struct job *job)
{
	struct past_job *read = (struct past_job *)job;

	read->done(read->arg, job->status, read->begins_s, &read->past);
	store_snapshot_done(&read->past);
	free(read);
}

static struct past_job *past_job_new(int64_t at_s, store_past_fn done, void *arg)
{
	struct past_job *read = store_alloc(sizeof(*read));

	read->query.at_s = at_s;
	read->done = done;
	read->arg = arg;
	return read;
}

void store_read_past_boards(struct store *store, const char *board, int64_t at_s,
	store_past_fn done, void *arg)
{
	struct past_job *read = past_job_new(at_s, done, arg);

	read->query.board = copy_name(read->board, board);
	store_queue_read(store, &read->job, work_past, answer_past);
}

void store_read_past_rollout(struct store *store, const struct id *first,
	const struct id *last, int64_t at_s, store_past_fn done, void *arg)
{
	struct past_job *read = past_job_new(at_s, done, arg);

	read->query.rollouts = true;
	if (first) {
		read->first = *first;
		read->last = *last;
		read->query.first = &read->first;
		read->query.last = &read->last;
	}
	store_queue_read(store, &read->job, work_past, answer_past);
}

void store_read_past_rollouts(
	struct store *store, int64_t at_s, size_t most, store_past_fn done, void *arg)
{
	struct past_job *read = past_job_new(at_s, done, arg);

	read->query.rollouts = true;
	read->query.most = most;
	store_queue_read(store, &read->job, work_past, answer_past);
}

void store_read_rollouts(struct store *store, const struct id *after, int64_t now_s,
	size_t most, store_past_fn done, void *arg)
{
	struct past_job *read = past_job_new(now_s, done, arg);

	read->query.rollouts = true;
	read->query.most = most;
	read->query.counted = true;
	if (after) {
		read->first = *after;
		read->query.after = &read->first;
	}
	store_queue_read(store, &read->job, work_past, answer_past);
}
