/* SPDX-License-Identifier: MIT
 *
 * The API: the events of the boards that a selector means now. The store reads by number;
 * what a page of it has of other boards is left out, so that a page may be short.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define READ_MAX   1000
#define ROUNDS_MAX 20 /* reads for one answer: it ends early, with a `next` */

struct search {
	struct api *api;
	struct http_request *request;
	struct store_event_query query;
	struct id rollout;
	struct selector selector;
	json_t *found;
	size_t limit;
	int rounds;
};

static void answer(struct search *search, json_t *next)
{
	api_answer(search->request, 200,
		json_pack("{s:O, s:o}", "events", search->found, "next", next));
	json_decref(search->found);
	free(search);
}

bool api_event_matches(
	struct api *api, const struct selector *selector, const struct event *event)
{
	const struct engine_board *board =
		api->engine && event->board[0]
			? engine_find_board(api->engine, event->board)
			: NULL;

	return board && engine_board_matches(board, selector);
}

static void search_page(void *arg, int status, const struct event *events, size_t count)
{
	struct search *search = arg;
	size_t i = 0;

	if (status < 0 || !search->api->engine) {
		api_problem(search->request, status < 0 ? 500 : 503,
			status < 0 ? wipy_errcode(status) : "stopping",
			"see the log of wipyd", "the events could not be read");
		json_decref(search->found);
		free(search);
		return;
	}
	for (; i < count && json_array_size(search->found) < search->limit; i++)
		if (api_event_matches(search->api, &search->selector, &events[i]))
			json_array_append_new(search->found, json_event(&events[i]));
	if (i == count && count < READ_MAX) {
		answer(search, json_null());
		return;
	}
	search->query.before_seq = events[i - 1].seq;
	if (i < count || json_array_size(search->found) == search->limit ||
		++search->rounds == ROUNDS_MAX)
		answer(search, json_integer(events[i - 1].seq));
	else
		store_read_events(engine_store(search->api->engine), &search->query,
			search_page, search);
}

void api_search_events(struct api *api, struct http_request *request,
	const struct store_event_query *query)
{
	struct search *search = calloc(1, sizeof(*search));

	if (!search)
		abort();
	if (api_query_select(api, request, &search->selector)) {
		free(search);
		return;
	}
	search->api = api;
	search->request = request;
	search->query = *query;
	search->limit = query->max;
	search->query.max = READ_MAX;
	if (query->rollout) {
		search->rollout = *query->rollout;
		search->query.rollout = &search->rollout;
	}
	search->found = json_array();
	store_read_events(
		engine_store(api->engine), &search->query, search_page, search);
}
