/* SPDX-License-Identifier: MIT
 *
 * ESP images. Checksum and SHA-256 are left to the check that the boot loaders make
 * (common/esp_image.h); here its result is put beside what else is in the file: a tail
 * that they do not speak for, the description of the application, a boot loader in
 * front.
 */
#include "common/image_esp.h"

#include <string.h>

#include "common/esp_image.h"
#include "common/text.h"

#define MAGIC_V2 0xea

/* The extended header of an ESP32 image. */
#define CHIP_ID_AT  12
#define HAS_HASH_AT 23

/* Where an ESP32 maps its flash: data, code. An application has both, a boot loader
 * runs from memory alone. */
#define MAP_DATA_START 0x3f400000u
#define MAP_DATA_END   0x3f800000u
#define MAP_CODE_START 0x400c2000u
#define MAP_CODE_END   0x40c00000u
/* The application in a file that was made for the whole flash of an ESP32. */
#define WHOLE_FLASH_APP_AT 0xf000u

/* The description at the start of the first segment's data. */
#define DESCRIPTION_AT      0x20
#define DESCRIPTION_MAGIC   0xabcd5432u
#define DESCRIPTION_LEN     256
#define DESCRIPTION_VERSION 16
#define DESCRIPTION_PROJECT 48
#define DESCRIPTION_IDF     112
#define DESCRIPTION_TEXT    32

/* MicroPython for the ESP8266: what is mapped from flash stands behind the image,
 * and an MD5 of bytes 4 to `size` behind that; `size` is here. */
#define FLASH_PART_SIZE_AT 0x8ffcu
#define FLASH_PART_AT      0x9000u
#define FLASH_PART_MAX     (4u * 1024 * 1024)

/* Where an image may put its segments, and where code runs, by the datasheets' maps of
 * memory: what lies elsewhere no loader writes, or starts. */
static const struct memory {
	uint32_t start, end;
	bool runs;
} esp8266_memory[] =
	{
		{0x3ffe8000, 0x40000000, false}, /* data */
		{0x40100000, 0x40110000, true},  /* code, with what the cache leaves */
},
  esp32_memory[] = {
	  {MAP_DATA_START, MAP_DATA_END, false},
	  {0x3ff80000, 0x3ff82000, false}, /* of the RTC, fast */
	  {0x3ffae000, 0x40000000, false},
	  {0x40070000, MAP_CODE_END, true}, /* behind its memory what is mapped */
	  {0x50000000, 0x50002000, false},  /* of the RTC, slow */
};

/* How much may be left of a spoilt MD5 trailer: a digit too many; so few that nothing else
 * ends like that by chance. */
#define SPOILT_MD5_MAX (WIPY_MD5_HEX_LEN + 1)
#define SPOILT_MD5_MIN 12

/* How fast the flash is read, as esptool names the codes 0, 1, 2 and 15 of each chip. */
#define FREQUENCIES 4
static const char *const of_esp32[FREQUENCIES] = {"40m", "26m", "20m", "80m"};
static const char *const of_c2[FREQUENCIES] = {"30m", "20m", "15m", "60m"};
static const char *const of_c5[FREQUENCIES] = {"40m", "?", "20m", "80m"};
static const char *const of_c6[FREQUENCIES] = {"80m", "?", "20m", "?"};
static const char *const of_h2[FREQUENCIES] = {"24m", "16m", "12m", "48m"};
static const char *const of_h4[FREQUENCIES] = {"48m", "16m", "12m", "?"};

static const struct chip {
	uint8_t id;
	const char *kind;
	const char *const *frequency;
} chips[] = {
	{0, "ESP32 image", of_esp32},
	{2, "ESP32-S2 image", of_esp32},
	{5, "ESP32-C3 image", of_esp32},
	{9, "ESP32-S3 image", of_esp32},
	{12, "ESP32-C2 image", of_c2},
	{13, "ESP32-C6 image", of_c6},
	{16, "ESP32-H2 image", of_h2},
	{18, "ESP32-P4 image", of_esp32},
	{20, "ESP32-C61 image", of_c6},
	{23, "ESP32-C5 image", of_c5},
	{25, "ESP32-H21 image", of_h2},
	{28, "ESP32-H4 image", of_h4},
};

