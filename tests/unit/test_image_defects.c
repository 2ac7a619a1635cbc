/* SPDX-License-Identifier: MIT
 *
 * Images of every family as `wipyboard image` makes them, and each defect in turn: every
 * length that is too short, every byte of header, proof and trailer with every other
 * value, a header that is wrong while all proofs are right. What is wanted is told by
 * where the defect is, not by what the inspection found.
 */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/esp_image.h"
#include "common/image.h"
#include "firmware/ports/linux/mkimage.h"
#include "tests/tap.h"

#define ROOM 40000
#define ANY  1 /* which of the codes is not certain; it is none that is fit */

/* What an ESP8266 maps from flash, and where its size stands. */
#define PART_SIZE_AT 0x8ffc
#define PART_AT      0x9000
#define PART_END     (PART_AT + 256)
#define PART_MAX     (4u * 1024 * 1024)

#define TEXT_AT  512 /* as far as the longest of the texts goes */
#define TEXT_END 912
#define CHIP_AT  12
#define FLAG_AT  23

#define F(x) WIPY_FAMILY_##x
#define E(x) WIPY_E_IMAGE_##x

static const struct kind {
	const char *name, *family, *md5, *size;
	enum wipy_family of;
	enum {
		AS_MADE,
		HASHLESS, /* without SHA-256, with a trailer */
		MAPPED
	} layout;
} kinds[] = {
	{"wipy", "wipy", "right", "1024", F(WIPY), AS_MADE},
	{"pycom", "pycom", "none", "4096", F(PYCOM), AS_MADE},
	{"esp32", "esp32", "none", "4096", F(ESP32), AS_MADE},
	{"esp32 with a trailer", "esp32", "right", "4096", F(ESP32), AS_MADE},
	{"esp8266", "esp8266", "none", "4096", F(ESP8266), AS_MADE},
	{"esp8266 with a trailer", "esp8266", "right", "4096", F(ESP8266), AS_MADE},
	/* As they were published. */
	{"pycom with a trailer", "pycom", "right", "4096", F(PYCOM), AS_MADE},
	{"pycom without SHA-256, with a trailer", "pycom", "none", "4096", F(PYCOM),
		HASHLESS},
	{"esp8266 with a mapped part", "esp8266", "none", "4096", F(ESP8266), MAPPED},
};

/* Where what is in the image that was made. */
static struct image {
	const struct kind *kind;
	bool esp, esp32, hash, trailer, part;
	size_t len, header; /* of the file; of its header */
	size_t segment[2];  /* their heads */
	size_t data_end;    /* of the last one */
	size_t checksum;    /* its byte; the SHA-256 follows */
	size_t whole;       /* where the image ends */
	uint8_t byte[ROOM];
} image;

static uint32_t get_u32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static void put_md5(size_t from, size_t end)
{
	struct wipy_md5 md5;

	wipy_md5_init(&md5);
	wipy_md5_update(&md5, image.byte + from, end - from);
	wipy_md5_final(&md5, image.byte + end);
}

static void put_trailer(void)
{
	char hex[WIPY_MD5_HEX_LEN + 1];

	put_md5(0, image.whole);
	wipy_md5_hex(image.byte + image.whole, hex);
	memcpy(image.byte + image.whole, hex, WIPY_MD5_HEX_LEN);
}

static void seal_esp(void)
{
	struct wipy_sha256 sha;

	if (image.part)
		put_md5(4, PART_END);
	if (!image.hash)
		return; /* the checksum is of the segments alone */
	wipy_sha256_init(&sha);
	wipy_sha256_update(&sha, image.byte, image.checksum + 1);
	wipy_sha256_final(&sha, image.byte + image.checksum + 1);
}

static void lay_out(void)
{
	if (image.kind->layout == HASHLESS) {
		image.hash = false;
		image.trailer = true;
		image.whole -= WIPY_SHA256_LEN;
		image.byte[FLAG_AT] = 0;
		put_trailer();
		image.len = image.whole + WIPY_MD5_HEX_LEN;
	}
	if (image.kind->layout == MAPPED) {
		image.part = true;
		image.byte[PART_SIZE_AT] = PART_END & 0xff;
		image.byte[PART_SIZE_AT + 1] = PART_END >> 8;
		memset(image.byte + PART_AT, 0x5a, PART_END - PART_AT);
		put_md5(4, PART_END);
		image.len = PART_END + WIPY_MD5_LEN;
	}
}

