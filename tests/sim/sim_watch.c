/* SPDX-License-Identifier: MIT
 *
 * The invariants of DESIGN.md 11, held against the truth about the boards. Nothing in
 * here asks the planner, the task machine or the ledger for its opinion: it sees what is
 * done to boards, and what is claimed of them in the store.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

static const struct engine_board *engine_side(const struct sim_board *board)
{
	return sim->engine ? engine_find_board(sim->engine, board->name) : NULL;
}

/* A start that a brake forbids; a repair is none. Five seconds are for the halt itself. */
static void check_brake(const struct sim_board *board, const struct engine_task *et)
{
	const struct engine_rollout *er = et->rollout;
	int lost = 0;

	for (size_t i = 0; i < er->task_count; i++)
		lost += er->task[i].task.state == TASK_LOST &&
			er->task[i].task.since_s + 5 < engine_now_s();
	if (lost - er->rollout.acked_lost >= sim->limits.lost && !et->task.touched &&
		et->task.state == TASK_PUSHING)
		sim_complain("%s: a push began when the budget of lost boards was used "
			     "up",
			board->name);
}

/* An image that had lost or rolled back a board of this type before the rollout began. */
static void check_known_bad(const struct sim_board *board,
	const struct engine_board *eb, const struct sim_image *image)
{
	const struct task *task = &eb->task->task;
	char digit = (char)('0' + (image - sim->image));

	for (size_t i = 0; i < engine_known_bad_count(sim->engine); i++) {
		const struct known_bad *entry = engine_known_bad_at(sim->engine, i);

		if (entry->cleared_s == 0 && entry->sha256[0] == digit &&
			strcmp(entry->type,
				wipy_family_facts(eb->spec->family)->name) == 0 &&
			entry->since_s < eb->task->rollout->rollout.created_s &&
			task->state == TASK_PUSHING)
			sim_complain("%s: a known-bad image is pushed", board->name);
	}
}

void sim_watch_push(struct sim_board *board, const struct sim_image *image)
{
	const struct engine_board *eb = engine_side(board);
	const struct wipy_fingerprint *image_fp = &image->fp[board->family];
	int boards = 0, share;

	board->boots_at_push = board->boots;
	board->mute_mark = false;
	if (!eb || !eb->task) {
		sim_complain("%s: a push without a task", board->name);
		return;
	}
	if (eb->spec->family != board->family)
		sim_complain("%s: an image of another family is pushed", board->name);
	if (board->running &&
		strcmp(image_fp->mcu, sim_board_shows(board, sim->now_ms)->mcu) != 0)
		sim_complain("%s: an image for another board is pushed", board->name);
	check_known_bad(board, eb, image);
	if (eb->board.access == ACCESS_WRONG_BOARD)
		sim_complain("%s: pushed to while another board answers", board->name);
	if (sim->pushes_now > sim->limits.pushes_max)
		sim_complain("%s: %d pushes in flight, %d are allowed", board->name,
			sim->pushes_now, sim->limits.pushes_max);
	for (size_t i = 0; i < sim->board_count; i++)
		boards += sim->board[i].site == board->site;
	share = (boards * sim->limits.domain_share + 99) / 100;
	if (sim->pushes_at_site[board->site] > (share > 1 ? share : 1))
		sim_complain("%s: %d pushes at its site of %d boards", board->name,
			sim->pushes_at_site[board->site], boards);
	if (sim->limits.site_max[board->site] > 0 &&
		sim->pushes_at_site[board->site] > sim->limits.site_max[board->site])
		sim_complain("%s: %d pushes at its site, %d are allowed", board->name,
			sim->pushes_at_site[board->site],
			sim->limits.site_max[board->site]);
	/* Commit before acting: a daemon that dies now must know of this push. */
	if ((eb->task->task.state != TASK_PUSHING &&
		    eb->task->task.state != TASK_DISARMING) ||
		eb->task->committing)
		sim_complain("%s: pushed to before it was durable", board->name);
	if (board->family == WIPY_FAMILY_PYCOM && board->record.check &&
		!board->by_others)
		sim_complain("%s: a second push to a Pycom board", board->name);
	check_brake(board, eb->task);
	/* Nothing of theirs waits in it: what it is from now on is our doing. */
	if (!board->record.check)
		board->by_others = board->deceives = false;
}

