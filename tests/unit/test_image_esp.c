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
#define IRAM  0x40080000u
#define FILLS 0xffffffffu /* address 0: nothing is loaded there */
/* Of an ESP8266. */
#define CODE8 0x40100000u
#define DATA8 0x3ffe8000u

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
	DIGITS,       /* 64 bytes that end in 31 hex digits and a zero */
	APPLICATION,  /* what follows a boot loader in a file for the whole flash */
};

struct recipe {
	const char *name;
	bool esp32;
	uint8_t chip;
	uint8_t frequency; /* its code */
	uint8_t size;      /* the high nibble; 0: 4MB of an ESP8266, 16MB of an ESP32 */
	bool no_hash, no_mark, pycom;
	const char *text;  /* of the version; NULL: that of the family */
	uint32_t at[2];    /* where the segments go; 0: as usual */
	uint32_t entry;    /* 0: the first word of code but one */
	uint8_t mode;      /* 0: DIO */
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
#define ODD       .warnings = WIPY_IMAGE_WARN_FLASH
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
	{"segments that fill up", ESP32, .at = {CODE, FILLS}, .entry = CODE + 4},
	{"mapped code alone", ESP32, .at = {RAM, CODE}, .entry = CODE + 4},
	{"ESP32, entry in data", ESP32, .entry = FLASH, .verdict = E(HEADER)},
	{"ESP32, last word of code", ESP32, .entry = IRAM + SMALL - 4},
	{"ESP32, entry behind its code", ESP32, .entry = IRAM + SMALL,
		.verdict = E(HEADER)},
	{"ESP32, entry in the ROM", ESP32, .entry = 0x40000400, .verdict = E(HEADER)},
	{"ESP32, a segment nowhere", ESP32, .at = {CODE, 0x12345678}, .entry = CODE + 4,
		.verdict = E(HEADER)},
	{"ESP32, mode unknown", ESP32, .mode = 0x77, ODD},
	{"ESP32, frequency unknown", ESP32, .frequency = 3, ODD},
	{"Pycom", PYCOM, .no_mark = true},
	{"Pycom, old", PYCOM, .no_mark = true, .no_hash = true, .tail = MD5},
	{"Pycom, old, without a trailer", PYCOM, .no_mark = true, .no_hash = true,
		.verdict = E(NO_MD5)},
	{"Pycom, old, its trailer wrong", PYCOM, .no_mark = true, .no_hash = true,
		.tail = MD5_WRONG, .verdict = E(MD5)},
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
	{"ESP8266, more behind that ends in digits", ESP8266, .tail = DIGITS,
		UNCOVERED},
	{"ESP8266, trailer in capitals", ESP8266, .tail = MD5_UPPER, .verdict = E(TAIL),
		UNCOVERED},
	{"ESP8266, mapped part", ESP8266, .tail = PART},
	{"ESP8266, mapped part and trailer", ESP8266, .tail = PART_TRAILER},
	{"ESP8266, mapped part damaged", ESP8266, .tail = PART_WRONG,
		.verdict = E(MD5)},
	{"ESP8266, mapped part cut", ESP8266, .tail = PART_CUT, .verdict = E(CUT)},
	{"ESP8266, stock", ESP8266, .no_mark = true, .verdict = E(NO_ENDPOINTS),
		.warnings = WIPY_IMAGE_WARN_ONE_WAY},
	{"ESP8266, entry 1", ESP8266, .entry = 1, .verdict = E(HEADER)},
	{"ESP8266, entry in data", ESP8266, .entry = DATA8, .verdict = E(HEADER)},
	{"ESP8266, entry in front of its code", ESP8266, .entry = CODE8 - 4,
		.verdict = E(HEADER)},
	{"ESP8266, entry behind its code", ESP8266, .entry = CODE8 + SMALL,
		.verdict = E(HEADER)},
	{"ESP8266, the newer entry", ESP8266, .entry = CODE8 + 0x2c0},
	{"ESP8266, code nowhere", ESP8266, .at = {0x12345678, DATA8},
		.verdict = E(HEADER)},
	{"ESP8266, data nowhere", ESP8266, .at = {CODE8, 0x12345678},
		.verdict = E(HEADER)},
	{"ESP8266, a segment at 0", ESP8266, .at = {CODE8, FILLS},
		.verdict = E(HEADER)},
	{"ESP8266, code of an ESP32", ESP8266, .at = {IRAM, DATA8}, .entry = IRAM + 4,
		.verdict = E(HEADER)},
	{"ESP8266, entry wrong under a right MD5", ESP8266, .entry = DATA8,
		.tail = PART_TRAILER, .verdict = E(HEADER)},
	{"ESP8266, mode unknown", ESP8266, .mode = 0x77, ODD},
	{"ESP8266, frequency unknown", ESP8266, .frequency = 0x0d, ODD},
	{"ESP8266, size unknown", ESP8266, .size = 0xd0, ODD},
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
	case DIGITS:
		memset(image + len, 'a', 64);
		image[len + 63] = 0;
		return len + 64;
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
	static const uint32_t usual[2][2] = {{CODE8, DATA8}, {FLASH, IRAM}};

