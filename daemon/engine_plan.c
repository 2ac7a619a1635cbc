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
	} else if (board->board.access == ACCESS_WRONG_BOARD ||
		   board->board.other_id[0]) {
		entry->state = TASK_REFUSED;
		entry->reason = REASON_WRONG_BOARD;
	} else if (board->board.reach == REACH_ONLINE && board->board.conditions == 0 &&
		   wipy_fingerprint_equal(
			   &board->board.fingerprint, &image->fingerprint)) {
		entry->state = TASK_ALREADY;
		entry->reason = REASON_ALREADY_RUNNING;
	} else if (engine_image_known_bad(board, image)) {
		entry->state = TASK_REFUSED;
		entry->reason = REASON_KNOWN_BAD;
	} else if (!plan->burn_last_good && engine_ledger_burns(board)) {
		entry->state = TASK_REFUSED;
		entry->reason = REASON_BURNS_LAST_GOOD;
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

/* What a board is a sample of: its type, or the family of one that has none. */
static const char *type_of(const struct engine_board *board)
{
	const struct board_spec *spec = board->spec;

	return *spec->type ? spec->type : wipy_family_facts(spec->family)->name;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Numbers from 0 on, the same for the same type. */
static void number_types(
	const struct plan *plan, struct wave_candidate *candidate, size_t count)
{
	const char **name = engine_alloc(count + 1, sizeof(*name));
	size_t names = 0;

	for (size_t i = 0; i < count; i++)
		name[i] = type_of(plan->entry[candidate[i].index].board);
	qsort(name, count, sizeof(*name), compare_texts);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(name[i], name[names - 1]) != 0)
			name[names++] = name[i];
	for (size_t i = 0; i < count; i++) {
		const char *own = type_of(plan->entry[candidate[i].index].board);
		const char **found =
			bsearch(&own, name, names, sizeof(*name), compare_texts);

		candidate[i].type = (int)(found - name);
	}
	free(name);
}

/* The list of domains is a copy; what is in flight in them does not count here. */
static int deal_out(const struct engine *engine, const struct plan *plan,
	const struct waves *waves, struct wave_candidate *candidate, size_t count)
{
	int in_flight, wave_count;
	struct wave_strata strata = {
		.domain = engine_make_domains(engine, &in_flight),
		.domain_share = (int)engine->config.settings->domain_share,
		.of_type = engine_alloc(count + 1, sizeof(int)),
	};

	for (size_t i = 0; i < count; i++)
		for (int k = 0; k < TASK_DOMAINS; k++)
			if (candidate[i].domains.index[k] >= 0)
				strata.domain[candidate[i].domains.index[k]].in_flight =
					0;
	number_types(plan, candidate, count);
	wave_count = waves_deal(waves, plan->release->name, &strata, candidate, count);
	free(strata.domain);
	free(strata.of_type);
	return wave_count;
}

static void deal(
	const struct engine *engine, struct plan *plan, const struct waves *waves)
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
		candidate[count].domains = engine_board_domains(plan->entry[i].board);
		candidate[count++].index = i;
	}
	plan->wave_count = deal_out(engine, plan, waves, candidate, count);
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
	struct plan plan = {.soak_s = request->soak_s,
		.expires_s = request->expires_s,
		.burn_last_good = request->burn_last_good};
	struct waves waves;
	int rc;

	if (plan.soak_s < 0)
		plan.soak_s = (engine->config.settings->soak_ms + 999) / 1000;
	if (plan.expires_s < 0)
		plan.expires_s = engine->config.settings->expires_ms / 1000;
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
	deal(engine, ret_plan, &waves);
	return 0;
}

void plan_done(struct plan *plan)
{
	free(plan->entry);
	plan->entry = NULL;
}
