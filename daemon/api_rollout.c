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
		api_problem(request, api_disk_status(status), wipy_errcode(status),
			api_disk_hint(status),
			"it is in force now, but it could not be stored yet, "
			"which wipyd tries again by itself: %s",
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
	else if (rc == -EPERM || rc == -EALREADY)
		api_problem(request, 409, "not-possible", "", "%s", error->text);
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
			"no board would be updated: %zu %s, %zu are refused",
			plan->already,
			plan->undo_of ? "have nothing to take back"
				      : "run the release already",
			plan->refused);
		return;
	}
	api_actor(request, actor, sizeof(actor));
	engine_start_rollout(api->engine, plan, actor, rollout_created, request);
}

static struct rollout_request request_of(const json_t *body)
{
	json_t *soak = json_object_get(body, "soak_s");
	json_t *expires = json_object_get(body, "expires_s");

	return (struct rollout_request){
		.release = json_string_value(json_object_get(body, "release")),
		.select = json_string_value(json_object_get(body, "select")),
		.waves = json_string_value(json_object_get(body, "waves")),
		.soak_s = soak ? json_integer_value(soak) : -1,
		.expires_s = expires ? json_integer_value(expires) : -1,
		.burn_last_good = json_is_true(json_object_get(body, "burn_last_good")),
		.allow_one_way = json_is_true(json_object_get(body, "allow_one_way")),
	};
}

static void answer_plan(struct api *api, struct http_request *request,
	const json_t *body, const struct plan *plan)
{
	if (json_is_true(json_object_get(body, "dry_run")))
		api_answer(request, 200, json_plan(plan));
	else
		start_rollout(api, request, plan);
}

struct plan_wish {
	struct api *api;
	struct http_request *request;
	json_t *body;
};

/* Planned anew: much may have happened while the images were looked at. */
static void plan_again(const struct plan_wish *wish)
{
	struct rollout_request request = request_of(wish->body);
	struct errtext error;
	struct plan plan;
	int rc = engine_plan(wish->api->engine, &request, &plan, &error);

	if (rc < 0) {
		plan_failed(wish->request, rc, &error);
		return;
	}
	answer_plan(wish->api, wish->request, wish->body, &plan);
	plan_done(&plan);
}

static void images_checked(void *arg, int status, const struct errtext *error)
{
	struct plan_wish *wish = arg;

	if (!wish->api->engine)
		api_problem(wish->request, 503, "stopping", "", "wipyd is stopping");
	else if (status < 0)
		api_problem(wish->request, 409, "image-damaged", "", "%s", error->text);
	else
		plan_again(wish);
	json_decref(wish->body);
	free(wish);
}

/* Takes the body. */
static void check_images(struct api *api, struct http_request *request, json_t *body,
	const struct plan *plan)
{
	struct plan_wish *wish = calloc(1, sizeof(*wish));

	if (!wish)
		abort();
	*wish = (struct plan_wish){api, request, body};
	engine_check_images(api->engine, plan, images_checked, wish);
}

/* Whether it can be planned; else it was answered. */
static bool may_plan(struct api *api, struct http_request *request, bool undo,
	const struct rollout_request *wish, bool dry)
{
	if ((!wish->release && !undo) || wish->soak_s > 7 * 86400 ||
		wish->expires_s > 365 * 86400 || wish->expires_s == 0)
		api_problem(request, 400, "usage", "",
			"a rollout needs a release, a soak of at most 7 days, and "
			"expires after 1 second to 365 days");
	else if (engine_read_only(api->engine) && !dry)
		api_not_written(request, engine_store_status(api->engine));
	else
		return true;
	return false;
}

/* Of a rollout, or of the undo of `first`. Takes the body, which may be NULL: answered. */
static void plan_rollout(struct api *api, struct http_request *request,
	struct engine_rollout *first, json_t *body)
{
	struct rollout_request wish = request_of(body);
	struct errtext error;
	struct plan plan;
	int rc;

	if (!body)
		return;
	if (!may_plan(api, request, first != NULL, &wish,
		    json_is_true(json_object_get(body, "dry_run")))) {
		json_decref(body);
		return;
	}
	rc = first ? engine_plan_undo(first, &wish, &plan, &error)
		   : engine_plan(api->engine, &wish, &plan, &error);
	if (rc < 0)
		plan_failed(request, rc, &error);
	else if (first)
		answer_plan(api, request, body, &plan);
	else
		check_images(api, request, json_incref(body), &plan);
	if (rc == 0)
		plan_done(&plan);
	json_decref(body);
}

void api_post_rollout(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {{"release", API_TEXT},
		{"select", API_TEXT}, {"waves", API_TEXT}, {"soak_s", API_COUNT},
		{"expires_s", API_COUNT}, {"burn_last_good", API_BOOL},
		{"allow_one_way", API_BOOL}, {"dry_run", API_BOOL}};

	(void)name;
	plan_rollout(api, request, NULL,
		api_body(request, fields, sizeof(fields) / sizeof(fields[0])));
}

void api_post_undo(struct api *api, struct http_request *request, const char *id)
{
	static const struct api_field fields[] = {{"waves", API_TEXT},
		{"soak_s", API_COUNT}, {"expires_s", API_COUNT},
		{"burn_last_good", API_BOOL}, {"dry_run", API_BOOL}};
	struct engine_rollout *rollout = api_find_rollout(api, request, id);

	/* Asked for twice it would bring back what was just taken back. */
	if (rollout && strcmp(id, "latest") == 0 &&
		!id_is_zero(&rollout->rollout.undo_of)) {
		api_problem(request, 409, "not-possible",
			"to undo even that, name it: wipyctl rollout undo ID",
			"the latest rollout is itself an undo, of release %s",
			rollout->rollout.release);
		return;
	}
	if (rollout)
		plan_rollout(api, request, rollout,
			api_body(request, fields, sizeof(fields) / sizeof(fields[0])));
}

