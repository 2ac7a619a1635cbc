/* SPDX-License-Identifier: MIT
 *
 * Seeded random walks: the planner and the task machine run rollouts on a tiny fleet that
 * breaks in every way it can, watched by a monitor. The monitor itself is tried out first
 * on handmade sequences, so that it is known to complain.
 */
#include <stdlib.h>

#include "daemon/core/waves.h"
#include "tests/tap.h"
#include "tests/unit/fleet_model.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SEEDS        1000 /* of each kind of walk */

/* ---- the monitor ------------------------------------------------------------------ */

#define SIGHTS_MAX 16

/* Every sequence begins with two boards in wave 0 and one in wave 1, all at site 0; at
 * most two in flight, at the site too; one lost board, 10 % and 10 % are the budgets. */
#define ROLLOUT(state)                                                                 \
	{                                                                              \
		SAW_ROLLOUT, 0, 0, ROLLOUT_##state                                     \
	}
#define WAVE(wave, state)                                                              \
	{                                                                              \
		SAW_WAVE, 0, wave, WAVE_##state                                        \
	}
#define TASK(task, state)                                                              \
	{                                                                              \
		SAW_TASK, 0, task, TASK_##state                                        \
	}
#define ACT(what, task, v)                                                             \
	{                                                                              \
		SAW_##what, 0, task, v                                                 \
	}
#define DEALT(task, wave)                                                              \
	{                                                                              \
		SAW_DEALT, 0, task, wave                                               \
	}
#define ENOUGH                                                                         \
	{                                                                              \
		SAW_END, 0, 0, 0                                                       \
	}
#define LATE(task)                                                                     \
	{                                                                              \
		SAW_LATE, 0, task, 0                                                   \
	}
#define LANE(state)                                                                    \
	{                                                                              \
		SAW_LANE, 0, 0, ROLLOUT_##state                                        \
	}
#define GO ROLLOUT(RUNNING), WAVE(0, OPEN)

