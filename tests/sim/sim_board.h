/* SPDX-License-Identifier: MIT
 *
 * One simulated board: flash slots, boot record, what runs, and everything that WIRE.md 7
 * says can go wrong with it. It is the truth that the daemon's claims are held against,
 * and it shares no code with the ledger or the firmware: it is written from the tables of
 * WIRE.md 3.2 and 3.4 and held to the recorded ones by sim_board_check().
 */
#ifndef WIPY_TESTS_SIM_BOARD_H
#define WIPY_TESTS_SIM_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/family.h"
#include "common/fingerprint.h"

#define SIM_SLOTS 3 /* 0 factory, 1 and 2 updates; Pycom: 0 and 1 */

enum sim_content { SIM_EMPTY, SIM_TORN, SIM_WHOLE };

/* What an image is like once it runs. */
struct sim_image {
	struct wipy_fingerprint fp[WIPY_FAMILY_COUNT];
	bool broken;     /* its check fails (row 20) */
	bool crashes;    /* valid, and dies at its start (row 24) */
	bool no_network; /* valid, and never joins (rows 27, 37) */
};

struct sim_slot {
	enum sim_content content;
	const struct sim_image *image;
};

/* WIRE.md 3.2, 3.4: active, status, previous. */
struct sim_record {
	bool there;
	int active;
	bool check; /* false: ready */
	int previous;
};

/* The rows of WIRE.md 7, by their numbers. */
#define SIM_FAULT_COUNT 49 /* 0 is none; from 44 on what that table does not hold */
const char *sim_fault_name(int row);

struct sim_board {
	char name[32];
	enum wipy_family family; /* what it really is */
	int site;
	struct sim_slot slot[SIM_SLOTS];
	struct sim_record record;
	int runs; /* the slot that runs; -1: nothing */
	bool trial;
	const struct sim_image *running;
	int64_t up_ms; /* its servers answer from then on; INT64_MAX: never by itself */
	int64_t away_ms;     /* no network until then */
	int64_t busy_ms;     /* somebody else is on telnet until then */
	int64_t mute_ms;     /* servers deinitialised until then */
	int64_t garbage_ms;  /* something else answers on telnet until then */
	int64_t guise_ms;    /* a board of another family answers until then */
	int64_t stranger_ms; /* one with another board text, but the same MCU (row 28) */
	int64_t twin_ms;     /* one that only its unique id tells from it (row 29) */
	struct wipy_fingerprint stranger;
	bool hung; /* only a hand helps */
	bool hogs; /* main.py holds the REPL */
	bool eats; /* ... and catches KeyboardInterrupt */
	char mark[24];
	int fault; /* row of WIRE.md 7 that the next conversation meets; 0: none */
	uint64_t boots;
	uint64_t boots_at_push; /* since the latest upload into a slot began */
	uint64_t uploads;
	bool by_others; /* a hand or another program has changed it */
	bool mute_mark; /* what the mark says could not be asked since the upload */
	uint32_t probes_failed; /* by kind: its latest answer, as its daemon heard it */
	bool deceives; /* it said 226 to a repair and kept it as a plain file */
};

/* The choice of the boot loader: record and slots become what they are afterwards, `runs`
 * what starts. */
void sim_board_boot(struct sim_board *board);
/* An upload ended as it ended: `whole` all bytes, else torn. `closed`: the update was
 * closed (boot record flips), false: power was cut before. */
void sim_board_store(struct sim_board *board, const struct sim_image *image, bool whole,
	bool closed);
/* Reset or power-on at now: out of reach for a while. */
void sim_board_reset(struct sim_board *board, int64_t now_ms, int64_t boot_ms);
bool sim_board_answers(const struct sim_board *board, int64_t now_ms);
const struct wipy_fingerprint *sim_board_shows(
	const struct sim_board *board, int64_t now_ms);
/* Its next reset would spring a trap that a push cures. */
bool sim_board_is_dirty(const struct sim_board *board);
/* Holds the model to the recorded tables in `dir` (tests/data). Returns rows compared, or
 * -1 with a sentence on stdout. */
int sim_board_check(const char *dir);

#endif
