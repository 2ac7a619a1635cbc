/* SPDX-License-Identifier: MIT
 *
 * The chain of events against whoever has the file: each way of changing it is found and
 * named; events that are older than the chain are taken into it; the value itself is what
 * docs/decisions/0013-chain-of-events.md says.
 */
#include "config.h"

#include <errno.h>
#include <sqlite3.h>

#include "daemon/edge/store_chain.h"
#include "daemon/edge/store_schema.h"
#include "tests/unit/store_fixture.h"

static void add_events_saying(struct fixture *f, int count, const char *detail)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct event event;

	for (int i = 0; i < count; i++) {
		make_event("lab-01", i % 2 ? 3 : -1, detail, &event);
		snprintf(event.cause, sizeof(event.cause), "timer");
		store_add_event(batch, &event);
	}
	if (commit_now(f, batch))
		die("events were not written");
}

static void add_events(struct fixture *f, int count)
{
	add_events_saying(f, count, "pushing -> staged");
}

/* ---- the value ------------------------------------------------------------------- */

/* Worked out by another program (Python's hashlib) from the note's description. */
static void test_value(struct fixture *f)
{
	static const uint8_t want[] = {0xa4, 0x55, 0xfe, 0xf3, 0x77, 0x4d, 0x98, 0x66,
		0xea, 0xdd, 0x88, 0x09, 0x35, 0x95, 0xa4, 0xaf, 0xfe, 0x01, 0x92, 0x8c,
		0x11, 0xc9, 0xb7, 0x2f, 0x5e, 0x3e, 0x96, 0x03, 0xae, 0x79, 0x02, 0x31};
	uint8_t before[STORE_CHAIN_LEN] = {0}, value[STORE_CHAIN_LEN], other[32];
	struct chain_row row;
	struct event event;

	(void)f;
	make_event("lab-01", 3, "pushing -> staged", &event);
	strcpy(event.cause, "timer");
	event.seq = 7;
	row = chain_row_of(&event);
	chain_next(before, &row, value);
	OK(memcmp(value, want, sizeof(want)) == 0, "the value of an event");
	before[31] = 1;
	chain_next(before, &row, other);
	OK(memcmp(value, other, sizeof(value)) != 0, "it depends on the one before");
	before[31] = 0;
	event.detail[3] ^= 1;
	row = chain_row_of(&event);
	chain_next(before, &row, other);
	OK(memcmp(value, other, sizeof(value)) != 0, "and on each byte");
	/* "lab-01" + "" and "lab-0" + "1" must not be the same. */
	make_event("lab-01", -1, "", &event);
	strcpy(event.name, "x");
	row = chain_row_of(&event);
	chain_next(before, &row, value);
	make_event("lab-0", -1, "", &event);
	strcpy(event.name, "1x");
	row = chain_row_of(&event);
	chain_next(before, &row, other);
	OK(memcmp(value, other, sizeof(value)) != 0, "a text ends where it ends");
}

/* ---- tampering ------------------------------------------------------------------- */

#define ZEROS "x'0000000000000000000000000000000000000000000000000000000000000000'"

