/* SPDX-License-Identifier: MIT
 *
 * The end of a seed, after hours in which nothing happened: what is listed of boards
 * must be so, what is so must be listed, and rollouts have come to an end.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/sim.h"

/* ---- boards ----------------------------------------------------------------------- */

/* It has visibly been reset since our latest push: it runs something else. A daemon that
 * has died cannot tell a push that had just begun from one that was about to. */
static bool has_visibly_booted(const struct sim_board *board)
{
	return board->boots != board->boots_at_try && board->running &&
	       board->ran_at_try && board->running != board->ran_at_try;
}

static void check_dirty(const struct sim_board *board, uint32_t listed)
{
	if (sim_board_is_dirty(board) && !(listed & CONDITION_DIRTY))
		sim_complain("%s is dirty, and nobody knows", board->name);
	if ((listed & CONDITION_DIRTY) && !sim_board_is_dirty(board) &&
		(!board->unsure || has_visibly_booted(board)))
		sim_complain("%s is listed as dirty, and is not", board->name);
}

static void check_armed(const struct sim_board *board, const struct board *known)
{
	bool listed = known->conditions & CONDITION_ARMED;
	bool waits = board->record.there && board->record.check;

	/* On trial: listed where the ledger is certain of it, which it need not be. */
	if (sim_board_is_armed(board) && !board->trial && !board->filed &&
		!(known->conditions & (CONDITION_ARMED | CONDITION_DIRTY)))
		sim_complain("%s is armed, and nobody knows", board->name);
	/* A reset after which it shows what it showed is seen by nobody; and what a
	 * hand has started may be gone with the next one. */
	if (!listed || waits || board->filed || board->trial ||
		((known->conditions & CONDITION_NEEDS_HANDS) &&
			known->hands_reason == REASON_NOT_LASTING))
		return;
	if (board->boots == board->boots_at_push || has_visibly_booted(board))
		sim_complain("%s is listed as armed, and is not", board->name);
}

static void check_hands(const struct sim_board *board, const struct engine_board *eb)
{
	const struct task *task = board->latest;
	bool listed = eb->board.conditions & CONDITION_NEEDS_HANDS;

	if (task && task->state == TASK_LOST && eb->board.seen_s < task->since_s &&
		!listed)
		sim_complain("%s was lost, and nobody is called", board->name);
	if (listed && !(eb->board.conditions & CONDITION_DIRTY) &&
		eb->board.hands_reason != REASON_NOT_LASTING &&
		sim_board_answers(board, sim->now_ms))
		sim_complain("%s answers, and is listed as one that needs hands",
			board->name);
}

static void check_known(const struct sim_board *board)
{
	const struct engine_board *eb = sim_engine_side(board);

	if (!eb || eb->kept || board->by_others || board->deceives ||
		eb->spec->family != board->family ||
		eb->board.access == ACCESS_WRONG_BOARD ||
		(eb->task && task_state_in_flight(eb->task->task.state)))
		return;
	check_hands(board, eb);
	if (!sim_board_answers(board, sim->now_ms)) {
		if (eb->board.reach == REACH_ONLINE)
			sim_complain(
				"%s is gone, and is listed as online", board->name);
		return;
	}
	check_dirty(board, eb->board.conditions);
	check_armed(board, &eb->board);
}

/* ---- rollouts --------------------------------------------------------------------- */

static bool waits_for_window(const struct engine_rollout *er)
{
	for (size_t i = 0; i < er->task_count; i++)
		if (er->task[i].task.reason == REASON_WINDOW)
			return true;
	return false;
}

/* In a fleet with windows it may take days, and has opened one just now. */
static bool goes_on(const struct engine_rollout *er)
{
	int64_t since_s = er->rollout.since_s;

	for (size_t i = 0; sim->clocked && i < er->task_count; i++)
		if (er->task[i].task.since_s > since_s)
			since_s = er->task[i].task.since_s;
	return engine_now_s() - since_s <= 7200;
}

/* What takes it back is still under way. */
static bool is_being_undone(const struct rollout *rollout)
{
	for (size_t r = 0; r < engine_rollout_count(sim->engine); r++) {
		const struct rollout *other =
			&engine_rollout_at(sim->engine, r)->rollout;

		if (id_equal(&other->undo_of, &rollout->id) && !rollout_is_over(other))
			return rollout->state == ROLLOUT_UNDOING;
	}
	return false;
}

static void check_rollout(const struct engine_rollout *er)
{
	const struct rollout *rollout = &er->rollout;
	enum rollout_state drive = rollout_drive(rollout);
	bool stands = drive == ROLLOUT_HALTED || drive == ROLLOUT_PAUSED ||
		      drive == ROLLOUT_AWAITING_APPROVAL;
	bool catches_up = drive == ROLLOUT_RUNNING && drive != rollout->state;

	sim->count->rollout_ended[rollout->state]++;
	/* Where a person has just resumed it there was no time for an end. */
	if (!rollout_is_over(rollout) && !stands && !catches_up &&
		!waits_for_window(er) && !is_being_undone(rollout) && !goes_on(er))
		sim_complain("a rollout reached no end: %s",
			rollout_state_name(rollout->state));
	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;

		sim->count->ended[task->state]++;
		sim_board_named(task->board)->latest = task;
		if (!task_state_is_end(task->state) && task->state != TASK_DEFERRED &&
			rollout_is_over(rollout))
			sim_complain("%s: its task reached no end: %s", task->board,
				task_state_name(task->state));
	}
}

void sim_watch_end(void)
{
	if (!sim_daemon_up())
		return;
	for (size_t r = 0; r < engine_rollout_count(sim->engine); r++)
		check_rollout(engine_rollout_at(sim->engine, r));
	for (size_t i = 0; i < sim->board_count; i++)
		check_known(&sim->board[i]);
}
