/* SPDX-License-Identifier: MIT
 *
 * The API: all rollouts that there were, page by page. The store has them; those that are
 * in memory are shown as they are there.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define PAGE_DEFAULT 100
#define PAGE_MAX     1000

struct history_answer {
	struct api *api;
	struct http_request *request;
	uint64_t limit;
	bool first; /* page */
};

static const struct engine_rollout *in_memory(
	const struct engine *engine, const struct id *id)
{
	for (size_t i = engine_rollout_count(engine); i > 0; i--) {
		const struct engine_rollout *er = engine_rollout_at(engine, i - 1);

		if (id_equal(&er->rollout.id, id))
			return er;
	}
	return NULL;
}

/* Begun while nothing can be saved: no store knows them. */
static void add_unsaved(const struct engine *engine, json_t *list)
{
	for (size_t i = engine_rollout_count(engine); i > 0; i--) {
		const struct engine_rollout *er = engine_rollout_at(engine, i - 1);

		if (!er->durable)
			json_array_append_new(list, json_rollout_line(er));
	}
}

static json_t *stored_line(
	const struct rollout *rollout, const struct store_outcomes *outcomes)
{
	struct engine_rollout then = {.rollout = *rollout};
	json_t *line = json_rollout_line(&then), *counts = json_object();

	for (int i = 0; i < TASK_STATE_COUNT; i++)
		if (outcomes->of[i] > 0)
			json_object_set_new(counts, task_state_name((enum task_state)i),
				json_integer((json_int_t)outcomes->of[i]));
	json_object_set_new(line, "outcomes", counts);
	return line;
}

static json_t *history_page(
	const struct history_answer *answer, const struct store_snapshot *past)
{
	const struct engine *engine = answer->api->engine;
	bool more = past->rollout_count > answer->limit;
	json_t *list = json_array(), *next = NULL;

	if (answer->first)
		add_unsaved(engine, list);
	for (size_t i = 0; i < past->rollout_count - more; i++) {
		const struct rollout *rollout = &past->rollout[i];
		const struct engine_rollout *er = in_memory(engine, &rollout->id);

		json_array_append_new(
			list, er ? json_rollout_line(er)
				 : stored_line(rollout, &past->outcomes[i]));
	}
	if (more)
		next = json_object_get(
			json_array_get(list, json_array_size(list) - 1), "id");
	return json_pack("{s:o, s:O?}", "rollouts", list, "next", next);
}

static void history_read(
	void *arg, int status, int64_t begins_s, const struct store_snapshot *past)
{
	struct history_answer *answer = arg;

	(void)begins_s;
	if (!answer->api->engine)
		api_problem(answer->request, 503, "stopping", "", "wipyd is stopping");
	else if (status < 0)
		api_problem(answer->request, 500, wipy_errcode(status),
			"see the log of wipyd", "the rollouts could not be read: %s",
			wipy_strerror(status));
	else
		api_answer(answer->request, 200, history_page(answer, past));
	free(answer);
}

void api_get_rollouts(struct api *api, struct http_request *request, const char *name)
{
	const char *after = http_query(request, "after");
	struct history_answer *answer;
	uint64_t limit = PAGE_DEFAULT;
	struct id id;
	int64_t at_s = -1;

	(void)name;
	if (api_query_number(request, "limit", PAGE_MAX, &limit) ||
		api_query_time(request, "as-of", &at_s))
		return;
	if (at_s >= 0) {
		api_past_rollouts(api, request, at_s);
		return;
	}
	if (after && id_parse(after, &id) < 0) {
		api_problem(request, 400, "usage", "pass `next` of the page before",
			"after: '%.40s' is no id of a rollout", after);
		return;
	}
	answer = calloc(1, sizeof(*answer));
	if (!answer)
		abort();
	*answer = (struct history_answer){
		.api = api, .request = request, .limit = limit, .first = after == NULL};
	store_read_rollouts(engine_store(api->engine), after ? &id : NULL,
		engine_now_s(), limit + 1, history_read, answer);
}
