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

#include "common/err.h"
#include "firmware/core/board.h"
#include "firmware/ports/linux/options.h"

#define HANDLES       8 /* a board uses six at most */
#define GARBAGE_MAX   (1024u * 1024u)
#define LINGER_MS     2000
#define SLOT_TEXT_MAX (WIPY_FINGERPRINT_MAX + 16)

/* Something that epoll tells about. */
struct source {
	void (*on_event)(struct source *source, uint32_t events);
};

enum handle_kind { HANDLE_FREE, HANDLE_LISTENER, HANDLE_CONN };

struct handle {
	enum handle_kind kind;
	int fd; /* -1: taken away by a fault */
	uint16_t port;
	int backlog;
	unsigned wanted;  /* HAL_NET_*, as the core asked */
	uint32_t watched; /* as epoll knows it; 0: not registered */
	bool gone;        /* cut by a fault: reads as reset by the peer */
	bool reset_seen;  /* counted in client_resets */
	uint64_t received_len;
};

enum fault {
	FAULT_CORRUPT_IMAGE = 1,
	FAULT_SILENT = 2,
	FAULT_REFUSE_TELNET = 4,
	FAULT_CRASH_AT_BOOT = 8,
	FAULT_GARBAGE = 16,
};

/* One flash: a sparse file, made when first written (flash.c). */
struct flash {
	int fd;      /* -1: not open */
	bool looked; /* whether the file exists is known */
	bool exists;
	uint64_t
		factory_own; /* one bit a sector: in the file, not in the shared image */
};

/* What status says about a slot, kept until the slot is written. */
struct slot_text {
	bool known;
	char text[SLOT_TEXT_MAX];
};

struct hal {
	struct source source;
	struct fleet *fleet;
	int number; /* from 1 */
	struct in_addr address;
	struct handle handles[HANDLES];
	struct flash flash;
	struct slot_text slot_texts[HAL_AREA_COUNT];
	bool powered;
	bool reset_pending;
	bool pin_high;
	uint64_t gpio; /* levels of GP0 and up */
	int64_t rtc_s; /* the calendar at rtc_at_ms */
	int64_t rtc_at_ms;
	bool led;
	enum hal_reset_cause cause;
	unsigned faults;     /* set of enum fault */
	uint64_t drop_after; /* 0: not armed */
	struct source garbage_source;
	int garbage_fd; /* -1: none */
	uint32_t garbage_left;
	uint32_t garbage_seed;
	struct wipy_board board;
	struct wipy_stats before; /* of earlier starts of the board */
	uint64_t resets;
	uint64_t boots;
	uint64_t client_resets;
	bool was_up; /* listened at least once, or halted */
	int64_t due_ms;
	size_t heap_at;
};

/* A connection that the board has ended, kept until the peer has too: a reset that
 * comes late is counted all the same. */
struct farewell {
	struct source source;
	struct hal *hal;
	int fd;
	int64_t until_ms;
	bool reset_seen;
	bool peer_ended; /* the last acknowledgement is all that is awaited */
	struct farewell *next, *previous;
};

struct fleet {
	const struct options *options;
	int epoll_fd;
	int dir_fd;
	int64_t now_ms;
	bool quit;
	bool ready;
	int error; /* what stopped the fleet before it was ready */
	struct errtext error_text;
	int up_count;
	uint8_t *factory; /* the image that boards start from */
	size_t factory_len;
	char factory_text[SLOT_TEXT_MAX];
	struct hal *boards; /* `count` of them */
	int count;
	struct hal **heap;
	size_t heap_len;
	struct farewell *farewell_first, *farewell_last;
};

/* ---- net.c -------------------------------------------------------------------- */

/* Registers, changes or (events 0) removes. */
void net_watch(struct fleet *fleet, int fd, struct source *source, uint32_t *watched,
	uint32_t events);
/* Power has gone: listeners close, connections fall silent. */
void net_park(struct hal *hal);
/* Ends with resets whatever is still open, parked ones too. */
void net_abort_all(struct hal *hal);
/* Ends connections that linger too long. */
void net_linger_expire(struct fleet *fleet);
/* Ends a connection in good order; `reset_seen`: it was counted before. */
void net_linger(struct hal *hal, int fd, bool reset_seen);
/* Opens the socket of a listener that has none. */
int net_open_listener(struct hal *hal, struct handle *handle) WARN_UNUSED;
/* The events of a board's handle, as the core and the faults want them. */
void net_apply(struct hal *hal, struct handle *handle);
/* Cuts the board's FTP session, both connections. */
void net_cut_ftp(struct hal *hal);

/* ---- fleet.c ------------------------------------------------------------------ */

void fleet_power_off(struct hal *hal);
void fleet_power_on(struct hal *hal);
void fleet_reset(struct hal *hal);
/* Steps the board and plans its next step. */
void fleet_step(struct hal *hal);
int64_t fleet_clock_ms(void);

#endif
