/* SPDX-License-Identifier: MIT
 *
 * What is said of each chip comes from its maker: esptool's documentation (boot mode
 * selection, flash modes, v5 migration guide), the ESP-AT user guide (AT binary lists,
 * downloading guide), bin/at/README.md of the ESP8266 NONOS SDK; and from WIRE.md 5.3 to
 * 5.6 where MicroPython decides.
 */
#include "daemon/core/card_wire.h"

#include <string.h>

#include "common/image.h"
#include "common/text.h"
#include "daemon/core/push_rule.h"

struct chip {
	enum wipy_family family;
	const char *name;    /* as esptool and its maker's packages call it */
	const char *address; /* of the image (WIRE.md 5.3, 5.4) */
	uint64_t at;         /* the same */
	const char *strap;   /* what its ROM wants besides GPIO0, to wait for esptool */
	const char *package; /* of the maker's AT firmware */
	const char *unset;   /* the size that a header of zeros names */
};
static const struct chip chips[] = {
	{WIPY_FAMILY_ESP8266, "esp8266", "0x0", 0, "GPIO15 low, GPIO2 high or open",
		"the one for ESP8266 (ESP8266-IDF-AT)", "512KB"},
	{WIPY_FAMILY_ESP32, "esp32", "0x10000", 0x10000, "GPIO2 low or open",
		"the one for the module (ESP32-WROOM-32, ...)", "1MB"},
};

struct console {
	enum wipy_family family;
	const char *seen, *text;
};
static const struct console consoles[] = {
	{WIPY_FAMILY_ESP8266, "nonsense at 115200 baud",
		"The ROM writes with 74880 baud: look with that. Once is a start; "
		"again "
		"and again is a boot loop: the image does not run here, go back."},
	{WIPY_FAMILY_ESP8266, "boot mode:(1,",
		"GPIO0 is low: it waits for esptool. Let go of it and reset."},
	{WIPY_FAMILY_ESP8266, "boot mode:(3,",
		"It starts from flash. If nothing follows, nothing that is there "
		"runs."},
	{WIPY_FAMILY_ESP8266, "rst cause:4",
		"Its watchdog has ended what had started. Again and again: a boot "
		"loop, "
		"go back."},
	{WIPY_FAMILY_ESP8266, "csum is not the last chksum",
		"The flash was read wrongly: write once more with --flash-mode dio, "
		"some "
		"modules have nothing else."},
	{WIPY_FAMILY_ESP32, "DOWNLOAD_BOOT",
		"GPIO0 is low (115200 baud): it waits for esptool. Let go of it and "
		"reset."},
	{WIPY_FAMILY_ESP32, "flash read err, 1000",
		"There is no boot loader at 0x1000: the flash has been erased, or it "
		"was "
		"written elsewhere. invalid header: 0xffffffff says the same."},
	{WIPY_FAMILY_ESP32, "No bootable app partitions",
		"The boot loader runs, and finds no whole application where the "
		"partition table has one."},
	{WIPY_FAMILY_ESP32, "rst: again and again",
		"A boot loop: what starts does not run here, go back."},
};

static const struct chip *chip_of(enum wipy_family family)
{
	for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++)
		if (chips[i].family == family)
			return &chips[i];
	return NULL;
}

bool card_wire_is_for(enum wipy_family family)
{
	return chip_of(family) != NULL;
}

/* An erased board comes from no version, and whoever stands there has endpoints. */
enum reason card_wire_forbids(
	const struct card_wire_facts *facts, const struct card_wire_release *release)
{
	struct fit_facts fit = {
		.image = release->image,
		.accept = facts->accept,
		.may_one_way = true,
	};

	if (!release->image)
		return REASON_NO_IMAGE;
	if (release->known_bad)
		return REASON_KNOWN_BAD;
	fit.runs = release->image->fingerprint.tag;
	return push_unfit(fit_judge(&fit));
}

const struct card_wire_release *card_wire_back(const struct card_wire_facts *facts)
{
	const struct release_image *wanted = facts->wanted.image;

	for (size_t i = 0; i < CARD_WIRE_KNOWN_MAX; i++) {
		const struct card_wire_release *known = &facts->known[i];

		if (card_wire_forbids(facts, known) == REASON_NONE &&
			(!wanted || strcmp(known->image->sha256, wanted->sha256) != 0))
			return known;
	}
	return NULL;
}

