/* SPDX-License-Identifier: MIT
 *
 * The rollout of a report as JUnit: a suite for each wave, a case for each board. What went
 * wrong is a failure, what was not tried or has not ended yet is skipped.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/markup.h"
#include "cli/report.h"
#include "cli/shape.h"

struct suite {
	long long tests, failures, skipped;
};

/* Taken back is what an undo means to do. */
static bool is_good(enum progress_kind kind)
{
	return kind == PROGRESS_DONE || kind == PROGRESS_BACK;
}

/* `wave` -1: all of them. */
static void count_suite(const json_t *tasks, long long wave, struct suite *ret_suite)
{
	const json_t *task;
	size_t i;

	*ret_suite = (struct suite){0};
	json_array_foreach(tasks, i, task)
	{
		enum progress_kind kind = progress_kind(shape_text(task, "state"));

		if (wave >= 0 && shape_number(task, "wave") != wave)
			continue;
		ret_suite->tests++;
		ret_suite->failures += kind == PROGRESS_BAD;
		ret_suite->skipped += kind != PROGRESS_BAD && !is_good(kind);
	}
}

static void junit_counts(struct writer *writer, const struct suite *suite)
{
	markup_number(writer, "tests", suite->tests);
	markup_number(writer, "failures", suite->failures);
	markup_number(writer, "errors", 0);
	markup_number(writer, "skipped", suite->skipped);
}

static const json_t *exception_of(const json_t *exceptions, const char *board)
{
	return json_object_get(exceptions, board);
}

/* <failure> or <skipped>, with the sentence, and what a person can do as its text. */
static void junit_verdict(struct writer *writer, const char *element, const char *code,
	const json_t *exception)
{
	const char *what = shape_text(exception, "what");

	writer_put(writer, STYLE_PLAIN, "<%s", element);
	if (strcmp(element, "failure") == 0)
		markup_attribute(writer, "type", code);
	markup_attribute(writer, "message", what[0] == '\0' ? code : what);
	markup_raw(writer, ">");
	markup_text(writer, shape_text(exception, "next_human"));
	writer_put(writer, STYLE_PLAIN, "</%s>", element);
}

static void junit_case(struct writer *writer, const char *class, const json_t *task,
	const json_t *exceptions)
{
	const char *board = shape_cell(task, "board"),
		   *state = shape_cell(task, "state");
	const json_t *exception = exception_of(exceptions, board);
	enum progress_kind kind = progress_kind(state);
	const char *code = shape_text(task, "code");

	markup_raw(writer, "    <testcase");
	markup_attribute(writer, "classname", class);
	markup_attribute(writer, "name", board);
	markup_raw(writer, ">");
	if (!is_good(kind))
		junit_verdict(writer, kind == PROGRESS_BAD ? "failure" : "skipped",
			code[0] == '\0' ? state : code, exception);
	if (shape_text(task, "evidence")[0] != '\0')
		markup_element(writer, "system-out", "", shape_text(task, "evidence"));
	markup_line(writer, "</testcase>");
}

static void junit_suite(struct writer *writer, const json_t *tasks, long long wave,
	const json_t *exceptions)
{
	struct suite suite;
	const json_t *task;
	char name[48];
	size_t i;

	count_suite(tasks, wave, &suite);
	if (suite.tests == 0)
		return;
	if (wave == 0)
		snprintf(name, sizeof(name), "settled by the plan");
	else
		snprintf(name, sizeof(name), "wave %lld", wave);
	markup_raw(writer, "  <testsuite");
	markup_attribute(writer, "name", name);
	junit_counts(writer, &suite);
	markup_line(writer, ">");
	json_array_foreach(tasks, i, task) if (shape_number(task, "wave") == wave)
		junit_case(writer, name, task, exceptions);
	markup_line(writer, "  </testsuite>");
}

/* By their boards, which can be many. */
static json_t *exceptions_by_board(const json_t *rows)
{
	json_t *by_board = json_object(), *row;
	size_t i;

	json_array_foreach(rows, i, row)(void)
		json_object_set(by_board, shape_cell(row, "board"), row);
	return by_board;
}

void report_junit(struct cli *cli, const struct report *report)
{
	const json_t *tasks = shape_list(report->answer, "tasks");
	const json_t *waves = report->rows[REPORT_WAVES];
	json_t *exceptions = exceptions_by_board(report->rows[REPORT_EXCEPTIONS]);
	struct writer *writer = cli->out;
	struct suite all;

	count_suite(tasks, -1, &all);
	markup_line(writer, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	markup_raw(writer, "<testsuites");
	markup_attribute(writer, "name", shape_cell(report->answer, "verdict"));
	junit_counts(writer, &all);
	markup_line(writer, ">");
	for (size_t i = 0; i <= json_array_size(waves); i++)
		junit_suite(writer, tasks, (long long)i, exceptions);
	markup_line(writer, "</testsuites>");
	json_decref(exceptions);
}
