/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rollout status`, `rollout watch`: looking at one.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/table.h"
#include "cli/view.h"
#include "cli/watch.h"

static void rollout_print(struct cli *cli, const json_t *rollout)
{
	const json_t *exceptions = shape_list(rollout, "exceptions");
	struct writer *writer = cli->out;

	progress_head(writer, rollout);
	writer_line(writer, "id %s", shape_cell(rollout, "id"));
	writer_put(writer, STYLE_PLAIN, "created ");
	writer_time(writer, shape_time(rollout, "created"));
	writer_put(writer, STYLE_PLAIN, ", %s since ", shape_cell(rollout, "state"));
	writer_time(writer, shape_time(rollout, "since"));
	writer_end(writer);
	if (shape_time(rollout, "expires") != NULL) {
		writer_put(writer, STYLE_PLAIN, "begins nothing more from ");
		writer_time(writer, shape_time(rollout, "expires"));
		writer_end(writer);
	}
	if (shape_text(shape_object(rollout, "brakes"), "text")[0] != '\0')
		writer_line(writer, "brake: %s",
			shape_cell(shape_object(rollout, "brakes"), "text"));
	progress_waves(writer, rollout);
	writer_line(writer, "outcomes:");
	progress_outcomes(writer, rollout);
	progress_waits(writer, rollout);
	if (json_array_size(shape_list(rollout, "probes")) > 0)
		writer_line(writer, "probes that did not pass:");
	progress_probes(writer, shape_list(rollout, "probes"));
	if (json_array_size(exceptions) == 0) {
		writer_line(writer, "No board needs a look.");
		return;
	}
	writer_line(writer, "boards that need a look:");
	progress_exceptions(writer, exceptions);
}

int cmd_rollout_status(struct cli *cli)
{
	static const struct view view = {.name = "id", .text = rollout_print};
	char path[CLIENT_PATH_MAX];
	int code = cli_path(cli, "/v1/rollouts/", cli_rollout_id(cli), "", path);

	if (code == 0)
		code = cli_add_past(cli, "as-of", path);
	return code == 0 ? view_get(cli, path, &view) : code;
}

int cmd_rollout_watch(struct cli *cli)
{
	int64_t timeout_s = -1;
	int code = cli_span(cli, "timeout", &timeout_s);

	return code == 0
		       ? watch_rollout(cli, cli_rollout_id(cli), WATCH_LOOK, timeout_s)
		       : code;
}
