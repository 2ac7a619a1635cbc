/* SPDX-License-Identifier: MIT
 *
 * The schema. Columns are named after the fields of daemon/core/model.h; states are kept
 * as names, ids as 16-byte blobs, the four parts of a fingerprint as four columns (NULL
 * where none is known), `conditions` as the sum of 1 dirty, 2 armed, 4 needs hands.
 */
#include "config.h"

#include "daemon/edge/store_schema.h"

#include <stdbool.h>
#include <stdio.h>

#include "daemon/edge/store_events.h"

static const char *const migrations[] = {
	/* 1 */
	"CREATE TABLE meta ("
	"	one INTEGER PRIMARY KEY CHECK (one = 1),"
	"	token INTEGER NOT NULL" /* of the daemon that owns the boards */
	") STRICT;"
	"INSERT INTO meta (one, token) VALUES (1, 0);"

	"CREATE TABLE boards ("
	"	name TEXT NOT NULL PRIMARY KEY,"
	"	reach TEXT NOT NULL,"
	"	access TEXT NOT NULL,"
	"	version TEXT NOT NULL,"
	"	conditions INTEGER NOT NULL,"
	"	tag TEXT, date TEXT, board TEXT, mcu TEXT,"
	"	seen_s INTEGER NOT NULL,"
	"	since_s INTEGER NOT NULL,"
	"	misses INTEGER NOT NULL,"
	"	flaps INTEGER NOT NULL,"
	"	intrusions INTEGER NOT NULL,"
	"	uname_release TEXT NOT NULL,"
	"	uname_version TEXT NOT NULL,"
	"	uname_machine TEXT NOT NULL,"
	"	confirmed_release TEXT NOT NULL"
	") STRICT, WITHOUT ROWID;"

	/* seq is the order in which they were first written, here and below. */
	"CREATE TABLE rollouts ("
	"	seq INTEGER PRIMARY KEY,"
	"	id BLOB NOT NULL UNIQUE,"
	"	release TEXT NOT NULL,"
	"	selector TEXT NOT NULL,"
	"	waves TEXT NOT NULL,"
	"	state TEXT NOT NULL,"
	"	reason TEXT NOT NULL,"
	"	since_s INTEGER NOT NULL,"
	"	created_s INTEGER NOT NULL,"
	"	soak_s INTEGER NOT NULL,"
	"	wave_states TEXT NOT NULL," /* "passed,open,closed" */
	"	acked_lost INTEGER NOT NULL,"
	"	acked_fell_back INTEGER NOT NULL,"
	"	acked_failed INTEGER NOT NULL,"
	"	attempts_max INTEGER NOT NULL,"
	"	actor TEXT NOT NULL"
	") STRICT;"

	"CREATE TABLE tasks ("
	"	seq INTEGER PRIMARY KEY,"
	"	rollout BLOB NOT NULL,"
	"	board TEXT NOT NULL,"
	"	wave INTEGER NOT NULL,"
	"	state TEXT NOT NULL,"
	"	reason TEXT NOT NULL,"
	"	since_s INTEGER NOT NULL,"
	"	attempt INTEGER NOT NULL,"
	"	resets INTEGER NOT NULL,"
	"	attempted INTEGER NOT NULL,"
	"	touched INTEGER NOT NULL,"
	"	pushed INTEGER NOT NULL,"
	"	inherited INTEGER NOT NULL,"
	"	proof TEXT NOT NULL,"
	"	due_s INTEGER NOT NULL,"
	"	before_tag TEXT, before_date TEXT, before_board TEXT, before_mcu TEXT,"
	"	mark TEXT NOT NULL,"
	"	bytes_taken INTEGER NOT NULL,"
	"	evidence TEXT NOT NULL,"
	"	UNIQUE (rollout, board)"
	") STRICT;"

	"CREATE TABLE events ("
	"	seq INTEGER PRIMARY KEY AUTOINCREMENT," /* never used twice, pruned or not */
	"	time_s INTEGER NOT NULL,"
	"	actor TEXT NOT NULL,"
	"	board TEXT NOT NULL," /* '' where no board is meant */
	"	rollout BLOB,"
	"	name TEXT NOT NULL,"
	"	detail TEXT NOT NULL"
	") STRICT;"
	"CREATE INDEX events_of_board ON events (board, seq);"
	"CREATE INDEX events_of_rollout ON events (rollout, seq) WHERE rollout IS NOT "
	"NULL;",

	/* 2 */
	"ALTER TABLE boards ADD COLUMN ledger TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE events ADD COLUMN cause TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE events ADD COLUMN chain BLOB;" /* never NULL once upgraded */
	"CREATE INDEX events_by_time ON events (time_s, seq);"
	/* Where the chain of events ends. */
	"ALTER TABLE meta ADD COLUMN events_seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE meta ADD COLUMN events_chain BLOB NOT NULL DEFAULT "
	"x'0000000000000000000000000000000000000000000000000000000000000000';"
	/* The chain's value at an event, now and then; 0 is the place before them all. */
	"CREATE TABLE checkpoints ("
	"	seq INTEGER PRIMARY KEY,"
	"	time_s INTEGER NOT NULL,"
	"	chain BLOB NOT NULL"
	") STRICT;"
	"INSERT INTO checkpoints (seq, time_s, chain) VALUES (0, 0, zeroblob(32));"
	/* How records were from a time on. `record`: a line for each column that is shown,
	 * "name=", i (integer), t (text) or x (bytes in hex), the value; NULL: gone.
	 * `rest`: the same of those that change without being shown. */
	"CREATE TABLE boards_history ("
	"	seq INTEGER PRIMARY KEY,"
	"	time_s INTEGER NOT NULL,"
	"	board TEXT NOT NULL,"
	"	record BLOB, rest BLOB"
	") STRICT;"
	"CREATE TABLE rollouts_history ("
	"	seq INTEGER PRIMARY KEY,"
	"	time_s INTEGER NOT NULL,"
	"	rollout BLOB NOT NULL,"
	"	record BLOB, rest BLOB"
	") STRICT;"
	"CREATE TABLE tasks_history ("
	"	seq INTEGER PRIMARY KEY,"
	"	time_s INTEGER NOT NULL,"
	"	rollout BLOB NOT NULL,"
	"	board TEXT NOT NULL,"
	"	record BLOB, rest BLOB"
	") STRICT;"
	"CREATE INDEX boards_history_at ON boards_history (board, time_s);"
	"CREATE INDEX rollouts_history_at ON rollouts_history (rollout, time_s);"
	"CREATE INDEX tasks_history_at ON tasks_history (rollout, board, time_s);"
	"CREATE INDEX tasks_history_of_board ON tasks_history (board, time_s);"
	"ALTER TABLE tasks ADD COLUMN probes TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE rollouts ADD COLUMN acked_probe INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE rollouts ADD COLUMN expires_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE boards ADD COLUMN unique_id TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE boards ADD COLUMN other_id TEXT NOT NULL DEFAULT '';"
	/* Append-only but for the clearing. */
	"CREATE TABLE known_bad ("
	"	number INTEGER PRIMARY KEY,"
	"	sha256 TEXT NOT NULL,"
	"	type TEXT NOT NULL,"
	"	board TEXT NOT NULL,"
	"	release TEXT NOT NULL,"
	"	rollout BLOB NOT NULL,"
	"	reason TEXT NOT NULL,"
	"	since_s INTEGER NOT NULL,"
	"	cleared_s INTEGER NOT NULL," /* 0: it stands */
	"	cleared_by TEXT NOT NULL,"
	"	cleared_reason TEXT NOT NULL"
	") STRICT;",

	/* 3 */
	/* Boards that needed a hand, and what became of them. */
	"ALTER TABLE boards ADD COLUMN hands_reason TEXT NOT NULL DEFAULT '-';"
	"ALTER TABLE boards ADD COLUMN hands_since_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE boards ADD COLUMN hands_away INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE boards ADD COLUMN hands_tag TEXT;"
	"ALTER TABLE boards ADD COLUMN hands_date TEXT;"
	"ALTER TABLE boards ADD COLUMN hands_board TEXT;"
	"ALTER TABLE boards ADD COLUMN hands_mcu TEXT;"
	"ALTER TABLE boards ADD COLUMN hands_outcome TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE boards ADD COLUMN hands_ended_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE boards ADD COLUMN place TEXT NOT NULL DEFAULT '';"
	/* Of an undo: which rollout it takes back, and how that had ended. */
	"ALTER TABLE rollouts ADD COLUMN undo_of BLOB NOT NULL DEFAULT "
	"x'00000000000000000000000000000000';"
	"ALTER TABLE rollouts ADD COLUMN undo_from TEXT NOT NULL DEFAULT 'draft';"
	"ALTER TABLE tasks ADD COLUMN wanted_tag TEXT;"
	"ALTER TABLE tasks ADD COLUMN wanted_date TEXT;"
	"ALTER TABLE tasks ADD COLUMN wanted_board TEXT;"
	"ALTER TABLE tasks ADD COLUMN wanted_mcu TEXT;"
	"ALTER TABLE tasks ADD COLUMN statement TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE rollouts ADD COLUMN burn_last_good INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE tasks ADD COLUMN gives_up INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE tasks ADD COLUMN outages INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE tasks ADD COLUMN late INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE rollouts ADD COLUMN abort_mode TEXT NOT NULL DEFAULT 'keep';"
	/* The catch-up of boards that were deferred; of older rollouts there is none. */
	"ALTER TABLE rollouts ADD COLUMN catch_up TEXT NOT NULL DEFAULT 'draft';"
	"ALTER TABLE rollouts ADD COLUMN catch_up_reason TEXT NOT NULL DEFAULT '-';"
	"ALTER TABLE rollouts ADD COLUMN catch_up_since_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE rollouts ADD COLUMN valid_until_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE rollouts ADD COLUMN acked_catch_up INTEGER NOT NULL DEFAULT 0;"
	/* Up to where events were exported and pruned, the time from which on the past is
	 * known, the latest rollout that may be forgotten, and whether rows are left over. */
	"ALTER TABLE meta ADD COLUMN exported_seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE meta ADD COLUMN pruned_seq INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE meta ADD COLUMN pruned_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE meta ADD COLUMN pruned_rollout INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE meta ADD COLUMN untidy INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE boards ADD COLUMN failed_repairs INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE boards ADD COLUMN next_repair_s INTEGER NOT NULL DEFAULT 0;",

	/* 4 */
	/* What a task has seen. */
	"ALTER TABLE tasks ADD COLUMN banner_before TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE tasks ADD COLUMN banner_after TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE tasks ADD COLUMN push_reply TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE tasks ADD COLUMN lost_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE tasks ADD COLUMN returned_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE tasks ADD COLUMN trials_cut INTEGER NOT NULL DEFAULT 0;"
	/* Of older ones none is right: no release had an image for a type. */
	"ALTER TABLE tasks ADD COLUMN type TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE boards ADD COLUMN seen_place TEXT NOT NULL DEFAULT '';"
	/* Of those that a person has added. */
	"ALTER TABLE known_bad ADD COLUMN added_by TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE known_bad ADD COLUMN added_reason TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE rollouts ADD COLUMN allow_one_way INTEGER NOT NULL DEFAULT 0;"
	/* Every rollout expires now: those that had no end have 30 days from here on. */
	"UPDATE rollouts SET expires_s = CAST(strftime('%s', 'now') AS INTEGER) + "
	"2592000 WHERE expires_s = 0 AND state IN ('awaiting-approval', 'running', "
	"'paused', 'halted', 'aborting');",

	/* 5 */
	/* The card of a bench, and its receipt. */
	"ALTER TABLE boards ADD COLUMN bench_code TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE boards ADD COLUMN bench_image TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE boards ADD COLUMN bench_spent_s INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE boards ADD COLUMN bench_said INTEGER NOT NULL DEFAULT 0;",
};

