/* SPDX-License-Identifier: MIT
 *
 * What telnet and FTP share: whether they are on, their login and their idle limit, as
 * network.Server sets them (WIRE.md 6.1), and their reset by events of the radio
 * (WIRE.md 1.10). Changes made by a program take effect in servers_step(), never in the
 * middle of a call.
 */
#ifndef WIPY_FIRMWARE_SERVERS_H
#define WIPY_FIRMWARE_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/include/hal.h"

struct wipy_board;

#define SERVERS_CREDENTIAL_MAX 32 /* WIRE.md 1.1 */
#define SERVERS_TIMEOUT_MIN_S  5
#define SERVERS_TIMEOUT_MAX_S  (INT32_MAX / 1000)
#define SERVERS_TIMEOUT_S      300

struct servers {
	bool wanted;  /* network.Server().deinit() takes it back */
	bool running; /* as servers_step() left it */
	bool restart; /* stop and start once: an event of the radio, WLAN.init() */
	uint32_t timeout_ms;
	uint32_t wlan_events; /* last seen */
	char user[SERVERS_CREDENTIAL_MAX + 1];
	char password[SERVERS_CREDENTIAL_MAX + 1];
};

/* The board has started: login and timeout of its settings, or the defaults after a
 * safe boot; on. */
void servers_start(struct wipy_board *board, int64_t now_ms);
/* Both servers end in good order: machine.reset(). */
void servers_stop(struct wipy_board *board);
/* Does what is wanted, then one step of both servers. Returns when to be called again. */
int64_t servers_step(struct wipy_board *board, int64_t now_ms);

/* -EINVAL: longer than SERVERS_CREDENTIAL_MAX. Counts from the next login on. */
int servers_set_login(struct wipy_board *board, const char *user, size_t user_len,
	const char *password, size_t password_len) HAL_WARN_UNUSED;
/* -EINVAL: below SERVERS_TIMEOUT_MIN_S or above SERVERS_TIMEOUT_MAX_S. */
int servers_set_timeout(struct wipy_board *board, int32_t timeout_s) HAL_WARN_UNUSED;
/* micro, python, 300 s. */
void servers_set_defaults(struct wipy_board *board);
/* off: both end in good order, an open upload too. */
void servers_want(struct wipy_board *board, bool on);
/* WLAN.init() and the like: every connection ends, then they listen again. */
void servers_restart(struct wipy_board *board);
/* A program has asked for the end of the connections, servers_step() has not seen it
 * yet: until then nothing may be said and no program goes on, as on a board, where the
 * call waits for it. */
bool servers_are_ending(const struct wipy_board *board);

#endif
