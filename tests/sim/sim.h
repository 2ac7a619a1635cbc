/* SPDX-License-Identifier: MIT
 *
 * The simulation: the daemon's own engine and core against simulated boards on a
 * virtual clock, without a socket. The files here implement the headers of daemon/edge
 * that reach out of the process (clock, board_link, ftp_push, store, catalogue, log);
 * everything else is what ships. A seed decides everything.
 *
 * One world at a time: those headers carry no context of ours, so there is one
 * variable.
 */
#ifndef WIPY_TESTS_SIM_H
#define WIPY_TESTS_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/edge/store_backend.h"
#include "daemon/engine.h"
#include "tests/sim/sim_board.h"
#include "tests/sim/sim_fleet.h"

#define SIM_RELEASES 4
#define SIM_IMAGES   (2 * SIM_RELEASES) /* of each for families, then for SIM_OWN */
#define SIM_ROLLOUTS 1024
#define SIM_START_S  1767225600 /* 2026-01-01 */
#define SIM_DAY_MS   86400000ll

/* Something that will happen. */
struct sim_event {
	int64_t at_ms;
	uint64_t seq; /* what was put in first comes first */
	void (*fn)(void *arg);
	void *arg;
	bool idle; /* of the engine's own timer: alone it keeps nobody awake */
};

/* What people have said of a rollout. */
struct sim_wishes {
	struct id id;
	int64_t expires_ms; /* 0: never */
	int64_t stands_ms;  /* paused, halted or aborted since; 0: it runs */
	bool approved;      /* or needs no approval */
	bool resumed;       /* what has failed was taken note of */
	bool undone;        /* it is to be taken back */
};

enum sim_moment { SIM_BEFORE, SIM_AFTER, SIM_MOMENTS };

struct sim_count {
	uint64_t events, polls, skipped, pushes, resets, commits, crashes, reloads,
		looked_after, undone;
	uint64_t ended[TASK_STATE_COUNT], rollout_ended[ROLLOUT_STATE_COUNT];
	uint64_t fault[SIM_FAULT_COUNT];
	/* Deaths of the daemon at a commit with such a record, by its kind; of a task,
	 * by its state. */
	uint64_t died[STORE_OP_COUNT][SIM_MOMENTS], died_in[TASK_STATE_COUNT];
	uint64_t wish[WISH_COUNT];
};

/* Of a daemon that dies at certain commits of its work, counted from 1. */
struct sim_fate {
	size_t count;
	uint64_t at[4];
};

struct sim {
	uint64_t seed, random;
	int64_t now_ms;
	uint64_t seq;
	struct sim_event **queue; /* a binary heap */
	size_t queue_count, queue_cap, idle_count;

	struct sim_board *board;
	size_t board_count;
	struct sim_image image[SIM_IMAGES], launchpad;
	struct release release[SIM_RELEASES];
	struct sim_fleet written,
		force;         /* the owner's file; what the daemon has read */
	int mix, poll_minutes; /* of families; of polls */
	int64_t taken_ms;      /* ... that long ago */
	bool clocked, pointed; /* sites have windows; boards have access points */
	bool slow;             /* nearly every board is asked by a slow program */

	struct engine *engine; /* NULL while the daemon is down */
	struct settings *settings;
	struct inventory *inventory; /* as a daemon read the file when it started */
	bool rewritten;              /* ... which is another one since */
	char inventory_path[64], password_path[64];
	struct sim_wishes wishes[SIM_ROLLOUTS];
	size_t wishes_count;
	struct store_backend *durable; /* outlives the daemon */
	int64_t end_ms;                /* a day before it people settle what stands */
	int64_t blind_ms;              /* it has no descriptor left until then */
	size_t forgotten;     /* the first so many releases left the catalogue */
	int climate;          /* a row of WIRE.md 7 that is met again and again */
	bool abreast;         /* one release goes out, site by site at once */
	bool hasty;           /* people change their minds by the second */
	bool storm;           /* much goes wrong, and at the worst moment */
	bool quiet;           /* nothing befalls anybody any more */
	bool plain;           /* ... nor ever has: sim_same_end.c */
	struct sim_fate fate; /* there */
	uint64_t work;        /* commits of tasks and rollouts so far, there */
	bool dead;            /* the daemon has died: nothing of it counts */
	bool doomed;          /* it dies with the next commit of a rollout */
	int deaths;           /* of the daemon in 100,000 commits */
	int edits, undos;     /* of the inventory, of rollouts: still to come */
	void *links, *pushes; /* under way */
	int probes_now;

	bool verbose;
	char complaint[400]; /* the first one */
	struct sim_count *count;
	char history[64][200]; /* the latest log lines, for a failing seed */
	size_t history_at;
};

extern struct sim *sim;

