/* SPDX-License-Identifier: MIT
 *
 * HTTP over the daemon's Unix socket, or over TCP with TLS. One connection, kept open from request to request.
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
	long timeout_s;      /* 0: 30 s */
	long timeout_ms;     /* not 0: instead of it */
	const char *last_id; /* client_follow() sets it; else NULL */
};

struct client_place {
	const char *address; /* a socket's path; or https://HOST:PORT, or http:// on the
			      * loopback */
	const char
		*token_file; /* its first line says to a URL who asks; NULL: nobody */
	const char *ca_file; /* who may vouch for https; NULL: the system's */
};
/* Copies, reads the token; connects when something is asked. Returns 0, or a negated errno
 * with *ret_failure filled. */
int client_new(const struct client_place *place, struct client **ret_client,
	struct failure *ret_failure) WARN_UNUSED;
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

/* Takes bytes; not 0: enough. */
typedef int (*client_take_fn)(void *arg, const char *data, size_t len);
/* Asks by GET for an answer without an end. `last_id` (may be ""): the last event that is
 * known. Returns 0 when the daemon has ended it, or as above; -ECANCELED: `take` had enough.
 */
int client_follow(struct client *client, const char *path, const char *last_id,
	client_take_fn take, void *arg, struct failure *ret_failure) WARN_UNUSED;

/* The same step by step. Once begun, each step waits for timeout_ms at most, or until a
 * signal comes, and returns 0 to go on. 1: the daemon has ended it; or as above: it is over
 * then, and may be begun again. Meanwhile the client can ask nothing else. */
int client_follow_begin(struct client *client, const char *path, const char *last_id,
	client_take_fn take, void *arg, struct failure *ret_failure) WARN_UNUSED;
int client_follow_step(
	struct client *client, int timeout_ms, struct failure *ret_failure) WARN_UNUSED;
/* Gives it up; nothing where there is none. */
void client_follow_end(struct client *client);

/* Appends text to a path, encoded for a path or a query. Returns false when it does not
 * fit. */
bool client_path_add(
	char path[CLIENT_PATH_MAX], const char *text, bool encode) WARN_UNUSED;

#endif
