/* SPDX-License-Identifier: MIT
 *
 * What leaves wipyd.db: pieces of the chain that are read for a file, and everything up to
 * a checkpoint that is pruned. For the files of the store alone.
 *
 * Pruning is one small change of `meta`, from which on the events are gone for every
 * reader; the rows follow in bounded steps, and after a crash as well.
 */
#ifndef WIPY_EDGE_STORE_PRUNE_H
#define WIPY_EDGE_STORE_PRUNE_H

#include <sqlite3.h>

#include "daemon/edge/store_backend.h"

struct store_prune;

/* Each returns SQLITE_OK or SQLite's code, here with nothing to close. */
int store_prune_open(sqlite3 *db, struct store_prune **ret_prune) WARN_UNUSED;
/* NULL is fine; returns NULL. */
struct store_prune *store_prune_close(struct store_prune *prune);

/* store_backend_ops.export and .plan_prune. */
int store_prune_export(struct store_prune *prune,
	const struct store_export_query *query,
	struct store_export *ret_page) WARN_UNUSED;
int store_prune_plan(struct store_prune *prune, int64_t before_s, bool unexported,
	struct store_prune_plan *ret_plan) WARN_UNUSED;
/* Nothing is known of times before; 0: of all. */
int store_prune_begins(struct store_prune *prune, int64_t *ret_s) WARN_UNUSED;

/* Within the transaction of the store. */
int store_prune_note_exported(struct store_prune *prune, int64_t seq) WARN_UNUSED;
int store_prune_put(
	struct store_prune *prune, const struct store_prune_op *op) WARN_UNUSED;
/* One step, if there is one. */
int store_prune_step(struct store_prune *prune) WARN_UNUSED;
/* After the COMMIT of the step, or its ROLLBACK. Returns whether there is more. */
bool store_prune_stepped(struct store_prune *prune, bool committed);
/* There may be something to do. */
bool store_prune_due(const struct store_prune *prune);

#endif
