/* SPDX-License-Identifier: MIT
 *
 * Releases that come into the catalogue, are retired, and whose images go: who did it is
 * kept as an event.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "release"

struct release_wish {
	struct engine *engine; /* held */
	char actor[64];
	char reason[128]; /* for going back; "" without */
	catalogue_release_fn done;
	void *arg;
	bool noted; /* its event is durable */
	/* What the catalogue said: */
	int status;
	const struct release *release;
	char warning[320];
	struct errtext error;
};

static void finish(struct release_wish *wish)
{
	struct engine *engine = wish->engine;

	wish->done(wish->arg, wish->status, wish->release, wish->warning, &wish->error);
	free(wish);
	engine_unhold(engine);
}

static void describe(const struct release_wish *wish, const struct release *release,
	char *buf, size_t cap)
{
	const struct release_manifest *said = &release->manifest;
	int len;

	if (!*said->series) {
		snprintf(buf, cap, "%s, made of files, unsigned", release->name);
		return;
	}
	len = snprintf(buf, cap, "%s, serial %lld of %s, signed by", release->name,
		(long long)said->serial, said->series);
	for (size_t i = 0; i < said->signer_count && len < (int)cap; i++)
		len += snprintf(buf + len, cap - (size_t)len, "%s %s", i ? "," : "",
			said->signer[i]);
	if (said->signer_count == 0 && len < (int)cap)
		len += snprintf(buf + len, cap - (size_t)len, " nobody");
	if (*wish->reason && len < (int)cap)
		snprintf(buf + len, cap - (size_t)len, "; allowed to go back: %s",
			wish->reason);
}

static void noted(void *arg, int status)
{
	struct release_wish *wish = arg;
	struct errtext error = {"the state of wipyd cannot be written, so nothing was "
				"changed: `wipyctl status` says more"};

	wish->noted = status == 0;
	catalogue_noted(wish->engine->config.catalogue, status, &error);
}

/* Durable before the release is: none is there without who brought it, and why it may go
 * back. */
static void note(void *arg, const struct release *release, bool known)
{
	struct release_wish *wish = arg;
	struct store_batch *batch = store_batch_new(wish->engine->config.store);
	char detail[384];

	describe(wish, release, detail, sizeof(detail));
	engine_event_caused(batch, wish->actor, "wish", "", NULL,
		known ? "release-signed" : "release-added", detail);
	engine_commit_wish(wish->engine, batch, noted, wish);
}

static void told(void *arg, int status)
{
	(void)status; /* what failed is being said already */
	finish(arg);
}

/* Its answer; what was noted, and could not be written then, is noted as well. */
static void end(struct release_wish *wish, const char *undone)
{
	struct store_batch *batch;

	if (!wish->noted || wish->status == 0) {
		finish(wish);
		return;
	}
	batch = store_batch_new(wish->engine->config.store);
	engine_event_caused(batch, "wipyd", "disk", "", NULL, undone, wish->error.text);
	engine_commit_wish(wish->engine, batch, told, wish);
}

static void added(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct release_wish *wish = arg;

	wish->status = status;
	wish->release = release;
	wish->error = *error;
	snprintf(wish->warning, sizeof(wish->warning), "%s", warning);
	if (wish->noted && status == 0)
		engine_releases_changed(wish->engine);
	end(wish, "release-not-added");
}

static struct release_wish *wish_new(struct engine *engine, const char *actor,
	const char *reason, catalogue_release_fn done, void *arg)
{
	struct release_wish *wish = engine_alloc(1, sizeof(*wish));

	wish->engine = engine;
	wish->done = done;
	wish->arg = arg;
	snprintf(wish->actor, sizeof(wish->actor), "%s", actor);
	snprintf(wish->reason, sizeof(wish->reason), "%s", reason);
	engine_hold(engine);
	return wish;
}

void engine_add_release(struct engine *engine, const struct catalogue_offer *offer,
	const char *actor, const char *reason, catalogue_release_fn done, void *arg)
{
	catalogue_add_release(engine->config.catalogue, offer, note, added,
		wish_new(engine, actor, reason, done, arg));
}

/* ---- retiring --------------------------------------------------------------------- */

static void note_retired(void *arg, const struct release *release, bool known)
{
	struct release_wish *wish = arg;
	struct store_batch *batch = store_batch_new(wish->engine->config.store);
	char detail[384];

	(void)known; /* always */
	snprintf(detail, sizeof(detail), "%s%s%s", release->name,
		*wish->reason ? ": " : "", wish->reason);
	engine_event_caused(batch, wish->actor, "wish", "", NULL,
		release->retired_s ? "release-retired" : "release-restored", detail);
	engine_commit_wish(wish->engine, batch, noted, wish);
}

