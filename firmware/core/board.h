/* SPDX-License-Identifier: MIT
 *
 * One board: boot, update, telnet, FTP and REPL put together. A board holds no pointer
 * to anything global, takes no memory after its start and never waits: the port calls
 * wipy_board_step() when something has happened or the time it was told has come.
 */
#ifndef WIPY_FIRMWARE_BOARD_H
#define WIPY_FIRMWARE_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/fingerprint.h"
#include "firmware/core/boot.h"
#include "firmware/core/files.h"
#include "firmware/core/ftp_srv.h"
#include "firmware/core/py.h"
#include "firmware/core/repl.h"
#include "firmware/core/telnet_srv.h"
#include "firmware/core/updater.h"
#include "firmware/include/hal.h"

#define WIPY_NEVER INT64_MAX

/* What a family of boards says and does differently: data. */
struct wipy_personality {
	const char *name;
	const char *ftp_greeting;
	const char *image_path; /* STOR of this name is an update (WIRE.md 2.10) */
	size_t image_max;
	bool pwd_quoted;        /* 257 "/flash" (WIRE.md 2.4) */
	const char *soft_reset; /* the line that Ctrl-D prints (WIRE.md 1.9) */
	const char *sysname;    /* os.uname() */
	const char *release;    /* os.uname().release: constant (WIRE.md 4.2) */
};

/* WiPy 1 with CC3200, the firmware of v1.8.x. */
extern const struct wipy_personality wipy_personality_wipy;

struct wipy_settings {
	const char *user; /* borrowed as long as the board lives; <= 31 characters */
	const char *password; /* the same */
	uint8_t address[4];   /* what 227 names */
	uint16_t telnet_port;
	uint16_t ftp_port;
	uint16_t pasv_port;
	uint32_t boot_ms;    /* from reset until the servers listen */
	uint32_t data_rate;  /* bytes a second taken from a data connection; 0: any */
	uint32_t timeout_ms; /* WIRE.md 1.10, 2.7; 300 s */
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

struct wipy_board {
	struct hal *hal;
	const struct wipy_personality *personality;
	struct wipy_settings settings;
	enum wipy_board_state state;
	int64_t start_ms;
	int64_t ready_ms;
	bool servers_dead; /* the servers task hangs (WIRE.md 0.4 on 2.11) */
	bool reset_wanted;
	struct wipy_stats stats;
	enum boot_slot running; /* valid from STARTING on */
	struct wipy_fingerprint fingerprint;
	struct boot boot;
	struct updater updater;
	struct files files;
	struct telnet_srv telnet;
	struct ftp_srv ftp;
	struct repl repl;
	struct py py;
};

/* Power has come or a reset has happened: begins to boot. The port calls
 * wipy_board_step() next. `hal` and `personality` are borrowed, `settings` is copied. */
void wipy_board_start(struct wipy_board *board, struct hal *hal,
	const struct wipy_personality *personality,
	const struct wipy_settings *settings, int64_t now_ms);

/* Goes on as far as it can. Returns the time by which it must be called again,
 * WIPY_NEVER where only an event on the net can bring news. */
int64_t wipy_board_step(struct wipy_board *board, int64_t now_ms);

#endif
