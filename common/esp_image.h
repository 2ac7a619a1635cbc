/* SPDX-License-Identifier: MIT
 *
 * The check of an ESP image as its boot loader makes it: header, segments, checksum
 * and, on an ESP32, SHA-256 (WIRE.md 5.3, 5.4). Bytes come in pieces of any size and
 * are not kept, so that an image of megabytes is checked in 200 bytes of memory.
 */
#ifndef WIPY_COMMON_ESP_IMAGE_H
#define WIPY_COMMON_ESP_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/sha256.h"

#define WIPY_ESP_MAGIC          0xe9
#define WIPY_ESP_CHECKSUM_START 0xef
#define WIPY_ESP8266_HEADER_LEN 8
#define WIPY_ESP32_HEADER_LEN   24
#define WIPY_ESP_SEGMENT_LEN    8
#define WIPY_ESP_SEGMENTS_MAX   16

enum wipy_esp_phase {
	WIPY_ESP_HEADER,
	WIPY_ESP_SEGMENT, /* its address and length */
	WIPY_ESP_DATA,
	WIPY_ESP_PADDING, /* up to the checksum, the last byte of a multiple of 16 */
	WIPY_ESP_CHECKSUM,
	WIPY_ESP_HASH,
	WIPY_ESP_END,   /* what follows is not the image's */
	WIPY_ESP_BROKEN /* its structure: what follows cannot be told apart */
};

struct wipy_esp_image {
	bool esp32;
	bool has_hash;
	bool checksum_right, hash_right; /* once these are in; each for itself */
	uint16_t chip_id;                /* 0: ESP32 itself; of ESP8266 always */
	enum wipy_esp_phase phase;
	uint8_t segments_left;
	uint8_t checksum;
	uint8_t piece_len;
	uint8_t piece
		[WIPY_SHA256_LEN]; /* header, segment or hash, as far as it is in */
	uint32_t left;             /* bytes of data or padding */
	uint32_t total_len;        /* of the image, so far */
	struct wipy_sha256 sha;
};

/* `esp32`: an image with the extended header; otherwise an ESP8266 one. */
void wipy_esp_image_init(struct wipy_esp_image *image, bool esp32);

/* Takes the next bytes. */
void wipy_esp_image_update(struct wipy_esp_image *image, const void *data, size_t len);

/* All bytes are in. 0: the image is whole, right and for chip 0, its length is total_len
 * and has_hash says whether it had a SHA-256; otherwise WIPY_E_GARBAGE. */
int wipy_esp_image_verdict(const struct wipy_esp_image *image) WARN_UNUSED;

#endif
