/* SPDX-License-Identifier: MIT
 *
 * Polls that would see what was seen before are skipped over: the linker hands every
 * poll that is due to the wrapper in here, which puts it off for hours as long as the
 * board is as the daemon knows it. Whatever changes a board brings its next poll
 * forward.
 */
#include "config.h"

#include "daemon/engine_private.h"
#include "tests/sim/sim.h"

#define SKIP_MS (4 * 3600000ll)

void __real_engine_poll_due(struct engine_board *eb);
void __wrap_engine_poll_due(struct engine_board *eb);

/* The daemon wants no more of it than a look at its banner. */
static bool only_looks(const struct engine_board *eb)
{
	const struct board *known = &eb->board;

	return !eb->waiters && !eb->ask_who && !eb->poll &&
	       eb->spec->poll_method == POLL_BANNER && !eb->catch_up &&
	       !(eb->task && (task_state_in_flight(eb->task->task.state) ||
				     eb->task->task.state == TASK_DEFERRED)) &&
	       (known->uname_version[0] || known->intrusions > 0) &&
	       !(known->conditions & CONDITION_NEEDS_HANDS);
}

static bool is_as_known(const struct sim_board *board, const struct engine_board *eb)
{
	const struct board *known = &eb->board;
	int64_t now_ms = sim->now_ms;

	return known->reach == REACH_ONLINE && known->misses == 0 &&
	       known->access != ACCESS_WRONG_BOARD && known->has_fingerprint &&
	       sim_board_answers(board, now_ms) && now_ms >= board->mute_ms &&
	       now_ms >= board->busy_ms && now_ms >= board->garbage_ms &&
	       now_ms >= sim->blind_ms &&
	       wipy_fingerprint_equal(
		       &known->fingerprint, sim_board_shows(board, now_ms));
}

/* It is known to be away, and nothing will answer before the next look. */
static bool stays_away(const struct sim_board *board, const struct engine_board *eb)
{
	return eb->board.reach == REACH_OFFLINE && !eb->waiters && !eb->poll &&
	       !(eb->task && task_state_in_flight(eb->task->task.state)) &&
	       !sim_board_answers(board, sim->now_ms + SKIP_MS);
}

void __wrap_engine_poll_due(struct engine_board *eb)
{
	const struct sim_board *board = sim_board_named(eb->spec->address);
	bool nothing_new =
		(only_looks(eb) && is_as_known(board, eb)) || stays_away(board, eb);

	if (!nothing_new) {
		__real_engine_poll_due(eb);
		return;
	}
	sim->count->skipped++;
	due_heap_set(&eb->engine->polls, &eb->due, engine_now_ms(eb->engine) + SKIP_MS);
}

void sim_polls_wake(const struct sim_board *board)
{
	const struct engine_board *side = sim_engine_side(board);
	struct engine_board *eb;
	int64_t soon_ms;

	if (!side || !sim_daemon_up())
		return;
	eb = engine_find_board(sim->engine, side->board.name);
	soon_ms = engine_now_ms(sim->engine) + sim_between(0, eb->spec->poll_every_ms);
	if (eb->poll || eb->due.at == DUE_NOWHERE || eb->due.due_ms <= soon_ms)
		return;
	due_heap_set(&sim->engine->polls, &eb->due, soon_ms);
	engine_arm(sim->engine);
}