struct engine_rollout *api_find_rollout(
	struct api *api, struct http_request *request, const char *id)
{
	struct engine_rollout *rollout = NULL;
	int rc = engine_find_rollout(api->engine, id, &rollout);

	if (rc == -ENOTUNIQ)
		api_problem(request, 409, "ambiguous-rollout", "give more digits",
			"several rollouts begin with '%.40s'", id);
	else if (rc == -ESTALE)
		api_problem(request, 409, "too-old",
			"wipyctl rollout status shows it; to change its boards start a "
			"new rollout",
			"rollout '%.40s' is kept in the store, but it is too old to be "
			"steered, watched or undone",
			id);
	else if (rc < 0)
		api_problem(request, 404, "no-such-rollout", "",
			strcmp(id, "latest") == 0 ? "no rollout has been started yet"
						  : "there is no rollout '%.40s'",
			id);
	return rc < 0 ? NULL : rollout;
}

void api_get_rollouts(struct api *api, struct http_request *request, const char *name)
{
	json_t *list;
	int64_t at_s = -1;

	(void)name;
	if (api_query_time(request, "as-of", &at_s))
		return;
	if (at_s >= 0) {
		api_past_rollouts(api, request, at_s);
		return;
	}
	list = json_array();
	for (size_t i = engine_rollout_count(api->engine); i > 0; i--)
		json_array_append_new(
			list, json_rollout_line(engine_rollout_at(api->engine, i - 1)));
	api_answer(request, 200, json_pack("{s:o}", "rollouts", list));
}

/* One that is not in memory any more is read from the store, as of now. */
static void get_rollout(
	struct api *api, struct http_request *request, const char *id, bool tasks)
{
	struct engine_rollout *rollout;
	int64_t at_s = -1;

	if (api_query_time(request, "as-of", &at_s))
		return;
	if (at_s < 0 && engine_find_rollout(api->engine, id, &rollout) == -ESTALE)
		at_s = engine_now_s();
	if (at_s >= 0) {
		api_past_rollout(api, request, at_s, id, tasks);
		return;
	}
	rollout = api_find_rollout(api, request, id);
	if (rollout)
		api_answer(request, 200,
			tasks ? json_tasks(rollout) : json_rollout(rollout));
}

void api_get_rollout(struct api *api, struct http_request *request, const char *id)
{
	get_rollout(api, request, id, false);
}

void api_get_tasks(struct api *api, struct http_request *request, const char *id)
{
	get_rollout(api, request, id, true);
}

static void wish_refused(struct http_request *request,
	const struct engine_rollout *rollout, enum rollout_wish wanted, int rc)
{
	const struct rollout *record = &rollout->rollout;
	char hint[96];

	snprintf(hint, sizeof(hint), "see what can be said to it: wipyctl explain %s",
		rollout_state_name(rollout_drive(record)));
	if (rc == -ENOENT)
		api_problem(request, 409, "no-release", "add the release again first",
			"the release %s of this rollout is missing from the catalogue",
			record->release);
	else if (rc == -EACCES)
		api_problem(request, 403, "other-person",
			"ask somebody else: wipyctl rollout approve",
			"who started a rollout cannot approve it here "
			"(policy.approval)");
	else if (rc == -ESTALE)
		api_problem(request, 409, "release-retired",
			"abort it, or see: wipyctl release show",
			"release %s is retired, its manifest has expired, or too few "
			"of the keys that are trusted today have signed it: no "
			"rollout of it begins",
			record->release);
	else if (rc == -EINVAL)
		api_problem(request, 400, "reason-needed",
			"say why it may go on: wipyctl rollout resume --reason TEXT",
			"a brake has halted it: to resume acknowledges the failures so "
			"far, which needs a reason");
	else
		api_problem(request, 409, "not-possible", hint,
			"a rollout that is %s%s%s cannot be told to %s",
			rollout_state_name(record->state),
			record->catch_up == ROLLOUT_DRAFT ? "" : ", its catch-up ",
			record->catch_up == ROLLOUT_DRAFT
				? ""
				: rollout_state_name(record->catch_up),
			rollout_wish_name(wanted));
}

static void wish(struct api *api, struct http_request *request, const char *id,
	enum rollout_wish wanted)
{
	static const struct api_field fields[] = {
		{"reason", API_REASON}, {"mode", API_TEXT}};
	struct engine_rollout *rollout = api_find_rollout(api, request, id);
	enum abort_mode mode = ABORT_KEEP;
	const char *reason, *mode_text;
	char actor[64];
	json_t *body;
	int rc;

	if (!rollout)
		return;
	body = api_body(request, fields, wanted == WISH_ABORT ? 2 : 1);
	if (!body)
		return;
	reason = json_string_value(json_object_get(body, "reason"));
	reason = reason ? reason : "";
	mode_text = json_string_value(json_object_get(body, "mode"));
	if (mode_text)
		mode = abort_mode_by_name(mode_text);
	api_actor(request, actor, sizeof(actor));
	if (mode == ABORT_MODE_COUNT) {
		api_problem(request, 400, "usage", "",
			"'mode': expected keep, revert or freeze, found '%.40s'",
			mode_text);
		json_decref(body);
		return;
	}
	rc = wanted == WISH_ABORT ? engine_abort_rollout(rollout, mode, actor, reason,
					    rollout_answered, request)
				  : engine_wish_rollout(rollout, wanted, actor, reason,
					    rollout_answered, request);
	json_decref(body);
	if (rc < 0)
		wish_refused(request, rollout, wanted, rc);
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
