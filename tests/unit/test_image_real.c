/* SPDX-License-Identifier: MIT
 *
 * Inspection of images that were really published, where their folder is present: every
 * file in it has a row here, and every fact of the row is found in the file.
 */
#include <dirent.h>
#include <stdlib.h>

#include "common/image.h"
#include "tests/tap.h"

#define ROOM (2u * 1024 * 1024)

#define F(x)     WIPY_FAMILY_##x
#define MODIFIED WIPY_IMAGE_WARN_MODIFIED
#define ONE_WAY  WIPY_IMAGE_WARN_ONE_WAY

static const struct wipy {
	const char *file, *fingerprint;
	size_t size;
	uint32_t reset;
	const char *md5;
	uint32_t warnings;
} wipy[] = {
	{"wipy-20160925-v1.8.4-57-g099c7b4.bin",
		"v1.8.4-57-g099c7b4 on 2016-09-25; WiPy with CC3200", 189008,
		0x20032121, "d7067a09f40a321687b6f1c3d912a4d3", 0},
	{"wipy-20161029-v1.8.5-71-g6ed5583-dirty.bin",
		"v1.8.5-71-g6ed5583-dirty on 2016-10-29; WiPy with CC3200", 186968,
		0x20031929, "a5e13225f835f53f5ed1a7c15e5da078", MODIFIED},
	{"wipy-20161118-v1.8.6-63-gc28fed6-dirty.bin",
		"v1.8.6-63-gc28fed6-dirty on 2016-11-18; WiPy with CC3200", 187128,
		0x200319c9, "eff476bb2e407e6f8e12b0f121cc321b", MODIFIED},
	{"wipy-20170213-v1.8.7-219-g0c821f7-dirty.bin",
		"v1.8.7-219-g0c821f7-dirty on 2017-02-13; WiPy with CC3200", 190424,
		0x200326a9, "a5dd8baf49f02e95472c24f4593f5bae", MODIFIED},
};

/* The columns from `entry_point` on, as far as it is said, are what image-info of esptool 5
 * (github.com/espressif/esptool, as of early 2025) prints of an image. It cannot be installed
 * everywhere, so they come from a program that follows its source line by line; where it is
 * installed tests/e2e/test_esptool.py asks it itself. */
static const struct esp {
	const char *file, *fingerprint;
	enum wipy_family family;
	size_t size;
	/* what image-info prints: */
	uint32_t entry_point;
	uint8_t segments;
	const char *flash_size, *flash_frequency, *flash_mode;
	bool has_sha256; /* "Validation hash"; its checksums are all valid */
	const char *idf_version;
	/* and what it does not: */
	size_t covered_len, flash_len; /* 0: no MD5 of what is mapped */
	bool has_md5;
	const char *pycom_release;
	uint32_t warnings;
	int verdict;
} esp[] = {
#define NO_END WIPY_E_IMAGE_NO_ENDPOINTS
	{"esp8266-20160823-v1.8.3-66-gf24af95.bin",
		"v1.8.3-66-gf24af95 on 2016-08-23; ESP module with ESP8266", F(ESP8266),
		543700, 0x40100004, 3, "512KB", "40m", "QIO", false, "", 34624, 543700,
		false, "", ONE_WAY, NO_END},
	{"esp8266-20161002-v1.8.4-108-ge085861.bin",
		"v1.8.4-108-ge085861 on 2016-10-02; ESP module with ESP8266",
		F(ESP8266), 545620, 0x40100004, 3, "512KB", "40m", "QIO", false, "",
		34976, 545620, false, "", ONE_WAY, NO_END},
	{"esp8266-20161112-v1.8.6-9-g30cfdc2-dirty.bin",
		"v1.8.6-9-g30cfdc2-dirty on 2016-11-12; ESP module with ESP8266",
		F(ESP8266), 564408, 0x401006c0, 3, "512KB", "40m", "QIO", false, "",
		36160, 564408, false, "", MODIFIED | ONE_WAY, NO_END},
	{"esp8266-20170111-v1.8.7-2-ge45035d-dirty.bin",
		"v1.8.7-2-ge45035d-dirty on 2017-01-11; ESP module with ESP8266",
		F(ESP8266), 573820, 0x401006b8, 3, "512KB", "40m", "QIO", false, "",
		36144, 573820, false, "", MODIFIED | ONE_WAY, NO_END},
	{"lopy-20161118-v1.8.6-13-ge1a0670-dirty.bin",
		"v1.8.6-13-ge1a0670-dirty on 2016-11-18; LoPy with ESP32", F(PYCOM),
		840464, 0x40080a60, 9, "1MB", "40m", "QIO", false, "", 840432, 0, true,
		"", MODIFIED, 0},
	{"lopy-20161205-v1.8.6-238-ga08309c.bin",
		"v1.8.6-238-ga08309c on 2016-12-05; LoPy with ESP32", F(PYCOM), 843008,
		0x40080bf0, 9, "1MB", "40m", "QIO", false, "", 842976, 0, true, "", 0,
		0},
	{"heltec-20210119-pycom-1.20.2.r4.bin",
		"v1.20.1.r2-392-g172cf5d0-dirty on 2021-01-19; Heltec Wireless Stick "
		"with ESP32",
		F(PYCOM), 1718784, 0x400815c4, 8, "1MB", "80m", "DIO", true,
		"v3.2.3-76-g3394ee573", 1718784, 0, false, "1.20.2.r4", MODIFIED, 0},
};

