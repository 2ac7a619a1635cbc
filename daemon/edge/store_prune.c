/* SPDX-License-Identifier: MIT
 *
 * The steps follow the keys of each table with a cursor that only a COMMIT moves on, so
 * that none of them is longer than another and none is lost.
 */
#include "config.h"

#include "daemon/edge/store_prune.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/edge/store_chain.h"
#include "daemon/edge/store_db.h"

#define STEP "1000" /* rows a step: some milliseconds */

/* Of a history what is older than the row in force at the time ?3. */
#define NEXT(table)                                                                    \
	"SELECT max(seq) FROM (SELECT seq FROM " table                                 \
	" WHERE seq > ?1 ORDER BY seq LIMIT " STEP ")"
#define COLLAPSE(table, same)                                                          \
	"DELETE FROM " table " AS h WHERE seq > ?1 AND seq <= ?2 AND time_s <= ?3"     \
	" AND EXISTS (SELECT 1 FROM " table " AS n WHERE " same                        \
	" AND n.time_s <= ?3 AND (n.time_s, n.seq) > (h.time_s, h.seq))"

enum statement {
	STATE,
	/* reading */
	SINCE,
	UNTIL,
	PLACE,
	ROWS,
	TARGET,
	/* writing */
	NOTE,
	PUT,
	UNSEAL,
	FORGET,
	/* tidying */
	OLD_EVENTS,
	NEXT_BOARDS,
	NEXT_ROLLOUTS,
	NEXT_TASKS,
	OLD_BOARDS,
	OLD_ROLLOUTS,
	OLD_TASKS,
	NEXT_ENDED,
	ENDED_TASKS,
	ENDED_TASKS_HISTORY,
	ENDED_HISTORY,
	ENDED,
	TIDY,
	COUNT
};

/* ?1 and ?2 are the bounds of a range of keys. */
static const char *const texts[COUNT] = {
	[STATE] = "SELECT pruned_seq, pruned_s, pruned_rollout, exported_seq, untidy,"
		  " (SELECT min(seq) FROM checkpoints), events_seq FROM meta",
	/* Through the index on the time, right but for a clock that was set back. */
	[SINCE] = "SELECT seq FROM events WHERE time_s >= ?1 ORDER BY time_s, seq"
		  " LIMIT 1",
	[UNTIL] = "SELECT seq FROM events WHERE time_s <= ?1"
		  " ORDER BY time_s DESC, seq DESC LIMIT 1",
	/* Where a piece begins: at an event, or at the oldest checkpoint. */
	[PLACE] =
		"SELECT seq, chain FROM (SELECT seq, chain FROM events WHERE seq <= ?1"
		" AND seq > (SELECT pruned_seq FROM meta) ORDER BY seq DESC LIMIT 1)"
		" UNION ALL SELECT * FROM (SELECT seq, chain FROM checkpoints"
		" ORDER BY seq LIMIT 1) LIMIT 1",
	[ROWS] = "SELECT seq, time_s, actor, board, rollout, name, detail, cause, chain"
		 " FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3",
	[TARGET] = "SELECT c.seq, c.chain, e.time_s FROM checkpoints AS c"
		   " JOIN events AS e ON e.seq = c.seq WHERE c.seq > ?1 AND c.seq <= ?2"
		   " ORDER BY c.seq DESC LIMIT 1",
	[NOTE] = "UPDATE meta SET exported_seq = max(exported_seq, ?1)",
	[PUT] = "UPDATE meta SET pruned_seq = ?1, pruned_s = max(pruned_s, ?2),"
		" exported_seq = max(exported_seq, ?1), untidy = 1"
		" WHERE pruned_seq < ?1"
		" AND EXISTS (SELECT 1 FROM checkpoints WHERE seq = ?1)",
	[UNSEAL] = "DELETE FROM checkpoints WHERE seq < (SELECT pruned_seq FROM meta)",
	/* Repairs, which the daemon starts by itself, push nobody's rollouts out. */
	[FORGET] = "UPDATE meta SET pruned_rollout = coalesce((SELECT seq FROM rollouts"
		   " WHERE actor != 'wipyd' OR undo_of != zeroblob(16)"
		   " ORDER BY seq DESC LIMIT 1 OFFSET ?1), 0)",
	[OLD_EVENTS] = "DELETE FROM events WHERE seq IN (SELECT seq FROM events"
		       " WHERE seq <= ?2 ORDER BY seq LIMIT " STEP ")",
	[NEXT_BOARDS] = NEXT("boards_history"),
	[NEXT_ROLLOUTS] = NEXT("rollouts_history"),
	[NEXT_TASKS] = NEXT("tasks_history"),
	[OLD_BOARDS] = COLLAPSE("boards_history", "n.board = h.board"),
	[OLD_ROLLOUTS] = COLLAPSE("rollouts_history", "n.rollout = h.rollout"),
	[OLD_TASKS] = COLLAPSE(
		"tasks_history", "n.rollout = h.rollout AND n.board = h.board"),
	/* Nor does anything go on in its name: the catch-up of boards that were away. */
	[NEXT_ENDED] = "SELECT seq FROM rollouts WHERE seq > ?1 AND seq <= ?2"
		       " AND since_s <= ?3 AND state IN (SELECT value FROM"
		       " json_each(?4)) AND catch_up IN (SELECT value FROM"
		       " json_each(?4)) ORDER BY seq LIMIT 1",
	[ENDED_TASKS] =
		"DELETE FROM tasks WHERE seq IN (SELECT seq FROM tasks WHERE"
		" rollout = (SELECT id FROM rollouts WHERE seq = ?2) LIMIT " STEP ")",
	[ENDED_TASKS_HISTORY] =
		"DELETE FROM tasks_history WHERE seq IN (SELECT seq FROM tasks_history"
		" WHERE rollout = (SELECT id FROM rollouts WHERE seq = ?2) LIMIT " STEP
		")",
	[ENDED_HISTORY] = "DELETE FROM rollouts_history WHERE"
			  " rollout = (SELECT id FROM rollouts WHERE seq = ?2)",
	[ENDED] = "DELETE FROM rollouts WHERE seq = ?2",
	[TIDY] = "UPDATE meta SET untidy = 0",
};

