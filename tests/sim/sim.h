/* SPDX-License-Identifier: MIT
 *
 * The simulation: the daemon's own engine and core against simulated boards on a virtual
 * clock, without a socket. The files here implement the headers of daemon/edge that reach
 * out of the process (clock, board_link, ftp_push, store, catalogue, log); everything
 * else is what ships. A seed decides everything.
 *
 * One world at a time: those headers carry no context of ours, so there is one variable.
 */
#ifndef WIPY_TESTS_SIM_H
#define WIPY_TESTS_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/engine.h"
#include "tests/sim/sim_board.h"

#define SIM_SITES    3
#define SIM_RELEASES 4
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

struct sim_limits {
	int pushes_max, site_max[SIM_SITES], domain_share, lost;
};

struct sim_count {
	uint64_t events, polls, pushes, resets, commits, crashes, jumps;
	uint64_t ended[TASK_STATE_COUNT], rollout_ended[ROLLOUT_STATE_COUNT];
	uint64_t fault[SIM_FAULT_COUNT];
	uint64_t move[TASK_STATE_COUNT][TASK_STATE_COUNT];
	uint64_t reason[REASON_COUNT];
};

struct sim {
	uint64_t random;
	int64_t now_ms;
	uint64_t seq;
	struct sim_event **queue; /* a binary heap */
	size_t queue_count, queue_cap, idle_count;

	struct sim_board *board;
	size_t board_count;
	struct sim_image image[SIM_RELEASES];
	struct release release[SIM_RELEASES];
	struct sim_limits limits;

	struct engine *engine; /* NULL while the daemon is down */
	struct settings *settings;
	char inventory_path[64];
	struct store_backend *durable; /* outlives the daemon */
	int64_t end_ms;                /* a day before it people settle what stands */
	int64_t blind_ms;              /* it has no descriptor left until then */
	size_t forgotten;     /* the first so many releases left the catalogue */
	int climate;          /* a row of WIRE.md 7 that is met again and again */
	bool hasty;           /* people change their minds by the second */
	bool storm;           /* much goes wrong, and at the worst moment */
	bool dead;            /* the daemon has died: nothing of it counts */
	int deaths;           /* of the daemon in 100,000 commits */
	void *links, *pushes; /* under way */
	int pushes_now, pushes_at_site[SIM_SITES];
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
void sim_cut_connections(void);

/* sim_store.c */
struct store *sim_store_open(void);

/* sim_daemon.c: the daemon's life */
void sim_daemon_start(void *unused);
void sim_daemon_crash(void);
void sim_daemon_stop(void);

/* sim_watch.c: what must never be seen */
void sim_watch_push(struct sim_board *board, const struct sim_image *image);
void sim_watch_reset(struct sim_board *board);
void sim_watch_task(const struct task *task);
void sim_watch_end(void);

/* sim_world.c: boards, images, what happens to them by itself and through people */
void sim_world_new(uint64_t seed, size_t boards, int poll_minutes);
void sim_world_done(void);
const struct sim_image *sim_image_of(const char *release);
/* Reset or power-on; what its loader makes of it is counted. */
void sim_reboot(struct sim_board *board);
/* Nothing is going on that polls could see: time may jump to the next happening. */
void sim_world_run(int64_t until_ms);

#endif
