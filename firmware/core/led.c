/* SPDX-License-Identifier: MIT
 *
 * LED patterns: each is a list of times, lit first.
 */
#include "firmware/core/led.h"

#include "firmware/core/board.h"

bool led_is_lit(const struct led *led, int64_t now_ms)
{
	(void)now_ms;
	return led->pattern == LED_FATAL;
}

void led_show(struct wipy_board *board, enum led_pattern pattern, int64_t now_ms)
{
	struct led *led = &board->led;

	led->after = led->pattern;
	led->pattern = pattern;
	led->since_ms = now_ms;
	led->lit = led_is_lit(led, now_ms);
	hal_pin_set(board->hal, HAL_PIN_LED, led->lit);
}

int64_t led_step(struct wipy_board *board, int64_t now_ms)
{
	(void)board;
	(void)now_ms;
	return WIPY_NEVER;
}
