/* SPDX-License-Identifier: MIT
 *
 * A peer for the tests of the network adapters: it listens on a port of the kernel's
 * choice on the loopback, takes one connection on the test's own loop and goes through a
 * list of steps. It notes what the client did: the bytes, the end of file, a reset.
 */
#ifndef WIPY_TESTS_SCRIPTED_PEER_H
#define WIPY_TESTS_SCRIPTED_PEER_H

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "tests/tap.h"

enum peer_do {
	PEER_END,    /* look for FIN or reset, close everything */
	PEER_SAY,    /* send text */
	PEER_EXPECT, /* wait for exactly this text */
	PEER_WAIT,   /* n ms, without reading */
	PEER_EOF,    /* read until the client's end of file */
	PEER_TAKE,   /* read at least n bytes of the image; 0: to the end of file */
	PEER_FLOOD, /* send n blocks of PEER_BLOCK bytes, or until the client is gone */
	PEER_SHUT,  /* send the end of file, go on reading */
	PEER_RESET, /* close with a reset; ends the script */
	PEER_PASV,  /* send a 227 with the port `named` */
	PEER_AWAIT, /* wait until `other` has ended; n 1: until it was sent the end of file */
	PEER_CALL, /* call `call` */
};

#define PEER_BLOCK  65536
#define WATCHDOG_MS 30000

struct peer_step {
	enum peer_do what;
	const char *text;
	int n;
};

#define END                                                                            \
	{                                                                              \
		PEER_END, NULL, 0                                                      \
	}
#define SAY(text)                                                                      \
	{                                                                              \
		PEER_SAY, text, 0                                                      \
	}
#define EXPECT(text)                                                                   \
	{                                                                              \
		PEER_EXPECT, text, 0                                                   \
	}
#define WAIT(ms)                                                                       \
	{                                                                              \
		PEER_WAIT, NULL, ms                                                    \
	}
#define TO_EOF                                                                         \
	{                                                                              \
		PEER_EOF, NULL, 0                                                      \
	}
#define TAKE(n)                                                                        \
	{                                                                              \
		PEER_TAKE, NULL, n                                                     \
	}
#define SHUT                                                                           \
	{                                                                              \
		PEER_SHUT, NULL, 0                                                     \
	}
#define AWAIT_END                                                                      \
	{                                                                              \
		PEER_AWAIT, NULL, 0                                                    \
	}
#define AWAIT_EOF                                                                      \
	{                                                                              \
		PEER_AWAIT, NULL, 1                                                    \
	}
#define CALL                                                                           \
	{                                                                              \
		PEER_CALL, NULL, 0                                                     \
	}
#define RESET                                                                          \
	{                                                                              \
		PEER_RESET, NULL, 0                                                    \
	}
#define PASV                                                                           \
	{                                                                              \
		PEER_PASV, NULL, 0                                                     \
	}
#define FLOOD(blocks)                                                                  \
	{                                                                              \
		PEER_FLOOD, NULL, blocks                                               \
	}
/* A label is longer than the 63 bytes that DNS allows: it never leaves the machine. */
#define UNKNOWN_NAME                                                                   \
	"a-board-whose-name-is-so-long-that-no-resolver-would-ask-anybody-about-it."   \
	"invalid"

#define SCRIPT(name, ...) static const struct peer_step name[] = {__VA_ARGS__}

struct peer {
	uv_tcp_t listener;
	uv_tcp_t client;
	uv_timer_t timer;
	uv_write_t write;
	uv_shutdown_t shutdown;
	const struct peer_step *step;
	struct peer
		*other; /* PASV, AWAIT: the data peer; its own `other` waits for it */
	void (*call)(void *arg);
	void *arg;
	const uint8_t *image; /* TAKE compares with it */
	size_t image_len;
	uint16_t port;
	uint16_t named; /* PASV: the port in the 227 */
	int open;       /* handles */
	size_t got_len;
	char got[1024];
	size_t taken_len;
	bool accepted;
	bool same; /* all bytes taken were those of the image */
	bool waiting, waited, writing, wrote;
	bool ended;    /* read to the end of file */
	bool fin;      /* the client had closed its side when the script ended */
	bool reset;    /* the client sent a reset */
	bool mismatch; /* the client did not say what was expected */
	bool done;
};

static void peer_run(struct peer *peer);

static void peer_on_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;

	peer->open--;
}

static void peer_close_all(struct peer *peer)
{
	if (peer->done)
		return;
	peer->done = true;
	uv_close((uv_handle_t *)&peer->timer, peer_on_closed);
	uv_close((uv_handle_t *)&peer->listener, peer_on_closed);
	if (peer->accepted && !uv_is_closing((uv_handle_t *)&peer->client))
		uv_close((uv_handle_t *)&peer->client, peer_on_closed);
	if (peer->other && !peer->other->done)
		peer_run(peer->other);
}

