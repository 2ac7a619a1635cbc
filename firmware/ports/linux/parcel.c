/* SPDX-License-Identifier: MIT
 *
 * A list of pieces.
 */
#include "config.h"

#include "firmware/ports/linux/parcel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parcel {
	struct parcel *next;
	int64_t due_ms;
	int end; /* 0: bytes */
	size_t at, len;
	uint8_t bytes[];
};

bool parcels_put(struct parcels *parcels, int64_t due_ms, const uint8_t *bytes,
	size_t len, int end)
{
	struct parcel *parcel = malloc(sizeof(*parcel) + len);

	if (!parcel)
		return false;
	*parcel = (struct parcel){.due_ms = due_ms, .end = end, .len = len};
	if (len > 0)
		memcpy(parcel->bytes, bytes, len);
	if (parcels->last) {
		if (parcels->last->due_ms > due_ms)
			parcel->due_ms = parcels->last->due_ms;
		parcels->last->next = parcel;
	} else {
		parcels->first = parcel;
	}
	parcels->last = parcel;
	parcels->len += len;
	return true;
}

int64_t parcels_due_ms(const struct parcels *parcels)
{
	return parcels->first ? parcels->first->due_ms : INT64_MAX;
}

bool parcels_ended(const struct parcels *parcels)
{
	return parcels->last && parcels->last->end != 0;
}

static void drop_first(struct parcels *parcels)
{
	struct parcel *parcel = parcels->first;

	parcels->first = parcel->next;
	if (!parcels->first)
		parcels->last = NULL;
	free(parcel);
}

int parcels_take(struct parcels *parcels, int64_t now_ms, uint8_t *buf, size_t len)
{
	struct parcel *parcel = parcels->first;
	size_t n;

	if (!parcel || parcel->due_ms > now_ms)
		return -EAGAIN;
	if (parcel->end != 0)
		return parcel->end < 0 ? parcel->end : 0;
	n = parcel->len - parcel->at < len ? parcel->len - parcel->at : len;
	memcpy(buf, parcel->bytes + parcel->at, n);
	parcel->at += n;
	parcels->len -= n;
	if (parcel->at == parcel->len)
		drop_first(parcels);
	return (int)n;
}

void parcels_hurry(struct parcels *parcels, int64_t now_ms)
{
	for (struct parcel *parcel = parcels->first; parcel; parcel = parcel->next)
		if (parcel->due_ms > now_ms)
			parcel->due_ms = now_ms;
}

void parcels_drop(struct parcels *parcels)
{
	while (parcels->first)
		drop_first(parcels);
	parcels->len = 0;
}
