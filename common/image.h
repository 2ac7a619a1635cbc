/* SPDX-License-Identifier: MIT
 *
 * What a firmware image says about itself: family, size, proof, fingerprint. Reads
 * bytes, never past their end, trusts no length in them. Today the CC3200 family is
 * inspected in depth (WIRE.md 3.1); images of the ESP families are recognised by their
 * first bytes (WIRE.md 5.3, 5.4), so that they can be refused by name.
 */
#ifndef WIPY_COMMON_IMAGE_H
#define WIPY_COMMON_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/family.h"
#include "common/fingerprint.h"
#include "common/md5.h"

/* The MD5 engine of the CC3200 is used without final padding, so a payload (file less
 * trailer) that is a multiple of 64 bytes, or not of 4, may be rejected (WIRE.md 0.4). */
#define WIPY_IMAGE_WARN_MD5_ENGINE 0x1u
/* The tag ends in -dirty: a modified build. */
#define WIPY_IMAGE_WARN_MODIFIED 0x2u

struct wipy_image_info {
	enum wipy_family family; /* UNKNOWN: see kind */
	const char *kind; /* "CC3200 image", "ESP8266 image", "ESP32 image", "gzip
	                          * file", "ELF file", "text", "unknown"; static */
	size_t size;
	uint32_t stack_pointer; /* CC3200: word 0 */
	uint32_t
		entry_point; /* CC3200: word 1, the reset vector; ESP: from the header */
	bool has_md5;        /* the last 32 bytes are lower-case hex digits */
	bool md5_right;
	char md5_stored[WIPY_MD5_HEX_LEN + 1];   /* "" without has_md5 */
	char md5_computed[WIPY_MD5_HEX_LEN + 1]; /* of everything before the trailer */
	bool has_fingerprint;
	struct wipy_fingerprint fingerprint;
	uint32_t warnings; /* WIPY_IMAGE_WARN_* */
	int verdict;       /* 0: fit to be pushed to a board of `family`; otherwise
	                    * the gravest WIPY_E_IMAGE_* */
};

/* Borrows data for the call. Works for any bytes, also len 0. */
void wipy_image_inspect(
	const uint8_t *data, size_t len, struct wipy_image_info *ret_info);

/* The fingerprint that a CC3200 image will show, found in its bytes: the text
 * `TAG on DATE; BOARD with MCU` behind "MicroPython " (WIRE.md 4.4, last point).
 * Returns 0, or WIPY_E_IMAGE_NO_VERSION. Firmware uses it too. */
int wipy_image_find_fingerprint(
	const uint8_t *data, size_t len, struct wipy_fingerprint *ret_fp) WARN_UNUSED;

#endif
