/* SPDX-License-Identifier: MIT
 *
 * `wipyctl report`: what happened and what a person has to do. The order is fixed: what
 * can still do damage comes first, evidence last.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/progress.h"
#include "cli/shape.h"
#include "cli/table.h"

#define NAMES_SHOWN 8
#define NAMES_LEN   800

static void report_title(struct writer *writer, enum style style, const char *title)
{
	writer_end(writer);
	writer_put(writer, style, "%s", title);
	writer_end(writer);
}

/* A list of boards in a condition, each with what is to be done about it. */
static void report_boards(struct writer *writer, const json_t *boards)
{
	static const struct table_column columns[] = {
		{"BOARD", false, 12},
		{"SITE", false, 8},
		{"SINCE", false, 0},
		{"FOR", false, 0},
		{"CODE", false, 0},
		{"WHAT TO DO", false, 20},
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	const json_t *row;
	size_t i;

	json_array_foreach(boards, i, row)
	{
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "site"));
		table_time(table, writer, shape_time(row, "since"));
		table_span(table, writer, shape_time(row, "since"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "code"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "to_do"));
	}
	table_print(table, writer, 2);
	table_free(table);
}

/* ---- lists in an order of ours ------------------------------------------------------- */

typedef int (*report_order_fn)(const void *a, const void *b);

/* API times sort as text; never seen ("") comes first, as the oldest. */
static int by_last_seen(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;
	int order = strcmp(shape_text(*x, "last_seen"), shape_text(*y, "last_seen"));

	return order != 0 ? order
			  : strcmp(shape_text(*x, "board"), shape_text(*y, "board"));
}

static int by_site(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;
	int order = strcmp(shape_text(*x, "site"), shape_text(*y, "site"));

	return order != 0 ? order
			  : strcmp(shape_text(*x, "board"), shape_text(*y, "board"));
}

/* An array of borrowed rows in that order; NULL for an empty list or without memory. */
static const json_t **report_sorted(const json_t *list, report_order_fn order)
{
	size_t count = json_array_size(list);
	const json_t **rows = count == 0 ? NULL : calloc(count, sizeof(*rows));

	if (rows == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		rows[i] = json_array_get(list, i);
	qsort(rows, count, sizeof(*rows), order);
	return rows;
}

static void report_offline(struct writer *writer, const json_t *offline)
{
	static const struct table_column columns[] = {
		{"BOARD", false, 12},
		{"SITE", false, 8},
		{"OFFLINE FOR", false, 0},
		{"LAST SEEN", false, 0},
	};
	const json_t **rows = report_sorted(offline, by_last_seen);
	struct table *table;

	if (rows == NULL)
		return;
	report_title(writer, STYLE_HEAD, "offline, the longest first");
	table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < json_array_size(offline); i++) {
		const char *seen = shape_time(rows[i], "last_seen");

		table_cell(table, STYLE_PLAIN, "%s", shape_cell(rows[i], "board"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(rows[i], "site"));
		table_span(table, writer, shape_time(rows[i], "since"));
		if (seen == NULL)
			table_cell(table, STYLE_WARN, "never");
		else
			table_time(table, writer, seen);
	}
	table_print(table, writer, 2);
	table_free(table);
	free(rows);
}

static bool report_lists(const json_t *boards, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach(boards, i,
		row) if (strcmp(shape_text(row, "board"), name) == 0) return true;
	return false;
}

static void report_sites(struct writer *writer, const json_t *boards)
{
	const json_t **rows = report_sorted(boards, by_site);
	size_t count = json_array_size(boards);

	if (rows == NULL)
		return;
	for (size_t i = 0; i < count;) {
		const char *site = shape_text(rows[i], "site");
		json_t *group = json_array();

		writer_line(writer, "  %s%s",
			site[0] == '\0' ? "without a site" : "site ", site);
		for (; i < count && strcmp(shape_text(rows[i], "site"), site) == 0; i++)
			(void)json_array_append(group, (json_t *)(uintptr_t)rows[i]);
		report_boards(writer, group);
		json_decref(group);
	}
	free(rows);
}

/* Whoever goes to a board resets it: those that are dirty are kept apart. */
static void report_needs_hands(
	struct writer *writer, const json_t *boards, const json_t *dirty)
{
	json_t *healthy = json_array(), *apart = json_array();
	const json_t *row;
	char names[NAMES_LEN];
	size_t i;

	json_array_foreach(boards, i, row)(void) json_array_append(
		report_lists(dirty, shape_text(row, "board")) ? apart : healthy,
		(json_t *)(uintptr_t)row);
	if (json_array_size(boards) > 0)
		report_title(writer, STYLE_BAD, "needs hands, site by site");
	report_sites(writer, healthy);
	if (json_array_size(apart) > 0) {
		shape_names(apart, "board", NAMES_SHOWN, sizeof(names), names);
		writer_line(writer, "  dirty as well, do not reset: %s", names);
	}
	json_decref(healthy);
	json_decref(apart);
}

/* What became of boards that needed a hand. */
static void report_brought_back(struct writer *writer, const json_t *boards)
{
	static const struct table_column columns[] = {
		{"BOARD", false, 12},
		{"SITE", false, 8},
		{"OUTCOME", false, 0},
		{"AT", false, 0},
	};
	struct table *table;
	const json_t *row;
	size_t i;

	if (json_array_size(boards) == 0)
		return;
	report_title(writer, STYLE_HEAD, "brought back by a hand");
	table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	json_array_foreach(boards, i, row)
	{
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "site"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "outcome"));
		table_time(table, writer, shape_time(row, "ended"));
	}
	table_print(table, writer, 2);
	table_free(table);
}

