/* SPDX-License-Identifier: MIT
 *
 * Which image goes to which type of boards. What its owner said of a board and its type
 * when the daemon wrote down that it would push is what the push is held to: he may say
 * something else a moment later. What repairs is what was begun, and an undo goes back to
 * what ran: neither asks the type (docs/inventory.md).
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/reason.h"
#include "tests/sim/sim.h"

struct said {
	enum wipy_family family;
	int type;
};

/* A board that has moved in the file while its task goes on is what it was. */
static struct said said_of(const struct sim_board *board)
{
	const struct engine_board *eb = sim_engine_side(board);
	const struct sim_entry *entry = sim_entry_of(board);
	struct said said = {entry->family, entry->type};

	if (eb && eb->kept) {
		said.family = eb->spec->family;
		said.type = eb->spec->type[0] ? atoi(eb->spec->type + 1) : -1;
	}
	return said;
}

static bool takes_entry(const struct said *said, const struct sim_image *image)
{
	return said->type < 0 || !sim->force.type[said->type].entry_only ||
	       image->entry_point == SIM_ENTRY;
}

static bool takes_version(const struct said *said, const struct sim_image *image)
{
	int most = said->type < 0 ? -1 : sim->force.type[said->type].version_most;

	return most < 0 || (int)image->number <= most;
}

const struct rollout *sim_rollout_of(const struct task *task)
{
	struct engine_rollout *er;
	char id[ID_TEXT_MAX];

	id_format(&task->rollout, id);
	return sim->engine && engine_find_rollout(sim->engine, id, &er) == 0
		       ? &er->rollout
		       : NULL;
}

static void name_type(const struct said *said, char ret_name[16])
{
	if (said->type < 0)
		snprintf(ret_name, 16, "%s", wipy_family_facts(said->family)->name);
	else
		snprintf(ret_name, 16, "t%d", said->type);
}

/* The daemon has said that it pushes to the board. */
void sim_watch_intent(struct sim_board *board, const struct task *task)
{
	const struct rollout *rollout = sim_rollout_of(task);
	struct said said = said_of(board);

	if (task->touched || task->state != TASK_PUSHING)
		return;
	board->meant = rollout && !task->has_wanted
			       ? sim_file_for(rollout->release, said.family, said.type)
			       : NULL;
	board->unaccepted =
		board->meant && (!takes_entry(&said, board->meant->image) ||
					!takes_version(&said, board->meant->image));
	name_type(&said, board->meant_type);
}

void sim_watch_type(const struct sim_board *board, const struct engine_board *eb,
	const struct sim_file *file)
{
	const struct task *task = &eb->task->task;

	if (task->state != TASK_PUSHING || task->has_wanted)
		return;
	if (file != board->meant)
		sim_complain("%s: not the image of its type is pushed", board->name);
	if (board->unaccepted)
		sim_complain("%s: an image is pushed that its type does not accept",
			board->name);
}

static bool is_known_bad(const struct said *said, const struct sim_file *file)
{
	char type[16];

	name_type(said, type);
	for (size_t i = 0; i < engine_known_bad_count(sim->engine); i++) {
		const struct known_bad *known = engine_known_bad_at(sim->engine, i);

		if (known->cleared_s == 0 && sim_file_named(known->sha256) == file &&
			strcmp(known->type, type) == 0)
			return true;
	}
	return false;
}

/* What is bad for one type, or not accepted by it, stays good for another. */
void sim_watch_refusal(const struct sim_board *board, const struct task *task)
{
	const struct rollout *rollout = sim_rollout_of(task);
	struct said said = said_of(board);
	const struct sim_file *file;
	bool well = true;

	if (task->state != TASK_REFUSED || task->has_wanted || !rollout)
		return;
	file = sim_file_for(rollout->release, said.family, said.type);
	if (task->reason == REASON_KNOWN_BAD)
		well = file && is_known_bad(&said, file);
	else if (task->reason == REASON_ENTRY_POINT)
		well = file && !takes_entry(&said, file->image);
	else if (task->reason == REASON_VERSION_NOT_ACCEPTED)
		well = file && !takes_version(&said, file->image);
	if (!well)
		sim_complain("%s: refused an image that its type may have: %s",
			board->name, reason_code(task->reason));
}
