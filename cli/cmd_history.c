/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rollout history`: all rollouts, the newest first, and what became of them.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/view.h"
#include "common/text.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX     10000
#define PAGE_MAX      100
#define BAR_CELLS     12

/* What it was, where it was no plain rollout. */
static void history_kind(const json_t *rollout, struct view_cell *cell)
{
	const char *of = shape_text(rollout, "undo_of");

	if (of[0] != '\0')
		snprintf(cell->text, sizeof(cell->text), "undo of %.*s",
			PROGRESS_ID_SHOWN, of);
	else
		snprintf(cell->text, sizeof(cell->text), "%s",
			shape_true(rollout, "repair") ? "repair" : "rollout");
}

static void history_bar(const json_t *rollout, struct view_cell *cell)
{
	struct progress_tally tally;
	char bar[BAR_CELLS + 1];

	progress_tally(shape_object(rollout, "outcomes"), &tally);
	if (tally.total == 0)
		return;
	progress_bar(&tally, BAR_CELLS, bar);
	snprintf(cell->text, sizeof(cell->text), "%s", bar);
}

static void history_done(const json_t *rollout, struct view_cell *cell)
{
	struct progress_tally tally;

	progress_tally(shape_object(rollout, "outcomes"), &tally);
	if (tally.total > 0)
		snprintf(cell->text, sizeof(cell->text), "%lld/%lld",
			tally.count[PROGRESS_DONE], tally.total);
}

static void history_hurt(const json_t *rollout, struct view_cell *cell)
{
	struct progress_tally tally;

	progress_tally(shape_object(rollout, "outcomes"), &tally);
	if (tally.count[PROGRESS_BAD] > 0)
		snprintf(cell->text, sizeof(cell->text), "%lld",
			tally.count[PROGRESS_BAD]);
	cell->style = STYLE_BAD;
}

static const struct view_column history_columns[] = {
	{.title = "ID", .path = "id", .kind = VIEW_ID},
	{.title = "KIND", .kind = VIEW_CELL, .cell = history_kind, .drop = 3},
	{.path = "undo_of"},
	{.path = "repair"},
	{.title = "RELEASE", .path = "release", .shrinks = 12},
	{.title = "STATE", .path = "state", .kind = VIEW_STATE},
	{.title = "WHY", .path = "reason", .wide = true},
	{.title = "CATCH-UP", .path = "catch_up", .kind = VIEW_STATE, .wide = true},
	{.title = "BEGUN", .path = "created", .kind = VIEW_TIME, .drop = 2},
	{.title = "SINCE", .path = "since", .kind = VIEW_AGE, .drop = 1},
	{.title = "", .kind = VIEW_CELL, .cell = history_bar, .drop = 4},
	{.title = "DONE", .kind = VIEW_CELL, .cell = history_done},
	{.title = "HURT", .kind = VIEW_CELL, .cell = history_hurt},
	{.path = "outcomes.confirmed"},
	{.path = "outcomes.already"},
	{.path = "outcomes.fell-back"},
	{.path = "outcomes.failed"},
	{.path = "outcomes.lost"},
	{.path = "outcomes.refused"},
	{.path = "outcomes.skipped"},
	{.path = "outcomes.cancelled"},
	{.path = "outcomes.deferred"},
	{.path = "outcomes.reverted"},
	{.title = NULL},
};

/* One page behind `next` (""; the newest), which becomes "" at the end. */
static int history_page(
	struct cli *cli, uint64_t want, size_t cap, char *next, json_t *rollouts)
{
	char path[CLIENT_PATH_MAX] = "/v1/rollouts", limit[24];
	const json_t *page;
	json_t *answer;
	size_t i;
	int code;

	snprintf(limit, sizeof(limit), "%llu",
		(unsigned long long)(want < PAGE_MAX ? want : PAGE_MAX));
	if ((code = cli_add_query(cli, "limit", limit, path)) != 0 ||
		(code = cli_add_query(
			 cli, "after", next[0] == '\0' ? NULL : next, path)) != 0 ||
		(code = cli_get(cli, path, &answer)) != 0)
		return code;
	code = cli_list(cli, answer, "rollouts", &page);
	for (i = 0; code == 0 && i < json_array_size(page) && i < want; i++)
		(void)json_array_append(rollouts, json_array_get(page, i));
	snprintf(next, cap, "%s", i == 0 ? "" : shape_text(answer, "next"));
	json_decref(answer);
	return code;
}

int cmd_rollout_history(struct cli *cli)
{
	static const struct view view = {.key = "rollouts",
		.columns = history_columns,
		.name = "id",
		.none = "No rollout has been started yet."};
	const char *text = args_option(cli->args, "limit");
	json_t *rollouts = json_array();
	uint64_t limit = LIMIT_DEFAULT;
	char next[64] = "";
	int code = 0;

	if (text != NULL &&
		(wipy_text_parse_u64(text, strlen(text), LIMIT_MAX, &limit) < 0 ||
			limit == 0))
		code = cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--limit: '%s' is not a number from 1 to %d", text, LIMIT_MAX);
	while (code == 0 && json_array_size(rollouts) < limit) {
		code = history_page(cli, limit - json_array_size(rollouts),
			sizeof(next), next, rollouts);
		if (next[0] == '\0')
			break;
	}
	if (code == 0)
		return view_show(cli, &view, json_pack("{s:o}", "rollouts", rollouts));
	json_decref(rollouts);
	return code;
}
