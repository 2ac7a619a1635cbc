/* SPDX-License-Identifier: MIT
 *
 * Cells are kept until all are known: only then the widths are.
 */
#include "config.h"

#include "cli/table.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/glyph.h"
#include "cli/when.h"

#define GAP         2
#define COLUMNS_MAX TABLE_COLUMNS_MAX

struct cell {
	char *text;
	enum style style;
};

struct table {
	const struct table_column *columns;
	size_t column_count;
	struct cell *cells;
	size_t count, cap;
	bool hidden[COLUMNS_MAX];
	bool broken; /* a cell is missing: the rest would stand in wrong columns */
};

struct table *table_new(const struct table_column *columns, size_t count)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->columns = columns;
	table->column_count = count < COLUMNS_MAX ? count : COLUMNS_MAX;
	return table;
}

struct table *table_free(struct table *table)
{
	if (table == NULL)
		return NULL;
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	free(table);
	return NULL;
}

void table_cell(struct table *table, enum style style, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	if (table == NULL || table->broken)
		return;
	if (table->count == table->cap) {
		size_t cap = table->cap == 0 ? 64 : table->cap * 2;
		struct cell *cells = reallocarray(table->cells, cap, sizeof(*cells));

		if (cells == NULL) {
			table->broken = true;
			return;
		}
		table->cells = cells;
		table->cap = cap;
	}
	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0) {
		table->broken = true;
		return;
	}
	table->cells[table->count++] = (struct cell){.text = text, .style = style};
}

void table_time(struct table *table, const struct writer *writer, const char *time)
{
	char text[WHEN_TEXT_MAX];
	int64_t s;

	if (time == NULL || time[0] == '\0') {
		table_cell(table, STYLE_PLAIN, "-");
		return;
	}
	if (wipy_utc_parse(time, &s) < 0) {
		table_cell(table, STYLE_PLAIN, "%s", time);
		return;
	}
	when_format(s, writer->utc, text);
	table_cell(table, STYLE_PLAIN, "%s", text);
}

void table_sentence(struct table *table, const struct writer *writer, enum style style,
	const char *text)
{
	char *shown = when_in_text(text, writer->utc);

	table_cell(table, style, "%s", shown == NULL ? text : shown);
	free(shown);
}

void table_age(struct table *table, const struct writer *writer, const char *time)
{
	char text[WHEN_TEXT_MAX];
	int64_t s;

	if (time == NULL || wipy_utc_parse(time, &s) < 0) {
		table_cell(table, STYLE_PLAIN, "never");
		return;
	}
	when_format_span(writer->now_s - s, text);
	table_cell(table, STYLE_PLAIN, "%s ago", text);
}

void table_span(struct table *table, const struct writer *writer, const char *time)
{
	char text[WHEN_TEXT_MAX];
	int64_t s;

	if (time == NULL || wipy_utc_parse(time, &s) < 0) {
		table_cell(table, STYLE_PLAIN, "-");
		return;
	}
	when_format_span(writer->now_s - s, text);
	table_cell(table, STYLE_PLAIN, "%s", text);
}

static void table_measure(const struct table *table, int ret_widths[COLUMNS_MAX])
{
	for (size_t i = 0; i < table->column_count; i++)
		ret_widths[i] = glyph_columns(table->columns[i].title);
	for (size_t i = 0; i < table->count; i++) {
		int columns = glyph_columns(table->cells[i].text);

		if (columns > ret_widths[i % table->column_count])
			ret_widths[i % table->column_count] = columns;
	}
}

static int table_total(const struct table *table, const int widths[COLUMNS_MAX])
{
	int total = -GAP;

	for (size_t i = 0; i < table->column_count; i++)
		total += table->hidden[i] ? 0 : widths[i] + GAP;
	return total;
}

/* Takes from the widest column that may shrink, until the row fits or none is left. */
static void table_shrink(const struct table *table, int room, int widths[COLUMNS_MAX])
{
	for (int total = table_total(table, widths); total > room; total--) {
		int *widest = NULL;

		for (size_t i = 0; i < table->column_count; i++)
			if (!table->hidden[i] && table->columns[i].shrinks > 0 &&
				widths[i] > table->columns[i].shrinks &&
				(widest == NULL || widths[i] > *widest))
				widest = &widths[i];
		if (widest == NULL)
			return;
		(*widest)--;
	}
}

