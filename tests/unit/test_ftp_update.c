/* SPDX-License-Identifier: MIT
 *
 * FTP server: uploads under special names. Every ending of an upload with the boot
 * record after it, the trap of an update left open, confirmation.
 */
#include <stdio.h>

#include "firmware/core/boot_record.h"
#include "tests/tap.h"
#include "tests/unit/esp_fixture.h"
#include "tests/unit/ftp_session.h"

#define TRIAL_STOR "STOR /flash/sys/appimg.bin\r\n"

static uint8_t image[FTP_IMAGE];

static void test_wrong_names(void)
{
	static const char *const names[] = {"/flash/sys/MCUIMG.BIN",
		"/flash/SYS/mcuimg.bin", "/flash//sys/mcuimg.bin", "/flash/mcuimg.bin"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct machine *machine = ftp_board();
		int conn = ftp_log_in(machine);
		char command[80];

		snprintf(command, sizeof(command), "STOR %s\r\n", names[i]);
		EQ_STR(ftp_store(machine, conn, command, image, 2000), "226 \r\n",
			names[i]);
		EQ_INT(slot_state(&machine->hal, HAL_AREA_UPDATE1, NULL), SLOT_ABSENT,
			names[i]);
		snprintf(command, sizeof(command), "SIZE %s\r\n", names[i]);
		EQ_STR(ftp_ask(machine, conn, command), "213 2000\r\n",
			"a plain file of that name");
		machine_free(machine);
	}
}

/* Where the names meet after joining it is the image: a slash at the end, a folder. */
static void test_right_names(void)
{
	static const char *const folders[] = {"/", "/flash/sys", "/flash"};
	static const char *const names[] = {
		"/flash/sys/mcuimg.bin/", "mcuimg.bin", "sys/mcuimg.bin"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct machine *machine = ftp_board();
		int conn = ftp_log_in(machine);
		char command[80];

		snprintf(command, sizeof(command), "CWD %s\r\n", folders[i]);
		EQ_STR(ftp_ask(machine, conn, command), "250 \r\n", folders[i]);
		snprintf(command, sizeof(command), "STOR %s\r\n", names[i]);
		EQ_STR(ftp_store(machine, conn, command, image, 2000), "226 \r\n",
			names[i]);
		EQ_INT(slot_state(&machine->hal, HAL_AREA_UPDATE1, NULL), SLOT_WHOLE,
			names[i]);
		EQ_STR(ftp_ask(machine, conn, "SIZE /flash/sys/mcuimg.bin\r\n"),
			"550 \r\n", "no file of that name is there");
		machine_free(machine);
	}
}

/* ---- every ending --------------------------------------------------------------- */

enum ending {
	END_FIN,
	END_RST,
	END_STALL,
	END_CONTROL,
	END_OVERSIZE,
	END_EMPTY,
	END_POWER
};

static void test_ending(const char *name, enum ending ending, const char *reply,
	enum boot_slot active, enum slot_state state)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);
	static uint8_t big[196609];
	struct boot_record record = {9, 9, 9, 9};

	EQ_STR(ftp_ask(machine, conn, FTP_STOR), "150 \r\n", name);
	if (ending == END_OVERSIZE)
		machine_send(machine, data, big, sizeof(big));
	else if (ending != END_EMPTY)
		machine_send(machine, data, image, 5000);
	machine_run(machine, 10);
	if (ending == END_CONTROL) {
		machine_shut(machine, conn);
		machine_run(machine, 100);
		machine_send(machine, data, image, 1000);
	}
	if (ending == END_RST)
		machine_reset_conn(machine, data);
	else if (ending == END_POWER)
		machine_power(machine, HAL_RESET_POWER);
	else if (ending != END_STALL && ending != END_OVERSIZE)
		machine_shut(machine, data);
	machine_run(machine, ending == END_STALL ? 5100 : 500);
	EQ_STR(machine_hear(machine, conn), reply, name);
	EQ_INT(boot_record_read(&machine->hal, &record), 0, name);
	EQ_INT(record.active, active, name);
	EQ_INT(record.status, active == BOOT_FACTORY ? BOOT_READY : BOOT_CHECK, name);
	EQ_INT(slot_state(&machine->hal, HAL_AREA_UPDATE1, NULL), state, name);
	OK(machine_ended(machine, data) && !machine->hal.misused, name);
	machine_free(machine);
}

