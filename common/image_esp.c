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

static const struct {
	uint8_t id;
	const char *kind;
} chips[] = {{0, "ESP32 image"}, {2, "ESP32-S2 image"}, {5, "ESP32-C3 image"},
	{9, "ESP32-S3 image"}, {12, "ESP32-C2 image"}, {13, "ESP32-C6 image"},
	{16, "ESP32-H2 image"}, {18, "ESP32-P4 image"}, {20, "ESP32-C61 image"},
	{23, "ESP32-C5 image"}, {25, "ESP32-H21 image"}, {28, "ESP32-H4 image"}};

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

/* WIPY_ESP_END, or how far the boot loader's check came. */
static enum wipy_esp_phase check(
	const uint8_t *data, size_t len, bool esp32, struct wipy_esp_image *ret_image)
{
	wipy_esp_image_init(ret_image, esp32);
	wipy_esp_image_update(ret_image, data, len);
	return ret_image->phase;
}

/* The kind by the chip, or NULL: it has not the extended header of an ESP32. */
static const char *chip_kind(const uint8_t *data, size_t len)
{
	struct wipy_esp_image image;

	if (len < WIPY_ESP32_HEADER_LEN || data[0] != WIPY_ESP_MAGIC ||
		data[CHIP_ID_AT + 1] != 0 || data[HAS_HASH_AT] > 1)
		return NULL;
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (chips[i].id == data[CHIP_ID_AT])
			/* The length of a first segment may look like a chip. */
			return check(data, len, false, &image) == WIPY_ESP_END
				       ? NULL
				       : chips[i].kind;
	return NULL;
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

	if (check(data, len, true, &image) != WIPY_ESP_END)
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

static const char *frequency_name(uint8_t code)
{
	static const char *const names[] = {"40m", "26m", "20m"};

	if (code == 0x0f)
		return "80m";
	return code < sizeof(names) / sizeof(names[0]) ? names[code] : "?";
}

static void read_header(
	const uint8_t *data, bool esp32, struct wipy_image_esp *ret_facts)
{
	ret_facts->segments = data[1];
	ret_facts->flash_mode = mode_name(data[2]);
	ret_facts->flash_size = size_name(data[3] >> 4, esp32);
	ret_facts->flash_frequency = frequency_name(data[3] & 0x0f);
	if (esp32)
		ret_facts->chip_id = data[CHIP_ID_AT];
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
	enum wipy_esp_phase phase = check(data, len, esp32, &image);

	facts->has_sha256 = esp32 && data[HAS_HASH_AT] == 1;
	if (phase != WIPY_ESP_END && phase != WIPY_ESP_BROKEN) {
		facts->fault = WIPY_E_IMAGE_CUT;
		return;
	}
	if (phase == WIPY_ESP_BROKEN && image.broken_in != WIPY_ESP_CHECKSUM &&
		image.broken_in != WIPY_ESP_HASH) {
		facts->fault = WIPY_E_IMAGE_HEADER;
		return;
	}
	facts->covered_len = image.total_len;
	facts->checksum_right = image.broken_in != WIPY_ESP_CHECKSUM;
	facts->sha256_right = facts->has_sha256 && phase == WIPY_ESP_END;
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

/* A trailer of which a digit is another character, or that has one too many or too few: what
 * an ESP8266 maps does not end like that. */
static bool is_spoilt_md5(const uint8_t *data, size_t len)
{
	int digits = 0;

	if (len <= WIPY_MD5_HEX_LEN)
		return false;
	for (size_t i = len - WIPY_MD5_HEX_LEN - 1; i < len; i++)
		digits += (data[i] >= '0' && data[i] <= '9') ||
			  ((data[i] | 0x20) >= 'a' && (data[i] | 0x20) <= 'f');
	return digits >= WIPY_MD5_HEX_LEN - 2;
}

void wipy_image_esp_read(const uint8_t *data, size_t len, struct wipy_image_info *info)
{
	bool esp32 = info->family != WIPY_FAMILY_ESP8266;

	read_header(data, esp32, &info->esp);
	if (data[0] == MAGIC_V2)
		info->esp.fault = WIPY_E_IMAGE_HEADER;
	else if (info->esp.chip_id != 0)
		info->esp.fault = WIPY_E_IMAGE_CHIP;
	else
		read_proofs(data, len, esp32, &info->esp);
	if (esp32) {
		read_description(data, len, &info->esp);
		read_pycom_release(data, len, &info->esp);
	} else {
		read_flash_part(data, len, info);
		if (info->esp.fault == 0 && !info->has_md5 && is_spoilt_md5(data, len))
			info->esp.fault = WIPY_E_IMAGE_TAIL;
	}
	info->esp.marked = holds_text(data, len, WIPY_FIRMWARE_MARK);
}

/* ---- whether it is fit ---------------------------------------------------------- */

/* What stands behind all that proves itself must be a trailer, or what an ESP8266
 * maps. */
static int judge_tail(const struct wipy_image_info *info)
{
	size_t end = info->size - (info->has_md5 ? WIPY_MD5_HEX_LEN : 0);
	size_t proven =
		info->esp.has_flash_md5 ? info->esp.flash_len : info->esp.covered_len;

	if (end == proven)
		return 0;
	if (end < proven || info->family != WIPY_FAMILY_ESP8266 ||
		info->esp.has_flash_md5 || end - proven < WIPY_MD5_HEX_LEN)
		return WIPY_E_IMAGE_TAIL;
	return 0;
}

int wipy_image_esp_judge(const struct wipy_image_info *info)
{
	const struct wipy_image_esp *facts = &info->esp;
	int err = facts->fault;

	if (err == 0 && facts->has_flash_md5 && !facts->flash_md5_right)
		err = WIPY_E_IMAGE_MD5;
	if (err == 0 && info->has_md5 && !info->md5_right)
		err = WIPY_E_IMAGE_MD5;
	if (err == 0)
		err = judge_tail(info);
	if (err == 0 && info->family == WIPY_FAMILY_ESP32 && !facts->has_sha256)
		err = WIPY_E_IMAGE_NO_SHA256;
	return err;
}
