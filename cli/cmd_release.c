/* SPDX-License-Identifier: MIT
 *
 * `wipyctl release list`, and how a release is shown.
 */
#include "config.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_release.h"
#include "cli/image_file.h"
#include "cli/shape.h"
#include "cli/table.h"

/* No rollout begins of what stands out here. */
static enum style state_style(const json_t *release)
{
	const char *state = shape_text(release, "state");

	return strcmp(state, "good") == 0 || strcmp(state, "unsigned") == 0
		       ? STYLE_PLAIN
		       : STYLE_WARN;
}

static void release_rows(struct table *table, const struct writer *writer,
	const json_t *release, bool named)
{
	const json_t *image;
	size_t i;

	json_array_foreach(shape_list(release, "images"), i, image)
	{
		const json_t *words = shape_list(image, "warnings");
		char warnings[120] = "-";

		if (json_array_size(words) > 0)
			shape_names(words, NULL, 4, sizeof(warnings), warnings);
		if (named) {
			table_cell(
				table, STYLE_PLAIN, "%s", shape_cell(release, "name"));
			table_cell(table, state_style(release), "%s",
				shape_cell(release, "state"));
			table_time(table, writer, shape_time(release, "added"));
		}
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(image, "family"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(image, "type"));
		table_cell(table, STYLE_PLAIN, "%lld", shape_number(image, "size"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(image, "tag"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(image, "date"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(image, "board"));
		table_cell(table, STYLE_PLAIN, "%.12s", shape_cell(image, "sha256"));
		table_cell(table, warnings[0] == '-' ? STYLE_PLAIN : STYLE_WARN, "%s",
			warnings);
	}
}

#define IMAGE_COLUMNS                                                                  \
	{"FAMILY", false, 0}, {"TYPE", false, 0}, {"SIZE", true, 0},                   \
		{"FIRMWARE", false, 16}, {"BUILT", false, 0}, {"BOARD", false, 6},     \
		{"SHA-256", false, 0},                                                 \
	{                                                                              \
		"WARNINGS", false, 8                                                   \
	}

void release_print_images(struct writer *writer, const json_t *release)
{
	static const struct table_column columns[] = {IMAGE_COLUMNS};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));

	release_rows(table, writer, release, false);
	table_print(table, writer, 2);
	table_free(table);
}

void release_print_added(struct cli *cli, const json_t *answer)
{
	const json_t *release = shape_object(answer, "release"), *image, *word;
	const char *warning = shape_text(answer, "warning");
	struct writer *writer = cli->out;
	size_t i, j;

	writer_put(writer, STYLE_HEAD, "release %s", shape_cell(release, "name"));
	writer_line(writer, " is in the catalogue");
	release_print_images(writer, release);
	json_array_foreach(shape_list(release, "images"), i, image)
		json_array_foreach(shape_list(image, "warnings"), j, word)
	{
		const char *text = json_string_value(word);

		writer_put(writer, STYLE_WARN, "warning");
		writer_line(writer, " (%s): %s", shape_cell(image, "family"),
			text == NULL ? "?" : image_file_warning(text));
	}
	if (warning[0] != '\0') {
		writer_put(writer, STYLE_WARN, "warning");
		writer_line(writer, ": %s", warning);
	}
}

static void release_print_list(struct cli *cli, const json_t *answer)
{
	static const struct table_column columns[] = {{"RELEASE", false, 16},
		{"STATE", false, 0}, {"ADDED", false, 0}, IMAGE_COLUMNS};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *releases = shape_list(answer, "releases"), *release, *file;
	struct writer *writer = cli->out;
	size_t i;

	json_array_foreach(releases, i, release)
		release_rows(table, writer, release, true);
	if (json_array_size(releases) == 0)
		writer_line(writer,
			"There are no releases yet; add one: wipyctl release add FILE");
	else
		table_print(table, writer, 0);
	table_free(table);
	json_array_foreach(shape_list(answer, "damaged"), i, file)
	{
		writer_put(writer, STYLE_BAD, "damaged");
		writer_line(writer,
			": %s cannot be read; mend or remove it and start wipyd again",
			json_is_string(file) ? json_string_value(file) : "?");
	}
}

int cmd_release_list(struct cli *cli)
{
	return cli_look(cli, "/v1/releases", "releases", release_print_list);
}
