/* SPDX-License-Identifier: MIT
 *
 * Everything the firmware needs from a machine: flash, pins, ticks, reset, console,
 * net. A port defines `struct hal` and these functions; the core calls nothing else.
 * Nothing here blocks, nothing keeps a pointer it was lent, nothing is called from an
 * interrupt. Numbers returned are 0 or more, or a negated errno. docs/porting.md tells
 * how a port is put together.
 */
#ifndef WIPY_FIRMWARE_HAL_H
#define WIPY_FIRMWARE_HAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HAL_WARN_UNUSED __attribute__((warn_unused_result))

struct hal; /* one machine; the port's own */

/* ---- flash -------------------------------------------------------------------- */

/* Each area is NOR flash of its own: erased bytes read FF, programming only clears
 * bits, erasing works on whole sectors. Power may fail at every erase and every write;
 * what is then half done is the area's last operation and nothing else. */
enum hal_area {
	HAL_AREA_RECORD,  /* boot record: 2 sectors */
	HAL_AREA_FACTORY, /* image slots: one sector more than the largest image */
	HAL_AREA_UPDATE1,
	HAL_AREA_UPDATE2,
	HAL_AREA_FILES, /* /flash */
	HAL_AREA_AUX,   /* service pack, certificates: 16 sectors */
	HAL_AREA_COUNT
};

#define HAL_FLASH_SECTOR 4096u

/* Bytes in the area, a multiple of the sector; 0: this machine has no such area. */
size_t hal_flash_size(struct hal *hal, enum hal_area area);

/* Reads len bytes at offset; any alignment. */
int hal_flash_read(struct hal *hal, enum hal_area area, size_t offset, void *buf,
	size_t len) HAL_WARN_UNUSED;

/* Programs len bytes at offset; both are multiples of 4. The place was erased. */
int hal_flash_write(struct hal *hal, enum hal_area area, size_t offset, const void *buf,
	size_t len) HAL_WARN_UNUSED;

/* Erases whole sectors. */
int hal_flash_erase(
	struct hal *hal, enum hal_area area, size_t offset, size_t len) HAL_WARN_UNUSED;

/* ---- pins --------------------------------------------------------------------- */

/* Two pins have a meaning; the others are numbered from HAL_PIN_GP0 as the board's
 * documentation does (GP0 to GP31 on a WiPy, GPIO0 to GPIO39 on an ESP). */
enum hal_pin {
	HAL_PIN_SAFE_BOOT, /* input with pull-down; GP28 on a WiPy */
	HAL_PIN_LED,       /* output, active high; GP25 on a WiPy */
	HAL_PIN_GP0 = 16,
	HAL_PIN_COUNT = HAL_PIN_GP0 + 40
};

enum hal_pin_mode { HAL_PIN_IN, HAL_PIN_IN_PULL_UP, HAL_PIN_IN_PULL_DOWN, HAL_PIN_OUT };

bool hal_pin_get(struct hal *hal, enum hal_pin pin);
void hal_pin_set(struct hal *hal, enum hal_pin pin, bool high);
/* -EINVAL: this machine has no such pin. */
int hal_pin_mode(
	struct hal *hal, enum hal_pin pin, enum hal_pin_mode mode) HAL_WARN_UNUSED;

/* ---- ticks -------------------------------------------------------------------- */

/* Milliseconds since some moment, monotonic, never wrapping. The core is told the time
 * by its caller; this is for code inside one step that must see time pass. */
int64_t hal_ticks_ms(struct hal *hal);

/* The calendar: seconds since 2000-01-01. A board without a battery starts at
 * 2015-01-01 when power comes and keeps time over resets (WIRE.md 6.5). */
int64_t hal_rtc_s(struct hal *hal);
void hal_rtc_set(struct hal *hal, int64_t time_s);

/* ---- reset -------------------------------------------------------------------- */

/* The numbers are what machine.reset_cause() shows. */
enum hal_reset_cause {
	HAL_RESET_POWER = 0,
	HAL_RESET_HARD = 1,
	HAL_RESET_WATCHDOG = 2,
	HAL_RESET_DEEPSLEEP = 3,
	HAL_RESET_SOFT = 4,
};

/* Resets the machine. On a microcontroller it does not return; where it does, the core
 * returns from its step at once and the port starts the board anew. */
void hal_reset(struct hal *hal);

/* Why the machine started. */
enum hal_reset_cause hal_reset_cause(struct hal *hal);

