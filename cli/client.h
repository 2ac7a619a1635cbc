/* SPDX-License-Identifier: MIT
 *
 * HTTP over the daemon's Unix socket. One connection, kept open from request to request.
 * Knows nothing of what is asked; turns whatever goes wrong into a struct failure.
 */
#ifndef WIPY_CLI_CLIENT_H
#define WIPY_CLI_CLIENT_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/failure.h"
#include "common/err.h"

#define CLIENT_ANSWER_MAX ((size_t)64 * 1024 * 1024)
#define CLIENT_PATH_MAX   4096

struct client;

struct client_request {
	const char *method; /* "GET" or "POST" */
	const char *path;   /* encoded, with its query */
	const char *content_type;
	const void *body; /* of a POST */
	size_t body_len;
	long timeout_s; /* 0: 30 s */
};

/* Copies the path; connects when something is asked. Returns 0, -ENAMETOOLONG, -ENOMEM. */
int client_new(const char *socket_path, struct client **ret_client) WARN_UNUSED;
/* NULL is fine; returns NULL. */
struct client *client_free(struct client *client);

/* While *flag is not 0 a request that is under way is given up. Borrows the flag. */
void client_set_interrupt(struct client *client, const volatile sig_atomic_t *flag);

/* Asks. Returns 0 and the answer (to be json_decref'ed) of a status 2xx; or a negated
 * errno with *ret_failure filled. */
int client_call(struct client *client, const struct client_request *request,
	json_t **ret_answer, struct failure *ret_failure) WARN_UNUSED;

/* Asks by GET for bytes: 0 and the body of a status 2xx, which lives until the next request;
 * or as above. */
int client_fetch(struct client *client, const char *path, const void **ret_data,
	size_t *ret_len, struct failure *ret_failure) WARN_UNUSED;

/* Appends text to a path, encoded for a path or a query. Returns false when it does not
 * fit. */
bool client_path_add(
	char path[CLIENT_PATH_MAX], const char *text, bool encode) WARN_UNUSED;

#endif
