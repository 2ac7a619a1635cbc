/* SPDX-License-Identifier: MIT
 *
 * The invariants of DESIGN.md 11, held against the truth about the boards. Nothing in
 * here asks the planner, the task machine or the ledger for its opinion: it sees what
 * is done to boards, and what is claimed of them in the store.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

bool sim_is_repair(const struct task *task)
{
	return task->touched || (task->inherited & CONDITION_DIRTY);
}

/* A start that a brake forbids; a repair is none. Five seconds are for the halt
 * itself. */
static void check_brake(const struct sim_board *board, const struct engine_task *et)
{
	const struct engine_rollout *er = et->rollout;
	int lost = 0;

	for (size_t i = 0; i < er->task_count; i++)
		lost += er->task[i].task.state == TASK_LOST && !er->task[i].task.late &&
			er->task[i].task.since_s + 5 < engine_now_s();
	if (lost - er->rollout.acked_lost >= sim->settings->brake_lost.value &&
		!sim_is_repair(&et->task) && et->task.state == TASK_PUSHING)
		sim_complain("%s: a push began when the budget of lost boards was used "
			     "up",
			board->name);
}

/* An image that had lost or rolled back a board of this type before the rollout
 * began. */
static void check_known_bad(const struct sim_board *board,
	const struct engine_board *eb, const struct sim_file *file)
{
	const struct task *task = &eb->task->task;
	const char *type = board->meant_type;

	/* Going back is no business of that list, nor is what was begun. */
	if (task->has_wanted || task->touched)
		return;
	for (size_t i = 0; i < engine_known_bad_count(sim->engine); i++) {
		const struct known_bad *known = engine_known_bad_at(sim->engine, i);

		if (known->cleared_s == 0 && sim_file_named(known->sha256) == file &&
			strcmp(known->type, type) == 0 &&
			known->since_s < eb->task->rollout->rollout.created_s &&
			task->state == TASK_PUSHING)
			sim_complain("%s: a known-bad image is pushed", board->name);
	}
}

/* What goes to which board, whatever the daemon takes either for. */
static void check_file(
	const struct sim_board *board, const struct sim_file *file, size_t len)
{
	enum wipy_family family = sim_board_family(board, sim->now_ms);

	if (file->family != family)
		sim_complain("%s: an image of another family is pushed", board->name);
	if (strcmp(file->image->fp[file->family].board,
		    sim_board_type(board, sim->now_ms)) != 0)
		sim_complain(
			"%s: an image for another board type is pushed", board->name);
	if (len > sim_image_most_len(family))
		sim_complain("%s: an image is pushed that its slot does not hold",
			board->name);
	if (len != file->len)
		sim_complain("%s: %zu bytes are pushed of an image of %zu", board->name,
			len, file->len);
}

/* A twin tells by its unique id alone that it is another board: it is asked before a push
 * where that is known and a login is allowed, and may be unable to say
 * (docs/decisions/0026). */
static void check_twin(const struct sim_board *board, const struct engine_board *eb)
{
	if (sim->now_ms < board->twin_ms && eb->task->task.state == TASK_PUSHING &&
		strncmp(eb->board.unique_id, SIM_ID_START "00", 8) == 0 &&
		sim->settings->login_at_enrolment &&
		board->unnamed_ms <= board->named_ms)
		sim_complain("%s: a twin is pushed to, and nobody asked", board->name);
}

static void check_board(const struct sim_board *board, const struct engine_board *eb)
{
	if (eb->board.access == ACCESS_WRONG_BOARD)
		sim_complain("%s: pushed to while another board answers", board->name);
	if (board->family == WIPY_FAMILY_PYCOM && board->record.check &&
		!board->by_others)
		sim_complain("%s: a second push to a Pycom board", board->name);
}

/* What an undo of the rollout is to bring back. */
static void note_before(struct sim_board *board, const struct rollout *rollout)
{
	board->begun_by = rollout->id;
	if (!id_is_zero(&rollout->undo_of))
		return;
	board->pushed_by = rollout->id;
	board->pushed = board->meant ? board->meant->image : NULL;
	board->ran_before = board->running;
}

static void note_try(struct sim_board *board)
{
	board->boots_at_try = board->boots;
	board->ran_at_try = board->running;
}

void sim_watch_push(struct sim_board *board, const struct sim_file *file, size_t len)
{
	const struct engine_board *eb = sim_engine_side(board);

	if (!eb || !eb->task) {
		sim_complain("%s: a push without a task", board->name);
		return;
	}
	check_file(board, file, len);
	check_board(board, eb);
	check_twin(board, eb);
	check_known_bad(board, eb, file);
	/* Commit before acting: a daemon that dies now must know of this push. */
	if ((eb->task->task.state != TASK_PUSHING &&
		    eb->task->task.state != TASK_DISARMING) ||
		eb->task->committing)
		sim_complain("%s: pushed to before it was durable", board->name);
	check_brake(board, eb->task);
	sim_watch_limits(board);
	sim_watch_start(board, eb);
	sim_watch_type(board, eb, file);
	if (eb->task->task.state == TASK_PUSHING)
		note_before(board, &eb->task->rollout->rollout);
	note_try(board);
}

