/* SPDX-License-Identifier: MIT
 *
 * Brakes: where each budget ends, what the small-sample guard forgives and what not.
 */
#include "daemon/core/brakes.h"
#include "daemon/core/reason.h"
#include "tests/tap.h"

/* The defaults of DESIGN.md 5: lost 1 board, fell-back and failed 5 % of attempted. */
static const struct brake_limits defaults = {
	{1, false}, {5, true}, {5, true}, {5, true}};
static const struct brake_limits none = {{1, false}, {0, true}, {0, true}, {0, true}};
static const struct brake_limits patient = {
	{3, false}, {100, true}, {100, true}, {100, true}};
static const struct brake_limits uneven = {
	{2, false}, {1, true}, {50, true}, {50, true}};
static const struct brake_limits boards = {
	{10, true}, {1, false}, {3, false}, {3, false}};

static const struct {
	const char *name;
	const struct brake_limits *limits;
	struct brake_counts
		counts; /* attempted, lost, fell back, failed, canary hurt, probe */
	enum reason want;
} cases[] = {
	{"nothing happened", &defaults, {0, 0, 0, 0, 0, 0}, REASON_NONE},
	{"all went well", &defaults, {500, 0, 0, 0, 0, 0}, REASON_NONE},

	{"one lost board costs a walk", &defaults, {500, 1, 0, 0, 0, 0},
		REASON_BRAKE_LOST},
	{"no guard for the first lost board", &defaults, {1, 1, 0, 0, 0, 0},
		REASON_BRAKE_LOST},
	{"two lost of three allowed", &patient, {10, 2, 0, 0, 0, 0}, REASON_NONE},
	{"the third lost board", &patient, {10, 3, 0, 0, 0, 0}, REASON_BRAKE_LOST},
	{"more lost than the budget", &patient, {10, 4, 0, 0, 0, 0}, REASON_BRAKE_LOST},

	{"a canary that was hurt", &patient, {1, 0, 1, 0, 1, 0}, REASON_BRAKE_CANARY},
	{"a canary among many", &patient, {500, 0, 0, 1, 1, 0}, REASON_BRAKE_CANARY},
	{"lost is said before the canary", &defaults, {2, 1, 1, 0, 1, 0},
		REASON_BRAKE_LOST},

	{"1 of 2 fell back: an accident", &defaults, {2, 0, 1, 0, 0, 0}, REASON_NONE},
	{"1 of 1 fell back", &defaults, {1, 0, 1, 0, 0, 0}, REASON_NONE},
	{"2 of 2 fell back", &defaults, {2, 0, 2, 0, 0, 0}, REASON_BRAKE_FELL_BACK},
	{"1 of 2 failed: an accident", &defaults, {2, 0, 0, 1, 0, 0}, REASON_NONE},
	{"2 of 3 failed", &defaults, {3, 0, 0, 2, 0, 0}, REASON_BRAKE_FAILED},
	{"one of each is guarded each", &defaults, {2, 0, 1, 1, 0, 0}, REASON_NONE},

	{"3 of 300 over a budget of 0 %", &none, {300, 0, 3, 0, 0, 0},
		REASON_BRAKE_FELL_BACK},
	{"1 of 300 over a budget of 0 %", &none, {300, 0, 1, 0, 0, 0}, REASON_NONE},
	{"2 of 300 over a budget of 0 %", &none, {300, 0, 2, 0, 0, 0},
		REASON_BRAKE_FELL_BACK},
	{"3 of 300 failed over a budget of 0 %", &none, {300, 0, 0, 3, 0, 0},
		REASON_BRAKE_FAILED},
	{"3 of 300 within 1 %", &uneven, {300, 0, 3, 0, 0, 0}, REASON_NONE},
	{"3 of 299 is above 1 %", &uneven, {299, 0, 3, 0, 0, 0},
		REASON_BRAKE_FELL_BACK},
	{"4 of 300 is above 1 %", &uneven, {300, 0, 4, 0, 0, 0},
		REASON_BRAKE_FELL_BACK},

	{"exactly 5 % of 40", &defaults, {40, 0, 2, 0, 0, 0}, REASON_NONE},
	{"one above 5 % of 40", &defaults, {40, 0, 3, 0, 0, 0}, REASON_BRAKE_FELL_BACK},
	{"2 of 39 is above 5 %", &defaults, {39, 0, 2, 0, 0, 0},
		REASON_BRAKE_FELL_BACK},
	{"exactly 5 % of 100", &defaults, {100, 0, 0, 5, 0, 0}, REASON_NONE},
	{"6 of 100", &defaults, {100, 0, 0, 6, 0, 0}, REASON_BRAKE_FAILED},
	{"budgets do not add up", &defaults, {100, 0, 5, 5, 0, 0}, REASON_NONE},
	{"each budget has its own share", &uneven, {100, 0, 0, 50, 0, 0}, REASON_NONE},
	{"the wider budget ends too", &uneven, {100, 0, 0, 51, 0, 0},
		REASON_BRAKE_FAILED},
	{"100 % never trips", &patient, {7, 0, 7, 0, 0, 0}, REASON_NONE},
	{"the first board of a budget of one", &boards, {500, 0, 1, 0, 0, 0},
		REASON_BRAKE_FELL_BACK},
	{"two of a budget of three", &boards, {2, 0, 0, 2, 0, 0}, REASON_NONE},
	{"three of a budget of three", &boards, {500, 0, 0, 3, 0, 0},
		REASON_BRAKE_FAILED},
	{"1 of 2 lost, in percent: an accident", &boards, {2, 1, 0, 0, 0, 0},
		REASON_NONE},
	{"2 of 19 lost is above 10 %", &boards, {19, 2, 0, 0, 0, 0}, REASON_BRAKE_LOST},
	{"2 of 20 lost is not", &boards, {20, 2, 0, 0, 0, 0}, REASON_NONE},
	{"1 of 2 fails its probes: an accident", &defaults, {2, 0, 0, 0, 0, 1},
		REASON_NONE},
	{"3 of 40 fail their probes", &defaults, {40, 0, 0, 0, 0, 3},
		REASON_BRAKE_PROBE},
	{"probes and other failures do not add up", &defaults, {40, 0, 0, 2, 0, 2},
		REASON_NONE},
	{"no overflow", &patient, {2000000000, 0, 2000000000, 0, 0, 0}, REASON_NONE},
};

