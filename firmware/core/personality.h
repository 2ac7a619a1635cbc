/* SPDX-License-Identifier: MIT
 *
 * What a family of boards says and does differently, as data: one row a family, each in
 * a file of its own (family_*.c). Code asks for the fact that it needs, never for the
 * name of the family.
 */
#ifndef WIPY_FIRMWARE_PERSONALITY_H
#define WIPY_FIRMWARE_PERSONALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which boot record and which choice of an image (boot.h). */
enum wipy_boot_kind {
	WIPY_BOOT_CLASSIC, /* factory and two updates, 4 bytes (WIRE.md 3.2) */
	WIPY_BOOT_PYCOM,   /* two slots (WIRE.md 3.4) */
	WIPY_BOOT_TRIAL,   /* factory and two updates; unconfirmed falls back */
};

/* What proves an image when the loader checks it. */
enum wipy_proof {
	WIPY_PROOF_MD5,     /* 32 hex digits at the end (WIRE.md 3.1) */
	WIPY_PROOF_PYCOM,   /* header, checksum, SHA-256 where the header says that
	                     * there is one (WIRE.md 5.4); what follows is nobody's */
	WIPY_PROOF_ESP32,   /* the same, never without SHA-256, and an MD5 trailer
	                     * that follows must be right */
	WIPY_PROOF_ESP8266, /* header, checksum (WIRE.md 5.3), trailer as ESP32 */
};

/* What STOR of a special name does (WIRE.md 2.10). Names are compared exactly, as
 * absolute paths. */
enum wipy_special_kind {
	WIPY_SPECIAL_IMAGE,   /* into a slot; its end flips the record (updater.h) */
	WIPY_SPECIAL_AUX,     /* kept aside, no record: service pack, certificates */
	WIPY_SPECIAL_CONFIRM, /* holds the fingerprint: confirms a trial boot */
};

struct wipy_special {
	const char *path;
	size_t max; /* bytes; 0: whatever the slot holds, not checked */
	enum wipy_special_kind kind;
};

enum wipy_telnet_kind {
	WIPY_TELNET_CC, /* any byte above 7F skips three (WIRE.md 1.6) */
	WIPY_TELNET_PY, /* a state machine: BINARY, AYT, FF FF */
};

#define WIPY_WINDOWS 3

struct wipy_window {
	int toggles;   /* of the LED; a release is noticed at a toggle */
	int toggle_ms; /* how long each one lasts */
};

struct wipy_personality {
	const char *name;

	/* what it says */
	const char *sysname;    /* os.uname() */
	const char *release;    /* the same; WIRE.md 4.2 */
	const char *soft_reset; /* the line that Ctrl-D prints (WIRE.md 1.9) */
	bool banner_release;    /* REPL banner with release and [tag] (WIRE.md 4.3) */
	const char *ftp_greeting;
	const char *mark; /* stands in each image of this firmware, for those who judge
			   * images: common/family.h; NULL: none needed */

	/* telnet and FTP */
	enum wipy_telnet_kind telnet;
	bool silent_reset; /* machine.reset() ends no connection and no upload: clients
			    * meet a reset later (WIRE.md 1.10, 2.11) */
	bool ctrl_f;     /* 06 over telnet takes the board off the net (WIRE.md 1.11) */
	bool pwd_quoted; /* 257 "/flash" (WIRE.md 2.4) */
	bool feat_before_login;  /* the same */
	bool names_with_blanks;  /* path parameters keep blanks (WIRE.md 2.2) */
	uint32_t data_ms;        /* each data timer (WIRE.md 2.7, 0.4) */
	uint32_t send_cycles_ms; /* LIST, RETR: a window full so long ends it */
	bool update_locks;       /* a second STOR hangs the servers (WIRE.md 0.4) */
	bool update_stays_open;  /* without data connection (WIRE.md 2.11) */
	const struct wipy_special *specials; /* ends with a row without a path */

	/* boot */
	enum wipy_boot_kind boot;
	enum wipy_proof proof;
	size_t image_max;     /* bytes that a slot takes */
	uint32_t debounce_ms; /* of the safe-boot pin (WIRE.md 3.3, 3.5) */
	/* latest, previous, factory; the last is forced */
	struct wipy_window windows[WIPY_WINDOWS];

	/* files */
	uint32_t files_clusters; /* of 512 bytes, for files and folders below /flash */
	const char *
		fresh_boot_py; /* what a board makes on its first start; at most 512 bytes */
	const char *fresh_main_py;

	/* Python */
	bool machine_uart; /* a serial REPL exists: os.dupterm */
	bool wipy_trial;   /* wipy.confirm(), safeboot(), slots(): trial boot */
};

extern const struct wipy_personality wipy_personality_wipy;  /* WiPy 1, v1.8.x */
extern const struct wipy_personality wipy_personality_pycom; /* WiPy 2/3, 1.20.x */
extern const struct wipy_personality wipy_personality_esp32; /* this firmware */
extern const struct wipy_personality wipy_personality_esp8266;

/* By name, or NULL. */
const struct wipy_personality *wipy_personality_by_name(const char *name);

/* The row for this absolute path, or NULL. */
const struct wipy_special *wipy_personality_special(
	const struct wipy_personality *personality, const char *path);

#endif
