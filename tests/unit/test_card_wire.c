/* SPDX-License-Identifier: MIT
 *
 * Wire cards: what each board's card must say, what it must not, and what is refused.
 */
#include "daemon/core/card_wire.h"

#include <string.h>

#include "common/image.h"
#include "tests/tap.h"

#define ENTRY 0x40100004u
#define OTHER 0x401006c0u

static const struct release_image images[] = {
	{.family = WIPY_FAMILY_ESP8266,
		.sha256 = "aa",
		.size = 518608,
		.entry_point = ENTRY,
		.fingerprint = {.tag = "v1.8.4", .date = "2016-10-02"},
		.warnings = WIPY_IMAGE_WARN_ONE_WAY,
		.flash = {"qio", "40m", "512KB"}},
	{.family = WIPY_FAMILY_ESP8266,
		.sha256 = "bb",
		.size = 8192,
		.entry_point = OTHER,
		.fingerprint = {.tag = "v1.8.6", .date = "2016-11-12"}},
	{.family = WIPY_FAMILY_ESP32,
		.sha256 = "cc",
		.size = 900000,
		.entry_point = OTHER,
		.fingerprint = {.tag = "v1.22.2", .date = "2024-02-22"},
		.flash = {"dio", "80m", "4MB"}},
	{.family = WIPY_FAMILY_ESP32,
		.sha256 = "dd",
		.fingerprint = {.tag = "v1.21.0", .date = "2023-10-05"},
		.through = "v1.20.0"},
};
static const struct release_image long_image = {.family = WIPY_FAMILY_ESP8266,
	.sha256 = "ee",
	.size = 545620,
	.flash = {"qio", "40m", "512KB"}};
static const struct release_image full_image = {.family = WIPY_FAMILY_ESP32,
	.sha256 = "ff",
	.size = 2 * 1024 * 1024 - 0x10000,
	.flash = {"dio", "40m", "2MB"}};
static const struct release_image unset_image = {.family = WIPY_FAMILY_ESP32,
	.sha256 = "ac",
	.size = 300000,
	.flash = {"dio", "40m", "1MB"}};
static const struct card_wire_release unset_32 = {"unset", &unset_image, false};
static const struct release_image sized_image = {.family = WIPY_FAMILY_ESP8266,
	.sha256 = "ab",
	.size = 300000,
	.flash = {"dio", "40m", "2MB-c1"}};
static const struct card_wire_release sized = {"sized", &sized_image, false};
static const struct card_wire_release too_long = {"long", &long_image, false};
static const struct card_wire_release just_fits = {"full", &full_image, false};
static const struct card_wire_release none = {NULL, NULL, false};
static const struct card_wire_release old_8266 = {"v1.8.4", &images[0], false};
static const struct card_wire_release new_8266 = {"v1.8.6", &images[1], false};
static const struct card_wire_release bad_8266 = {"v1.8.6", &images[1], true};
static const struct card_wire_release new_32 = {"new", &images[2], false};
static const struct card_wire_release old_32 = {"old", &images[3], false};
static const struct card_wire_release no_image = {"v1.8.4", NULL, false};

static const struct fit_rules entry_only = {.entry_count = 1, .entry_point = {ENTRY}};
static const struct fit_rules old_only = {
	.version = {.count = 1, .range = {{"v1.8.3", "v1.8.4"}}}};

