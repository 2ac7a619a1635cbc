/* SPDX-License-Identifier: MIT
 *
 * Inspection of ESP images that are made here, each right or wrong in one way; every
 * length that is too short, every bit that is turned.
 */
#include <stdlib.h>

#include "common/esp_image.h"
#include "common/image.h"
#include "tests/tap.h"

#define ROOM  (2u * 1024 * 1024)
#define SMALL 1024 /* bytes of data a segment: the texts fit */

#define FLASH 0x3f400020u
#define CODE  0x400d0018u
#define RAM   0x3fff0018u

enum tail {
	NO_TAIL,
	MD5,
	MD5_WRONG,
	MD5_SHORT,    /* one digit is missing */
	MD5_UPPER,    /* which no boot loader reads */
	MD5_NEWLINE,  /* and a newline behind it */
	ZEROS,        /* 64 of them */
	FEW,          /* 8 bytes */
	PART,         /* what an ESP8266 maps, with its MD5 */
	PART_WRONG,   /* the same, a bit turned */
	PART_CUT,     /* the same, its end missing */
	PART_TRAILER, /* the same with an MD5 trailer behind it */
	APPLICATION,  /* what follows a boot loader in a file for the whole flash */
};

struct recipe {
	const char *name;
	bool esp32;
	uint8_t chip;
	bool no_hash, no_mark, pycom;
	const char *text;  /* of the version; NULL: that of the family */
	uint32_t at[2];    /* where the segments go; 0: flash */
	uint32_t data_len; /* of the first segment; 0: SMALL */
	enum tail tail;
	int verdict;
	uint32_t warnings;
	const char *kind;
	enum wipy_family family;
};

#define E(x)      WIPY_E_IMAGE_##x
#define F(x)      WIPY_FAMILY_##x
#define ESP32     .esp32 = true, .kind = "ESP32 image", .family = F(ESP32)
#define PYCOM     .esp32 = true, .kind = "ESP32 image", .family = F(PYCOM), .pycom = true
#define ESP8266   .kind = "ESP8266 image", .family = F(ESP8266)
#define UNCOVERED .warnings = WIPY_IMAGE_WARN_UNCOVERED

/* A file of that length without a trailer: header, two segments' heads, checksum, hash. */
#define DATA_OF(len) ((uint32_t)(len)-24 - 16 - SMALL - 32 - 8)

