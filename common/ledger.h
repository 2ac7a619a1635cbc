/* SPDX-License-Identifier: MIT
 *
 * The slot ledger: what is known of the image slots and the boot record of one board,
 * learnt from our own pushes and from the fingerprints that the board shows (DESIGN.md
 * 1.3; docs/decisions/0015). Neither can be read from most boards, so the ledger is a
 * set of worlds: every boot record that the past allows, each with what its slots hold.
 * What all worlds agree on is certain; the rest is said as "one of" or "unknown".
 *
 * It counts on this: a push by somebody else shows in the fingerprint, and between two
 * looks there is at most one; a board that was not lost is found as a plain boot leaves
 * it, and a hand at its safe-boot pin is believed only where nothing else explains what
 * is seen; a hand at a board that was lost does not choose the image it was lost with.
 *
 * Plain memory without pointers: copied by assignment, zero is "nothing known".
 */
#ifndef WIPY_COMMON_LEDGER_H
#define WIPY_COMMON_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/family.h"
#include "common/fingerprint.h"

#define LEDGER_SLOTS      3 /* factory (Pycom: slot 0), update 1 (ota_0), update 2 */
#define LEDGER_IMAGES_MAX 6 /* more at once are forgotten, not confused */
/* 3 active, 3 states, 3 previous; and no record; each with 3 slots that may run, or none */
#define LEDGER_WORLDS_MAX 112
#define LEDGER_TEXT_MAX   (8 + LEDGER_WORLDS_MAX * 8 + LEDGER_IMAGES_MAX * 161)

/* How a board keeps its images (WIRE.md 3.1, 3.4; docs/decisions/0010). */
enum ledger_kind {
	LEDGER_NO_KIND,
	LEDGER_CLASSIC,     /* factory and two update slots */
	LEDGER_CLASSIC_ONE, /* LaunchPad: factory and one (WIRE.md 3.2 row 15) */
	LEDGER_PYCOM,       /* two slots; the second upload before a reset can kill */
	LEDGER_TRIAL,       /* this project's firmware: as classic, with a trial boot */
	LEDGER_KIND_COUNT
};
/* `board` is the text in the fingerprint. */
enum ledger_kind ledger_kind_of(enum wipy_family family, const char *board);

enum ledger_status {
	LEDGER_CHECK, /* pushed, to be verified at the next boot */
	LEDGER_READY,
	LEDGER_ON_TRIAL, /* started once, falls back unless confirmed */
	LEDGER_NO_RECORD,
	LEDGER_STATUS_COUNT
};

/* What a slot holds: one of these, or an image of the ledger's list in one of two
 * shades: as pushed, which may be torn or fail its check, or good: seen running from
 * there, and it has not lost the board since. */
enum {
	LEDGER_UNKNOWN,
	LEDGER_EMPTY,
	LEDGER_BROKEN, /* torn, or failed its check: it cannot run */
	LEDGER_IMAGE   /* this and beyond */
};
bool ledger_is_image(uint8_t content);
bool ledger_is_good(uint8_t content);
uint8_t ledger_image_at(uint8_t content); /* the index; of an image only */

#define LEDGER_LOST     0xFF
#define LEDGER_ANY_SLOT LEDGER_SLOTS /* not known which, or overwritten since */

struct ledger_world {
	uint8_t active, status, previous; /* the boot record, by the values on flash */
	uint8_t runs; /* the slot that the running image was started from */
	uint8_t slot[LEDGER_SLOTS]; /* contents */
};

struct ledger {
	uint8_t kind;    /* enum ledger_kind; LEDGER_NO_KIND: never seen */
	uint8_t running; /* 1 + index of the image that runs; 0: not known */
	uint8_t pushing; /* 1 + index of the image of a push that has not ended */
	uint8_t lost;    /* 1 + index of the image it was lost with, LEDGER_LOST: with
			  * any; 0: it was not. Since then a hand may have held the pin */
	uint8_t settled; /* a look that shows the same again teaches nothing */
	uint8_t world_count, image_count;
	struct ledger_world world[LEDGER_WORLDS_MAX];
	struct wipy_fingerprint image[LEDGER_IMAGES_MAX];
};

/* ---- learning -------------------------------------------------------------------- */

/* Said before the first byte goes out; an end follows, or the next start of the daemon
 * says LEDGER_PUSH_UNKNOWN. */
void ledger_push_begun(struct ledger *ledger, const struct wipy_fingerprint *image);

