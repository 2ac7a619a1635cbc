/* SPDX-License-Identifier: MIT
 *
 * Runs many virtual boards on one epoll loop. A board that waits costs nothing: it is
 * stepped when one of its sockets is ready or the time it asked for has come.
 */
#ifndef WIPY_PORT_LINUX_FLEET_H
#define WIPY_PORT_LINUX_FLEET_H

#include "firmware/ports/linux/port.h"

/* Runs until SIGTERM, SIGINT or the control command quit. Returns 0, or a negative
 * number with a sentence in ret_error. */
int fleet_run(const struct options *options, struct errtext *ret_error) WARN_UNUSED;

#endif
