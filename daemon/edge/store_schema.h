/* SPDX-License-Identifier: MIT
 *
 * The numbered migrations of wipyd.db. A migration that was ever released is never
 * edited: a change of the schema is a new row at the end.
 */
#ifndef WIPY_EDGE_STORE_SCHEMA_H
#define WIPY_EDGE_STORE_SCHEMA_H

#include <sqlite3.h>

#define STORE_APPLICATION_ID 0x77697079 /* "wipy", at offset 68 of the file */

/* The newest number that this program knows; 0 is an empty file. */
int store_schema_newest(void);

/* Applies the migrations up to number `to`, each in a transaction of its own, so that a
 * crash leaves a whole schema of some number. The file must be empty or ours. Returns
 * SQLITE_OK or SQLite's code. */
int store_schema_upgrade(sqlite3 *db, int to);

/* Reads an integer pragma or other query of one number. Returns SQLITE_OK or SQLite's
 * code. */
int store_schema_number(sqlite3 *db, const char *sql, long long *ret_number);

#endif
