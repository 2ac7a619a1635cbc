/* SPDX-License-Identifier: MIT
 *
 * Boot: the choice over every record and slot state that was recorded from boards, and
 * the sequence on a machine with flash, pin and LED.
 */
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/fw_machine.h"

#define HALT      (-1)
#define NOTHING   (-1)
#define IMAGE_LEN 3044

struct row {
	bool has_record;
	uint8_t before[4];
	const char *images; /* factory, update 1, update 2: good bad torn absent */
	uint8_t after[4];
	int deleted;
	int run;
};

static const struct row rows[] = {
	{true, {0, 0, 0, 0}, "ggg", {0, 0, 0, 0}, NOTHING, BOOT_FACTORY},
	{true, {0, 0, 1, 0}, "ggg", {0, 0, 1, 0}, NOTHING, BOOT_FACTORY},
	{true, {0, 0, 2, 0}, "ggg", {0, 0, 2, 0}, NOTHING, BOOT_FACTORY},
	{true, {0, 1, 0, 0}, "ggg", {0, 1, 0, 0}, NOTHING, BOOT_FACTORY},
	{true, {0, 1, 1, 0}, "ggg", {0, 1, 1, 0}, NOTHING, BOOT_FACTORY},
	{true, {0, 1, 2, 0}, "ggg", {0, 1, 2, 0}, NOTHING, BOOT_FACTORY},
	{true, {1, 0, 0, 0}, "ggg", {1, 1, 0, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 0, 0, 0}, "gbg", {0, 1, 0, 0}, BOOT_UPDATE1, BOOT_FACTORY},
	{true, {1, 0, 0, 0}, "gtg", {0, 1, 0, 0}, BOOT_UPDATE1, BOOT_FACTORY},
	{true, {1, 0, 0, 0}, "gag", {0, 1, 0, 0}, NOTHING, BOOT_FACTORY},
	{true, {1, 0, 1, 0}, "ggg", {1, 1, 1, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 0, 1, 0}, "gbg", {1, 1, 0, 0}, BOOT_UPDATE1, HALT},
	{true, {1, 0, 1, 0}, "gtg", {1, 1, 0, 0}, BOOT_UPDATE1, HALT},
	{true, {1, 0, 1, 0}, "gag", {1, 1, 0, 0}, NOTHING, HALT},
	{true, {1, 0, 2, 0}, "ggg", {1, 1, 2, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 0, 2, 0}, "gbg", {2, 1, 0, 0}, BOOT_UPDATE1, BOOT_UPDATE2},
	{true, {1, 0, 2, 0}, "gtg", {2, 1, 0, 0}, BOOT_UPDATE1, BOOT_UPDATE2},
	{true, {1, 0, 2, 0}, "gag", {2, 1, 0, 0}, NOTHING, BOOT_UPDATE2},
	{true, {1, 1, 0, 0}, "ggg", {1, 1, 0, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 1, 0, 0}, "gbg", {1, 1, 0, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 1, 0, 0}, "gtg", {1, 1, 0, 0}, NOTHING, HALT},
	{true, {1, 1, 0, 0}, "gag", {1, 1, 0, 0}, NOTHING, HALT},
	{true, {1, 1, 1, 0}, "ggg", {1, 1, 1, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 1, 1, 0}, "gbg", {1, 1, 1, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 1, 1, 0}, "gtg", {1, 1, 1, 0}, NOTHING, HALT},
	{true, {1, 1, 1, 0}, "gag", {1, 1, 1, 0}, NOTHING, HALT},
	{true, {1, 1, 2, 0}, "ggg", {1, 1, 2, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 1, 2, 0}, "gbg", {1, 1, 2, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 1, 2, 0}, "gtg", {1, 1, 2, 0}, NOTHING, HALT},
	{true, {1, 1, 2, 0}, "gag", {1, 1, 2, 0}, NOTHING, HALT},
	{true, {2, 0, 0, 0}, "ggg", {2, 1, 0, 0}, NOTHING, BOOT_UPDATE2},
	{true, {2, 0, 0, 0}, "ggb", {0, 1, 0, 0}, BOOT_UPDATE2, BOOT_FACTORY},
	{true, {2, 0, 0, 0}, "ggt", {0, 1, 0, 0}, BOOT_UPDATE2, BOOT_FACTORY},
	{true, {2, 0, 0, 0}, "gga", {0, 1, 0, 0}, NOTHING, BOOT_FACTORY},
	{true, {2, 0, 1, 0}, "ggg", {2, 1, 1, 0}, NOTHING, BOOT_UPDATE2},
	{true, {2, 0, 1, 0}, "ggb", {1, 1, 0, 0}, BOOT_UPDATE2, BOOT_UPDATE1},
	{true, {2, 0, 1, 0}, "ggt", {1, 1, 0, 0}, BOOT_UPDATE2, BOOT_UPDATE1},
	{true, {2, 0, 1, 0}, "gga", {1, 1, 0, 0}, NOTHING, BOOT_UPDATE1},
	{true, {2, 0, 2, 0}, "ggg", {2, 1, 2, 0}, NOTHING, BOOT_UPDATE2},
	{true, {2, 0, 2, 0}, "ggb", {2, 1, 0, 0}, BOOT_UPDATE2, HALT},
	{true, {2, 0, 2, 0}, "ggt", {2, 1, 0, 0}, BOOT_UPDATE2, HALT},
	{true, {2, 0, 2, 0}, "gga", {2, 1, 0, 0}, NOTHING, HALT},
	{true, {2, 1, 0, 0}, "ggg", {2, 1, 0, 0}, NOTHING, BOOT_UPDATE2},
	{true, {2, 1, 0, 0}, "ggb", {2, 1, 0, 0}, NOTHING, BOOT_UPDATE2},
	{true, {2, 1, 0, 0}, "ggt", {2, 1, 0, 0}, NOTHING, HALT},
	{true, {2, 1, 0, 0}, "gga", {2, 1, 0, 0}, NOTHING, HALT},
	{true, {2, 1, 1, 0}, "ggg", {2, 1, 1, 0}, NOTHING, BOOT_UPDATE2},
	{true, {2, 1, 1, 0}, "ggb", {2, 1, 1, 0}, NOTHING, BOOT_UPDATE2},
	{true, {2, 1, 1, 0}, "ggt", {2, 1, 1, 0}, NOTHING, HALT},
	{true, {2, 1, 1, 0}, "gga", {2, 1, 1, 0}, NOTHING, HALT},
	{true, {2, 1, 2, 0}, "ggg", {2, 1, 2, 0}, NOTHING, BOOT_UPDATE2},
	{true, {2, 1, 2, 0}, "ggb", {2, 1, 2, 0}, NOTHING, BOOT_UPDATE2},
	{true, {2, 1, 2, 0}, "ggt", {2, 1, 2, 0}, NOTHING, HALT},
	{true, {2, 1, 2, 0}, "gga", {2, 1, 2, 0}, NOTHING, HALT},
	{true, {1, 0, 2, 0}, "gbb", {2, 1, 0, 0}, BOOT_UPDATE1, BOOT_UPDATE2},
	{true, {1, 0, 2, 0}, "gbt", {2, 1, 0, 0}, BOOT_UPDATE1, HALT},
	{true, {1, 0, 2, 0}, "gba", {2, 1, 0, 0}, BOOT_UPDATE1, HALT},
	{true, {2, 0, 1, 0}, "gbb", {1, 1, 0, 0}, BOOT_UPDATE2, BOOT_UPDATE1},
	{true, {2, 0, 1, 0}, "gtb", {1, 1, 0, 0}, BOOT_UPDATE2, HALT},
	{true, {2, 0, 1, 0}, "gab", {1, 1, 0, 0}, BOOT_UPDATE2, HALT},
	{true, {1, 0, 0, 0}, "bba", {0, 1, 0, 0}, BOOT_UPDATE1, BOOT_FACTORY},
	{true, {0, 1, 0, 0}, "baa", {0, 1, 0, 0}, NOTHING, BOOT_FACTORY},
	{true, {1, 0, 0, 0}, "tba", {0, 1, 0, 0}, BOOT_UPDATE1, HALT},
	{true, {0, 1, 0, 0}, "taa", {0, 1, 0, 0}, NOTHING, HALT},
	{true, {1, 0, 0, 0}, "aba", {0, 1, 0, 0}, BOOT_UPDATE1, HALT},
	{true, {0, 1, 0, 0}, "aaa", {0, 1, 0, 0}, NOTHING, HALT},
	{true, {1, 0, 0, 0}, "gba", {0, 1, 0, 0}, BOOT_UPDATE1, BOOT_FACTORY},
	{true, {3, 0, 0, 0}, "ggg", {3, 1, 0, 0}, NOTHING, BOOT_FACTORY},
	{true, {3, 1, 0, 0}, "ggg", {3, 1, 0, 0}, NOTHING, BOOT_FACTORY},
	{true, {0xff, 0xff, 0xff, 0xff}, "ggg", {0xff, 0xff, 0xff, 0xff}, NOTHING,
		BOOT_FACTORY},
	{true, {1, 2, 0, 0}, "ggg", {1, 2, 0, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 0xff, 2, 0}, "ggg", {1, 0xff, 2, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 0, 3, 0}, "ggg", {1, 1, 3, 0}, NOTHING, BOOT_UPDATE1},
	{true, {1, 0, 0, 0x5a}, "ggg", {1, 1, 0, 0x5a}, NOTHING, BOOT_UPDATE1},
	{true, {3, 0, 0, 0}, "bgg", {0, 1, 0, 0}, BOOT_FACTORY, HALT},
	{true, {0xff, 0, 0xff, 0xff}, "bgg", {0xff, 1, 0, 0xff}, BOOT_FACTORY, HALT},
	{false, {0, 0, 0, 0}, "ggg", {0, 1, 0, 0}, NOTHING, BOOT_FACTORY},
	{false, {0, 0, 0, 0}, "gaa", {0, 1, 0, 0}, NOTHING, BOOT_FACTORY},
};