static const struct recipe recipes[] = {
	{"ESP32", ESP32},
	{"ESP32 with a trailer", ESP32, .tail = MD5},
	{"ESP32, trailer wrong", ESP32, .tail = MD5_WRONG, .verdict = E(MD5)},
	{"ESP32, trailer cut", ESP32, .tail = MD5_SHORT, .verdict = E(TAIL), UNCOVERED},
	{"ESP32, upper-case", ESP32, .tail = MD5_UPPER, .verdict = E(TAIL), UNCOVERED},
	{"ESP32, newline", ESP32, .tail = MD5_NEWLINE, .verdict = E(TAIL), UNCOVERED},
	{"ESP32, zeros behind", ESP32, .tail = ZEROS, .verdict = E(TAIL), UNCOVERED},
	{"ESP32 without SHA-256", ESP32, .no_hash = true, .verdict = E(NO_SHA256)},
	{"ESP32, stock", ESP32, .no_mark = true, .verdict = E(NO_ENDPOINTS),
		.warnings = WIPY_IMAGE_WARN_ONE_WAY},
	{"ESP32, no version", ESP32, .text = "hello", .verdict = E(NO_VERSION)},
	{"ESP32, text of another", ESP32,
		.text = "MicroPython v1 on 2017-01-08; X with ESP8266\n",
		.verdict = E(FAMILY)},
	{"ESP32, modified", ESP32,
		.text = "MicroPython v1-dirty on 2017-01-08; X with ESP32\n",
		.warnings = WIPY_IMAGE_WARN_MODIFIED},
	{"ESP32, our text and Pycom's", ESP32, .pycom = true},
	{"ESP32, as large as the slot with its trailer", ESP32,
		.data_len = DATA_OF(1180 * 1024 - 32)},
	{"ESP32, too large with its trailer", ESP32,
		.data_len = DATA_OF(1180 * 1024 - 16), .verdict = E(TOO_BIG)},
	{"ESP32-S3", .esp32 = true, .chip = 9, .kind = "ESP32-S3 image",
		.family = F(ESP32), .verdict = E(CHIP)},
	{"ESP32-H4", .esp32 = true, .chip = 28, .kind = "ESP32-H4 image",
		.family = F(ESP32), .verdict = E(CHIP)},
	{"boot loader", .esp32 = true, .kind = WIPY_IMAGE_KIND_BOOT_LOADER,
		.family = F(ESP32), .at = {RAM, RAM}, .text = "",
		.verdict = E(BOOTLOADER)},
	{"whole flash", .esp32 = true, .kind = WIPY_IMAGE_KIND_WHOLE_FLASH,
		.family = F(ESP32), .at = {RAM, RAM}, .tail = APPLICATION,
		.verdict = E(BOOTLOADER), UNCOVERED},
	{"mapped code alone", ESP32, .at = {RAM, CODE}},
	{"Pycom", PYCOM, .no_mark = true},
	{"Pycom, old", PYCOM, .no_mark = true, .no_hash = true, .tail = MD5},
	{"Pycom, old, without a trailer", PYCOM, .no_mark = true, .no_hash = true},
	{"Pycom, trailer wrong", PYCOM, .no_mark = true, .tail = MD5_WRONG,
		.verdict = E(MD5)},
	{"Pycom, trailer cut", PYCOM, .no_mark = true, .tail = MD5_SHORT,
		.verdict = E(TAIL), UNCOVERED},
	{"Pycom, one sector short of its slot", PYCOM, .no_mark = true,
		.data_len = DATA_OF(1716 * 1024)},
	{"Pycom, would erase its record", PYCOM, .no_mark = true,
		.data_len = DATA_OF(1716 * 1024 + 16), .verdict = E(TOO_BIG)},
	{"ESP8266", ESP8266},
	{"ESP8266 with a trailer", ESP8266, .tail = MD5},
	{"ESP8266, trailer wrong", ESP8266, .tail = MD5_WRONG, .verdict = E(MD5)},
	{"ESP8266, few bytes behind", ESP8266, .tail = FEW, .verdict = E(TAIL),
		UNCOVERED},
	{"ESP8266, more behind", ESP8266, .tail = ZEROS, UNCOVERED},
	{"ESP8266, mapped part", ESP8266, .tail = PART},
	{"ESP8266, mapped part and trailer", ESP8266, .tail = PART_TRAILER},
	{"ESP8266, mapped part damaged", ESP8266, .tail = PART_WRONG,
		.verdict = E(MD5)},
	{"ESP8266, mapped part cut", ESP8266, .tail = PART_CUT, .verdict = E(CUT)},
	{"ESP8266, stock", ESP8266, .no_mark = true, .verdict = E(NO_ENDPOINTS),
		.warnings = WIPY_IMAGE_WARN_ONE_WAY},
	{"ESP8266, first length like a chip id", ESP8266, .data_len = 0x50010},
};

static uint8_t *image; /* ROOM bytes, never 0 where nothing was put */

