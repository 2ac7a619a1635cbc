/* SPDX-License-Identifier: MIT
 *
 * A board's life around its boot: first start, safe boot, images that cannot run,
 * watchdog. The choice of an image is tried row by row in test_boot_tables.c and
 * test_boot_kinds.c.
 */
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/fw_machine.h"

#define IMAGE_LEN 3044

static uint8_t images[BOOT_SLOT_COUNT][IMAGE_LEN];

static struct machine *new_machine(void)
{
	struct machine *machine = machine_new();

	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		machine_install(machine, boot_record_area(i), images[i], IMAGE_LEN);
	return machine;
}

static void put_record(struct machine *machine, uint8_t active, uint8_t status)
{
	struct boot_record record = {active, status, 0, 0};

	(void)!boot_record_write(&machine->hal, &record);
}

static bool led_is_on(const struct machine *machine)
{
	return machine->hal.led[machine->hal.led_count - 1].on;
}

static void test_first_boot(void)
{
	struct machine *machine = new_machine();

	machine_boot(machine);
	OK(machine->board.first_boot, "no record: a first boot");
	OK(!machine->board.safe_boot, "a normal one");
	EQ_STR(machine->board.fingerprint.tag, "v1.1", "of the factory image");
	machine_boot(machine);
	OK(!machine->board.first_boot, "the second boot is not the first");
	OK(!machine->hal.misused, "flash rules kept");
	machine_free(machine);
}

/* Held for a second: the latest image in safe boot, once (WIRE.md 3.3). */
static void test_safe_boot(void)
{
	struct machine *machine = new_machine();

	put_record(machine, BOOT_UPDATE1, BOOT_READY);
	machine->settings.user = "own";
	machine->settings.password = "secret";
	machine->hal.pin = true;
	machine_power(machine, HAL_RESET_POWER);
	machine_run(machine, 900);
	machine->hal.pin = false;
	machine_run(machine, 500);
	EQ_INT(machine->board.state, WIPY_BOARD_RUNNING, "safe boot runs");
	OK(machine->board.safe_boot, "safe");
	EQ_INT(machine->board.running, BOOT_UPDATE1, "the latest image");
	EQ_STR(machine->board.servers.user, "micro", "with the default user");
	EQ_STR(machine->board.servers.password, "python", "and password");
	machine_boot(machine);
	OK(!machine->board.safe_boot, "not stored");
	EQ_STR(machine->board.servers.user, "own", "its own user again");
	machine_free(machine);
}

static void test_no_fingerprint(void)
{
	struct machine *machine = machine_new();
	uint8_t bytes[500] = {1, 2, 3};

	machine_install(machine, HAL_AREA_FACTORY, bytes, sizeof(bytes));
	machine_boot(machine);
	EQ_INT(machine->board.state, WIPY_BOARD_HALTED,
		"an image without a fingerprint halts");
	OK(led_is_on(machine) && wipy_board_led(&machine->board, machine->hal.now_ms),
		"LED on");
	EQ_INT(machine_connect(machine, 23), -1, "and nobody listens");
	machine_free(machine);
}

static void test_crash(void)
{
	struct machine *machine = new_machine();
	struct boot_record record;

	put_record(machine, BOOT_UPDATE1, BOOT_CHECK);
	machine->hal.crash_area = HAL_AREA_UPDATE1;
	machine_boot(machine);
	machine_run(machine, 600000);
	EQ_INT(machine->board.state, WIPY_BOARD_HALTED, "a crashing image is dead");
	OK(!led_is_on(machine), "the LED stays as it was");
	(void)!boot_record_read(&machine->hal, &record);
	OK(record.active == BOOT_UPDATE1 && record.status == BOOT_READY,
		"and stays active: its MD5 is right");
	machine_free(machine);
}

static void test_fatal(void)
{
	struct machine *machine = new_machine();

	machine_boot(machine);
	wipy_board_fatal(&machine->board, machine->hal.now_ms);
	machine_run(machine, 60000);
	EQ_INT(machine->board.state, WIPY_BOARD_HALTED, "fatal: dead");
	OK(led_is_on(machine), "fatal: LED on");
	OK(!machine->hal.misused, "rules kept");
	machine_free(machine);
}

/* What the watchdog of a program sees (WIRE.md 3.6). */
static void test_watchdog(void)
{
	static const struct {
		const char *name;
		bool feeds;
		bool servers_die;
		enum hal_reset_cause want;
	} rows[] = {
		{"fed in time", true, false, HAL_RESET_POWER},
		{"not fed", false, false, HAL_RESET_WATCHDOG},
		{"fed, but the servers hang", true, true, HAL_RESET_WATCHDOG},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine *machine = new_machine();

		machine_boot(machine);
		wipy_board_watchdog(&machine->board, 2000);
		machine_run(machine, 500);
		for (int n = 0; n < 10; n++) {
			if (rows[i].feeds && machine->hal.watchdog_ms > 0)
				wipy_board_watchdog_feed(&machine->board);
			if (rows[i].servers_die && machine->hal.watchdog_ms > 0)
				machine->board.servers_dead = true;
			machine_run(machine, 1000);
		}
		EQ_INT(machine->hal.cause, rows[i].want, rows[i].name);
		EQ_INT(machine->board.state, WIPY_BOARD_RUNNING, rows[i].name);
		machine_free(machine);
	}
}

int main(void)
{
	static const char *const tags[BOOT_SLOT_COUNT] = {"v1.1", "v1.2", "v1.3"};

	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		machine_make_image(images[i], IMAGE_LEN, tags[i]);
	test_first_boot();
	test_safe_boot();
	test_no_fingerprint();
	test_crash();
	test_fatal();
	test_watchdog();
	return tap_done();
}