/* What a migration does that SQL cannot, in the same transaction. */
static int (*const fills[])(sqlite3 *db) = {
	[1] = store_events_adopt,
};

int store_schema_newest(void)
{
	return (int)(sizeof(migrations) / sizeof(migrations[0]));
}

int store_schema_number(sqlite3 *db, const char *sql, long long *ret_number)
{
	sqlite3_stmt *stmt;
	int rc;

	if ((rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL)))
		return rc;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		*ret_number = sqlite3_column_int64(stmt, 0);
	return sqlite3_finalize(stmt);
}

/* One step, inside the transaction: the number is read there, so that of two programs
 * that start at once the second finds the work done. */
static int upgrade_once(sqlite3 *db, int to, bool *ret_more)
{
	char numbers[80];
	long long at = 0;
	int rc;

	if ((rc = store_schema_number(db, "PRAGMA user_version", &at)))
		return rc;
	*ret_more = at < to;
	if (!*ret_more)
		return SQLITE_OK;
	if ((rc = sqlite3_exec(db, migrations[at], NULL, NULL, NULL)))
		return rc;
	if ((size_t)at < sizeof(fills) / sizeof(fills[0]) && fills[at] &&
		(rc = fills[at](db)))
		return rc;
	snprintf(numbers, sizeof(numbers),
		"PRAGMA application_id = %d; PRAGMA user_version = %lld",
		STORE_APPLICATION_ID, at + 1);
	return sqlite3_exec(db, numbers, NULL, NULL, NULL);
}

int store_schema_upgrade(sqlite3 *db, int to)
{
	bool more = true;
	int rc;

	while (more) {
		if ((rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL)))
			return rc;
		if ((rc = upgrade_once(db, to, &more)) ||
			(rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL))) {
			(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
			return rc;
		}
	}
	return SQLITE_OK;
}
