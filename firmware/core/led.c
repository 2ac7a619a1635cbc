/* SPDX-License-Identifier: MIT
 *
 * LED patterns as data. What is lit follows from the time alone, so that a board whose
 * port asks needs no timer for it.
 */
#include "firmware/core/led.h"

#include "firmware/core/board.h"

struct led_row {
	int on_ms; /* lit at the start of each period */
	int period_ms;
	int end_ms; /* 0: lasts */
};

static const struct led_row rows[LED_PATTERN_COUNT] = {
	[LED_OFF] = {0, 0, 0},
	[LED_HEARTBEAT] = {80, 4000, 0},
	[LED_SCRIPT_ERROR] = {50, 100, 1200},
	[LED_FATAL] = {1, 0, 0},
};

static bool has_ended(const struct led *led, int64_t now_ms)
{
	int end_ms = rows[led->pattern].end_ms;

	return end_ms > 0 && now_ms - led->since_ms >= end_ms;
}

/* The pattern that shows now: what follows begins when the one before ends. */
static struct led current(const struct led *led, int64_t now_ms)
{
	struct led shown = *led;

	if (has_ended(led, now_ms)) {
		shown.since_ms += rows[led->pattern].end_ms;
		shown.pattern = led->after;
	}
	return shown;
}

bool led_is_lit(const struct led *led, int64_t now_ms)
{
	struct led shown = current(led, now_ms);
	const struct led_row *row = &rows[shown.pattern];

	if (row->period_ms == 0)
		return row->on_ms > 0;
	return (now_ms - shown.since_ms) % row->period_ms < row->on_ms;
}

static void set_pin(struct wipy_board *board, int64_t now_ms)
{
	struct led *led = &board->led;

	led->lit = led_is_lit(led, now_ms);
	hal_pin_set(board->hal, HAL_PIN_LED, led->lit);
}

void led_show(struct wipy_board *board, enum led_pattern pattern, int64_t now_ms)
{
	struct led *led = &board->led;

	*led = current(led, now_ms);
	if (rows[led->pattern].end_ms == 0)
		led->after = led->pattern;
	led->pattern = pattern;
	led->since_ms = now_ms;
	set_pin(board, now_ms);
}

int64_t led_step(struct wipy_board *board, int64_t now_ms)
{
	struct led *led = &board->led;
	const struct led_row *row;
	int64_t in_ms;

	if (board->settings.led_by_asking)
		return WIPY_NEVER;
	*led = current(led, now_ms);
	set_pin(board, now_ms);
	row = &rows[led->pattern];
	if (row->period_ms == 0)
		return WIPY_NEVER;
	in_ms = (now_ms - led->since_ms) % row->period_ms;
	return now_ms - in_ms + (in_ms < row->on_ms ? row->on_ms : row->period_ms);
}
