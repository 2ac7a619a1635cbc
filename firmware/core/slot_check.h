/* SPDX-License-Identifier: MIT
 *
 * Proves the image in a slot as the family's boot loader does (WIRE.md 3.1, 5.3, 5.4),
 * in pieces, so that a check never holds up the machine.
 */
#ifndef WIPY_FIRMWARE_SLOT_CHECK_H
#define WIPY_FIRMWARE_SLOT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "common/esp_image.h"
#include "common/md5.h"
#include "firmware/core/personality.h"
#include "firmware/include/hal.h"

struct slot_check {
	enum hal_area area;
	enum wipy_proof proof;
	size_t len; /* of the image and its trailer */
	size_t done_len;
	size_t md5_len; /* bytes that a trailer speaks for; 0: none counts */
	struct wipy_md5 md5;
	struct wipy_esp_image esp;
};

/* False: nothing to check (absent, torn, or no longer than a trailer). */
bool slot_check_start(struct slot_check *check, struct hal *hal, enum hal_area area,
	enum wipy_proof proof);
/* -EAGAIN: go on; 0: the image is right; WIPY_E_IMAGE_MD5 or WIPY_E_GARBAGE: it is
 * not; or an error of the flash. */
int slot_check_step(struct slot_check *check, struct hal *hal) HAL_WARN_UNUSED;
/* All steps at once. */
int slot_check_run(struct slot_check *check, struct hal *hal) HAL_WARN_UNUSED;

#endif
