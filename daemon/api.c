/* SPDX-License-Identifier: MIT
 *
 * The routes of docs/api.md. A handler reads the request, asks the engine and answers,
 * at once or when the engine calls back.
 */
#include "config.h"

#include <string.h>

#include "daemon/api_private.h"

/* `*` stands for one name; the handler gets it. */
static const struct route {
	const char *method, *path;
	const char *query; /* the parameters it takes */
	api_handler *handle;
} routes[] = {
	{"GET", "/healthz", "", api_get_health},
	{"GET", "/v1/status", "", api_get_status},
	{"GET", "/v1/boards", "select after limit as-of", api_get_boards},
	{"GET", "/v1/boards/*", "as-of", api_get_board},
	{"POST", "/v1/boards/*/accept", "", api_post_accept},
	{"GET", "/v1/known-bad", "", api_get_known_bad},
	{"POST", "/v1/known-bad", "", api_post_known_bad},
	{"POST", "/v1/known-bad/clear", "", api_post_known_bad_clear},
	{"GET", "/v1/boards/*/card", "", api_get_card},
	{"GET", "/v1/boards/*/wire", "release", api_get_wire},
	{"GET", "/v1/events", "board rollout since after limit", api_get_events},
	{"GET", "/v1/events/verify", "", api_get_events_verify},
	{"GET", "/v1/events/export", "since until after last limit",
		api_get_events_export},
	{"POST", "/v1/events/exported", "", api_post_events_exported},
	{"POST", "/v1/events/prune", "", api_post_events_prune},
	{"POST", "/v1/polls", "", api_post_polls},
	{"POST", "/v1/inventory/reload", "", api_post_reload},
	{"POST", "/v1/images", "", api_post_image},
	{"POST", "/v1/images/fit", "", api_post_fit},
	{"GET", "/v1/images/*", "", api_get_image},
	{"POST", "/v1/releases", "", api_post_release},
	{"GET", "/v1/channels", "", api_get_channels},
	{"GET", "/v1/downloads/*", "", api_get_download},
	{"POST", "/v1/downloads/*/cancel", "", api_post_download_cancel},
	{"GET", "/v1/releases", "", api_get_releases},
	{"GET", "/v1/releases/*", "", api_get_release},
	{"GET", "/v1/releases/*/verify", "", api_get_verify},
	{"POST", "/v1/releases/*/retire", "", api_post_retire},
	{"POST", "/v1/images/gc", "", api_post_gc},
	{"POST", "/v1/rollouts", "", api_post_rollout},
	{"GET", "/v1/rollouts", "as-of", api_get_rollouts},
	{"GET", "/v1/rollouts/*", "as-of", api_get_rollout},
	{"GET", "/v1/rollouts/*/tasks", "as-of", api_get_tasks},
	{"POST", "/v1/rollouts/*/pause", "", api_post_pause},
	{"POST", "/v1/rollouts/*/resume", "", api_post_resume},
	{"POST", "/v1/rollouts/*/abort", "", api_post_abort},
	{"POST", "/v1/rollouts/*/approve", "", api_post_approve},
	{"POST", "/v1/rollouts/*/undo", "", api_post_undo},
	{"GET", "/v1/report", "rollout", api_get_report},
};

/* What stands for `*`: a name, an id or a SHA-256. */
#define PATH_WORD_MAX SHA256_HEX_MAX

static bool path_matches(
	const char *pattern, const char *path, char name[PATH_WORD_MAX])
{
	const char *star = strchr(pattern, '*');
	size_t before = star ? (size_t)(star - pattern) : 0, len;

	name[0] = '\0';
	if (!star)
		return strcmp(pattern, path) == 0;
	if (strncmp(pattern, path, before) != 0)
		return false;
	len = strcspn(path + before, "/");
	if (len == 0 || len >= PATH_WORD_MAX ||
		strcmp(star + 1, path + before + len) != 0)
		return false;
	memcpy(name, path + before, len);
	name[len] = '\0';
	return true;
}

static bool takes(const char *words, const char *name, size_t len)
{
	for (const char *at = words; *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");

		if (word == len && memcmp(at, name, len) == 0)
			return true;
		at += word;
	}
	return false;
}

/* Returns false once it has answered: a parameter that was overlooked would show more, or
 * another time, than was asked for. */
static bool query_fits(const struct route *route, struct http_request *request)
{
	const char *name;

	for (size_t i = 0; (name = http_query_at(request, i)); i++) {
		size_t len = strcspn(name, "=");

		if (takes(route->query, name, len))
			continue;
		api_problem(request, 400, "usage", "",
			"unknown parameter '%.*s'; %.200s takes %s",
			len < 40 ? (int)len : 40, name, http_path(request),
			route->query[0] ? route->query : "none");
		return false;
	}
	return true;
}

void api_handle(void *arg, struct http_request *request)
{
	struct api *api = arg;
	char name[PATH_WORD_MAX];
	bool path_known = false;

	if (!api->engine) {
		api_problem(request, 503, "stopping", "", "wipyd is stopping");
		return;
	}
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!path_matches(routes[i].path, http_path(request), name))
			continue;
		path_known = true;
		if (strcmp(routes[i].method, http_method(request)) == 0) {
			if (query_fits(&routes[i], request))
				routes[i].handle(api, request, name);
			return;
		}
	}
	if (path_known)
		api_problem(request, 405, "usage", "", "%.16s is not possible here",
			http_method(request));
	else
		api_problem(request, 404, "no-such-path", "docs/api.md lists them",
			"there is nothing at %.200s", http_path(request));
}
