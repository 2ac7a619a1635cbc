/* SPDX-License-Identifier: MIT
 *
 * Image inspection on made-up images, each spoiled in one way.
 */
#include <stdlib.h>

#include "common/image.h"
#include "tests/tap.h"

#define BANNER                                                                         \
	"MicroPython v1.8.7-219-g0c821f7-dirty on 2017-02-13; WiPy with CC3200\r\n"
#define PLAIN "MicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n"
#define ESP   "MicroPython v1.8.6 on 2016-11-18; LoPy with ESP32\r\n"
#define MAX   196608

struct recipe {
	const char *name;
	size_t payload_len; /* without the trailer */
	uint32_t stack, reset;
	const char *text; /* put in the middle */
	enum { RIGHT, WRONG, UPPER, NEWLINE, NONE } trailer;
	int verdict;
	const char *kind;
	uint32_t warnings;
};

#define GOOD 0x20040000, 0x20032621
#define E(x) WIPY_E_IMAGE_##x
#define CC   "CC3200 image"
#define ENG  WIPY_IMAGE_WARN_MD5_ENGINE
#define MOD  WIPY_IMAGE_WARN_MODIFIED

static const struct recipe recipes[] = {
	{"good", 5004, GOOD, PLAIN, RIGHT, 0, CC, 0},
	{"good, modified build", 5004, GOOD, BANNER, RIGHT, 0, CC, MOD},
	{"as large as the slot", MAX - 32, GOOD, PLAIN, RIGHT, 0, CC, 0},
	{"one byte too large", MAX - 31, GOOD, PLAIN, RIGHT, E(TOO_BIG), CC, ENG},
	{"payload is a multiple of 64", 6400, GOOD, PLAIN, RIGHT, 0, CC, ENG},
	{"payload is not a multiple of 4", 5001, GOOD, PLAIN, RIGHT, 0, CC, ENG},
	{"wrong trailer", 5004, GOOD, PLAIN, WRONG, E(MD5), CC, 0},
	{"upper-case trailer", 5004, GOOD, PLAIN, UPPER, E(NO_MD5), CC, 0},
	{"newline behind the trailer", 5004, GOOD, PLAIN, NEWLINE, E(NO_MD5), CC, 0},
	{"no trailer", 5004, GOOD, PLAIN, NONE, E(NO_MD5), CC, 0},
	{"no trailer and too large", MAX + 100, GOOD, PLAIN, NONE, E(TOO_BIG), CC, 0},
	{"stack below memory", 5004, 0x1ffffffc, 0x20032621, PLAIN, RIGHT, E(VECTORS),
		CC, 0},
	{"stack above memory", 5004, 0x20040004, 0x20032621, PLAIN, RIGHT, E(VECTORS),
		CC, 0},
	{"stack at the start of memory", 5004, 0x20000000, 0x20004001, PLAIN, RIGHT, 0,
		CC, 0},
	{"even reset vector", 5004, 0x20040000, 0x20032620, PLAIN, RIGHT, E(VECTORS),
		CC, 0},
	{"reset vector in the boot loader", 5004, 0x20040000, 0x20003fff, PLAIN, RIGHT,
		E(VECTORS), CC, 0},
	{"last reset vector", 5004, 0x20040000, 0x20033fff, PLAIN, RIGHT, 0, CC, 0},
	{"reset vector above the code", 5004, 0x20040000, 0x20034001, PLAIN, RIGHT,
		E(VECTORS), CC, 0},
	{"bad vectors and no trailer, known by its text", 5004, 0x12340000, 0x00ffff01,
		PLAIN, NONE, E(NO_MD5), CC, 0},
	{"no version", 5004, GOOD, "hello", RIGHT, E(NO_VERSION), CC, 0},
	{"version of another family", 5004, GOOD, ESP, RIGHT, E(FAMILY), CC, 0},
	{"only the trailer", 0, GOOD, "", RIGHT, E(EMPTY), "text", 0},
	{"too short", 8, GOOD, "", NONE, E(EMPTY), CC, 0},
	{"ESP8266", 5004, 0x000003e9, 0x40100004, "", NONE, E(HEADER), "ESP8266 image",
		0},
	{"ESP8266 version 2", 5004, 0x000004ea, 0x40100004, "", NONE, E(HEADER),
		"ESP8266 image, version 2", 0},
	{"ESP32", 5004, 0x000009e9, 0x40080a60, ESP, RIGHT, E(HEADER), "ESP32 image",
		0},
	{"boot loader", 5004, GOOD, "/sys/factimg.bin", NONE, E(BOOTLOADER),
		"boot loader", 0},
	{"boot loader's words in firmware", 5004, GOOD, PLAIN "/sys/factimg.bin", RIGHT,
		0, CC, 0},
	{"zip", 5004, 0x04034b50, 0, PLAIN, NONE, E(KIND), "zip file", 0},
	{"gzip", 5004, 0x00088b1f, 0, "", NONE, E(KIND), "gzip file", 0},
	{"ELF with the image's texts", 5004, 0x464c457f, 0, PLAIN, NONE, E(KIND),
		"ELF file", 0},
	{"text", 5004, 0x6c6c6568, 0x6f6c6c65, PLAIN, NONE, E(KIND), "text", 0},
	{"digits alone, a sum and no image", 5004, 0x61616161, 0x38393031, "", NONE,
		E(KIND), "text", 0},
	{"a sum and no more", 32, 0x61616161, 0x38393031, "", NONE, E(EMPTY), "text",
		0},
	{"nothing known", 5004, 0x01020304, 0x05060708, "", NONE, E(KIND), "unknown",
		0},
};