static void test_endings(void)
{
	test_ending("FIN", END_FIN, "226 \r\n", BOOT_UPDATE1, SLOT_WHOLE);
	test_ending("RST", END_RST, "226 \r\n", BOOT_UPDATE1, SLOT_WHOLE);
	test_ending("stall", END_STALL, "426 \r\n", BOOT_UPDATE1, SLOT_WHOLE);
	test_ending(
		"control closed", END_CONTROL, "226 \r\n", BOOT_UPDATE1, SLOT_WHOLE);
	test_ending("oversize", END_OVERSIZE, "451 \r\n", BOOT_UPDATE1, SLOT_WHOLE);
	test_ending("empty", END_EMPTY, "226 \r\n", BOOT_UPDATE1, SLOT_WHOLE);
	test_ending("power cut", END_POWER, "", BOOT_FACTORY, SLOT_TORN);
}

static void test_again_after_426(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);
	size_t len = 0;

	ftp_ask(machine, conn, FTP_STOR);
	machine_send(machine, data, image, 100);
	machine_run(machine, 5100);
	EQ_STR(machine_hear(machine, conn), "426 \r\n", "426");
	machine_drop(machine, data);
	data = ftp_open_data(machine, conn);
	EQ_STR(ftp_ask(machine, conn, FTP_STOR), "150 \r\n",
		"the same session uploads again");
	machine_send(machine, data, image, sizeof(image));
	machine_shut(machine, data);
	machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "226");
	slot_state(&machine->hal, HAL_AREA_UPDATE1, &len);
	EQ_INT(len, sizeof(image), "into the same slot");
	machine_free(machine);
}

static void test_gap(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);

	ftp_ask(machine, conn, FTP_STOR);
	for (int i = 0; i < 4; i++) {
		machine_send(machine, data, image, 100);
		machine_run(machine, 4900);
	}
	machine_shut(machine, data);
	machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "gaps of 4.9 s are survived");
	machine_free(machine);
}

/* STOR without data connection leaves the update open (WIRE.md 2.11, 0.4): what ends
 * it, and what does not. */
static const struct {
	const char *say, *hear;
	bool ends;
} after_open[] = {
	{"PWD\r\n", "257 /\r\n", false},
	{"LIST\r\n", "150 \r\n", false},
	{"CWD /flash\r\n", "250 \r\n", false},
	{"SIZE none\r\n", "550 \r\n", true},
	{"RETR none\r\n", "550 \r\n", true},
	{"QUIT\r\n", "221 \r\n", true},
};

static bool is_flipped(struct machine *machine)
{
	struct boot_record record = {0};

	return boot_record_read(&machine->hal, &record) == 0 &&
	       record.active == BOOT_UPDATE1 && record.status == BOOT_CHECK;
}

static void test_open_update(void)
{
	for (size_t i = 0; i < sizeof(after_open) / sizeof(after_open[0]); i++) {
		struct machine *machine = ftp_board();
		int conn = ftp_log_in(machine);
		size_t len = 9;

		EQ_STR(ftp_ask(machine, conn, FTP_STOR), "150 \r\n",
			"STOR without data connection");
		OK(!is_flipped(machine), "nothing is flipped yet");
		EQ_INT(slot_state(&machine->hal, HAL_AREA_UPDATE1, NULL), SLOT_TORN,
			"the slot is open");
		EQ_STR(ftp_ask(machine, conn, after_open[i].say), after_open[i].hear,
			after_open[i].say);
		EQ_INT(is_flipped(machine), after_open[i].ends, after_open[i].say);
		if (after_open[i].ends) {
			slot_state(&machine->hal, HAL_AREA_UPDATE1, &len);
			EQ_INT(len, 0, "with an empty slot");
		}
		machine_free(machine);
	}
}

/* The client goes, the data timer runs out: both end it too. */
static void test_open_update_left(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine);

	ftp_ask(machine, conn, FTP_STOR);
	machine_shut(machine, conn);
	machine_run(machine, 5);
	OK(is_flipped(machine), "closing the session flips");
	machine_free(machine);
	machine = ftp_board();
	conn = ftp_log_in(machine);
	ftp_ask(machine, conn, FTP_STOR);
	ftp_open_data(machine, conn);
	machine_run(machine, 5020);
	OK(is_flipped(machine), "a data connection that goes unused flips");
	machine_free(machine);
	machine = ftp_board();
	conn = ftp_log_in(machine);
	ftp_ask(machine, conn, FTP_STOR);
	ftp_fetch(machine, conn, "LIST\r\n");
	OK(!is_flipped(machine), "a listing does not");
	ftp_ask(machine, conn, "QUIT\r\n");
	OK(is_flipped(machine), "and QUIT still does");
	machine_free(machine);
}

/* A second STOR waits for the lock that the first one holds: the task that serves
 * telnet and FTP is dead. */
