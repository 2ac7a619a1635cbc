/* SPDX-License-Identifier: MIT
 *
 * `wipyboard image`: what it makes for each family passes that family's check, says its
 * version and is found fit to be pushed; what it makes wrong does not pass.
 */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "common/image.h"
#include "firmware/ports/linux/mkimage.h"
#include "tests/tap.h"
#include "tests/unit/fw_machine.h"

#define IMAGE_MAX 196608

struct row {
	const char *family;
	const char *option, *value; /* "" for none */
	int code;
	bool right;
	const char *text;
	int verdict; /* of whoever judges it before a push */
};

static int make(const struct row *row, char *path)
{
	char *argv[12] = {"image", "--tag", "v1.11", "--date", "2021-01-12", "--family",
		(char *)row->family, path};
	int argc = 8;

	if (row->option[0]) {
		argv[argc++] = (char *)row->option;
		argv[argc++] = (char *)row->value;
	}
	return mkimage_main(argc, argv);
}

static size_t read_image(const char *path, uint8_t *bytes)
{
	FILE *file = fopen(path, "rb");
	size_t len = file ? fread(bytes, 1, IMAGE_MAX, file) : 0;

	if (file)
		fclose(file);
	return len;
}

static void try_row(const struct row *row, char *path)
{
	static uint8_t bytes[IMAGE_MAX];
	const struct wipy_personality *family = wipy_personality_by_name(row->family);
	struct machine *machine = machine_new();
	struct wipy_fingerprint fp;
	char text[WIPY_FINGERPRINT_MAX] = "";
	struct wipy_image_info info;
	struct slot_check check;
	size_t len;

	EQ_INT(make(row, path), row->code, row->family);
	if (row->code == 0) {
		len = read_image(path, bytes);
		machine_install(machine, HAL_AREA_UPDATE1, bytes, len);
		OK(len > 0 && slot_check_start(&check, &machine->hal, HAL_AREA_UPDATE1,
				      family->proof),
			row->family);
		EQ_INT(slot_check_run(&check, &machine->hal) == 0, row->right,
			row->family);
		if (slot_find_fingerprint(&machine->hal, HAL_AREA_UPDATE1, &fp) == 0)
			wipy_fingerprint_format(&fp, text);
		EQ_STR(text, row->text, row->family);
		wipy_image_inspect(bytes, len, &info);
		EQ_INT(info.verdict, row->verdict, row->family);
		EQ_STR(wipy_family_facts(info.family)->name, row->family, row->family);
	}
	machine_free(machine);
}

int main(void)
{
#define CC3200  "v1.11 on 2021-01-12; WiPy with CC3200"
#define PYCOM   "v1.11 on 2021-01-12; WiPy with ESP32"
#define ESP32   "v1.11 on 2021-01-12; Generic ESP32 module with ESP32"
#define ESP8266 "v1.11 on 2021-01-12; ESP module with ESP8266"
	static const struct row rows[] = {
		{"wipy", "", "", 0, true, CC3200, 0},
		{"wipy", "--md5", "wrong", 0, false, CC3200, WIPY_E_IMAGE_MD5},
		{"wipy", "--size", "1024", 0, true, CC3200, 0},
		{"pycom", "", "", 0, true, PYCOM, 0},
		{"pycom", "--md5", "right", 0, true, PYCOM, 0},
		{"pycom", "--checksum", "wrong", 0, false, PYCOM,
			WIPY_E_IMAGE_CHECKSUM},
		{"pycom", "--size", "4096", 0, true, PYCOM, 0},
		{"esp32", "", "", 0, true, ESP32, 0},
		{"esp32", "--md5", "right", 0, true, ESP32, 0},
		{"esp32", "--md5", "wrong", 0, false, ESP32, WIPY_E_IMAGE_MD5},
		{"esp32", "--checksum", "wrong", 0, false, ESP32,
			WIPY_E_IMAGE_CHECKSUM},
		{"esp32", "--mark", "none", 0, true, ESP32, WIPY_E_IMAGE_NO_ENDPOINTS},
		{"esp8266", "", "", 0, true, ESP8266, 0},
		{"esp8266", "--md5", "right", 0, true, ESP8266, 0},
		{"esp8266", "--md5", "wrong", 0, false, ESP8266, WIPY_E_IMAGE_MD5},
		{"esp8266", "--checksum", "wrong", 0, false, ESP8266,
			WIPY_E_IMAGE_CHECKSUM},
		{"esp8266", "--mark", "none", 0, true, ESP8266,
			WIPY_E_IMAGE_NO_ENDPOINTS},
		{"esp8266", "--board", "ESP module (1M)", 0, true,
			"v1.11 on 2021-01-12; ESP module (1M) with ESP8266", 0},
		{"esp8266", "--size", "1024", 2, false, "", 0},
		{"lopy", "", "", 2, false, "", 0},
		{"wipy", "--md5", "maybe", 2, false, "", 0},
		{"wipy", "--checksum", "maybe", 2, false, "", 0},
		{"wipy", "--mark", "maybe", 2, false, "", 0},
		{"wipy", "--size", "4194305", 2, false, "", 0},
		{"wipy", "--colour", "red", 2, false, "", 0},
	};
	char path[] = "mkimage.XXXXXX";
	int fd = mkstemp(path);

	OK(fd >= 0, "a file to write to");
	close(fd);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		try_row(&rows[i], path);
	unlink(path);
	return tap_done();
}
