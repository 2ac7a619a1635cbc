/* SPDX-License-Identifier: MIT
 *
 * FTP server: commands, framing, data connections and timers, and every ending of an
 * upload with the boot record after it.
 */
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/fw_machine.h"

#define IMAGE_LEN 9012
#define PASV      "227 (192,168,1,1,7,232)\r\n"
#define STOR      "STOR /flash/sys/mcuimg.bin\r\n"
#define LISTING                                                                        \
	"-rw-rw-r--   1 root  root        34 Jan  1 00:00 main.py\r\n"                 \
	"drw-rw-r--   1 root  root         0 Jan  1 00:00 sys\r\n"                     \
	"drw-rw-r--   1 root  root         0 Jan  1 00:00 lib\r\n"                     \
	"drw-rw-r--   1 root  root         0 Jan  1 00:00 cert\r\n"                    \
	"-rw-rw-r--   1 root  root       143 Jan  1 00:00 boot.py\r\n"

static uint8_t image[IMAGE_LEN];

static struct machine *new_board(void)
{
	static uint8_t factory[IMAGE_LEN];
	struct machine *machine = machine_new();

	machine_make_image(factory, sizeof(factory), "v1.8.6");
	machine_install(machine, HAL_AREA_FACTORY, factory, sizeof(factory));
	machine_boot(machine);
	return machine;
}

static const char *ask(struct machine *machine, int conn, const char *command)
{
	machine_say(machine, conn, command);
	machine_run(machine, 5);
	return machine_hear(machine, conn);
}

static int log_in(struct machine *machine)
{
	int conn = machine_connect(machine, 21);

	machine_run(machine, 5);
	ask(machine, conn, "USER micro\r\n");
	ask(machine, conn, "PASS python\r\n");
	return conn;
}

static int open_data(struct machine *machine, int conn)
{
	int data;

	EQ_STR(ask(machine, conn, "PASV\r\n"), PASV, "PASV");
	data = machine_connect(machine, 2024);
	machine_run(machine, 5);
	return data;
}

struct row {
	const char *say, *hear;
};

/* One session each; the greeting is heard first. */
static const struct row before_login[] = {{"FEAT\r\n", "332 \r\n"},
	{"SYST\r\n", "332 \r\n"}, {"PASV\r\n", "332 \r\n"}, {"XYZ\r\n", "332 \r\n"},
	{"STOR a\r\n", "332 \r\n"}, {"TYPE I\r\n", "332 \r\n"},
	{"USER nobody\r\n", "331 \r\n"}, {"PASS python\r\n", "530 \r\n"},
	{"USER micro\r\n", "331 \r\n"}, {"PASS wrong\r\n", "530 \r\n"},
	{"PASS pytho\r\n", "530 \r\n"}, {"PASS pythonx\r\n", "530 \r\n"},
	{"PASS\r\n", "530 \r\n"}, {"USER\r\n", "331 \r\n"},
	{"PASS python\r\n", "230 \r\n"}, {"USER nobody\r\n", "331 \r\n"},
	{"PASS wrong\r\n", "530 \r\n"}, {"PWD\r\n", "257 /\r\n"},
	{"QUIT\r\n", "221 \r\n"}, {NULL, NULL}};

