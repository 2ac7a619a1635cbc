/* SPDX-License-Identifier: MIT
 *
 * Starting what was planned before: the plan is made anew and held against the saved
 * one in the same step that starts it, so that nothing can move in between.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/reason.h"
#include "daemon/engine_outlook.h"
#include "daemon/engine_private.h"

static void note(struct plan_moves *moves, enum plan_move move, const char *what,
	const char *was, const char *is)
{
	if (moves->total < PLAN_MOVES_MAX)
		moves->list[moves->total] =
			(struct plan_difference){move, what, was, is};
	moves->total++;
}

static int by_board(const void *va, const void *vb)
{
	const struct plan_row *a = va, *b = vb;

	return strcmp(a->board, b->board);
}

static const struct plan_row *row_of(const struct plan_saved *saved, const char *board)
{
	struct plan_row key = {.board = board};

	return bsearch(
		&key, saved->row, saved->row_count, sizeof(*saved->row), by_board);
}

/* ---- the release ----------------------------------------------------------------- */

static const char *sha256_of(
	const struct release *release, const struct plan_image *image)
{
	for (size_t i = 0; i < release->image_count; i++)
		if (strcmp(release->image[i].type, image->type) == 0 &&
			strcmp(wipy_family_facts(release->image[i].family)->name,
				image->family) == 0)
			return release->image[i].sha256;
	return "";
}

static const char *saved_sha256(
	const struct plan_saved *saved, const char *family, const char *type)
{
	for (size_t i = 0; i < saved->image_count; i++)
		if (strcmp(saved->image[i].family, family) == 0 &&
			strcmp(saved->image[i].type, type) == 0)
			return saved->image[i].sha256;
	return "";
}

static void compare_images(const struct plan_saved *saved,
	const struct release *release, struct plan_moves *moves)
{
	for (size_t i = 0; i < saved->image_count; i++) {
		const struct plan_image *image = &saved->image[i];
		const char *is = sha256_of(release, image);

		if (strcmp(image->sha256, is) != 0)
			note(moves, PLAN_IMAGE,
				*image->type ? image->type : image->family,
				image->sha256, is);
	}
	for (size_t i = 0; i < release->image_count; i++) {
		const struct release_image *image = &release->image[i];
		const char *family = wipy_family_facts(image->family)->name;

		if (*saved_sha256(saved, family, image->type) == '\0')
			note(moves, PLAN_IMAGE, *image->type ? image->type : family, "",
				image->sha256);
	}
}

/* It can still be rolled out, and its images are those that were planned. */
static bool release_stands(const struct engine *engine, const struct plan_saved *saved,
	struct plan_moves *moves)
{
	const struct release *release;
	int rc = catalogue_find(engine->config.catalogue, saved->request.release,
		&release, &moves->release);

	if (rc == 0 && strcmp(release->name, saved->request.release) != 0) {
		snprintf(moves->release.text, sizeof(moves->release.text),
			"it is not in the catalogue any more");
		rc = -ENOENT;
	}
	if (rc == 0)
		rc = engine_release_begins(engine, release, &moves->release);
	if (rc < 0)
		note(moves, PLAN_RELEASE, saved->request.release, "",
			moves->release.text);
	else
		compare_images(saved, release, moves);
	return moves->total == 0;
}

/* ---- the boards ------------------------------------------------------------------ */

/* It ran the release when it was planned and, as far as anybody has seen, does: only
 * that it does not answer right now. */
static bool is_still_there(const struct plan *plan, const struct plan_entry *entry)
{
	const struct board *board = &entry->board->board;
	const struct release_image *image =
		engine_image_for(entry->board, plan->release);

	return entry->state == TASK_PLANNED && image && board->conditions == 0 &&
	       board->reach != REACH_ONLINE && board->has_fingerprint &&
	       wipy_fingerprint_equal(&board->fingerprint, &image->fingerprint);
}

static void keep_already(struct plan *plan, const struct plan_saved *saved)
{
	for (size_t i = 0; i < plan->entry_count; i++) {
		struct plan_entry *entry = &plan->entry[i];
		const struct plan_row *row = row_of(saved, entry->board->board.name);

		if (!row || strcmp(row->verdict, verdict_name(VERDICT_ALREADY)) != 0 ||
			!is_still_there(plan, entry))
			continue;
		entry->state = TASK_ALREADY;
		entry->reason = REASON_ALREADY_RUNNING;
		entry->wave = -1;
		plan->planned--;
		plan->already++;
	}
}

static struct plan_row now_row(
	const struct plan_entry *entry, char runs[WIPY_FINGERPRINT_MAX])
{
	const struct engine_board *board = entry->board;
	enum reason reason;
	struct verdict_facts facts = {entry->state, entry->reason, true, false};
	enum verdict verdict = verdict_of(&facts, &reason);

	if (board->board.has_fingerprint)
		wipy_fingerprint_format(&board->board.fingerprint, runs);
	return (struct plan_row){
		.board = board->board.name,
		.family = wipy_family_facts(board->spec->family)->name,
		.type = board->spec->type,
		.runs = runs,
		.verdict = verdict_name(verdict),
		.code = verdict == VERDICT_REFUSED ? reason_code(reason) : "",
	};
}

static void compare_boards(const struct plan_saved *saved, const struct plan *plan,
	struct plan_moves *moves)
{
	struct plan_row *now = engine_alloc(plan->entry_count + 1, sizeof(*now));

	moves->runs = engine_alloc(plan->entry_count + 1, sizeof(*moves->runs));
	for (size_t i = 0; i < plan->entry_count; i++)
		now[i] = now_row(&plan->entry[i], moves->runs[i]);
	qsort(now, plan->entry_count, sizeof(*now), by_board);
	moves->total = plan_compare(saved->row, saved->row_count, now,
		plan->entry_count, moves->list, PLAN_MOVES_MAX);
	free(now);
}

/* The waves that were saved, of the same boards. */
static void take_waves(const struct plan_saved *saved, struct plan *plan)
{
	plan->wave_count = 0;
	memset(plan->wave_size, 0, sizeof(plan->wave_size));
	for (size_t i = 0; i < plan->entry_count; i++) {
		struct plan_entry *entry = &plan->entry[i];

		if (entry->state != TASK_PLANNED)
			continue;
		entry->wave = row_of(saved, entry->board->board.name)->wave - 1;
		plan->wave_size[entry->wave]++;
		if (entry->wave >= plan->wave_count)
			plan->wave_count = entry->wave + 1;
	}
	engine_plan_sort(plan);
}

int engine_plan_saved(struct engine *engine, const struct plan_saved *saved,
	struct plan *ret_plan, struct plan_moves *ret_moves, struct errtext *ret_error)
{
	struct plan none = {.entry_count = 0};
	int rc;

	ret_moves->total = 0;
	ret_moves->runs = NULL;
	if (!release_stands(engine, saved, ret_moves))
		return -ESTALE;
	rc = engine_plan(engine, &saved->request, ret_plan, ret_error);
	/* What was planned once was no nonsense: its boards have gone. */
	if (rc == -EINVAL) {
		compare_boards(saved, &none, ret_moves);
		return ret_moves->total > 0 ? -ESTALE : rc;
	}
	if (rc < 0)
		return rc;
	keep_already(ret_plan, saved);
	compare_boards(saved, ret_plan, ret_moves);
	if (ret_moves->total > 0) {
		plan_done(ret_plan);
		return -ESTALE;
	}
	take_waves(saved, ret_plan);
	return 0;
}

void plan_moves_done(struct plan_moves *moves)
{
	free(moves->runs);
	moves->runs = NULL;
}
