/* SPDX-License-Identifier: MIT
 *
 * Probes that are one HTTP GET. Only the status counts; of the body no more is read
 * than a cap. Nothing is followed, no proxy is asked, nothing of the daemon's
 * environment is used.
 *
 * All share one multi handle of libcurl, since that is where it keeps the certificates
 * of authorities: to read them again for each probe would hold up the loop for 20 ms
 * each time. No connection is shared.
 *
 * What libcurl wants watched is a uv_poll_t a socket, and one timer. Its functions
 * call back into ours, so nothing is torn down inside one of those.
 */
#include "config.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/edge/probe_private.h"

#define BODY_MAX 65536

struct probe_web {
	uv_timer_t timer; /* libcurl's */
	CURLM *multi;
};

struct probe_http {
	struct probe_run run;
	struct probe_web *web;
	CURL *easy;
	int status;
	size_t body_len;
	bool capped;
	bool resolved; /* there was an address to connect to */
	bool ours;     /* no socket was to be had */
	char url[2 * PROBE_TEXT_MAX];
};

struct http_socket {
	uv_poll_t poll;
	struct probe_web *web;
	curl_socket_t fd;
};

/* ---- the verdict ------------------------------------------------------------------- */

/* A name without an address says nothing of the board. */
static void late(struct probe_run *run)
{
	if (((struct probe_http *)run)->resolved)
		probe_run_settle(run, PROBE_FAIL, "no answer within %lld ms",
			(long long)run->deadline_ms);
	else
		probe_run_settle(run, PROBE_INCONCLUSIVE,
			"the name did not resolve within %lld ms",
			(long long)run->deadline_ms);
}

static void judge(struct probe_http *probe, CURLcode code)
{
	struct probe_run *run = &probe->run;
	long status = 0, error = 0;

	(void)curl_easy_getinfo(probe->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(probe->easy, CURLINFO_OS_ERRNO, &error);
	if (code == CURLE_OPERATION_TIMEDOUT) {
		late(run); /* the loop was held up, and libcurl's deadline came first */
	} else if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && probe->capped)) {
		if (status == probe->status)
			probe_run_settle(run, PROBE_PASS, "HTTP %ld", status);
		else
			probe_run_settle(run, PROBE_FAIL, "HTTP %ld, expected %d",
				status, probe->status);
	} else if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_FAILED_INIT ||
		   code == CURLE_OUT_OF_MEMORY || probe->ours ||
		   (code == CURLE_COULDNT_CONNECT &&
			   probe_fault_is_ours(-(int)error))) {
		probe_run_settle(
			run, PROBE_INCONCLUSIVE, "%s", curl_easy_strerror(code));
	} else {
		probe_run_settle(run, PROBE_FAIL, "%s", curl_easy_strerror(code));
	}
}

static void look_for_ends(struct probe_web *web)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(web->multi, &left))) {
		CURLcode code = message->data.result;
		char *probe = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &probe);
		judge((struct probe_http *)probe, code);
	}
}

/* ---- what libcurl asks for
 * --------------------------------------------------------- */

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct http_socket *socket = poll->data;
	struct probe_web *web = socket->web;
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
	struct probe_web *web = timer->data;
	int running;

	(void)curl_multi_socket_action(web->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	look_for_ends(web);
}

static void on_poll_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static struct http_socket *new_socket(struct probe_web *web, curl_socket_t fd)
{
	struct http_socket *socket = probe_alloc(sizeof(*socket));

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
	struct http_socket *socket = assigned;
	struct probe_web *web = arg;
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
	struct probe_web *web = arg;

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

static curl_socket_t open_socket(
	void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct probe_http *probe = arg;
	int fd = socket(
		address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	probe->resolved = true;
	probe->ours = fd < 0;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct probe_http *probe = arg;

	(void)data;
	probe->body_len += size * count;
	probe->capped = probe->body_len > BODY_MAX;
	return probe->capped ? 0 : size * count;
}

/* ---- beginning and end ------------------------------------------------------------- */

static void on_web_closed(uv_handle_t *handle)
{
	free(handle->data);
}

struct probe_web *probe_web_new(uv_loop_t *loop)
{
	struct probe_web *web = probe_alloc(sizeof(*web));

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

struct probe_web *probe_web_free(struct probe_web *web)
{
	if (!web)
		return NULL;
	(void)curl_multi_cleanup(web->multi);
	uv_close((uv_handle_t *)&web->timer, on_web_closed);
	return NULL;
}

/* libcurl gives its sockets back in here. */
static void leave(struct probe_run *run)
{
	struct probe_http *probe = (struct probe_http *)run;

	if (probe->easy)
		(void)curl_multi_remove_handle(probe->web->multi, probe->easy);
	curl_easy_cleanup(probe->easy);
	probe->easy = NULL;
	probe_run_close(run);
}

static void kill_it(struct probe_run *run)
{
	(void)run; /* all is on its way out */
}

static void set_up(struct probe_http *probe)
{
	CURL *easy = probe->easy;

	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, probe);
	(void)curl_easy_setopt(easy, CURLOPT_URL, probe->url);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	/* Of the file of certificates one copy is kept, of a folder none. */
	(void)curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "wipyd/" PACKAGE_VERSION);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, probe);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, probe);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
		(long)probe->run.deadline_ms + 1000); /* ours comes first */
#if LIBCURL_VERSION_NUM >= 0x075500
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A name that is being looked up is not waited for. */
	(void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
}

struct probe_run *probe_http_start(uv_loop_t *loop, const struct probe_request *request)
{
	static const struct probe_kind_ops ops = {late, leave, kill_it};
	struct probe_http *probe = probe_alloc(sizeof(*probe));

	probe_run_init(&probe->run, loop, &ops, request->spec->deadline_ms);
	probe->web = request->web;
	probe->status = request->spec->status;
	if (probe_expand(request->spec->text, request->name, request->address, true,
		    probe->url, sizeof(probe->url)) < 0) {
		probe_run_settle(
			&probe->run, PROBE_INCONCLUSIVE, "the URL is too long");
		return &probe->run;
	}
	probe->easy = curl_easy_init();
	if (!probe->easy)
		abort();
	set_up(probe);
	(void)curl_multi_add_handle(probe->web->multi, probe->easy);
	return &probe->run;
}
