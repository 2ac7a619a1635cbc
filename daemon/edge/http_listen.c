/* SPDX-License-Identifier: MIT
 *
 * The listeners. Of a Unix one libwebsockets 4.1 would make one with the umask's mode, leave the
 * file behind, and knows neither socket activation nor peer credentials.
 */
#include "config.h"

#include "daemon/edge/http_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/edge/http_server.h"

#define ACTIVATED_FD 3    /* SD_LISTEN_FDS_START */
#define BACKLOG      1024 /* all who follow events come back together */
#define SOCKET_MODE  0660

__attribute__((format(printf, 3, 4))) static int fault(
	struct errtext *error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code;
}

/* ---- socket activation ------------------------------------------------------------ */

/* How many descriptors the service manager passed to this very process. */
static int activated_count(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	char *end;
	long n;

	if (!pid || !fds || strtol(pid, &end, 10) != getpid() || *end != '\0')
		return 0;
	n = strtol(fds, &end, 10);
	return *end == '\0' && n > 0 && n < 1000 ? (int)n : 0;
}

static bool listens_on_unix(int fd)
{
	int domain = 0, type = 0, listening = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 &&
	       domain == AF_UNIX && type == SOCK_STREAM && listening;
}

static int adopt_activated(
	int count, struct http_listener *ret_listener, struct errtext *ret_error)
{
	if (count != 1)
		return fault(ret_error, -EINVAL,
			"the service manager passed %d sockets (LISTEN_FDS): wipyd "
			"takes "
			"one; leave one ListenStream= in wipyd.socket",
			count);
	if (!listens_on_unix(ACTIVATED_FD))
		return fault(ret_error, -EINVAL,
			"descriptor %d from the service manager is not a listening "
			"Unix "
			"stream socket: check ListenStream= in wipyd.socket",
			ACTIVATED_FD);
	if (fcntl(ACTIVATED_FD, F_SETFD, FD_CLOEXEC) < 0 ||
		fcntl(ACTIVATED_FD, F_SETFL, O_NONBLOCK) < 0)
		return fault(ret_error, -errno,
			"cannot use descriptor %d from the service manager: %s",
			ACTIVATED_FD, strerror(errno));
	*ret_listener = (struct http_listener){.fd = ACTIVATED_FD, .activated = true};
	return 0;
}

/* ---- a socket of our own ---------------------------------------------------------- */