static uint32_t read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static bool holds_text(const uint8_t *data, size_t len, const char *text)
{
	return wipy_text_find(data, len, text, strlen(text)) != NULL;
}

/* ---- what it is ----------------------------------------------------------------- */

/* 0, or what the boot loader has against it. */
static int check(
	const uint8_t *data, size_t len, bool esp32, struct wipy_esp_image *ret_image)
{
	wipy_esp_image_init(ret_image, esp32);
	wipy_esp_image_update(ret_image, data, len);
	return wipy_esp_image_verdict(ret_image);
}

static const struct chip *find_chip(uint8_t id)
{
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (chips[i].id == id)
			return &chips[i];
	return NULL;
}

/* The kind by the chip, or NULL: it has not the extended header of an ESP32. */
static const char *chip_kind(const uint8_t *data, size_t len)
{
	struct wipy_esp_image image;
	const struct chip *chip;

	if (len < WIPY_ESP32_HEADER_LEN || data[0] != WIPY_ESP_MAGIC ||
		data[CHIP_ID_AT + 1] != 0 || data[HAS_HASH_AT] > 1)
		return NULL;
	chip = find_chip(data[CHIP_ID_AT]);
	/* The length of a first segment may look like a chip. */
	return chip && check(data, len, false, &image) < 0 ? chip->kind : NULL;
}

static bool is_mapped(uint32_t address)
{
	return (address >= MAP_DATA_START && address < MAP_DATA_END) ||
	       (address >= MAP_CODE_START && address < MAP_CODE_END);
}

/* Whole, and no segment of it is mapped from flash. */
static bool is_boot_loader(const uint8_t *data, size_t len)
{
	size_t at = WIPY_ESP32_HEADER_LEN;
	struct wipy_esp_image image;

	if (check(data, len, true, &image) < 0)
		return false;
	for (int i = 0; i < data[1]; i++) {
		/* Checked above: all of them are within the file. */
		if (is_mapped(read_u32(data + at)))
			return false;
		at += WIPY_ESP_SEGMENT_LEN + read_u32(data + at + 4);
	}
	return true;
}

bool wipy_image_esp_classify(const uint8_t *data, size_t len,
	enum wipy_family *ret_family, const char **ret_kind)
{
	const char *kind;

	if (len < WIPY_ESP8266_HEADER_LEN ||
		(data[0] != WIPY_ESP_MAGIC && data[0] != MAGIC_V2))
		return false;
	*ret_family = WIPY_FAMILY_ESP8266;
	*ret_kind = data[0] == MAGIC_V2 ? "ESP8266 image, version 2" : "ESP8266 image";
	kind = chip_kind(data, len);
	if (!kind)
		return true;
	*ret_kind = kind;
	*ret_family = !holds_text(data, len, WIPY_FIRMWARE_MARK) &&
				      holds_text(data, len, "pycom")
			      ? WIPY_FAMILY_PYCOM
			      : WIPY_FAMILY_ESP32;
	if (is_boot_loader(data, len))
		*ret_kind = len > WHOLE_FLASH_APP_AT &&
					    data[WHOLE_FLASH_APP_AT] == WIPY_ESP_MAGIC
				    ? WIPY_IMAGE_KIND_WHOLE_FLASH
				    : WIPY_IMAGE_KIND_BOOT_LOADER;
	return true;
}

/* ---- its facts ------------------------------------------------------------------ */

static const char *mode_name(uint8_t mode)
{
	static const char *const names[] = {"QIO", "QOUT", "DIO", "DOUT"};

	return mode < sizeof(names) / sizeof(names[0]) ? names[mode] : "?";
}

static const char *size_name(uint8_t code, bool esp32)
{
	static const char *const sizes[] = {"512KB", "256KB", "1MB", "2MB", "4MB",
		"2MB-c1", "4MB-c1", "?", "8MB", "16MB"};
	static const char *const sizes32[] = {
		"1MB", "2MB", "4MB", "8MB", "16MB", "32MB", "64MB", "128MB"};
	size_t count = esp32 ? sizeof(sizes32) / sizeof(sizes32[0])
			     : sizeof(sizes) / sizeof(sizes[0]);

	if (code >= count)
		return "?";
	return esp32 ? sizes32[code] : sizes[code];
}

