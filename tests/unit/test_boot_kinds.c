/* SPDX-License-Identifier: MIT
 *
 * The boot of the other families: Pycom's two slots (WIRE.md 3.4, 3.5) and the trial
 * boot of this project's own firmware, the choice as a table.
 */
#include <errno.h>
#include <stdlib.h>

#include "firmware/core/crc32.h"
#include "tests/unit/boot_lives.h"

#define HALT (-1)

struct row {
	const char *name;
	struct boot_record before;
	const char *images; /* factory, update 1, update 2: good bad torn absent */
	enum boot_pick pick;
	struct boot_record after;
	int run;
	bool safe;
};

static const struct row pycom_rows[] = {
	{"(0,R,0)", {0, 1, 0, 0}, "gga", 0, {0, 1, 0, 0}, 0, false},
	{"(1,C,0) ok", {1, 0, 0, 0}, "gga", 0, {1, 1, 0, 0}, 1, false},
	{"(1,C,0) bad", {1, 0, 0, 0}, "gba", 0, {0, 1, 1, 0}, 0, false},
	{"(1,C,0) torn", {1, 0, 0, 0}, "gta", 0, {0, 1, 1, 0}, 0, false},
	{"(2,C,1) ok", {2, 0, 1, 0}, "gga", 0, {0, 1, 1, 0}, 0, false},
	{"(2,C,1) bad", {2, 0, 1, 0}, "bga", 0, {1, 1, 0, 0}, 1, false},
	{"(2,C,1) both bad", {2, 0, 1, 0}, "bba", 0, {1, 1, 0, 0}, HALT, false},
	{"READY is loaded with a check", {1, 1, 0, 0}, "gba", 0, {1, 1, 0, 0}, HALT,
		false},
	{"a patch is the application's", {1, 2, 0, 0}, "gga", 0, {1, 2, 0, 0}, 1,
		false},
	{"pin, window 1", {1, 1, 0, 0}, "gga", BOOT_PICK_SAFE, {1, 1, 0, 1}, 1, true},
	{"pin, window 2", {1, 1, 0, 0}, "gga", BOOT_PICK_PREVIOUS, {1, 1, 0, 1}, 0,
		true},
	{"pin, window 2, previous is the broken one", {1, 0, 0, 0}, "gba",
		BOOT_PICK_PREVIOUS, {0, 1, 1, 1}, HALT, true},
	{"pin, window 3", {1, 1, 0, 0}, "gga", BOOT_PICK_FACTORY, {1, 1, 0, 1}, 0,
		true},
	{"safe boot asked for", {0, 1, 1, 2}, "gga", 0, {0, 1, 1, 1}, 0, true},
	{"and over", {0, 1, 1, 1}, "gga", 0, {0, 1, 1, 0}, 0, false},
};

static const struct row trial_rows[] = {
	{"READY", {1, 1, 0, 0}, "gga", 0, {1, 1, 0, 0}, 1, false},
	{"new, good", {1, 0, 0, 0}, "gga", 0, {1, 2, 0, 0}, 1, false},
	{"new, bad", {1, 0, 0, 0}, "gba", 0, {0, 1, 0, 0}, 0, false},
	{"new, torn", {2, 0, 1, 0}, "ggt", 0, {1, 1, 0, 0}, 1, false},
	{"not confirmed", {2, 2, 1, 0}, "ggg", 0, {1, 1, 0, 0}, 1, false},
	{"not confirmed, the one before is bad", {2, 2, 1, 0}, "gbg", 0, {0, 1, 0, 0},
		0, false},
	{"READY but bad", {2, 1, 1, 0}, "ggb", 0, {1, 1, 0, 0}, 1, false},
	{"READY but bad, and the one before", {2, 1, 1, 0}, "gbb", 0, {0, 1, 0, 0}, 0,
		false},
	{"any image is better than none", {1, 1, 0, 0}, "bbg", 0, {2, 1, 0, 0}, 2,
		false},
	{"nothing left", {1, 1, 0, 0}, "bta", 0, {1, 1, 0, 0}, HALT, false},
	{"unknown values", {7, 9, 9, 9}, "gga", 0, {0, 1, 0, 0}, 0, false},
	{"asked for the latest", {1, 1, 0, 2}, "gga", 0, {1, 1, 0, 0}, 1, true},
	{"asked for the latest, new", {1, 0, 0, 2}, "gga", 0, {1, 2, 0, 0}, 1, true},
	{"asked for the latest, on trial", {1, 2, 0, 2}, "gga", 0, {1, 2, 0, 0}, 1,
		true},
	{"asked for the one before", {2, 1, 1, 2}, "ggg", 0, {1, 2, 2, 0}, 1, true},
	{"asked for the factory's", {2, 1, 1, 1}, "ggg", 0, {0, 2, 2, 0}, 0, true},
	{"asked for a bad one", {2, 1, 1, 2}, "gbg", 0, {2, 1, 1, 0}, 2, false},
	{"asked back while one is pending", {2, 0, 1, 2}, "ggg", 0, {1, 1, 0, 0}, 1,
		true},
	{"pin, window 1", {1, 1, 0, 0}, "gga", BOOT_PICK_SAFE, {1, 1, 0, 0}, 1, true},
	{"pin, window 2", {2, 1, 1, 0}, "ggg", BOOT_PICK_PREVIOUS, {2, 1, 1, 0}, 1,
		true},
	{"pin, window 3", {2, 1, 1, 0}, "ggg", BOOT_PICK_FACTORY, {2, 1, 1, 0}, 0,
		true},
	{"pin, window 2, bad there", {2, 1, 1, 0}, "gbg", BOOT_PICK_PREVIOUS,
		{2, 1, 1, 0}, 2, true},
	{"pin, a new image keeps its trial", {2, 0, 1, 0}, "ggg", BOOT_PICK_PREVIOUS,
		{2, 0, 1, 0}, 1, true},
	{"pin, a new image begins it", {2, 0, 1, 0}, "ggg", BOOT_PICK_SAFE,
		{2, 2, 1, 0}, 2, true},
	{"the pin has the last word", {2, 1, 1, 1}, "ggg", BOOT_PICK_PREVIOUS,
		{2, 1, 1, 0}, 1, true},
};

