/* SPDX-License-Identifier: MIT
 *
 * The service manager's protocol (sd_notify(3)) in a few lines, without libsystemd.
 */
#ifndef WIPY_EDGE_NOTIFY_H
#define WIPY_EDGE_NOTIFY_H

#include <stdint.h>

/* Sends e.g. "READY=1\nSTATUS=..." to $NOTIFY_SOCKET (path or abstract); nothing happens
 * without one. Never blocks; a lost datagram is no error. */
void notify_send(const char *state);
/* RELOADING=1 with MONOTONIC_USEC, as Type=notify-reload and notify want it. */
void notify_reloading(void);
/* Half of $WATCHDOG_USEC in ms, if it is meant for this process ($WATCHDOG_PID); else 0. */
int64_t notify_watchdog_ms(void);

#endif
