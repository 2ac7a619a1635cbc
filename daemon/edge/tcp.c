/* SPDX-License-Identifier: MIT
 *
 * One outgoing TCP connection on the loop: see tcp.h. A name lookup cannot be stopped
 * once the resolver's thread has it, so its request lives in a piece of memory of its
 * own: a connection that is closed meanwhile lets go of it and does not wait.
 */
#include "config.h"

#include "daemon/edge/tcp.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

struct tcp_lookup {
	uv_getaddrinfo_t req;
	struct tcp *tcp; /* NULL: nobody waits any more */
};

static uv_stream_t *stream(struct tcp *tcp)
{
	return (uv_stream_t *)&tcp->handle;
}

void tcp_init(struct tcp *tcp, const struct tcp_hooks *hooks, void *owner, uint8_t *buf,
	size_t buf_cap)
{
	memset(tcp, 0, sizeof(*tcp));
	tcp->hooks = hooks;
	tcp->owner = owner;
	tcp->buf = buf;
	tcp->buf_cap = buf_cap;
	tcp->state = TCP_STATE_CLOSED;
}

/* Closing */

static void on_closed(uv_handle_t *handle)
{
	struct tcp *tcp = handle->data;

	tcp->state = TCP_STATE_CLOSED;
	tcp->hooks->closed(tcp, tcp->status);
}

static void let_go_of_lookup(struct tcp *tcp)
{
	if (!tcp->lookup)
		return;
	tcp->lookup->tcp = NULL;
	(void)uv_cancel((uv_req_t *)&tcp->lookup->req);
	tcp->lookup = NULL;
}

void tcp_close(struct tcp *tcp, int status)
{
	if (tcp->state == TCP_STATE_CLOSED || tcp->state == TCP_STATE_CLOSING)
		return;
	let_go_of_lookup(tcp);
	tcp->status = status;
	tcp->state = TCP_STATE_CLOSING;
	uv_close((uv_handle_t *)&tcp->handle, on_closed);
}

void tcp_abandon(struct tcp *tcp)
{
	bool closed = tcp->state == TCP_STATE_CLOSED || tcp->state == TCP_STATE_CLOSING;
	size_t left = TCP_DRAIN_MAX;
	uv_os_fd_t fd;
	ssize_t n;

	/* A connection may stand, and bytes wait in it, before the loop has told so. */
	if (!closed && uv_fileno((uv_handle_t *)&tcp->handle, &fd) == 0) {
		do {
			n = recv(fd, tcp->buf, tcp->buf_cap, MSG_DONTWAIT);
			left -= n > 0 && (size_t)n < left ? (size_t)n : left;
		} while (n > 0 && left > 0);
	}
	tcp_close(tcp, 0);
}

/* The peer's end of file has arrived, and it had not seen ours. */
static bool peer_ended_first(struct tcp *tcp)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	uv_os_fd_t fd;

	if (uv_fileno((uv_handle_t *)&tcp->handle, &fd) ||
		getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		return false;
	return info.tcpi_state == TCP_CLOSE_WAIT || info.tcpi_state == TCP_LAST_ACK ||
	       info.tcpi_state == TCP_CLOSING;
}

static void on_shut(uv_shutdown_t *req, int status)
{
	struct tcp *tcp = req->data;

	if (tcp->state == TCP_STATE_CLOSING || status)
		return;
	tcp->fin_queued = true;
	tcp->peer_first |= peer_ended_first(tcp);
}

void tcp_shut(struct tcp *tcp)
{
	if (tcp->shut)
		return;
	tcp->shut = true;
	tcp->peer_first = peer_ended_first(tcp);
	tcp->req.shutdown.data = tcp;
	/* A failure means that the peer is gone, which the reading side tells. */
	(void)uv_shutdown(&tcp->req.shutdown, stream(tcp), on_shut);
}

void tcp_finish(struct tcp *tcp)
{
	if (tcp->state != TCP_STATE_OPEN || tcp->ended) {
		if (tcp->state != TCP_STATE_DRAINING)
			tcp_close(tcp, 0);
		return;
	}
	tcp->state = TCP_STATE_DRAINING;
	tcp_shut(tcp);
}

/* Reading */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
	struct tcp *tcp = handle->data;

	(void)suggested;
	*ret_buf = uv_buf_init((char *)tcp->buf, (unsigned)tcp->buf_cap);
}

static void drain(struct tcp *tcp, ssize_t n)
{
	if (n > 0)
		tcp->drained_len += (size_t)n;
	if (n < 0 || tcp->drained_len > TCP_DRAIN_MAX)
		tcp_close(tcp, 0);
}

static void on_read(uv_stream_t *source, ssize_t n, const uv_buf_t *buf)
{
	struct tcp *tcp = source->data;

	if (tcp->state == TCP_STATE_DRAINING) {
		drain(tcp, n);
	} else if (tcp->state == TCP_STATE_OPEN && n > 0) {
		tcp->hooks->input(tcp, (const uint8_t *)buf->base, (size_t)n);
	} else if (tcp->state == TCP_STATE_OPEN && n < 0) {
		tcp->ended = true;
		tcp->end_status = n == UV_EOF ? 0 : (int)n;
		(void)uv_read_stop(source);
		tcp->hooks->ended(tcp);
	}
}

/* Connecting */

static int connect_error(int status)
{
	return status == UV_ECONNREFUSED ? WIPY_E_REFUSED : status;
}