#define WIPYS (sizeof(wipy) / sizeof(wipy[0]))
#define ESPS  (sizeof(esp) / sizeof(esp[0]))

static uint8_t *image; /* ROOM bytes */

static void folder_of(const char *folder, char *ret_path, size_t cap)
{
	const char *top = getenv("top_srcdir");

	snprintf(ret_path, cap, "%s/../shared/images/%s", top ? top : ".", folder);
}

static size_t read_image(const char *folder, const char *file)
{
	char path[1024];
	size_t len;
	FILE *f;

	folder_of(folder, path, 512);
	snprintf(path + strlen(path), 512, "/%s", file);
	f = fopen(path, "rb");
	if (!f) {
		tap_skip(file, "it is not there");
		return 0;
	}
	len = fread(image, 1, ROOM, f);
	fclose(f);
	return len;
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

static void same_fingerprint(
	const struct wipy_image_info *info, const char *want, const char *file)
{
	char text[WIPY_FINGERPRINT_MAX] = "";

	if (info->has_fingerprint)
		wipy_fingerprint_format(&info->fingerprint, text);
	EQ_STR(text, want, file);
}

/* A whole image of another length is none. */
static void cut(size_t len, const char *file)
{
	struct wipy_image_info info;
	int taken = 0;

	for (size_t n = len / 2; n < len; n += (len - n) / 2 + 1) {
		(void)judge(n, &info);
		taken += wipy_image_may_be_kept(&info);
	}
	tap_ok(taken == 0, "%s: cut it is not taken", file);
}

static void test_wipy(const struct wipy *row)
{
	size_t len = read_image("wipy", row->file);
	struct wipy_image_info info;

	if (len == 0)
		return;
	EQ_INT(judge(len, &info), 0, row->file);
	EQ_INT(info.family, F(WIPY), row->file);
	EQ_STR(info.kind, "CC3200 image", row->file);
	EQ_INT(info.size, row->size, row->file);
	EQ_INT(info.stack_pointer, 0x20040000, row->file);
	EQ_INT(info.entry_point, row->reset, row->file);
	OK(info.has_md5 && info.md5_right, row->file);
	EQ_STR(info.md5_stored, row->md5, row->file);
	EQ_STR(info.md5_computed, row->md5, row->file);
	EQ_INT(info.warnings, row->warnings, row->file);
	same_fingerprint(&info, row->fingerprint, row->file);
	cut(len, row->file);
}

static void test_printed(const struct esp *row, const struct wipy_image_info *info)
{
	EQ_INT(info->entry_point, row->entry_point, row->file);
	EQ_INT(info->esp.segments, row->segments, row->file);
	EQ_STR(info->esp.flash_size, row->flash_size, row->file);
	EQ_STR(info->esp.flash_frequency, row->flash_frequency, row->file);
	EQ_STR(info->esp.flash_mode, row->flash_mode, row->file);
	EQ_INT(info->esp.chip_id, 0, row->file);
	OK(info->esp.checksum_right, row->file);
	EQ_INT(info->esp.has_sha256, row->has_sha256, row->file);
	EQ_INT(info->esp.sha256_right, row->has_sha256, row->file);
	EQ_STR(info->esp.idf_version, row->idf_version, row->file);
}

static void test_esp(const struct esp *row)
{
	bool esp8266 = row->family == F(ESP8266);
	size_t len = read_image(esp8266 ? "esp8266" : "esp32", row->file);
	struct wipy_image_info info;

	if (len == 0)
		return;
	EQ_INT(judge(len, &info), row->verdict, row->file);
	EQ_INT(info.family, row->family, row->file);
	EQ_STR(info.kind, esp8266 ? "ESP8266 image" : "ESP32 image", row->file);
	EQ_INT(info.size, row->size, row->file);
	test_printed(row, &info);
	EQ_INT(info.esp.covered_len, row->covered_len, row->file);
	EQ_INT(info.esp.flash_len, row->flash_len, row->file);
	EQ_INT(info.esp.flash_md5_right, row->flash_len > 0, row->file);
	EQ_INT(info.has_md5, row->has_md5, row->file);
	EQ_INT(info.md5_right, row->has_md5, row->file);
	EQ_STR(info.esp.pycom_release, row->pycom_release, row->file);
	EQ_INT(info.warnings, row->warnings, row->file);
	OK(!info.esp.marked, row->file);
	same_fingerprint(&info, row->fingerprint, row->file);
	cut(len, row->file);
}

static bool has_row(const char *file)
{
	for (size_t i = 0; i < WIPYS; i++)
		if (strcmp(wipy[i].file, file) == 0)
			return true;
	for (size_t i = 0; i < ESPS; i++)
		if (strcmp(esp[i].file, file) == 0)
			return true;
	return false;
}

static void test_folder(const char *folder)
{
	struct dirent *entry;
	char path[512];
	DIR *dir;

	folder_of(folder, path, sizeof(path));
	dir = opendir(path);
	if (!dir) {
		tap_skip(folder, "there is no such folder of real images");
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (strstr(entry->d_name, ".bin"))
			OK(has_row(entry->d_name), entry->d_name);
	closedir(dir);
}

int main(void)
{
	image = malloc(ROOM);
	test_folder("wipy");
	test_folder("esp8266");
	test_folder("esp32");
	for (size_t i = 0; i < WIPYS; i++)
		test_wipy(&wipy[i]);
	for (size_t i = 0; i < ESPS; i++)
		test_esp(&esp[i]);
	free(image);
	return tap_done();
}
