/* SPDX-License-Identifier: MIT
 *
 * A release from the web: its manifest, its signatures, then the images that are not in the
 * catalogue yet; nothing of it is a release before all is there. What the manifest says is
 * judged before the first image is fetched.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/catalogue_manifest.h"
#include "daemon/edge/download.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "fetch"

#define RETRY_MS 1000
#define ATTEMPTS 5
#define LIMIT_MS 1800000 /* for all of it: there are few places */
#define RATE_MIN 4096    /* bytes a second: what images of that size get on top */

struct engine_fetch {
	struct engine *engine; /* held until it has ended */
	int64_t number;
	char url[DOWNLOAD_URL_MAX];
	char actor[64], reason[128];
	enum fetch_state state;
	int64_t end_ms;            /* of all of it */
	char cancelled_by[64];     /* "" while it is wanted */
	struct download *download; /* under way; NULL: none */
	uint8_t *text;             /* of the manifest */
	size_t len;
	char *signatures;
	size_t signatures_len;
	struct manifest manifest;
	size_t at; /* the image that is looked at */
	char release[NAME_MAX_LEN];
	char warning[320];
	int status;
	struct errtext error;
};

/* ---- the end ---------------------------------------------------------------------- */

static void finish(struct engine_fetch *fetch, int status, const struct errtext *error)
{
	fetch->status = status;
	fetch->state = status < 0 ? FETCH_FAILED : FETCH_DONE;
	if (error)
		fetch->error = *error;
	if (status < 0)
		log_warn(TAG, "no release from the web number=%lld err=%d: %s",
			(long long)fetch->number, status, fetch->error.text);
	free(fetch->text);
	free(fetch->signatures);
	fetch->text = NULL;
	fetch->signatures = NULL;
	engine_unhold(fetch->engine);
}

void engine_fetch_cancel_all(struct engine *engine)
{
	struct errtext error = {"wipyd was stopped before all was there"};

	for (size_t i = 0; i < ENGINE_FETCHES; i++) {
		struct engine_fetch *fetch = engine->fetch[i];

		if (!fetch || !fetch->download)
			continue; /* what the catalogue does ends by itself */
		download_cancel(fetch->download);
		fetch->download = NULL;
		finish(fetch, -ECANCELED, &error);
	}
}

static bool has_ended(const struct engine_fetch *fetch)
{
	return fetch->state == FETCH_DONE || fetch->state == FETCH_FAILED;
}

/* Says whether nobody wants it any more; then it has ended. */
static bool is_cancelled(struct engine_fetch *fetch)
{
	struct errtext error;

	if (!fetch->cancelled_by[0])
		return false;
	snprintf(
		error.text, sizeof(error.text), "cancelled by %s", fetch->cancelled_by);
	finish(fetch, -ECANCELED, &error);
	return true;
}

static struct engine_fetch *find(const struct engine *engine, int64_t number)
{
	for (size_t i = 0; i < ENGINE_FETCHES; i++)
		if (engine->fetch[i] && engine->fetch[i]->number == number)
			return engine->fetch[i];
	return NULL;
}

int engine_fetch_cancel(struct engine *engine, int64_t number, const char *actor)
{
	struct engine_fetch *fetch = find(engine, number);

	if (!fetch)
		return -ENOENT;
	if (has_ended(fetch))
		return -EALREADY;
	snprintf(fetch->cancelled_by, sizeof(fetch->cancelled_by), "%s", actor);
	if (fetch->download) {
		download_cancel(fetch->download);
		fetch->download = NULL;
		(void)is_cancelled(fetch);
	} /* else the catalogue has it, and gives it back in a moment */
	return 0;
}

void engine_fetch_free_all(struct engine *engine)
{
	for (size_t i = 0; i < ENGINE_FETCHES; i++)
		free(engine->fetch[i]);
}

/* ---- one step after the other ----------------------------------------------------- */

static void next_image(struct engine_fetch *fetch);

