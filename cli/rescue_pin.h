/* SPDX-License-Identifier: MIT
 *
 * The windows of a board's safe-boot pin as a person at the bench meets them: what the LED
 * shows at a moment after the reset, and when to let go (WIRE.md 3.3, 3.5). Pure.
 */
#ifndef WIPY_CLI_RESCUE_PIN_H
#define WIPY_CLI_RESCUE_PIN_H

#include <jansson.h>
#include <stdbool.h>

#include "common/err.h"

#define RESCUE_WINDOWS  3
#define RESCUE_BAR_MAX  128
#define RESCUE_SPAN_MAX 60000 /* ms: no windows are open for longer */

struct rescue_window {
	int from_ms, to_ms, release_ms, blink_ms; /* since the reset */
	char boots[320];
};

struct rescue_pin {
	char name[32]; /* "GP28" */
	int use;       /* the window to let go in: 1 to 3 */
	struct rescue_window window[RESCUE_WINDOWS];
};

/* From a card of the API. Returns 0, or -EINVAL: windows that no board has. */
int rescue_pin_read(const json_t *card, struct rescue_pin *ret_pin) WARN_UNUSED;

struct rescue_moment {
	int window;  /* that is open: 1 to 3; 0: none yet; 4: all are over */
	bool led;    /* it is on */
	bool let_go; /* the time to let go has come */
	bool over;   /* so has the end of the window that is used */
};
struct rescue_moment rescue_pin_at(const struct rescue_pin *pin, int ms);

/* The time until the last window's end in so many cells: '#' what has passed, '.' before
 * the first window, '1' '2' '3' what is ahead, '!' where to let go. */
void rescue_pin_bar(
	const struct rescue_pin *pin, int ms, int cells, char ret_bar[RESCUE_BAR_MAX]);

#endif
