/* SPDX-License-Identifier: MIT
 *
 * The boot of the other families: Pycom's two slots (WIRE.md 3.4, 3.5) and the trial
 * boot of this project's own firmware. The choice as a table, then lives of boards.
 */
#include <errno.h>
#include <stdlib.h>

#include "firmware/core/boot_info.h"
#include "firmware/core/boot_trial.h"
#include "firmware/core/crc32.h"
#include "tests/tap.h"
#include "tests/unit/esp_fixture.h"
#include "tests/unit/fw_machine.h"

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

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

/* ---- machines -------------------------------------------------------------------- */

static const char *const tags[BOOT_SLOT_COUNT] = {"v1.1", "v1.2", "v1.3"};

static void put_image(struct machine *machine, enum boot_slot slot, char letter)
{
	enum hal_area area = boot_record_area(slot);
	struct esp_fixture want = {
		.esp32 = machine->personality->proof != WIPY_PROOF_ESP8266,
		.hash = true,
		.trailer = machine->personality->boot == WIPY_BOOT_TRIAL,
		.tag = tags[slot],
		.data_len = 1600};
	static uint8_t bytes[ESP_FIXTURE_MAX];
	size_t len = esp_fixture_make(&want, bytes);

	if (letter == 'a')
		return;
	bytes[400] ^= letter == 'b';
	machine_install(machine, area, bytes, len);
	/* torn: opened and never closed */
	if (letter == 't')
		memset(machine->hal.flash[area] + 4, 0xFF, 8);
}

static struct machine *new_machine(const struct wipy_personality *family,
	const struct boot_record *record, const char *images)
{
	struct machine *machine = machine_new();

	machine->personality = family;
	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		put_image(machine, (enum boot_slot)i, images[i]);
	if (record)
		(void)!boot_record_save(&machine->hal, family->boot, record);
	return machine;
}

static struct boot_record record_of(struct machine *machine)
{
	struct boot_record record = {9, 9, 9, 9};

	(void)!boot_record_load(&machine->hal, machine->personality->boot, &record);
	return record;
}

