/* SPDX-License-Identifier: MIT
 *
 * The read-eval-print loop that telnet and the serial line share (WIRE.md 1.9): boot.py
 * and main.py, prompts, modes, keys. Programs run in slices (py.h); keys are taken only
 * while none runs.
 */
#ifndef WIPY_FIRMWARE_REPL_H
#define WIPY_FIRMWARE_REPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/readline.h"
#include "firmware/include/hal.h"

struct wipy_board;

#define REPL_HELP_LINE "Type \"help()\" for more information.\r\n"

enum repl_state {
	REPL_START,   /* at since_ms: a new heap, boot.py, main.py */
	REPL_BOOT_PY, /* it runs */
	REPL_MAIN_PY, /* it runs; the prompt waits for its end */
	REPL_LINE,    /* a line is being edited */
	REPL_PASTE,   /* behind Ctrl-E */
	REPL_RAW,     /* behind Ctrl-A */
	REPL_RUN,     /* what was typed or pasted runs */
	REPL_RUN_RAW, /* what came in raw mode runs */
	REPL_STATE_COUNT
};

#define REPL_MAIN_MAX 64 /* with NUL */

struct repl {
	enum repl_state state;
	bool raw;      /* survives clients and soft resets (WIRE.md 1.5) */
	bool overflow; /* pasted and raw text that the heap did not take */
	int64_t since_ms;
	struct readline line;
	char main_py[REPL_MAIN_MAX]; /* "": main.py */
};

/* The board has started. */
void repl_start(struct wipy_board *board, int64_t now_ms);
/* Goes on: one slice of a program, or the keys that have come. Returns when it must be
 * called again, WIPY_NEVER where only a key or room for output brings it on. Sends what
 * was printed. */
int64_t repl_step(struct wipy_board *board, int64_t now_ms);

/* Something runs that Ctrl-C would interrupt. */
bool repl_is_running(const struct wipy_board *board);
/* Ctrl-C while something runs. */
void repl_interrupt(struct wipy_board *board);

/* machine.main(): what runs behind boot.py, until the next reset of either kind.
 * -EINVAL: too long. */
int repl_set_main(
	struct wipy_board *board, const char *path, size_t len) HAL_WARN_UNUSED;

/* The line with which telnet greets, with CR LF; returns its length. */
size_t repl_telnet_banner(const struct wipy_board *board, char *buf, size_t cap);

/* Text to the client and the console, as it is. */
void repl_write(struct wipy_board *board, const char *text, size_t len);
/* The same with CR LF for each line feed: what programs print. */
void repl_print(struct wipy_board *board, const char *text, size_t len);
/* How many bytes may be written now; a program that prints more waits. */
size_t repl_room(struct wipy_board *board);

/* ---- between the parts of the REPL ---------------------------------------------- */

/* True if the statement so far lacks something: an open bracket, a block. */
bool repl_needs_more(const char *text, size_t len);

#endif
