/* SPDX-License-Identifier: MIT
 *
 * Inspection of firmware images. The order is: what kind of file is it, which facts
 * does it hold, and only then the verdict, so that a refused image still shows all
 * that could be read from it.
 */
#include "common/image.h"

#include <string.h>

#include "common/text.h"

/* CC3200 memory, WIRE.md 3.1. */
#define CC3200_RAM_START  0x20000000u
#define CC3200_RAM_END    0x20040000u /* a stack may begin just behind the memory */
#define CC3200_CODE_START 0x20004000u
#define CC3200_CODE_END   0x20034000u

#define ESP_MAGIC        0xe9
#define ESP8266_MAGIC_V2 0xea
#define ESP32_HEADER_LEN 24

#define TEXT_SAMPLE_LEN 512

static uint32_t read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static bool holds_text(const uint8_t *data, size_t len, const char *text)
{
	return wipy_text_find(data, len, text, strlen(text)) != NULL;
}

static bool is_esp(const uint8_t *data, size_t len)
{
	return len >= 8 && (data[0] == ESP_MAGIC || data[0] == ESP8266_MAGIC_V2);
}

/* WIRE.md 5.4, family test. */
static bool is_esp32(const uint8_t *data, size_t len)
{
	static const uint8_t chip_ids[] = {0, 2, 5, 9, 12, 13, 16, 18, 20, 23, 25, 28};

	if (len < ESP32_HEADER_LEN || data[0] != ESP_MAGIC || data[13] != 0 ||
		data[23] > 1)
		return false;
	return memchr(chip_ids, data[12], sizeof(chip_ids)) != NULL;
}

static bool vectors_fit(const uint8_t *data, size_t len)
{
	if (len < 8)
		return false;

	uint32_t stack = read_u32(data);
	uint32_t reset = read_u32(data + 4);

	/* Odd: the CPU knows Thumb code only. */
	return stack >= CC3200_RAM_START && stack <= CC3200_RAM_END &&
	       reset >= CC3200_CODE_START && reset < CC3200_CODE_END && reset % 2 == 1;
}

/* With `any_case` a trailer that the boot loader would not accept counts too: enough to
 * see what the file was meant to be. */
static bool ends_in_hex(const uint8_t *data, size_t len, bool any_case)
{
	if (len < WIPY_MD5_HEX_LEN)
		return false;
	for (size_t i = len - WIPY_MD5_HEX_LEN; i < len; i++) {
		uint8_t c = data[i];

		if (any_case && c >= 'A' && c <= 'F')
			continue;
		if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
			return false;
	}
	return true;
}

static bool looks_like_text(const uint8_t *data, size_t len)
{
	if (len > TEXT_SAMPLE_LEN)
		len = TEXT_SAMPLE_LEN;
	for (size_t i = 0; i < len; i++)
		if ((data[i] < 0x20 || data[i] > 0x7e) && data[i] != '\n' &&
			data[i] != '\r' && data[i] != '\t')
			return false;
	return len > 0;
}

static void classify(const uint8_t *data, size_t len, enum wipy_family *ret_family,
	const char **ret_kind)
{
	*ret_family = WIPY_FAMILY_UNKNOWN;
	if (is_esp32(data, len)) {
		*ret_kind = "ESP32 image";
		*ret_family = holds_text(data, len, "pycom") ? WIPY_FAMILY_PYCOM
							     : WIPY_FAMILY_ESP32;
	} else if (is_esp(data, len)) {
		*ret_kind = "ESP8266 image";
		*ret_family = WIPY_FAMILY_ESP8266;
	} else if (vectors_fit(data, len) || ends_in_hex(data, len, true)) {
		*ret_kind = "CC3200 image";
		*ret_family = WIPY_FAMILY_WIPY;
	} else if (len >= 2 && memcmp(data, "\x1f\x8b", 2) == 0) {
		*ret_kind = "gzip file";
	} else if (len >= 4 && memcmp(data,
				       "\x7f"
				       "ELF",
				       4) == 0) {
		/* Before the search for texts: the ELF file of a build holds the same
		 * ones as its image, and is the likeliest wrong file to be handed in. */
		*ret_kind = "ELF file";
	} else if (looks_like_text(data, len)) {
		*ret_kind = "text";
	} else if (holds_text(data, len, "with CC3200")) {
		*ret_kind = "CC3200 image";
		*ret_family = WIPY_FAMILY_WIPY;
	} else {
		*ret_kind = "unknown";
	}
}

