/* SPDX-License-Identifier: MIT
 *
 * A board's life around its boot: first start, safe boot, images that cannot run,
 * watchdog. The choice of an image is tried row by row in test_boot_tables.c and
 * test_boot_kinds.c.
 */
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/esp_fixture.h"
#include "tests/unit/fw_machine.h"

#define IMAGE_LEN 3044

static uint8_t images[BOOT_SLOT_COUNT][IMAGE_LEN];

/* Good images of the family in all slots. */
static struct machine *new_machine(const struct wipy_personality *family)
{
	struct machine *machine = machine_new();
	struct esp_fixture want = {.esp32 = family->proof != WIPY_PROOF_ESP8266,
		.hash = true,
		.tag = "v1.4",
		.data_len = 2400};
	static uint8_t bytes[ESP_FIXTURE_MAX];
	size_t len = esp_fixture_make(&want, bytes);

	machine->personality = family;
	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		if (family->proof == WIPY_PROOF_MD5)
			machine_install(
				machine, boot_record_area(i), images[i], IMAGE_LEN);
		else
			machine_install(machine, boot_record_area(i), bytes, len);
	return machine;
}

static void put_record(struct machine *machine, uint8_t active, uint8_t status)
{
	struct boot_record record = {active, status, 0, 0};

	(void)!boot_record_save(&machine->hal, machine->personality->boot, &record);
}

static bool led_is_on(const struct machine *machine)
{
	return machine->hal.led[machine->hal.led_count - 1].on;
}

