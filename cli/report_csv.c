/* SPDX-License-Identifier: MIT
 *
 * The report as one flat table: `section` says what a record is about, and every other
 * column is a key of some section's rows.
 */
#include "config.h"

#include <string.h>

#include "cli/csv.h"
#include "cli/report.h"

#define COLUMNS_MAX 64

struct columns {
	const char *path[COLUMNS_MAX];
	size_t count;
};

static bool has_path(const struct view_column *columns, const char *path)
{
	for (; columns->title != NULL || columns->path != NULL; columns++)
		if (strcmp(columns->path, path) == 0)
			return true;
	return false;
}

/* Each key once, in the order of the sections. */
static void gather(struct columns *columns)
{
	columns->count = 0;
	for (int kind = 0; kind < REPORT_KIND_COUNT; kind++) {
		const struct view_column *column = report_section(kind)->columns;

		for (; column->title != NULL || column->path != NULL; column++) {
			size_t i = 0;

			while (i < columns->count &&
				strcmp(columns->path[i], column->path) != 0)
				i++;
			if (i == columns->count && columns->count < COLUMNS_MAX)
				columns->path[columns->count++] = column->path;
		}
	}
}

void report_csv(struct cli *cli, const struct report *report)
{
	struct csv csv = {.cli = cli};
	struct columns columns;
	const json_t *row;
	size_t i;

	gather(&columns);
	csv_name(&csv, "section");
	for (size_t k = 0; k < columns.count; k++)
		csv_name(&csv, columns.path[k]);
	csv_end_record(&csv);
	for (int kind = 0; kind < REPORT_KIND_COUNT; kind++) {
		const struct report_section *section = report_section(kind);

		json_array_foreach(report->rows[kind], i, row)
		{
			csv_name(&csv, section->name);
			for (size_t k = 0; k < columns.count; k++)
				csv_value(&csv,
					has_path(section->columns, columns.path[k])
						? view_value(row, columns.path[k])
						: NULL);
			csv_end_record(&csv);
		}
	}
	csv_done(&csv);
}