#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

static enum boot_image image_of(char letter)
{
	return letter == 'g'   ? BOOT_IMAGE_GOOD
	       : letter == 'b' ? BOOT_IMAGE_BAD
	       : letter == 't' ? BOOT_IMAGE_TORN
			       : BOOT_IMAGE_ABSENT;
}

static const char *row_name(const struct row *row)
{
	static char name[80];

	snprintf(name, sizeof(name), "%s %02x %02x %02x %02x with %s",
		row->has_record ? "record" : "no record", row->before[0],
		row->before[1], row->before[2], row->before[3], row->images);
	return name;
}

static void test_table(void)
{
	for (int i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		struct boot_facts facts = {.has_record = row->has_record};
		struct boot_choice choice;
		uint8_t after[4];
		bool deleted_right;

		boot_record_decode(row->before, 4, &facts.record);
		for (int k = 0; k < BOOT_SLOT_COUNT; k++)
			facts.image[k] = image_of(row->images[k]);
		boot_select(&facts, &choice);
		boot_record_encode(&choice.next, after);
		/* deleting what is absent already changes nothing */
		deleted_right = row->deleted == NOTHING
					? !choice.delete_image ||
						  row->images[choice.deleted] == 'a'
					: choice.delete_image &&
						  (int)choice.deleted == row->deleted;
		tap_ok(memcmp(after, row->after, 4) == 0 && deleted_right &&
				choice.halt == (row->run == HALT) &&
				(choice.halt || (int)choice.run == row->run) &&
				choice.write ==
					(!row->has_record ||
						memcmp(row->before, after, 4) != 0),
			"choice: %s", row_name(row));
	}
}

