/* SPDX-License-Identifier: MIT
 *
 * Rows under headings, as wide as their content; on a terminal columns that allow it are
 * cut or wrapped until the row fits.
 */
#ifndef WIPY_CLI_TABLE_H
#define WIPY_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/writer.h"

#define TABLE_COLUMNS_MAX 24

struct table_column {
	const char *title;
	bool right;  /* numbers */
	int shrinks; /* on a narrow terminal down to so many columns; 0: never */
	bool wraps;  /* what does not fit goes on below instead of being cut */
};

struct table;

/* Borrows the columns. NULL without memory: the other functions take it, and printing
 * says so. */
struct table *table_new(const struct table_column *columns, size_t count);
/* NULL is fine; returns NULL. */
struct table *table_free(struct table *table);

/* The next cell, row by row from the left. */
void table_cell(struct table *table, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A time of the API in the form of the writer that will print; NULL: "-". */
void table_time(struct table *table, const struct writer *writer, const char *time);
/* A sentence of the API, its times in that form. */
void table_sentence(struct table *table, const struct writer *writer, enum style style,
	const char *text);
/* How long ago a time of the API was: "5 min ago"; NULL: "never". */
void table_age(struct table *table, const struct writer *writer, const char *time);
/* The same as a span: "5 min"; NULL: "-". */
void table_span(struct table *table, const struct writer *writer, const char *time);

/* Would it fit into so many columns, once cut as far as it may be? */
bool table_fits(const struct table *table, int room);
/* Leaves a column out. */
void table_hide(struct table *table, size_t column);

/* Every line begins with `indent` blanks. Nothing is printed without rows. */
void table_print(const struct table *table, struct writer *writer, int indent);

#endif
