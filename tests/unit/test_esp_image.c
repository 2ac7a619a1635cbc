/* SPDX-License-Identifier: MIT
 *
 * ESP images: right ones in pieces of any size, every bit turned, every length short.
 */
#include "tests/unit/esp_fixture.h"
#include "tests/tap.h"

static const struct {
	const char *name;
	struct esp_fixture image;
} kinds[] = {
	{"ESP32 with hash", {true, true, false, "v1.11", 400}},
	{"ESP32 without hash", {true, false, false, "v1.11", 408}},
	{"ESP8266", {false, false, false, "v1.8.7", 416}},
	{"ESP8266, empty segments", {false, false, false, "v1.8.7", 0}},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int verdict(const uint8_t *bytes, size_t len, size_t piece, bool esp32)
{
	struct wipy_esp_image image;

	wipy_esp_image_init(&image, esp32);
	for (size_t i = 0; i < len; i += piece)
		wipy_esp_image_update(
			&image, bytes + i, len - i < piece ? len - i : piece);
	return wipy_esp_image_verdict(&image);
}

static void test_pieces(size_t kind)
{
	static uint8_t bytes[ESP_FIXTURE_MAX];
	size_t len = esp_fixture_make(&kinds[kind].image, bytes);
	bool esp32 = kinds[kind].image.esp32;
	int wrong = 0;

	for (size_t piece = 1; piece <= 64; piece++)
		wrong += verdict(bytes, len, piece, esp32) != 0;
	wrong += verdict(bytes, len + 100, len + 100, esp32) != 0;
	tap_ok(wrong == 0, "%s: right in pieces of any size", kinds[kind].name);
	wrong = 0;
	for (size_t short_len = 0; short_len < len; short_len++)
		wrong += verdict(bytes, short_len, 50, esp32) == 0;
	tap_ok(wrong == 0, "%s: wrong when it is short", kinds[kind].name);
	tap_ok(verdict(bytes, len, 50, !esp32) != 0, "%s: wrong as the other kind",
		kinds[kind].name);
}

/* With a hash each bit counts. Without one the checksum sees the data and the structure
 * shows itself: it is enough that no turned bit of the data is taken for right. */
static void test_bits(size_t kind)
{
	static uint8_t bytes[ESP_FIXTURE_MAX];
	const struct esp_fixture *image = &kinds[kind].image;
	size_t len = esp_fixture_make(image, bytes);
	size_t data_at = (image->esp32 ? 24 : 8) + WIPY_ESP_SEGMENT_LEN;
	size_t from = image->hash ? 0 : data_at;
	size_t to = image->hash ? len : data_at + image->data_len / 2;
	int wrong = 0;

	for (size_t i = from; i < to; i++) {
		for (int bit = 0; bit < 8; bit++) {
			bytes[i] ^= (uint8_t)(1 << bit);
			/* the flag itself: without it the hash is what follows */
			if (!(image->hash && i == 23 && bit == 0))
				wrong += verdict(bytes, len, 100, image->esp32) == 0;
			bytes[i] ^= (uint8_t)(1 << bit);
		}
	}
	tap_ok(wrong == 0, "%s: every turned bit is seen", kinds[kind].name);
}

static void test_headers(void)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t value;
	} rows[] = {
		{"another magic", 0, 0xea},
		{"no segment", 1, 0},
		{"too many segments", 1, 17},
		{"another chip", 12, 5},
		{"another chip, high byte", 13, 1},
		{"no such flag", 23, 2},
		{"a length that is no multiple of 4", 28, 0xc9},
		{"a length beyond any flash", 31, 0x7f},
	};
	static uint8_t bytes[ESP_FIXTURE_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = esp_fixture_make(&kinds[1].image, bytes);

		bytes[rows[i].at] = rows[i].value;
		EQ_INT(verdict(bytes, len, 33, true), WIPY_E_GARBAGE, rows[i].name);
	}
}

int main(void)
{
	for (size_t i = 0; i < KINDS; i++) {
		test_pieces(i);
		test_bits(i);
	}
	test_headers();
	return tap_done();
}
