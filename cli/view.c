/* SPDX-License-Identifier: MIT
 *
 * One description, all forms.
 */
#include "config.h"

#include "cli/view.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/pages.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/table.h"
#include "cli/when.h"

#define NAMES_SHOWN  4
#define DIGEST_SHOWN 12
#define COLUMNS_MAX  TABLE_COLUMNS_MAX

#define NAMES_LEN    4096
#define FIRMWARE_LEN 160

const json_t *view_value(const json_t *object, const char *path)
{
	while (object != NULL && path != NULL) {
		const char *dot = strchr(path, '.');
		size_t len = dot == NULL ? strlen(path) : (size_t)(dot - path);

		object = json_object_getn(object, path, len);
		path = dot == NULL ? NULL : dot + 1;
	}
	return object;
}

/* ---- rows ------------------------------------------------------------------------ */

/* One row: an object of the list and, where rows are inside of those, the one there. */
struct row {
	const struct view *view;
	const json_t *object, *inner;
};

/* The part of the path behind the inner list's key; NULL: it leads elsewhere. */
static const char *inner_path(const struct row *row, const char *path)
{
	const char *inner = row->view->inner;
	size_t len = inner == NULL ? 0 : strlen(inner);

	return len > 0 && strncmp(path, inner, len) == 0 && path[len] == '.'
		       ? path + len + 1
		       : NULL;
}

static const json_t *row_value(const struct row *row, const char *path)
{
	const char *inner = inner_path(row, path);

	return inner != NULL ? view_value(row->inner, inner)
			     : view_value(row->object, path);
}

/* What a column's function is given: where its path begins. */
static const json_t *row_object(const struct row *row, const char *path)
{
	return path != NULL && inner_path(row, path) != NULL ? row->inner : row->object;
}

typedef void (*row_fn)(void *context, const struct row *row);

/* An object without anything inside is a row as well: it must not vanish. */
static void rows_each(
	const struct view *view, const json_t *list, row_fn each, void *context)
{
	struct row row = {.view = view};
	const json_t *inner;
	size_t i, j;

	json_array_foreach(list, i, row.object)
	{
		inner = view->inner == NULL ? NULL
					    : shape_list(row.object, view->inner);
		row.inner = NULL;
		if (json_array_size(inner) == 0)
			each(context, &row);
		json_array_foreach(inner, j, row.inner) each(context, &row);
	}
}

/* ---- table ----------------------------------------------------------------------- */

struct sheet {
	struct cli *cli;
	struct table *table;
	const struct view_column *columns[COLUMNS_MAX]; /* that are shown */
	struct table_column layout[COLUMNS_MAX];
	size_t count;
};

static bool kind_is_right(enum view_kind kind)
{
	return kind == VIEW_NUMBER || kind == VIEW_BYTES;
}

static void sheet_begin(
	struct sheet *sheet, struct cli *cli, const struct view_column *column)
{
	bool wide = cli->form == FORM_WIDE;

	*sheet = (struct sheet){.cli = cli};
	for (; column->title != NULL || column->path != NULL; column++) {
		if (column->title == NULL || (column->wide && !wide) ||
			sheet->count == COLUMNS_MAX)
			continue;
		sheet->layout[sheet->count] =
			(struct table_column){.title = column->title,
				.right = kind_is_right(column->kind),
				.shrinks = wide ? 0 : column->shrinks,
				.wraps = column->wraps};
		sheet->columns[sheet->count++] = column;
	}
	sheet->table = table_new(sheet->layout, sheet->count);
}

static void cell_bytes(struct table *table, enum style style, const json_t *value)
{
	long long bytes = json_integer_value(value);

	if (bytes < 10240)
		table_cell(table, style, "%lld B", bytes);
	else if (bytes < 10240LL * 1024)
		table_cell(table, style, "%lld KiB", bytes / 1024);
	else
		table_cell(table, style, "%lld MiB", bytes / 1048576);
}

static void cell_names(
	struct sheet *sheet, const struct view_column *column, const json_t *list)
{
	size_t most = sheet->cli->form == FORM_WIDE ? SIZE_MAX : NAMES_SHOWN;
	char names[NAMES_LEN];

	if (json_array_size(list) == 0) {
		table_cell(sheet->table, STYLE_PLAIN, "-");
		return;
	}
	shape_names(list, NULL, most, sizeof(names), names);
	table_cell(sheet->table, column->style, "%s", names);
}

