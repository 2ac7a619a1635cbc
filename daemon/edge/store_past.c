/* SPDX-License-Identifier: MIT
 *
 * The past in memory. Every question walks through all of it: tests ask it small ones.
 */
#include "config.h"

#include "daemon/edge/store_past.h"

#include <stdlib.h>
#include <string.h>

struct past_row {
	int64_t time_s;
	enum store_op_kind kind; /* BOARD_GONE: with nothing but the name */
	union {
		struct board board;
		struct rollout rollout;
		struct task task;
	};
};

void past_done(struct past *past)
{
	free(past->row);
}

/* ---- writing --------------------------------------------------------------------- */

/* What changes without being shown is the same in the SQLite back end. */
static bool board_same(const struct board *a, const struct board *b)
{
	struct board copy = *a;

	copy.seen_s = b->seen_s;
	copy.misses = b->misses;
	copy.flaps = b->flaps;
	copy.intrusions = b->intrusions;
	return memcmp(&copy, b, sizeof(copy)) == 0;
}

static bool task_same(const struct task *a, const struct task *b)
{
	struct task copy = *a;

	copy.bytes_taken = b->bytes_taken;
	copy.due_s = b->due_s;
	return memcmp(&copy, b, sizeof(copy)) == 0;
}

static bool changes(const struct store_op *op, const void *before)
{
	switch (op->kind) {
	case STORE_OP_BOARD:
		return !before || !board_same(before, op->board);
	case STORE_OP_BOARD_GONE:
		return before != NULL;
	case STORE_OP_ROLLOUT:
		return !before ||
		       memcmp(before, op->rollout, sizeof(*op->rollout)) != 0;
	case STORE_OP_TASK:
		return !before || !task_same(before, op->task);
	case STORE_OP_KNOWN_BAD: /* its own history */
	case STORE_OP_EVENT:
	case STORE_OP_SEEN:
	case STORE_OP_EXPORTED:
	case STORE_OP_PRUNE:
	case STORE_OP_COUNT:
		break;
	}
	return false;
}

void past_note(struct past *past, const struct store_op *op, const void *before)
{
	struct past_row *row;

	if (!op->time_s || !changes(op, before))
		return;
	past->row = store_grow(past->row, past->count, sizeof(*past->row));
	row = &past->row[past->count++];
	memset(row, 0, sizeof(*row));
	row->time_s = op->time_s;
	row->kind = op->kind;
	if (op->kind == STORE_OP_BOARD)
		row->board = *op->board;
	else if (op->kind == STORE_OP_ROLLOUT)
		row->rollout = *op->rollout;
	else if (op->kind == STORE_OP_TASK)
		row->task = *op->task;
	else
		memcpy(row->board.name, op->seen->name, sizeof(row->board.name));
}

/* ---- reading --------------------------------------------------------------------- */

/* NULL is any. */
static bool row_is(const struct past_row *row, enum store_op_kind kind,
	const char *board, const struct id *rollout)
{
	if (row->kind == STORE_OP_TASK)
		return kind == STORE_OP_TASK && strcmp(row->task.board, board) == 0 &&
		       (!rollout || id_equal(&row->task.rollout, rollout));
	if (row->kind == STORE_OP_ROLLOUT)
		return kind == STORE_OP_ROLLOUT && id_equal(&row->rollout.id, rollout);
	return kind == STORE_OP_BOARD && strcmp(row->board.name, board) == 0;
}

/* The latest row up to a time, the last of several. */
static const struct past_row *latest_row(const struct past *past,
	enum store_op_kind kind, const char *board, const struct id *rollout,
	int64_t at_s)
{
	const struct past_row *found = NULL;

	for (size_t i = 0; i < past->count; i++) {
		const struct past_row *row = &past->row[i];

		if (row->time_s <= at_s && row_is(row, kind, board, rollout) &&
			(!found || row->time_s >= found->time_s))
			found = row;
	}
	return found;
}

/* The same; NULL: nothing was there then. */
static const struct past_row *row_at(const struct past *past, enum store_op_kind kind,
	const char *board, const struct id *rollout, int64_t at_s)
{
	const struct past_row *row = latest_row(past, kind, board, rollout, at_s);

	return row && row->kind == kind ? row : NULL;
}

/* The row is in force at that time. */
static bool row_stays(const struct past *past, const struct past_row *row, int64_t at_s)
{
	if (row->kind == STORE_OP_ROLLOUT)
		return latest_row(past, STORE_OP_ROLLOUT, NULL, &row->rollout.id,
			       at_s) == row;
	if (row->kind == STORE_OP_TASK)
		return latest_row(past, STORE_OP_TASK, row->task.board,
			       &row->task.rollout, at_s) == row;
	return latest_row(past, STORE_OP_BOARD, row->board.name, NULL, at_s) == row;
}

static void keep_only(struct past *past, const bool *keep)
{
	size_t kept = 0;

	for (size_t i = 0; i < past->count; i++)
		if (keep[i])
			past->row[kept++] = past->row[i];
	past->count = kept;
}

