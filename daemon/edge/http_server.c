/* SPDX-License-Identifier: MIT
 *
 * HTTP over the Unix listener. libwebsockets parses and frames; this module owns the
 * listener, one struct http_client a connection, and the requests. A request is apart
 * from its client on purpose: the handler may keep it longer than the client stays.
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

#include "daemon/edge/http_listen.h"
#include "daemon/edge/http_message.h"
#include "daemon/edge/log.h"

#define TAG "http"

#define HEADERS_MAX 8192 /* all header lines of a request */
/* From the end of one request to the end of the headers of the next, for a body, and for
 * the client to take an answer. The handler has all the time it wants. */
#define CLIENT_PATIENCE_S 30
/* Those of libwebsockets are set out of the way: they start anew with every byte. */
#define LWS_PATIENCE_S (CLIENT_PATIENCE_S * 4)
#define PIECE_LEN      65536 /* read or sent at a time */
#define STOP_LOOK_MS   1
#define RETRY_MS       1000

struct http_server {
	uv_loop_t *loop;
	http_handler_fn handler;
	void *handler_arg;
	struct http_listener listener;
	struct lws_context *context; /* set to NULL by libwebsockets when it is gone */
	struct lws_vhost *vhost;
	size_t client_count;
	uv_poll_t poll;
	uv_timer_t
		timer; /* waits to accept again; or, when stopping, for the context */
	uv_timer_t hand_over;
	struct http_request *whole, **whole_end; /* to be handed over, oldest first */
	int open_handles;
	bool stopping, destroying;
	void (*done)(void *arg);
	void *done_arg;
};

struct http_client {
	struct http_server *server;
	struct lws *wsi;
	uid_t uid;
	struct http_request *reading; /* its body is still coming */
	struct http_request *pending; /* whole: with the handler, or about to be */
	bool discarding;              /* a body that was refused is still coming */
	bool closing;                 /* as soon as it is writeable */
};

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* ---- answering -------------------------------------------------------------------- */

static void patience_restart(struct http_client *client)
{
	lws_set_timer_usecs(client->wsi, CLIENT_PATIENCE_S * LWS_USEC_PER_SEC);
}

/* libwebsockets 4.1 would read on while an answer is owed and take what it finds for the
 * next request: so nothing is read meanwhile. In that state it does not write either. */
static void reading_allow(struct http_client *client, bool allow)
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

	reading_allow(client, true);
	patience_restart(client);
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

	if (client) {
		client->pending = NULL;
		answer.closing = client->server->stopping;
		if (answer_give(client, &answer) < 0)
			lws_set_timeout(
				client->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
	}
	http_request_free(request);
}

/* What the server itself has to say about a request that no handler sees. The rest of
 * what the client sends is not understood any more, so the connection ends. */
__attribute__((format(printf, 4, 5))) static int refuse(struct http_client *client,
	int status, const char *code, const char *format, ...)
{
	char detail[160], body[320];
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
	log_debug(TAG, "refused a request: %s uid=%u status=%d", detail,
		(unsigned)client->uid, status);
	answer.len = (size_t)snprintf(body, sizeof(body),
		"{\"status\":%d,\"code\":\"%s\",\"title\":\"%s\"}\n", status, code,
		detail);
	return answer_give(client, &answer);
}

/* ---- reading a request ------------------------------------------------------------ */

static int refuse_head(struct http_client *client, int status)
{
	switch (status) {
	case 411:
		return refuse(client, status, "length-required",
			"a body must come with a Content-Length");
	case 413:
		client->discarding = true;
		return refuse(client, status, "body-too-large",
			"the body is larger than %u bytes", HTTP_BODY_MAX);
	case 414:
		return refuse(client, status, "path-too-long",
			"the path is longer than %d bytes or its query than %d",
			HTTP_PATH_LEN - 1, HTTP_QUERY_LEN - 1);
	case 501:
		return refuse(client, status, "unknown-method",
			"this method is not known here");
	default:
		return refuse(
			client, status, "bad-request", "this is not a valid request");
	}
}

