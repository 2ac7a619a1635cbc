/* SPDX-License-Identifier: MIT
 *
 * What is counted while the daemon runs, for /metrics: how often something came out how,
 * and how long it took. Both only grow, and cost a few instructions.
 */
#ifndef WIPY_CORE_TALLY_H
#define WIPY_CORE_TALLY_H

#include <stddef.h>
#include <stdint.h>

#define TALLY_ROWS 16

/* Counts by a number (a status). Those beyond TALLY_ROWS different ones are counted
 * together. All zero: nothing yet. */
struct tally {
	struct tally_row {
		int key;
		uint64_t count; /* 0: a free row; they are filled from the first on */
	} row[TALLY_ROWS];
	uint64_t others;
};
void tally_add(struct tally *tally, int key);

#define HISTOGRAM_BUCKETS 12 /* and one for all above */

/* Durations. All zero: nothing yet. */
struct histogram {
	uint64_t bucket[HISTOGRAM_BUCKETS + 1]; /* each without those below */
	uint64_t sum_us;
};
void histogram_add(struct histogram *histogram, uint64_t us);
/* The upper bound of a bucket, which belongs to it, and the same in seconds as OpenMetrics
 * writes numbers; 0 and "+Inf" for the last one. */
uint64_t histogram_bound_us(size_t bucket);
const char *histogram_bound(size_t bucket);

#endif
