/* SPDX-License-Identifier: MIT
 *
 * Boot record: decoding, two copies, power cuts.
 */
#include <errno.h>

#include "tests/tap.h"
#include "tests/unit/fw_machine.h"

static void test_decode(void)
{
	static const struct {
		const char *name;
		uint8_t bytes[8];
		size_t len;
		struct boot_record want;
	} rows[] = {
		{"four bytes", {1, 0, 2, 0x5A}, 4, {1, 0, 2, 0x5A}},
		{"one byte", {1}, 1, {1, 0, 0, 0}},
		{"no byte", {0}, 0, {0, 0, 0, 0}},
		{"eight bytes", {2, 1, 1, 0, 9, 9, 9, 9}, 8, {2, 1, 1, 0}},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct boot_record got;

		boot_record_decode(rows[i].bytes, rows[i].len, &got);
		OK(memcmp(&got, &rows[i].want, sizeof(got)) == 0, rows[i].name);
	}
}

static void test_slots(void)
{
	static const struct {
		uint8_t value;
		enum boot_slot want;
	} rows[] = {{0, BOOT_FACTORY}, {1, BOOT_UPDATE1}, {2, BOOT_UPDATE2},
		{3, BOOT_FACTORY}, {255, BOOT_FACTORY}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		EQ_INT(boot_record_slot(rows[i].value), rows[i].want, "slot of a byte");
}

static void test_copies(void)
{
	struct machine *machine = machine_new();
	struct hal *hal = &machine->hal;
	struct boot_record record = {0, 1, 0, 0}, got;

	EQ_INT(boot_record_read(hal, &got), -ENOENT, "erased flash has no record");
	for (uint8_t i = 0; i < 7; i++) {
		record.previous = i;
		EQ_INT(boot_record_write(hal, &record), 0, "write");
		EQ_INT(boot_record_read(hal, &got), 0, "read");
		EQ_INT(got.previous, i, "the newest one is read");
	}
	/* seven writes: the newest lies in copy 0 */
	hal->flash[HAL_AREA_RECORD][8] ^= 1;
	EQ_INT(boot_record_read(hal, &got), 0, "one copy damaged");
	EQ_INT(got.previous, 5, "one copy damaged: the older one counts");
	hal->flash[HAL_AREA_RECORD][HAL_FLASH_SECTOR + 12] ^= 1;
	EQ_INT(boot_record_read(hal, &got), -ENOENT, "both copies damaged");
	OK(!hal->misused, "flash rules kept");
	machine_free(machine);
}

/* Cuts power at each operation of one write: the old record or the new one is there. */
static void cut_a_write(unsigned eighths, bool partly)
{
	for (int cut = 1; cut <= 3; cut++) {
		struct machine *machine = machine_new();
		struct hal *hal = &machine->hal;
		struct boot_record old = {1, 1, 0, 0}, next = {2, 0, 1, 0}, got;

		(void)!boot_record_write(hal, &old);
		hal->flash_left = cut;
		hal->flash_cut = eighths;
		hal->flash_partly = partly;
		if (boot_record_write(hal, &next) == 0)
			EQ_INT(cut, 3, "a write is two operations");
		hal->flash_left = -1;
		EQ_INT(boot_record_read(hal, &got), 0,
			"a record is there after the cut");
		EQ_INT(got.active, cut == 3 || (cut == 2 && eighths == 8) ? 2 : 1,
			"and it is a whole one");
		EQ_INT(boot_record_write(hal, &next), 0, "the next write works");
		EQ_INT(boot_record_read(hal, &got), 0, "and can be read");
		EQ_INT(got.active, 2, "and is the newest");
		machine_free(machine);
	}
}

static void test_power_cut(void)
{
	for (unsigned eighths = 0; eighths <= 8; eighths++) {
		cut_a_write(eighths, false);
		cut_a_write(eighths, true);
	}
}

int main(void)
{
	test_decode();
	test_slots();
	test_copies();
	test_power_cut();
	return tap_done();
}
