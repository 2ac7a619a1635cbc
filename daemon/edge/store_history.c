/* SPDX-License-Identifier: MIT
 *
 * The history in SQLite. Whether a record has changed is asked of its own table, before
 * and after the write: a clock that was set back must not hide a change.
 */
#include "config.h"

#include "daemon/edge/store_history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/log.h"
#include "daemon/edge/store_record.h"

#define TAG "store"

/* Parameters, the same in all statements: 1 the board, 2 the rollout, 3 a time, 4 and 5
 * what is kept, 6 the end of a range of rollouts. */
enum { BOARD = 1, ROLLOUT, TIME, RECORD, REST, LAST };

enum kind { BOARDS, ROLLOUTS, TASKS, KINDS };

#define INSERT(keys, values)                                                           \
	"INSERT INTO " keys ", time_s, record, rest) VALUES (" values ", ?3, ?4, ?5)"
#define AT(table, key)                                                                 \
	"SELECT record, rest FROM " table " WHERE " key                                \
	" AND time_s <= ?3 ORDER BY time_s DESC, seq DESC LIMIT 1"

static const struct {
	const struct store_table *table;
	const char *now;          /* the present row: what follows SELECT ... FROM */
	const char *add, *at;     /* a row of the history; the one of a time */
	const char *begins;       /* the time of the first */
	const char *const *quiet; /* columns that change without being shown */
} kinds[KINDS] = {
	[BOARDS] = {&store_boards_table, "WHERE name = ?1",
		INSERT("boards_history (board", "?1"),
		AT("boards_history", "board = ?1"),
		"SELECT time_s FROM boards_history ORDER BY seq LIMIT 1",
		(const char *const[]){"seen_s", "misses", "flaps", "intrusions", NULL}},
	[ROLLOUTS] = {&store_rollouts_table, "WHERE id = ?2",
		INSERT("rollouts_history (rollout", "?2"),
		AT("rollouts_history", "rollout = ?2"),
		"SELECT time_s FROM rollouts_history ORDER BY seq LIMIT 1",
		(const char *const[]){NULL}},
	[TASKS] = {&store_tasks_table, "WHERE rollout = ?2 AND board = ?1",
		INSERT("tasks_history (rollout, board", "?2, ?1"),
		AT("tasks_history", "rollout = ?2 AND board = ?1"),
		"SELECT time_s FROM tasks_history ORDER BY seq LIMIT 1",
		(const char *const[]){"bytes_taken", "due_s", NULL}},
};

enum extra {
	NEXT_BOARD,  /* the names that the history knows, one after the other */
	LATEST_TASK, /* of a board */
	LATEST,      /* the rollout begun last at a time */
	IN_RANGE,    /* the rollouts whose ids lie in a range */
	BOARDS_OF,   /* of a rollout, in the order of its tasks */
	OUTCOMES_OF, /* of a rollout, as they are now */
	EXTRAS
};

static const char *const extras[EXTRAS] = {
	[NEXT_BOARD] = "SELECT board FROM boards_history WHERE board > ?1"
		       " ORDER BY board LIMIT 1",
	[LATEST_TASK] = AT("tasks_history", "board = ?1"),
	[LATEST] = "SELECT id FROM rollouts WHERE created_s <= ?3 ORDER BY seq DESC",
	[IN_RANGE] = "SELECT id FROM rollouts WHERE id BETWEEN ?2 AND ?6"
		     " AND created_s <= ?3",
	[BOARDS_OF] = "SELECT board FROM tasks WHERE rollout = ?2 ORDER BY seq",
	[OUTCOMES_OF] = "SELECT state, count(*) FROM tasks WHERE rollout = ?2"
			" GROUP BY state",
};

struct store_history {
	struct {
		sqlite3_stmt *now, *all, *add, *at, *begins, *decode;
	} of[KINDS];
	sqlite3_stmt *extra[EXTRAS];
	sqlite3 *db;
	char *before; /* of the record that is being written; NULL: there was none */
};

/* ---- opening --------------------------------------------------------------------- */

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_stmt)
{
	if (!sql)
		return SQLITE_NOMEM;
	return sqlite3_prepare_v3(
		db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_stmt, NULL);
}

