/* SPDX-License-Identifier: MIT
 *
 * The API (docs/api.md): a table of routes from requests to the engine and back to JSON.
 */
#ifndef WIPY_API_H
#define WIPY_API_H

#include "daemon/edge/http_server.h"
#include "daemon/edge/loop_gap.h"
#include "daemon/engine.h"

#define API_ROUTES_MAX 64

/* With no lines where there were no faults. */
typedef void (*api_reread_fn)(void *arg, const struct yaml_problems *problems);

struct api {
	struct engine *engine; /* borrowed; NULL once the daemon is stopping */
	struct api_feed *feed; /* of events, to those who follow them */
	/* What else a reload reads anew; `done` is told its faults, from the loop or at
	 * once. NULL: nothing. */
	void (*reload)(void *arg, api_reread_fn done, void *done_arg);
	void *reload_arg;
	const struct loop_gap *gap; /* for /metrics; NULL: not measured */
	bool metrics_per_board;
	/* Statuses of answers by route; the last one is of those that have none. */
	struct tally answers[API_ROUTES_MAX + 1];
};

/* Before the first request. */
void api_open(struct api *api, struct engine *engine);
/* The daemon is stopping: the engine is not asked any more, and who follows the events is
 * let go. */
void api_close(struct api *api);

/* http_handler_fn; arg is a struct api. */
void api_handle(void *arg, struct http_request *request);

#endif
