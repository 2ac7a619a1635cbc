/* SPDX-License-Identifier: MIT
 *
 * What is stored under the special names beside the image: service pack, certificates
 * (WIRE.md 2.10). On the boards it lies in the radio's file system: no listing shows it,
 * no boot record tells of it. Each WIPY_SPECIAL_AUX row of the family has a place of
 * whole sectors in HAL_AREA_AUX, in the order of the rows: a header, then the bytes. The
 * header's sector is erased first and the header written last: a power cut leaves an
 * empty place and never a torn one. Nothing here reads it back: what would is in the
 * radio.
 */
#ifndef WIPY_FIRMWARE_AUX_STORE_H
#define WIPY_FIRMWARE_AUX_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/personality.h"
#include "firmware/include/hal.h"

struct aux_writer {
	bool open;
	bool broken;  /* flash failed, or too much came: not closed as whole */
	size_t place; /* offset in the area */
	size_t max;
	size_t written_len; /* on flash, a multiple of 4 */
	size_t tail_len;
	uint8_t tail[4];
};

/* Empties the place. -ENOSPC: the area has no room for it. */
int aux_open(struct aux_writer *writer, struct hal *hal,
	const struct wipy_personality *personality,
	const struct wipy_special *special) HAL_WARN_UNUSED;
/* -EFBIG: more than the row allows; -EIO. The place will be empty after either. A
 * sector is erased when the bytes reach it: at most one for up to a sector of them. */
int aux_append(struct aux_writer *writer, struct hal *hal, const uint8_t *bytes,
	size_t len) HAL_WARN_UNUSED;
/* Whatever has come is what the place holds. Does nothing when none is open. Nobody has
 * to care for the error: the place is empty then. */
int aux_close(struct aux_writer *writer, struct hal *hal);

#endif