static struct http_request *next_whole(struct http_server *server)
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

	while (!server->stopping && (request = next_whole(server))) {
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
	reading_allow(client, false);
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
	int status;

	/* A next request while the last answer is still being sent, or owed. */
	if (client->closing || client->discarding || client->pending || client->reading)
		return -1;
	request = must(calloc(1, sizeof(*request)));
	request->client = client;
	request->uid = client->uid;
	status = http_message_read(client->wsi, request, &body_len);
	if (status) {
		http_request_free(request);
		return refuse_head(client, status);
	}
	if (body_len == 0) {
		request_whole(client, request);
		return 0;
	}
	request->body_cap = (size_t)body_len;
	request->body = must(malloc(request->body_cap + 1));
	client->reading = request;
	patience_restart(client);
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

static void accept_waiting(uv_poll_t *poll, int status, int events);

static void listen_on(struct http_server *server)
{
	if (!server->stopping)
		(void)uv_poll_start(&server->poll, UV_READABLE, accept_waiting);
}

static void listen_again(uv_timer_t *timer)
{
	listen_on(timer->data);
}

/* Its connection is closed, though libwebsockets still keeps its struct for a round of
 * the loop: an answer must not touch that any more. */
static void client_closed(struct http_client *client)
{
	if (client->pending)
		client->pending->client = NULL;
	client->pending = NULL;
}

static void client_gone(struct http_client *client)
{
	struct http_server *server = client->server;

	client_closed(client);
	http_request_free(client->reading);
	free(client);
	server->client_count--;
	listen_on(server);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
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
		return client->closing ? -1 : 0;
	case LWS_CALLBACK_TIMER:
		if (client->pending)
			return 0; /* it is the handler that takes its time */
		log_debug(TAG, "a client was too slow, closed uid=%u",
			(unsigned)client->uid);
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

static void client_start(struct http_server *server, int fd, uid_t uid)
{
	lws_adopt_desc_t adopt = {
		.vh = server->vhost,
		.type = LWS_ADOPT_HTTP | LWS_ADOPT_SOCKET,
		.fd.sockfd = fd,
	};
	struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&adopt);
	struct http_client *client;

	if (!wsi) {
		log_warn(TAG, "a connection could not be taken uid=%u", (unsigned)uid);
		return; /* the descriptor is closed */
	}
	client = must(calloc(1, sizeof(*client)));
	client->server = server;
	client->wsi = wsi;
	client->uid = uid;
	server->client_count++;
	lws_set_opaque_user_data(wsi, client);
	patience_restart(client);
}

static void accept_waiting(uv_poll_t *poll, int status, int events)
{
	struct http_server *server = poll->data;
	uid_t uid;
	int fd, r = 0;

	(void)status;
	(void)events;
	while (server->client_count < HTTP_CLIENTS_MAX) {
		r = http_listen_accept(&server->listener, &fd, &uid);
		if (r < 0)
			break;
		client_start(server, fd, uid);
	}
	/* The others wait in the backlog until a client leaves. */
	if (r == 0)
		uv_poll_stop(poll);
	if (r == 0 || r == -EAGAIN)
		return;
	/* Out of descriptors, say: the listener stays readable, so a pause is needed. */
	log_warn(TAG, "cannot accept a connection: %s err=%d", strerror(-r), r);
	uv_poll_stop(poll);
	uv_timer_start(&server->timer, listen_again, RETRY_MS, 0);
}

/* ---- start and stop --------------------------------------------------------------- */

static void on_lws_log(int level, const char *line)
{
	int len = (int)strcspn(line, "\n");

	if (level == LLL_ERR)
		log_warn(TAG, "libwebsockets: %.*s", len, line);
	else
		log_debug(TAG, "libwebsockets: %.*s", len, line);
}

static const struct lws_protocols protocols[] = {
	{.name = "http", .callback = on_event},
	{0},
};

static int context_start(struct http_server *server)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
		.foreign_loops = (void *[]){server->loop},
		.pcontext = &server->context,
		.protocols = protocols,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.max_http_header_data = HEADERS_MAX,
		.max_http_header_pool = HTTP_CLIENTS_MAX,
		.pt_serv_buf_size = PIECE_LEN,
		.fd_limit_per_thread = HTTP_CLIENTS_MAX + 16,
		.timeout_secs = LWS_PATIENCE_S,
		.timeout_secs_ah_idle = LWS_PATIENCE_S,
		.keepalive_timeout = LWS_PATIENCE_S,
		.server_string = "wipyd",
		.vhost_name = "wipyd",
	};

	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, on_lws_log);
	server->context = lws_create_context(&info);
	if (!server->context)
		return -ENOSYS;
	server->vhost = lws_create_vhost(server->context, &info);
	return server->vhost ? 0 : -ENOMEM;
}

