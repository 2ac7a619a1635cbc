/* SPDX-License-Identifier: MIT
 *
 * Records of JSON values; the quoting is the writer's.
 */
#include "config.h"

#include "cli/csv.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PATH_LEN  256
#define DEPTH_MAX 8

void csv_name(struct csv *csv, const char *name)
{
	writer_csv(csv->cli->out, name);
}

void csv_end_record(struct csv *csv)
{
	writer_csv_end(csv->cli->out);
}

/* A sign in front of a number is no formula: only texts are looked at. */
static void csv_text(struct csv *csv, const char *text)
{
	csv->formulas += text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
	writer_csv(csv->cli->out, text);
}

static size_t texts_len(const json_t *list)
{
	size_t i, len = 0;
	const json_t *item;

	json_array_foreach(list, i, item) len += json_string_length(item) + 1;
	return len;
}

static void csv_list(struct csv *csv, const json_t *list)
{
	char number[24], *text;
	size_t i, len = 0, cap = texts_len(list);
	const json_t *item;

	if (json_array_size(list) == 0 || !json_is_string(json_array_get(list, 0))) {
		snprintf(number, sizeof(number), "%zu", json_array_size(list));
		writer_csv(csv->cli->out, json_array_size(list) ? number : "");
		return;
	}
	text = malloc(cap + 1);
	if (text == NULL)
		abort();
	json_array_foreach(list, i, item) len +=
		(size_t)snprintf(text + len, cap + 1 - len, "%s%s", i > 0 ? ";" : "",
			json_is_string(item) ? json_string_value(item) : "");
	csv_text(csv, text);
	free(text);
}

void csv_value(struct csv *csv, const json_t *value)
{
	char number[40] = "";

	if (json_is_string(value)) {
		csv_text(csv, json_string_value(value));
	} else if (json_is_array(value)) {
		csv_list(csv, value);
	} else {
		if (json_is_integer(value))
			snprintf(number, sizeof(number), "%lld",
				(long long)json_integer_value(value));
		else if (json_is_real(value))
			snprintf(number, sizeof(number), "%.15g",
				json_real_value(value));
		else if (json_is_boolean(value))
			snprintf(number, sizeof(number), "%s",
				json_is_true(value) ? "true" : "false");
		writer_csv(csv->cli->out, number);
	}
}

/* Depth first, in the order of the document; names or values. */
static void csv_walk(struct csv *csv, const json_t *object, char path[PATH_LEN],
	size_t len, int depth, bool names)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		int more = snprintf(
			path + len, PATH_LEN - len, "%s%s", len > 0 ? "." : "", key);

		if (more < 0 || len + (size_t)more >= PATH_LEN)
			continue;
		if (json_object_size(value) > 0 && depth < DEPTH_MAX)
			csv_walk(
				csv, value, path, len + (size_t)more, depth + 1, names);
		else if (names)
			csv_name(csv, path);
		else
			csv_value(csv, value);
	}
}

void csv_object(struct csv *csv, const json_t *object)
{
	char path[PATH_LEN];

	csv_walk(csv, object, path, 0, 0, true);
	csv_end_record(csv);
	csv_walk(csv, object, path, 0, 0, false);
	csv_end_record(csv);
}

void csv_done(struct csv *csv)
{
	if (csv->formulas == 0)
		return;
	(void)writer_flush(csv->cli->out);
	writer_line(csv->cli->err,
		"note: %zu %s with =, +, - or @, which a spreadsheet takes for a "
		"formula: "
		"import the columns as text",
		csv->formulas, csv->formulas == 1 ? "value begins" : "values begin");
}
