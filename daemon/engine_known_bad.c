/* SPDX-License-Identifier: MIT
 *
 * Known-bad images: noted when a task ends that speaks against its image, or when a person
 * says so, asked when a rollout is planned, cleared by a person. The list is never
 * shortened.
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
	engine->known_bad_last = 0;
	if (engine->known_bad_count > 0)
		engine->known_bad_last =
			engine->known_bad[engine->known_bad_count - 1].number;
}

const char *engine_board_type(const struct engine_board *board)
{
	const struct board_spec *spec = board->spec;

	return spec->type[0] ? spec->type : wipy_family_facts(spec->family)->name;
}

const struct known_bad *engine_image_known_bad_but(const struct engine_board *board,
	const struct release_image *image, const struct id *rollout)
{
	const struct engine *engine = board->engine;

	return known_bad_find_but(engine->known_bad, engine->known_bad_count,
		image->sha256, engine_board_type(board), rollout);
}

const struct known_bad *engine_image_known_bad(
	const struct engine_board *board, const struct release_image *image)
{
	return engine_image_known_bad_but(board, image, NULL);
}

/* Keeps the list in the order of the numbers: what a person asked for is put in once it is
 * stored, when a later one may be there already. */
static struct known_bad *insert(struct engine *engine, int64_t number)
{
	size_t at = engine->known_bad_count;
	struct known_bad *list = realloc(engine->known_bad, (at + 1) * sizeof(*list));

	if (!list)
		abort();
	for (; at > 0 && list[at - 1].number > number; at--)
		list[at] = list[at - 1];
	engine->known_bad = list;
	engine->known_bad_count++;
	list[at] = (struct known_bad){.number = number};
	return &list[at];
}

/* "0123456789ab of release v1.8.7 for phat: why" */
static void describe(const struct known_bad *entry, const char *why, char ret_text[384])
{
	snprintf(ret_text, 384, "%.12s%s%s for %s: %s", entry->sha256,
		entry->release[0] ? " of release " : "", entry->release, entry->type,
		why);
}

void engine_known_bad_note(
	struct engine_task *et, const struct task *was, struct store_batch *batch)
{
	const struct release_image *image = engine_task_image(et);
	struct engine *engine = et->rollout->engine;
	const struct task *task = &et->task;
	struct known_bad *entry;
	char detail[384];

	/* A board that leaves with a one-way image does what was asked for. */
	if (!image || (image->warnings & WIPY_IMAGE_WARN_ONE_WAY) ||
		!known_bad_speaks(was, task, &image->fingerprint) ||
		engine_image_known_bad(et->board, image))
		return;
	entry = insert(engine, ++engine->known_bad_last);
	entry->rollout = task->rollout;
	entry->reason = task->reason;
	entry->since_s = engine_now_s();
	snprintf(entry->sha256, sizeof(entry->sha256), "%s", image->sha256);
	snprintf(entry->type, sizeof(entry->type), "%s", engine_board_type(et->board));
	snprintf(entry->board, sizeof(entry->board), "%s", task->board);
	engine_undo_name(et, entry->release);
	store_put_known_bad(batch, entry);
	describe(entry, reason_code(entry->reason), detail);
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

/* ---- a person's word --------------------------------------------------------------- */

/* It holds once it is stored: these entries are what the list will have then. */
struct wish {
	struct engine *engine;
	engine_done_fn done;
	void *arg;
	size_t count;
	struct known_bad entry[];
};

static struct known_bad *numbered(struct engine *engine, int64_t number)
{
	for (size_t i = engine->known_bad_count; i > 0; i--)
		if (engine->known_bad[i - 1].number == number)
			return &engine->known_bad[i - 1];
	return insert(engine, number);
}

static void stored(void *arg, int status)
{
	struct wish *wish = arg;

	for (size_t i = 0; status == 0 && i < wish->count; i++) {
		const struct known_bad *entry = &wish->entry[i];
		bool cleared = entry->cleared_s != 0;

		*numbered(wish->engine, entry->number) = *entry;
		log_warn(TAG,
			"a person says it is%s known-bad image=%.12s type=%s "
			"actor=%s",
			cleared ? " no longer" : "", entry->sha256, entry->type,
			cleared ? entry->cleared_by : entry->added_by);
	}
	wish->done(wish->arg, status);
	free(wish);
}

static struct wish *wish_new(
	struct engine *engine, size_t cap, engine_done_fn done, void *arg)
{
	struct wish *wish =
		engine_alloc(1, sizeof(*wish) + cap * sizeof(wish->entry[0]));

