/* SPDX-License-Identifier: MIT
 *
 * Makes ESP images for tests: two segments, checksum, SHA-256 on an ESP32, and where it
 * is wanted the 32 digits of an MD5 behind it; with the mark of this firmware.
 */
#ifndef WIPY_TESTS_ESP_FIXTURE_H
#define WIPY_TESTS_ESP_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/esp_image.h"
#include "common/family.h"
#include "common/md5.h"

#define ESP_FIXTURE_MAX 8192

struct esp_fixture {
	bool esp32;
	bool hash;
	bool trailer;
	const char *tag;
	size_t data_len; /* of both segments together, a multiple of 8 */
};

static void esp_put_u32(uint8_t *at, size_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* Returns the length; `bytes` holds ESP_FIXTURE_MAX. */
__attribute__((unused)) static size_t esp_fixture_make(
	const struct esp_fixture *want, uint8_t *bytes)
{
	static const uint32_t addresses[2][2] = {
		{0x40100000, 0x3FFE8000}, {0x3F400020, 0x40080000}};
	size_t at = want->esp32 ? WIPY_ESP32_HEADER_LEN : WIPY_ESP8266_HEADER_LEN;
	uint8_t checksum = WIPY_ESP_CHECKSUM_START;
	struct wipy_sha256 sha;
	struct wipy_md5 md5;
	uint8_t digest[WIPY_SHA256_LEN];
	char hex[WIPY_MD5_HEX_LEN + 1];

	memset(bytes, 0, ESP_FIXTURE_MAX);
	bytes[0] = WIPY_ESP_MAGIC;
	bytes[1] = 2;
	esp_put_u32(bytes + 4, want->esp32 ? 0x40080004 : 0x40100004);
	if (want->esp32)
		bytes[23] = want->hash;
	for (int k = 0; k < 2; k++) {
		size_t len = want->data_len / 2;

		esp_put_u32(bytes + at, addresses[want->esp32][k]);
		esp_put_u32(bytes + at + 4, len);
		at += WIPY_ESP_SEGMENT_LEN;
		for (size_t i = 0; i < len; i++)
			bytes[at + i] = (uint8_t)(i * 5 + (unsigned char)want->tag[1]);
		if (k == 0 && len > 300)
			snprintf((char *)bytes + at + 100, 150,
				"MicroPython %s on 2021-01-12; WiPy with %s\r\n%s",
				want->tag, want->esp32 ? "ESP32" : "ESP8266",
				WIPY_FIRMWARE_MARK);
		for (size_t i = 0; i < len; i++)
			checksum ^= bytes[at + i];
		at += len;
	}
	at += 15 - at % 16;
	bytes[at++] = checksum;
	if (want->esp32 && want->hash) {
		wipy_sha256_init(&sha);
		wipy_sha256_update(&sha, bytes, at);
		wipy_sha256_final(&sha, bytes + at);
		at += WIPY_SHA256_LEN;
	}
	if (want->trailer) {
		wipy_md5_init(&md5);
		wipy_md5_update(&md5, bytes, at);
		wipy_md5_final(&md5, digest);
		wipy_md5_hex(digest, hex);
		memcpy(bytes + at, hex, WIPY_MD5_HEX_LEN);
		at += WIPY_MD5_HEX_LEN;
	}
	return at;
}

#endif