/* An ESP8266 has those of an ESP32. */
static const char *frequency_name(uint8_t code, uint8_t chip_id)
{
	const struct chip *chip = find_chip(chip_id);

	if (code == 0x0f)
		code = FREQUENCIES - 1;
	else if (code >= FREQUENCIES - 1)
		return "?";
	return chip ? chip->frequency[code] : "?";
}

static void read_header(
	const uint8_t *data, bool esp32, struct wipy_image_esp *ret_facts)
{
	ret_facts->segments = data[1];
	ret_facts->flash_mode = mode_name(data[2]);
	ret_facts->flash_size = size_name(data[3] >> 4, esp32);
	if (esp32)
		ret_facts->chip_id = data[CHIP_ID_AT];
	ret_facts->flash_frequency = frequency_name(data[3] & 0x0f, ret_facts->chip_id);
}

/* A text of a fixed field: printable as far as its NUL, or left out. */
static void read_text(const uint8_t *at, char *ret_text)
{
	size_t len = 0;

	while (len < DESCRIPTION_TEXT && at[len] >= 0x20 && at[len] <= 0x7e)
		len++;
	if (len < DESCRIPTION_TEXT && at[len] != '\0')
		len = 0;
	wipy_text_copy(ret_text, DESCRIPTION_TEXT + 1, (const char *)at, len);
}

static void read_description(
	const uint8_t *data, size_t len, struct wipy_image_esp *facts)
{
	const uint8_t *at = data + DESCRIPTION_AT;

	if (len < DESCRIPTION_AT + DESCRIPTION_LEN || read_u32(at) != DESCRIPTION_MAGIC)
		return;
	facts->has_description = true;
	read_text(at + DESCRIPTION_VERSION, facts->app_version);
	read_text(at + DESCRIPTION_PROJECT, facts->app_project);
	read_text(at + DESCRIPTION_IDF, facts->idf_version);
}

/* "Pycom MicroPython 1.20.2.r4 [v1.11-ffb0e1c] on ..." (WIRE.md 4.3). */
static void read_pycom_release(
	const uint8_t *data, size_t len, struct wipy_image_esp *facts)
{
	static const char mark[] = "Pycom MicroPython ";
	const uint8_t *at = wipy_text_find(data, len, mark, sizeof(mark) - 1);
	const uint8_t *end = data + len;
	size_t n = 0;

	if (!at)
		return;
	at += sizeof(mark) - 1;
	while (at + n < end && n < sizeof(facts->pycom_release) && at[n] > 0x20 &&
		at[n] <= 0x7e)
		n++;
	if (at + n < end && at[n] == ' ' && n < sizeof(facts->pycom_release))
		wipy_text_copy(facts->pycom_release, sizeof(facts->pycom_release),
			(const char *)at, n);
}

static void read_proofs(
	const uint8_t *data, size_t len, bool esp32, struct wipy_image_esp *facts)
{
	struct wipy_esp_image image;

	(void)check(data, len, esp32, &image);
	facts->has_sha256 = esp32 && data[HAS_HASH_AT] == 1;
	facts->checksum_right = image.checksum_right;
	if (image.phase != WIPY_ESP_END) {
		facts->fault = image.phase == WIPY_ESP_BROKEN ? WIPY_E_IMAGE_HEADER
							      : WIPY_E_IMAGE_CUT;
		return;
	}
	facts->covered_len = image.total_len;
	facts->sha256_right = image.hash_right;
	if (!facts->checksum_right)
		facts->fault = WIPY_E_IMAGE_CHECKSUM;
	else if (facts->has_sha256 && !facts->sha256_right)
		facts->fault = WIPY_E_IMAGE_SHA256;
}