enum phase { EVENTS, BOARDS, ROLLOUTS, TASKS, FORGETTING, DONE };

/* How far the steps are. */
struct progress {
	enum phase phase;
	int64_t at; /* the key behind which the phase goes on */
};

struct store_prune {
	sqlite3 *db;
	sqlite3_stmt *stmt[COUNT];
	struct progress now, durable;
	bool due;
	char ends[600]; /* the names of ends of rollouts, as JSON */
};

struct state {
	int64_t pruned_seq, pruned_s, pruned_rollout, exported_seq;
	int64_t first_seal, last_seq;
	bool untidy;
};

static void name_ends(struct store_prune *prune)
{
	sqlite3_str *text = sqlite3_str_new(NULL);
	char *list;

	/* No catch-up was ever due. */
	sqlite3_str_appendf(text, "[\"%s\"", rollout_state_name(ROLLOUT_DRAFT));
	for (enum rollout_state i = 0; i < ROLLOUT_STATE_COUNT; i++)
		if (rollout_state_is_end(i))
			sqlite3_str_appendf(text, ",\"%s\"", rollout_state_name(i));
	sqlite3_str_appendall(text, "]");
	list = sqlite3_str_finish(text);
	sqlite3_snprintf(sizeof(prune->ends), prune->ends, "%s", list ? list : "[]");
	sqlite3_free(list);
}

int store_prune_open(sqlite3 *db, struct store_prune **ret_prune)
{
	struct store_prune *prune = store_alloc(sizeof(*prune));
	int code = store_db_prepare(db, texts, COUNT, prune->stmt);

	prune->db = db;
	prune->due = true;
	name_ends(prune);
	if (code)
		prune = store_prune_close(prune);
	*ret_prune = prune;
	return code;
}

struct store_prune *store_prune_close(struct store_prune *prune)
{
	for (int i = 0; prune && i < COUNT; i++)
		sqlite3_finalize(prune->stmt[i]);
	free(prune);
	return NULL;
}

