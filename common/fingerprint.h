/* SPDX-License-Identifier: MIT
 *
 * What identifies an image on a board: tag, build date, board and MCU text, read from
 * the telnet banner (WIRE.md 4.1), from os.uname() (WIRE.md 4.2) or from the bytes of
 * an image, and the order of version tags (WIRE.md 4.4). Fingerprints are compared as
 * complete strings, exactly; tags are ordered only to say behind, ahead or neither.
 */
#ifndef WIPY_COMMON_FINGERPRINT_H
#define WIPY_COMMON_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define WIPY_TAG_MAX         64 /* with NUL; the longest seen is 33 characters */
#define WIPY_DATE_MAX        12 /* YYYY-MM-DD and NUL */
#define WIPY_BOARD_MAX       48
#define WIPY_MCU_MAX         24
#define WIPY_FINGERPRINT_MAX 160 /* room for wipy_fingerprint_format() */

struct wipy_fingerprint {
	char tag[WIPY_TAG_MAX];     /* "v1.8.6-63-gc28fed6-dirty" */
	char date[WIPY_DATE_MAX];   /* "2016-11-18": the build date */
	char board[WIPY_BOARD_MAX]; /* "WiPy" */
	char mcu[WIPY_MCU_MAX];     /* "CC3200" */
};

/* Reads `[MicroPython |Micro Python ]TAG on YYYY-MM-DD; BOARD with MCU`, with or
 * without CR LF at its end (WIRE.md 4.1; the two-word form was used until v1.5).
 * Printable ASCII only; each part must fit and be non-empty; the date must have the
 * form of a date. BOARD may hold blanks, MCU not. Returns 0 or WIPY_E_GARBAGE. */
int wipy_fingerprint_parse_banner(
	const char *line, size_t len, struct wipy_fingerprint *ret_fp) WARN_UNUSED;

/* The same from os.uname().version ("TAG on DATE") and .machine ("BOARD with MCU"),
 * both NUL-terminated (WIRE.md 4.2). Returns 0 or WIPY_E_GARBAGE. */
int wipy_fingerprint_parse_uname(const char *version, const char *machine,
	struct wipy_fingerprint *ret_fp) WARN_UNUSED;

/* All four strings are equal. */
bool wipy_fingerprint_equal(
	const struct wipy_fingerprint *a, const struct wipy_fingerprint *b);

/* "TAG on DATE; BOARD with MCU". */
void wipy_fingerprint_format(
	const struct wipy_fingerprint *fp, char ret_text[WIPY_FINGERPRINT_MAX]);

/* A version tag taken apart (WIRE.md 4.4). */
struct wipy_version {
	bool has_base;    /* false for a bare hash: equality is all there is */
	uint32_t part[3]; /* major, minor, micro; v1.9 is 1.9.0 */
	int stage;        /* -1 preview, 0 release, 1 commits after a release */
	uint32_t commits; /* after the tag */
	char hash[44];    /* without the g; "" where there is none */
	bool modified; /* built from a changed tree: the tag ends in -dirty or .dirty */
};

/* Takes a tag apart. A tag of no known form is an error: WIPY_E_GARBAGE. */
int wipy_version_parse(const char *tag, struct wipy_version *ret_version) WARN_UNUSED;

enum wipy_order {
	WIPY_ORDER_SAME,      /* the complete strings are equal */
	WIPY_ORDER_OLDER,     /* a is older than b */
	WIPY_ORDER_NEWER,     /* a is newer than b */
	WIPY_ORDER_DIFFERENT, /* neither: bare hash, other hash at the same place, a
	                       * modified build at the same place, unknown form */
};

/* The order of two tags by (major, minor, micro, stage, commits) (WIRE.md 4.4). */
enum wipy_order wipy_version_compare(const char *a, const char *b);

/* True if `tag` is `base` or a build that grew out of it: "v1.8.7" is the base of
 * "v1.8.7", "v1.8.7-219-g0c821f7-dirty", "v1.8.7-dirty"; not of "v1.8.70" and not of
 * a preview (DESIGN.md 2, release names). */
bool wipy_version_has_base(const char *tag, const char *base);

#endif
