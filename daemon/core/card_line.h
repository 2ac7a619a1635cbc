/* SPDX-License-Identifier: MIT
 *
 * The lines that cards are made of. Pure text; the same lines go to the terminal and to
 * the API.
 */
#ifndef WIPY_CORE_CARD_LINE_H
#define WIPY_CORE_CARD_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define CARD_TEXT_MAX  400
#define CARD_LINES_MAX 40

enum card_part {
	CARD_WHY,     /* what is wrong */
	CARD_POWER,   /* what a plain start boots, and whether it may be given one */
	CARD_IMAGE,   /* what is written by wire */
	CARD_CHECK,   /* before anything else */
	CARD_STEP,    /* in this order */
	CARD_LED,     /* if this pattern is seen (`seen`), it means that */
	CARD_CONSOLE, /* the same of text at the serial console */
	CARD_SAFE,    /* what safe boot is */
	CARD_BACK,    /* to a version that is known to work */
	CARD_MAKER,   /* to the firmware of the chip's maker */
	CARD_NEXT,    /* when the board is back */
	CARD_PART_COUNT
};
const char *card_part_name(enum card_part part);

struct card_line {
	enum card_part part;
	const char *seen; /* static: "steady", "fast", ...; "" for no pattern */
	bool command;     /* to be typed as it is, but for PORT */
	char text[CARD_TEXT_MAX];
};

struct card_lines {
	size_t count;
	struct card_line line[CARD_LINES_MAX];
};

/* The line that is added. What comes when all are taken goes over the last one. */
struct card_line *card_say(
	struct card_lines *lines, enum card_part part, const char *sentence);

/* Pieces of one line up to a NULL. */
struct card_line *card_say_all(
	struct card_lines *lines, enum card_part part, const char *const *pieces);
#define CARD_SAY(lines, part, ...)                                                     \
	card_say_all((lines), (part), (const char *const[]){__VA_ARGS__, NULL})

#endif
