/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rollout ...`: the plan is shown, somebody says yes, only then it starts.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/table.h"
#include "cli/watch.h"

#define PLAN_TIMEOUT_S 60
#define SPAN_UNSET     (-1)

/* ---- starting ------------------------------------------------------------------------ */

/* What was given on the command line, or SPAN_UNSET. */
struct spans {
	int64_t soak_s, expires_s, timeout_s;
};

struct plan_counts {
	long long planned, already, refused;
};

static struct plan_counts plan_counts(const json_t *plan)
{
	const json_t *boards = shape_object(plan, "boards");

	return (struct plan_counts){.planned = shape_number(boards, "planned"),
		.already = shape_number(boards, "already"),
		.refused = shape_number(boards, "refused")};
}

static void plan_exceptions(struct writer *writer, const json_t *plan)
{
	static const struct table_column columns[] = {
		{"BOARD", false, 12},
		{"STATE", false, 0},
		{"CODE", false, 0},
		{"NEXT BY ITSELF", false, 14},
		{"WHAT A PERSON CAN DO", false, 20},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *row;
	size_t i;

	json_array_foreach(shape_list(plan, "exceptions"), i, row)
	{
		const char *state = shape_cell(row, "state");

		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
		table_cell(table, progress_style(state), "%s", state);
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "code"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "next_auto"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "next_human"));
	}
	table_print(table, writer, 2);
	table_free(table);
}

static void plan_print(struct writer *writer, const json_t *plan)
{
	struct plan_counts counts = plan_counts(plan);
	const json_t *wave;
	size_t i;

	writer_put(writer, STYLE_HEAD, "release %s", shape_cell(plan, "release"));
	writer_line(writer, ": %lld %s planned, %lld already run it, %lld refused",
		counts.planned, shape_boards(counts.planned), counts.already,
		counts.refused);
	json_array_foreach(shape_list(plan, "waves"), i, wave) writer_line(writer,
		"  wave %2lld  %5lld %s", shape_number(wave, "number"),
		shape_number(wave, "size"), shape_boards(shape_number(wave, "size")));
	progress_windows(writer, shape_list(plan, "windows"));
	plan_exceptions(writer, plan);
}

/* Nothing to start: why, and the exit code that means it. */
static int plan_empty(struct cli *cli, const json_t *plan)
{
	struct plan_counts counts = plan_counts(plan);

	if (cli->json)
		writer_json(cli->out, plan);
	if (counts.refused > 0)
		return cli_fail(cli, EXIT_CODE_REFUSED,
			"why stands in the plan, board by board",
			"nothing was started: no board can take this release, %lld "
			"refused",
			counts.refused);
	if (counts.already == 0)
		return cli_fail(cli, EXIT_CODE_USAGE, "see which exist: wipyctl boards",
			"nothing was started: no board matches");
	if (!cli->json)
		writer_line(cli->out, "Nothing to do: every board runs it already.");
	return EXIT_CODE_DONE;
}

/* The body of the request; NULL without memory or for text that is not UTF-8. */
static json_t *rollout_body(
	const struct args *args, const struct spans *spans, bool dry)
{
	static const char *const texts[] = {"release", "select", "waves"};
	json_t *body = json_pack("{s:b}", "dry_run", dry);
	int failed = body == NULL;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (args_given(args, texts[i]))
			failed |= json_object_set_new(body, texts[i],
				json_string(args_option(args, texts[i])));
	if (args_given(args, "burn-last-good"))
		failed |= json_object_set_new(body, "burn_last_good", json_true());
	if (spans->soak_s != SPAN_UNSET)
		failed |= json_object_set_new(
			body, "soak_s", json_integer(spans->soak_s));
	if (spans->expires_s != SPAN_UNSET)
		failed |= json_object_set_new(
			body, "expires_s", json_integer(spans->expires_s));
	if (failed == 0)
		return body;
	json_decref(body);
	return NULL;
}

/* On a terminal the person is asked; elsewhere --yes must have been given. */
static int rollout_confirm(struct cli *cli)
{
	char answer[16] = "";

	if (args_given(cli->args, "yes"))
		return 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return cli_fail(cli, EXIT_CODE_USAGE, "add --yes",
			"nothing was started: there is no terminal to ask at, and "
			"--yes is "
			"not given");
	(void)writer_flush(cli->out);
	writer_put(cli->err, STYLE_HEAD, "Start this rollout?");
	writer_put(cli->err, STYLE_PLAIN, " [y/N]:");
	(void)writer_flush(cli->err);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		writer_end(cli->err);
	if (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0 ||
		strcmp(answer, "Y\n") == 0)
		return 0;
	return cli_fail(cli, EXIT_CODE_REFUSED, NULL, "nothing was started");
}

static int rollout_begin(struct cli *cli, const struct spans *spans)
{
	json_t *rollout;
	const char *id;
	int code = cli_post(cli, "/v1/rollouts", rollout_body(cli->args, spans, false),
		PLAN_TIMEOUT_S, &rollout);

	if (code != 0)
		return code;
	id = shape_text(rollout, "id");
	if (id[0] == '\0')
		code = cli_fail(cli, EXIT_CODE_INTERNAL,
			"see whether it was started: wipyctl status",
			"the daemon at %s did not say the rollout's id",
			cli->socket_path);
	else if (!cli->json &&
		 strcmp(shape_text(rollout, "state"), "awaiting-approval") == 0)
		writer_line(cli->out,
			"rollout %s waits for another person: wipyctl rollout approve "
			"%.*s",
			id, PROGRESS_ID_SHOWN, id);
	else if (!cli->json)
		writer_line(cli->out, "rollout %s has started", id);
	if (code == 0 && args_given(cli->args, "wait"))
		code = watch_rollout(cli, id, WATCH_WAIT, spans->timeout_s);
	else if (code == 0 && cli->json)
		writer_json(cli->out, rollout);
	else if (code == 0)
		writer_line(cli->out, "watch it: wipyctl rollout watch %.*s",
			PROGRESS_ID_SHOWN, id);
	json_decref(rollout);
	return code;
}

/* Shows the plan and asks. Returns 0 to start; *ret_over: there is nothing to start and
 * the code is the exit code. */
static int rollout_plan(struct cli *cli, const struct spans *spans, bool *ret_over)
{
	/* A document on stdout stands alone there; the plan is for the eye. */
	struct writer *writer = cli->json ? cli->err : cli->out;
	const json_t *boards;
	json_t *plan;
	int code = cli_post(cli, "/v1/rollouts", rollout_body(cli->args, spans, true),
		PLAN_TIMEOUT_S, &plan);

	*ret_over = true;
	if (code != 0)
		return code;
	code = cli_object(cli, plan, "boards", &boards);
	if (code == 0) {
		plan_print(writer, plan);
		*ret_over = plan_counts(plan).planned == 0;
		code = *ret_over ? plan_empty(cli, plan) : rollout_confirm(cli);
	}
	json_decref(plan);
	return code;
}

int cmd_rollout_start(struct cli *cli)
{
	struct spans spans = {SPAN_UNSET, SPAN_UNSET, SPAN_UNSET};
	bool over;
	int code;

	if (!args_given(cli->args, "release"))
		return cli_fail(cli, EXIT_CODE_USAGE,
			"see which exist: wipyctl release list",
			"'rollout' needs --release R");
	if (args_given(cli->args, "timeout") && !args_given(cli->args, "wait"))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--timeout is of use with --wait only");
	code = cli_span(cli, "soak", &spans.soak_s);
	if (code == 0)
		code = cli_span(cli, "expires", &spans.expires_s);
	if (code == 0)
		code = cli_span(cli, "timeout", &spans.timeout_s);
	if (code != 0)
		return code;
	code = rollout_plan(cli, &spans, &over);
	if (over || code != 0)
		return code;
	return rollout_begin(cli, &spans);
}

/* ---- looking and steering ------------------------------------------------------------ */

static void rollout_print(struct writer *writer, const json_t *rollout)
{
	const json_t *exceptions = shape_list(rollout, "exceptions");

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
	progress_windows(writer, shape_list(rollout, "windows"));
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
	char path[CLIENT_PATH_MAX];
	const json_t *waves;
	json_t *rollout;
	int code = cli_path(cli, "/v1/rollouts/", cli_rollout_id(cli), "", path);

	if (code == 0)
		code = cli_add_past(cli, "as-of", path);
	if (code == 0)
		code = cli_get(cli, path, &rollout);
	if (code != 0)
		return code;
	code = cli_list(cli, rollout, "waves", &waves);
	if (code == 0 && cli->json)
		writer_json(cli->out, rollout);
	else if (code == 0)
		rollout_print(cli->out, rollout);
	json_decref(rollout);
	return code;
}

int cmd_rollout_watch(struct cli *cli)
{
	int64_t timeout_s = -1;
	int code = cli_span(cli, "timeout", &timeout_s);

	return code == 0
		       ? watch_rollout(cli, cli_rollout_id(cli), WATCH_LOOK, timeout_s)
		       : code;
}

static int rollout_steer(struct cli *cli, const char *verb)
{
	const char *reason = args_option(cli->args, "reason");
	char path[CLIENT_PATH_MAX], behind[16];
	json_t *rollout;
	int code;

	snprintf(behind, sizeof(behind), "/%s", verb);
	code = cli_path(cli, "/v1/rollouts/", cli_rollout_id(cli), behind, path);
	if (code == 0)
		code = cli_post(cli, path,
			json_pack("{s:s}", "reason", reason == NULL ? "" : reason), 0,
			&rollout);
	if (code != 0)
		return code;
	if (cli->json)
		writer_json(cli->out, rollout);
	else
		progress_head(cli->out, rollout);
	json_decref(rollout);
	return EXIT_CODE_DONE;
}

int cmd_rollout_pause(struct cli *cli)
{
	return rollout_steer(cli, "pause");
}

int cmd_rollout_resume(struct cli *cli)
{
	return rollout_steer(cli, "resume");
}

int cmd_rollout_abort(struct cli *cli)
{
	return rollout_steer(cli, "abort");
}

int cmd_rollout_approve(struct cli *cli)
{
	return rollout_steer(cli, "approve");
}