enum ledger_push {
	LEDGER_PUSH_COMPLETE, /* every byte taken, and 226 */
	LEDGER_PUSH_REFUSED,  /* STOR did not go out: untouched */
	LEDGER_PUSH_BROKEN,   /* it did, and the board cannot have got all bytes */
	LEDGER_PUSH_TORN,     /* as that, and it has opened the slot: it took bytes */
	LEDGER_PUSH_UNKNOWN,  /* anything from untouched to complete */
};
/* Nothing happens without a push that has begun. */
void ledger_push_ended(struct ledger *ledger, enum ledger_push outcome);

enum ledger_news {
	LEDGER_NOTHING_NEW,
	LEDGER_LEARNT,
	LEDGER_BY_HAND, /* explained by the safe-boot pin, or by somebody's push of an
			 * image that the board had already */
	LEDGER_FORGOT,  /* nothing explains it: another board, or changed by others */
};
/* A banner was read. `proven`: the board was reset since the last look or push, without
 * doubt; otherwise it may or may not have been, any number of times. */
enum ledger_news ledger_seen(struct ledger *ledger, enum ledger_kind kind,
	const struct wipy_fingerprint *fp, bool proven);

/* It was told to start that image from another slot (see ledger_switch()), and may have
 * heard it. */
void ledger_switched(struct ledger *ledger, const struct wipy_fingerprint *image);

/* The running image was told that it may stay, and took it. */
void ledger_confirmed(struct ledger *ledger);
/* The board was lost, with this image if it is known (else NULL): that is not known to be
 * good any more, and the next look counts on a hand at the pin. */
void ledger_lost(struct ledger *ledger, const struct wipy_fingerprint *image);

/* ---- predictions ----------------------------------------------------------------- */

/* What may be: contents without repetition, the likeliest first. Certain if there is
 * one and it is not LEDGER_UNKNOWN. None: nothing is known of the board at all. */
#define LEDGER_GUESS_MAX (LEDGER_IMAGES_MAX + LEDGER_IMAGE)
struct ledger_guess {
	uint8_t count;
	uint8_t content[LEDGER_GUESS_MAX];
};
bool ledger_certain(const struct ledger_guess *guess);

/* What a start would run; LEDGER_BROKEN: nothing that could be reached. */
enum ledger_pick {
	LEDGER_PLAIN,
	LEDGER_WINDOW_LATEST,
	LEDGER_WINDOW_PREVIOUS,
	LEDGER_WINDOW_FACTORY,
	LEDGER_PICK_COUNT
};
void ledger_boots(const struct ledger *ledger, enum ledger_pick pick,
	struct ledger_guess *ret_guess);

/* Whether the board can be told to start that image from another slot, and the number to
 * say: of our own firmware's window; Pycom's is 0, the other partition. Returns 0, or
 * -ENOENT: it cannot, or not for sure, or the image is not known to be good there. */
int ledger_switch(const struct ledger *ledger, const struct wipy_fingerprint *image,
	uint8_t *ret_number) WARN_UNUSED;

struct ledger_next_push {
	uint8_t slots; /* bit of each slot that it may overwrite */
	struct ledger_guess holds;
	bool burns;   /* it may overwrite the last image that is known to be good */
	bool refused; /* the board may refuse it (550) */
	bool kills;   /* it may overwrite the image that executes (WIRE.md 3.4) */
	bool hits;    /* it may overwrite the slot that the running image came from */
};
void ledger_next_push(const struct ledger *ledger, struct ledger_next_push *ret_next);

/* A plain reset boots the image that runs, for certain; or another one, for certain. */
bool ledger_keeps(const struct ledger *ledger);
bool ledger_leaves(const struct ledger *ledger);

/* What a slot holds, and which slot runs, if all worlds agree; else LEDGER_UNKNOWN and
 * LEDGER_ANY_SLOT. */
uint8_t ledger_slot(const struct ledger *ledger, uint8_t slot);
uint8_t ledger_runs(const struct ledger *ledger);
size_t ledger_slot_count(enum ledger_kind kind);
/* "factory", "update1", ...; Pycom: "slot0", "ota0"; "unknown" beyond. */
const char *ledger_slot_name(enum ledger_kind kind, uint8_t slot);
const char *ledger_status_name(uint8_t status);

/* ---- as text --------------------------------------------------------------------- */

/* One line, fields between TABs; "" for nothing known. */
void ledger_format(const struct ledger *ledger, char ret_text[LEDGER_TEXT_MAX]);
/* Takes only what ledger_format() writes. Returns 0 or -EINVAL (ret_ledger untouched). */
int ledger_parse(const char *text, struct ledger *ret_ledger) WARN_UNUSED;

#endif
