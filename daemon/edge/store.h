/* SPDX-License-Identifier: MIT
 *
 * The store: what must survive the daemon. Writes are gathered in a batch and committed
 * as one transaction by the store's own thread; the answer comes back on the loop.
 * Every batch carries the writer's fencing token and may be answered WIPY_E_STALE: then
 * another daemon owns the boards and this one must stop acting on them.
 *
 * Two back ends: SQLite (WAL, synchronous=FULL) and memory (tests; it keeps the
 * interface honest). Neither blocks the loop after store_open_*().
 */
#ifndef WIPY_EDGE_STORE_H
#define WIPY_EDGE_STORE_H

#include <stddef.h>
#include <uv.h>

#include "common/chain.h"
#include "common/err.h"
#include "daemon/core/model.h"
#include "daemon/core/tally.h"

struct store;
struct store_batch;

/* Opens (creating it, mode 0600) DIR/wipyd.db, checks it, migrates the schema, takes the
 * ownership (a higher fencing token than any before) and starts the thread. Blocks; to
 * be called before the loop runs. A second wipyd on the same folder gets WIPY_E_LOCKED, a
 * damaged file WIPY_E_CORRUPT, a database of a newer schema -ENOTSUP, each with a sentence
 * in *ret_error that names the file and the next step.
 *
 * STORE_FULL, with a sentence as well: it is open, but the disk is full. Everything can be
 * read; commits answer WIPY_E_FULL until one of them finds room. Only a new database, or
 * one that must be brought to a newer schema, gets WIPY_E_FULL. */
#define STORE_FULL 1
int store_open_sqlite(uv_loop_t *loop, const char *dir, struct store **ret_store,
	struct errtext *ret_error) WARN_UNUSED;

/* The same interface over plain memory. */
int store_open_memory(uv_loop_t *loop, struct store **ret_store) WARN_UNUSED;

/* Memory back end only: from now on every commit answers WIPY_E_STALE, as after another
 * daemon has taken over. */
void store_memory_lose_lease(struct store *store);

/* Finishes what is queued, then calls done(arg) on the loop once everything is closed;
 * the store is freed. No other call is allowed after it. */
void store_close(struct store *store, void (*done)(void *arg), void *arg);

/* ---- writing --------------------------------------------------------------------- */

/* A batch is one transaction. Never NULL (aborts on exhausted memory). All put
 * functions copy. */
struct store_batch *store_batch_new(struct store *store);
void store_put_board(struct store_batch *batch, const struct board *board);
void store_delete_board(struct store_batch *batch, const char *name);
void store_put_rollout(struct store_batch *batch, const struct rollout *rollout);
void store_put_task(struct store_batch *batch, const struct task *task);
/* Anew, or with the same number the one that is cleared now. */
void store_put_known_bad(struct store_batch *batch, const struct known_bad *entry);
void store_add_event(struct store_batch *batch, const struct event *event);
/* Only boards.seen_s: the bulk write of each minute. */
void store_put_seen(struct store_batch *batch, const char *name, int64_t seen_s);
size_t store_batch_len(const struct store_batch *batch);
void store_batch_drop(struct store_batch *batch);

/* status: 0 once durable; WIPY_E_STALE, WIPY_E_FULL, WIPY_E_CORRUPT, -EIO: nothing of the
 * batch was written. Called on the loop, in the order of the commits. */
typedef void (*store_done_fn)(void *arg, int status);

/* Takes the batch. An empty batch answers 0, in order as well. Batches that wait are
 * written in one transaction together (group commit); if that fails each is tried
 * alone, so that one cannot spoil another. `done` may be NULL. */
void store_commit(struct store_batch *batch, store_done_fn done, void *arg);

/* ---- reading --------------------------------------------------------------------- */

/* Everything that the daemon keeps in memory, read at start. Blocks; before the loop
 * runs. Tasks of ended rollouts are left out unless the rollout is among the latest
 * `recent` ones. The arrays belong to the caller: store_snapshot_done(). */
struct store_snapshot {
	struct board *board;
	size_t board_count;
	struct rollout *rollout; /* oldest first */
	size_t rollout_count;
	struct task *task; /* ordered by rollout, then as they were first written */
	size_t task_count;
	struct known_bad *known_bad; /* by number, cleared ones too */
	size_t known_bad_count;
	/* Of each rollout, where that was asked for: how many tasks are in each state. */
	struct store_outcomes *outcomes;
};
struct store_outcomes {
	size_t of[TASK_STATE_COUNT];
};
int store_load(struct store *store, size_t recent, struct store_snapshot *ret_snapshot,
	struct errtext *ret_error) WARN_UNUSED;
void store_snapshot_done(struct store_snapshot *snapshot);

/* Which events: of a board (NULL: any), of a rollout (NULL: any), not before `since_s` (0:
 * however old), at most `max`: newest first, the latest that are older than number
 * `before_seq` (0: of all), or oldest first, those that follow number `after_seq`. */
struct store_event_query {
	const char *board;
	const struct id *rollout;
	bool oldest_first;
	int64_t before_seq, after_seq;
	int64_t since_s;
	size_t max;
};

/* In that order, read by the store's thread without blocking the loop. `events` lives for
 * the call only. */
typedef void (*store_events_fn)(
	void *arg, int status, const struct event *events, size_t count);
void store_read_events(struct store *store, const struct store_event_query *query,
	store_events_fn done, void *arg);

/* From now on fn(arg) is called on the loop behind each commit that has made events
 * durable, which may have been read by then; NULL: nobody wants to know any more. */
void store_on_events(struct store *store, void (*fn)(void *arg), void *arg);

/* ---- the chain of events --------------------------------------------------------- */

#define STORE_CHAIN_LEN CHAIN_LEN

