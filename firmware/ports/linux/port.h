/* SPDX-License-Identifier: MIT
 *
 * The virtual board on Linux: what stands behind `struct hal`, and the fleet that many
 * of them make in one process on one epoll loop.
 */
#ifndef WIPY_PORT_LINUX_PORT_H
#define WIPY_PORT_LINUX_PORT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/err.h"
#include "firmware/core/board.h"
#include "firmware/ports/linux/hurt.h"
#include "firmware/ports/linux/options.h"
#include "firmware/ports/linux/parcel.h"
#include "firmware/ports/linux/wire.h"

#define FLASH_OWN_WORDS 8
#define HANDLES         8 /* a board uses six at most */
#define LINGER_MS       2000
#define SLOT_TEXT_MAX   (WIPY_FINGERPRINT_MAX + 16)

/* Something that epoll tells about. */
struct source {
	void (*on_event)(struct source *source, uint32_t events);
};

enum handle_kind { HANDLE_FREE, HANDLE_LISTENER, HANDLE_CONN };

struct handle {
	struct source source;
	struct hal *hal;
	enum handle_kind kind;
	int fd; /* -1: there is no socket behind it (now) */
	uint16_t port;
	int backlog;
	unsigned wanted;  /* HAL_NET_*, as the core asked */
	uint32_t watched; /* as epoll knows it; 0: not registered */
	int gone;         /* what the core is told instead of the socket's news: 0 is
			     nothing, 1 an end of file, -ECONNRESET a reset */
	bool phantom;     /* a client that does not exist: FAULT_BUSY */
	bool reset_seen;  /* counted in client_resets */
	uint64_t received_len;
	int64_t accept_ms; /* a listener: who waits is seen then; 0: nobody known */
	struct wire wire;
	struct parcels parcels; /* what came and is not seen yet */
	struct held *held;      /* what was sent and is kept back; NULL: nothing */
	bool banner_begun;
	uint16_t stalled; /* phases that have been held up: once each */
};

/* What a board waits for besides its core. */
enum timer {
	TIMER_CORE,     /* the core's own next step */
	TIMER_WATCHDOG, /* bites */
	TIMER_JOIN,     /* the radio has joined */
	TIMER_HANG,     /* an image crashes */
	TIMER_NET,      /* delayed bytes or clients are seen */
	TIMER_LISTEN,   /* a port that was taken is tried again */
	TIMER_DRAW,     /* the next fault that comes by itself */
	TIMER_COUNT
};

/* One flash: a sparse file, made when first written (flash.c). */
struct flash {
	int fd;      /* -1: not open */
	bool looked; /* whether the file exists is known */
	bool exists;
	bool complained; /* that it cannot be used */
	/* one bit a sector: in the file, not in the shared image */
	uint64_t factory_own[FLASH_OWN_WORDS];
};

/* What status says about a slot, kept until the slot is written. */
struct slot_text {
	bool known;
	bool md5_right;
	enum slot_state state;
	size_t size;
	char text[SLOT_TEXT_MAX];
};

struct hal {
	struct fleet *fleet;
	int number;             /* from 1 */
	struct in_addr home;    /* its place in the row of addresses */
	struct in_addr address; /* where it is */
	struct handle handles[HANDLES];
	struct flash flash;
	struct slot_text slot_texts[HAL_AREA_COUNT];
	bool powered;
	bool reset_pending;
	bool hung;       /* nothing happens any more, until a reset */
	bool power_lost; /* within a step: the board falls dark behind it */
	bool awake;      /* inside life_wake() */
	bool masked;     /* its sockets are not watched: flash is busy */
	bool pin_high;
	bool led;
	bool by_hand;   /* flash is written by a hand, not by the core */
	bool bad_image; /* what runs is not the folder's factory image */
	uint64_t gpio;  /* levels of GP0 and up */
	struct hal_wlan wlan;
	bool wakes;    /* something within a step asks for another one */
	int64_t rtc_s; /* the calendar at rtc_at_ms */
	int64_t rtc_at_ms;
	enum hal_reset_cause cause;
	uint32_t watchdog_ms; /* 0: not started */
	uint64_t flash_us;    /* work of the flash that has not been waited for */
	int64_t busy_until_ms;
	struct hurt hurt;
	uint32_t jitter; /* state of its randomness */
	struct wipy_board board;
	struct wipy_stats before; /* of earlier starts of the board */
	uint64_t resets;
	uint64_t boots;
	uint64_t client_resets;
	bool was_up;                 /* listened at least once, or halted */
	int64_t timers[TIMER_COUNT]; /* WIPY_NEVER: not set */
	int64_t due_ms;              /* the first of them */
	size_t heap_at;
};

/* A connection that the board has ended, kept until the peer has too: a reset that
 * comes late is counted all the same. */
