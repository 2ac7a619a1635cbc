/* SPDX-License-Identifier: MIT
 *
 * Inspection of firmware images. The order is: what kind of file is it, which facts
 * does it hold, and only then the verdict, so that a refused image still shows all
 * that could be read from it.
 */
#include "common/image.h"

#include <string.h>

#include "common/image_esp.h"
#include "common/text.h"

/* CC3200 memory, WIRE.md 3.1. */
#define CC3200_RAM_START  0x20000000u
#define CC3200_RAM_END    0x20040000u /* a stack may begin just behind the memory */
#define CC3200_CODE_START 0x20004000u
#define CC3200_CODE_END   0x20034000u

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

static bool is_hex_digit(uint8_t c, bool any_case)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (any_case && c >= 'A' && c <= 'F');
}

/* With `any_case` a trailer that the boot loader would not accept counts too: enough to
 * see what the file was meant to be. */
static bool ends_in_hex(const uint8_t *data, size_t len, bool any_case)
{
	if (len < WIPY_MD5_HEX_LEN)
		return false;
	for (size_t i = len - WIPY_MD5_HEX_LEN; i < len; i++)
		if (!is_hex_digit(data[i], any_case))
			return false;
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

/* ":LLAAAATT...": a record begins with its length, address and type. */
static bool is_intel_hex(const uint8_t *data, size_t len)
{
	if (len < 9 || data[0] != ':')
		return false;
	for (int i = 1; i < 9; i++)
		if (!is_hex_digit(data[i], true))
			return false;
	return true;
}

/* Files that people have at hand beside an image, by their first bytes. An ELF file
 * comes before any search for texts: it holds the same ones as the image made from
 * it. */
static const char *other_file(const uint8_t *data, size_t len)
{
	static const struct {
		const char *kind, *start;
		size_t len;
	} files[] = {
		{"gzip file", "\x1f\x8b", 2},
		{"zip file", "PK\x03\x04", 4},
		{"ELF file",
			"\x7f"
			"ELF",
			4},
		{"xz file",
			"\xfd"
			"7zXZ",
			5},
		{"DFU file", "DfuSe", 5},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (len >= files[i].len &&
			memcmp(data, files[i].start, files[i].len) == 0)
			return files[i].kind;
	if (is_intel_hex(data, len))
		return "Intel HEX file";
	return looks_like_text(data, len) ? "text" : NULL;
}

/* Only the loader reads the factory's slot. */
static bool is_cc3200_boot_loader(const uint8_t *data, size_t len)
{
	struct wipy_fingerprint fp;

	return holds_text(data, len, "/sys/factimg.bin") &&
	       wipy_image_find_fingerprint(data, len, &fp) < 0;
}

static void classify(const uint8_t *data, size_t len, enum wipy_family *ret_family,
	const char **ret_kind)
{
	const char *other;

	*ret_family = WIPY_FAMILY_UNKNOWN;
	if (wipy_image_esp_classify(data, len, ret_family, ret_kind))
		return;
	/* A file of digits alone is a sum, not what it is the sum of. */
	if (vectors_fit(data, len) ||
		(ends_in_hex(data, len, true) && !looks_like_text(data, len))) {
		*ret_kind = is_cc3200_boot_loader(data, len)
				    ? WIPY_IMAGE_KIND_BOOT_LOADER
				    : "CC3200 image";
		*ret_family = WIPY_FAMILY_WIPY;
		return;
	}
	other = other_file(data, len);
	*ret_kind = other ? other : "unknown";
	if (!other && holds_text(data, len, "with CC3200")) {
		*ret_kind = "CC3200 image";
		*ret_family = WIPY_FAMILY_WIPY;
	}
}

/* Behind the image: digits in front of its proven end are its own. */
static bool has_trailer(
	const uint8_t *data, size_t len, const struct wipy_image_info *info)
{
	return ends_in_hex(data, len, false) &&
	       (info->esp.fault != 0 || wipy_image_esp_proven(&info->esp) != len);
}

/* Without a trailer the sum is that of the whole file, so that there is one to show. */
static void check_md5(const uint8_t *data, size_t len, struct wipy_image_info *info)
{
	struct wipy_md5 md5;
	uint8_t digest[WIPY_MD5_LEN];

	info->has_md5 = has_trailer(data, len, info);
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

/* Not wipy_version_parse(): a tag of unknown form can be modified too. */
static bool is_modified(const char *tag)
{
	static const char end[] = "dirty";
	size_t len = strlen(tag);

	return len > sizeof(end) && strcmp(tag + len - (sizeof(end) - 1), end) == 0 &&
	       (tag[len - sizeof(end)] == '-' || tag[len - sizeof(end)] == '.');
}

static bool is_uncovered(const struct wipy_image_info *info)
{
	return wipy_image_is_esp(info) && info->esp.fault == 0 && !info->has_md5 &&
	       wipy_image_esp_proven(&info->esp) < info->size;
}

const struct wipy_image_warning *wipy_image_warning_at(size_t index)
{
	static const struct wipy_image_warning warnings[] = {
		{WIPY_IMAGE_WARN_MD5_ENGINE, "md5-engine"},
		{WIPY_IMAGE_WARN_MODIFIED, "modified-build"},
		{WIPY_IMAGE_WARN_UNCOVERED, "uncovered"},
		{WIPY_IMAGE_WARN_ONE_WAY, "one-way"},
		{WIPY_IMAGE_WARN_FLASH, "flash-settings"},
	};

	return index < sizeof(warnings) / sizeof(warnings[0]) ? &warnings[index] : NULL;
}

uint32_t wipy_image_warning_of(const char *word)
{
	const struct wipy_image_warning *warning;

	for (size_t i = 0; (warning = wipy_image_warning_at(i)) != NULL; i++)
		if (strcmp(warning->word, word) == 0)
			return warning->bit;
	return 0;
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
	if (is_uncovered(info))
		warnings |= WIPY_IMAGE_WARN_UNCOVERED;
	if (wipy_image_is_esp(info) && wipy_image_esp_is_odd(&info->esp))
		warnings |= WIPY_IMAGE_WARN_FLASH;
	return warnings;
}

static int judge_cc3200(const uint8_t *data, const struct wipy_image_info *info)
{
	if (!info->has_md5)
		return WIPY_E_IMAGE_NO_MD5;
	if (!info->md5_right)
		return WIPY_E_IMAGE_MD5;
	return vectors_fit(data, info->size) ? 0 : WIPY_E_IMAGE_VECTORS;
}

static int judge(const uint8_t *data, const struct wipy_image_info *info)
{
	const struct wipy_family_facts *family = wipy_family_facts(info->family);
	int err;

	if (info->size <= WIPY_MD5_HEX_LEN)
		return WIPY_E_IMAGE_EMPTY;
	if (info->family == WIPY_FAMILY_UNKNOWN)
		return WIPY_E_IMAGE_KIND;
	if (strcmp(info->kind, WIPY_IMAGE_KIND_BOOT_LOADER) == 0 ||
		strcmp(info->kind, WIPY_IMAGE_KIND_WHOLE_FLASH) == 0)
		return WIPY_E_IMAGE_BOOTLOADER;
	if (info->esp.fault == WIPY_E_IMAGE_CHIP)
		return WIPY_E_IMAGE_CHIP;
	if (info->has_fingerprint && strcmp(info->fingerprint.mcu, family->mcu) != 0)
		return WIPY_E_IMAGE_FAMILY;
	if (info->size + wipy_image_added_len(info) > family->image_max)
		return WIPY_E_IMAGE_TOO_BIG;
	err = wipy_image_is_esp(info) ? wipy_image_esp_judge(data, info)
				      : judge_cc3200(data, info);
	if (err < 0)
		return err;
	if (!info->has_fingerprint)
		return WIPY_E_IMAGE_NO_VERSION;
	return family->mark[0] && !info->esp.marked ? WIPY_E_IMAGE_NO_ENDPOINTS : 0;
}

bool wipy_image_may_be_kept(const struct wipy_image_info *info)
{
	return info->verdict == 0 || info->verdict == WIPY_E_IMAGE_NO_ENDPOINTS;
}

int wipy_image_fits(const struct wipy_image_info *info, enum wipy_family family)
{
	return info->family == family || info->family == WIPY_FAMILY_UNKNOWN
		       ? info->verdict
		       : WIPY_E_IMAGE_FAMILY;
}

bool wipy_image_is_esp(const struct wipy_image_info *info)
{
	return info->family != WIPY_FAMILY_UNKNOWN && info->family != WIPY_FAMILY_WIPY;
}

size_t wipy_image_added_len(const struct wipy_image_info *info)
{
	return wipy_family_facts(info->family)->adds_md5 && !info->has_md5
		       ? WIPY_MD5_HEX_LEN
		       : 0;
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
	if (wipy_image_is_esp(&info))
		wipy_image_esp_read(data, len, &info);
	check_md5(data, len, &info);
	info.has_fingerprint =
		wipy_image_find_fingerprint(data, len, &info.fingerprint) == 0;
	info.warnings = find_warnings(&info);
	info.verdict = judge(data, &info);
	if (info.verdict == WIPY_E_IMAGE_NO_ENDPOINTS)
		info.warnings |= WIPY_IMAGE_WARN_ONE_WAY;
	*ret_info = info;
}
