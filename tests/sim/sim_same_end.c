/* SPDX-License-Identifier: MIT
 *
 * After a crash at any point the same end as without it (DESIGN.md 11). The same fleet,
 * images and people are played once undisturbed, and again with a daemon that dies in the
 * middle of its work: tasks, rollouts and boards must come to the same end.
 *
 * Nothing befalls the boards in here. What does depends on the moment, and another
 * moment may rightly have another end: that is for the other seeds. For the same reason
 * people do nothing whose outcome hangs on the minute: they start, approve, pause, resume
 * and undo, but abort nothing.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define STEPS     3 /* rollouts that are wished for, one after the other */
#define DEATHS    2 /* in one play: a board has three attempts */
#define PLAYS     2 /* with deaths */
#define TICK_MS   600000
#define SETTLE    6 /* ticks, once the last one has ended */
#define PATIENCE  (10 * SIM_DAY_MS)
#define LINES_MAX 400

struct ending {
	size_t count;
	char line[LINES_MAX][96];
};

static struct sim world;
static struct ending endings[2];
static size_t refused; /* steps that came to no rollout */
static int idle_ticks;
static bool has_paused;

/* ---- people ------------------------------------------------------------------------ */

/* The daemon starts repairs of its own. */
static struct engine_rollout *wished(size_t number)
{
	for (size_t i = 0; i < engine_rollout_count(sim->engine); i++) {
		struct engine_rollout *er;
		char id[ID_TEXT_MAX];

		id_format(&engine_rollout_at(sim->engine, i)->rollout.id, id);
		if (engine_find_rollout(sim->engine, id, &er) == 0 &&
			!rollout_is_repair(&er->rollout) && number-- == 0)
			return er;
	}
	return NULL;
}

/* What the seed wants as step `number`: releases, and at times the way back. */
static int plan_step(size_t number, struct plan *ret_plan)
{
	static const char *const waves[] = {"1,10%,50%,100%", "5,30%,100%", "100%"};
	struct rollout_request request = {
		.waves = waves[sim->seed % 3], .soak_s = 60, .burn_last_good = true};
	struct errtext error;
	char name[8];

	if (number > 0 && (sim->seed >> number) % 2 == 0) {
		struct engine_rollout *er = wished(number - 1);

		return er ? engine_plan_undo(er, &request, ret_plan, &error) : -1;
	}
	snprintf(name, sizeof(name), "r%zu",
		1 + (size_t)(sim->seed + number) % (SIM_RELEASES - 1));
	request.release = name;
	return engine_plan(sim->engine, &request, ret_plan, &error);
}

static void begin(size_t number)
{
	struct plan plan;

	if (plan_step(number, &plan) < 0) {
		refused++;
		return;
	}
	if (plan.planned > 0)
		sim_people_order(&plan, 0);
	else
		refused++;
	plan_done(&plan);
}

static void tend(struct engine_rollout *er)
{
	enum rollout_state state = rollout_drive(&er->rollout);

	if (state == ROLLOUT_AWAITING_APPROVAL)
		sim_people_approve(er);
	else if (state == ROLLOUT_PAUSED || state == ROLLOUT_HALTED)
		sim_people_wish(er, WISH_RESUME);
	else if (state == ROLLOUT_RUNNING && !has_paused && sim->seed % 2)
		has_paused = sim_people_wish(er, WISH_PAUSE) == 0;
}

/* They look every ten minutes. */
static void tick(void *unused)
{
	size_t count = 0;

	(void)unused;
	(void)sim_at(TICK_MS, tick, NULL);
	if (!sim_daemon_up())
		return;
	while (wished(count))
		count++;
	if (count > 0 && !rollout_is_over(&wished(count - 1)->rollout))
		tend(wished(count - 1));
	else if (count + refused < STEPS)
		begin(count + refused);
	else
		idle_ticks++;
}

/* ---- a play ------------------------------------------------------------------------ */

static void put(struct ending *ending, const char *what, const char *end)
{
	if (ending->count == LINES_MAX)
		abort();
	snprintf(ending->line[ending->count++], sizeof(ending->line[0]), "%s: %s", what,
		end);
}

static void note_rollout(
	struct ending *ending, size_t number, const struct engine_rollout *er)
{
	char what[48];

	snprintf(what, sizeof(what), "rollout %zu", number);
	put(ending, what, rollout_state_name(er->rollout.state));
	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;

		snprintf(what, sizeof(what), "%.30s in rollout %zu", task->board,
			number);
		put(ending, what, task_state_name(task->state));
	}
}

/* A new daemon may know less of the slots than the one that has seen it all: of a board
 * that does not answer whether it is dirty, of the others whether it is armed. */
static void note_board(struct ending *ending, const struct sim_board *board)
{
	const struct engine_board *eb = sim_engine_side(board);
	uint32_t conditions = eb ? eb->board.conditions : 0;
	bool answers = sim_board_answers(board, sim->now_ms);
	char end[64];

	snprintf(end, sizeof(end), "runs image %d%s%s%s",
		board->running ? (int)(board->running - sim->image) : -1,
		board->trial ? " on trial" : "",
		answers && (conditions & CONDITION_DIRTY) ? ", dirty" : "",
		conditions & CONDITION_NEEDS_HANDS ? ", needs hands" : "");
	put(ending, board->name, end);
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void note_end(struct ending *ending)
{
	ending->count = 0;
	for (size_t r = 0; sim_daemon_up() && wished(r); r++)
		note_rollout(ending, r, wished(r));
	for (size_t i = 0; sim_daemon_up() && i < sim->board_count; i++)
		note_board(ending, &sim->board[i]);
	/* Tasks stand in the order of their waves: who was away at the start is last. */
	qsort(ending->line, ending->count, sizeof(ending->line[0]), compare_lines);
}

static void play(const struct sim *like, const struct sim_fate *fate)
{
	world = (struct sim){.count = like->count,
		.verbose = like->verbose,
		.end_ms = PATIENCE + SIM_DAY_MS,
		.plain = true,
		.fate = *fate};
	sim = &world;
	refused = 0;
	idle_ticks = 0;
	has_paused = false;
	sim_world_new(like->seed, like->board_count, like->poll_minutes);
	(void)sim_at(TICK_MS, tick, NULL);
	while (idle_ticks < SETTLE && sim->complaint[0] == '\0' && sim_step(PATIENCE))
		;
	note_end(&endings[fate->count > 0]);
}

static void compare(void)
{
	const struct ending *well = &endings[0], *dead = &endings[1];

	for (size_t i = 0; i < well->count || i < dead->count; i++) {
		const char *one = i < well->count ? well->line[i] : "nothing";
		const char *other = i < dead->count ? dead->line[i] : "nothing";

		if (strcmp(one, other) != 0)
			sim_complain("another end after a crash: '%s', without it '%s'",
				other, one);
	}
}

void sim_same_end(const struct sim *like)
{
	struct sim_fate fate = {.count = 0};
	uint64_t random = like->seed * 0x9e3779b97f4a7c15u;
	uint64_t work;

	play(like, &fate);
	work = sim->work;
	for (int i = 0; i < PLAYS && sim->complaint[0] == '\0' && work > 0; i++) {
		sim_world_done();
		for (fate.count = 0; fate.count < DEATHS; fate.count++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			fate.at[fate.count] = 1 + (random >> 33) % work;
		}
		play(like, &fate);
		if (sim->complaint[0] == '\0')
			compare();
	}
}