static const struct row simple[] = {{"USER micro\r\n", "331 \r\n"},
	{"pass python\r\n", "230 \r\n"}, {"FEAT\r\n", "211 no-features\r\n"},
	{"SYST\r\n", "215 UNIX Type: L8\r\n"}, {"PWD\r\n", "257 /\r\n"},
	{"XPWD\r\n", "257 /\r\n"}, {"TYPE I\r\n", "200 \r\n"}, {"TYPE\r\n", "200 \r\n"},
	{"noop\r\n", "200 \r\n"}, {"Noop x y\r\n", "200 \r\n"},
	{"CWD /flash\r\n", "250 \r\n"}, {"CWD sys\r\n", "250 \r\n"},
	{"PWD\r\n", "257 /flash/sys\r\n"}, {"CDUP\r\n", "250 \r\n"},
	{"PWD\r\n", "257 /flash\r\n"}, {"CDUP\r\n", "250 \r\n"},
	{"CDUP\r\n", "250 \r\n"}, {"PWD\r\n", "257 /\r\n"},
	{"CWD flash\r\n", "250 \r\n"}, {"SIZE main.py\r\n", "213 34\r\n"},
	{"PWD\r\n", "257 /flash\r\n"}, {"SIZE /flash/main.py\r\n", "213 34\r\n"},
	{"PWD\r\n", "257 /\r\n"}, {"MDTM /flash/boot.py\r\n", "213 20150101000000\r\n"},
	{"SIZE nofile\r\n", "550 \r\n"}, {"SIZE /flash\r\n", "550 \r\n"},
	{"SIZE /\r\n", "550 \r\n"}, {"SIZE\r\n", "550 \r\n"},
	{"SIZE /flash/sys\r\n", "213 0\r\n"}, {"CWD /flash/\r\n", "250 \r\n"},
	{"PWD\r\n", "257 /flash\r\n"}, {"CWD\r\n", "250 \r\n"},
	/* a failed absolute CWD leaves the parent, a failed relative one too */
	{"CWD /flash/lib/none\r\n", "550 \r\n"}, {"PWD\r\n", "257 /flash/lib\r\n"},
	{"CWD a/b\r\n", "550 \r\n"}, {"PWD\r\n", "257 /flash/lib/a\r\n"},
	{"CWD /flash\r\n", "250 \r\n"}, {"CWD ..\r\n", "250 \r\n"},
	{"PWD\r\n", "257 /flash/..\r\n"}, {"CWD /FLASH\r\n", "550 \r\n"},
	{"CWD /flash/SYS\r\n", "250 \r\n"}, {"PWD\r\n", "257 /flash/SYS\r\n"},
	{"EPSV\r\n", "502 \r\n"}, {"PORT 127,0,0,1,4,210\r\n", "502 \r\n"},
	{"NLST\r\n", "502 \r\n"}, {"ABOR\r\n", "502 \r\n"}, {"A\r\n", "502 \r\n"},
	{"\r\n", "502 \r\n"}, {"OPTIONS / HTTP/1.0\r\n", "502 \r\n"},
	{"STOR\r\n", "550 \r\n"}, {"STOR /flash/none/x\r\n", "550 \r\n"},
	{"STOR /flash/sys\r\n", "550 \r\n"}, {"QUIT\r\n", "221 \r\n"}, {NULL, NULL}};

/* One receive is one command; what is missing comes from the last reply. */
static const struct row framing[] = {{"USER micro\r\n", "331 \r\n"},
	{"PASS python\r\n", "230 \r\n"}, {"CWD /flash\r\n", "250 \r\n"},
	{"PWD\r\nSYST\r\n", "257 /flash\r\n"}, {"PW", "502 \r\n"},
	{"D\r\n", "502 \r\n"}, {"CWD /fl", "250 \r\n"}, {"ash\r\n", "502 \r\n"},
	{"PWD\r\n", "257 /flash\r\n"}, {"PWD", "257 /flash\r\n"}, {"NOOP", "502 \r\n"},
	{"PWD\n", "257 /flash\r\n"}, {"PWD\r", "257 /flash\r\n"},
	{" PWD\r\n", "502 \r\n"}, {"CWD  /flash\r\n", "250 \r\n"},
	{"CWD /flash /x\r\n", "250 \r\n"}, {"PWD\r\n", "257 /flash\r\n"},
	{"\xff\xf4\xff\xf2"
	 "ABOR\r\n",
		"502 \r\n"},
	{"SIZE /flash/main.py", "213 34\r\n"}, {"PWD\r\n", "257 /\r\n"},
	{"QUIT\r\n", "221 \r\n"}, {NULL, NULL}};

static void hold(const char *name, const struct row *rows)
{
	struct machine *machine = new_board();
	int conn = machine_connect(machine, 21);

	machine_run(machine, 5);
	EQ_STR(machine_hear(machine, conn), "220 Micropython FTP Server\r\n", name);
	for (; rows->say; rows++) {
		machine_say(machine, conn, rows->say);
		machine_run(machine, 5);
		EQ_STR(machine_hear(machine, conn), rows->hear, rows->say);
	}
	OK(machine_ended(machine, conn) && !machine->hal.misused, name);
	machine_free(machine);
}

/* ---- data connections ----------------------------------------------------------- */

static void test_list(void)
{
	struct machine *machine = new_board();
	int conn = log_in(machine);
	int data = open_data(machine, conn);

	EQ_STR(ask(machine, conn, "LIST\r\n"), "150 \r\n226 \r\n", "LIST of /");
	EQ_STR(machine_hear(machine, data),
		"drw-rw-r--   1 root  root         0 Jan  1 00:00 flash\r\n",
		"its lines");
	OK(machine_ended(machine, data), "and its end");
	machine_drop(machine, data);
	EQ_INT(machine_connect(machine, 2024), -1, "the data port is closed after 226");
	ask(machine, conn, "CWD /flash\r\n");
	data = open_data(machine, conn);
	EQ_STR(ask(machine, conn, "LIST -al nothing\r\n"), "150 \r\n226 \r\n",
		"LIST ignores its arguments");
	EQ_STR(machine_hear(machine, data), LISTING, "a fresh /flash");
	machine_drop(machine, data);
	EQ_STR(ask(machine, conn, "LIST\r\n"), "150 \r\n",
		"LIST without data connection");
	EQ_STR(ask(machine, conn, "PWD\r\n"), "257 /flash\r\n",
		"and the session goes on");
	machine_free(machine);
}

