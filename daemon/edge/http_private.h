/* SPDX-License-Identifier: MIT
 *
 * What the files of the HTTP server share: the server, its clients, and the steps from one
 * file to another. Nobody else includes it.
 */
#ifndef WIPY_EDGE_HTTP_PRIVATE_H
#define WIPY_EDGE_HTTP_PRIVATE_H

#include <libwebsockets.h>
#include <stdbool.h>

#include "daemon/edge/http_listen.h"
#include "daemon/edge/http_message.h"
#include "daemon/edge/http_server.h"

#define HTTP_TAG "http"

/* From the end of one request to the end of the headers of the next, for a body, and for
 * the client to take an answer. The handler has all the time it wants. */
#define CLIENT_PATIENCE_S 30

#define HTTP_DOORS_MAX 2

/* One place that connections come from. */
struct http_door {
	struct http_server *server;
	struct http_listener listener;
	struct lws_vhost *vhost;
	uv_poll_t poll;
	size_t client_count; /* that are no streams */
	size_t stream_count;
};

struct http_server {
	uv_loop_t *loop;
	http_handler_fn handler;
	void *handler_arg;
	const struct access_rules *access;
	struct http_door door[HTTP_DOORS_MAX]; /* first the Unix socket */
	size_t door_count;
	struct lws_context *context; /* set to NULL by libwebsockets when it is gone */
	uv_timer_t
		timer; /* waits to accept again; or, when stopping, for the context */
	uv_timer_t hand_over;
	struct http_stream *streams;
	struct http_request *whole, **whole_end; /* to be handed over, oldest first */
	int open_handles;
	bool stopping, destroying;
	void (*done)(void *arg);
	void *done_arg;
};

struct http_client {
	struct http_server *server;
	struct http_door *door;
	struct lws *wsi;
	struct http_who who;          /* of the latest request, as far as it is known */
	struct http_request *reading; /* its body is still coming */
	struct http_request *pending; /* whole: with the handler, or about to be */
	struct http_stream *stream;   /* what it is sent without an end; or NULL */
	unsigned requests;            /* so far */
	bool discarding;              /* a body that was refused is still coming */
	bool closing;                 /* as soon as it is writeable */
};

/* ---- http_server.c ---------------------------------------------------------------- */

/* Aborts where there is no memory. */
void *http_must(void *memory);
/* The client has CLIENT_PATIENCE_S from now on. */
void http_patience_restart(struct http_client *client);
/* libwebsockets 4.1 would read on while an answer is owed and take what it finds for the
 * next request: so nothing is read meanwhile. In that state it does not write either. */
void http_reading_allow(struct http_client *client, bool allow);
/* The callback of libwebsockets for all connections. */
int http_on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
	void *in, size_t len);
/* The request that has waited longest for its handler, taken out; NULL: none does. */
struct http_request *http_next_whole(struct http_server *server);

/* ---- http_door.c ------------------------------------------------------------------ */

/* One of server->open_handles is closed; the last one frees a server that stops. */
void http_handle_closed(struct http_server *server);
/* There may be room for one client more. */
void http_listen_on(struct http_door *door);

/* ---- http_guard.c ----------------------------------------------------------------- */

/* Who asks, to be known by a token too, and whether he may send such a body. Returns 0 or
 * the status of a refusal: 401, 403, 421. */
int http_guard(struct http_client *client, struct http_who *who,
	uint64_t body_len) WARN_UNUSED;

/* ---- http_stream.c ---------------------------------------------------------------- */

/* What libwebsockets had kept of a piece is out; nothing without a stream. */
void http_stream_writable(struct http_client *client);
/* Its connection is closed; nothing without a stream. */
void http_stream_gone(struct http_client *client);

#endif
