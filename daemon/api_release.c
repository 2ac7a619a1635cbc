/* SPDX-License-Identifier: MIT
 *
 * The API: images and releases.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define PAGE_DEFAULT 1000
#define PAGE_MAX     5000

struct catalogue_answer {
	struct http_request *request;
	struct engine *engine; /* held */
};

static struct catalogue_answer *hold(struct api *api, struct http_request *request)
{
	struct catalogue_answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		abort();
	answer->request = request;
	answer->engine = api->engine;
	engine_hold(api->engine);
	return answer;
}

/* What the disk of the catalogue has refused. */
static bool is_of_disk(int status)
{
	return status == WIPY_E_FULL || status == WIPY_E_GONE ||
	       status > WIPY_E_NO_BANNER;
}

static void disk_problem(
	struct http_request *request, int status, const struct errtext *error)
{
	api_problem(request, api_disk_status(status), wipy_errcode(status),
		api_disk_hint(status), "%s", error->text);
}

static void image_added(void *arg, int status, const struct wipy_image_info *info,
	const char *sha256, const struct errtext *error)
{
	struct catalogue_answer *answer = arg;
	struct http_request *request = answer->request;

	if (status == 0)
		api_answer(request, 201,
			json_pack("{s:s, s:o}", "sha256", sha256, "image",
				json_image(info)));
	else if (is_of_disk(status))
		disk_problem(request, status, error);
	else
		api_problem(request, 422, wipy_errcode(status), "", "%s", error->text);
	engine_unhold(answer->engine);
	free(answer);
}

void api_post_image(struct api *api, struct http_request *request, const char *name)
{
	size_t len;
	uint8_t *data = http_take_body(request, &len);

	(void)name;
	if (!data) {
		api_problem(request, 422, "image-empty", "", "the image is empty");
		return;
	}
	catalogue_add_image(engine_catalogue(api->engine), data, len, NULL, image_added,
		hold(api, request));
}

static void release_added(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct catalogue_answer *answer = arg;
	struct http_request *request = answer->request;

	if (status == 0) {
		api_answer(request, 201,
			json_pack("{s:o, s:s}", "release",
				json_release(answer->engine, release), "warning",
				warning));
	} else if (status == -EEXIST) {
		api_problem(request, 409, "release-exists", "", "%s", error->text);
	} else if (status == -EINVAL || status == -ENOENT) {
		api_problem(request, 422, "usage", "", "%s", error->text);
	} else if (status <= WIPY_E_RELEASE_MANIFEST ||
		   (status <= WIPY_E_IMAGE_EMPTY && status > WIPY_E_STALE)) {
		api_problem(request, 422, wipy_errcode(status), "", "%s", error->text);
	} else {
		disk_problem(request, status, error);
	}
	engine_unhold(answer->engine);
	free(answer);
}

/* Refused before anything is done: a key that would be ignored. */
static bool is_clear(struct http_request *request, const json_t *body)
{
	const json_t *images = json_object_get(body, "images");
	bool manifest = json_object_get(body, "manifest");
	const char *why = NULL;

	if (json_array_size(images) > RELEASE_IMAGES_MAX)
		why = "a release holds at most 16 images";
	else if (json_object_get(body, "url") &&
		 (manifest || images || json_object_get(body, "name") ||
			 json_object_get(body, "signatures")))
		why = "with url there is nothing else to be said but "
		      "allow_downgrade";
	else if (manifest && (images || json_object_get(body, "name")))
		why = "a manifest names its release and its images: leave out name "
		      "and images";
	else if (!manifest && !json_object_get(body, "url") &&
		 (json_object_get(body, "signatures") ||
			 json_object_get(body, "allow_downgrade")))
		why = "signatures and allow_downgrade belong to a manifest";
	if (why)
		api_problem(request, 400, "usage", "", "%s", why);
	return !why;
}

