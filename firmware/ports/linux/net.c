/* SPDX-License-Identifier: MIT
 *
 * The sockets of virtual boards. A handle is a place in the board's own short table; a
 * fault can take the socket behind it away without the core noticing.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/net_delay.h"

/* Boards have small windows: a client must see how fast its bytes are taken. The
 * segments have the size of a radio link's, or the loopback's large ones would not fit
 * the window and crawl. */
#define DATA_WINDOW     8192
#define DATA_SEGMENT    1460
#define LISTEN_RETRY_MS 1000

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

static enum wire_kind kind_of(const struct hal *hal, uint16_t port)
{
	const struct options *options = hal->fleet->options;

	return port == options->telnet_port ? WIRE_KIND_TELNET
	       : port == options->ftp_port  ? WIRE_KIND_FTP
					    : WIRE_KIND_DATA;
}

static int new_handle(struct hal *hal, enum handle_kind kind, int fd, uint16_t port)
{
	for (int i = 0; i < HANDLES; i++) {
		if (hal->handles[i].kind != HANDLE_FREE)
			continue;
		hal->handles[i] = (struct handle){.source.on_event = delay_event,
			.hal = hal,
			.kind = kind,
			.fd = fd,
			.port = port,
			.wire.kind = kind_of(hal, port)};
		return i;
	}
	return -ENFILE;
}

void net_apply_all(struct hal *hal)
{
	for (int i = 0; i < HANDLES; i++)
		if (hal->handles[i].kind != HANDLE_FREE)
			delay_watch(&hal->handles[i]);
}

void hal_net_poll(struct hal *hal, int number, unsigned events)
{
	struct handle *handle = handle_at(hal, number);

	if (!handle || handle->wanted == events)
		return;
	handle->wanted = events;
	delay_watch(handle);
	/* who holds the line is at the door before anybody else */
	if (handle->kind == HANDLE_LISTENER && faults_hold_line(hal, handle->port))
		hal->wakes = true;
}

static void unwatch(struct handle *handle)
{
	net_watch(handle->hal->fleet, handle->fd, &handle->source, &handle->watched, 0);
}

static void drop_handle(struct handle *handle)
{
	unwatch(handle);
	delay_drop(handle);
	handle->kind = HANDLE_FREE;
}

void hal_net_shutdown(struct hal *hal, int number)
{
	struct handle *handle = handle_at(hal, number);

	/* a board without power ends nothing in good order */
	if (!handle || hal->power_lost)
		return;
	delay_flush(handle);
	drop_handle(handle);
	if (handle->fd >= 0)
		net_linger(hal, handle->fd, handle->reset_seen);
}

void hal_net_abort(struct hal *hal, int number)
{
	struct handle *handle = handle_at(hal, number);

	if (!handle || hal->power_lost)
		return;
	drop_handle(handle);
	if (handle->fd >= 0)
		net_reset_fd(handle->fd);
}

void net_cut(struct handle *handle, int how)
{
	unwatch(handle);
	delay_drop(handle);
	if (handle->fd >= 0 && how < 0)
		net_reset_fd(handle->fd);
	else if (handle->fd >= 0)
		net_close_early(handle->fd);
	handle->fd = -1;
	handle->gone = how;
	handle->hal->wakes = true;
}

/* ---- listeners ---------------------------------------------------------------- */

static int open_socket(
	const struct hal *hal, struct in_addr address, uint16_t port, int backlog)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr = address, .sin_port = htons(port)};
	int one = 1, window = DATA_WINDOW, segment = DATA_SEGMENT;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* a board holds little for a client that does not read (WIRE.md 1.7) */
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &window, sizeof(window));
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

int net_try_listen(const struct hal *hal, struct in_addr address)
{
	const struct options *options = hal->fleet->options;
	const uint16_t ports[] = {
		options->telnet_port, options->ftp_port, options->pasv_port};

	/* where it is it has the ports itself */
	if (address.s_addr == hal->address.s_addr)
		return 0;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		int fd = open_socket(hal, address, ports[i], 1);

		if (fd < 0)
			return fd;
		close(fd);
	}
	return 0;
}

/* A fleet that cannot listen when it starts says so and ends; later it is tried
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

static int open_listener(struct handle *handle)
{
	struct hal *hal = handle->hal;
	int fd = open_socket(hal, hal->address, handle->port, handle->backlog);

	if (fd < 0) {
		note_failure(hal, handle->port, fd);
		return fd;
	}
	handle->fd = fd;
	handle->watched = 0;
	handle->accept_ms = 0;
	delay_watch(handle);
	return 0;
}

static bool may_listen(const struct hal *hal, uint16_t port)
{
	return hal->wlan.connected && !faults_refuse(hal, port);
}

/* Without a link, or where a fault refuses clients, the core has a listener that nobody
 * can reach. */