static uint8_t image[MAX + 256];

static void put_u32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static size_t add_trailer(size_t len, const struct recipe *r)
{
	struct wipy_md5 md5;
	uint8_t digest[WIPY_MD5_LEN];
	char hex[WIPY_MD5_HEX_LEN + 1];

	wipy_md5_init(&md5);
	wipy_md5_update(&md5, image, len);
	wipy_md5_final(&md5, digest);
	if (r->trailer == WRONG)
		digest[5] ^= 1;
	wipy_md5_hex(digest, hex);
	for (int i = 0; i < WIPY_MD5_HEX_LEN && r->trailer == UPPER; i++)
		if (hex[i] >= 'a')
			hex[i] = (char)(hex[i] - 'a' + 'A');
	memcpy(image + len, hex, WIPY_MD5_HEX_LEN);
	image[len + WIPY_MD5_HEX_LEN] = '\n';
	return len + WIPY_MD5_HEX_LEN + (r->trailer == NEWLINE);
}

/* An ESP32 header is told by its bytes 12, 13 and 23, which the fill must then fit. */
static size_t make_image(const struct recipe *r)
{
	bool text = strcmp(r->kind, "text") == 0;
	bool esp32 = strcmp(r->kind, "ESP32 image") == 0;

	memset(image, text ? strncmp(r->name, "text", 4) == 0 ? ' ' : 'c' : 0xd3,
		sizeof(image));
	put_u32(image, r->stack);
	put_u32(image + 4, r->reset);
	if (esp32)
		memset(image + 8, 0, 16);
	if (r->payload_len > 1000)
		memcpy(image + r->payload_len / 2, r->text, strlen(r->text));
	if (r->trailer == NONE)
		return r->payload_len;
	return add_trailer(r->payload_len, r);
}

static void test_recipes(void)
{
	for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++) {
		const struct recipe *r = &recipes[i];
		struct wipy_image_info info;
		size_t len = make_image(r);
		/* A copy of the exact size, so that a sanitizer sees any read beyond. */
		uint8_t *copy = malloc(len + 1);

		memcpy(copy, image, len);
		copy = realloc(copy, len > 0 ? len : 1);
		wipy_image_inspect(copy, len, &info);
		EQ_INT(info.verdict, r->verdict, r->name);
		EQ_STR(info.kind, r->kind, r->name);
		EQ_INT(info.warnings, r->warnings, r->name);
		free(copy);
	}
}