static void retired(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct release_wish *wish = arg;

	(void)warning;
	wish->status = status;
	wish->release = release;
	wish->error = *error;
	end(wish, "release-not-changed");
}

void engine_retire_release(struct engine *engine, const struct release *release,
	bool back, const char *actor, const char *reason, catalogue_release_fn done,
	void *arg)
{
	struct release_wish *wish = wish_new(engine, actor, reason, done, arg);

	catalogue_retire(engine->config.catalogue, release, back ? 0 : engine_now_s(),
		note_retired, retired, wish);
}

/* ---- images that nobody needs ----------------------------------------------------- */

struct gc_wish {
	struct engine *engine; /* held */
	char actor[64];
	bool dry_run;
	catalogue_gc_fn done;
	void *arg;
	int status;
	size_t files;
	int64_t bytes;
	struct errtext error;
};

/* The board runs it, one of its slots may hold it, or it is the last one that was confirmed
 * on it: a revert or a hand with a cable may need its bytes. */
static bool board_has(const struct board *board, const struct release *release,
	const struct wipy_fingerprint *fp)
{
	const struct ledger *ledger = &board->ledger;

	if (strcmp(board->confirmed_release, release->name) == 0)
		return true;
	if (board->has_fingerprint && wipy_fingerprint_equal(&board->fingerprint, fp))
		return true;
	for (size_t i = 0; i < ledger->image_count; i++)
		if (wipy_fingerprint_equal(&ledger->image[i], fp))
			return true;
	return board->has_hands_wanted &&
	       wipy_fingerprint_equal(&board->hands_wanted, fp);
}

/* A rollout that has not ended, or that can be undone, pushed it or goes back to it. */
static bool rollout_has(const struct engine_rollout *er, const struct release *release,
	const struct wipy_fingerprint *fp)
{
	if (strcmp(er->rollout.release, release->name) == 0)
		return true;
	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;

		if ((task->has_before && wipy_fingerprint_equal(&task->before, fp)) ||
			(task->has_wanted && wipy_fingerprint_equal(&task->wanted, fp)))
			return true;
	}
	return false;
}

static bool is_needed(
	void *arg, const struct release *release, const struct release_image *image)
{
	const struct gc_wish *wish = arg;
	const struct engine *engine = wish->engine;
	const struct wipy_fingerprint *fp = &image->fingerprint;

	for (size_t i = 0; i < engine->board_count; i++)
		if (strcmp(engine->board[i]->spec->release, release->name) == 0 ||
			board_has(&engine->board[i]->board, release, fp))
			return true;
	for (size_t i = 0; i < engine->gone_count; i++)
		if (board_has(&engine->gone[i], release, fp))
			return true;
	for (size_t i = 0; i < engine->rollout_count; i++)
		if (rollout_has(engine->rollout[i], release, fp))
			return true;
	return false;
}

static void gc_finish(void *arg, int status)
{
	struct gc_wish *wish = arg;
	struct engine *engine = wish->engine;

	if (status < 0)
		log_warn(TAG, "not noted as an event err=%d", status);
	wish->done(wish->arg, wish->status, wish->files, wish->bytes, &wish->error);
	free(wish);
	engine_unhold(engine);
}

static void swept(
	void *arg, int status, size_t files, int64_t bytes, const struct errtext *error)
{
	struct gc_wish *wish = arg;
	struct store_batch *batch;
	char detail[128];

	wish->status = status;
	wish->files = files;
	wish->bytes = bytes;
	wish->error = *error;
	if (wish->dry_run || files == 0) {
		gc_finish(wish, 0);
		return;
	}
	snprintf(detail, sizeof(detail), "%zu images, %lld bytes", files,
		(long long)bytes);
	batch = store_batch_new(wish->engine->config.store);
	engine_event_caused(
		batch, wish->actor, "wish", "", NULL, "images-removed", detail);
	engine_commit_wish(wish->engine, batch, gc_finish, wish);
}

void engine_gc(struct engine *engine, bool dry_run, const char *actor,
	catalogue_gc_fn done, void *arg)
{
	struct gc_wish *wish = engine_alloc(1, sizeof(*wish));

	wish->engine = engine;
	wish->dry_run = dry_run;
	wish->done = done;
	wish->arg = arg;
	snprintf(wish->actor, sizeof(wish->actor), "%s", actor);
	engine_hold(engine);
	catalogue_gc(engine->config.catalogue, is_needed, dry_run, engine_now_s(),
		swept, wish);
}
