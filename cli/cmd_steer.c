/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rollout pause|resume|abort|approve`: what a person wishes of a rollout that
 * runs, or of its catch-up.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/view.h"

#define REASON_LEN_MAX 128 /* with NUL, as the daemon keeps it */

static void steer_print(struct cli *cli, const json_t *rollout)
{
	progress_head(cli->out, rollout);
	progress_waits(cli->out, rollout);
}

/* Sends the wish and shows what has become of the rollout. */
static int steer(struct cli *cli, const char *verb, const char *reason)
{
	static const struct view view = {.text = steer_print};
	char path[CLIENT_PATH_MAX], behind[16];
	json_t *rollout, *body = json_pack("{s:s}", "reason", reason);
	int code;

	if (args_given(cli->args, "mode"))
		json_object_set_new(
			body, "mode", json_string(args_option(cli->args, "mode")));
	snprintf(behind, sizeof(behind), "/%s", verb);
	code = cli_path(cli, "/v1/rollouts/", cli_rollout_id(cli), behind, path);
	if (code != 0)
		json_decref(body);
	else
		code = cli_post(cli, path, body, 0, &rollout);
	return code == 0 ? view_show(cli, &view, rollout) : code;
}

static int steer_plainly(struct cli *cli, const char *verb)
{
	const char *reason = args_option(cli->args, "reason");

	return steer(cli, verb, reason == NULL ? "" : reason);
}

int cmd_rollout_pause(struct cli *cli)
{
	return steer_plainly(cli, "pause");
}

int cmd_rollout_abort(struct cli *cli)
{
	return steer_plainly(cli, "abort");
}

int cmd_rollout_approve(struct cli *cli)
{
	return steer_plainly(cli, "approve");
}

/* A brake has halted it, or its catch-up. */
static int is_halted(struct cli *cli, bool *ret_halted)
{
	char path[CLIENT_PATH_MAX];
	json_t *rollout;
	int code = cli_path(cli, "/v1/rollouts/", cli_rollout_id(cli), "", path);

	if (code == 0)
		code = cli_get(cli, path, &rollout);
	if (code != 0)
		return code;
	*ret_halted = strcmp(shape_text(rollout, "state"), "halted") == 0 ||
		      strcmp(shape_text(shape_object(rollout, "catch_up"), "state"),
			      "halted") == 0;
	json_decref(rollout);
	return 0;
}

static int ask_reason(struct cli *cli, char ret_reason[REASON_LEN_MAX])
{
	(void)writer_flush(cli->out);
	writer_put(cli->err, STYLE_HEAD,
		"A brake has halted it. Why may it go on all the same?");
	writer_put(cli->err, STYLE_PLAIN, " ");
	(void)writer_flush(cli->err);
	if (fgets(ret_reason, REASON_LEN_MAX, stdin) == NULL) {
		writer_end(cli->err);
		ret_reason[0] = '\0';
	}
	ret_reason[strcspn(ret_reason, "\n")] = '\0';
	return ret_reason[0] != '\0'
		       ? 0
		       : cli_fail(cli, EXIT_CODE_REFUSED, NULL, "nothing was resumed");
}

/* The daemon refuses to go on after a halt without a reason; on a terminal it is asked
 * for. */
int cmd_rollout_resume(struct cli *cli)
{
	char reason[REASON_LEN_MAX];
	bool halted = false;
	int code = 0;

	if (args_given(cli->args, "reason") || !isatty(STDIN_FILENO) ||
		!isatty(STDERR_FILENO))
		return steer_plainly(cli, "resume");
	code = is_halted(cli, &halted);
	if (code == 0 && halted)
		code = ask_reason(cli, reason);
	return code != 0 ? code : steer(cli, "resume", halted ? reason : "");
}
