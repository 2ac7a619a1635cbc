/* SPDX-License-Identifier: MIT
 *
 * The boot record: which image is to run, whether it has been checked, which one ran
 * before (WIRE.md 3.1). The four bytes are the classic ones; on flash they live in two
 * copies with a sequence number and a CRC, and only the older copy is ever rewritten,
 * so that a power cut leaves one that is whole. Pycom boards store theirs in another
 * way, boot_info.h; boot_record_load() and boot_record_save() know both.
 */
#ifndef WIPY_FIRMWARE_BOOT_RECORD_H
#define WIPY_FIRMWARE_BOOT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/personality.h"
#include "firmware/include/hal.h"

#define BOOT_RECORD_LEN 4

/* Values on flash: frozen. Other values occur and are carried along (WIRE.md 0.4). */
enum boot_slot {
	BOOT_FACTORY = 0,
	BOOT_UPDATE1 = 1,
	BOOT_UPDATE2 = 2, /* on Pycom boards another name of the factory slot */
	BOOT_SLOT_COUNT
};
enum boot_status {
	BOOT_CHECK = 0, /* written, to be verified at the next boot */
	BOOT_READY = 1,
	BOOT_TRIAL = 2, /* started once; falls back at the next boot unless confirmed */
};

#define BOOT_WISH_PLAIN 4 /* not in safe mode: boot.py and main.py run */

struct boot_record {
	uint8_t active;   /* enum boot_slot */
	uint8_t status;   /* enum boot_status */
	uint8_t previous; /* enum boot_slot */
	/* classic: nothing, kept as it was found; trial: a slot + 1 to be started once,
	 * in safe mode or with BOOT_WISH_PLAIN; Pycom: the stored safe boot (WIRE.md
	 * 3.5) */
	uint8_t extra;
};

/* The image area that a record byte means: everything unknown is the factory image. */
enum boot_slot boot_record_slot(uint8_t value);
enum hal_area boot_record_area(enum boot_slot slot);

bool boot_record_equal(const struct boot_record *a, const struct boot_record *b);

/* A record shorter than four bytes reads as if filled up with zeros. */
void boot_record_decode(
	const uint8_t *bytes, size_t len, struct boot_record *ret_record);
void boot_record_encode(
	const struct boot_record *record, uint8_t ret_bytes[BOOT_RECORD_LEN]);

/* Reads the newest whole copy. -ENOENT: there is none; another error: the flash failed,
 * and there may be one. */
int boot_record_read(struct hal *hal, struct boot_record *ret_record) HAL_WARN_UNUSED;

/* Writes a new copy over the older one; nothing where that cannot be told. */
int boot_record_write(
	struct hal *hal, const struct boot_record *record) HAL_WARN_UNUSED;

/* The same in the form that this kind of board has on its flash. */
int boot_record_load(struct hal *hal, enum wipy_boot_kind kind,
	struct boot_record *ret_record) HAL_WARN_UNUSED;
int boot_record_save(struct hal *hal, enum wipy_boot_kind kind,
	const struct boot_record *record) HAL_WARN_UNUSED;

#endif