static void test_plain_file(void)
{
	struct machine *machine = new_board();
	int conn = log_in(machine);
	int data = open_data(machine, conn);

	EQ_STR(ask(machine, conn, "STOR /flash/lib/x.py\r\n"), "150 \r\n", "STOR");
	machine_say(machine, data, "hello");
	machine_shut(machine, data);
	machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "226 at the end of the data");
	EQ_STR(ask(machine, conn, "SIZE /flash/LIB/X.PY\r\n"), "213 5\r\n", "its size");
	machine_drop(machine, data);
	data = open_data(machine, conn);
	ask(machine, conn, "STOR /flash/lib/X.py\r\n");
	machine_shut(machine, data);
	machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "226 \r\n",
		"the same file in another case");
	machine_drop(machine, data);
	ask(machine, conn, "CWD /flash/lib\r\n");
	data = open_data(machine, conn);
	ask(machine, conn, "LIST\r\n");
	EQ_STR(machine_hear(machine, data),
		"-rw-rw-r--   1 root  root         0 Jan  1 00:00 x.py\r\n", "listed");
	EQ_STR(ask(machine, conn, "SIZE x.py\r\n"), "213 0\r\n", "relative name");
	machine_free(machine);
}

static void test_wrong_names(void)
{
	static const char *const names[] = {"/flash/sys/MCUIMG.BIN",
		"/flash/SYS/mcuimg.bin", "/flash//sys/mcuimg.bin", "/flash/mcuimg.bin"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct machine *machine = new_board();
		int conn = log_in(machine), data = open_data(machine, conn);
		char command[80];

		snprintf(command, sizeof(command), "STOR %s\r\n", names[i]);
		ask(machine, conn, command);
		machine_send(machine, data, image, 2000);
		machine_shut(machine, data);
		machine_run(machine, 10);
		EQ_STR(machine_hear(machine, conn), "226 \r\n", names[i]);
		EQ_INT(slot_state(&machine->hal, HAL_AREA_UPDATE1, NULL), SLOT_ABSENT,
			names[i]);
		machine_free(machine);
	}
}

static void test_data_timers(void)
{
	struct machine *machine = new_board();
	int conn = log_in(machine), data;

	ask(machine, conn, "PASV\r\n");
	EQ_STR(ask(machine, conn, "PWD\r\n"), "", "no command is read after PASV");
	machine_run(machine, 4900);
	EQ_STR(machine_hear(machine, conn), "", "for 5 s");
	machine_run(machine, 110);
	EQ_STR(machine_hear(machine, conn), "257 /\r\n", "then it is");
	EQ_INT(machine_connect(machine, 2024), -1, "and the data port is closed");
	data = open_data(machine, conn);
	machine_run(machine, 5100);
	OK(machine_ended(machine, data), "an unused data connection ends after 5 s");
	EQ_STR(ask(machine, conn, "LIST\r\n"), "150 \r\n", "LIST then is only 150");
	machine_free(machine);
}

static void test_550_kills_data(void)
{
	struct machine *machine = new_board();
	int conn = log_in(machine), data = open_data(machine, conn), stale;

	EQ_STR(ask(machine, conn, "SIZE none\r\n"), "550 \r\n", "550");
	OK(machine_ended(machine, data), "ends the data connection");
	machine_drop(machine, data);
	stale = machine_connect(machine, 2024);
	OK(stale >= 0, "the data port stays open");
	EQ_STR(ask(machine, conn, "PASV\r\n"), PASV, "the next PASV");
	ask(machine, conn, "CWD /flash\r\n");
	EQ_STR(ask(machine, conn, "LIST\r\n"), "150 \r\n226 \r\n",
		"serves whoever waits");
	EQ_STR(machine_hear(machine, stale), LISTING, "the one that came before it");
	machine_free(machine);
}

static void test_second_client(void)
{
	struct machine *machine = new_board();
	int first = log_in(machine), second = machine_connect(machine, 21);

	machine_run(machine, 6000);
	EQ_STR(machine_hear(machine, second), "", "a second client waits");
	ask(machine, first, "QUIT\r\n");
	EQ_STR(machine_hear(machine, second), "220 Micropython FTP Server\r\n",
		"until the first has left");
	machine_free(machine);
	machine = new_board();
	first = log_in(machine);
	ask(machine, first, "PASV\r\n");
	machine_shut(machine, first);
	second = machine_connect(machine, 21);
	machine_run(machine, 4900);
	EQ_STR(machine_hear(machine, second), "", "an unused PASV holds it up for 5 s");
	machine_run(machine, 200);
	EQ_STR(machine_hear(machine, second), "220 Micropython FTP Server\r\n",
		"then in");
	machine_free(machine);
}

