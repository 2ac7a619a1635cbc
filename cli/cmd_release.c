/* SPDX-License-Identifier: MIT
 *
 * `wipyctl release add|list`. Images are checked here before the first byte is uploaded,
 * so that a bad one among several leaves nothing behind.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/image_file.h"
#include "cli/shape.h"
#include "cli/table.h"

#define UPLOAD_TIMEOUT_S 60
#define FILES_MAX        8

static int release_check(struct cli *cli, const struct image_file *file)
{
	struct errtext why;

	if (file->info.verdict == 0)
		return 0;
	image_file_explain(file, &why);
	return cli_fail(cli, EXIT_CODE_REFUSED,
		"nothing was uploaded; see: wipyctl image info", "%s: %s", file->path,
		why.text);
}

static int release_load(struct cli *cli, struct image_file *files)
{
	for (size_t i = 0; i < cli->args->count; i++) {
		int code = image_file_load(cli, cli->args->words[i], &files[i]);

		if (code == 0)
			code = release_check(cli, &files[i]);
		if (code != 0)
			return code;
	}
	return 0;
}

/* Uploads one image and appends its SHA-256 to the list. */
static int release_upload(struct cli *cli, const struct image_file *file, json_t *sums)
{
	struct failure failure, named;
	json_t *answer;
	const char *sum;
	int code = 0;

	if (client_call(cli->client,
		    &(struct client_request){.method = "POST",
			    .path = "/v1/images",
			    .content_type = "application/octet-stream",
			    .body = file->data,
			    .body_len = file->len,
			    .timeout_s = UPLOAD_TIMEOUT_S},
		    &answer, &failure) < 0) {
		(void)failure_set(&named, failure.exit_code, failure.hint, "%s: %s",
			file->path, failure.text);
		failure_done(&failure);
		return cli_show(cli, &named);
	}
	sum = shape_text(answer, "sha256");
	if (sum[0] == '\0')
		code = cli_fail(cli, EXIT_CODE_INTERNAL, NULL,
			"the daemon at %s took %s, but did not name its SHA-256",
			cli->socket_path, file->path);
	else
		(void)json_array_append_new(sums, json_string(sum));
	json_decref(answer);
	return code;
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
			table_time(table, writer, shape_time(release, "added"));
		}
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(image, "family"));
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
	{"FAMILY", false, 0}, {"SIZE", true, 0}, {"FIRMWARE", false, 16},              \
		{"BUILT", false, 0}, {"BOARD", false, 6}, {"SHA-256", false, 0},       \
	{                                                                              \
		"WARNINGS", false, 8                                                   \
	}

static void release_print_added(struct writer *writer, const json_t *answer)
{
	static const struct table_column columns[] = {IMAGE_COLUMNS};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *release = shape_object(answer, "release"), *image, *word;
	const char *warning = shape_text(answer, "warning");
	size_t i, j;

	writer_put(writer, STYLE_HEAD, "release %s", shape_cell(release, "name"));
	writer_line(writer, " is in the catalogue");
	release_rows(table, writer, release, false);
	table_print(table, writer, 2);
	table_free(table);
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

static int release_make(struct cli *cli, json_t *sums)
{
	const char *name = args_option(cli->args, "name");
	const json_t *release;
	json_t *answer;
	int code = cli_post(cli, "/v1/releases",
		json_pack(
			"{s:s, s:O}", "name", name == NULL ? "" : name, "images", sums),
		0, &answer);

	if (code != 0)
		return code;
	code = cli_object(cli, answer, "release", &release);
	if (code == 0 && cli->json)
		writer_json(cli->out, answer);
	else if (code == 0)
		release_print_added(cli->out, answer);
	json_decref(answer);
	return code;
}

int cmd_release_add(struct cli *cli)
{
	struct image_file files[FILES_MAX] = {0};
	json_t *sums = json_array();
	int code = release_load(cli, files);

	for (size_t i = 0; code == 0 && i < cli->args->count; i++)
		code = release_upload(cli, &files[i], sums);
	if (code == 0)
		code = release_make(cli, sums);
	for (size_t i = 0; i < FILES_MAX; i++)
		image_file_done(&files[i]);
	json_decref(sums);
	return code;
}

static void release_print_list(struct writer *writer, const json_t *releases)
{
	static const struct table_column columns[] = {
		{"RELEASE", false, 16}, {"ADDED", false, 0}, IMAGE_COLUMNS};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *release;
	size_t i;

	json_array_foreach(releases, i, release)
		release_rows(table, writer, release, true);
	table_print(table, writer, 0);
	table_free(table);
}

int cmd_release_list(struct cli *cli)
{
	const json_t *releases;
	json_t *answer;
	int code = cli_get(cli, "/v1/releases", &answer);

	if (code != 0)
		return code;
	code = cli_list(cli, answer, "releases", &releases);
	if (code == 0 && cli->json)
		writer_json(cli->out, answer);
	else if (code == 0 && json_array_size(releases) == 0)
		writer_line(cli->out,
			"There are no releases yet; add one: wipyctl release add FILE");
	else if (code == 0)
		release_print_list(cli->out, releases);
	json_decref(answer);
	return code;
}
