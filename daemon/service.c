/* SPDX-License-Identifier: MIT
 *
 * The daemon as a process.
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>

#include "daemon/api.h"
#include "daemon/edge/log.h"
#include "daemon/edge/notify.h"
#include "daemon/edge/probe_run.h"
#include "daemon/edge/web.h"
#include "daemon/service.h"
#include "daemon/service_access.h"

#define TAG "wipyd"

struct service {
	uv_loop_t loop;
	struct settings *settings;
	struct inventory **inventory;
	struct engine *engine;
	struct http_server *http;
	struct api api;
	struct service_access access;
	uv_signal_t signal[3];
	uv_timer_t watchdog;
	struct loop_gap gap;
	int exit_code;
	bool stopping;
};

static void closed(void *arg)
{
	(void)arg; /* the loop ends when nothing is left on it */
}

/* The API answers until the engine is at rest: first "stopping", then nothing. */
static void engine_stopped(void *arg)
{
	struct service *service = arg;

	http_server_stop(service->http, closed, NULL);
}

static void stop(struct service *service, int exit_code)
{
	if (service->stopping)
		return;
	service->stopping = true;
	service->exit_code = exit_code;
	notify_send("STOPPING=1\nEXTEND_TIMEOUT_USEC=90000000");
	api_close(&service->api);
	service->access.http = NULL;
	for (size_t i = 0; i < 3; i++)
		uv_close((uv_handle_t *)&service->signal[i], NULL);
	uv_close((uv_handle_t *)&service->watchdog, NULL);
	loop_gap_stop(&service->gap);
	engine_stop(service->engine, engine_stopped, service);
}

static void fatal(void *arg, const char *why)
{
	log_error(TAG, "%s", why);
	stop(arg, EXIT_INTERNAL);
}

static void reload_done(void *arg, int status, const struct inventory_change *change)
{
	(void)arg;
	for (size_t i = 0; status < 0 && i < change->problems->count; i++)
		log_error(TAG, "%s", change->problems->line[i]);
	if (status < 0)
		log_error(TAG, "the inventory has errors: the old one stays");
	for (size_t i = 0; i < change->note_count; i++)
		log_warn(TAG, "%s", change->notes[i]);
	notify_send("READY=1");
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct service *service = handle->data;

	if (number != SIGHUP) {
		log_info(TAG, "stopping on signal %d", number);
		stop(service, EXIT_DONE);
		return;
	}
	notify_reloading();
	service_access_reload(&service->access, NULL, NULL);
	if (engine_reload(service->engine, false, "signal", reload_done, NULL) < 0) {
		log_warn(TAG, "a reload is under way already");
		notify_send("READY=1");
	}
}

static void on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	notify_send("WATCHDOG=1");
}

static void watch(struct service *service)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	int64_t watchdog_ms = notify_watchdog_ms();

	for (size_t i = 0; i < 3; i++) {
		(void)uv_signal_init(&service->loop, &service->signal[i]);
		service->signal[i].data = service;
		(void)uv_signal_start(&service->signal[i], on_signal, numbers[i]);
	}
	(void)uv_timer_init(&service->loop, &service->watchdog);
	if (watchdog_ms > 0)
		(void)uv_timer_start(
			&service->watchdog, on_watchdog, 0, (uint64_t)watchdog_ms);
}

/* What was opened before a failure is closed again, so that nothing is lost. */
static int open_all(struct service *service, struct errtext *error)
{
	const struct settings *settings = service->settings;
	struct engine_config config = {
		.settings = settings,
		.inventory = *service->inventory,
		.secrets_dir = getenv("CREDENTIALS_DIRECTORY"),
		.fatal = fatal,
		.arg = service,
	};
	const struct http_tcp tcp = {
		.address = settings->tcp.address,
		.ipv6 = settings->tcp.ipv6,
		.loopback = settings->tcp.loopback,
		.port = settings->tcp.port,
		.certificate = settings->tcp.certificate,
		.key = settings->tcp.key,
	};
	const struct http_config http = {
		.path = settings->socket,
		.tcp = settings->has_tcp ? &tcp : NULL,
		.access = &settings->access,
	};
	int rc = store_open_sqlite(
		&service->loop, settings->state_dir, &config.store, error);

	if (rc < 0)
		return rc;
	config.read_only = rc == STORE_FULL;
	if (config.read_only)
		log_error(TAG, "%s", error->text);
	rc = catalogue_open(&service->loop, settings->state_dir, &settings->trust,
		&config.catalogue, error);
	config.web = web_new(&service->loop);
	if (rc == 0)
		rc = engine_new(&service->loop, &config, &service->engine, error);
	if (rc < 0) {
		catalogue_free(config.catalogue);
		web_free(config.web);
		store_close(config.store, closed, NULL);
		return rc;
	}
	*service->inventory = NULL; /* the engine's now */
	api_open(&service->api, service->engine);
	rc = http_server_start(&service->loop, &http, api_handle, &service->api,
		&service->http, error);
	if (rc < 0) {
		service->stopping = true; /* there is nothing else to take down */
		api_close(&service->api);
		engine_stop(service->engine, closed, NULL);
	}
	return rc;
}

static void on_api_reload(void *arg, api_reread_fn done, void *done_arg)
{
	service_access_reload(arg, done, done_arg);
}

int service_run(struct settings *settings, struct inventory **inventory)
{
	struct service service = {.settings = settings, .inventory = inventory};
	struct errtext error = {""};
	int rc;

	if (uv_loop_init(&service.loop) < 0)
		return EXIT_INTERNAL;
	rc = open_all(&service, &error);
	if (rc < 0) {
		log_error(TAG, "%s", error.text);
		service.exit_code = EXIT_INTERNAL;
	} else {
		service.access.loop = &service.loop;
		service.access.settings = settings;
		service.access.http = service.http;
		service.api.reload = on_api_reload;
		service.api.reload_arg = &service.access;
		service.api.gap = &service.gap;
		service.api.metrics_per_board = settings->metrics_per_board;
		loop_gap_start(&service.loop, &service.gap);
		watch(&service);
		engine_start(service.engine);
		log_info(TAG, "wipyd " PACKAGE_VERSION " is ready boards=%zu socket=%s",
			engine_board_count(service.engine), service.settings->socket);
		notify_send("READY=1");
	}
	(void)uv_run(&service.loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&service.loop) < 0)
		log_debug(TAG, "something was left on the loop");
	return service.exit_code;
}
