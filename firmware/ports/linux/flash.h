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

/* Lets go of the board's file; the next access opens it again. */
void flash_rest(struct hal *hal);

#endif
