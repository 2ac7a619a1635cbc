/* SPDX-License-Identifier: MIT
 *
 * Events as rows of the chain, and the walk that holds rows against it.
 */
#include "config.h"

#include "daemon/edge/store_chain.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/edge/store_backend.h"

static struct chain_part part_of(const char *text)
{
	return (struct chain_part){text, strlen(text)};
}

struct chain_row chain_row_of(const struct event *event)
{
	struct chain_row row = {.seq = event->seq, .time_s = event->time_s};

	row.part[CHAIN_ACTOR] = part_of(event->actor);
	row.part[CHAIN_BOARD] = part_of(event->board);
	if (event->has_rollout)
		row.part[CHAIN_ROLLOUT] =
			(struct chain_part){event->rollout.byte, ID_LEN};
	row.part[CHAIN_NAME] = part_of(event->name);
	row.part[CHAIN_DETAIL] = part_of(event->detail);
	row.part[CHAIN_CAUSE] = part_of(event->cause);
	return row;
}

void chain_page_add(struct store_export *page, const struct chain_row *row,
	const uint8_t value[STORE_CHAIN_LEN])
{
	struct store_export_row *added;
	size_t len = 1;
	char *bytes;

	for (size_t i = 0; i < CHAIN_PARTS; i++)
		len += row->part[i].len;
	page->row = store_grow(page->row, page->count, sizeof(*page->row));
	added = &page->row[page->count++];
	added->row = *row;
	added->bytes = bytes = store_alloc(len);
	memcpy(added->chain, value, STORE_CHAIN_LEN);
	for (size_t i = 0; i < CHAIN_PARTS; i++) {
		if (row->part[i].len > 0)
			memcpy(bytes, row->part[i].at, row->part[i].len);
		added->row.part[i].at = bytes;
		bytes += row->part[i].len;
	}
}

void chain_page_done(struct store_export *page)
{
	for (size_t i = 0; i < page->count; i++)
		free(page->row[i].bytes);
	free(page->row);
	page->row = NULL;
	page->count = 0;
}

/* ---- walking along it ------------------------------------------------------------ */

static bool fault(
	struct chain_walk *walk, enum store_fault what, int64_t first, int64_t last)
{
	walk->verdict.fault = what;
	walk->verdict.bad_first = first;
	walk->verdict.bad_last = last;
	return false;
}

void chain_walk_begin(struct chain_walk *walk, const struct chain_place *checkpoint)
{
	*walk = (struct chain_walk){.at = *checkpoint};
	walk->verdict.from_seq = walk->verdict.last_seq = checkpoint->seq;
	memcpy(walk->verdict.chain, checkpoint->value, STORE_CHAIN_LEN);
}

bool chain_walk_row(
	struct chain_walk *walk, const struct chain_row *row, const uint8_t *kept)
{
	struct chain_place next = {.seq = row->seq};

	chain_next(walk->at.value, row, next.value);
	if (!kept || memcmp(kept, next.value, STORE_CHAIN_LEN) != 0) {
		/* A gap alone is no fault: it may be older than the chain. */
		if (row->seq != walk->at.seq + 1)
			return fault(walk, STORE_FAULT_MISSING, walk->at.seq + 1,
				row->seq - 1);
		return fault(walk, STORE_FAULT_ALTERED, row->seq, row->seq);
	}
	walk->at = next;
	walk->verdict.count++;
	walk->verdict.last_seq = next.seq;
	memcpy(walk->verdict.chain, next.value, STORE_CHAIN_LEN);
	return true;
}

bool chain_walk_place(
	struct chain_walk *walk, const struct chain_place *place, bool head)
{
	if (place->seq > walk->at.seq)
		return fault(walk, STORE_FAULT_MISSING, walk->at.seq + 1, place->seq);
	if (place->seq < walk->at.seq)
		return fault(walk, STORE_FAULT_ADDED, place->seq + 1, walk->at.seq);
	if (memcmp(place->value, walk->at.value, STORE_CHAIN_LEN) != 0)
		return fault(walk, head ? STORE_FAULT_END : STORE_FAULT_CHECKPOINT,
			place->seq, place->seq);
	return true;
}
