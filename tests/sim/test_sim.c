/* SPDX-License-Identifier: MIT
 *
 * Runs the simulation over many seeds. Each failure prints its seed; `test_sim --seed N
 * [--verbose]` plays it again.
 *
 *   test_sim [--seed N] [--seeds COUNT] [--boards N] [--days N] [--poll MINUTES]
 *            [--first-only] [--all] [--verbose] [--budget SECONDS]
 *
 * It stops after five failures, with --first-only after one, with --all at the end. What it
 * has cost is always said; with --budget more seconds of CPU are a failure too: never as a
 * part of `make check`, which any slow machine may run.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/core/reason.h"
#include "tests/sim/sim.h"
#include "tests/sim/sim_cover.h"
#include "tests/tap.h"

#define BIG           1000 /* boards: each seed says what it has cost */
#define SAME_END_EACH 5    /* of so many seeds one is played with and without deaths */

struct options {
	uint64_t first, seeds;
	size_t boards;
	int days, poll_minutes;
	bool verbose;
	uint64_t bad_max;
	uint64_t budget_s; /* of CPU; 0: as much as it takes */
};

static struct sim_count count;

/* Whether the world was seen to be well. */
static bool show_end(void)
{
	bool well = sim->complaint[0] == '\0';

	if (well)
		return true;
	printf("# seed %llu: %s\n", (unsigned long long)sim->seed, sim->complaint);
	for (size_t i = sim->history_at > 24 ? sim->history_at - 24 : 0;
		i < sim->history_at && !sim->verbose; i++)
		printf("#   %s\n", sim->history[i % 64]);
	return false;
}

static bool play(const struct options *options, uint64_t seed)
{
	static struct sim world;
	bool well;

	world = (struct sim){.count = &count,
		.verbose = options->verbose,
		.end_ms = options->days * SIM_DAY_MS};
	sim = &world;
	sim_cover_begin(seed);
	sim_world_new(seed, options->boards, options->poll_minutes);
	sim_world_run(world.end_ms);
	sim_nature_clear();
	world.deaths = 0;
	world.doomed = false;
	sim_world_run(world.end_ms + 24 * 60000 * (int64_t)options->poll_minutes);
	if (world.complaint[0] == '\0')
		sim_watch_end();
	well = show_end();
	sim_world_done();
	return well;
}

static bool same_end(const struct options *options, uint64_t seed)
{
	struct sim like = {.seed = seed,
		.count = &count,
		.verbose = options->verbose,
		.board_count = options->boards,
		.poll_minutes = options->poll_minutes};
	bool well;

	if (seed % SAME_END_EACH != 0 || options->boards >= 100)
		return true;
	sim_same_end(&like);
	well = show_end();
	sim_world_done();
	return well;
}

static void print_counts(void)
{
	printf("# %llu happenings, %llu conversations, %llu times polls skipped over, "
	       "%llu uploads, %llu resets, %llu commits, %llu deaths of the daemon\n",
		(unsigned long long)count.events, (unsigned long long)count.polls,
		(unsigned long long)count.skipped, (unsigned long long)count.pushes,
		(unsigned long long)count.resets, (unsigned long long)count.commits,
		(unsigned long long)count.crashes);
	for (int i = 0; i < ROLLOUT_STATE_COUNT; i++)
		if (count.rollout_ended[i])
			printf("# rollouts %s: %llu\n",
				rollout_state_name((enum rollout_state)i),
				(unsigned long long)count.rollout_ended[i]);
	for (int i = 0; i < TASK_STATE_COUNT; i++)
		if (count.ended[i])
			printf("# tasks %s: %llu\n",
				task_state_name((enum task_state)i),
				(unsigned long long)count.ended[i]);
}

