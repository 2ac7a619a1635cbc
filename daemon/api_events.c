/* SPDX-License-Identifier: MIT
 *
 * The API: the events, and whether their chain is whole.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/utc.h"
#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define EVENTS_DEFAULT 100
#define EVENTS_MAX     1000

int api_query_number(struct http_request *request, const char *name, uint64_t max,
	uint64_t *ret_value)
{
	const char *text = http_query(request, name);
	uint64_t value;

	if (!text)
		return 0;
	if (wipy_text_parse_u64(text, strlen(text), max, &value) < 0 || value == 0) {
		api_problem(request, 400, "usage", "", "%s must be 1 to %llu", name,
			(unsigned long long)max);
		return -1;
	}
	*ret_value = value;
	return 0;
}

int api_query_time(struct http_request *request, const char *name, int64_t *ret_s)
{
	const char *text = http_query(request, name);

	if (!text || wipy_utc_parse(text, ret_s) == 0)
		return 0;
	api_problem(request, 400, "usage", "",
		"%s must be a time like 2026-11-20T11:00:00Z, not '%.40s'", name, text);
	return -1;
}

/* ---- reading --------------------------------------------------------------------- */

struct events_answer {
	struct api *api;
	struct http_request *request;
	const char *board; /* whose events, or NULL: borrowed from the request */
	bool first;        /* page */
	size_t max;
};

/* True once it has been answered: that nothing is known of a name may be its typing. One
 * that has left the inventory has its events still. */
static bool is_nobody(const struct events_answer *answer, size_t count)
{
	return count == 0 && answer->first && answer->board && answer->api->engine &&
	       !api_find_board(answer->api, answer->request, answer->board);
}

static void events_read(void *arg, int status, const struct event *events, size_t count)
{
	struct events_answer *answer = arg;
	json_t *list, *next;

	if (status < 0) {
		api_problem(answer->request, 500, wipy_errcode(status),
			"see the log of wipyd", "the events could not be read: %s",
			wipy_strerror(status));
		free(answer);
		return;
	}
	if (is_nobody(answer, count)) {
		free(answer);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_event(&events[i]));
	next = count == answer->max ? json_integer(events[count - 1].seq) : json_null();
	api_answer(answer->request, 200,
		json_pack("{s:o, s:o}", "events", list, "next", next));
	free(answer);
}

int api_query_rollout(struct api *api, struct http_request *request, bool *ret_there,
	struct id *ret_id)
{
	const char *text = http_query(request, "rollout");
	struct engine_rollout *rollout;

	*ret_there = text != NULL;
	if (!text || id_parse(text, ret_id) == 0)
		return 0;
	rollout = api_find_rollout(api, request, text);
	if (!rollout)
		return -1;
	*ret_id = rollout->rollout.id;
	return 0;
}

int api_query_board(struct http_request *request, const char **ret_name)
{
	const char *name = http_query(request, "board");

	*ret_name = name;
	if (!name || strlen(name) < NAME_MAX_LEN)
		return 0;
	api_problem(request, 404, "no-such-board", "`wipyctl boards` lists them",
		"no board has a name that long");
	return -1;
}

void api_get_events(struct api *api, struct http_request *request, const char *name)
{
	struct store_event_query query = {0};
	uint64_t limit = EVENTS_DEFAULT, after = 0;
	struct events_answer *answer;
	bool of_rollout;
	struct id id;

	(void)name;
	if (strstr(http_header(request, HTTP_ACCEPT), "text/event-stream")) {
		api_stream_events(api, request);
		return;
	}
	if (api_query_number(request, "limit", EVENTS_MAX, &limit) ||
		api_query_number(request, "after", INT64_MAX, &after) ||
		api_query_time(request, "since", &query.since_s) ||
		api_query_rollout(api, request, &of_rollout, &id) ||
		api_query_board(request, &query.board))
		return;
	if (of_rollout)
		query.rollout = &id;
	query.max = (size_t)limit;
	query.before_seq = (int64_t)after;
	if (http_query(request, "select")) {
		api_search_events(api, request, &query);
		return;
	}
	answer = calloc(1, sizeof(*answer));
	if (!answer)
		abort();
	*answer = (struct events_answer){
		api, request, query.board, after == 0, query.max};
	store_read_events(engine_store(api->engine), &query, events_read, answer);
}

/* ---- verifying ------------------------------------------------------------------- */

static void say_fault(const struct store_verdict *verdict, char *what, size_t cap)
{
	long long first = verdict->bad_first, last = verdict->bad_last;

	switch (verdict->fault) {
	case STORE_FAULT_ALTERED:
		snprintf(what, cap,
			"event %lld does not follow from the one before it: one of the "
			"two is not what was written",
			first);
		break;
	case STORE_FAULT_MISSING:
		snprintf(what, cap, "the events from %lld to %lld are missing", first,
			last);
		break;
	case STORE_FAULT_ADDED:
		snprintf(what, cap,
			"the events from %lld to %lld were not written by wipyd", first,
			last);
		break;
	case STORE_FAULT_CHECKPOINT:
		snprintf(what, cap,
			"the checkpoint at event %lld is not what was written", first);
		break;
	case STORE_FAULT_END:
		snprintf(what, cap,
			"what is kept as the end of the chain, event %lld, is not its "
			"end",
			first);
		break;
	case STORE_FAULT_NONE:
	case STORE_FAULT_COUNT:
		what[0] = '\0';
		break;
	}
}

static json_t *json_fault(const struct store_verdict *verdict)
{
	char what[160];

	if (!verdict->fault)
		return json_null();
	say_fault(verdict, what, sizeof(what));
	return json_pack("{s:s, s:I, s:I, s:s}", "code",
		store_fault_name(verdict->fault), "first",
		(json_int_t)verdict->bad_first, "last", (json_int_t)verdict->bad_last,
		"what", what);
}

static void events_verified(void *arg, int status, const struct store_verdict *verdict)
{
	struct http_request *request = arg;
	char chain[CHAIN_HEX_MAX];

	if (status < 0) {
		api_problem(request, 500, wipy_errcode(status), "see the log of wipyd",
			"the events could not be verified: %s", wipy_strerror(status));
		return;
	}
	chain_hex(verdict->chain, STORE_CHAIN_LEN, chain);
	api_answer(request, 200,
		json_pack("{s:b, s:I, s:I, s:I, s:s, s:o}", "intact",
			verdict->fault == STORE_FAULT_NONE, "checkpoint",
			(json_int_t)verdict->from_seq, "verified",
			(json_int_t)verdict->count, "last",
			(json_int_t)verdict->last_seq, "chain", chain, "fault",
			json_fault(verdict)));
}

void api_get_events_verify(
	struct api *api, struct http_request *request, const char *name)
{
	(void)name;
	store_verify_events(engine_store(api->engine), events_verified, request);
}