/* The MD5 behind the part that an ESP8266 maps from flash. */
static void read_flash_part(
	const uint8_t *data, size_t len, struct wipy_image_info *info)
{
	struct wipy_image_esp *facts = &info->esp;
	struct wipy_md5 md5;
	uint8_t digest[WIPY_MD5_LEN];
	uint32_t size;

	if (facts->fault != 0 || facts->covered_len > FLASH_PART_SIZE_AT ||
		len <= FLASH_PART_AT)
		return;
	size = read_u32(data + FLASH_PART_SIZE_AT);
	if (size <= FLASH_PART_AT || size > FLASH_PART_MAX)
		return;
	if (size > len || len - size < WIPY_MD5_LEN) {
		facts->fault = WIPY_E_IMAGE_CUT;
		return;
	}
	wipy_md5_init(&md5);
	wipy_md5_update(&md5, data + 4, size - 4);
	wipy_md5_final(&md5, digest);
	facts->has_flash_md5 = true;
	facts->flash_md5_right = memcmp(digest, data + size, sizeof(digest)) == 0;
	facts->flash_len = size + WIPY_MD5_LEN;
}

/* A file of version 2 has what is mapped in front, and then an image as the others are: where
 * that begins, or 0: not within the file. */
static size_t second_header(const uint8_t *data, size_t len)
{
	const size_t at = WIPY_ESP8266_HEADER_LEN + WIPY_ESP_SEGMENT_LEN;
	size_t mapped_len;

	if (data[0] != MAGIC_V2 || len < at)
		return 0;
	mapped_len = read_u32(data + at - 4);
	return mapped_len <= len - at &&
			       len - at - mapped_len >= WIPY_ESP8266_HEADER_LEN
		       ? at + mapped_len
		       : 0;
}

static const struct memory *memory_at(uint32_t address, bool esp32)
{
	const struct memory *all = esp32 ? esp32_memory : esp8266_memory;
	size_t count = esp32 ? sizeof(esp32_memory) / sizeof(esp32_memory[0])
			     : sizeof(esp8266_memory) / sizeof(esp8266_memory[0]);

	for (size_t i = 0; i < count; i++)
		if (address >= all[i].start && address < all[i].end)
			return &all[i];
	return NULL;
}

/* Why no loader can start it, whole as it is; NULL: nothing is against it. Only for one whose
 * structure was found right: all segments are within the file. */
static const char *find_flaw(const uint8_t *data, bool esp32, uint32_t entry_point)
{
	size_t at = esp32 ? WIPY_ESP32_HEADER_LEN : WIPY_ESP8266_HEADER_LEN;
	bool starts = false;

	for (int i = 0; i < data[1]; i++) {
		uint32_t address = read_u32(data + at), len = read_u32(data + at + 4);
		const struct memory *memory = memory_at(address, esp32);

		at += WIPY_ESP_SEGMENT_LEN + len;
		if (len == 0 || (esp32 && address == 0))
			continue; /* it fills up */
		if (!memory)
			return "a segment goes where the chip has no memory for it";
		starts = starts || (memory->runs && entry_point >= address &&
					   entry_point - address < len);
	}
	return starts ? NULL : "its entry point is in none of its segments of code";
}

void wipy_image_esp_read(const uint8_t *data, size_t len, struct wipy_image_info *info)
{
	bool esp32 = info->family != WIPY_FAMILY_ESP8266;
	size_t at = second_header(data, len);

	read_header(data + at, esp32, &info->esp);
	read_proofs(data + at, len - at, esp32, &info->esp);
	if (at > 0) {
		info->entry_point = read_u32(data + at + 4);
		info->esp.segments++;
		info->esp.covered_len += info->esp.covered_len > 0 ? at : 0;
	}
	if (data[0] == MAGIC_V2)
		info->esp.fault = WIPY_E_IMAGE_HEADER;
	if (info->esp.chip_id != 0)
		info->esp.fault = WIPY_E_IMAGE_CHIP;
	if (info->esp.fault == 0)
		info->esp.flaw = find_flaw(data, esp32, info->entry_point);
	if (esp32) {
		read_description(data, len, &info->esp);
		read_pycom_release(data, len, &info->esp);
	} else {
		read_flash_part(data, len, info);
	}
	info->esp.marked = holds_text(data, len, WIPY_FIRMWARE_MARK);
}

/* ---- whether it is fit ---------------------------------------------------------- */

