/* SPDX-License-Identifier: MIT
 *
 * What the kinds of probes share: see probe_private.h.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/edge/probe_private.h"

#define LEAVE_MS 1000

void *probe_alloc(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

bool probe_fault_is_ours(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOMEM ||
	       error == -ENOBUFS || error == -ENETDOWN || error == -ENETUNREACH ||
	       error == -EADDRNOTAVAIL || error == -EACCES || error == -EPERM;
}

static void on_timer(uv_timer_t *timer)
{
	struct probe_run *run = timer->data;

	if (run->settled)
		run->ops->kill(run);
	else
		run->ops->late(run);
}

void probe_run_init(struct probe_run *run, uv_loop_t *loop,
	const struct probe_kind_ops *ops, int64_t deadline_ms)
{
	run->ops = ops;
	run->deadline_ms = deadline_ms;
	(void)uv_timer_init(loop, &run->timer);
	run->timer.data = run;
	(void)uv_timer_start(&run->timer, on_timer, (uint64_t)deadline_ms, 0);
}

void probe_run_settle(
	struct probe_run *run, enum probe_outcome outcome, const char *format, ...)
{
	va_list args;

	if (run->settled)
		return;
	run->settled = true;
	run->outcome = outcome;
	va_start(args, format);
	vsnprintf(run->evidence, sizeof(run->evidence), format, args);
	va_end(args);
	(void)uv_timer_start(&run->timer, on_timer, LEAVE_MS, 0);
	run->ops->leave(run);
}

static void on_closed(uv_handle_t *handle)
{
	struct probe_run *run = handle->data;

	if (run->done)
		run->done(run->arg, run->outcome, run->evidence);
	free(run);
}

void probe_run_close(struct probe_run *run)
{
	if (run->closing)
		return;
	run->closing = true;
	uv_close((uv_handle_t *)&run->timer, on_closed);
}

struct probe_run *probe_run_start(uv_loop_t *loop, const struct probe_request *request,
	probe_run_fn done, void *arg)
{
	struct probe_run *run;

	if (request->spec->kind == PROBE_HTTP)
		run = probe_http_start(loop, request);
	else if (request->spec->kind == PROBE_COMMAND)
		run = probe_command_start(loop, request);
	else
		run = probe_tcp_start(loop, request);
	run->done = done;
	run->arg = arg;
	return run;
}

void probe_run_cancel(struct probe_run *run)
{
	run->done = NULL;
	probe_run_settle(run, PROBE_INCONCLUSIVE, "given up");
}
