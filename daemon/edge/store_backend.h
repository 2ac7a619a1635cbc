/* SPDX-License-Identifier: MIT
 *
 * What a back end of the store has to offer, and what it is given: the operations of a
 * batch, in order. For the files of the store alone. All calls of a back end are made
 * under one lock, most of them on the store's thread; it may block, it never calls back.
 */
#ifndef WIPY_EDGE_STORE_BACKEND_H
#define WIPY_EDGE_STORE_BACKEND_H

#include "daemon/edge/store.h"

enum store_op_kind {
	STORE_OP_BOARD,
	STORE_OP_BOARD_GONE,
	STORE_OP_ROLLOUT,
	STORE_OP_TASK,
	STORE_OP_KNOWN_BAD,
	STORE_OP_EVENT,
	STORE_OP_SEEN,
	STORE_OP_EXPORTED,
	STORE_OP_PRUNE,
	STORE_OP_COUNT
};

struct store_seen {
	char name[NAME_MAX_LEN];
	int64_t seen_s; /* of no meaning in STORE_OP_BOARD_GONE */
};

struct store_prune_op {
	int64_t upto_seq, upto_s;
	int64_t recent;
};

/* One write. The record follows it in the same block of memory. */
struct store_op {
	struct store_op *next;
	enum store_op_kind kind;
	int64_t time_s; /* when it was put; 0: no history is kept of it */
	union {
		void *record;
		const struct board *board;
		const struct rollout *rollout;
		const struct task *task;
		const struct known_bad *known_bad;
		const struct event *event;
		const struct store_seen *seen; /* SEEN and BOARD_GONE */
		const int64_t *exported_seq;
		const struct store_prune_op *prune;
	};
};

/* What of the past is asked for: see store_read_past_*(). */
struct store_past_query {
	int64_t at_s;
	bool rollouts; /* else boards */
	const char *board;
	const struct id *first, *last;
	size_t most;            /* rollouts, without tasks; 0: one, with its tasks */
	const struct id *after; /* of a list: only those before that one; NULL: all */
	bool counted;           /* of a list: with the outcomes that they have now */
};

/* How many rollouts are asked for: of a range two show that it is not one. */
static inline size_t store_past_most(const struct store_past_query *query)
{
	if (query->most)
		return query->most;
	return query->first ? 2 : 1;
}

struct chain_walk;

struct store_backend;

struct store_backend_ops {
	/* Opens a transaction; WIPY_E_STALE if another owner has taken over. */
	int (*begin)(struct store_backend *self);
	int (*apply)(struct store_backend *self, const struct store_op *op);
	/* 0: everything since begin() is durable. Otherwise nothing of it was written;
	 * rollback() follows, as after a failed apply(). */
	int (*commit)(struct store_backend *self);
	void (*rollback)(struct store_backend *self);
	int (*load)(struct store_backend *self, size_t recent,
		struct store_snapshot *ret_snapshot, struct errtext *ret_error);
	/* *ret_events is the caller's, from malloc(). */
	int (*read_events)(struct store_backend *self,
		const struct store_event_query *query, struct event **ret_events,
		size_t *ret_count);
	/* One step of the walk along the chain, which it begins if nothing was walked yet
	 * (`begun` is false). *ret_more: there is more to walk. */
	int (*verify)(struct store_backend *self, bool begun, struct chain_walk *walk,
		bool *ret_more);
	int (*read_past)(struct store_backend *self,
		const struct store_past_query *query, int64_t *ret_begins_s,
		struct store_snapshot *ret_past);
	/* The rows are appended to an empty page. */
	int (*export)(struct store_backend *self,
		const struct store_export_query *query, struct store_export *ret_page);
	/* All of the plan but `fault`. */
	int (*plan_prune)(struct store_backend *self, int64_t before_s, bool unexported,
		struct store_prune_plan *ret_plan);
	/* A bounded step of what can wait until nothing else is to do. Returns whether
	 * there is more; false as well if it failed: it is tried again after the next
	 * commit. NULL: there never is. */
	bool (*tidy)(struct store_backend *self);
	/* Bytes of its file; NULL: it has none. */
	int64_t (*size)(struct store_backend *self);
	void (*close)(struct store_backend *self); /* frees it */
};

/* A back end embeds this as its first member. */
struct store_backend {
	const struct store_backend_ops *ops;
};

/* Builds the store around a back end, which it takes: on failure it is closed. */
int store_start(uv_loop_t *loop, struct store_backend *backend,
	struct store **ret_store) WARN_UNUSED;
struct store_backend *store_backend_of(struct store *store);

/* Zeroed memory; aborts when there is none. */
void *store_alloc(size_t size);
/* Room for one element more behind `count`; doubles at powers of two, so it must have
 * been called for every element before. Aborts when there is no memory. */
void *store_grow(void *array, size_t count, size_t size);

/* The places of the oldest of the `recent` latest rollouts of people, and of the daemon's
 * repairs: however many of these there are, the others stay. */
struct store_recent {
	size_t from[2]; /* repairs: [1] */
};
static inline struct store_recent store_find_recent(
	const struct rollout *rollouts, size_t count, size_t recent)
{
	struct store_recent found = {{count, count}};
	size_t seen[2] = {0, 0};

	for (size_t i = count; i-- > 0;) {
		bool repair = rollout_is_repair(&rollouts[i]);

		if (seen[repair]++ < recent)
			found.from[repair] = i;
	}
	return found;
}

/* Whether store_load() wants the tasks of the rollout in that place. */
static inline bool store_wants_tasks(
	const struct rollout *rollout, size_t at, const struct store_recent *recent)
{
	return !rollout_is_over(rollout) ||
	       at >= recent->from[rollout_is_repair(rollout)];
}

#endif
