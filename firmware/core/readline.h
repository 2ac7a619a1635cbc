/* SPDX-License-Identifier: MIT
 *
 * The line editor of the REPL: keys in, echo out (WIRE.md 1.9). The text lies in the
 * interpreter's heap and holds a whole statement: earlier lines of a block stay before
 * the one being edited. Eight lines of history lie there too.
 */
#ifndef WIPY_FIRMWARE_READLINE_H
#define WIPY_FIRMWARE_READLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wipy_board;

#define READLINE_TEXT    0 /* what is typed, for py_kept() */
#define READLINE_HISTORY 8 /* behind it */

enum readline_escape {
	READLINE_PLAIN,
	READLINE_ESC,         /* ESC */
	READLINE_ESC_O,       /* ESC O */
	READLINE_ESC_BRACKET, /* ESC [ */
	READLINE_ESC_DIGIT,   /* ESC [ 3 */
};

struct readline {
	const char *prompt;
	size_t start;  /* where the line being edited begins */
	size_t cursor; /* in the text */
	enum readline_escape escape;
	uint8_t digit;
	int recalled; /* which line of history is shown, 0 the last; -1: none */
	int newest;   /* the place of the last line of history */
};

enum readline_key {
	READLINE_MORE,   /* nothing for the REPL yet */
	READLINE_LINE,   /* the line is complete */
	READLINE_CTRL_A, /* on an empty line */
	READLINE_CTRL_B,
	READLINE_CTRL_C, /* on any line */
	READLINE_CTRL_D,
	READLINE_CTRL_E,
};

/* The interpreter's heap is new: there is no text and no history. */
void readline_start(struct wipy_board *board);
/* Shows the prompt and begins a line behind the text that is there, indented as the
 * line before. `prompt` is borrowed. */
void readline_begin(struct wipy_board *board, const char *prompt);
/* One key. */
enum readline_key readline_feed(struct wipy_board *board, uint8_t key);
/* Puts bytes into the text; other than the board's history nothing is given up for
 * them. -ENOMEM: the heap is full. */
int readline_insert(struct wipy_board *board, size_t at, const char *bytes, size_t len);

/* ---- between the parts of the editor -------------------------------------------- */

/* TAB: inserts what all names have in common that continue the one before the cursor,
 * or lists them. Returns how many characters were inserted. `ret_listed`: names were
 * printed, the line must be shown again. */
size_t readline_complete(struct wipy_board *board, bool *ret_listed);

#endif
