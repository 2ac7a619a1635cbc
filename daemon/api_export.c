/* SPDX-License-Identifier: MIT
 *
 * The API: events for a file that can be verified on its own, and pruning. The bytes of an
 * event are shown as they are kept, since the chain covers them: a text that is not UTF-8
 * becomes {"hex":"..."}.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common/utc.h"
#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define EXPORT_DEFAULT 1000
#define EXPORT_MAX     5000

/* What an answer of the store is waited for with. */
struct events_wish {
	struct api *api;
	struct http_request *request;
	struct engine_export export;
	struct store_prune_plan plan;
	bool dry_run;
};

static struct events_wish *wish_new(struct api *api, struct http_request *request)
{
	struct events_wish *wish = calloc(1, sizeof(*wish));

	if (!wish)
		abort();
	wish->api = api;
	wish->request = request;
	return wish;
}

/* Returns true, having answered, if the store has failed or wipyd stops. */
static bool failed(const struct events_wish *wish, int status)
{
	if (!wish->api->engine)
		api_problem(wish->request, 503, "stopping", "", "wipyd is stopping");
	else if (status < 0)
		api_problem(wish->request, 500, wipy_errcode(status),
			"see the log of wipyd", "the events could not be read: %s",
			wipy_strerror(status));
	return !wish->api->engine || status < 0;
}

/* ---- exporting ------------------------------------------------------------------- */

static json_t *json_hex(const void *bytes, size_t len)
{
	char *hex = malloc(2 * len + 1);
	json_t *text;

	if (!hex)
		abort();
	chain_hex(bytes, len, hex);
	text = json_string(hex);
	free(hex);
	return text;
}

static json_t *json_part(const struct chain_part *part)
{
	json_t *text = memchr(part->at, 0, part->len)
			       ? NULL
			       : json_stringn(part->at, part->len);

	return text ? text : json_pack("{s:o}", "hex", json_hex(part->at, part->len));
}

static json_t *json_rollout_part(const struct chain_part *part)
{
	if (part->len == 0)
		return json_null();
	return part->len == ID_LEN
		       ? json_hex(part->at, part->len)
		       : json_pack("{s:o}", "hex", json_hex(part->at, part->len));
}

/* A time that is none in the calendar is a number. */
static json_t *json_kept_time(int64_t time_s)
{
	char text[WIPY_UTC_MAX];

	return wipy_utc_format(time_s, text) < 0 ? json_integer(time_s)
						 : json_string(text);
}

static json_t *json_kept_event(const struct store_export_row *event)
{
	const struct chain_part *part = event->row.part;

	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "seq",
		(json_int_t)event->row.seq, "time", json_kept_time(event->row.time_s),
		"actor", json_part(&part[CHAIN_ACTOR]), "cause",
		json_part(&part[CHAIN_CAUSE]), "board", json_part(&part[CHAIN_BOARD]),
		"rollout", json_rollout_part(&part[CHAIN_ROLLOUT]), "name",
		json_part(&part[CHAIN_NAME]), "detail", json_part(&part[CHAIN_DETAIL]),
		"chain", json_hex(event->chain, CHAIN_LEN));
}

static void export_read(void *arg, int status, const struct store_export *page)
{
	struct events_wish *wish = arg;
	json_t *list, *next = json_null();

	if (!failed(wish, status)) {
		list = json_array();
		for (size_t i = 0; i < page->count; i++)
			json_array_append_new(list, json_kept_event(&page->row[i]));
		if (page->count > 0 &&
			page->row[page->count - 1].row.seq < page->last_seq)
			next = json_integer(page->row[page->count - 1].row.seq);
		api_answer(wish->request, 200,
			json_pack("{s:I, s:o, s:I, s:I, s:o, s:o}", "after",
				(json_int_t)page->after_seq, "chain",
				json_hex(page->chain, CHAIN_LEN), "last",
				(json_int_t)page->last_seq, "exported",
				(json_int_t)page->exported_seq, "events", list, "next",
				next));
	}
	free(wish);
}

void api_get_events_export(
	struct api *api, struct http_request *request, const char *name)
{
	struct store_export_query query = {.max = EXPORT_DEFAULT};
	uint64_t limit = EXPORT_DEFAULT, after = 0, last = 0;

	(void)name;
	if (api_query_number(request, "limit", EXPORT_MAX, &limit) ||
		api_query_number(request, "after", INT64_MAX, &after) ||
		api_query_number(request, "last", INT64_MAX, &last) ||
		api_query_time(request, "since", &query.since_s) ||
		api_query_time(request, "until", &query.until_s))
		return;
	query.max = (size_t)limit;
	query.after_seq = (int64_t)after;
	query.last_seq = (int64_t)last;
	store_export_events(
		engine_store(api->engine), &query, export_read, wish_new(api, request));
}

static void export_noted(void *arg, int status)
{
	struct events_wish *wish = arg;

	if (status < 0)
		api_not_written(wish->request, status);
	else
		api_answer(wish->request, 200,
			json_pack("{s:I}", "exported",
				(json_int_t)wish->export.last_seq));
	free(wish);
}

