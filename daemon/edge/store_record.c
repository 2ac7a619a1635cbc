/* SPDX-License-Identifier: MIT
 *
 * Records as text: "name=", i, t or x, the value. Within a text "\n" and "\\" stand for
 * a line feed and a backslash.
 */
#include "config.h"

#include "daemon/edge/store_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOB_MAX 64

/* ---- writing --------------------------------------------------------------------- */

static bool is_quiet(const char *const *quiet, const char *column)
{
	while (*quiet && strcmp(*quiet, column) != 0)
		quiet++;
	return *quiet != NULL;
}

static void write_text(sqlite3_str *text, const char *value, int len)
{
	for (int i = 0; i < len; i++) {
		if (value[i] == '\n')
			sqlite3_str_appendall(text, "\\n");
		else if (value[i] == '\\')
			sqlite3_str_appendall(text, "\\\\");
		else
			sqlite3_str_append(text, value + i, 1);
	}
}

static void write_value(sqlite3_str *text, sqlite3_stmt *stmt, int column)
{
	const void *value = sqlite3_column_blob(stmt, column);
	int len = sqlite3_column_bytes(stmt, column);

	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_INTEGER:
		sqlite3_str_appendf(text, "i%lld", sqlite3_column_int64(stmt, column));
		break;
	case SQLITE_TEXT:
		sqlite3_str_append(text, "t", 1);
		write_text(text, value, len);
		break;
	default:
		sqlite3_str_append(text, "x", 1);
		for (int i = 0; i < len; i++)
			sqlite3_str_appendf(
				text, "%02x", ((const unsigned char *)value)[i]);
	}
}

char *store_record_write(sqlite3_stmt *stmt, const char *const *quiet, bool only_quiet)
{
	sqlite3_str *text = sqlite3_str_new(NULL);

	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		const char *column = sqlite3_column_name(stmt, i);

		if (sqlite3_column_type(stmt, i) == SQLITE_NULL ||
			is_quiet(quiet, column) != only_quiet)
			continue;
		sqlite3_str_appendf(text, "%s=", column);
		write_value(text, stmt, i);
		sqlite3_str_append(text, "\n", 1);
	}
	/* Finishing an empty one gives NULL, which means no memory here. */
	if (sqlite3_str_length(text) == 0)
		sqlite3_str_append(text, "\n", 1);
	return sqlite3_str_finish(text);
}

/* ---- reading --------------------------------------------------------------------- */

