/* SPDX-License-Identifier: MIT
 *
 * Sockets to a board.
 */
#include "config.h"

#include "cli/board_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LEAVE_MS    1000
#define DRAIN_MAX   65536
#define SEND_BUFFER 32768 /* small, so that what is counted as sent is nearly there */

int64_t board_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_connected(int fd, int wait_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int err = 0, ready;

	do {
		ready = poll(&poll_fd, 1, wait_ms);
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -errno;
	if (ready == 0)
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return -err;
}

int board_connect_begin(const struct sockaddr *to, socklen_t to_len)
{
	int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err, buffer = SEND_BUFFER;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	if (connect(fd, to, to_len) == 0 || errno == EINPROGRESS)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int connect_to(const struct sockaddr *to, socklen_t to_len, int wait_ms)
{
	int fd = board_connect_begin(to, to_len), err;

	if (fd < 0)
		return fd;
	err = wait_connected(fd, wait_ms);
	if (err == 0)
		return fd;
	close(fd);
	return err;
}

int board_connect(const struct board_wire *wire, uint16_t port)
{
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found, *best;
	char service[8];
	int fd;

	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(wire->address, service, &hints, &found) != 0)
		return -EADDRNOTAVAIL;
	/* Boards speak IPv4; what stands in front of one may not. */
	for (best = found; best && best->ai_family != AF_INET;)
		best = best->ai_next;
	best = best ? best : found;
	fd = connect_to(best->ai_addr, best->ai_addrlen, wire->connect_ms);
	freeaddrinfo(found);
	return fd;
}

int board_connect_peer(const struct board_wire *wire, int to, uint16_t port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_storage room;
	} peer;
	socklen_t len = sizeof(peer);

	if (getpeername(to, &peer.any, &len) < 0)
		return -errno;
	if (peer.any.sa_family == AF_INET)
		peer.in.sin_port = htons(port);
	else
		peer.in6.sin6_port = htons(port);
	return connect_to(&peer.any, len, wire->connect_ms);
}

int board_send(int fd, const void *data, size_t len)
{
	ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);

	return sent == (ssize_t)len ? 0 : -EPIPE;
}

long board_recv(int fd, void *data, size_t cap)
{
	ssize_t got;

	do {
		got = recv(fd, data, cap, 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? -EAGAIN : 0;
	return got;
}

void board_close(int fd)
{
	int64_t end_ms = board_now_ms() + LEAVE_MS, left_ms;
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	char bytes[512];
	long got, drained = 0;

	if (fd < 0)
		return;
	(void)shutdown(fd, SHUT_WR);
	while (drained < DRAIN_MAX && (left_ms = end_ms - board_now_ms()) > 0) {
		if (poll(&poll_fd, 1, (int)left_ms) <= 0)
			continue;
		got = board_recv(fd, bytes, sizeof(bytes));
		if (got == 0)
			break;
		drained += got > 0 ? got : 0;
	}
	close(fd);
}
