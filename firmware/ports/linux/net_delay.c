/* SPDX-License-Identifier: MIT
 *
 * Delays: of connections at the listener, of bytes to the board in parcels, of bytes
 * from it in a buffer of the handle. All of a round trip's latency lies on the way to
 * the board.
 */
#include "config.h"

#include "firmware/ports/linux/net_delay.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "firmware/ports/linux/faults.h"

#define HELD_MAX 4096
#define PIECE    2048
#define SEND_MAX 1024 /* taken in one call, so that a handle can always keep it */

/* What a handle has sent and the net keeps back. */
struct held {
	int64_t due_ms;
	bool blocked; /* due, but the socket has no room */
	size_t len;
	uint8_t bytes[HELD_MAX];
};

/* ---- how long ----------------------------------------------------------------- */

static int64_t latency_ms(struct hal *hal)
{
	const struct profile *profile = &hal->fleet->options->profile;

	if (profile->jitter_ms == 0)
		return profile->latency_ms;
	hal->jitter = hal->jitter * 1664525u + 1013904223u;
	return profile->latency_ms + (hal->jitter >> 8) % (profile->jitter_ms + 1);
}

static bool has_latency(const struct hal *hal)
{
	const struct profile *profile = &hal->fleet->options->profile;

	return profile->latency_ms > 0 || profile->jitter_ms > 0;
}

/* Bytes to the board take the way through parcels. */
static bool is_slow(const struct handle *handle)
{
	return handle->parcels.first || has_latency(handle->hal) ||
	       hurt_by(&handle->hal->hurt, FAULT_STALL);
}

static void wake_by(struct hal *hal, int64_t due_ms)
{
	if (due_ms < hal->timers[TIMER_NET])
		hal->timers[TIMER_NET] = due_ms;
}

/* ---- watching ----------------------------------------------------------------- */

static bool wants_in(const struct handle *handle)
{
	/* what is on its way is seen when it arrives, wanted or not */
	if (handle->kind == HANDLE_CONN && is_slow(handle))
		return handle->parcels.len < PARCELS_MAX &&
		       !parcels_ended(&handle->parcels);
	return (handle->wanted & HAL_NET_IN) && !handle->hal->masked &&
	       handle->accept_ms == 0;
}

void delay_watch(struct handle *handle)
{
	uint32_t events = wants_in(handle) ? (uint32_t)EPOLLIN : 0;

	if (((handle->wanted & HAL_NET_OUT) && !handle->hal->masked) ||
		(handle->held && handle->held->blocked))
		events |= (uint32_t)EPOLLOUT;
	net_watch(handle->hal->fleet, handle->fd, &handle->source, &handle->watched,
		events);
}

/* On a virtual clock minutes pass before the kernel acknowledges a byte by itself, and
 * until then a client's kernel may keep back the next ones. */
