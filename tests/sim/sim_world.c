/* SPDX-License-Identifier: MIT
 *
 * A world from a seed: boards, a daemon's settings, and what is known of both.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

/* ---- boards ----------------------------------------------------------------------- */

static void make_board(size_t number)
{
	struct sim_board *board = &sim->board[number];

	const struct sim_image *factory = &sim->image[0];

	board->launchpad = board->family == WIPY_FAMILY_WIPY && sim_chance(2);
	if (board->launchpad)
		factory = &sim->launchpad;
	board->task_state = TASK_STATE_COUNT;
	board->slot[0] = (struct sim_slot){SIM_WHOLE, factory};
	sim_board_boot(board);
	if (sim_chance(50)) /* it has had an update or two */
		sim_board_store(board, factory, true, true);
	sim_board_reset(board, 0, 0);
	if (board->family == WIPY_FAMILY_ESP32 || board->family == WIPY_FAMILY_ESP8266)
		board->trial = false;
}

struct sim_entry *sim_entry_of(const struct sim_board *board)
{
	return &sim->force.entry[board - sim->board];
}

/* Names end in the number of the device. */
struct sim_board *sim_board_named(const char *name)
{
	size_t number = strtoul(name + 2, NULL, 10);

	if (number >= sim->board_count)
		abort();
	return &sim->board[number];
}

const struct engine_board *sim_engine_side(const struct sim_board *board)
{
	return sim->engine ? engine_find_board(sim->engine, sim_entry_of(board)->name)
			   : NULL;
}

enum task_state sim_task_of(const struct sim_board *board)
{
	const struct engine_board *eb = sim_engine_side(board);

	return eb && eb->task ? eb->task->task.state : TASK_STATE_COUNT;
}

/* ---- the world -------------------------------------------------------------------- */

static void make_settings(void)
{
	struct yaml_problems problems;
	struct settings *settings;

	yaml_problems_init(&problems);
	if (settings_read(NULL, &problems, &sim->settings) < 0)
		abort();
	yaml_problems_done(&problems);
	settings = sim->settings;
	settings->pushes_max = 1 + sim_random(8);
	settings->domain_share = sim_chance(40)   ? 25
				 : sim_chance(50) ? 100
						  : 1 + sim_random(100);
	settings->brake_lost.value = 1 + sim_random(3);
	settings->attempts = sim_chance(50) ? 3 : 1 + sim_random(3);
	settings->approval = sim_chance(15);
	if (sim->plain) /* as many as there are deaths, and one */
		settings->attempts = 3;
	settings->bandwidth = sim_chance(10) ? 1000 * sim_between(16, 100) : 0;
}

static void choose_climate(void)
{
	static const int climates[] = {23, 23, 16, 14, 6, 5, 13};
	bool few = sim->board_count < 100;

	/* Many boards have weather enough, and people who let them be. */
	sim->storm = few && sim_chance(50);
	sim->hasty = few && sim_chance(20);
	sim->abreast = few && sim_chance(8);
	if (sim_chance(35))
		sim->climate =
			climates[sim_random(sizeof(climates) / sizeof(climates[0]))];
	sim->forgotten = sim_chance(30);
	sim->deaths = sim_chance(50) ? (int)sim_random(few ? 2000 : 4) : 0;
	sim->undos = sim_chance(30) ? 1 + (int)sim_random(3) : 0;
	sim->edits = sim_chance(40) ? 1 + (int)sim_random(6) : 0;
}

void sim_world_new(uint64_t seed, size_t boards, int poll_minutes)
{
	sim->seed = sim->random = seed;
	sim->board = calloc(boards, sizeof(*sim->board));
	if (!sim->board)
		abort();
	sim->board_count = boards;
	make_settings();
	for (size_t i = 0; i < SIM_RELEASES; i++)
		sim_image_new(i);
	sim_image_factory(&sim->launchpad);
	sim_fleet_new(poll_minutes);
	for (size_t i = 0; i < boards; i++)
		make_board(i);
	if (!sim->plain)
		choose_climate();
	sim_ambush_new();
	sim_daemon_start(NULL);
	if (sim->plain)
		return;
	(void)sim_at(sim_between(600000, 7200000), sim_people_start_rollout, NULL);
	(void)sim_at(sim_between(60000, 3600000), sim_people, NULL);
	if (sim_chance(90))
		(void)sim_at(1000, sim_nature, NULL);
}

void sim_world_run(int64_t until_ms)
{
	while (sim->complaint[0] == '\0' && sim_step(until_ms))
		;
}

void sim_world_done(void)
{
	struct store_backend *durable;

	sim_daemon_stop();
	while (sim->engine && sim_step(INT64_MAX))
		;
	durable = sim->durable;
	if (durable)
		durable->ops->close(durable);
	sim_clear_queue();
	settings_free(sim->settings);
	sim_fleet_done();
	free(sim->board);
}