static void cell_text(
	struct sheet *sheet, const struct view_column *column, const char *text)
{
	int most = column->kind == VIEW_ID ? PROGRESS_ID_SHOWN : DIGEST_SHOWN;
	bool cut = column->kind == VIEW_ID || column->kind == VIEW_DIGEST;

	if (text[0] == '\0')
		table_cell(sheet->table, STYLE_PLAIN, "-");
	else if (column->kind == VIEW_STATE)
		table_cell(sheet->table, progress_style(text), "%s", text);
	else if (cut && sheet->cli->form != FORM_WIDE)
		table_cell(sheet->table, column->style, "%.*s", most, text);
	else
		table_sentence(sheet->table, sheet->cli->out, column->style, text);
}

/* Texts, numbers and truths as they are. */
static void cell_plain(
	struct sheet *sheet, const struct view_column *column, const json_t *value)
{
	if (json_is_integer(value))
		table_cell(sheet->table, column->style, "%lld",
			(long long)json_integer_value(value));
	else if (json_is_boolean(value))
		table_cell(sheet->table, column->style, "%s",
			json_is_true(value) ? "yes" : "no");
	else
		cell_text(sheet, column,
			json_is_string(value) ? json_string_value(value) : "");
}

static void cell_made(
	struct table *table, const struct view_column *column, const json_t *row)
{
	struct view_cell cell = {.style = column->style};

	column->cell(row, &cell);
	if (cell.text[0] == '\0')
		table_cell(table, STYLE_PLAIN, "-");
	else
		table_cell(table, cell.style, "%s", cell.text);
}

static void sheet_cell(
	struct sheet *sheet, const struct view_column *column, const struct row *row)
{
	const json_t *value =
		column->path == NULL ? NULL : row_value(row, column->path);
	struct writer *writer = sheet->cli->out;
	char firmware[FIRMWARE_LEN];

	switch (column->kind) {
	case VIEW_TIME:
		table_time(sheet->table, writer, json_string_value(value));
		break;
	case VIEW_AGE:
		table_age(sheet->table, writer, json_string_value(value));
		break;
	case VIEW_SPAN:
		table_span(sheet->table, writer, json_string_value(value));
		break;
	case VIEW_BYTES:
		if (json_is_integer(value))
			cell_bytes(sheet->table, column->style, value);
		else
			table_cell(sheet->table, STYLE_PLAIN, "-");
		break;
	case VIEW_FIRMWARE:
		shape_firmware(value, sizeof(firmware), firmware);
		table_cell(sheet->table, column->style, "%s", firmware);
		break;
	case VIEW_NAMES:
		cell_names(sheet, column, value);
		break;
	case VIEW_CELL:
		cell_made(sheet->table, column, row_object(row, column->path));
		break;
	case VIEW_TEXT:
	case VIEW_STATE:
	case VIEW_NUMBER:
	case VIEW_ID:
	case VIEW_DIGEST:
		cell_plain(sheet, column, value);
		break;
	}
}

static void sheet_row(void *context, const struct row *row)
{
	struct sheet *sheet = context;

	for (size_t i = 0; i < sheet->count; i++)
		sheet_cell(sheet, sheet->columns[i], row);
}

/* The column that goes first where there is no room; sheet->count: all have to stay. */
static size_t sheet_next(const struct sheet *sheet, const bool *hidden)
{
	size_t next = sheet->count;

	for (size_t i = 0; i < sheet->count; i++)
		if (!hidden[i] && sheet->columns[i]->drop > 0 &&
			(next == sheet->count ||
				sheet->columns[i]->drop < sheet->columns[next]->drop))
			next = i;
	return next;
}

static void sheet_print(struct sheet *sheet, int indent)
{
	struct writer *writer = sheet->cli->out;
	bool hidden[COLUMNS_MAX] = {false};
	int room = sheet->cli->form == FORM_WIDE ? 0 : writer->width - indent;

	while (room > 0 && !table_fits(sheet->table, room)) {
		size_t next = sheet_next(sheet, hidden);

		if (next == sheet->count)
			break;
		hidden[next] = true;
		table_hide(sheet->table, next);
	}
	table_print(sheet->table, writer, indent);
	table_free(sheet->table);
}

void view_table(struct cli *cli, const struct view_column *columns, const json_t *rows,
	int indent)
{
	const struct view view = {.columns = columns};
	struct sheet sheet;

	sheet_begin(&sheet, cli, columns);
	rows_each(&view, rows, sheet_row, &sheet);
	sheet_print(&sheet, indent);
}

