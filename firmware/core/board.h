/* SPDX-License-Identifier: MIT
 *
 * One board: boot, update, telnet, FTP and REPL put together. A board holds no pointer
 * to anything global, takes no memory after its start and never waits: the port calls
 * wipy_board_step() when something has happened or the time it was told has come.
 */
#ifndef WIPY_FIRMWARE_BOARD_H
#define WIPY_FIRMWARE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/fingerprint.h"
#include "firmware/core/boot.h"
#include "firmware/core/boot_trial.h"
#include "firmware/core/files.h"
#include "firmware/core/ftp_srv.h"
#include "firmware/core/led.h"
#include "firmware/core/personality.h"
#include "firmware/core/py.h"
#include "firmware/core/repl.h"
#include "firmware/core/servers.h"
#include "firmware/core/telnet_srv.h"
#include "firmware/core/updater.h"
#include "firmware/include/hal.h"

#define WIPY_NEVER INT64_MAX

static inline int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

struct wipy_settings {
	/* The login that this board's boot.py would set; a safe boot goes back to
	 * micro and python. Borrowed as long as the board lives; <= 31 characters. */
	const char *user;
	const char *password;
	uint8_t address[4]; /* what 227 names */
	uint16_t telnet_port;
	uint16_t ftp_port;
	uint16_t pasv_port;
	uint32_t boot_ms;    /* from reset until the servers listen */
	uint32_t data_rate;  /* bytes a second taken from a data connection; 0: any */
	uint32_t timeout_ms; /* WIRE.md 1.10, 2.7; 300 s */
	/* The interpreter's memory: borrowed as long as the board lives, aligned to 16
	 * bytes, zeros or anything. 0 bytes: the board has no REPL. */
	void *arena;
	size_t arena_len;
	/* The port asks wipy_board_led() when it wants to know, and is not woken for
	 * the heartbeat. */
	bool led_by_asking;
};

/* Counted since wipy_board_start(). */
struct wipy_stats {
	uint64_t telnet_accepts;
	uint64_t logins;
	uint64_t ftp_sessions;
	uint64_t stors; /* of the image name */
	uint64_t stor_bytes;
};

enum wipy_board_state {
	WIPY_BOARD_BOOTING,
	WIPY_BOARD_STARTING, /* image chosen, servers not up yet */
	WIPY_BOARD_RUNNING,
	WIPY_BOARD_HALTED,    /* dead: no network until a reset */
	WIPY_BOARD_RESETTING, /* hal_reset() was called */
};

/* A program's watchdog, or the loader's own around a trial. Once it counts it cannot be
 * stopped. */
struct wipy_watchdog {
	bool started;
	bool by_program; /* it must feed, too */
	bool fed;        /* by the program, since the machine's was fed last */
	uint32_t timeout_ms;
};

/* What is large and seldom touched comes last: an idle board should stay in few
 * pages. */
struct wipy_board {
	struct hal *hal;
	const struct wipy_personality *personality;
	struct wipy_settings settings;
	enum wipy_board_state state;
	int64_t start_ms;
	int64_t ready_ms;
	bool safe_boot;    /* boot.py and main.py are skipped until the next reset */
	bool first_boot;   /* there was no boot record */
	bool servers_dead; /* the servers task hangs (WIRE.md 0.4 on 2.11) */
	bool reset_wanted; /* machine.reset() */
	struct wipy_watchdog watchdog;
	struct wipy_stats stats;
	enum boot_slot running; /* valid from STARTING on */
	size_t name_at;         /* in its image, where its fingerprint is looked for */
	struct wipy_fingerprint fingerprint; /* empty until it is found */
	struct led led;
	struct boot boot;
	struct boot_survey survey;
	struct servers servers;
	struct updater updater;
	struct files files;
	struct repl repl;
	struct py py;
	struct telnet_srv telnet;
	struct ftp_srv ftp;
};

/* Power has come or a reset has happened: begins to boot. The port calls
 * wipy_board_step() next. `hal` and `personality` are borrowed, `settings` is
 * copied. */
void wipy_board_start(struct wipy_board *board, struct hal *hal,
	const struct wipy_personality *personality,
	const struct wipy_settings *settings, int64_t now_ms);

/* Goes on as far as it can. Returns the time by which it must be called again (now or
 * earlier: at once, others first), WIPY_NEVER where only an event on the net can bring
 * news. */
int64_t wipy_board_step(struct wipy_board *board, int64_t now_ms);

/* A program has made a watchdog: the machine resets when the program does not feed it
 * for `timeout_ms`, or the servers hang (WIRE.md 3.6). Limits on the time are the
 * caller's. */
void wipy_board_watchdog(struct wipy_board *board, uint32_t timeout_ms);
void wipy_board_watchdog_feed(struct wipy_board *board);

/* Something that cannot be mended: LED on, no network until a reset (WIRE.md 3.6). */
void wipy_board_fatal(struct wipy_board *board, int64_t now_ms);

/* Whether the LED is lit at this moment. */
bool wipy_board_led(const struct wipy_board *board, int64_t now_ms);

#endif
