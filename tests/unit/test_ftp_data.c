/* SPDX-License-Identifier: MIT
 *
 * FTP server: data connections. LIST, RETR and STOR of plain files, their order on the
 * wire, their timers, and what a full flash does.
 */
#include "tests/tap.h"
#include "tests/unit/ftp_session.h"

static uint8_t bytes[200000];

static void test_list(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine);

	EQ_STR(ftp_fetch(machine, conn, "LIST\r\n"),
		"drw-rw-r--   1 root  root         0 Jan  1 00:00 flash\r\n",
		"LIST of /");
	EQ_INT(machine_connect(machine, 2024), -1, "the data port is closed after 226");
	ftp_ask(machine, conn, "CWD /flash\r\n");
	EQ_STR(ftp_fetch(machine, conn, "LIST -al nothing\r\n"), FTP_FRESH,
		"LIST ignores its arguments");
	ftp_ask(machine, conn, "CWD /flash/..\r\n");
	EQ_STR(ftp_fetch(machine, conn, "LIST\r\n"), FTP_FRESH, "the volume's ..");
	ftp_ask(machine, conn, "CWD /flash/lib\r\n");
	EQ_STR(ftp_fetch(machine, conn, "LIST\r\n"), "", "an empty folder");
	EQ_STR(ftp_ask(machine, conn, "LIST\r\n"), "150 \r\n",
		"LIST without data connection");
	EQ_STR(ftp_ask(machine, conn, "RETR /flash/main.py\r\n"), "150 \r\n",
		"RETR without data connection");
	EQ_STR(ftp_ask(machine, conn, "PWD\r\n"), "257 /\r\n",
		"and the session goes on");
	machine_free(machine);
}

/* Each packet of a listing holds two entries, and the end comes behind the reply. */
static void test_order(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data;

	ftp_ask(machine, conn, "CWD /flash\r\n");
	data = ftp_open_data(machine, conn);
	machine->hal.handles[data].full = true;
	EQ_STR(ftp_ask(machine, conn, "LIST\r\n"), "150 \r\n", "LIST");
	EQ_INT(machine->board.ftp.block_len, 112, "two entries wait");
	machine->hal.handles[data].full = false;
	machine_run(machine, 1);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "the reply comes first");
	OK(!machine_ended(machine, data), "while the data connection stands");
	EQ_STR(ftp_ask(machine, conn, "PASV\r\n"), FTP_PASV, "a command waits for");
	OK(machine_ended(machine, data), "its end");
	EQ_STR(machine_hear(machine, data), FTP_FRESH, "nothing is missing");
	machine_free(machine);
}

/* Dates as the board's clock makes them. */
static void test_dates(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine);

	hal_rtc_set(&machine->hal, MACHINE_RTC_S + 220 * 86400);
	EQ_STR(ftp_store(machine, conn, "STOR /flash/lib/aug.txt\r\n", "x", 1),
		"226 \r\n", "a file is stored in August");
	ftp_ask(machine, conn, "CWD /flash/lib\r\n");
	EQ_STR(ftp_fetch(machine, conn, "LIST\r\n"),
		"-rw-rw-r--   1 root  root         1 Ago  9 00:00 aug.txt\r\n",
		"it is listed so");
	EQ_STR(ftp_ask(machine, conn, "MDTM aug.txt\r\n"), "213 20150809000000\r\n",
		"its time");
	EQ_STR(ftp_ask(machine, conn, "MDTM /flash/main.py\r\n"),
		"213 20150101000000\r\n", "an older one");
	EQ_STR(ftp_fetch(machine, conn, "LIST\r\n"),
		"drw-rw-r--   1 root  root         0 Jan  1  2015 flash\r\n",
		"volumes are from 2015");
	machine_free(machine);
}

