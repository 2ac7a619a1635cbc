/* SPDX-License-Identifier: MIT
 *
 * Updates: target and record for every state, and power cuts at every flash operation.
 */
#include <errno.h>
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/fw_machine.h"

#define IMAGE_LEN 9012

struct row {
	uint8_t before[3]; /* active, status, previous */
	enum boot_slot target;
	uint8_t after[3];
};

/* Recorded from boards: each record, one upload. */
static const struct row rows[] = {
	{{0, 0, 0}, BOOT_UPDATE1, {0, 0, 0}},
	{{0, 0, 1}, BOOT_UPDATE1, {0, 0, 1}},
	{{0, 0, 2}, BOOT_UPDATE1, {0, 0, 2}},
	{{0, 1, 0}, BOOT_UPDATE1, {1, 0, 0}},
	{{0, 1, 1}, BOOT_UPDATE1, {1, 0, 0}},
	{{0, 1, 2}, BOOT_UPDATE1, {1, 0, 0}},
	{{1, 0, 0}, BOOT_UPDATE1, {1, 0, 0}},
	{{1, 0, 1}, BOOT_UPDATE1, {1, 0, 1}},
	{{1, 0, 2}, BOOT_UPDATE1, {1, 0, 2}},
	{{1, 1, 0}, BOOT_UPDATE2, {2, 0, 1}},
	{{1, 1, 1}, BOOT_UPDATE2, {2, 0, 1}},
	{{1, 1, 2}, BOOT_UPDATE2, {2, 0, 1}},
	{{2, 0, 0}, BOOT_UPDATE2, {2, 0, 0}},
	{{2, 0, 1}, BOOT_UPDATE2, {2, 0, 1}},
	{{2, 0, 2}, BOOT_UPDATE2, {2, 0, 2}},
	{{2, 1, 0}, BOOT_UPDATE1, {1, 0, 2}},
	{{2, 1, 1}, BOOT_UPDATE1, {1, 0, 2}},
	{{2, 1, 2}, BOOT_UPDATE1, {1, 0, 2}},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool record_is(const struct boot_record *record, const uint8_t want[3])
{
	return record->active == want[0] && record->status == want[1] &&
	       record->previous == want[2];
}

static void test_plan(void)
{
	for (size_t i = 0; i < ROWS; i++) {
		const uint8_t *b = rows[i].before;
		struct boot_record before = {b[0], b[1], b[2], 0};
		struct update_plan first, second;

		updater_plan(true, &before, &first);
		updater_plan(true, &first.after, &second);
		tap_ok(first.target == rows[i].target &&
				record_is(&first.after, rows[i].after) &&
				first.write == (b[1] == BOOT_READY),
			"upload at %u %u %u", b[0], b[1], b[2]);
		tap_ok(second.target == first.target && !second.write &&
				record_is(&second.after, rows[i].after),
			"a second one before the reset at %u %u %u", b[0], b[1], b[2]);
	}
}

static void test_no_record(void)
{
	struct boot_record record = {0};
	struct update_plan plan;

	updater_plan(false, &record, &plan);
	EQ_INT(plan.target, BOOT_UPDATE1, "without a record update 1 is written");
	OK(!plan.write, "and nothing is flipped");
}

static void put_record(struct machine *machine, const uint8_t bytes[3])
{
	struct boot_record record = {bytes[0], bytes[1], bytes[2], 0};

	(void)!boot_record_write(&machine->hal, &record);
}

static int upload(struct machine *machine, const uint8_t *bytes, size_t len)
{
	struct updater updater = {0};
	int err = updater_start(&updater, &machine->hal, 196608);

	for (size_t i = 0; err >= 0 && i < len; i += 700)
		err = updater_write(&updater, &machine->hal, bytes + i,
			len - i < 700 ? len - i : 700);
	if (err >= 0)
		err = updater_finish(&updater, &machine->hal);
	return err;
}

static void test_sizes(const uint8_t *image)
{
	static const size_t lens[] = {0, 1, 3, 511, 512, 513, 4095, 4096, 4097, 9012};

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct machine *machine = machine_new();
		static uint8_t back[IMAGE_LEN];
		size_t len = 1;

		put_record(machine, rows[3].before);
		EQ_INT(upload(machine, image, lens[i]), 0, "upload");
		EQ_INT(slot_state(&machine->hal, HAL_AREA_UPDATE1, &len), SLOT_WHOLE,
			"the slot is whole");
		EQ_INT(len, lens[i], "of that length");
		(void)!slot_read(&machine->hal, HAL_AREA_UPDATE1, 0, back, lens[i]);
		OK(lens[i] == 0 || memcmp(back, image, lens[i]) == 0,
			"and those bytes");
		OK(!machine->hal.misused, "flash rules kept");
		machine_free(machine);
	}
}