/* 0 if nobody listens on the socket file any more and it was removed. */
static int remove_stale(const struct sockaddr_un *address, struct errtext *ret_error)
{
	const char *path = address->sun_path;
	struct stat st;
	int fd, r;

	if (lstat(path, &st) < 0)
		return errno == ENOENT
			       ? 0
			       : fault(ret_error, -errno, "cannot look at %s: %s", path,
					 strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return fault(ret_error, -EEXIST,
			"cannot listen on %s: the file there is not a socket and is "
			"left "
			"alone; remove it, or set another 'socket' in wipyd.yaml",
			path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fault(
			ret_error, -errno, "cannot make a socket: %s", strerror(errno));
	r = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno
										: 0;
	close(fd);
	/* EAGAIN: its backlog is full, so somebody does listen. */
	if (r == 0 || r == -EAGAIN)
		return fault(ret_error, -EADDRINUSE,
			"cannot listen on %s: another process answers there; stop it, "
			"or "
			"set another 'socket' in wipyd.yaml",
			path);
	if (r != -ECONNREFUSED)
		return fault(ret_error, r, "cannot tell whether %s is in use: %s", path,
			strerror(-r));
	if (unlink(path) < 0)
		return fault(ret_error, -errno, "cannot remove the stale socket %s: %s",
			path, strerror(errno));
	return 0;
}

static int bind_fault(const char *path, int r, struct errtext *ret_error)
{
	if (r == -ENOENT || r == -ENOTDIR)
		return fault(ret_error, -ENOENT,
			"cannot listen on %s: its folder does not exist; create it, or "
			"set "
			"another 'socket' in wipyd.yaml",
			path);
	if (r == -EACCES || r == -EPERM)
		return fault(ret_error, r,
			"cannot listen on %s: no permission to write to its folder; "
			"change "
			"its owner, or set another 'socket' in wipyd.yaml",
			path);
	return fault(ret_error, r, "cannot listen on %s: %s", path, strerror(-r));
}

/* Nobody can connect before listen(), so the mode is right before it matters; and it is
 * never wider than it will be, since bind() takes the mode set before it. */
static int bind_and_listen(
	int fd, const struct sockaddr_un *address, struct errtext *ret_error)
{
	const char *path = address->sun_path;
	int r = 0;

	if (fchmod(fd, SOCKET_MODE) < 0)
		return fault(
			ret_error, -errno, "cannot make a socket: %s", strerror(errno));
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		r = -errno;
	if (r == -EADDRINUSE) {
		r = remove_stale(address, ret_error);
		if (r < 0)
			return r;
		if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
			r = -errno;
	}
	if (r < 0)
		return bind_fault(path, r, ret_error);
	if (chmod(path, SOCKET_MODE) < 0 || listen(fd, BACKLOG) < 0) {
		r = bind_fault(path, -errno, ret_error);
		unlink(path);
	}
	return r;
}

static int open_own(
	const char *path, struct http_listener *ret_listener, struct errtext *ret_error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct http_listener listener = {0};
	struct stat st;
	int r;

	if (path[0] == '\0' || strlen(path) >= sizeof(address.sun_path))
		return fault(ret_error, path[0] ? -ENAMETOOLONG : -EINVAL,
			"cannot listen on '%s': the path of a Unix socket has 1 to %zu "
			"characters; set another 'socket' in wipyd.yaml",
			path, sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path));
	listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener.fd < 0)
		return fault(
			ret_error, -errno, "cannot make a socket: %s", strerror(errno));
	r = bind_and_listen(listener.fd, &address, ret_error);
	if (r < 0) {
		close(listener.fd);
		return r;
	}
	if (lstat(path, &st) == 0) {
		listener.dev = st.st_dev;
		listener.ino = st.st_ino;
	}
	listener.path = strdup(path);
	if (!listener.path)
		abort();
	*ret_listener = listener;
	return 0;
}

/* ---- TCP -------------------------------------------------------------------------- */

static int tcp_address(const struct http_tcp *tcp, struct sockaddr_storage *ret_address,
	socklen_t *ret_len)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret_address;
	struct sockaddr_in *in = (struct sockaddr_in *)ret_address;

	memset(ret_address, 0, sizeof(*ret_address));
	*ret_len = tcp->ipv6 ? sizeof(*in6) : sizeof(*in);
	if (tcp->ipv6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(tcp->port);
		return inet_pton(AF_INET6, tcp->address, &in6->sin6_addr);
	}
	in->sin_family = AF_INET;
	in->sin_port = htons(tcp->port);
	return inet_pton(AF_INET, tcp->address, &in->sin_addr);
}

static int tcp_bind(int fd, const struct http_tcp *tcp, uint16_t *ret_port)
{
	struct sockaddr_storage address;
	socklen_t len;
	int on = 1;

	if (tcp_address(tcp, &address, &len) != 1)
		return -EINVAL;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
		(tcp->ipv6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on,
				      sizeof(on)) < 0) ||
		bind(fd, (struct sockaddr *)&address, len) < 0 ||
		listen(fd, BACKLOG) < 0 ||
		getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return -errno;
	*ret_port = ntohs(tcp->ipv6 ? ((struct sockaddr_in6 *)&address)->sin6_port
				    : ((struct sockaddr_in *)&address)->sin_port);
	return 0;
}

int http_listen_open_tcp(const struct http_tcp *tcp, struct http_listener *ret_listener,
	struct errtext *ret_error)
{
	struct http_listener listener = {
		.tcp = true, .tls = tcp->key != NULL, .loopback = tcp->loopback};
	int r;