static int prepare_select(
	sqlite3 *db, enum kind kind, const char *tail, sqlite3_stmt **ret_stmt)
{
	char *sql = store_sql_select(kinds[kind].table, tail);
	int code = prepare(db, sql, ret_stmt);

	sqlite3_free(sql);
	return code;
}

static int prepare_all(struct store_history *history)
{
	sqlite3 *db = history->db;
	int code = SQLITE_OK;

	for (enum kind i = 0; !code && i < KINDS; i++)
		if ((code = prepare_select(db, i, kinds[i].now, &history->of[i].now)) ||
			(code = prepare_select(db, i, "", &history->of[i].all)) ||
			(code = prepare(db, kinds[i].add, &history->of[i].add)) ||
			(code = prepare(db, kinds[i].at, &history->of[i].at)) ||
			(code = prepare(db, kinds[i].begins, &history->of[i].begins)))
			break;
	for (enum kind i = 0; !code && i < KINDS; i++)
		code = store_record_prepare(db, kinds[i].table, &history->of[i].decode);
	for (int i = 0; !code && i < EXTRAS; i++)
		code = prepare(db, extras[i], &history->extra[i]);
	return code;
}

int store_history_open(sqlite3 *db, struct store_history **ret_history)
{
	struct store_history *history = store_alloc(sizeof(*history));
	int code;

	history->db = db;
	if ((code = prepare_all(history)))
		history = store_history_close(history);
	*ret_history = history;
	return code;
}

struct store_history *store_history_close(struct store_history *history)
{
	if (!history)
		return NULL;
	for (int i = 0; i < KINDS; i++) {
		sqlite3_finalize(history->of[i].now);
		sqlite3_finalize(history->of[i].all);
		sqlite3_finalize(history->of[i].add);
		sqlite3_finalize(history->of[i].at);
		sqlite3_finalize(history->of[i].begins);
		sqlite3_finalize(history->of[i].decode);
	}
	for (int i = 0; i < EXTRAS; i++)
		sqlite3_finalize(history->extra[i]);
	sqlite3_free(history->before);
	free(history);
	return NULL;
}

/* ---- binding --------------------------------------------------------------------- */

/* Of what a record is known by; a rollout has no board, a board no rollout. */
struct key {
	const char *board;
	const struct id *rollout;
};

/* A statement need not use all of them. */
static int bind_key(sqlite3_stmt *stmt, const struct key *key)
{
	int most = sqlite3_bind_parameter_count(stmt), code = SQLITE_OK;

	if (key->board && most >= BOARD)
		code = sqlite3_bind_text(stmt, BOARD, key->board, -1, SQLITE_STATIC);
	if (!code && key->rollout && most >= ROLLOUT)
		code = sqlite3_bind_blob(
			stmt, ROLLOUT, key->rollout->byte, ID_LEN, SQLITE_STATIC);
	return code;
}

static bool key_of(const struct store_op *op, enum kind *ret_kind, struct key *ret_key)
{
	*ret_kind = BOARDS;
	*ret_key = (struct key){NULL, NULL};
	switch (op->kind) {
	case STORE_OP_BOARD:
	case STORE_OP_BOARD_GONE:
		ret_key->board =
			op->kind == STORE_OP_BOARD ? op->board->name : op->seen->name;
		break;
	case STORE_OP_ROLLOUT:
		*ret_kind = ROLLOUTS;
		ret_key->rollout = &op->rollout->id;
		break;
	case STORE_OP_TASK:
		*ret_kind = TASKS;
		*ret_key = (struct key){op->task->board, &op->task->rollout};
		break;
	case STORE_OP_KNOWN_BAD:
	case STORE_OP_EVENT:
	case STORE_OP_SEEN:
	case STORE_OP_EXPORTED:
	case STORE_OP_PRUNE:
	case STORE_OP_COUNT:
		return false;
	}
	return op->time_s != 0;
}

/* ---- writing --------------------------------------------------------------------- */

