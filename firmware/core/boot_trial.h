/* SPDX-License-Identifier: MIT
 *
 * Trial boot from the running board's side: confirming the image, asking for another
 * one at the next start, naming what the slots hold. On boards without trial boot every
 * call answers -ENOSYS. The choice at the next start is boot_trial_select.c's.
 */
#ifndef WIPY_FIRMWARE_BOOT_TRIAL_H
#define WIPY_FIRMWARE_BOOT_TRIAL_H

#include <stddef.h>

#include "firmware/include/hal.h"

struct wipy_board;

/* The running image stays. 0 too where there was nothing to confirm; a pending update
 * is left alone. */
int boot_trial_confirm(struct wipy_board *board) HAL_WARN_UNUSED;

/* The same for who can name the running image: `text` is its fingerprint, CR and LF at
 * its end do not count. -EINVAL: it is another one. */
int boot_trial_confirm_text(
	struct wipy_board *board, const char *text, size_t len) HAL_WARN_UNUSED;

/* Stores a wish for the next start, once and in safe mode: 1 the latest image, 2 the
 * one before it, 3 the factory's. Another image than the one that counts runs on trial
 * then: confirmed it stays, else the next reset goes back; an update that was pending
 * is dropped. The caller resets. -EINVAL: no such window; -ENOENT: the slot is empty or
 * torn. */
int boot_trial_safeboot(struct wipy_board *board, int window) HAL_WARN_UNUSED;

/* Writes what slot 0 (factory), 1 or 2 holds: the fingerprint, "empty", "torn" or "bad"
 * (it fails its check, or names no version). Reads the whole image. Returns the length;
 * -EINVAL: no such slot; -ENOSPC: `cap`, WIPY_FINGERPRINT_MAX is always enough. */
int boot_trial_slots(
	struct wipy_board *board, int slot, char *buf, size_t cap) HAL_WARN_UNUSED;

#endif
