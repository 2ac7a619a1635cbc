/* SPDX-License-Identifier: MIT
 *
 * Probes: what rounds of answers come to, their text in the store, words in braces.
 */
#include <errno.h>
#include <string.h>

#include "daemon/core/probe.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* "a=pass b=fail": a letter for each outcome. */
static void set_results(struct probe_results *results, const char *text, int64_t time_s)
{
	static const char letters[] = "upfi";

	results->count = 0;
	for (; *text; text += 2) {
		struct probe_result *result = &results->result[results->count++];

		result->name[0] = text[0];
		result->name[1] = '\0';
		probe_result_set(result,
			(enum probe_outcome)(strchr(letters, text[1]) - letters),
			time_s, text[1] == 'p' ? "" : "what was seen");
	}
}

static const struct {
	const char *name, *rounds[3];
	enum probe_outcome verdict;
	bool changed; /* by the last round */
} cases[] = {
	{"nothing to ask", {""}, PROBE_UNASKED, false},
	{"all pass", {"apbp"}, PROBE_PASS, true},
	{"one fails", {"apbf"}, PROBE_FAIL, true},
	{"one fails, one cannot be asked", {"aibf"}, PROBE_FAIL, true},
	{"one cannot be asked", {"apbi"}, PROBE_INCONCLUSIVE, true},
	{"fails first, passes then", {"af", "ap"}, PROBE_PASS, true},
	{"passes first, fails then", {"ap", "af"}, PROBE_FAIL, true},
	{"an answer stands while there is no newer one", {"ap", "ai"}, PROBE_PASS,
		false},
	{"so does a bad one", {"af", "ai", "ai"}, PROBE_FAIL, false},
	{"never answered", {"ai", "ai"}, PROBE_INCONCLUSIVE, false},
	{"answered at last", {"ai", "ai", "ap"}, PROBE_PASS, true},
	{"each on its own", {"apbf", "afbp"}, PROBE_FAIL, true},
	{"a probe that is no longer there", {"apbf", "ap"}, PROBE_PASS, true},
	{"another probe", {"ap", "bi"}, PROBE_INCONCLUSIVE, true},
};

static void test_rounds(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct probe_results known = {.count = 0}, round;
		bool changed = false;

		for (size_t k = 0; k < 3 && cases[i].rounds[k]; k++) {
			set_results(&round, cases[i].rounds[k], 100 + (int64_t)k);
			changed = probe_results_merge(&known, &round);
		}
		EQ_STR(probe_outcome_name(probe_verdict(&known)),
			probe_outcome_name(cases[i].verdict), cases[i].name);
		EQ_INT(changed, cases[i].changed, cases[i].name);
	}
}

static void test_text(void)
{
	struct probe_results results = {.count = 0}, back;
	char text[PROBE_RECORD_MAX];
	bool same = true;

	for (size_t i = 0; i < PROBES_MAX; i++) {
		struct probe_result *result = &results.result[results.count++];

		memset(result->name, 'n', PROBE_NAME_MAX - 1);
		result->name[0] = (char)('a' + i);
		result->name[PROBE_NAME_MAX - 1] = '\0';
		probe_result_set(result, (enum probe_outcome)(i % PROBE_OUTCOME_COUNT),
			4102444800 + (int64_t)i,
			"a text that is much too long to be kept as evidence, and cut");
	}
	probe_record_write(&results, text);
	probe_record_read(text, &back);
	EQ_INT(back.count, PROBES_MAX, "the longest results fit");
	for (size_t i = 0; i < back.count; i++)
		same = same && back.result[i].outcome == results.result[i].outcome &&
		       back.result[i].time_s == results.result[i].time_s &&
		       strcmp(back.result[i].name, results.result[i].name) == 0 &&
		       strcmp(back.result[i].evidence, results.result[i].evidence) == 0;
	OK(same, "what was written is read");
	EQ_INT(strlen(back.result[0].evidence), PROBE_EVIDENCE_MAX - 1, "cut");
	set_results(&results, "ap", 5);
	probe_record_write(&results, text);
	EQ_STR(text, "p 5 a \n", "the form of a line");
	set_results(&results, "", 5);
	probe_record_write(&results, text);
	EQ_STR(text, "", "no results");
}

static void test_bad_text(void)
{
	static const char *const bad[] = {
		"", "\n", "p", "p 1", "p 1 a", "x 1 a b\n", " \n \n", "pass 1 a b\n"};
	struct probe_results results;

	for (size_t i = 0; i < COUNT(bad); i++) {
		results.count = 9;
		probe_record_read(bad[i], &results);
		EQ_INT(results.count, 0, "no results");
	}
	probe_record_read("p 1 a b\nf 2 b c\np 3 c d\nf 4 d e\ni 5 e f\np 6 f g\n"
			  "p 7 g h\n",
		&results);
	EQ_INT(results.count, PROBES_MAX, "no more than there is room for");
	probe_result_set(&results.result[0], PROBE_FAIL, 1, "a\nb\x1b[2J");
	EQ_STR(results.result[0].evidence, "a?b?[2J", "one printable line");
}

static const struct {
	const char *text, *address;
	bool brackets;
	size_t cap;
	int rc;
	const char *want;
} words[] = {
	{"plain", "10.0.0.1", false, 64, 0, "plain"},
	{"", "10.0.0.1", false, 64, 0, ""},
	{"{name} {address}", "10.0.0.1", false, 64, 0, "lab-01 10.0.0.1"},
	{"http://{address}:80/", "10.0.0.1", true, 64, 0, "http://10.0.0.1:80/"},
	{"http://{address}:80/", "fe80::1", true, 64, 0, "http://[fe80::1]:80/"},
	{"{address}", "fe80::1", false, 64, 0, "fe80::1"},
	{"{site}", "10.0.0.1", false, 64, -EINVAL, NULL},
	{"{}", "10.0.0.1", false, 64, -EINVAL, NULL},
	{"{name", "10.0.0.1", false, 64, -EINVAL, NULL},
	{"a}b", "10.0.0.1", false, 64, 0, "a}b"},
	{"{name}", "10.0.0.1", false, 7, 0, "lab-01"},
	{"{name}", "10.0.0.1", false, 6, -E2BIG, NULL},
	{"x", "10.0.0.1", false, 0, -E2BIG, NULL},
};

static void test_words(void)
{
	for (size_t i = 0; i < COUNT(words); i++) {
		char text[64] = "";
		int rc = probe_expand(words[i].text, "lab-01", words[i].address,
			words[i].brackets, text, words[i].cap);

		EQ_INT(rc, words[i].rc, words[i].text);
		if (rc == 0)
			EQ_STR(text, words[i].want, words[i].text);
	}
}

int main(void)
{
	test_rounds();
	test_text();
	test_bad_text();
	test_words();
	EQ_STR(probe_outcome_name(PROBE_OUTCOME_COUNT), "invalid", "no outcome");
	return tap_done();
}
