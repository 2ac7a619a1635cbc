/* SPDX-License-Identifier: MIT
 *
 * The API: polls on request, and reading the inventory anew.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define POLLS_MAX 1000

struct poll_answer {
	struct http_request *request;
	json_t *list;
	size_t waiting;
};

static int compare_names(const void *va, const void *vb)
{
	const json_t *const *a = va, *const *b = vb;

	return strcmp(json_string_value(json_object_get(*a, "name")),
		json_string_value(json_object_get(*b, "name")));
}

/* They have answered in any order; takes the list. */
static json_t *by_name(json_t *list)
{
	size_t count = json_array_size(list);
	json_t **boards = calloc(count + 1, sizeof(json_t *)), *sorted = json_array();

	if (!boards)
		abort();
	for (size_t i = 0; i < count; i++)
		boards[i] = json_array_get(list, i);
	qsort(boards, count, sizeof(json_t *), compare_names);
	for (size_t i = 0; i < count; i++)
		json_array_append(sorted, boards[i]);
	free(boards);
	json_decref(list);
	return sorted;
}

static void poll_one_done(struct poll_answer *answer)
{
	if (--answer->waiting > 0)
		return;
	api_answer(answer->request, 200,
		json_pack("{s:o}", "boards", by_name(answer->list)));
	free(answer);
}

static void board_polled(void *arg, struct engine_board *board)
{
	struct poll_answer *answer = arg;
	json_t *json = json_board(board);
	int status = board->poll_status;
	const char *word = status == 0 ? "ok" : wipy_errcode(status);

	if (status == -EBUSY)
		word = "in-rollout";
	json_object_set_new(json, "status", json_string(word));
	json_object_set_new(json, "detail",
		json_string(status == 0        ? ""
			    : status == -EBUSY ? "a rollout works on the board: shown "
						 "is what it saw last"
					       : wipy_strerror(status)));
	json_array_append_new(answer->list, json);
	poll_one_done(answer);
}

/* The boards that are meant, by list, by selector, or all: at most POLLS_MAX; NULL if the
 * request has been answered with what is wrong. The caller frees it. */
static struct engine_board **meant_boards(struct api *api, struct http_request *request,
	const json_t *names, const struct selector *selector, size_t *ret_count)
{
	struct engine_board **list = calloc(POLLS_MAX, sizeof(struct engine_board *));
	size_t total = names ? json_array_size(names) : engine_board_count(api->engine);
	size_t count = 0;

	if (!list)
		abort();
	for (size_t i = 0; i < total; i++) {
		const char *name = names ? json_string_value(json_array_get(names, i))
					 : engine_board_at(api->engine, i)->board.name;
		struct engine_board *board = api_find_board(api, request, name);

		if (!board) {
			free(list);
			return NULL;
		}
		if (!names && !engine_board_matches(board, selector))
			continue;
		if (count == POLLS_MAX) {
			free(list);
			api_problem(request, 400, "usage", "narrow it with a selector",
				"more than %d boards are meant: too many for one "
				"request",
				POLLS_MAX);
			return NULL;
		}
		list[count++] = board;
	}
	*ret_count = count;
	return list;
}

static void start_polls(struct api *api, struct http_request *request,
	const json_t *names, const struct selector *selector, enum telnet_goal goal)
{
	struct engine_board **list;
	struct poll_answer *answer;
	size_t count;

	if (names && json_array_size(names) > POLLS_MAX) {
		api_problem(request, 400, "usage", "ask in several requests",
			"at most %d boards in one request", POLLS_MAX);
		return;
	}
	list = meant_boards(api, request, names, selector, &count);
	if (!list)
		return;
	answer = calloc(1, sizeof(*answer));
	if (!answer)
		abort();
	*answer = (struct poll_answer){request, json_array(), 1 + count};
	for (size_t i = 0; i < count; i++)
		engine_poll_now(list[i], goal, board_polled, answer);
	free(list);
	poll_one_done(answer);
}