static void make(const struct kind *kind)
{
	char path[] = "defects.XXXXXX";
	char *argv[] = {"image", "--tag", "v1.11", "--date", "2021-01-12", "--family",
		(char *)kind->family, "--md5", (char *)kind->md5, "--size",
		(char *)kind->size, path};
	int fd = mkstemp(path);
	FILE *file;

	memset(&image, 0, sizeof(image));
	image.kind = kind;
	image.esp = kind->of != F(WIPY);
	image.esp32 = image.esp && kind->of != F(ESP8266);
	image.hash = image.esp32;
	image.trailer = strcmp(kind->md5, "right") == 0;
	EQ_INT(mkimage_main(12, argv), 0, kind->name);
	file = fdopen(fd, "rb");
	image.len = fread(image.byte, 1, ROOM, file);
	fclose(file);
	unlink(path);
	image.whole = image.len - (image.trailer ? WIPY_MD5_HEX_LEN : 0);
	if (!image.esp)
		return;
	lay_out();
	image.header = image.esp32 ? WIPY_ESP32_HEADER_LEN : WIPY_ESP8266_HEADER_LEN;
	image.checksum = image.whole - 1 - (image.hash ? WIPY_SHA256_LEN : 0);
	image.segment[0] = image.header;
	image.segment[1] = image.header + WIPY_ESP_SEGMENT_LEN +
			   get_u32(image.byte + image.header + 4);
	image.data_end = image.segment[1] + WIPY_ESP_SEGMENT_LEN +
			 get_u32(image.byte + image.segment[1] + 4);
}

/* On a copy of the exact size, so that a sanitizer sees any read beyond. */
static int judge(size_t len, struct wipy_image_info *ret_info)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	memcpy(copy, image.byte, len);
	wipy_image_inspect(copy, len, ret_info);
	free(copy);
	return ret_info->verdict;
}

/* Counts; one line for the first that is not as wanted. */
static int differs(int got, int want, const char *what, size_t at, unsigned int value)
{
	if (want == ANY ? got != 0 : got == want)
		return 0;
	printf("# %s: %s %zu, 0x%02x: got %d, want %d\n", image.kind->name, what, at,
		value, got, want);
	return 1;
}

static void test_whole(void)
{
	struct wipy_image_info info;

	EQ_INT(judge(image.len, &info), 0, image.kind->name);
	EQ_INT(info.family, image.kind->of, image.kind->name);
	EQ_INT(info.warnings, 0, image.kind->name);
	EQ_INT(info.has_md5 && info.md5_right, image.trailer, image.kind->name);
	EQ_INT(info.esp.covered_len, image.esp ? image.whole : 0, image.kind->name);
	EQ_INT(info.esp.flash_len, image.part ? image.len : 0, image.kind->name);
}

/* ---- lengths -------------------------------------------------------------------- */

