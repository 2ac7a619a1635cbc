/* SPDX-License-Identifier: MIT
 *
 * The fleet's clock. A real one runs by itself. A virtual one stands still until it is
 * sent ahead: then every board's step and every socket's news up to the new time happen
 * in order, as fast as the machine can.
 */
#ifndef WIPY_PORT_LINUX_CLOCK_H
#define WIPY_PORT_LINUX_CLOCK_H

#include "firmware/ports/linux/port.h"

#define CLOCK_SPAN_MAX_MS ((int64_t)366 * 24 * 3600 * 1000)

/* Milliseconds of the machine's own monotonic clock. */
int64_t clock_real_ms(void);

/* Reads how far to go: "+250", "+250ms", "+10s", "+5m", "+1h". -EINVAL: it is not that,
 * or more than CLOCK_SPAN_MAX_MS. */
int clock_parse_span(const char *text, int64_t *ret_ms) WARN_UNUSED;

/* Sends a virtual clock ahead. -EBUSY: it is on its way; -ENOTSUP: it is a real one. */
int clock_send(struct fleet *fleet, int64_t span_ms) WARN_UNUSED;

/* For how long the loop may sleep, as epoll_wait() wants it. */
int clock_wait_ms(const struct fleet *fleet);

/* One turn of the clock, after the sockets have been asked; `news`: one of them had
 * some. Steps the boards that are due. True: a clock that was sent ahead has arrived. */
bool clock_turn(struct fleet *fleet, bool news);

#endif
