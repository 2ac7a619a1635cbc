/* SPDX-License-Identifier: MIT
 *
 * Trial boot from the running board's side: confirming the image, asking for another
 * one at the next start, naming what the slots hold. On boards without trial boot every
 * call answers -ENOSYS. The choice at the next start is boot_trial_select.c's.
 */
#ifndef WIPY_FIRMWARE_BOOT_TRIAL_H
#define WIPY_FIRMWARE_BOOT_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/include/hal.h"

struct wipy_board;

/* The running image stays. 0 too where there was nothing to confirm; a pending update
 * is left alone. */
int boot_trial_confirm(struct wipy_board *board) HAL_WARN_UNUSED;

/* The same for who can name the running image: `text` is its fingerprint, CR and LF at
 * its end do not count. -EINVAL: it is another one. */
int boot_trial_confirm_text(
	struct wipy_board *board, const char *text, size_t len) HAL_WARN_UNUSED;

/* Stores a wish for the next start, once, in safe mode or not: 1 the latest image, 2 the
 * one before it, 3 the factory's. Another image than the one that counts runs on trial
 * then: confirmed it stays, else the next reset goes back; an update that was pending
 * is dropped. The caller resets. -EINVAL: no such window; -ENOENT: the slot is empty or
 * torn. */
int boot_trial_safeboot(
	struct wipy_board *board, int window, bool safe) HAL_WARN_UNUSED;

/* What has been found out about the images of all slots: reading them takes seconds, so
 * it goes on in pieces. Zeros: nothing. */
struct boot_survey {
	bool begun;
	bool checking; /* board->boot.check is under way, or through */
	bool checked;
	uint64_t uploads; /* so many when it began */
	enum boot_verdict { BOOT_UNKNOWN, BOOT_BAD, BOOT_NAMED } verdicts[3];
	size_t name_at[3]; /* for slot_search() */
};

/* Goes on with it. -EAGAIN: call again, others first; 0: all is known, until an upload
 * begins. */
int boot_trial_survey(struct wipy_board *board) HAL_WARN_UNUSED;
/* The next one begins anew. */
void boot_trial_survey_end(struct wipy_board *board);

/* Writes what slot 0 (factory), 1 or 2 holds, once all is known: the fingerprint,
 * "empty", "torn" or "bad" (it cannot be read, fails its check or names no version).
 * Returns the length; -EINVAL: no such slot; -ENOSPC: `cap`, WIPY_FINGERPRINT_MAX is
 * always enough. */
int boot_trial_slots(
	struct wipy_board *board, int slot, char *buf, size_t cap) HAL_WARN_UNUSED;

#endif
