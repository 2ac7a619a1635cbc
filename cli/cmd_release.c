/* SPDX-License-Identifier: MIT
 *
 * `wipyctl release list`, and how a release is shown.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_release.h"
#include "cli/image_file.h"
#include "cli/shape.h"
#include "cli/view.h"

/* Of an image, by itself or inside a release. */
#define IMAGE_COLUMNS(at)                                                              \
	{.title = "FAMILY", .path = at "family"},                                      \
		{.title = "TYPE", .path = at "type", .drop = 2},                       \
		{.title = "SIZE", .path = at "size", .kind = VIEW_BYTES, .drop = 4},   \
		{.title = "FIRMWARE", .path = at "tag", .shrinks = 16},                \
		{.title = "BUILT", .path = at "date", .drop = 5},                      \
		{.title = "BOARD", .path = at "board", .shrinks = 6, .drop = 3},       \
		{.title = "SHA-256",                                                   \
			.path = at "sha256",                                           \
			.kind = VIEW_DIGEST,                                           \
			.drop = 6},                                                    \
	{                                                                              \
		.title = "WARNINGS", .path = at "warnings", .kind = VIEW_NAMES,        \
		.style = STYLE_WARN, .shrinks = 8                                      \
	}

static void release_state(const json_t *release, struct view_cell *cell)
{
	const char *state = shape_text(release, "state");

	/* No rollout begins of what stands out. */
	if (strcmp(state, "good") != 0 && strcmp(state, "unsigned") != 0)
		cell->style = STYLE_WARN;
	snprintf(cell->text, sizeof(cell->text), "%s", state);
}

void release_print_images(struct cli *cli, const json_t *release)
{
	static const struct view_column columns[] = {
		IMAGE_COLUMNS(""), {.title = NULL}};

	view_table(cli, columns, shape_list(release, "images"), 2);
}

static void print_added(struct cli *cli, const json_t *answer)
{
	const json_t *release = shape_object(answer, "release"), *image, *word;
	struct writer *writer = cli->out;
	const char *warning = shape_text(answer, "warning");
	size_t i, j;

	writer_put(writer, STYLE_HEAD, "release %s", shape_cell(release, "name"));
	writer_line(writer, " is in the catalogue");
	release_print_images(cli, release);
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

int release_show_added(struct cli *cli, json_t *answer)
{
	static const struct view view = {.name = "release.name", .text = print_added};

	return view_show(cli, &view, answer);
}

static void print_damaged(struct cli *cli, const json_t *answer)
{
	const json_t *file;
	size_t i;

	json_array_foreach(shape_list(answer, "damaged"), i, file)
	{
		writer_put(cli->out, STYLE_BAD, "damaged");
		writer_line(cli->out,
			": %s cannot be read; mend or remove it and start wipyd again",
			json_is_string(file) ? json_string_value(file) : "?");
	}
}

int cmd_release_list(struct cli *cli)
{
	static const struct view_column columns[] = {
		{.title = "RELEASE", .path = "name", .shrinks = 16},
		{.title = "STATE",
			.path = "state",
			.kind = VIEW_CELL,
			.cell = release_state},
		{.title = "ADDED", .path = "added", .kind = VIEW_TIME, .drop = 1},
		{.title = "RETIRED",
			.path = "retired",
			.kind = VIEW_TIME,
			.wide = true},
		IMAGE_COLUMNS("images."),
		{.title = NULL},
	};
	static const struct view view = {.key = "releases",
		.columns = columns,
		.inner = "images",
		.name = "name",
		.none = "There are no releases yet; add one: wipyctl release add FILE",
		.text = print_damaged};

	return view_get(cli, "/v1/releases", &view);
}