static void handle_closed(uv_handle_t *handle)
{
	struct http_server *server = handle->data;

	struct http_request *request;

	if (--server->open_handles > 0)
		return;
	while ((request = next_whole(server)))
		http_request_free(request);
	if (server->done)
		server->done(server->done_arg);
	free(server);
}

struct search {
	const void *owner;
	bool found;
};

static void search_owner(uv_handle_t *handle, void *arg)
{
	struct search *search = arg;

	search->found |= handle->data == search->owner;
}

/* On a loop that is not its own, libwebsockets 4.1 closes its handles but frees the
 * context only in a second lws_context_destroy(), which must not come before the last
 * of them is closed. Those that close last point to the context. */
static void stop_step(uv_timer_t *timer)
{
	struct http_server *server = timer->data;
	struct search search = {.owner = server->context};

	if (server->context && !server->destroying) {
		server->destroying = true;
		lws_context_destroy(server->context);
		return;
	}
	if (server->context) {
		uv_walk(server->loop, search_owner, &search);
		if (!search.found)
			lws_context_destroy(server->context);
	}
	if (!server->context)
		uv_close((uv_handle_t *)timer, handle_closed);
}

void http_server_stop(struct http_server *server, void (*done)(void *arg), void *arg)
{
	server->stopping = true;
	server->done = done;
	server->done_arg = arg;
	/* The context is destroyed from the timer: this may be a call from a handler,
	 * which still wants to answer. */
	uv_timer_start(&server->timer, stop_step, 0, STOP_LOOK_MS);
	uv_close((uv_handle_t *)&server->poll, handle_closed);
	uv_close((uv_handle_t *)&server->hand_over, handle_closed);
	http_listen_close(&server->listener);
}

int http_server_start(uv_loop_t *loop, const char *path, http_handler_fn handler,
	void *arg, struct http_server **ret_server, struct errtext *ret_error)
{
	struct http_server *server = must(calloc(1, sizeof(*server)));
	int r;

	server->loop = loop;
	server->handler = handler;
	server->handler_arg = arg;
	r = http_listen_open(path, &server->listener, ret_error);
	if (r < 0) {
		free(server);
		return r;
	}
	r = uv_poll_init(loop, &server->poll, server->listener.fd);
	if (r < 0) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"cannot watch the socket %s: %s", path, uv_strerror(r));
		http_listen_close(&server->listener);
		free(server);
		return r;
	}
	uv_timer_init(loop, &server->timer);
	uv_timer_init(loop, &server->hand_over);
	server->open_handles = 3;
	server->poll.data = server->timer.data = server->hand_over.data = server;
	server->whole_end = &server->whole;
	r = context_start(server);
	if (r < 0) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"cannot serve HTTP on %s: libwebsockets did not start on "
			"libuv; "
			"install Debian's libwebsockets-evlib-uv",
			path);
		http_server_stop(server, NULL, NULL);
		return r;
	}
	listen_on(server);
	*ret_server = server;
	return 0;
}