	for (int k = 0; k < 2; k++) {
		size_t len = k == 0 && r->data_len ? r->data_len : SMALL;

		if (r->at[k] != FILLS)
			put_u32(image + at, r->at[k] ? r->at[k] : usual[r->esp32][k]);
		else
			put_u32(image + at, 0);
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
	image[2] = r->mode ? r->mode : 2; /* DIO */
	image[3] = (r->size ? r->size : 0x40) | r->frequency;
	put_u32(image + 4, r->entry ? r->entry : (r->esp32 ? IRAM : CODE8) + 4);
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

/* Digits at the end of what is proven, to the last byte: they are the image's own. */
static void test_digits_within(void)
{
	static const struct recipe whole[] = {{"ESP8266", ESP8266},
		{"Pycom, old", PYCOM, .no_mark = true, .no_hash = true}};
	struct wipy_image_info info;

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		size_t len = make_image(&whole[i]);
		size_t data_end = (len / 16 - 1) * 16 + 8;
		uint8_t change = image[len - 1] ^ 'b';

		for (size_t at = len - 34; at < len - 1; at++) {
			if (at < data_end)
				change ^= image[at] ^ 'a';
			image[at] = 'a';
		}
		image[600] ^= change;
		image[len - 1] = 'b';
		EQ_INT(judge(len, &info), whole[i].no_hash ? E(NO_MD5) : 0,
			whole[i].name);
		EQ_INT(info.esp.covered_len, len, "the checksum speaks for all of it");
		OK(!info.has_md5 && info.warnings == 0, "no trailer is seen in it");
		len = put_trailer(len, MD5);
		EQ_INT(judge(len, &info), 0, "and with one behind it");
		OK(info.has_md5 && info.md5_right, "that one is seen");
	}
}

static size_t mapped_with_trailer(void)
{
	size_t len = make_image(&(struct recipe){ESP8266, .tail = ZEROS});

	return put_trailer(len, MD5);
}

/* Behind what no proof speaks for: off by one, and cut as far as it can be known. */
static void test_spoilt_trailers(void)
{
	size_t len = mapped_with_trailer(), trailer = len - WIPY_MD5_HEX_LEN, taken = 0;
	struct wipy_image_info info;

	EQ_INT(judge(len, &info), 0, "a trailer behind what is mapped");
	for (size_t at = trailer; at < len; at++) {
		uint8_t was = image[at];

		image[at] = 'g';
		taken += judge(len, &info) != E(TAIL);
		image[at] = was == '0' ? '1' : '0';
		taken += judge(len, &info) != E(MD5);
		image[at] = was;
	}
	tap_ok(taken == 0, "%zu taken with a wrong digit", taken);
	for (size_t at = trailer, left = 0; at <= len; at++) {
		left = len - at;
		memmove(image + at + 1, image + at, left);
		image[at] = 'g';
		taken += judge(len + 1, &info) == 0;
		(void)mapped_with_trailer();
	}
	tap_ok(taken == 0, "%zu taken with a character too many", taken);
	for (size_t at = trailer; at < len; at++) {
		memmove(image + at, image + at + 1, len - at - 1);
		taken += judge(len - 1, &info) != E(TAIL);
		(void)mapped_with_trailer();
	}
	tap_ok(taken == 0, "%zu taken with a digit missing", taken);
	for (size_t n = trailer + 12; n < len; n++)
		taken += judge(n, &info) != E(TAIL);
	tap_ok(taken == 0, "%zu taken with a trailer that was cut", taken);
}

/* What esptool's image-info (tests/unit/test_image_real.c says which) prints of files that no
 * board of ours takes: one proof says nothing of the other, and of other chips all of them
 * are read. NULL: it calls the frequency invalid. */
static void test_printed(void)
{
	static const struct {
		const char *name;
		uint8_t chip, code;
		const char *frequency;
		size_t spoilt; /* the byte that is; 0: none */
		bool checksum, sha256;
	} rows[] = {
		{"ESP32, data damaged", 0, 0, "40m", 600, false, false},
		{"ESP32, checksum damaged", 0, 1, "26m", 2095, false, false},
		{"ESP32, hash damaged", 0, 2, "20m", 2096, true, false},
		{"ESP32, no such code", 0, 3, NULL, 0, true, true},
		{"ESP32-S2", 2, 15, "80m", 0, true, true},
		{"ESP32-C3", 5, 15, "80m", 600, false, false},
		{"ESP32-S3", 9, 0, "40m", 0, true, true},
		{"ESP32-C2", 12, 1, "20m", 0, true, true},
		{"ESP32-C2, fast", 12, 15, "60m", 0, true, true},
		{"ESP32-C6", 13, 0, "80m", 0, true, true},
		{"ESP32-C6, no such code", 13, 15, NULL, 0, true, true},
		{"ESP32-H2", 16, 0, "24m", 0, true, true},
		{"ESP32-P4", 18, 1, "26m", 0, true, true},
		{"ESP32-C61", 20, 2, "20m", 0, true, true},
		{"ESP32-C5", 23, 15, "80m", 0, true, true},
		{"ESP32-H21", 25, 15, "48m", 0, true, true},
		{"ESP32-H4", 28, 0, "48m", 0, true, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct recipe recipe = {
			ESP32, .chip = rows[i].chip, .frequency = rows[i].code};
		struct wipy_image_info info;
		size_t len = make_image(&recipe);

		EQ_INT(len, 2128, rows[i].name);
		image[rows[i].spoilt] ^= rows[i].spoilt ? 4 : 0;
		(void)judge(len, &info);
		EQ_INT(info.esp.chip_id, rows[i].chip, rows[i].name);
		EQ_INT(info.esp.segments, 2, rows[i].name);
		EQ_STR(info.esp.flash_frequency,
			rows[i].frequency ? rows[i].frequency : "?", rows[i].name);
		EQ_INT(info.esp.checksum_right, rows[i].checksum, rows[i].name);
		EQ_INT(info.esp.sha256_right, rows[i].sha256, rows[i].name);
	}
}

/* One may be wrong under, or in front of, the other. */
static void test_proofs_apart(void)
{
	struct wipy_image_info info;
	struct wipy_sha256 sha;
	size_t len = make_image(&(struct recipe){ESP32});

	image[2095] ^= 1;
	wipy_sha256_init(&sha);
	wipy_sha256_update(&sha, image, 2096);
	wipy_sha256_final(&sha, image + 2096);
	EQ_INT(judge(len, &info), E(CHECKSUM), "wrong checksum under a right hash");
	OK(!info.esp.checksum_right && info.esp.sha256_right, "both are said");
	len = make_image(&(struct recipe){ESP32});
	EQ_INT(judge(len - 1, &info), E(CUT), "the hash is cut");
	OK(info.esp.checksum_right && !info.esp.sha256_right, "its checksum is right");
}

/* What is mapped in front, then an image as the others are. */
static void test_version_2(void)
{
	const size_t front = 16 + 256;
	struct wipy_image_info info;
	size_t len = make_image(&(struct recipe){ESP8266, .no_mark = true});

	memmove(image + front, image, len);
	memset(image, 0, front);
	image[0] = 0xea;
	image[1] = 4;
	put_u32(image + 4, 0x40100000);
	put_u32(image + 12, front - 16);
	EQ_INT(judge(front + len, &info), E(HEADER), "version 2 is refused");
	EQ_STR(info.kind, "ESP8266 image, version 2", "and named");
	EQ_INT(info.entry_point, 0x40100004, "the second header counts: entry point");
	EQ_INT(info.esp.segments, 3, "segments, with the one in front");
	EQ_STR(info.esp.flash_mode, "DIO", "mode");
	EQ_STR(info.esp.flash_size, "4MB", "size");
	EQ_INT(info.esp.covered_len, front + len, "as far as its checksum");
	OK(info.esp.checksum_right, "which is right");
	for (size_t n = 1; n < front + 8; n++)
		(void)judge(n, &info);
	OK(info.esp.fault != 0, "cut before the second header");
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
		/* Without its trailer one with a SHA-256 is whole too. */
		size_t also = whole[i].tail == MD5 && !whole[i].no_hash
				      ? len - WIPY_MD5_HEX_LEN
				      : len;

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
	test_printed();
	test_proofs_apart();
	test_version_2();
	test_headers();
	test_digits_within();
	test_spoilt_trailers();
	test_damage();
	free(image);
	return tap_done();
}