/* Events 1 to 8, a checkpoint at 5 (a restart) and one behind 8. */
static const struct {
	const char *name, *sql;
	enum store_fault fault;
	int64_t first, last;
} tampers[] = {
	{"nothing", "SELECT 1", STORE_FAULT_NONE, 0, 0},
	{"a text", "UPDATE events SET detail = 'Pushing -> staged' WHERE seq = 3",
		STORE_FAULT_ALTERED, 3, 3},
	{"a text that is longer than it can be",
		"UPDATE events SET detail = hex(zeroblob(4000)) WHERE seq = 3",
		STORE_FAULT_ALTERED, 3, 3},
	{"the actor", "UPDATE events SET actor = 'uid 0' WHERE seq = 1",
		STORE_FAULT_ALTERED, 1, 1},
	{"the cause", "UPDATE events SET cause = '' WHERE seq = 4", STORE_FAULT_ALTERED,
		4, 4},
	{"the board", "UPDATE events SET board = 'lab-02' WHERE seq = 8",
		STORE_FAULT_ALTERED, 8, 8},
	{"the name", "UPDATE events SET name = 'x' WHERE seq = 2", STORE_FAULT_ALTERED,
		2, 2},
	{"the time", "UPDATE events SET time_s = time_s + 1 WHERE seq = 5",
		STORE_FAULT_ALTERED, 5, 5},
	{"the rollout", "UPDATE events SET rollout = NULL WHERE seq = 2",
		STORE_FAULT_ALTERED, 2, 2},
	{"a value", "UPDATE events SET chain = " ZEROS " WHERE seq = 6",
		STORE_FAULT_ALTERED, 6, 6},
	{"a value that is none", "UPDATE events SET chain = NULL WHERE seq = 6",
		STORE_FAULT_ALTERED, 6, 6},
	{"the first", "DELETE FROM events WHERE seq = 1", STORE_FAULT_MISSING, 1, 1},
	{"two of the middle", "DELETE FROM events WHERE seq IN (3, 4)",
		STORE_FAULT_MISSING, 3, 4},
	{"the last before a checkpoint", "DELETE FROM events WHERE seq = 5",
		STORE_FAULT_MISSING, 5, 5},
	{"the last", "DELETE FROM events WHERE seq = 8", STORE_FAULT_MISSING, 8, 8},
	{"the last three", "DELETE FROM events WHERE seq > 5", STORE_FAULT_MISSING, 6,
		8},
	{"all of them", "DELETE FROM events", STORE_FAULT_MISSING, 1, 5},
	{"the end, and what tells of it",
		"DELETE FROM events WHERE seq > 4;"
		"DELETE FROM sqlite_sequence WHERE name = 'events';"
		"UPDATE meta SET events_seq = 4, events_chain ="
		" (SELECT chain FROM events WHERE seq = 4)",
		STORE_FAULT_MISSING, 5, 5},
	{"two that are swapped",
		"UPDATE events SET seq = 99 WHERE seq = 2;"
		"UPDATE events SET seq = 2 WHERE seq = 3;"
		"UPDATE events SET seq = 3 WHERE seq = 99",
		STORE_FAULT_ALTERED, 2, 2},
	{"one that is added",
		"INSERT INTO events (time_s, actor, board, name, detail, chain)"
		" VALUES (1, 'wipyd', '', 'x', '', " ZEROS ")",
		STORE_FAULT_ALTERED, 9, 9},
	{"a checkpoint", "UPDATE checkpoints SET chain = " ZEROS " WHERE seq = 5",
		STORE_FAULT_CHECKPOINT, 5, 5},
	{"a checkpoint's place", "UPDATE checkpoints SET seq = 4 WHERE seq = 5",
		STORE_FAULT_CHECKPOINT, 4, 4},
	{"the place before them all", "DELETE FROM checkpoints", STORE_FAULT_CHECKPOINT,
		8, 8},
	{"the kept end", "UPDATE meta SET events_chain = " ZEROS, STORE_FAULT_END, 8,
		8},
	{"a kept end that is too early",
		"UPDATE meta SET events_seq = 7, events_chain ="
		" (SELECT chain FROM events WHERE seq = 7)",
		STORE_FAULT_ADDED, 8, 8},
};

static void test_tampering(struct fixture *f)
{
	(void)f;
	for (size_t i = 0; i < sizeof(tampers) / sizeof(tampers[0]); i++) {
		struct fixture own;
		struct verified v;

		fixture_init(&own);
		fixture_must_open(&own);
		add_events(&own, 5);
		fixture_close(&own);
		fixture_must_open(&own);
		add_events(&own, 3);
		fixture_close(&own);
		run_sql(&own, tampers[i].sql);
		fixture_must_open(&own);
		v = verify(&own);
		EQ_INT(v.status, 0, tampers[i].name);
		EQ_STR(store_fault_name(v.verdict.fault),
			store_fault_name(tampers[i].fault), tampers[i].name);
		EQ_INT(v.verdict.bad_first, tampers[i].first, tampers[i].name);
		EQ_INT(v.verdict.bad_last, tampers[i].last, tampers[i].name);
		/* Whatever was done to the log, the daemon goes on writing it, and the
		 * fault stays to be seen. */
		add_events_saying(&own, 2, "afterwards");
		v = verify(&own);
		OK((v.verdict.fault == STORE_FAULT_NONE) ==
				(tampers[i].fault == STORE_FAULT_NONE),
			tampers[i].name);
		fixture_close(&own);
		fixture_done(&own);
	}
}

