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
#include "cli/view.h"

#define KEY_COLUMN 14

static int release_path(struct cli *cli, const char *behind, char path[CLIENT_PATH_MAX])
{
	return cli_path(cli, "/v1/releases/", cli->args->words[0], behind, path);
}

/* ---- show ------------------------------------------------------------------------- */

static void print_time(struct writer *writer, const char *key, const char *time)
{
	writer_key(writer, key, KEY_COLUMN);
	writer_time(writer, time);
	writer_end(writer);
}

/* Line by line: each line feed comes from the writer. */
static void print_notes(struct writer *writer, const char *notes)
{
	while (*notes) {
		size_t len = strcspn(notes, "\n");

		writer_key(writer, "", KEY_COLUMN);
		writer_line(writer, "%.*s", (int)len, notes);
		notes += len + (notes[len] == '\n');
	}
}

static void print_manifest(struct writer *writer, const json_t *manifest)
{
	const json_t *signer;
	size_t i;

	writer_key(writer, "serial", KEY_COLUMN);
	writer_line(writer, "%lld of %s", shape_number(manifest, "serial"),
		shape_cell(manifest, "series"));
	print_time(writer, "created", shape_time(manifest, "created"));
	print_time(writer, "expires", shape_time(manifest, "expires"));
	json_array_foreach(shape_list(manifest, "signers"), i, signer)
	{
		writer_key(writer, i == 0 ? "signed by" : "", KEY_COLUMN);
		writer_line(writer, "%s",
			json_is_string(signer) ? json_string_value(signer) : "?");
	}
	if (json_array_size(shape_list(manifest, "signers")) == 0) {
		writer_key(writer, "signed by", KEY_COLUMN);
		writer_put(writer, STYLE_WARN, "nobody");
		writer_end(writer);
	}
	if (*shape_text(manifest, "notes")) {
		writer_key(writer, "notes", KEY_COLUMN);
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

static void print_release(struct cli *cli, const json_t *release)
{
	struct writer *writer = cli->out;
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
		writer_key(writer, "manifest", KEY_COLUMN);
		writer_line(writer, "none: it was made of files, nobody signed it");
	}
	release_print_images(cli, release);
	json_array_foreach(shape_list(release, "images"), i, image)
		print_limits(writer, image);
}

int cmd_release_show(struct cli *cli)
{
	static const struct view view = {
		.key = "release", .name = "name", .text = print_release};
	char path[CLIENT_PATH_MAX];
	int code = release_path(cli, "", path);

	return code == 0 ? view_get(cli, path, &view) : code;
}

/* ---- verify ----------------------------------------------------------------------- */

static void print_findings(struct cli *cli, const json_t *answer)
{
	struct writer *writer = cli->out;
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
	static const struct view_column columns[] = {
		{.path = "good"}, {.path = "text"}, {.title = NULL}};
	static const struct view view = {
		.key = "findings", .columns = columns, .text = print_findings};
	char path[CLIENT_PATH_MAX];
	json_t *answer;
	bool good;
	int code = release_path(cli, "/verify", path);

	if (code == 0)
		code = cli_get(cli, path, &answer);
	if (code != 0)
		return code;
	good = shape_true(answer, "good");
	code = view_show(cli, &view, answer);
	return code == 0 && !good ? EXIT_CODE_REFUSED : code;
}

/* ---- retire ----------------------------------------------------------------------- */

/* What it does not stop, and what it does. */
static void print_goes_on(struct writer *writer, const json_t *rollout)
{
	const char *state = shape_text(rollout, "state");
	const json_t *waiting = shape_list(rollout, "waiting");
	long long boards = shape_number(rollout, "boards");
	char names[400];

	if (strcmp(state, "awaiting-approval") == 0) {
		writer_line(writer, "rollout %.8s cannot be approved any more",
			shape_text(rollout, "id"));
		return;
	}
	if (boards > 0) {
		writer_put(
			writer, STYLE_WARN, "rollout %.8s", shape_text(rollout, "id"));
		writer_line(writer,
			" is %s and goes on: %lld %s may still get it; to stop it: "
			"wipyctl rollout abort %.8s",
			state, boards, shape_boards(boards), shape_text(rollout, "id"));
	}
	if (json_array_size(waiting) > 0) {
		shape_names(waiting, NULL, 8, sizeof(names), names);
		writer_line(writer, "waited to catch up, and do not get it: %s", names);
	}
}

static void print_retired(struct cli *cli, const json_t *answer)
{
	bool back = args_given(cli->args, "back");
	const json_t *rollout;
	size_t i;

	writer_line(cli->out, "release %s %s",
		shape_cell(shape_object(answer, "release"), "name"),
		back ? "may be rolled out again"
		     : "is retired: no rollout of it begins any more");
	if (back)
		return;
	json_array_foreach(shape_list(answer, "rollouts"), i, rollout)
		print_goes_on(cli->out, rollout);
}

int cmd_release_retire(struct cli *cli)
{
	static const struct view view = {.text = print_retired};
	const char *reason = args_option(cli->args, "reason");
	char path[CLIENT_PATH_MAX];
	int code = release_path(cli, "/retire", path);

	if (code != 0)
		return code;
	return view_post(cli, path,
		json_pack("{s:s, s:b}", "reason", reason ? reason : "", "back",
			args_given(cli->args, "back")),
		0, &view);
}

/* ---- gc --------------------------------------------------------------------------- */

static void print_removed(struct cli *cli, const json_t *answer)
{
	writer_line(cli->out, "%lld image%s, %lld bytes %s",
		shape_number(answer, "images"),
		shape_number(answer, "images") == 1 ? "" : "s",
		shape_number(answer, "bytes"),
		args_given(cli->args, "dry-run") ? "would be removed" : "removed");
}

int cmd_release_gc(struct cli *cli)
{
	static const struct view view = {.text = print_removed};

	return view_post(cli, "/v1/images/gc",
		json_pack("{s:b}", "dry_run", args_given(cli->args, "dry-run")), 0,
		&view);
}

/* ---- channels --------------------------------------------------------------------- */

int cmd_release_channels(struct cli *cli)
{
	static const struct view_column columns[] = {
		{.title = "CHANNEL", .path = "name", .shrinks = 8},
		{.title = "LOOKED", .path = "looked", .kind = VIEW_TIME, .drop = 1},
		{.path = "under_way"},
		{.title = "DOWNLOAD", .path = "download", .kind = VIEW_NUMBER},
		{.title = "RELEASE", .path = "release", .shrinks = 12},
		{.title = "PROBLEM",
			.path = "problem",
			.style = STYLE_BAD,
			.shrinks = 20},
		{.title = "URL", .path = "url", .shrinks = 20, .drop = 2},
		{.title = "EVERY",
			.path = "every_s",
			.kind = VIEW_NUMBER,
			.wide = true},
		{.title = NULL},
	};
	static const struct view view = {.key = "channels",
		.columns = columns,
		.name = "name",
		.none = "There are no channels; wipyd.yaml names them "
			"(docs/releases.md)"};

	return view_get(cli, "/v1/channels", &view);
}
