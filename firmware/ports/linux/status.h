/* SPDX-License-Identifier: MIT
 *
 * What `wipyboard ctl SOCKET status` says about a board.
 */
#ifndef WIPY_PORT_LINUX_STATUS_H
#define WIPY_PORT_LINUX_STATUS_H

#include <jansson.h>

#include "firmware/ports/linux/port.h"

/* A new reference. */
json_t *status_of_board(struct hal *hal);

#endif
