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
#include "cli/table.h"
#include "common/text.h"

#define COUNT_DEFAULT    100
#define COUNT_MAX        100000
#define PAGE_MAX         1000
#define VERIFY_TIMEOUT_S 600

static void events_print(struct cli *cli, const json_t *document)
{
	static const struct table_column columns[] = {
		{"SEQ", true, 0},
		{"TIME", false, 0},
		{"BY", false, 8},
		{"CAUSE", false, 0},
		{"BOARD", false, 8},
		{"EVENT", false, 0},
		{"DETAIL", false, 20},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *events = shape_list(document, "events"), *event;
	struct writer *writer = cli->out;
	size_t i;

	json_array_foreach(events, i, event)
	{
		table_cell(table, STYLE_PLAIN, "%lld", shape_number(event, "seq"));
		table_time(table, writer, shape_time(event, "time"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(event, "actor"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(event, "cause"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(event, "board"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(event, "name"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(event, "detail"));
	}
	if (json_array_size(events) == 0)
		writer_line(writer, "No such events.");
	else
		table_print(table, writer, 0);
	table_free(table);
}

/* The events behind number *next (0: the newest), at most a page of them. *next becomes
 * 0 at the end. */
static int events_page(struct cli *cli, uint64_t want, long long *next, json_t *events)
{
	char path[CLIENT_PATH_MAX] = "/v1/events", limit[24], after[24];
	const json_t *page = NULL;
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
		(code = cli_add_query(cli, "rollout", args_option(cli->args, "rollout"),
			 path)) != 0 ||
		(code = cli_add_past(cli, "since", path)) != 0 ||
		(code = cli_get(cli, path, &answer)) != 0)
		return code;
	code = cli_list(cli, answer, "events", &page);
	*next = code == 0 && json_array_size(page) > 0 ? shape_number(answer, "next")
						       : 0;
	if (code == 0 && json_array_extend(events, (json_t *)(uintptr_t)page) < 0)
		code = cli_fail(
			cli, EXIT_CODE_INTERNAL, NULL, "there is not enough memory");
	json_decref(answer);
	return code;
}

int cmd_events(struct cli *cli)
{
	const char *text = args_option(cli->args, "count");
	json_t *events = json_array();
	uint64_t count = COUNT_DEFAULT;
	long long next = 0;
	int code = 0;

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
		code = cli_answer(cli, json_pack("{s:O}", "events", events), "events",
			events_print);
	json_decref(events);
	return code;
}

/* ---- verifying --------------------------------------------------------------------- */

static void verdict_print(struct cli *cli, const json_t *verdict)
{
	const json_t *fault = shape_object(verdict, "fault");
	struct writer *writer = cli->out;

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
	code = cli_answer(cli, verdict, NULL, verdict_print);
	return code == 0 && !intact ? EXIT_CODE_INTERNAL : code;
}