/* ---- the same on flash --------------------------------------------------------- */

struct images {
	uint8_t bytes[BOOT_SLOT_COUNT][IMAGE_LEN];
};

static const char *const tags[BOOT_SLOT_COUNT] = {"v1.1", "v1.2", "v1.3"};

static void make_images(struct images *images)
{
	for (int k = 0; k < BOOT_SLOT_COUNT; k++)
		machine_make_image(images->bytes[k], IMAGE_LEN, tags[k]);
}

static void put_image(
	struct machine *machine, enum boot_slot slot, const uint8_t *image, char letter)
{
	uint8_t bytes[IMAGE_LEN];
	enum hal_area area = boot_record_area(slot);

	if (letter == 'a')
		return;
	memcpy(bytes, image, sizeof(bytes));
	if (letter == 'b')
		bytes[100] ^= 1;
	machine_install(machine, area, bytes, sizeof(bytes));
	/* torn: opened and never closed */
	if (letter == 't')
		memset(machine->hal.flash[area] + 4, 0xFF, 8);
}

static void put_record(struct machine *machine, const uint8_t bytes[4])
{
	struct boot_record record;

	boot_record_decode(bytes, 4, &record);
	(void)!boot_record_write(&machine->hal, &record);
}

static bool ran_right(const struct machine *machine, int run)
{
	const struct wipy_board *board = &machine->board;

	if (run == HALT)
		return board->state == WIPY_BOARD_HALTED &&
		       machine->hal.led[machine->hal.led_count - 1].on;
	return board->state == WIPY_BOARD_RUNNING && (int)board->running == run &&
	       strcmp(board->fingerprint.tag, tags[run]) == 0;
}

