/* SPDX-License-Identifier: MIT
 *
 * The API: releases that come from the web, while they come and after.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define NUMBER_MAX 1000000000

void api_fetch_release(struct api *api, struct http_request *request, const char *url,
	const char *reason)
{
	struct fetch_request wish = {.url = url, .reason = reason};
	struct errtext error;
	int64_t number;
	char actor[64];
	int rc;

	api_actor(request, actor, sizeof(actor));
	wish.actor = actor;
	rc = engine_fetch_start(api->engine, &wish, &number, &error);
	if (rc == -EBUSY)
		api_problem(request, 409, "too-many-downloads", "", "%s", error.text);
	else if (rc < 0)
		api_problem(request, 400, "usage", "", "%s", error.text);
	else
		api_answer(request, 202,
			json_pack("{s:I}", "download", (json_int_t)number));
}

/* Without what a query may hold. */
static json_t *json_address(const char *url)
{
	return json_stringn(url, strcspn(url, "?#"));
}

void api_get_channels(struct api *api, struct http_request *request, const char *name)
{
	json_t *list = json_array();
	struct channel_view view;

	(void)name;
	for (size_t i = 0; engine_channel_view(api->engine, i, &view); i++)
		json_array_append_new(list,
			json_pack("{s:s, s:o, s:I, s:o, s:b, s:o, s:s, s:o}", "name",
				view.name, "url", json_address(view.url), "every_s",
				(json_int_t)view.every_s, "looked",
				json_time(view.looked_s), "under_way", view.fetch != 0,
				"download",
				view.fetch ? json_integer(view.fetch) : json_null(),
				"release", view.release, "problem",
				view.status < 0 ? json_text(view.error) : json_null()));
	api_answer(request, 200, json_pack("{s:o}", "channels", list));
}

static const char *state_name(enum fetch_state state)
{
	static const char *const names[] = {
		[FETCH_MANIFEST] = "manifest",
		[FETCH_SIGNATURES] = "signatures",
		[FETCH_IMAGES] = "images",
		[FETCH_DONE] = "done",
		[FETCH_FAILED] = "failed",
	};

	return names[state];
}

static const char *code_of(int status)
{
	switch (status) {
	case -ENOENT:
		return "no-such-file";
	case -EFBIG:
		return "too-long";
	case -EPERM:
		return "certificate";
	case -ETIMEDOUT:
	case -EPROTO:
		return "web-server";
	case -ECANCELED:
		return "stopped";
	case -EEXIST:
		return "release-exists";
	default:
		return wipy_errcode(status);
	}
}

static json_t *json_problem(const struct fetch_view *view)
{
	return view->state == FETCH_FAILED
		       ? json_pack("{s:s, s:o}", "code", code_of(view->status),
				 "detail", json_text(view->error))
		       : json_null();
}

static json_t *json_added(struct api *api, const struct fetch_view *view)
{
	const struct release *release;
	struct errtext ignored;

	if (view->state != FETCH_DONE || catalogue_find(engine_catalogue(api->engine),
						 view->release, &release, &ignored) < 0)
		return json_null();
	return json_release(api->engine, release);
}

static void answer_download(
	struct api *api, struct http_request *request, const struct fetch_view *view)
{
	api_answer(request, 200,
		json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:s}", "state",
			state_name(view->state), "file", view->file, "images",
			(json_int_t)view->images, "images_here", (json_int_t)view->at,
			"bytes", (json_int_t)view->have, "size",
			(json_int_t)view->total, "problem", json_problem(view),
			"release", json_added(api, view), "warning", view->warning));
}

/* False: the request has been answered. */
static bool find_download(struct api *api, struct http_request *request,
	const char *name, int64_t *ret_number, struct fetch_view *ret_view)
{
	uint64_t number;

	if (wipy_text_parse_u64(name, strlen(name), NUMBER_MAX, &number) < 0 ||
		!engine_fetch_view(api->engine, (int64_t)number, ret_view)) {
		api_problem(request, 404, "no-such-download",
			"`wipyctl release list` shows what is there",
			"no download %.20s is known: only the latest few are", name);
		return false;
	}
	*ret_number = (int64_t)number;
	return true;
}

void api_get_download(struct api *api, struct http_request *request, const char *name)
{
	struct fetch_view view;
	int64_t number;

	if (find_download(api, request, name, &number, &view))
		answer_download(api, request, &view);
}

/* The answer is what has become of it: one that had ended is not another one for it. */
void api_post_download_cancel(
	struct api *api, struct http_request *request, const char *name)
{
	struct fetch_view view;
	int64_t number;
	char actor[64];

	if (!find_download(api, request, name, &number, &view))
		return;
	api_actor(request, actor, sizeof(actor));
	if (engine_fetch_cancel(api->engine, number, actor) == 0)
		(void)engine_fetch_view(api->engine, number, &view);
	answer_download(api, request, &view);
}
