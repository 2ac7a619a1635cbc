/* SPDX-License-Identifier: MIT
 *
 * HTTP/1.1 over a Unix socket, and over TCP with TLS where that is asked for, by
 * libwebsockets on the daemon's own loop. The listeners are ours (socket activation, peer credentials), connections are adopted. A request is
 * handed over whole; its answer may come later, from any callback on the loop.
 */
#ifndef WIPY_EDGE_HTTP_SERVER_H
#define WIPY_EDGE_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "common/err.h"
#include "daemon/core/access.h"
#include "daemon/core/tally.h"

#define HTTP_BODY_MAX      (4u * 1024 * 1024 + 1024)
#define HTTP_STREAM_IDLE_S 15
/* Of who may only look: what he asks is short. */
#define HTTP_BODY_VIEWER_MAX (64u * 1024)
/* Of the socket, and of TCP as many again. */
#define HTTP_CLIENTS_MAX 64  /* that ask */
#define HTTP_STREAMS_MAX 512 /* that are told; they take no place of the others */
#define HTTP_PATH_LEN    512

struct http_server;
struct http_stream;
struct http_request; /* opaque; lives until http_answer() */

/* Called on the loop with a complete request; must lead to exactly one http_answer(),
 * now or later (also if the client is gone by then). */
typedef void (*http_handler_fn)(void *arg, struct http_request *request);

/* A door of TCP. Without certificate and key it is for the loopback, where everybody may
 * look and the header Host must name this machine (a page of somebody else's could have
 * its own name lead here); elsewhere nobody may do anything without a token. */
struct http_tcp {
	const char *address; /* numeric */
	bool ipv6, loopback;
	uint16_t port;                 /* 0: one that is free; the log says which */
	const char *certificate, *key; /* files; NULL: no TLS */
};

struct http_config {
	const char *path;           /* of the socket */
	const struct http_tcp *tcp; /* NULL: none */
	/* Who is what; borrowed. It may change between two turns of the loop. */
	const struct access_rules *access;
};

/* Listens on the path (a stale socket file is replaced; one that answers is not:
 * -EADDRINUSE and a sentence), mode 0660, or on the descriptor that socket activation
 * passed (LISTEN_FDS=1; then the path is only shown). */
int http_server_start(uv_loop_t *loop, const struct http_config *config,
	http_handler_fn handler, void *arg, struct http_server **ret_server,
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
/* What the header said, without a line break; "" without it. */
enum http_header {
	HTTP_ACCEPT,
	HTTP_IF_NONE_MATCH,
	HTTP_LAST_EVENT_ID,
	HTTP_HEADER_COUNT
};
#define HTTP_HEADER_LEN 512
const char *http_header(const struct http_request *request, enum http_header header);
/* The body; *ret_len bytes, always followed by a NUL. */
const uint8_t *http_body(const struct http_request *request, size_t *ret_len);
/* Takes the body out of the request: the caller frees it. NULL if it is empty. */
uint8_t *http_take_body(struct http_request *request, size_t *ret_len);
/* Who asks, as events name him ("uid 1000"), and what he may do. */
const char *http_actor(const struct http_request *request);
enum role http_role(const struct http_request *request);
/* Nobody has said who he is: over TCP, without a token. */
bool http_is_anonymous(const struct http_request *request);

/* The status of its answer is counted there; borrowed for as long as the server lives. */
void http_count_in(struct http_request *request, struct tally *tally);
/* Answers once; the request is gone afterwards. `body` is copied. */
void http_answer(struct http_request *request, int status, const char *content_type,
	const char *body, size_t len);

/* ---- an answer without an end ----------------------------------------------------- */

/* Called on the loop, never from within a call of this module. */
struct http_stream_calls {
	/* What was sent is out, and the next piece may come. */
	void (*drained)(void *arg);
	/* Nothing was sent for HTTP_STREAM_IDLE_S: a word now and then shows both sides
	 * that the other one is there. */
	void (*idle)(void *arg);
	/* The client has left, or has been closed: too slow, or the server stops. The
	 * stream is no more. */
	void (*gone)(void *arg);
};

/* Answers with 200 and a body that goes on until one of the two has enough. The request is
 * gone afterwards. NULL: nothing follows: the client is not there any more, asks for the
 * head alone, or has been told that there are HTTP_STREAMS_MAX streams already. `calls` is borrowed. */
struct http_stream *http_stream_open(struct http_request *request,
	const char *content_type, const struct http_stream_calls *calls, void *arg);
/* Copies. One piece at a time: the next one after drained(). A client that does not take
 * it within 30 s is closed. */
void http_stream_send(struct http_stream *stream, const char *text, size_t len);
/* Ends it; gone() comes later. */
void http_stream_close(struct http_stream *stream);
/* All of them: who may follow has changed, and whoever still may comes back. */
void http_streams_close(struct http_server *server);

#endif
