/* SPDX-License-Identifier: MIT
 *
 * `wipyctl events`, `wipyctl events verify`.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_events.h"
#include "cli/shape.h"
#include "cli/view.h"
#include "common/text.h"

#define COUNT_DEFAULT    100
#define COUNT_MAX        100000
#define PAGE_MAX         1000
#define VERIFY_TIMEOUT_S 600

static const struct view_column events_columns[] = {
	{.title = "SEQ", .path = "seq", .kind = VIEW_NUMBER},
	{.title = "TIME", .path = "time", .kind = VIEW_TIME},
	{.title = "BY", .path = "actor", .shrinks = 8, .drop = 2},
	{.title = "CAUSE", .path = "cause", .drop = 1},
	{.title = "BOARD", .path = "board", .shrinks = 8},
	{.title = "ROLLOUT", .path = "rollout", .kind = VIEW_ID, .wide = true},
	{.title = "EVENT", .path = "name"},
	{.title = "DETAIL", .path = "detail", .shrinks = 20},
	{.title = NULL},
};

/* The events behind number *next (0: the newest), at most a page of them. *next becomes
 * 0 at the end. */
static int events_page(struct cli *cli, uint64_t want, long long *next, json_t *events)
{
	char path[CLIENT_PATH_MAX] = "/v1/events", limit[24], after[24];
	const json_t *page = NULL;
	long long before;
	json_t *answer;
	int code;

	snprintf(limit, sizeof(limit), "%llu",
		(unsigned long long)(want < PAGE_MAX ? want : PAGE_MAX));
	snprintf(after, sizeof(after), "%lld", *next);
	if ((code = cli_add_query(cli, "limit", limit, path)) != 0 ||
		(code = cli_add_query(cli, "after", *next > 0 ? after : NULL, path)) !=
			0 ||
		(code = cli_add_query(
			 cli, "board", args_option(cli->args, "board"), path)) != 0 ||
		(code = cli_add_query(
			 cli, "select", args_option(cli->args, "select"), path)) != 0 ||
		(code = cli_add_query(cli, "rollout", args_option(cli->args, "rollout"),
			 path)) != 0 ||
		(code = cli_add_past(cli, "since", path)) != 0 ||
		(code = cli_get(cli, path, &answer)) != 0)
		return code;
	code = cli_list(cli, answer, "events", &page);
	/* A page may be short, or empty, and not the last: they go down to event 1. */
	before = *next;
	*next = code == 0 ? shape_number(answer, "next") : 0;
	if (before > 0 && *next >= before)
		*next = 0;
	if (code == 0 && json_array_extend(events, (json_t *)(uintptr_t)page) < 0)
		code = cli_fail(
			cli, EXIT_CODE_INTERNAL, NULL, "there is not enough memory");
	json_decref(answer);
	return code;
}

int cmd_events(struct cli *cli)
{
	const char *text = args_option(cli->args, "count");
	static const struct view view = {.key = "events",
		.columns = events_columns,
		.name = "seq",
		.none = "No such events."};
	json_t *events;
	uint64_t count = COUNT_DEFAULT;
	long long next = 0;
	int code = 0;

	if (args_given(cli->args, "follow") || args_given(cli->args, "after"))
		return events_follow(cli);
	events = json_array();
	if (text != NULL &&
		(wipy_text_parse_u64(text, strlen(text), COUNT_MAX, &count) < 0 ||
			count == 0))
		code = cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--count: '%s' is not a number from 1 to %d", text, COUNT_MAX);
	while (code == 0) {
		code = events_page(cli, count - json_array_size(events), &next, events);
		if (next == 0 || json_array_size(events) >= count)
			break;
	}
	if (code == 0)
		code = view_show(cli, &view, json_pack("{s:O}", "events", events));
	json_decref(events);
	return code;
}

/* ---- verifying --------------------------------------------------------------------- */

static void verdict_print(struct cli *cli, const json_t *verdict)
{
	struct writer *writer = cli->out;
	const json_t *fault = shape_object(verdict, "fault");

	if (fault != NULL)
		writer_line(writer, "NOT INTACT: %s", shape_cell(fault, "what"));
	writer_line(writer, "%lld %s verified, from checkpoint %lld to event %lld",
		shape_number(verdict, "verified"),
		shape_number(verdict, "verified") == 1 ? "event" : "events",
		shape_number(verdict, "checkpoint"), shape_number(verdict, "last"));
	writer_line(writer, "chain at event %lld: %s", shape_number(verdict, "last"),
		shape_cell(verdict, "chain"));
}

int cmd_events_verify(struct cli *cli)
{
	static const struct view view = {.text = verdict_print};
	const char *file = args_option(cli->args, "file");
	json_t *verdict;
	bool intact;
	int code;

	if (file != NULL)
		return events_verify_file(cli, file);
	code = cli_get_within(cli, "/v1/events/verify", VERIFY_TIMEOUT_S, &verdict);
	if (code != 0)
		return code;
	/* Not said to be intact is not intact. */
	intact = shape_true(verdict, "intact");
	code = view_show(cli, &view, verdict);
	return code == 0 && !intact ? EXIT_CODE_INTERNAL : code;
}
