/* SPDX-License-Identifier: MIT
 *
 * Ambushes: the seed draws a few states of a task, and what happens whenever a task
 * comes into one of them, in the very moment or a little later. Chance alone hardly
 * ever meets a state that lasts two milliseconds.
 */
#include "config.h"

#include "tests/sim/sim.h"

enum blow {
	BLOW_PAUSE,
	BLOW_RESUME,
	BLOW_ABORT,
	BLOW_DOOMED_ABORT, /* the daemon dies once that is durable */
	BLOW_DEATH,
	BLOW_FAULT
};

struct strike {
	enum blow blow;
	int row; /* of WIRE.md 7, for BLOW_FAULT */
	int64_t in_ms;
};

struct ambush {
	enum task_state state;
	bool touched; /* only where a push has been broken */
	uint32_t percent;
	int strikes;
	struct strike strike[2];
};

struct sprung {
	struct sim_board *board;
	struct id rollout;
	struct strike strike;
};

#define AMBUSHES 4
static struct ambush ambushes[AMBUSHES];
static size_t ambush_count;
static struct sprung latest[256]; /* far more than can wait at once */
static size_t latest_at;

static struct strike draw_strike(void)
{
	static const int rows[] = {1, 2, 3, 5, 6, 8, 9, 13, 14, 15, 17, 23, 28, 44, 45};
	static const int64_t delays[] = {0, 1, 3, 1000, 10000};
	static const enum blow blows[] = {BLOW_PAUSE, BLOW_PAUSE, BLOW_RESUME,
		BLOW_RESUME, BLOW_ABORT, BLOW_DOOMED_ABORT, BLOW_DEATH, BLOW_FAULT,
		BLOW_FAULT, BLOW_FAULT, BLOW_FAULT};

	return (struct strike){blows[sim_random(sizeof(blows) / sizeof(blows[0]))],
		rows[sim_random(sizeof(rows) / sizeof(rows[0]))],
		delays[sim_random(sizeof(delays) / sizeof(delays[0]))]};
}

static bool ends_it(const struct ambush *ambush)
{
	for (int i = 0; i < ambush->strikes; i++)
		if (ambush->strike[i].blow == BLOW_ABORT ||
			ambush->strike[i].blow == BLOW_DOOMED_ABORT)
			return true;
	return false;
}

void sim_ambush_new(void)
{
	ambush_count = sim->board_count < 100 ? sim_random(AMBUSHES + 1) : 0;
	for (size_t i = 0; i < ambush_count; i++) {
		struct ambush *ambush = &ambushes[i];

		*ambush = (struct ambush){
			.state = (enum task_state)sim_random(TASK_CONFIRMED),
			.touched = sim_chance(30),
			.percent = 5 + sim_random(40),
			.strikes = sim_chance(50) ? 1 : 2,
			.strike = {draw_strike(), draw_strike()}};
		/* A rollout that is aborted early shows little else. */
		if (ends_it(ambush) && !ambush->touched)
			ambush->percent = 3;
	}
}

static void wish(const struct id *id, enum rollout_wish what)
{
	struct engine_rollout *er;
	char text[ID_TEXT_MAX];

	id_format(id, text);
	if (engine_find_rollout(sim->engine, text, &er) == 0)
		sim_people_wish(er, what);
}

static void spring(void *arg)
{
	struct sprung *sprung = arg;

	enum blow blow = sprung->strike.blow;

	sim->doomed |= blow == BLOW_DOOMED_ABORT && sim_daemon_up();
	if (blow == BLOW_FAULT)
		(void)sim_befall(sprung->board, sprung->strike.row);
	else if (sim_daemon_up() && blow == BLOW_DEATH)
		sim_daemon_crash();
	else if (sim_daemon_up())
		wish(&sprung->rollout, blow == BLOW_PAUSE    ? WISH_PAUSE
				       : blow == BLOW_RESUME ? WISH_RESUME
							     : WISH_ABORT);
}

void sim_ambush_task(const struct task *task)
{
	struct sim_board *board = sim_board_named(task->board);

	if (!board || board->task_state == (int)task->state || sim->quiet)
		return;
	board->task_state = (int)task->state;
	/* Rollouts end, if nobody disturbs them. */
	if (sim->now_ms > sim->end_ms - SIM_DAY_MS)
		return;
	for (size_t i = 0; i < ambush_count; i++) {
		const struct ambush *ambush = &ambushes[i];

		if (ambush->state != task->state ||
			(ambush->touched && !task->touched) ||
			!sim_chance(ambush->percent))
			continue;
		for (int k = 0; k < ambush->strikes; k++) {
			struct sprung *sprung = &latest[latest_at++ % 256];

			*sprung = (struct sprung){
				board, task->rollout, ambush->strike[k]};
			(void)sim_at(ambush->strike[k].in_ms, spring, sprung);
		}
	}
}