static void test_sequence(const struct images *images)
{
	for (int i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		struct machine *machine = machine_new();
		struct boot_record record;
		uint8_t after[4];

		for (int k = 0; k < BOOT_SLOT_COUNT; k++)
			put_image(machine, k, images->bytes[k], row->images[k]);
		if (row->has_record)
			put_record(machine, row->before);
		machine_boot(machine);
		(void)!boot_record_read(&machine->hal, &record);
		boot_record_encode(&record, after);
		tap_ok(memcmp(after, row->after, 4) == 0 &&
				ran_right(machine, row->run) && !machine->hal.misused &&
				(row->deleted == NOTHING ||
					slot_state(&machine->hal,
						boot_record_area(row->deleted),
						NULL) == SLOT_ABSENT),
			"boot: %s", row_name(row));
		machine_free(machine);
	}
}

/* Trailers that are nearly right are wrong (WIRE.md 0.4). */
static void test_trailers(const struct images *images)
{
	static const struct {
		const char *name;
		size_t cut; /* bytes less */
		bool upper, newline;
		int run;
	} trailers[] = {
		{"right", 0, false, false, BOOT_UPDATE1},
		{"upper case", 0, true, false, BOOT_FACTORY},
		{"newline behind it", 0, false, true, BOOT_FACTORY},
		{"cut off", 32, false, false, BOOT_FACTORY},
		{"nothing but a trailer", IMAGE_LEN - 32, false, false, BOOT_FACTORY},
		{"empty", IMAGE_LEN, false, false, BOOT_FACTORY},
	};

	for (size_t i = 0; i < sizeof(trailers) / sizeof(trailers[0]); i++) {
		struct machine *machine = machine_new();
		static const uint8_t check_update1[4] = {1, 0, 0, 0};
		uint8_t bytes[IMAGE_LEN + 1];
		size_t len = IMAGE_LEN - trailers[i].cut;

		memcpy(bytes, images->bytes[BOOT_UPDATE1], IMAGE_LEN);
		for (size_t k = IMAGE_LEN - 32; trailers[i].upper && k < IMAGE_LEN; k++)
			if (bytes[k] >= 'a')
				bytes[k] = (uint8_t)(bytes[k] - 32);
		bytes[IMAGE_LEN] = '\n';
		len += trailers[i].newline;
		machine_install(machine, HAL_AREA_FACTORY, images->bytes[0], IMAGE_LEN);
		machine_install(machine, HAL_AREA_UPDATE1, bytes, len);
		put_record(machine, check_update1);
		machine_boot(machine);
		EQ_INT(machine->board.running, trailers[i].run, trailers[i].name);
		machine_free(machine);
	}
}

static void test_no_fingerprint(void)
{
	struct machine *machine = machine_new();
	uint8_t bytes[500] = {1, 2, 3};

	machine_install(machine, HAL_AREA_FACTORY, bytes, sizeof(bytes));
	machine_boot(machine);
	OK(ran_right(machine, HALT), "an image without a fingerprint halts");
	EQ_INT(machine_connect(machine, 23), -1, "and nobody listens");
	machine_free(machine);
}

