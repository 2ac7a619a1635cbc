/* SPDX-License-Identifier: MIT
 *
 * The three independent axes of a board (DESIGN.md 5) as tables, and what a look at the
 * board changes on them. Pure.
 */
#ifndef WIPY_CORE_AXES_H
#define WIPY_CORE_AXES_H

#include "daemon/core/fsm.h"
#include "daemon/core/model.h"

/* ---- the tables ------------------------------------------------------------------ */

enum reach_event {
	REACH_EV_SEEN,    /* a banner was read */
	REACH_EV_MISSED,  /* none was */
	REACH_EV_MOVED,   /* the inventory has it at another place, or anew */
	REACH_EV_REMOVED, /* it left the inventory */
	REACH_EVENT_COUNT
};
struct reach_facts {
	bool missed_enough; /* so often in a row that it counts (poll.misses) */
	bool flaps;         /* its reach changes again and again */
	bool quiet;         /* ... and has not for about an hour */
};

enum access_event {
	ACCESS_EV_BANNER, /* a banner was read, and nothing else tried */
	ACCESS_EV_LOGGED_IN,
	ACCESS_EV_LOGIN_REFUSED,
	ACCESS_EV_BUSY,        /* another client holds the telnet line */
	ACCESS_EV_WRONG_BOARD, /* another board answers (identity.h) */
	ACCESS_EV_NOTHING,     /* nothing was learnt */
	ACCESS_EV_ACCEPTED,    /* a person says that what answers belongs there */
	ACCESS_EV_MOVED,       /* as for reach */
	ACCESS_EVENT_COUNT
};

struct version_facts {
	bool shown;            /* a fingerprint of it is known */
	bool right;            /* ... which is the target's */
	bool others;           /* changed by others, and not been right since */
	bool target;           /* there is one */
	enum wipy_order order; /* of the two version tags */
};

/* The new value; without a row the old one stays. */
enum reach reach_step(
	enum reach from, enum reach_event event, const struct reach_facts *facts);
enum access access_step(enum access from, enum access_event event);
/* Derived anew after each change: the first row that holds. */
enum version_state version_derive(const struct version_facts *facts);

/* The tables as words: row `index`, false past the end. */
bool reach_row(size_t index, struct fsm_row *ret_row);
bool access_row(size_t index, struct fsm_row *ret_row);
bool version_row(size_t index, struct fsm_row *ret_row);
const char *reach_event_name(enum reach_event event);
const char *access_event_name(enum access_event event);

/* ---- a board's record ------------------------------------------------------------ */

/* Reach changes within about an hour that make a board flapping. */
#define AXES_FLAPS 6

/* A banner was read. `ours`: a change of the fingerprint is our doing (identity.h).
 * Returns whether anything changed that is kept (all but seen_s). */
bool board_note_seen(struct board *board, const struct wipy_fingerprint *fp, bool ours,
	int64_t now_s);
/* No banner. Returns as above. */
bool board_note_miss(struct board *board, int misses_max, int64_t now_s);
/* What a look, or a person, says of the access axis. */
void board_note_access(struct board *board, enum access_event event);
/* What was seen of it says nothing of what is there now. */
void board_note_moved(struct board *board);
void board_note_removed(struct board *board, int64_t now_s);

/* How often, at most, the daemon pushes by itself what makes a board lasting. */
#define AXES_REPAIRS_MAX 3
/* One came to nothing: each next one waits twice as long. */
void board_note_repair_failed(struct board *board, int64_t now_s);
bool board_may_be_repaired(const struct board *board, int64_t now_s);

/* The version axis, anew: `target` is the fingerprint that it should show, or NULL. */
enum version_state board_version_state(
	const struct board *board, const struct wipy_fingerprint *target);

#endif
