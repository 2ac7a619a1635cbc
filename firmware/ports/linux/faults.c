/* SPDX-License-Identifier: MIT
 *
 * Faults: a table of words, and what each does at its place.
 */
#include "config.h"

#include "firmware/ports/linux/faults.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/text.h"

#define GARBAGE_CHUNK 4096
#define DROP_AFTER    "drop-after="

static const struct {
	const char *name;
	enum fault fault;
} names[] = {
	{"corrupt-image", FAULT_CORRUPT_IMAGE},
	{"crash-at-boot", FAULT_CRASH_AT_BOOT},
	{"garbage", FAULT_GARBAGE},
	{"refuse-telnet", FAULT_REFUSE_TELNET},
	{"silent", FAULT_SILENT},
};

#define NAMES (sizeof(names) / sizeof(names[0]))

const char *faults_name(int index, enum fault *ret_fault)
{
	if (index < 0 || (size_t)index >= NAMES)
		return NULL;
	*ret_fault = names[index].fault;
	return names[index].name;
}

bool faults_refuse(const struct hal *hal, uint16_t port)
{
	return (hal->faults & FAULT_REFUSE_TELNET) &&
	       port == hal->fleet->options->telnet_port;
}

/* Closes or opens the sockets of the telnet listener without the core. */
static void apply_refusal(struct hal *hal)
{
	for (int i = 0; i < HANDLES; i++) {
		struct handle *handle = &hal->handles[i];

		if (handle->kind != HANDLE_LISTENER ||
			handle->port != hal->fleet->options->telnet_port)
			continue;
		if (faults_refuse(hal, handle->port) && handle->fd >= 0) {
			net_watch(hal->fleet, handle->fd, &hal->source,
				&handle->watched, 0);
			close(handle->fd);
			handle->fd = -1;
		} else if (!faults_refuse(hal, handle->port) && handle->fd < 0 &&
			   net_open_listener(hal, handle) < 0) {
			handle->fd = -1;
		}
	}
}

int faults_arm(struct hal *hal, const char *word)
{
	uint64_t bytes;

	if (strcmp(word, "power-cut") == 0) {
		fleet_power_off(hal);
		return 0;
	}
	if (strcmp(word, "clear") == 0) {
		hal->faults = 0;
		hal->drop_after = 0;
		faults_close(hal);
		apply_refusal(hal);
		return 0;
	}
	if (strncmp(word, DROP_AFTER, strlen(DROP_AFTER)) == 0) {
		const char *number = word + strlen(DROP_AFTER);

		if (wipy_text_parse_u64(number, strlen(number), UINT32_MAX, &bytes) <
				0 ||
			bytes == 0)
			return -EINVAL;
		hal->drop_after = bytes;
		return 0;
	}
	for (size_t i = 0; i < NAMES; i++) {
		if (strcmp(word, names[i].name) != 0)
			continue;
		hal->faults |= names[i].fault;
		apply_refusal(hal);
		return 0;
	}
	return -EINVAL;
}

/* ---- garbage ------------------------------------------------------------------ */

void faults_close(struct hal *hal)
{
	if (hal->garbage_fd >= 0)
		close(hal->garbage_fd);
	hal->garbage_fd = -1;
}

/* Random bytes without a line feed. */
static void fill(struct hal *hal, char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		hal->garbage_seed = hal->garbage_seed * 1664525u + 1013904223u;
		bytes[i] = (char)(hal->garbage_seed >> 24);
		if (bytes[i] == '\n')
			bytes[i] = '\v';
	}
}

static void send_garbage(struct hal *hal)
{
	char bytes[GARBAGE_CHUNK];
	size_t len =
		hal->garbage_left < sizeof(bytes) ? hal->garbage_left : sizeof(bytes);
	ssize_t n;

	fill(hal, bytes, len);
	n = len == 0 ? recv(hal->garbage_fd, bytes, sizeof(bytes), MSG_DONTWAIT)
		     : send(hal->garbage_fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 && (errno == ECONNRESET || errno == EPIPE))
		hal->client_resets++;
	if (n < 0 || (len == 0 && n == 0)) {
		faults_close(hal);
	} else if (len > 0) {
		uint32_t watched = EPOLLOUT;

		hal->garbage_left -= (uint32_t)n;
		/* all sent: only the client's end is of interest now */
		if (hal->garbage_left == 0)
			net_watch(hal->fleet, hal->garbage_fd, &hal->garbage_source,
				&watched, EPOLLIN);
	}
}

static void garbage_event(struct source *source, uint32_t events)
{
	(void)events;
	send_garbage(
		(struct hal *)((char *)source - offsetof(struct hal, garbage_source)));
}

bool faults_take_client(struct hal *hal, uint16_t port, int fd)
{
	uint32_t watched = 0;

	if (!(hal->faults & FAULT_GARBAGE) || port != hal->fleet->options->telnet_port)
		return false;
	faults_close(hal);
	hal->garbage_fd = fd;
	hal->garbage_left = GARBAGE_MAX;
	hal->garbage_seed = (uint32_t)hal->number;
	hal->garbage_source.on_event = garbage_event;
	net_watch(hal->fleet, fd, &hal->garbage_source, &watched, EPOLLOUT);
	return true;
}

/* ---- an upload that breaks off ------------------------------------------------ */

static bool drops(const struct hal *hal, const struct handle *handle)
{
	return hal->drop_after > 0 && handle->port == hal->fleet->options->pasv_port;
}

size_t faults_limit(const struct hal *hal, const struct handle *handle, size_t len)
{
	uint64_t left = hal->drop_after - handle->received_len;

	return drops(hal, handle) && left < len ? (size_t)left : len;
}

void faults_received(struct hal *hal, const struct handle *handle)
{
	if (!drops(hal, handle) || handle->received_len < hal->drop_after)
		return;
	hal->drop_after = 0;
	net_cut_ftp(hal);
}
