/* SPDX-License-Identifier: MIT
 *
 * The token bucket on a virtual clock: pushes that send as fast as they may keep to the
 * rate together, none waits longer than a board does, and each gets its share.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "daemon/core/bucket.h"
#include "tests/tap.h"

#define MOST       16384
#define PUSHES_MAX 125
#define SPAN_MS    60000

static const struct {
	const char *name;
	int64_t rate;
	int pushes;
	int64_t slow_ms; /* what the first board needs for a piece beside the limit */
	int64_t lowered; /* the rate from the middle on; 0: as before */
} cases[] = {
	{"one push at the floor", BUCKET_FLOOR, 1, 0, 0},
	{"one push, 2 MB/s", 2000000, 1, 0, 0},
	{"three pushes, 500 kB/s", 500000, 3, 0, 0},
	{"as many as the rate feeds, 100 kB/s", 100000, 6, 0, 0},
	{"as many as the rate feeds, 1 MB/s", 1000000, 62, 0, 0},
	{"no whole number of pushes", 47999, 2, 0, 0},
	{"a slow board leaves its share to the others", 400000, 4, 900, 0},
	{"lowered, and still feeds them", 500000, 3, 0, 100000},
	{"lowered to what feeds one of 125", 2000000, 125, 0, BUCKET_FLOOR},
	{"lowered to what feeds 20 of 125", 2000000, 125, 0, 20 * BUCKET_FLOOR},
};

struct push {
	int64_t go_ms, last_ms, gap_ms, sent;
	size_t len;
};

/* What all of them get by the end: a lowered rate still feeds those that run. */
static int64_t bytes_wanted(size_t at)
{
	int64_t floor = (int64_t)cases[at].pushes * BUCKET_FLOOR;
	int64_t then = cases[at].lowered > floor ? cases[at].lowered : floor;

	if (cases[at].lowered == 0)
		return cases[at].rate * SPAN_MS / 1000;
	return (cases[at].rate + then) * (SPAN_MS / 2) / 1000;
}

static void test_rate(size_t at)
{
	struct bucket bucket = {.rate = cases[at].rate};
	struct push push[PUSHES_MAX] = {{0}};
	int64_t sent = 0, gap_ms = 0, least = INT64_MAX, want;

	for (int i = 0; i < cases[at].pushes; i++)
		bucket_join(&bucket);
	for (int64_t now_ms = 1000; now_ms < 1000 + SPAN_MS; now_ms++) {
		if (cases[at].lowered > 0 && now_ms == 1000 + SPAN_MS / 2)
			bucket.rate = cases[at].lowered;
		for (int i = 0; i < cases[at].pushes; i++) {
			struct push *p = &push[i];
			int64_t slow_ms = i == 0 ? cases[at].slow_ms : 0;

			if (p->len > 0 && now_ms >= p->go_ms) {
				if (p->last_ms > 0 && now_ms - p->last_ms > p->gap_ms)
					p->gap_ms = now_ms - p->last_ms;
				p->last_ms = now_ms;
				p->sent += (int64_t)p->len;
				sent += (int64_t)p->len;
				p->len = 0;
			}
			if (p->len > 0 || now_ms < p->last_ms + slow_ms)
				continue;
			p->len = bucket_piece(&bucket, MOST);
			p->go_ms = bucket_take(&bucket, now_ms, p->len);
		}
	}
	want = bytes_wanted(at);
	for (int i = 0; i < cases[at].pushes; i++) {
		gap_ms = push[i].gap_ms > gap_ms ? push[i].gap_ms : gap_ms;
		if (cases[at].slow_ms == 0 && push[i].sent < least)
			least = push[i].sent;
	}
	OK(sent <= want + cases[at].rate / 5 + (int64_t)MOST * cases[at].pushes,
		cases[at].name);
	if (!OK(sent >= want * 97 / 100, cases[at].name))
		printf("# %lld of %lld bytes\n", (long long)sent, (long long)want);
	if (!OK(gap_ms > 0 && gap_ms <= BUCKET_GAP_MS, cases[at].name))
		printf("# a gap of %lld ms\n", (long long)gap_ms);
	OK(cases[at].slow_ms > 0 || least >= want / cases[at].pushes * 9 / 10,
		cases[at].name);
}

/* Pushes come and go: the pieces fit the share, and nobody who is there starves. */
static void test_newcomers(void)
{
	struct bucket bucket = {.rate = 10 * BUCKET_FLOOR};
	int64_t go_ms = 0;

	bucket_join(&bucket);
	EQ_INT((int64_t)bucket_piece(&bucket, MOST), MOST, "alone: whole pieces");
	for (int i = 1; i < 10; i++)
		bucket_join(&bucket);
	EQ_INT((int64_t)bucket_piece(&bucket, MOST), BUCKET_FLOOR / 4,
		"ten: smaller pieces");
	EQ_INT((int64_t)bucket_piece(&bucket, 100), 100,
		"never more than is asked for");
	for (int i = 0; i < 10; i++)
		go_ms = bucket_take(&bucket, 5000, MOST);
	OK(go_ms - 5000 <= BUCKET_GAP_MS,
		"whole pieces of all of them are no long wait");
	for (int i = 0; i < 9; i++)
		bucket_leave(&bucket);
	EQ_INT((int64_t)bucket_piece(&bucket, MOST), MOST, "alone again");
	EQ_INT(bucket_take(&bucket, 100000, 1), 100000, "after a rest at once");
}

static void test_feeds(void)
{
	static const struct {
		int64_t rate;
		int pushes;
	} rows[] = {{0, INT_MAX}, {1, 1}, {BUCKET_FLOOR, 1}, {2 * BUCKET_FLOOR - 1, 1},
		{2 * BUCKET_FLOOR, 2}, {2000000, 125}, {BUCKET_RATE_MAX, 62500}};
	struct bucket open = {.rate = 0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		EQ_INT(bucket_feeds(rows[i].rate), rows[i].pushes, "feeds");
	bucket_join(&open);
	EQ_INT((int64_t)bucket_piece(&open, MOST), MOST, "no limit: whole pieces");
	EQ_INT(bucket_take(&open, 77, 1000000000), 77, "no limit: at once");
	EQ_INT(bucket_take(&open, 77, 1000000000), 77, "no limit: still at once");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_rate(i);
	test_newcomers();
	test_feeds();
	return tap_done();
}
