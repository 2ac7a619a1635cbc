/* SPDX-License-Identifier: MIT
 *
 * How long boards of one family at one place take for their updates, as it was
 * measured: sums of the latest ones, and what is assumed before there are any. Pure.
 */
#ifndef WIPY_CORE_PACE_H
#define WIPY_CORE_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Assumed until something was measured: rather slow than fast. */
#define PACE_RATE_ASSUMED  16000 /* bytes a second of a push */
#define PACE_RESET_ASSUMED 5000  /* ms from a push to the reset that it needs */
#define PACE_RETURN_ASSUMED                                                            \
	30000             /* ms from the reset until the board has shown itself */
#define PACE_LOOK_MS 2000 /* the look before a push: never measured */

/* At so many the sums are halved: what was measured long ago fades. */
#define PACE_SAMPLES_MAX 64

/* All zero: nothing was measured. */
struct pace {
	int64_t pushes, push_bytes, push_ms;
	int64_t resets, reset_ms;
	int64_t returns, return_ms;
};

void pace_note_push(struct pace *pace, int64_t bytes, int64_t ms);
void pace_note_reset(struct pace *pace, int64_t ms);
void pace_note_return(struct pace *pace, int64_t ms);

/* What stands behind a time, the best first. */
enum pace_from {
	PACE_SITE,   /* measured on boards of the family at the site */
	PACE_FAMILY, /* ... at other sites only */
	PACE_ASSUMED,
	PACE_FROM_COUNT
};
const char *pace_from_name(enum pace_from from);

struct pace_times {
	int64_t rate; /* bytes a second */
	int64_t reset_ms, return_ms;
	enum pace_from from; /* of the weakest of the three */
	int64_t pushes;      /* that the rate was measured on; 0: assumed */
};

/* Each from the site's if it has one, else from the family's, else assumed. */
void pace_times(const struct pace *site, const struct pace *family,
	struct pace_times *ret_times);

#endif
