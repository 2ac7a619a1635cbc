/* SPDX-License-Identifier: MIT
 *
 * The safe-boot card: what a person at a board has to check, do and expect, made for
 * this board from its ledger, its family and what is wrong with it (DESIGN.md 1.5;
 * WIRE.md 3.3, 3.5, 3.6). Pure text; the same lines go to the terminal and to the API.
 */
#ifndef WIPY_CORE_CARD_H
#define WIPY_CORE_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/card_line.h"
#include "daemon/core/model.h"

#define CARD_GUESS_MAX 320
#define CARD_WINDOWS   3

/* One of the pin's windows: let go between from_ms and to_ms after power-on or reset. */
struct card_window {
	int from_ms, to_ms, release_ms, blink_ms;
	struct ledger_guess boots;
	char boots_text[CARD_GUESS_MAX];
};

struct card {
	const char *pin; /* static: "GP28" */
	int window;      /* the one to use: 1 to 3 */
	/* What a bench should push: what the board should run, else what makes the image of
	 * that window lasting; borrowed from the facts; "": nothing is known to fit. */
	const char *release;
	struct card_window windows[CARD_WINDOWS];
	struct card_lines lines;
};

struct card_facts {
	const struct board *board;
	enum wipy_family family;
	enum reason reason;      /* why it needs a hand; REASON_NONE: it does not */
	const struct task *task; /* the active one; borrowed; NULL: there is none */
	/* What makes each image of its ledger lasting: the name of a release, or "". */
	const char *image_release[LEDGER_IMAGES_MAX];
	const char *release; /* that it should run, and may be pushed to it; or "" */
};
void card_make(const struct card_facts *facts, struct card *ret_card);

/* The first thing that a person does about it, in one or two sentences that agree with
 * the card; "": nothing. */
void card_brief(const struct card_facts *facts, char ret_text[CARD_TEXT_MAX]);

/* "v1.8.6 (2016-11-10)", "a broken image", "nothing", "unknown". */
void card_content_text(
	const struct ledger *ledger, uint8_t content, char ret_text[CARD_GUESS_MAX]);
/* "X or Y", "not known". */
void card_guess_text(const struct ledger *ledger, const struct ledger_guess *guess,
	char ret_text[CARD_GUESS_MAX]);

#endif