/* The present row as texts, to be freed; NULL where there is no row. */
static int read_now(struct store_history *history, enum kind kind,
	const struct key *key, char **ret_record, char **ret_rest)
{
	sqlite3_stmt *stmt = history->of[kind].now;
	int code = bind_key(stmt, key);

	*ret_record = *ret_rest = NULL;
	if (code)
		return code;
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW) {
		*ret_record = store_record_write(stmt, kinds[kind].quiet, false);
		*ret_rest = store_record_write(stmt, kinds[kind].quiet, true);
		code = *ret_record && *ret_rest ? SQLITE_DONE : SQLITE_NOMEM;
	}
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* A NULL is bound as one. */
static int bind_bytes(sqlite3_stmt *stmt, int parameter, const char *text)
{
	return sqlite3_bind_blob(
		stmt, parameter, text, text ? (int)strlen(text) : 0, SQLITE_STATIC);
}

static int add_row(struct store_history *history, enum kind kind, const struct key *key,
	int64_t time_s, const char *record, const char *rest)
{
	sqlite3_stmt *stmt = history->of[kind].add;
	int code = bind_key(stmt, key);

	if (code || (code = sqlite3_bind_int64(stmt, TIME, time_s)) ||
		(code = bind_bytes(stmt, RECORD, record)) ||
		(code = bind_bytes(stmt, REST, rest)))
		return code;
	code = sqlite3_step(stmt);
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int store_history_before(struct store_history *history, const struct store_op *op)
{
	enum kind kind;
	struct key key;
	char *rest;
	int code;

	sqlite3_free(history->before);
	history->before = NULL;
	if (!key_of(op, &kind, &key))
		return SQLITE_OK;
	code = read_now(history, kind, &key, &history->before, &rest);
	sqlite3_free(rest);
	return code;
}

int store_history_after(struct store_history *history, const struct store_op *op)
{
	char *record, *rest;
	enum kind kind;
	struct key key;
	int code;

	if (!key_of(op, &kind, &key))
		return SQLITE_OK;
	code = read_now(history, kind, &key, &record, &rest);
	if (!code && (record ? !history->before || strcmp(record, history->before) != 0
			     : history->before != NULL))
		code = add_row(history, kind, &key, op->time_s, record, rest);
	sqlite3_free(record);
	sqlite3_free(rest);
	return code;
}

/* ---- beginning ------------------------------------------------------------------- */

static int begins(struct store_history *history, int64_t *ret_begins_s)
{
	*ret_begins_s = 0;
	for (int i = 0; i < KINDS; i++) {
		sqlite3_stmt *stmt = history->of[i].begins;
		int code = sqlite3_step(stmt);
		int64_t first_s =
			code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;

		sqlite3_reset(stmt);
		if (code != SQLITE_ROW && code != SQLITE_DONE)
			return code;
		if (first_s && (!*ret_begins_s || first_s < *ret_begins_s))
			*ret_begins_s = first_s;
	}
	return SQLITE_OK;
}

/* The keys stand in the first columns, as in the table of fields. */
static int seed_row(struct store_history *history, enum kind kind, int64_t now_s)
{
	sqlite3_stmt *row = history->of[kind].all;
	char *record = store_record_write(row, kinds[kind].quiet, false);
	char *rest = store_record_write(row, kinds[kind].quiet, true);
	const void *id = kind == BOARDS ? NULL : sqlite3_column_blob(row, 0);
	struct id rollout = {{0}};
	struct key key = {NULL, NULL};
	int code = SQLITE_NOMEM;

	if (id && sqlite3_column_bytes(row, 0) == ID_LEN) {
		memcpy(rollout.byte, id, ID_LEN);
		key.rollout = &rollout;
	}
	if (kind != ROLLOUTS)
		key.board =
			(const char *)sqlite3_column_text(row, kind == BOARDS ? 0 : 1);
	if (record && rest)
		code = add_row(history, kind, &key, now_s, record, rest);
	sqlite3_free(record);
	sqlite3_free(rest);
	return code;
}

int store_history_seed(struct store_history *history, int64_t now_s)
{
	int64_t begins_s;
	int code = begins(history, &begins_s);

	if (code || begins_s)
		return code;
	for (enum kind kind = 0; !code && kind < KINDS; kind++) {
		sqlite3_stmt *stmt = history->of[kind].all;

		while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
			if ((code = seed_row(history, kind, now_s)))
				break;
		sqlite3_reset(stmt);
		code = code == SQLITE_DONE ? SQLITE_OK : code;
	}
	return code;
}

/* ---- reading --------------------------------------------------------------------- */

/* All of these return 0 or a status of ours. */

static int broken(struct store_history *history)
{
	log_error(TAG, "cannot read the history sqlite=\"%s\"",
		sqlite3_errmsg(history->db));
	return -EIO;
}

static const char *text_at(sqlite3_stmt *stmt, int column)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return text ? (const char *)text : "";
}