/* clang-format off */
static const struct {
	const char *name;
	const char *complaint; /* "": all is well */
	struct sight sight[SIGHTS_MAX];
} sequences[] = {
	{"a good rollout", "",
		{GO, ACT(GRANT, 0, 0), TASK(0, CHECKING), ACT(PUSH, 0, 0), TASK(0, CONFIRMED),
		 TASK(1, ALREADY), WAVE(0, PASSED), WAVE(1, OPEN), ACT(GRANT, 2, 0),
		 TASK(2, REFUSED), WAVE(1, PASSED), ROLLOUT(COMPLETED_WITH_EXCEPTIONS), ENOUGH}},
	{"two in flight", "", {GO, TASK(0, PUSHING), TASK(1, BACKOFF), TASK(0, SOAKING),
		TASK(2, CHECKING)}},
	{"three in flight", "in all", {GO, TASK(0, PUSHING), TASK(1, BACKOFF),
		TASK(2, CHECKING)}},
	{"two at a site of one", "at the site", {GO, {SAW_SITE, 0, 0, 1}, {SAW_SITE, 0, 1, 1},
		TASK(0, PUSHING), TASK(1, RETURNING)}},
	{"two at a domain of one", "domain's share", {GO, {SAW_SITE, 0, 0, 2},
		{SAW_SITE, 0, 1, 2}, TASK(0, PUSHING), TASK(1, VERIFYING)}},
	{"two rollouts are counted together", "in all", {GO, {SAW_DEALT, 1, 0, 0},
		TASK(0, PUSHING), TASK(1, PUSHING), {SAW_TASK, 1, 0, TASK_CHECKING}}},
	{"a start while paused", "while the rollout stood",
		{GO, ROLLOUT(PAUSED), ACT(GRANT, 0, 0)}},
	{"a push while halted", "push began", {GO, ROLLOUT(HALTED), ACT(PUSH, 0, 0)}},
	{"a repair while halted", "", {GO, ACT(PUSH, 0, 0), ROLLOUT(HALTED), ACT(PUSH, 0, 1)}},
	{"a reset while paused", "reset began", {GO, ROLLOUT(PAUSED), ACT(RESET, 0, 0)}},
	{"a reset of a dirty board", "dirty board", {GO, ACT(RESET, 0, 1)}},
	{"a start after a lost board", "brake had tripped",
		{GO, ACT(PUSH, 0, 0), TASK(0, LOST), ACT(GRANT, 1, 0)}},
	{"a start after a hurt canary", "brake had tripped",
		{GO, ACT(PUSH, 0, 0), TASK(0, FELL_BACK), ACT(GRANT, 1, 0)}},
	{"a start after two that failed", "brake had tripped",
		{GO, WAVE(0, SKIPPED), WAVE(1, OPEN), DEALT(1, 1), DEALT(3, 1), TASK(1, FAILED),
		 TASK(2, FAILED), ACT(GRANT, 3, 0)}},
	{"a start after one that failed", "",
		{GO, WAVE(0, SKIPPED), WAVE(1, OPEN), TASK(2, FAILED), DEALT(3, 1),
		 ACT(GRANT, 3, 0)}},
	{"a start after an acknowledged loss", "",
		{GO, ACT(PUSH, 0, 0), TASK(0, LOST), ROLLOUT(HALTED), ACT(RESUME, 0, 0),
		 ROLLOUT(RUNNING), ACT(GRANT, 1, 0)}},
	{"a start in a closed wave", "before its wave", {GO, ACT(GRANT, 2, 0)}},
	{"two open waves", "two waves", {GO, WAVE(1, OPEN)}},
	{"a wave out of turn", "before its turn",
		{GO, WAVE(0, TRIPPED), WAVE(1, OPEN)}},
	{"a wave after a skipped one", "", {GO, WAVE(0, SKIPPED), WAVE(1, OPEN)}},
	{"a wave passed too early", "under way",
		{GO, TASK(0, CONFIRMED), TASK(1, SOAKING), WAVE(0, PASSED)}},
	{"a wave passed that showed nothing", "without a confirmed",
		{GO, TASK(0, REFUSED), TASK(1, DEFERRED), WAVE(0, PASSED)}},
	{"the last wave may show nothing", "",
		{GO, TASK(0, CONFIRMED), TASK(1, DEFERRED), WAVE(0, PASSED), WAVE(1, OPEN),
		 TASK(2, DEFERRED), WAVE(1, PASSED)}},
	{"a task leaves its end", "left its end", {GO, TASK(0, LOST), TASK(0, CONFIRMED)}},
	{"a rollout leaves its end", "left its end", {ROLLOUT(ABORTED), ROLLOUT(RUNNING)}},
	{"a rollout without an end", "neither", {GO, ENOUGH}},
	{"a rollout that stays halted", "", {GO, ROLLOUT(HALTED), ENOUGH}},
	{"a task without an end", "no end",
		{GO, TASK(0, RETURNING), ROLLOUT(HALTED), ENOUGH}},
	{"a board catches up", "",
		{GO, TASK(0, CONFIRMED), LATE(1), LATE(2), LANE(RUNNING), ACT(GRANT, 1, 0),
		 TASK(1, CHECKING), ACT(PUSH, 1, 0), ACT(GRANT, 2, 0), TASK(2, SOAKING),
		 TASK(1, CONFIRMED), TASK(2, CONFIRMED), ROLLOUT(COMPLETED_WITH_EXCEPTIONS),
		 LANE(COMPLETED)}},
	{"three catch up at once", "more catch up",
		{GO, TASK(0, CONFIRMED), LATE(1), LATE(2), LATE(3), LANE(RUNNING),
		 TASK(1, SOAKING), TASK(2, SOAKING), ACT(GRANT, 3, 0)}},
	{"two at once, and nobody is confirmed", "more catch up",
		{GO, LATE(1), LATE(2), LANE(RUNNING), TASK(1, SOAKING), ACT(GRANT, 2, 0)}},
	{"one catches up after a hurt one", "after one was hurt",
		{GO, TASK(0, CONFIRMED), LATE(1), LATE(2), LANE(RUNNING), TASK(1, FAILED),
		 ACT(GRANT, 2, 0)}},
	{"one catches up after the hurt one was acknowledged", "",
		{GO, TASK(0, CONFIRMED), LATE(1), LATE(2), LANE(RUNNING), TASK(1, FAILED),
		 LANE(HALTED), ACT(RESUME, 0, 0), LANE(RUNNING), ACT(GRANT, 2, 0)}},
	{"one catches up while nobody may", "nobody may",
		{GO, TASK(0, CONFIRMED), LATE(1), LANE(PAUSED), ACT(GRANT, 1, 0)}},
	{"a push after a freeze", "frozen",
		{GO, ACT(PUSH, 0, 0), ACT(FREEZE, 0, 0), ROLLOUT(ABORTING), ACT(PUSH, 0, 1)}},
	{"one waits for ever", "no end",
		{GO, ROLLOUT(COMPLETED_WITH_EXCEPTIONS), TASK(1, DEFERRED), LATE(1),
		 LANE(EXPIRED), ENOUGH}},
	{"an aborted rollout with a task left", "no end",
		{GO, ROLLOUT(ABORTING), TASK(0, DEFERRED), ROLLOUT(ABORTED), ENOUGH}},
};
/* clang-format on */