/* ---- pieces ---------------------------------------------------------------------- */

static void file_name(const struct chip *chip, const struct card_wire_release *release,
	char ret_name[CARD_FILE_MAX])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_name, CARD_FILE_MAX);
	wipy_text_str(&text, chip->name);
	wipy_text_char(&text, '-');
	wipy_text_str(&text, release->name);
	wipy_text_str(&text, ".bin");
}

static const char *or_keep(const char *setting)
{
	return *setting ? setting : "keep";
}

/* "512KB": 524288; what is no size is never too small. */
static uint64_t bytes_of(const char *size)
{
	size_t digits = strspn(size, "0123456789");
	uint64_t value;

	if (wipy_text_parse_u64(size, digits, 1024, &value) < 0)
		return UINT64_MAX;
	return value * (size[digits] == 'K' ? 1024 : 1024 * 1024);
}

/* Why the size that the header names is not that of the board's flash, or NULL. esptool
 * refuses a file that is longer than the flash that it is told of. What starts believes the
 * header: an ESP8266 puts what it keeps at the end of that, an ESP32's boot loader takes no
 * partition beyond it. And 0 there is what a build leaves that knows no board (MicroPython's
 * for the ESP8266 do; its tutorial has the size detected). Any other size was chosen, and
 * -c1 names a layout too. */
static const char *why_detect(
	const struct chip *chip, const struct release_image *image)
{
	const char *size = image->flash.size;

	if (chip->at + (uint64_t)image->size > bytes_of(size))
		return ": less than the image needs, so esptool looks for the true "
		       "size (detect).";
	if (strcmp(size, chip->unset) == 0)
		return ": that is also what it says where nobody has set a size, so "
		       "esptool looks for the true one (detect).";
	return NULL;
}

static const char *size_setting(
	const struct chip *chip, const struct release_image *image)
{
	return why_detect(chip, image) ? "detect" : or_keep(image->flash.size);
}

static void command(struct card_lines *lines, enum card_part part,
	const struct chip *chip, const char *words)
{
	CARD_SAY(lines, part, "esptool --chip ", chip->name, " --port PORT ", words)
		->command = true;
}

/* `others`: what is written before it in the same go; "". */
static void write_command(struct card_lines *lines, enum card_part part,
	const struct chip *chip, const struct card_wire_release *release,
	const char *others)
{
	const struct release_flash *flash = &release->image->flash;
	char file[CARD_FILE_MAX];

	file_name(chip, release, file);
	CARD_SAY(lines, part, "esptool --chip ", chip->name,
		" --port PORT write-flash --flash-mode ", or_keep(flash->mode),
		" --flash-freq ", or_keep(flash->frequency), " --flash-size ",
		size_setting(chip, release->image), " ", others, chip->address, " ",
		file)
		->command = true;
}

static const char *hex(uint32_t value, char ret_text[16])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, 16);
	wipy_text_str(&text, "0x");
	wipy_text_hex(&text, value, 8);
	return ret_text;
}

static const char *number(int64_t value, char ret_text[24])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, 24);
	wipy_text_int(&text, value);
	return ret_text;
}

/* ---- parts ----------------------------------------------------------------------- */

static void say_image(const struct card_wire_facts *facts, const struct chip *chip,
	struct card_wire *card)
{
	const struct release_image *image = facts->wanted.image;
	const struct release_flash *flash = &image->flash;
	const char *detect = why_detect(chip, image);
	struct card_lines *lines = &card->lines;
	char size[24], entry[16];