void past_prune(struct past *past, int64_t upto_s)
{
	bool *keep = store_alloc(past->count + 1);

	for (size_t i = 0; i < past->count; i++)
		keep[i] = past->row[i].time_s > upto_s ||
			  row_stays(past, &past->row[i], upto_s);
	keep_only(past, keep);
	free(keep);
}

void past_forget(struct past *past, const struct id *rollout)
{
	bool *keep = store_alloc(past->count + 1);

	for (size_t i = 0; i < past->count; i++) {
		const struct past_row *row = &past->row[i];

		keep[i] = !(row->kind == STORE_OP_ROLLOUT &&
				  id_equal(&row->rollout.id, rollout)) &&
			  !(row->kind == STORE_OP_TASK &&
				  id_equal(&row->task.rollout, rollout));
	}
	keep_only(past, keep);
	free(keep);
}

static void append_rollout(const struct past *past, const struct id *id, int64_t at_s,
	struct store_snapshot *then)
{
	const struct past_row *row = row_at(past, STORE_OP_ROLLOUT, NULL, id, at_s);

	for (size_t i = 0; i < then->rollout_count; i++)
		if (id_equal(&then->rollout[i].id, id))
			return;
	if (!row)
		return;
	then->rollout =
		store_grow(then->rollout, then->rollout_count, sizeof(*then->rollout));
	then->rollout[then->rollout_count++] = row->rollout;
}

static void append_task(const struct past_row *row, struct store_snapshot *then)
{
	if (!row)
		return;
	then->task = store_grow(then->task, then->task_count, sizeof(*then->task));
	then->task[then->task_count++] = row->task;
}

static void append_board(const struct past *past, const char *name, int64_t at_s,
	struct store_snapshot *then)
{
	const struct past_row *row = row_at(past, STORE_OP_BOARD, name, NULL, at_s);
	const struct past_row *task = row_at(past, STORE_OP_TASK, name, NULL, at_s);

	if (!row)
		return;
	then->board = store_grow(then->board, then->board_count, sizeof(*then->board));
	then->board[then->board_count++] = row->board;
	append_task(task, then);
	if (task && !task_state_is_end(task->task.state))
		append_rollout(past, &task->task.rollout, at_s, then);
}

/* The name that follows, in the order of strcmp(); NULL behind the last. */
static const char *next_board(const struct past *past, const char *name)
{
	const char *next = NULL;

	for (size_t i = 0; i < past->count; i++)
		if (past->row[i].kind == STORE_OP_BOARD &&
			strcmp(past->row[i].board.name, name) > 0 &&
			(!next || strcmp(past->row[i].board.name, next) < 0))
			next = past->row[i].board.name;
	return next;
}

static void append_tasks(const struct past *past, const struct id *rollout,
	int64_t at_s, struct store_snapshot *then)
{
	for (size_t i = 0; i < past->count; i++) {
		const struct past_row *row = &past->row[i];
		bool known = false;

		if (row->kind != STORE_OP_TASK || row->time_s > at_s ||
			!id_equal(&row->task.rollout, rollout))
			continue;
		for (size_t k = 0; !known && k < then->task_count; k++)
			known = strcmp(then->task[k].board, row->task.board) == 0;
		if (!known)
			append_task(row_at(past, STORE_OP_TASK, row->task.board,
					    rollout, at_s),
				then);
	}
}

static bool in_range(const struct id *id, const struct store_past_query *query)
{
	return !query->first || (memcmp(id, query->first, sizeof(*id)) >= 0 &&
					memcmp(id, query->last, sizeof(*id)) <= 0);
}

static void read_rollouts(const struct past *past, const struct store_past_query *query,
	struct store_snapshot *then)
{
	struct store_snapshot all = {0}; /* oldest first */
	size_t most = store_past_most(query), end;

	for (size_t i = 0; i < past->count; i++) {
		const struct past_row *row = &past->row[i];

		if (row->kind == STORE_OP_ROLLOUT &&
			row->rollout.created_s <= query->at_s &&
			in_range(&row->rollout.id, query))
			append_rollout(past, &row->rollout.id, query->at_s, &all);
	}
	end = query->after ? 0 : all.rollout_count;
	for (size_t i = 0; query->after && i < all.rollout_count; i++)
		if (id_equal(&all.rollout[i].id, query->after))
			end = i;
	for (size_t i = end; i > 0 && then->rollout_count < most; i--)
		append_rollout(past, &all.rollout[i - 1].id, query->at_s, then);
	free(all.rollout);
	if (!query->most && then->rollout_count == 1)
		append_tasks(past, &then->rollout[0].id, query->at_s, then);
}

void past_read(const struct past *past, const struct store_past_query *query,
	int64_t *ret_begins_s, struct store_snapshot *ret_past)
{
	*ret_past = (struct store_snapshot){0};
	*ret_begins_s = past->count > 0 ? past->row[0].time_s : 0;
	if (query->rollouts) {
		read_rollouts(past, query, ret_past);
		return;
	}
	if (query->board) {
		append_board(past, query->board, query->at_s, ret_past);
		return;
	}
	for (const char *name = next_board(past, ""); name;
		name = next_board(past, name))
		append_board(past, name, query->at_s, ret_past);
}
