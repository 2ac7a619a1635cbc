/* SPDX-License-Identifier: MIT
 *
 * A world from a seed: boards, images, a daemon, what happens to boards by itself, and
 * people who start, pause, resume, abort, pull plugs and push switches.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/edge/store_backend.h"
#include "tests/sim/sim.h"

/* ---- images and boards ------------------------------------------------------------ */

static void make_image(size_t number)
{
	static const struct {
		const char *board, *mcu;
	} texts[WIPY_FAMILY_COUNT] = {
		[WIPY_FAMILY_WIPY] = {"WiPy", "CC3200"},
		[WIPY_FAMILY_PYCOM] = {"LoPy", "ESP32"},
		[WIPY_FAMILY_ESP32] = {"ESP module", "ESP32"},
		[WIPY_FAMILY_ESP8266] = {"ESP module", "ESP8266"},
	};
	struct sim_image *image = &sim->image[number];
	struct release *release = &sim->release[number];

	*image = (struct sim_image){.broken = number > 0 && sim_chance(4),
		.crashes = number > 0 && sim_chance(4),
		.no_network = number > 0 && sim_chance(3)};
	*release = (struct release){.added_s = SIM_START_S};
	snprintf(release->name, sizeof(release->name), "r%zu", number);
	for (int f = WIPY_FAMILY_WIPY; f < WIPY_FAMILY_COUNT; f++) {
		struct wipy_fingerprint *fp = &image->fp[f];
		struct release_image *ri = &release->image[release->image_count];

		snprintf(fp->tag, sizeof(fp->tag), "v1.9.%zu%s", number,
			number == 2 ? "-dirty" : "");
		snprintf(fp->date, sizeof(fp->date), "2026-01-%02zu", number + 1);
		snprintf(fp->board, sizeof(fp->board), "%s", texts[f].board);
		snprintf(fp->mcu, sizeof(fp->mcu), "%s", texts[f].mcu);
		if (f == WIPY_FAMILY_ESP8266 && sim_chance(20))
			continue;
		*ri = (struct release_image){.family = (enum wipy_family)f,
			.size = 180000,
			.fingerprint = *fp};
		memset(ri->sha256, (char)('0' + number), sizeof(ri->sha256) - 1);
		release->image_count++;
	}
}

const struct sim_image *sim_image_of(const char *release)
{
	return &sim->image[release[1] - '0'];
}

static enum wipy_family draw_family(void)
{
	uint32_t at = sim_random(100);

	return at < 70   ? WIPY_FAMILY_WIPY
	       : at < 85 ? WIPY_FAMILY_PYCOM
	       : at < 95 ? WIPY_FAMILY_ESP32
			 : WIPY_FAMILY_ESP8266;
}

static void make_board(size_t number, FILE *inventory)
{
	struct sim_board *board = &sim->board[number];
	enum wipy_family said;

	board->family = said = draw_family();
	board->site = (int)sim_random(SIM_SITES);
	snprintf(board->name, sizeof(board->name), "b-%04zu", number);
	board->slot[0] = (struct sim_slot){SIM_WHOLE, &sim->image[0]};
	if (sim_chance(50)) { /* it has had an update or two */
		sim_board_boot(board);
		sim_board_store(board, &sim->image[0], true, true);
	}
	sim_board_reset(board, 0, 0);
	if (board->family == WIPY_FAMILY_ESP32 || board->family == WIPY_FAMILY_ESP8266)
		board->trial = false;
	if (sim_chance(3)) { /* row 25: another board than the file says */
		said = draw_family();
		sim->count->fault[25] += said != board->family;
	}
	fprintf(inventory, "  - {name: %s, address: %s, family: %s, site: s%d%s}\n",
		board->name, board->name, wipy_family_facts(said)->name, board->site,
		sim_chance(70)   ? ""
		: sim_chance(50) ? ", probes: [{tcp: 80}, {command: [/bin/true]}]"
				 : ", probes: [{repl: 1+1, expect: '2'}, {tcp: 80}]");
}

