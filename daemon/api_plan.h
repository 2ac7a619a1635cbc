/* SPDX-License-Identifier: MIT
 *
 * Plans in the API: their JSON, and plans that were saved and come back.
 */
#ifndef WIPY_API_PLAN_H
#define WIPY_API_PLAN_H

#include <jansson.h>

#include "daemon/engine_outlook.h"

struct http_request;

#define PLAN_MEMBERS 0x1u /* every board of it */
#define PLAN_SAVED   0x2u /* what a file keeps of it */

/* Each a new reference. */
json_t *json_plan(struct engine *engine, const struct plan *plan, unsigned parts);
json_t *json_eta(int64_t begins_s, int64_t ends_s, size_t boards, enum pace_from from);
json_t *json_plan_options(const struct plan *plan);
json_t *json_plan_saved(const struct plan *plan, const struct outlook *outlook);

/* Reads what json_plan_saved() has made, borrows its texts. False: it is not that,
 * or it was changed since, and the request has been answered. */
bool api_plan_read(struct http_request *request, const json_t *json,
	struct plan_saved *ret_saved) WARN_UNUSED;
void api_plan_read_done(struct plan_saved *saved);
/* The answer of a start that was refused since the fleet has moved. */
void api_plan_moved(struct http_request *request, const struct plan_moves *moves);

#endif
