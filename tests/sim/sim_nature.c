/* SPDX-License-Identifier: MIT
 *
 * What happens to boards by itself: the rows of WIRE.md 7, and what that table does not
 * hold. Some befall a board for a while; the rest wait for its next conversation.
 */
#include "config.h"

#include <stddef.h>
#include <stdio.h>

#include "tests/sim/sim.h"

#define MINUTE_MS 60000
#define HOUR_MS   3600000

void sim_reboot(struct sim_board *board)
{
	const struct sim_record was = board->record;
	bool trial = board->trial;
	int row = 0;

	sim_cut_push(board);
	sim_board_reset(board, sim->now_ms, sim_between(2000, 9000));
	sim_polls_wake(board);
	if (was.check && board->record.active == was.previous)
		row = board->family == WIPY_FAMILY_PYCOM ? 34 : 20;
	else if (trial && !board->trial)
		row = 36;
	else if (board->running && board->running->crashes)
		row = 24;
	else if (board->running && board->running->no_network)
		row = board->family == WIPY_FAMILY_WIPY ? 27 : 37;
	else if (board->running && board->running->number == 2)
		row = 32;
	sim->count->fault[row]++;
	if (row)
		sim_note("%s boots: row %d, %s", board->name, row, sim_fault_name(row));
}

void sim_power_cycle(struct sim_board *board)
{
	sim_note("%s is power-cycled", board->name);
	sim_reboot(board);
}

static bool is_being_pushed_to(const struct sim_board *board)
{
	enum task_state state = sim_task_of(board);

	return state == TASK_PUSHING || state == TASK_DISARMING;
}

/* ---- one row each ----------------------------------------------------------------- */

/* What passes by itself: the board is so until the time at that place of its. */
static const struct {
	int row;
	size_t until; /* offset of an int64_t in struct sim_board */
	int64_t least_ms, most_ms;
} spells[] = {
	{1, offsetof(struct sim_board, busy_ms), 10000, 10 * MINUTE_MS},
	{3, offsetof(struct sim_board, away_ms), MINUTE_MS, 6 * HOUR_MS},
	{4, offsetof(struct sim_board, mute_ms), MINUTE_MS, 30 * MINUTE_MS},
	{7, offsetof(struct sim_board, default_login_ms), MINUTE_MS, 2 * HOUR_MS},
	{15, offsetof(struct sim_board, away_ms), 3000, 2 * MINUTE_MS},
	{28, offsetof(struct sim_board, stranger_ms), 5000, 10 * MINUTE_MS},
	{29, offsetof(struct sim_board, twin_ms), 5000, 6 * HOUR_MS},
	{44, offsetof(struct sim_board, garbage_ms), 5000, 10 * MINUTE_MS},
	{47, offsetof(struct sim_board, guise_ms), 5000, 10 * MINUTE_MS},
};

static bool begin_spell(struct sim_board *board, int row)
{
	for (size_t i = 0; i < sizeof(spells) / sizeof(spells[0]); i++)
		if (spells[i].row == row) {
			int64_t *until = (int64_t *)((char *)board + spells[i].until);

			*until = sim->now_ms +
				 sim_between(spells[i].least_ms, spells[i].most_ms);
			return true;
		}
	return false;
}

/* Its address is somebody else's for a while. Not while it is being talked to: that
 * needs a router's help. Nor by the board that its owner takes it for (row 25), which
 * would get what is meant for that one, and it has no slots of its own. */
static bool be_replaced(struct sim_board *board, int row)
{
	if (is_being_pushed_to(board) ||
		(row == 47 && sim_entry_of(board)->family != board->family) ||
		(row == 28 && (!board->running || board->launchpad)))
		return false;
	if (row == 28) {
		board->stranger = *sim_board_shows(board, sim->now_ms);
		snprintf(board->stranger.board, sizeof(board->stranger.board),
			SIM_LAUNCHPAD);
	}
	if (row == 29) {
		board->mark[0] = '\0';
		board->by_others = true;
	}
	return begin_spell(board, row);
}

static bool hold_prompt(struct sim_board *board, int row)
{
	board->hogs |= row == 8 || row == 9;
	board->eats |= row == 9;
	board->raw |= row == 10;
	board->open_block |= row == 11;
	return true;
}

static bool lose_login(struct sim_board *board, int row)
{
	return sim_entry_of(board)->own_login && begin_spell(board, row);
}

