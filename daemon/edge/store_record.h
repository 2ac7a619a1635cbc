/* SPDX-License-Identifier: MIT
 *
 * A row of a table as text, a line a column, and back: how the history keeps records, so
 * that it needs no columns of its own and reads rows that are older than a column. For
 * the files of the store alone.
 */
#ifndef WIPY_EDGE_STORE_RECORD_H
#define WIPY_EDGE_STORE_RECORD_H

#include <sqlite3.h>
#include <stdbool.h>

#include "daemon/edge/store_rows.h"

/* The present row of a store_sql_select() as text, to be freed with sqlite3_free(); NULL
 * without memory. `quiet`: columns to be left out, or, `only_quiet`, the ones to be
 * taken; up to a NULL. */
char *store_record_write(sqlite3_stmt *stmt, const char *const *quiet, bool only_quiet);

/* A statement for store_record_read(). Returns SQLITE_OK or SQLite's code. */
int store_record_prepare(sqlite3 *db, const struct store_table *table,
	sqlite3_stmt **ret_stmt) WARN_UNUSED;

/* Reads two texts of a row of that table as one record; columns that neither has are as
 * the table's defaults say. Returns 0, or WIPY_E_CORRUPT with the place in *ret_error. */
int store_record_read(sqlite3_stmt *stmt, const struct store_table *table,
	const char *const text[2], void *record, struct errtext *ret_error) WARN_UNUSED;

#endif
