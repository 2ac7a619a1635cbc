/* SPDX-License-Identifier: MIT
 *
 * A board's life: power, resets, steps, and the timers of the machine around the core.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/flash.h"
#include "firmware/ports/linux/schedule.h"

/* 2015-01-01, counted from 2000-01-01 (WIRE.md 6.5) */
#define RTC_AT_POWER_ON_S 473385600

static void keep_stats(struct hal *hal)
{
	const struct wipy_stats *now = &hal->board.stats;

	hal->before.telnet_accepts += now->telnet_accepts;
	hal->before.logins += now->logins;
	hal->before.ftp_sessions += now->ftp_sessions;
	hal->before.stors += now->stors;
	hal->before.stor_bytes += now->stor_bytes;
	hal->board.stats = (struct wipy_stats){0};
}

/* The machine forgets everything but its flash, its calendar and its faults. */
static void clear_machine(struct hal *hal)
{
	net_abort_all(hal);
	faults_machine_off(hal);
	arena_drop(hal);
	for (int i = 0; i < TIMER_COUNT; i++)
		if (i != TIMER_DRAW)
			hal->timers[i] = WIPY_NEVER;
	hal->hung = false;
	hal->power_lost = false;
	hal->reset_pending = false;
	hal->masked = false;
	hal->flash_us = 0;
	hal->busy_until_ms = 0;
	hal->watchdog_ms = 0;
	hal->gpio = 0;
	wlan_start(hal);
}

static void start_board(struct hal *hal, enum hal_reset_cause cause)
{
	const struct options *options = hal->fleet->options;
	const struct profile *profile = &options->profile;
	struct wipy_settings settings = {.user = options->user,
		.password = options->password,
		.telnet_port = options->telnet_port,
		.ftp_port = options->ftp_port,
		.pasv_port = options->pasv_port,
		.boot_ms = profile->boot_ms,
		.data_rate = profile->rate,
		.timeout_ms = 300000,
		.arena = arena_of(hal),
		.arena_len = hal->fleet->arena_len,
		.led_by_asking = true};

	memcpy(settings.address, &hal->address, sizeof(settings.address));
	clear_machine(hal);
	keep_stats(hal);
	hal->cause = cause;
	hal->powered = true;
	hal->boots++;
	wipy_board_start(
		&hal->board, hal, profile->family, &settings, hal->fleet->now_ms);
	hal->timers[TIMER_CORE] = hal->fleet->now_ms;
}

/* The first time that a board serves, or will never. */
static void note_up(struct hal *hal)
{
	struct fleet *fleet = hal->fleet;

	if (hal->was_up || fleet->error < 0 ||
		(hal->board.state != WIPY_BOARD_HALTED &&
			!(hal->board.state == WIPY_BOARD_RUNNING &&
				hal->wlan.connected)))
		return;
	hal->was_up = true;
	if (++fleet->up_count < fleet->count)
		return;
	fleet->ready = true;
	printf("ready: %d boards\n", fleet->count);
	fflush(stdout);
}

/* ---- the core's step ---------------------------------------------------------- */

/* What the flash had to do in this step is waited for before the next one. */
static void wait_for_flash(struct hal *hal)
{
	if (hal->flash_us < 1000)
		return;
	hal->busy_until_ms = hal->fleet->now_ms + (int64_t)(hal->flash_us / 1000);
	hal->flash_us %= 1000;
}

static void run_core(struct hal *hal)
{
	int64_t now_ms = hal->fleet->now_ms;

	hal->timers[TIMER_CORE] = WIPY_NEVER;
	if (!hal->powered || hal->hung)
		return;
	if (hal->busy_until_ms > now_ms) {
		/* or the sockets would wake it all the time */
		hal->masked = true;
		net_apply_all(hal);
		hal->timers[TIMER_CORE] = hal->busy_until_ms;
		return;
	}
	if (hal->masked) {
		hal->masked = false;
		net_apply_all(hal);
	}
	hal->wakes = false;
	hal->timers[TIMER_CORE] = wipy_board_step(&hal->board, now_ms);
	if (hal->power_lost) {
		fleet_power_off(hal);
		return;
	}
	if (hal->reset_pending) {
		hal->resets++;
		start_board(hal, HAL_RESET_HARD);
		return;
	}
	hal->timers[TIMER_NET] = net_deliver(hal);
	wait_for_flash(hal);
	if (hal->wakes)
		hal->timers[TIMER_CORE] = now_ms;
	if (hal->busy_until_ms > hal->timers[TIMER_CORE])
		hal->timers[TIMER_CORE] = hal->busy_until_ms;
	if (hal->board.state == WIPY_BOARD_RUNNING)
		wlan_begin(hal);
	faults_stepped(hal);
	note_up(hal);
	/* between boot and the next upload the file is not needed */
	if (hal->board.state != WIPY_BOARD_BOOTING && !hal->board.updater.open)
		flash_rest(hal);
}