int hal_net_listen(struct hal *hal, uint16_t port, int backlog)
{
	int number =
		hal->power_lost ? -EIO : new_handle(hal, HANDLE_LISTENER, -1, port);
	int err;

	if (number < 0)
		return number;
	hal->handles[number].backlog = backlog;
	if (!may_listen(hal, port))
		return number;
	err = open_listener(&hal->handles[number]);
	if (err < 0)
		hal->handles[number].kind = HANDLE_FREE;
	return err < 0 ? err : number;
}

/* Clients that wait are reset with the listener; one that has gone with a reset before
 * it was accepted is counted. */
static void close_listener(struct hal *hal, int fd)
{
	int waiting;

	while ((waiting = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		bool seen = false;

		if (net_has_reset(waiting))
			net_count_reset(hal, &seen);
		net_reset_fd(waiting);
	}
	close(fd);
}

void hal_net_unlisten(struct hal *hal, int number)
{
	struct handle *handle = handle_at(hal, number);

	if (!handle || hal->power_lost)
		return;
	drop_handle(handle);
	if (handle->fd >= 0)
		close_listener(hal, handle->fd);
}

void net_listen_again(struct hal *hal, bool anew)
{
	for (int i = 0; i < HANDLES; i++) {
		struct handle *handle = &hal->handles[i];
		bool may = may_listen(hal, handle->port);

		if (handle->kind != HANDLE_LISTENER)
			continue;
		if (handle->fd >= 0 && (anew || !may)) {
			unwatch(handle);
			close_listener(hal, handle->fd);
			handle->fd = -1;
		}
		if (handle->fd < 0 && may && open_listener(handle) < 0)
			hal->timers[TIMER_LISTEN] =
				hal->fleet->now_ms + LISTEN_RETRY_MS;
	}
}

/* ---- clients ------------------------------------------------------------------ */

void net_turn_away(struct fleet *fleet, int listener_fd)
{
	int fd;

	if (fleet->spare_fd < 0)
		return;
	close(fleet->spare_fd);
	fd = accept4(listener_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		net_reset_fd(fd);
	fleet->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* A client whom no descriptor is left for would keep the listener ready for ever. */
static int accept_fd(struct handle *handle)
{
	int fd = accept4(handle->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == EMFILE || errno == ENFILE)
		net_turn_away(handle->hal->fleet, handle->fd);
	handle->accept_ms = 0;
	delay_watch(handle);
	return -EAGAIN;
}

/* Somebody who never says a word. */
static int accept_phantom(struct hal *hal, uint16_t port)
{
	int conn = new_handle(hal, HANDLE_CONN, -1, port);

	if (conn < 0)
		return -EAGAIN;
	hal->handles[conn].phantom = true;
	return conn;
}

int hal_net_accept(struct hal *hal, int number)
{
	struct handle *handle = handle_at(hal, number);
	int one = 1;
	int fd, conn;

	if (!handle || hal->power_lost)
		return -EAGAIN;
	if (faults_hold_line(hal, handle->port))
		return accept_phantom(hal, handle->port);
	if (handle->fd < 0 || !delay_may_accept(handle))
		return -EAGAIN;
	fd = accept_fd(handle);
	if (fd < 0 || faults_take_client(hal, handle->port, fd))
		return -EAGAIN;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	conn = new_handle(hal, HANDLE_CONN, fd, handle->port);
	if (conn < 0)
		close(fd);
	return conn < 0 ? -EAGAIN : conn;
}

int hal_net_recv(struct hal *hal, int number, void *buf, size_t len)
{
	struct handle *handle = handle_at(hal, number);
	int n;

	if (!handle)
		return -ECONNRESET;
	if (handle->gone != 0)
		return handle->gone < 0 ? handle->gone : 0;
	if (hal->power_lost || handle->phantom)
		return -EAGAIN;
	n = delay_recv(handle, buf, faults_limit(hal, handle, len));
	if (n <= 0)
		return n;
	handle->received_len += (uint64_t)n;
	return faults_received(hal, handle, buf, n);
}

int hal_net_send(struct hal *hal, int number, const void *buf, size_t len)
{
	struct handle *handle = handle_at(hal, number);

	if (!handle)
		return -ECONNRESET;
	if (handle->gone != 0)
		return -EPIPE;
	if (hal->power_lost || handle->phantom || hurt_by(&hal->hurt, FAULT_SILENT))
		return (int)len;
	return delay_send(handle, buf, len);
}

/* ---- power -------------------------------------------------------------------- */

void net_park(struct hal *hal)
{
	hal->power_lost = false;
	for (int i = 0; i < HANDLES; i++) {
		struct handle *handle = &hal->handles[i];

		if (handle->kind == HANDLE_LISTENER) {
			hal_net_unlisten(hal, i);
		} else if (handle->kind == HANDLE_CONN) {
			unwatch(handle);
			delay_drop(handle);
		}
	}
}

void net_abort_all(struct hal *hal)
{
	hal->power_lost = false;
	for (int i = 0; i < HANDLES; i++) {
		if (hal->handles[i].kind == HANDLE_LISTENER)
			hal_net_unlisten(hal, i);
		else if (hal->handles[i].kind == HANDLE_CONN)
			hal_net_abort(hal, i);
	}
}
