/* SPDX-License-Identifier: MIT
 *
 * What the board link and the FTP push share: one outgoing TCP connection on the loop.
 * It resolves and connects, reads into its owner's buffer, and closes cleanly: shuts the
 * sending side, discards what still comes up to a cap, closes at the end of file. It has
 * no clock: its owner keeps every deadline with one timer and calls tcp_close().
 */
#ifndef WIPY_EDGE_TCP_H
#define WIPY_EDGE_TCP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "common/err.h"

/* A peer that sends more than this after we have shut our side is cut off. */
#define TCP_DRAIN_MAX 65536

struct tcp;

/* All are called from the loop, never from within a function below. After tcp_finish()
 * and tcp_close() only `closed` comes. */
struct tcp_hooks {
	void (*connected)(struct tcp *tcp);
	void (*input)(struct tcp *tcp, const uint8_t *data, size_t len);
	/* The peer sent its end of file, or the connection broke. */
	void (*ended)(struct tcp *tcp);
	/* Once, at last; tcp_open() may be called again. `status` is 0, or why there was
	 * no connection: WIPY_E_REFUSED, -EADDRNOTAVAIL (the name does not resolve),
	 * another negated errno, or what tcp_close() was given. */
	void (*closed)(struct tcp *tcp, int status);
};

enum tcp_state {
	TCP_STATE_CLOSED,
	TCP_STATE_CONNECTING,
	TCP_STATE_OPEN,
	TCP_STATE_DRAINING,
	TCP_STATE_CLOSING,
};

union tcp_address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct tcp {
	uv_tcp_t handle;
	union {
		uv_connect_t connect;
		uv_shutdown_t shutdown;
	} req; /* connecting is over before shutting begins */
	const struct tcp_hooks *hooks;
	void *owner;
	uint8_t *buf; /* the owner's; input arrives in it */
	size_t buf_cap;
	struct tcp_lookup *lookup; /* while a name is being resolved */
	union tcp_address peer;
	uint16_t port;
	enum tcp_state state;
	int status;
	int send_buffer; /* bytes; 0: the system's */
	size_t drained_len;
	int end_status;  /* once ended: 0, the peer's end of file, or a negated errno */
	bool ended;      /* nothing more can be read */
	bool peer_first; /* once the end of file is queued: the peer's came before it */
	bool shut;       /* tcp_shut() was called */
	bool fin_queued; /* the end of file is in the kernel's queue */
};

/* Once, before anything else. `buf` is borrowed. */
void tcp_init(struct tcp *tcp, const struct tcp_hooks *hooks, void *owner, uint8_t *buf,
	size_t buf_cap);

/* Connects to a literal IPv4 or IPv6 address at once, to a name through the resolver
 * (its first IPv4 address, else its first one). `address` is only needed during the
 * call. */
void tcp_open(struct tcp *tcp, uv_loop_t *loop, const char *address, uint16_t port);

/* The same for an address that an earlier connection had: its `peer`. */
void tcp_open_peer(
	struct tcp *tcp, uv_loop_t *loop, const union tcp_address *peer, uint16_t port);

/* Sends a short message as one write. Negative if it did not go out whole: the
 * connection is of no more use. */
int tcp_send(struct tcp *tcp, const uint8_t *data, size_t len) WARN_UNUSED;

/* Ends sending once all uv_write()s are through; reading goes on. */
void tcp_shut(struct tcp *tcp);

/* The data bytes given to uv_write() that the peer has not acknowledged. */
int tcp_unacknowledged(struct tcp *tcp, size_t *ret_len) WARN_UNUSED;

/* The clean close: shut, drain to the end of file, close. The owner's timer bounds it
 * with tcp_close(). */
void tcp_finish(struct tcp *tcp);

/* Closes now; nothing happens if it is closed or closing. */
void tcp_close(struct tcp *tcp, int status);

/* Closes now, and throws away first what has arrived: closing with unread bytes would
 * send a reset. */
void tcp_abandon(struct tcp *tcp);

#endif
