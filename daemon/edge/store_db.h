/* SPDX-License-Identifier: MIT
 *
 * A connection to wipyd.db that can be trusted: opened, checked without changing a byte
 * of what is damaged, brought to the newest schema. And SQLite's codes as ours, with the
 * sentence for each.
 */
#ifndef WIPY_EDGE_STORE_DB_H
#define WIPY_EDGE_STORE_DB_H

#include <sqlite3.h>

#include "common/err.h"

/* Opens the file that is there (empty for a new one): 0, WIPY_E_CORRUPT, WIPY_E_FULL,
 * WIPY_E_LOCKED, -ENOTSUP for a newer schema, -EIO. */
int store_db_open(
	const char *path, sqlite3 **ret_db, struct errtext *ret_error) WARN_UNUSED;

/* Our number for SQLite's code of the call just made on this connection. */
int store_db_status(sqlite3 *db, int code);

/* The same, with the sentence for a file that could not be opened. */
int store_db_say(sqlite3 *db, int code, const char *path, struct errtext *ret_error);

/* WIPY_E_CORRUPT, with what was found and the way to restore. */
int store_db_say_damaged(
	const char *path, const char *found, struct errtext *ret_error);

#endif
