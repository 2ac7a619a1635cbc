/* SPDX-License-Identifier: MIT
 *
 * Answers without an end. One piece is on its way at a time, so a client that does not
 * keep up holds no more than that; where it stands is known to who sends. The body ends
 * with the connection: a length, or pieces of HTTP's own, would tell nobody more.
 *
 * While a request is being answered libwebsockets 4.1 does not read: told to, it hears of
 * bytes, or of the end, and leaves them where they are, for ever. So it is told to only
 * while it has bytes to send, which it does not do otherwise; and the socket is watched
 * through a descriptor of our own. A client that leaves, or says another word, is closed.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/edge/http_private.h"
#include "daemon/edge/log.h"

struct http_stream {
	struct http_client *client;
	struct http_server *server;
	struct http_stream *next, **at; /* among those of the server */
	const struct http_stream_calls *calls;
	void *arg;
	uv_poll_t watch; /* of our own descriptor of the client's socket */
	uv_timer_t timer;
	int fd, open_handles;
	bool sending, closing;
};

static void on_watch(uv_poll_t *watch, int status, int events);

/* `more`: UV_WRITABLE, or 0. */
static void watch_for(struct http_stream *stream, int more)
{
	(void)uv_poll_start(
		&stream->watch, UV_READABLE | UV_DISCONNECT | more, on_watch);
}

/* Closed at once libwebsockets would first try to send what it still has of a piece, for
 * as long as that takes; of its timeout, which is over already, it has to be told. */
