/* SPDX-License-Identifier: MIT
 *
 * Known-bad images: noted when a task ends that speaks against its image, asked when a
 * rollout is planned, cleared by a person. The list is never shortened.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/known_bad.h"
#include "daemon/core/reason.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "known-bad"

void engine_load_known_bad(struct engine *engine, struct store_snapshot *snapshot)
{
	engine->known_bad = snapshot->known_bad;
	engine->known_bad_count = snapshot->known_bad_count;
	snapshot->known_bad = NULL;
	snapshot->known_bad_count = 0;
}

const char *engine_board_type(const struct engine_board *board)
{
	const struct board_spec *spec = board->spec;

	return spec->type[0] ? spec->type : wipy_family_facts(spec->family)->name;
}

const struct known_bad *engine_image_known_bad(
	const struct engine_board *board, const struct release_image *image)
{
	const struct engine *engine = board->engine;

	return known_bad_find(engine->known_bad, engine->known_bad_count, image->sha256,
		engine_board_type(board));
}

static struct known_bad *append(struct engine *engine)
{
	size_t count = engine->known_bad_count;
	struct known_bad *list =
		realloc(engine->known_bad, (count + 1) * sizeof(*list));

	if (!list)
		abort();
	engine->known_bad = list;
	engine->known_bad_count = count + 1;
	list[count] = (struct known_bad){.number = (int64_t)count + 1};
	return &list[count];
}

void engine_known_bad_note(
	struct engine_task *et, const struct task *was, struct store_batch *batch)
{
	const struct release_image *image = engine_task_image(et);
	const struct task *task = &et->task;
	struct known_bad *entry;
	char detail[384];

	/* A board that leaves with a one-way image does what was asked for. */
	if (!image || (image->warnings & WIPY_IMAGE_WARN_ONE_WAY) ||
		!known_bad_speaks(was, task, &image->fingerprint) ||
		engine_image_known_bad(et->board, image))
		return;
	entry = append(et->rollout->engine);
	entry->rollout = task->rollout;
	entry->reason = task->reason;
	entry->since_s = engine_now_s();
	snprintf(entry->sha256, sizeof(entry->sha256), "%s", image->sha256);
	snprintf(entry->type, sizeof(entry->type), "%s", engine_board_type(et->board));
	snprintf(entry->board, sizeof(entry->board), "%s", task->board);
	engine_undo_name(et, entry->release);
	store_put_known_bad(batch, entry);
	snprintf(detail, sizeof(detail), "%.12s of release %s for %s: %s",
		entry->sha256, entry->release, entry->type, reason_code(entry->reason));
	engine_event_caused(batch, "wipyd", reason_code(entry->reason), task->board,
		&task->rollout, "known-bad", detail);
	log_warn(TAG, "the image is known-bad now image=%.12s type=%s board=%s",
		entry->sha256, entry->type, entry->board);
}

void engine_put_known_bad(const struct engine *engine, struct store_batch *batch)
{
	for (size_t i = 0; i < engine->known_bad_count; i++)
		store_put_known_bad(batch, &engine->known_bad[i]);
}

/* ---- clearing -------------------------------------------------------------------- */

/* A release's name stands for all of its images, a word of digits for one. */
static bool is_meant(const struct known_bad *entry, const struct release *release,
	const char *image, const char *type)
{
	for (size_t i = 0; release && i < release->image_count; i++)
		if (known_bad_is_meant(entry, release->image[i].sha256, type))
			return true;
	return !release && known_bad_is_meant(entry, image, type);
}

static void clear(struct known_bad *entry, const char *actor, const char *reason,
	struct store_batch *batch)
{
	char detail[384];

	entry->cleared_s = engine_now_s();
	snprintf(entry->cleared_by, sizeof(entry->cleared_by), "%s", actor);
	snprintf(entry->cleared_reason, sizeof(entry->cleared_reason), "%s", reason);
	store_put_known_bad(batch, entry);
	snprintf(detail, sizeof(detail), "%.12s of release %s for %s: %s",
		entry->sha256, entry->release, entry->type, entry->cleared_reason);
	engine_event_caused(
		batch, actor, "wish", "", NULL, "known-bad-cleared", detail);
	log_info(TAG, "cleared image=%.12s type=%s actor=%s", entry->sha256,
		entry->type, actor);
}

int engine_clear_known_bad(struct engine *engine, const struct clear_request *request,
	engine_done_fn done, void *arg)
{
	const struct release *release = NULL;
	struct store_batch *batch;
	struct errtext ignored;
	size_t count = 0;

	if (strlen(request->reason) >= sizeof(engine->known_bad->cleared_reason))
		return -EINVAL;
	if (catalogue_find(
		    engine->config.catalogue, request->image, &release, &ignored) < 0)
		release = NULL;
	batch = store_batch_new(engine->config.store);
	for (size_t i = 0; i < engine->known_bad_count; i++) {
		struct known_bad *entry = &engine->known_bad[i];

		if (!is_meant(entry, release, request->image, request->type))
			continue;
		clear(entry, request->actor, request->reason, batch);
		count++;
	}
	if (count == 0) {
		store_batch_drop(batch);
		return -ENOENT;
	}
	engine_commit_wish(engine, batch, done, arg);
	return 0;
}

size_t engine_known_bad_count(const struct engine *engine)
{
	return engine->known_bad_count;
}

const struct known_bad *engine_known_bad_at(const struct engine *engine, size_t index)
{
	return &engine->known_bad[index];
}
