/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rollout`, `rollout undo`: the plan is shown, somebody says yes, only then it
 * starts. An undo is a rollout too.
 */
#include "config.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/plan_print.h"
#include "cli/progress.h"
#include "cli/rollout_order.h"
#include "cli/shape.h"
#include "cli/view.h"
#include "cli/watch.h"

/* ---- the plan -------------------------------------------------------------------- */

static void plan_print(struct writer *writer, const json_t *plan)
{
	if (writer == NULL)
		return;
	plan_print_head(writer, plan);
	plan_print_rest(writer, plan, plan_is_undo(plan));
}

static void plan_text(struct cli *cli, const json_t *plan)
{
	plan_print(cli->out, plan);
}

/* A dry run ends with the plan. */
static int plan_show(struct cli *cli, const json_t *plan)
{
	static const struct view_column columns[] = {
		{.path = "board"},
		{.path = "wave"},
		{.path = "tag"},
		{.path = "date"},
		{.path = "method"},
		{.path = "statement"},
		{.path = "risk"},
		{.path = "burns_last_good"},
		{.title = NULL},
	};
	static const struct view table = {.text = plan_text};
	static const struct view rows = {
		.key = "steps", .columns = columns, .name = "board"};

	return view_show(cli, form_is_text(cli->form) ? &table : &rows,
		json_incref((json_t *)(uintptr_t)plan));
}

/* Nothing to start: why, and the exit code that means it. */
static int plan_empty(struct cli *cli, const json_t *plan)
{
	struct plan_counts counts = plan_counts(plan);
	bool undo = plan_is_undo(plan);

	if (counts.refused > 0)
		return cli_fail(cli, EXIT_CODE_REFUSED,
			"why stands in the plan, board by board",
			"nothing was started: no board can %s, %lld refused",
			undo ? "be brought back" : "take this release", counts.refused);
	if (counts.already == 0 && !undo)
		return cli_fail(cli, EXIT_CODE_USAGE, "see which exist: wipyctl boards",
			"nothing was started: no board matches");
	if (form_is_text(cli->form))
		writer_line(cli->out, "Nothing to do: %s.",
			undo ? "no board runs what the rollout has brought"
			     : "every board runs it already");
	return EXIT_CODE_DONE;
}

/* A document of its own, but for a person who has seen it. */
static int plan_over(struct cli *cli, const json_t *plan)
{
	int code = form_is_text(cli->form) ? 0 : plan_show(cli, plan);

	if (code == 0)
		code = plan_counts(plan).planned == 0 ? plan_empty(cli, plan)
						      : EXIT_CODE_CHANGES;
	return code;
}

/* Shows the plan and asks. Returns 0 to start; *ret_over: there is nothing to start and
 * the code is the exit code. */
static int plan_ask(struct cli *cli, const struct order *order, bool *ret_over)
{
	bool dry = args_given(cli->args, "dry-run");
	const json_t *boards;
	json_t *plan;
	int code = cli_post(cli, order->path, order_body(cli->args, order, true),
		ORDER_TIMEOUT_S, &plan);

	*ret_over = true;
	if (code != 0)
		return code;
	code = cli_object(cli, plan, "boards", &boards);
	if (code == 0) {
		*ret_over = dry || plan_counts(plan).planned == 0;
		if (!*ret_over || form_is_text(cli->form))
			plan_print(cli_aside(cli), plan);
		code = *ret_over ? plan_over(cli, plan)
				 : cli_confirm(cli, "nothing was started",
					   "Start this %s?", order->what);
	}
	json_decref(plan);
	return code;
}

/* ---- starting -------------------------------------------------------------------- */

static void started_text(struct cli *cli, const json_t *rollout)
{
	writer_line(cli->out, "watch it: wipyctl rollout watch %.*s", PROGRESS_ID_SHOWN,
		shape_text(rollout, "id"));
}

static void say_started(
	struct cli *cli, const struct order *order, const json_t *rollout)
{
	const char *id = shape_text(rollout, "id");

	if (!form_is_text(cli->form))
		return;
	if (strcmp(shape_text(rollout, "state"), "awaiting-approval") == 0)
		writer_line(cli->out,
			"rollout %s waits for another person: wipyctl rollout approve "
			"%.*s",
			id, PROGRESS_ID_SHOWN, id);
	else
		writer_line(cli->out, "%s %s has started", order->what, id);
}

/* Its id is what --quiet prints: a script goes on with it. */
static int rollout_begin(struct cli *cli, const struct order *order)
{
	static const struct view view = {.name = "id", .text = started_text};
	json_t *rollout;
	const char *id;
	int code = cli_post(cli, order->path, order_body(cli->args, order, false),
		ORDER_TIMEOUT_S, &rollout);

	if (code != 0)
		return code;
	id = shape_text(rollout, "id");
	if (id[0] == '\0') {
		json_decref(rollout);
		return cli_fail(cli, EXIT_CODE_INTERNAL,
			"see whether it was started: wipyctl status",
			"the daemon at %s did not say the rollout's id",
			cli->socket_path);
	}
	say_started(cli, order, rollout);
	if (!args_given(cli->args, "wait"))
		return view_show(cli, &view, rollout);
	code = watch_rollout(cli, id, WATCH_WAIT, order->timeout_s);
	json_decref(rollout);
	return code;
}

/* Shows, asks, starts. */
static int rollout_order(struct cli *cli, struct order *order)
{
	bool over = true;
	int code = order_read(cli, order);

	if (code == 0)
		code = plan_ask(cli, order, &over);
	if (code == 0 && !over)
		code = rollout_begin(cli, order);
	order_done(order);
	return code;
}

int cmd_rollout_start(struct cli *cli)
{
	struct order order = {.path = "/v1/rollouts", .what = "rollout"};

	if (!args_given(cli->args, "release") && !args_given(cli->args, "plan"))
		return cli_fail(cli, EXIT_CODE_USAGE,
			"see which exist: wipyctl release list",
			"'rollout' needs --release R, or --plan FILE");
	return rollout_order(cli, &order);
}

int cmd_rollout_undo(struct cli *cli)
{
	struct order order = {.what = "undo"};
	int code = cli_path(
		cli, "/v1/rollouts/", cli_rollout_id(cli), "/undo", order.path);

	return code == 0 ? rollout_order(cli, &order) : code;
}