/* ---- what it costs ---------------------------------------------------------------- */

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double cpu_s(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/* In MiB, so far. */
static long peak_mib(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss / 1024;
}

static void print_seed_cost(uint64_t seed, double since_s)
{
	printf("# seed %llu took %.1f s of CPU; %ld MiB at most so far\n",
		(unsigned long long)seed, cpu_s() - since_s, peak_mib());
	fflush(stdout);
}

static void check_budget(const struct options *options)
{
	const char *sanitized = getenv("wipy_sanitized");

	printf("# %.1f s of CPU and %ld MiB at most for %llu seeds of %zu boards and "
	       "%d days\n",
		cpu_s(), peak_mib(), (unsigned long long)options->seeds,
		options->boards, options->days);
	if (options->budget_s > 0 && sanitized && strcmp(sanitized, "yes") == 0)
		tap_skip("the budget of CPU", "a sanitizer takes its time");
	else if (options->budget_s > 0)
		OK(cpu_s() <= (double)options->budget_s, "no more CPU than its budget");
}

/* ---- what it has come across ------------------------------------------------------- */

static void show_row(const struct fsm_row *row)
{
	printf("# nobody took: %s, %s, %s -> %s, %s, %s\n", row->from, row->event,
		row->guard, row->to, row->action, row->reason);
}

/* The daemon died before and after commits with each kind of record, and of a task in
 * each state that is no end. */
static void check_deaths(void)
{
	static const struct {
		enum store_op_kind kind;
		const char *name;
	} kinds[] = {
		{STORE_OP_BOARD, "it has died at commits of boards"},
		{STORE_OP_ROLLOUT, "... of rollouts"},
		{STORE_OP_TASK, "... of tasks"},
		{STORE_OP_KNOWN_BAD, "... of known-bad images"},
		{STORE_OP_EVENT, "... of events"},
		{STORE_OP_SEEN, "... of times"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		OK(count.died[kinds[i].kind][SIM_BEFORE] > 0 &&
				count.died[kinds[i].kind][SIM_AFTER] > 0,
			kinds[i].name);
	for (int i = 0; i < TASK_STATE_COUNT; i++) {
		enum task_state state = (enum task_state)i;

		if (!task_state_is_end(state))
			OK(count.died_in[state] > 0, task_state_name(state));
	}
}

/* A walk that never gets anywhere finds nothing. */
static void check_reach(void)
{
	for (int row = 1; row < SIM_FAULT_COUNT; row++)
		OK(count.fault[row] > 0, sim_fault_name(row));
	for (int wish = 0; wish < WISH_COUNT; wish++)
		OK(count.wish[wish] > 0, rollout_wish_name((enum rollout_wish)wish));
	OK(count.reloads > 100, "inventories were read anew");
	check_deaths();
	/* tests/check_coverage.py judges, with what the end-to-end tests have taken. */
	sim_cover_show_untaken(show_row);
	OK(count.crashes > 100, "the daemon has died often");
	OK(count.ended[TASK_CONFIRMED] > 1000 && count.ended[TASK_LOST] > 10 &&
			count.ended[TASK_FELL_BACK] > 10,
		"boards were confirmed, lost, and fell back");
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (*text == '\0' || *end != '\0') {
		fprintf(stderr, "test_sim: '%s' is no number\n", text);
		exit(2);
	}
	return value;
}

static struct options read_options(int argc, char **argv)
{
	struct options options = {1, 1000, 30, 3, 5, false, 5, 0};

	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--verbose") == 0) {
			options.verbose = true;
			continue;
		}
		if (strcmp(argv[i], "--first-only") == 0) {
			options.bad_max = 1;
			continue;
		}
		if (strcmp(argv[i], "--all") == 0) {
			options.bad_max = UINT64_MAX;
			continue;
		}
		if (strcmp(argv[i], "--seed") == 0) {
			options.first = number(value);
			options.seeds = 1;
		} else if (strcmp(argv[i], "--seeds") == 0) {
			options.seeds = number(value);
		} else if (strcmp(argv[i], "--boards") == 0) {
			options.boards = (size_t)number(value);
		} else if (strcmp(argv[i], "--days") == 0) {
			options.days = (int)number(value);
		} else if (strcmp(argv[i], "--poll") == 0) {
			options.poll_minutes = (int)number(value);
		} else if (strcmp(argv[i], "--budget") == 0) {
			options.budget_s = number(value);
		} else {
			fprintf(stderr, "test_sim: unknown option '%s'\n", argv[i]);
			exit(2);
		}
		i++;
	}
	return options;
}

int main(int argc, char **argv)
{
	struct options options = read_options(argc, argv);
	const char *source = getenv("top_srcdir"), *build = getenv("top_builddir");
	uint64_t bad = 0;

	sim_zones_write();
	OK(sim_board_check(source ? source : "."),
		"the simulated board does as the recorded tables");
	for (uint64_t i = 0; i < options.seeds && bad < options.bad_max; i++) {
		double since_s = cpu_s();

		bad += !play(&options, options.first + i) ||
		       !same_end(&options, options.first + i);
		if (options.boards >= BIG)
			print_seed_cost(options.first + i, since_s);
	}
	sim_zones_remove();
	print_counts();
	check_budget(&options);
	EQ_INT((int64_t)bad, 0, "seeds that showed what must never be seen");
	if (options.seeds >= 1000) {
		check_reach();
		/* Of a planted defect nothing is kept. */
		if (options.bad_max > 1)
			EQ_INT(sim_cover_write(build ? build : "."), 0,
				"what was taken is left for check_coverage.py");
	}
	return tap_done();
}