void api_post_polls(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {
		{"boards", API_TEXTS}, {"select", API_TEXT}, {"method", API_TEXT}};
	json_t *body = api_body(request, fields, 3), *names;
	const char *select, *method;
	struct selector selector;
	struct errtext error;

	(void)name;
	if (!body)
		return;
	names = json_object_get(body, "boards");
	select = json_string_value(json_object_get(body, "select"));
	method = json_string_value(json_object_get(body, "method"));
	if (method && strcmp(method, "banner") != 0 && strcmp(method, "uname") != 0)
		api_problem(
			request, 400, "usage", "", "method must be banner or uname");
	else if (engine_parse_selector(api->engine, select, &selector, &error) < 0)
		api_problem(request, 400, "usage", "", "%s", error.text);
	else
		start_polls(api, request, names, &selector,
			method && strcmp(method, "uname") == 0 ? TELNET_UNAME
							       : TELNET_LOOK);
	json_decref(body);
}

struct reload_answer {
	struct api *api;
	struct http_request *request;
	bool dry_run;
	json_t *body; /* NULL: the inventory has faults, */
	json_t *list; /* which are these; those of the settings are added */
};

static json_t *json_names(const char *const *names, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_text(names[i]));
	return list;
}

static void add_problems(json_t *list, const struct yaml_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		json_array_append_new(list, json_text(problems->line[i]));
	if (problems->more > 0)
		json_array_append_new(
			list, json_sprintf("and %zu more", problems->more));
}

/* Frees the answer. */
static void answer_reload(struct reload_answer *answer)
{
	json_t *body = answer->body;

	if (json_array_size(answer->list) == 0) {
		api_answer(answer->request, 200, body);
		json_decref(answer->list);
	} else {
		json_decref(body);
		body = api_problem_json(422, "config",
			body ? "the inventory is in force, but the settings have "
			       "errors: roles stay, no token is added, and tokens "
			       "whose line is gone have ended"
			     : "the inventory has errors: nothing of it was changed",
			"correct the file");
		json_object_set_new(body, "problems", answer->list);
		api_answer_typed(answer->request, 422, API_PROBLEM_TYPE, body);
	}
	free(answer);
}

static void settings_reread(void *arg, const struct yaml_problems *problems)
{
	struct reload_answer *answer = arg;

	add_problems(answer->list, problems);
	answer_reload(answer);
}

static json_t *json_change(const struct inventory_change *change, bool applied)
{
	return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "applied", applied, "added",
		json_names(change->added, change->added_count), "removed",
		json_names(change->removed, change->removed_count), "changed",
		json_names(change->changed, change->changed_count), "kept",
		json_names(change->kept, change->kept_count), "notes",
		json_names((const char *const *)change->notes, change->note_count));
}

static void reload_answered(
	void *arg, int status, const struct inventory_change *change)
{
	struct reload_answer *answer = arg;
	struct api *api = answer->api;

	answer->list = json_array();
	if (status < 0)
		add_problems(answer->list, change->problems);
	else
		answer->body = json_change(change, !answer->dry_run);
	/* Answered when both have been read: a token that was taken back is to be known as
	 * ended. */
	if (!answer->dry_run && api->reload)
		api->reload(api->reload_arg, settings_reread, answer);
	else
		answer_reload(answer);
}

void api_post_reload(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {{"dry_run", API_BOOL}};
	json_t *body = api_body(request, fields, 1);
	struct reload_answer *answer;
	char actor[64];

	(void)name;
	if (!body)
		return;
	answer = calloc(1, sizeof(*answer));
	if (!answer)
		abort();
	answer->api = api;
	answer->request = request;
	answer->dry_run = json_is_true(json_object_get(body, "dry_run"));
	json_decref(body);
	api_actor(request, actor, sizeof(actor));
	if (engine_reload(
		    api->engine, answer->dry_run, actor, reload_answered, answer) < 0) {
		free(answer);
		api_problem(request, 409, "busy", "try again in a moment",
			"the inventory is being read already");
	}
}