/* ---- the parts in their order -------------------------------------------------------- */

static void report_dirty(struct writer *writer, const json_t *dirty)
{
	size_t count = json_array_size(dirty);

	if (count == 0)
		return;
	writer_put(writer, STYLE_BAD, "do not power-cycle: %zu dirty %s", count,
		shape_boards((long long)count));
	writer_line(writer, ", a broken push waits for the next reset");
	report_boards(writer, dirty);
	writer_end(writer);
}

static void report_armed(struct writer *writer, const json_t *armed)
{
	if (json_array_size(armed) == 0)
		return;
	report_title(
		writer, STYLE_WARN, "armed: their next reset starts another image");
	report_boards(writer, armed);
}

static void report_rollout(struct writer *writer, const json_t *rollout)
{
	const json_t *exceptions = shape_list(rollout, "exceptions");

	if (rollout == NULL)
		return;
	writer_end(writer);
	progress_head(writer, rollout);
	progress_waves(writer, rollout);
	progress_waits(writer, rollout);
	report_title(writer, STYLE_HEAD, "outcomes");
	progress_outcomes(writer, rollout);
	if (json_array_size(exceptions) == 0)
		return;
	report_title(writer, STYLE_HEAD, "exceptions");
	progress_exceptions(writer, exceptions);
}

static void report_firmware(struct writer *writer, const json_t *report)
{
	static const struct table_column columns[] = {
		{"BOARDS", true, 0},
		{"OF ALL", true, 0},
		{"FIRMWARE", false, 16},
		{"BUILT", false, 0},
		{"BOARD", false, 8},
	};
	const json_t *firmware = shape_list(report, "firmware"), *row;
	long long total = shape_number(shape_object(report, "boards"), "total");
	struct table *table = table_new(columns, sizeof(columns) / sizeof(columns[0]));
	size_t i;

	report_title(writer, STYLE_HEAD, "firmware on the fleet");
	json_array_foreach(firmware, i, row)
	{
		long long count = shape_number(row, "count");

		table_cell(table, STYLE_PLAIN, "%lld", count);
		/* A share of nonsense is not computed. */
		if (total > 0 && count >= 0 && count <= total && total < INT32_MAX)
			table_cell(table, STYLE_PLAIN, "%d %%",
				(int)(count * 100 / total));
		else
			table_cell(table, STYLE_PLAIN, "-");
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "tag"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "date"));
		table_cell(table, STYLE_PLAIN, "%s", shape_cell(row, "board"));
	}
	table_print(table, writer, 2);
	table_free(table);
	if (json_array_size(firmware) == 0)
		writer_line(writer, "  none seen yet");
}

