/* SPDX-License-Identifier: MIT
 *
 * Values, rows and tables of the report in HTML.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/markup.h"
#include "cli/report_cells.h"
#include "cli/when.h"

#define SHORT_LEN 24 /* bytes of a text that is not broken into lines */
#define FITS_MAX  5  /* columns of numbers and words that fit a telephone */

static const char *style_class(enum style style)
{
	static const char *const classes[STYLE_COUNT] = {
		[STYLE_GOOD] = "good", [STYLE_WARN] = "warn", [STYLE_BAD] = "bad"};

	return classes[style] == NULL ? "plain" : classes[style];
}

/* ---- cells ----------------------------------------------------------------------- */

void html_time(struct writer *writer, const char *time, bool span)
{
	char text[WHEN_TEXT_MAX];
	int64_t s;

	if (time == NULL || wipy_utc_parse(time, &s) < 0) {
		markup_text(writer, time == NULL ? "-" : time);
		return;
	}
	markup_raw(writer, "<time");
	markup_attribute(writer, "datetime", time);
	markup_raw(writer, ">");
	if (span)
		when_format_span(writer->now_s - s, text);
	else
		when_format(s, writer->utc, text);
	markup_text(writer, text);
	markup_raw(writer, "</time>");
}

void html_sentence(struct writer *writer, const char *text)
{
	char *shown = when_in_text(text, writer->utc);

	markup_text(writer, shown == NULL ? text : shown);
	free(shown);
}

static void html_plain(struct writer *writer, const json_t *value)
{
	if (json_is_integer(value))
		writer_put(writer, STYLE_PLAIN, "%lld",
			(long long)json_integer_value(value));
	else if (json_string_length(value) > 0)
		html_sentence(writer, json_string_value(value));
	else
		markup_raw(writer, "-");
}

void html_state(struct writer *writer, const char *state)
{
	markup_raw(writer, "<span");
	markup_attribute(writer, "class", style_class(progress_style(state)));
	markup_raw(writer, ">");
	markup_text(writer, state);
	markup_raw(writer, "</span>");
}

static void html_value(
	struct writer *writer, const struct view_column *column, const json_t *row)
{
	const json_t *value = view_value(row, column->path);
	struct view_cell cell = {.text = ""};

	if (column->kind == VIEW_STATE && json_is_string(value)) {
		html_state(writer, json_string_value(value));
	} else if (column->kind == VIEW_TIME || column->kind == VIEW_SPAN) {
		html_time(writer, json_string_value(value), column->kind == VIEW_SPAN);
	} else if (column->kind == VIEW_CELL) {
		column->cell(row, &cell);
		markup_text(writer, cell.text[0] == '\0' ? "-" : cell.text);
	} else {
		html_plain(writer, value);
	}
}

static void html_cell(
	struct writer *writer, const struct view_column *column, const json_t *row)
{
	const json_t *value = view_value(row, column->path);

	markup_raw(writer, "<td");
	if (column->kind == VIEW_NUMBER)
		markup_attribute(writer, "class", "number");
	else if (json_string_length(value) <= SHORT_LEN)
		markup_attribute(writer, "class", "short");
	markup_attribute(writer, "data-title", column->title);
	markup_raw(writer, ">");
	html_value(writer, column, row);
	markup_raw(writer, "</td>");
}

/* ---- tables ---------------------------------------------------------------------- */

static bool is_end(const struct view_column *column)
{
	return column->title == NULL && column->path == NULL;
}

void html_heads(
	struct writer *writer, const struct view_column *columns, const char *last)
{
	markup_raw(writer, "<thead><tr>");
	for (; !is_end(columns); columns++)
		if (columns->title != NULL)
			markup_element(writer, "th",
				columns->kind == VIEW_NUMBER
					? " scope=\"col\" class=\"number\""
					: " scope=\"col\"",
				columns->title);
	if (last != NULL)
		markup_element(writer, "th", " scope=\"col\"", last);
	markup_line(writer, "</tr></thead>");
}

/* It need not become cards on a narrow screen. */
static bool is_narrow(const struct view_column *columns)
{
	size_t count = 0;

	for (; !is_end(columns); columns++) {
		count++;
		if (columns->kind == VIEW_TIME || columns->shrinks >= 14)
			return false;
	}
	return count <= FITS_MAX;
}

void html_table(struct writer *writer, const char *caption,
	const struct view_column *columns, const json_t *rows, bool tick)
{
	const json_t *row;
	size_t i;

	markup_raw(writer, is_narrow(columns) ? "<table class=\"fits\">" : "<table>");
	markup_element(writer, "caption", "", caption);
	html_heads(writer, columns, tick ? "SEEN TO" : NULL);
	markup_line(writer, "<tbody>");
	json_array_foreach(rows, i, row)
	{
		markup_raw(writer, "<tr>");
		for (const struct view_column *c = columns; !is_end(c); c++)
			if (c->title != NULL)
				html_cell(writer, c, row);
		if (tick)
			markup_raw(writer,
				"<td class=\"tick\" data-title=\"SEEN TO\"></td>");
		markup_line(writer, "</tr>");
	}
	markup_line(writer, "</tbody></table>");
}

void html_heading(struct writer *writer, const char *name, const char *title)
{
	char big[128];

	/* Titles begin small, as in the text. */
	snprintf(big, sizeof(big), "%s", title);
	if (big[0] >= 'a' && big[0] <= 'z')
		big[0] = (char)(big[0] - 'a' + 'A');
	markup_element(writer, name, "", big);
	writer_end(writer);
}
