/* SPDX-License-Identifier: MIT
 *
 * What the families of boards differ in, as data: one row a family.
 * Adding a family touches family.c alone (and its image inspection).
 */
#ifndef WIPY_COMMON_FAMILY_H
#define WIPY_COMMON_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wipy_family {
	WIPY_FAMILY_UNKNOWN, /* erased memory must not read as a family */
	WIPY_FAMILY_WIPY,    /* WiPy 1, CC3200 */
	WIPY_FAMILY_PYCOM,   /* WiPy 2/3, LoPy, ...: ESP32, Pycom's firmware */
	WIPY_FAMILY_ESP32,   /* this project's firmware */
	WIPY_FAMILY_ESP8266, /* this project's firmware */
	WIPY_FAMILY_COUNT
};

/* Stands in each image of this project's firmware for boards that would otherwise have
 * no telnet and no FTP. */
#define WIPY_FIRMWARE_MARK "wipy-firmware: telnet ftp confirm"

struct wipy_family_facts {
	const char *name; /* as written in the inventory */
	const char *mcu;  /* what stands behind "with" in the banner (WIRE.md 4.1) */
	const char *image_path; /* where STOR puts an image (WIRE.md 2.10) */
	size_t image_max;       /* bytes with trailer (WIRE.md 2.10, 3.4) */
	bool push_again_cures;  /* a second STOR rewrites the same slot (WIRE.md 3.2 row
	                         * 10): the cure for a dirty board */
	const char *
		confirm_path; /* a new image runs on trial until STOR of its fingerprint
				   * goes here (docs/decisions/0010); "": no trial */
	const char *mark; /* an image must hold this text, or the board is out of reach
			   * for good; "": none needed */
	bool adds_md5;    /* a push puts the MD5 behind an image that has none */
	/* Typed at the prompt it starts an image that sits in another slot; '#' is the
	 * number that ledger_switch() gives, '?' as telnet_client.h has it; "": none. */
	const char *switch_statement;
	uint16_t telnet_port; /* 23 (WIRE.md 1.1) */
	uint16_t ftp_port;    /* 21 (WIRE.md 2.1) */
	const char *user;     /* default login (WIRE.md 1.1) */
	const char *password;
};

/* The row of a family; for anything out of range the row of UNKNOWN ("unknown").
 * Static storage. */
const struct wipy_family_facts *wipy_family_facts(enum wipy_family family);

/* The family of that name, or WIPY_FAMILY_UNKNOWN. */
enum wipy_family wipy_family_by_name(const char *name);

#endif
