/* SPDX-License-Identifier: MIT
 *
 * A board's life: boot, start, run, halt, reset.
 */
#include "firmware/core/board.h"

#include <string.h>

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
	boot_start(&board->boot);
}

/* LED on for good, as the loader of the boards does where it finds no image. */
static int64_t halt(struct wipy_board *board)
{
	led_show(board, LED_FATAL, board->start_ms);
	board->state = WIPY_BOARD_HALTED;
	return WIPY_NEVER;
}

static int64_t boot_on(struct wipy_board *board, int64_t now_ms)
{
	const struct boot_choice *choice = &board->boot.choice;
	enum hal_area area;
	int64_t due = boot_step(&board->boot, board->hal, now_ms);

	if (board->boot.phase != BOOT_DONE)
		return due;
	if (choice->halt)
		return halt(board);
	board->running = choice->run;
	board->safe_boot = choice->safe;
	area = boot_record_area(choice->run);
	/* an image that crashes leaves the LED as it is */
	if (hal_start_image(board->hal, area) != 0) {
		board->state = WIPY_BOARD_HALTED;
		return WIPY_NEVER;
	}
	if (slot_find_fingerprint(board->hal, area, &board->fingerprint) < 0)
		return halt(board);
	board->state = WIPY_BOARD_STARTING;
	/* the time in the safe-boot windows comes on top */
	board->ready_ms = (choice->safe ? now_ms : board->start_ms) +
			  (int64_t)board->settings.boot_ms;
	return board->ready_ms;
}

static void start_servers(struct wipy_board *board, int64_t now_ms)
{
	files_start(&board->files);
	servers_start(board, now_ms);
	repl_start(board, now_ms);
	board->state = WIPY_BOARD_RUNNING;
}

/* machine.reset(): the servers are stopped first, so clients see an orderly end. */
static int64_t reset_now(struct wipy_board *board)
{
	servers_stop(board);
	board->state = WIPY_BOARD_RESETTING;
	hal_reset(board->hal);
	return WIPY_NEVER;
}

static int64_t serve(struct wipy_board *board, int64_t now_ms)
{
	int64_t servers_due = servers_step(board, now_ms);
	int64_t repl_due = repl_step(board, now_ms);

	/* a hanging servers task cannot be stopped, so the reset waits for ever */
	if (board->reset_wanted && !board->servers_dead)
		return reset_now(board);
	return servers_due < repl_due ? servers_due : repl_due;
}

int64_t wipy_board_step(struct wipy_board *board, int64_t now_ms)
{
	hal_watchdog_feed(board->hal);
	if (board->state == WIPY_BOARD_BOOTING) {
		int64_t due = boot_on(board, now_ms);

		if (board->state != WIPY_BOARD_STARTING)
			return due;
	}
	if (board->state == WIPY_BOARD_STARTING) {
		if (now_ms < board->ready_ms)
			return board->ready_ms;
		start_servers(board, now_ms);
	}
	return board->state == WIPY_BOARD_RUNNING ? serve(board, now_ms) : WIPY_NEVER;
}

bool wipy_board_led(const struct wipy_board *board, int64_t now_ms)
{
	return led_is_lit(&board->led, now_ms);
}
