/* SPDX-License-Identifier: MIT
 *
 * What lies between a board's socket and its core: the delays of the net, phases that a
 * fault holds up, and the bytes that faults take away or change. Where none of this is
 * asked for, bytes go straight through and nothing is kept.
 */
#ifndef WIPY_PORT_LINUX_NET_DELAY_H
#define WIPY_PORT_LINUX_NET_DELAY_H

#include "firmware/ports/linux/port.h"

/* epoll's news of a handle. */
void delay_event(struct source *source, uint32_t events);
/* Watches the handle's socket for what is wanted now. */
void delay_watch(struct handle *handle);

/* A client who waits at the listener may be accepted now. */
bool delay_may_accept(struct handle *handle);
/* As hal_net_recv() and hal_net_send(). */
int delay_recv(struct handle *handle, void *buf, size_t len);
int delay_send(struct handle *handle, const void *buf, size_t len);

/* Sends at once what is kept back. */
void delay_flush(struct handle *handle);
/* Forgets what is on its way in both directions. */
void delay_drop(struct handle *handle);

#endif
