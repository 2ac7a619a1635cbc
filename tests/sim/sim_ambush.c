/* SPDX-License-Identifier: MIT
 *
 * Ambushes: the seed draws a few states of a task, and what happens whenever a task
 * comes into one of them, in the very moment or a little later. Chance alone hardly
 * ever meets a state that lasts two milliseconds. What needs several of them one after
 * another is a plot; many a row of the task machine is taken in plots alone.
 */
#include "config.h"

#include "tests/sim/sim.h"

enum blow {
	BLOW_PAUSE,
	BLOW_RESUME,
	BLOW_ABORT,
	BLOW_DOOMED_ABORT, /* the daemon dies once that is durable */
	BLOW_FREEZE,       /* an abort that leaves every board as it is */
	BLOW_DEATH,
	BLOW_CLOSE,     /* ... and until it is back its site has closed */
	BLOW_UNRELEASE, /* ... and its release has lost its image */
	BLOW_START,     /* another rollout wants the board */
	BLOW_TAKE_OUT,  /* it leaves the inventory */
	BLOW_RETYPE,    /* its owner calls it a board of another type */
	BLOW_FAULT
};

/* What of the task the ambush waits for, beside the state. */
enum when {
	WHEN_ANY,
	WHEN_TOUCHED, /* a push has been broken */
	WHEN_PUSHED,
	WHEN_CLEAN, /* neither */
	WHEN_LATE,  /* it catches up */
	WHEN_WORN,  /* it has had its resets */
};

#define RESETS_MAX 3 /* as in engine_task.c */

struct strike {
	enum blow blow;
	int row; /* of WIRE.md 7, for BLOW_FAULT */
	int64_t in_ms;
};

struct ambush {
	enum task_state state;
	enum when when;
	uint32_t percent;
	int strikes;
	struct strike strike[2];
};

struct sprung {
	struct sim_board *board;
	struct id rollout;
	struct strike strike;
};

#define AMBUSHES      4
#define PLOT_AMBUSHES 5
static struct ambush ambushes[AMBUSHES + PLOT_AMBUSHES];
static size_t ambush_count;
static struct sprung latest[256]; /* far more than can wait at once */
static size_t latest_at;

/* ---- plots ------------------------------------------------------------------------ */

#define ON(task_state, when, percent, ...)                                             \
	{                                                                              \
		TASK_##task_state, WHEN_##when, percent,                               \
			sizeof((struct strike[]){__VA_ARGS__}) /                       \
				sizeof(struct strike),                                 \
		{                                                                      \
			__VA_ARGS__                                                    \
		}                                                                      \
	}
#define DO(blow, in_ms)                                                                \
	{                                                                              \
		BLOW_##blow, 0, in_ms                                                  \
	}
#define ROW(number, in_ms)                                                             \
	{                                                                              \
		BLOW_FAULT, number, in_ms                                              \
	}

