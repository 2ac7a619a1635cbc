/* SPDX-License-Identifier: MIT
 *
 * Requests on connections. libwebsockets parses and frames; this module owns one struct
 * http_client a connection, and the requests. A request is apart from its client on
 * purpose: the handler may keep it longer than the client stays.
 *
 *     accept -> client -> headers, body -> request -> handler ... http_answer()
 *                  ^                                                   |
 *                  +---- next request (keep-alive) <---- written <-----+
 */
#include "config.h"

#include "daemon/edge/http_server.h"

#include <errno.h>
#include <libwebsockets.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/http_private.h"
#include "daemon/edge/log.h"

#define TAG HTTP_TAG

#define REQUESTS_MAX 1000 /* on one connection: then the peer makes a new one */

void *http_must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* ---- answering -------------------------------------------------------------------- */

void http_patience_restart(struct http_client *client)
{
	lws_set_timer_usecs(client->wsi, CLIENT_PATIENCE_S * LWS_USEC_PER_SEC);
}

void http_reading_allow(struct http_client *client, bool allow)
{
	(void)lws_rx_flow_control(client->wsi, allow);
}

/* True if the client has sent more than the request that is being answered, and
 * libwebsockets has read that: 4.1 would take it for the next request, but hand over a
 * wrong body with it. Ours is the only context; should bytes of another connection be
 * waiting at this very moment, this one is closed in vain. */
static bool has_sent_more(const struct http_client *client)
{
	return lws_service_adjust_timeout(client->server->context, 1, 0) == 0;
}

/* Returns -1 if the client has gone. */
static int answer_give(struct http_client *client, struct http_answer *answer)
{
	bool closing;

	http_reading_allow(client, true);
	http_patience_restart(client);
	answer->closing |= has_sent_more(client);
	if (http_message_write(client->wsi, answer) < 0)
		return -1;
	/* Closed with bytes unread, the peer would see a reset, perhaps before it reads
	 * the answer: so a refused body is heard out while the patience lasts. */
	if (client->discarding)
		return 0;
	closing = answer->closing || lws_http_transaction_completed(client->wsi);
	if (closing) {
		client->closing = true;
		lws_callback_on_writable(client->wsi);
	}
	return 0;
}

