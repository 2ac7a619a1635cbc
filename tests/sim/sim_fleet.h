/* SPDX-License-Identifier: MIT
 *
 * What the owner says of the fleet: sites with clocks, windows and limits, access
 * points, rooms, types, boards. It is written as the inventory that the daemon reads,
 * and kept in a form of its own to hold the daemon to.
 */
#ifndef WIPY_TESTS_SIM_FLEET_H
#define WIPY_TESTS_SIM_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/family.h"

#define SIM_SITES  3
#define SIM_POINTS 3
#define SIM_ROOMS  2
#define SIM_TYPES  4
#define SIM_LONE   0       /* a type of one board at most */
#define SIM_OWN    1       /* a type that releases may have images of its own for */
#define SIM_PICKY  2       /* a type of boards that not every image brings back */
#define SIM_USER   "fleet" /* where a board has a login of its own */

struct sim_window {
	unsigned int days;      /* bit 0: Sunday */
	int begin_min, end_min; /* beyond 1440: on the next day */
};

struct sim_place {
	int max_pushes; /* 0: no limit */
	int rate;       /* bytes a second; 0: no limit */
};

struct sim_site {
	struct sim_place place;
	int zone; /* -1: open at any time */
	int window_count;
	struct sim_window window[2];
	int64_t black_first, black_last; /* days since 1970; 0: none */
};

/* What a type accepts. */
struct sim_type {
	bool entry_only;  /* SIM_ENTRY as the entry point */
	int version_most; /* the last release's number; -1: any version */
};

/* One board, by the number of the device. */
struct sim_entry {
	bool listed;
	char name[32];
	enum wipy_family family;
	int site, point, room, type; /* -1: none */
	int probes;
	bool own_login, interrupt, uname;
};

struct sim_fleet {
	struct sim_site site[SIM_SITES];
	struct sim_place point[SIM_POINTS];
	struct sim_type type[SIM_TYPES];
	struct sim_entry *entry; /* as many as there are boards */
};

/* Draws a fleet for the boards there are; writes it and takes it for true. */
void sim_fleet_new(int poll_minutes);
void sim_fleet_done(void);
/* Somebody edits the file: some boards, or a site. */
void sim_fleet_edit(void);
struct sim_board;
/* The board leaves the file. */
void sim_fleet_take_out(const struct sim_board *board);
/* The board is of another type. */
void sim_fleet_retype(const struct sim_board *board);
/* No updates today and tomorrow at the board's site, if it has one. */
void sim_fleet_close(const struct sim_board *board);
/* What is written is in force: a daemon has started, or taken it over. */
void sim_fleet_take(void);

/* sim_calendar.c */
#define SIM_ZONES 5
const char *sim_zone_name(int zone);
/* Their files, in a folder that TZDIR names from then on. */
void sim_zones_write(void);
void sim_zones_remove(void);
/* Updates may go on at the site from then on for so many seconds. */
bool sim_site_is_open(const struct sim_site *site, int64_t from_s, int64_t for_s);

#endif
