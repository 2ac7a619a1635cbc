/* SPDX-License-Identifier: MIT
 *
 * Counts by status, and durations in buckets: at each bound, and beyond all of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/tally.h"
#include "tests/tap.h"

static void counts(void)
{
	struct tally tally = {.others = 0};

	tally_add(&tally, 0); /* as good a key as any */
	tally_add(&tally, -5);
	tally_add(&tally, 0);
	tap_ok(tally.row[0].key == 0 && tally.row[0].count == 2 &&
			tally.row[1].key == -5 && tally.row[1].count == 1 &&
			tally.row[2].count == 0,
		"each key has a row");
	for (int key = 1; key <= TALLY_ROWS; key++)
		tally_add(&tally, key);
	tap_ok(tally.others == 2 && tally.row[TALLY_ROWS - 1].key == TALLY_ROWS - 2,
		"what finds no row is counted together");
	tally_add(&tally, 1);
	tap_ok(tally.row[2].count == 2 && tally.others == 2,
		"what has one stays there");
}

static void durations(void)
{
	struct histogram histogram = {.sum_us = 0};
	uint64_t sum = 0;
	bool fits = true;

	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t bound = histogram_bound_us(i);

		fits = fits && strtod(histogram_bound(i), NULL) * 1e6 == (double)bound;
		histogram_add(&histogram, bound);
		histogram_add(&histogram, bound + 1);
		sum += 2 * bound + 1;
	}
	tap_ok(fits, "each bound is written as it is");
	tap_ok(histogram.bucket[0] == 1, "a bound belongs to its bucket");
	for (size_t i = 1; i < HISTOGRAM_BUCKETS; i++)
		tap_ok(histogram.bucket[i] == 2, "up to %s s", histogram_bound(i));
	tap_ok(histogram.bucket[HISTOGRAM_BUCKETS] == 1, "above all of them");
	tap_ok(histogram.sum_us == sum, "the sum");
}

int main(void)
{
	counts();
	durations();
	return tap_done();
}
