/* SPDX-License-Identifier: MIT
 *
 * The routes of docs/api.md. A handler reads the request, asks the engine and answers,
 * at once or when the engine calls back.
 */
#include "config.h"

#include <string.h>

#include "daemon/api_private.h"

/* Beside the role: with "dry_run": true every viewer may. */
#define DRY_RUN 0x100

/* `*` stands for one name; the handler gets it. */
static const struct route {
	const char *method, *path;
	const char *query; /* the parameters it takes */
	int least;         /* the role that it needs, of enum role */
	api_handler *handle;
} routes[] = {
	{"GET", "/healthz", "", ROLE_NONE, api_get_health},
	{"GET", "/metrics", "", ROLE_VIEWER, api_get_metrics},
	{"GET", "/v1/status", "", ROLE_VIEWER, api_get_status},
	{"GET", "/v1/doctor", "", ROLE_VIEWER, api_get_doctor},
	{"GET", "/v1/boards", "select after limit as-of", ROLE_VIEWER, api_get_boards},
	{"GET", "/v1/boards/*", "as-of", ROLE_VIEWER, api_get_board},
	{"POST", "/v1/boards/*/accept", "", ROLE_OPERATOR, api_post_accept},
	{"GET", "/v1/known-bad", "after limit", ROLE_VIEWER, api_get_known_bad},
	{"POST", "/v1/known-bad", "", ROLE_OPERATOR, api_post_known_bad},
	{"POST", "/v1/known-bad/clear", "", ROLE_APPROVER, api_post_known_bad_clear},
	{"GET", "/v1/boards/*/card", "", ROLE_VIEWER, api_get_card},
	{"POST", "/v1/boards/*/card", "", ROLE_OPERATOR, api_post_card},
	{"POST", "/v1/boards/*/receipt", "", ROLE_OPERATOR, api_post_receipt},
	{"GET", "/v1/boards/*/why", "as-of", ROLE_VIEWER, api_get_why},
	{"GET", "/v1/boards/*/wire", "release", ROLE_VIEWER, api_get_wire},
	{"GET", "/v1/events", "board rollout select since after limit", ROLE_VIEWER,
		api_get_events},
	{"GET", "/v1/events/verify", "", ROLE_VIEWER, api_get_events_verify},
	{"GET", "/v1/events/export", "since until after last limit", ROLE_VIEWER,
		api_get_events_export},
	{"POST", "/v1/events/exported", "", ROLE_ADMIN, api_post_events_exported},
	{"POST", "/v1/events/prune", "", ROLE_ADMIN | DRY_RUN, api_post_events_prune},
	{"POST", "/v1/polls", "", ROLE_OPERATOR, api_post_polls},
	{"POST", "/v1/inventory/reload", "", ROLE_OPERATOR | DRY_RUN, api_post_reload},
	{"POST", "/v1/images", "", ROLE_OPERATOR, api_post_image},
	{"POST", "/v1/images/fit", "", ROLE_VIEWER, api_post_fit},
	{"GET", "/v1/images/*", "", ROLE_VIEWER, api_get_image},
	{"POST", "/v1/releases", "", ROLE_OPERATOR, api_post_release},
	{"GET", "/v1/channels", "", ROLE_VIEWER, api_get_channels},
	{"GET", "/v1/downloads/*", "", ROLE_VIEWER, api_get_download},
	{"POST", "/v1/downloads/*/cancel", "", ROLE_OPERATOR, api_post_download_cancel},
	{"GET", "/v1/releases", "after limit", ROLE_VIEWER, api_get_releases},
	{"GET", "/v1/releases/*", "", ROLE_VIEWER, api_get_release},
	{"GET", "/v1/releases/*/verify", "", ROLE_VIEWER, api_get_verify},
	{"POST", "/v1/releases/*/retire", "", ROLE_OPERATOR, api_post_retire},
	{"POST", "/v1/images/gc", "", ROLE_ADMIN | DRY_RUN, api_post_gc},
	{"POST", "/v1/rollouts", "", ROLE_OPERATOR | DRY_RUN, api_post_rollout},
	{"GET", "/v1/rollouts", "after limit as-of", ROLE_VIEWER, api_get_rollouts},
	{"GET", "/v1/rollouts/*", "as-of", ROLE_VIEWER, api_get_rollout},
	{"GET", "/v1/rollouts/*/tasks", "state after limit as-of", ROLE_VIEWER,
		api_get_tasks},
	{"POST", "/v1/rollouts/*/pause", "", ROLE_OPERATOR, api_post_pause},
	{"POST", "/v1/rollouts/*/resume", "", ROLE_OPERATOR, api_post_resume},
	{"POST", "/v1/rollouts/*/abort", "", ROLE_OPERATOR, api_post_abort},
	{"POST", "/v1/rollouts/*/approve", "", ROLE_APPROVER, api_post_approve},
	{"POST", "/v1/rollouts/*/undo", "", ROLE_OPERATOR | DRY_RUN, api_post_undo},
	{"GET", "/v1/selectors", "select", ROLE_VIEWER, api_get_selectors},
	{"GET", "/v1/sets", "", ROLE_VIEWER, api_get_sets},
	{"GET", "/v1/names", "kind key prefix limit", ROLE_VIEWER, api_get_names},
	{"GET", "/v1/report", "rollout select site since diff tasks evidence",
		ROLE_VIEWER, api_get_report},
};

