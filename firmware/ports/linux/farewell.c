/* SPDX-License-Identifier: MIT
 *
 * How connections end. One that the board has ended is kept until the peer has ended it
 * too, so that a reset which comes late is counted all the same. That is bookkeeping of
 * this process: it goes by the real clock.
 */
#include "config.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firmware/ports/linux/port.h"

void net_count_reset(struct hal *hal, bool *seen)
{
	if (!*seen)
		hal->client_resets++;
	*seen = true;
}

bool net_has_reset(int fd)
{
	int err = 0;
	socklen_t len = sizeof(err);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 &&
	       (err == ECONNRESET || err == EPIPE);
}

void net_reset_fd(int fd)
{
	static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

void net_close_early(int fd)
{
	char bytes[4096];

	shutdown(fd, SHUT_WR);
	/* unread bytes would turn the end of file into a reset */
	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
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

	if (net_has_reset(farewell->fd))
		net_count_reset(farewell->hal, &farewell->reset_seen);
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
		net_count_reset(farewell->hal, &farewell->reset_seen);
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
		net_count_reset(hal, &reset_seen);
	if (shutdown(fd, SHUT_WR) == 0 && !is_over(fd))
		farewell = malloc(sizeof(*farewell));
	if (!farewell) {
		if (net_has_reset(fd))
			net_count_reset(hal, &reset_seen);
		close(fd);
		return;
	}
	*farewell = (struct farewell){.source.on_event = farewell_event,
		.hal = hal,
		.fd = fd,
		.until_ms = fleet->real_ms + LINGER_MS,
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
		fleet->farewell_first->until_ms <= fleet->real_ms)
		farewell_end(fleet->farewell_first);
}