static void acknowledge(struct handle *handle)
{
	static const int one = 1;

	if (handle->hal->fleet->is_virtual)
		setsockopt(handle->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
}

static int read_socket(struct handle *handle, void *buf, size_t len)
{
	struct hal *hal = handle->hal;
	ssize_t n = recv(handle->fd, buf, len, MSG_DONTWAIT);

	if (n > 0) {
		acknowledge(handle);
		return (int)n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	/* an end of file may hide a reset that came right behind it */
	if (n == 0 ? net_has_reset(handle->fd) : errno == ECONNRESET || errno == EPIPE)
		net_count_reset(hal, &handle->reset_seen);
	return n == 0 ? 0 : -ECONNRESET;
}

/* Takes what has arrived off the socket. */
static void pump(struct handle *handle)
{
	struct hal *hal = handle->hal;
	uint8_t bytes[PIECE];

	while (wants_in(handle)) {
		size_t room = PARCELS_MAX - handle->parcels.len;
		int n = read_socket(
			handle, bytes, room < sizeof(bytes) ? room : sizeof(bytes));
		int64_t due_ms = hal->fleet->now_ms + latency_ms(hal);

		if (n == -EAGAIN)
			break;
		if (n > 0)
			due_ms += faults_stall_ms(
				handle, wire_in(&handle->wire, bytes, (size_t)n));
		if (!parcels_put(&handle->parcels, due_ms, bytes, n > 0 ? (size_t)n : 0,
			    n > 0    ? 0
			    : n == 0 ? 1
				     : n))
			break;
	}
	wake_by(hal, parcels_due_ms(&handle->parcels));
	delay_watch(handle);
}

/* Clients are made to wait before they are accepted. */
static bool is_slow_to_accept(const struct hal *hal)
{
	return has_latency(hal) || hal->hurt.stall_s[WIRE_CONNECT] > 0;
}

static void listener_event(struct handle *handle)
{
	struct hal *hal = handle->hal;

	if (!is_slow_to_accept(hal)) {
		fleet_step(hal);
		return;
	}
	handle->accept_ms = hal->fleet->now_ms + latency_ms(hal) +
			    faults_stall_ms(handle, WIRE_CONNECT);
	wake_by(hal, handle->accept_ms);
	delay_watch(handle);
	life_wake(hal);
}

void delay_event(struct source *source, uint32_t events)
{
	struct handle *handle = (struct handle *)source;
	struct hal *hal = handle->hal;

	if (handle->held && handle->held->blocked)
		delay_flush(handle);
	if (handle->kind == HANDLE_LISTENER) {
		listener_event(handle);
	} else if (handle->kind == HANDLE_CONN && is_slow(handle)) {
		pump(handle);
		if ((events & EPOLLOUT) && (handle->wanted & HAL_NET_OUT))
			fleet_step(hal);
		life_wake(hal);
	} else {
		fleet_step(hal);
	}
}

int64_t net_deliver(struct hal *hal)
{
	int64_t now_ms = hal->fleet->now_ms, next_ms = WIPY_NEVER;

	for (int i = 0; i < HANDLES; i++) {
		struct handle *handle = &hal->handles[i];
		int64_t due_ms = handle->kind == HANDLE_LISTENER
					 ? handle->accept_ms
					 : parcels_due_ms(&handle->parcels);

		if (handle->kind == HANDLE_FREE)
			continue;
		if (handle->held && handle->held->due_ms <= now_ms)
			delay_flush(handle);
		else if (handle->held && handle->held->due_ms < next_ms)
			next_ms = handle->held->due_ms;
		if (due_ms > now_ms && due_ms < next_ms)
			next_ms = due_ms;
		if (due_ms > 0 && due_ms <= now_ms && (handle->wanted & HAL_NET_IN))
			hal->timers[TIMER_CORE] = now_ms;
	}
	return next_ms;
}

/* ---- to the board ------------------------------------------------------------- */

bool delay_may_accept(struct handle *handle)
{
	struct hal *hal = handle->hal;

	if (!is_slow_to_accept(hal) && handle->accept_ms == 0)
		return true;
	return handle->accept_ms > 0 && handle->accept_ms <= hal->fleet->now_ms;
}

int delay_recv(struct handle *handle, void *buf, size_t len)
{
	int n;

	if (!is_slow(handle))
		return read_socket(handle, buf, len);
	n = parcels_take(&handle->parcels, handle->hal->fleet->now_ms, buf, len);
	delay_watch(handle);
	return n;
}

/* ---- from the board ----------------------------------------------------------- */

static int write_socket(struct handle *handle, const void *bytes, size_t len)
{
	ssize_t n = send(handle->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n >= 0)
		return (int)n;
	if (errno == EAGAIN || errno == EINTR)
		return -EAGAIN;
	if (errno == ECONNRESET || errno == EPIPE)
		net_count_reset(handle->hal, &handle->reset_seen);
	return -ECONNRESET;
}

static void drop_held(struct handle *handle)
{
	free(handle->held);
	handle->held = NULL;
}

void delay_flush(struct handle *handle)
{
	struct held *held = handle->held;
	int n;

	if (!held)
		return;
	n = handle->fd >= 0 ? write_socket(handle, held->bytes, held->len) : 0;
	if (n > 0) {
		held->len -= (size_t)n;
		memmove(held->bytes, held->bytes + n, held->len);
	}
	held->blocked = held->len > 0 && (n > 0 || n == -EAGAIN);
	if (!held->blocked)
		drop_held(handle);
	delay_watch(handle);
}

void net_release(struct hal *hal)
{
	for (int i = 0; i < HANDLES; i++) {
		struct handle *handle = &hal->handles[i];

		if (handle->kind == HANDLE_FREE)
			continue;
		if (handle->accept_ms > hal->fleet->now_ms)
			handle->accept_ms = hal->fleet->now_ms;
		parcels_hurry(&handle->parcels, hal->fleet->now_ms);
		delay_flush(handle);
		delay_watch(handle);
	}
	fleet_step(hal);
}

void delay_drop(struct handle *handle)
{
	parcels_drop(&handle->parcels);
	drop_held(handle);
}

/* Keeps bytes back until due_ms, behind those that are kept back already. */
static void hold(
	struct handle *handle, int64_t due_ms, const uint8_t *bytes, size_t len)
{
	struct held *held = handle->held;

	if (!held) {
		held = malloc(sizeof(*held));
		if (!held)
			return;
		held->due_ms = due_ms;
		held->blocked = false;
		held->len = 0;
		handle->held = held;
		wake_by(handle->hal, due_ms);
	}
	memcpy(held->bytes + held->len, bytes, len);
	held->len += len;
}

/* All of it: what the socket does not take is kept. Negative: the connection is gone. */
static int emit(struct handle *handle, const uint8_t *bytes, size_t len)
{
	int n = 0;

	if (!handle->held && len > 0)
		n = write_socket(handle, bytes, len);
	if (n == -EAGAIN)
		n = 0;
	if (n >= 0 && (size_t)n < len)
		hold(handle, handle->hal->fleet->now_ms, bytes + n, len - (size_t)n);
	return n < 0 ? n : 0;
}

/* One run of one phase; the faults say what becomes of it. */
static int send_run(
	struct handle *handle, const struct wire_run *run, const uint8_t *bytes)
{
	struct hal *hal = handle->hal;
	bool first = run->phase == WIRE_BANNER && !handle->banner_begun;
	int64_t stall_ms;
	const char *other;

	handle->banner_begun |= run->phase == WIRE_BANNER;
	if (faults_swallow(hal, run->phase))
		return 0;
	stall_ms = run->phase == WIRE_BANNER || run->phase == WIRE_226
			   ? faults_stall_ms(handle, run->phase)
			   : 0;
	if (stall_ms > 0 && !handle->held)
		hold(handle, hal->fleet->now_ms + stall_ms, bytes, 0);
	other = faults_other_text(hal, run->phase);
	if (other)
		return first ? emit(handle, (const uint8_t *)other, strlen(other)) : 0;
	if (run->prefix > 0) {
		int err = emit(handle, (const uint8_t *)WIRE_226_TEXT, run->prefix);

		if (err < 0)
			return err;
	}
	return emit(handle, bytes, run->len);
}

int delay_send(struct handle *handle, const void *buf, size_t len)
{
	const uint8_t *bytes = buf;
	size_t done = 0;

	if (handle->wire.kind == WIRE_KIND_DATA)
		return write_socket(handle, bytes, len);
	if (len > SEND_MAX)
		len = SEND_MAX;
	/* what is kept back is the window that is full */
	if (handle->held && HELD_MAX - handle->held->len < 2 * SEND_MAX)
		return -EAGAIN;
	while (done < len) {
		struct wire_run run;
		int err;

		run = wire_out(&handle->wire, bytes + done, len - done);
		err = run.undecided ? 0 : send_run(handle, &run, bytes + done);
		if (err < 0)
			return err;
		done += run.len;
	}
	return (int)done;
}
