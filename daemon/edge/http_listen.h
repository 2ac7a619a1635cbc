/* SPDX-License-Identifier: MIT
 *
 * The Unix socket that the HTTP server listens on: made here, or taken over from socket
 * activation; and the connections it yields, with the peer's user id.
 */
#ifndef WIPY_EDGE_HTTP_LISTEN_H
#define WIPY_EDGE_HTTP_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/err.h"

struct http_listener {
	int fd; /* non-blocking, close-on-exec */
	bool activated;
	char *path;
	dev_t dev; /* of the socket file: only what we made is unlinked */
	ino_t ino;
};

/* Opens the listener at `path`, mode 0660, or takes over the one of socket activation
 * (LISTEN_PID, LISTEN_FDS; then the path is not used). A socket file that nobody listens
 * on is replaced. Returns 0; -EADDRINUSE (somebody listens there), -EEXIST (no socket: it
 * is left alone), -ENAMETOOLONG, -ENOENT (no such folder), or another negated errno;
 * always with a sentence. */
int http_listen_open(const char *path, struct http_listener *ret_listener,
	struct errtext *ret_error) WARN_UNUSED;

/* Closes, and unlinks a socket file of our own making. */
void http_listen_close(struct http_listener *listener);

/* A connection (non-blocking, close-on-exec) and its user id. Returns 0, -EAGAIN when
 * none is waiting, or another negated errno. */
int http_listen_accept(
	const struct http_listener *listener, int *ret_fd, uid_t *ret_uid) WARN_UNUSED;

#endif
