/* SPDX-License-Identifier: MIT
 *
 * Trial boot and the slots as the running side sees them: confirmed, fallen back, reverted,
 * and power that fails at each flash operation of a boot, for every family.
 */
#include <errno.h>
#include <stdlib.h>

#include "tests/unit/boot_lives.h"

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

int main(void)
{
	test_worn_record();
	test_confirm();
	test_fall_back();
	test_crash();
	test_safeboot();
	test_revert();
	test_revert_plain();
	test_slots();
	test_survey_upload();
	test_slots_by_repl();
	test_cuts(&wipy_personality_esp32);
	test_cuts(&wipy_personality_esp8266);
	test_cuts(&wipy_personality_pycom);
	return tap_done();
}