/* `size`: what it must have; 0: not known. */
static void start_download(struct engine_fetch *fetch, const char *url, size_t max,
	size_t size, download_fn done)
{
	struct engine *engine = fetch->engine;
	struct download_request request = {
		.url = url,
		.ca_file = engine->config.settings->ca_file,
		.max = max,
		.size = size,
		.retry_ms = RETRY_MS,
		.limit_ms = fetch->end_ms - engine_now_ms(engine),
		.attempts = ATTEMPTS,
	};
	struct errtext error = {"wipyd is being stopped"};

	if (engine->stopping)
		finish(fetch, -ECANCELED, &error);
	else
		fetch->download = download_start(
			engine->loop, engine->config.web, &request, done, fetch);
}

static struct catalogue_offer offer_of(const struct engine_fetch *fetch)
{
	return (struct catalogue_offer){
		.manifest_name = "the manifest",
		.manifest = fetch->text,
		.manifest_len = fetch->len,
		.signatures = fetch->signatures ? fetch->signatures : "",
		.signatures_len = fetch->signatures_len,
		.may_go_back = *fetch->reason,
		.now_s = engine_now_s(),
	};
}

static void added(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct engine_fetch *fetch = arg;

	if (status == 0) {
		snprintf(fetch->release, sizeof(fetch->release), "%s", release->name);
		snprintf(fetch->warning, sizeof(fetch->warning), "%s", warning);
	}
	finish(fetch, status, error);
}

static void add_release(struct engine_fetch *fetch)
{
	struct catalogue_offer offer = offer_of(fetch);

	engine_add_release(
		fetch->engine, &offer, fetch->actor, fetch->reason, added, fetch);
}

static void image_stored(void *arg, int status, const struct wipy_image_info *info,
	const char *sha256, const struct errtext *error)
{
	struct engine_fetch *fetch = arg;

	(void)info;
	(void)sha256;
	if (status < 0) {
		finish(fetch, status, error);
		return;
	}
	fetch->at++;
	next_image(fetch);
}

static void got_image(
	void *arg, int status, uint8_t *data, size_t len, const struct errtext *error)
{
	struct engine_fetch *fetch = arg;

	fetch->download = NULL;
	if (status < 0)
		finish(fetch, status, error);
	else
		catalogue_add_image(fetch->engine->config.catalogue, data, len,
			fetch->manifest.release.image[fetch->at].sha256, image_stored,
			fetch);
}

/* An image that is there, and whole, is not fetched again. */
static void looked(void *arg, int status, const struct errtext *error)
{
	struct engine_fetch *fetch = arg;
	char url[DOWNLOAD_URL_MAX];
	size_t size;

	(void)error; /* a damaged one is fetched again */
	if (status == 0) {
		fetch->at++;
		next_image(fetch);
		return;
	}
	if (is_cancelled(fetch))
		return;
	if (download_url_beside(fetch->url, fetch->manifest.file[fetch->at], url) < 0) {
		struct errtext longer = {"the URL of an image is too long"};

		finish(fetch, -ENAMETOOLONG, &longer);
		return;
	}
	size = (size_t)fetch->manifest.release.image[fetch->at].size;
	start_download(fetch, url, size, size, got_image);
}

static void next_image(struct engine_fetch *fetch)
{
	if (is_cancelled(fetch))
		return;
	if (fetch->at == fetch->manifest.release.image_count)
		add_release(fetch);
	else
		catalogue_check_image(fetch->engine->config.catalogue,
			fetch->manifest.release.image[fetch->at].sha256, looked, fetch);
}

/* It was known, and a person has taken it out: its images are not fetched again. */
static bool is_retired(const struct engine_fetch *fetch)
{
	const struct release *wanted = &fetch->manifest.release, *known;
	struct errtext ignored;

	return catalogue_find(fetch->engine->config.catalogue, wanted->name, &known,
		       &ignored) == 0 &&
	       strcmp(known->name, wanted->name) == 0 && known->retired_s != 0 &&
	       known->manifest.serial == wanted->manifest.serial;
}

static void judge(struct engine_fetch *fetch)
{
	struct catalogue_offer offer = offer_of(fetch);
	struct errtext error = {""};
	int status = catalogue_check_manifest(
		fetch->engine->config.catalogue, &offer, &fetch->manifest, &error);

	if (status < 0) {
		finish(fetch, status, &error);
		return;
	}
	if (is_retired(fetch)) {
		snprintf(fetch->release, sizeof(fetch->release), "%s",
			fetch->manifest.release.name);
		snprintf(fetch->warning, sizeof(fetch->warning),
			"this release is there already, and retired");
		finish(fetch, 0, NULL);
		return;
	}
	fetch->state = FETCH_IMAGES;
	for (size_t i = 0; i < fetch->manifest.release.image_count; i++)
		fetch->end_ms +=
			fetch->manifest.release.image[i].size * 1000 / RATE_MIN;
	next_image(fetch);
}

