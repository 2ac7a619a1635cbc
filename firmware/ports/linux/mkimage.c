/* SPDX-License-Identifier: MIT
 *
 * An image: what its loader wants at the start and the end, filler, and the texts that
 * show its version.
 */
#include "config.h"

#include "firmware/ports/linux/mkimage.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/esp_image.h"
#include "common/family.h"
#include "common/fingerprint.h"
#include "common/md5.h"
#include "common/text.h"

#define DEFAULT_SIZE  (150u * 1024 + WIPY_MD5_HEX_LEN + 4) /* payload: no x64 */
#define SIZE_MIN      1024
#define SIZE_MIN_ESP  4096 /* the texts are whole in the first segment */
#define SIZE_MAX_MAKE (4u * 1024 * 1024)
#define TEXT_AT       512
#define STACK_POINTER 0x20040000u
#define RESET_VECTOR  0x20004101u

#define ESP_SEGMENTS 2
/* Where the segments go; code begins 4 bytes into one of them. */
#define ESP32_FLASH  0x3F400020u
#define ESP32_CODE   0x40080000u
#define ESP8266_CODE 0x40100000u /* + 4: what ESP8266 boards in the field take */
#define ESP8266_DATA 0x3FFE8000u
#define HASH_FLAG_AT 23
/* The application's description at the start of the first segment (WIRE.md 5.4). */
#define DESCRIPTION_MAGIC   0xABCD5432u
#define DESCRIPTION_VERSION 16
#define DESCRIPTION_PROJECT 48
#define DESCRIPTION_LEN     256

struct request {
	enum wipy_family family;
	const char *tag;
	const char *date;
	const char *board;
	const char *md5;
	const char *checksum;
	const char *mark;
	const char *out;
	uint64_t size;
};

__attribute__((format(printf, 1, 2))) static int usage(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "wipyboard: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": see wipyboard --help\n");
	return 2;
}

/* Where the text of an option goes; NULL: it is not one of these. */
static const char **place_of(struct request *request, const char *name)
{
	const struct {
		const char *name;
		const char **place;
	} texts[] = {{"--tag", &request->tag}, {"--date", &request->date},
		{"--board", &request->board}, {"--md5", &request->md5},
		{"--checksum", &request->checksum}, {"--mark", &request->mark}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(name, texts[i].name) == 0)
			return texts[i].place;
	return NULL;
}

/* `value` is NULL where none follows. */
static int set_option(struct request *request, const char *name, const char *value)
{
	const char **place = place_of(request, name);
	bool is_family = strcmp(name, "--family") == 0;

	if (!place && !is_family && strcmp(name, "--size") != 0)
		return usage("unknown option '%s'", name);
	if (!value)
		return usage("%s wants a value", name);
	if (place) {
		*place = value;
		return 0;
	}
	if (is_family) {
		request->family = wipy_family_by_name(value);
		return request->family == WIPY_FAMILY_UNKNOWN
			       ? usage("--family is wipy, pycom, esp32 or esp8266, not "
				       "'%s'",
					 value)
			       : 0;
	}
	if (wipy_text_parse_u64(value, strlen(value), SIZE_MAX_MAKE, &request->size) <
			0 ||
		request->size < SIZE_MIN)
		return usage("--size wants 1024 to 4194304, not '%s'", value);
	return 0;
}

/* What was not said follows from the family: the daemon puts the MD5 of an ESP image
 * behind it when it pushes one. */
static int complete(struct request *request)
{
	static const char *const boards[WIPY_FAMILY_COUNT] = {
		[WIPY_FAMILY_WIPY] = "WiPy",
		[WIPY_FAMILY_PYCOM] = "WiPy",
		[WIPY_FAMILY_ESP32] = "Generic ESP32 module",
		[WIPY_FAMILY_ESP8266] = "ESP module",
	};

	if (!request->tag || !request->date)
		return usage("%s is missing", request->tag ? "--date" : "--tag");
	if (!request->out)
		return usage("the name of the file to make is missing");
	if (request->family != WIPY_FAMILY_WIPY && request->size < SIZE_MIN_ESP)
		return usage("--size wants 4096 at least for this family, not '%llu'",
			(unsigned long long)request->size);
	if (!request->board)
		request->board = boards[request->family];
	if (!request->md5)
		request->md5 = request->family == WIPY_FAMILY_WIPY ? "right" : "none";
	if (strcmp(request->md5, "right") != 0 && strcmp(request->md5, "wrong") != 0 &&
		strcmp(request->md5, "none") != 0)
		return usage("--md5 is right, wrong or none, not '%s'", request->md5);
	if (strcmp(request->checksum, "right") != 0 &&
		strcmp(request->checksum, "wrong") != 0)
		return usage(
			"--checksum is right or wrong, not '%s'", request->checksum);
	if (strcmp(request->mark, "right") != 0 && strcmp(request->mark, "none") != 0)
		return usage("--mark is right or none, not '%s'", request->mark);
	return 0;
}

