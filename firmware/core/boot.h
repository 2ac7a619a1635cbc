/* SPDX-License-Identifier: MIT
 *
 * From reset to a chosen image. boot_select() is the choice: a pure table over the boot
 * record and the state of the slots (WIRE.md 3.2, 0.4). struct boot carries it out:
 * reads, checks, watches the safe-boot pin (WIRE.md 3.3), writes, in small steps.
 */
#ifndef WIPY_FIRMWARE_BOOT_H
#define WIPY_FIRMWARE_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/boot_record.h"
#include "firmware/core/slot.h"

enum boot_image { BOOT_IMAGE_ABSENT, BOOT_IMAGE_TORN, BOOT_IMAGE_BAD, BOOT_IMAGE_GOOD };

/* What the safe-boot pin asks for; it decides this one boot and is not stored. */
enum boot_pick {
	BOOT_PICK_ACTIVE,
	BOOT_PICK_SAFE,
	BOOT_PICK_PREVIOUS,
	BOOT_PICK_FACTORY
};

struct boot_facts {
	bool has_record;
	struct boot_record record;
	enum boot_image image[BOOT_SLOT_COUNT]; /* GOOD too where nothing was checked */
	enum boot_pick pick;
};

struct boot_choice {
	struct boot_record next; /* the record from now on */
	bool write;              /* it differs from what is stored */
	bool delete_image;       /* the image of `deleted` failed its check */
	enum boot_slot deleted;
	enum boot_slot run;
	bool halt; /* the image to run is not there: stop, LED on, no network */
	bool safe; /* boot.py and main.py are skipped */
};

/* True if the record asks for the check of an image; which one in ret_slot. */
bool boot_needs_check(
	bool has_record, const struct boot_record *record, enum boot_slot *ret_slot);

void boot_select(const struct boot_facts *facts, struct boot_choice *ret_choice);

enum boot_phase { BOOT_READING, BOOT_CHECKING, BOOT_PIN, BOOT_DONE };

/* One boot under way. */
struct boot {
	enum boot_phase phase;
	struct boot_facts facts;
	struct boot_choice choice; /* valid in BOOT_DONE */
	struct slot_check check;
	enum boot_slot check_slot;
	int64_t pin_at_ms; /* when the pin was first looked at */
	int64_t pin_due_ms;
	int pin_step;
};

void boot_start(struct boot *boot);

/* Goes on. Returns when to call again (at or before now: at once), or -1 once
 * `phase` is BOOT_DONE: record and slots are then as the choice says. */
int64_t boot_step(struct boot *boot, struct hal *hal, int64_t now_ms);

#endif