/* clang-format off */
static const struct ambush plots[][PLOT_AMBUSHES] = {
	/* Aborted while it waits with the image on it. */
	{ON(STAGED, ANY, 50, DO(PAUSE, 0)), ON(HELD, ANY, 100, DO(RESUME, 1000)),
		ON(WAITING, PUSHED, 100, DO(ABORT, 0))},
	{ON(STAGED, ANY, 50, DO(PAUSE, 0)), ON(HELD, ANY, 100, DO(RESUME, 1000)),
		ON(WAITING, PUSHED, 100, DO(DOOMED_ABORT, 0))},
	/* ... and somebody has reset it meanwhile. */
	{ON(STAGED, ANY, 50, DO(PAUSE, 0)),
		ON(HELD, ANY, 100, ROW(2, 0), DO(RESUME, 400000)),
		ON(WAITING, PUSHED, 100, DO(ABORT, 0))},
	{ON(STAGED, ANY, 50, DO(PAUSE, 0)),
		ON(HELD, ANY, 100, ROW(2, 0), DO(RESUME, 400000)),
		ON(WAITING, PUSHED, 100, DO(DOOMED_ABORT, 0))},
	{ON(STAGED, ANY, 50, DO(PAUSE, 0)),
		ON(HELD, ANY, 100, ROW(2, 0), DO(DOOMED_ABORT, 400000))},
	/* What its grant rested on is gone before its look. */
	{ON(CHECKING, CLEAN, 5, DO(CLOSE, 3))},
	{ON(CHECKING, CLEAN, 5, DO(UNRELEASE, 3))},
	{ON(STAGED, ANY, 50, DO(UNRELEASE, 3))},
	{ON(CHECKING, CLEAN, 10, ROW(3, 0)), ON(CHECKING, LATE, 100, DO(START, 0))},
	{ON(CHECKING, CLEAN, 20, ROW(3, 0)), ON(CHECKING, LATE, 100, ROW(1, 0)),
		ON(BACKOFF, LATE, 100, DO(START, 0))},
	{ON(CHECKING, CLEAN, 5, ROW(3, 0), DO(TAKE_OUT, 1)),
		ON(BACKOFF, CLEAN, 20, DO(TAKE_OUT, 0)),
		ON(DEFERRED, ANY, 20, DO(TAKE_OUT, 0))},
	/* It does not reset, and its rollout stands when it has had its resets. */
	{ON(RESETTING, ANY, 100, ROW(23, 0)), ON(RETURNING, WORN, 100, DO(PAUSE, 0)),
		ON(HELD, ANY, 100, DO(RESUME, 1000)),
		ON(WAITING, ANY, 100, DO(RESUME, 1000)),
		ON(CHECKING, PUSHED, 100, ROW(15, 0))},
	/* Nobody can be asked whether it has reset, and the next reset is answered. */
	{ON(PUSHING, CLEAN, 30, ROW(17, 0)), ON(RETURNING, ANY, 70, ROW(8, 0))},
	/* Nor does it reset. */
	{ON(RESETTING, ANY, 100, ROW(23, 0)), ON(RETURNING, ANY, 100, ROW(8, 0))},
	/* Another board answers when it should be back. */
	{ON(PUSHING, CLEAN, 40, ROW(17, 0)), ON(RETURNING, TOUCHED, 100, ROW(28, 0))},
	/* It is not told to keep its image, and then not there to be told again. */
	{ON(CONFIRMING, ANY, 50, ROW(38, 0), ROW(1, 0))},
	{ON(CONFIRMING, ANY, 50, ROW(38, 0), ROW(44, 0))},
	{ON(CONFIRMING, ANY, 50, ROW(38, 0), ROW(46, 1))},
	{ON(CONFIRMING, ANY, 50, ROW(38, 0), ROW(2, 1))},
	{ON(CONFIRMING, ANY, 50, ROW(38, 0), ROW(28, 10000))},
	/* An abort between push and reset. */
	{ON(STAGED, ANY, 30, DO(ABORT, 0))},
	/* ... while it is looked at. */
	{ON(PUSHING, CLEAN, 40, ROW(17, 0)),
		ON(CHECKING, TOUCHED, 100, ROW(1, 0), DO(FREEZE, 1))},
	{ON(PUSHING, CLEAN, 40, ROW(17, 0)),
		ON(CHECKING, TOUCHED, 100, ROW(44, 0), DO(FREEZE, 1))},
	{ON(CHECKING, CLEAN, 30, ROW(1, 0), DO(DOOMED_ABORT, 1))},
	{ON(CHECKING, CLEAN, 30, ROW(44, 0), DO(DOOMED_ABORT, 1))},
	{ON(RESETTING, PUSHED, 30, DO(DEATH, 0)),
		ON(CHECKING, PUSHED, 100, ROW(1, 0), DO(ABORT, 1))},
	{ON(RESETTING, PUSHED, 30, DO(DEATH, 0)),
		ON(CHECKING, PUSHED, 100, ROW(44, 0), DO(ABORT, 1))},
	/* ... on its way back. */
	{ON(RESETTING, PUSHED, 30, DO(DEATH, 0)), ON(CHECKING, PUSHED, 100, ROW(15, 0)),
		ON(RETURNING, PUSHED, 100, DO(FREEZE, 1000))},
	{ON(PUSHING, CLEAN, 40, ROW(17, 0)), ON(RESETTING, TOUCHED, 100, ROW(23, 0)),
		ON(RETURNING, TOUCHED, 100, DO(FREEZE, 1))},
	{ON(PUSHING, CLEAN, 40, ROW(17, 0)), ON(RESETTING, TOUCHED, 100, ROW(23, 0)),
		ON(RETURNING, TOUCHED, 100, ROW(9, 0), DO(FREEZE, 1))},
	{ON(PUSHING, CLEAN, 40, ROW(17, 0)),
		ON(PUSHING, TOUCHED, 100, ROW(5, 0), DO(FREEZE, 1))},
	/* It becomes a board of another type before its push, under it, between two
	 * tries, and once it runs the image. */
	{ON(WAITING, CLEAN, 30, DO(RETYPE, 0))},
	{ON(CHECKING, CLEAN, 30, DO(RETYPE, 0)), ON(PUSHING, ANY, 30, DO(RETYPE, 3))},
	{ON(PUSHING, CLEAN, 60, ROW(39, 0)), ON(BACKOFF, CLEAN, 100, DO(RETYPE, 0))},
	{ON(PUSHING, CLEAN, 60, ROW(17, 0)), ON(BACKOFF, TOUCHED, 100, DO(RETYPE, 0))},
	{ON(STAGED, ANY, 40, DO(RETYPE, 0)), ON(SOAKING, ANY, 40, DO(RETYPE, 0))},
	{ON(PUSHING, CLEAN, 40, DO(DEATH, 1), DO(RETYPE, 0))},
	{ON(RETURNING, CLEAN, 60, ROW(9, 0), DO(ABORT, 1))},
	/* ... while it is disarmed, which it does not let us do. */
	{ON(RESETTING, PUSHED, 50, ROW(6, 0)),
		ON(DISARMING, ANY, 100, ROW(38, 0), DO(RESUME, 1))},
	{ON(RESETTING, PUSHED, 50, ROW(6, 0)), ON(DISARMING, PUSHED, 100, ROW(17, 0)),
		ON(DISARMING, TOUCHED, 100, ROW(38, 0), DO(FREEZE, 1))},
	{ON(RESETTING, PUSHED, 50, ROW(6, 0)),
		ON(DISARMING, ANY, 100, ROW(17, 0), DO(FREEZE, 1))},
	{ON(RESETTING, PUSHED, 50, ROW(6, 0)),
		ON(DISARMING, ANY, 100, ROW(38, 0), DO(FREEZE, 1))},
};
/* clang-format on */

