/* SPDX-License-Identifier: MIT
 *
 * Time and chance: the two clocks, one-shot timers on the loop, random bytes. The engine
 * takes them from here alone, so that a simulation can own both by linking its own
 * implementation of this header.
 */
#ifndef WIPY_EDGE_CLOCK_H
#define WIPY_EDGE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* Wall clock, seconds since 1970; 0 if it cannot be read. */
int64_t clock_now_s(void);
/* Monotonic, as of the loop's present turn. */
int64_t clock_now_ms(uv_loop_t *loop);
void clock_random(void *ret_bytes, size_t len);

/* Embedded in its owner, who must live until `closed` was called. */
struct clock_timer {
	uv_timer_t handle;
	void (*due)(void *arg);
	void (*closed)(void *arg);
	void *arg;
};

void clock_timer_init(
	uv_loop_t *loop, struct clock_timer *timer, void (*due)(void *arg), void *arg);
/* Once, `in_ms` from now (at or below 0: in the next turn), instead of whatever the timer
 * waited for. */
void clock_timer_start(struct clock_timer *timer, int64_t in_ms);
void clock_timer_stop(struct clock_timer *timer);
/* `closed` comes on the loop, with the timer's arg. Once only. */
void clock_timer_close(struct clock_timer *timer, void (*closed)(void *arg));

#endif