	CARD_SAY(lines, CARD_IMAGE, "Release ", facts->wanted.name, ": ",
		image->fingerprint.tag, " (", image->fingerprint.date, "), ",
		number(image->size, size), " bytes, entry point ",
		hex(image->entry_point, entry), ", SHA-256 ", image->sha256, ".");
	CARD_SAY(lines, CARD_IMAGE,
		"The file, as it is named below: wipyctl rescue wire ", facts->board,
		" --release ", facts->wanted.name, " --save ", card->file);
	if (*flash->mode || *flash->frequency || *flash->size)
		CARD_SAY(lines, CARD_IMAGE, "By its header the flash has mode ",
			or_keep(flash->mode), ", frequency ", or_keep(flash->frequency),
			" and size ", or_keep(flash->size), detect ? detect : ".");
	else
		card_say(lines, CARD_IMAGE,
			"How its header wants the flash to run is not recorded: keep "
			"takes that from the file.");
	if (image->warnings & WIPY_IMAGE_WARN_ONE_WAY)
		card_say(lines, CARD_IMAGE,
			"It has no telnet and no FTP: wipyd cannot see the board any "
			"more, and its next update goes by wire too.");
	else
		card_say(lines, CARD_IMAGE,
			"It brings no loader of its own. Where its maker has a factory "
			"image, with the loader in it, write that instead, to where "
			"its maker says.");
}

static void say_checks(struct card_lines *lines)
{
	card_say(lines, CARD_CHECK,
		"Wire: the board's own USB, or a serial adapter for 3.3 V, never for 5 "
		"V: RX to TX, TX to RX, GND to GND. PORT below is what it is called, "
		"like /dev/ttyUSB0.");
	card_say(lines, CARD_CHECK,
		"Power: the supply of a USB hub sags when the radio sends. Give the "
		"board a supply of its own.");
	card_say(lines, CARD_CHECK,
		"esptool: from version 5 on. An older one is called esptool.py, and "
		"has "
		"an underscore where a hyphen stands within a word: write_flash, "
		"--flash_mode.");
}

static void say_start(struct card_lines *lines)
{
	card_say(lines, CARD_STEP, "Let go of GPIO0 and reset it.");
}

static void say_erase(
	const struct chip *chip, struct card_lines *lines, const char *why)
{
	CARD_SAY(lines, CARD_STEP, why,
		"All that is in its flash goes: files, network, and what it was set "
		"to.");
	command(lines, CARD_STEP, chip, "erase-flash");
}

/* One file holds all that its ROM starts from 0 on (WIRE.md 5.3). */
static void say_write_8266(const struct card_wire_facts *facts, const struct chip *chip,
	struct card_lines *lines)
{
	say_erase(chip, lines, "Erase it. ");
	card_say(lines, CARD_STEP,
		"Write the image. At the end stands: Hash of data verified.");
	write_command(lines, CARD_STEP, chip, &facts->wanted, "");
}

/* The application is one of three; what decides on its place is the table (WIRE.md 5.4 to
 * 5.6). esptool sets mode, frequency and size in what starts at 0x1000 alone. */
static void say_write_32(const struct card_wire_facts *facts, const struct chip *chip,
	struct card_lines *lines)
{
	card_say(lines, CARD_STEP,
		"If its boot loader and its partition table are whole, write the "
		"application alone. At the end stands: Hash of data verified.");
	write_command(lines, CARD_STEP, chip, &facts->wanted, "");
	card_say(lines, CARD_STEP,
		"A board with two slots may still start the other one: its otadata "
		"must "
		"be empty. In MicroPython's OTA layout for 4 MB that is here; in "
		"another "
		"one see its table. With one slot leave this out: its NVS lies there.");
	command(lines, CARD_STEP, chip, "erase-region 0xd000 0x2000");
	say_start(lines);
	say_erase(chip, lines,
		"If it does not start, or its flash has been erased before: erase it, "
		"and write the boot loader at 0x1000 and the partition table at 0x8000 "
		"with it. They come from the same build; no release has them. ");
	write_command(lines, CARD_STEP, chip, &facts->wanted,
		"0x1000 bootloader.bin 0x8000 partition-table.bin ");
}

static void say_steps(const struct card_wire_facts *facts, const struct chip *chip,
	struct card_lines *lines)
{
	CARD_SAY(lines, CARD_STEP,
		"Hold GPIO0 low (its button is called FLASH or BOOT) during a reset, ",
		chip->strap,
		": its ROM waits for esptool then. Do so before each command; where "
		"DTR "
		"and RTS of the adapter reach GPIO0 and the reset esptool does it by "
		"itself.");
	if (facts->family == WIPY_FAMILY_ESP32)
		say_write_32(facts, chip, lines);
	else
		say_write_8266(facts, chip, lines);
	say_start(lines);
}