void http_answer(struct http_request *request, int status, const char *content_type,
	const char *body, size_t len)
{
	struct http_client *client = request->client;
	struct http_answer answer = {
		.status = status,
		.content_type = content_type,
		.body = body,
		.len = len,
		.head_only = request->head_only,
	};
	char etag[HTTP_ETAG_LEN];

	if (status == 200 && strcmp(request->method, "GET") == 0) {
		http_message_etag(body, len, etag);
		answer.etag = etag;
		if (http_message_has(request, etag))
			answer.status = 304;
	}
	if (request->tally)
		tally_add(request->tally, answer.status);
	if (client) {
		client->pending = NULL;
		answer.closing =
			client->server->stopping || ++client->requests >= REQUESTS_MAX;
		if (answer_give(client, &answer) < 0)
			lws_set_timeout(
				client->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
	}
	http_request_free(request);
}

/* What the server itself has to say about a request that no handler sees. The rest of
 * what the client sends is not understood any more, so the connection ends. */
__attribute__((format(printf, 5, 6))) static int refuse(struct http_client *client,
	int status, const char *code, const char *hint, const char *format, ...)
{
	char detail[160], body[512];
	struct http_answer answer = {
		.status = status,
		.content_type = "application/problem+json",
		.body = body,
		.closing = true,
	};
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	log_debug(TAG, "refused a request: %s status=%d by=%s", detail, status,
		client->who.actor);
	answer.len = (size_t)snprintf(body, sizeof(body),
		"{\"status\":%d,\"code\":\"%s\",\"title\":\"%s\",\"detail\":\"%s\","
		"\"hint\":\"%s\"}\n",
		status, code, code, detail, hint);
	return answer_give(client, &answer);
}

/* ---- reading a request ------------------------------------------------------------ */

static int refuse_head(struct http_client *client, int status, uint64_t body_len)
{
	switch (status) {
	case 401:
		client->discarding = body_len > 0;
		return refuse(client, status, "token",
			"`wipyctl token NAME ROLE` makes one",
			"this needs a token (Authorization: Bearer TOKEN), and one "
			"that is in the file of tokens");
	case 403:
		client->discarding = body_len > 0;
		return refuse(client, status, "role",
			"roles are given under 'api' in wipyd.yaml",
			"a body of this size needs the role %s",
			body_len > HTTP_BODY_VIEWER_MAX ? "operator" : "viewer");
	case 411:
		return refuse(client, status, "length-required", "",
			"a body must come with a Content-Length");
	case 413:
		client->discarding = true;
		return refuse(client, status, "body-too-large", "",
			"the body is larger than %u bytes", HTTP_BODY_MAX);
	case 414:
		return refuse(client, status, "path-too-long", "",
			"the path is longer than %d bytes or its query than %d",
			HTTP_PATH_LEN - 1, HTTP_QUERY_LEN - 1);
	case 421:
		return refuse(client, status, "unknown-host",
			"ask for 127.0.0.1, [::1] or localhost",
			"the header Host names another machine than this one");
	case 431:
		return refuse(client, status, "header-too-long", "",
			"a header is longer than %d bytes", HTTP_HEADER_LEN - 1);
	case 501:
		return refuse(client, status, "unknown-method", "",
			"this method is not known here");
	default:
		return refuse(client, status, "bad-request", "",
			"this is not a valid request");
	}
}

struct http_request *http_next_whole(struct http_server *server)
{
	struct http_request *request = server->whole;

	if (request) {
		server->whole = request->next;
		if (!server->whole)
			server->whole_end = &server->whole;
	}
	return request;
}

static void hand_over(uv_timer_t *timer)
{
	struct http_server *server = timer->data;
	struct http_request *request;

	while (!server->stopping && (request = http_next_whole(server))) {
		if (request->client)
			server->handler(server->handler_arg, request);
		else
			http_request_free(request);
	}
}

/* The handler is called from the loop, never from within libwebsockets: where it answers
 * at once, 4.1 goes round for ever over requests that were sent in one go. */
static void request_whole(struct http_client *client, struct http_request *request)
{
	struct http_server *server = client->server;

	client->reading = NULL;
	client->pending = request;
	http_reading_allow(client, false);
	/* libwebsockets has started a timeout of its own for the answer. */
	lws_set_timeout(client->wsi, NO_PENDING_TIMEOUT, 0);
	*server->whole_end = request;
	server->whole_end = &request->next;
	uv_timer_start(&server->hand_over, hand_over, 0, 0);
}

static int on_headers(struct http_client *client)
{
	struct http_request *request;
	uint64_t body_len = 0;
	int status, guarded = 0;

	/* A next request while the last answer is still being sent, or owed. */
	if (client->closing || client->discarding || client->pending ||
		client->reading || client->stream)
		return -1;
	/* Asked anew for each: the rules may have changed. */
	if (http_listen_who(&client->door->listener, lws_get_socket_fd(client->wsi),
		    client->server->access, &client->who) < 0)
		return -1;
	request = http_must(calloc(1, sizeof(*request)));
	request->client = client;
	request->who = client->who;
	status = http_message_read(client->wsi, request, &body_len);
	if (status == 0 || status == 413)
		guarded = http_guard(client, &request->who, body_len);
	if (guarded)
		status = guarded;
	if (status) {
		http_request_free(request);
		return refuse_head(client, status, body_len);
	}
	if (body_len == 0) {
		request_whole(client, request);
		return 0;
	}
	request->body_cap = (size_t)body_len;
	request->body = http_must(malloc(request->body_cap + 1));
	client->reading = request;
	http_patience_restart(client);
	if (lws_hdr_total_length(client->wsi, WSI_TOKEN_HTTP_EXPECT) > 0)
		return http_message_continue(client->wsi);
	return 0;
}

static int on_body(struct http_client *client, const void *data, size_t len)
{
	struct http_request *request = client->reading;

	if (!request)
		return 0; /* refused, or a body of no bytes */
	if (len > request->body_cap - request->body_len)
		return -1;
	memcpy(request->body + request->body_len, data, len);
	request->body_len += len;
	return 0;
}

static int on_body_end(struct http_client *client)
{
	struct http_request *request = client->reading;

	if (request) {
		request->body[request->body_len] = '\0';
		request_whole(client, request);
		return 0;
	}
	/* A body of no bytes has been seen as whole with its headers. Otherwise it was
	 * refused and is heard out; or this is not the end but bytes behind it, which 4.1
	 * reports as an end once more, for ever. */
	return client->pending && client->pending->body_cap == 0 ? 0 : -1;
}

/* ---- clients ---------------------------------------------------------------------- */

/* Its connection is closed, though libwebsockets still keeps its struct for a round of
 * the loop: an answer must not touch that any more. */
static void client_closed(struct http_client *client)
{
	if (client->pending)
		client->pending->client = NULL;
	client->pending = NULL;
	http_stream_gone(client);
}

static void client_gone(struct http_client *client)
{
	struct http_door *door = client->door;

	client_closed(client);
	http_request_free(client->reading);
	free(client);
	door->client_count--;
	http_listen_on(door);
}

int http_on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
	void *in, size_t len)
{
	struct http_client *client = wsi ? lws_get_opaque_user_data(wsi) : NULL;

	(void)user;
	if (!client)
		return 0;
	/* libwebsockets knows some ninety reasons; these are of HTTP. */
	switch ((int)reason) {
	case LWS_CALLBACK_HTTP:
		return on_headers(client);
	case LWS_CALLBACK_HTTP_BODY:
		return on_body(client, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return on_body_end(client);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		if (client->closing)
			return -1;
		http_stream_writable(client);
		return 0;
	case LWS_CALLBACK_TIMER:
		if (client->pending || client->stream)
			return 0; /* it is the handler that takes its time */
		log_debug(
			TAG, "a client was too slow, closed by=%s", client->who.actor);
		return -1;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
	case LWS_CALLBACK_RAW_ADOPT: /* CONNECT */
	case LWS_CALLBACK_RAW_RX:
		return -1;
	case LWS_CALLBACK_CLOSED_HTTP:
		client_closed(client);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		lws_set_opaque_user_data(wsi, NULL);
		client_gone(client);
		return 0;
	default:
		return 0;
	}
}