static void test_crash(const struct images *images)
{
	static const uint8_t check_update1[4] = {1, 0, 0, 0};
	struct machine *machine = machine_new();
	struct boot_record record;

	machine_install(machine, HAL_AREA_FACTORY, images->bytes[0], IMAGE_LEN);
	machine_install(machine, HAL_AREA_UPDATE1, images->bytes[1], IMAGE_LEN);
	put_record(machine, check_update1);
	machine->hal.crash_area = HAL_AREA_UPDATE1;
	machine_boot(machine);
	EQ_INT(machine->board.state, WIPY_BOARD_HALTED, "a crashing image is dead");
	(void)!boot_record_read(&machine->hal, &record);
	OK(record.active == BOOT_UPDATE1 && record.status == BOOT_READY,
		"and stays active: its MD5 is right");
	machine_free(machine);
}

/* The fingerprint is found wherever it lies, also across windows and sectors. */
static void test_fingerprint_places(void)
{
	static const char text[] = "MicroPython v1.8.6-63-gc28fed6-dirty on "
				   "2016-11-18; WiPy with CC3200\r\n";
	uint8_t *bytes = malloc(9000);
	int wrong = 0;

	for (size_t at = 0; at + sizeof(text) < 9000; at += 13) {
		struct machine *machine = at == 0 ? NULL : machine_new();
		struct wipy_fingerprint fp;

		if (!machine)
			continue;
		memset(bytes, 0xAA, 9000);
		memcpy(bytes + at, text, sizeof(text));
		machine_install(machine, HAL_AREA_UPDATE2, bytes, 9000);
		wrong += slot_find_fingerprint(&machine->hal, HAL_AREA_UPDATE2, &fp) !=
				 0 ||
			 strcmp(fp.mcu, "CC3200") != 0 ||
			 strcmp(fp.tag, "v1.8.6-63-gc28fed6-dirty") != 0;
		machine_free(machine);
	}
	free(bytes);
	EQ_INT(wrong, 0, "fingerprint at every thirteenth place");
}

/* ---- the safe-boot pin ---------------------------------------------------------- */

static void test_pin_choice(void)
{
	static const struct {
		enum boot_pick pick;
		uint8_t before[4];
		const char *images;
		uint8_t after[4];
		int run;
	} picks[] = {
		{BOOT_PICK_SAFE, {2, 0, 1, 0}, "ggg", {2, 1, 1, 0}, BOOT_UPDATE2},
		{BOOT_PICK_SAFE, {2, 0, 1, 0}, "ggb", {1, 1, 0, 0}, BOOT_UPDATE1},
		{BOOT_PICK_SAFE, {1, 0, 0, 0}, "gba", {0, 1, 0, 0}, BOOT_FACTORY},
		{BOOT_PICK_SAFE, {2, 1, 1, 0}, "gtg", {2, 1, 1, 0}, BOOT_UPDATE2},
		{BOOT_PICK_PREVIOUS, {2, 0, 1, 0}, "ggg", {2, 1, 1, 0}, BOOT_UPDATE1},
		{BOOT_PICK_PREVIOUS, {2, 0, 1, 0}, "ggb", {1, 1, 0, 0}, BOOT_FACTORY},
		{BOOT_PICK_PREVIOUS, {1, 0, 0, 0}, "gga", {1, 1, 0, 0}, BOOT_FACTORY},
		{BOOT_PICK_PREVIOUS, {2, 1, 1, 0}, "gtg", {2, 1, 1, 0}, HALT},
		{BOOT_PICK_PREVIOUS, {2, 1, 1, 0}, "gag", {2, 1, 1, 0}, HALT},
		{BOOT_PICK_PREVIOUS, {2, 1, 0, 0}, "ggg", {2, 1, 0, 0}, BOOT_FACTORY},
		{BOOT_PICK_FACTORY, {2, 0, 1, 0}, "ggg", {2, 1, 1, 0}, BOOT_FACTORY},
		{BOOT_PICK_FACTORY, {2, 0, 1, 0}, "ggb", {1, 1, 0, 0}, BOOT_FACTORY},
		{BOOT_PICK_FACTORY, {2, 1, 1, 0}, "gtg", {2, 1, 1, 0}, BOOT_FACTORY},
		{BOOT_PICK_FACTORY, {0, 1, 0, 0}, "ggg", {0, 1, 0, 0}, BOOT_FACTORY},
	};

	for (size_t i = 0; i < sizeof(picks) / sizeof(picks[0]); i++) {
		struct boot_facts facts = {.has_record = true, .pick = picks[i].pick};
		struct boot_choice choice;
		uint8_t after[4];

		boot_record_decode(picks[i].before, 4, &facts.record);
		for (int k = 0; k < BOOT_SLOT_COUNT; k++)
			facts.image[k] = image_of(picks[i].images[k]);
		boot_select(&facts, &choice);
		boot_record_encode(&choice.next, after);
		tap_ok(memcmp(after, picks[i].after, 4) == 0 && choice.safe &&
				(choice.halt ? HALT : (int)choice.run) == picks[i].run,
			"pin row %zu", i);
	}
}

