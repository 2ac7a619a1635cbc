/* SPDX-License-Identifier: MIT
 *
 * Probes that are one HTTP GET. Only the status counts; of the body no more is read
 * than a cap. Nothing is followed, no proxy is asked, nothing of the daemon's
 * environment is used.
 */
#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/edge/probe_private.h"
#include "daemon/edge/web.h"

#define BODY_MAX 65536

struct probe_http {
	struct probe_run run;
	struct web_transfer transfer;
	struct web *web;
	CURL *easy;
	int status;
	size_t body_len;
	bool capped;
	bool resolved; /* there was an address to connect to */
	bool ours;     /* no socket was to be had */
	char url[2 * PROBE_TEXT_MAX];
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

static void on_done(struct web_transfer *transfer, CURLcode code)
{
	judge((struct probe_http *)((char *)transfer -
				    offsetof(struct probe_http, transfer)),
		code);
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

/* libcurl gives its sockets back in here. */
static void leave(struct probe_run *run)
{
	struct probe_http *probe = (struct probe_http *)run;

	if (probe->easy)
		web_stop(probe->web, probe->easy);
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

	(void)curl_easy_setopt(easy, CURLOPT_URL, probe->url);
	(void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, probe);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, probe);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
		(long)probe->run.deadline_ms + 1000); /* ours comes first */
}

struct probe_run *probe_http_start(uv_loop_t *loop, const struct probe_request *request)
{
	static const struct probe_kind_ops ops = {late, leave, kill_it};
	struct probe_http *probe = probe_alloc(sizeof(*probe));

	probe_run_init(&probe->run, loop, &ops, request->spec->deadline_ms);
	probe->web = request->web;
	probe->transfer.done = on_done;
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
	web_start(probe->web, probe->easy, &probe->transfer);
	return &probe->run;
}
