/* SPDX-License-Identifier: MIT
 *
 * The API: the report as it is asked for. What the engine knows is taken down at once; who
 * asked and approved is read from the events, and what has changed since a time from the
 * history.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define EVENTS_READ 1000 /* of the rollout itself; its tasks' are not among them */

struct report_request {
	struct api *api;
	struct http_request *request;
	struct report_scope scope;
	int64_t diff_s; /* -1: no changes are asked for */
	json_t *report;
};

static void answer(struct report_request *asked)
{
	api_answer(asked->request, 200, asked->report);
	free(asked);
}

/* ---- what has changed ------------------------------------------------------------ */

static json_t *json_shown(const struct board *board)
{
	return board->has_fingerprint
		       ? json_pack("{s:s, s:s}", "tag", board->fingerprint.tag, "date",
				 board->fingerprint.date)
		       : json_null();
}

static bool shows_another(const struct board *then, const struct board *now)
{
	return now->has_fingerprint &&
	       (!then->has_fingerprint ||
		       !wipy_fingerprint_equal(&then->fingerprint, &now->fingerprint));
}

static json_t *json_trouble(const struct engine_board *board, const char *code)
{
	return json_pack("{s:s, s:s, s:s}", "board", board->board.name, "site",
		engine_board_site(board), "code", code);
}

static void compare(const struct board *then, const struct task *task_then,
	const struct engine_board *now, const struct engine_task *latest,
	json_t *changes)
{
	const char *was = why_trouble(then, task_then);
	const char *is = why_trouble(&now->board, latest ? &latest->task : NULL);

	if (shows_another(then, &now->board))
		json_array_append_new(json_object_get(changes, "versions"),
			json_pack("{s:s, s:s, s:o, s:o}", "board", now->board.name,
				"site", engine_board_site(now), "from",
				json_shown(then), "to", json_shown(&now->board)));
	if (is && (!was || strcmp(was, is) != 0))
		json_array_append_new(
			json_object_get(changes, "new"), json_trouble(now, is));
	if (was && !is)
		json_array_append_new(
			json_object_get(changes, "healed"), json_trouble(now, was));
}

/* Both by name. */
static void add_added(const struct report_request *asked,
	const struct store_snapshot *past, json_t *changes)
{
	const struct engine *engine = asked->api->engine;
	size_t at = 0;

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);

		while (at < past->board_count &&
			strcmp(past->board[at].name, board->board.name) < 0)
			at++;
		if (at < past->board_count &&
			strcmp(past->board[at].name, board->board.name) == 0 &&
			past->board[at].reach != REACH_RETIRED)
			continue;
		if (report_is_about(&asked->scope, board))
			json_array_append_new(json_object_get(changes, "added"),
				json_text(board->board.name));
	}
}

static json_t *json_changes(
	const struct report_request *asked, const struct store_snapshot *past)
{
	bool whole = !asked->scope.site[0] && asked->scope.selector.count == 0;
	json_t *changes = json_pack("{s:o, s:[], s:[], s:[], s:[], s:[]}", "since",
		json_time(asked->diff_s), "versions", "new", "healed", "added", "gone");
	const struct task **tasks = api_past_tasks(past);
	struct engine_latest *latest = engine_latest_tasks(asked->api->engine);

	for (size_t i = 0; i < past->board_count; i++) {
		const struct board *then = &past->board[i];
		const struct engine_board *now =
			engine_find_board(asked->api->engine, then->name);

		if (then->reach == REACH_RETIRED)
			continue;
		/* Where it was is not known any more. */
		if (!now && whole)
			json_array_append_new(json_object_get(changes, "gone"),
				json_text(then->name));
		if (now && report_is_about(&asked->scope, now))
			compare(then,
				api_past_task(tasks, past->task_count, then->name), now,
				engine_latest_of(latest, now), changes);
	}
	free(latest);
	free(tasks);
	add_added(asked, past, changes);
	return changes;
}

static void past_read(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past)
{
	struct report_request *asked = arg;

	if (api_past_is_missing(
		    asked->api, asked->request, asked->diff_s, status, begins_s)) {
		json_decref(asked->report);
		free(asked);
		return;
	}
	json_object_set_new(asked->report, "changes", json_changes(asked, past));
	answer(asked);
}

/* ---- who asked, who approved ----------------------------------------------------- */

/* "awaiting-approval -> running, by-operator: reason": the word for what a person did, and
 * the reason. */