/* The column's default as SQL, to be freed; NULL: none, and *ret_code says why. */
static char *default_of(
	sqlite3 *db, const struct store_table *table, const char *column, int *ret_code)
{
	static const char sql[] = "SELECT dflt_value FROM pragma_table_info(?1)"
				  " WHERE name = ?2 AND \"notnull\" = 1";
	sqlite3_stmt *stmt = NULL;
	char *text = NULL;

	*ret_code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
	if (!*ret_code &&
		sqlite3_bind_text(stmt, 1, table->name, -1, SQLITE_STATIC) +
				sqlite3_bind_text(stmt, 2, column, -1, SQLITE_STATIC) ==
			SQLITE_OK &&
		sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_text(stmt, 0))
		text = sqlite3_mprintf("%s", sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return text;
}

/* "SELECT coalesce(?1, 'default') AS name, ?2 AS ..., ...": one row of what is bound, so
 * that store_row_read() reads it as it reads the table. */
int store_record_prepare(
	sqlite3 *db, const struct store_table *table, sqlite3_stmt **ret_stmt)
{
	char *columns = store_sql_select(table, "LIMIT 0"), *built;
	sqlite3_str *sql = sqlite3_str_new(NULL);
	sqlite3_stmt *stmt = NULL;
	int code = SQLITE_NOMEM;

	if (columns)
		code = sqlite3_prepare_v2(db, columns, -1, &stmt, NULL);
	for (int i = 0; !code && i < sqlite3_column_count(stmt); i++) {
		const char *column = sqlite3_column_name(stmt, i);
		char *otherwise = default_of(db, table, column, &code);

		sqlite3_str_appendf(sql, "%s coalesce(?%d, %s) AS %s",
			i ? "," : "SELECT", i + 1, otherwise ? otherwise : "NULL",
			column);
		sqlite3_free(otherwise);
	}
	built = sqlite3_str_finish(sql);
	if (!code)
		code = built ? sqlite3_prepare_v3(db, built, -1,
				       SQLITE_PREPARE_PERSISTENT, ret_stmt, NULL)
			     : SQLITE_NOMEM;
	sqlite3_finalize(stmt);
	sqlite3_free(columns);
	sqlite3_free(built);
	return code;
}

/* From the column on where the last one was found: lines are in the order of columns as
 * long as the schema is the one that they were written by. */
static int column_named(sqlite3_stmt *stmt, const char *name, size_t len, int *at)
{
	int count = sqlite3_column_count(stmt);

	for (int i = 0; i < count; i++) {
		int column = (*at + i) % count;
		const char *known = sqlite3_column_name(stmt, column);

		if (known && strncmp(known, name, len) == 0 && known[len] == '\0') {
			*at = column + 1;
			return column;
		}
	}
	return -1;
}

static int bind_text(sqlite3_stmt *stmt, int parameter, const char *value, size_t len)
{
	char *text = sqlite3_malloc64(len + 1);
	int out = 0;

	if (!text)
		return SQLITE_NOMEM;
	for (size_t i = 0; i < len; i++) {
		text[out] = value[i];
		if (value[i] == '\\' && i + 1 < len)
			text[out] = value[++i] == 'n' ? '\n' : value[i];
		out++;
	}
	return sqlite3_bind_text(stmt, parameter, text, out, sqlite3_free);
}

static int bind_blob(sqlite3_stmt *stmt, int parameter, const char *value, size_t len)
{
	unsigned char blob[BLOB_MAX];
	size_t bytes = len / 2 < BLOB_MAX ? len / 2 : BLOB_MAX;

	for (size_t i = 0; i < bytes; i++) {
		char digits[3] = {value[2 * i], value[2 * i + 1], 0};

		blob[i] = (unsigned char)strtoul(digits, NULL, 16);
	}
	return sqlite3_bind_blob(stmt, parameter, blob, (int)bytes, SQLITE_TRANSIENT);
}

/* A line without its end. What is not known (any more) is passed over. */
static int bind_line(sqlite3_stmt *stmt, const char *line, size_t len, int *at)
{
	const char *equals = memchr(line, '=', len), *value;
	int column;

	if (!equals || equals + 1 >= line + len)
		return SQLITE_OK;
	column = column_named(stmt, line, (size_t)(equals - line), at);
	if (column < 0)
		return SQLITE_OK;
	value = equals + 2;
	len -= (size_t)(value - line);
	switch (equals[1]) {
	case 'i':
		return sqlite3_bind_int64(stmt, column + 1, strtoll(value, NULL, 10));
	case 't':
		return bind_text(stmt, column + 1, value, len);
	default:
		return bind_blob(stmt, column + 1, value, len);
	}
}

static int bind_lines(sqlite3_stmt *stmt, const char *text)
{
	int code = SQLITE_OK, at = 0;

	while (!code && *text) {
		size_t len = strcspn(text, "\n");

		code = bind_line(stmt, text, len, &at);
		text += len + (text[len] == '\n');
	}
	return code;
}

int store_record_read(sqlite3_stmt *stmt, const struct store_table *table,
	const char *const text[2], void *record, struct errtext *ret_error)
{
	int rc = WIPY_E_CORRUPT;

	snprintf(ret_error->text, sizeof(ret_error->text), "table %s: no memory",
		table->name);
	sqlite3_clear_bindings(stmt);
	if (!bind_lines(stmt, text[0]) && !bind_lines(stmt, text[1]) &&
		sqlite3_step(stmt) == SQLITE_ROW)
		rc = store_row_read(stmt, table, record, ret_error);
	sqlite3_reset(stmt);
	return rc;
}