static void got_signatures(
	void *arg, int status, uint8_t *data, size_t len, const struct errtext *error)
{
	struct engine_fetch *fetch = arg;

	fetch->download = NULL;
	if (status < 0 && status != -ENOENT) {
		finish(fetch, status, error);
		return;
	}
	fetch->signatures = (char *)data;
	fetch->signatures_len = len;
	judge(fetch); /* without a file nobody has signed: that is for the policy */
}

static void got_manifest(
	void *arg, int status, uint8_t *data, size_t len, const struct errtext *error)
{
	struct engine_fetch *fetch = arg;
	size_t path = strcspn(fetch->url, "?#");
	char url[DOWNLOAD_URL_MAX];

	fetch->download = NULL;
	if (status < 0) {
		finish(fetch, status, error);
		return;
	}
	fetch->text = data;
	fetch->len = len;
	if (snprintf(url, sizeof(url), "%.*s.minisig%s", (int)path, fetch->url,
		    fetch->url + path) >= (int)sizeof(url)) {
		struct errtext longer = {"the URL of the signatures is too long"};

		finish(fetch, -ENAMETOOLONG, &longer);
		return;
	}
	fetch->state = FETCH_SIGNATURES;
	start_download(fetch, url, MINISIGN_FILE_MAX, 0, got_signatures);
}

/* ---- beginning -------------------------------------------------------------------- */

/* A free place, or that of the oldest one that has ended. */
static struct engine_fetch **place_for(struct engine *engine)
{
	struct engine_fetch **oldest = NULL;

	for (size_t i = 0; i < ENGINE_FETCHES; i++) {
		struct engine_fetch **fetch = &engine->fetch[i];

		if (!*fetch)
			return fetch;
		if (has_ended(*fetch) &&
			(!oldest || (*fetch)->number < (*oldest)->number))
			oldest = fetch;
	}
	return oldest;
}

int engine_fetch_start(struct engine *engine, const struct fetch_request *request,
	int64_t *ret_number, struct errtext *ret_error)
{
	struct engine_fetch *fetch, **place = place_for(engine);
	int rc = download_check_url(request->url, ret_error);

	if (rc < 0)
		return rc;
	if (!place) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"%d downloads are under way: wait for one of them",
			ENGINE_FETCHES);
		return -EBUSY;
	}
	fetch = engine_alloc(1, sizeof(*fetch));
	free(*place);
	*place = fetch;
	fetch->engine = engine;
	fetch->number = ++engine->fetches;
	snprintf(fetch->url, sizeof(fetch->url), "%s", request->url);
	snprintf(fetch->actor, sizeof(fetch->actor), "%s", request->actor);
	snprintf(fetch->reason, sizeof(fetch->reason), "%s", request->reason);
	fetch->end_ms = engine_now_ms(engine) + LIMIT_MS;
	*ret_number = fetch->number;
	engine_hold(engine);
	start_download(fetch, fetch->url, MANIFEST_MAX, 0, got_manifest);
	return 0;
}

static void look_at_progress(const struct engine_fetch *fetch, struct fetch_view *view)
{
	const struct manifest *manifest = &fetch->manifest;

	view->images = manifest->release.image_count;
	view->at = fetch->at;
	view->file = fetch->state == FETCH_IMAGES && fetch->at < view->images
			     ? manifest->file[fetch->at]
			     : "";
	if (fetch->download)
		download_progress(fetch->download, &view->have, &view->total);
}

bool engine_fetch_view(
	const struct engine *engine, int64_t number, struct fetch_view *ret_view)
{
	const struct engine_fetch *fetch = find(engine, number);

	if (!fetch)
		return false;
	*ret_view = (struct fetch_view){
		.state = fetch->state,
		.status = fetch->status,
		.error = fetch->error.text,
		.release = fetch->release,
		.warning = fetch->warning,
	};
	look_at_progress(fetch, ret_view);
	return true;
}