static void test_limit(void)
{
	struct machine *machine = machine_new();
	struct updater updater = {0};
	static uint8_t bytes[4096];
	int err = updater_start(&updater, &machine->hal, 196608);

	for (int i = 0; err == 0 && i < 48; i++)
		err = updater_write(&updater, &machine->hal, bytes, sizeof(bytes));
	EQ_INT(err, 0, "196608 bytes fit");
	EQ_INT(updater_write(&updater, &machine->hal, bytes, 1), -EFBIG,
		"one more does not");
	machine_free(machine);
}

/* Cuts power at operation `cut` of an update and its first boot. Returns false once the
 * update needs fewer operations. */
static bool cut_at(const uint8_t *old_image, const uint8_t *new_image,
	const uint8_t before[3], int cut, int *ret_wrong)
{
	struct machine *machine = machine_new();
	struct boot_record record;
	bool cut_happened;

	machine_install(machine, HAL_AREA_FACTORY, old_image, IMAGE_LEN);
	machine_install(machine, HAL_AREA_UPDATE1, old_image, IMAGE_LEN);
	machine_install(machine, HAL_AREA_UPDATE2, old_image, IMAGE_LEN);
	put_record(machine, before);
	machine->hal.flash_count = 0;
	machine->hal.flash_left = cut;
	(void)upload(machine, new_image, IMAGE_LEN);
	cut_happened = machine->hal.flash_left == 0;
	(void)!boot_record_read(&machine->hal, &record);
	/* a cut within the upload leaves the record as it was; after it, flipped */
	if (cut_happened && record.active != before[0] && record.status != BOOT_CHECK)
		++*ret_wrong;
	/* the same again during the boot that follows */
	for (int boot_cut = 1; boot_cut <= 6; boot_cut++) {
		machine_power(machine, HAL_RESET_POWER);
		machine->hal.flash_left = boot_cut;
		machine_run(machine, 400);
	}
	machine_boot(machine);
	if (machine->board.state != WIPY_BOARD_RUNNING ||
		(strcmp(machine->board.fingerprint.tag, "v1.8.6") != 0 &&
			strcmp(machine->board.fingerprint.tag, "v1.8.7") != 0) ||
		machine->hal.misused)
		++*ret_wrong;
	if (!cut_happened && strcmp(machine->board.fingerprint.tag, "v1.8.7") != 0)
		++*ret_wrong;
	machine_free(machine);
	return cut_happened;
}

static void test_power_cuts(const uint8_t *old_image, const uint8_t *new_image)
{
	/* clean states; one that is pending already has only one good image behind it */
	static const uint8_t states[][3] = {
		{0, 1, 0}, {1, 1, 0}, {2, 1, 1}, {1, 1, 2}, {1, 0, 0}, {2, 0, 1}};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		int wrong = 0, cut = 1;

		while (cut_at(old_image, new_image, states[i], cut, &wrong))
			cut++;
		tap_ok(wrong == 0 && cut > 10,
			"power cut at each of %d operations, record %u %u %u", cut - 1,
			states[i][0], states[i][1], states[i][2]);
	}
}

int main(void)
{
	uint8_t *old_image = malloc(IMAGE_LEN), *new_image = malloc(IMAGE_LEN);

	machine_make_image(old_image, IMAGE_LEN, "v1.8.6");
	machine_make_image(new_image, IMAGE_LEN, "v1.8.7");
	test_plan();
	test_no_record();
	test_sizes(new_image);
	test_limit();
	test_power_cuts(old_image, new_image);
	free(old_image);
	free(new_image);
	return tap_done();
}