bool table_fits(const struct table *table, int room)
{
	int widths[COLUMNS_MAX];

	if (table == NULL || table->broken)
		return true;
	table_measure(table, widths);
	table_shrink(table, room, widths);
	return table_total(table, widths) <= room;
}

void table_hide(struct table *table, size_t column)
{
	if (table != NULL && column < table->column_count)
		table->hidden[column] = true;
}

/* A text that is too long ends in "~". */
static void table_put(
	struct writer *writer, enum style style, const char *text, int width)
{
	size_t len = 0;
	int columns = 0;

	if (glyph_columns(text) <= width) {
		writer_put(writer, style, "%s", text);
		return;
	}
	for (;;) {
		struct glyph g = glyph_next(text + len);

		if (columns + g.columns > width - 1)
			break;
		columns += g.columns;
		len += g.consumed;
	}
	writer_put(writer, style, "%.*s~", (int)len, text);
}

/* How much of a text goes onto a line: whole words, and of a word that is wider than the
 * column what there is room for. */
static size_t table_line_len(const char *text, int width)
{
	size_t len = 0, words = 0;
	int columns = 0;

	for (;;) {
		struct glyph g = glyph_next(text + len);

		if (g.consumed == 0)
			return len;
		if (text[len] == ' ')
			words = len;
		if (columns + g.columns > width)
			break;
		columns += g.columns;
		len += g.consumed;
	}
	return words > 0 ? words : len > 0 ? len : glyph_next(text).consumed;
}

/* What of a cell is not printed yet. */
struct piece {
	const char *text;
	enum style style;
	bool wraps;
};

static void table_piece(struct writer *writer, struct piece *piece, int width)
{
	size_t len = strlen(piece->text);

	if (piece->wraps) {
		len = table_line_len(piece->text, width);
		writer_put(writer, piece->style, "%.*s", (int)len, piece->text);
	} else {
		table_put(writer, piece->style, piece->text, width);
	}
	piece->text += len;
	piece->text += strspn(piece->text, " ");
}

/* One line of a row. Returns whether something is left for the lines below. */
static bool table_line(const struct table *table, struct writer *writer, int indent,
	const int widths[COLUMNS_MAX], struct piece *pieces)
{
	bool left = false;
	int at = indent;

	for (size_t i = 0; i < table->column_count; i++) {
		int slack = widths[i] - glyph_columns(pieces[i].text);

		if (table->hidden[i])
			continue;
		writer_pad(writer,
			at + (table->columns[i].right && slack > 0 ? slack : 0));
		table_piece(writer, &pieces[i], widths[i]);
		left = left || pieces[i].text[0] != '\0';
		at += widths[i] + GAP;
	}
	writer_end(writer);
	return left;
}

static void table_row(const struct table *table, struct writer *writer, int indent,
	const int widths[COLUMNS_MAX], const struct cell *cells)
{
	struct piece pieces[COLUMNS_MAX];

	for (size_t i = 0; i < table->column_count; i++)
		pieces[i] = (struct piece){.text = cells[i].text,
			.style = cells[i].style,
			.wraps = table->columns[i].wraps};
	while (table_line(table, writer, indent, widths, pieces))
		;
}

static void table_head(const struct table *table, struct writer *writer, int indent,
	const int widths[COLUMNS_MAX])
{
	struct piece pieces[COLUMNS_MAX];

	for (size_t i = 0; i < table->column_count; i++)
		pieces[i] = (struct piece){
			.text = table->columns[i].title, .style = STYLE_HEAD};
	(void)table_line(table, writer, indent, widths, pieces);
}

void table_print(const struct table *table, struct writer *writer, int indent)
{
	int widths[COLUMNS_MAX];

	if (table == NULL || table->broken) {
		writer_line(writer, "(there is not enough memory to show this table)");
		return;
	}
	if (table->count < table->column_count)
		return;
	table_measure(table, widths);
	if (writer->width > 0)
		table_shrink(table, writer->width - indent, widths);
	table_head(table, writer, indent, widths);
	for (size_t i = 0; i + table->column_count <= table->count;
		i += table->column_count)
		table_row(table, writer, indent, widths, &table->cells[i]);
}
