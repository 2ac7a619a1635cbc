/* SPDX-License-Identifier: MIT
 *
 * The token bucket, kept as the time at which it is even again: one number says both what
 * may go out at once and how long the next piece has to wait.
 */
#include "daemon/core/bucket.h"

#include <limits.h>

/* How much a bucket that was not used may give at once: what timers of whole
 * milliseconds lose is made up for, and a burst stays short. */
#define DEPTH_US 100000
/* Pieces of a push a second, where its share is small. */
#define PIECES 4

static int64_t users_of(const struct bucket *bucket)
{
	return bucket->users > 0 ? bucket->users : 1;
}

/* A rate that was lowered under running pushes feeds them until they end: a board whose
 * upload is starved is left dirty, and the planner lets no other one in meanwhile. */
static int64_t rate_of(const struct bucket *bucket)
{
	int64_t floor = users_of(bucket) * BUCKET_FLOOR;

	return bucket->rate > floor ? bucket->rate : floor;
}

void bucket_join(struct bucket *bucket)
{
	bucket->users++;
}

void bucket_leave(struct bucket *bucket)
{
	bucket->users--;
}

size_t bucket_piece(const struct bucket *bucket, size_t most)
{
	int64_t piece = rate_of(bucket) / users_of(bucket) / PIECES;

	if (bucket->rate == 0)
		return most;
	return (size_t)piece < most ? (size_t)piece : most;
}

int64_t bucket_take(struct bucket *bucket, int64_t now_ms, size_t len)
{
	int64_t now_us = now_ms * 1000, go_us;

	if (bucket->rate == 0)
		return now_ms;
	if (bucket->free_us < now_us - DEPTH_US)
		bucket->free_us = now_us - DEPTH_US;
	go_us = bucket->free_us > now_us ? bucket->free_us : now_us;
	bucket->free_us += (int64_t)len * 1000000 / rate_of(bucket);
	return (go_us + 999) / 1000;
}

int bucket_feeds(int64_t rate)
{
	int64_t pushes = rate / BUCKET_FLOOR;

	if (rate == 0 || pushes > INT_MAX)
		return INT_MAX;
	return pushes > 0 ? (int)pushes : 1;
}
