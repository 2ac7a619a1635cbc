/* SPDX-License-Identifier: MIT
 *
 * The sockets of virtual boards. A handle is a place in the board's own short table; a
 * fault can take the socket behind it away without the core noticing.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/port.h"

/* Boards have small windows: a client must see how fast its bytes are taken. The
 * segments have the size of a radio link's, or the loopback's large ones would not fit
 * the window and crawl. */
#define DATA_WINDOW  8192
#define DATA_SEGMENT 1460

void net_watch(struct fleet *fleet, int fd, struct source *source, uint32_t *watched,
	uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = source};
	int how = *watched == 0 ? EPOLL_CTL_ADD
		  : events == 0 ? EPOLL_CTL_DEL
				: EPOLL_CTL_MOD;

	if (*watched == events || fd < 0)
		return;
	if (epoll_ctl(fleet->epoll_fd, how, fd, &event) == 0)
		*watched = events;
}

static struct handle *handle_at(struct hal *hal, int number)
{
	return number >= 0 && number < HANDLES &&
			       hal->handles[number].kind != HANDLE_FREE
		       ? &hal->handles[number]
		       : NULL;
}

static int new_handle(struct hal *hal, enum handle_kind kind, int fd, uint16_t port)
{
	for (int i = 0; i < HANDLES; i++) {
		if (hal->handles[i].kind != HANDLE_FREE)
			continue;
		hal->handles[i] = (struct handle){.kind = kind, .fd = fd, .port = port};
		return i;
	}
	return -ENFILE;
}

void net_apply(struct hal *hal, struct handle *handle)
{
	uint32_t events = (handle->wanted & HAL_NET_IN ? (uint32_t)EPOLLIN : 0) |
			  (handle->wanted & HAL_NET_OUT ? (uint32_t)EPOLLOUT : 0);

	net_watch(hal->fleet, handle->fd, &hal->source, &handle->watched, events);
}

void hal_net_poll(struct hal *hal, int number, unsigned events)
{
	struct handle *handle = handle_at(hal, number);

	if (!handle || handle->wanted == events)
		return;
	handle->wanted = events;
	net_apply(hal, handle);
}

/* ---- how connections end ------------------------------------------------------ */

static void count_reset(struct hal *hal, bool *seen)
{
	if (!*seen)
		hal->client_resets++;
	*seen = true;
}

/* The error that waits at the socket, if it is a reset by the peer. */
static bool has_reset(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 &&
	       (err == ECONNRESET || err == EPIPE);
}

