/* SPDX-License-Identifier: MIT
 *
 * The past of wipyd.db: each time that a record changes in something that is shown, how
 * it is from then on is kept as a row of its own; a question about a time is answered by
 * the latest row up to it, found through an index. For the files of the store alone.
 */
#ifndef WIPY_EDGE_STORE_HISTORY_H
#define WIPY_EDGE_STORE_HISTORY_H

#include <sqlite3.h>

#include "daemon/edge/store_backend.h"

struct store_history;

/* Returns SQLITE_OK, or SQLite's code with nothing to close. */
int store_history_open(sqlite3 *db, struct store_history **ret_history) WARN_UNUSED;
/* NULL is fine; returns NULL. */
struct store_history *store_history_close(struct store_history *history);

/* Around the writing of a board, a rollout or a task, in its transaction; for any other
 * operation they do nothing. Each returns SQLITE_OK or SQLite's code. */
int store_history_before(
	struct store_history *history, const struct store_op *op) WARN_UNUSED;
int store_history_after(
	struct store_history *history, const struct store_op *op) WARN_UNUSED;

/* Where nothing was ever kept: begins with everything as it is now. In a transaction. */
int store_history_seed(struct store_history *history, int64_t now_s) WARN_UNUSED;

/* store_backend_ops.read_past. WIPY_E_CORRUPT, logged, for a row that this program does
 * not understand. */
int store_history_read(struct store_history *history,
	const struct store_past_query *query, int64_t *ret_begins_s,
	struct store_snapshot *ret_past) WARN_UNUSED;

#endif
