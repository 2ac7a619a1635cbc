/* SPDX-License-Identifier: MIT
 *
 * One image slot on flash: a header sector, then the image. The header tells absent,
 * torn (opened for writing and never closed) and whole apart, as the radio's file store
 * does on the boards (WIRE.md 3.1, transcripts).
 */
#ifndef WIPY_FIRMWARE_SLOT_H
#define WIPY_FIRMWARE_SLOT_H

#include <stddef.h>
#include <stdint.h>

#include "common/fingerprint.h"
#include "firmware/include/hal.h"

#define SLOT_HEADER_LEN HAL_FLASH_SECTOR
#define SLOT_BLOCK      512

/* UNREADABLE: the flash does not tell, whatever may be in it. */
enum slot_state { SLOT_ABSENT, SLOT_TORN, SLOT_WHOLE, SLOT_UNREADABLE };

/* What is in the slot; for a whole one its bytes in ret_len (may be NULL). */
enum slot_state slot_state(struct hal *hal, enum hal_area area, size_t *ret_len);

/* Reads bytes of the image; what fails is tried a few times. */
int slot_read(struct hal *hal, enum hal_area area, size_t offset, void *buf,
	size_t len) HAL_WARN_UNUSED;

/* Forgets the image. */
int slot_delete(struct hal *hal, enum hal_area area) HAL_WARN_UNUSED;

/* The 12 bytes a header starts with once its slot is whole, for tools that make flash
 * contents. */
#define SLOT_HEADER_BYTES 12
void slot_header(size_t len, uint8_t ret_bytes[SLOT_HEADER_BYTES]);

/* Writing: open empties the slot, append takes any number of bytes, close makes it
 * whole. In between the slot is torn. */
struct slot_writer {
	enum hal_area area;
	bool broken;        /* flash has failed: it stays torn */
	size_t max;         /* bytes that the image may have */
	size_t written_len; /* on flash */
	size_t block_len;
	uint8_t block[SLOT_BLOCK];
};

int slot_open(struct slot_writer *writer, struct hal *hal, enum hal_area area,
	size_t max) HAL_WARN_UNUSED;
/* -EFBIG: more than `max`; what fitted is kept. */
int slot_append(struct slot_writer *writer, struct hal *hal, const uint8_t *bytes,
	size_t len) HAL_WARN_UNUSED;
int slot_close(struct slot_writer *writer, struct hal *hal) HAL_WARN_UNUSED;

/* Looks for the fingerprint in the slot's image, of whatever family (WIRE.md 4.4, last
 * point), a piece at each call: the same answer as wipy_image_find_fingerprint() on the
 * whole image. `at` is 0 at first and then where the search has come to; once it is
 * found, a call with that place finds it again at once. -EAGAIN: go on;
 * WIPY_E_IMAGE_NO_VERSION: there is none; or an error of the flash. */
int slot_search(struct hal *hal, enum hal_area area, size_t *at,
	struct wipy_fingerprint *ret_fp) HAL_WARN_UNUSED;
/* All pieces at once. */
int slot_find_fingerprint(struct hal *hal, enum hal_area area,
	struct wipy_fingerprint *ret_fp) HAL_WARN_UNUSED;

#endif
