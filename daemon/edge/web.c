/* SPDX-License-Identifier: MIT
 *
 * What libcurl wants watched is a uv_poll_t a socket, and one timer. Its functions call
 * back into ours, so nothing is torn down inside one of those.
 */
#include "config.h"

#include "daemon/edge/web.h"

#include <stdlib.h>

struct web {
	uv_timer_t timer; /* libcurl's */
	CURLM *multi;
};

struct web_socket {
	uv_poll_t poll;
	struct web *web;
	curl_socket_t fd;
};

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void look_for_ends(struct web *web)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(web->multi, &left))) {
		CURLcode code = message->data.result;
		char *private = NULL;
		struct web_transfer *transfer;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(
			message->easy_handle, CURLINFO_PRIVATE, &private);
		transfer = (void *)private;
		transfer->done(transfer, code);
	}
}

/* ---- what libcurl asks for -------------------------------------------------------- */

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct web_socket *socket = poll->data;
	struct web *web = socket->web;
	int flags = 0, running;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	(void)curl_multi_socket_action(web->multi, socket->fd, flags, &running);
	look_for_ends(web);
}

static void on_timer(uv_timer_t *timer)
{
	struct web *web = timer->data;
	int running;

	(void)curl_multi_socket_action(web->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	look_for_ends(web);
}

static void on_poll_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static struct web_socket *new_socket(struct web *web, curl_socket_t fd)
{
	struct web_socket *socket = must(calloc(1, sizeof(*socket)));

	if (uv_poll_init_socket(web->timer.loop, &socket->poll, fd) < 0) {
		free(socket);
		return NULL;
	}
	socket->poll.data = socket;
	socket->web = web;
	socket->fd = fd;
	(void)curl_multi_assign(web->multi, fd, socket);
	return socket;
}

static int on_want_socket(
	CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct web_socket *socket = assigned;
	struct web *web = arg;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (socket)
			uv_close((uv_handle_t *)&socket->poll, on_poll_closed);
		(void)curl_multi_assign(web->multi, fd, NULL);
		return 0;
	}
	if (!socket)
		socket = new_socket(web, fd);
	if (!socket)
		return 0; /* the deadline ends it */
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	(void)uv_poll_start(&socket->poll, events, on_poll);
	return 0;
}

/* At 0 ms too it comes in a later turn: not from within libcurl. */
static int on_want_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct web *web = arg;

	(void)multi;
	if (uv_is_closing((uv_handle_t *)&web->timer))
		return 0;
	if (timeout_ms < 0)
		(void)uv_timer_stop(&web->timer);
	else
		(void)uv_timer_start(&web->timer, on_timer,
			timeout_ms > 0 ? (uint64_t)timeout_ms : 1, 0);
	return 0;
}

static void on_web_closed(uv_handle_t *handle)
{
	free(handle->data);
}

struct web *web_new(uv_loop_t *loop)
{
	struct web *web = must(calloc(1, sizeof(*web)));

	web->multi = curl_multi_init();
	if (!web->multi)
		abort();
	(void)uv_timer_init(loop, &web->timer);
	web->timer.data = web;
	(void)curl_multi_setopt(web->multi, CURLMOPT_SOCKETFUNCTION, on_want_socket);
	(void)curl_multi_setopt(web->multi, CURLMOPT_SOCKETDATA, web);
	(void)curl_multi_setopt(web->multi, CURLMOPT_TIMERFUNCTION, on_want_timer);
	(void)curl_multi_setopt(web->multi, CURLMOPT_TIMERDATA, web);
	(void)curl_multi_setopt(web->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	return web;
}

struct web *web_free(struct web *web)
{
	if (!web)
		return NULL;
	(void)curl_multi_cleanup(web->multi);
	uv_close((uv_handle_t *)&web->timer, on_web_closed);
	return NULL;
}

void web_start(struct web *web, CURL *easy, struct web_transfer *transfer)
{
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Of the file of certificates one copy is kept, of a folder none. */
	(void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "wipyd/" PACKAGE_VERSION);
#if LIBCURL_VERSION_NUM >= 0x075500
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A name that is being looked up is not waited for. */
	(void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	(void)curl_multi_add_handle(web->multi, easy);
}

void web_stop(struct web *web, CURL *easy)
{
	(void)curl_multi_remove_handle(web->multi, easy);
}
