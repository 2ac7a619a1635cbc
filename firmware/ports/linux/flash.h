/* SPDX-License-Identifier: MIT
 *
 * The flash of virtual boards: one sparse file a board. Bytes are stored inverted, so
 * that erased flash (FF) is a hole. The factory image is shared by all boards of a
 * folder until a board changes it.
 */
#ifndef WIPY_PORT_LINUX_FLASH_H
#define WIPY_PORT_LINUX_FLASH_H

#include "firmware/ports/linux/port.h"

/* Opens the folder (made if missing), locks it, reads its factory image or takes
 * `image` as the factory image of a new one. */
int flash_open_folder(struct fleet *fleet, const char *dir, const char *image,
	struct errtext *ret_error) WARN_UNUSED;
void flash_close_folder(struct fleet *fleet);

/* Reads a whole file that fits into an image slot; the caller frees *ret_bytes. */
int flash_read_file(const struct fleet *fleet, int dir_fd, const char *path,
	uint8_t **ret_bytes, size_t *ret_len) WARN_UNUSED;

/* Lets go of the board's file; the next access opens it again. */
void flash_rest(struct hal *hal);

/* Another board's file is used from now on, or this one's again: FAULT_SWAP. */
void flash_forget(struct hal *hal);

/* Whether the board's factory image is no longer the one that the folder shares. */
bool flash_factory_changed(const struct hal *hal);

/* ---- by hand: no fault strikes, no time passes -------------------------------- */

int flash_erase_by_hand(struct hal *hal, enum hal_area area) WARN_UNUSED;
/* Puts the file's bytes into an image slot; "absent": empties it; "torn": what lies
 * there was opened for writing and never closed. */
int flash_put_slot(struct hal *hal, enum hal_area area, const char *what,
	struct errtext *ret_error) WARN_UNUSED;
/* The bytes up to the last one that is not erased: all that is known of a torn image. */
size_t flash_used(struct hal *hal, enum hal_area area, size_t from);

#endif
