/* SPDX-License-Identifier: MIT
 *
 * An image: vectors, filler, the texts that show its version, an MD5 trailer.
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
#include "common/fingerprint.h"
#include "common/md5.h"
#include "common/text.h"

#define DEFAULT_SIZE  (150u * 1024 + WIPY_MD5_HEX_LEN + 4) /* payload: 4 more than x64 */
#define SIZE_MIN      1024
#define SIZE_MAX_MAKE (1024u * 1024)
#define TEXT_AT       512
#define STACK_POINTER 0x20040000u
#define RESET_VECTOR  0x20004101u

struct request {
	const char *tag;
	const char *date;
	const char *board;
	const char *md5;
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

static int set_option(struct request *request, const char *name, const char *value)
{
	if (strcmp(name, "--tag") == 0)
		request->tag = value;
	else if (strcmp(name, "--date") == 0)
		request->date = value;
	else if (strcmp(name, "--board") == 0)
		request->board = value;
	else if (strcmp(name, "--md5") == 0)
		request->md5 = value;
	else if (strcmp(name, "--size") != 0)
		return usage("unknown option '%s'", name);
	else if (wipy_text_parse_u64(
			 value, strlen(value), SIZE_MAX_MAKE, &request->size) < 0 ||
		 request->size < SIZE_MIN)
		return usage("--size wants 1024 to 1048576, not '%s'", value);
	return 0;
}

static int parse(int argc, char **argv, struct request *request)
{
	for (int i = 1; i < argc; i++) {
		int code;

		if (strncmp(argv[i], "--", 2) != 0) {
			if (request->out)
				return usage("one output file, not also '%s'", argv[i]);
			request->out = argv[i];
			continue;
		}
		if (i + 1 == argc)
			return usage("%s wants a value", argv[i]);
		code = set_option(request, argv[i], argv[i + 1]);
		if (code != 0)
			return code;
		i++;
	}
	if (!request->tag || !request->date || !request->out)
		return usage("image wants --tag, --date and a file");
	if (strcmp(request->md5, "right") != 0 && strcmp(request->md5, "wrong") != 0 &&
		strcmp(request->md5, "none") != 0)
		return usage("--md5 is right, wrong or none, not '%s'", request->md5);
	return 0;
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

/* The texts of the firmware: the banner, and the version as os.uname() has it. */
static int put_texts(uint8_t *image, const struct request *request)
{
	char texts[512];
	struct wipy_fingerprint fp;
	int n = snprintf(texts, sizeof(texts),
		"%cMicroPython %s on %s; %s with CC3200\r\n%c%s on %s%c", 0,
		request->tag, request->date, request->board, 0, request->tag,
		request->date, 0);

	if (n < 0 || (size_t)n >= sizeof(texts) ||
		wipy_fingerprint_parse_banner(
			texts + 1, strcspn(texts + 1, "\r"), &fp) < 0)
		return usage(
			"'%s' and the other texts make no banner that a board could "
			"show",
			request->tag);
	memcpy(image + TEXT_AT, texts, (size_t)n);
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

int mkimage_main(int argc, char **argv)
{
	struct request request = {
		.board = "WiPy", .md5 = "right", .size = DEFAULT_SIZE};
	bool trailer;
	uint8_t *image;
	size_t payload_len;
	int code = parse(argc, argv, &request);

	if (code != 0)
		return code;
	trailer = strcmp(request.md5, "none") != 0;
	payload_len = (size_t)request.size - (trailer ? WIPY_MD5_HEX_LEN : 0);
	image = malloc((size_t)request.size);
	if (!image) {
		fprintf(stderr, "wipyboard: out of memory\n");
		return 1;
	}
	fill(image, (size_t)request.size, request.tag);
	put_u32(image, STACK_POINTER);
	put_u32(image + 4, RESET_VECTOR);
	code = put_texts(image, &request);
	if (code == 0) {
		if (trailer)
			put_md5(image, payload_len, strcmp(request.md5, "right") == 0);
		code = write_file(request.out, image, (size_t)request.size);
	}
	free(image);
	return code;
}