	listener.fd = socket(tcp->ipv6 ? AF_INET6 : AF_INET,
		SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r = listener.fd < 0 ? -errno : tcp_bind(listener.fd, tcp, &listener.port);
	if (r == 0) {
		*ret_listener = listener;
		return 0;
	}
	if (listener.fd >= 0)
		close(listener.fd);
	return fault(ret_error, r,
		"cannot listen on %s port %u: %s; set another 'listen' under 'api' in "
		"wipyd.yaml",
		tcp->address, (unsigned)tcp->port, strerror(-r));
}

int http_listen_open(
	const char *path, struct http_listener *ret_listener, struct errtext *ret_error)
{
	int count = activated_count();

	if (count > 0)
		return adopt_activated(count, ret_listener, ret_error);
	return open_own(path, ret_listener, ret_error);
}

void http_listen_close(struct http_listener *listener)
{
	struct stat st;

	/* Unlinked before it is closed: a successor that finds the file finds it live or
	 * not at all. */
	if (listener->path && lstat(listener->path, &st) == 0 &&
		st.st_dev == listener->dev && st.st_ino == listener->ino)
		unlink(listener->path);
	close(listener->fd);
	listener->fd = -1;
	free(listener->path);
	listener->path = NULL;
}

/* ---- who is there ----------------------------------------------------------------- */

/* All groups of the peer, by their numbers alone: nothing is looked up. Of those that it
 * had when it connected the primary one comes first. NULL: see errno. */
static uint32_t *peer_groups(int fd, const struct ucred *peer, size_t *ret_count)
{
	socklen_t len = 0;
	uint32_t *gids;

	_Static_assert(sizeof(gid_t) == sizeof(*gids), "as the kernel gives them");
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &len) < 0 &&
		errno != ERANGE)
		return NULL;
	gids = malloc(sizeof(*gids) + len);
	if (!gids)
		abort();
	gids[0] = peer->gid;
	if (len > 0 && getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, gids + 1, &len) < 0) {
		free(gids);
		return NULL;
	}
	*ret_count = 1 + len / sizeof(*gids);
	return gids;
}

static int ask_who(int fd, const struct access_rules *rules, struct http_who *ret_who)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	uint32_t *gids;
	size_t count;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
		return -errno;
	gids = peer_groups(fd, &peer, &count);
	if (!gids)
		return -errno;
	*ret_who =
		(struct http_who){.role = access_of_peer(rules, peer.uid, gids, count)};
	snprintf(ret_who->actor, sizeof(ret_who->actor), "uid %u", (unsigned)peer.uid);
	free(gids);
	return 0;
}

/* On the loopback everybody may look: whoever is there is on this machine. */
static int tcp_who(
	int fd, const struct http_listener *listener, struct http_who *ret_who)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	char text[INET6_ADDRSTRLEN] = "?";

	if (getpeername(fd, (struct sockaddr *)&peer, &len) < 0)
		return -errno;
	if (peer.ss_family == AF_INET)
		(void)inet_ntop(AF_INET, &((struct sockaddr_in *)&peer)->sin_addr, text,
			sizeof(text));
	else
		(void)inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&peer)->sin6_addr,
			text, sizeof(text));
	*ret_who = (struct http_who){
		.role = listener->loopback ? ROLE_VIEWER : ROLE_NONE,
		.anonymous = true,
	};
	snprintf(ret_who->actor, sizeof(ret_who->actor), "tcp %s", text);
	return 0;
}

int http_listen_who(const struct http_listener *listener, int fd,
	const struct access_rules *rules, struct http_who *ret_who)
{
	return listener->tcp ? tcp_who(fd, listener, ret_who)
			     : ask_who(fd, rules, ret_who);
}

int http_listen_accept(const struct http_listener *listener, int *ret_fd)
{
	int fd, on = 1;

	do
		fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (fd < 0)
		return -errno;
	if (listener->tcp)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*ret_fd = fd;
	return 0;
}
