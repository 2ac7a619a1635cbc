/* SPDX-License-Identifier: MIT
 *
 * Bytes on their way: what a client has sent and the board does not see yet, in the
 * pieces and the order in which it came. Takes memory only while something is on its
 * way.
 */
#ifndef WIPY_PORT_LINUX_PARCEL_H
#define WIPY_PORT_LINUX_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PARCELS_MAX 8192 /* bytes of one connection, as much as a board's window */

struct parcel;

struct parcels {
	struct parcel *first, *last;
	size_t len; /* bytes in all of them */
};

/* Adds a piece that is seen at `due_ms`, but not before the one in front of it. Of 0
 * bytes and `end` 1: an end of file, -ECONNRESET: a reset; nothing comes behind these.
 * False: no memory. */
bool parcels_put(struct parcels *parcels, int64_t due_ms, const uint8_t *bytes,
	size_t len, int end);

/* When the first piece is seen; INT64_MAX: there is none. */
int64_t parcels_due_ms(const struct parcels *parcels);

/* An end or a reset is among them. */
bool parcels_ended(const struct parcels *parcels);

/* Takes up to `len` bytes of the first piece, and never of two. Returns their number, 0
 * at the end of file, -ECONNRESET, or -EAGAIN where nothing is seen yet at now_ms. An
 * end stays and is read again. */
int parcels_take(struct parcels *parcels, int64_t now_ms, uint8_t *buf, size_t len);

/* All of them are seen at now_ms at the latest. */
void parcels_hurry(struct parcels *parcels, int64_t now_ms);

void parcels_drop(struct parcels *parcels);

#endif