static void test_monitor(void)
{
	for (size_t i = 0; i < COUNT(sequences); i++) {
		struct monitor m = {
			.limits = {2, {2, 1, 0, 0}, {2, 2, 1, 1}, 1, 10, 10, 2}};
		const char *want = sequences[i].complaint;

		for (int t = 0; t < 3; t++) {
			m.rollout[0].dealt[t] = true;
			m.rollout[0].in_wave[t] = t == 2;
		}
		for (size_t k = 0; k < SIGHTS_MAX; k++) {
			const struct sight *sight = &sequences[i].sight[k];

			/* A rollout as draft is in no sequence: the rest is empty. */
			if (sight->kind == SAW_ROLLOUT && sight->value == ROLLOUT_DRAFT)
				break;
			monitor_see(&m, sight);
		}
		if (!tap_ok(want[0] ? strstr(m.complaint, want) != NULL
				    : m.complaint[0] == '\0',
			    "the monitor: %s", sequences[i].name))
			printf("# it says '%s'\n", m.complaint);
	}
}

/* ---- the walks -------------------------------------------------------------------- */

static const struct {
	enum character character;
	uint32_t weight;
} characters[] = {
	{SOUND, 66},
	{FALLS_BACK, 4},
	{DIES_IN_RESET, 2},
	{DIES_IN_SOAK, 1},
	{AWAY, 5},
	{COMES_AND_GOES, 6},
	{BUSY_LINE, 4},
	{BREAKS_PUSHES, 4},
	{IGNORES_RESETS, 3},
	{HOLDS_REPL, 1},
	{HAS_IT_ALREADY, 2},
	{IS_ANOTHER, 1},
	{TALKS_GARBAGE, 1},
};

static enum character choose_character(struct fleet *f)
{
	uint32_t at = fleet_random(f, 100);

	for (size_t i = 0; i < COUNT(characters); i++) {
		if (at < characters[i].weight)
			return characters[i].character;
		at -= characters[i].weight;
	}
	return SOUND;
}

