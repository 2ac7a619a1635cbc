/* SPDX-License-Identifier: MIT
 *
 * The small adapters on virtual ground: clock, log, catalogue.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/clock.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"
#include "tests/sim/sim.h"

/* ---- clock ------------------------------------------------------------------------ */

int64_t clock_now_s(void)
{
	return SIM_START_S + sim->now_ms / 1000;
}

/* From 1 on: 0 stands for "never" in many places. */
int64_t clock_now_ms(uv_loop_t *loop)
{
	(void)loop;
	return sim->now_ms + 1;
}

void clock_random(void *ret_bytes, size_t len)
{
	uint8_t *byte = ret_bytes;

	for (size_t i = 0; i < len; i++)
		byte[i] = (uint8_t)sim_random(256);
}

void clock_timer_init(
	uv_loop_t *loop, struct clock_timer *timer, void (*due)(void *arg), void *arg)
{
	*timer = (struct clock_timer){.due = due, .arg = arg};
	timer->handle.data = NULL;
	(void)loop;
}

static void timer_due(void *arg)
{
	struct clock_timer *timer = arg;

	timer->handle.data = NULL;
	timer->due(timer->arg);
}

void clock_timer_stop(struct clock_timer *timer)
{
	sim_cancel(timer->handle.data);
	timer->handle.data = NULL;
}

void clock_timer_start(struct clock_timer *timer, int64_t in_ms)
{
	clock_timer_stop(timer);
	timer->handle.data = sim_at(in_ms, timer_due, timer);
}

static void timer_closed(void *arg)
{
	struct clock_timer *timer = arg;

	timer->closed(timer->arg);
}

void clock_timer_close(struct clock_timer *timer, void (*closed)(void *arg))
{
	clock_timer_stop(timer);
	timer->closed = closed;
	(void)sim_at(0, timer_closed, timer);
}

/* ---- log -------------------------------------------------------------------------- */

void log_init(enum log_level level, bool journal)
{
	(void)level;
	(void)journal;
}

void log_write(enum log_level level, const char *tag, const char *format, ...)
{
	char text[160];
	va_list args;

	if (level == LOG_LEVEL_DEBUG)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	sim_note("%s: %s", tag, text);
}

/* ---- catalogue -------------------------------------------------------------------- */

struct wanted {
	const struct sim_file *file;
	catalogue_bytes_fn done;
	catalogue_checked_fn checked;
	void *arg;
};

size_t catalogue_count(const struct catalogue *catalogue)
{
	(void)catalogue;
	return SIM_RELEASES - sim->forgotten;
}

const struct release *catalogue_at(const struct catalogue *catalogue, size_t index)
{
	(void)catalogue;
	return &sim->release[index + sim->forgotten];
}

int catalogue_find(const struct catalogue *catalogue, const char *name,
	const struct release **ret_release, struct errtext *ret_error)
{
	for (size_t i = 0; i < catalogue_count(catalogue); i++)
		if (strcmp(catalogue_at(catalogue, i)->name, name) == 0) {
			*ret_release = catalogue_at(catalogue, i);
			return 0;
		}
	snprintf(ret_error->text, sizeof(ret_error->text), "no release %s", name);
	return -ENOENT;
}

/* Nothing comes from the web: these stand in for engine_channel.c and engine_fetch.c. */
void engine_channels_tick(struct engine *engine)
{
	(void)engine;
}

void engine_fetch_cancel_all(struct engine *engine)
{
	(void)engine;
}

void engine_fetch_free_all(struct engine *engine)
{
	(void)engine;
}

struct catalogue *catalogue_free(struct catalogue *catalogue)
{
	(void)catalogue;
	return NULL;
}

struct held {
	struct catalogue_bytes bytes; /* first */
	int references;
};

static void bytes_read(void *arg)
{
	struct wanted *wanted = arg;
	struct held *held = calloc(1, sizeof(*held));
	struct errtext none = {""};

	if (!held)
		abort();
	/* Nobody looks into the bytes: the pusher finds the file by their address. */
	held->bytes.data = (const uint8_t *)wanted->file;
	held->bytes.len = wanted->file->len;
	held->references = 1;
	wanted->done(wanted->arg, 0, &held->bytes, &none);
	free(wanted);
}

void catalogue_get_bytes(struct catalogue *catalogue, const char *sha256,
	catalogue_bytes_fn done, void *arg)
{
	struct wanted *wanted = calloc(1, sizeof(*wanted));

	(void)catalogue;
	if (!wanted)
		abort();
	*wanted = (struct wanted){
		.file = sim_file_named(sha256), .done = done, .arg = arg};
	(void)sim_at(1, bytes_read, wanted);
}

static void checked(void *arg)
{
	struct wanted *wanted = arg;
	struct errtext none = {""};

	wanted->checked(wanted->arg, 0, &none);
	free(wanted);
}

void catalogue_check_image(struct catalogue *catalogue, const char *sha256,
	catalogue_checked_fn done, void *arg)
{
	struct wanted *wanted = calloc(1, sizeof(*wanted));

	(void)catalogue;
	(void)sha256;
	if (!wanted)
		abort();
	*wanted = (struct wanted){.checked = done, .arg = arg};
	(void)sim_at(1, checked, wanted);
}

void catalogue_release_bytes(
	struct catalogue *catalogue, const struct catalogue_bytes *bytes)
{
	struct held *held = (struct held *)(uintptr_t)bytes;

	(void)catalogue;
	if (--held->references == 0)
		free(held);
}

void catalogue_hold_bytes(
	struct catalogue *catalogue, const struct catalogue_bytes *bytes)
{
	(void)catalogue;
	((struct held *)(uintptr_t)bytes)->references++;
}

/* ---- the worker pool -------------------------------------------------------------- */

int __wrap_uv_queue_work(
	uv_loop_t *loop, uv_work_t *work, uv_work_cb job, uv_after_work_cb done);

static void work(void *arg)
{
	uv_work_t *request = arg;

	request->work_cb(request);
	request->after_work_cb(request, 0);
}

int __wrap_uv_queue_work(
	uv_loop_t *loop, uv_work_t *request, uv_work_cb job, uv_after_work_cb done)
{
	(void)loop;
	request->work_cb = job;
	request->after_work_cb = done;
	(void)sim_at(sim_between(1, 400), work, request);
	return 0;
}
