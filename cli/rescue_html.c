/* SPDX-License-Identifier: MIT
 *
 * The safe-boot card for a phone in the hand or for paper: the time line of the windows
 * with what the LED shows, then the card's lines.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/cmd_rescue.h"
#include "cli/markup.h"
#include "cli/page.h"
#include "cli/rescue_pin.h"
#include "cli/shape.h"

#define UNIT_MS 20 /* one unit of the drawing: a pixel of a phone, or nearly */
#define LEFT    10
#define LED_TOP 46
#define LED_LOW 62

static const char *const card_style[] = {
	"body{max-width:46rem}ol,ul{padding-left:1.4rem;margin:.25rem 0}"
	"li{margin:.35rem 0}",
	"code{display:block;background:var(--card);border:1px solid var(--line);"
	"padding:.35rem .5rem;margin:.25rem 0;overflow-wrap:anywhere}",
	"figure{margin:1rem 0}svg.line{display:block;width:100%;max-width:38rem;"
	"height:auto;font:15px system-ui,sans-serif}figcaption{color:var(--soft)}",
	".window{fill:var(--card);stroke:var(--line)}"
	".use{stroke:var(--done);stroke-width:3}.led{fill:var(--held_up)}"
	".line text{fill:var(--ink)}.mark{stroke:var(--failed);stroke-width:3}",
	NULL,
};

/* ---- the time line ----------------------------------------------------------------- */

static void rectangle(
	struct writer *writer, const char *class, int x, int y, int width, int height)
{
	markup_raw(writer, "<rect");
	markup_attribute(writer, "class", class);
	markup_number(writer, "x", x);
	markup_number(writer, "y", y);
	markup_number(writer, "width", width);
	markup_number(writer, "height", height);
	markup_line(writer, "/>");
}

static void label(struct writer *writer, int x, int y, const char *text)
{
	markup_raw(writer, "<text text-anchor=\"middle\"");
	markup_number(writer, "x", x);
	markup_number(writer, "y", y);
	markup_raw(writer, ">");
	markup_text(writer, text);
	markup_line(writer, "</text>");
}

static void draw_window(struct writer *writer, const struct rescue_pin *pin, int index)
{
	const struct rescue_window *window = &pin->window[index];
	int from = LEFT + window->from_ms / UNIT_MS,
	    to = LEFT + window->to_ms / UNIT_MS;
	char text[48];

	rectangle(writer, index + 1 == pin->use ? "window use" : "window", from, 36,
		to - from, 36);
	for (int ms = window->from_ms; ms < window->to_ms; ms += 2 * window->blink_ms)
		rectangle(writer, "led", LEFT + ms / UNIT_MS, LED_TOP,
			window->blink_ms / UNIT_MS, LED_LOW - LED_TOP);
	snprintf(text, sizeof(text), "window %d", index + 1);
	label(writer, (from + to) / 2, 98, text);
}

static void draw_mark(struct writer *writer, const struct rescue_pin *pin)
{
	const struct rescue_window *use = &pin->window[pin->use - 1];
	int ms = pin->use == RESCUE_WINDOWS ? use->to_ms : use->release_ms;
	char text[48];

	markup_raw(writer, "<line class=\"mark\"");
	markup_number(writer, "x1", LEFT + ms / UNIT_MS);
	markup_number(writer, "x2", LEFT + ms / UNIT_MS);
	markup_line(writer, " y1=\"28\" y2=\"78\"/>");
	snprintf(text, sizeof(text), "let go at %d.%d s", ms / 1000, ms % 1000 / 100);
	label(writer, LEFT + ms / UNIT_MS, 22, text);
}

static void draw_line(struct writer *writer, const struct rescue_pin *pin)
{
	int end = pin->window[RESCUE_WINDOWS - 1].to_ms / UNIT_MS;

	writer_put(writer, STYLE_PLAIN,
		"<figure><svg class=\"line\" viewBox=\"0 0 %d 108\" role=\"img\" "
		"aria-label=\"The windows of the pin, and when the LED is on\">",
		end + 2 * LEFT + 60);
	writer_end(writer);
	for (int i = 0; i < RESCUE_WINDOWS; i++)
		draw_window(writer, pin, i);
	draw_mark(writer, pin);
	markup_raw(writer, "</svg><figcaption>From the reset on: ");
	markup_text(writer, pin->name);
	markup_line(
		writer, " is held at 3V3; the bars are the LED.</figcaption></figure>");
}

