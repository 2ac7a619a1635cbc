/* SPDX-License-Identifier: MIT
 *
 * The events of wipyd.db: numbered, chained, sealed by checkpoints, verified. Nothing of
 * them is ever changed. For the files of the store alone.
 */
#ifndef WIPY_EDGE_STORE_EVENTS_H
#define WIPY_EDGE_STORE_EVENTS_H

#include <sqlite3.h>

#include "daemon/edge/store_chain.h"

struct store_events;

/* Finds the chain's end. Returns SQLITE_OK, or SQLite's code with nothing to close. */
int store_events_open(sqlite3 *db, struct store_events **ret_events) WARN_UNUSED;
/* False: what is kept as the chain's end was not the end of the rows. Somebody else has
 * written, and store_events_verify() says where. */
bool store_events_fit(const struct store_events *events);
/* NULL is fine; returns NULL. */
struct store_events *store_events_close(struct store_events *events);

/* Within the transaction of the store; each returns SQLITE_OK or SQLite's code. */
int store_events_add(
	struct store_events *events, const struct event *event) WARN_UNUSED;
/* Before the COMMIT: the new end, and a checkpoint if the segment is full. */
int store_events_settle(struct store_events *events) WARN_UNUSED;
/* A checkpoint at the end of what there is, if that has none yet and is not in doubt. */
int store_events_seal(struct store_events *events) WARN_UNUSED;
/* After the COMMIT, and after a ROLLBACK (NULL is fine there). */
void store_events_committed(struct store_events *events);
void store_events_rolled_back(struct store_events *events);

/* store_backend_ops.read_events. */
int store_events_read(sqlite3 *db, struct store_events *events,
	const struct store_event_query *query, struct event **ret_events,
	size_t *ret_count) WARN_UNUSED;

/* store_backend_ops.verify, but for SQLite's code. */
int store_events_verify(struct store_events *events, bool begun,
	struct chain_walk *walk, bool *ret_more) WARN_UNUSED;

/* The migration to schema 2: events that are older than the chain get their values. */
int store_events_adopt(sqlite3 *db) WARN_UNUSED;

#endif