static enum boot_image image_of(char letter)
{
	return letter == 'g'   ? BOOT_IMAGE_GOOD
	       : letter == 'b' ? BOOT_IMAGE_BAD
	       : letter == 't' ? BOOT_IMAGE_TORN
			       : BOOT_IMAGE_ABSENT;
}

static void test_table(enum wipy_boot_kind kind, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		struct boot_facts facts = {
			.has_record = true, .record = row->before, .pick = row->pick};
		struct boot_choice choice;

		for (int k = 0; k < BOOT_SLOT_COUNT; k++)
			facts.image[k] = image_of(row->images[k]);
		boot_select(kind, &facts, &choice);
		tap_ok(boot_record_equal(&choice.next, &row->after) &&
				choice.halt == (row->run == HALT) &&
				(choice.halt || (int)choice.run == row->run) &&
				choice.safe == row->safe && !choice.delete_image &&
				choice.write ==
					!boot_record_equal(&row->before, &row->after),
			"choice: %s", row->name);
	}
}

/* Every row again, with flash, checks and pin. */
static void test_sequence(
	const struct wipy_personality *family, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row *row = &rows[i];
		struct machine *machine =
			new_machine(family, &row->before, row->images);
		struct boot_record got;
		bool right;

		boot_with_pin(machine, row->pick);
		got = record_of(machine);
		right = boot_record_equal(&got, &row->after) && !machine->hal.misused;
		if (row->run == HALT)
			right = right && machine->board.state == WIPY_BOARD_HALTED;
		else
			right = right && machine->board.state == WIPY_BOARD_RUNNING &&
				(int)machine->board.running == row->run &&
				machine->board.safe_boot == row->safe &&
				strcmp(machine->board.fingerprint.tag,
					tags[row->run]) == 0;
		tap_ok(right, "boot: %s: %s", family->name, row->name);
		machine_free(machine);
	}
}

/* ---- Pycom's record on flash ----------------------------------------------------- */

static void test_info(void)
{
	static const uint8_t known[BOOT_INFO_LEN] = {
		2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2};
	struct boot_record record = {2, 0, 1, 2}, got = {0};
	uint8_t bytes[BOOT_INFO_LEN];

	/* the same sum of a known word (WIRE.md 5.6) */
	EQ_INT(crc32_more(0xFFFFFFFFu, "\1\0\0\0", 4), 0x4743989A, "the chip's CRC");
	boot_info_encode(&record, bytes);
	OK(memcmp(bytes, known, 36) == 0, "the words of a record");
	EQ_INT(boot_info_decode(bytes, &got), 0, "read back");
	OK(boot_record_equal(&record, &got), "the same");
	for (int i = 0; i < BOOT_INFO_LEN; i++) {
		bytes[i] ^= 0x20;
		EQ_INT(boot_info_decode(bytes, &got), -ENOENT, "a turned bit");
		bytes[i] ^= 0x20;
	}
	memset(bytes, 0xFF, sizeof(bytes));
	EQ_INT(boot_info_decode(bytes, &got), -ENOENT, "erased");
}

