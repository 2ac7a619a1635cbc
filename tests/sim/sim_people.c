/* SPDX-License-Identifier: MIT
 *
 * What people do: start rollouts, approve, pause, resume and abort them, edit the
 * inventory, forgive boards and images, look at boards, walk to those that only a hand
 * can save. What they have said of a rollout is kept, to hold the daemon to it.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/sim.h"

#define HOUR_MS 3600000
#define STARTER "uid 1000"
#define OTHER   "uid 1001"

static bool is_late(void)
{
	return sim->now_ms > sim->end_ms - SIM_DAY_MS;
}

struct sim_wishes *sim_wishes_of(const struct id *id)
{
	for (size_t i = 0; i < sim->wishes_count; i++)
		if (id_equal(&sim->wishes[i].id, id))
			return &sim->wishes[i];
	return NULL;
}

/* ---- starting --------------------------------------------------------------------- */

static struct sim_wishes *new_wishes(const struct id *id)
{
	struct sim_wishes *wishes = &sim->wishes[sim->wishes_count % SIM_ROLLOUTS];

	if (sim->wishes_count < SIM_ROLLOUTS)
		sim->wishes_count++;
	*wishes = (struct sim_wishes){.id = *id};
	return wishes;
}

/* Of the latest rollout. Its own answer may come late, or never: the record is made
 * when it is asked for. */
static void note_start(int64_t expires_s)
{
	size_t count = engine_rollout_count(sim->engine);
	struct sim_wishes *wishes =
		new_wishes(&engine_rollout_at(sim->engine, count - 1)->rollout.id);

	if (expires_s > 0)
		wishes->expires_ms = sim->now_ms + expires_s * 1000;
	wishes->approved = !sim->settings->approval;
}

static void started(void *arg, int status, struct engine_rollout *rollout)
{
	(void)arg;
	(void)rollout;
	sim_note("rollout started: %d", status);
}

void sim_people_order(const struct plan *plan, int64_t expires_s)
{
	if (plan->undo_of)
		sim_wishes_of(&plan->undo_of->rollout.id)->undone = true;
	engine_start_rollout(sim->engine, plan, STARTER, started, NULL);
	note_start(expires_s);
}

static const char *draw_waves(void)
{
	static const char *const waves[] = {"1,10%,50%,100%", "2,100%", "1,1,50%,100%",
		"100%", "5,30%,100%", "8,100%"};

	return waves[sim_random(sizeof(waves) / sizeof(waves[0]))];
}

/* Of all boards, of a site, or of the one board. */
static void start_one(const struct sim_board *board)
{
	struct rollout_request request = {.waves = draw_waves(),
		.soak_s = sim_between(0, 900),
		.expires_s = sim_chance(20) ? sim_between(60, 8 * 3600) : 0,
		.burn_last_good = sim_chance(30)};
	struct errtext error;
	struct plan plan;
	char name[8], select[40];

	snprintf(select, sizeof(select), "site=s%u", sim_random(SIM_SITES));
	if (board)
		snprintf(select, sizeof(select), "name=%s", sim_entry_of(board)->name);
	if (board || sim->abreast ||
		sim_chance(40)) /* two at once, next to each other */
		request.select = select;
	snprintf(name, sizeof(name), "r%u",
		1 + (sim->abreast ? (uint32_t)(sim->seed % (SIM_RELEASES - 1))
				  : sim_random(SIM_RELEASES - 1)));
	request.release = name;
	if (engine_plan(sim->engine, &request, &plan, &error) < 0) {
		sim_note("no rollout: %s", error.text);
		return;
	}
	sim_watch_plan(&plan);
	sim_people_order(&plan, request.expires_s);
	plan_done(&plan);
}

void sim_people_start_rollout(void *unused)
{
	(void)unused;
	if (is_late())
		return; /* it could not come to its end */
	if (!sim_daemon_up()) {
		(void)sim_at(60000, sim_people_start_rollout, NULL);
		return;
	}
	start_one(NULL);
	if (sim->abreast)
		(void)sim_at(sim_between(HOUR_MS / 4, 2 * HOUR_MS),
			sim_people_start_rollout, NULL);
	else if (sim->end_ms > 7 * SIM_DAY_MS ||
		 sim_chance(80)) /* refused while boards belong to this one */
		(void)sim_at(sim_between(SIM_DAY_MS / 24, SIM_DAY_MS / 2),
			sim_people_start_rollout, NULL);
}

void sim_people_start_on(const struct sim_board *board)
{
	if (!is_late() && sim_daemon_up())
		start_one(board);
}

/* ---- wishes ----------------------------------------------------------------------- */

/* A wish that lets something begin counts as soon as it is said, one that forbids it
 * once the daemon has answered: it may die in between. */