static void test_facts(void)
{
	static const char hex[] =
		":020000040000FA\n:10000000000404200121032097B6012097B60120AA\n";
	struct recipe r = recipes[1];
	struct wipy_image_info info;
	char text[WIPY_FINGERPRINT_MAX];

	wipy_image_inspect(image, make_image(&r), &info);
	EQ_INT(info.family, WIPY_FAMILY_WIPY, "facts");
	EQ_INT(info.size, 5036, "facts");
	EQ_INT(info.stack_pointer, 0x20040000, "facts");
	EQ_INT(info.entry_point, 0x20032621, "facts");
	OK(info.has_md5 && info.md5_right, "facts");
	EQ_STR(info.md5_stored, info.md5_computed, "facts");
	OK(info.has_fingerprint, "facts");
	wipy_fingerprint_format(&info.fingerprint, text);
	EQ_STR(text, "v1.8.7-219-g0c821f7-dirty on 2017-02-13; WiPy with CC3200",
		"facts");
	EQ_INT(wipy_image_fits(&info, WIPY_FAMILY_WIPY), 0, "its own family");
	EQ_INT(wipy_image_fits(&info, WIPY_FAMILY_ESP8266), E(FAMILY), "another one");
	wipy_image_inspect((const uint8_t *)hex, sizeof(hex) - 1, &info);
	OK(info.verdict == WIPY_E_IMAGE_KIND, "Intel HEX");
	EQ_INT(wipy_image_fits(&info, WIPY_FAMILY_WIPY), E(KIND), "Intel HEX");
	EQ_STR(info.kind, "Intel HEX file", "Intel HEX");
	wipy_image_inspect(NULL, 0, &info);
	OK(info.verdict == WIPY_E_IMAGE_EMPTY && info.size == 0, "no bytes at all");
}

static const struct {
	const char *name;
	const char *text;
	size_t len;
	const char *tag; /* NULL: none found */
} texts[] = {
#define TEXT(s) s, sizeof(s) - 1
	{"ended by CR", TEXT("xxMicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r"),
		"v1.8.7"},
	{"ended by LF", TEXT("MicroPython v1.8.8 on 2017-01-08; WiPy with CC3200\n"),
		"v1.8.8"},
	{"ended by NUL",
		TEXT("\0\0MicroPython v1.8.9 on 2017-01-08; WiPy with CC3200\0"),
		"v1.8.9"},
	{"after one that is none",
		TEXT("MicroPython \0MicroPython rules\nMicroPython "
		     "v2.0 on 2017-01-08; WiPy with CC3200\n"),
		"v2.0"},
	{"cut off by the end",
		TEXT("MicroPython v1.8.7 on 2017-01-08; WiPy with CC3200"), NULL},
	{"name at the very end", TEXT("xxMicroPython "), NULL},
	{"shorter than the name", TEXT("Micro"), NULL},
#undef TEXT
};

static void test_texts(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct wipy_fingerprint fp = {.tag = ""};
		int error = wipy_image_find_fingerprint(
			(const uint8_t *)texts[i].text, texts[i].len, &fp);

		if (texts[i].tag == NULL)
			EQ_INT(error, WIPY_E_IMAGE_NO_VERSION, texts[i].name);
		else
			EQ_STR(fp.tag, texts[i].tag, texts[i].name);
	}
}

/* Stored files hold these words: they stay as they are. */
static void test_warnings(void)
{
	static const struct wipy_image_warning words[] = {
		{WIPY_IMAGE_WARN_MD5_ENGINE, "md5-engine"},
		{WIPY_IMAGE_WARN_MODIFIED, "modified-build"},
		{WIPY_IMAGE_WARN_UNCOVERED, "uncovered"},
		{WIPY_IMAGE_WARN_ONE_WAY, "one-way"},
		{WIPY_IMAGE_WARN_FLASH, "flash-settings"},
	};
	size_t i = 0;

	for (; i < sizeof(words) / sizeof(words[0]); i++) {
		const struct wipy_image_warning *warning = wipy_image_warning_at(i);

		EQ_STR(warning ? warning->word : "-", words[i].word, words[i].word);
		EQ_INT(wipy_image_warning_of(words[i].word), words[i].bit, "its bit");
	}
	OK(wipy_image_warning_at(i) == NULL, "there are no more");
	EQ_INT(wipy_image_warning_of("modified"), 0, "a word that is none");
}

int main(void)
{
	test_recipes();
	test_facts();
	test_texts();
	test_warnings();
	return tap_done();
}