_Static_assert(sizeof(routes) / sizeof(routes[0]) <= API_ROUTES_MAX,
	"each route has its counts");

bool api_route(size_t index, struct api_route *ret_route)
{
	const struct route *route = &routes[index];

	if (index >= sizeof(routes) / sizeof(routes[0]))
		return false;
	*ret_route = (struct api_route){route->method, route->path, route->query,
		(enum role)(route->least & ~DRY_RUN), (route->least & DRY_RUN) != 0};
	return true;
}

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

/* Whether an earlier one has the name of the parameter at that index. */
static bool is_repeated(const struct http_request *request, size_t index, size_t len)
{
	const char *name = http_query_at(request, index);

	for (size_t i = 0; i < index; i++) {
		const char *other = http_query_at(request, i);

		if (strcspn(other, "=") == len && memcmp(other, name, len) == 0)
			return true;
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

		if (!takes(route->query, name, len)) {
			api_problem(request, 400, "usage", "",
				"unknown parameter '%.*s'; %.200s takes %s",
				len < 40 ? (int)len : 40, name, http_path(request),
				route->query[0] ? route->query : "none");
			return false;
		}
		if (is_repeated(request, i, len)) {
			api_problem(request, 400, "usage", "name it once",
				"the parameter '%.*s' is there twice", (int)len, name);
			return false;
		}
	}
	return true;
}

/* Both read the same body the same way, so what passes here as a dry run is one there. */
static bool is_dry_run(struct http_request *request)
{
	size_t len;
	const char *text = (const char *)http_body(request, &len);
	json_t *body = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	bool dry = json_is_true(json_object_get(body, "dry_run"));

	json_decref(body);
	return dry;
}

/* Returns false once it has answered. */
static bool role_fits(const struct route *route, struct http_request *request)
{
	enum role has = http_role(request);
	enum role least = (enum role)(route->least & ~DRY_RUN);

	if (has >= least ||
		((route->least & DRY_RUN) && has >= ROLE_VIEWER && is_dry_run(request)))
		return true;
	if (http_is_anonymous(request) && has == ROLE_NONE)
		api_problem(request, 401, "token",
			"`wipyctl token NAME ROLE` makes one for the file of 'tokens' "
			"under 'api' in wipyd.yaml",
			"this needs a token (Authorization: Bearer TOKEN)");
	else
		api_problem(request, 403, "role",
			"roles are given under 'api' in wipyd.yaml: to groups by "
			"'roles', to "
			"programs by the file of 'tokens'",
			"this needs the role %s, and %s has %s", role_name(least),
			http_actor(request),
			has == ROLE_NONE ? "no role" : role_name(has));
	return false;
}

void api_handle(void *arg, struct http_request *request)
{
	struct api *api = arg;
	char name[PATH_WORD_MAX];
	bool path_known = false;

	http_count_in(request, &api->answers[API_ROUTES_MAX]);
	if (!api->engine) {
		api_problem(request, 503, "stopping", "", "wipyd is stopping");
		return;
	}
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!path_matches(routes[i].path, http_path(request), name))
			continue;
		path_known = true;
		if (strcmp(routes[i].method, http_method(request)) == 0) {
			http_count_in(request, &api->answers[i]);
			if (role_fits(&routes[i], request) &&
				query_fits(&routes[i], request))
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