/* Held into the window of the pick. */
static void boot_with_pin(struct machine *machine, enum boot_pick pick)
{
	static const int held_ms[] = {0, 1000, 4000, 9000};

	machine_power(machine, HAL_RESET_POWER);
	for (int ms = 0; ms < 9500; ms += 50) {
		machine->hal.pin = ms < held_ms[pick];
		machine_run(machine, 50);
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

/* ---- trial boot from the running side -------------------------------------------- */

static void test_confirm(void)
{
	static const struct boot_record pending = {1, 0, 0, 0};
	struct machine *machine = new_machine(&wipy_personality_esp32, &pending, "gga");
	struct wipy_board *board = &machine->board;
	char text[WIPY_FINGERPRINT_MAX + 2];

	machine_boot(machine);
	EQ_INT(board->running, BOOT_UPDATE1, "the new image runs");
	EQ_INT(record_of(machine).status, BOOT_TRIAL, "on trial");
	machine_run(machine, 3600 * 1000);
	EQ_INT(board->running, BOOT_UPDATE1, "an hour later still");
	EQ_INT(record_of(machine).status, BOOT_TRIAL, "no timer decides");
	EQ_INT(boot_trial_confirm_text(board, "v1.2", 4), -EINVAL, "another name");
	EQ_INT(record_of(machine).status, BOOT_TRIAL, "confirms nothing");
	wipy_fingerprint_format(&board->fingerprint, text);
	strcat(text, "\r\n");
	EQ_INT(boot_trial_confirm_text(board, text, strlen(text)), 0, "its name");
	EQ_INT(record_of(machine).status, BOOT_READY, "confirms");
	EQ_INT(boot_trial_confirm(board), 0, "twice does no harm");
	machine_boot(machine);
	EQ_INT(board->running, BOOT_UPDATE1, "it stays");
	machine_free(machine);
}

static void test_fall_back(void)
{
	static const struct boot_record pending = {1, 0, 0, 0};
	struct machine *machine =
		new_machine(&wipy_personality_esp8266, &pending, "gga");

	machine_boot(machine);
	EQ_INT(machine->board.running, BOOT_UPDATE1, "the new image runs");
	machine_boot(machine);
	EQ_INT(machine->board.running, BOOT_FACTORY, "the first reset goes back");
	EQ_INT(record_of(machine).status, BOOT_READY, "for good");
	machine_free(machine);
}

/* Nobody has to come: the watchdog around a trial resets, and the reset falls back. */
static void test_crash(void)
{
	static const struct boot_record pending = {1, 0, 0, 0};
	struct machine *machine = new_machine(&wipy_personality_esp32, &pending, "gga");

	machine->hal.crash_area = HAL_AREA_UPDATE1;
	machine_boot(machine);
	EQ_INT(machine->board.state, WIPY_BOARD_HALTED, "the new image crashes");
	machine_run(machine, 120000);
	EQ_INT(machine->board.state, WIPY_BOARD_RUNNING, "the old one comes back");
	EQ_INT(machine->board.running, BOOT_FACTORY, "the factory's");
	EQ_INT(machine->hal.cause, HAL_RESET_WATCHDOG, "by the watchdog");
	machine_free(machine);
}

static void test_safeboot(void)
{
	static const struct {
		const char *name;
		int window;
		int want;
		enum boot_slot run, later;
	} rows[] = {
		{"latest", 1, 0, BOOT_UPDATE2, BOOT_UPDATE2},
		{"previous", 2, 0, BOOT_UPDATE1, BOOT_UPDATE2},
		{"factory", 3, 0, BOOT_FACTORY, BOOT_UPDATE2},
		{"no such window", 0, -EINVAL, BOOT_UPDATE2, BOOT_UPDATE2},
		{"nor this", 4, -EINVAL, BOOT_UPDATE2, BOOT_UPDATE2},
	};
	static const struct boot_record record = {2, 1, 1, 0};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct machine *machine =
			new_machine(&wipy_personality_esp32, &record, "ggg");
		struct wipy_board *board = &machine->board;

		machine_boot(machine);
		EQ_INT(boot_trial_safeboot(board, rows[i].window, true), rows[i].want,
			rows[i].name);
		machine_boot(machine);
		EQ_INT(board->running, rows[i].run, rows[i].name);
		EQ_INT(board->safe_boot, rows[i].want == 0, rows[i].name);
		machine_boot(machine);
		EQ_INT(board->running, rows[i].later, rows[i].name);
		OK(!board->safe_boot, rows[i].name);
		machine_free(machine);
	}
}

/* Confirmed in safe boot, the older image stays. */
static void test_revert(void)
{
	static const struct boot_record record = {2, 1, 1, 0};
	struct machine *machine = new_machine(&wipy_personality_esp32, &record, "ggg");
	struct wipy_board *board = &machine->board;

	machine_boot(machine);
	EQ_INT(boot_trial_safeboot(board, 2, true), 0, "asked for the one before");
	machine_boot(machine);
	EQ_INT(boot_trial_confirm(board), 0, "confirmed");
	machine_boot(machine);
	EQ_INT(board->running, BOOT_UPDATE1, "it stays");
	put_image(machine, BOOT_UPDATE2, 't');
	EQ_INT(boot_trial_safeboot(board, 2, true), -ENOENT, "a torn one is refused");
	machine_free(machine);
}

/* Asked for without safe mode it runs boot.py, and is on trial all the same. */
static void test_revert_plain(void)
{
	static const struct boot_record record = {2, 1, 1, 0};

	for (int confirmed = 0; confirmed < 2; confirmed++) {
		struct machine *machine =
			new_machine(&wipy_personality_esp32, &record, "ggg");
		struct wipy_board *board = &machine->board;

		machine_boot(machine);
		EQ_INT(boot_trial_safeboot(board, 2, false), 0, "plain: asked for");
		machine_boot(machine);
		EQ_INT(board->running, BOOT_UPDATE1, "plain: the one before");
		OK(!board->safe_boot, "plain: not in safe mode");
		EQ_INT(record_of(machine).status, BOOT_TRIAL, "plain: on trial");
		if (confirmed)
			EQ_INT(boot_trial_confirm(board), 0, "plain: confirmed");
		machine_boot(machine);
		EQ_INT(board->running, confirmed ? BOOT_UPDATE1 : BOOT_UPDATE2,
			"plain: confirmed it stays, otherwise it goes back");
		machine_free(machine);
	}
}

/* Each call reads a piece. */
static int survey(struct machine *machine)
{
	int err = -EAGAIN;

	for (int i = 0; i < 100 && err == -EAGAIN; i++) {
		size_t before = machine->hal.flash_read;

		err = boot_trial_survey(&machine->board);
		if (machine->hal.flash_read - before > 12000)
			return -E2BIG;
	}
	return err;
}

/* An upload that comes between two pieces has not been looked into. */
static void test_survey_upload(void)
{
	static const struct boot_record record = {2, 1, 1, 0};
	struct machine *machine = new_machine(&wipy_personality_esp32, &record, "ggg");
	struct wipy_board *board = &machine->board;
	char text[WIPY_FINGERPRINT_MAX] = "";

	machine_boot(machine);
	for (int i = 0; i < 5; i++)
		EQ_INT(boot_trial_survey(board), -EAGAIN, "goes on");
	put_image(machine, BOOT_FACTORY, 'b');
	board->stats.stors++;
	EQ_INT(survey(machine), 0, "begun anew");
	EQ_INT(boot_trial_slots(board, 0, text, sizeof(text)), 3, "what is there now");
	EQ_STR(text, "bad", "as it is");
	put_image(machine, BOOT_UPDATE1, 't');
	EQ_INT(boot_trial_slots(board, 1, text, sizeof(text)), 4, "torn since");
	boot_trial_survey_end(board);
	put_image(machine, BOOT_FACTORY, 'g');
	EQ_INT(survey(machine), 0, "the next one");
	OK(boot_trial_slots(board, 0, text, sizeof(text)) > 4, "believes nothing old");
	machine_free(machine);
}

/* wipy.slots() takes many steps; Ctrl-C ends it, telnet goes on beside it. */
static void test_slots_by_repl(void)
{
	static const struct boot_record record = {1, 1, 0, 0};
	static const char *const says[] = {
		"micro\r", "python\r", "import wipy\r", "wipy.slots()\r"};
	struct machine *machine = new_machine(&wipy_personality_esp32, &record, "gba");
	struct hal *hal = &machine->hal;
	size_t longest = 0;
	int conn;

	machine_boot(machine);
	conn = machine_connect(machine, 23);
	for (size_t i = 0; i < COUNT(says); i++) {
		machine_run(machine, 50);
		machine_hear(machine, conn);
		machine_say(machine, conn, says[i]);
	}
	for (int i = 0; i < 500; i++) {
		hal->flash_read = 0;
		(void)wipy_board_step(&machine->board, hal->now_ms);
		longest = hal->flash_read > longest ? hal->flash_read : longest;
	}
	machine_run(machine, 50);
	OK(strstr(machine_hear(machine, conn),
		   "('v1.1 on 2021-01-12; WiPy with ESP32', 'bad', 'empty')\r\n"),
		"wipy.slots()");
	OK(longest > 1000 && longest < 12000, "a piece at each step");
	OK(!machine->board.survey.begun, "and nothing is kept");
	machine_say(machine, conn, "wipy.slots()\r");
	while (!machine->board.survey.begun)
		(void)wipy_board_step(&machine->board, hal->now_ms);
	repl_interrupt(&machine->board); /* as Ctrl-C does, within this millisecond */
	machine_run(machine, 50);
	OK(strstr(machine_hear(machine, conn), "KeyboardInterrupt"), "interrupted");
	machine_free(machine);
}

static void test_slots(void)
{
	static const struct boot_record record = {1, 1, 0, 0};
	static const char *const images[] = {"gba", "tgg"};
	static const char *const want[2][BOOT_SLOT_COUNT] = {
		{"v1.1 on 2021-01-12; WiPy with ESP32", "bad", "empty"},
		{"torn", "v1.2 on 2021-01-12; WiPy with ESP32",
			"v1.3 on 2021-01-12; WiPy with ESP32"}};
	char text[WIPY_FINGERPRINT_MAX];

	for (int m = 0; m < 2; m++) {
		struct machine *machine =
			new_machine(&wipy_personality_esp32, &record, images[m]);

		machine_boot(machine);
		EQ_INT(survey(machine), 0, "all slots are looked into");
		for (int i = 0; i < BOOT_SLOT_COUNT; i++) {
			EQ_INT(boot_trial_slots(&machine->board, i, text, sizeof(text)),
				(int)strlen(want[m][i]), "length");
			EQ_STR(text, want[m][i], "slot");
		}
		EQ_INT(boot_trial_slots(&machine->board, 3, text, sizeof(text)),
			-EINVAL, "no such slot");
		EQ_INT(boot_trial_slots(&machine->board, -1, text, sizeof(text)),
			-EINVAL, "nor this");
		EQ_INT(boot_trial_slots(&machine->board, 0, text, 3), -ENOSPC,
			"too short a buffer");
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

/* Power cut at every flash operation of a boot with each record (and of the call that
 * wrote it): what runs has passed its check. */
static void test_cuts(const struct wipy_personality *family)
{
	int wrong = 0, cuts = 0;

	for (uint8_t active = 0; active < 3; active++) {
		for (uint8_t status = 0; status < 3; status++) {
			for (int cut = 1; cut <= 3; cut++) {
				struct boot_record record = {
					active, status, (uint8_t)((active + 1) % 3), 0};
				struct machine *machine =
					new_machine(family, &record, "ggg");

				machine_power(machine, HAL_RESET_POWER);
				machine->hal.flash_left = cut;
				machine_run(machine, 400);
				cuts += machine->hal.flash_left == 0;
				machine_boot(machine);
				wrong += machine->board.state != WIPY_BOARD_RUNNING;
				machine->hal.flash_left = cut;
				(void)!boot_trial_safeboot(&machine->board, 3, true);
				(void)!boot_trial_confirm(&machine->board);
				machine_boot(machine);
				wrong += machine->board.state != WIPY_BOARD_RUNNING;
				machine_free(machine);
			}
		}
	}
	tap_ok(wrong == 0 && cuts > 0, "%s: power cut in %d boots", family->name, cuts);
}

/* A record that cannot be written: a trial that nobody would remember does not begin,
 * and what was proven before runs. */
static void test_worn_record(void)
{
	struct boot_record pending = {BOOT_UPDATE1, BOOT_CHECK, BOOT_FACTORY, 0};
	struct machine *machine = new_machine(&wipy_personality_esp32, &pending, "ggg");

	machine_power(machine, HAL_RESET_POWER);
	machine->hal.flash_left = 1;
	machine_run(machine, 400);
	EQ_INT(machine->board.state, WIPY_BOARD_RUNNING, "a worn record: it runs");
	EQ_INT(machine->board.running, BOOT_FACTORY, "a worn record: the image before");
	machine_free(machine);
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
	test_worn_record();
	test_info();
	test_pycom_no_record();
	test_pycom_request();
	test_pycom_debounce();
	test_confirm();
	test_fall_back();
	test_crash();
	test_safeboot();
	test_revert();
	test_revert_plain();
	test_slots();
	test_survey_upload();
	test_slots_by_repl();
	test_others();
	test_cuts(&wipy_personality_esp32);
	test_cuts(&wipy_personality_esp8266);
	test_cuts(&wipy_personality_pycom);
	test_names();
	return tap_done();
}