static void put_u32(uint8_t *at, size_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static void md5_of(size_t from, size_t len, uint8_t *ret_digest)
{
	struct wipy_md5 md5;

	wipy_md5_init(&md5);
	wipy_md5_update(&md5, image + from, len);
	wipy_md5_final(&md5, ret_digest);
}

static void put_texts(uint8_t *at, const struct recipe *r)
{
	const char *text = r->text;

	if (!text)
		text = r->esp32 ? "MicroPython v1.11 on 2021-01-12; X with ESP32\r\n"
				: "MicroPython v1.11 on 2021-01-12; X with ESP8266\r\n";
	memcpy(at + 300, text, strlen(text) + 1);
	if (!r->no_mark)
		memcpy(at + 400, WIPY_FIRMWARE_MARK, sizeof(WIPY_FIRMWARE_MARK));
	if (r->pycom)
		memcpy(at + 500, "Pycom MicroPython 1.20.2.r4 [v1.11] pycom", 42);
}

static size_t put_trailer(size_t len, enum tail tail)
{
	uint8_t digest[WIPY_MD5_LEN];
	char hex[WIPY_MD5_HEX_LEN + 1];

	md5_of(0, len, digest);
	if (tail == MD5_WRONG)
		digest[3] ^= 1;
	wipy_md5_hex(digest, hex);
	for (int i = 0; i < WIPY_MD5_HEX_LEN && tail == MD5_UPPER; i++)
		if (hex[i] >= 'a')
			hex[i] = (char)(hex[i] - 'a' + 'A');
	memcpy(image + len, hex, WIPY_MD5_HEX_LEN);
	image[len + WIPY_MD5_HEX_LEN] = '\n';
	return len + WIPY_MD5_HEX_LEN + (tail == MD5_NEWLINE) - (tail == MD5_SHORT);
}

/* MicroPython's: from 0x9000 on, its length before that, its MD5 behind it. */
static size_t put_part(enum tail tail)
{
	size_t size = 0x9000 + 4096;

	put_u32(image + 0x8ffc, size);
	md5_of(4, size - 4, image + size);
	if (tail == PART_WRONG)
		image[0x9100] ^= 4;
	if (tail == PART_TRAILER)
		return put_trailer(size + WIPY_MD5_LEN, MD5);
	return tail == PART_CUT ? size : size + WIPY_MD5_LEN;
}

static size_t put_tail(size_t len, enum tail tail)
{
	switch (tail) {
	case NO_TAIL:
		break;
	case MD5:
	case MD5_WRONG:
	case MD5_SHORT:
	case MD5_UPPER:
	case MD5_NEWLINE:
		return put_trailer(len, tail);
	case ZEROS:
	case FEW:
		memset(image + len, 0, 64);
		return len + (tail == FEW ? 8 : 64);
	case PART:
	case PART_WRONG:
	case PART_CUT:
	case PART_TRAILER:
		return put_part(tail);
	case APPLICATION:
		image[0xf000] = WIPY_ESP_MAGIC;
		return 0x10000;
	}
	return len;
}

static size_t put_segments(const struct recipe *r, size_t at, uint8_t *checksum)
{
	for (int k = 0; k < 2; k++) {
		size_t len = k == 0 && r->data_len ? r->data_len : SMALL;

		put_u32(image + at, r->at[k] ? r->at[k] : FLASH);
		put_u32(image + at + 4, len);
		at += WIPY_ESP_SEGMENT_LEN;
		if (k == 0)
			put_texts(image + at, r);
		for (size_t i = 0; i < len; i++)
			*checksum ^= image[at + i];
		at += len;
	}
	return at;
}

static size_t make_image(const struct recipe *r)
{
	size_t at = r->esp32 ? WIPY_ESP32_HEADER_LEN : WIPY_ESP8266_HEADER_LEN;
	uint8_t checksum = WIPY_ESP_CHECKSUM_START;
	struct wipy_sha256 sha;

	memset(image, 1, ROOM);
	memset(image, 0, at);
	image[0] = WIPY_ESP_MAGIC;
	image[1] = 2;
	image[2] = 2;    /* DIO */
	image[3] = 0x40; /* 4MB of an ESP8266, 16MB of an ESP32; 40 MHz */
	put_u32(image + 4, 0x40100004);
	if (r->esp32) {
		image[12] = r->chip;
		image[23] = !r->no_hash;
	}
	at = put_segments(r, at, &checksum);
	at += 15 - at % 16;
	image[at++] = checksum;
	if (r->esp32 && !r->no_hash) {
		wipy_sha256_init(&sha);
		wipy_sha256_update(&sha, image, at);
		wipy_sha256_final(&sha, image + at);
		at += WIPY_SHA256_LEN;
	}
	return put_tail(at, r->tail);
}

/* On a copy of the exact size, so that a sanitizer sees any read beyond. */
static int judge(size_t len, struct wipy_image_info *ret_info)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	memcpy(copy, image, len);
	wipy_image_inspect(copy, len, ret_info);
	free(copy);
	return ret_info->verdict;
}