/* sim.c: chance and time */
uint32_t sim_random(uint32_t below);
bool sim_chance(uint32_t percent);
int64_t sim_between(int64_t low, int64_t high);
struct sim_event *sim_at(int64_t in_ms, void (*fn)(void *arg), void *arg);
/* NULL is fine. */
void sim_cancel(struct sim_event *event);
/* One happening; false if there is none up to `end_ms`. */
bool sim_step(int64_t end_ms);
void sim_clear_queue(void);
void sim_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sim_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* sim_link.c */
/* The daemon calls the board's telnet line: whether somebody listens there. */
bool sim_line_open(const struct sim_board *board);
/* ... and has hung up. */
void sim_line_close(struct sim_board *board);
void sim_cut_connections(void);
/* The board is about to be reset, in the middle of a push if there is one. */
void sim_cut_push(const struct sim_board *board);
/* Boards that an image is pushed to now, of those that `counts` says (NULL: all). */
int sim_pushes(bool (*counts)(const struct sim_board *board, const void *arg),
	const void *arg);

/* sim_store.c */
struct store *sim_store_open(void);

/* sim_daemon.c: the daemon's life */
void sim_daemon_start(void *unused);
void sim_daemon_crash(void);
void sim_daemon_stop(void);
/* Gives back what daemons have read; none lives. */
void sim_daemon_forget_file(void);
/* The daemon lives, and may be asked. */
bool sim_daemon_up(void);

/* sim_watch.c: what must never be seen */
void sim_watch_push(struct sim_board *board, const struct sim_file *file, size_t len);
/* The task puts right what an earlier push has left on its board. */
bool sim_is_repair(const struct task *task);
void sim_watch_reset(struct sim_board *board);
void sim_watch_task(const struct task *task);
void sim_watch_board(const struct board *board);
/* NULL: none that the daemon knows. */
const struct rollout *sim_rollout_of(const struct task *task);
/* What a new daemon finds of the old one. */
void sim_watch_loaded(const struct store_snapshot *snapshot);
/* sim_watch_start.c: what may begin where, and when */
void sim_watch_start(const struct sim_board *board, const struct engine_board *eb);
void sim_watch_limits(const struct sim_board *board);
void sim_watch_plan(const struct plan *plan);
/* What slows the push down, by what its owner says of its places. */
void sim_watch_rates(const struct sim_board *board, struct bucket *const *bucket);
/* sim_watch_type.c: which image goes to which type of boards */
void sim_watch_intent(struct sim_board *board, const struct task *task);
void sim_watch_refusal(const struct sim_board *board, const struct task *task);
void sim_watch_type(const struct sim_board *board, const struct engine_board *eb,
	const struct sim_file *file);
/* sim_watch_end.c: what is claimed of boards in the end, and what is so */
void sim_watch_end(void);

/* sim_nature.c: what happens to boards by itself */
void sim_nature(void *unused);
/* A row of WIRE.md 7 befalls the board, or waits for its next conversation. False: it
 * cannot happen to it now. */
bool sim_befall(struct sim_board *board, int row);
/* Reset or power-on; what its loader makes of it is counted. */
void sim_reboot(struct sim_board *board);
void sim_power_cycle(struct sim_board *board);
/* The weather clears: what passes by itself is over. */
void sim_nature_clear(void);

/* sim_polls.c: the board has changed: its next poll is not skipped over */
void sim_polls_wake(const struct sim_board *board);

/* sim_same_end.c: plays the seed of that world without misfortunes, with and without
 * deaths of the daemon. Leaves the world that it has played last, with its complaint. */
void sim_same_end(const struct sim *like);

/* sim_ambush.c: what happens at the worst moment */
void sim_ambush_new(void);
void sim_ambush_task(const struct task *task);

/* sim_people.c: what people do */
void sim_people_start_rollout(void *unused);
void sim_people(void *unused);
/* Starts it. */
void sim_people_order(const struct plan *plan, int64_t expires_s);
/* 0, or what the daemon has against it. */
int sim_people_wish(struct engine_rollout *er, enum rollout_wish what);
/* Somebody else than who started it. */
void sim_people_approve(struct engine_rollout *er);
/* It is aborted, and nothing more may be done to any board. */
void sim_people_freeze(struct engine_rollout *er);
/* A rollout of this board alone. */
void sim_people_start_on(const struct sim_board *board);
/* It leaves the inventory, and the daemon is told. */
void sim_people_take_out(const struct sim_board *board);
/* It becomes one of another type, and the daemon is told. */
void sim_people_retype(const struct sim_board *board);
/* What people said of that rollout. */
struct sim_wishes *sim_wishes_of(const struct id *id);

/* sim_image.c: releases and their files */
void sim_image_new(size_t number);
void sim_image_factory(struct sim_image *image);
const struct sim_file *sim_file_named(const char *sha256);
/* What the release has for boards of that family and type (-1: none) now, or NULL. */
const struct sim_file *sim_file_for(
	const char *release, enum wipy_family family, int type);

/* sim_world.c: boards, settings */
void sim_world_new(uint64_t seed, size_t boards, int poll_minutes);
void sim_world_done(void);
void sim_world_run(int64_t until_ms);
/* The daemon's side of a board, or NULL; the state of its task. */
const struct engine_board *sim_engine_side(const struct sim_board *board);
enum task_state sim_task_of(const struct sim_board *board);
/* The device that is now known by that name, or NULL. */
struct sim_board *sim_board_named(const char *name);
struct sim_entry *sim_entry_of(const struct sim_board *board);

#endif