static void take_manifest(const json_t *body, struct catalogue_offer *offer)
{
	const json_t *manifest = json_object_get(body, "manifest");
	const char *name = api_text(body, "manifest_name");

	offer->manifest_name = *name ? name : "manifest";
	offer->manifest = (const uint8_t *)json_string_value(manifest);
	offer->manifest_len = json_string_length(manifest);
	offer->signatures = api_text(body, "signatures");
	offer->signatures_len = json_string_length(json_object_get(body, "signatures"));
	offer->may_go_back = *api_text(body, "allow_downgrade");
}

static void add_release(
	struct api *api, struct http_request *request, const json_t *body)
{
	const json_t *images = json_object_get(body, "images"), *image;
	const char *sha256[RELEASE_IMAGES_MAX] = {0};
	struct catalogue_offer offer = {.name = api_text(body, "name"),
		.sha256 = sha256,
		.count = json_array_size(images),
		.now_s = engine_now_s()};
	char actor[64];
	size_t index;

	json_array_foreach(images, index, image) sha256[index] =
		json_string_value(image);
	if (json_object_get(body, "manifest"))
		take_manifest(body, &offer);
	api_actor(request, actor, sizeof(actor));
	engine_add_release(api->engine, &offer, actor,
		api_text(body, "allow_downgrade"), release_added, hold(api, request));
}

void api_post_release(struct api *api, struct http_request *request, const char *path)
{
	static const struct api_field fields[] = {{"name", API_TEXT},
		{"images", API_TEXTS}, {"manifest", API_TEXT},
		{"manifest_name", API_TEXT}, {"signatures", API_TEXT},
		{"url", API_TEXT}, {"allow_downgrade", API_REASON}};
	json_t *body = api_body(request, fields, sizeof(fields) / sizeof(fields[0]));

	(void)path;
	if (!body)
		return;
	if (!is_clear(request, body)) {
		json_decref(body);
		return;
	}
	if (json_object_get(body, "url"))
		api_fetch_release(api, request, api_text(body, "url"),
			api_text(body, "allow_downgrade"));
	else
		add_release(api, request, body);
	json_decref(body);
}

void api_get_releases(struct api *api, struct http_request *request, const char *name)
{
	const struct catalogue *catalogue = engine_catalogue(api->engine);
	const char *after = http_query(request, "after");
	uint64_t limit = PAGE_DEFAULT;
	size_t count = catalogue_count(catalogue), first = 0, end;
	json_t *list;

	(void)name;
	if (api_query_number(request, "limit", PAGE_MAX, &limit))
		return;
	while (after && first < count &&
		strcmp(catalogue_at(catalogue, first++)->name, after) != 0)
		;
	list = json_array();
	end = count - first > limit ? first + (size_t)limit : count;
	for (size_t i = first; i < end; i++)
		json_array_append_new(
			list, json_release(api->engine, catalogue_at(catalogue, i)));
	api_answer(request, 200,
		json_pack("{s:o, s:s?, s:o}", "releases", list, "next",
			end < count ? catalogue_at(catalogue, end - 1)->name : NULL,
			"damaged", json_damaged(api->engine)));
}

void api_no_release(struct http_request *request, int rc, const struct errtext *error)
{
	api_problem(request, rc == -ENOTUNIQ ? 409 : 404,
		rc == -ENOTUNIQ ? "ambiguous-release" : "no-such-release",
		"`wipyctl release list` shows them", "%s", error->text);
}

void api_get_release(struct api *api, struct http_request *request, const char *name)
{
	const struct release *release;
	struct errtext error;
	int rc = catalogue_find(engine_catalogue(api->engine), name, &release, &error);

	if (rc < 0)
		api_no_release(request, rc, &error);
	else
		api_answer(request, 200,
			json_pack("{s:o}", "release",
				json_release(api->engine, release)));
}

/* ---- upkeep ----------------------------------------------------------------------- */

/* The release of that name, or NULL after the request was answered. */
static const struct release *named(
	struct api *api, struct http_request *request, const char *name)
{
	const struct release *release;
	struct errtext error;
	int rc = catalogue_find(engine_catalogue(api->engine), name, &release, &error);

