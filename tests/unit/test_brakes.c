/* SPDX-License-Identifier: MIT
 *
 * Brakes: where each budget ends, what the small-sample guard forgives and what not.
 */
#include "daemon/core/brakes.h"
#include "daemon/core/reason.h"
#include "tests/tap.h"

/* The defaults of DESIGN.md 5: lost 1 board, fell-back and failed 5 % of attempted. */
static const struct brake_limits defaults = {1, 5, 5};
static const struct brake_limits none = {1, 0, 0};
static const struct brake_limits patient = {3, 100, 100};
static const struct brake_limits uneven = {2, 1, 50};

static const struct {
	const char *name;
	const struct brake_limits *limits;
	struct brake_counts
		counts; /* attempted, lost, fell back, failed, canary hurt */
	enum reason want;
} cases[] = {
	{"nothing happened", &defaults, {0, 0, 0, 0, 0}, REASON_NONE},
	{"all went well", &defaults, {500, 0, 0, 0, 0}, REASON_NONE},

	{"one lost board costs a walk", &defaults, {500, 1, 0, 0, 0},
		REASON_BRAKE_LOST},
	{"no guard for the first lost board", &defaults, {1, 1, 0, 0, 0},
		REASON_BRAKE_LOST},
	{"two lost of three allowed", &patient, {10, 2, 0, 0, 0}, REASON_NONE},
	{"the third lost board", &patient, {10, 3, 0, 0, 0}, REASON_BRAKE_LOST},
	{"more lost than the budget", &patient, {10, 4, 0, 0, 0}, REASON_BRAKE_LOST},

	{"a canary that was hurt", &patient, {1, 0, 1, 0, 1}, REASON_BRAKE_CANARY},
	{"a canary among many", &patient, {500, 0, 0, 1, 1}, REASON_BRAKE_CANARY},
	{"lost is said before the canary", &defaults, {2, 1, 1, 0, 1},
		REASON_BRAKE_LOST},

	{"1 of 2 fell back: an accident", &defaults, {2, 0, 1, 0, 0}, REASON_NONE},
	{"1 of 1 fell back", &defaults, {1, 0, 1, 0, 0}, REASON_NONE},
	{"2 of 2 fell back", &defaults, {2, 0, 2, 0, 0}, REASON_BRAKE_FELL_BACK},
	{"1 of 2 failed: an accident", &defaults, {2, 0, 0, 1, 0}, REASON_NONE},
	{"2 of 3 failed", &defaults, {3, 0, 0, 2, 0}, REASON_BRAKE_FAILED},
	{"one of each is guarded each", &defaults, {2, 0, 1, 1, 0}, REASON_NONE},

	{"3 of 300 over a budget of 0 %", &none, {300, 0, 3, 0, 0},
		REASON_BRAKE_FELL_BACK},
	{"1 of 300 over a budget of 0 %", &none, {300, 0, 1, 0, 0}, REASON_NONE},
	{"2 of 300 over a budget of 0 %", &none, {300, 0, 2, 0, 0},
		REASON_BRAKE_FELL_BACK},
	{"3 of 300 failed over a budget of 0 %", &none, {300, 0, 0, 3, 0},
		REASON_BRAKE_FAILED},
	{"3 of 300 within 1 %", &uneven, {300, 0, 3, 0, 0}, REASON_NONE},
	{"3 of 299 is above 1 %", &uneven, {299, 0, 3, 0, 0}, REASON_BRAKE_FELL_BACK},
	{"4 of 300 is above 1 %", &uneven, {300, 0, 4, 0, 0}, REASON_BRAKE_FELL_BACK},

	{"exactly 5 % of 40", &defaults, {40, 0, 2, 0, 0}, REASON_NONE},
	{"one above 5 % of 40", &defaults, {40, 0, 3, 0, 0}, REASON_BRAKE_FELL_BACK},
	{"2 of 39 is above 5 %", &defaults, {39, 0, 2, 0, 0}, REASON_BRAKE_FELL_BACK},
	{"exactly 5 % of 100", &defaults, {100, 0, 0, 5, 0}, REASON_NONE},
	{"6 of 100", &defaults, {100, 0, 0, 6, 0}, REASON_BRAKE_FAILED},
	{"budgets do not add up", &defaults, {100, 0, 5, 5, 0}, REASON_NONE},
	{"each budget has its own share", &uneven, {100, 0, 0, 50, 0}, REASON_NONE},
	{"the wider budget ends too", &uneven, {100, 0, 0, 51, 0}, REASON_BRAKE_FAILED},
	{"100 % never trips", &patient, {7, 0, 7, 0, 0}, REASON_NONE},
	{"no overflow", &patient, {2000000000, 0, 2000000000, 0, 0}, REASON_NONE},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		EQ_STR(reason_code(brakes_check(cases[i].limits, &cases[i].counts)),
			reason_code(cases[i].want), cases[i].name);
	return tap_done();
}
