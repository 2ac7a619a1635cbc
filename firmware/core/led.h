/* SPDX-License-Identifier: MIT
 *
 * What the LED shows once the boot loader is done with it: patterns as data (WIRE.md
 * 3.5, 3.6). The windows of the safe-boot pin are boot.c's own.
 */
#ifndef WIPY_FIRMWARE_LED_H
#define WIPY_FIRMWARE_LED_H

#include <stdbool.h>
#include <stdint.h>

struct wipy_board;

enum led_pattern {
	LED_OFF,
	LED_HEARTBEAT,    /* 80 ms on, 3920 ms off */
	LED_SCRIPT_ERROR, /* toggles every 50 ms for 1.2 s, then as before */
	LED_FATAL,        /* on for good */
	LED_PATTERN_COUNT
};

struct led {
	enum led_pattern pattern;
	enum led_pattern after; /* what follows a pattern that ends */
	int64_t since_ms;
	bool lit; /* as the pin was last set */
};

/* Shows the pattern from now on; one that ends goes back to the lasting one before. */
void led_show(struct wipy_board *board, enum led_pattern pattern, int64_t now_ms);

/* Lit at this moment? Pure; right at any time after the last led_show(). */
bool led_is_lit(const struct led *led, int64_t now_ms);

/* Sets the pin. Returns when the next edge is due, WIPY_NEVER where there is none or
 * the port asks by itself. */
int64_t led_step(struct wipy_board *board, int64_t now_ms);

#endif
