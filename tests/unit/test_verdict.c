/* SPDX-License-Identifier: MIT
 *
 * Verdicts and risks of boards in a plan.
 */
#include "daemon/core/reason.h"
#include "daemon/core/verdict.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	struct verdict_facts facts;
	const char *want, *code, *settled;
} verdicts[] = {
	{"there", {TASK_PLANNED, REASON_NONE, true, false}, "update", "-", "update"},
	{"its window is closed", {TASK_PLANNED, REASON_NONE, true, true}, "held",
		"window", "update"},
	{"it does not answer", {TASK_PLANNED, REASON_NONE, false, false}, "deferred",
		"offline", "update"},
	{"both", {TASK_PLANNED, REASON_NONE, false, true}, "deferred", "offline",
		"update"},
	{"it runs it", {TASK_ALREADY, REASON_ALREADY_RUNNING, true, true}, "already",
		"already-running", "already"},
	{"refused", {TASK_REFUSED, REASON_KNOWN_BAD, false, true}, "refused",
		"known-bad", "refused"},
};

/* Everything is well: it answers, the release was confirmed, its image is kept. */
#define WELL                                                                           \
	{                                                                              \
		.answers = true, .confirmed = true, .runs_known = true,                \
		.back_image = true                                                     \
	}

static const struct {
	const char *name;
	struct risk_facts facts;
	const char *want;
} risks[] = {
	{"none", WELL, ""},
	{"it is away", {.confirmed = true, .runs_known = true, .back_image = true},
		"offline "},
	{"its image is in no release",
		{.answers = true, .confirmed = true, .runs_known = true},
		"no-way-back "},
	{"but its other slot keeps it",
		{.answers = true,
			.confirmed = true,
			.runs_known = true,
			.keeps_slot = true},
		""},
	{"what runs is not known",
		{.answers = true, .confirmed = true, .keeps_slot = true},
		"no-way-back "},
	{"nobody has confirmed it",
		{.answers = true, .runs_known = true, .back_image = true},
		"never-confirmed "},
	{"and nobody else will",
		{.answers = true,
			.alone = true,
			.runs_known = true,
			.back_image = true},
		"only-of-its-type never-confirmed "},
	{"alone, but it is known to be good",
		{.answers = true,
			.alone = true,
			.confirmed = true,
			.runs_known = true,
			.back_image = true},
		""},
	{"what a person allows",
		{.answers = true,
			.burns = true,
			.one_way = true,
			.modified = true,
			.confirmed = true,
			.runs_known = true,
			.back_image = true},
		"burns-last-good no-endpoints modified-build "},
};

static void test_verdicts(void)
{
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		enum reason reason;
		enum verdict verdict = verdict_of(&verdicts[i].facts, &reason);

		EQ_STR(verdict_name(verdict), verdicts[i].want, verdicts[i].name);
		EQ_STR(reason_code(reason), verdicts[i].code, verdicts[i].name);
		EQ_STR(verdict_name(verdict_settled(verdict)), verdicts[i].settled,
			verdicts[i].name);
		EQ_INT(verdict_by_name(verdicts[i].want), verdict, verdicts[i].name);
	}
	EQ_INT(verdict_by_name("perhaps"), VERDICT_COUNT, "no verdict");
}

int main(void)
{
	test_verdicts();
	for (size_t i = 0; i < COUNT(risks); i++) {
		uint32_t set = risks_of(&risks[i].facts);
		char text[256] = "";

		for (int risk = 0; risk < RISK_COUNT; risk++)
			if (set & 1u << risk)
				snprintf(text + strlen(text),
					sizeof(text) - strlen(text), "%s ",
					reason_code(risk_reason((enum risk)risk)));
		EQ_STR(text, risks[i].want, risks[i].name);
	}
	return tap_done();
}