static void test_first_boot(void)
{
	struct machine *machine = new_machine(&wipy_personality_wipy);

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
	struct machine *machine = new_machine(&wipy_personality_wipy);

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

/* ---- the network of a safe boot -------------------------------------------------- */

static const char *ask(struct machine *machine, int conn, const char *text)
{
	machine_hear(machine, conn);
	machine_say(machine, conn, text);
	machine_run(machine, 50);
	return machine_hear(machine, conn);
}

static int log_in(struct machine *machine)
{
	int conn = machine_connect(machine, 23);

	machine_run(machine, 50);
	ask(machine, conn, "micro\r");
	ask(machine, conn, "python\r");
	return conn;
}

static void put_boot_py(struct machine *machine, const char *text)
{
	struct files *files = &machine->board.files;
	int file = files_open(files, "/flash/boot.py", FILES_WRITE);

	if (file < 0 || files_write(files, file, text, strlen(text)) < 0 ||
		files_close(files, file) < 0)
		abort();
}

/* boot.py is skipped, so nothing would make the board leave the network it was in: safe
 * boot makes it an access point of its own (WIRE.md 3.3). */
static void test_safe_network(const struct wipy_personality *family, const char *ssid)
{
	struct machine *machine = new_machine(family);
	int conn;

	put_record(machine, BOOT_UPDATE1, BOOT_READY);
	machine_boot(machine);
	put_boot_py(machine, "import network\n"
			     "network.WLAN(mode=network.WLAN.STA, ssid='own')\n");
	machine_boot(machine);
	machine_run(machine, 100);
	EQ_INT(machine->hal.wlan.mode, HAL_WLAN_STA, "boot.py joins a network");
	machine->hal.pin = true;
	machine_power(machine, HAL_RESET_POWER);
	machine_run(machine, 900);
	machine->hal.pin = false;
	machine_run(machine, 500);
	OK(machine->board.state == WIPY_BOARD_RUNNING && machine->board.safe_boot,
		family->name);
	EQ_INT(machine->hal.wlan.mode, HAL_WLAN_AP, "safe boot is one");
	conn = log_in(machine);
	ask(machine, conn, "import network; w = network.WLAN()\r");
	OK(strstr(ask(machine, conn, "w.mode() == w.AP\r"), "\r\nTrue\r\n"),
		"as the REPL says");
	OK(strstr(ask(machine, conn, "w.ssid()\r"), ssid), "with its own name");
	OK(!machine_ended(machine, conn), "the servers are not started twice");
	machine_free(machine);
}

/* ---- steps ------------------------------------------------------------------------ */

/* Whatever the size of an image, no step reads much of it. */
static void test_short_steps(void)
{
	static uint8_t image[190000];
	struct machine *machine = machine_new();
	struct hal *hal = &machine->hal;
	size_t longest = 0, all = 0;

	machine_make_image(image, sizeof(image), "v1.5");
	machine_install(machine, HAL_AREA_FACTORY, image, sizeof(image));
	put_record(machine, BOOT_FACTORY, BOOT_READY);
	machine_power(machine, HAL_RESET_POWER);
	while (machine->board.fingerprint.tag[0] == '\0' && all < 1000000) {
		hal->flash_read = 0;
		(void)wipy_board_step(&machine->board, hal->now_ms);
		longest = hal->flash_read > longest ? hal->flash_read : longest;
		all += hal->flash_read + 1;
	}
	EQ_STR(machine->board.fingerprint.tag, "v1.5", "found in the end");
	OK(longest < 20000 && all > sizeof(image) / 2, "a piece at each step");
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
	struct machine *machine = new_machine(&wipy_personality_wipy);
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

/* Flash that cannot be read says nothing about what is on it: nothing is written or
 * deleted, and what can be read is started. */
static void test_unreadable(void)
{
	static const struct {
		const struct wipy_personality *family;
		const char *name;
		enum hal_area area;
		enum boot_slot runs;
	} rows[] = {
#define WIPY  &wipy_personality_wipy
#define PYCOM &wipy_personality_pycom
#define ESP32 &wipy_personality_esp32
		{WIPY, "record", HAL_AREA_RECORD, BOOT_FACTORY},
		{WIPY, "pending image", HAL_AREA_UPDATE1, BOOT_FACTORY},
		{WIPY, "another image", HAL_AREA_UPDATE2, BOOT_UPDATE1},
		{PYCOM, "pycom, record", HAL_AREA_RECORD, BOOT_FACTORY},
		{PYCOM, "pycom, pending image", HAL_AREA_UPDATE1, BOOT_FACTORY},
		{PYCOM, "pycom, another image", HAL_AREA_FACTORY, BOOT_UPDATE1},
		{ESP32, "trial, record", HAL_AREA_RECORD, BOOT_FACTORY},
		{ESP32, "trial, pending image", HAL_AREA_UPDATE1, BOOT_FACTORY},
		/* a trial that cannot be noted does not begin */
		{ESP32, "trial, another image", HAL_AREA_UPDATE2, BOOT_FACTORY},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine *machine = new_machine(rows[i].family);

		put_record(machine, BOOT_UPDATE1, BOOT_CHECK);
		machine->hal.unreadable[rows[i].area] = true;
		machine->hal.flash_count = 0;
		machine_power(machine, HAL_RESET_POWER);
		while (machine->board.state == WIPY_BOARD_BOOTING)
			machine_run(machine, 1);
		EQ_INT(machine->hal.flash_count, 0, rows[i].name);
		EQ_INT(machine->board.running, rows[i].runs, rows[i].name);
		OK(!machine->board.first_boot, rows[i].name);
		machine->hal.unreadable[rows[i].area] = false;
		machine_boot(machine);
		EQ_INT(machine->board.running, BOOT_UPDATE1, "read again: it runs");
		machine_free(machine);
	}
}

/* A single failure is not even noticed, wherever it comes. */
static void test_read_retried(void)
{
	for (int read = 1; read <= 12; read++) {
		struct machine *machine = new_machine(&wipy_personality_wipy);

		put_record(machine, BOOT_UPDATE1, BOOT_CHECK);
		machine_power(machine, HAL_RESET_POWER);
		machine->hal.reads_left = read;
		while (machine->board.state == WIPY_BOARD_BOOTING)
			machine_run(machine, 1);
		EQ_INT(machine->board.running, BOOT_UPDATE1, "one read failed");
		OK(slot_state(&machine->hal, HAL_AREA_UPDATE1, NULL) == SLOT_WHOLE,
			"and nothing was deleted");
		machine_free(machine);
	}
}

static void test_fatal(void)
{
	struct machine *machine = new_machine(&wipy_personality_wipy);

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
		struct machine *machine = new_machine(&wipy_personality_wipy);

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
	test_safe_network(&wipy_personality_wipy, "'wipy-wlan-3456'");
	test_safe_network(&wipy_personality_pycom, "'pycom-wlan-3456'");
	test_safe_network(&wipy_personality_esp32, "'esp32-wlan-3456'");
	test_short_steps();
	test_no_fingerprint();
	test_crash();
	test_unreadable();
	test_read_retried();
	test_fatal();
	test_watchdog();
	return tap_done();
}
