/* SPDX-License-Identifier: MIT
 *
 * Bars of the report in HTML: of each wave, and of what runs on how many boards. Each says
 * the same in words beside it.
 */
#include "config.h"

#include <stdio.h>

#include "cli/markup.h"
#include "cli/report_cells.h"
#include "cli/shape.h"

#define BAR_WIDTH  1000
#define BAR_HEIGHT 20

static void html_rect(
	struct writer *writer, const char *class, long long x, long long width)
{
	markup_raw(writer, "<rect");
	markup_attribute(writer, "class", class);
	markup_number(writer, "x", x);
	markup_number(writer, "width", width);
	markup_number(writer, "height", BAR_HEIGHT);
	markup_raw(writer, "/>");
}

static void html_bar_begin(struct writer *writer, const char *label)
{
	markup_raw(writer, "<svg class=\"bar\" role=\"img\" viewBox=\"0 0 1000 20\" "
			   "preserveAspectRatio=\"none\"");
	markup_attribute(writer, "aria-label", label);
	markup_raw(writer, ">");
}

/* "3 done, 1 failed": the same as the bar, in words. */
static void wave_words(const json_t *wave, size_t cap, char *ret_text)
{
	size_t len = 0;

	ret_text[0] = '\0';
	for (int kind = 0; kind < PROGRESS_KIND_COUNT && len < cap; kind++) {
		long long count = shape_number(wave, report_wave_key(kind));

		if (count > 0)
			len += (size_t)snprintf(ret_text + len, cap - len, "%s%lld %s",
				len > 0 ? ", " : "", count, report_wave_words(kind));
	}
}

static void html_wave_bar(struct writer *writer, const json_t *wave, const char *words)
{
	long long total = 0, before = 0;

	for (int kind = 0; kind < PROGRESS_KIND_COUNT; kind++)
		total += shape_number(wave, report_wave_key(kind));
	html_bar_begin(writer, words);
	for (int kind = 0; kind < PROGRESS_KIND_COUNT && total > 0; kind++) {
		const char *key = report_wave_key(kind);
		long long count = shape_number(wave, key);
		long long x = before * BAR_WIDTH / total;

		before += count;
		if (count > 0)
			html_rect(writer, key, x, before * BAR_WIDTH / total - x);
	}
	markup_raw(writer, "</svg>");
}

static void html_wave(struct writer *writer, const json_t *wave)
{
	char words[256];

	wave_words(wave, sizeof(words), words);
	writer_put(writer, STYLE_PLAIN, "<tr><td data-title=\"WAVE\">%lld</td>",
		shape_number(wave, "number"));
	markup_raw(writer, "<td data-title=\"STATE\">");
	html_state(writer, shape_text(wave, "state"));
	writer_put(writer, STYLE_PLAIN,
		"</td><td class=\"number\" data-title=\"BOARDS\">%lld</td>"
		"<td class=\"drawn\">",
		shape_number(wave, "size"));
	html_wave_bar(writer, wave, words);
	markup_raw(writer, "</td>");
	markup_element(writer, "td", "", words);
	markup_line(writer, "</tr>");
}

static void html_key(struct writer *writer)
{
	markup_raw(writer, "<p>");
	for (int kind = 0; kind < PROGRESS_KIND_COUNT; kind++) {
		markup_raw(writer, "<span class=\"key\"><svg viewBox=\"0 0 1 1\" "
				   "aria-hidden=\"true\"><rect");
		markup_attribute(writer, "class", report_wave_key(kind));
		markup_raw(writer, " width=\"1\" height=\"1\"/></svg>");
		markup_text(writer, report_wave_words(kind));
		markup_raw(writer, "</span>");
	}
	markup_line(writer, "</p>");
}

void html_waves(struct writer *writer, const json_t *waves)
{
	static const struct view_column columns[] = {
		{.title = "WAVE", .path = "number"},
		{.title = "STATE", .path = "state"},
		{.title = "BOARDS", .path = "size", .kind = VIEW_NUMBER},
		{.title = "HOW THEY STAND", .path = "done"}, {.title = NULL}};
	const json_t *wave;
	size_t i;

	if (json_array_size(waves) == 0)
		return;
	markup_line(writer, "<section id=\"wave\">");
	html_heading(writer, "h2", "waves");
	html_key(writer);
	markup_raw(writer, "<table class=\"bars\">");
	markup_element(writer, "caption", "", "A bar for each wave");
	html_heads(writer, columns, "IN WORDS");
	markup_line(writer, "<tbody>");
	json_array_foreach(waves, i, wave) html_wave(writer, wave);
	markup_line(writer, "</tbody></table></section>");
}

static void html_firmware_row(struct writer *writer, const json_t *row)
{
	long long percent = shape_number(row, "percent");
	char words[64];

	snprintf(words, sizeof(words), "%lld (%lld %%)", shape_number(row, "count"),
		percent);
	markup_raw(writer, "<tr><td data-title=\"FIRMWARE\">");
	markup_text(writer, shape_cell(row, "tag"));
	markup_raw(writer, "</td><td data-title=\"BUILT\">");
	markup_text(writer, shape_cell(row, "date"));
	markup_raw(writer, "</td><td data-title=\"BOARD\">");
	markup_text(writer, shape_cell(row, "hardware"));
	markup_raw(writer, "</td><td class=\"drawn\">");
	html_bar_begin(writer, words);
	html_rect(writer, "under_way", 0, percent * BAR_WIDTH / 100);
	markup_raw(writer, "</svg>");
	markup_raw(writer, "</td>");
	markup_element(writer, "td", " data-title=\"BOARDS\"", words);
	markup_line(writer, "</tr>");
}

void html_firmware(struct writer *writer, const json_t *rows)
{
	static const struct view_column columns[] = {
		{.title = "FIRMWARE", .path = "tag"},
		{.title = "BUILT", .path = "date"}, {.title = "BOARD", .path = "board"},
		{.title = "SHARE", .path = "percent"}, {.title = NULL}};
	const json_t *row;
	size_t i;

	if (json_array_size(rows) == 0)
		return;
	markup_line(writer, "<section id=\"firmware\">");
	html_heading(writer, "h2", report_section(REPORT_FIRMWARE)->title);
	markup_raw(writer, "<table class=\"bars\">");
	markup_element(writer, "caption", "", "What runs on how many boards");
	html_heads(writer, columns, "BOARDS");
	markup_line(writer, "<tbody>");
	json_array_foreach(rows, i, row) html_firmware_row(writer, row);
	markup_line(writer, "</tbody></table></section>");
}