static void add_plot(void)
{
	const struct ambush *plot = plots[sim_random(sizeof(plots) / sizeof(plots[0]))];

	for (size_t i = 0; i < PLOT_AMBUSHES && plot[i].strikes > 0; i++)
		ambushes[ambush_count++] = plot[i];
}

/* ---- chance ----------------------------------------------------------------------- */

static struct strike draw_strike(void)
{
	static const int rows[] = {1, 2, 3, 5, 6, 8, 9, 13, 14, 15, 17, 23, 28, 44, 45};
	static const int64_t delays[] = {0, 1, 3, 1000, 10000};
	static const enum blow blows[] = {BLOW_PAUSE, BLOW_PAUSE, BLOW_RESUME,
		BLOW_RESUME, BLOW_ABORT, BLOW_DOOMED_ABORT, BLOW_DEATH, BLOW_RETYPE,
		BLOW_FAULT, BLOW_FAULT, BLOW_FAULT, BLOW_FAULT};

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
	bool few = sim->board_count < 100 && !sim->plain;

	ambush_count = few ? sim_random(AMBUSHES + 1) : 0;
	for (size_t i = 0; i < ambush_count; i++) {
		struct ambush *ambush = &ambushes[i];

		*ambush = (struct ambush){
			.state = (enum task_state)sim_random(TASK_CONFIRMED),
			.when = sim_chance(30) ? WHEN_TOUCHED : WHEN_ANY,
			.percent = 5 + sim_random(40),
			.strikes = sim_chance(50) ? 1 : 2,
			.strike = {draw_strike(), draw_strike()}};
		/* A rollout that is aborted early shows little else. */
		if (ends_it(ambush) && ambush->when == WHEN_ANY)
			ambush->percent = 3;
	}
	if (few && sim_chance(45))
		add_plot();
}