static void test_plain_file(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine);

	ftp_ask(machine, conn, "CWD /flash\r\n");
	EQ_STR(ftp_store(machine, conn, "STOR /flash/lib/x.py\r\n", "hello", 5),
		"226 \r\n", "STOR");
	EQ_STR(ftp_ask(machine, conn, "PWD\r\n"), "257 /\r\n",
		"an absolute name leaves / behind");
	EQ_STR(ftp_ask(machine, conn, "SIZE /flash/LIB/X.PY\r\n"), "213 5\r\n",
		"its size");
	EQ_STR(ftp_fetch(machine, conn, "RETR /flash/lib/x.py\r\n"), "hello", "RETR");
	EQ_STR(ftp_store(machine, conn, "STOR /flash/lib/X.py\r\n", "", 0), "226 \r\n",
		"the same file in another case");
	ftp_ask(machine, conn, "CWD /flash/lib\r\n");
	EQ_STR(ftp_fetch(machine, conn, "LIST\r\n"),
		"-rw-rw-r--   1 root  root         0 Jan  1 00:00 x.py\r\n", "listed");
	EQ_STR(ftp_ask(machine, conn, "SIZE x.py\r\n"), "213 0\r\n", "relative name");
	EQ_STR(ftp_fetch(machine, conn, "RETR x.py\r\n"), "", "RETR of nothing");
	EQ_STR(ftp_ask(machine, conn, "STOR y.py\r\n"), "150 \r\n",
		"STOR without data connection");
	EQ_STR(ftp_ask(machine, conn, "SIZE y.py\r\n"), "213 0\r\n",
		"makes an empty file");
	EQ_STR(ftp_ask(machine, conn, "DELE y.py\r\n"), "250 \r\n",
		"which nobody holds open");
	machine_free(machine);
}

/* The old name of a rename lies where transfers have their bytes. */
static void test_spoiled_rename(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data;

	ftp_ask(machine, conn, "CWD /flash\r\n");
	EQ_STR(ftp_ask(machine, conn, "RNFR main.py\r\n"), "350 \r\n", "RNFR");
	data = ftp_open_data(machine, conn);
	EQ_STR(ftp_ask(machine, conn, "RNTO m.py\r\n"), "550 \r\n", "behind PASV");
	machine_drop(machine, data);
	data = ftp_open_data(machine, conn);
	EQ_STR(ftp_ask(machine, conn, "RNFR main.py\r\n"), "350 \r\n", "RNFR");
	EQ_STR(ftp_ask(machine, conn, "STOR x\r\n"), "150 \r\n", "STOR");
	machine_send(machine, data, bytes, 2000);
	machine_shut(machine, data);
	machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "all of it");
	machine_drop(machine, data);
	EQ_STR(ftp_ask(machine, conn, "RNTO m.py\r\n"), "550 \r\n", "behind STOR");
	EQ_STR(ftp_ask(machine, conn, "RNFR main.py\r\n"), "350 \r\n", "RNFR");
	ftp_fetch(machine, conn, "RETR x\r\n");
	EQ_STR(ftp_ask(machine, conn, "RNTO m.py\r\n"), "550 \r\n", "behind RETR");
	EQ_STR(ftp_ask(machine, conn, "RNFR main.py\r\n"), "350 \r\n", "RNFR");
	ftp_fetch(machine, conn, "LIST\r\n");
	EQ_STR(ftp_ask(machine, conn, "RNTO m.py\r\n"), "550 \r\n", "behind LIST");
	EQ_STR(ftp_ask(machine, conn, "RNFR main.py\r\n"), "350 \r\n", "RNFR");
	EQ_STR(ftp_ask(machine, conn, "RNTO m.py\r\n"), "250 \r\n", "at once it works");
	machine_free(machine);
}

/* The lengths at which blocks end, and a net that carries single bytes. */
static void test_lengths(void)
{
	static const size_t lengths[] = {1, 511, 512, 513, 1024, 1280, 20000};
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine);

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 % 251 + 1);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t len = lengths[i];
		const char *got;

		EQ_STR(ftp_store(machine, conn, "STOR /flash/f\r\n", bytes, len),
			"226 \r\n", "stored");
		got = ftp_fetch(machine, conn, "RETR /flash/f\r\n");
		OK(strlen(got) == len && memcmp(got, bytes, len) == 0,
			"comes back as it was");
	}
	machine_free(machine);
}

