/* SPDX-License-Identifier: MIT
 *
 * The read-eval-print loop that telnet and the serial line share (WIRE.md 1.9): prompts,
 * modes, keys. Lines are executed by py.h.
 */
#ifndef WIPY_FIRMWARE_REPL_H
#define WIPY_FIRMWARE_REPL_H

#include <stdbool.h>
#include <stddef.h>

#include "firmware/core/readline.h"

struct wipy_board;

#define REPL_HELP_LINE "Type \"help()\" for more information.\r\n"

struct repl {
	struct readline line;
};

/* The board has started: forgets what was typed. Shows banner and prompt on the
 * console. */
void repl_start(struct wipy_board *board);

/* Takes one key out of the telnet ring. False: there is none, or no room for what it
 * might print. */
bool repl_step(struct wipy_board *board);

/* The banner line with CR LF; returns its length. */
size_t repl_banner(const struct wipy_board *board, char *buf, size_t cap);

/* Text to the client and the console, as it is. */
void repl_write(struct wipy_board *board, const char *text, size_t len);
/* The same with CR LF for each line feed: what programs print. */
void repl_print(struct wipy_board *board, const char *text, size_t len);

/* True if the statement so far lacks something: an open bracket, a block. */
bool repl_needs_more(const char *text, size_t len);

#endif
