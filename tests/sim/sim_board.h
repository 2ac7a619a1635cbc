/* SPDX-License-Identifier: MIT
 *
 * One simulated board: flash slots, boot record, what runs, and everything that WIRE.md
 * 7 says can go wrong with it. It is the truth that the daemon's claims are held
 * against, and it shares no code with the ledger or the firmware: it is written from
 * the tables of WIRE.md 3.2 and 3.4 and held to the recorded ones by sim_board_check().
 */
#ifndef WIPY_TESTS_SIM_BOARD_H
#define WIPY_TESTS_SIM_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/family.h"
#include "common/fingerprint.h"
#include "daemon/core/model.h"

#define SIM_SLOTS     3 /* 0 factory, 1 and 2 updates; Pycom: 0 and 1 */
#define SIM_LAUNCHPAD "LaunchPad"
#define SIM_ID_START  "d03972" /* of unique ids; then "00", of a twin "80" */
#define SIM_ENTRY     0x40100004u

enum sim_content { SIM_EMPTY, SIM_TORN, SIM_WHOLE };

/* An image as the file that a family gets. */
struct sim_file {
	const struct sim_image *image;
	enum wipy_family family;
	size_t len;
};

/* What an image is like once it runs. */
struct sim_image {
	size_t number; /* of its release */
	int type;      /* of the boards that it is for; -1: of any of the family */
	uint32_t entry_point;
	struct wipy_fingerprint fp[WIPY_FAMILY_COUNT];
	struct sim_file file[WIPY_FAMILY_COUNT];
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
	bool launchpad;          /* ... and of WiPys the other board type */
	bool picky;              /* it comes back from images with SIM_ENTRY alone */
	struct sim_slot slot[SIM_SLOTS];
	struct sim_record record;
	int runs; /* the slot that runs; -1: nothing */
	bool trial;
	int wish; /* 1 + the slot that the next start is asked to take; 0: none */
	const struct sim_image *running;
	int64_t up_ms; /* its servers answer from then on; INT64_MAX: never by itself */
	int64_t away_ms;     /* no network until then */
	int64_t busy_ms;     /* somebody else is on telnet until then */
	int64_t relisten_ms; /* a client has just gone: nobody listens until then */
	int64_t mute_ms;     /* servers deinitialised until then */
	int64_t garbage_ms;  /* something else answers on telnet until then */
	int64_t guise_ms;    /* a board of another family answers until then */
	int64_t stranger_ms; /* one with another board text, but the same MCU (row 28) */
	int64_t twin_ms;     /* one that only its unique id tells from it (row 29) */
	int64_t named_ms, unnamed_ms; /* it was asked who it is, and said so or not */
	int64_t default_login_ms; /* it knows no login but the default one (row 7) */
	struct wipy_fingerprint stranger;
	bool hung;       /* only a hand helps */
	bool raw;        /* a client left the REPL in raw mode (row 10) */
	bool open_block; /* ... or in the middle of a block (row 11) */
	bool hogs;       /* main.py holds the REPL */
	bool eats;       /* ... and catches KeyboardInterrupt */
	char mark[24];
	int fault; /* row of WIRE.md 7 that the next conversation meets; 0: none */
	uint64_t boots;
	uint64_t boots_at_push; /* when an upload reached it last */
	uint64_t boots_at_try;  /* when the daemon began a push last, or may have */
	struct id deferred_in;  /* the latest rollout that put it off */
	struct id begun_by;     /* the latest rollout that began a push */
	struct id pushed_by;    /* ... that was no undo */
	const struct sim_image *pushed;     /* ... what it pushed */
	const struct sim_image *ran_before; /* ... what it ran before its push */
	/* What is pushed next, by its type when the daemon said so; NULL: it goes back. */
	const struct sim_file *meant;
	bool unaccepted;     /* ... which that type did not accept */
	char meant_type[16]; /* ... or family, as images are known-bad for it */
	uint64_t uploads;
	const struct sim_image *ran_at_try;
	int64_t push_ended_ms;
	int64_t granted_ms; /* its task got its place */
	uint64_t tries; /* times that the daemon has said that it would push to it */
	bool unsure;    /* the daemon cannot know what its latest upload left there */
	bool filed;     /* ... it became a plain file, and the board said 226 */
	bool by_others; /* a hand or another program has changed it */
	uint32_t probes_failed; /* by kind: its latest answer, as its daemon heard it */
	uint32_t listed;        /* conditions, as they were written last */
	const struct task *latest; /* of its tasks, in the end */
	int task_state;            /* of the daemon's task, as it was written last */
	bool deceives; /* it said 226 to a repair and kept it as a plain file */
};

/* The choice of the boot loader: record and slots become what they are afterwards,
 * `runs` what starts. */
void sim_board_boot(struct sim_board *board);
/* An upload ended as it ended: `whole` all bytes, else torn. `closed`: the update was
 * closed (boot record flips), false: power was cut before. */
void sim_board_store(struct sim_board *board, const struct sim_image *image, bool whole,
	bool closed);
/* An update was opened and closed and not a byte came between. */
void sim_board_open_only(struct sim_board *board, const struct sim_image *image);
/* STOR of an image is answered by 550. */
bool sim_board_refuses(const struct sim_board *board);
/* What is said at its prompt to reset it, or to start another slot; false: it
 * cannot. */
bool sim_board_told(struct sim_board *board, const char *statement);
/* Reset or power-on at now: out of reach for a while. */
void sim_board_reset(struct sim_board *board, int64_t now_ms, int64_t boot_ms);
bool sim_board_answers(const struct sim_board *board, int64_t now_ms);
const struct wipy_fingerprint *sim_board_shows(
	const struct sim_board *board, int64_t now_ms);
/* Who is at its address now: the family, and the board type as banners name it. */
enum wipy_family sim_board_family(const struct sim_board *board, int64_t now_ms);
const char *sim_board_type(const struct sim_board *board, int64_t now_ms);
/* A torn image waits: its next reset would spring the trap. */
bool sim_board_is_dirty(const struct sim_board *board);
/* Its next reset boots another image than it runs, and not since it is dirty. */
bool sim_board_is_armed(const struct sim_board *board);
/* sim_image.c: the bytes that a board of that family takes, trailer and all; what the
 * banner of its images calls it. */
size_t sim_image_most_len(enum wipy_family family);
const char *sim_image_board(enum wipy_family family);
/* Holds the model to the boot and update tables below `source`: ours and, where they are
 * at hand, the recorded ones; and sees that no changed row holds. False: sentences on
 * stdout say where it does not. */
bool sim_board_check(const char *source);

#endif