static void deal_boards(struct fleet *f, int r)
{
	static const char *const waves_texts[] = {
		"100%", "1,100%", "1,10%,50%,100%", "2,25%,100%", "1,1,1,100%"};
	const char *text = waves_texts[fleet_random(f, COUNT(waves_texts))];
	struct model_rollout *mr = &f->rollout[r];
	struct wave_candidate candidate[FLEET_BOARDS];
	struct domain domain[FLEET_SITES] = {{.boards = 0}};
	int of_type = 0;
	const struct wave_strata strata = {domain, f->share, &of_type};
	struct errtext error;
	struct waves waves;

	if (waves_parse(text, &waves, &error) < 0)
		abort();
	for (int t = 0; t < mr->count; t++) {
		snprintf(mr->task[t].task.board, sizeof(mr->task[t].task.board),
			"b%d-%d", r, t);
		candidate[t] = (struct wave_candidate){.board = mr->task[t].task.board,
			.seen = mr->task[t].board.character != AWAY ||
				fleet_chance(f, 50),
			.domains = mr->domains[t],
			.index = (size_t)t};
		domain[mr->site[t]].boards++;
	}
	mr->rollout.wave_count =
		waves_deal(&waves, "v", &strata, candidate, (size_t)mr->count);
	for (int i = 0; i < mr->count; i++) {
		int t = (int)candidate[i].index;

		mr->task[t].task.wave = candidate[i].wave;
		fleet_tell(f, SAW_DEALT, r, t, candidate[i].wave);
		fleet_tell(f, SAW_SITE, r, t, mr->site[t]);
	}
	for (int w = 0; w < mr->rollout.wave_count; w++)
		fleet_tell(f, SAW_WAVE, r, w, WAVE_CLOSED);
}

static void make_rollout(struct fleet *f, int r, uint32_t sites)
{
	struct model_rollout *mr = &f->rollout[r];
	bool dark =
		fleet_chance(f, 5); /* the whole site is without power for a while */

	mr->count = 1 + (int)fleet_random(f, FLEET_BOARDS);
	mr->patient = fleet_chance(f, 60);
	mr->rollout = (struct rollout){.state = ROLLOUT_RUNNING, .attempts_max = 3};
	if (fleet_chance(f, 15))
		mr->rollout.expires_s = 1 + (int)fleet_random(f, FLEET_UNREST);
	for (int t = 0; t < mr->count; t++) {
		struct model_task *mt = &mr->task[t];

		*mt = (struct model_task){
			.task = {.attempt = 1}, .due = -1, .reset_at = -100};
		mt->board.character = choose_character(f);
		mt->board.runs = mt->board.character == HAS_IT_ALREADY ? &driver_new
								       : &driver_old;
		mt->board.away_until = dark ? 30 : 0;
		mr->view[t] = &mt->task;
		mr->site[t] = (int)fleet_random(f, sites);
		mr->domains[t] = (struct task_domains){{mr->site[t], -1, -1}};
		f->site_boards[mr->site[t]]++;
	}
}

static void make_fleet(struct fleet *f, uint64_t seed, int rollouts)
{
	struct monitor_limits *limits = &f->monitor.limits;
	uint32_t sites;

	*f = (struct fleet){.random = seed, .rollout_count = rollouts};
	sites = 1 + fleet_random(f, FLEET_SITES);
	f->pushes_max = 1 + (int)fleet_random(f, 12);
	f->share = fleet_chance(f, 50) ? 25 : 1 + (int)fleet_random(f, 100);
	f->brakes.lost.value = 1 + (int)fleet_random(f, 3);
	f->brakes.fell_back = (struct brake_budget){fleet_random(f, 30), true};
	f->brakes.failed = (struct brake_budget){fleet_random(f, 30), true};
	f->brakes.probe = (struct brake_budget){100, true};
	for (int r = 0; r < rollouts; r++)
		make_rollout(f, r, sites);
	limits->total = f->pushes_max;
	limits->lost = (int)f->brakes.lost.value;
	limits->fell_back_percent = (int)f->brakes.fell_back.value;
	limits->failed_percent = (int)f->brakes.failed.value;
	f->validity = fleet_chance(f, 80) ? 100 + (int)fleet_random(f, 600) : 0;
	f->catch_up_max = 1 + (int)fleet_random(f, 4);
	limits->late = f->catch_up_max;
	for (int s = 0; s < FLEET_SITES; s++) {
		int share = f->site_boards[s] * f->share;

		f->site_max[s] = fleet_chance(f, 50) ? 1 + (int)fleet_random(f, 5) : 0;
		limits->site_max[s] = f->site_max[s];
		/* Rounded up; one board at least. */
		limits->site_share[s] = share < 100 ? 1 : (share + 99) / 100;
	}
	for (int r = 0; r < rollouts; r++) {
		fleet_tell(f, SAW_ROLLOUT, r, 0, ROLLOUT_RUNNING);
		deal_boards(f, r);
	}
}

