/* SPDX-License-Identifier: MIT
 *
 * The HTTP server and raw clients of it on one loop.
 */
#ifndef WIPY_TESTS_HTTP_FIXTURE_H
#define WIPY_TESTS_HTTP_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/edge/http_server.h"
#include "daemon/edge/log.h"
#include "tests/tap.h"

#define HOST      "Host: x\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"

/* ---- the server under test -------------------------------------------------------- */

#define HELD_MAX 128

static char dir[] = "/tmp/wipy-http-XXXXXX";
static char path[64];
static uv_loop_t loop;
static struct access_rules rules;
static struct http_server *server;
static bool stopped;
static struct http_request *held[HELD_MAX];
static size_t held_count;
static size_t handled;
static char *big;
#define BIG_LEN (3u * 1024 * 1024)

static inline const char *text_or(const char *text, const char *other)
{
	return text ? text : other;
}

static inline void answer_echo(struct http_request *request)
{
	char text[2048], me[32];
	size_t len;
	const uint8_t *body = http_body(request, &len);
	int n;

	snprintf(me, sizeof(me), "uid %u", (unsigned)getuid());
	n = snprintf(text, sizeof(text), "%s %s x=%s y=%s uid=%d body=%zu:%.40s",
		http_method(request), http_path(request),
		text_or(http_query(request, "x"), "-"),
		text_or(http_query(request, "y"), "-"),
		strcmp(http_actor(request), me) == 0, len, (const char *)body);

	http_answer(request, 200, "text/plain", text, (size_t)n);
}

/* Set by who tests streams. */
static void (*stream_opener)(struct http_request *request);

static inline void on_request(void *arg, struct http_request *request)
{
	size_t len;
	uint8_t *body;

	(void)arg;
	handled++;
	if (strcmp(http_path(request), "/hold") == 0) {
		held[held_count++] = request;
	} else if (stream_opener && strcmp(http_path(request), "/stream") == 0) {
		stream_opener(request);
	} else if (strcmp(http_path(request), "/big") == 0) {
		http_answer(request, 200, "text/plain", big, BIG_LEN);
	} else if (strcmp(http_path(request), "/none") == 0) {
		http_answer(request, 204, "text/plain", NULL, 0);
	} else if (strcmp(http_path(request), "/missing") == 0) {
		http_answer(request, 404, "application/problem+json", "{}", 2);
	} else if (strcmp(http_path(request), "/take") == 0) {
		body = http_take_body(request, &len);
		http_answer(request, 201, "text/plain", (const char *)body, len);
		free(body);
	} else {
		answer_echo(request);
	}
}

static inline void release_held(void)
{
	for (size_t i = 0; i < held_count; i++)
		answer_echo(held[i]);
	held_count = 0;
}

static inline void on_stopped(void *arg)
{
	(void)arg;
	stopped = true;
}

static inline int start(struct errtext *ret_error)
{
	const struct http_config config = {.path = path, .access = &rules};

	rules.own_uid = getuid();
	rules.own_gid = getgid();
	if (uv_loop_init(&loop) < 0)
		abort();
	stopped = false;
	return http_server_start(&loop, &config, on_request, NULL, &server, ret_error);
}

static inline void stop(const char *name)
{
	http_server_stop(server, on_stopped, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	OK(stopped, name);
	EQ_INT(uv_loop_close(&loop), 0, name);
}

/* ---- raw clients ------------------------------------------------------------------ */

struct peer {
	int fd;
	bool ended; /* end of file or reset */
	size_t len;
	char *got; /* NUL-terminated */
};

static inline void peer_open(struct peer *peer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*peer = (struct peer){.got = calloc(1, 1)};
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	peer->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (connect(peer->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		peer->ended = true;
}

static inline void peer_close(struct peer *peer)
{
	close(peer->fd);
	free(peer->got);
}

static inline bool peer_read(struct peer *peer)
{
	char piece[65536];
	ssize_t n = peer->ended ? 0 : recv(peer->fd, piece, sizeof(piece), 0);

	if (n > 0) {
		peer->got = realloc(peer->got, peer->len + (size_t)n + 1);
		memcpy(peer->got + peer->len, piece, (size_t)n);
		peer->len += (size_t)n;
		peer->got[peer->len] = '\0';
		return true;
	}
	if (n == 0 || errno != EAGAIN)
		peer->ended = true;
	return false;
}

/* Runs the loop until it would wait. False: it never would, so it burns the processor. */
static inline bool settle(void)
{
	struct pollfd backend = {.fd = uv_backend_fd(&loop), .events = POLLIN};
	int quiet = 0;

	for (int i = 0; i < 2000 && quiet < 3; i++) {
		uv_run(&loop, UV_RUN_NOWAIT);
		uv_update_time(&loop);
		quiet = uv_backend_timeout(&loop) != 0 && poll(&backend, 1, 0) == 0
				? quiet + 1
				: 0;
	}
	return quiet == 3;
}

/* Runs the loop and reads until nothing moves any more. */
static inline bool drain(struct peer *peer)
{
	bool quiet;

	do
		quiet = settle();
	while (peer_read(peer));
	return quiet;
}

static inline bool peer_send(struct peer *peer, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(peer->fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			if (!settle())
				return false;
			continue;
		}
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return settle();
}

static inline bool peer_says(struct peer *peer, const char *text)
{
	return peer_send(peer, text, strlen(text));
}

static inline int peer_status(const struct peer *peer)
{
	return strncmp(peer->got, "HTTP/1.", 7) == 0 ? atoi(peer->got + 9) : 0;
}

static inline const char *peer_body(const struct peer *peer)
{
	const char *end = strstr(peer->got, "\r\n\r\n");

	return end ? end + 4 : "";
}

static inline int count_of(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

/* Before all else: a folder for the socket, and a long answer. */
static inline void begin(void)
{
	log_init(getenv("WIPY_TEST_DEBUG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR, false);
	if (!mkdtemp(dir))
		abort();
	snprintf(path, sizeof(path), "%s/sock", dir);
	big = malloc(BIG_LEN);
	memset(big, 'b', BIG_LEN);
}

static inline int end(void)
{
	free(big);
	rmdir(dir);
	return tap_done();
}

#endif