static bool is_digit(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* The last bytes look like a trailer, by chance or since it was moved. */
static bool ends_in_digits(size_t len)
{
	for (size_t i = len - WIPY_MD5_HEX_LEN; i < len; i++)
		if (!is_digit(image.byte[i]))
			return false;
	return true;
}

static int wanted_at_length(size_t len)
{
	if (len <= WIPY_MD5_HEX_LEN)
		return E(EMPTY);
	if (!image.esp)
		return ends_in_digits(len) ? E(MD5) : E(NO_MD5);
	if (len < image.whole)
		return E(CUT);
	if (len == image.whole && image.esp32 && !image.hash)
		return E(NO_MD5);
	if (len == image.whole)
		return 0; /* a trailer is no part of it */
	if (image.part && len < PART_END + WIPY_MD5_LEN)
		return len > PART_AT                          ? E(CUT)
		       : len < image.whole + WIPY_MD5_HEX_LEN ? E(TAIL)
							      : 0; /* with a warning */
	return ends_in_digits(len) ? E(MD5) : E(TAIL);
}

/* What lies between an image and its mapped part is the same all over. */
static bool is_dull(size_t at)
{
	return image.part && at > image.whole + 64 && at < PART_SIZE_AT - 16 &&
	       at % 509 != 0;
}

static void test_lengths(void)
{
	struct wipy_image_info info;
	int wrong = 0;

	for (size_t len = 0; len < image.len; len++)
		if (!is_dull(len))
			wrong += differs(judge(len, &info), wanted_at_length(len),
				"length", len, 0);
	tap_ok(wrong == 0, "%s: each length that is too short", image.kind->name);
	wrong = 0;
	for (unsigned int value = 0; value < 256; value++) {
		image.byte[image.len] = (uint8_t)value;
		wrong += differs(judge(image.len + 1, &info),
			wanted_at_length(image.len + 1), "one more", image.len, value);
	}
	tap_ok(wrong == 0, "%s: one byte more", image.kind->name);
}

/* ---- one byte is another ---------------------------------------------------------- */

static bool is_chip(uint8_t id)
{
	static const uint8_t chips[] = {2, 5, 9, 12, 13, 16, 18, 20, 23, 25, 28};

	return memchr(chips, id, sizeof(chips)) != NULL;
}

/* What sees a byte that no other rule is about: 0, nothing does. */
static int proof(size_t at)
{
	if (image.hash)
		return E(SHA256);
	return image.trailer || (image.part && at >= 4) ? E(MD5) : 0;
}

static bool within(uint32_t address, uint32_t from, uint32_t to)
{
	return address >= from && address < to;
}

static bool is_code(uint32_t address)
{
	return image.esp32 ? within(address, 0x40070000, 0x40c00000)
			   : within(address, 0x40100000, 0x40110000);
}

static bool is_data(uint32_t address)
{
	if (!image.esp32)
		return within(address, 0x3ffe8000, 0x40000000);
	return address == 0 || within(address, 0x3f400000, 0x3f800000) ||
	       within(address, 0x3ff80000, 0x3ff82000) ||
	       within(address, 0x3ffae000, 0x40000000) ||
	       within(address, 0x50000000, 0x50002000);
}

/* Segments are where there is memory, and one of them holds the entry point; only a boot
 * loader has none that is mapped from flash. */
static int wanted_start(void)
{
	uint32_t entry = get_u32(image.byte + 4);
	bool mapped = !image.esp32, starts = false, lost = false;

	for (int k = 0; k < 2; k++) {
		const uint8_t *at = image.byte + image.segment[k];
		uint32_t address = get_u32(at), end = address + get_u32(at + 4);

		mapped = mapped || within(address, 0x3f400000, 0x3f800000) ||
			 within(address, 0x400c2000, 0x40c00000);
		lost = lost || !(is_code(address) || is_data(address));
		starts = starts || (is_code(address) && within(entry, address, end));
	}
	if (!mapped)
		return E(BOOTLOADER);
	return lost || !starts ? E(HEADER) : 0;
}

static int wanted_start_with(size_t at, uint8_t value)
{
	uint8_t was = image.byte[at];
	int wanted;

	image.byte[at] = value;
	wanted = wanted_start();
	image.byte[at] = was;
	return wanted;
}

/* The zeros between the last segment and the checksum. */
static size_t fill(void)
{
	return image.checksum - image.data_end;
}

/* In the head of a segment: its address, its length. */
static int wanted_in_segment(int k, size_t at, uint8_t value, int covered)
{
	uint8_t was = image.byte[image.segment[k] + 4];

	if (at < 4) {
		int start = wanted_start_with(image.segment[k] + at, value);

		/* A SHA-256 sees it before that. */
		return start == E(BOOTLOADER) && !image.hash ? start
		       : covered                             ? covered
							     : start;
	}
	/* The last one may take of these zeros: the boot loader sees the same. */
	if (k == 1 && at == 4 && value > was && value % 4 == 0 &&
		value - was <= (int)fill())
		return covered;
	/* Without a SHA-256 it may look like one of an ESP8266 by chance. */
	if (!image.hash && image.esp32)
		return ANY;
	return (at == 4 && value % 4 != 0) || (at == 7 && value > 1) ? E(HEADER) : ANY;
}

static int wanted_in_header(size_t at, uint8_t value, int covered)
{
	switch (at) {
	case 0:
		if (value == 0xea && !image.esp32)
			return E(HEADER);
		return value == 0xea || image.trailer ? E(FAMILY) : E(KIND);
	case 1:
		/* An empty segment more, out of these zeros. */
		if (value == 3 && fill() >= WIPY_ESP_SEGMENT_LEN)
			return covered;
		return value == 0 || value > WIPY_ESP_SEGMENTS_MAX ? E(HEADER) : ANY;
	case CHIP_AT:
		return is_chip(value) ? E(CHIP) : E(FAMILY);
	case CHIP_AT + 1:
		return E(FAMILY);
	case FLAG_AT:
		if (!image.hash) /* the trailer for a SHA-256, or no header of an ESP32 */
			return !image.esp32 ? covered
			       : value == 1 ? E(SHA256)
					    : E(FAMILY);
		if (value == 0) /* its SHA-256 is a tail then */
			return image.trailer && covered ? E(MD5) : E(TAIL);
		return E(FAMILY);
	default:
		return covered || at > 7 ? covered : wanted_start_with(at, value);
	}
}

/* A size that is none, and what is mapped is not found; one beyond the file; another. */
static int wanted_in_size(size_t at, uint8_t value)
{
	uint32_t size = PART_END & ~(0xffu << 8 * (at - PART_SIZE_AT));

	size |= (uint32_t)value << 8 * (at - PART_SIZE_AT);
	if (size <= PART_AT || size > PART_MAX)
		return 0; /* with a warning */
	return size > PART_END ? E(CUT) : E(MD5);
}

static int wanted_in_esp(size_t at, uint8_t value)
{
	if (at < image.header)
		return wanted_in_header(at, value, proof(at));
	for (int k = 0; k < 2; k++)
		if (at >= image.segment[k] &&
			at < image.segment[k] + WIPY_ESP_SEGMENT_LEN)
			return wanted_in_segment(
				k, at - image.segment[k], value, proof(at));
	if (at >= TEXT_AT && at < TEXT_END)
		return ANY;
	if (at >= PART_SIZE_AT && at < PART_AT)
		return wanted_in_size(at, value);
	if (at >= image.whole && !image.part)
		return is_digit(value) ? E(MD5) : E(TAIL);
	if (at > image.checksum && image.hash)
		return E(SHA256);
	if (at < image.data_end || at == image.checksum)
		return E(CHECKSUM);
	return proof(at); /* what fills up before the checksum */
}

static int wanted_at(size_t at, uint8_t value)
{
	if (image.esp)
		return wanted_in_esp(at, value);
	if (at == 0 && (value == 0xe9 || value == 0xea))
		return E(FAMILY);
	if (at >= TEXT_AT && at < TEXT_END)
		return ANY;
	return at < image.whole || is_digit(value) ? E(MD5) : E(NO_MD5);
}

static bool is_head(size_t at)
{
	for (int k = 0; k < 2 && image.esp && !image.part; k++)
		if (at >= image.segment[k] &&
			at < image.segment[k] + WIPY_ESP_SEGMENT_LEN)
			return true;
	return at < 2;
}

/* Every value where one may mean something, one bit everywhere else: test_sealed() tries
 * the rest of the header. */
static bool is_tried(size_t at, unsigned int value)
{
	if (is_dull(at))
		return false;
	if (is_head(at) || at == image.checksum || (at >= image.whole && !image.part))
		return value != image.byte[at];
	return value == (image.byte[at] ^ 1u << at % 8);
}

static void test_bytes(void)
{
	struct wipy_image_info info;
	int wrong = 0;

	for (size_t at = 0; at < image.len; at++) {
		uint8_t was = image.byte[at];

		for (unsigned int value = 0; value < 256; value++) {
			int want = wanted_at(at, (uint8_t)value);

			if (!is_tried(at, value))
				continue;
			image.byte[at] = (uint8_t)value;
			wrong += differs(
				judge(image.len, &info), want, "byte", at, value);
			image.byte[at] = was;
		}
	}
	tap_ok(wrong == 0, "%s: each byte with another value", image.kind->name);
}

/* ---- all proofs are right, and the header is wrong ---------------------------------- */

static int wanted_vectors(void)
{
	uint32_t stack = get_u32(image.byte), reset = get_u32(image.byte + 4);

	if (image.byte[0] == 0xe9 || image.byte[0] == 0xea)
		return E(FAMILY);
	return within(stack, 0x20000000, 0x20040001) &&
			       within(reset, 0x20004000, 0x20034000) && reset % 2 == 1
		       ? 0
		       : E(VECTORS);
}

static int wanted_sealed(size_t at, uint8_t value)
{
	if (!image.esp)
		return wanted_vectors();
	if (at >= image.header)
		return wanted_in_segment(0, at - image.header, value, 0);
	return wanted_in_header(at, value, 0);
}

/* What the header says is shown as it stands there. */
static bool is_shown(const struct wipy_image_info *info)
{
	static const char *const modes[] = {"QIO", "QOUT", "DIO", "DOUT"};
	static const char *const frequencies[] = {"40m", "26m", "20m"};
	static const char *const sizes[2][16] = {
		{"512KB", "256KB", "1MB", "2MB", "4MB", "2MB-c1", "4MB-c1", "?", "8MB",
			"16MB", "?", "?", "?", "?", "?", "?"},
		{"1MB", "2MB", "4MB", "8MB", "16MB", "32MB", "64MB", "128MB", "?", "?",
			"?", "?", "?", "?", "?", "?"}};
	uint8_t mode = image.byte[2], size = image.byte[3] >> 4,
		frequency = image.byte[3] & 15;

	if (info->entry_point != get_u32(image.byte + 4))
		return false;
	if (!image.esp)
		return info->stack_pointer == get_u32(image.byte);
	return strcmp(info->esp.flash_mode, mode < 4 ? modes[mode] : "?") == 0 &&
	       strcmp(info->esp.flash_size, sizes[image.esp32][size]) == 0 &&
	       strcmp(info->esp.flash_frequency, frequency == 15 ? "80m"
						 : frequency < 3
							 ? frequencies[frequency]
							 : "?") == 0;
}

/* What nobody knows is said. */
static bool is_warned(const struct wipy_image_info *info)
{
	uint8_t mode = image.byte[2], size = image.byte[3] >> 4,
		frequency = image.byte[3] & 15;
	bool known = image.esp32 ? size < 8 : size < 10 && size != 7;
	bool odd =
		image.esp && (mode > 3 || !known || (frequency > 2 && frequency != 15));

	return info->warnings == (odd ? WIPY_IMAGE_WARN_FLASH : 0);
}

static void test_sealed(void)
{
	size_t end = image.esp ? image.header + WIPY_ESP_SEGMENT_LEN : 8;
	static struct image was;
	struct wipy_image_info info;
	int wrong = 0, hidden = 0;

	was = image;
	for (size_t at = 0; at < end; at++)
		for (unsigned int value = 0; value < 256; value++) {
			/* The long one takes its time: some of them. */
			if (value == was.byte[at] ||
				(image.part && value % 16 != at % 16))
				continue;
			image.byte[at] = (uint8_t)value;
			image.esp ? seal_esp() : put_trailer();
			wrong += differs(judge(image.len, &info),
				wanted_sealed(at, (uint8_t)value), "sealed", at, value);
			hidden += info.verdict == 0 &&
				  (!is_shown(&info) || !is_warned(&info));
			image = was;
		}
	tap_ok(wrong == 0, "%s: each wrong header under right proofs",
		image.kind->name);
	tap_ok(hidden == 0, "%s: what a header says is shown", image.kind->name);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		make(&kinds[i]);
		test_whole();
		test_lengths();
		test_bytes();
		if (!image.esp || !image.trailer)
			test_sealed();
	}
	return tap_done();
}
