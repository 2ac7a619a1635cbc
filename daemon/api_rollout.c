/* SPDX-License-Identifier: MIT
 *
 * The API: rollouts, their tasks, and the wishes of a person.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"

static void rollout_answered(void *arg, int status, struct engine_rollout *rollout)
{
	struct http_request *request = arg;

	if (status < 0 || !rollout)
		api_problem(request, 507, wipy_errcode(status),
			"make room in the state folder of wipyd; it saves again by "
			"itself",
			"it is in force now, but it could not be stored yet: %s",
			wipy_strerror(status));
	else
		api_answer(request, 200, json_rollout(rollout));
}

static void rollout_created(void *arg, int status, struct engine_rollout *rollout)
{
	struct http_request *request = arg;

	if (status < 0)
		api_not_written(request, status);
	else
		api_answer(request, 201, json_rollout(rollout));
}

static void plan_failed(
	struct http_request *request, int rc, const struct errtext *error)
{
	if (rc == -EBUSY)
		api_problem(request, 409, "board-in-rollout", "", "%s", error->text);
	else if (rc == -EINVAL)
		api_problem(request, 400, "usage", "", "%s", error->text);
	else
		api_no_release(request, rc, error);
}

static void start_rollout(
	struct api *api, struct http_request *request, const struct plan *plan)
{
	char actor[64];

	if (plan->planned == 0) {
		api_problem(request, 409, "nothing-to-do", "",
			"no board would be updated: %zu run the release already, %zu "
			"are "
			"refused",
			plan->already, plan->refused);
		return;
	}
	api_actor(request, actor, sizeof(actor));
	engine_start_rollout(api->engine, plan, actor, rollout_created, request);
}

void api_post_rollout(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {{"release", API_TEXT},
		{"select", API_TEXT}, {"waves", API_TEXT}, {"soak_s", API_COUNT},
		{"expires_s", API_COUNT}, {"burn_last_good", API_BOOL},
		{"dry_run", API_BOOL}};
	json_t *body = api_body(request, fields, sizeof(fields) / sizeof(fields[0]));
	json_t *soak, *expires;
	struct rollout_request wish;
	struct errtext error;
	struct plan plan;
	int rc;

	(void)name;
	if (!body)
		return;
	soak = json_object_get(body, "soak_s");
	expires = json_object_get(body, "expires_s");
	wish.release = json_string_value(json_object_get(body, "release"));
	wish.select = json_string_value(json_object_get(body, "select"));
	wish.waves = json_string_value(json_object_get(body, "waves"));
	wish.soak_s = soak ? json_integer_value(soak) : -1;
	wish.expires_s = expires ? json_integer_value(expires) : -1;
	wish.burn_last_good = json_is_true(json_object_get(body, "burn_last_good"));
	if (!wish.release || wish.soak_s > 7 * 86400 || wish.expires_s > 365 * 86400) {
		json_decref(body);
		api_problem(request, 400, "usage", "",
			"a rollout needs a release, a soak of at most 7 days, and "
			"expires after at most 365");
		return;
	}
	if (engine_read_only(api->engine) &&
		!json_is_true(json_object_get(body, "dry_run"))) {
		json_decref(body);
		api_not_written(request, WIPY_E_FULL);
		return;
	}
	rc = engine_plan(api->engine, &wish, &plan, &error);
	if (rc < 0) {
		plan_failed(request, rc, &error);
	} else {
		if (json_is_true(json_object_get(body, "dry_run")))
			api_answer(request, 200, json_plan(&plan));
		else
			start_rollout(api, request, &plan);
		plan_done(&plan);
	}
	json_decref(body);
}

struct engine_rollout *api_find_rollout(
	struct api *api, struct http_request *request, const char *id)
{
	struct engine_rollout *rollout = NULL;
	int rc = engine_find_rollout(api->engine, id, &rollout);

	if (rc == -ENOTUNIQ)
		api_problem(request, 409, "ambiguous-rollout", "give more digits",
			"several rollouts begin with '%.40s'", id);
	else if (rc < 0)
		api_problem(request, 404, "no-such-rollout", "",
			strcmp(id, "latest") == 0 ? "no rollout has been started yet"
						  : "there is no rollout '%.40s'",
			id);
	return rc < 0 ? NULL : rollout;
}

void api_get_rollouts(struct api *api, struct http_request *request, const char *name)
{
	json_t *list = json_array();

	(void)name;
	for (size_t i = engine_rollout_count(api->engine); i > 0; i--)
		json_array_append_new(
			list, json_rollout_line(engine_rollout_at(api->engine, i - 1)));
	api_answer(request, 200, json_pack("{s:o}", "rollouts", list));
}

void api_get_rollout(struct api *api, struct http_request *request, const char *id)
{
	struct engine_rollout *rollout;
	int64_t at_s = -1;

	if (api_query_time(request, "as-of", &at_s))
		return;
	if (at_s >= 0) {
		api_past_rollout(api, request, at_s, id);
		return;
	}
	rollout = api_find_rollout(api, request, id);
	if (rollout)
		api_answer(request, 200, json_rollout(rollout));
}

void api_get_tasks(struct api *api, struct http_request *request, const char *id)
{
	struct engine_rollout *rollout = api_find_rollout(api, request, id);

	if (rollout)
		api_answer(request, 200, json_tasks(rollout));
}

static void wish(struct api *api, struct http_request *request, const char *id,
	enum rollout_wish wanted)
{
	static const struct api_field fields[] = {{"reason", API_REASON}};
	struct engine_rollout *rollout = api_find_rollout(api, request, id);
	json_t *body;
	const char *reason;
	char actor[64];
	int rc;

	if (!rollout)
		return;
	body = api_body(request, fields, 1);
	if (!body)
		return;
	reason = json_string_value(json_object_get(body, "reason"));
	api_actor(request, actor, sizeof(actor));
	rc = engine_wish_rollout(rollout, wanted, actor, reason ? reason : "",
		rollout_answered, request);
	json_decref(body);
	if (rc == -ENOENT)
		api_problem(request, 409, "no-release", "add the release again first",
			"the release %s of this rollout is missing from the catalogue",
			rollout->rollout.release);
	else if (rc == -EACCES)
		api_problem(request, 403, "other-person",
			"ask somebody else: wipyctl rollout approve",
			"who started a rollout cannot approve it here "
			"(policy.approval)");
	else if (rc < 0)
		api_problem(request, 409, "not-possible", "",
			"a rollout that is %s cannot be told to %s",
			rollout_state_name(rollout->rollout.state),
			rollout_wish_name(wanted));
}

void api_post_pause(struct api *api, struct http_request *request, const char *id)
{
	wish(api, request, id, WISH_PAUSE);
}

void api_post_resume(struct api *api, struct http_request *request, const char *id)
{
	wish(api, request, id, WISH_RESUME);
}

void api_post_abort(struct api *api, struct http_request *request, const char *id)
{
	wish(api, request, id, WISH_ABORT);
}

void api_post_approve(struct api *api, struct http_request *request, const char *id)
{
	wish(api, request, id, WISH_APPROVE);
}
