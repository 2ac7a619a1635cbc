/* SPDX-License-Identifier: MIT
 *
 * Events in SQLite. Their numbers are given here and not by SQLite, since the number is
 * part of what the chain covers; a transaction that fails gives its numbers back.
 */
#include "config.h"

#include "daemon/edge/store_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/edge/log.h"
#include "daemon/edge/store_backend.h"
#include "daemon/edge/store_db.h"
#include "daemon/edge/store_rows.h"

#define TAG "store"

#define SEGMENT     1024 /* events between two checkpoints, at most and roughly */
#define VERIFY_STEP 2000 /* events a step: some milliseconds */

#define ROW_COLUMNS "seq, time_s, actor, board, rollout, name, detail, cause"

enum statement {
	ADD,
	END,
	SET_END,
	SEAL,
	NEXT_SEAL,
	FIRST_SEAL,
	FIRST_ROW,
	LAST_SEAL,
	WALK,
	SINCE,
	COUNT
};

static const char *const texts[COUNT] = {
	[ADD] = "INSERT INTO events (" ROW_COLUMNS ", chain)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[END] = "SELECT events_seq, events_chain, (SELECT max(seq) FROM events),"
		" (SELECT seq FROM sqlite_sequence WHERE name = 'events'),"
		" (SELECT chain FROM events WHERE seq = events_seq)"
		" FROM meta WHERE one = 1",
	[SET_END] = "UPDATE meta SET events_seq = ?1, events_chain = ?2 WHERE one = 1",
	[SEAL] = "INSERT OR REPLACE INTO checkpoints (seq, time_s, chain)"
		 " VALUES (?1, ?3, ?2)",
	[NEXT_SEAL] = "SELECT seq, chain FROM checkpoints WHERE seq > ?1"
		      " ORDER BY seq LIMIT 1",
	[FIRST_SEAL] = "SELECT seq, chain FROM checkpoints ORDER BY seq LIMIT 1",
	/* What is pruned may not be gone yet. */
	[FIRST_ROW] = "SELECT seq, chain FROM events"
		      " WHERE seq > (SELECT pruned_seq FROM meta) ORDER BY seq LIMIT 1",
	[LAST_SEAL] = "SELECT seq, chain FROM checkpoints ORDER BY seq DESC LIMIT 1",
	[WALK] = "SELECT " ROW_COLUMNS ", chain FROM events WHERE seq > ?1"
		 " ORDER BY seq LIMIT ?2",
	/* Through the index on the time: the events behind are newer but for a clock that
	 * was set back. */
	[SINCE] = "SELECT seq FROM events WHERE time_s >= ?1"
		  " ORDER BY time_s, seq LIMIT 1",
};

#define READ_KEPT " AND seq >= ?5 AND seq > (SELECT pruned_seq FROM meta)"
#define READ_BACK "seq < ?4" READ_KEPT " ORDER BY seq DESC LIMIT ?3"
#define READ_ON   "seq > ?4" READ_KEPT " ORDER BY seq LIMIT ?3"

/* + 1 of a board, + 2 of a rollout, + 4 oldest first. */
#define READS 8
static const char *const reads[READS] = {
	"WHERE " READ_BACK,
	"WHERE board = ?1 AND " READ_BACK,
	"WHERE rollout = ?2 AND " READ_BACK,
	"WHERE board = ?1 AND rollout = ?2 AND " READ_BACK,
	"WHERE " READ_ON,
	"WHERE board = ?1 AND " READ_ON,
	"WHERE rollout = ?2 AND " READ_ON,
	"WHERE board = ?1 AND rollout = ?2 AND " READ_ON,
};

struct store_events {
	sqlite3_stmt *stmt[COUNT];
	sqlite3_stmt *read[READS];
	struct chain_place end;         /* with what the open transaction has added */
	struct chain_place durable;     /* where a rollback goes back to */
	int64_t sealed, sealed_durable; /* seq of the latest checkpoint */
	int64_t next_seq; /* end.seq + 1, but for a database that was tampered with */
	int64_t next_durable;
	bool fits; /* the end that is kept was that of the rows when it was opened */
};

/* ---- statements ------------------------------------------------------------------ */

static const uint8_t *value_at(sqlite3_stmt *stmt, int column)
{
	const void *value = sqlite3_column_blob(stmt, column);

	return sqlite3_column_bytes(stmt, column) == STORE_CHAIN_LEN ? value : NULL;
}

/* The place in the columns 0 and 1 of the only row. *ret_there: there is one. A value
 * that is none becomes one that fits nothing. */
