/* SPDX-License-Identifier: MIT
 *
 * A board spoken to directly, without the daemon: common/'s telnet and FTP clients driven
 * by poll(). Each call is one conversation from connect to the clean close (DESIGN.md 1.2)
 * and blocks until it is over; all of them are bounded by the clients' deadlines.
 */
#ifndef WIPY_CLI_BOARD_WIRE_H
#define WIPY_CLI_BOARD_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/err.h"
#include "common/ftp_client.h"
#include "common/telnet_client.h"

struct board_wire {
	const char *address; /* IPv4, IPv6 or a name */
	uint16_t telnet_port, ftp_port;
	const char *user, *password;
	int connect_ms; /* how long to wait for a connection */
};

int64_t board_now_ms(void); /* monotonic */

/* One telnet conversation. user and password of the request are filled in. The result's
 * status is also 0 or the code why there was no connection. */
void board_talk(const struct board_wire *wire, struct telnet_request request,
	struct telnet_result *ret_result);

/* Bytes that the board has acknowledged so far, a few times a second. */
typedef void board_progress_fn(void *arg, size_t taken_len, size_t len);

/* One upload to an absolute path; `progress` may be NULL. The status as above. */
void board_push(const struct board_wire *wire, const char *path, const uint8_t *data,
	size_t len, board_progress_fn *progress, void *arg,
	struct ftp_result *ret_result);

/* ---- the connections; for board_*.c alone ---------------------------------------- */

/* Returns a connected, non-blocking socket or a negated errno. */
int board_connect(const struct board_wire *wire, uint16_t port) WARN_UNUSED;
/* One that is connected, or going to be: it can be written to then, or SO_ERROR says why
 * not. Returns the socket, non-blocking, or a negated errno. */
int board_connect_begin(const struct sockaddr *to, socklen_t to_len) WARN_UNUSED;
/* The same as board_connect() to the peer of a socket that is connected. */
int board_connect_peer(
	const struct board_wire *wire, int to, uint16_t port) WARN_UNUSED;
/* A short message as one send. Returns 0, or -EPIPE: the connection is of no more use. */
int board_send(int fd, const void *data, size_t len) WARN_UNUSED;
/* What has come, 0 for the end of file or a broken connection, -EAGAIN for nothing yet. */
long board_recv(int fd, void *data, size_t cap) WARN_UNUSED;
/* Shuts the sending side, drains to the end of file for at most a second, closes. */
void board_close(int fd);

#endif
