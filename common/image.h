/* SPDX-License-Identifier: MIT
 *
 * What a firmware image says about itself: family, size, proof, fingerprint. Reads
 * bytes, never past their end, trusts no length in them. CC3200 (WIRE.md 3.1), ESP8266,
 * ESP32 and Pycom (WIRE.md 3.4, 5.3, 5.4); anything else is named for what it is.
 */
#ifndef WIPY_COMMON_IMAGE_H
#define WIPY_COMMON_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/family.h"
#include "common/fingerprint.h"
#include "common/md5.h"

/* The MD5 engine of the CC3200 is used without final padding, so a payload (file
 * less trailer) that is a multiple of 64 bytes, or not of 4, may be rejected
 * (WIRE.md 0.4). */
#define WIPY_IMAGE_WARN_MD5_ENGINE 0x1u
/* The tag ends in -dirty: a modified build. */
#define WIPY_IMAGE_WARN_MODIFIED 0x2u
/* No checksum speaks for a part of the file: damage there would not be seen. */
#define WIPY_IMAGE_WARN_UNCOVERED 0x4u

/* A board that runs it has no telnet and no FTP: it cannot be updated from afar any
 * more. */
#define WIPY_IMAGE_WARN_ONE_WAY 0x8u
/* The header of an ESP image names a mode, size or frequency of the flash that nobody knows:
 * loaders take one of their own then. */
#define WIPY_IMAGE_WARN_FLASH 0x10u

/* The word for each, in stored files, in the API and for people. */
struct wipy_image_warning {
	uint32_t bit;
	const char *word; /* "md5-engine" */
};

/* In the order in which they are listed; NULL beyond the last one. */
const struct wipy_image_warning *wipy_image_warning_at(size_t index);
/* 0: there is no such word. */
uint32_t wipy_image_warning_of(const char *word);

#define WIPY_IMAGE_KIND_BOOT_LOADER "boot loader"
#define WIPY_IMAGE_KIND_WHOLE_FLASH "ESP32 image of the whole flash"

/* What images of the ESP families have (WIRE.md 5.3, 5.4). Texts are static or "". */
struct wipy_image_esp {
	uint8_t segments; /* of a file of version 2 with what stands in front */
	uint8_t chip_id;  /* 0: ESP32 itself; ESP8266 has none */
	const char *flash_mode, *flash_size, *flash_frequency; /* "DIO", "4MB", "40m" */
	size_t covered_len; /* from the start: header, segments, checksum, SHA-256;
	                     * 0: their end could not be found */
	bool checksum_right;
	bool has_sha256, sha256_right;
	bool has_flash_md5, flash_md5_right; /* MicroPython's, of what ESP8266 maps */
	size_t flash_len;                    /* as far as that goes, with it */
	bool has_description;
	char app_version[33], app_project[33], idf_version[33];
	char pycom_release[24]; /* "1.20.2.r4" */
	bool marked;            /* with WIPY_FIRMWARE_MARK */
	int fault;              /* 0, or what is wrong with structure or proofs */
	const char *flaw; /* why no loader can start it, as a clause; NULL: it can */
};

struct wipy_image_info {
	enum wipy_family family; /* UNKNOWN: see kind */
	const char *kind; /* "CC3200 image", "ESP8266 image", "ESP32 image", "boot
	                   * loader", "gzip file", "text", "unknown", ...; static */
	size_t size;
	uint32_t stack_pointer; /* CC3200: word 0 */
	uint32_t
		entry_point; /* CC3200: word 1, the reset vector; ESP: from the header */
	bool has_md5; /* the last 32 bytes are lower-case hex digits, and not of the image
	               * itself by its own proofs */
	bool md5_right;
	char md5_stored[WIPY_MD5_HEX_LEN + 1];   /* "" without has_md5 */
	char md5_computed[WIPY_MD5_HEX_LEN + 1]; /* of everything before the trailer */
	bool has_fingerprint;
	struct wipy_fingerprint fingerprint;
	struct wipy_image_esp esp; /* zero for others */
	uint32_t warnings;         /* WIPY_IMAGE_WARN_* */
	int verdict; /* 0: fit to be pushed to a board of `family`; otherwise
	                    * the gravest WIPY_E_IMAGE_* */
};

/* What a push puts behind the bytes of an image that was found fit: 0, or
 * WIPY_MD5_HEX_LEN for md5_computed (DESIGN.md 3). */
size_t wipy_image_added_len(const struct wipy_image_info *info);

/* Borrows data for the call. Works for any bytes, also len 0. */
void wipy_image_inspect(
	const uint8_t *data, size_t len, struct wipy_image_info *ret_info);

/* Fit, or fit but for its missing endpoints: a release may hold it, and pushes it only where
 * a person accepts that the board is out of reach then. */
bool wipy_image_may_be_kept(const struct wipy_image_info *info);

/* Whether boards of that family may get it: 0, or why not (WIPY_E_IMAGE_*). */
int wipy_image_fits(const struct wipy_image_info *info, enum wipy_family family);

/* It is an image of the ESP families: info->esp is filled. */
bool wipy_image_is_esp(const struct wipy_image_info *info);

/* The fingerprint that an image will show, found in its bytes: the text
 * `TAG on DATE; BOARD with MCU` behind "MicroPython " (WIRE.md 4.4, last point).
 * Returns 0, or WIPY_E_IMAGE_NO_VERSION. Firmware uses it too. */
int wipy_image_find_fingerprint(
	const uint8_t *data, size_t len, struct wipy_fingerprint *ret_fp) WARN_UNUSED;

#endif
