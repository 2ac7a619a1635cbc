/* SPDX-License-Identifier: MIT
 *
 * `wipyctl release show|verify|retire|gc|channels`: what is known of one release, and the care of
 * the catalogue.
 */
#include "config.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_release.h"
#include "cli/shape.h"
#include "cli/table.h"

static int release_path(struct cli *cli, const char *behind, char path[CLIENT_PATH_MAX])
{
	return cli_path(cli, "/v1/releases/", cli->args->words[0], behind, path);
}

/* ---- show ------------------------------------------------------------------------- */

static void print_key(struct writer *writer, const char *key)
{
	writer_pad(writer, 2);
	writer_put(writer, STYLE_HEAD, "%s", key);
	writer_pad(writer, 14);
}

static void print_time(struct writer *writer, const char *key, const char *time)
{
	print_key(writer, key);
	writer_time(writer, time);
	writer_end(writer);
}

/* Line by line: each line feed comes from the writer. */
static void print_notes(struct writer *writer, const char *notes)
{
	while (*notes) {
		size_t len = strcspn(notes, "\n");

		print_key(writer, "");
		writer_line(writer, "%.*s", (int)len, notes);
		notes += len + (notes[len] == '\n');
	}
}

static void print_manifest(struct writer *writer, const json_t *manifest)
{
	const json_t *signer;
	size_t i;

	print_key(writer, "serial");
	writer_line(writer, "%lld of %s", shape_number(manifest, "serial"),
		shape_cell(manifest, "series"));
	print_time(writer, "created", shape_time(manifest, "created"));
	print_time(writer, "expires", shape_time(manifest, "expires"));
	json_array_foreach(shape_list(manifest, "signers"), i, signer)
	{
		print_key(writer, i == 0 ? "signed by" : "");
		writer_line(writer, "%s",
			json_is_string(signer) ? json_string_value(signer) : "?");
	}
	if (json_array_size(shape_list(manifest, "signers")) == 0) {
		print_key(writer, "signed by");
		writer_put(writer, STYLE_WARN, "nobody");
		writer_end(writer);
	}
	if (*shape_text(manifest, "notes")) {
		print_key(writer, "notes");
		writer_end(writer);
		print_notes(writer, shape_text(manifest, "notes"));
	}
}

static void print_limits(struct writer *writer, const json_t *image)
{
	const json_t *from = shape_list(image, "from");
	char ranges[200];

	if (json_array_size(from) > 0) {
		shape_names(from, NULL, 4, sizeof(ranges), ranges);
		writer_line(writer, "  %s: only for boards that run %s",
			shape_cell(image, "family"), ranges);
	}
	if (*shape_text(image, "through"))
		writer_line(writer, "  %s: older boards get %s first",
			shape_cell(image, "family"), shape_text(image, "through"));
}

static void print_release(struct writer *writer, const json_t *release)
{
	const json_t *manifest = shape_object(release, "manifest"), *image;
	size_t i;

	writer_put(writer, STYLE_HEAD, "release %s", shape_cell(release, "name"));
	writer_end(writer);
	print_time(writer, "added", shape_time(release, "added"));
	if (shape_time(release, "retired"))
		print_time(writer, "retired", shape_time(release, "retired"));
	if (json_is_object(manifest)) {
		print_manifest(writer, manifest);
	} else {
		print_key(writer, "manifest");
		writer_line(writer, "none: it was made of files, nobody signed it");
	}
	release_print_images(writer, release);
	json_array_foreach(shape_list(release, "images"), i, image)
		print_limits(writer, image);
}

int cmd_release_show(struct cli *cli)
{
	char path[CLIENT_PATH_MAX];
	const json_t *release;
	json_t *answer;
	int code = release_path(cli, "", path);

	if (code == 0)
		code = cli_get(cli, path, &answer);
	if (code != 0)
		return code;
	code = cli_object(cli, answer, "release", &release);
	if (code == 0 && cli->json)
		writer_json(cli->out, answer);
	else if (code == 0)
		print_release(cli->out, release);
	json_decref(answer);
	return code;
}

