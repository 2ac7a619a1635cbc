/* SPDX-License-Identifier: MIT
 *
 * Bars, denominators and ends of rollouts.
 */
#include "config.h"

#include "cli/progress.h"

#include <stdlib.h>

#include "tests/tap.h"

static const struct {
	const char *name, *outcomes, *bar;
	long long begun, total;
} bars[] = {
	{"nothing", "{}", "", 0, 0},
	{"all confirmed", "{\"confirmed\":7}", "##########", 7, 7},
	{"half", "{\"confirmed\":5,\"planned\":5}", "#####.....", 5, 10},
	{"one bad of 300 is seen", "{\"confirmed\":299,\"lost\":1}", "#########!", 300,
		300},
	{"every kind",
		"{\"already\":2,\"failed\":1,\"refused\":1,\"pushing\":2,\"held\":1,"
		"\"waiting\":3}",
		"##!->>?...", 4, 10},
	{"refused and deferred are in no denominator",
		"{\"confirmed\":1,\"refused\":1,\"deferred\":1}", "####---???", 1, 3},
	{"a state of the future needs a look", "{\"confirmed\":1,\"levitating\":1}",
		"#####?????", 1, 2},
	{"nonsense counts for nothing",
		"{\"confirmed\":-4,\"lost\":\"x\",\"failed\":1e99}", "", 0, 0},
	{"too large a count, too", "{\"lost\":9000000000000000000}", "", 0, 0},
};

static void test_bars(void)
{
	for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++) {
		json_t *outcomes = json_loads(bars[i].outcomes, 0, NULL);
		struct progress_tally tally;
		char bar[11] = "";

		progress_tally(outcomes, &tally);
		if (tally.total > 0)
			progress_bar(&tally, 10, bar);
		EQ_STR(bar, bars[i].bar, bars[i].name);
		EQ_INT(tally.begun, bars[i].begun, bars[i].name);
		EQ_INT(tally.total, bars[i].total, bars[i].name);
		json_decref(outcomes);
	}
}

static void test_bar_of_everything(void)
{
	struct progress_tally tally = {.total = 7};
	char bar[8];

	/* As many kinds as cells, and one of them far ahead. */
	for (int kind = 0; kind < PROGRESS_KIND_COUNT; kind++)
		tally.count[kind] = 1;
	tally.count[PROGRESS_DONE] = 1000;
	tally.total = 1006;
	progress_bar(&tally, 7, bar);
	EQ_STR(bar, "#!-<>?.", "every kind gets its cell and no more");
}

static const struct {
	const char *state;
	int code; /* -1: it goes on */
} ends[] = {
	{"draft", -1},
	{"awaiting-approval", -1},
	{"scheduled", -1},
	{"running", -1},
	{"paused", -1},
	{"aborting", -1},
	{"", -1},
	{"completed", EXIT_CODE_DONE},
	{"completed-with-exceptions", EXIT_CODE_EXCEPTIONS},
	{"halted", EXIT_CODE_HALTED},
	{"aborted", EXIT_CODE_ABORTED},
	{"undoing", EXIT_CODE_ABORTED},
	{"undone", EXIT_CODE_ABORTED},
	{"expired", EXIT_CODE_TIMED_OUT},
};

static void test_ends(void)
{
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		enum exit_code code = EXIT_CODE_NO_DAEMON;
		bool ended = progress_ended(ends[i].state, &code);

		EQ_INT(ended ? (int)code : -1, ends[i].code, ends[i].state);
	}
}

static void test_outcomes(void)
{
	json_t *rollout =
		json_loads("{\"outcomes\":{\"confirmed\":120,\"already\":3,\"lost\":1,"
			   "\"refused\":6,\"skipped\":0}}",
			0, NULL);
	char *text;
	size_t len;
	struct writer writer = {.stream = open_memstream(&text, &len)};

	progress_outcomes(&writer, rollout);
	fclose(writer.stream);
	EQ_STR(text,
		"  confirmed    120 of 121 begun (99 %)\n"
		"  already        3 of 130 boards (2 %)\n"
		"  lost           1 of 121 begun (0 %)\n"
		"  refused        6 of 130 boards (4 %)\n",
		"every outcome has its denominator");
	free(text);
	json_decref(rollout);
}

/* The words that a person must read, and those that could ruin a board. */
int main(void)
{
	test_bars();
	test_bar_of_everything();
	test_ends();
	test_outcomes();
	return tap_done();
}