static void test_dead_servers(void)
{
	static const char *const firsts[] = {FTP_STOR, "STOR /flash/cert/ca.pem\r\n"};
	static const char *const seconds[] = {
		"STOR /flash/x\r\n", FTP_STOR, "STOR /flash/cert/cert.pem\r\n"};

	for (size_t i = 0; i < 6; i++) {
		struct machine *machine = ftp_board();
		int conn = ftp_log_in(machine), data;

		EQ_STR(ftp_ask(machine, conn, firsts[i / 3]), "150 \r\n",
			firsts[i / 3]);
		data = ftp_open_data(machine, conn);
		EQ_STR(ftp_ask(machine, conn, seconds[i % 3]), "",
			"a second STOR hangs");
		machine_run(machine, 10000);
		EQ_STR(ftp_ask(machine, conn, "QUIT\r\n"), "", "the servers for good");
		OK(!machine_ended(machine, conn) && !machine_ended(machine, data),
			"nothing is closed");
		conn = machine_connect(machine, 23);
		machine_run(machine, 10000);
		EQ_STR(machine_hear(machine, conn), "", "telnet too");
		OK(!is_flipped(machine), "the record is as it was");
		machine_free(machine);
	}
}

/* Families without that lock: the bytes of any file go to the open slot. */
static void test_into_open_slot(void)
{
	struct wipy_personality other = wipy_personality_wipy;
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine);
	size_t len = 0;

	other.update_locks = false;
	machine->board.personality = &other;
	ftp_ask(machine, conn, FTP_STOR);
	EQ_STR(ftp_store(machine, conn, "STOR /flash/x\r\n", image, 5000), "226 \r\n",
		"a plain STOR");
	OK(is_flipped(machine), "ends the update");
	slot_state(&machine->hal, HAL_AREA_UPDATE1, &len);
	EQ_INT(len, 5000, "which has its bytes");
	EQ_STR(ftp_ask(machine, conn, "SIZE /flash/x\r\n"), "213 0\r\n",
		"the file has none");
	ftp_ask(machine, conn, FTP_STOR);
	EQ_STR(ftp_store(machine, conn, FTP_STOR, image, sizeof(image)), "226 \r\n",
		"the image itself");
	slot_state(&machine->hal, HAL_AREA_UPDATE1, &len);
	EQ_INT(len, sizeof(image), "begins anew");
	machine_free(machine);
}

/* ---- trial boot ------------------------------------------------------------------ */

/* A board whose unconfirmed images fall back, with its factory image alone. */
static struct machine *trial_board(void)
{
	static uint8_t factory[ESP_FIXTURE_MAX];
	struct machine *machine = machine_new();
	struct esp_fixture want = {
		.esp32 = true, .hash = true, .tag = "v1.8.6", .data_len = 4800};
	size_t len = esp_fixture_make(&want, factory);

	machine->personality = &wipy_personality_esp32;
	machine_install(machine, HAL_AREA_FACTORY, factory, len);
	machine_boot(machine);
	return machine;
}

static bool is_pending(struct machine *machine)
{
	struct boot_record record = {0};

	return boot_record_load(&machine->hal, WIPY_BOOT_TRIAL, &record) == 0 &&
	       record.status == BOOT_CHECK;
}

/* Without data connection there is nothing to wait for: no update stays open, whatever
 * comes next. */
static void test_trial_without_data(void)
{
	static const char *const nexts[] = {"PWD\r\n", "LIST\r\n", "SIZE none\r\n",
		"RETR none\r\n", "QUIT\r\n", TRIAL_STOR};

	for (size_t i = 0; i < sizeof(nexts) / sizeof(nexts[0]); i++) {
		struct machine *machine = trial_board();
		int conn = ftp_log_in(machine);

		EQ_STR(ftp_ask(machine, conn, TRIAL_STOR), "150 \r\n", "STOR alone");
		OK(!machine->board.updater.open, "nothing stays open");
		ftp_ask(machine, conn, nexts[i]);
		machine_shut(machine, conn);
		machine_run(machine, 11000);
		OK(!is_pending(machine), nexts[i]);
		machine_free(machine);
	}
}

/* The bytes of the next file are its own, and the next update is one like any other. */
static void test_trial_goes_on(void)
{
	struct machine *machine = trial_board();
	int conn = ftp_log_in(machine);
	size_t len = 0;

	ftp_ask(machine, conn, TRIAL_STOR);
	EQ_STR(ftp_store(machine, conn, "STOR /flash/x\r\n", image, 5000), "226 \r\n",
		"a plain STOR");
	EQ_STR(ftp_ask(machine, conn, "SIZE /flash/x\r\n"), "213 5000\r\n",
		"has its bytes");
	OK(!is_pending(machine), "and is no update");
	EQ_STR(ftp_store(machine, conn, TRIAL_STOR, image, sizeof(image)), "226 \r\n",
		"the image");
	slot_state(&machine->hal, HAL_AREA_UPDATE1, &len);
	EQ_INT(len, sizeof(image), "is in its slot");
	OK(is_pending(machine), "and pending");
	machine_free(machine);
}