static const struct row {
	const char *name;
	enum wipy_family family;
	const struct fit_rules *accept;
	const struct card_wire_release *wanted, *known;
	enum reason refused;
	const char *said[10]; /* in some line each */
	const char *unsaid;
	const char *back; /* NULL: no way back is known */
} rows[] = {
	{"esp8266, one way", WIPY_FAMILY_ESP8266, &entry_only, &old_8266, &none,
		REASON_NONE,
		{"Release v1.8.4: v1.8.4 (2016-10-02), 518608 bytes, entry point "
		 "0x40100004, SHA-256 aa.",
			"wipyctl rescue wire b-01 --release v1.8.4 --save "
			"esp8266-v1.8.4.bin",
			"mode qio, frequency 40m and size 512KB: that is also what it "
			"says where nobody has set a size",
			"GPIO15 low, GPIO2 high", "74880 baud",
			"no telnet and no FTP: wipyd cannot see the board",
			"esptool --chip esp8266 --port PORT erase-flash",
			"esptool --chip esp8266 --port PORT write-flash --flash-mode "
			"qio "
			"--flash-freq 40m --flash-size detect 0x0 esp8266-v1.8.4.bin",
			"No other version is known", "ESP8266-IDF-AT"},
		"0x8000", NULL},
	{"its header was not recorded", WIPY_FAMILY_ESP8266, NULL, &new_8266, &old_8266,
		REASON_NONE,
		{"--flash-mode keep --flash-freq keep --flash-size keep 0x0 "
		 "esp8266-v1.8.6.bin",
			"keep takes that from the file",
			"The board has run v1.8.4 (2016-10-02)",
			"--release v1.8.4 --save esp8266-v1.8.4.bin",
			"--flash-mode qio --flash-freq 40m --flash-size detect 0x0 "
			"esp8266-v1.8.4.bin",
			"no loader of its own", "wipyctl poll b-01",
			"a short flash every 4 s"},
		"no telnet and no FTP", "v1.8.4"},
	{"esp32", WIPY_FAMILY_ESP32, NULL, &new_32, &old_32, REASON_NONE,
		{"write-flash --flash-mode dio --flash-freq 80m --flash-size 4MB "
		 "0x10000 esp32-new.bin",
			"--flash-size 4MB 0x1000 bootloader.bin 0x8000 "
			"partition-table.bin 0x10000 esp32-new.bin",
			"erase-region 0xd000 0x2000", "With one slot leave this out",
			"GPIO2 low or open", "flash read err, 1000",
			"No bootable app partitions",
			"--release old --save esp32-old.bin", "factory_XXX.bin"},
		"74880", "old"},
	{"what runs is no way back", WIPY_FAMILY_ESP32, NULL, &new_32, &new_32,
		REASON_NONE, {"No other version is known"}, "The board has run", NULL},
	{"longer than its header says", WIPY_FAMILY_ESP8266, NULL, &too_long, &none,
		REASON_NONE,
		{"--flash-freq 40m --flash-size detect 0x0",
			"less than the image needs"},
		"--flash-size 512KB", NULL},
	{"a size that was chosen, and a layout", WIPY_FAMILY_ESP8266, NULL, &sized,
		&none, REASON_NONE, {"--flash-size 2MB-c1 0x0", "and size 2MB-c1."},
		"detect", NULL},
	{"it just fits", WIPY_FAMILY_ESP32, NULL, &just_fits, &none, REASON_NONE,
		{"--flash-size 2MB 0x10000", "and size 2MB."}, "detect", NULL},
	{"its boot loader would believe it", WIPY_FAMILY_ESP32, NULL, &unset_32, &none,
		REASON_NONE,
		{"size 1MB: that is also what it says where nobody has set a size",
			"--flash-size detect 0x1000 bootloader.bin"},
		"--flash-size 1MB", NULL},
	{"another entry point", WIPY_FAMILY_ESP8266, &entry_only, &new_8266, &old_8266,
		REASON_ENTRY_POINT, {NULL}, NULL, "v1.8.4"},
	{"no way back to another entry point", WIPY_FAMILY_ESP8266, &entry_only,
		&old_8266, &new_8266, REASON_NONE, {"No other version is known"},
		"0x401006c0", NULL},
	{"another version", WIPY_FAMILY_ESP8266, &old_only, &new_8266, &none,
		REASON_VERSION_NOT_ACCEPTED, {NULL}, NULL, NULL},
	{"known-bad", WIPY_FAMILY_ESP8266, NULL, &bad_8266, &old_8266, REASON_KNOWN_BAD,
		{NULL}, NULL, "v1.8.4"},
	{"known-bad is no way back", WIPY_FAMILY_ESP8266, NULL, &old_8266, &bad_8266,
		REASON_NONE, {"No other version is known"}, "v1.8.6", NULL},
	{"no image for it", WIPY_FAMILY_ESP8266, NULL, &no_image, &none,
		REASON_NO_IMAGE, {NULL}, NULL, NULL},
	{"what it must pass through is gone", WIPY_FAMILY_ESP32, NULL, &old_32, &none,
		REASON_NONE, {"esp32-old.bin"}, NULL, NULL},
};

/* What stands there, and what is to be looked for. */
static bool says(const struct card_lines *lines, const char *text)
{
	for (size_t i = 0; i < lines->count; i++)
		if (strstr(lines->line[i].text, text) ||
			strstr(lines->line[i].seen, text))
			return true;
	return false;
}

static void try_lines(const struct row *row, const struct card_lines *lines)
{
	for (size_t i = 0; i < 10 && row->said[i]; i++)
		tap_ok(says(lines, row->said[i]), "%s: '%s'", row->name, row->said[i]);
	if (row->unsaid)
		tap_ok(!says(lines, row->unsaid), "%s: not '%s'", row->name,
			row->unsaid);
	for (size_t i = 0; i < lines->count; i++) {
		const struct card_line *line = &lines->line[i];

		if (strlen(line->text) + 1 >= CARD_TEXT_MAX)
			tap_ok(false, "%s: cut: %s", row->name, line->text);
		if (line->command != (strncmp(line->text, "esptool --chip", 14) == 0))
			tap_ok(false, "%s: a command, or none: %s", row->name,
				line->text);
	}
	OK(lines->count < CARD_LINES_MAX - 1, row->name);
}

static void try_row(const struct row *row)
{
	struct card_wire_facts facts = {
		.board = "b-01",
		.family = row->family,
		.accept = row->accept,
		.wanted = *row->wanted,
		.known = {none, *row->known},
	};
	const struct card_wire_release *back = card_wire_back(&facts);
	struct card_wire card;

	EQ_INT(card_wire_forbids(&facts, &facts.wanted), row->refused, row->name);
	EQ_STR(back ? back->name : "-", row->back ? row->back : "-", row->name);
	if (row->refused != REASON_NONE)
		return;
	card_wire_make(&facts, &card);
	EQ_STR(card.address, row->family == WIPY_FAMILY_ESP32 ? "0x10000" : "0x0",
		row->name);
	try_lines(row, &card.lines);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		try_row(&rows[i]);
	OK(card_wire_is_for(WIPY_FAMILY_ESP8266), "esp8266 has one");
	OK(card_wire_is_for(WIPY_FAMILY_ESP32), "esp32 has one");
	OK(!card_wire_is_for(WIPY_FAMILY_WIPY), "wipy has none");
	OK(!card_wire_is_for(WIPY_FAMILY_PYCOM), "pycom has none");
	return tap_done();
}