static int read_place(
	sqlite3_stmt *stmt, bool *ret_there, struct chain_place *ret_place)
{
	int code = sqlite3_step(stmt);

	*ret_there = code == SQLITE_ROW;
	if (*ret_there) {
		const uint8_t *value = value_at(stmt, 1);

		ret_place->seq = sqlite3_column_int64(stmt, 0);
		memset(ret_place->value, 0xff, STORE_CHAIN_LEN);
		if (value)
			memcpy(ret_place->value, value, STORE_CHAIN_LEN);
	}
	sqlite3_reset(stmt);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int bind_place(sqlite3_stmt *stmt, const struct chain_place *place)
{
	int code = sqlite3_bind_int64(stmt, 1, place->seq);

	return code ? code
		    : sqlite3_bind_blob(
			      stmt, 2, place->value, STORE_CHAIN_LEN, SQLITE_STATIC);
}

/* ---- opening --------------------------------------------------------------------- */

/* The highest number that any table tells of. */
static int64_t highest_of(
	const struct store_events *events, int64_t in_events, int64_t in_sequence)
{
	int64_t highest =
		events->end.seq > events->sealed ? events->end.seq : events->sealed;

	if (in_events > highest)
		highest = in_events;
	return in_sequence > highest ? in_sequence : highest;
}

static int read_end(struct store_events *events)
{
	sqlite3_stmt *stmt = events->stmt[END];
	struct chain_place sealed = {0}, last = {0};
	int64_t in_events = 0, in_sequence = 0;
	bool there;
	int code;

	if (sqlite3_step(stmt) == SQLITE_ROW) {
		in_events = sqlite3_column_int64(stmt, 2);
		in_sequence = sqlite3_column_int64(stmt, 3);
		if (value_at(stmt, 4))
			memcpy(last.value, value_at(stmt, 4), STORE_CHAIN_LEN);
	}
	sqlite3_reset(stmt);
	if ((code = read_place(stmt, &there, &events->end)) ||
		(code = read_place(events->stmt[LAST_SEAL], &there, &sealed)))
		return code;
	events->sealed = events->sealed_durable = sealed.seq;
	events->durable = events->end;
	/* Somebody else's rows must not stop the daemon: it goes on behind them, and
	 * store_events_verify() names them. */
	events->next_seq = events->next_durable =
		highest_of(events, in_events, in_sequence) + 1;
	if (!in_events) /* none yet, or all pruned: then a checkpoint stands there */
		last = sealed;
	events->fits = memcmp(last.value, events->end.value, STORE_CHAIN_LEN) == 0 &&
		       events->next_seq == events->end.seq + 1;
	return SQLITE_OK;
}

int store_events_open(sqlite3 *db, struct store_events **ret_events)
{
	struct store_events *events = store_alloc(sizeof(*events));
	int code = store_db_prepare(db, texts, COUNT, events->stmt);

	for (int i = 0; !code && i < READS; i++) {
		char *sql = store_sql_select(&store_events_table, reads[i]);

		code = sql ? store_db_prepare(
				     db, (const char *const *)&sql, 1, &events->read[i])
			   : SQLITE_NOMEM;
		sqlite3_free(sql);
	}
	if (!code)
		code = read_end(events);
	if (code)
		events = store_events_close(events);
	*ret_events = events;
	return code;
}

struct store_events *store_events_close(struct store_events *events)
{
	for (int i = 0; events && i < COUNT; i++)
		sqlite3_finalize(events->stmt[i]);
	for (int i = 0; events && i < READS; i++)
		sqlite3_finalize(events->read[i]);
	free(events);
	return NULL;
}

/* ---- writing --------------------------------------------------------------------- */

static int bind_row(sqlite3_stmt *stmt, const struct chain_row *row)
{
	int code = sqlite3_bind_int64(stmt, 1, row->seq);

	if (!code)
		code = sqlite3_bind_int64(stmt, 2, row->time_s);
	for (int i = 0; !code && i < CHAIN_PARTS; i++) {
		const struct chain_part *part = &row->part[i];

		if (i != CHAIN_ROLLOUT)
			code = sqlite3_bind_text(
				stmt, 3 + i, part->at, (int)part->len, SQLITE_STATIC);
		else if (part->len > 0)
			code = sqlite3_bind_blob(
				stmt, 3 + i, part->at, (int)part->len, SQLITE_STATIC);
		else
			code = sqlite3_bind_null(stmt, 3 + i);
	}
	return code;
}

int store_events_add(struct store_events *events, const struct event *event)
{
	sqlite3_stmt *stmt = events->stmt[ADD];
	struct chain_row row = chain_row_of(event);
	struct chain_place next = {.seq = events->next_seq};
	int code;

	row.seq = next.seq;
	chain_next(events->end.value, &row, next.value);
	if ((code = bind_row(stmt, &row)) ||
		(code = sqlite3_bind_blob(
			 stmt, 9, next.value, STORE_CHAIN_LEN, SQLITE_STATIC)) ||
		(code = store_db_run(stmt)))
		return code;
	events->end = next;
	events->next_seq = next.seq + 1;
	return SQLITE_OK;
}

bool store_events_fit(const struct store_events *events)
{
	return events->fits;
}

int store_events_seal(struct store_events *events)
{
	sqlite3_stmt *stmt = events->stmt[SEAL];
	int code;

	/* What is in doubt is not made to look right by a seal. */
	if (events->sealed >= events->end.seq || !events->fits)
		return SQLITE_OK;
	if ((code = bind_place(stmt, &events->end)) ||
		(code = sqlite3_bind_int64(stmt, 3, time(NULL))) ||
		(code = store_db_run(stmt)))
		return code;
	events->sealed = events->end.seq;
	return SQLITE_OK;
}

int store_events_settle(struct store_events *events)
{
	sqlite3_stmt *stmt = events->stmt[SET_END];
	int code;

	if (events->end.seq == events->durable.seq)
		return SQLITE_OK;
	if ((code = bind_place(stmt, &events->end)) || (code = store_db_run(stmt)))
		return code;
	if (events->end.seq - events->sealed < SEGMENT)
		return SQLITE_OK;
	return store_events_seal(events);
}

static void say_sealed(const struct chain_place *place)
{
	char hex[CHAIN_HEX_MAX];

	chain_hex(place->value, STORE_CHAIN_LEN, hex);
	/* Kept by the system's log as well, it is a witness from outside the file. */
	log_info(TAG, "checkpoint of the events seq=%lld chain=%s",
		(long long)place->seq, hex);
}

void store_events_committed(struct store_events *events)
{
	if (events->sealed != events->sealed_durable)
		say_sealed(&events->end);
	events->durable = events->end;
	events->sealed_durable = events->sealed;
	events->next_durable = events->next_seq;
}

void store_events_rolled_back(struct store_events *events)
{
	if (!events) /* the store was not yet open */
		return;
	events->end = events->durable;
	events->sealed = events->sealed_durable;
	events->next_seq = events->next_durable;
}

/* ---- reading --------------------------------------------------------------------- */

/* The number of the first event that is asked for. */
static int first_event(struct store_events *events, int64_t since_s, int64_t *ret_seq)
{
	int code;

	*ret_seq = 0;
	if (!since_s)
		return SQLITE_OK;
	if ((code = sqlite3_bind_int64(events->stmt[SINCE], 1, since_s)) ||
		(code = store_db_number(events->stmt[SINCE], ret_seq)))
		return code;
	if (!*ret_seq)
		*ret_seq = INT64_MAX;
	return SQLITE_OK;
}

static int bind_query(struct store_events *events, sqlite3_stmt *stmt,
	const struct store_event_query *query)
{
	int64_t max = query->max < INT64_MAX ? (int64_t)query->max : INT64_MAX;
	int64_t before = query->before_seq ? query->before_seq : INT64_MAX;
	int64_t place = query->oldest_first ? query->after_seq : before, first;
	int code = first_event(events, query->since_s, &first);

	if (!code && query->board)
		code = sqlite3_bind_text(stmt, 1, query->board, -1, SQLITE_STATIC);
	if (!code && query->rollout)
		code = sqlite3_bind_blob(
			stmt, 2, query->rollout->byte, ID_LEN, SQLITE_STATIC);
	if (code || (code = sqlite3_bind_int64(stmt, 3, max)) ||
		(code = sqlite3_bind_int64(stmt, 4, place)))
		return code;
	return sqlite3_bind_int64(stmt, 5, first);
}

int store_events_read(sqlite3 *db, struct store_events *events,
	const struct store_event_query *query, struct event **ret_events,
	size_t *ret_count)
{
	sqlite3_stmt *stmt =
		events->read[(query->board ? 1 : 0) + (query->rollout ? 2 : 0) +
			     (query->oldest_first ? 4 : 0)];
	struct errtext error = {""};
	struct event *list = NULL;
	size_t count = 0;
	int code = bind_query(events, stmt, query), rc = store_db_status(db, code);

	while (!rc && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		list = store_grow(list, count, sizeof(*list));
		rc = store_row_read(stmt, &store_events_table, &list[count], &error);
		count += !rc;
	}
	if (!rc && (rc = store_db_status(db, code == SQLITE_DONE ? 0 : code)))
		snprintf(error.text, sizeof(error.text), "%s", sqlite3_errmsg(db));
	sqlite3_reset(stmt);
	if (rc) {
		log_error(TAG, "cannot read events: %s", error.text);
		free(list);
		return rc;
	}
	*ret_events = list;
	*ret_count = count;
	return 0;
}

/* ---- verifying ------------------------------------------------------------------- */

/* The bytes are taken as they are: a row that this program could not read as an event
 * must be found as well. */
static struct chain_row row_at(sqlite3_stmt *stmt)
{
	struct chain_row row = {.seq = sqlite3_column_int64(stmt, 0),
		.time_s = sqlite3_column_int64(stmt, 1)};

	for (int i = 0; i < CHAIN_PARTS; i++) {
		row.part[i].at = sqlite3_column_blob(stmt, 2 + i);
		row.part[i].len = (size_t)sqlite3_column_bytes(stmt, 2 + i);
	}
	return row;
}

/* Where the walk begins: the oldest checkpoint. There is one, and no event is older than
 * it, since both are pruned together. */
static int begin_walk(struct store_events *events, struct chain_walk *walk)
{
	struct chain_place first = {0}, row = {0};
	bool sealed, there;
	int code;

	if ((code = read_place(events->stmt[FIRST_SEAL], &sealed, &first)) ||
		(code = read_place(events->stmt[FIRST_ROW], &there, &row)))
		return code;
	chain_walk_begin(walk, &first);
	if (sealed && (!there || row.seq > first.seq))
		return SQLITE_OK;
	walk->verdict.fault = STORE_FAULT_CHECKPOINT;
	walk->verdict.bad_first = walk->verdict.bad_last = first.seq;
	return SQLITE_OK;
}

/* Up to VERIFY_STEP rows, none behind `seal`. */
static int walk_rows(struct store_events *events, struct chain_walk *walk,
	const struct chain_place *seal, int *ret_rows)
{
	sqlite3_stmt *stmt = events->stmt[WALK];
	bool fits = true;
	int code;

	*ret_rows = 0;
	if ((code = sqlite3_bind_int64(stmt, 1, walk->at.seq)) ||
		(code = sqlite3_bind_int64(stmt, 2, VERIFY_STEP)))
		return code;
	while (fits && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct chain_row row = row_at(stmt);

		if (seal && row.seq > seal->seq)
			break;
		fits = chain_walk_row(walk, &row, value_at(stmt, 2 + CHAIN_PARTS));
		++*ret_rows;
	}
	sqlite3_reset(stmt);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int store_events_verify(struct store_events *events, bool begun,
	struct chain_walk *walk, bool *ret_more)
{
	struct chain_place seal;
	bool sealed;
	int rows, code;

	*ret_more = false;
	if (!begun && (code = begin_walk(events, walk)))
		return code;
	if (walk->verdict.fault ||
		(code = sqlite3_bind_int64(events->stmt[NEXT_SEAL], 1, walk->at.seq)) ||
		(code = read_place(events->stmt[NEXT_SEAL], &sealed, &seal)) ||
		(code = walk_rows(events, walk, sealed ? &seal : NULL, &rows)))
		return walk->verdict.fault ? SQLITE_OK : code;
	if (walk->verdict.fault)
		return SQLITE_OK;
	if (sealed && (rows < VERIFY_STEP || walk->at.seq == seal.seq))
		*ret_more = chain_walk_place(walk, &seal, false);
	else if (rows == VERIFY_STEP)
		*ret_more = true;
	else
		(void)chain_walk_place(walk, &events->durable, true);
	return SQLITE_OK;
}

/* ---- events that are older than the chain ---------------------------------------- */

static int set_end(sqlite3 *db, const struct chain_place *end)
{
	static const char sql[] =
		"UPDATE meta SET events_seq = ?1, events_chain = ?2 WHERE one = 1";
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

	if (!code && !(code = bind_place(stmt, end)))
		code = store_db_run(stmt);
	sqlite3_finalize(stmt);
	return code;
}

int store_events_adopt(sqlite3 *db)
{
	sqlite3_stmt *rows = NULL, *set = NULL;
	struct chain_place end = {0};
	int code;

	if ((code = sqlite3_prepare_v2(db,
		     "SELECT " ROW_COLUMNS " FROM events ORDER BY seq", -1, &rows,
		     NULL)) ||
		(code = sqlite3_prepare_v2(db,
			 "UPDATE events SET chain = ?2 WHERE seq = ?1", -1, &set,
			 NULL)))
		goto done;
	while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
		struct chain_row row = row_at(rows);
		struct chain_place next = {.seq = row.seq};

		chain_next(end.value, &row, next.value);
		end = next;
		if ((code = bind_place(set, &end)) || (code = store_db_run(set)))
			goto done;
	}
	code = code == SQLITE_DONE ? set_end(db, &end) : code;
done:
	sqlite3_finalize(rows);
	sqlite3_finalize(set);
	return code;
}