/* A reset that came after the end of file shows only as the socket's error. */
static void peer_judge(struct peer *peer)
{
	uv_os_fd_t fd;
	int err = 0;
	socklen_t len = sizeof(err);
	char byte;

	if (uv_fileno((uv_handle_t *)&peer->client, &fd))
		return;
	(void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len);
	peer->reset |= err != 0;
	if (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0)
		peer->fin = true;
	else if (errno == ECONNRESET)
		peer->reset = true;
	peer->fin |= peer->ended;
}

static void peer_on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
	static char buf[PEER_BLOCK];

	(void)handle;
	(void)suggested;
	*ret_buf = uv_buf_init(buf, sizeof(buf));
}

static void peer_on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct peer *peer = stream->data;
	size_t len = n > 0 ? (size_t)n : 0;

	if (n < 0) {
		peer->ended = true;
		peer->reset |= n == UV_ECONNRESET;
	} else if (peer->step->what == PEER_TAKE) {
		peer->same &=
			peer->taken_len + len <= peer->image_len &&
			memcmp(peer->image + peer->taken_len, buf->base, len) == 0;
		peer->taken_len += len;
	} else if (len <= sizeof(peer->got) - peer->got_len) {
		memcpy(peer->got + peer->got_len, buf->base, len);
		peer->got_len += len;
	}
	(void)uv_read_stop(stream);
	if (peer->ended && peer->other)
		peer_run(peer->other);
	peer_run(peer);
}

static void peer_on_timer(uv_timer_t *timer)
{
	struct peer *peer = timer->data;

	peer->waiting = false;
	peer->waited = true;
	peer_run(peer);
}

static void peer_on_written(uv_write_t *write, int status)
{
	struct peer *peer = write->data;

	peer->writing = false;
	peer->wrote = true;
	peer->reset |= status == UV_ECONNRESET || status == UV_EPIPE;
	if (!peer->done)
		peer_run(peer);
}

static bool peer_wait(struct peer *peer)
{
	if (peer->waited) {
		peer->waited = false;
		return true;
	}
	if (!peer->waiting)
		uv_timer_start(&peer->timer, peer_on_timer, (uint64_t)peer->step->n, 0);
	peer->waiting = true;
	return false;
}

static bool peer_flood(struct peer *peer)
{
	static char block[PEER_BLOCK];
	uv_buf_t bufs[64];

	if (peer->wrote) {
		peer->wrote = false;
		return true;
	}
	if (peer->writing)
		return false;
	memset(block, 'x', sizeof(block));
	for (int i = 0; i < peer->step->n; i++)
		bufs[i] = uv_buf_init(block, sizeof(block));
	peer->writing = true;
	peer->write.data = peer;
	return uv_write(&peer->write, (uv_stream_t *)&peer->client, bufs,
		       (unsigned)peer->step->n, peer_on_written) != 0;
}

/* Only as much as is asked for is taken from the buffer: the rest is for the next. */
static bool peer_expect(struct peer *peer)
{
	size_t want_len = strlen(peer->step->text);

	if (peer->got_len < want_len && !peer->ended)
		return false;
	if (peer->got_len < want_len ||
		memcmp(peer->got, peer->step->text, want_len) != 0) {
		printf("# expected \"%s\", got \"%.*s\"\n", peer->step->text,
			(int)peer->got_len, peer->got);
		peer->mismatch = true;
		peer_judge(peer);
		peer_close_all(peer);
		return false;
	}
	peer->got_len -= want_len;
	memmove(peer->got, peer->got + want_len, peer->got_len);
	return true;
}

static void peer_say(struct peer *peer, const char *text)
{
	uv_buf_t buf = uv_buf_init((char *)text, (unsigned)strlen(text));

	if (uv_try_write((uv_stream_t *)&peer->client, &buf, 1) < 0)
		peer->reset = true;
}

static void peer_pasv(struct peer *peer)
{
	char text[64];

	snprintf(text, sizeof(text), "227 (0,0,0,0,%d,%d)\r\n", peer->named / 256,
		peer->named % 256);
	peer_say(peer, text);
}

static void peer_on_shut(uv_shutdown_t *req, int status)
{
	(void)req;
	(void)status;
}

/* True when the step is through. */
static bool peer_do_step(struct peer *peer)
{
	switch (peer->step->what) {
	case PEER_END:
		peer_judge(peer);
		peer_close_all(peer);
		return false;
	case PEER_SAY:
		peer_say(peer, peer->step->text);
		return true;
	case PEER_EXPECT:
		return peer_expect(peer);
	case PEER_WAIT:
		return peer_wait(peer);
	case PEER_EOF:
		return peer->ended;
	case PEER_TAKE:
		return peer->ended ||
		       (peer->step->n > 0 && peer->taken_len >= (size_t)peer->step->n);
	case PEER_FLOOD:
		return peer_flood(peer);
	case PEER_SHUT:
		uv_shutdown(
			&peer->shutdown, (uv_stream_t *)&peer->client, peer_on_shut);
		return true;
	case PEER_RESET:
		uv_tcp_close_reset(&peer->client, peer_on_closed);
		peer_close_all(peer);
		return false;
	case PEER_PASV:
		peer_pasv(peer);
		return true;
	case PEER_AWAIT:
		return peer->other->done || (peer->step->n && peer->other->ended);
	case PEER_CALL:
		peer->call(peer->arg);
		return true;
	}
	return false;
}

