/* SPDX-License-Identifier: MIT
 *
 * From reset to a chosen image: reads the record, looks at the slots, checks what the
 * choice (boot_select.h) hangs on, watches the safe-boot pin (WIRE.md 3.3, 3.5),
 * writes, all in small steps.
 */
#ifndef WIPY_FIRMWARE_BOOT_H
#define WIPY_FIRMWARE_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/boot_record.h"
#include "firmware/core/boot_select.h"
#include "firmware/core/personality.h"
#include "firmware/core/slot.h"
#include "firmware/core/slot_check.h"

enum boot_phase { BOOT_READING, BOOT_CHECKING, BOOT_PIN, BOOT_DONE };

/* One boot under way. */
struct boot {
	const struct wipy_personality *personality;
	enum boot_phase phase;
	bool lit; /* the LED, as it was set last */
	bool pin_done;
	bool unreadable; /* flash failed: this boot changes nothing on it */
	int pin_step;    /* looks at the pin so far, less the first */
	int64_t pin_due_ms;
	struct boot_facts facts;
	struct boot_choice choice; /* valid in BOOT_DONE */
	enum boot_slot check_slot;
	struct slot_check check;
};

/* `personality` is borrowed. */
void boot_start(struct boot *boot, const struct wipy_personality *personality);

/* Goes on. Returns when to call again (at or before now: at once), or -1 once
 * `phase` is BOOT_DONE: record and slots are then as the choice says. */
int64_t boot_step(struct boot *boot, struct hal *hal, int64_t now_ms);

#endif