/* Each byte of each column of one event. */
static int64_t change_bytes(
	struct fixture *f, sqlite3 *db, const char *column, int64_t *tried)
{
	char select[80], update[80], was[64];
	sqlite3_stmt *get, *set;
	int64_t missed = 0;
	bool text;
	int len;

	snprintf(select, sizeof(select), "SELECT %s FROM events WHERE seq = 2", column);
	snprintf(update, sizeof(update), "UPDATE events SET %s = ?1 WHERE seq = 2",
		column);
	if (sqlite3_prepare_v2(db, select, -1, &get, NULL) ||
		sqlite3_prepare_v2(db, update, -1, &set, NULL) ||
		sqlite3_step(get) != SQLITE_ROW)
		die("no such column");
	text = sqlite3_column_type(get, 0) == SQLITE_TEXT;
	len = sqlite3_column_bytes(get, 0);
	memcpy(was, sqlite3_column_blob(get, 0), (size_t)len);
	sqlite3_finalize(get);
	for (int at = 0; at <= len; at++) { /* at last as it was */
		char changed[64];

		memcpy(changed, was, (size_t)len);
		if (at < len)
			changed[at] ^= 1;
		if (text)
			sqlite3_bind_text(set, 1, changed, len, SQLITE_TRANSIENT);
		else
			sqlite3_bind_blob(set, 1, changed, len, SQLITE_TRANSIENT);
		if (sqlite3_step(set) != SQLITE_DONE)
			die("a byte cannot be changed");
		sqlite3_reset(set);
		missed += verify(f).verdict.bad_first != (at < len ? 2 : 0);
		++*tried;
	}
	sqlite3_finalize(set);
	return missed;
}

static void test_each_byte(struct fixture *f)
{
	static const char *const columns[] = {
		"actor", "board", "name", "detail", "cause", "rollout", "chain"};
	int64_t missed = 0, tried = 0;
	char path[FIXTURE_PATH_MAX];
	sqlite3 *db;

	fixture_must_open(f);
	add_events(f, 4);
	if (sqlite3_open(fixture_path(f, "wipyd.db", path), &db) ||
		sqlite3_busy_timeout(db, 5000))
		die("no database");
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		missed += change_bytes(f, db, columns[i], &tried);
	sqlite3_close(db);
	OK(tried > 90, "every byte was tried");
	EQ_INT(missed, 0, "every changed byte is found, and none when put back");
	fixture_close(f);
}

/* ---- long chains ----------------------------------------------------------------- */

static void test_long(struct fixture *f)
{
	struct verified v;

	fixture_must_open(f);
	add_events(f, 3000);
	for (int i = 0; i < 20; i++)
		add_events(f, 100);
	v = verify(f);
	OK(v.status == 0 && !v.verdict.fault, "5,000 events, in steps");
	EQ_INT(v.verdict.count, 5000, "all of them");
	EQ_INT(v.verdict.from_seq, 0, "from the place before them all");
	fixture_close(f);
	/* What a later pruning will do: the oldest checkpoint left is the beginning. */
	run_sql(f, "DELETE FROM checkpoints WHERE seq < 3000;"
		   "DELETE FROM events WHERE seq <= 3000");
	fixture_must_open(f);
	v = verify(f);
	OK(v.status == 0 && !v.verdict.fault, "behind a checkpoint");
	EQ_INT(v.verdict.from_seq, 3000, "that one");
	EQ_INT(v.verdict.count, 2000, "the events behind it");
	run_sql(f, "UPDATE events SET board = '' WHERE seq = 4777");
	v = verify(f);
	EQ_INT(v.verdict.bad_first, 4777, "a change far behind");
	fixture_close(f);
}