/* The record that a statement of history rows yields. *ret_there: there was one then. */
static int record_at(struct store_history *history, enum kind kind, sqlite3_stmt *stmt,
	const struct key *key, int64_t at_s, void *record, bool *ret_there)
{
	struct errtext unreadable;
	int code, rc = 0;

	*ret_there = false;
	if (bind_key(stmt, key) || sqlite3_bind_int64(stmt, TIME, at_s))
		return broken(history);
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL) {
		const char *const texts[2] = {text_at(stmt, 0), text_at(stmt, 1)};

		*ret_there = true;
		rc = store_record_read(history->of[kind].decode, kinds[kind].table,
			texts, record, &unreadable);
	}
	sqlite3_reset(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return broken(history);
	if (rc)
		log_error(TAG, "cannot read the history: %s", unreadable.text);
	return rc;
}

static int append_rollout(struct store_history *history, const struct id *id,
	int64_t at_s, struct store_snapshot *past)
{
	const struct key key = {NULL, id};
	bool there;
	int rc;

	for (size_t i = 0; i < past->rollout_count; i++)
		if (id_equal(&past->rollout[i].id, id))
			return 0;
	past->rollout =
		store_grow(past->rollout, past->rollout_count, sizeof(*past->rollout));
	rc = record_at(history, ROLLOUTS, history->of[ROLLOUTS].at, &key, at_s,
		&past->rollout[past->rollout_count], &there);
	past->rollout_count += !rc && there;
	return rc;
}

static int append_task(struct store_history *history, sqlite3_stmt *stmt,
	const struct key *key, int64_t at_s, struct store_snapshot *past)
{
	bool there;
	int rc;

	past->task = store_grow(past->task, past->task_count, sizeof(*past->task));
	rc = record_at(
		history, TASKS, stmt, key, at_s, &past->task[past->task_count], &there);
	past->task_count += !rc && there;
	return rc;
}

static int append_board(struct store_history *history, const char *name, int64_t at_s,
	struct store_snapshot *past)
{
	const struct key key = {name, NULL};
	size_t tasks = past->task_count;
	bool there;
	int rc;

	past->board = store_grow(past->board, past->board_count, sizeof(*past->board));
	rc = record_at(history, BOARDS, history->of[BOARDS].at, &key, at_s,
		&past->board[past->board_count], &there);
	if (rc || !there)
		return rc;
	past->board_count++;
	rc = append_task(history, history->extra[LATEST_TASK], &key, at_s, past);
	if (rc || past->task_count == tasks ||
		task_state_is_end(past->task[tasks].state))
		return rc;
	return append_rollout(history, &past->task[tasks].rollout, at_s, past);
}

/* The board behind *name, by name; "" behind the last. */
static int next_board(struct store_history *history, char name[NAME_MAX_LEN])
{
	sqlite3_stmt *stmt = history->extra[NEXT_BOARD];
	const struct key key = {name, NULL};
	int code = bind_key(stmt, &key);

	if (code)
		return broken(history);
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW) {
		const char *found = text_at(stmt, 0);
		size_t len = strlen(found);

		if (len >= NAME_MAX_LEN)
			len = NAME_MAX_LEN - 1;
		memcpy(name, found, len);
		name[len] = '\0';
	} else {
		name[0] = '\0';
	}
	sqlite3_reset(stmt);
	return code == SQLITE_ROW || code == SQLITE_DONE ? 0 : broken(history);
}

