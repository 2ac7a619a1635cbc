/* SPDX-License-Identifier: MIT
 *
 * Takes a firmware image that comes in over FTP. updater_plan() says where it goes and
 * what becomes of the boot record: pure tables (WIRE.md 3.2, 3.4). struct updater
 * writes it. Nothing is verified here, as on the boards: the boot loader does that
 * (WIRE.md 2.11).
 */
#ifndef WIPY_FIRMWARE_UPDATER_H
#define WIPY_FIRMWARE_UPDATER_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/core/boot_record.h"
#include "firmware/core/slot.h"

struct update_facts {
	bool has_record;
	struct boot_record record;
	bool one_slot; /* there is no second update slot (LaunchPad) */
	enum boot_slot running;
};

struct update_plan {
	enum boot_slot target;
	struct boot_record after; /* the record once the upload has ended */
	bool write;               /* it differs from the one before */
	bool fatal; /* the target is the slot that the board executes from */
};

/* 0, or -EBUSY: no slot may be written now (trial boot only: one runs, the other is
 * what the board falls back on; confirm or reset first). */
int updater_plan(enum wipy_boot_kind kind, const struct update_facts *facts,
	struct update_plan *ret_plan) HAL_WARN_UNUSED;

/* All zero: a classic board that runs its factory image. */
struct updater {
	enum wipy_boot_kind kind;
	enum boot_slot running;
	bool open;
	bool failed;  /* the slot was not opened; the record flips anyway (Pycom) */
	bool overran; /* the sector behind slot 0, the record's, is gone (Pycom) */
	bool crashed; /* the slot that executes was written: the board stops (Pycom) */
	struct update_plan plan;
	struct slot_writer writer;
};

void updater_init(
	struct updater *updater, enum wipy_boot_kind kind, enum boot_slot running);

/* Empties the target slot. `max`: bytes that the image may have, 0: as many as the slot
 * holds. On an error nothing is open, except on Pycom boards (WIRE.md 2.11):
 * updater_finish() is to be called there too. */
int updater_start(struct updater *updater, struct hal *hal, size_t max) HAL_WARN_UNUSED;
/* -EFBIG: larger than the slot may be. */
int updater_write(struct updater *updater, struct hal *hal, const uint8_t *bytes,
	size_t len) HAL_WARN_UNUSED;
/* The upload has ended, however it did: the slot is closed and the record flipped; with
 * trial boot only if a byte came. Does nothing when none is open. Returns the error of
 * either; nobody has to care: a slot that could not be closed is torn and fails its
 * check. */
int updater_finish(struct updater *updater, struct hal *hal);

#endif