static bool lose_power(struct sim_board *board, int row)
{
	(void)row;
	sim_power_cycle(board);
	return true;
}

static bool be_flashed(struct sim_board *board, int row)
{
	(void)row;
	if (board->family != WIPY_FAMILY_PYCOM)
		return false;
	board->slot[0] = (struct sim_slot){SIM_WHOLE, &sim->image[0]};
	board->by_others = true;
	return true;
}

static bool be_updated(struct sim_board *board, int row)
{
	(void)row;
	if (board->launchpad)
		return false;
	sim_board_store(board, &sim->image[sim_random(SIM_IMAGES)], true, true);
	board->by_others = true;
	sim_reboot(board);
	return true;
}

static bool blind_us(struct sim_board *board, int row)
{
	(void)board;
	(void)row;
	sim->blind_ms = sim->now_ms + sim_between(1000, 3 * MINUTE_MS);
	for (size_t i = 0; i < sim->board_count; i++)
		sim_polls_wake(&sim->board[i]);
	return true;
}

/* Of images and loaders: it happens by itself. */
static bool never(struct sim_board *board, int row)
{
	(void)board;
	(void)row;
	return false;
}

static bool (*const at_once[SIM_FAULT_COUNT])(struct sim_board *board, int row) = {
	[1] = begin_spell,
	[2] = lose_power,
	[3] = begin_spell,
	[4] = begin_spell,
	[7] = lose_login,
	[8] = hold_prompt,
	[9] = hold_prompt,
	[10] = hold_prompt,
	[11] = hold_prompt,
	[15] = begin_spell,
	[20] = never,
	[22] = lose_power,
	[24] = never,
	[25] = never,
	[27] = never,
	[28] = be_replaced,
	[29] = be_replaced,
	[32] = never,
	[34] = never,
	[35] = be_flashed,
	[36] = never,
	[37] = never,
	[44] = begin_spell,
	[45] = blind_us,
	[46] = be_updated,
	[47] = be_replaced,
};

bool sim_befall(struct sim_board *board, int row)
{
	if (!at_once[row]) {
		board->fault = row;
		return true;
	}
	if (!at_once[row](board, row))
		return false;
	sim_polls_wake(board);
	sim->count->fault[row]++;
	sim_note("%s: row %d, %s", board->name, row, sim_fault_name(row));
	return true;
}

/* ---- weather ---------------------------------------------------------------------- */

/* In a storm misfortune looks for boards that are being worked on. */
static struct sim_board *choose_victim(void)
{
	struct sim_board *board = NULL;

	for (int i = 0; i < (sim->storm ? 20 : 1); i++) {
		board = &sim->board[sim_random((uint32_t)sim->board_count)];
		if (task_state_in_flight(sim_task_of(board)))
			break;
	}
	return board;
}

/* A board of few meets something every hour, one of many every two days. */
static int64_t calm_ms(void)
{
	int64_t hours = sim->board_count < 100 ? 1 : 48;

	for (size_t i = 0; sim->storm && i < sim->board_count; i++)
		if (task_state_in_flight(sim_task_of(&sim->board[i])))
			return sim_between(500, 30000);
	return sim_between(
		1000, 2000 + 2 * hours * HOUR_MS / (int64_t)sim->board_count);
}

static int draw_fault(void)
{
	static const int often[] = {1, 6, 8, 13, 14, 22, 23, 23, 44, 45};

	if (sim->storm && sim_chance(40))
		return often[sim_random(sizeof(often) / sizeof(often[0]))];
	return 1 + (int)sim_random(SIM_FAULT_COUNT - 1);
}

void sim_nature_clear(void)
{
	sim->quiet = true;
	sim->climate = 0;
	sim->blind_ms = 0;
	for (size_t i = 0; i < sim->board_count; i++) {
		struct sim_board *board = &sim->board[i];

		board->fault = 0;
		for (size_t k = 0; k < sizeof(spells) / sizeof(spells[0]); k++)
			*(int64_t *)((char *)board + spells[k].until) = 0;
		sim_polls_wake(board);
	}
}

void sim_nature(void *unused)
{
	struct sim_board *board = choose_victim();
	/* Plugs are pulled at the worst moment. */
	bool pulled = sim_chance(10) && sim_task_of(board) == TASK_SOAKING;

	(void)unused;
	if (sim->quiet)
		return;
	(void)sim_befall(board, pulled ? 22 : draw_fault());
	(void)sim_at(calm_ms(), sim_nature, NULL);
}
