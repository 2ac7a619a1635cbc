/* SPDX-License-Identifier: MIT
 *
 * The facts of each family as DESIGN.md 3 and WIRE.md 2.10 state them.
 */
#include "common/family.h"
#include "tests/tap.h"

static const struct {
	const char *name;
	enum wipy_family family;
	const char *mcu;
	const char *image_path;
	size_t image_max;
	bool push_again_cures;
} rows[] = {
	{"wipy", WIPY_FAMILY_WIPY, "CC3200", "/flash/sys/mcuimg.bin", 192 * 1024, true},
	{"pycom", WIPY_FAMILY_PYCOM, "ESP32", "/flash/sys/appimg.bin", 1716 * 1024,
		false},
	{"esp32", WIPY_FAMILY_ESP32, "ESP32", "/flash/sys/appimg.bin", 1180 * 1024,
		true},
	{"esp8266", WIPY_FAMILY_ESP8266, "ESP8266", "/flash/sys/appimg.bin", 960 * 1024,
		true},
};

static const char *const strangers[] = {"", "unknown", "WiPy", "wip", "wipyy", "esp"};

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct wipy_family_facts *facts =
			wipy_family_facts(rows[i].family);

		EQ_STR(facts->name, rows[i].name, rows[i].name);
		EQ_STR(facts->mcu, rows[i].mcu, rows[i].name);
		EQ_STR(facts->image_path, rows[i].image_path, rows[i].name);
		EQ_INT((int64_t)facts->image_max, (int64_t)rows[i].image_max,
			rows[i].name);
		EQ_INT(facts->push_again_cures, rows[i].push_again_cures, rows[i].name);
		EQ_INT(facts->telnet_port, 23, rows[i].name);
		EQ_INT(facts->ftp_port, 21, rows[i].name);
		EQ_STR(facts->user, "micro", rows[i].name);
		EQ_STR(facts->password, "python", rows[i].name);
		EQ_INT(wipy_family_by_name(rows[i].name), rows[i].family, rows[i].name);
	}
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		EQ_INT(wipy_family_by_name(strangers[i]), WIPY_FAMILY_UNKNOWN,
			strangers[i]);
	EQ_STR(wipy_family_facts(WIPY_FAMILY_UNKNOWN)->name, "unknown", "unknown");
	EQ_STR(wipy_family_facts(WIPY_FAMILY_COUNT)->name, "unknown", "out of range");
	EQ_STR(wipy_family_facts((enum wipy_family) - 1)->name, "unknown", "negative");
	EQ_INT(wipy_family_facts(WIPY_FAMILY_UNKNOWN)->telnet_port, 0,
		"unknown reaches no port");
	return tap_done();
}