static const struct {
	const struct brake_limits *limits;
	struct brake_counts counts;
	enum reason brake;
	const char *text;
} said[] = {
	{&defaults, {31, 0, 2, 0, 0, 0}, REASON_BRAKE_FELL_BACK,
		"2 of 31 attempted fell back, budget 5 %"},
	{&defaults, {31, 1, 0, 0, 0, 0}, REASON_BRAKE_LOST,
		"1 of 31 attempted is lost, budget 1 board"},
	{&patient, {31, 4, 0, 0, 0, 0}, REASON_BRAKE_LOST,
		"4 of 31 attempted are lost, budget 3 boards"},
	{&boards, {31, 4, 0, 3, 0, 0}, REASON_BRAKE_FAILED,
		"3 of 31 attempted failed, budget 3 boards"},
	{&defaults, {40, 0, 0, 0, 0, 3}, REASON_BRAKE_PROBE,
		"3 of 40 attempted failed their probes, budget 5 %"},
	{&boards, {2, 0, 1, 0, 1, 0}, REASON_BRAKE_CANARY,
		"1 of 2 attempted fell back or failed in the first wave, budget 1 "
		"board"},
	{&defaults, {2147483647, 0, 2147483647, 0, 2147483647, 0}, REASON_BRAKE_CANARY,
		"2147483647 of 2147483647 attempted fell back or failed in the first "
		"wave, budget 1 board"},
	{&defaults, {31, 1, 1, 1, 1, 0}, REASON_NO_CONFIRMED_BOARD, ""},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		char text[BRAKES_TEXT_MAX];

		brakes_say(said[i].limits, &said[i].counts, said[i].brake, text);
		EQ_STR(text, said[i].text, said[i].text);
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		EQ_STR(reason_code(brakes_check(cases[i].limits, &cases[i].counts)),
			reason_code(cases[i].want), cases[i].name);
	return tap_done();
}
