/* SPDX-License-Identifier: MIT
 *
 * Takes a firmware image that comes in over FTP. updater_plan() says where it goes and
 * what becomes of the boot record: a pure table (WIRE.md 3.2). struct updater writes it.
 * Nothing is verified here, as on the boards: the boot loader does that (WIRE.md 2.11).
 */
#ifndef WIPY_FIRMWARE_UPDATER_H
#define WIPY_FIRMWARE_UPDATER_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/boot_record.h"
#include "firmware/core/slot.h"

struct update_plan {
	enum boot_slot target;
	struct boot_record after; /* the record once the upload has ended */
	bool write;               /* it differs from the one before */
};

void updater_plan(bool has_record, const struct boot_record *record,
	struct update_plan *ret_plan);

struct updater {
	bool open;
	struct update_plan plan;
	struct slot_writer writer;
};

/* Empties the target slot. */
int updater_start(struct updater *updater, struct hal *hal, size_t max) HAL_WARN_UNUSED;
/* -EFBIG: larger than the slot may be. */
int updater_write(struct updater *updater, struct hal *hal, const uint8_t *bytes,
	size_t len) HAL_WARN_UNUSED;
/* The upload has ended, however it did: the slot is closed and the record flipped.
 * Does nothing when none is open. Returns the error of either; nobody has to care: a
 * slot that could not be closed is torn and fails its check. */
int updater_finish(struct updater *updater, struct hal *hal);

#endif
