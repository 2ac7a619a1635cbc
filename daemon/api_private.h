/* SPDX-License-Identifier: MIT
 *
 * What the API's files share: answers, look-ups that answer when they fail, handlers.
 */
#ifndef WIPY_API_PRIVATE_H
#define WIPY_API_PRIVATE_H

#include <jansson.h>

#include "daemon/api.h"

#define API_PROBLEM_TYPE "application/problem+json"

/* A row of the table of routes; `*` in the path stands for one name. */
struct api_route {
	const char *method, *path;
	const char *query; /* the parameters that it takes */
	enum role least;   /* that it needs */
	bool dry_run;      /* with "dry_run": true every viewer may */
};
/* Returns false past the last one. */
bool api_route(size_t index, struct api_route *ret_route);

/* Each answers the request exactly once; takes the body's reference. */
void api_answer(struct http_request *request, int status, json_t *body);
void api_answer_typed(
	struct http_request *request, int status, const char *type, json_t *body);
/* A problem (docs/api.md): code, hint ("" without), and a sentence. */
void api_problem(struct http_request *request, int status, const char *code,
	const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
json_t *api_problem_json(
	int status, const char *code, const char *detail, const char *hint);
/* For what the disk has refused: the status of HTTP, and the next step. */
int api_disk_status(int status);
const char *api_disk_hint(int status);
/* The store said no: nothing was changed. */
void api_not_written(struct http_request *request, int status);
void api_no_release(struct http_request *request, int rc, const struct errtext *error);

/* "uid 1000", "token NAME" */
void api_actor(const struct http_request *request, char *buf, size_t cap);

/* A query parameter as a number from 1 on or a time; without it *ret stays as it is. Not
 * 0: the request has been answered. */
int api_query_number(struct http_request *request, const char *name, uint64_t max,
	uint64_t *ret_value) WARN_UNUSED;
int api_query_time(
	struct http_request *request, const char *name, int64_t *ret_s) WARN_UNUSED;

/* api_stream.c: the answer to a GET of the events that asks for text/event-stream. */
void api_stream_events(struct api *api, struct http_request *request);
size_t api_follower_count(const struct api *api); /* of the events */
/* The rollout that ?rollout= means, of those in memory or by its complete id. *ret_id is
 * set if there is one. Not 0: the request has been answered. */
int api_query_rollout(struct api *api, struct http_request *request, bool *ret_there,
	struct id *ret_id) WARN_UNUSED;
/* api_events_select.c: it is of a board that the selector means now. */
bool api_event_matches(
	struct api *api, const struct selector *selector, const struct event *event);
/* Of the boards that ?select= means alone; with one board that name
 * lives as long as the request. */
void api_search_events(struct api *api, struct http_request *request,
	const struct store_event_query *query);
/* The name that ?board= gives, borrowed, or NULL. Not 0: the request has been answered. */
int api_query_board(struct http_request *request, const char **ret_name) WARN_UNUSED;

/* The boards that ?select= means. Not 0: the request has been answered. */
int api_query_select(struct api *api, struct http_request *request,
	struct selector *ret_selector) WARN_UNUSED;

/* Which boards a list shows. */
struct api_page {
	struct selector selector;
	char after[NAME_MAX_LEN];
	uint64_t limit;
};
/* {"boards", "next"} of boards that stand by name. */
json_t *api_boards_page(const struct api_page *page,
	const struct engine_board *const *boards, size_t count);

/* Answers, and returns true, if there is nothing to show of that time: what the store has
 * said, and when its history begins. */
bool api_past_is_missing(struct api *api, struct http_request *request, int64_t at_s,
	int status, int64_t begins_s);

/* The tasks of then by their boards, of which each has one at most; to be freed. */
const struct task **api_past_tasks(const struct store_snapshot *past);
/* That of a board among them, or NULL. */
const struct task *api_past_task(
	const struct task *const *tasks, size_t count, const char *board);

/* The same as the routes without a time, each as of one. */
void api_past_boards(struct api *api, struct http_request *request, int64_t at_s,
	const struct api_page *page);
/* With `why` that, and not the board. */
void api_past_board(struct api *api, struct http_request *request, int64_t at_s,
	const char *name, bool why);
void api_past_why(struct http_request *request, const struct engine_board *board,
	const struct task *task, const struct rollout *rollout, int64_t at_s);
void api_past_rollouts(struct api *api, struct http_request *request, int64_t at_s);
/* With `choice` its tasks (api_json.h), and not the rollout. */
struct task_choice;
void api_past_rollout(struct api *api, struct http_request *request, int64_t at_s,
	const char *id, const struct task_choice *choice);

/* What a key of a body must hold, if it is there. */
enum api_kind {
	API_TEXT,
	API_REASON, /* a text that fits where reasons are kept */
	API_TEXTS,  /* a list */
	API_COUNT,  /* a whole number from 0 on */
	API_BOOL,
	API_OBJECT,
	API_KIND_COUNT,
};
struct api_field {
	const char *key;
	enum api_kind kind;
};

/* The text under that key; "" without one. */
const char *api_text(const json_t *body, const char *key);

/* The body: an object with no other keys than these, none of them needed. NULL: the
 * request has been answered. */
json_t *api_body(
	struct http_request *request, const struct api_field *fields, size_t count);
/* NULL: the request has been answered. */
struct engine_board *api_find_board(
	struct api *api, struct http_request *request, const char *name);
struct engine_rollout *api_find_rollout(
	struct api *api, struct http_request *request, const char *id);

/* `name` is what stands for `*` in the route, else "". */
typedef void api_handler(
	struct api *api, struct http_request *request, const char *name);
api_handler api_get_health, api_get_metrics, api_get_status, api_get_boards,
	api_get_board, api_get_report, api_get_card, api_get_wire, api_get_why;
api_handler api_get_doctor;
api_handler api_post_card, api_post_receipt;
api_handler api_get_selectors, api_get_sets, api_get_names;
api_handler api_get_events, api_get_events_verify;
api_handler api_get_events_export, api_post_events_exported, api_post_events_prune;
api_handler api_post_polls;
api_handler api_post_reload;
api_handler api_post_fit, api_post_image, api_get_image, api_post_release,
	api_get_releases, api_get_release;
api_handler api_get_channels, api_get_download, api_post_download_cancel,
	api_post_retire, api_get_verify, api_post_gc;
/* The answer to a POST of a release that names a URL; `reason`: why it may go back, or "". */
void api_fetch_release(struct api *api, struct http_request *request, const char *url,
	const char *reason);
api_handler api_post_rollout, api_get_rollouts, api_get_rollout, api_get_tasks,
	api_post_undo, api_post_pause, api_post_resume, api_post_abort,
	api_post_approve;
api_handler api_get_known_bad, api_post_known_bad, api_post_known_bad_clear,
	api_post_accept;

#endif