/* Without a trailer the sum is that of the whole file, so that there is one to show. */
static void check_md5(const uint8_t *data, size_t len, struct wipy_image_info *info)
{
	struct wipy_md5 md5;
	uint8_t digest[WIPY_MD5_LEN];

	info->has_md5 = ends_in_hex(data, len, false);
	if (info->has_md5) {
		len -= WIPY_MD5_HEX_LEN;
		memcpy(info->md5_stored, data + len, WIPY_MD5_HEX_LEN);
	}
	wipy_md5_init(&md5);
	wipy_md5_update(&md5, data, len);
	wipy_md5_final(&md5, digest);
	wipy_md5_hex(digest, info->md5_computed);
	info->md5_right =
		info->has_md5 && strcmp(info->md5_stored, info->md5_computed) == 0;
}

int wipy_image_find_fingerprint(
	const uint8_t *data, size_t len, struct wipy_fingerprint *ret_fp)
{
	static const char mark[] = "MicroPython ";
	const size_t mark_len = sizeof(mark) - 1;
	const uint8_t *end, *at = data;

	if (len < mark_len)
		return WIPY_E_IMAGE_NO_VERSION;
	end = data + len;
	while ((at = wipy_text_find(at, (size_t)(end - at), mark, mark_len)) != NULL) {
		size_t text_len = 0;

		at += mark_len;
		while (text_len < WIPY_FINGERPRINT_MAX && at + text_len < end &&
			at[text_len] != '\r' && at[text_len] != '\n' &&
			at[text_len] != '\0')
			text_len++;
		/* A text that the end of the file cuts off may lack its last part. */
		if (text_len < WIPY_FINGERPRINT_MAX && at + text_len < end &&
			wipy_fingerprint_parse_banner(
				(const char *)at, text_len, ret_fp) == 0)
			return 0;
	}
	return WIPY_E_IMAGE_NO_VERSION;
}

/* Not wipy_version_parse(): a tag of unknown form can be modified too. */
static bool is_modified(const char *tag)
{
	static const char end[] = "dirty";
	size_t len = strlen(tag);

	return len > sizeof(end) && strcmp(tag + len - (sizeof(end) - 1), end) == 0 &&
	       (tag[len - sizeof(end)] == '-' || tag[len - sizeof(end)] == '.');
}

static uint32_t find_warnings(const struct wipy_image_info *info)
{
	uint32_t warnings = 0;

	if (info->family == WIPY_FAMILY_WIPY && info->has_md5) {
		size_t payload = info->size - WIPY_MD5_HEX_LEN;

		if (payload % 64 == 0 || payload % 4 != 0)
			warnings |= WIPY_IMAGE_WARN_MD5_ENGINE;
	}
	if (info->has_fingerprint && is_modified(info->fingerprint.tag))
		warnings |= WIPY_IMAGE_WARN_MODIFIED;
	return warnings;
}

static int judge(const uint8_t *data, const struct wipy_image_info *info)
{
	const struct wipy_family_facts *wipy = wipy_family_facts(WIPY_FAMILY_WIPY);

	if (info->size <= WIPY_MD5_HEX_LEN)
		return WIPY_E_IMAGE_EMPTY;
	if (info->family == WIPY_FAMILY_UNKNOWN)
		return WIPY_E_IMAGE_KIND;
	if (info->family != WIPY_FAMILY_WIPY ||
		(info->has_fingerprint &&
			strcmp(info->fingerprint.mcu, wipy->mcu) != 0))
		return WIPY_E_IMAGE_FAMILY;
	if (info->size > wipy->image_max)
		return WIPY_E_IMAGE_TOO_BIG;
	if (!info->has_md5)
		return WIPY_E_IMAGE_NO_MD5;
	if (!info->md5_right)
		return WIPY_E_IMAGE_MD5;
	if (!vectors_fit(data, info->size))
		return WIPY_E_IMAGE_VECTORS;
	if (!info->has_fingerprint)
		return WIPY_E_IMAGE_NO_VERSION;
	return 0;
}

void wipy_image_inspect(
	const uint8_t *data, size_t len, struct wipy_image_info *ret_info)
{
	struct wipy_image_info info;

	memset(&info, 0, sizeof(info));
	info.size = len;
	classify(data, len, &info.family, &info.kind);
	if (info.family == WIPY_FAMILY_WIPY && len >= 8)
		info.stack_pointer = read_u32(data);
	if (info.family != WIPY_FAMILY_UNKNOWN && len >= 8)
		info.entry_point = read_u32(data + 4);
	check_md5(data, len, &info);
	info.has_fingerprint =
		wipy_image_find_fingerprint(data, len, &info.fingerprint) == 0;
	info.warnings = find_warnings(&info);
	info.verdict = judge(data, &info);
	*ret_info = info;
}