static void peer_run(struct peer *peer)
{
	while (!peer->done && peer->accepted && peer_do_step(peer))
		peer->step++;
	if (peer->done || !peer->accepted || peer->ended)
		return;
	if (peer->step->what == PEER_EXPECT || peer->step->what == PEER_EOF ||
		peer->step->what == PEER_TAKE)
		(void)uv_read_start(
			(uv_stream_t *)&peer->client, peer_on_alloc, peer_on_read);
}

static void peer_on_connection(uv_stream_t *listener, int status)
{
	struct peer *peer = listener->data;

	if (status || peer->accepted)
		return;
	uv_tcp_init(listener->loop, &peer->client);
	peer->client.data = peer;
	peer->open++;
	peer->accepted = true;
	if (uv_accept(listener, (uv_stream_t *)&peer->client))
		peer->mismatch = true;
	peer_run(peer);
}

/* Listens on `address`, a literal; `receive` > 0 sets a small receive buffer. Returns
 * false where the machine has no such address. */
static bool peer_listen(struct peer *peer, uv_loop_t *loop, const char *address,
	const struct peer_step *script, int receive)
{
	struct sockaddr_storage at;
	int len = sizeof(at);
	int err;

	memset(&at, 0, sizeof(at));
	if (uv_ip4_addr(address, 0, (struct sockaddr_in *)&at))
		uv_ip6_addr(address, 0, (struct sockaddr_in6 *)&at);
	peer->step = script;
	peer->same = true;
	uv_timer_init(loop, &peer->timer);
	uv_tcp_init(loop, &peer->listener);
	peer->timer.data = peer->listener.data = peer;
	peer->open = 2;
	err = uv_tcp_bind(&peer->listener, (struct sockaddr *)&at, 0);
	if (!err && receive)
		err = uv_recv_buffer_size((uv_handle_t *)&peer->listener, &receive);
	if (!err)
		err = uv_listen((uv_stream_t *)&peer->listener, 4, peer_on_connection);
	if (!err)
		err = uv_tcp_getsockname(&peer->listener, (struct sockaddr *)&at, &len);
	peer->port = ntohs(((struct sockaddr_in *)&at)->sin_port);
	if (err)
		peer_close_all(peer);
	return !err;
}

enum place {
	NOWHERE,  /* port 0: not asked */
	REFUSING, /* bound, not listening */
	FULL,     /* listening, its queue is full: no answer to a SYN */
	PEER,
};

/* One end of a case: a peer, or what stands in its place. */
struct spot {
	enum place place;
	struct peer peer; /* its port holds in every case */
	int fd;
	int filler[2]; /* connections that fill the queue of a FULL port */
};

/* Bound, so that nobody else gets the port. */
static int spot_bind(uint16_t *ret_port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
		getsockname(fd, (struct sockaddr *)&at, &len))
		return -1;
	*ret_port = ntohs(at.sin_port);
	return fd;
}

static void spot_fill_queue(struct spot *spot)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons(spot->peer.port)};

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)listen(spot->fd, 0);
	for (size_t i = 0; i < 2; i++) {
		spot->filler[i] =
			socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(spot->filler[i], (struct sockaddr *)&at, sizeof(at));
	}
}

/* A zeroed spot becomes what `place` says. False where the machine has no such address. */
static bool spot_open(struct spot *spot, uv_loop_t *loop, enum place place,
	const struct peer_step *script, const char *address, int receive)
{
	spot->place = place;
	spot->fd = spot->filler[0] = spot->filler[1] = -1;
	if (place == PEER)
		return peer_listen(&spot->peer, loop, address, script, receive);
	spot->peer.done = true;
	if (place != NOWHERE)
		spot->fd = spot_bind(&spot->peer.port);
	if (place == FULL)
		spot_fill_queue(spot);
	return true;
}

/* The client is through: a peer with a connection goes on to the end of its script. */
static void spot_leave(struct spot *spot)
{
	int *const fds[] = {&spot->fd, &spot->filler[0], &spot->filler[1]};

	if (!spot->peer.done && !spot->peer.accepted)
		peer_close_all(&spot->peer);
	for (size_t i = 0; spot->place != PEER && i < 3; i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

/* Ends the program when something hangs. Does not keep the loop alive. */
static void watchdog_on_timer(uv_timer_t *timer)
{
	(void)timer;
	tap_ok(false, "everything is over within %d ms", WATCHDOG_MS);
	exit(tap_done());
}

static void watchdog_start(uv_loop_t *loop, uv_timer_t *timer)
{
	uv_timer_init(loop, timer);
	uv_timer_start(timer, watchdog_on_timer, WATCHDOG_MS, 0);
	uv_unref((uv_handle_t *)timer);
}

#endif
