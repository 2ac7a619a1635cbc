/* SPDX-License-Identifier: MIT
 *
 * The choice of an image: a pure function of the boot record, the state of the slots
 * and the safe-boot pin, one for each kind of board (WIRE.md 3.2, 3.4, 0.4; trial boot:
 * docs/decisions/0010). Nothing is read or written here; boot.c carries the choice out.
 */
#ifndef WIPY_FIRMWARE_BOOT_SELECT_H
#define WIPY_FIRMWARE_BOOT_SELECT_H

#include <stdbool.h>

#include "firmware/core/boot_record.h"

/* In this order: from UNCHECKED on a loader tries to start it. */
enum boot_image {
	BOOT_IMAGE_ABSENT,
	BOOT_IMAGE_TORN,
	BOOT_IMAGE_BAD,
	BOOT_IMAGE_UNCHECKED, /* whole, and nobody has looked inside */
	BOOT_IMAGE_GOOD
};

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
	enum boot_image image[BOOT_SLOT_COUNT];
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

/* True if the choice hangs on an image that nobody has looked into; which one in
 * ret_slot. Once it has been checked, there may be another. */
bool boot_check_due(enum wipy_boot_kind kind, const struct boot_facts *facts,
	enum boot_slot *ret_slot);

/* Counts an unchecked image as a good one. */
void boot_select(enum wipy_boot_kind kind, const struct boot_facts *facts,
	struct boot_choice *ret_choice);

/* The record byte that the pin's choice means. */
uint8_t boot_picked(enum boot_pick pick, const struct boot_record *record);

/* Each kind's part of the two above; `ret_choice` holds the stored record as `next`. */
bool boot_classic_check_due(const struct boot_facts *facts, enum boot_slot *ret_slot);
void boot_classic_select(
	const struct boot_facts *facts, struct boot_choice *ret_choice);
bool boot_pycom_check_due(const struct boot_facts *facts, enum boot_slot *ret_slot);
void boot_pycom_select(const struct boot_facts *facts, struct boot_choice *ret_choice);
bool boot_trial_check_due(const struct boot_facts *facts, enum boot_slot *ret_slot);
void boot_trial_select(const struct boot_facts *facts, struct boot_choice *ret_choice);

#endif