static int parse(int argc, char **argv, struct request *request)
{
	for (int i = 1; i < argc; i++) {
		const char *equals = strchr(argv[i], '=');
		char name[32];
		int code;

		if (strncmp(argv[i], "--", 2) != 0) {
			if (request->out)
				return usage("one output file, not also '%s'", argv[i]);
			request->out = argv[i];
			continue;
		}
		/* a name that is cut off is none that is known */
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(argv[i], "="),
			argv[i]);
		code = set_option(request, name, equals ? equals + 1 : argv[i + 1]);
		if (code != 0)
			return code;
		i += !equals;
	}
	return complete(request);
}

static void put_u32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

/* Not zeros: a bug that loses a block must change the sum. Seeded by the tag, so that
 * two versions differ everywhere. */
static void fill(uint8_t *at, size_t len, const char *seed_text)
{
	uint32_t seed = 2463534242u;

	for (const char *c = seed_text; *c; c++)
		seed = seed * 31 + (unsigned char)*c;
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525u + 1013904223u;
		at[i] = (uint8_t)(seed >> 24);
	}
}

/* The texts of the firmware: the banner, and the version as os.uname() has it; on a
 * Pycom board also the banner of its REPL, which names the release (WIRE.md 4.3); the
 * mark of this project's firmware. */
static int put_texts(uint8_t *at, const struct request *request)
{
	const char *mcu = wipy_family_facts(request->family)->mcu;
	bool pycom = request->family == WIPY_FAMILY_PYCOM;
	char texts[800];
	struct wipy_fingerprint fp;
	int n = snprintf(texts, sizeof(texts),
		"%cMicroPython %s on %s; %s with %s\r\n%c%s on %s%c", 0, request->tag,
		request->date, request->board, mcu, 0, request->tag, request->date, 0);

	if (n < 0 || (size_t)n >= sizeof(texts) / 2 ||
		wipy_fingerprint_parse_banner(
			texts + 1, strcspn(texts + 1, "\r"), &fp) < 0)
		return usage(
			"'%s' and the other texts make no banner that a board could "
			"show",
			request->tag);
	if (pycom)
		n += snprintf(texts + n, sizeof(texts) - (size_t)n,
			"Pycom MicroPython 1.20.2.r4 [%s] on %s; %s with %s%cpycom%c",
			request->tag, request->date, request->board, mcu, 0, 0);
	if (strcmp(request->mark, "right") == 0)
		n += snprintf(texts + n, sizeof(texts) - (size_t)n, "%s%c",
			wipy_family_facts(request->family)->mark, 0);
	memcpy(at, texts, (size_t)n);
	return 0;
}

static void put_md5(uint8_t *image, size_t payload_len, bool right)
{
	struct wipy_md5 md5;
	uint8_t digest[WIPY_MD5_LEN];
	char hex[WIPY_MD5_HEX_LEN + 1];

	wipy_md5_init(&md5);
	wipy_md5_update(&md5, image, payload_len);
	wipy_md5_final(&md5, digest);
	if (!right)
		digest[0] ^= 0xFF;
	wipy_md5_hex(digest, hex);
	memcpy(image + payload_len, hex, WIPY_MD5_HEX_LEN);
}

/* ---- ESP ----------------------------------------------------------------------- */

static bool has_hash(const struct request *request)
{
	return request->family != WIPY_FAMILY_ESP8266;
}

static void put_description(uint8_t *at, const struct request *request)
{
	static const char project[] = "micropython";

	memset(at, 0, DESCRIPTION_LEN);
	put_u32(at, DESCRIPTION_MAGIC);
	wipy_text_copy((char *)at + DESCRIPTION_VERSION, 32, request->tag,
		strnlen(request->tag, 31));
	memcpy(at + DESCRIPTION_PROJECT, project, sizeof(project));
}

static size_t put_segment(uint8_t *image, size_t at, uint32_t address, size_t len)
{
	put_u32(image + at, address);
	put_u32(image + at + 4, (uint32_t)len);
	return at + WIPY_ESP_SEGMENT_LEN;
}

