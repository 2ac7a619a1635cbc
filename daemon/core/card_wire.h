/* SPDX-License-Identifier: MIT
 *
 * The wire card: how a person flashes an ESP board over its serial port with the chip
 * maker's esptool, how a failure shows, and the ways back. Pure text.
 */
#ifndef WIPY_CORE_CARD_WIRE_H
#define WIPY_CORE_CARD_WIRE_H

#include "daemon/core/card_line.h"
#include "daemon/core/fit.h"
#include "daemon/core/model.h"

#define CARD_FILE_MAX       (NAME_MAX_LEN + 16)
#define CARD_WIRE_KNOWN_MAX (LEDGER_SLOTS + 2)

/* A release, and what it has for the board. */
struct card_wire_release {
	const char *name;                  /* NULL: there is none */
	const struct release_image *image; /* NULL: it has nothing for the board */
	bool known_bad;                    /* it has hurt boards of this type */
};

struct card_wire_facts {
	const char *board;
	enum wipy_family family;
	const struct fit_rules *accept;  /* of the board's type; NULL: anything */
	struct card_wire_release wanted; /* what is to be written */
	/* What is known to have run on it, the surest first; rows may be empty. */
	struct card_wire_release known[CARD_WIRE_KNOWN_MAX];
};

struct card_wire {
	char file[CARD_FILE_MAX]; /* what the commands call the image's file */
	const char *address;      /* static: where it goes */
	struct card_lines lines;
};

/* Boards of that family are flashed so; all others have the safe-boot card. */
bool card_wire_is_for(enum wipy_family family);

/* Whether the release may be written to the board: by the same rules as a push, but for what
 * wire does not need (endpoints, and what the board has run before). */
enum reason card_wire_forbids(
	const struct card_wire_facts *facts, const struct card_wire_release *release);

/* The first of the known ones that may be written and is not the wanted image; or NULL. */
const struct card_wire_release *card_wire_back(const struct card_wire_facts *facts);

/* The card of a wanted release that nothing forbids, for a family that has one. */
void card_wire_make(const struct card_wire_facts *facts, struct card_wire *ret_card);

#endif
