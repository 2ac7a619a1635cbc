/* SPDX-License-Identifier: MIT
 *
 * The API: the fleet as it is: health, status, boards.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
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

json_t *api_boards_page(const struct api_page *page,
	const struct engine_board *const *boards, size_t count)
{
	json_t *list = json_array(), *next = NULL;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(boards[i]->board.name, page->after) <= 0 ||
			!engine_board_matches(boards[i], &page->selector))
			continue;
		if (json_array_size(list) == page->limit) {
			json_t *last = json_array_get(list, page->limit - 1);

			next = json_incref(json_object_get(last, "name"));
			break;
		}
		json_array_append_new(list, json_board(boards[i]));
	}
	return json_pack(
		"{s:o, s:o}", "boards", list, "next", next ? next : json_null());
}

static json_t *boards_now(const struct engine *engine, const struct api_page *page)
{
	size_t count = engine_board_count(engine);
	const struct engine_board **boards =
		calloc(count + 1, sizeof(const struct engine_board *));
	json_t *body;

	if (!boards)
		abort();
	for (size_t i = 0; i < count; i++)
		boards[i] = engine_board_at(engine, i);
	body = api_boards_page(page, boards, count);
	free(boards);
	return body;
}

void api_get_boards(struct api *api, struct http_request *request, const char *name)
{
	const char *after = http_query(request, "after");
	struct api_page page = {.limit = PAGE_DEFAULT};
	int64_t at_s = -1;

	(void)name;
	if (api_query_number(request, "limit", PAGE_MAX, &page.limit) ||
		api_query_time(request, "as-of", &at_s) ||
		api_query_select(api, request, &page.selector))
		return;
	snprintf(page.after, sizeof(page.after), "%s", after ? after : "");
	if (at_s >= 0)
		api_past_boards(api, request, at_s, &page);
	else
		api_answer(request, 200, boards_now(api->engine, &page));
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
	struct nearest nearest;

	if (board)
		return board;
	nearest_init(&nearest, name);
	for (size_t i = 0; i < engine_board_count(api->engine); i++)
		nearest_try(&nearest, engine_board_at(api->engine, i)->board.name);
	api_problem(request, 404, "no-such-board", "`wipyctl boards` lists them",
		"there is no board '%.64s' in the inventory%s%s%s", name,
		nearest.best[0] ? " (did you mean '" : "", nearest.best,
		nearest.best[0] ? "'?)" : "");
	return NULL;
}

void api_get_board(struct api *api, struct http_request *request, const char *name)
{
	struct store_event_query query = {.board = name, .max = EVENTS_SHOWN};
	struct engine_board *board;
	struct board_answer *answer;
	int64_t at_s = -1;

	if (api_query_time(request, "as-of", &at_s))
		return;
	if (at_s >= 0) { /* it may have left the inventory since */
		api_past_board(api, request, at_s, name, false);
		return;
	}
	board = api_find_board(api, request, name);
	if (!board)
		return;
	answer = calloc(1, sizeof(*answer));
	if (!answer)
		abort();
	answer->request = request;
	answer->board = json_board_detail(board);
	store_read_events(engine_store(api->engine), &query, board_events, answer);
}