static void test_single_bytes(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);

	EQ_STR(ftp_ask(machine, conn, "STOR /flash/f\r\n"), "150 \r\n", "STOR");
	machine->hal.single_bytes = true;
	machine_send(machine, data, bytes, 3000);
	machine_shut(machine, data);
	machine_run(machine, 100);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "byte by byte");
	machine_drop(machine, data);
	machine->hal.single_bytes = false;
	data = ftp_open_data(machine, conn);
	machine_say(machine, conn, "RETR /flash/f\r\n");
	machine_run(machine, 0);
	machine->hal.single_bytes = true;
	machine_run(machine, 100);
	EQ_STR(machine_hear(machine, conn), "150 \r\n226 \r\n", "and back");
	EQ_INT(machine->hal.handles[data].out_len, 3000, "all of it");
	OK(memcmp(machine_hear(machine, data), bytes, 3000) == 0, "in order");
	machine_free(machine);
}

/* What cannot be opened ends the data connection; of LIST nothing is left then. */
static void test_refused(void)
{
	static const char *const commands[] = {"RETR /flash/none\r\n",
		"RETR /flash/sys\r\n", "RETR /flash\r\n", "STOR /nowhere/x\r\n",
		"STOR /flash/sys\r\n", "STOR /flash\r\n", "SIZE /flash/none\r\n",
		"CWD /flash/none\r\n", "RETR /flash/sys/mcuimg.bin\r\n"};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct machine *machine = ftp_board();
		int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);
		int stale;

		EQ_STR(ftp_ask(machine, conn, commands[i]), "550 \r\n", commands[i]);
		OK(machine_ended(machine, data), "ends the data connection");
		machine_drop(machine, data);
		stale = machine_connect(machine, 2024);
		OK(stale >= 0, "the data port stays open");
		EQ_STR(ftp_ask(machine, conn, "LIST\r\n"), "150 \r\n",
			"LIST says 150 and nothing");
		EQ_STR(ftp_ask(machine, conn, "PASV\r\n"), FTP_PASV, "the next PASV");
		ftp_ask(machine, conn, "CWD /flash\r\n");
		EQ_STR(ftp_ask(machine, conn, "LIST\r\n"), "150 \r\n226 \r\n",
			"serves whoever waits");
		EQ_STR(machine_hear(machine, stale), FTP_FRESH, "who came before it");
		OK(!machine->hal.misused, commands[i]);
		machine_free(machine);
	}
}

/* ---- timers --------------------------------------------------------------------- */

static void test_data_timers(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data;

	ftp_ask(machine, conn, "PASV\r\n");
	EQ_STR(ftp_ask(machine, conn, "PWD\r\n"), "", "no command is read after PASV");
	machine_run(machine, 4990);
	EQ_STR(machine_hear(machine, conn), "", "for 5 s");
	machine_run(machine, 20);
	EQ_STR(machine_hear(machine, conn), "257 /\r\n", "then it is");
	EQ_INT(machine_connect(machine, 2024), -1, "and the data port is closed");
	data = ftp_open_data(machine, conn);
	machine_run(machine, 4990);
	OK(!machine_ended(machine, data), "an unused data connection stands for 5 s");
	machine_run(machine, 20);
	OK(machine_ended(machine, data), "and no longer");
	EQ_STR(ftp_ask(machine, conn, "LIST\r\n"), "150 \r\n", "LIST then is only 150");
	machine_free(machine);
}

/* PASV again drops the data connection that there is. */
static void test_pasv_again(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), first = ftp_open_data(machine, conn), second;

	second = ftp_open_data(machine, conn);
	OK(machine_ended(machine, first), "the first one ends");
	EQ_STR(ftp_ask(machine, conn, "LIST\r\n"), "150 \r\n226 \r\n", "LIST");
	OK(machine->hal.handles[second].out_len > 0, "goes to the second");
	EQ_INT(machine->hal.handles[first].out_len, 0, "alone");
	machine_free(machine);
}

static void test_early_command(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data;

	ftp_ask(machine, conn, "PASV\r\n");
	EQ_STR(ftp_ask(machine, conn, "STOR /flash/late\r\n"), "",
		"STOR before the data connection waits");
	data = machine_connect(machine, 2024);
	machine_run(machine, 5);
	EQ_STR(machine_hear(machine, conn), "150 \r\n", "for it");
	machine_say(machine, data, "hello");
	machine_shut(machine, data);
	machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "and works");
	machine_free(machine);
}