/* Commits are answered while a long chain is walked, and closing ends the walk. */
static void test_between(struct fixture *f)
{
	struct verified verified = {.answered = false};

	fixture_must_open(f);
	for (int i = 0; i < 20; i++)
		add_events(f, 2000);
	store_verify_events(f->store, on_verified, &verified);
	add_events(f, 1);
	OK(!verified.answered, "a commit goes first");
	fixture_close(f);
	OK(verified.answered, "the walk is answered before the store closes");
	OK(verified.status == -ECANCELED || !verified.verdict.fault,
		"as ended, or as intact");
}

/* A batch that fails gives its numbers back. */
static void test_failed_commit(struct fixture *f)
{
	struct store_batch *batch;
	struct event event;
	struct verified v;

	fixture_must_open(f);
	add_events(f, 2);
	make_event("b", -1, "refused", &event);
	batch = store_batch_new(f->store);
	store_add_event(batch, &event);
	run_sql(f, "CREATE TRIGGER no BEFORE INSERT ON events WHEN new.detail = "
		   "'refused' BEGIN SELECT RAISE(ABORT, 'no'); END");
	OK(commit_now(f, batch) != 0, "a commit that fails");
	add_events(f, 2);
	v = verify(f);
	OK(!v.verdict.fault, "the chain goes on without it");
	EQ_INT(v.verdict.last_seq, 4, "and without a gap");
	fixture_close(f);
}

/* ---- older databases --------------------------------------------------------------- */

static void test_adoption(struct fixture *f)
{
	char path[FIXTURE_PATH_MAX];
	struct verified v;
	sqlite3 *db;

	if (sqlite3_open(fixture_path(f, "wipyd.db", path), &db) ||
		store_schema_upgrade(db, 1))
		die("no database of schema 1");
	sqlite3_close(db);
	run_sql(f, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
		   " LIMIT 3000)"
		   " INSERT INTO events (time_s, actor, board, rollout, name, detail)"
		   " SELECT i, 'wipyd', 'b', iif(i % 2, zeroblob(16), NULL), 'x', i"
		   " FROM n");
	run_sql(f, "DELETE FROM events WHERE seq BETWEEN 10 AND 19;" /* older gaps */
		   "INSERT INTO boards VALUES ('b', 'offline', 'open', 'behind', 0,"
		   " NULL, NULL, NULL, NULL, 5, 6, 0, 0, 0, '', '', '', '')");
	fixture_must_open(f);
	v = verify(f);
	OK(!v.verdict.fault, "events of schema 1 are in the chain");
	EQ_INT(v.verdict.count, 2990, "all of them");
	add_events(f, 3);
	EQ_INT(verify(f).verdict.last_seq, 3003, "and new ones behind them");
	fixture_close(f);
	run_sql(f, "UPDATE events SET detail = 'y' WHERE seq = 1234");
	fixture_must_open(f);
	v = verify(f);
	EQ_INT(v.verdict.bad_first, 1234, "a change among the old ones");
	fixture_close(f);
}

static void on_past(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past)
{
	*(int64_t *)arg = status == 0 && begins_s > 0 && past->board_count == 1 &&
					  past->board[0].reach == REACH_OFFLINE
				  ? begins_s
				  : -1;
}

/* The history of an older database begins with what it held. */
static void test_seed(struct fixture *f)
{
	int64_t begins_s = 0;

	test_adoption(f);
	fixture_must_open(f);
	store_read_past_boards(f->store, "b", INT64_MAX, on_past, &begins_s);
	while (!begins_s)
		uv_run(&f->loop, UV_RUN_ONCE);
	OK(begins_s > 0, "a board of schema 1 is in the history");
	fixture_close(f);
}

static void (*const cases[])(struct fixture *f) = {
	test_value,
	test_tampering,
	test_each_byte,
	test_long,
	test_between,
	test_failed_commit,
	test_adoption,
	test_seed,
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		in_fixture(cases[i]);
	return tap_done();
}
