/* SPDX-License-Identifier: MIT
 *
 * A machine of phases over the bytes of an image.
 */
#include "common/esp_image.h"

#include <string.h>

#define CHIP_ID_AT  12
#define HAS_HASH_AT 23
/* More than any chip's flash: a length beyond it is damage. */
#define SEGMENT_LEN_MAX (16u * 1024 * 1024)

static void enter(struct wipy_esp_image *image, enum wipy_esp_phase phase)
{
	image->phase = phase;
	image->piece_len = 0;
}

/* Behind a segment: the next one, or what ends the image. */
static void next_segment(struct wipy_esp_image *image)
{
	if (image->segments_left > 0) {
		enter(image, WIPY_ESP_SEGMENT);
		return;
	}
	image->left = 15 - image->total_len % 16;
	enter(image, image->left > 0 ? WIPY_ESP_PADDING : WIPY_ESP_CHECKSUM);
}

static void take_header(struct wipy_esp_image *image)
{
	const uint8_t *head = image->piece;

	image->segments_left = head[1];
	if (head[0] != WIPY_ESP_MAGIC || head[1] == 0 ||
		head[1] > WIPY_ESP_SEGMENTS_MAX ||
		(image->esp32 && head[HAS_HASH_AT] > 1)) {
		enter(image, WIPY_ESP_BROKEN);
		return;
	}
	if (image->esp32) {
		image->has_hash = head[HAS_HASH_AT] == 1;
		image->chip_id =
			(uint16_t)(head[CHIP_ID_AT] | head[CHIP_ID_AT + 1] << 8);
	}
	enter(image, WIPY_ESP_SEGMENT);
}

static void take_segment(struct wipy_esp_image *image)
{
	const uint8_t *at = image->piece + 4;

	image->left = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
		      (uint32_t)at[3] << 24;
	image->segments_left--;
	if (image->left % 4 != 0 || image->left > SEGMENT_LEN_MAX)
		enter(image, WIPY_ESP_BROKEN);
	else if (image->left == 0)
		next_segment(image);
	else
		enter(image, WIPY_ESP_DATA);
}

static void take_hash(struct wipy_esp_image *image)
{
	uint8_t digest[WIPY_SHA256_LEN];

	wipy_sha256_final(&image->sha, digest);
	image->hash_right = memcmp(digest, image->piece, sizeof(digest)) == 0;
	enter(image, WIPY_ESP_END);
}

/* Collects a piece of `want` bytes; returns how many it took. */
static size_t collect(
	struct wipy_esp_image *image, const uint8_t *at, size_t len, size_t want)
{
	size_t n = want - image->piece_len;

	if (n > len)
		n = len;
	memcpy(image->piece + image->piece_len, at, n);
	image->piece_len = (uint8_t)(image->piece_len + n);
	return n;
}

static size_t take_data(struct wipy_esp_image *image, const uint8_t *at, size_t len)
{
	size_t n = image->left < len ? image->left : len;

	if (image->phase == WIPY_ESP_DATA)
		for (size_t i = 0; i < n; i++)
			image->checksum ^= at[i];
	image->left -= (uint32_t)n;
	return n;
}

/* What the bytes just taken have completed. */
static void advance(struct wipy_esp_image *image, size_t header_len)
{
	switch (image->phase) {
	case WIPY_ESP_HEADER:
		if (image->piece_len == header_len)
			take_header(image);
		break;
	case WIPY_ESP_SEGMENT:
		if (image->piece_len == WIPY_ESP_SEGMENT_LEN)
			take_segment(image);
		break;
	case WIPY_ESP_DATA:
		if (image->left == 0)
			next_segment(image);
		break;
	case WIPY_ESP_PADDING:
		if (image->left == 0)
			enter(image, WIPY_ESP_CHECKSUM);
		break;
	case WIPY_ESP_CHECKSUM:
		image->checksum_right = image->piece[0] == image->checksum;
		enter(image, image->has_hash ? WIPY_ESP_HASH : WIPY_ESP_END);
		break;
	case WIPY_ESP_HASH:
		if (image->piece_len == WIPY_SHA256_LEN)
			take_hash(image);
		break;
	case WIPY_ESP_END:
	case WIPY_ESP_BROKEN:
		break;
	}
}

/* Takes some bytes of this phase; returns how many. */
static size_t take(
	struct wipy_esp_image *image, const uint8_t *at, size_t len, size_t header_len)
{
	switch (image->phase) {
	case WIPY_ESP_HEADER:
		return collect(image, at, len, header_len);
	case WIPY_ESP_SEGMENT:
		return collect(image, at, len, WIPY_ESP_SEGMENT_LEN);
	case WIPY_ESP_CHECKSUM:
		return collect(image, at, len, 1);
	case WIPY_ESP_HASH:
		return collect(image, at, len, WIPY_SHA256_LEN);
	case WIPY_ESP_DATA:
	case WIPY_ESP_PADDING:
		return take_data(image, at, len);
	case WIPY_ESP_END:
	case WIPY_ESP_BROKEN:
		break;
	}
	return len;
}

void wipy_esp_image_init(struct wipy_esp_image *image, bool esp32)
{
	memset(image, 0, sizeof(*image));
	image->esp32 = esp32;
	image->checksum = WIPY_ESP_CHECKSUM_START;
	wipy_sha256_init(&image->sha);
}

void wipy_esp_image_update(struct wipy_esp_image *image, const void *data, size_t len)
{
	const size_t header_len =
		image->esp32 ? WIPY_ESP32_HEADER_LEN : WIPY_ESP8266_HEADER_LEN;
	const uint8_t *at = data;

	while (len > 0 && image->phase != WIPY_ESP_END &&
		image->phase != WIPY_ESP_BROKEN) {
		size_t n = take(image, at, len, header_len);

		/* the hash is of everything before it */
		if (image->esp32 && image->phase != WIPY_ESP_HASH)
			wipy_sha256_update(&image->sha, at, n);
		image->total_len += (uint32_t)n;
		at += n;
		len -= n;
		advance(image, header_len);
	}
}

int wipy_esp_image_verdict(const struct wipy_esp_image *image)
{
	bool right = image->phase == WIPY_ESP_END && image->chip_id == 0 &&
		     image->checksum_right && (!image->has_hash || image->hash_right);

	return right ? 0 : WIPY_E_GARBAGE;
}