static void test_stall(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);

	ftp_ask(machine, conn, "CWD /flash\r\n");
	ftp_ask(machine, conn, "STOR st.txt\r\n");
	machine_send(machine, data, bytes, 3000);
	machine_run(machine, 5005);
	EQ_STR(machine_hear(machine, conn), "", "an upload may pause for 5 s");
	machine_run(machine, 20);
	EQ_STR(machine_hear(machine, conn), "426 \r\n", "and no longer");
	OK(machine_ended(machine, data), "its connection ends");
	OK(!machine->hal.handles[data].aborted, "in good order");
	EQ_STR(ftp_ask(machine, conn, "SIZE st.txt\r\n"), "213 3000\r\n",
		"what had come is kept");
	OK(machine_connect(machine, 2024) >= 0, "the data port stays open");
	machine_free(machine);
}

/* A RETR that nobody reads ends everything, without a word. */
static void test_slow_reader(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data, second;

	EQ_STR(ftp_store(machine, conn, "STOR /flash/r.bin\r\n", bytes, 150000),
		"226 \r\n", "a large file");
	data = ftp_open_data(machine, conn);
	EQ_STR(ftp_ask(machine, conn, "RETR /flash/r.bin\r\n"), "150 \r\n", "RETR");
	machine_run(machine, 80);
	OK(!machine_ended(machine, conn), "the board tries for a moment");
	second = machine_connect(machine, 21);
	machine_run(machine, 120);
	EQ_STR(machine_hear(machine, conn), "", "nothing is said");
	OK(machine_ended(machine, conn) && machine_ended(machine, data), "both end");
	OK(machine->hal.handles[second].aborted, "and who waited on port 21");
	machine_drop(machine, second);
	second = machine_connect(machine, 21);
	machine_run(machine, 5);
	EQ_STR(machine_hear(machine, second), FTP_GREETING, "the server is back");
	EQ_STR(ftp_ask(machine, second, "QUIT\r\n"), "221 \r\n", "and well");
	machine_free(machine);
	machine = ftp_board();
	conn = ftp_log_in(machine);
	data = ftp_open_data(machine, conn);
	machine_reset_conn(machine, data);
	EQ_STR(ftp_ask(machine, conn, "LIST\r\n"), "150 \r\n", "LIST to nobody");
	OK(machine_ended(machine, conn), "ends the session too");
	machine_free(machine);
}

/* ---- a full flash --------------------------------------------------------------- */

static void test_full(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data;
	char size[32];

	ftp_ask(machine, conn, "CWD /flash\r\n");
	data = ftp_open_data(machine, conn);
	ftp_ask(machine, conn, "STOR big.bin\r\n");
	machine_send(machine, data, bytes, sizeof(bytes));
	ftp_wait(machine);
	EQ_STR(machine_hear(machine, conn), "451 \r\n", "more than there is room for");
	OK(machine->hal.handles[data].aborted, "unread bytes make it a reset");
	machine_drop(machine, data);
	snprintf(size, sizeof(size), "213 %d\r\n", FTP_FREE);
	EQ_STR(ftp_ask(machine, conn, "SIZE big.bin\r\n"), size, "what fits is kept");
	data = ftp_open_data(machine, conn);
	EQ_STR(ftp_ask(machine, conn, "STOR small.txt\r\n"), "150 \r\n", "a small one");
	machine_say(machine, data, "hi");
	machine_shut(machine, data);
	machine_run(machine, 10);
	EQ_STR(machine_hear(machine, conn), "451 \r\n", "does not fit");
	machine_drop(machine, data);
	EQ_STR(ftp_ask(machine, conn, "DELE big.bin\r\n"), "250 \r\n", "DELE");
	EQ_STR(ftp_store(machine, conn, "STOR small.txt\r\n", "hi", 2), "226 \r\n",
		"makes room");
	EQ_STR(ftp_fetch(machine, conn, "RETR small.txt\r\n"), "hi", "it is whole");
	OK(!machine->hal.misused, "the machine was used rightly");
	machine_free(machine);
}