	wish->engine = engine;
	wish->done = done;
	wish->arg = arg;
	return wish;
}

/* With the event of each. */
static void commit(
	struct wish *wish, const struct known_bad_request *request, const char *event)
{
	struct store_batch *batch = store_batch_new(wish->engine->config.store);
	char detail[384];

	for (size_t i = 0; i < wish->count; i++) {
		store_put_known_bad(batch, &wish->entry[i]);
		describe(&wish->entry[i], request->reason, detail);
		engine_event_caused(
			batch, request->actor, "wish", "", NULL, event, detail);
	}
	engine_commit_wish(wish->engine, batch, stored, wish);
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

static void clear(struct known_bad *entry, const struct known_bad_request *request)
{
	entry->cleared_s = engine_now_s();
	snprintf(entry->cleared_by, sizeof(entry->cleared_by), "%s", request->actor);
	snprintf(entry->cleared_reason, sizeof(entry->cleared_reason), "%s",
		request->reason);
}

int engine_clear_known_bad(struct engine *engine,
	const struct known_bad_request *request, engine_done_fn done, void *arg)
{
	const struct release *release = NULL;
	struct errtext ignored;
	struct wish *wish;

	if (engine->read_only)
		return -EROFS;
	if (strlen(request->reason) >= sizeof(engine->known_bad->cleared_reason))
		return -EINVAL;
	if (catalogue_find(
		    engine->config.catalogue, request->image, &release, &ignored) < 0)
		release = NULL;
	wish = wish_new(engine, engine->known_bad_count, done, arg);
	for (size_t i = 0; i < engine->known_bad_count; i++) {
		const struct known_bad *entry = &engine->known_bad[i];

		if (!is_meant(entry, release, request->image, request->type))
			continue;
		wish->entry[wish->count] = *entry;
		clear(&wish->entry[wish->count++], request);
	}
	if (wish->count == 0) {
		free(wish);
		return -ENOENT;
	}
	commit(wish, request, "known-bad-cleared");
	return 0;
}

/* ---- adding ---------------------------------------------------------------------- */

/* Boards of that type, or of that family without a type; of which family they are. A family
 * whose boards all have types would stand for none of them. */
static int find_type(const struct engine *engine, const char *type,
	enum wipy_family *ret_family, struct errtext *ret_error)
{
	enum wipy_family family = wipy_family_by_name(type);
	bool others = false;

	for (size_t i = 0; i < engine->board_count; i++) {
		const struct engine_board *board = engine->board[i];

		if (strcmp(engine_board_type(board), type) == 0) {
			*ret_family = board->spec->family;
			return 0;
		}
		others = others || board->spec->family == family;
	}
	*ret_family = family;
	if (family != WIPY_FAMILY_UNKNOWN && !others)
		return 0; /* of boards to come */
	snprintf(ret_error->text, sizeof(ret_error->text),
		others ? "every board of family %.63s has a type: name that"
		       : "no board is of type '%.63s', and no family has that name",
		type);
	return -ENOENT;
}

static int find_in_release(const struct engine *engine, const struct release *release,
	const struct known_bad_request *request, struct known_bad *entry,
	struct errtext *ret_error)
{
	enum wipy_family family;
	const struct release_image *image;
	int rc = find_type(engine, request->type, &family, ret_error);

	if (rc < 0)
		return rc;
	image = release_image_for(release, family, request->type);
	if (!image) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"release %s has no image for boards of type %.63s",
			release->name, request->type);
		return -ENOENT;
	}
	snprintf(entry->sha256, sizeof(entry->sha256), "%s", image->sha256);
	snprintf(entry->release, sizeof(entry->release), "%s", release->name);
	return 0;
}

