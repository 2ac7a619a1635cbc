/* SPDX-License-Identifier: MIT
 *
 * The past of the store in memory: a copy of each record whenever something of it that is
 * shown has changed. For the files of the store alone.
 */
#ifndef WIPY_EDGE_STORE_PAST_H
#define WIPY_EDGE_STORE_PAST_H

#include "daemon/edge/store_backend.h"

struct past_row;

/* Zeroed: empty. */
struct past {
	struct past_row *row; /* in the order of the writes */
	size_t count;
};

void past_done(struct past *past);

/* A write that is about to be made; `before` is the record that stands there, or NULL. */
void past_note(struct past *past, const struct store_op *op, const void *before);

/* Leaves of each record what was in force at that time, and what came later. */
void past_prune(struct past *past, int64_t upto_s);

/* Leaves nothing of that rollout and its tasks. */
void past_forget(struct past *past, const struct id *rollout);

/* store_backend_ops.read_past. */
void past_read(const struct past *past, const struct store_past_query *query,
	int64_t *ret_begins_s, struct store_snapshot *ret_past);

#endif
