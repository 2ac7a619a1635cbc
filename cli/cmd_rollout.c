/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rollout ...`: the plan is shown, somebody says yes, only then it starts. An undo
 * is a rollout too.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/table.h"
#include "cli/watch.h"

#define PLAN_TIMEOUT_S 60
#define SPAN_UNSET     (-1)
#define NOTES_SHOWN    8 /* lines, on a terminal */

/* ---- starting ------------------------------------------------------------------------ */

/* What was given on the command line, the spans or SPAN_UNSET. */
struct order {
	char path[CLIENT_PATH_MAX]; /* of what is started */
	const char *what;           /* "rollout", "undo" */
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
		const char *other = shape_text(row, "rollout");

		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
		table_cell(table, progress_style(state), "%s", state);
		table_cell(table, STYLE_PLAIN, "%s%s%.*s", shape_cell(row, "code"),
			other[0] != '\0' ? " " : "", PROGRESS_ID_SHOWN, other);
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "next_auto"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "next_human"));
	}
	table_print(table, writer, 2);
	table_free(table);
}

/* Of an undo: what each board goes back to, the least risk first. */
static void plan_steps(struct writer *writer, const json_t *plan)
{
	static const struct table_column columns[] = {
		{"BOARD", false, 12},
		{"WAVE", true, 0},
		{"BACK TO", false, 12},
		{"HOW", false, 0},
		{"RISK", false, 20},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *row;
	size_t i;

	json_array_foreach(shape_list(plan, "steps"), i, row)
	{
		const char *statement = shape_text(row, "statement");

		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
		table_cell(table, STYLE_PLAIN, "%lld", shape_number(row, "wave"));
		table_cell(table, STYLE_PLAIN, "%s (%s)", shape_cell(row, "tag"),
			shape_cell(row, "date"));
		table_cell(table, STYLE_PLAIN, "%s",
			statement[0] ? statement : shape_cell(row, "method"));
		table_cell(table,
			shape_true(row, "burns_last_good") ? STYLE_BAD : STYLE_PLAIN,
			"%s", shape_cell(row, "risk"));
	}
	table_print(table, writer, 2);
	table_free(table);
}

/* As much of the text as one line takes: where the terminal's width is known up to a blank,
 * and never half a character. */
static size_t line_len(const struct writer *writer, const char *text)
{
	size_t len = strcspn(text, "\n"), room = (size_t)writer->width - 4, at;

	if (!writer->terminal || writer->width < 20 || len <= room)
		return len;
	for (at = room; at > 0 && text[at] != ' ';)
		at--;
	for (; at == 0 && room > 1 && ((unsigned char)text[room] & 0xC0) == 0x80;)
		room--;
	return at > 0 ? at : room;
}

/* What its maker says of the release. A terminal gets the beginning: what is asked below
 * it has to be seen with the plan. */
static void plan_notes(struct writer *writer, const json_t *plan)
{
	const char *notes = shape_text(plan, "notes");
	int lines = 0;

	for (; *notes; lines++) {
		size_t len = line_len(writer, notes);

		if (writer->terminal && lines == NOTES_SHOWN) {
			writer_line(writer, "  ... all of it: wipyctl release show %s",
				shape_cell(plan, "release"));
			return;
		}
		writer_line(writer, "  | %.*s", (int)len, notes);
		notes += len + (notes[len] == '\n' || notes[len] == ' ');
	}
}

static void plan_print(struct writer *writer, const json_t *plan)
{
	struct plan_counts counts = plan_counts(plan);
	bool undo = shape_text(plan, "undo_of")[0] != '\0';
	const json_t *wave;
	size_t i;

	if (undo)
		writer_put(writer, STYLE_HEAD, "undo of rollout %.*s, ",
			PROGRESS_ID_SHOWN, shape_cell(plan, "undo_of"));
	writer_put(writer, STYLE_HEAD, "release %s", shape_cell(plan, "release"));
	writer_line(writer, ": %lld %s planned, %lld %s, %lld refused", counts.planned,
		shape_boards(counts.planned), counts.already,
		undo ? "with nothing to take back" : "already run it", counts.refused);
	plan_notes(writer, plan);
	json_array_foreach(shape_list(plan, "waves"), i, wave) writer_line(writer,
		"  wave %2lld  %5lld %s", shape_number(wave, "number"),
		shape_number(wave, "size"), shape_boards(shape_number(wave, "size")));
	progress_windows(writer, shape_list(plan, "windows"));
	plan_steps(writer, plan);
	plan_exceptions(writer, plan);
}

/* Nothing to start: why, and the exit code that means it. */
static int plan_empty(struct cli *cli, const json_t *plan)
{
	struct plan_counts counts = plan_counts(plan);
	bool undo = shape_text(plan, "undo_of")[0] != '\0';

	if (cli->json)
		writer_json(cli->out, plan);
	if (counts.refused > 0)
		return cli_fail(cli, EXIT_CODE_REFUSED,
			"why stands in the plan, board by board",
			"nothing was started: no board can %s, %lld refused",
			undo ? "be brought back" : "take this release", counts.refused);
	if (counts.already == 0 && !undo)
		return cli_fail(cli, EXIT_CODE_USAGE, "see which exist: wipyctl boards",
			"nothing was started: no board matches");
	if (!cli->json)
		writer_line(cli->out, "Nothing to do: %s.",
			undo ? "no board runs what the rollout has brought"
			     : "every board runs it already");
	return EXIT_CODE_DONE;
}

/* The body of the request; NULL without memory or for text that is not UTF-8. */
static json_t *rollout_body(
	const struct args *args, const struct order *order, bool dry)
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
	if (args_given(args, "allow-one-way"))
		failed |= json_object_set_new(body, "allow_one_way", json_true());
	if (order->soak_s != SPAN_UNSET)
		failed |= json_object_set_new(
			body, "soak_s", json_integer(order->soak_s));
	if (order->expires_s != SPAN_UNSET)
		failed |= json_object_set_new(
			body, "expires_s", json_integer(order->expires_s));
	if (failed == 0)
		return body;
	json_decref(body);
	return NULL;
}

static int rollout_begin(struct cli *cli, const struct order *order)
{
	json_t *rollout;
	const char *id;
	int code = cli_post(cli, order->path, rollout_body(cli->args, order, false),
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
		writer_line(cli->out, "%s %s has started", order->what, id);
	if (code == 0 && args_given(cli->args, "wait"))
		code = watch_rollout(cli, id, WATCH_WAIT, order->timeout_s);
	else if (code == 0 && cli->json)
		writer_json(cli->out, rollout);
	else if (code == 0)
		writer_line(cli->out, "watch it: wipyctl rollout watch %.*s",
			PROGRESS_ID_SHOWN, id);
	json_decref(rollout);
	return code;
}

/* It was only asked for. */
static int plan_shown(struct cli *cli, const json_t *plan)
{
	if (cli->json)
		writer_json(cli->out, plan);
	return EXIT_CODE_CHANGES;
}

/* Shows the plan and asks. Returns 0 to start; *ret_over: there is nothing to start and
 * the code is the exit code. */
static int rollout_plan(struct cli *cli, const struct order *order, bool *ret_over)
{
	/* A document on stdout stands alone there; the plan is for the eye. */
	struct writer *writer = cli->json ? cli->err : cli->out;
	const json_t *boards;
	json_t *plan;
	int code = cli_post(cli, order->path, rollout_body(cli->args, order, true),
		PLAN_TIMEOUT_S, &plan);

	*ret_over = true;
	if (code != 0)
		return code;
	code = cli_object(cli, plan, "boards", &boards);
	if (code == 0) {
		plan_print(writer, plan);
		*ret_over =
			plan_counts(plan).planned == 0 || args_given(cli->args, "plan");
		if (plan_counts(plan).planned == 0)
			code = plan_empty(cli, plan);
		else if (*ret_over)
			code = plan_shown(cli, plan);
		else
			code = cli_confirm(cli, "nothing was started", "Start this %s?",
				order->what);
	}
	json_decref(plan);
	return code;
}

/* Shows, asks, starts. */
static int rollout_order(struct cli *cli, struct order *order)
{
	bool over;
	int code;

	if (args_given(cli->args, "timeout") && !args_given(cli->args, "wait"))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--timeout is of use with --wait only");
	order->soak_s = order->expires_s = order->timeout_s = SPAN_UNSET;
	code = cli_span(cli, "soak", &order->soak_s);
	if (code == 0)
		code = cli_span(cli, "expires", &order->expires_s);
	if (code == 0)
		code = cli_span(cli, "timeout", &order->timeout_s);
	if (code != 0)
		return code;
	code = rollout_plan(cli, order, &over);
	if (over || code != 0)
		return code;
	return rollout_begin(cli, order);
}

int cmd_rollout_start(struct cli *cli)
{
	struct order order = {.path = "/v1/rollouts", .what = "rollout"};

	if (!args_given(cli->args, "release"))
		return cli_fail(cli, EXIT_CODE_USAGE,
			"see which exist: wipyctl release list",
			"'rollout' needs --release R");
	return rollout_order(cli, &order);
}

int cmd_rollout_undo(struct cli *cli)
{
	struct order order = {.what = "undo"};
	int code = cli_path(
		cli, "/v1/rollouts/", cli_rollout_id(cli), "/undo", order.path);

	return code == 0 ? rollout_order(cli, &order) : code;
}

/* ---- looking ------------------------------------------------------------------------- */

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
	char path[CLIENT_PATH_MAX];
	int code = cli_path(cli, "/v1/rollouts/", cli_rollout_id(cli), "", path);

	if (code == 0)
		code = cli_add_past(cli, "as-of", path);
	return code == 0 ? cli_look(cli, path, "waves", rollout_print) : code;
}

int cmd_rollout_watch(struct cli *cli)
{
	int64_t timeout_s = -1;
	int code = cli_span(cli, "timeout", &timeout_s);

	return code == 0
		       ? watch_rollout(cli, cli_rollout_id(cli), WATCH_LOOK, timeout_s)
		       : code;
}
