/* SPDX-License-Identifier: MIT
 *
 * Brakes: when a rollout stops by itself (DESIGN.md 5). Refused and deferred boards are in
 * no denominator; lost, fell-back and failed have budgets of their own.
 */
#ifndef WIPY_CORE_BRAKES_H
#define WIPY_CORE_BRAKES_H

#include "daemon/core/model.h"

/* One failure never trips a budget in percent after the first wave: 1 of 2 is an
 * accident. It never hides 3 of 300, since the guard is this number and no share. */
#define BRAKE_SAMPLE_GUARD 1

/* So many boards halt; or more than so many percent of the attempted ones do. */
struct brake_budget {
	int64_t value;
	bool percent;
};

struct brake_limits {
	struct brake_budget lost, fell_back, failed, probe;
};

/* New ones only: those that a resume has acknowledged are not in here. */
struct brake_counts {
	int attempted;
	int lost, fell_back, failed;
	int canary_hurt; /* fell back or failed in the first wave, probes included */
	int probe;       /* failed by their probes, and in no other of these */
};

/* REASON_NONE, or the brake that trips. */
enum reason brakes_check(
	const struct brake_limits *limits, const struct brake_counts *counts);

#define BRAKES_TEXT_MAX 96

/* What a brake has counted: "2 of 31 attempted fell back, budget 5 %"; "" for a reason
 * that is no brake. */
void brakes_say(const struct brake_limits *limits, const struct brake_counts *counts,
	enum reason brake, char ret_text[BRAKES_TEXT_MAX]);

#endif
