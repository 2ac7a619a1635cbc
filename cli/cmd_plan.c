/* SPDX-License-Identifier: MIT
 *
 * `wipyctl plan`: what a rollout would do to each board and why. Starts nothing; what
 * it saves is what `rollout --plan` starts.
 */
#include "config.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/plan_file.h"
#include "cli/plan_print.h"
#include "cli/rollout_order.h"
#include "cli/shape.h"
#include "cli/view.h"

static const struct view_column columns[] = {
	{.title = "BOARD", .path = "board", .shrinks = 12},
	{.title = "WAVE", .path = "wave", .kind = VIEW_NUMBER},
	{.title = "SITE", .path = "site", .shrinks = 8, .drop = 3},
	{.title = "FAMILY", .path = "family", .wide = true},
	{.title = "TYPE", .path = "type", .shrinks = 8, .drop = 1},
	{.path = "verdict"},
	{.path = "code"},
	{.title = "RUNS", .path = "runs", .shrinks = 16},
	{.title = "OPENS", .path = "opens", .kind = VIEW_TIME, .drop = 2},
	{.title = "RISKS", .path = "risks", .kind = VIEW_NAMES, .shrinks = 12},
	{.title = "WHY", .path = "why", .wide = true},
	{.title = NULL},
};

/* The boards of one group; NULL: there is no memory. */
static json_t *members_of(const json_t *plan, const json_t *group)
{
	json_t *rows = json_array();
	json_t *member;
	size_t i;

	json_array_foreach(shape_list(plan, "members"), i, member)
	{
		if (strcmp(shape_text(member, "verdict"),
			    shape_text(group, "verdict")) == 0 &&
			strcmp(shape_text(member, "code"), shape_text(group, "code")) ==
				0)
			json_array_append(rows, member);
	}
	return rows;
}

static void print_group(struct cli *cli, const json_t *plan, const json_t *group)
{
	long long boards = shape_number(group, "boards");
	const char *code = shape_text(group, "code");
	json_t *rows = members_of(plan, group);

	writer_end(cli->out);
	writer_put(cli->out, STYLE_HEAD, "%s%s%s: %lld %s",
		shape_cell(group, "verdict"), code[0] != '\0' ? ", " : "", code, boards,
		shape_boards(boards));
	writer_end(cli->out);
	if (code[0] != '\0')
		plan_print_sentences(cli->out, shape_text(group, "why"),
			strcmp(shape_text(group, "verdict"), "refused") == 0
				? shape_text(group, "next_human")
				: shape_text(group, "next_auto"));
	view_table(cli, columns, rows, 2);
	json_decref(rows);
}

static void print_plan(struct cli *cli, const json_t *plan)
{
	const json_t *group;
	size_t i;

	plan_print_head(cli->out, plan);
	json_array_foreach(shape_list(plan, "verdicts"), i, group)
		print_group(cli, plan, group);
}

static int plan_save(struct cli *cli, json_t *plan)
{
	const char *path = args_option(cli->args, "save");
	const json_t *saved;
	int code = path == NULL ? 0 : cli_object(cli, plan, "saved", &saved);

	if (path == NULL || code != 0)
		return code;
	code = plan_file_write(cli, path, saved);
	if (code == 0)
		(void)json_object_del(plan, "saved"); /* that is in the file */
	return code;
}

/* There is something to do, or nothing, or nothing that can be done. */
static int plan_code(const json_t *plan)
{
	struct plan_counts counts = plan_counts(plan);

	if (counts.planned > 0)
		return EXIT_CODE_CHANGES;
	return counts.refused > 0 ? EXIT_CODE_REFUSED : EXIT_CODE_DONE;
}

static int plan_show(struct cli *cli, json_t *plan)
{
	static const struct view view = {
		.key = "members", .columns = columns, .name = "board"};
	int result = plan_code(plan), code = plan_save(cli, plan);
	const char *path = args_option(cli->args, "save");

	if (code != 0) {
		json_decref(plan);
		return code;
	}
	if (form_is_text(cli->form)) {
		print_plan(cli, plan);
		if (path != NULL)
			writer_line(cli->out, "saved as %s: wipyctl rollout --plan %s",
				path, path);
		json_decref(plan);
		return result;
	}
	code = view_show(cli, &view, plan);
	return code == 0 ? result : code;
}

int cmd_plan(struct cli *cli)
{
	struct order order = {.path = "/v1/rollouts", .what = "rollout"};
	json_t *body, *plan;
	int code;

	if (!args_given(cli->args, "release"))
		return cli_fail(cli, EXIT_CODE_USAGE,
			"see which exist: wipyctl release list",
			"'plan' needs --release R");
	code = order_read(cli, &order);
	if (code == 0) {
		body = order_body(cli->args, &order, true);
		(void)json_object_set_new(body, "members", json_true());
		if (args_given(cli->args, "save"))
			(void)json_object_set_new(body, "save", json_true());
		code = cli_post(cli, order.path, body, ORDER_TIMEOUT_S, &plan);
	}
	order_done(&order);
	return code == 0 ? plan_show(cli, plan) : code;
}
