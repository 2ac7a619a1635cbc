/* SPDX-License-Identifier: MIT
 *
 * The boot record of Pycom boards as it lies on flash: 40 bytes at the start of one
 * sector, nine words and their CRC (WIRE.md 3.4). There is one copy: a power cut
 * between erasing and writing loses it, and the loader then takes slot 0, whatever is
 * there.
 */
#ifndef WIPY_FIRMWARE_BOOT_INFO_H
#define WIPY_FIRMWARE_BOOT_INFO_H

#include <stdint.h>

#include "firmware/core/boot_record.h"

#define BOOT_INFO_LEN 40

/* boot_record.extra, as stored. */
enum boot_info_safe {
	BOOT_INFO_SAFE_NONE = 0,
	BOOT_INFO_SAFE_PIN = 1, /* the boot that is over was a safe one */
	BOOT_INFO_SAFE_REQUESTED = 2,
};

/* -ENOENT: the CRC is wrong, or the status reads as erased flash. */
int boot_info_decode(const uint8_t bytes[BOOT_INFO_LEN],
	struct boot_record *ret_record) HAL_WARN_UNUSED;
void boot_info_encode(
	const struct boot_record *record, uint8_t ret_bytes[BOOT_INFO_LEN]);

int boot_info_read(struct hal *hal, struct boot_record *ret_record) HAL_WARN_UNUSED;
int boot_info_write(struct hal *hal, const struct boot_record *record) HAL_WARN_UNUSED;

/* The next start is a safe one, whatever the pin says (WIRE.md 1.11, 3.5). */
int boot_info_request_safe(struct hal *hal) HAL_WARN_UNUSED;

#endif
