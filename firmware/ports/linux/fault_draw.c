/* SPDX-License-Identifier: MIT
 *
 * Faults that come by themselves: drawn from the seed and the board's number, so that
 * the same fleet has the same day again.
 */
#include "config.h"

#include <stdio.h>

#include "firmware/ports/linux/faults.h"

/* Then it is over, and power is back: long enough for a rollout to meet it. */
#define LASTS_MS     120000
#define HOUR_MS      3600000
#define STALL_MAX_S  30
#define UPLOAD_BYTES 180000
#define FLASH_OPS    400
#define CRASH_MAX_S  60

/* The next number of a row that begins at *state (the mixing of SplitMix64). */
static uint64_t next_number(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static const struct {
	const char *word; /* with "=" behind it: a number up to `max` follows */
	uint32_t max;
} draws[] = {
	{"busy", 0},
	{"corrupt-image", 0},
	{"crash-after=", CRASH_MAX_S},
	{"crash-at-boot", 0},
	{"drop-after=", UPLOAD_BYTES},
	{"garbage", 0},
	{"never-join", 0},
	{"no-226", 0},
	{"no-quit", 0},
	{"power-cut", 0},
	{"power-cut-at=", FLASH_OPS},
	{"refuse-login", 0},
	{"refuse-telnet", 0},
	{"rst-after=", UPLOAD_BYTES},
	{"silent", 0},
	{"stall=banner:", STALL_MAX_S},
	{"stall=login:", STALL_MAX_S},
	{"stall=pasv:", STALL_MAX_S},
	{"stall=stor:", STALL_MAX_S},
	{"stall=data:", STALL_MAX_S},
	{"stall=226:", STALL_MAX_S},
	{"wlan-event", 0},
	{"wrong-banner", 0},
};

int64_t faults_nth(uint32_t seed, int board, uint32_t index, uint32_t rate,
	char ret_word[FAULT_WORD_MAX])
{
	uint64_t state = (uint64_t)seed << 32 ^ (uint64_t)board << 16 ^ index;
	size_t row;
	uint64_t gap;

	(void)next_number(&state); /* neighbours are told apart from the second on */
	row = next_number(&state) % (sizeof(draws) / sizeof(draws[0]));
	if (draws[row].max == 0)
		snprintf(ret_word, FAULT_WORD_MAX, "%s", draws[row].word);
	else
		snprintf(ret_word, FAULT_WORD_MAX, "%s%u", draws[row].word,
			(unsigned)(next_number(&state) % draws[row].max) + 1);
	/* evenly from nothing to twice the mean */
	gap = next_number(&state) % ((uint64_t)2 * HOUR_MS * 1000 / rate + 1);
	return (int64_t)gap;
}

static void plan_next(struct hal *hal)
{
	const struct options *options = hal->fleet->options;

	hal->hurt.draw_ms += faults_nth(options->faults_seed, hal->number,
		hal->hurt.drawn, options->faults_rate, hal->hurt.draw_word);
}

void faults_begin(struct hal *hal)
{
	hal->hurt.draw_ms = hal->fleet->now_ms;
	if (hal->fleet->options->faults_rate == 0)
		return;
	plan_next(hal);
	hal->timers[TIMER_DRAW] = hal->hurt.draw_ms;
}

void faults_draw(struct hal *hal)
{
	struct hurt *hurt = &hal->hurt;
	struct errtext error;

	if (hurt->drawn_now) {
		hurt->drawn_now = false;
		faults_disarm(hal, hurt->drawn_word);
		/* what a hand has switched off stays off */
		if (hurt->power_taken)
			fleet_power_on(hal);
		hal->timers[TIMER_DRAW] = hurt->draw_ms;
		return;
	}
	snprintf(hurt->drawn_word, sizeof(hurt->drawn_word), "%s", hurt->draw_word);
	hurt->drawn_now = faults_arm(hal, hurt->drawn_word, &error) == 0;
	hurt->drawn++;
	plan_next(hal);
	hal->timers[TIMER_DRAW] = hal->fleet->now_ms + LASTS_MS < hurt->draw_ms
					  ? hal->fleet->now_ms + LASTS_MS
					  : hurt->draw_ms;
}
