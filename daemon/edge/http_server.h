/* SPDX-License-Identifier: MIT
 *
 * HTTP/1.1 over a Unix socket, by libwebsockets on the daemon's own loop. The listener is
 * ours (socket activation, peer credentials), connections are adopted. A request is
 * handed over whole; its answer may come later, from any callback on the loop.
 */
#ifndef WIPY_EDGE_HTTP_SERVER_H
#define WIPY_EDGE_HTTP_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "common/err.h"

#define HTTP_BODY_MAX    (4u * 1024 * 1024 + 1024)
#define HTTP_CLIENTS_MAX 64
#define HTTP_PATH_LEN    512

struct http_server;
struct http_request; /* opaque; lives until http_answer() */

/* Called on the loop with a complete request; must lead to exactly one http_answer(),
 * now or later (also if the client is gone by then). */
typedef void (*http_handler_fn)(void *arg, struct http_request *request);

/* Listens on `path` (a stale socket file is replaced; one that answers is not:
 * -EADDRINUSE and a sentence), mode 0660, or on the descriptor that socket activation
 * passed (LISTEN_FDS=1; then `path` is only shown). */
int http_server_start(uv_loop_t *loop, const char *path, http_handler_fn handler,
	void *arg, struct http_server **ret_server,
	struct errtext *ret_error) WARN_UNUSED;

/* Stops listening, closes connections, unlinks the socket (not an activated one), then
 * calls done(arg) and frees itself. Answers that are still owed may be given until then
 * and go nowhere. */
void http_server_stop(struct http_server *server, void (*done)(void *arg), void *arg);

const char *http_method(const struct http_request *request); /* "GET", "POST", ... */
const char *http_path(const struct http_request *request);   /* decoded, no query */
/* A query parameter, decoded, or NULL. */
const char *http_query(struct http_request *request, const char *name);
/* The parameter at that index as "name=value" or "name", decoded; NULL past the last. */
const char *http_query_at(const struct http_request *request, size_t index);
/* The body; *ret_len bytes, always followed by a NUL. */
const uint8_t *http_body(const struct http_request *request, size_t *ret_len);
/* Takes the body out of the request: the caller frees it. NULL if it is empty. */
uint8_t *http_take_body(struct http_request *request, size_t *ret_len);
uid_t http_peer_uid(const struct http_request *request);

/* Answers once; the request is gone afterwards. `body` is copied. */
void http_answer(struct http_request *request, int status, const char *content_type,
	const char *body, size_t len);

#endif