static void test_recipes(void)
{
	for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++) {
		const struct recipe *r = &recipes[i];
		struct wipy_image_info info;

		EQ_INT(judge(make_image(r), &info), r->verdict, r->name);
		EQ_STR(info.kind, r->kind, r->name);
		EQ_INT(info.family, r->family, r->name);
		EQ_INT(info.warnings, r->warnings, r->name);
	}
}

static void test_facts(void)
{
	struct wipy_image_info info;
	size_t len = make_image(&(struct recipe){ESP8266, .tail = PART});

	EQ_INT(judge(len, &info), 0, "facts of an ESP8266 image");
	EQ_INT(info.entry_point, 0x40100004, "entry point");
	EQ_STR(info.esp.flash_mode, "DIO", "mode");
	EQ_STR(info.esp.flash_size, "4MB", "size");
	EQ_STR(info.esp.flash_frequency, "40m", "frequency");
	EQ_INT(info.esp.covered_len, 2080, "what the checksum speaks for");
	EQ_INT(info.esp.flash_len, len, "what its MD5 speaks for");
	EQ_INT(wipy_image_added_len(&info), 32, "a push adds a trailer");
	len = make_image(&(struct recipe){ESP8266, .tail = MD5});
	EQ_INT(judge(len, &info), 0, "with one");
	EQ_INT(wipy_image_added_len(&info), 0, "it adds none");
	len = make_image(&(struct recipe){PYCOM, .no_mark = true});
	put_u32(image + 0x20, 0xabcd5432);
	(void)judge(len, &info);
	OK(info.esp.has_description && info.verdict == E(SHA256), "a damaged one");
	EQ_STR(info.esp.pycom_release, "1.20.2.r4", "Pycom's release");
	EQ_STR(info.esp.flash_size, "16MB", "size of an ESP32");
	EQ_INT(wipy_image_added_len(&info), 0, "Pycom needs no trailer");
}

/* Every beginning of a file is refused, and every bit of a hashed one is seen. */
static void test_damage(void)
{
	static const struct recipe whole[] = {{"ESP32", ESP32, .tail = MD5},
		{"Pycom", PYCOM, .no_mark = true, .no_hash = true, .tail = MD5},
		{"ESP8266", ESP8266}};
	struct wipy_image_info info;

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		size_t len = make_image(&whole[i]), taken = 0;
		/* Without their trailers they are whole too. */
		size_t also = whole[i].tail == MD5 ? len - WIPY_MD5_HEX_LEN : len;

		for (size_t n = 0; n < len; n++)
			taken += n != also && judge(n, &info) == 0;
		tap_ok(taken == 0, "%s: %zu cut files taken", whole[i].name, taken);
		taken = 0;
		for (size_t at = 0; at < len && whole[i].tail == MD5; at++) {
			image[at] ^= 0x10;
			taken += judge(len, &info) == 0;
			image[at] ^= 0x10;
		}
		tap_ok(taken == 0, "%s: %zu damaged files taken", whole[i].name, taken);
	}
}

static void test_headers(void)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t value;
		int verdict;
	} rows[] = {
		{"no magic", 0, 0x00, E(KIND)},
		{"version 2 and the text of an ESP32", 0, 0xea, E(FAMILY)},
		{"no segment", 1, 0, E(HEADER)},
		{"too many segments", 1, 17, E(HEADER)},
		{"one segment more", 1, 3, E(HEADER)},
		{"one segment less", 1, 1, E(CHECKSUM)},
		{"a length that is no multiple of 4", 28, 0x01, E(HEADER)},
		{"a length beyond any flash", 31, 0x7f, E(HEADER)},
		{"a length beyond the file", 30, 0x01, E(CUT)},
		{"the entry point", 4, 0x05, E(SHA256)},
	};
	struct wipy_image_info info;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = make_image(&recipes[0]);

		image[rows[i].at] = rows[i].value;
		EQ_INT(judge(len, &info), rows[i].verdict, rows[i].name);
	}
}

int main(void)
{
	image = malloc(ROOM);
	test_recipes();
	test_facts();
	test_headers();
	test_damage();
	free(image);
	return tap_done();
}
