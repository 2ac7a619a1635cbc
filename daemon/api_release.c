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

static void image_added(void *arg, int status, const struct wipy_image_info *info,
	const char *sha256, const struct errtext *error)
{
	struct catalogue_answer *answer = arg;
	struct http_request *request = answer->request;

	if (status == 0)
		api_answer(request, 201,
			json_pack("{s:s, s:o}", "sha256", sha256, "image",
				json_image(info)));
	else if (status == WIPY_E_FULL || status > WIPY_E_NO_BANNER)
		api_problem(request, 507, wipy_errcode(status),
			"make room in the state folder of wipyd and try again", "%s",
			error->text);
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
	catalogue_add_image(engine_catalogue(api->engine), data, len, image_added,
		hold(api, request));
}

static void release_added(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct catalogue_answer *answer = arg;
	struct http_request *request = answer->request;

	if (status == 0) {
		engine_releases_changed(answer->engine);
		api_answer(request, 201,
			json_pack("{s:o, s:s}", "release", json_release(release),
				"warning", warning));
	} else if (status == -EEXIST) {
		api_problem(request, 409, "release-exists", "choose another --name",
			"%s", error->text);
	} else if (status == -EINVAL || status == -ENOENT) {
		api_problem(request, 422, "usage", "", "%s", error->text);
	} else {
		api_problem(request, 507, wipy_errcode(status),
			"make room in the state folder of wipyd and try again", "%s",
			error->text);
	}
	engine_unhold(answer->engine);
	free(answer);
}

void api_post_release(struct api *api, struct http_request *request, const char *path)
{
	const char *sha256[RELEASE_IMAGES_MAX] = {0};
	static const struct api_field fields[] = {
		{"name", API_TEXT}, {"images", API_TEXTS}};
	json_t *body = api_body(request, fields, 2), *images, *image;
	const char *name;
	size_t index;

	(void)path;
	if (!body)
		return;
	images = json_object_get(body, "images");
	name = json_string_value(json_object_get(body, "name"));
	if (!json_is_array(images) || json_array_size(images) > RELEASE_IMAGES_MAX) {
		json_decref(body);
		api_problem(request, 400, "usage", "",
			"images must be a list of at most %d", RELEASE_IMAGES_MAX);
		return;
	}
	json_array_foreach(images, index, image) sha256[index] =
		json_string_value(image);
	catalogue_add_release(engine_catalogue(api->engine), name ? name : "", sha256,
		json_array_size(images), engine_now_s(), release_added,
		hold(api, request));
	json_decref(body);
}

void api_get_releases(struct api *api, struct http_request *request, const char *name)
{
	const struct catalogue *catalogue = engine_catalogue(api->engine);
	json_t *list = json_array();

	(void)name;
	for (size_t i = 0; i < catalogue_count(catalogue); i++)
		json_array_append_new(list, json_release(catalogue_at(catalogue, i)));
	api_answer(request, 200, json_pack("{s:o}", "releases", list));
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
			json_pack("{s:o}", "release", json_release(release)));
}