/* What somebody has made of its files while the daemon was down. */
static void lose_image(const struct sim_board *board, const struct rollout *rollout)
{
	struct release *release;
	size_t kept = 0;

	if (!id_is_zero(&rollout->undo_of))
		return;
	release = &sim->release[rollout->release[1] - '0'];
	for (size_t i = 0; i < release->image_count; i++)
		if (release->image[i].family != sim_entry_of(board)->family)
			release->image[kept++] = release->image[i];
	release->image_count = kept;
}

static void die(enum blow blow, const struct sim_board *board, const struct rollout *of)
{
	if (blow == BLOW_CLOSE)
		sim_fleet_close(board);
	sim_daemon_crash();
	if (blow == BLOW_UNRELEASE)
		lose_image(board, of);
}

static void spring(void *arg)
{
	const struct sprung *sprung = arg;
	enum blow blow = sprung->strike.blow;
	struct engine_rollout *er;
	char text[ID_TEXT_MAX];

	if (blow == BLOW_FAULT)
		(void)sim_befall(sprung->board, sprung->strike.row);
	id_format(&sprung->rollout, text);
	if (!sim_daemon_up() || engine_find_rollout(sim->engine, text, &er) < 0)
		return;
	switch (blow) {
	case BLOW_PAUSE:
		sim_people_wish(er, WISH_PAUSE);
		break;
	case BLOW_RESUME:
		sim_people_wish(er, WISH_RESUME);
		break;
	case BLOW_DOOMED_ABORT:
		sim->doomed = true;
		sim_people_wish(er, WISH_ABORT);
		break;
	case BLOW_ABORT:
		sim_people_wish(er, WISH_ABORT);
		break;
	case BLOW_FREEZE:
		sim_people_freeze(er);
		break;
	case BLOW_START:
		sim_people_start_on(sprung->board);
		break;
	case BLOW_TAKE_OUT:
		sim_people_take_out(sprung->board);
		break;
	case BLOW_RETYPE:
		sim_people_retype(sprung->board);
		break;
	case BLOW_DEATH:
	case BLOW_CLOSE:
	case BLOW_UNRELEASE:
		die(blow, sprung->board, &er->rollout);
		break;
	case BLOW_FAULT:
		break;
	}
}

static bool is_waited_for(const struct task *task, enum when when)
{
	switch (when) {
	case WHEN_TOUCHED:
		return task->touched;
	case WHEN_PUSHED:
		return task->pushed;
	case WHEN_CLEAN:
		return !task->touched && !task->pushed;
	case WHEN_LATE:
		return task->late;
	case WHEN_WORN:
		return task->resets >= RESETS_MAX;
	case WHEN_ANY:
		break;
	}
	return true;
}

void sim_ambush_task(const struct task *task)
{
	struct sim_board *board = sim_board_named(task->board);

	if (board->task_state == (int)task->state)
		return;
	board->task_state = (int)task->state;
	/* Rollouts end, if nobody disturbs them. */
	if (sim->quiet || sim->now_ms > sim->end_ms - SIM_DAY_MS)
		return;
	for (size_t i = 0; i < ambush_count; i++) {
		const struct ambush *ambush = &ambushes[i];

		if (ambush->state != task->state ||
			!is_waited_for(task, ambush->when) ||
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
