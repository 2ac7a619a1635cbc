/* SPDX-License-Identifier: MIT
 *
 * A machine for firmware tests: hal.h on plain memory. Flash can lose power at any
 * operation, the net can deliver and take single bytes, time is a number.
 */
#ifndef WIPY_TESTS_FW_MACHINE_H
#define WIPY_TESTS_FW_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/board.h"
#include "firmware/include/hal.h"

#define MACHINE_ARENA    24576
#define MACHINE_HANDLES  12
#define MACHINE_OUT_MAX  65536
#define MACHINE_SEGMENTS 512
#define MACHINE_IN_MAX   (512 * 1024)
#define MACHINE_LED_MAX  64
#define MACHINE_RTC_S    473385600 /* 2015-01-01: the calendar when power comes */

enum machine_use { MACHINE_FREE, MACHINE_LISTENER, MACHINE_CONN };

/* One end of the net: a listener, or a connection with what the client has sent and
 * what it got. */
struct machine_handle {
	enum machine_use use;
	uint16_t port;
	bool accepted;    /* by the board */
	bool client_shut; /* the client has ended its side */
	bool client_reset;
	bool board_ended; /* the board closed it; the test may still read */
	bool aborted;
	bool full; /* the client takes nothing */
	unsigned wanted;
	size_t in_at, in_len;
	uint8_t *in; /* MACHINE_IN_MAX bytes */
	size_t segment_at, segment_count;
	size_t segments[MACHINE_SEGMENTS]; /* where each segment ends */
	size_t out_len;
	char out[MACHINE_OUT_MAX];
};

struct machine_led {
	int64_t at_ms;
	bool on;
};

struct hal {
	int64_t now_ms;
	size_t sizes
		[HAL_AREA_COUNT]; /* a test may take an area away, or make it smaller */
	uint8_t *flash[HAL_AREA_COUNT];
	int flash_left;      /* operations until power fails; -1: never */
	unsigned flash_cut;  /* eighths of its bytes that the cut operation does: 4 */
	bool flash_partly;   /* and some bits of the word behind them */
	bool flash_recovers; /* only that one fails */
	int flash_count;
	size_t flash_read; /* bytes */
	bool unreadable[HAL_AREA_COUNT];
	int reads_left;            /* of flash until one fails; 0: none does */
	uint16_t files_erased[64]; /* how often each sector of HAL_AREA_FILES was */
	bool misused;              /* the core broke a rule of hal.h */
	bool pin;
	int led_count;
	struct machine_led led[MACHINE_LED_MAX];
	bool reset_wanted;
	enum hal_reset_cause cause;
	int64_t rtc_s;        /* the calendar at time 0 */
	uint32_t watchdog_ms; /* 0: not started */
	int64_t watchdog_fed_ms;
	struct hal_wlan wlan;
	int crash_area;    /* the image there crashes; -1: none */
	bool single_bytes; /* delivers and takes single bytes */
	/* FW_SLOW_NET is set: the same for all of a test, but for what clients say to
	 * the telnet and FTP servers, where a segment has a meaning (WIRE.md 1.3, 2.2) */
	bool slow_net;
	void (*console)(const char *text, size_t len); /* NULL: nobody listens */
	struct machine_handle handles[MACHINE_HANDLES];
};

struct machine {
	struct hal hal;
	const struct wipy_personality *personality; /* wipy; for the next power-up */
	struct wipy_settings settings;
	struct wipy_board board;
	_Alignas(16) uint8_t arena[MACHINE_ARENA]; /* settings name it */
};

/* A machine with erased flash and no power. machine_free(NULL) is fine. */
struct machine *machine_new(void);
struct machine *machine_free(struct machine *machine);

/* An image of `len` bytes with this tag and a right MD5 trailer. */
void machine_make_image(uint8_t *bytes, size_t len, const char *tag);
/* Puts an image into a slot, as a serial programmer would. */
void machine_install(
	struct machine *machine, enum hal_area area, const uint8_t *bytes, size_t len);

/* Power comes: everything but flash is new. */
void machine_power(struct machine *machine, enum hal_reset_cause cause);
/* Lets `ms` milliseconds pass; a reset that the board asks for happens. */
void machine_run(struct machine *machine, int64_t ms);
/* What the flash operation that power fails in leaves behind: one of MACHINE_CUTS ways,
 * whatever number is given. */
#define MACHINE_CUTS 18
void machine_cut_how(struct machine *machine, unsigned way);
/* Powers up and lets it boot. */
void machine_boot(struct machine *machine);

/* The client's side. Connecting gives a number, -1 if nobody listens. */
int machine_connect(struct machine *machine, uint16_t port);
/* One segment. */
void machine_send(struct machine *machine, int conn, const void *bytes, size_t len);
void machine_say(struct machine *machine, int conn, const char *text);
void machine_shut(struct machine *machine, int conn);
void machine_reset_conn(struct machine *machine, int conn);
/* What came since the last call, NUL-terminated. */
const char *machine_hear(struct machine *machine, int conn);
bool machine_ended(const struct machine *machine, int conn);
/* The client forgets the connection. */
void machine_drop(struct machine *machine, int conn);

#endif