/* Of one board, in the order in which it was seen; what there is none of is left out. */
static void evidence_line(struct writer *writer, const char *key, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	writer_pad(writer, 4);
	writer_put(writer, STYLE_PLAIN, "%s", key);
	writer_pad(writer, 20);
	writer_line(writer, "%s", text);
}

static void evidence_outage(struct writer *writer, const json_t *row)
{
	const char *lost = shape_time(row, "lost"), *back = shape_time(row, "returned");

	if (lost == NULL && back == NULL)
		return;
	writer_pad(writer, 4);
	writer_put(writer, STYLE_PLAIN, lost ? "gone, back" : "back");
	writer_pad(writer, 20);
	if (lost != NULL) {
		writer_time(writer, lost);
		writer_put(writer, STYLE_PLAIN, ", ");
	}
	if (back != NULL)
		writer_time(writer, back);
	else
		writer_put(writer, STYLE_PLAIN, "not since");
	writer_end(writer);
}

static void evidence_probes(struct writer *writer, const json_t *probes)
{
	const json_t *probe;
	size_t i;

	json_array_foreach(probes, i, probe)
	{
		writer_pad(writer, 4);
		writer_put(writer, STYLE_PLAIN, "probe %s", shape_cell(probe, "name"));
		writer_pad(writer, 20);
		writer_line(writer, " %s: %s", shape_cell(probe, "outcome"),
			shape_cell(probe, "evidence"));
	}
}

static void report_evidence(struct writer *writer, const json_t *evidence)
{
	const json_t *row;
	size_t i;

	report_title(writer, STYLE_HEAD, "evidence");
	json_array_foreach(evidence, i, row)
	{
		const char *state = shape_cell(row, "state");
		const char *latest = shape_text(row, "evidence");
		const char *push = shape_text(row, "push_reply");

		writer_pad(writer, 2);
		writer_put(writer, STYLE_HEAD, "%s", shape_cell(row, "board"));
		writer_put(writer, STYLE_PLAIN, "  ");
		writer_put(writer, progress_style(state), "%s", state);
		writer_line(writer, ", reset proven by %s", shape_cell(row, "proof"));
		evidence_line(
			writer, "banner before", shape_text(row, "banner_before"));
		evidence_line(writer, "upload", push);
		evidence_outage(writer, row);
		evidence_line(writer, "banner after", shape_text(row, "banner_after"));
		evidence_probes(writer, shape_list(row, "probes"));
		if (strcmp(latest, push) != 0)
			evidence_line(writer, "latest", latest);
	}
	if (json_array_size(evidence) == 0)
		writer_line(writer, "  none yet");
}

static void report_print(struct cli *cli, const json_t *report)
{
	struct writer *writer = cli->out;

	report_dirty(writer, shape_list(report, "dirty"));
	writer_put(writer, STYLE_HEAD, "%s", shape_cell(report, "verdict"));
	writer_end(writer);
	report_rollout(writer, shape_object(report, "rollout"));
	report_armed(writer, shape_list(report, "armed"));
	report_offline(writer, shape_list(report, "offline"));
	report_needs_hands(
		writer, shape_list(report, "needs_hands"), shape_list(report, "dirty"));
	report_brought_back(writer, shape_list(report, "brought_back"));
	report_firmware(writer, report);
	if (args_given(cli->args, "evidence"))
		report_evidence(writer, shape_list(report, "evidence"));
}

int cmd_report(struct cli *cli)
{
	const char *id = args_option(cli->args, "rollout");
	char path[CLIENT_PATH_MAX] = "/v1/report";
	int code = 0;

	if (id != NULL)
		code = cli_path(cli, "/v1/report?rollout=", id, "", path);
	return code == 0 ? cli_look(cli, path, NULL, report_print) : code;
}