/* ---- timers ------------------------------------------------------------------- */

static void bite(struct hal *hal)
{
	hal->resets++;
	start_board(hal, HAL_RESET_WATCHDOG);
}

static void deliver(struct hal *hal)
{
	hal->timers[TIMER_NET] = net_deliver(hal);
}

static void listen_again(struct hal *hal)
{
	hal->timers[TIMER_LISTEN] = WIPY_NEVER;
	net_listen_again(hal, false);
}

static void (*const actions[TIMER_COUNT])(struct hal *hal) = {
	[TIMER_CORE] = run_core,
	[TIMER_WATCHDOG] = bite,
	[TIMER_JOIN] = wlan_joined,
	[TIMER_HANG] = life_hang,
	[TIMER_NET] = deliver,
	[TIMER_LISTEN] = listen_again,
	[TIMER_DRAW] = faults_draw,
};

/* The one that is due first. */
static enum timer first_timer(const struct hal *hal)
{
	enum timer first = TIMER_CORE;

	for (int i = 0; i < TIMER_COUNT; i++)
		if (hal->timers[i] < hal->timers[first])
			first = (enum timer)i;
	return first;
}

/* In the order of their times: a step that was due before the watchdog feeds it, even if
 * this process comes late. The core is stepped once, others want their turn too; the
 * rest is bounded, whatever sets timers. */
void life_wake(struct hal *hal)
{
	enum timer first;

	if (hal->awake)
		return;
	hal->awake = true;
	for (int left = 2 * TIMER_COUNT; left > 0; left--) {
		first = first_timer(hal);
		if (hal->timers[first] > hal->fleet->now_ms)
			break;
		actions[first](hal);
		if (first == TIMER_CORE &&
			hal->timers[TIMER_CORE] <= hal->fleet->now_ms &&
			first_timer(hal) == TIMER_CORE)
			break;
	}
	hal->awake = false;
	schedule_plan(hal, hal->timers[first_timer(hal)]);
}

void fleet_step(struct hal *hal)
{
	if (!hal->powered || hal->hung)
		return;
	if (hal->timers[TIMER_CORE] > hal->fleet->now_ms)
		hal->timers[TIMER_CORE] = hal->fleet->now_ms;
	life_wake(hal);
}

/* ---- power, resets ------------------------------------------------------------ */

void life_hang(struct hal *hal)
{
	for (int i = 0; i < TIMER_COUNT; i++)
		if (i != TIMER_DRAW && i != TIMER_WATCHDOG)
			hal->timers[i] = WIPY_NEVER;
	hal->hung = true;
	hal->wlan.connected = false;
	net_park(hal);
	faults_machine_off(hal);
	life_wake(hal);
}

void fleet_power_off(struct hal *hal)
{
	if (!hal->powered)
		return;
	net_park(hal);
	faults_machine_off(hal);
	for (int i = 0; i < TIMER_COUNT; i++)
		if (i != TIMER_DRAW)
			hal->timers[i] = WIPY_NEVER;
	hal->powered = false;
	hal->wlan.connected = false;
	hal->led = false;
	arena_drop(hal);
	flash_rest(hal);
	life_wake(hal);
}

void fleet_power_on(struct hal *hal)
{
	if (hal->powered)
		return;
	hal->hurt.power_taken = false;
	hal_rtc_set(hal, RTC_AT_POWER_ON_S);
	start_board(hal, HAL_RESET_POWER);
	life_wake(hal);
}

void fleet_reset(struct hal *hal)
{
	hal->resets++;
	start_board(hal, HAL_RESET_HARD);
	life_wake(hal);
}

void life_begin(struct hal *hal)
{
	for (int i = 0; i < TIMER_COUNT; i++)
		hal->timers[i] = WIPY_NEVER;
	hal_rtc_set(hal, RTC_AT_POWER_ON_S);
	start_board(hal, HAL_RESET_POWER);
	faults_begin(hal);
	schedule_plan(hal, hal->fleet->now_ms);
}
