/* SPDX-License-Identifier: MIT
 *
 * Chain values, and the walk that holds rows against them.
 */
#include "config.h"

#include "daemon/edge/store_chain.h"

#include <string.h>

#include "common/sha256.h"

_Static_assert(STORE_CHAIN_LEN == WIPY_SHA256_LEN, "a value is a SHA-256");

static void add_number(struct wipy_sha256 *sha, uint64_t value, size_t len)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
	wipy_sha256_update(sha, bytes, len);
}

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

void chain_next(const uint8_t before[STORE_CHAIN_LEN], const struct chain_row *row,
	uint8_t ret_value[STORE_CHAIN_LEN])
{
	struct wipy_sha256 sha;

	wipy_sha256_init(&sha);
	wipy_sha256_update(&sha, before, STORE_CHAIN_LEN);
	add_number(&sha, (uint64_t)row->seq, 8);
	add_number(&sha, (uint64_t)row->time_s, 8);
	/* With its length each: "ab","c" is not "a","bc". */
	for (size_t i = 0; i < CHAIN_PARTS; i++) {
		add_number(&sha, row->part[i].len, 4);
		if (row->part[i].len > 0)
			wipy_sha256_update(&sha, row->part[i].at, row->part[i].len);
	}
	wipy_sha256_final(&sha, ret_value);
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
