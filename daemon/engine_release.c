/* SPDX-License-Identifier: MIT
 *
 * Releases that come into the catalogue: who brought them, and who signed them, is kept as
 * an event.
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
	size_t had;       /* releases that there were before */
	catalogue_release_fn done;
	void *arg;
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

/* The release is there even where its event could not be written. */
static void noted(void *arg, int status)
{
	struct release_wish *wish = arg;

	if (status < 0)
		log_warn(TAG, "not noted as an event release=%s err=%d",
			wish->release->name, status);
	finish(wish);
}

static bool is_new(const struct release_wish *wish)
{
	const struct catalogue *catalogue = wish->engine->config.catalogue;

	for (size_t i = wish->had; i < catalogue_count(catalogue); i++)
		if (catalogue_at(catalogue, i) == wish->release)
			return true;
	return false;
}

static void describe(const struct release_wish *wish, char *buf, size_t cap)
{
	const struct release_manifest *said = &wish->release->manifest;
	int len;

	if (!*said->series) {
		snprintf(buf, cap, "%s, made of files, unsigned", wish->release->name);
		return;
	}
	len = snprintf(buf, cap, "%s, serial %lld of %s, signed by",
		wish->release->name, (long long)said->serial, said->series);
	for (size_t i = 0; i < said->signer_count && len < (int)cap; i++)
		len += snprintf(buf + len, cap - (size_t)len, "%s %s", i ? "," : "",
			said->signer[i]);
	if (said->signer_count == 0 && len < (int)cap)
		len += snprintf(buf + len, cap - (size_t)len, " nobody");
	if (*wish->reason && len < (int)cap)
		snprintf(buf + len, cap - (size_t)len, "; allowed to go back: %s",
			wish->reason);
}

static void added(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct release_wish *wish = arg;
	struct store_batch *batch;
	char detail[384];

	wish->status = status;
	wish->release = release;
	wish->error = *error;
	snprintf(wish->warning, sizeof(wish->warning), "%s", warning);
	if (status < 0 || !is_new(wish)) {
		finish(wish);
		return;
	}
	engine_releases_changed(wish->engine);
	describe(wish, detail, sizeof(detail));
	batch = store_batch_new(wish->engine->config.store);
	engine_event_caused(
		batch, wish->actor, "wish", "", NULL, "release-added", detail);
	engine_commit_wish(wish->engine, batch, noted, wish);
}

void engine_add_release(struct engine *engine, const struct catalogue_offer *offer,
	const char *actor, const char *reason, catalogue_release_fn done, void *arg)
{
	struct release_wish *wish = engine_alloc(1, sizeof(*wish));

	wish->engine = engine;
	wish->had = catalogue_count(engine->config.catalogue);
	wish->done = done;
	wish->arg = arg;
	snprintf(wish->actor, sizeof(wish->actor), "%s", actor);
	snprintf(wish->reason, sizeof(wish->reason), "%s", reason);
	engine_hold(engine);
	catalogue_add_release(engine->config.catalogue, offer, added, wish);
}
