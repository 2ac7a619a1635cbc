/* SPDX-License-Identifier: MIT
 *
 * The plan of a rollout, as a person sees it before it starts: which boards, a verdict for
 * each, the waves. Making it changes nothing.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine_private.h"

#define DEFAULT_WAVES "1,10%,50%,100%"

static int select_boards(
	struct engine *engine, struct plan *plan, struct errtext *ret_error)
{
	plan->entry = engine_alloc(engine->board_count + 1, sizeof(*plan->entry));
	for (size_t i = 0; i < engine->board_count; i++) {
		struct engine_board *board = engine->board[i];

		if (board->kept || !engine_board_matches(board, &plan->selector))
			continue;
		if (board->task) {
			char id[ID_TEXT_MAX];

			id_format(&board->task->task.rollout, id);
			snprintf(ret_error->text, sizeof(ret_error->text),
				"board %s belongs to the active rollout %.8s of "
				"release "
				"%s: wait for its end, or abort it",
				board->board.name, id,
				board->task->rollout->rollout.release);
			return -EBUSY;
		}
		plan->entry[plan->entry_count++].board = board;
	}
	if (plan->entry_count == 0) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"no board matches the selector '%s'; `wipyctl boards` lists "
			"them",
			plan->select_text);
		return -EINVAL;
	}
	return 0;
}

static void judge(struct plan *plan, struct plan_entry *entry)
{
	const struct engine_board *board = entry->board;
	const struct release_image *image =
		release_image_for(plan->release, board->spec->family);

	entry->state = TASK_PLANNED;
	entry->wave = -1; /* of those that are dealt out only */
	if (!image) {
		entry->state = TASK_REFUSED;
		entry->reason = REASON_NO_IMAGE;
	} else if (board->board.access == ACCESS_WRONG_BOARD) {
		entry->state = TASK_REFUSED;
		entry->reason = REASON_WRONG_BOARD;
	} else if (board->board.reach == REACH_ONLINE && board->board.conditions == 0 &&
		   wipy_fingerprint_equal(
			   &board->board.fingerprint, &image->fingerprint)) {
		entry->state = TASK_ALREADY;
		entry->reason = REASON_ALREADY_RUNNING;
	}
	plan->planned += entry->state == TASK_PLANNED;
	plan->already += entry->state == TASK_ALREADY;
	plan->refused += entry->state == TASK_REFUSED;
}

static int compare_entries(const void *va, const void *vb)
{
	const struct plan_entry *a = va, *b = vb;

	return a->wave != b->wave ? a->wave - b->wave
				  : strcmp(a->board->board.name, b->board->board.name);
}

static void deal(struct plan *plan, const struct waves *waves)
{
	struct wave_candidate *candidate =
		engine_alloc(plan->planned + 1, sizeof(*candidate));
	size_t count = 0;

	for (size_t i = 0; i < plan->entry_count; i++) {
		const struct board *board = &plan->entry[i].board->board;

		if (plan->entry[i].state != TASK_PLANNED)
			continue;
		candidate[count].board = board->name;
		candidate[count].seen =
			board->reach == REACH_ONLINE || board->reach == REACH_FLAPPING;
		candidate[count++].index = i;
	}
	plan->wave_count = waves_deal(waves, plan->release->name, candidate, count);
	for (size_t i = 0; i < count; i++) {
		plan->entry[candidate[i].index].wave = candidate[i].wave;
		plan->wave_size[candidate[i].wave]++;
	}
	free(candidate);
	qsort(plan->entry, plan->entry_count, sizeof(*plan->entry), compare_entries);
}

int engine_plan(struct engine *engine, const struct rollout_request *request,
	struct plan *ret_plan, struct errtext *ret_error)
{
	const char *waves_text = request->waves ? request->waves : DEFAULT_WAVES;
	struct plan plan = {.soak_s = request->soak_s};
	struct waves waves;
	int rc;

	if (plan.soak_s < 0)
		plan.soak_s = (engine->config.settings->soak_ms + 999) / 1000;
	rc = catalogue_find(
		engine->config.catalogue, request->release, &plan.release, ret_error);
	if (rc == 0)
		rc = waves_parse(waves_text, &waves, ret_error);
	if (rc == 0 && strlen(waves_text) >= sizeof(plan.waves_text)) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"waves: the text is longer than 127 characters");
		rc = -EINVAL;
	}
	if (rc < 0)
		return rc;
	snprintf(plan.waves_text, sizeof(plan.waves_text), "%s", waves_text);
	snprintf(plan.select_text, sizeof(plan.select_text), "%s",
		request->select ? request->select : "");
	*ret_plan = plan; /* in place: a selector refers to itself */
	rc = selector_parse(
		request->select ? request->select : "", &ret_plan->selector, ret_error);
	if (rc == 0)
		rc = select_boards(engine, ret_plan, ret_error);
	if (rc < 0) {
		plan_done(ret_plan);
		return rc;
	}
	for (size_t i = 0; i < ret_plan->entry_count; i++)
		judge(ret_plan, &ret_plan->entry[i]);
	deal(ret_plan, &waves);
	return 0;
}

void plan_done(struct plan *plan)
{
	free(plan->entry);
	plan->entry = NULL;
}