/* What a person says to have must be of this chain, and leave no gap behind it. */
static void export_checked(void *arg, int status, const struct store_export *place)
{
	struct events_wish *wish = arg;
	struct engine_export *export = &wish->export;
	char actor[64];

	if (failed(wish, status)) {
		free(wish);
		return;
	}
	if (place->after_seq != export->last_seq ||
		memcmp(place->chain, export->chain, CHAIN_LEN) != 0) {
		api_problem(wish->request, 409, "another-chain", "",
			"event %lld does not have that chain value here",
			(long long)export->last_seq);
	} else if (export->after_seq > place->exported_seq ||
		   export->last_seq <= place->exported_seq) {
		api_answer(wish->request, 200,
			json_pack(
				"{s:I}", "exported", (json_int_t)place->exported_seq));
	} else {
		api_actor(wish->request, actor, sizeof(actor));
		engine_note_exported(
			wish->api->engine, actor, export, export_noted, wish);
		return;
	}
	free(wish);
}

static bool parse_chain(const char *text, uint8_t ret_chain[CHAIN_LEN])
{
	/* As long as two ids. */
	char half[ID_TEXT_MAX] = "";
	struct id id;

	for (int i = 0; i < 2; i++) {
		if (!text || strlen(text) != CHAIN_HEX_MAX - 1)
			return false;
		memcpy(half, text + (ptrdiff_t)i * (ID_TEXT_MAX - 1), ID_TEXT_MAX - 1);
		if (id_parse(half, &id) < 0)
			return false;
		memcpy(ret_chain + (ptrdiff_t)i * ID_LEN, id.byte, ID_LEN);
	}
	return true;
}

void api_post_events_exported(
	struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {
		{"after", API_COUNT}, {"last", API_COUNT}, {"chain", API_TEXT}};
	json_t *body = api_body(request, fields, sizeof(fields) / sizeof(fields[0]));
	struct engine_export export = {0};
	struct events_wish *wish;
	bool good;

	(void)name;
	if (!body)
		return;
	export.after_seq = json_integer_value(json_object_get(body, "after"));
	export.last_seq = json_integer_value(json_object_get(body, "last"));
	good = parse_chain(json_string_value(json_object_get(body, "chain")),
		       export.chain) &&
	       json_object_get(body, "after") && export.last_seq > export.after_seq;
	json_decref(body);
	if (!good) {
		api_problem(request, 400, "usage", "",
			"it needs after, a larger last, and the chain's value there in "
			"64 "
			"hex digits");
		return;
	}
	wish = wish_new(api, request);
	wish->export = export;
	store_export_events(engine_store(api->engine),
		&(struct store_export_query){.after_seq = export.last_seq},
		export_checked, wish);
}

/* ---- pruning --------------------------------------------------------------------- */

static void answer_plan(const struct events_wish *wish, bool pruned)
{
	const struct store_prune_plan *plan = &wish->plan;
	bool some = plan->upto_seq > 0;

	api_answer(wish->request, 200,
		json_pack("{s:b, s:I, s:o, s:o, s:o, s:I}", "pruned", pruned, "first",
			(json_int_t)plan->first_seq, "upto",
			some ? json_integer(plan->upto_seq) : json_null(), "upto_time",
			some ? json_kept_time(plan->upto_s) : json_null(), "chain",
			some ? json_hex(plan->chain, CHAIN_LEN) : json_null(),
			"exported", (json_int_t)plan->exported_seq));
}

static void pruned(void *arg, int status)
{
	struct events_wish *wish = arg;

	if (status < 0)
		api_not_written(wish->request, status);
	else
		answer_plan(wish, true);
	free(wish);
}

static void prune_planned(void *arg, int status, const struct store_prune_plan *plan)
{
	struct events_wish *wish = arg;
	char actor[64];

	if (failed(wish, status)) {
		free(wish);
		return;
	}
	wish->plan = *plan;
	if (plan->fault) {
		api_problem(wish->request, 409, "events-not-intact",
			"`wipyctl events verify` says where; keep a copy of wipyd.db",
			"nothing was pruned: somebody has changed or removed events, "
			"and what is left of them is evidence");
	} else if (wish->dry_run || plan->upto_seq == 0) {
		answer_plan(wish, false);
	} else {
		api_actor(wish->request, actor, sizeof(actor));
		engine_prune(wish->api->engine, actor, &wish->plan, pruned, wish);
		return;
	}
	free(wish);
}

void api_post_events_prune(
	struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {
		{"before", API_TEXT}, {"unexported", API_BOOL}, {"dry_run", API_BOOL}};
	json_t *body = api_body(request, fields, sizeof(fields) / sizeof(fields[0]));
	const char *before = json_string_value(json_object_get(body, "before"));
	struct events_wish *wish;
	int64_t before_s;

	(void)name;
	if (!body)
		return;
	if (!before || wipy_utc_parse(before, &before_s) < 0) {
		api_problem(request, 400, "usage", "",
			"before must be a time like 2026-11-20T11:00:00Z");
	} else {
		wish = wish_new(api, request);
		wish->dry_run = json_is_true(json_object_get(body, "dry_run"));
		store_plan_prune(engine_store(api->engine), before_s,
			json_is_true(json_object_get(body, "unexported")),
			prune_planned, wish);
	}
	json_decref(body);
}
