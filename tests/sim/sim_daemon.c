/* SPDX-License-Identifier: MIT
 *
 * The daemon's life in the simulation: it starts on what is durable, and may die at any
 * commit. A dead daemon is taken apart by its own stop, while nothing that it still
 * says reaches the store or a board.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/sim.h"

static void fatal(void *arg, const char *why)
{
	(void)arg;
	if (!sim->dead)
		sim_complain("the engine gave up: %s", why);
}

struct inventory *__real_inventory_free(struct inventory *inventory);
struct inventory *__wrap_inventory_free(struct inventory *inventory);

/* The one that daemons share is the world's. */
struct inventory *__wrap_inventory_free(struct inventory *inventory)
{
	return inventory == sim->inventory ? NULL : __real_inventory_free(inventory);
}

void sim_daemon_forget_file(void)
{
	__real_inventory_free(sim->inventory);
	sim->inventory = NULL;
}

/* It is immutable, and daemons die far more often than the file changes: read once for all
 * of them. A reload reads for itself. */
static struct inventory *read_inventory(void)
{
	struct yaml_problems problems;
	struct inventory *inventory;

	sim_fleet_take();
	if (sim->inventory && !sim->rewritten)
		return sim->inventory;
	sim_daemon_forget_file();
	yaml_problems_init(&problems);
	if (inventory_read(sim->inventory_path, NULL, sim->settings->poll_every_ms,
		    &problems, &inventory) < 0) {
		printf("# seed %llu: the inventory has faults: %s\n",
			(unsigned long long)sim->seed, sim->inventory_path);
		exit(1);
	}
	yaml_problems_done(&problems);
	sim->inventory = inventory;
	sim->rewritten = false;
	return inventory;
}

void sim_daemon_start(void *unused)
{
	struct engine_config config = {
		.settings = sim->settings,
		.inventory = read_inventory(),
		.store = sim_store_open(),
		.fatal = fatal,
	};
	struct errtext error;

	(void)unused;
	sim->dead = false;
	for (size_t i = 0; i < sim->board_count; i++)
		sim->board[i].probes_failed = 0;
	if (engine_new(NULL, &config, &sim->engine, &error) < 0) {
		printf("# the engine does not start: %s\n", error.text);
		exit(1);
	}
	sim_note("the daemon starts");
	engine_start(sim->engine);
}

static void buried(void *arg)
{
	(void)arg;
	sim->dead = false;
	sim->engine = NULL;
	(void)sim_at(sim_between(500, 120000), sim_daemon_start, NULL);
}

static void bury(void *arg)
{
	(void)arg;
	engine_stop(sim->engine, buried, NULL);
}

/* From now on nothing counts. The engine may be in the middle of something: it is taken
 * apart in the next turn. */
void sim_daemon_crash(void)
{
	sim_note("the daemon dies");
	sim->count->crashes++;
	sim->dead = true;
	(void)sim_at(0, bury, NULL);
	sim_cut_connections();
}

bool sim_daemon_up(void)
{
	return sim->engine && !sim->dead;
}

static void stopped(void *arg)
{
	(void)arg;
	sim->engine = NULL;
}

void sim_daemon_stop(void)
{
	if (sim->engine && !sim->dead) {
		sim->deaths = 0;
		engine_stop(sim->engine, stopped, NULL);
	}
}
