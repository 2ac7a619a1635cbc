/* SPDX-License-Identifier: MIT
 *
 * The clock of the machine, the timers of libuv, the randomness of libsodium.
 */
#include "config.h"

#include "daemon/edge/clock.h"

#include <sodium.h>

int64_t clock_now_s(void)
{
	uv_timeval64_t now;

	return uv_gettimeofday(&now) == 0 ? now.tv_sec : 0;
}

int64_t clock_now_ms(uv_loop_t *loop)
{
	return (int64_t)uv_now(loop);
}

void clock_random(void *ret_bytes, size_t len)
{
	randombytes_buf(ret_bytes, len);
}

void clock_timer_init(
	uv_loop_t *loop, struct clock_timer *timer, void (*due)(void *arg), void *arg)
{
	(void)uv_timer_init(loop, &timer->handle); /* always 0 */
	timer->handle.data = timer;
	timer->due = due;
	timer->arg = arg;
}

static void on_due(uv_timer_t *handle)
{
	struct clock_timer *timer = handle->data;

	timer->due(timer->arg);
}

void clock_timer_start(struct clock_timer *timer, int64_t in_ms)
{
	/* -EINVAL comes for a timer that is closing: it has nothing to wait for. */
	(void)uv_timer_start(
		&timer->handle, on_due, in_ms > 0 ? (uint64_t)in_ms : 0, 0);
}

void clock_timer_stop(struct clock_timer *timer)
{
	(void)uv_timer_stop(&timer->handle); /* always 0 */
}

static void on_closed(uv_handle_t *handle)
{
	struct clock_timer *timer = handle->data;

	timer->closed(timer->arg);
}

void clock_timer_close(struct clock_timer *timer, void (*closed)(void *arg))
{
	timer->closed = closed;
	uv_close((uv_handle_t *)&timer->handle, on_closed);
}