static void window_row(struct writer *writer, const struct rescue_pin *pin, int index)
{
	const struct rescue_window *window = &pin->window[index];
	int ms = index + 1 == RESCUE_WINDOWS ? window->to_ms : window->release_ms;
	char text[48];

	snprintf(text, sizeof(text), "%d%s", index + 1,
		index + 1 == pin->use ? " (use this one)" : "");
	markup_raw(writer, "<tr>");
	markup_element(writer, "td", " data-title=\"Window\"", text);
	snprintf(text, sizeof(text), "%d.%d s", ms / 1000, ms % 1000 / 100);
	markup_element(writer, "td", " data-title=\"Let go at\"", text);
	snprintf(text, sizeof(text), "every %d ms", window->blink_ms);
	markup_element(writer, "td", " data-title=\"LED toggles\"", text);
	markup_element(writer, "td", " data-title=\"Boots\"", window->boots);
	markup_line(writer, "</tr>");
}

static void draw_windows(struct writer *writer, const json_t *card)
{
	struct rescue_pin pin;

	if (rescue_pin_read(card, &pin) < 0)
		return;
	draw_line(writer, &pin);
	markup_line(writer, "<table><thead><tr><th>Window</th><th>Let go at</th>"
			    "<th>LED toggles</th><th>Boots</th></tr></thead><tbody>");
	for (int i = 0; i < RESCUE_WINDOWS; i++)
		window_row(writer, &pin, i);
	markup_line(writer, "</tbody></table>");
}

/* ---- the lines --------------------------------------------------------------------- */

static bool has_part(const json_t *lines, const char *part)
{
	const json_t *line;
	size_t i;

	json_array_foreach(lines, i, line)
	{
		if (strcmp(shape_text(line, "part"), part) == 0)
			return true;
	}
	return false;
}

static void html_line(struct writer *writer, const json_t *line)
{
	const char *seen = shape_text(line, "seen");

	markup_raw(writer, "<li>");
	if (seen[0] != '\0') {
		markup_element(writer, "b", "", seen);
		markup_raw(writer, ": ");
	}
	markup_element(writer, shape_true(line, "command") ? "code" : "span", "",
		shape_text(line, "text"));
	markup_line(writer, "</li>");
}

static void html_part(
	struct writer *writer, const json_t *lines, const struct rescue_part *part)
{
	bool steps = strcmp(part->part, "step") == 0;
	bool grave = strcmp(part->part, "why") == 0 ||
		     strcmp(part->part, "power-cycle") == 0;
	const json_t *line;
	size_t i;

	if (!has_part(lines, part->part))
		return;
	markup_line(writer, grave ? "<section class=\"danger\">" : "<section>");
	markup_element(writer, "h2", "", part->head);
	writer_end(writer);
	markup_line(writer, steps ? "<ol>" : "<ul>");
	json_array_foreach(lines, i, line)
	{
		if (strcmp(shape_text(line, "part"), part->part) == 0)
			html_line(writer, line);
	}
	markup_line(writer, steps ? "</ol></section>" : "</ul></section>");
}

void rescue_html(struct writer *writer, const json_t *card)
{
	char title[160];

	snprintf(title, sizeof(title), "Safe-boot card of %s",
		shape_cell(card, "board"));
	page_begin(writer, title, card_style);
	markup_raw(writer, "<main>");
	markup_element(writer, "h1", "", title);
	writer_end(writer);
	for (const struct rescue_part *part = rescue_card_parts; part->part; part++) {
		html_part(writer, shape_list(card, "lines"), part);
		if (strcmp(part->part, "step") == 0)
			draw_windows(writer, card);
	}
	markup_raw(writer, "</main>");
	page_end(writer);
}