/* Header and two segments of `data_len` bytes, which are filled already, each; what
 * ends them. Returns the length. */
static size_t put_frame(
	uint8_t *image, size_t data_len, bool good, const struct request *request)
{
	static const uint32_t of_esp32[ESP_SEGMENTS] = {ESP32_FLASH, ESP32_CODE};
	static const uint32_t of_esp8266[ESP_SEGMENTS] = {ESP8266_CODE, ESP8266_DATA};
	const uint32_t *addresses = has_hash(request) ? of_esp32 : of_esp8266;
	size_t at = has_hash(request) ? WIPY_ESP32_HEADER_LEN : WIPY_ESP8266_HEADER_LEN;
	uint8_t checksum = WIPY_ESP_CHECKSUM_START;
	struct wipy_sha256 sha;

	memset(image, 0, at);
	image[0] = WIPY_ESP_MAGIC;
	image[1] = ESP_SEGMENTS;
	put_u32(image + 4, (has_hash(request) ? ESP32_CODE : ESP8266_CODE) + 4);
	if (has_hash(request))
		image[HASH_FLAG_AT] = 1;
	for (int k = 0; k < ESP_SEGMENTS; k++) {
		at = put_segment(image, at, addresses[k], data_len);
		for (size_t i = 0; i < data_len; i++)
			checksum ^= image[at + i];
		at += data_len;
	}
	for (; at % 16 != 15; at++)
		image[at] = 0;
	image[at++] = good ? checksum : checksum ^ 0xFF;
	if (!has_hash(request))
		return at;
	wipy_sha256_init(&sha);
	wipy_sha256_update(&sha, image, at);
	wipy_sha256_final(&sha, image + at);
	return at + WIPY_SHA256_LEN;
}

/* As large as `room` allows; frames end on a multiple of 16. */
static int put_esp(
	uint8_t *image, size_t room, const struct request *request, size_t *ret_len)
{
	size_t header = has_hash(request) ? WIPY_ESP32_HEADER_LEN + WIPY_SHA256_LEN
					  : WIPY_ESP8266_HEADER_LEN;
	size_t frame = header + ESP_SEGMENTS * WIPY_ESP_SEGMENT_LEN + 16;
	size_t data_len = (room - frame) / ESP_SEGMENTS / 4 * 4;
	int code = put_texts(image + TEXT_AT, request);

	if (code != 0)
		return code;
	if (request->family == WIPY_FAMILY_ESP32)
		put_description(
			image + WIPY_ESP32_HEADER_LEN + WIPY_ESP_SEGMENT_LEN, request);
	*ret_len = put_frame(
		image, data_len, strcmp(request->checksum, "right") == 0, request);
	return 0;
}

/* ---- all ----------------------------------------------------------------------- */

static int put_wipy(
	uint8_t *image, size_t room, const struct request *request, size_t *ret_len)
{
	put_u32(image, STACK_POINTER);
	put_u32(image + 4, RESET_VECTOR);
	*ret_len = room;
	return put_texts(image + TEXT_AT, request);
}

static int write_file(const char *path, const uint8_t *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");
	bool good = file && fwrite(bytes, 1, len, file) == len;

	if (file && fclose(file) != 0)
		good = false;
	if (!good)
		fprintf(stderr, "wipyboard: cannot write %s: %s\n", path,
			strerror(errno));
	return good ? 0 : 1;
}

static int make(uint8_t *image, const struct request *request)
{
	bool trailer = strcmp(request->md5, "none") != 0;
	size_t room = (size_t)request->size - (trailer ? WIPY_MD5_HEX_LEN : 0);
	size_t len = 0;
	int code;

	fill(image, (size_t)request->size, request->tag);
	code = request->family == WIPY_FAMILY_WIPY
		       ? put_wipy(image, room, request, &len)
		       : put_esp(image, room, request, &len);
	if (code != 0)
		return code;
	if (trailer) {
		put_md5(image, len, strcmp(request->md5, "right") == 0);
		len += WIPY_MD5_HEX_LEN;
	}
	return write_file(request->out, image, len);
}

int mkimage_main(int argc, char **argv)
{
	struct request request = {.family = WIPY_FAMILY_WIPY,
		.checksum = "right",
		.mark = "right",
		.size = DEFAULT_SIZE};
	uint8_t *image;
	int code = parse(argc, argv, &request);

	if (code != 0)
		return code;
	image = malloc((size_t)request.size);
	if (!image) {
		fprintf(stderr, "wipyboard: out of memory\n");
		return 1;
	}
	code = make(image, &request);
	free(image);
	return code;
}