static void test_idle(void)
{
	struct machine *machine = new_board();
	int conn = log_in(machine);

	for (int i = 0; i < 14; i++) {
		machine_run(machine, 20000);
		EQ_STR(ask(machine, conn, "NOOP\r\n"), "200 \r\n", "NOOP each 20 s");
	}
	machine_run(machine, 20100);
	EQ_STR(machine_hear(machine, conn), "221 \r\n",
		"does not keep a session alive");
	OK(machine_ended(machine, conn), "it ends after 300 s");
	machine_free(machine);
}

/* ---- uploads of images ---------------------------------------------------------- */

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
	struct machine *machine = new_board();
	int conn = log_in(machine), data = open_data(machine, conn);
	static uint8_t big[196609];
	struct boot_record record = {9, 9, 9, 9};

	EQ_STR(ask(machine, conn, STOR), "150 \r\n", name);
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
	struct machine *machine = new_board();
	int conn = log_in(machine), data = open_data(machine, conn);
	size_t len = 0;

	ask(machine, conn, STOR);
	machine_send(machine, data, image, 100);
	machine_run(machine, 5100);
	EQ_STR(machine_hear(machine, conn), "426 \r\n", "426");
	machine_drop(machine, data);
	data = open_data(machine, conn);
	EQ_STR(ask(machine, conn, STOR), "150 \r\n", "the same session uploads again");
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
	struct machine *machine = new_board();
	int conn = log_in(machine), data = open_data(machine, conn);

	ask(machine, conn, STOR);
	for (int i = 0; i < 4; i++) {
		machine_send(machine, data, image, 100);
		machine_run(machine, 4900);
	}
	machine_shut(machine, data);
	machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "gaps of 4.9 s are survived");
	machine_free(machine);
}

/* STOR without data connection leaves the update open (WIRE.md 2.11, 0.4). */
static void test_open_update(void)
{
	struct machine *machine = new_board();
	int conn = log_in(machine);
	struct boot_record record;

	EQ_STR(ask(machine, conn, STOR), "150 \r\n", "STOR without data connection");
	EQ_STR(ask(machine, conn, "PWD\r\n"), "257 /\r\n", "the session goes on");
	(void)!boot_record_read(&machine->hal, &record);
	EQ_INT(record.active, BOOT_FACTORY, "nothing is flipped yet");
	EQ_STR(ask(machine, conn, "QUIT\r\n"), "221 \r\n", "QUIT");
	(void)!boot_record_read(&machine->hal, &record);
	EQ_INT(record.active, BOOT_UPDATE1, "flips, with an empty slot");
	machine_free(machine);

	machine = new_board();
	conn = log_in(machine);
	ask(machine, conn, STOR);
	EQ_STR(ask(machine, conn, "STOR /flash/x\r\n"), "", "a second STOR hangs");
	machine_run(machine, 10000);
	EQ_STR(ask(machine, conn, "QUIT\r\n"), "", "the servers for good");
	machine_drop(machine, conn);
	conn = machine_connect(machine, 23);
	machine_run(machine, 10000);
	EQ_STR(machine_hear(machine, conn), "", "telnet too");
	machine_free(machine);
}

static void test_rate(void)
{
	struct machine *machine = new_board();
	int conn, data;
	int64_t before;

	machine->settings.data_rate = 1000;
	machine_power(machine, HAL_RESET_POWER);
	machine_run(machine, 400);
	conn = log_in(machine);
	data = open_data(machine, conn);
	ask(machine, conn, STOR);
	machine_send(machine, data, image, sizeof(image));
	machine_shut(machine, data);
	before = machine->hal.now_ms;
	while (machine->hal.handles[conn].out_len == 0 &&
		machine->hal.now_ms - before < 20000)
		machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "a slow board takes it all");
	OK(machine->hal.now_ms - before > 8900 && machine->hal.now_ms - before < 9200,
		"9012 bytes at 1000 a second");
	machine_free(machine);
}

/* The whole way: upload, reset over telnet, the new banner, and back by a bad image. */
static void test_update(void)
{
	struct machine *machine = new_board();
	int conn = log_in(machine), data = open_data(machine, conn);

	ask(machine, conn, STOR);
	machine->hal.single_bytes = true;
	machine_send(machine, data, image, sizeof(image));
	machine_shut(machine, data);
	machine_run(machine, 100);
	machine->hal.single_bytes = false;
	machine_hear(machine, conn);
	ask(machine, conn, "QUIT\r\n");
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
	hold("before login", before_login);
	hold("simple commands", simple);
	hold("framing", framing);
	test_list();
	test_plain_file();
	test_wrong_names();
	test_data_timers();
	test_550_kills_data();
	test_second_client();
	test_idle();
	test_endings();
	test_again_after_426();
	test_gap();
	test_open_update();
	test_rate();
	test_update();
	return tap_done();
}