static void make_boards(size_t count, int poll_minutes)
{
	int fd;
	FILE *file;

	snprintf(sim->inventory_path, sizeof(sim->inventory_path),
		"/tmp/wipyd-sim-XXXXXX");
	fd = mkstemp(sim->inventory_path);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	sim->board = calloc(count, sizeof(*sim->board));
	if (!file || !sim->board)
		abort();
	sim->board_count = count;
	fprintf(file, "version: 1\ndefaults: {poll: {every: %dm}}\nsites:\n",
		poll_minutes);
	for (int s = 0; s < SIM_SITES; s++) {
		sim->limits.site_max[s] = sim_chance(40) ? 1 + (int)sim_random(4) : 0;
		if (sim->limits.site_max[s])
			fprintf(file, "  s%d: {max-pushes: %d}\n", s,
				sim->limits.site_max[s]);
		else
			fprintf(file, "  s%d: {}\n", s);
	}
	fprintf(file, "boards:\n");
	for (size_t i = 0; i < count; i++)
		make_board(i, file);
	if (fclose(file) != 0)
		abort();
}

/* ---- what happens to boards ------------------------------------------------------- */

void sim_reboot(struct sim_board *board)
{
	const struct sim_record was = board->record;
	bool trial = board->trial;
	int row = 0;

	sim_board_reset(board, sim->now_ms, sim_between(2000, 9000));
	if (was.check && board->record.active == was.previous)
		row = board->family == WIPY_FAMILY_PYCOM ? 34 : 20;
	else if (trial && !board->trial)
		row = 36;
	else if (board->running && board->running->crashes)
		row = 24;
	else if (board->running && board->running->no_network)
		row = board->family == WIPY_FAMILY_WIPY ? 27 : 37;
	else if (board->running == &sim->image[2])
		row = 32;
	sim->count->fault[row]++;
	if (row)
		sim_note("%s boots: row %d, %s", board->name, row, sim_fault_name(row));
}

static void power_cycle(struct sim_board *board)
{
	sim_note("%s is power-cycled", board->name);
	sim_reboot(board);
}

static enum task_state task_of(const struct sim_board *board)
{
	const struct engine_board *eb =
		sim->engine ? engine_find_board(sim->engine, board->name) : NULL;

	return eb && eb->task ? eb->task->task.state : TASK_STATE_COUNT;
}

/* What befalls the board now; the rest waits for its next conversation. */
static void befall(struct sim_board *board, int row)
{
	int64_t now_ms = sim->now_ms;

	switch (row) {
	case 1:
		board->busy_ms = now_ms + sim_between(10000, 600000);
		break;
	case 2:
	case 22:
		power_cycle(board);
		break;
	case 3:
		board->away_ms = now_ms + sim_between(60000, 6 * 3600000);
		break;
	case 4:
		board->mute_ms = now_ms + sim_between(60000, 1800000);
		break;
	case 7: /* safe boot, or a bare Server(): micro/python is what we try anyway */
		board->hogs = false;
		break;
	case 8:
		board->hogs = true;
		break;
	case 9:
		board->hogs = board->eats = true;
		break;
	case 28: /* its address was given to somebody else */
		if (!board->running || task_of(board) == TASK_PUSHING ||
			task_of(board) == TASK_DISARMING)
			return;
		board->stranger = *sim_board_shows(board, now_ms);
		snprintf(board->stranger.board, sizeof(board->stranger.board),
			"LaunchPad");
		board->stranger_ms = now_ms + sim_between(5000, 600000);
		break;
	case 15:
		board->away_ms = now_ms + sim_between(3000, 120000);
		break;
	case 35:
		if (board->family != WIPY_FAMILY_PYCOM)
			return;
		board->slot[0] = (struct sim_slot){SIM_WHOLE, &sim->image[0]};
		board->by_others = true;
		break;
	case 44:
		board->garbage_ms = now_ms + sim_between(5000, 600000);
		break;
	case 45:
		sim->blind_ms = now_ms + sim_between(1000, 180000);
		break;
	case 46:
		sim_board_store(
			board, &sim->image[sim_random(SIM_RELEASES)], true, true);
		board->by_others = true;
		sim_reboot(board);
		break;
	case 47: /* not while it is being talked to: that needs a router's help */
		if (task_of(board) == TASK_PUSHING || task_of(board) == TASK_DISARMING)
			return;
		board->guise_ms = now_ms + sim_between(5000, 600000);
		break;
	case 29: /* a twin takes its place */
		board->mark[0] = '\0';
		board->by_others = true;
		board->twin_ms = now_ms + sim_between(5000, 6 * 3600000);
		break;
	case 32:
	case 36:
	case 20:
	case 24:
	case 25:
	case 27:
	case 34:
	case 37:
		return; /* of images and loaders: they happen by themselves */
	default:
		board->fault = row;
		return;
	}
	sim->count->fault[row]++;
	sim_note("%s: row %d, %s", board->name, row, sim_fault_name(row));
}

