/* SPDX-License-Identifier: MIT
 *
 * `wipyctl why BOARD`: the daemon's paragraph, then the facts behind it as lines.
 */
#include "config.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/help.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/view.h"

#define TEXT_COLUMN  14
#define FIRMWARE_LEN 160

static void why_runs(struct writer *writer, const json_t *runs)
{
	char firmware[FIRMWARE_LEN];

	shape_firmware(shape_object(runs, "image"), sizeof(firmware), firmware);
	writer_key(writer, "runs", TEXT_COLUMN);
	writer_put(writer, STYLE_PLAIN, "%s", firmware);
	if (shape_text(runs, "release")[0] != '\0')
		writer_put(writer, STYLE_PLAIN, ", release %s",
			shape_text(runs, "release"));
	if (shape_time(runs, "since") != NULL) {
		writer_put(writer, STYLE_PLAIN, ", since ");
		writer_time(writer, shape_time(runs, "since"));
	}
	writer_end(writer);
	writer_key(writer, "last seen", TEXT_COLUMN);
	if (shape_time(runs, "last_seen") == NULL)
		writer_put(writer, STYLE_WARN, "never");
	else
		writer_time(writer, shape_time(runs, "last_seen"));
	writer_end(writer);
}

static void why_should(struct writer *writer, const json_t *should)
{
	const char *state = shape_text(should, "state");
	const char *release = shape_text(should, "release");
	const char *from = shape_cell(should, "from");
	char firmware[FIRMWARE_LEN];

	shape_firmware(shape_object(should, "image"), sizeof(firmware), firmware);
	writer_key(writer, "should run", TEXT_COLUMN);
	if (release[0] == '\0')
		writer_put(writer, STYLE_PLAIN, "-");
	else if (strncmp(firmware, release, strlen(release)) == 0)
		writer_put(writer, STYLE_PLAIN, "%s, by %s", firmware, from);
	else
		writer_put(writer, STYLE_PLAIN, "%s, release %s, by %s", firmware,
			release, from);
	writer_end(writer);
	writer_key(writer, "version", TEXT_COLUMN);
	writer_put(writer, progress_style(state), "%s", state);
	writer_end(writer);
}

static void why_holds(struct writer *writer, const json_t *holds)
{
	const char *key = "held by";
	const json_t *hold;
	size_t i;

	json_array_foreach(holds, i, hold)
	{
		const char *code = shape_cell(hold, "code");

		writer_key(writer, key, TEXT_COLUMN);
		writer_put(writer, progress_style(code), "%s", code);
		if (shape_time(hold, "until") != NULL) {
			writer_put(writer, STYLE_PLAIN, " until ");
			writer_time(writer, shape_time(hold, "until"));
		}
		writer_end(writer);
		key = "";
	}
	if (json_array_size(holds) == 0) {
		writer_key(writer, key, TEXT_COLUMN);
		writer_line(writer, "nothing");
	}
}

/* What can be typed; what cannot is in the paragraph. */
static void why_commands(struct writer *writer, const json_t *steps)
{
	const char *key = "to type";
	const json_t *step;
	size_t i;

	json_array_foreach(steps, i, step)
	{
		const char *command = shape_text(step, "command");

		if (command[0] == '\0')
			continue;
		writer_key(writer, key, TEXT_COLUMN);
		writer_line(writer, "%s", command);
		key = "";
	}
}

static void why_print(struct cli *cli, const json_t *why)
{
	struct writer *writer = cli->out;
	const json_t *next = shape_object(why, "next");

	help_sentences(writer, 0, shape_text(why, "text"));
	writer_end(writer);
	why_runs(writer, shape_object(why, "runs"));
	why_should(writer, shape_object(why, "should"));
	why_holds(writer, shape_list(why, "holds"));
	if (shape_time(next, "at") != NULL) {
		writer_key(writer, "next at", TEXT_COLUMN);
		writer_time(writer, shape_time(next, "at"));
		writer_end(writer);
	}
	why_commands(writer, shape_list(why, "person"));
}

int cmd_why(struct cli *cli)
{
	static const struct view view = {
		.key = "why", .name = "board", .text = why_print};
	char path[CLIENT_PATH_MAX];
	int code = cli_path(cli, "/v1/boards/", args_word(cli->args, 0), "/why", path);

	if (code == 0)
		code = cli_add_past(cli, "as-of", path);
	return code ? code : view_get(cli, path, &view);
}