/* A data connection over which not a byte came. */
static void test_trial_empty(void)
{
	static const struct {
		const char *name;
		enum ending ending;
		const char *reply;
	} rows[] = {
		{"FIN", END_EMPTY, "226 \r\n"},
		{"RST", END_RST, "226 \r\n"},
		{"stall", END_STALL, "426 \r\n"},
		{"the session ends", END_CONTROL, "226 \r\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine *machine = trial_board();
		int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);

		EQ_STR(ftp_ask(machine, conn, TRIAL_STOR), "150 \r\n", rows[i].name);
		if (rows[i].ending == END_CONTROL)
			machine_shut(machine, conn);
		if (rows[i].ending == END_RST)
			machine_reset_conn(machine, data);
		else if (rows[i].ending != END_STALL)
			machine_shut(machine, data);
		machine_run(machine, rows[i].ending == END_STALL ? 10100 : 500);
		EQ_STR(machine_hear(machine, conn), rows[i].reply, rows[i].name);
		OK(!is_pending(machine), "no empty image is booted");
		OK(machine_ended(machine, data) && !machine->hal.misused, rows[i].name);
		machine_free(machine);
	}
}

/* ---- the other special names ---------------------------------------------------- */

/* A text of its own confirms a trial boot. Nothing can be confirmed on this board, so
 * each text is refused; what is tested is what the server does with it. */
static void test_confirm(void)
{
	static const struct wipy_special specials[] = {
		{"/flash/sys/confirm", 64, WIPY_SPECIAL_CONFIRM},
		{NULL, 0, WIPY_SPECIAL_AUX}};
	struct wipy_personality other = wipy_personality_wipy;
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data;

	other.specials = specials;
	machine->board.personality = &other;
	data = ftp_open_data(machine, conn);
	EQ_STR(ftp_ask(machine, conn, "STOR /flash/sys/confirm\r\n"), "150 \r\n",
		"STOR of a confirmation");
	machine_say(machine, data, "v1.8.6 on ");
	machine_say(machine, data, "2017-01-08");
	machine_run(machine, 5);
	EQ_INT(machine->board.ftp.block_len, 20, "is gathered");
	EQ_STR((const char *)machine->board.ftp.block, "v1.8.6 on 2017-01-08", "whole");
	machine_shut(machine, data);
	machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "451 \r\n", "another image runs");
	machine_drop(machine, data);
	data = ftp_open_data(machine, conn);
	ftp_ask(machine, conn, "STOR /flash/sys/confirm\r\n");
	machine_send(machine, data, image, 65);
	machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "451 \r\n", "too long a text");
	EQ_STR(ftp_ask(machine, conn, "SIZE /flash/sys/confirm\r\n"), "550 \r\n",
		"no file of that name is there");
	machine_free(machine);
}

/* The whole way: upload, reset over telnet, the new banner, and back by a bad image. */
static void test_update(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);

	ftp_ask(machine, conn, FTP_STOR);
	machine->hal.single_bytes = true;
	machine_send(machine, data, image, sizeof(image));
	machine_shut(machine, data);
	machine_run(machine, 100);
	machine->hal.single_bytes = false;
	machine_hear(machine, conn);
	ftp_ask(machine, conn, "QUIT\r\n");
	conn = machine_connect(machine, 23);
	machine_run(machine, 20);
	OK(strstr(machine_hear(machine, conn), "v1.8.6 on"), "the old image runs on");
	machine_say(machine, conn, "micro\r");
	machine_run(machine, 50);
	machine_say(machine, conn, "python\r");
	machine_run(machine, 50);
	machine_say(machine, conn, "import machine\r");
	machine_run(machine, 50);
	machine_say(machine, conn, "machine.reset()\r");
	machine_run(machine, 50);
	OK(machine_ended(machine, conn), "the reset ends the connection");
	EQ_INT(machine_connect(machine, 23), -1, "nobody listens while it boots");
	machine_run(machine, 400);
	conn = machine_connect(machine, 23);
	machine_run(machine, 20);
	OK(strstr(machine_hear(machine, conn), "v1.8.7 on"), "the new image runs");
	machine_free(machine);
}

int main(void)
{
	machine_make_image(image, sizeof(image), "v1.8.7");
	test_wrong_names();
	test_right_names();
	test_endings();
	test_again_after_426();
	test_gap();
	test_open_update();
	test_open_update_left();
	test_dead_servers();
	test_into_open_slot();
	test_trial_without_data();
	test_trial_goes_on();
	test_trial_empty();
	test_confirm();
	test_update();
	return tap_done();
}