static json_t *json_approval(const struct event *event)
{
	bool asked = strcmp(event->name, "rollout-started") == 0;
	const char *arrow = strstr(event->detail, " -> ");
	const char *to = arrow ? arrow + 4 : "";
	const char *reason = strstr(event->detail, ": ");
	char what[32];

	snprintf(what, sizeof(what), "%.*s", (int)strcspn(to, ",:"), to);
	if (asked)
		snprintf(what, sizeof(what), "asked");
	else if (strncmp(event->detail, "awaiting-approval -> running", 28) == 0)
		snprintf(what, sizeof(what), "approved");
	else if (strcmp(what, "running") == 0)
		snprintf(what, sizeof(what), "resumed");
	return json_pack("{s:o, s:o, s:s, s:o}", "time", json_time(event->time_s),
		"actor", json_text(event->actor), "what", what, "reason",
		json_text(asked    ? event->detail
			  : reason ? reason + 2
				   : ""));
}

/* A person's word on the rollout itself, or on its catch-up. */
static bool is_word(const struct event *event)
{
	return strcmp(event->cause, "wish") == 0 &&
	       (strcmp(event->name, "rollout-started") == 0 ||
		       strcmp(event->name, "rollout-state") == 0 ||
		       strcmp(event->name, "catch-up-state") == 0);
}

/* Oldest first; the events come newest first. */
static void events_read(void *arg, int status, const struct event *events, size_t count)
{
	struct report_request *asked = arg;
	json_t *list = json_array();

	for (size_t i = status == 0 ? count : 0; i > 0; i--)
		if (is_word(&events[i - 1]) &&
			events[i - 1].time_s >= asked->scope.since_s)
			json_array_append_new(list, json_approval(&events[i - 1]));
	json_object_set_new(asked->report, "approvals", list);
	json_object_set_new(asked->report, "changes", json_null());
	if (!asked->api->engine || asked->diff_s < 0)
		answer(asked);
	else
		store_read_past_boards(engine_store(asked->api->engine), NULL,
			asked->diff_s, past_read, asked);
}

/* ---- the request ----------------------------------------------------------------- */

/* Not 0: the request has been answered. */
static int read_scope(struct report_request *asked)
{
	struct http_request *request = asked->request;
	const char *select = http_query(request, "select");
	const char *site = http_query(request, "site");
	const char *tasks = http_query(request, "tasks");
	const char *evidence = http_query(request, "evidence");
	struct report_scope *scope = &asked->scope;
	struct errtext error;

	if (api_query_time(request, "since", &scope->since_s) ||
		api_query_time(request, "diff", &asked->diff_s) ||
		api_query_select(asked->api, request, &scope->selector))
		return -1;
	/* A report about no board would look like an all-clear. */
	if (site && site[0] && engine_check_site(asked->api->engine, site, &error)) {
		api_problem(request, 400, "usage",
			"wipyctl boards shows the site of each board", "%s",
			error.text);
		return -1;
	}
	snprintf(scope->select, sizeof(scope->select), "%s", select ? select : "");
	snprintf(scope->site, sizeof(scope->site), "%s", site ? site : "");
	scope->tasks = tasks && strcmp(tasks, "true") == 0;
	scope->terse = evidence && strcmp(evidence, "false") == 0;
	return 0;
}

/* Not 0: the request has been answered. */
static int find_rollout(
	struct report_request *asked, struct engine_rollout **ret_rollout)
{
	const char *id = http_query(asked->request, "rollout");

	*ret_rollout = NULL;
	if (id) {
		*ret_rollout = api_find_rollout(asked->api, asked->request, id);
		return *ret_rollout ? 0 : -1;
	}
	if (engine_find_rollout(asked->api->engine, "latest", ret_rollout) < 0)
		*ret_rollout = NULL;
	return 0;
}

void api_get_report(struct api *api, struct http_request *request, const char *name)
{
	struct report_request *asked = calloc(1, sizeof(*asked));
	struct store_event_query query = {.board = "", .max = EVENTS_READ};
	struct engine_rollout *rollout;

	(void)name;
	if (!asked)
		abort();
	asked->api = api;
	asked->request = request;
	asked->diff_s = -1;
	if (read_scope(asked) || find_rollout(asked, &rollout)) {
		free(asked);
		return;
	}
	asked->report = json_report(api->engine, rollout, &asked->scope);
	if (!rollout) {
		events_read(asked, 0, NULL, 0);
		return;
	}
	query.rollout = &rollout->rollout.id;
	store_read_events(engine_store(api->engine), &query, events_read, asked);
}