/* In a storm misfortune looks for boards that are being worked on. */
static struct sim_board *choose_victim(void)
{
	struct sim_board *board = NULL;

	for (int i = 0; i < (sim->storm ? 20 : 1); i++) {
		board = &sim->board[sim_random((uint32_t)sim->board_count)];
		if (task_state_in_flight(task_of(board)))
			break;
	}
	return board;
}

static int64_t calm_ms(void)
{
	int64_t mean_ms = 7200000 / (int64_t)sim->board_count;

	for (size_t i = 0; sim->storm && i < sim->board_count; i++)
		if (task_state_in_flight(task_of(&sim->board[i])))
			return sim_between(500, 30000);
	return sim_between(1000, mean_ms);
}

static int draw_fault(void)
{
	static const int often[] = {1, 6, 8, 13, 14, 22, 23, 23, 44, 45};

	if (sim->storm && sim_chance(40))
		return often[sim_random(sizeof(often) / sizeof(often[0]))];
	return 1 + (int)sim_random(SIM_FAULT_COUNT - 1);
}

static void nature(void *arg)
{
	struct sim_board *board = choose_victim();
	/* Plugs are pulled at the worst moment. */
	bool pulled = sim_chance(10) && task_of(board) == TASK_SOAKING;

	(void)arg;
	befall(board, pulled ? 22 : draw_fault());
	(void)sim_at(calm_ms(), nature, NULL);
}

/* ---- people ----------------------------------------------------------------------- */

static void started(void *arg, int status, struct engine_rollout *rollout)
{
	(void)arg;
	(void)rollout;
	sim_note("rollout started: %d", status);
}

static void start_rollout(void *arg)
{
	static const char *const waves[] = {
		"1,10%,50%,100%", "2,100%", "1,1,50%,100%", "100%", "5,30%,100%"};
	struct rollout_request request = {
		.waves = waves[sim_random(5)], .soak_s = sim_between(0, 900)};
	struct errtext error;
	struct plan plan;
	char name[8];

	(void)arg;
	if (sim->now_ms > sim->end_ms - SIM_DAY_MS / 4)
		return; /* it could not end in time */
	if (sim->now_ms > sim->end_ms - SIM_DAY_MS)
		return; /* it could not come to its end */
	if (!sim->engine || sim->dead) {
		(void)sim_at(60000, start_rollout, NULL);
		return;
	}
	snprintf(name, sizeof(name), "r%u", 1 + sim_random(SIM_RELEASES - 1));
	request.release = name;
	if (engine_plan(sim->engine, &request, &plan, &error) < 0) {
		sim_note("no rollout: %s", error.text);
		return;
	}
	engine_start_rollout(sim->engine, &plan, "uid 1000", started, NULL);
	plan_done(&plan);
	if (sim->end_ms > 7 * SIM_DAY_MS ||
		sim_chance(40)) /* refused while boards belong to this one */
		(void)sim_at(
			sim_between(SIM_DAY_MS / 4, SIM_DAY_MS), start_rollout, NULL);
}

static void wish(struct engine_rollout *er, enum rollout_wish what)
{
	int rc = engine_wish_rollout(er, what, "uid 1000", "", NULL, NULL);

	sim_note("a person says %s: %d", rollout_wish_name(what), rc);
}

static void look_after(struct engine_rollout *er)
{
	bool late = sim->now_ms > sim->end_ms - SIM_DAY_MS;

	if (er->rollout.state == ROLLOUT_PAUSED)
		wish(er, late || sim_chance(80) ? WISH_RESUME : WISH_ABORT);
	else if (er->rollout.state == ROLLOUT_HALTED && (late || sim_chance(40)))
		wish(er, sim_chance(90) ? WISH_RESUME : WISH_ABORT);
	else if (er->rollout.state == ROLLOUT_RUNNING && !late &&
		 sim_chance(sim->storm ? 8 : 3))
		wish(er, WISH_PAUSE);
	else if (er->rollout.state == ROLLOUT_RUNNING && !late &&
		 sim_chance(sim->storm ? 4 : 1) && sim->board_count < 100)
		wish(er, WISH_ABORT);
}

