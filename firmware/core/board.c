/* SPDX-License-Identifier: MIT
 *
 * A board's life: boot, start, run, halt, reset.
 */
#include "firmware/core/board.h"

#include <errno.h>
#include <string.h>

/* Around a trial: an image that crashes or hangs at its start must not need a hand to
 * come back from (DESIGN: trial boot). Long beside any start. */
#define TRIAL_WATCHDOG_MS 60000

void wipy_board_start(struct wipy_board *board, struct hal *hal,
	const struct wipy_personality *personality,
	const struct wipy_settings *settings, int64_t now_ms)
{
	memset(board, 0, sizeof(*board));
	board->hal = hal;
	board->personality = personality;
	board->settings = *settings;
	board->state = WIPY_BOARD_BOOTING;
	board->start_ms = now_ms;
	boot_start(&board->boot, personality);
}

/* The sockets stay as they are, silent: nobody serves them any more. */
static void halt(struct wipy_board *board)
{
	if (board->servers.running) {
		telnet_srv_freeze(board);
		ftp_srv_freeze(board);
	}
	board->state = WIPY_BOARD_HALTED;
}

void wipy_board_fatal(struct wipy_board *board, int64_t now_ms)
{
	led_show(board, LED_FATAL, now_ms);
	halt(board);
}

/* ---- the watchdog ------------------------------------------------------------- */

static void start_watchdog(struct wipy_board *board, uint32_t timeout_ms)
{
	board->watchdog.started = true;
	board->watchdog.timeout_ms = timeout_ms;
	hal_watchdog_start(board->hal, timeout_ms);
}

void wipy_board_watchdog(struct wipy_board *board, uint32_t timeout_ms)
{
	board->watchdog.by_program = true;
	board->watchdog.fed = true;
	start_watchdog(board, timeout_ms);
}

void wipy_board_watchdog_feed(struct wipy_board *board)
{
	board->watchdog.fed = true;
}

/* At the end of a step: feeds the machine's if all who must be alive are. Returns when
 * the board has to be here again for it: a board that nobody talks to is not dead. */
static int64_t feed_watchdog(struct wipy_board *board, int64_t now_ms)
{
	struct wipy_watchdog *watchdog = &board->watchdog;

	if (!watchdog->started)
		return WIPY_NEVER;
	if (board->servers_dead || board->state == WIPY_BOARD_HALTED ||
		(watchdog->by_program && !watchdog->fed))
		return WIPY_NEVER;
	watchdog->fed = false;
	hal_watchdog_feed(board->hal);
	return watchdog->by_program ? WIPY_NEVER : now_ms + watchdog->timeout_ms / 2;
}

/* ---- boot and start ----------------------------------------------------------- */

static void start_image(struct wipy_board *board, int64_t now_ms)
{
	const struct boot_choice *choice = &board->boot.choice;
	enum hal_area area = boot_record_area(choice->run);

	board->running = choice->run;
	board->safe_boot = choice->safe;
	board->first_boot = !board->boot.facts.has_record && !board->boot.unreadable;
	updater_init(&board->updater, board->personality->boot, choice->run);
	if (board->personality->boot == WIPY_BOOT_TRIAL &&
		choice->next.status == BOOT_TRIAL)
		start_watchdog(board, TRIAL_WATCHDOG_MS);
	/* an image that crashes leaves the LED as it is */
	if (hal_start_image(board->hal, area) != 0) {
		board->state = WIPY_BOARD_HALTED;
		return;
	}
	/* boot.py, which would join a network, is skipped: who comes to help looks for
	 * the board's own (WIRE.md 3.3). A radio that fails must not stop the board. */
	if (choice->safe)
		(void)!hal_wlan_start(board->hal, HAL_WLAN_AP, NULL, NULL);
	board->state = WIPY_BOARD_STARTING;
	/* the time in the safe-boot windows comes on top */
	board->ready_ms = (choice->safe ? now_ms : board->start_ms) +
			  (int64_t)board->settings.boot_ms;
}

static int64_t boot_on(struct wipy_board *board, int64_t now_ms)
{
	int64_t due = boot_step(&board->boot, board->hal, now_ms);

	if (board->boot.phase != BOOT_DONE)
		return due;
	if (board->boot.choice.halt)
		wipy_board_fatal(board, now_ms);
	else
		start_image(board, now_ms);
	return WIPY_NEVER;
}

static void start_servers(struct wipy_board *board, int64_t now_ms)
{
	(void)files_mount(&board->files, board->hal, board->personality);
	servers_start(board, now_ms);
	repl_start(board, now_ms);
	board->state = WIPY_BOARD_RUNNING;
	led_show(board, LED_HEARTBEAT, now_ms);
}

static bool is_named(const struct wipy_board *board)
{
	return board->fingerprint.tag[0] != '\0';
}

/* Learns what runs, a piece at a time; then waits until all is ready. */
static int64_t start_on(struct wipy_board *board, int64_t now_ms)
{
	int err = 0;

	if (!is_named(board))
		err = slot_search(board->hal, boot_record_area(board->running),
			&board->name_at, &board->fingerprint);
	if (err == -EAGAIN)
		return now_ms;
	if (err < 0) {
		wipy_board_fatal(board, now_ms);
		return WIPY_NEVER;
	}
	if (now_ms < board->ready_ms)
		return board->ready_ms;
	start_servers(board, now_ms);
	return now_ms;
}

/* ---- running ------------------------------------------------------------------ */

/* machine.reset(): on most boards the servers are stopped first, so clients see an
 * orderly end. */
static int64_t reset_now(struct wipy_board *board)
{
	if (!board->personality->silent_reset)
		servers_stop(board);
	board->state = WIPY_BOARD_RESETTING;
	hal_reset(board->hal);
	return WIPY_NEVER;
}

static int64_t serve(struct wipy_board *board, int64_t now_ms)
{
	int64_t due = servers_step(board, now_ms);

	due = earlier(due, repl_step(board, now_ms));
	/* the code that ran is gone (Pycom): the LED stays as it is */
	if (board->updater.crashed) {
		led_show(board, led_is_lit(&board->led, now_ms) ? LED_FATAL : LED_OFF,
			now_ms);
		halt(board);
		return WIPY_NEVER;
	}
	/* a hanging servers task cannot be stopped, so the reset waits for ever */
	if (board->reset_wanted && !board->servers_dead)
		return reset_now(board);
	return earlier(due, led_step(board, now_ms));
}

static int64_t go_on(struct wipy_board *board, int64_t now_ms)
{
	if (board->state == WIPY_BOARD_BOOTING) {
		int64_t due = boot_on(board, now_ms);

		if (board->state == WIPY_BOARD_BOOTING)
			return due;
	}
	if (board->state == WIPY_BOARD_STARTING) {
		int64_t due = start_on(board, now_ms);

		if (board->state == WIPY_BOARD_STARTING)
			return due;
	}
	return board->state == WIPY_BOARD_RUNNING ? serve(board, now_ms) : WIPY_NEVER;
}

int64_t wipy_board_step(struct wipy_board *board, int64_t now_ms)
{
	int64_t due = go_on(board, now_ms);

	return earlier(due, feed_watchdog(board, now_ms));
}

bool wipy_board_led(const struct wipy_board *board, int64_t now_ms)
{
	if (board->state == WIPY_BOARD_BOOTING)
		return board->boot.lit;
	return led_is_lit(&board->led, now_ms);
}