/* By the first digits of its SHA-256, of all releases; by all of them also in none. */
static int find_image(const struct engine *engine, const char *digits,
	struct known_bad *entry, struct errtext *ret_error)
{
	const struct catalogue *catalogue = engine->config.catalogue;
	size_t len = strlen(digits), count = catalogue_count(catalogue);

	for (size_t i = 0; i < count * RELEASE_IMAGES_MAX; i++) {
		const struct release *release =
			catalogue_at(catalogue, i / RELEASE_IMAGES_MAX);
		size_t at = i % RELEASE_IMAGES_MAX;

		if (at >= release->image_count || len < KNOWN_BAD_DIGITS ||
			strncmp(release->image[at].sha256, digits, len) != 0 ||
			strcmp(release->image[at].sha256, entry->sha256) == 0)
			continue;
		if (entry->sha256[0]) {
			snprintf(ret_error->text, sizeof(ret_error->text),
				"several images begin with '%.63s': give more digits",
				digits);
			return -ENOTUNIQ;
		}
		memcpy(entry->sha256, release->image[at].sha256, SHA256_HEX_MAX);
		memcpy(entry->release, release->name, NAME_MAX_LEN);
	}
	if (!entry->sha256[0] && len == SHA256_HEX_MAX - 1 &&
		strspn(digits, "0123456789abcdef") == len)
		memcpy(entry->sha256, digits, SHA256_HEX_MAX);
	if (entry->sha256[0])
		return 0;
	snprintf(ret_error->text, sizeof(ret_error->text),
		"'%.63s' is no release, no SHA-256 of 64 lower-case digits, and not "
		"the "
		"first %d digits or more of an image in the catalogue",
		digits, KNOWN_BAD_DIGITS);
	return -ENOENT;
}

static int find_meant(const struct engine *engine,
	const struct known_bad_request *request, struct known_bad *entry,
	struct errtext *ret_error)
{
	const struct release *release;
	enum wipy_family family;
	int rc = catalogue_find(
		engine->config.catalogue, request->image, &release, ret_error);

	if (rc == 0)
		return find_in_release(engine, release, request, entry, ret_error);
	if (rc == -ENOTUNIQ)
		return rc;
	rc = find_type(engine, request->type, &family, ret_error);
	return rc < 0 ? rc : find_image(engine, request->image, entry, ret_error);
}

/* By a person: what a rollout has found out does not stop that rollout. */
static bool is_said(const struct engine *engine, const char *sha256, const char *type)
{
	for (size_t i = 0; i < engine->known_bad_count; i++)
		if (engine->known_bad[i].added_by[0] &&
			strlen(sha256) == SHA256_HEX_MAX - 1 &&
			known_bad_is_meant(&engine->known_bad[i], sha256, type))
			return true;
	return false;
}

int engine_add_known_bad(struct engine *engine, const struct known_bad_request *request,
	engine_done_fn done, void *arg, struct errtext *ret_error)
{
	struct known_bad entry = {.since_s = engine_now_s()};
	struct wish *wish;
	int rc = find_meant(engine, request, &entry, ret_error);

	if (rc < 0)
		return rc;
	if (engine->read_only)
		return -EROFS;
	if (is_said(engine, entry.sha256, request->type)) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"image %.12s is known-bad for boards of type %s already, by a "
			"person's word",
			entry.sha256, request->type);
		return -EALREADY;
	}
	entry.number = ++engine->known_bad_last;
	snprintf(entry.type, sizeof(entry.type), "%s", request->type);
	snprintf(entry.added_by, sizeof(entry.added_by), "%s", request->actor);
	snprintf(entry.added_reason, sizeof(entry.added_reason), "%s", request->reason);
	wish = wish_new(engine, 1, done, arg);
	wish->entry[wish->count++] = entry;
	commit(wish, request, "known-bad-added");
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
