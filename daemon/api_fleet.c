/* SPDX-License-Identifier: MIT
 *
 * The API: the fleet as it is: health, status, boards, report.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define PAGE_DEFAULT 1000
#define PAGE_MAX     5000
#define EVENTS_SHOWN 20

void api_get_health(struct api *api, struct http_request *request, const char *name)
{
	(void)name;
	api_answer(request, 200,
		json_pack("{s:s, s:s, s:b}", "status", "ok", "version", PACKAGE_VERSION,
			"read_only", engine_read_only(api->engine)));
}

void api_get_status(struct api *api, struct http_request *request, const char *name)
{
	(void)name;
	api_answer(request, 200, json_status(api->engine));
}

void api_get_boards(struct api *api, struct http_request *request, const char *name)
{
	const char *select = http_query(request, "select");
	const char *after = http_query(request, "after");
	const char *limit_text = http_query(request, "limit");
	uint64_t limit = PAGE_DEFAULT;
	struct selector selector;
	struct errtext error;
	json_t *list, *next = NULL;

	(void)name;
	if (limit_text && (wipy_text_parse_u64(limit_text, strlen(limit_text), PAGE_MAX,
				   &limit) < 0 ||
				  limit == 0)) {
		api_problem(
			request, 400, "usage", "", "limit must be 1 to %d", PAGE_MAX);
		return;
	}
	if (selector_parse(select ? select : "", &selector, &error) < 0) {
		api_problem(request, 400, "usage", "", "%s", error.text);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < engine_board_count(api->engine); i++) {
		const struct engine_board *board = engine_board_at(api->engine, i);

		if ((after && strcmp(board->board.name, after) <= 0) ||
			!engine_board_matches(board, &selector))
			continue;
		if (json_array_size(list) == limit) {
			json_t *last = json_array_get(list, limit - 1);

			next = json_incref(json_object_get(last, "name"));
			break;
		}
		json_array_append_new(list, json_board(board));
	}
	api_answer(request, 200,
		json_pack("{s:o, s:o}", "boards", list, "next",
			next ? next : json_null()));
}

struct board_answer {
	struct http_request *request;
	json_t *board;
};

static void board_events(
	void *arg, int status, const struct event *events, size_t count)
{
	struct board_answer *answer = arg;
	json_t *list = json_array();

	for (size_t i = 0; status == 0 && i < count; i++)
		json_array_append_new(list, json_event(&events[i]));
	json_object_set_new(answer->board, "events", list);
	api_answer(answer->request, 200, json_pack("{s:o}", "board", answer->board));
	free(answer);
}

struct engine_board *api_find_board(
	struct api *api, struct http_request *request, const char *name)
{
	struct engine_board *board = engine_find_board(api->engine, name);

	if (!board)
		api_problem(request, 404, "no-such-board",
			"`wipyctl boards` lists them",
			"there is no board '%.64s' in the inventory", name);
	return board;
}

void api_get_board(struct api *api, struct http_request *request, const char *name)
{
	struct engine_board *board = api_find_board(api, request, name);
	struct board_answer *answer;

	if (!board)
		return;
	answer = calloc(1, sizeof(*answer));
	if (!answer)
		abort();
	answer->request = request;
	answer->board = json_board_detail(board);
	store_read_events(engine_store(api->engine), name, NULL, EVENTS_SHOWN,
		board_events, answer);
}

void api_get_report(struct api *api, struct http_request *request, const char *name)
{
	const char *id = http_query(request, "rollout");
	struct engine_rollout *rollout = NULL;

	(void)name;
	if (id) {
		rollout = api_find_rollout(api, request, id);
		if (!rollout)
			return;
	} else if (engine_find_rollout(api->engine, "latest", &rollout) < 0) {
		rollout = NULL;
	}
	api_answer(request, 200, json_report(api->engine, rollout));
}