static void allowed(
	struct sim_wishes *wishes, enum rollout_wish what, enum abort_mode mode)
{
	sim->count->wish[what]++;
	wishes->approved |= what == WISH_APPROVE;
	wishes->resumed |= what == WISH_RESUME;
	wishes->undone |= what == WISH_ABORT && mode == ABORT_REVERT;
	if (what == WISH_RESUME)
		wishes->stands_ms = 0;
}

static void forbidden(void *arg, int status, struct engine_rollout *er)
{
	struct sim_wishes *wishes = arg;

	enum rollout_state state = er ? rollout_drive(&er->rollout) : ROLLOUT_DRAFT;

	if (status == 0 && (state == ROLLOUT_PAUSED || state == ROLLOUT_ABORTING))
		wishes->stands_ms = sim->now_ms;
}

static enum abort_mode draw_mode(void)
{
	return (enum abort_mode)sim_random(ABORT_MODE_COUNT);
}

static int wish_as(struct engine_rollout *er, enum rollout_wish what,
	enum abort_mode mode, const char *actor)
{
	struct sim_wishes *wishes = sim_wishes_of(&er->rollout.id);
	int rc;

	if (!wishes) { /* the daemon's own, which needs no approval */
		wishes = new_wishes(&er->rollout.id);
		wishes->approved = true;
	}
	if (what == WISH_ABORT)
		rc = engine_abort_rollout(er, mode, actor, "seen", forbidden, wishes);
	else
		rc = engine_wish_rollout(er, what, actor, "seen",
			what == WISH_PAUSE ? forbidden : NULL, wishes);

	sim_note("a person says %s: %d", rollout_wish_name(what), rc);
	if (rc == 0 && what == WISH_APPROVE && strcmp(actor, er->rollout.actor) == 0)
		sim_complain("who started a rollout has approved it");
	if (rc == 0)
		allowed(wishes, what, mode);
	return rc;
}

int sim_people_wish(struct engine_rollout *er, enum rollout_wish what)
{
	return wish_as(er, what, draw_mode(), STARTER);
}

void sim_people_approve(struct engine_rollout *er)
{
	(void)wish_as(er, WISH_APPROVE, ABORT_KEEP, OTHER);
}

void sim_people_freeze(struct engine_rollout *er)
{
	wish_as(er, WISH_ABORT, ABORT_FREEZE, STARTER);
}

static void look_after_running(struct engine_rollout *er)
{
	if (is_late())
		return;
	if (sim_chance(sim->storm ? 8 : 3))
		sim_people_wish(er, WISH_PAUSE);
	else if (sim_chance(sim->storm ? 4 : 1) && sim->board_count < 100)
		sim_people_wish(er, WISH_ABORT);
}

static void look_after(struct engine_rollout *er)
{
	enum rollout_state state = rollout_drive(&er->rollout);

	sim->count->looked_after++;
	if (state == ROLLOUT_PAUSED)
		sim_people_wish(
			er, is_late() || sim_chance(80) ? WISH_RESUME : WISH_ABORT);
	else if (state == ROLLOUT_HALTED && (is_late() || sim_chance(40)))
		sim_people_wish(er, sim_chance(90) ? WISH_RESUME : WISH_ABORT);
	else if (state == ROLLOUT_RUNNING)
		look_after_running(er);
	else if (state == ROLLOUT_AWAITING_APPROVAL && sim_chance(30))
		wish_as(er, WISH_APPROVE, ABORT_KEEP, sim_chance(20) ? STARTER : OTHER);
	else if (state == ROLLOUT_AWAITING_APPROVAL && (is_late() || sim_chance(5)))
		sim_people_wish(er, WISH_ABORT);
}

static void look_after_all(void)
{
	for (size_t i = 0; sim_daemon_up() && i < engine_rollout_count(sim->engine);
		i++) {
		struct engine_rollout *er;
		char id[ID_TEXT_MAX];

		id_format(&engine_rollout_at(sim->engine, i)->rollout.id, id);
		if (engine_find_rollout(sim->engine, id, &er) == 0 &&
			!rollout_is_over(&er->rollout))
			look_after(er);
	}
}

/* Somebody takes back what has ended. */
static void undo_one(void)
{
	size_t count = engine_rollout_count(sim->engine);
	struct rollout_request request = {.waves = draw_waves(),
		.soak_s = sim_between(0, 900),
		.burn_last_good = sim_chance(50)};
	struct engine_rollout *er;
	struct errtext error;
	struct plan plan;
	char id[ID_TEXT_MAX];
	int rc;

	if (count == 0 || is_late())
		return;
	id_format(&engine_rollout_at(sim->engine, sim_random((uint32_t)count))
			   ->rollout.id,
		id);
	if (engine_find_rollout(sim->engine, id, &er) < 0 ||
		!sim_wishes_of(&er->rollout.id))
		return;
	rc = engine_plan_undo(er, &request, &plan, &error);
	sim_note("a person undoes: %d%s%s", rc, rc < 0 ? ", " : "",
		rc < 0 ? error.text : "");
	if (rc < 0)
		return;
	if (plan.planned == 0) {
		plan_done(&plan);
		return;
	}
	sim->undos--;
	sim->count->undone++;
	sim_people_order(&plan, 0);
	plan_done(&plan);
}

