/* SPDX-License-Identifier: MIT
 *
 * Confirming an image that runs on trial (WIPY_BOOT_TRIAL).
 */
#ifndef WIPY_FIRMWARE_BOOT_TRIAL_H
#define WIPY_FIRMWARE_BOOT_TRIAL_H

#include <stddef.h>

#include "firmware/include/hal.h"

struct wipy_board;

/* `text` is the fingerprint that the sender believes to be running; it is not
 * terminated. 0: confirmed; -EINVAL: another one runs. */
int boot_trial_confirm_text(
	struct wipy_board *board, const char *text, size_t len) HAL_WARN_UNUSED;

#endif
