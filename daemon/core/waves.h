/* SPDX-License-Identifier: MIT
 *
 * Waves: reading `1,10%,50%,100%` and dealing boards out to them. A number is the size of
 * its wave; a percentage is the share of all boards that is covered when the wave is over.
 */
#ifndef WIPY_CORE_WAVES_H
#define WIPY_CORE_WAVES_H

#include "common/err.h"
#include "daemon/core/domain.h"
#include "daemon/core/model.h"

struct waves {
	int count;
	struct {
		bool percent;
		uint32_t value;
	} wave[WAVES_MAX];
};

/* Returns 0, or -EINVAL with a sentence: malformed, more than WAVES_MAX, 0, a percentage
 * above 100 or not above the one before, the last not 100%. */
int waves_parse(const char *text, struct waves *ret_waves,
	struct errtext *ret_error) WARN_UNUSED;

/* The sizes of the waves for `total` boards; waves that get no board vanish. Their sum is
 * `total`. Returns how many waves there are (0 for no boards). */
int waves_sizes(const struct waves *waves, size_t total, size_t ret_sizes[WAVES_MAX]);

/* A board to be dealt out. */
struct wave_candidate {
	const char *board;
	bool seen; /* it answers polls: such boards go first */
	struct task_domains domains;
	int type;      /* index into wave_strata.of_type */
	size_t index;  /* the caller's own */
	uint64_t rank; /* this and the next three are set by waves_deal() */
	int scarcity;
	bool canary;
	int wave;
};

/* What the first wave is to be a sample of. */
struct wave_strata {
	struct domain *domain; /* in_flight 0; counts the canaries */
	int domain_share;      /* percent of a domain that the first wave may hold */
	int *of_type;          /* 0 each; counts the canaries of each board type */
};

/* Deals the candidates out by the hash of board and release, so that not always the same
 * boards go first (DESIGN.md 5), and sorts them by wave. Boards that answer go before
 * those that do not. The first wave holds one board of each type and of each site, as far
 * as its size reaches and boards answer, boards that stand for both before those that
 * stand for one, and those of rare types and sites first where it reaches for all; and no more of a domain than its share, unless it cannot be filled with
 * boards that answer otherwise. Returns the number of waves. */
int waves_deal(const struct waves *waves, const char *release,
	const struct wave_strata *strata, struct wave_candidate *candidate,
	size_t count);

#endif