static void say_signs(const struct card_wire_facts *facts, struct card_lines *lines)
{
	if (!(facts->wanted.image->warnings & WIPY_IMAGE_WARN_ONE_WAY))
		card_say(lines, CARD_LED, "It runs: look at its network.")->seen =
			"a short flash every 4 s";
	if (facts->family == WIPY_FAMILY_ESP8266)
		card_say(lines, CARD_LED,
			"One at GPIO2, as many modules have it, shows what the ROM "
			"says: "
			"a flicker at a start. Again and again: a boot loop.")
			->seen = "a flicker";
	card_say(
		lines, CARD_LED, "Nothing that drives it has started: see the console.")
		->seen = "dark or steady";
	for (size_t i = 0; i < sizeof(consoles) / sizeof(consoles[0]); i++)
		if (consoles[i].family == facts->family)
			card_say(lines, CARD_CONSOLE, consoles[i].text)->seen =
				consoles[i].seen;
}

static void say_back(const struct card_wire_facts *facts, const struct chip *chip,
	struct card_wire *card)
{
	const struct card_wire_release *back = card_wire_back(facts);
	struct card_lines *lines = &card->lines;
	char file[CARD_FILE_MAX];

	if (!back) {
		card_say(lines, CARD_BACK,
			"No other version is known to have worked there and in the "
			"catalogue. If you have its file add it with wipyctl release "
			"add, and name it with --release.");
		return;
	}
	file_name(chip, back, file);
	CARD_SAY(lines, CARD_BACK, "The board has run ", back->image->fingerprint.tag,
		" (", back->image->fingerprint.date,
		"). Write that as above, with this file: wipyctl rescue wire ",
		facts->board, " --release ", back->name, " --save ", file);
	write_command(lines, CARD_BACK, chip, back, "");
}

static void say_maker(const struct chip *chip, struct card_lines *lines)
{
	CARD_SAY(lines, CARD_MAKER, "To the maker's AT firmware: fetch its package, ",
		chip->package,
		", from the AT binary lists of Espressif's ESP-AT user guide. wipyd "
		"cannot see a board that runs it.");
	card_say(lines, CARD_MAKER,
		"Its addresses are not those above: erase, then write the one file of "
		"its folder factory to 0x0. Its parts, one by one, go where its "
		"download.config says.");
	command(lines, CARD_MAKER, chip, "write-flash 0x0 factory_XXX.bin");
	if (chip->family == WIPY_FAMILY_ESP8266)
		card_say(lines, CARD_MAKER,
			"Before AT 2.0 (NONOS SDK) it is four files: boot at 0x0, "
			"user1 "
			"at 0x1000, esp_init_data_default and blank where bin/at/"
			"README.md of that SDK says for the size of the flash.");
}

static void say_next(const struct card_wire_facts *facts, struct card_lines *lines)
{
	if (facts->wanted.image->warnings & WIPY_IMAGE_WARN_ONE_WAY) {
		card_say(lines, CARD_NEXT,
			"Look at its serial console with 115200 baud: wipyd cannot.");
		return;
	}
	CARD_SAY(lines, CARD_NEXT, "Give it its network again, then: wipyctl poll ",
		facts->board);
	CARD_SAY(lines, CARD_NEXT,
		"What its slots hold now wipyd cannot know. If it lists the board as "
		"changed-by-others: wipyctl boards accept ",
		facts->board, " --reason TEXT");
}

void card_wire_make(const struct card_wire_facts *facts, struct card_wire *ret_card)
{
	const struct chip *chip = chip_of(facts->family);
	struct card_lines *lines = &ret_card->lines;

	memset(ret_card, 0, sizeof(*ret_card));
	ret_card->address = chip->address;
	file_name(chip, &facts->wanted, ret_card->file);
	say_image(facts, chip, ret_card);
	say_checks(lines);
	say_steps(facts, chip, lines);
	say_signs(facts, lines);
	say_back(facts, chip, ret_card);
	say_maker(chip, lines);
	say_next(facts, lines);
}
