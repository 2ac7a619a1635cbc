/* SPDX-License-Identifier: MIT
 *
 * The service manager's protocol: datagrams of KEY=VALUE lines to a Unix socket. A
 * message that cannot be sent is dropped without a word: the service manager notices
 * silence by itself, and the daemon must never wait for it.
 */
#include "config.h"

#include "daemon/edge/notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Fills the address of $NOTIFY_SOCKET; 0 without a usable one. */
static socklen_t notify_address(struct sockaddr_un *ret_address)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len;

	if (!path || (path[0] != '/' && path[0] != '@') || path[1] == '\0')
		return 0;
	len = strlen(path);
	if (len >= sizeof(address.sun_path))
		return 0;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	*ret_address = address;
	/* An abstract name is as long as the address says: a NUL more is another name. */
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len +
			   (path[0] == '/'));
}

void notify_send(const char *state)
{
	struct sockaddr_un address;
	socklen_t len = notify_address(&address);
	int fd;

	if (len == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
		(const struct sockaddr *)&address, len);
	close(fd);
}

void notify_reloading(void)
{
	char state[64];
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		(int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	notify_send(state);
}

/* An unsigned decimal number and nothing else; -1 for anything different. */
static int64_t number(const char *text)
{
	int64_t value = 0;

	if (!text || *text == '\0')
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || value > INT64_MAX / 10 - 1)
			return -1;
		value = value * 10 + (*text - '0');
	}
	return value;
}

int64_t notify_watchdog_ms(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	int64_t usec = number(getenv("WATCHDOG_USEC"));

	if (usec <= 0 || (pid && number(pid) != getpid()))
		return 0;
	/* A timer of 0 ms would be no timer at all. */
	return usec / 2000 > 0 ? usec / 2000 : 1;
}
