/* SPDX-License-Identifier: MIT
 *
 * The API: why a board is as it is. What core says of it, as JSON.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define EVENTS_READ 1000 /* back to the one that tells since when it runs its image */

static json_t *json_image_shown(const struct wipy_fingerprint *shown)
{
	return shown ? json_pack("{s:s, s:s}", "tag", shown->tag, "date", shown->date)
		     : json_null();
}

static json_t *json_runs(const struct why_facts *facts, const struct why *why)
{
	const struct board *board = facts->board;

	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "text", why->runs, "image",
		json_image_shown(board->has_fingerprint ? &board->fingerprint : NULL),
		"release",
		facts->runs_release[0] ? json_text(facts->runs_release) : json_null(),
		"since", json_time(facts->runs_since_s), "last_seen",
		json_time(board->seen_s));
}

static json_t *json_should(const struct why_facts *facts, const struct why *why)
{
	return json_pack("{s:s, s:o, s:s, s:o, s:s}", "text", why->should, "release",
		facts->target[0] ? json_text(facts->target) : json_null(), "from",
		target_from_name(facts->from), "image",
		json_image_shown(facts->target_shows), "state",
		version_name(facts->board->version));
}

static json_t *json_why(const struct why_facts *facts)
{
	json_t *holds = json_array(), *steps = json_array(), *json;
	struct why *why = malloc(sizeof(*why));

	if (!why)
		abort();
	why_answer(facts, why);
	for (size_t i = 0; i < why->hold_count; i++)
		json_array_append_new(
			holds, json_pack("{s:s, s:o, s:o}", "code", why->hold[i].code,
				       "text", json_text(why->hold[i].text), "until",
				       json_time(why->hold[i].until_s)));
	for (size_t i = 0; i < why->step_count; i++)
		json_array_append_new(
			steps, json_pack("{s:o, s:o}", "text",
				       json_text(why->step[i].text), "command",
				       why->step[i].command[0]
					       ? json_text(why->step[i].command)
					       : json_null()));
	json = json_pack("{s:s, s:o, s:o, s:o, s:o, s:{s:o, s:o}, s:o}", "board",
		facts->board->name, "text", json_text(why->text), "runs",
		json_runs(facts, why), "should", json_should(facts, why), "holds",
		holds, "next", "text", json_text(why->next), "at",
		json_time(why->next_s), "person", steps);
	free(why);
	return json;
}

void api_past_why(struct http_request *request, const struct engine_board *board,
	const struct task *task, const struct rollout *rollout, int64_t at_s)
{
	struct engine_why why;

	engine_fill_why_past(board, task, rollout, at_s, &why);
	api_answer(request, 200,
		json_pack("{s:o, s:o}", "why", json_why(&why.facts), "as_of",
			json_time(at_s)));
}

struct why_request {
	struct api *api;
	struct http_request *request;
	char name[NAME_MAX_LEN];
};

/* The latest event that tells of another image; one by a new target tells of none. */
static int64_t runs_since_s(const struct event *events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(events[i].name, "board-version") == 0 &&
			strcmp(events[i].cause, "target") != 0)
			return events[i].time_s;
	return 0;
}

static void events_read(void *arg, int status, const struct event *events, size_t count)
{
	struct why_request *asked = arg;
	struct engine_board *board;
	struct engine_why why;

	if (!asked->api->engine) {
		api_problem(asked->request, 503, "stopping", "", "wipyd is stopping");
	} else if ((board = api_find_board(asked->api, asked->request, asked->name))) {
		engine_fill_why(board, &why);
		if (status == 0 && board->board.has_fingerprint)
			why.facts.runs_since_s = runs_since_s(events, count);
		api_answer(asked->request, 200,
			json_pack("{s:o}", "why", json_why(&why.facts)));
	}
	free(asked);
}

void api_get_why(struct api *api, struct http_request *request, const char *name)
{
	struct store_event_query query = {.board = name, .max = EVENTS_READ};
	struct why_request *asked;
	int64_t at_s = -1;

	if (api_query_time(request, "as-of", &at_s))
		return;
	if (at_s >= 0) {
		api_past_board(api, request, at_s, name, true);
		return;
	}
	if (!api_find_board(api, request, name))
		return;
	asked = calloc(1, sizeof(*asked));
	if (!asked)
		abort();
	asked->api = api;
	asked->request = request;
	strncpy(asked->name, name, sizeof(asked->name) - 1);
	store_read_events(engine_store(api->engine), &query, events_read, asked);
}