/* Held from the start and released after `held_ms`: what runs, and when it was chosen. */
static void test_pin_times(const struct images *images)
{
	static const struct {
		int held_ms;
		int chosen_ms;
		bool safe;
		int run;
	} times[] = {
		{0, 0, false, BOOT_UPDATE2},
		{1, 500, false, BOOT_UPDATE2},
		{499, 500, false, BOOT_UPDATE2},
		{501, 1000, true, BOOT_UPDATE2},
		{999, 1000, true, BOOT_UPDATE2},
		{1001, 1500, true, BOOT_UPDATE2},
		{2999, 3000, true, BOOT_UPDATE2},
		{3001, 3500, true, BOOT_UPDATE2},
		{3501, 3750, true, BOOT_UPDATE1},
		{6001, 6250, true, BOOT_UPDATE1},
		{6251, 6500, true, BOOT_UPDATE1},
		{6501, 8000, true, BOOT_FACTORY},
		{20000, 8000, true, BOOT_FACTORY},
	};
	static const uint8_t ready_update2[4] = {2, 1, 1, 0};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct machine *machine = machine_new();
		int64_t start = machine->hal.now_ms, late_ms;

		for (int k = 0; k < BOOT_SLOT_COUNT; k++)
			put_image(machine, k, images->bytes[k], 'g');
		put_record(machine, ready_update2);
		machine_power(machine, HAL_RESET_POWER);
		machine->hal.pin = times[i].held_ms > 0;
		while (machine->board.state == WIPY_BOARD_BOOTING) {
			if (machine->hal.now_ms - start >= times[i].held_ms)
				machine->hal.pin = false;
			machine_run(machine, 1);
		}
		/* the millisecond in which it was chosen may have passed */
		late_ms = machine->hal.now_ms - start - times[i].chosen_ms;
		tap_ok(late_ms >= 0 && late_ms <= 1 &&
				machine->board.boot.choice.safe == times[i].safe &&
				(int)machine->board.running == times[i].run,
			"pin held for %d ms", times[i].held_ms);
		machine_free(machine);
	}
}

static void test_pin_led(const struct images *images)
{
	static const int edges[] = {500, 1000, 1500, 2000, 2500, 3000, 3500, 3750};
	struct machine *machine = machine_new();
	int64_t start = machine->hal.now_ms;
	int wrong = 0;

	for (int k = 0; k < BOOT_SLOT_COUNT; k++)
		put_image(machine, k, images->bytes[k], 'g');
	machine->hal.pin = true;
	machine_power(machine, HAL_RESET_POWER);
	machine_run(machine, 8100);
	/* the first entry is the LED being put out at the start */
	for (int i = 0; i < (int)(sizeof(edges) / sizeof(edges[0])); i++)
		wrong += machine->hal.led[i + 1].at_ms - start != edges[i] ||
			 machine->hal.led[i + 1].on != (i % 2 == 0);
	EQ_INT(wrong, 0, "LED edges of the first two windows");
	EQ_INT(machine->hal.led[machine->hal.led_count - 1].at_ms - start, 8000,
		"the LED goes out at 8 s");
	machine_free(machine);
}

int main(void)
{
	struct images *images = malloc(sizeof(*images));

	make_images(images);
	test_table();
	test_sequence(images);
	test_trailers(images);
	test_no_fingerprint();
	test_crash(images);
	test_fingerprint_places();
	test_pin_choice();
	test_pin_times(images);
	test_pin_led(images);
	free(images);
	return tap_done();
}
