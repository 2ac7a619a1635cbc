/* SPDX-License-Identifier: MIT
 *
 * The events come over a connection of their own. Nothing of them is read but that they
 * came: how things stand is asked for then, so none is missed by a connection that was cut.
 */
#include "config.h"

#include "cli/watch_wake.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AGAIN_MS 1000 /* between two attempts to follow */
#define STEP_MS  1000 /* a signal that comes just before a wait is seen so much later */

static volatile sig_atomic_t wake_int, wake_winch;

struct wake {
	struct client *client; /* of the events */
	struct client *asks;   /* borrowed: of the cli */
	struct sigaction before_int, before_winch;
	char path[CLIENT_PATH_MAX]; /* "": nothing to follow yet */
	bool open, heard;           /* heard: it has said something */
	bool woken, lost;
	int64_t again_ms; /* not tried before */
};

static void on_int(int number)
{
	(void)number;
	wake_int = 1;
}

static void on_winch(int number)
{
	(void)number;
	wake_winch = 1;
}

bool wake_interrupted(void)
{
	return wake_int != 0;
}

bool wake_resized(void)
{
	bool resized = wake_winch != 0;

	wake_winch = 0;
	return resized;
}

int64_t wake_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

struct wake *wake_new(struct cli *cli, struct failure *ret_failure)
{
	const struct client_place place = {
		cli->socket_path, cli->token_file, cli->ca_file};
	/* Restarting saves a write to the terminal; waiting ends all the same. */
	struct sigaction interrupt = {.sa_handler = on_int, .sa_flags = SA_RESTART};
	struct sigaction winch = {.sa_handler = on_winch, .sa_flags = SA_RESTART};
	struct wake *wake = calloc(1, sizeof(*wake));

	if (wake == NULL) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL,
			"there is not enough memory");
		return NULL;
	}
	if (client_new(&place, &wake->client, ret_failure) < 0) {
		free(wake);
		return NULL;
	}
	wake_int = wake_winch = 0;
	(void)sigaction(SIGINT, &interrupt, &wake->before_int);
	(void)sigaction(SIGWINCH, &winch, &wake->before_winch);
	wake->asks = cli->client;
	client_set_interrupt(wake->asks, &wake_int);
	client_set_interrupt(wake->client, &wake_int);
	return wake;
}

struct wake *wake_free(struct wake *wake)
{
	if (wake == NULL)
		return NULL;
	client_set_interrupt(wake->asks, NULL);
	client_free(wake->client);
	(void)sigaction(SIGINT, &wake->before_int, NULL);
	(void)sigaction(SIGWINCH, &wake->before_winch, NULL);
	free(wake);
	return NULL;
}

static void wake_close(struct wake *wake)
{
	client_follow_end(wake->client);
	wake->open = wake->heard = false;
}

void wake_follow(struct wake *wake, const char *id)
{
	char path[CLIENT_PATH_MAX] = "/v1/events?rollout=";

	if (!client_path_add(path, id, true) || strcmp(path, wake->path) == 0)
		return;
	memcpy(wake->path, path, sizeof(path));
	wake_close(wake);
	wake->again_ms = 0;
}

bool wake_hears(const struct wake *wake)
{
	return wake->heard;
}

bool wake_lost(struct wake *wake)
{
	bool lost = wake->lost;

	wake->lost = false;
	return lost;
}

static int on_bytes(void *arg, const char *data, size_t len)
{
	struct wake *wake = arg;

	(void)data, (void)len;
	wake->woken = wake->heard = true;
	return 0;
}

static void wake_sleep(int64_t ms)
{
	const struct timespec span = {
		.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	(void)nanosleep(&span, NULL);
}

/* At most so long. */
static void wake_step(struct wake *wake, int64_t ms)
{
	struct failure failure;
	int rc = 0;

	if (!wake->open && wake->path[0] != '\0' && wake_now_ms() >= wake->again_ms) {
		wake->again_ms = wake_now_ms() + AGAIN_MS;
		rc = client_follow_begin(
			wake->client, wake->path, "", on_bytes, wake, &failure);
		wake->open = rc == 0;
	} else if (wake->open) {
		rc = client_follow_step(wake->client, (int)ms, &failure);
	} else {
		wake_sleep(ms);
	}
	if (rc == 0)
		return;
	/* It may be that the daemon is gone: who asks it will see. */
	wake->woken = wake->woken || wake->heard;
	wake->lost = wake->lost || wake->heard;
	wake_close(wake);
	if (rc < 0)
		failure_done(&failure);
}

void wake_wait(struct wake *wake, int64_t least_ms, int64_t most_ms)
{
	int64_t begin_ms = wake_now_ms();

	for (;;) {
		int64_t spent_ms = wake_now_ms() - begin_ms, left_ms;

		left_ms = (wake->woken ? least_ms : most_ms) - spent_ms;
		if (left_ms <= 0 || wake_int || wake_winch)
			break;
		wake_step(wake, left_ms < STEP_MS ? left_ms : STEP_MS);
	}
	wake->woken = false;
}
