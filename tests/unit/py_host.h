/* SPDX-License-Identifier: MIT
 *
 * The interpreter alone: on the mock machine, which is never switched on, with what it
 * prints on the console in a buffer, line feeds as such.
 */
#ifndef WIPY_TESTS_PY_HOST_H
#define WIPY_TESTS_PY_HOST_H

#include <stdlib.h>
#include <string.h>

#include "tests/unit/fw_machine.h"

#define PY_HOST_ARENA (24 * 1024)
#define PY_HOST_OUT   (256 * 1024)

struct py_host {
	struct machine *machine;
	struct wipy_board *board;
	int64_t now_ms;
};

static size_t py_host_out_len;
static char py_host_out[PY_HOST_OUT + 1];

static inline void py_host_print(const char *text, size_t len)
{
	for (size_t i = 0; i < len && py_host_out_len < PY_HOST_OUT; i++)
		if (text[i] != '\r')
			py_host_out[py_host_out_len++] = text[i];
}

static inline struct py_host *py_host_new(size_t arena_len)
{
	struct py_host *host = calloc(1, sizeof(*host));

	if (!host)
		return NULL;
	host->machine = machine_new();
	host->board = &host->machine->board;
	host->board->hal = &host->machine->hal;
	host->board->personality = &wipy_personality_wipy;
	host->machine->hal.console = py_host_print;
	host->board->settings.arena = aligned_alloc(16, (arena_len + 15) / 16 * 16);
	host->board->settings.arena_len = arena_len;
	memset(host->board->settings.arena, 0xA5, arena_len);
	return host;
}

static inline void py_host_free(struct py_host *host)
{
	free(host->board->settings.arena);
	machine_free(host->machine);
	free(host);
}

/* Runs to the end, or for so many bytecodes (then prints "(budget)"). */
static inline const char *py_host_go(struct py_host *host, int64_t budget)
{
	struct wipy_board *board = host->board;
	int64_t each = board->py.slice ? board->py.slice : PY_SLICE;

	while (!py_is_idle(board) && budget > 0) {
		int64_t next = py_step(board, host->now_ms);

		if (next != WIPY_NEVER && next > host->now_ms)
			host->now_ms = next;
		budget -= each;
	}
	if (budget <= 0)
		py_host_print("(budget)\n", 9);
	if (py_failed(board))
		py_show_error(board);
	py_host_out[py_host_out_len] = '\0';
	return py_host_out;
}

static inline const char *py_host_run(struct py_host *host, enum py_mode mode,
	const char *text, size_t len, int64_t budget)
{
	py_start(host->board);
	py_host_out_len = 0;
	py_run_text(host->board, mode, text, len);
	return py_host_go(host, budget);
}

#endif