/* The last bytes do not fit, and the end comes right behind them. */
static void test_just_too_long(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);

	ftp_ask(machine, conn, "STOR /flash/f\r\n");
	machine_send(
		machine, data, bytes, 500); /* the blocks do not end with the flash */
	machine_send(machine, data, bytes, FTP_FREE + 1 - 500);
	machine_shut(machine, data);
	ftp_wait(machine);
	EQ_STR(machine_hear(machine, conn), "451 \r\n", "one byte too many");
	OK(!machine->hal.handles[data].aborted, "all was read: no reset");
	machine_free(machine);
	machine = ftp_board();
	conn = ftp_log_in(machine);
	EQ_STR(ftp_store(machine, conn, "STOR /flash/f\r\n", bytes, FTP_FREE),
		"226 \r\n", "as much as there is room for");
	machine_free(machine);
}

/* Flash that fails under a write is 451 as well, and the server lives. */
static void test_flash_fails(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);

	EQ_STR(ftp_ask(machine, conn, "STOR /flash/f\r\n"), "150 \r\n", "STOR");
	machine->hal.flash_left = 3;
	machine_send(machine, data, bytes, 20000);
	machine_shut(machine, data);
	machine_run(machine, 50);
	EQ_STR(machine_hear(machine, conn), "451 \r\n", "a broken flash");
	EQ_STR(ftp_ask(machine, conn, "NOOP\r\n"), "200 \r\n", "the session goes on");
	machine_free(machine);
}

/* ---- speed ---------------------------------------------------------------------- */

/* Milliseconds until a reply comes. */
static int64_t wait_reply(struct machine *machine, int conn, int64_t limit_ms)
{
	int64_t before = machine->hal.now_ms;

	while (machine->hal.handles[conn].out_len == 0 &&
		machine->hal.now_ms - before < limit_ms)
		machine_run(machine, 10);
	return machine->hal.now_ms - before;
}

static void test_rate(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);
	int64_t took_ms;

	machine->board.settings.data_rate = 1000;
	ftp_ask(machine, conn, "STOR /flash/f\r\n");
	machine_send(machine, data, bytes, 9000);
	machine_shut(machine, data);
	took_ms = wait_reply(machine, conn, 20000);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "a slow board takes it all");
	OK(took_ms > 8900 && took_ms < 9200, "9000 bytes at 1000 a second");
	machine_drop(machine, data);
	machine_run(machine, 5);
	data = ftp_open_data(machine, conn);
	EQ_STR(ftp_ask(machine, conn, "RETR /flash/f\r\n"), "150 \r\n", "and sends it");
	took_ms = wait_reply(machine, conn, 20000);
	OK(took_ms > 8000 && took_ms < 9200, "at the same speed");
	EQ_INT(machine->hal.handles[data].out_len, 9000, "all of it");
	machine_free(machine);
}

/* No data timer runs under a listing. */
static void test_slow_list(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data;

	machine->board.settings.data_rate = 40;
	ftp_ask(machine, conn, "CWD /flash\r\n");
	data = ftp_open_data(machine, conn);
	EQ_STR(ftp_ask(machine, conn, "LIST\r\n"), "150 \r\n", "a slow LIST");
	machine_run(machine, 5100);
	EQ_STR(machine_hear(machine, conn), "", "takes more than 5 s");
	machine_run(machine, 5000);
	EQ_STR(machine_hear(machine, conn), "226 \r\n", "and ends well");
	EQ_STR(machine_hear(machine, data), FTP_FRESH, "with all lines");
	machine_free(machine);
}

/* A pause of the client is not made up for. */
static void test_rate_pause(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);
	int64_t took_ms;

	machine->board.settings.data_rate = 1000;
	ftp_ask(machine, conn, "STOR /flash/f\r\n");
	machine_run(machine, 4000);
	machine_send(machine, data, bytes, 3000);
	machine_shut(machine, data);
	took_ms = wait_reply(machine, conn, 20000);
	OK(took_ms > 2700 && took_ms < 3200, "3000 bytes behind a pause of 4 s");
	machine_free(machine);
}

int main(void)
{
	memset(bytes, 'U', sizeof(bytes));
	test_list();
	test_order();
	test_dates();
	test_plain_file();
	test_spoiled_rename();
	test_lengths();
	test_single_bytes();
	test_refused();
	test_data_timers();
	test_pasv_again();
	test_early_command();
	test_stall();
	test_slow_reader();
	test_full();
	test_just_too_long();
	test_flash_fails();
	test_rate();
	test_rate_pause();
	test_slow_list();
	return tap_done();
}