enum store_fault {
	STORE_FAULT_NONE,
	STORE_FAULT_ALTERED,    /* the event is not what was written */
	STORE_FAULT_MISSING,    /* the events are not there any more */
	STORE_FAULT_ADDED,      /* the events were not written by wipyd */
	STORE_FAULT_CHECKPOINT, /* the checkpoint is not what was written, or gone */
	STORE_FAULT_END,        /* what is kept as the chain's end is not its end */
	STORE_FAULT_COUNT
};
/* A stable word: "altered", ...; "" for none. */
const char *store_fault_name(enum store_fault fault);

struct store_verdict {
	enum store_fault fault;
	int64_t bad_first, bad_last;    /* the first events that do not fit */
	int64_t from_seq;               /* the checkpoint that it began behind */
	int64_t last_seq;               /* the last event that fits */
	int64_t count;                  /* events that fit */
	uint8_t chain[STORE_CHAIN_LEN]; /* the chain's value at last_seq */
};

/* Walks the whole chain from the oldest checkpoint on, in steps between which commits go
 * first. status: 0 with a verdict, good or bad; -ECANCELED when the store closes, or an
 * error of the disk. */
typedef void (*store_verified_fn)(
	void *arg, int status, const struct store_verdict *verdict);
void store_verify_events(struct store *store, store_verified_fn done, void *arg);

/* ---- exporting and pruning ------------------------------------------------------- */

/* An event with its bytes as they are kept, and the chain's value behind it. */
struct store_export_row {
	struct chain_row row;
	uint8_t chain[STORE_CHAIN_LEN];
	void *bytes; /* of the row's parts */
};

struct store_export_query {
	int64_t after_seq; /* the rows that follow this event; 0: since_s decides */
	int64_t since_s; /* from the first event that is not older; 0: from the first */
	int64_t last_seq; /* none behind this event; 0: until_s decides */
	int64_t until_s;  /* up to the last event that is not newer; 0: all */
	size_t max;
};

/* A piece of the chain, oldest first, without a gap but for what the store has not. */
struct store_export {
	int64_t after_seq;              /* the rows follow this event or checkpoint, */
	uint8_t chain[STORE_CHAIN_LEN]; /* where the chain's value is this */
	int64_t last_seq;               /* the end of the range, or after_seq */
	int64_t exported_seq;           /* see store_note_exported() */
	struct store_export_row *row;
	size_t count;
};

/* `page` lives for the call only. */
typedef void (*store_export_fn)(void *arg, int status, const struct store_export *page);
void store_export_events(struct store *store, const struct store_export_query *query,
	store_export_fn done, void *arg);

/* Every event up to this one is in files that somebody has. */
void store_note_exported(struct store_batch *batch, int64_t seq);

/* What can go: whole segments, each sealed by a checkpoint. */
struct store_prune_plan {
	int64_t before_s;               /* as asked for */
	int64_t first_seq;              /* the oldest event that is kept now */
	int64_t upto_seq;               /* the last to go; 0: none can */
	int64_t upto_s;                 /* when that was */
	uint8_t chain[STORE_CHAIN_LEN]; /* the chain's value there */
	int64_t exported_seq;
	enum store_fault fault; /* up to there: then nothing may go */
};

/* The segments that end before that time and, but with `unexported`, are exported. The
 * chain is verified up to their end, in steps, and commits go first. */
typedef void (*store_plan_fn)(
	void *arg, int status, const struct store_prune_plan *plan);
void store_plan_prune(struct store *store, int64_t before_s, bool unexported,
	store_plan_fn done, void *arg);

/* From that commit on the events of the plan are gone, of the history only what was in
 * force at upto_s is left, and rollouts that had ended by then are forgotten, but for the
 * latest `recent` ones. The rows themselves go bit by bit when nothing else is to do; a
 * plan that another one has overtaken does nothing. */
void store_put_prune(
	struct store_batch *batch, const struct store_prune_plan *plan, size_t recent);

/* ---- how it does ----------------------------------------------------------------- */

struct store_figures {
	uint64_t batches, failed; /* committed, or not */
	struct histogram commits; /* of groups of batches */
	size_t waiting;           /* batches and reads that the thread has not begun */
	int64_t bytes;            /* of the database file, without its log; 0: none */
};
/* Since it was opened. */
void store_figures(struct store *store, struct store_figures *ret_figures);

/* ---- the past -------------------------------------------------------------------- */

/* Boards and rollouts as they were, from rows that are written whenever something that is
 * shown has changed. What changes all the time (seen_s, misses, intrusions, ...) is as it
 * was when something else changed last.
 *
 * `past` lives for the call only. begins_s: when the rows begin (0: there are none);
 * nothing is known of times before. WIPY_E_PRUNED: they began earlier, but were pruned. */
typedef void (*store_past_fn)(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past);

/* The board (NULL: all of them, by name), the latest task that each had had by then, and
 * the rollouts of those tasks that had not ended. */
void store_read_past_boards(struct store *store, const char *board, int64_t at_s,
	store_past_fn done, void *arg);
/* The rollout whose id lies between the two (NULL: the latest that had been started by
 * then) and its tasks. If several do: two of them, without tasks. */
void store_read_past_rollout(struct store *store, const struct id *first,
	const struct id *last, int64_t at_s, store_past_fn done, void *arg);
/* The latest `most` that had been started by then, newest first, without their tasks. */
void store_read_past_rollouts(
	struct store *store, int64_t at_s, size_t most, store_past_fn done, void *arg);
/* The latest `most` that were started before the rollout `after` (NULL: of all), newest
 * first, as they are now, with their outcomes. */
void store_read_rollouts(struct store *store, const struct id *after, int64_t now_s,
	size_t most, store_past_fn done, void *arg);

#endif