static void on_connect(uv_connect_t *req, int status)
{
	struct tcp *tcp = req->data;

	if (tcp->state != TCP_STATE_CONNECTING)
		return;
	if (status == 0)
		status = uv_read_start(stream(tcp), on_alloc, on_read);
	if (status) {
		tcp_close(tcp, connect_error(status));
		return;
	}
	tcp->state = TCP_STATE_OPEN;
	tcp->hooks->connected(tcp);
}

static void connect_peer(struct tcp *tcp)
{
	int size = tcp->send_buffer;
	int err;

	if (tcp->peer.any.sa_family == AF_INET6)
		tcp->peer.in6.sin6_port = htons(tcp->port);
	else
		tcp->peer.in.sin_port = htons(tcp->port);
	tcp->req.connect.data = tcp;
	err = uv_tcp_connect(
		&tcp->req.connect, &tcp->handle, &tcp->peer.any, on_connect);
	/* Each message goes out as one segment at once: the boards read a command a
	 * segment, and Nagle with delayed acknowledgement costs tens of ms. */
	if (!err)
		err = uv_tcp_nodelay(&tcp->handle, 1);
	/* The socket exists only now, and nothing has been sent: setting the size also
	 * keeps the kernel from letting it grow. */
	if (!err && size)
		err = uv_send_buffer_size((uv_handle_t *)&tcp->handle, &size);
	if (err)
		tcp_close(tcp, connect_error(err));
}

/* Boards speak IPv4: an IPv6 address under the same name leads to something else. */
static const struct addrinfo *prefer_ipv4(const struct addrinfo *found)
{
	for (const struct addrinfo *at = found; at; at = at->ai_next)
		if (at->ai_family == AF_INET)
			return at;
	return found;
}

static bool take_address(const struct addrinfo *all, union tcp_address *ret_peer)
{
	const struct addrinfo *found = prefer_ipv4(all);

	if (!found || found->ai_addrlen > sizeof(*ret_peer))
		return false;
	if (found->ai_family != AF_INET && found->ai_family != AF_INET6)
		return false;
	memcpy(ret_peer, found->ai_addr, found->ai_addrlen);
	return true;
}

static void on_lookup(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
	struct tcp_lookup *lookup = req->data;
	struct tcp *tcp = lookup->tcp;

	if (tcp) {
		tcp->lookup = NULL;
		if (status == 0 && take_address(found, &tcp->peer))
			connect_peer(tcp);
		else
			tcp_close(tcp, -EADDRNOTAVAIL);
	}
	uv_freeaddrinfo(found);
	free(lookup);
}

static void look_up(struct tcp *tcp, uv_loop_t *loop, const char *name)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct tcp_lookup *lookup = calloc(1, sizeof(*lookup));

	if (!lookup) {
		tcp_close(tcp, -ENOMEM);
		return;
	}
	lookup->req.data = lookup;
	lookup->tcp = tcp;
	tcp->lookup = lookup;
	if (uv_getaddrinfo(loop, &lookup->req, on_lookup, name, NULL, &hints) == 0)
		return;
	tcp->lookup = NULL;
	free(lookup);
	tcp_close(tcp, -EADDRNOTAVAIL);
}

static void begin(struct tcp *tcp, uv_loop_t *loop, uint16_t port)
{
	/* Without an address family no socket is made yet: this cannot fail, and every
	 * later fault can travel through uv_close(). */
	(void)uv_tcp_init(loop, &tcp->handle);
	tcp->handle.data = tcp;
	tcp->state = TCP_STATE_CONNECTING;
	tcp->port = port;
	tcp->status = 0;
	tcp->drained_len = 0;
	tcp->end_status = 0;
	tcp->ended = tcp->shut = tcp->fin_queued = tcp->peer_first = false;
}

void tcp_open(struct tcp *tcp, uv_loop_t *loop, const char *address, uint16_t port)
{
	begin(tcp, loop, port);
	if (uv_ip4_addr(address, port, &tcp->peer.in) == 0 ||
		uv_ip6_addr(address, port, &tcp->peer.in6) == 0)
		connect_peer(tcp);
	else
		look_up(tcp, loop, address);
}

void tcp_open_peer(
	struct tcp *tcp, uv_loop_t *loop, const union tcp_address *peer, uint16_t port)
{
	begin(tcp, loop, port);
	tcp->peer = *peer;
	connect_peer(tcp);
}

/* Sending */

int tcp_send(struct tcp *tcp, const uint8_t *data, size_t len)
{
	uv_buf_t buf = uv_buf_init((char *)data, (unsigned)len);
	int sent = tcp->state == TCP_STATE_OPEN ? uv_try_write(stream(tcp), &buf, 1)
						: -ENOTCONN;

	if (sent < 0)
		return sent;
	/* A message is far smaller than any send buffer: one that does not fit means
	 * that the peer has read nothing for long. */
	return (size_t)sent == len ? 0 : -ENOBUFS;
}

int tcp_unacknowledged(struct tcp *tcp, size_t *ret_len)
{
	size_t queued = uv_stream_get_write_queue_size(stream(tcp));
	uv_os_fd_t fd;
	int kernel;
	int err = uv_fileno((uv_handle_t *)&tcp->handle, &fd);

	if (err)
		return err;
	if (ioctl(fd, SIOCOUTQ, &kernel) < 0)
		return -errno;
	/* The end of file takes one sequence number, the last one. */
	if (tcp->fin_queued && kernel > 0)
		kernel--;
	*ret_len = queued + (size_t)kernel;
	return 0;
}
