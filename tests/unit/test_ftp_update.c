/* SPDX-License-Identifier: MIT
 *
 * FTP server: uploads under special names. Every ending of an upload with the boot
 * record after it, the trap of an update left open, certificates, confirmation.
 */
#include <errno.h>
#include <stdio.h>

#include "firmware/core/aux_store.h"
#include "tests/tap.h"
#include "tests/unit/ftp_session.h"

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

/* ---- the other special names ---------------------------------------------------- */

/* What the store has under a name. */
static size_t aux_len(struct machine *machine, const char *path, uint8_t *ret_first)
{
	const struct wipy_special *row =
		wipy_personality_special(&wipy_personality_wipy, path);
	size_t offset = 0, len = 0;

	if (aux_find(&machine->hal, &wipy_personality_wipy, row, &offset, &len) < 0)
		return (size_t)-1;
	(void)!hal_flash_read(&machine->hal, HAL_AREA_AUX, offset, ret_first, 1);
	return len;
}

static const struct {
	const char *path;
	size_t max;
} kept_aside[] = {
	{"/flash/sys/servicepack.ucf", 16384},
	{"/flash/sys/servicepack.sig", 2048},
	{"/flash/cert/ca.pem", 4096},
	{"/flash/cert/cert.pem", 4096},
	{"/flash/cert/private.key", 4096},
};

static void test_aux(void)
{
	static uint8_t bytes[16385];
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data;
	char command[80];
	uint8_t first = 0;

	for (size_t i = 0; i < 5; i++) {
		snprintf(command, sizeof(command), "STOR %s\r\n", kept_aside[i].path);
		memset(bytes, '1' + (int)i, sizeof(bytes));
		EQ_STR(ftp_store(machine, conn, command, bytes, kept_aside[i].max),
			"226 \r\n", command);
	}
	for (size_t i = 0; i < 5; i++) {
		EQ_INT(aux_len(machine, kept_aside[i].path, &first), kept_aside[i].max,
			kept_aside[i].path);
		EQ_INT(first, '1' + (int)i, "each in a place of its own");
		snprintf(command, sizeof(command), "SIZE %s\r\n", kept_aside[i].path);
		EQ_STR(ftp_ask(machine, conn, command), "550 \r\n", command);
	}
	for (size_t i = 0; i < 5; i++) {
		snprintf(command, sizeof(command), "STOR %s\r\n", kept_aside[i].path);
		data = ftp_open_data(machine, conn);
		ftp_ask(machine, conn, command);
		machine_send(machine, data, bytes, kept_aside[i].max + 1);
		machine_run(machine, 10);
		EQ_STR(machine_hear(machine, conn), "451 \r\n", "one byte too many");
		machine_drop(machine, data);
	}
	OK(!is_flipped(machine), "no record knows of it");
	OK(!machine->hal.misused, "the machine was used rightly");
	machine_free(machine);
}

/* Power that fails at any flash operation leaves a place empty or whole. */
static void test_aux_power(void)
{
	bool whole = false;

	for (int cut = 1; !whole && cut < 1000; cut++) {
		struct machine *machine = ftp_board();
		int conn = ftp_log_in(machine), data;
		uint8_t first = 0;
		size_t len;

		ftp_store(machine, conn, "STOR /flash/cert/ca.pem\r\n", "an older one",
			12);
		data = ftp_open_data(machine, conn);
		machine->hal.flash_left = cut;
		ftp_ask(machine, conn, "STOR /flash/cert/ca.pem\r\n");
		for (int i = 0; i < 5; i++)
			machine_send(machine, data, image + i * 401, 401);
		machine_shut(machine, data);
		machine_run(machine, 20);
		whole = machine->hal.flash_left > 0;
		machine_power(machine, HAL_RESET_POWER);
		machine_run(machine, 400);
		len = aux_len(machine, "/flash/cert/ca.pem", &first);
		if (whole)
			OK(len == 2005 && first == image[0], "uncut");
		else
			OK(len == (size_t)-1 || len == 12, "cut");
		machine_free(machine);
	}
	OK(whole, "the end was reached");
}

/* A write that fails spoils the place even if flash works again. */
static void test_aux_broken(void)
{
	struct machine *machine = ftp_board();
	const struct wipy_special *row =
		wipy_personality_special(&wipy_personality_wipy, "/flash/cert/ca.pem");
	struct aux_writer writer;
	uint8_t first = 0;

	EQ_INT(aux_open(&writer, &machine->hal, &wipy_personality_wipy, row), 0,
		"open");
	EQ_INT(aux_append(&writer, &machine->hal, image, 100), 0, "append");
	machine->hal.flash_left = 1;
	EQ_INT(aux_append(&writer, &machine->hal, image, 100), -EIO, "flash fails");
	machine->hal.flash_left = -1;
	EQ_INT(aux_close(&writer, &machine->hal), -EIO, "close");
	EQ_INT(aux_len(machine, row->path, &first), (size_t)-1, "nothing is there");
	machine_free(machine);
}

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
	test_aux();
	test_aux_power();
	test_aux_broken();
	test_confirm();
	test_update();
	return tap_done();
}
