/* SPDX-License-Identifier: MIT
 *
 * Faults of connections: who is let in, what is heard, what is said.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firmware/ports/linux/faults.h"

#define GARBAGE_MAX   (1024u * 1024u)
#define GARBAGE_CHUNK 4096
#define WRONG_BANNER                                                                   \
	"MicroPython v1.4.6-9-g0badbad on 2015-09-25; LaunchPad with CC3200\r\n"

static bool is_telnet(const struct hal *hal, uint16_t port)
{
	return port == hal->fleet->options->telnet_port;
}

/* ---- who is let in ------------------------------------------------------------ */

bool faults_refuse(const struct hal *hal, uint16_t port)
{
	return hurt_by(&hal->hurt, FAULT_REFUSE_TELNET) && is_telnet(hal, port);
}

bool faults_hold_line(const struct hal *hal, uint16_t port)
{
	return hurt_by(&hal->hurt, FAULT_BUSY) && is_telnet(hal, port);
}

void faults_free_line(struct hal *hal)
{
	for (int i = 0; i < HANDLES; i++)
		if (hal->handles[i].kind == HANDLE_CONN && hal->handles[i].phantom)
			hal->handles[i].gone = 1;
	fleet_step(hal);
}

/* ---- garbage ------------------------------------------------------------------ */

/* A client that gets random bytes instead of the board. Kept once it is made: epoll may
 * still have news of a client that is gone. */
struct garbage {
	struct source source;
	struct hal *hal;
	int fd; /* -1: nobody is there */
	uint32_t watched;
	uint32_t left;
	uint32_t seed;
};

void faults_machine_off(struct hal *hal)
{
	struct garbage *garbage = hal->hurt.garbage;

	if (garbage && garbage->fd >= 0)
		close(garbage->fd);
	if (garbage)
		garbage->fd = -1;
}

void faults_end(struct hal *hal)
{
	faults_machine_off(hal);
	free(hal->hurt.garbage);
	hal->hurt.garbage = NULL;
	for (int i = 0; i < 2; i++)
		free(hal->hurt.own_programs[i]);
}

/* Random bytes without a line feed. */
static void fill(struct garbage *garbage, char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		garbage->seed = garbage->seed * 1664525u + 1013904223u;
		bytes[i] = (char)(garbage->seed >> 24);
		if (bytes[i] == '\n')
			bytes[i] = '\v';
	}
}

static void garbage_event(struct source *source, uint32_t events)
{
	struct garbage *garbage = (struct garbage *)source;
	struct hal *hal = garbage->hal;
	char bytes[GARBAGE_CHUNK];
	size_t len = garbage->left < sizeof(bytes) ? garbage->left : sizeof(bytes);
	ssize_t n;

	(void)events;
	if (garbage->fd < 0)
		return;
	fill(garbage, bytes, len);
	n = len == 0 ? recv(garbage->fd, bytes, sizeof(bytes), MSG_DONTWAIT)
		     : send(garbage->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 && (errno == ECONNRESET || errno == EPIPE))
		hal->client_resets++;
	if (n < 0 || (len == 0 && n == 0)) {
		faults_machine_off(hal);
	} else if (len > 0) {
		garbage->left -= (uint32_t)n;
		/* all sent: only the client's end is of interest now */
		if (garbage->left == 0)
			net_watch(hal->fleet, garbage->fd, &garbage->source,
				&garbage->watched, EPOLLIN);
	}
}

bool faults_take_client(struct hal *hal, uint16_t port, int fd)
{
	struct garbage *garbage;

	if (!hurt_by(&hal->hurt, FAULT_GARBAGE) || !is_telnet(hal, port))
		return false;
	faults_machine_off(hal);
	garbage = hal->hurt.garbage;
	if (!garbage)
		garbage = malloc(sizeof(*garbage));
	if (!garbage) {
		close(fd);
		return true;
	}
	*garbage = (struct garbage){.source.on_event = garbage_event,
		.hal = hal,
		.fd = fd,
		.left = GARBAGE_MAX,
		.seed = (uint32_t)hal->number};
	hal->hurt.garbage = garbage;
	net_watch(hal->fleet, fd, &garbage->source, &garbage->watched, EPOLLOUT);
	return true;
}

/* ---- what is heard ------------------------------------------------------------ */

/* The upload that breaks off: which fault, and after how many bytes. */
static bool breaks_off(const struct hal *hal, const struct handle *handle,
	enum fault *ret_fault, uint64_t *ret_after)
{
	if (handle->wire.kind != WIRE_KIND_DATA)
		return false;
	*ret_fault = hurt_by(&hal->hurt, FAULT_RST_AFTER) ? FAULT_RST_AFTER
							  : FAULT_DROP_AFTER;
	*ret_after = hal->hurt.number[*ret_fault];
	return hurt_by(&hal->hurt, *ret_fault);
}

size_t faults_limit(const struct hal *hal, const struct handle *handle, size_t len)
{
	enum fault fault;
	uint64_t after;

	if (!breaks_off(hal, handle, &fault, &after))
		return len;
	/* armed too late for this one: it breaks off with its next bytes */
	if (after <= handle->received_len)
		return len;
	return after - handle->received_len < len
		       ? (size_t)(after - handle->received_len)
		       : len;
}

int faults_received(struct hal *hal, struct handle *handle, void *buf, int n)
{
	enum wire_phase phase = wire_in(&handle->wire, buf, (size_t)n);
	enum fault fault;
	uint64_t after;

	if (hurt_by(&hal->hurt, FAULT_NO_QUIT) && phase == WIRE_QUIT)
		return -EAGAIN;
	if (hurt_by(&hal->hurt, FAULT_REFUSE_LOGIN))
		wire_spoil(&handle->wire, buf, (size_t)n);
	if (!breaks_off(hal, handle, &fault, &after) || handle->received_len < after)
		return n;
	/* once */
	hal->hurt.armed &= ~(1u << fault);
	hal->hurt.number[fault] = 0;
	net_cut(handle, fault == FAULT_RST_AFTER ? -ECONNRESET : 1);
	return n;
}

/* ---- what is said ------------------------------------------------------------- */

bool faults_swallow(const struct hal *hal, enum wire_phase phase)
{
	return hurt_by(&hal->hurt, FAULT_NO_226) && phase == WIRE_226;
}

const char *faults_other_text(const struct hal *hal, enum wire_phase phase)
{
	return hurt_by(&hal->hurt, FAULT_WRONG_BANNER) && phase == WIRE_BANNER
		       ? WRONG_BANNER
		       : NULL;
}

int64_t faults_stall_ms(struct handle *handle, enum wire_phase phase)
{
	const struct hurt *hurt = &handle->hal->hurt;

	if (hurt->stall_s[phase] == 0 || (handle->stalled >> phase & 1) ||
		(phase == WIRE_CONNECT && handle->wire.kind == WIRE_KIND_DATA))
		return 0;
	/* every client that waits is held up, every other phase once a connection */
	if (phase != WIRE_CONNECT)
		handle->stalled |= (uint16_t)(1u << phase);
	return (int64_t)hurt->stall_s[phase] * 1000;
}
