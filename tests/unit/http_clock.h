/* SPDX-License-Identifier: MIT
 *
 * The clock that libuv and libwebsockets read is the test's: an hour passes by an
 * assignment.
 */
#ifndef WIPY_TESTS_HTTP_CLOCK_H
#define WIPY_TESTS_HTTP_CLOCK_H

#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_ahead_s;

/* In place of the C library's, for every library of this process. */
int clock_gettime(clockid_t id, struct timespec *ret_now)
{
	int r = (int)syscall(SYS_clock_gettime, id, ret_now);

	ret_now->tv_sec += clock_ahead_s;
	return r;
}

#endif
