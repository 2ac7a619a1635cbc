/* SPDX-License-Identifier: MIT
 *
 * Counts and durations.
 */
#include "daemon/core/tally.h"

/* From what nobody notices to what the watchdog does. */
static const struct {
	uint64_t us;
	const char *seconds;
} bounds[HISTOGRAM_BUCKETS + 1] = {
	{100, "0.0001"},
	{1000, "0.001"},
	{5000, "0.005"},
	{10000, "0.01"},
	{25000, "0.025"},
	{50000, "0.05"},
	{100000, "0.1"},
	{250000, "0.25"},
	{500000, "0.5"},
	{1000000, "1.0"},
	{2500000, "2.5"},
	{10000000, "10.0"},
	{0, "+Inf"},
};

void tally_add(struct tally *tally, int key)
{
	for (size_t i = 0; i < TALLY_ROWS; i++) {
		struct tally_row *row = &tally->row[i];

		if (row->count > 0 && row->key != key)
			continue;
		row->key = key;
		row->count++;
		return;
	}
	tally->others++;
}

void histogram_add(struct histogram *histogram, uint64_t us)
{
	size_t i = 0;

	while (i < HISTOGRAM_BUCKETS && us > bounds[i].us)
		i++;
	histogram->bucket[i]++;
	histogram->sum_us += us;
}

uint64_t histogram_bound_us(size_t bucket)
{
	return bounds[bucket].us;
}

const char *histogram_bound(size_t bucket)
{
	return bounds[bucket].seconds;
}
