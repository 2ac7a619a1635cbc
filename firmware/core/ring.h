/* SPDX-License-Identifier: MIT
 *
 * A ring of bytes over memory that its owner holds.
 */
#ifndef WIPY_FIRMWARE_RING_H
#define WIPY_FIRMWARE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/include/hal.h"

struct ring {
	uint8_t *at; /* borrowed */
	size_t cap;
	size_t head; /* the oldest byte */
	size_t len;
};

void ring_init(struct ring *ring, uint8_t *at, size_t cap);
size_t ring_room(const struct ring *ring);
/* All of it or nothing; false: no room. */
bool ring_put(struct ring *ring, const void *bytes, size_t len);
/* Takes the oldest byte; the ring must not be empty. */
uint8_t ring_take(struct ring *ring);

/* Sends as much as the connection takes. Returns the bytes sent, or the error of
 * hal_net_send() if that was not -EAGAIN. */
int ring_send(struct ring *ring, struct hal *hal, int conn);

#endif
