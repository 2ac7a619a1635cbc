/* SPDX-License-Identifier: MIT
 *
 * The line editor of the REPL: keys in, echo out (WIRE.md 1.9). It collects a whole
 * statement: earlier lines of a block stay in front of the one being edited.
 */
#ifndef WIPY_FIRMWARE_READLINE_H
#define WIPY_FIRMWARE_READLINE_H

#include <stddef.h>
#include <stdint.h>

#define READLINE_MAX 1024 /* a statement with all its lines */

struct wipy_board;

struct readline {
	size_t len;    /* of text, without a NUL */
	size_t start;  /* where the line being edited begins */
	size_t cursor; /* in text */
	int escape;    /* how far into an escape sequence */
	char parameter;
	char text[READLINE_MAX];
};

enum readline_key {
	READLINE_MORE,   /* nothing for the REPL yet */
	READLINE_LINE,   /* the line is complete: text[0..len) */
	READLINE_CTRL_A, /* on an empty line */
	READLINE_CTRL_B,
	READLINE_CTRL_C, /* on any line */
	READLINE_CTRL_D,
	READLINE_CTRL_E,
};

void readline_clear(struct readline *line);
/* Begins another line of the same statement, indented as the one before. */
void readline_continue(struct wipy_board *board, struct readline *line);
/* One key. */
enum readline_key readline_feed(
	struct wipy_board *board, struct readline *line, uint8_t key);

#endif