static int read_state(struct store_prune *prune, struct state *ret_state)
{
	sqlite3_stmt *stmt = prune->stmt[STATE];
	int code = sqlite3_step(stmt);

	*ret_state = (struct state){0};
	if (code == SQLITE_ROW) {
		ret_state->pruned_seq = sqlite3_column_int64(stmt, 0);
		ret_state->pruned_s = sqlite3_column_int64(stmt, 1);
		ret_state->pruned_rollout = sqlite3_column_int64(stmt, 2);
		ret_state->exported_seq = sqlite3_column_int64(stmt, 3);
		ret_state->untidy = sqlite3_column_int(stmt, 4) != 0;
		ret_state->first_seal = sqlite3_column_int64(stmt, 5);
		ret_state->last_seq = sqlite3_column_int64(stmt, 6);
	}
	sqlite3_reset(stmt);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Binds what the statement has of these. */
static int bind_numbers(
	sqlite3_stmt *stmt, int64_t first, int64_t second, int64_t third)
{
	const int64_t values[] = {first, second, third};
	int most = sqlite3_bind_parameter_count(stmt), code = SQLITE_OK;

	for (int i = 0; !code && i < most && i < 3; i++)
		code = sqlite3_bind_int64(stmt, i + 1, values[i]);
	return code;
}

static int run(
	struct store_prune *prune, enum statement which, int64_t first, int64_t second)
{
	int code = bind_numbers(prune->stmt[which], first, second, 0);

	return code ? code : store_db_run(prune->stmt[which]);
}

static int number(struct store_prune *prune, enum statement which, int64_t first,
	int64_t *ret_number)
{
	int code = bind_numbers(prune->stmt[which], first, 0, 0);

	return code ? code : store_db_number(prune->stmt[which], ret_number);
}

/* ---- reading --------------------------------------------------------------------- */

static void copy_value(sqlite3_stmt *stmt, int column, uint8_t ret_value[CHAIN_LEN])
{
	const void *value = sqlite3_column_blob(stmt, column);

	memset(ret_value, 0xff, CHAIN_LEN); /* fits nothing */
	if (value && sqlite3_column_bytes(stmt, column) == CHAIN_LEN)
		memcpy(ret_value, value, CHAIN_LEN);
}

/* The bytes are taken as they are, also of a row that is not a good event. */
static int read_rows(
	struct store_prune *prune, size_t max, struct store_export *ret_page)
{
	sqlite3_stmt *stmt = prune->stmt[ROWS];
	int code = bind_numbers(stmt, ret_page->after_seq, ret_page->last_seq,
		max < INT64_MAX ? (int64_t)max : INT64_MAX);

	if (code)
		return code;
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct chain_row row = {.seq = sqlite3_column_int64(stmt, 0),
			.time_s = sqlite3_column_int64(stmt, 1)};
		uint8_t value[CHAIN_LEN];

		for (int i = 0; i < CHAIN_PARTS; i++) {
			row.part[i].at = sqlite3_column_blob(stmt, 2 + i);
			row.part[i].len = (size_t)sqlite3_column_bytes(stmt, 2 + i);
		}
		copy_value(stmt, 2 + CHAIN_PARTS, value);
		chain_page_add(ret_page, &row, value);
	}
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* The range that is asked for, as numbers. */
static int find_range(struct store_prune *prune, const struct state *state,
	const struct store_export_query *query, int64_t *ret_after, int64_t *ret_last)
{
	int code = SQLITE_OK;

	*ret_after = query->after_seq;
	*ret_last = query->last_seq ? query->last_seq : state->last_seq;
	if (!query->after_seq && query->since_s) {
		if ((code = number(prune, SINCE, query->since_s, ret_after)))
			return code;
		*ret_after = *ret_after ? *ret_after - 1 : state->last_seq;
	}
	if (!query->last_seq && query->until_s)
		code = number(prune, UNTIL, query->until_s, ret_last);
	if (*ret_last > state->last_seq)
		*ret_last = state->last_seq;
	return code;
}

int store_prune_export(struct store_prune *prune,
	const struct store_export_query *query, struct store_export *ret_page)
{
	sqlite3_stmt *place = prune->stmt[PLACE];
	struct state state;
	int64_t after, last;
	int code;

	if ((code = read_state(prune, &state)) ||
		(code = find_range(prune, &state, query, &after, &last)) ||
		(code = bind_numbers(place, after, 0, 0)))
		return code;
	if ((code = sqlite3_step(place)) == SQLITE_ROW) {
		ret_page->after_seq = sqlite3_column_int64(place, 0);
		copy_value(place, 1, ret_page->chain);
	}
	sqlite3_reset(place);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? SQLITE_CORRUPT : code;
	ret_page->last_seq = last > ret_page->after_seq ? last : ret_page->after_seq;
	ret_page->exported_seq = state.exported_seq;
	return read_rows(prune, query->max, ret_page);
}

int store_prune_plan(struct store_prune *prune, int64_t before_s, bool unexported,
	struct store_prune_plan *ret_plan)
{
	sqlite3_stmt *stmt = prune->stmt[TARGET];
	struct state state;
	int64_t most = 0;
	int code;

	if ((code = read_state(prune, &state)) ||
		(code = number(prune, SINCE, before_s, &most)))
		return code;
	most = most ? most - 1 : state.last_seq;
	if (!unexported && most > state.exported_seq)
		most = state.exported_seq;
	ret_plan->first_seq = state.first_seal + 1;
	ret_plan->exported_seq = state.exported_seq;
	if ((code = bind_numbers(stmt, state.first_seal, most, 0)))
		return code;
	if ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		ret_plan->upto_seq = sqlite3_column_int64(stmt, 0);
		copy_value(stmt, 1, ret_plan->chain);
		ret_plan->upto_s = sqlite3_column_int64(stmt, 2);
	}
	sqlite3_reset(stmt);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int store_prune_begins(struct store_prune *prune, int64_t *ret_s)
{
	struct state state;
	int code = read_state(prune, &state);

	*ret_s = state.pruned_s;
	return code;
}

/* ---- writing --------------------------------------------------------------------- */

int store_prune_note_exported(struct store_prune *prune, int64_t seq)
{
	return run(prune, NOTE, seq, 0);
}

int store_prune_put(struct store_prune *prune, const struct store_prune_op *op)
{
	int code = run(prune, PUT, op->upto_seq, op->upto_s);

	if (code || sqlite3_changes(prune->db) == 0)
		return code;
	prune->due = true;
	prune->now = prune->durable = (struct progress){EVENTS, 0};
	code = run(prune, UNSEAL, 0, 0);
	return code ? code : run(prune, FORGET, op->recent, 0);
}

/* ---- tidying --------------------------------------------------------------------- */

static void next_phase(struct store_prune *prune)
{
	prune->now.phase++;
	prune->now.at = 0;
}

static int step_events(struct store_prune *prune, const struct state *state)
{
	int code = run(prune, OLD_EVENTS, 0, state->pruned_seq);

	if (!code && sqlite3_changes(prune->db) == 0)
		next_phase(prune);
	return code;
}

static int step_history(struct store_prune *prune, const struct state *state)
{
	int kind = (int)prune->now.phase - BOARDS;
	sqlite3_stmt *old = prune->stmt[OLD_BOARDS + kind];
	int64_t upto;
	int code = number(prune, NEXT_BOARDS + kind, prune->now.at, &upto);

	if (code)
		return code;
	if (!upto) {
		next_phase(prune);
		return SQLITE_OK;
	}
	if ((code = bind_numbers(old, prune->now.at, upto, state->pruned_s)) ||
		(code = store_db_run(old)))
		return code;
	prune->now.at = upto;
	return SQLITE_OK;
}

/* The tasks of a rollout first, since they are found by it. */
static int step_forgetting(struct store_prune *prune, const struct state *state)
{
	sqlite3_stmt *stmt = prune->stmt[NEXT_ENDED];
	int64_t seq;
	int code = bind_numbers(
		stmt, prune->now.at, state->pruned_rollout, state->pruned_s);

	if (code ||
		(code = sqlite3_bind_text(stmt, 4, prune->ends, -1, SQLITE_STATIC)) ||
		(code = store_db_number(stmt, &seq)))
		return code;
	if (!seq) {
		next_phase(prune);
		return SQLITE_OK;
	}
	if ((code = run(prune, ENDED_TASKS, 0, seq)) ||
		sqlite3_changes(prune->db) > 0 ||
		(code = run(prune, ENDED_TASKS_HISTORY, 0, seq)) ||
		sqlite3_changes(prune->db) > 0 ||
		(code = run(prune, ENDED_HISTORY, 0, seq)) ||
		(code = run(prune, ENDED, 0, seq)))
		return code;
	prune->now.at = seq;
	return SQLITE_OK;
}

int store_prune_step(struct store_prune *prune)
{
	struct state state;
	int code = read_state(prune, &state);

	if (code)
		return code;
	if (!state.untidy)
		prune->now.phase = DONE;
	switch (prune->now.phase) {
	case EVENTS:
		return step_events(prune, &state);
	case BOARDS:
	case ROLLOUTS:
	case TASKS:
		return step_history(prune, &state);
	case FORGETTING:
		return step_forgetting(prune, &state);
	case DONE:
		break;
	}
	return state.untidy ? run(prune, TIDY, 0, 0) : SQLITE_OK;
}

bool store_prune_stepped(struct store_prune *prune, bool committed)
{
	if (committed)
		prune->due = prune->durable.phase != DONE;
	if (committed)
		prune->durable = prune->now;
	else
		prune->now = prune->durable;
	return committed && prune->due;
}

bool store_prune_due(const struct store_prune *prune)
{
	return prune->due;
}
