/* SPDX-License-Identifier: MIT
 *
 * A connection to wipyd.db that can be trusted: opened, checked without changing a byte
 * of what is damaged, brought to the newest schema. And SQLite's codes as ours, with the
 * sentence for each.
 */
#ifndef WIPY_EDGE_STORE_DB_H
#define WIPY_EDGE_STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

/* Opens the file that is there (empty for a new one): 0, WIPY_E_CORRUPT, WIPY_E_FULL,
 * WIPY_E_LOCKED, -ENOTSUP for a newer schema, -EIO.
 *
 * SQLite shares the index of its log with other programs through a file, for which a
 * full disk has no room. `alone` does without that file, and keeps the others out. */
int store_db_open(const char *path, bool alone, sqlite3 **ret_db,
	struct errtext *ret_error) WARN_UNUSED;

/* Prepares statements that are used again and again; on failure those that were prepared
 * stay, to be finalized with the others. Returns SQLITE_OK or SQLite's code. */
int store_db_prepare(sqlite3 *db, const char *const *sql, size_t count,
	sqlite3_stmt **ret_stmt) WARN_UNUSED;
/* Runs a bound statement that yields no row. The same. */
int store_db_run(sqlite3_stmt *stmt) WARN_UNUSED;
/* The number in the only row and column of a bound statement; 0 without a row. */
int store_db_number(sqlite3_stmt *stmt, int64_t *ret_number) WARN_UNUSED;

/* Our number for SQLite's code of the call just made on this connection. */
int store_db_status(sqlite3 *db, int code);

/* The same, with the sentence for a file that could not be opened. */
int store_db_say(sqlite3 *db, int code, const char *path, struct errtext *ret_error);

/* WIPY_E_CORRUPT, with what was found and the way to restore. */
int store_db_say_damaged(
	const char *path, const char *found, struct errtext *ret_error);

#endif