static const struct {
	const char *name;
	int rollouts;
	bool wishes, deaths, lost_wishes;
} walks[] = {
	{"one rollout on its own", 1, false, false, false},
	{"a person pauses, resumes and aborts", 1, true, false, false},
	{"the daemon dies now and then", 1, true, true, false},
	{"the daemon dies between a wish and its tasks", 1, true, true, true},
	{"two rollouts share the limits", 2, true, true, false},
};

/* How the walks of one kind ended: a walk that never gets anywhere finds nothing. */
struct tally {
	int ended, halted, confirmed, hurt, resets, late, lanes_halted;
};

static void count_walk(const struct fleet *f, struct tally *tally)
{
	for (int r = 0; r < f->rollout_count; r++) {
		tally->ended += rollout_state_is_end(f->rollout[r].rollout.state);
		tally->halted += f->rollout[r].rollout.state == ROLLOUT_HALTED;
		for (int t = 0; t < f->rollout[r].count; t++) {
			const struct task *task = &f->rollout[r].task[t].task;

			tally->confirmed += task->state == TASK_CONFIRMED;
			tally->late += task->late && task->state == TASK_CONFIRMED;
			tally->hurt += task->state == TASK_FELL_BACK ||
				       task->state == TASK_FAILED ||
				       task->state == TASK_LOST;
			tally->resets += task->resets;
		}
	}
}

static void test_walks(uint64_t first, uint64_t seeds)
{
	static struct fleet f;

	for (size_t w = 0; w < COUNT(walks); w++) {
		struct tally tally = {0};
		int failed = 0;

		for (uint64_t seed = first; seed < first + seeds; seed++) {
			const char *complaint;

			make_fleet(&f, seed, walks[w].rollouts);
			f.wishes = walks[w].wishes;
			f.deaths = walks[w].deaths;
			f.lost_wishes = walks[w].lost_wishes;
			complaint = fleet_walk(&f);
			tally.lanes_halted += f.lanes_halted;
			count_walk(&f, &tally);
			if (complaint[0] != '\0' && failed++ < 3)
				printf("# seed %llu, tick %d: %s\n",
					(unsigned long long)seed, f.now, complaint);
		}
		printf("# %d ended, %d halted, %d confirmed, %d hurt, %d resets, %d "
		       "caught up, %d catch-ups halted\n",
			tally.ended, tally.halted, tally.confirmed, tally.hurt,
			tally.resets, tally.late, tally.lanes_halted);
		EQ_INT(failed, 0, walks[w].name);
		if (seeds > 100)
			OK(tally.ended > 50 && tally.halted > 50 &&
					tally.confirmed > 500 && tally.hurt > 100 &&
					tally.late > 100 && tally.lanes_halted > 10,
				"the walks got somewhere");
	}
}

/* With a seed as argument only that one is walked. */
int main(int argc, char **argv)
{
	if (argc > 1) {
		test_walks(strtoull(argv[1], NULL, 10), 1);
		return tap_done();
	}
	test_monitor();
	test_walks(1, SEEDS);
	return tap_done();
}
