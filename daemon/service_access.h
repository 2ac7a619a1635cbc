/* SPDX-License-Identifier: MIT
 *
 * Roles and tokens, read anew while the daemon runs: of wipyd.yaml these alone, since
 * nobody should have to wait for a restart to take a token back.
 */
#ifndef WIPY_SERVICE_ACCESS_H
#define WIPY_SERVICE_ACCESS_H

#include <stdbool.h>
#include <uv.h>

#include "daemon/edge/http_server.h"
#include "daemon/edge/settings.h"

/* The faults, borrowed for the call: no lines if there were none. */
typedef void (*service_access_fn)(void *arg, const struct yaml_problems *problems);
struct service_access_wait;

struct service_access {
	uv_loop_t *loop;
	struct settings *settings; /* borrowed; its `access` is what changes */
	struct http_server *http;  /* NULL once the daemon is stopping */
	uv_work_t work;
	bool busy;
	/* Who is told of the reading under way, and of the next one. */
	struct service_access_wait *told_now, *told_next;
	/* Of the reading that is under way. */
	struct settings *fresh;
	struct access_rules left; /* of one with faults: the tokens that still stand */
	struct yaml_problems problems;
	int status;
};

/* Reads on the worker pool. The new rules hold from the next request on, and who follows
 * the events has to ask again. Where the file has faults they are logged and everything
 * stays as it is, but for tokens whose line is gone: those end, since a mistake in another
 * line must not keep alive what was taken back. `done` (or NULL) is told from the loop, or
 * at once if there is nothing to read. */
void service_access_reload(
	struct service_access *access, service_access_fn done, void *arg);

#endif
