/* SPDX-License-Identifier: MIT
 *
 * The rule for releases as a table: one row a case, and the cases that must never change
 * the verdict.
 */
#include "daemon/core/release_rule.h"

#include "tests/tap.h"

#define NOW INT64_C(1795000000)

#define REQUIRED SIGNATURES_REQUIRED
#define WARN     SIGNATURES_WARN
#define OFF      SIGNATURES_OFF

static const struct {
	const char *name;
	struct release_facts facts;
	enum release_verdict verdict;
} rows[] = {
	{"signed by enough", {true, REQUIRED, 2, 2, false, NOW, NOW + 1, 5, 4, false},
		RELEASE_GOOD},
	{"signed by more", {true, REQUIRED, 2, 3, false, NOW, 0, 5, 0, false},
		RELEASE_GOOD},
	{"one of two", {true, REQUIRED, 2, 1, false, NOW, 0, 5, 4, false},
		RELEASE_TOO_FEW},
	{"nobody", {true, REQUIRED, 1, 0, false, NOW, 0, 5, 4, false}, RELEASE_TOO_FEW},
	{"nobody, a warning", {true, WARN, 1, 0, false, NOW, 0, 5, 4, false},
		RELEASE_UNSIGNED},
	{"nobody is asked", {true, OFF, 1, 0, false, NOW, 0, 5, 4, false},
		RELEASE_GOOD},
	{"one signature is broken", {true, REQUIRED, 1, 1, true, NOW, 0, 5, 4, false},
		RELEASE_TAMPERED},
	{"broken, a warning", {true, WARN, 1, 0, true, NOW, 0, 5, 4, true},
		RELEASE_TAMPERED},
	{"broken, off", {true, OFF, 1, 0, true, NOW, 0, 5, 4, false}, RELEASE_GOOD},
	{"no manifest, required", {false, REQUIRED, 1, 0, false, NOW, 0, 0, 0, false},
		RELEASE_NO_MANIFEST},
	{"no manifest, a warning", {false, WARN, 1, 0, false, NOW, 0, 0, 0, false},
		RELEASE_UNSIGNED},
	{"no manifest, off", {false, OFF, 1, 0, false, NOW, 0, 0, 9, false},
		RELEASE_GOOD},
	{"expires this second", {true, REQUIRED, 1, 1, false, NOW, NOW, 5, 4, false},
		RELEASE_EXPIRED},
	{"expires in a second",
		{true, REQUIRED, 1, 1, false, NOW, NOW + 1, 5, 4, false}, RELEASE_GOOD},
	{"expired, and signatures are off",
		{true, OFF, 1, 0, false, NOW, 1, 5, 4, false}, RELEASE_EXPIRED},
	{"expired, and a person says go back",
		{true, OFF, 1, 0, false, NOW, 1, 3, 4, true}, RELEASE_EXPIRED},
	{"the same serial", {true, REQUIRED, 1, 1, false, NOW, 0, 4, 4, false},
		RELEASE_OLDER},
	{"an older serial", {true, WARN, 1, 1, false, NOW, 0, 3, 4, false},
		RELEASE_OLDER},
	{"an older serial, signatures off",
		{true, OFF, 1, 0, false, NOW, 0, 3, 4, false}, RELEASE_OLDER},
	{"a person says go back", {true, REQUIRED, 1, 1, false, NOW, 0, 3, 4, true},
		RELEASE_GOES_BACK},
	{"a person cannot sign", {true, REQUIRED, 1, 0, false, NOW, 0, 3, 4, true},
		RELEASE_TOO_FEW},
	{"unsigned and older", {true, WARN, 1, 0, false, NOW, 0, 3, 4, false},
		RELEASE_OLDER},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		EQ_INT(release_judge(&rows[i].facts), rows[i].verdict, rows[i].name);
}

/* Nothing that is refused becomes good by fewer signatures, less time, a lower serial. */
static void test_order(void)
{
	int worse = 0, count = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct release_facts facts = rows[i].facts;

		if (!release_is_refused(rows[i].verdict))
			continue;
		facts.trusted = 0;
		facts.now_s += 100;
		facts.serial = 1;
		worse += release_is_refused(release_judge(&facts));
		count++;
	}
	EQ_INT(worse, count, "refused stays refused");
}

int main(void)
{
	test_rows();
	test_order();
	return tap_done();
}