static void show_table(struct cli *cli, const struct view *view, const json_t *list)
{
	struct sheet sheet;

	if (json_array_size(list) == 0) {
		if (view->none != NULL)
			writer_line(cli->out, "%s", view->none);
		return;
	}
	sheet_begin(&sheet, cli, view->columns);
	rows_each(view, list, sheet_row, &sheet);
	/* Where all columns are for CSV the text says it all. */
	if (sheet.count > 0)
		sheet_print(&sheet, 0);
	else
		table_free(sheet.table);
}

/* ---- CSV ------------------------------------------------------------------------- */

static bool column_has_values(const struct view_column *column)
{
	return column->path != NULL && column->kind != VIEW_FIRMWARE;
}

static void csv_row(void *context, const struct row *row)
{
	const struct view_column *column = row->view->columns;
	struct csv *csv = context;

	for (; column->title != NULL || column->path != NULL; column++)
		if (column_has_values(column))
			csv_value(csv, row_value(row, column->path));
	csv_end_record(csv);
}

static void show_csv(struct cli *cli, const struct view *view, const json_t *shown)
{
	const struct view_column *column = view->columns;
	struct csv csv = {.cli = cli};

	if (column == NULL) {
		csv_object(&csv, shown);
	} else {
		for (; column->title != NULL || column->path != NULL; column++)
			if (column_has_values(column))
				csv_name(&csv, column->path);
		csv_end_record(&csv);
		rows_each(view, shown, csv_row, &csv);
	}
	csv_done(&csv);
}

/* ---- the other forms ------------------------------------------------------------- */

static void show_lines(struct cli *cli, const json_t *shown)
{
	const json_t *object;
	size_t i;

	if (!json_is_array(shown))
		writer_json_line(cli->out, shown);
	json_array_foreach(shown, i, object) writer_json_line(cli->out, object);
}

static void show_name(struct cli *cli, const json_t *object, const char *path)
{
	const json_t *value = view_value(object, path);

	if (json_is_string(value))
		writer_line(cli->out, "%s", json_string_value(value));
	else if (json_is_integer(value))
		writer_line(cli->out, "%lld", (long long)json_integer_value(value));
}

static void show_names(struct cli *cli, const struct view *view, const json_t *shown)
{
	const json_t *object;
	size_t i;

	if (view->name == NULL)
		return;
	if (!json_is_array(shown))
		show_name(cli, shown, view->name);
	json_array_foreach(shown, i, object) show_name(cli, object, view->name);
}

static void show_text(struct cli *cli, const struct view *view, const json_t *answer,
	const json_t *shown)
{
	if (view->columns != NULL)
		show_table(cli, view, shown);
	if (view->text != NULL)
		view->text(cli, view->columns != NULL ? answer : shown);
}

static void show(struct cli *cli, const struct view *view, const json_t *answer,
	const json_t *shown)
{
	switch (cli->form) {
	case FORM_JSON:
		writer_json(cli->out, answer);
		break;
	case FORM_JSONL:
		show_lines(cli, shown);
		break;
	case FORM_CSV:
		show_csv(cli, view, shown);
		break;
	case FORM_QUIET:
		show_names(cli, view, shown);
		break;
	case FORM_TABLE:
	case FORM_WIDE:
	case FORM_HTML: /* no command that shows by a view has them */
	case FORM_JUNIT:
	case FORM_COUNT:
		show_text(cli, view, answer, shown);
		break;
	}
}

int view_show(struct cli *cli, const struct view *view, json_t *answer)
{
	const json_t *shown = answer;
	int code = 0;

	if (answer == NULL)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"a name is not UTF-8 text, or there is not enough memory");
	if (view->key != NULL && view->columns != NULL)
		code = cli_list(cli, answer, view->key, &shown);
	else if (view->key != NULL)
		code = cli_object(cli, answer, view->key, &shown);
	if (code == 0)
		show(cli, view, answer, shown);
	json_decref(answer);
	return code;
}

int view_get(struct cli *cli, const char *path, const struct view *view)
{
	struct failure failure;
	json_t *answer;

	if (view->key == NULL || view->columns == NULL) {
		int code = cli_get(cli, path, &answer);

		return code == 0 ? view_show(cli, view, answer) : code;
	}
	if (pages_call(cli->client, path, view->key, &answer, &failure) < 0)
		return cli_show(cli, &failure);
	return view_show(cli, view, answer);
}

int view_post(struct cli *cli, const char *path, json_t *body, long timeout_s,
	const struct view *view)
{
	json_t *answer;
	int code = cli_post(cli, path, body, timeout_s, &answer);

	return code == 0 ? view_show(cli, view, answer) : code;
}
