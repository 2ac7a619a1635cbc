/* SPDX-License-Identifier: MIT
 *
 * The API (docs/api.md): a table of routes from requests to the engine and back to JSON.
 */
#ifndef WIPY_API_H
#define WIPY_API_H

#include "daemon/edge/http_server.h"
#include "daemon/engine.h"

struct api {
	struct engine *engine; /* borrowed; NULL once the daemon is stopping */
};

/* http_handler_fn; arg is a struct api. */
void api_handle(void *arg, struct http_request *request);

#endif