	if (rc == 0)
		return release;
	api_no_release(request, rc, &error);
	return NULL;
}

/* Of a rollout that has begun: how many boards may still get it, and which ones were left to
 * catch up, and get it no more. */
static json_t *json_goes_on(const struct engine_rollout *er)
{
	json_t *waiting = json_array();
	char id[ID_TEXT_MAX];
	json_int_t boards = 0;

	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;

		if (task_state_is_end(task->state))
			continue;
		if (task->late && !task->attempted)
			json_array_append_new(waiting, json_string(task->board));
		else
			boards++;
	}
	id_format(&er->rollout.id, id);
	return json_pack("{s:s, s:s, s:I, s:o}", "id", id, "state",
		rollout_state_name(rollout_drive(&er->rollout)), "boards", boards,
		"waiting", waiting);
}

/* An undo takes it away, and goes on. */
static json_t *rollouts_of(const struct engine *engine, const struct release *release)
{
	json_t *list = json_array();

	for (size_t i = 0; i < engine_rollout_count(engine); i++) {
		const struct engine_rollout *er = engine_rollout_at(engine, i);

		if (strcmp(er->rollout.release, release->name) == 0 &&
			!rollout_is_over(&er->rollout) &&
			id_is_zero(&er->rollout.undo_of))
			json_array_append_new(list, json_goes_on(er));
	}
	return list;
}

static void retired(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct catalogue_answer *answer = arg;

	(void)warning;
	if (status == 0)
		api_answer(answer->request, 200,
			json_pack("{s:o, s:o}", "release",
				json_release(answer->engine, release), "rollouts",
				rollouts_of(answer->engine, release)));
	else if (status == -ENOENT || status == WIPY_E_CORRUPT)
		api_problem(answer->request, 422, "usage", "", "%s", error->text);
	else
		disk_problem(answer->request, status, error);
	engine_unhold(answer->engine);
	free(answer);
}

void api_post_retire(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {
		{"reason", API_REASON}, {"back", API_BOOL}};
	const struct release *release = named(api, request, name);
	json_t *body = release ? api_body(request, fields, 2) : NULL;
	char actor[64];

	if (!body)
		return;
	api_actor(request, actor, sizeof(actor));
	engine_retire_release(api->engine, release,
		json_is_true(json_object_get(body, "back")), actor,
		api_text(body, "reason"), retired, hold(api, request));
	json_decref(body);
}

static void verified(void *arg, const struct catalogue_findings *findings)
{
	struct catalogue_answer *answer = arg;
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(
			list, json_pack("{s:b, s:o}", "good", findings->finding[i].good,
				      "text", json_text(findings->finding[i].text)));
	api_answer(answer->request, 200,
		json_pack("{s:b, s:o}", "good", findings->bad == 0, "findings", list));
	engine_unhold(answer->engine);
	free(answer);
}

void api_get_verify(struct api *api, struct http_request *request, const char *name)
{
	const struct release *release = named(api, request, name);

	if (release)
		catalogue_verify(engine_catalogue(api->engine), release, verified,
			hold(api, request));
}

static void swept(
	void *arg, int status, size_t files, int64_t bytes, const struct errtext *error)
{
	struct catalogue_answer *answer = arg;

	if (status == 0)
		api_answer(answer->request, 200,
			json_pack("{s:I, s:I}", "images", (json_int_t)files, "bytes",
				(json_int_t)bytes));
	else
		api_problem(answer->request, 500, wipy_errcode(status),
			"look into the state folder of wipyd", "%s", error->text);
	engine_unhold(answer->engine);
	free(answer);
}

void api_post_gc(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {{"dry_run", API_BOOL}};
	json_t *body = api_body(request, fields, 1);
	char actor[64];

	(void)name;
	if (!body)
		return;
	api_actor(request, actor, sizeof(actor));
	engine_gc(api->engine, json_is_true(json_object_get(body, "dry_run")), actor,
		swept, hold(api, request));
	json_decref(body);
}
