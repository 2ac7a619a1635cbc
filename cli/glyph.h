/* SPDX-License-Identifier: MIT
 *
 * Text of unknown origin, one visible character at a time: what may go to a terminal,
 * and how many columns it takes there. A board's own text must never drive the terminal
 * of the person who reads it, so nothing but this module decides what is printable.
 */
#ifndef WIPY_CLI_GLYPH_H
#define WIPY_CLI_GLYPH_H

#include <stddef.h>

struct glyph {
	const char *bytes; /* what to print: into the text, or "?" */
	size_t len;        /* of bytes */
	size_t consumed;   /* bytes of the text that it stands for; 0 at the end */
	int columns;       /* 0, 1 or 2 */
};

/* The character at the beginning of text. Control characters, characters that change
 * the direction of writing and broken UTF-8 come out as "?". */
struct glyph glyph_next(const char *text);

/* The columns of a whole text. */
int glyph_columns(const char *text);

#endif
