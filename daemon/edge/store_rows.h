/* SPDX-License-Identifier: MIT
 *
 * Records of the model as rows of SQLite: one table of fields a kind, from which the
 * statements, the binding and the reading all follow, so that no field can be written
 * and not read back.
 */
#ifndef WIPY_EDGE_STORE_ROWS_H
#define WIPY_EDGE_STORE_ROWS_H

#include <sqlite3.h>
#include <stddef.h>

#include "common/err.h"

struct store_field;

struct store_table {
	const char *name;
	size_t size; /* of the record */
	const struct store_field *field;
	size_t field_count;
	size_t key_count; /* the first so many fields name a row */
	const char *key;  /* the same as SQL; NULL: rows are only ever added */
};

extern const struct store_table store_boards_table;
extern const struct store_table store_rollouts_table;
extern const struct store_table store_tasks_table;
extern const struct store_table store_known_bad_table;
extern const struct store_table store_events_table;

/* "INSERT INTO ... ON CONFLICT ... DO UPDATE ...", to be freed with sqlite3_free(); NULL
 * when there is no memory. */
char *store_sql_put(const struct store_table *table);
/* "SELECT <all fields> FROM <table> <tail>", the same. */
char *store_sql_select(const struct store_table *table, const char *tail);

/* Binds all fields of a record that must stay as it is until the statement was run.
 * Returns SQLITE_OK or SQLite's code. */
int store_row_bind(
	sqlite3_stmt *stmt, const struct store_table *table, const void *record);

/* Reads the present row of a store_sql_select(). WIPY_E_CORRUPT for what this program
 * does not understand: *ret_error then names the row and the column, and the record is
 * half filled. */
int store_row_read(sqlite3_stmt *stmt, const struct store_table *table, void *record,
	struct errtext *ret_error) WARN_UNUSED;

#endif