void sim_watch_reset(struct sim_board *board)
{
	if (board->family != WIPY_FAMILY_PYCOM && sim_board_is_dirty(board) &&
		!board->by_others && !board->deceives)
		sim_complain("%s: a dirty board was reset", board->name);
}

static const struct sim_image *wanted_image(
	const struct sim_board *board, const struct rollout *rollout)
{
	if (id_equal(&rollout->id, &board->pushed_by))
		return board->pushed;
	/* Others have pushed to it since: only its own record tells. */
	return id_equal(&rollout->undo_of, &board->pushed_by) && !board->by_others
		       ? board->ran_before
		       : NULL;
}

static bool shows_image(const struct sim_board *board, const struct sim_image *image)
{
	enum wipy_family family = sim_board_family(board, sim->now_ms);

	return wipy_fingerprint_equal(
		sim_board_shows(board, sim->now_ms), &image->fp[family]);
}

/* Of an undo that was taken back it is one of the release's that runs again. */
static bool runs_wanted(const struct sim_board *board, const struct task *task)
{
	const struct rollout *rollout = sim_rollout_of(task);
	const struct sim_image *image = rollout ? wanted_image(board, rollout) : NULL;

	if (!board->running)
		return false;
	if (image)
		return shows_image(board, image);
	if (task->has_wanted || !rollout)
		return wipy_fingerprint_equal(
			sim_board_shows(board, sim->now_ms), &task->wanted);
	image = &sim->image[rollout->release[1] - '0'];
	return shows_image(board, image) || shows_image(board, image + SIM_RELEASES);
}

static void check_confirmed(const struct sim_board *board, const struct task *task)
{
	if (!runs_wanted(board, task))
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

/* What a probe answered last, confirmed or not: a board that failed it is not well. */
static void check_probes(struct sim_board *board, const struct task *task)
{
	if (task->state == TASK_VERIFYING)
		board->probes_failed = 0;
	if (task->state == TASK_CONFIRMED && board->probes_failed)
		sim_complain("%s: confirmed, but a probe failed", task->board);
}

/* For who reads the history of a seed. */
void sim_watch_board(const struct board *board)
{
	struct sim_board *device = sim_board_named(board->name);
	char shown[WIPY_FINGERPRINT_MAX] = "nothing";

	if (device->listed == board->conditions)
		return;
	device->listed = board->conditions;
	if (board->has_fingerprint)
		wipy_fingerprint_format(&board->fingerprint, shown);
	sim_note("%s is listed as%s%s%s, shows %.20s", board->name,
		board->conditions & CONDITION_DIRTY ? " dirty" : "",
		board->conditions & CONDITION_ARMED ? " armed" : "",
		board->conditions & CONDITION_NEEDS_HANDS ? " needs-hands" : "", shown);
}

void sim_watch_task(const struct task *task)
{
	struct sim_board *board = sim_board_named(task->board);

	/* A daemon that dies with this cannot know whether it has begun. */
	if (board->task_state != (int)task->state &&
		(task->state == TASK_PUSHING || task->state == TASK_DISARMING)) {
		board->tries++;
		note_try(board);
		sim_watch_intent(board, task);
	}
	if (board->task_state != (int)task->state)
		sim_watch_refusal(board, task);
	if (task->state == TASK_CHECKING && board->task_state == TASK_WAITING)
		board->granted_ms = sim->now_ms;
	if (task->state == TASK_DEFERRED)
		board->deferred_in = task->rollout;
	if (task->state == TASK_CONFIRMED)
		check_confirmed(board, task);
	check_probes(board, task);
	if (task->state == TASK_FELL_BACK && board->boots == board->boots_at_push &&
		!board->by_others)
		sim_complain("%s: fell back without a reset", task->board);
}

static int compare_name(const void *name, const void *board)
{
	return strcmp(name, ((const struct board *)board)->name);
}

/* A snapshot has its boards in the order of their names. */
static const struct board *board_of(
	const struct store_snapshot *snapshot, const struct task *task)
{
	return bsearch(task->board, snapshot->board, snapshot->board_count,
		sizeof(*snapshot->board), compare_name);
}

/* A task that rests until its board catches up inherits anew when it goes on. What was said
 * of a task in flight and did not become durable was not said. */
void sim_watch_loaded(const struct store_snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->task_count; i++) {
		const struct task *task = &snapshot->task[i];
		const struct board *board = board_of(snapshot, task);

		if (task_state_in_flight(task->state))
			sim_board_named(task->board)->task_state = (int)task->state;
		if (!board || task_state_is_end(task->state) || task->late)
			continue;
		if (task->inherited & ~board->conditions)
			sim_complain("%s: what its task has inherited is gone, and is "
				     "stored still",
				board->name);
	}
}
