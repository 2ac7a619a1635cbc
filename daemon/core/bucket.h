/* SPDX-License-Identifier: MIT
 *
 * A token bucket for bytes a second, shared by the pushes of one site, of one access point
 * or of the whole daemon. Each piece of a push takes its turn in the order of asking, so
 * that no push can starve another, and gets the moment at which it may go out. Time and
 * bytes in, a size and a time out; no clock.
 *
 * A board gives its upload up after 5 s without data (WIRE.md 2.11): no piece waits longer
 * than BUCKET_GAP_MS. Pushes that begin are no more than bucket_feeds() allows; if the rate
 * is lowered while more of them run, these get BUCKET_FLOOR each until they end.
 */
#ifndef WIPY_CORE_BUCKET_H
#define WIPY_CORE_BUCKET_H

#include <stddef.h>
#include <stdint.h>

/* Bytes a second that a push must get: the largest image is through in two minutes, well
 * within the five that an upload may take (ftp_client.h). */
#define BUCKET_FLOOR    16000
#define BUCKET_GAP_MS   2000
#define BUCKET_RATE_MAX 1000000000 /* 1 GB/s */

struct bucket {
	int64_t rate; /* bytes a second, BUCKET_FLOOR..BUCKET_RATE_MAX; 0: no limit */
	int64_t free_us; /* when it has fed all that was taken so far */
	int users;       /* pushes that send at present */
};

/* A push begins, or has ended. */
void bucket_join(struct bucket *bucket);
void bucket_leave(struct bucket *bucket);

/* The size of the next piece of one of its users: at most `most`, smaller the smaller its
 * share is, so that pieces follow each other closely. At least 1 if `most` is. */
size_t bucket_piece(const struct bucket *bucket, size_t most);

/* Takes `len` bytes: the time, now_ms or later, at which they may go out. */
int64_t bucket_take(struct bucket *bucket, int64_t now_ms, size_t len);

/* How many pushes a rate feeds: at least one; INT_MAX without a limit. */
int bucket_feeds(int64_t rate);

#endif