static void stream_kill(struct http_stream *stream)
{
	uv_poll_stop(&stream->watch);
	uv_timer_stop(&stream->timer);
	lws_set_timeout(
		stream->client->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	lws_cancel_service(stream->server->context);
}

static void on_time(uv_timer_t *timer)
{
	struct http_stream *stream = timer->data;

	if (!stream->sending) {
		stream->calls->idle(stream->arg);
		return;
	}
	log_debug(HTTP_TAG, "a client takes nothing of a stream, closed by=%s",
		stream->client->who.actor);
	stream_kill(stream);
}

static void wait_for(struct http_stream *stream, unsigned seconds)
{
	uv_timer_start(&stream->timer, on_time, seconds * UINT64_C(1000),
		HTTP_STREAM_IDLE_S * UINT64_C(1000));
}

/* What was sent has left this process. */
static void drained(struct http_stream *stream)
{
	stream->sending = false;
	watch_for(stream, 0);
	wait_for(stream, HTTP_STREAM_IDLE_S);
	stream->calls->drained(stream->arg);
}

static void on_watch(uv_poll_t *watch, int status, int events)
{
	struct http_stream *stream = watch->data;

	if (status < 0 || stream->closing || (events & (UV_READABLE | UV_DISCONNECT)))
		stream_kill(stream);
	else if (stream->sending)
		drained(stream);
}

/* ---- beginning -------------------------------------------------------------------- */

static void refuse(
	struct http_request *request, int status, const char *code, const char *detail)
{
	char body[320];
	int n = snprintf(body, sizeof(body),
		"{\"status\":%d,\"code\":\"%s\",\"title\":\"%s\",\"detail\":\"%s\","
		"\"hint\":\"\"}\n",
		status, code, code, detail);

	http_answer(request, status, "application/problem+json", body, (size_t)n);
}

static struct http_stream *stream_new(struct http_client *client)
{
	struct http_stream *stream = http_must(calloc(1, sizeof(*stream)));
	struct http_server *server = client->server;

	stream->fd = fcntl(lws_get_socket_fd(client->wsi), F_DUPFD_CLOEXEC, 0);
	if (stream->fd < 0 ||
		uv_poll_init(server->loop, &stream->watch, stream->fd) < 0) {
		if (stream->fd >= 0)
			close(stream->fd);
		free(stream);
		return NULL;
	}
	stream->client = client;
	stream->server = server;
	(void)uv_timer_init(server->loop, &stream->timer);
	stream->watch.data = stream->timer.data = stream;
	stream->open_handles = 2;
	server->open_handles += 2;
	client->stream = stream;
	stream->next = server->streams;
	stream->at = &server->streams;
	if (stream->next)
		stream->next->at = &stream->next;
	server->streams = stream;
	/* It has a place of its own. */
	client->door->stream_count++;
	client->door->client_count--;
	http_listen_on(client->door);
	return stream;
}

static int send_head(struct http_client *client, const char *content_type)
{
	const struct http_answer head = {
		.status = 200,
		.content_type = content_type,
		.closing = true,
		.endless = true,
	};

	return http_message_write(client->wsi, &head);
}

struct http_stream *http_stream_open(struct http_request *request,
	const char *content_type, const struct http_stream_calls *calls, void *arg)
{
	struct http_client *client = request->client;
	struct http_stream *stream;

	if (request->head_only) {
		http_answer(request, 200, content_type, "", 0);
		return NULL;
	}
	if (!client || client->door->stream_count >= HTTP_STREAMS_MAX) {
		refuse(request, 503, "too-many-subscribers",
			"as many as can be are being told of events already: try again "
			"later");
		return NULL;
	}
	stream = stream_new(client);
	if (!stream) {
		refuse(request, 503, "too-many-subscribers",
			"wipyd has no descriptor left for a stream: try again later");
		return NULL;
	}
	stream->calls = calls;
	stream->arg = arg;
	client->pending = NULL;
	if (request->tally)
		tally_add(request->tally, 200);
	http_request_free(request);
	stream->closing = send_head(client, content_type) < 0;
	watch_for(stream, stream->closing ? UV_WRITABLE : 0);
	wait_for(stream, HTTP_STREAM_IDLE_S);
	return stream;
}

void http_stream_send(struct http_stream *stream, const char *text, size_t len)
{
	struct http_client *client = stream->client;
	uint8_t *buffer = http_must(malloc(LWS_PRE + len));
	int r;

	memcpy(buffer + LWS_PRE, text, len);
	r = lws_write(client->wsi, buffer + LWS_PRE, len, LWS_WRITE_HTTP);
	free(buffer);
	stream->sending = true;
	stream->closing |= r < 0;
	wait_for(stream, CLIENT_PATIENCE_S);
	if (stream->closing || !lws_partial_buffered(client->wsi)) {
		watch_for(stream, UV_WRITABLE);
		return;
	}
	http_reading_allow(client, true);
	lws_callback_on_writable(client->wsi);
}

void http_stream_close(struct http_stream *stream)
{
	stream->closing = true;
	watch_for(stream, UV_WRITABLE);
}

void http_streams_close(struct http_server *server)
{
	for (struct http_stream *at = server->streams; at; at = at->next)
		http_stream_close(at);
}

/* ---- from libwebsockets ----------------------------------------------------------- */

void http_stream_writable(struct http_client *client)
{
	struct http_stream *stream = client->stream;

	if (!stream || !stream->sending || stream->closing)
		return;
	if (lws_partial_buffered(client->wsi)) {
		lws_callback_on_writable(client->wsi);
		return;
	}
	http_reading_allow(client, false);
	drained(stream);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct http_stream *stream = handle->data;
	struct http_server *server = stream->server;

	if (--stream->open_handles == 0) {
		close(stream->fd);
		free(stream);
	}
	http_handle_closed(server);
}

void http_stream_gone(struct http_client *client)
{
	struct http_stream *stream = client->stream;

	if (!stream)
		return;
	client->stream = NULL;
	*stream->at = stream->next;
	if (stream->next)
		stream->next->at = stream->at;
	client->door->stream_count--;
	client->door->client_count++; /* until libwebsockets frees it */
	uv_close((uv_handle_t *)&stream->watch, on_handle_closed);
	uv_close((uv_handle_t *)&stream->timer, on_handle_closed);
	stream->calls->gone(stream->arg);
}