static void test_pycom_no_record(void)
{
	struct machine *machine = new_machine(&wipy_personality_pycom, NULL, "gga");
	struct boot_record got, want = {0, 1, 0, 0};

	machine_boot(machine);
	got = record_of(machine);
	OK(boot_record_equal(&got, &want), "no record: (0,R,0) is written");
	EQ_INT(machine->board.running, BOOT_FACTORY, "slot 0 runs");
	OK(machine->board.first_boot, "a first boot");
	machine->hal.flash[HAL_AREA_RECORD][36] ^= 1;
	machine_boot(machine);
	got = record_of(machine);
	OK(boot_record_equal(&got, &want), "wrong CRC: the same");
	machine_free(machine);
}

static void test_pycom_request(void)
{
	static const struct boot_record record = {0, 1, 1, 0};
	struct machine *machine = new_machine(&wipy_personality_pycom, &record, "gga");

	EQ_INT(boot_info_request_safe(&machine->hal), 0, "safe boot asked for");
	machine_boot(machine);
	OK(machine->board.safe_boot, "and given");
	EQ_INT(record_of(machine).extra, BOOT_INFO_SAFE_PIN, "noted");
	machine_boot(machine);
	OK(!machine->board.safe_boot, "once");
	EQ_INT(record_of(machine).extra, BOOT_INFO_SAFE_NONE, "and forgotten");
	machine_free(machine);
}

/* 100 ms instead of the WiPy's 500. */
static void test_pycom_debounce(void)
{
	static const struct {
		int held_ms;
		bool safe;
	} rows[] = {{0, false}, {99, false}, {100, false}, {101, true}};
	static const struct boot_record record = {0, 1, 1, 0};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct machine *machine =
			new_machine(&wipy_personality_pycom, &record, "gga");
		int64_t start = machine->hal.now_ms;

		machine->hal.pin = rows[i].held_ms > 0;
		machine_power(machine, HAL_RESET_POWER);
		while (machine->board.state == WIPY_BOARD_BOOTING) {
			machine->hal.pin =
				machine->hal.now_ms - start < rows[i].held_ms;
			wipy_board_step(&machine->board, machine->hal.now_ms);
			if (machine->board.boot.pin_due_ms > machine->hal.now_ms)
				machine->hal.now_ms++;
		}
		tap_ok(machine->board.safe_boot == rows[i].safe,
			"pycom: pin held for %d ms", rows[i].held_ms);
		machine_free(machine);
	}
}

static void test_others(void)
{
	static const struct wipy_personality *const others[] = {
		&wipy_personality_wipy, &wipy_personality_pycom};
	char text[WIPY_FINGERPRINT_MAX];

	for (size_t i = 0; i < COUNT(others); i++) {
		struct wipy_board board = {.personality = others[i]};

		EQ_INT(boot_trial_confirm(&board), -ENOSYS, others[i]->name);
		EQ_INT(boot_trial_confirm_text(&board, "v", 1), -ENOSYS,
			others[i]->name);
		EQ_INT(boot_trial_safeboot(&board, 1, true), -ENOSYS, others[i]->name);
		EQ_INT(boot_trial_slots(&board, 0, text, sizeof(text)), -ENOSYS,
			others[i]->name);
		EQ_INT(boot_trial_survey(&board), -ENOSYS, others[i]->name);
	}
}

static void test_names(void)
{
	static const char *const names[] = {"wipy", "pycom", "esp32", "esp8266"};

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct wipy_personality *row = wipy_personality_by_name(names[i]);

		OK(row != NULL && strcmp(row->name, names[i]) == 0, names[i]);
	}
	OK(wipy_personality_by_name("lopy") == NULL, "no such family");
}

int main(void)
{
	test_table(WIPY_BOOT_PYCOM, pycom_rows, COUNT(pycom_rows));
	test_table(WIPY_BOOT_TRIAL, trial_rows, COUNT(trial_rows));
	test_sequence(&wipy_personality_pycom, pycom_rows, COUNT(pycom_rows));
	test_sequence(&wipy_personality_esp32, trial_rows, COUNT(trial_rows));
	test_sequence(&wipy_personality_esp8266, trial_rows, COUNT(trial_rows));
	test_info();
	test_pycom_no_record();
	test_pycom_request();
	test_pycom_debounce();
	test_others();
	test_names();
	return tap_done();
}
