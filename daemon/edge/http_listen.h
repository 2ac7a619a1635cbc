/* SPDX-License-Identifier: MIT
 *
 * The sockets that the HTTP server listens on: a Unix one, made here or taken over from
 * socket activation, and one of TCP; and the connections they yield, with who the peer is.
 */
#ifndef WIPY_EDGE_HTTP_LISTEN_H
#define WIPY_EDGE_HTTP_LISTEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"
#include "daemon/core/access.h"

#define HTTP_ACTOR_MAX 64

/* Who asks, as events name him, and what he may do. */
struct http_who {
	char actor[HTTP_ACTOR_MAX]; /* "uid 1000", "token NAME", "tcp 10.1.2.3" */
	enum role role;
	bool anonymous; /* over TCP, without a token */
};

struct http_listener {
	int fd; /* non-blocking, close-on-exec */
	bool activated;
	char *path;
	dev_t dev; /* of the socket file: only what we made is unlinked */
	ino_t ino;
	bool tcp, tls, loopback;
	uint16_t port;
};

/* Opens the listener at `path`, mode 0660, or takes over the one of socket activation
 * (LISTEN_PID, LISTEN_FDS; then the path is not used). A socket file that nobody listens
 * on is replaced. Returns 0; -EADDRINUSE (somebody listens there), -EEXIST (no socket: it
 * is left alone), -ENAMETOOLONG, -ENOENT (no such folder), or another negated errno;
 * always with a sentence. */
int http_listen_open(const char *path, struct http_listener *ret_listener,
	struct errtext *ret_error) WARN_UNUSED;

/* A TCP listener there; *ret_listener has the port. Returns 0 or a negated errno, with a
 * sentence. */
struct http_tcp;
int http_listen_open_tcp(const struct http_tcp *tcp, struct http_listener *ret_listener,
	struct errtext *ret_error) WARN_UNUSED;

/* Closes, and unlinks a socket file of our own making. */
void http_listen_close(struct http_listener *listener);

/* A connection (non-blocking, close-on-exec). Returns 0, -EAGAIN when none is waiting, or
 * another negated errno. */
int http_listen_accept(const struct http_listener *listener, int *ret_fd) WARN_UNUSED;
/* Whose that connection is, by the rules of this moment. Returns 0 or a negated errno. */
int http_listen_who(const struct http_listener *listener, int fd,
	const struct access_rules *rules, struct http_who *ret_who) WARN_UNUSED;

#endif