/* ---- verify ----------------------------------------------------------------------- */

static void print_findings(struct writer *writer, const json_t *answer)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(shape_list(answer, "findings"), i, finding)
	{
		bool good = shape_true(finding, "good");

		writer_put(writer, good ? STYLE_GOOD : STYLE_BAD, "%s",
			good ? "good" : "bad ");
		writer_line(writer, "  %s", shape_text(finding, "text"));
	}
}

int cmd_release_verify(struct cli *cli)
{
	char path[CLIENT_PATH_MAX];
	json_t *answer;
	int code = release_path(cli, "/verify", path);

	if (code == 0)
		code = cli_get(cli, path, &answer);
	if (code != 0)
		return code;
	if (cli->json)
		writer_json(cli->out, answer);
	else
		print_findings(cli->out, answer);
	code = shape_true(answer, "good") ? 0 : EXIT_CODE_REFUSED;
	json_decref(answer);
	return code;
}

/* ---- retire ----------------------------------------------------------------------- */

int cmd_release_retire(struct cli *cli)
{
	const char *reason = args_option(cli->args, "reason");
	bool back = args_given(cli->args, "back");
	char path[CLIENT_PATH_MAX];
	const json_t *release;
	json_t *answer;
	int code = release_path(cli, "/retire", path);

	if (code == 0)
		code = cli_post(cli, path,
			json_pack("{s:s, s:b}", "reason", reason ? reason : "", "back",
				back),
			0, &answer);
	if (code != 0)
		return code;
	code = cli_object(cli, answer, "release", &release);
	if (code == 0 && cli->json)
		writer_json(cli->out, answer);
	else if (code == 0)
		writer_line(cli->out, "release %s %s", shape_cell(release, "name"),
			back ? "may be rolled out again"
			     : "is retired: no rollout of it begins any more");
	json_decref(answer);
	return code;
}

/* ---- gc --------------------------------------------------------------------------- */

int cmd_release_gc(struct cli *cli)
{
	bool dry = args_given(cli->args, "dry-run");
	json_t *answer;
	int code = cli_post(
		cli, "/v1/images/gc", json_pack("{s:b}", "dry_run", dry), 0, &answer);

	if (code != 0)
		return code;
	if (cli->json)
		writer_json(cli->out, answer);
	else
		writer_line(cli->out, "%lld image%s, %lld bytes %s",
			shape_number(answer, "images"),
			shape_number(answer, "images") == 1 ? "" : "s",
			shape_number(answer, "bytes"),
			dry ? "would be removed" : "removed");
	json_decref(answer);
	return 0;
}

/* ---- channels --------------------------------------------------------------------- */

static void print_channels(struct writer *writer, const json_t *list)
{
	static const struct table_column columns[] = {
		{"CHANNEL", false, 8},
		{"LOOKED", false, 0},
		{"RELEASE", false, 12},
		{"PROBLEM", false, 20},
		{"URL", false, 20},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *channel;
	size_t i;

	json_array_foreach(list, i, channel)
	{
		bool bad = *shape_text(channel, "problem");

		table_cell(table, STYLE_PLAIN, "%s", shape_cell(channel, "name"));
		table_time(table, writer, shape_time(channel, "looked"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(channel, "release"));
		table_cell(table, bad ? STYLE_BAD : STYLE_PLAIN, "%s",
			shape_cell(channel, "problem"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(channel, "url"));
	}
	table_print(table, writer, 0);
	table_free(table);
}

int cmd_release_channels(struct cli *cli)
{
	const json_t *list;
	json_t *answer;
	int code = cli_get(cli, "/v1/channels", &answer);

	if (code != 0)
		return code;
	code = cli_list(cli, answer, "channels", &list);
	if (code == 0 && cli->json)
		writer_json(cli->out, answer);
	else if (code == 0 && json_array_size(list) == 0)
		writer_line(cli->out, "There are no channels; wipyd.yaml names them "
				      "(docs/releases.md)");
	else if (code == 0)
		print_channels(cli->out, list);
	json_decref(answer);
	return code;
}