/* The image in `area` has been chosen, the record is written: from here on it runs.
 * Loader and application are one program: 0 and the core goes on as that image, which
 * it can then confirm; anything else is an image that crashed, and the core stops for
 * good. It does not jump into a program that boots with this core again: that one would
 * read its own trial as a failed one and fall back. */
int hal_start_image(struct hal *hal, enum hal_area area) HAL_WARN_UNUSED;

/* The watchdog begins to count; it cannot be stopped. When it is not fed for timeout_ms
 * the machine is reset, HAL_RESET_WATCHDOG. */
void hal_watchdog_start(struct hal *hal, uint32_t timeout_ms);
/* Feeds it; nothing happens where none was started. */
void hal_watchdog_feed(struct hal *hal);

/* The machine's own 6 bytes, stable over resets. */
void hal_unique_id(struct hal *hal, uint8_t ret_id[6]);

/* ---- console ------------------------------------------------------------------ */

/* The serial line. Writes what fits, the rest is lost. */
void hal_console_write(struct hal *hal, const char *text, size_t len);

/* ---- radio -------------------------------------------------------------------- */

enum hal_wlan_mode { HAL_WLAN_OFF, HAL_WLAN_AP, HAL_WLAN_STA };

struct hal_wlan {
	enum hal_wlan_mode mode;
	bool connected; /* STA: associated, with an address; AP: it is up */
	/* Counts link losses, links regained, stations that came and went: where it
	 * changes the servers are reset (WIRE.md 1.10). */
	uint32_t events;
	uint8_t address[4];
	uint8_t netmask[4];
	uint8_t gateway[4];
};

void hal_wlan_state(struct hal *hal, struct hal_wlan *ret_wlan);
/* Begins to change mode or network and returns at once; hal_wlan_state() tells the
 * rest. `ssid` and `key` are borrowed for the call; NULL: the board's own. In a safe
 * boot the core asks for AP before it starts the servers: boot.py is skipped, so nobody
 * else would (WIRE.md 3.3, 6.2). */
int hal_wlan_start(struct hal *hal, enum hal_wlan_mode mode, const char *ssid,
	const char *key) HAL_WARN_UNUSED;

/* ---- net ---------------------------------------------------------------------- */

/* Handles are small numbers of the port's choosing, valid from the call that gave them
 * to the call that ends them. IPv4, TCP. */

/* Starts listening. `backlog` connections may wait to be accepted (0: the least that
 * the stack can). Returns a handle, or -EADDRINUSE and the like: the core tries
 * again later. */
int hal_net_listen(struct hal *hal, uint16_t port, int backlog) HAL_WARN_UNUSED;

/* Ends a listener. Connections still waiting are reset. */
void hal_net_unlisten(struct hal *hal, int listener);

/* Takes one waiting connection. Returns a handle, or -EAGAIN. */
int hal_net_accept(struct hal *hal, int listener) HAL_WARN_UNUSED;

/* Takes what has arrived, one segment at most (a stack that joins segments may give
 * what one of its receive calls gives). Returns the bytes, 0 when the peer has shut its
 * side, -EAGAIN when nothing is there, -ECONNRESET when the peer has reset. len > 0. */
int hal_net_recv(struct hal *hal, int conn, void *buf, size_t len) HAL_WARN_UNUSED;

/* Hands bytes to the stack. Returns how many it took, at least 1, -EAGAIN when it has
 * no room, -EPIPE or -ECONNRESET when the connection is gone. len > 0. */
int hal_net_send(
	struct hal *hal, int conn, const void *buf, size_t len) HAL_WARN_UNUSED;

/* Ends a connection in good order: what was taken by hal_net_send goes out, then FIN.
 * The handle is gone; received bytes that nobody took are dropped. */
void hal_net_shutdown(struct hal *hal, int conn);

/* Ends a connection with a reset. The handle is gone. */
void hal_net_abort(struct hal *hal, int conn);

enum hal_net_event {
	HAL_NET_IN = 1,  /* accept or recv would give something */
	HAL_NET_OUT = 2, /* send would take something */
};

/* Says what the core waits for on this listener or connection: a set of
 * HAL_NET_*, 0 for nothing. The port steps the board when one of them holds. A port
 * that steps the board all the time anyway may do nothing here. */
void hal_net_poll(struct hal *hal, int handle, unsigned events);

#endif
