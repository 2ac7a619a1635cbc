/* SPDX-License-Identifier: MIT
 *
 * The report as text: what happened and what a person has to do. What can still do damage
 * comes first.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/shape.h"

#define NAMES_SHOWN 8
#define NAMES_LEN   800

static void text_title(struct writer *writer, enum style style, const char *title)
{
	writer_end(writer);
	writer_put(writer, style, "%s", title);
	writer_end(writer);
}

static void text_section(
	struct cli *cli, const struct report *report, enum report_kind kind)
{
	const struct report_section *section = report_section(kind);

	if (json_array_size(report->rows[kind]) == 0)
		return;
	text_title(cli->out, section->style, section->title);
	view_table(cli, section->columns, report->rows[kind], 2);
}

/* ---- boards that need a person ----------------------------------------------------- */

static void text_dirty(struct cli *cli, const json_t *dirty)
{
	size_t count = json_array_size(dirty);

	if (count == 0)
		return;
	writer_put(cli->out, STYLE_BAD, "do not power-cycle: %zu dirty %s", count,
		shape_boards((long long)count));
	writer_line(cli->out, ", a broken push waits for the next reset");
	view_table(cli, report_section(REPORT_DIRTY)->columns, dirty, 2);
	writer_end(cli->out);
}

/* One site, and how far it goes in the rows. */
static size_t text_site(struct cli *cli, const json_t *rows, size_t from)
{
	const char *site = shape_text(json_array_get(rows, from), "site");
	json_t *group = json_array();
	size_t i = from;

	for (; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);

		if (strcmp(shape_text(row, "site"), site) != 0)
			break;
		if (!shape_true(row, "dirty"))
			(void)json_array_append(group, row);
	}
	if (json_array_size(group) > 0) {
		writer_line(cli->out, "  %s%s",
			site[0] == '\0' ? "without a site" : "site ", site);
		view_table(cli, report_section(REPORT_HANDS)->columns, group, 2);
	}
	json_decref(group);
	return i;
}

/* Whoever goes to a board resets it: those that are dirty are kept apart. */
static void text_hands(struct cli *cli, const json_t *rows)
{
	json_t *apart = json_array(), *row;
	char names[NAMES_LEN];
	size_t i;

	if (json_array_size(rows) > 0)
		text_title(cli->out, STYLE_BAD, report_section(REPORT_HANDS)->title);
	for (size_t from = 0; from < json_array_size(rows);)
		from = text_site(cli, rows, from);
	json_array_foreach(rows, i, row) if (shape_true(row, "dirty"))(void)
		json_array_append(apart, row);
	if (json_array_size(apart) > 0) {
		shape_names(apart, "board", NAMES_SHOWN, sizeof(names), names);
		writer_line(cli->out, "  dirty as well, do not reset: %s", names);
	}
	json_decref(apart);
}

/* ---- the rollout ------------------------------------------------------------------- */

static void text_rollout(struct cli *cli, const struct report *report)
{
	const json_t *rollout = shape_object(report->answer, "rollout");
	struct writer *writer = cli->out;

	if (rollout == NULL)
		return;
	writer_end(writer);
	progress_head(writer, rollout);
	progress_waves(writer, rollout);
	progress_waits(writer, rollout);
	text_title(writer, STYLE_HEAD, "outcomes");
	progress_outcomes(writer, rollout);
	text_section(cli, report, REPORT_EXCEPTIONS);
}

/* ---- evidence ---------------------------------------------------------------------- */

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

static void text_evidence(struct writer *writer, const json_t *evidence)
{
	const json_t *row;
	size_t i;

	text_title(writer, STYLE_HEAD, "evidence");
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

/* ---- changes ----------------------------------------------------------------------- */

static void text_changes(struct cli *cli, const struct report *report)
{
	const json_t *changes = shape_object(report->answer, "changes");
	size_t count = 0;

	if (changes == NULL)
		return;
	writer_end(cli->out);
	writer_put(cli->out, STYLE_HEAD, "changes since ");
	writer_time(cli->out, shape_time(changes, "since"));
	writer_end(cli->out);
	for (int kind = REPORT_CHANGED; kind <= REPORT_GONE; kind++) {
		count += json_array_size(report->rows[kind]);
		text_section(cli, report, (enum report_kind)kind);
	}
	if (count == 0)
		writer_line(cli->out, "  none");
}

/* Of which boards, where it is not all of them. */
static void text_scope(struct writer *writer, const json_t *scope)
{
	const char *select = shape_text(scope, "select");
	const char *site = shape_text(scope, "site");

	if (site[0] != '\0')
		writer_line(writer, "only boards of site %s", site);
	if (select[0] != '\0')
		writer_line(writer, "only boards that match %s", select);
	if (shape_time(scope, "since") != NULL) {
		writer_put(writer, STYLE_PLAIN, "only what is not older than ");
		writer_time(writer, shape_time(scope, "since"));
		writer_end(writer);
	}
}

void report_text(struct cli *cli, const struct report *report)
{
	struct writer *writer = cli->out;

	text_dirty(cli, report->rows[REPORT_DIRTY]);
	writer_put(writer, STYLE_HEAD, "%s", shape_cell(report->answer, "verdict"));
	writer_end(writer);
	text_scope(writer, shape_object(report->answer, "scope"));
	text_rollout(cli, report);
	text_section(cli, report, REPORT_ARMED);
	text_section(cli, report, REPORT_OFFLINE);
	text_hands(cli, report->rows[REPORT_HANDS]);
	text_section(cli, report, REPORT_BACK);
	text_section(cli, report, REPORT_FIRMWARE);
	if (json_array_size(report->rows[REPORT_FIRMWARE]) == 0) {
		text_title(writer, STYLE_HEAD, "firmware on the fleet");
		writer_line(writer, "  none seen yet");
	}
	if (report->evidence)
		text_evidence(writer, report->rows[REPORT_EVIDENCE]);
	text_section(cli, report, REPORT_APPROVALS);
	text_changes(cli, report);
}