struct farewell {
	struct source source;
	struct hal *hal;
	int fd;
	int64_t until_ms; /* on the real clock */
	bool reset_seen;
	bool peer_ended; /* the last acknowledgement is all that is awaited */
	struct farewell *next, *previous;
};

struct fleet {
	const struct options *options;
	int epoll_fd;
	int dir_fd;
	int flash_told;  /* the error of the flash files that was told last */
	int spare_fd;    /* given up to turn a client away when no other is left */
	bool is_virtual; /* its clock: clock.h */
	int64_t now_ms;
	int64_t real_ms; /* the machine's own clock, sampled once a turn */
	bool clock_runs; /* a virtual clock on its way to clock_target_ms */
	int64_t clock_target_ms;
	unsigned clock_rounds;
	bool quit;
	bool ready;
	int error; /* what stopped the fleet before it was ready */
	struct errtext error_text;
	int up_count;
	size_t sizes[HAL_AREA_COUNT];  /* of the areas of a board's flash */
	off_t offsets[HAL_AREA_COUNT]; /* in its file */
	uint8_t *factory;              /* the image that boards start from */
	size_t factory_len;
	char factory_text[SLOT_TEXT_MAX];
	struct hal *boards; /* `count` of them */
	int count;
	uint8_t *arenas; /* of all boards, one mapping; NULL: they have none */
	size_t arena_len;
	struct hal **heap;
	size_t heap_len;
	struct farewell *farewell_first, *farewell_last;
};

/* ---- net.c -------------------------------------------------------------------- */

/* Registers, changes or (events 0) removes. */
void net_watch(struct fleet *fleet, int fd, struct source *source, uint32_t *watched,
	uint32_t events);
/* Watches the board's sockets for what is wanted now. */
void net_apply_all(struct hal *hal);
/* Power has gone: listeners close, connections fall silent. */
void net_park(struct hal *hal);
/* Ends with resets whatever is still open, parked ones too. */
void net_abort_all(struct hal *hal);
/* Opens the sockets of listeners that have none and may, closes those that must not
 * be open; `anew`: those that are open too. */
void net_listen_again(struct hal *hal, bool anew);
/* Whether the board could listen at the address: 0, or the error. */
int net_try_listen(const struct hal *hal, struct in_addr address) WARN_UNUSED;
/* What faults hold up goes on at once. */
void net_release(struct hal *hal);
/* Sends what was kept back long enough. Returns when to be called again, and sets
 * TIMER_CORE where the core has something to see. */
int64_t net_deliver(struct hal *hal);
/* Tells the core that the connection has ended, 1, or was reset, -ECONNRESET, and lets
 * the client see the same. */
void net_cut(struct handle *handle, int how);
/* Accepts and resets one client although no descriptor is free. */
void net_turn_away(struct fleet *fleet, int listener_fd);

/* ---- farewell.c --------------------------------------------------------------- */

/* Ends a connection in good order; `reset_seen`: it was counted before. */
void net_linger(struct hal *hal, int fd, bool reset_seen);
/* Ends connections that linger too long. */
void net_linger_expire(struct fleet *fleet);
/* Closes with an end of file; who sends on meets a reset. */
void net_close_early(int fd);
/* Closes with a reset. */
void net_reset_fd(int fd);
/* The error that waits at the socket is a reset by the peer. */
bool net_has_reset(int fd);
void net_count_reset(struct hal *hal, bool *seen);

/* ---- clock.c ------------------------------------------------------------------ */

/* The time of the fleet at this moment, inside a step too. */
int64_t fleet_clock_ms(const struct fleet *fleet);

/* ---- wlan.c ------------------------------------------------------------------- */

/* The board starts: no link yet. */
void wlan_start(struct hal *hal);
/* The image is up: joining begins. Does nothing when it has begun. */
void wlan_begin(struct hal *hal);
void wlan_joined(struct hal *hal);
/* A station came or went, or the link was lost for a moment: the servers start anew
 * (WIRE.md 1.10). */
void wlan_event(struct hal *hal);

/* ---- arena.c ------------------------------------------------------------------ */

int arena_open(struct fleet *fleet, size_t len) WARN_UNUSED;
void arena_close(struct fleet *fleet);
/* The board's part; NULL where there is none. */
void *arena_of(const struct hal *hal);
/* Gives its pages back; they read as zeros from now on. */
void arena_drop(struct hal *hal);

/* ---- life.c ------------------------------------------------------------------- */

/* A board that has just been made gets power. */
void life_begin(struct hal *hal);
void fleet_power_off(struct hal *hal);
void fleet_power_on(struct hal *hal);
void fleet_reset(struct hal *hal);
/* The core is stepped soon: now, or when what keeps it busy is done. */
void fleet_step(struct hal *hal);
/* Runs what is due and plans the rest. */
void life_wake(struct hal *hal);
/* Hangs for good: no network, the LED as it is, until a reset. */
void life_hang(struct hal *hal);

#endif