static void abort_fd(int fd)
{
	static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

/* Both sides have ended it and all is acknowledged, or it was reset. */
static bool is_over(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
	       info.tcpi_state == TCP_CLOSE;
}

static void farewell_end(struct farewell *farewell)
{
	struct fleet *fleet = farewell->hal->fleet;

	if (has_reset(farewell->fd))
		count_reset(farewell->hal, &farewell->reset_seen);
	close(farewell->fd);
	if (farewell->previous)
		farewell->previous->next = farewell->next;
	else
		fleet->farewell_first = farewell->next;
	if (farewell->next)
		farewell->next->previous = farewell->previous;
	else
		fleet->farewell_last = farewell->previous;
	free(farewell);
}

static void farewell_event(struct source *source, uint32_t events)
{
	struct farewell *farewell = (struct farewell *)source;
	char bytes[4096];
	ssize_t n;

	(void)events;
	do
		n = recv(farewell->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	while (n > 0);
	if (n < 0 && errno == ECONNRESET)
		count_reset(farewell->hal, &farewell->reset_seen);
	if (is_over(farewell->fd) || (n == 0 && !farewell->peer_ended))
		farewell_end(farewell);
}

void net_linger(struct hal *hal, int fd, bool reset_seen)
{
	struct fleet *fleet = hal->fleet;
	struct farewell *farewell = NULL;
	uint32_t watched = 0;
	char bytes[4096];
	ssize_t n;

	/* closing with bytes unread would send a reset instead of an end */
	do
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	while (n > 0);
	if (n < 0 && errno == ECONNRESET)
		count_reset(hal, &reset_seen);
	if (shutdown(fd, SHUT_WR) == 0 && !is_over(fd))
		farewell = malloc(sizeof(*farewell));
	if (!farewell) {
		if (has_reset(fd))
			count_reset(hal, &reset_seen);
		close(fd);
		return;
	}
	*farewell = (struct farewell){.source.on_event = farewell_event,
		.hal = hal,
		.fd = fd,
		.until_ms = fleet->now_ms + LINGER_MS,
		.reset_seen = reset_seen,
		.peer_ended = n == 0,
		.previous = fleet->farewell_last};
	if (fleet->farewell_last)
		fleet->farewell_last->next = farewell;
	else
		fleet->farewell_first = farewell;
	fleet->farewell_last = farewell;
	/* Edge-triggered: a connection that the peer has ended as well is readable all
	 * the time, and only its last change of state is of interest. */
	net_watch(fleet, fd, &farewell->source, &watched, EPOLLIN | EPOLLET);
}

void net_linger_expire(struct fleet *fleet)
{
	while (fleet->farewell_first &&
		fleet->farewell_first->until_ms <= fleet->now_ms)
		farewell_end(fleet->farewell_first);
}

static void drop_handle(struct hal *hal, struct handle *handle)
{
	net_watch(hal->fleet, handle->fd, &hal->source, &handle->watched, 0);
	handle->kind = HANDLE_FREE;
}

void hal_net_shutdown(struct hal *hal, int number)
{
	struct handle *handle = handle_at(hal, number);

	if (!handle)
		return;
	drop_handle(hal, handle);
	if (handle->fd >= 0)
		net_linger(hal, handle->fd, handle->reset_seen);
}

void hal_net_abort(struct hal *hal, int number)
{
	struct handle *handle = handle_at(hal, number);

	if (!handle)
		return;
	drop_handle(hal, handle);
	if (handle->fd >= 0)
		abort_fd(handle->fd);
}

/* ---- listeners ---------------------------------------------------------------- */

static int open_socket(const struct hal *hal, uint16_t port, int backlog)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
		.sin_addr = hal->address,
		.sin_port = htons(port)};
	int one = 1, window = DATA_WINDOW, segment = DATA_SEGMENT;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (port == hal->fleet->options->pasv_port) {
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
		setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment));
	}
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
		listen(fd, backlog) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

int net_open_listener(struct hal *hal, struct handle *handle)
{
	int fd = open_socket(hal, handle->port, handle->backlog);

	if (fd < 0)
		return fd;
	handle->fd = fd;
	handle->watched = 0;
	net_apply(hal, handle);
	return 0;
}

/* A fleet that cannot listen when it starts says so and ends; later the core tries
 * again. */
static void note_failure(struct hal *hal, uint16_t port, int err)
{
	struct fleet *fleet = hal->fleet;
	char address[INET_ADDRSTRLEN];

	if (fleet->ready || fleet->error < 0)
		return;
	inet_ntop(AF_INET, &hal->address, address, sizeof(address));
	fleet->error = err;
	snprintf(fleet->error_text.text, sizeof(fleet->error_text.text),
		"board %d cannot listen on %s port %u: %s", hal->number, address, port,
		strerror(-err));
}

int hal_net_listen(struct hal *hal, uint16_t port, int backlog)
{
	int number = new_handle(hal, HANDLE_LISTENER, -1, port);
	int err;

	if (number < 0)
		return number;
	hal->handles[number].backlog = backlog;
	if (faults_refuse(hal, port))
		return number;
	err = net_open_listener(hal, &hal->handles[number]);
	if (err < 0) {
		hal->handles[number].kind = HANDLE_FREE;
		note_failure(hal, port, err);
		return err;
	}
	return number;
}

