/* SPDX-License-Identifier: MIT
 *
 * The report as one HTML file: it asks nothing of any network, runs no script, and can be
 * printed.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/markup.h"
#include "cli/page.h"
#include "cli/report.h"
#include "cli/report_cells.h"
#include "cli/shape.h"

static void html_section(
	struct writer *writer, const struct report *report, enum report_kind kind)
{
	const struct report_section *section = report_section(kind);
	size_t count = json_array_size(report->rows[kind]);
	char caption[64];

	if (count == 0)
		return;
	snprintf(
		caption, sizeof(caption), "%zu %s", count, count == 1 ? "row" : "rows");
	writer_put(writer, STYLE_PLAIN, "<section%s",
		section->style == STYLE_BAD ? " class=\"danger\"" : "");
	markup_attribute(writer, "id", section->name);
	markup_line(writer, ">");
	html_heading(writer, "h2", section->title);
	html_table(writer, caption, section->columns, report->rows[kind], false);
	markup_line(writer, "</section>");
}

/* ---- what a person walks to -------------------------------------------------------- */

/* A page for each site; whoever goes there resets boards, so the dirty ones are told apart. */
static size_t html_site(struct writer *writer, const json_t *rows, size_t from)
{
	const char *site = shape_text(json_array_get(rows, from), "site");
	json_t *healthy = json_array(), *dirty = json_array();
	char title[128];
	size_t i = from;

	for (; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);

		if (strcmp(shape_text(row, "site"), site) != 0)
			break;
		(void)json_array_append(
			shape_true(row, "dirty") ? dirty : healthy, row);
	}
	snprintf(title, sizeof(title), "%s%.100s",
		site[0] == '\0' ? "Without a site" : "Site ", site);
	markup_line(writer, "<section class=\"site\">");
	markup_element(writer, "h3", "", title);
	if (json_array_size(healthy) > 0)
		html_table(writer, "Boards to go to",
			report_section(REPORT_HANDS)->columns, healthy, true);
	if (json_array_size(dirty) > 0)
		html_table(writer, "Dirty as well: do not reset these",
			report_section(REPORT_HANDS)->columns, dirty, false);
	markup_line(writer, "</section>");
	json_decref(healthy);
	json_decref(dirty);
	return i;
}

static void html_hands(struct writer *writer, const json_t *rows)
{
	if (json_array_size(rows) == 0)
		return;
	markup_line(writer, "<section id=\"needs-hands\">");
	html_heading(writer, "h2", report_section(REPORT_HANDS)->title);
	for (size_t from = 0; from < json_array_size(rows);)
		from = html_site(writer, rows, from);
	markup_line(writer, "</section>");
}

static void html_changes(struct writer *writer, const struct report *report)
{
	const json_t *changes = shape_object(report->answer, "changes");
	size_t count = 0;

	if (changes == NULL)
		return;
	markup_raw(writer, "<section id=\"changes\"><h2>Changes since ");
	html_time(writer, shape_time(changes, "since"), false);
	markup_line(writer, "</h2>");
	for (int kind = REPORT_CHANGED; kind <= REPORT_GONE; kind++) {
		const struct report_section *section = report_section(kind);

		if (json_array_size(report->rows[kind]) == 0)
			continue;
		count += json_array_size(report->rows[kind]);
		html_heading(writer, "h3", section->title);
		html_table(writer, section->title, section->columns, report->rows[kind],
			false);
	}
	if (count == 0)
		markup_line(writer, "<p>None.</p>");
	markup_line(writer, "</section>");
}

/* ---- the page -------------------------------------------------------------------- */

static void html_scope(struct writer *writer, const struct report *report)
{
	const json_t *scope = shape_object(report->answer, "scope");
	const json_t *rollout = shape_object(report->answer, "rollout");

	markup_raw(writer, "<p class=\"soft\">As of ");
	html_time(writer, shape_time(report->answer, "generated"), false);
	if (rollout != NULL) {
		markup_raw(writer, "; rollout ");
		markup_text(writer, shape_cell(rollout, "id"));
	}
	if (shape_text(scope, "site")[0] != '\0') {
		markup_raw(writer, "; only boards of site ");
		markup_text(writer, shape_text(scope, "site"));
	}
	if (shape_text(scope, "select")[0] != '\0') {
		markup_raw(writer, "; only boards that match ");
		markup_text(writer, shape_text(scope, "select"));
	}
	if (shape_time(scope, "since") != NULL) {
		markup_raw(writer, "; only what is not older than ");
		html_time(writer, shape_time(scope, "since"), false);
	}
	markup_line(writer, "</p>");
}

void report_html(struct cli *cli, const struct report *report)
{
	const char *verdict = shape_cell(report->answer, "verdict");
	const json_t *rollout = shape_object(report->answer, "rollout");
	const char *waits = shape_text(shape_object(rollout, "waits_for"), "text");
	struct writer *writer = cli->out;

	page_begin(writer, verdict, NULL);
	markup_line(writer, "<main><h1>Report of the fleet</h1>");
	html_section(writer, report, REPORT_DIRTY);
	markup_element(writer, "p", " class=\"verdict\"", verdict);
	writer_end(writer);
	if (waits[0] != '\0') {
		markup_raw(writer, "<p>");
		html_sentence(writer, waits);
		markup_raw(writer, "</p>");
	}
	html_scope(writer, report);
	html_waves(writer, report->rows[REPORT_WAVES]);
	html_section(writer, report, REPORT_OUTCOMES);
	html_section(writer, report, REPORT_EXCEPTIONS);
	html_section(writer, report, REPORT_ARMED);
	html_section(writer, report, REPORT_OFFLINE);
	html_hands(writer, report->rows[REPORT_HANDS]);
	html_section(writer, report, REPORT_BACK);
	html_firmware(writer, report->rows[REPORT_FIRMWARE]);
	html_section(writer, report, REPORT_EVIDENCE);
	html_section(writer, report, REPORT_APPROVALS);
	html_changes(writer, report);
	markup_raw(writer, "</main>");
	page_end(writer);
}