void sim_watch_reset(struct sim_board *board)
{
	if (board->family != WIPY_FAMILY_PYCOM && sim_board_is_dirty(board) &&
		!board->by_others && !board->deceives)
		sim_complain("%s: a dirty board was reset", board->name);
}

/* Its name ends in its number. */
static const struct sim_board *board_named(const char *name)
{
	return &sim->board[strtoul(name + 2, NULL, 10)];
}

static void check_confirmed(const struct sim_board *board, const struct task *task)
{
	const struct wipy_fingerprint *wanted = NULL;
	struct engine_rollout *er;
	char id[ID_TEXT_MAX];

	id_format(&task->rollout, id);
	if (sim->engine && engine_find_rollout(sim->engine, id, &er) == 0)
		wanted = &sim_image_of(er->rollout.release)->fp[board->family];
	if (!board->running || !wanted ||
		!wipy_fingerprint_equal(sim_board_shows(board, sim->now_ms), wanted))
		sim_complain(
			"%s: confirmed, but it does not run the image", task->board);
	if (board->boots == board->boots_at_push)
		sim_complain("%s: confirmed without a reset", task->board);
	if (board->trial)
		sim_complain(
			"%s: confirmed, but its next reset falls back", task->board);
	if (task->proof == PROOF_NONE || task->evidence[0] == '\0')
		sim_complain("%s: confirmed without evidence", task->board);
}

/* A task is about to be written. */
/* What a probe answered last, confirmed or not: a board that failed it is not well. */
static void check_probes(const struct task *task)
{
	for (size_t i = 0; i < sim->board_count; i++) {
		struct sim_board *board = &sim->board[i];

		if (strcmp(board->name, task->board) != 0)
			continue;
		if (task->state == TASK_VERIFYING)
			board->probes_failed = 0;
		if (task->state == TASK_CONFIRMED && board->probes_failed)
			sim_complain("%s: confirmed, but a probe failed", task->board);
	}
}

void sim_watch_task(const struct task *task)
{
	const struct sim_board *board = board_named(task->board);

	check_probes(task);
	sim->count->reason[task->reason]++;
	if (task->state == TASK_CONFIRMED)
		check_confirmed(board, task);
	/* An outage proves a reset (DESIGN.md 1.1), where the mark cannot be asked. */
	if (task->state == TASK_FELL_BACK && board->boots == board->boots_at_push &&
		!board->mute_mark && !board->by_others)
		sim_complain("%s: fell back without a reset", task->board);
}

/* What the daemon must know of the boards at the end of all. */
static void check_known(const struct sim_board *board)
{
	const struct engine_board *eb = engine_side(board);
	uint32_t known;

	if (!eb || board->by_others || board->deceives)
		return;
	known = eb->board.conditions;
	if (sim_board_is_dirty(board) && sim_board_answers(board, sim->now_ms) &&
		!(known & CONDITION_DIRTY))
		sim_complain("%s is dirty, and nobody knows", board->name);
}

void sim_watch_end(void)
{
	if (!sim->engine)
		return;
	for (size_t r = 0; r < engine_rollout_count(sim->engine); r++) {
		const struct engine_rollout *er = engine_rollout_at(sim->engine, r);

		sim->count->rollout_ended[er->rollout.state]++;
		/* Where a person has just resumed it there was no time for an end. */
		if (!rollout_state_is_end(er->rollout.state) &&
			engine_now_s() - er->rollout.since_s > 7200 &&
			er->rollout.state != ROLLOUT_HALTED &&
			er->rollout.state != ROLLOUT_PAUSED)
			sim_complain("a rollout reached no end: %s",
				rollout_state_name(er->rollout.state));
		for (size_t i = 0; i < er->task_count; i++) {
			const struct task *task = &er->task[i].task;

			sim->count->ended[task->state]++;
			if (!task_state_is_end(task->state) &&
				task->state != TASK_DEFERRED &&
				rollout_state_is_end(er->rollout.state))
				sim_complain("%s: its task reached no end: %s",
					task->board, task_state_name(task->state));
		}
	}
	for (size_t i = 0; i < sim->board_count; i++)
		check_known(&sim->board[i]);
}
