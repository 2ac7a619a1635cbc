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
/* The store said no: nothing was changed. */
void api_not_written(struct http_request *request, int status);
void api_no_release(struct http_request *request, int rc, const struct errtext *error);

/* "uid 1000" */
void api_actor(const struct http_request *request, char *buf, size_t cap);

/* NULL: the request has been answered. */
json_t *api_body(struct http_request *request);
struct engine_board *api_find_board(
	struct api *api, struct http_request *request, const char *name);
struct engine_rollout *api_find_rollout(
	struct api *api, struct http_request *request, const char *id);

/* `name` is what stands for `*` in the route, else "". */
typedef void api_handler(
	struct api *api, struct http_request *request, const char *name);
api_handler api_get_health, api_get_status, api_get_boards, api_get_board,
	api_get_report;
api_handler api_post_polls;
api_handler api_post_reload;
api_handler api_post_image, api_post_release, api_get_releases, api_get_release;
api_handler api_post_rollout, api_get_rollouts, api_get_rollout, api_get_tasks,
	api_post_pause, api_post_resume, api_post_abort;

#endif
