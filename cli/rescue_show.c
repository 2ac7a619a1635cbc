/* SPDX-License-Identifier: MIT
 *
 * What a person at the bench watches: the windows of the pin as they pass, and the bytes
 * of a push. Drawn in place on a terminal, a line for each change elsewhere.
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cli/rescue_bench.h"

#define FRAME_MS 50
#define CELLS    56

static const char *tenths(int ms, char ret_text[16])
{
	snprintf(ret_text, 16, "%d.%d", ms / 1000, ms % 1000 / 100);
	return ret_text;
}

static void say_hold(const struct bench *bench, const struct rescue_moment *moment)
{
	const struct rescue_window *use = &bench->pin.window[bench->pin.use - 1];
	int ms = bench->pin.use == RESCUE_WINDOWS ? use->to_ms : use->release_ms;
	char text[16];

	if (moment->let_go)
		writer_put(bench->out, STYLE_GOOD, "LET GO OF %s NOW", bench->pin.name);
	else
		writer_put(bench->out, STYLE_PLAIN, "hold %s at 3V3, let go at %s s",
			bench->pin.name, tenths(ms, text));
	writer_end(bench->out);
}

static void say_window(const struct bench *bench, const struct rescue_moment *moment)
{
	const struct rescue_window *window;

	if (moment->window < 1 || moment->window > RESCUE_WINDOWS) {
		writer_line(bench->out, moment->window == 0 ? "before the windows"
							    : "the windows are over");
		return;
	}
	window = &bench->pin.window[moment->window - 1];
	writer_line(bench->out, "window %d, toggles every %d ms: boots %s",
		moment->window, window->blink_ms, window->boots);
}

static void draw(struct bench *bench, int ms, const struct rescue_moment *moment)
{
	char bar[RESCUE_BAR_MAX], text[16];

	rescue_pin_bar(&bench->pin, ms, CELLS, bar);
	writer_frame_begin(bench->out);
	writer_put(bench->out, STYLE_HEAD, "%6s s  ", tenths(ms, text));
	say_hold(bench, moment);
	writer_put(bench->out, moment->led ? STYLE_WARN : STYLE_DIM, "LED %s  ",
		moment->led ? "(*)" : "( )");
	say_window(bench, moment);
	writer_line(bench->out, "[%s]", bar);
	writer_frame_end(bench->out);
}

/* Elsewhere than on a terminal: what has changed since the last time. */
static void tell(struct bench *bench, int ms, const struct rescue_moment *was,
	const struct rescue_moment *moment)
{
	char text[16];

	if (was->window != moment->window) {
		writer_put(bench->out, STYLE_PLAIN, "%s s: ", tenths(ms, text));
		say_window(bench, moment);
	}
	if (was->let_go != moment->let_go) {
		writer_put(bench->out, STYLE_PLAIN, "%s s: ", tenths(ms, text));
		say_hold(bench, moment);
	}
}

void bench_countdown(struct bench *bench)
{
	struct rescue_moment moment = {.window = -1}, was;
	int64_t begun_ms;
	char line[16];

	writer_line(bench->out, "Connect %s to the board's own 3V3 pin, never to 5 V.",
		bench->pin.name);
	writer_line(bench->out, "Press Enter at the moment at which you reset it.");
	(void)writer_flush(bench->out);
	/* At the end of the input nobody presses anything: it begins at once. */
	if (fgets(line, sizeof(line), stdin) == NULL)
		line[0] = '\0';
	begun_ms = board_now_ms();
	do {
		int ms = (int)(board_now_ms() - begun_ms);

		was = moment;
		moment = rescue_pin_at(&bench->pin, ms);
		if (bench->out->terminal)
			draw(bench, ms, &moment);
		else
			tell(bench, ms, &was, &moment);
		(void)writer_flush(bench->out);
		if (!moment.over)
			(void)poll(NULL, 0, FRAME_MS);
	} while (!moment.over);
	writer_frame_leave(bench->out);
}

void bench_progress(void *arg, size_t taken_len, size_t len)
{
	struct bench *bench = arg;
	int done = len > 0 ? (int)(taken_len * CELLS / len) : 0;
	char bar[CELLS + 1];

	if (!bench->out->terminal)
		return;
	memset(bar, '.', CELLS);
	memset(bar, '#', (size_t)(done > CELLS ? CELLS : done));
	bar[CELLS] = '\0';
	writer_frame_begin(bench->out);
	writer_line(
		bench->out, "[%s] %zu of %zu KiB", bar, taken_len / 1024, len / 1024);
	writer_frame_end(bench->out);
	(void)writer_flush(bench->out);
}