static bool is_unknown(const char *setting)
{
	return strcmp(setting, "?") == 0;
}

bool wipy_image_esp_is_odd(const struct wipy_image_esp *facts)
{
	return is_unknown(facts->flash_mode) || is_unknown(facts->flash_size) ||
	       is_unknown(facts->flash_frequency);
}

size_t wipy_image_esp_proven(const struct wipy_image_esp *facts)
{
	return facts->has_flash_md5 ? facts->flash_len : facts->covered_len;
}

static size_t alike(const char *a, const char *b, size_t len, bool from_behind)
{
	size_t count = 0;

	while (count < len) {
		size_t at = from_behind ? len - 1 - count : count;
		char digit = a[at], other = b[at];

		if (other >= 'A' && other <= 'F')
			other = (char)(other - 'A' + 'a');
		if (digit != other)
			break;
		count++;
	}
	return count;
}

/* The text is these digits, but for one that is another character, missing or too many, or
 * for an end that was cut off. */
static bool is_nearly(const char *hex, const char *text, size_t len)
{
	size_t common = len < WIPY_MD5_HEX_LEN ? len : WIPY_MD5_HEX_LEN;

	return alike(hex, text, common, false) + alike(hex + WIPY_MD5_HEX_LEN - common,
							 text + len - common, common,
							 true) >=
	       len - 1;
}

/* The file ends in what was an MD5 trailer: in nearly the digits of what stands before it.
 * Digits that are not those belong to what an ESP8266 maps. */
static bool has_spoilt_md5(const uint8_t *data, size_t len)
{
	struct wipy_md5 before;

	if (len <= SPOILT_MD5_MAX)
		return false;
	wipy_md5_init(&before);
	wipy_md5_update(&before, data, len - SPOILT_MD5_MAX);
	for (size_t n = SPOILT_MD5_MAX; n >= SPOILT_MD5_MIN; n--) {
		struct wipy_md5 md5 = before;
		uint8_t digest[WIPY_MD5_LEN];
		char hex[WIPY_MD5_HEX_LEN + 1];

		wipy_md5_final(&md5, digest);
		wipy_md5_hex(digest, hex);
		if (is_nearly(hex, (const char *)data + len - n, n))
			return true;
		wipy_md5_update(&before, data + len - n, 1);
	}
	return false;
}

/* What stands behind all that proves itself must be a trailer, or what an ESP8266
 * maps. */
static int judge_tail(const uint8_t *data, const struct wipy_image_info *info)
{
	size_t end = info->size - (info->has_md5 ? WIPY_MD5_HEX_LEN : 0);
	size_t proven = wipy_image_esp_proven(&info->esp);

	if (end == proven)
		return 0;
	if (end < proven || info->family != WIPY_FAMILY_ESP8266 ||
		info->esp.has_flash_md5 || end - proven < WIPY_MD5_HEX_LEN)
		return WIPY_E_IMAGE_TAIL;
	return !info->has_md5 && has_spoilt_md5(data, info->size) ? WIPY_E_IMAGE_TAIL
								  : 0;
}

/* Of builds of that age Pycom's loader looked at the MD5 alone (WIRE.md 3.4). */
static int judge_hashless(const struct wipy_image_info *info)
{
	if (info->family == WIPY_FAMILY_ESP32)
		return WIPY_E_IMAGE_NO_SHA256;
	return info->family == WIPY_FAMILY_PYCOM && !info->has_md5 ? WIPY_E_IMAGE_NO_MD5
								   : 0;
}

int wipy_image_esp_judge(const uint8_t *data, const struct wipy_image_info *info)
{
	const struct wipy_image_esp *facts = &info->esp;
	int err = facts->fault;

	if (err == 0 && facts->has_flash_md5 && !facts->flash_md5_right)
		err = WIPY_E_IMAGE_MD5;
	if (err == 0 && info->has_md5 && !info->md5_right)
		err = WIPY_E_IMAGE_MD5;
	if (err == 0 && facts->flaw)
		err = WIPY_E_IMAGE_HEADER;
	if (err == 0)
		err = judge_tail(data, info);
	if (err == 0 && !facts->has_sha256)
		err = judge_hashless(info);
	return err;
}