static void nobody_waits(void *arg, int status)
{
	(void)arg;
	(void)status;
}

/* Somebody goes through what wipyd refuses to push to. */
static void forgive(void)
{
	for (size_t i = 0; i < sim->board_count; i++) {
		struct engine_board *board =
			engine_find_board(sim->engine, sim->board[i].name);

		if (board && board->board.access == ACCESS_WRONG_BOARD &&
			sim_chance(30))
			(void)!engine_accept_board(
				board, "uid 1000", "seen", nobody_waits, NULL);
	}
	for (size_t i = 0; i < engine_known_bad_count(sim->engine); i++) {
		const struct known_bad *entry = engine_known_bad_at(sim->engine, i);
		struct clear_request request = {.image = entry->sha256,
			.type = entry->type,
			.actor = "uid 1000",
			.reason = "seen"};

		if (entry->cleared_s == 0 && sim_chance(2))
			(void)!engine_clear_known_bad(
				sim->engine, &request, nobody_waits, NULL);
	}
}

/* Somebody walks to boards that only a hand can save. */
static void walk(void)
{
	for (size_t i = 0; i < sim->board_count; i++) {
		struct sim_board *board = &sim->board[i];

		if (!board->hung || !sim_chance(10))
			continue;
		power_cycle(board);
		if (!board->hung)
			continue;
		/* The pin: factory image, for one boot. */
		board->hung = false;
		board->running = board->slot[0].image;
		board->runs = 0;
		board->up_ms = sim->now_ms + 12000;
		board->by_others = true;
	}
}

static void people(void *arg)
{
	(void)arg;
	for (size_t i = 0;
		sim->engine && !sim->dead && i < engine_rollout_count(sim->engine);
		i++) {
		struct engine_rollout *er;
		char id[ID_TEXT_MAX];

		id_format(&engine_rollout_at(sim->engine, i)->rollout.id, id);
		if (engine_find_rollout(sim->engine, id, &er) == 0 &&
			!rollout_state_is_end(er->rollout.state))
			look_after(er);
	}
	if (sim->engine && !sim->dead)
		forgive();
	walk();
	(void)sim_at(sim->hasty && sim_chance(95)       ? sim_between(20, 3000)
		     : sim_chance(sim->storm ? 70 : 20) ? sim_between(500, 20000)
							: sim_between(60000, 3600000),
		people, NULL);
}

/* ---- the world -------------------------------------------------------------------- */

static void make_settings(void)
{
	struct yaml_problems problems;

	yaml_problems_init(&problems);
	if (settings_read(NULL, &problems, &sim->settings) < 0)
		abort();
	yaml_problems_done(&problems);
	sim->settings->pushes_max = 1 + sim_random(8);
	sim->settings->domain_share = sim_chance(50) ? 25 : 1 + sim_random(100);
	sim->settings->brake_lost.value = 1 + sim_random(3);
	sim->limits.pushes_max = (int)sim->settings->pushes_max;
	sim->limits.domain_share = (int)sim->settings->domain_share;
	sim->limits.lost = (int)sim->settings->brake_lost.value;
}

void sim_world_new(uint64_t seed, size_t boards, int poll_minutes)
{
	sim->random = seed;
	make_settings();
	for (size_t i = 0; i < SIM_RELEASES; i++)
		make_image(i);
	make_boards(boards, poll_minutes);
	static const int climates[] = {23, 23, 16, 14, 6, 5, 13};

	/* Many boards have weather enough, and people who let them be. */
	sim->storm = boards < 100 && sim_chance(50);
	sim->hasty = boards < 100 && sim_chance(20);
	if (sim_chance(35))
		sim->climate =
			climates[sim_random(sizeof(climates) / sizeof(climates[0]))];
	sim->forgotten = sim_chance(30);
	sim->deaths = sim_chance(50) ? (int)sim_random(boards < 100 ? 2000 : 4) : 0;
	sim_daemon_start(NULL);
	(void)sim_at(sim_between(600000, 7200000), start_rollout, NULL);
	(void)sim_at(sim_between(60000, 3600000), people, NULL);
	if (sim_chance(90))
		(void)sim_at(1000, nature, NULL);
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
	(void)unlink(sim->inventory_path);
	free(sim->board);
}
