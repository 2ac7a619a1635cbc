/* SPDX-License-Identifier: MIT
 *
 * What the API's files share: answers, look-ups that answer when they fail, handlers.
 */
#ifndef WIPY_API_PRIVATE_H
#define WIPY_API_PRIVATE_H

#include <jansson.h>

#include "daemon/api.h"

#define API_PROBLEM_TYPE "application/problem+json"

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

/* "uid 1000" */
void api_actor(const struct http_request *request, char *buf, size_t cap);

/* A query parameter as a number from 1 on or a time; without it *ret stays as it is. Not
 * 0: the request has been answered. */
int api_query_number(struct http_request *request, const char *name, uint64_t max,
	uint64_t *ret_value) WARN_UNUSED;
int api_query_time(
	struct http_request *request, const char *name, int64_t *ret_s) WARN_UNUSED;

/* Which boards a list shows. */
struct api_page {
	char select[SELECTOR_MAX]; /* a selector without faults */
	char after[NAME_MAX_LEN];
	uint64_t limit;
};
/* {"boards", "next"} of boards that stand by name. */
json_t *api_boards_page(const struct api_page *page,
	const struct engine_board *const *boards, size_t count);

/* The same as the routes without a time, each as of one. */
void api_past_boards(struct api *api, struct http_request *request, int64_t at_s,
	const struct api_page *page);
void api_past_board(
	struct api *api, struct http_request *request, int64_t at_s, const char *name);
void api_past_rollouts(struct api *api, struct http_request *request, int64_t at_s);
/* With `tasks` these, and not the rollout. */
void api_past_rollout(struct api *api, struct http_request *request, int64_t at_s,
	const char *id, bool tasks);

/* What a key of a body must hold, if it is there. */
enum api_kind {
	API_TEXT,
	API_REASON, /* a text that fits where reasons are kept */
	API_TEXTS,  /* a list */
	API_COUNT,  /* a whole number from 0 on */
	API_BOOL,
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
api_handler api_get_health, api_get_status, api_get_boards, api_get_board,
	api_get_report, api_get_card, api_get_wire;
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