/* Clients that wait are reset with the listener; one that has gone with a reset before
 * it was accepted is counted. */
static void close_listener(struct hal *hal, int fd)
{
	int waiting;

	while ((waiting = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		bool seen = false;

		if (has_reset(waiting))
			count_reset(hal, &seen);
		abort_fd(waiting);
	}
	close(fd);
}

void hal_net_unlisten(struct hal *hal, int number)
{
	struct handle *handle = handle_at(hal, number);

	if (!handle)
		return;
	drop_handle(hal, handle);
	if (handle->fd >= 0)
		close_listener(hal, handle->fd);
}

int hal_net_accept(struct hal *hal, int number)
{
	struct handle *handle = handle_at(hal, number);
	int one = 1;
	int fd, conn;

	if (!handle || handle->fd < 0)
		return -EAGAIN;
	fd = accept4(handle->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return -EAGAIN;
	if (faults_take_client(hal, handle->port, fd))
		return -EAGAIN;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	conn = new_handle(hal, HANDLE_CONN, fd, handle->port);
	if (conn < 0)
		close(fd);
	return conn < 0 ? -EAGAIN : conn;
}

/* ---- bytes -------------------------------------------------------------------- */

static int broken(struct hal *hal, struct handle *handle, int err)
{
	if (err == EAGAIN || err == EWOULDBLOCK || err == EINTR)
		return -EAGAIN;
	if (err == ECONNRESET || err == EPIPE)
		count_reset(hal, &handle->reset_seen);
	return -ECONNRESET;
}

int hal_net_recv(struct hal *hal, int number, void *buf, size_t len)
{
	struct handle *handle = handle_at(hal, number);
	ssize_t n;

	if (!handle || handle->gone)
		return -ECONNRESET;
	len = faults_limit(hal, handle, len);
	n = recv(handle->fd, buf, len, MSG_DONTWAIT);
	if (n < 0)
		return broken(hal, handle, errno);
	/* an end of file may hide a reset that came right behind it */
	if (n == 0 && has_reset(handle->fd))
		count_reset(hal, &handle->reset_seen);
	handle->received_len += (uint64_t)n;
	faults_received(hal, handle);
	return (int)n;
}

int hal_net_send(struct hal *hal, int number, const void *buf, size_t len)
{
	struct handle *handle = handle_at(hal, number);
	ssize_t n;

	if (!handle || handle->gone)
		return -ECONNRESET;
	if (hal->faults & FAULT_SILENT)
		return (int)len;
	n = send(handle->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	return n < 0 ? broken(hal, handle, errno) : (int)n;
}

/* ---- power and faults --------------------------------------------------------- */

void net_park(struct hal *hal)
{
	for (int i = 0; i < HANDLES; i++) {
		struct handle *handle = &hal->handles[i];

		if (handle->kind == HANDLE_FREE)
			continue;
		net_watch(hal->fleet, handle->fd, &hal->source, &handle->watched, 0);
		if (handle->kind == HANDLE_LISTENER)
			hal_net_unlisten(hal, i);
	}
}

void net_abort_all(struct hal *hal)
{
	for (int i = 0; i < HANDLES; i++) {
		if (hal->handles[i].kind == HANDLE_LISTENER)
			hal_net_unlisten(hal, i);
		else if (hal->handles[i].kind == HANDLE_CONN)
			hal_net_abort(hal, i);
	}
}

void net_cut_ftp(struct hal *hal)
{
	const struct options *options = hal->fleet->options;

	for (int i = 0; i < HANDLES; i++) {
		struct handle *handle = &hal->handles[i];

		if (handle->kind != HANDLE_CONN || handle->gone ||
			(handle->port != options->ftp_port &&
				handle->port != options->pasv_port))
			continue;
		net_watch(hal->fleet, handle->fd, &hal->source, &handle->watched, 0);
		net_linger(hal, handle->fd, handle->reset_seen);
		handle->fd = -1;
		handle->gone = true;
	}
}