static int read_boards(struct store_history *history,
	const struct store_past_query *query, struct store_snapshot *past)
{
	char name[NAME_MAX_LEN] = "";
	int rc;

	if (query->board)
		return append_board(history, query->board, query->at_s, past);
	while (!(rc = next_board(history, name)) && name[0])
		if ((rc = append_board(history, name, query->at_s, past)))
			break;
	return rc;
}

static int read_tasks(struct store_history *history, const struct id *rollout,
	int64_t at_s, struct store_snapshot *past)
{
	sqlite3_stmt *stmt = history->extra[BOARDS_OF];
	struct key key = {NULL, rollout};
	int code = SQLITE_OK, rc = 0;

	if (bind_key(stmt, &key))
		return broken(history);
	while (!rc && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		key.board = text_at(stmt, 0);
		rc = append_task(history, history->of[TASKS].at, &key, at_s, past);
	}
	sqlite3_reset(stmt);
	return !rc && code != SQLITE_DONE ? broken(history) : rc;
}

/* Appends what a bound statement of ids yields, as many as are asked for that were there
 * then. */
static int append_rollouts(struct store_history *history, sqlite3_stmt *stmt,
	const struct store_past_query *query, struct store_snapshot *past)
{
	bool begun = query->after == NULL;
	int code = SQLITE_ROW, rc = 0;

	while (!rc && past->rollout_count < store_past_most(query) &&
		(code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const void *blob = sqlite3_column_blob(stmt, 0);
		struct id id;

		if (!blob || sqlite3_column_bytes(stmt, 0) != ID_LEN)
			continue;
		memcpy(id.byte, blob, ID_LEN);
		if (begun)
			rc = append_rollout(history, &id, query->at_s, past);
		begun = begun || id_equal(&id, query->after);
	}
	sqlite3_reset(stmt);
	return !rc && code != SQLITE_ROW && code != SQLITE_DONE ? broken(history) : rc;
}

static int count_tasks(struct store_history *history, const struct id *rollout,
	struct store_outcomes *outcomes)
{
	sqlite3_stmt *stmt = history->extra[OUTCOMES_OF];
	const struct key key = {NULL, rollout};
	int code;

	if (bind_key(stmt, &key))
		return broken(history);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		enum task_state state = task_state_by_name(text_at(stmt, 0));

		if (state < TASK_STATE_COUNT)
			outcomes->of[state] = (size_t)sqlite3_column_int64(stmt, 1);
	}
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? 0 : broken(history);
}

static int read_outcomes(struct store_history *history, struct store_snapshot *past)
{
	int rc = 0;

	past->outcomes =
		store_alloc((past->rollout_count + 1) * sizeof(*past->outcomes));
	for (size_t i = 0; !rc && i < past->rollout_count; i++)
		rc = count_tasks(history, &past->rollout[i].id, &past->outcomes[i]);
	return rc;
}

static int read_rollouts(struct store_history *history,
	const struct store_past_query *query, struct store_snapshot *past)
{
	sqlite3_stmt *stmt = history->extra[query->first ? IN_RANGE : LATEST];
	const struct key key = {NULL, query->first};
	int rc;

	if (bind_key(stmt, &key) || sqlite3_bind_int64(stmt, TIME, query->at_s) ||
		(query->last && sqlite3_bind_blob(stmt, LAST, query->last->byte, ID_LEN,
					SQLITE_STATIC)))
		return broken(history);
	rc = append_rollouts(history, stmt, query, past);
	if (!rc && query->counted)
		rc = read_outcomes(history, past);
	if (!rc && !query->most && past->rollout_count == 1)
		rc = read_tasks(history, &past->rollout[0].id, query->at_s, past);
	return rc;
}

int store_history_read(struct store_history *history,
	const struct store_past_query *query, int64_t *ret_begins_s,
	struct store_snapshot *ret_past)
{
	struct store_snapshot past = {0};
	int rc;

	if (begins(history, ret_begins_s))
		return broken(history);
	rc = query->rollouts ? read_rollouts(history, query, &past)
			     : read_boards(history, query, &past);
	if (rc)
		store_snapshot_done(&past);
	*ret_past = past;
	return rc;
}