/* ---- boards and images ------------------------------------------------------------ */

static void nobody_waits(void *arg, int status)
{
	(void)arg;
	(void)status;
}

/* Somebody goes through what wipyd refuses to push to. */
static void forgive(void)
{
	for (size_t i = 0; i < sim->board_count; i++) {
		struct engine_board *board = engine_find_board(
			sim->engine, sim_entry_of(&sim->board[i])->name);

		if (!board || board->board.access != ACCESS_WRONG_BOARD ||
			!sim_chance(30))
			continue;
		/* What was known of the other one goes with this word. */
		if (engine_accept_board(board, STARTER, "seen", nobody_waits, NULL) ==
			0)
			sim->board[i].by_others = true;
	}
	for (size_t i = 0; i < engine_known_bad_count(sim->engine); i++) {
		const struct known_bad *entry = engine_known_bad_at(sim->engine, i);
		struct known_bad_request request = {.image = entry->sha256,
			.type = entry->type,
			.actor = STARTER,
			.reason = "seen"};

		if (entry->cleared_s == 0 && sim_chance(2))
			(void)!engine_clear_known_bad(
				sim->engine, &request, nobody_waits, NULL);
	}
}

static void seen(void *arg, struct engine_board *board)
{
	(void)arg;
	(void)board;
}

static void look_at_one(void)
{
	const struct sim_board *board =
		&sim->board[sim_random((uint32_t)sim->board_count)];
	struct engine_board *side =
		engine_find_board(sim->engine, sim_entry_of(board)->name);

	if (side)
		engine_poll_now(
			side, sim_chance(50) ? TELNET_LOOK : TELNET_UNAME, seen, NULL);
}

/* Somebody walks to boards that only a hand can save. */
static void walk(void)
{
	for (size_t i = 0; i < sim->board_count; i++) {
		struct sim_board *board = &sim->board[i];
		const struct engine_board *side;

		if (!board->hung || !sim_chance(10))
			continue;
		sim_power_cycle(board);
		if (!board->hung)
			continue;
		/* The pin: factory image, for one boot. Where the daemon has called for no
		 * hand it looks as if the board had fallen back. */
		side = sim_engine_side(board);
		board->by_others |= !side ||
				    !(side->board.conditions & CONDITION_NEEDS_HANDS) ||
				    task_state_in_flight(sim_task_of(board));
		board->hung = false;
		board->running = board->slot[0].image;
		board->runs = 0;
		board->up_ms = sim->now_ms + 12000;
	}
}

/* ---- the inventory ---------------------------------------------------------------- */

static void reloaded(void *arg, int status, const struct inventory_change *change)
{
	(void)arg;
	(void)change;
	sim_note("the inventory is read anew: %d", status);
	if (status != 0 || sim->dead)
		return;
	sim->count->reloads++;
	sim_fleet_take();
}

static void edit_inventory(void)
{
	sim_fleet_edit();
	if (sim_daemon_up() && !sim_chance(5)) /* somebody forgets to say so */
		(void)!engine_reload(sim->engine, false, STARTER, reloaded, NULL);
}

static void tell_daemon(void)
{
	if (sim_daemon_up())
		(void)!engine_reload(sim->engine, false, STARTER, reloaded, NULL);
}

void sim_people_take_out(const struct sim_board *board)
{
	sim_fleet_take_out(board);
	tell_daemon();
}

void sim_people_retype(const struct sim_board *board)
{
	sim_fleet_retype(board);
	tell_daemon();
}

/* ----------------------------------------------------------------------------------- */

static int64_t until_next_ms(void)
{
	if (sim->hasty && sim_chance(95))
		return sim_between(20, 3000);
	if (sim_chance(sim->storm ? 70 : 20))
		return sim_between(500, 20000);
	return sim_between(60000, HOUR_MS);
}

void sim_people(void *unused)
{
	(void)unused;
	if (sim->quiet)
		return;
	look_after_all();
	if (sim_daemon_up())
		forgive();
	if (sim_daemon_up() && sim_chance(5))
		look_at_one();
	if (sim_daemon_up() && sim->undos > 0 && sim_chance(2))
		undo_one();
	if (sim->edits > 0 && sim_chance(2)) {
		sim->edits--;
		edit_inventory();
	}
	walk();
	(void)sim_at(until_next_ms(), sim_people, NULL);
}
