/* SPDX-License-Identifier: MIT
 *
 * Reading windows and drawing a moment of them.
 */
#include "config.h"

#include "cli/rescue_pin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/shape.h"

static bool read_window(const json_t *json, int begins_ms, struct rescue_window *window)
{
	long long from = shape_number(json, "from_ms"),
		  to = shape_number(json, "to_ms");
	long long release = shape_number(json, "release_ms");
	long long blink = shape_number(json, "blink_ms");

	if (from < begins_ms || to <= from || to > RESCUE_SPAN_MAX || release < from ||
		release > to || blink < 10 || blink > to - from)
		return false;
	window->from_ms = (int)from;
	window->to_ms = (int)to;
	window->release_ms = (int)release;
	window->blink_ms = (int)blink;
	snprintf(window->boots, sizeof(window->boots), "%s",
		shape_cell(shape_object(json, "boots"), "text"));
	return true;
}

int rescue_pin_read(const json_t *card, struct rescue_pin *ret_pin)
{
	const json_t *windows = shape_list(card, "windows");
	long long use = shape_number(card, "window");
	struct rescue_pin pin = {.use = (int)use};
	int begins_ms = 0;

	if (use < 1 || use > RESCUE_WINDOWS ||
		json_array_size(windows) != RESCUE_WINDOWS)
		return -EINVAL;
	snprintf(pin.name, sizeof(pin.name), "%s", shape_cell(card, "pin"));
	for (size_t i = 0; i < RESCUE_WINDOWS; i++) {
		if (!read_window(json_array_get(windows, i), begins_ms, &pin.window[i]))
			return -EINVAL;
		begins_ms = pin.window[i].to_ms;
	}
	*ret_pin = pin;
	return 0;
}

/* Which window is open then; 0 before the first, between two the later one is near. */
static int window_at(const struct rescue_pin *pin, int ms)
{
	for (int i = 0; i < RESCUE_WINDOWS; i++)
		if (ms < pin->window[i].to_ms)
			return ms < pin->window[i].from_ms ? 0 : i + 1;
	return RESCUE_WINDOWS + 1;
}

struct rescue_moment rescue_pin_at(const struct rescue_pin *pin, int ms)
{
	const struct rescue_window *use = &pin->window[pin->use - 1], *open;
	struct rescue_moment moment = {
		.window = window_at(pin, ms),
		/* No release ends the last window: it is held to its end. */
		.let_go = ms >=
			  (pin->use == RESCUE_WINDOWS ? use->to_ms : use->release_ms),
		.over = ms >= use->to_ms,
	};

	if (moment.window >= 1 && moment.window <= RESCUE_WINDOWS) {
		open = &pin->window[moment.window - 1];
		moment.led = (ms - open->from_ms) / open->blink_ms % 2 == 0;
	}
	return moment;
}

void rescue_pin_bar(
	const struct rescue_pin *pin, int ms, int cells, char ret_bar[RESCUE_BAR_MAX])
{
	int end_ms = pin->window[RESCUE_WINDOWS - 1].to_ms;
	const struct rescue_window *use = &pin->window[pin->use - 1];
	int mark_ms = pin->use == RESCUE_WINDOWS ? use->to_ms - 1 : use->release_ms;

	if (cells > RESCUE_BAR_MAX - 1)
		cells = RESCUE_BAR_MAX - 1;
	for (int i = 0; i < cells; i++) {
		int from_ms = (int)((long long)end_ms * i / cells);
		int to_ms = (int)((long long)end_ms * (i + 1) / cells);
		int window = window_at(pin, from_ms);

		if (mark_ms >= from_ms && mark_ms < to_ms)
			ret_bar[i] = '!';
		else if (to_ms <= ms)
			ret_bar[i] = '#';
		else
			ret_bar[i] = window == 0 ? '.' : (char)('0' + window);
	}
	ret_bar[cells > 0 ? cells : 0] = '\0';
}
