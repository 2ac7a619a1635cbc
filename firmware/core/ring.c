/* SPDX-License-Identifier: MIT
 *
 * A ring of bytes.
 */
#include "firmware/core/ring.h"

#include <errno.h>
#include <string.h>

void ring_init(struct ring *ring, uint8_t *at, size_t cap)
{
	*ring = (struct ring){.at = at, .cap = cap};
}

size_t ring_room(const struct ring *ring)
{
	return ring->cap - ring->len;
}

bool ring_put(struct ring *ring, const void *bytes, size_t len)
{
	size_t tail = (ring->head + ring->len) % ring->cap;
	size_t first = ring->cap - tail;

	if (len > ring_room(ring))
		return false;
	if (first > len)
		first = len;
	memcpy(ring->at + tail, bytes, first);
	memcpy(ring->at, (const uint8_t *)bytes + first, len - first);
	ring->len += len;
	return true;
}

uint8_t ring_take(struct ring *ring)
{
	uint8_t byte = ring->at[ring->head];

	ring->head = (ring->head + 1) % ring->cap;
	ring->len--;
	return byte;
}

int ring_send(struct ring *ring, struct hal *hal, int conn)
{
	int sent = 0;

	while (ring->len > 0) {
		size_t n = ring->cap - ring->head;
		int taken;

		if (n > ring->len)
			n = ring->len;
		taken = hal_net_send(hal, conn, ring->at + ring->head, n);
		if (taken == -EAGAIN || taken == 0)
			break;
		if (taken < 0)
			return taken;
		ring->head = (ring->head + (size_t)taken) % ring->cap;
		ring->len -= (size_t)taken;
		sent += taken;
	}
	return sent;
}
