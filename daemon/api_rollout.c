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
#include "daemon/api_plan.h"
#include "daemon/api_private.h"

#define TASKS_DEFAULT 1000
#define TASKS_MAX     5000

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

static unsigned plan_parts(const json_t *body)
{
	return (json_is_true(json_object_get(body, "members")) ? PLAN_MEMBERS : 0) |
	       (json_is_true(json_object_get(body, "save")) ? PLAN_SAVED : 0);
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

struct plan_wish {
	struct api *api;
	struct http_request *request;
	json_t *body;
};

/* Of a plan that was saved: what it says is all that is said. Returns false once it has
 * answered, as the others here. */
static bool make_saved(const struct plan_wish *wish, struct plan *ret_plan)
{
	struct plan_moves moves;
	struct plan_saved saved;
	struct errtext error;
	int rc;

	if (!api_plan_read(wish->request, json_object_get(wish->body, "plan"), &saved))
		return false;
	rc = engine_plan_saved(wish->api->engine, &saved, ret_plan, &moves, &error);
	if (rc == -ESTALE)
		api_plan_moved(wish->request, &moves);
	else if (rc < 0)
		plan_failed(wish->request, rc, &error);
	plan_moves_done(&moves);
	api_plan_read_done(&saved);
	return rc == 0;
}

static bool make_new(const struct plan_wish *wish, struct plan *ret_plan)
{
	struct rollout_request request = request_of(wish->body);
	struct errtext error;
	int rc = engine_plan(wish->api->engine, &request, ret_plan, &error);

	if (rc < 0)
		plan_failed(wish->request, rc, &error);
	return rc == 0;
}

static bool make_plan(const struct plan_wish *wish, struct plan *ret_plan)
{
	return json_object_get(wish->body, "plan") ? make_saved(wish, ret_plan)
						   : make_new(wish, ret_plan);
}

/* It has been made: it is shown, or started. Takes what it holds. */
static void answer_plan(const struct plan_wish *wish, struct plan *plan)
{
	if (json_is_true(json_object_get(wish->body, "dry_run")))
		api_answer(wish->request, 200,
			json_plan(wish->api->engine, plan, plan_parts(wish->body)));
	else
		start_rollout(wish->api, wish->request, plan);
	plan_done(plan);
}

/* Planned anew: much may have happened while the images were looked at. */
static void images_checked(void *arg, int status, const struct errtext *error)
{
	struct plan_wish *wish = arg;
	struct plan plan;

	if (!wish->api->engine)
		api_problem(wish->request, 503, "stopping", "", "wipyd is stopping");
	else if (status < 0)
		api_problem(wish->request, 409, "image-damaged", "", "%s", error->text);
	else if (make_plan(wish, &plan))
		answer_plan(wish, &plan);
	json_decref(wish->body);
	free(wish);
}

static void check_images(const struct plan_wish *wish, const struct plan *plan)
{
	struct plan_wish *later = malloc(sizeof(*later));

	if (!later)
		abort();
	*later = *wish;
	json_incref(later->body);
	engine_check_images(wish->api->engine, plan, images_checked, later);
}

static bool may_write(const struct plan_wish *wish)
{
	if (!engine_read_only(wish->api->engine) ||
		json_is_true(json_object_get(wish->body, "dry_run")))
		return true;
	api_not_written(wish->request, engine_store_status(wish->api->engine));
	return false;
}

static bool numbers_fit(struct http_request *request, const json_t *body, bool undo)
{
	struct rollout_request wish = request_of(body);

	if ((wish.release || undo) && wish.soak_s <= 7 * 86400 &&
		wish.expires_s <= 365 * 86400 && wish.expires_s != 0)
		return true;
	api_problem(request, 400, "usage", "",
		"a rollout needs a release, a soak of at most 7 days, and expires "
		"after 1 second to 365 days");
	return false;
}

static bool saved_alone(struct http_request *request, const json_t *body)
{
	static const char *const own[] = {"release", "select", "waves", "soak_s",
		"expires_s", "burn_last_good", "allow_one_way"};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (json_object_get(body, own[i])) {
			api_problem(request, 400, "usage", "",
				"'%s' stands in the plan: it cannot be given with one",
				own[i]);
			return false;
		}
	return true;
}

/* Takes the body. */
static void plan_rollout(struct api *api, struct http_request *request, json_t *body)
{
	struct plan_wish wish = {api, request, body};
	bool saved = json_object_get(body, "plan");
	struct plan plan;

	if ((saved ? saved_alone(request, body) : numbers_fit(request, body, false)) &&
		may_write(&wish) && make_plan(&wish, &plan)) {
		check_images(&wish, &plan);
		plan_done(&plan);
	}
	json_decref(body);
}

/* Takes the body. */
static void plan_undo(struct api *api, struct http_request *request,
	struct engine_rollout *first, json_t *body)
{
	struct plan_wish wish = {api, request, body};
	struct rollout_request asked = request_of(body);
	struct errtext error;
	struct plan plan;
	int rc;

	if (numbers_fit(request, body, true) && may_write(&wish)) {
		rc = engine_plan_undo(first, &asked, &plan, &error);
		if (rc < 0)
			plan_failed(request, rc, &error);
		else
			answer_plan(&wish, &plan);
	}
	json_decref(body);
}

void api_post_rollout(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {{"release", API_TEXT},
		{"select", API_TEXT}, {"waves", API_TEXT}, {"soak_s", API_COUNT},
		{"expires_s", API_COUNT}, {"burn_last_good", API_BOOL},
		{"allow_one_way", API_BOOL}, {"plan", API_OBJECT},
		{"members", API_BOOL}, {"save", API_BOOL}, {"dry_run", API_BOOL}};
	json_t *body = api_body(request, fields, sizeof(fields) / sizeof(fields[0]));

	(void)name;
	if (body)
		plan_rollout(api, request, body);
}

void api_post_undo(struct api *api, struct http_request *request, const char *id)
{
	static const struct api_field fields[] = {{"waves", API_TEXT},
		{"soak_s", API_COUNT}, {"expires_s", API_COUNT},
		{"burn_last_good", API_BOOL}, {"members", API_BOOL},
		{"dry_run", API_BOOL}};
	struct engine_rollout *rollout = api_find_rollout(api, request, id);
	json_t *body;

	/* Asked for twice it would bring back what was just taken back. */
	if (rollout && strcmp(id, "latest") == 0 &&
		!id_is_zero(&rollout->rollout.undo_of)) {
		api_problem(request, 409, "not-possible",
			"to undo even that, name it: wipyctl rollout undo ID",
			"the latest rollout is itself an undo, of release %s",
			rollout->rollout.release);
		return;
	}
	body = rollout ? api_body(request, fields, sizeof(fields) / sizeof(fields[0]))
		       : NULL;
	if (body)
		plan_undo(api, request, rollout, body);
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

/* One that is not in memory any more is read from the store, as of now. `choice`: its
 * tasks; NULL: itself. */
static void get_rollout(struct api *api, struct http_request *request, const char *id,
	const struct task_choice *choice)
{
	struct engine_rollout *rollout;
	int64_t at_s = -1;

	if (api_query_time(request, "as-of", &at_s))
		return;
	if (at_s < 0 && engine_find_rollout(api->engine, id, &rollout) == -ESTALE)
		at_s = engine_now_s();
	if (at_s >= 0) {
		api_past_rollout(api, request, at_s, id, choice);
		return;
	}
	rollout = api_find_rollout(api, request, id);
	if (rollout)
		api_answer(request, 200,
			choice ? json_tasks_of(rollout, choice)
			       : json_rollout(rollout));
}

void api_get_rollout(struct api *api, struct http_request *request, const char *id)
{
	get_rollout(api, request, id, NULL);
}

/* "pushing,soaking". Not 0: the request has been answered. */
static int read_states(struct http_request *request, unsigned *ret_states)
{
	const char *text = http_query(request, "state");

	if (!text)
		return 0;
	for (*ret_states = 0;; text++) {
		size_t len = strcspn(text, ",");
		enum task_state state;
		char word[32];

		snprintf(word, sizeof(word), "%.*s", (int)(len < 31 ? len : 31), text);
		state = task_state_by_name(word);
		if (state == TASK_STATE_COUNT) {
			api_problem(request, 400, "usage",
				"wipyctl explain lists the states of tasks",
				"state: no task is ever '%s'", word);
			return -EINVAL;
		}
		*ret_states |= 1u << state;
		text += len;
		if (*text == '\0')
			return 0;
	}
}

void api_get_tasks(struct api *api, struct http_request *request, const char *id)
{
	struct task_choice choice = {.states = ~0u, .limit = TASKS_DEFAULT};
	const char *after = http_query(request, "after");

	snprintf(choice.after, sizeof(choice.after), "%s", after ? after : "");
	if (read_states(request, &choice.states) == 0 &&
		api_query_number(request, "limit", TASKS_MAX, &choice.limit) == 0)
		get_rollout(api, request, id, &choice);
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
