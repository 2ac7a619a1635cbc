/* SPDX-License-Identifier: MIT
 *
 * FTP server: commands, framing, sessions and their timers, folders and renames. What
 * runs over data connections is in test_ftp_data.c, uploads in test_ftp_update.c.
 */
#include "tests/tap.h"
#include "tests/unit/ftp_session.h"

/* One session each; the greeting is heard first. */
static const struct ftp_row before_login[] = {{"FEAT\r\n", "332 \r\n"},
	{"SYST\r\n", "332 \r\n"}, {"PASV\r\n", "332 \r\n"}, {"XYZ\r\n", "332 \r\n"},
	{"STOR a\r\n", "332 \r\n"}, {"TYPE I\r\n", "332 \r\n"},
	{"USER nobody\r\n", "331 \r\n"}, {"PASS python\r\n", "530 \r\n"},
	{"USER micro\r\n", "331 \r\n"}, {"PASS wrong\r\n", "530 \r\n"},
	{"PASS pytho\r\n", "530 \r\n"}, {"PASS pythonx\r\n", "530 \r\n"},
	{"PASS\r\n", "530 \r\n"}, {"USER\r\n", "331 \r\n"},
	{"PASS python\r\n", "230 \r\n"}, {"USER nobody\r\n", "331 \r\n"},
	{"PASS wrong\r\n", "530 \r\n"}, {"PWD\r\n", "257 /\r\n"},
	{"QUIT\r\n", "221 \r\n"}, {NULL, NULL}};

static const struct ftp_row simple[] = {{"USER micro\r\n", "331 \r\n"},
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
	{"SIZE /flash/sys/../main.py\r\n", "213 34\r\n"},
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
static const struct ftp_row framing[] = {{"USER micro\r\n", "331 \r\n"},
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

static void hold(struct machine *machine, int conn, const struct ftp_row *rows)
{
	for (; rows->say; rows++)
		EQ_STR(ftp_ask(machine, conn, rows->say), rows->hear, rows->say);
	OK(!machine->hal.misused, "the machine was used rightly");
}

/* A whole session, from the greeting to the end. */
static void hold_session(const char *name, const struct ftp_row *rows)
{
	struct machine *machine = ftp_board();
	int conn = machine_connect(machine, 21);

	machine_run(machine, 5);
	EQ_STR(machine_hear(machine, conn), FTP_GREETING, name);
	hold(machine, conn, rows);
	OK(machine_ended(machine, conn), name);
	machine_free(machine);
}

/* ---- folders and renames -------------------------------------------------------- */

static const struct ftp_row folders[] = {{"CWD /flash\r\n", "250 \r\n"},
	{"MKD d1\r\n", "250 \r\n"}, {"MKD d1\r\n", "550 \r\n"},
	{"MKD d1/d2\r\n", "250 \r\n"}, {"MKD no/d2\r\n", "550 \r\n"},
	{"RMD d1\r\n", "550 \r\n"}, {"RMD d1/d2\r\n", "250 \r\n"},
	{"RMD d1\r\n", "250 \r\n"}, {"RMD d1\r\n", "550 \r\n"},
	/* an absolute name leaves "/" behind */
	{"MKD /flash/abs\r\n", "250 \r\n"}, {"PWD\r\n", "257 /\r\n"},
	{"CWD /flash\r\n", "250 \r\n"}, {"DELE abs\r\n", "250 \r\n"},
	{"DELE nofile\r\n", "550 \r\n"}, {"DELE main.py\r\n", "250 \r\n"},
	/* without a name the working folder is meant */
	{"MKD\r\n", "550 \r\n"}, {"RMD\r\n", "550 \r\n"}, {"DELE\r\n", "550 \r\n"},
	{"RNFR\r\n", "550 \r\n"}, {"CWD sys\r\n", "250 \r\n"},
	{"SIZE\r\n", "213 0\r\n"}, {"RMD\r\n", "250 \r\n"}, {"CWD\r\n", "550 \r\n"},
	{"PWD\r\n", "257 /flash\r\n"}, {"CWD\r\n", "250 \r\n"},
	{"RMD /flash\r\n", "550 \r\n"}, {"RMD /\r\n", "550 \r\n"},
	{"MKD /flash\r\n", "550 \r\n"}, {"MKD /sd\r\n", "550 \r\n"}, {NULL, NULL}};

static const struct ftp_row renames[] = {{"RNTO x\r\n", "550 \r\n"},
	{"CWD /flash\r\n", "250 \r\n"}, {"RNFR main\r\n", "550 \r\n"},
	{"RNFR boot.py\r\n", "350 \r\n"}, {"RNTO boot2.py\r\n", "250 \r\n"},
	{"RNFR boot.py\r\n", "550 \r\n"},
	/* not onto another one, nor to itself in another case */
	{"RNFR boot2.py\r\n", "350 \r\n"}, {"RNTO sys\r\n", "550 \r\n"},
	{"RNFR boot2.py\r\n", "350 \r\n"}, {"RNTO BOOT2.PY\r\n", "550 \r\n"},
	/* the old name waits for RNTO in a buffer that PWD does not use */
	{"RNFR boot2.py\r\n", "350 \r\n"}, {"PWD\r\n", "257 /flash\r\n"},
	{"RNTO boot.py\r\n", "250 \r\n"}, {"RNTO again.py\r\n", "550 \r\n"},
	/* and SIZE does */
	{"RNFR boot.py\r\n", "350 \r\n"}, {"SIZE boot.py\r\n", "213 143\r\n"},
	{"RNTO boot2.py\r\n", "550 \r\n"},
	/* it is not forgotten either: RNTO finds it again */
	{"RNFR boot.py\r\n", "350 \r\n"}, {"RNTO b.py\r\n", "250 \r\n"},
	{"RNFR b.py\r\n", "350 \r\n"}, {"RNTO boot.py\r\n", "250 \r\n"},
	{"RNTO c.py\r\n", "550 \r\n"}, {"RNFR /flash/boot.py\r\n", "350 \r\n"},
	{"RNTO /flash/lib/boot.py\r\n", "250 \r\n"}, {"PWD\r\n", "257 /\r\n"},
	{"CWD /flash\r\n", "250 \r\n"}, {"SIZE lib/boot.py\r\n", "213 143\r\n"},
	{"RNFR lib/boot.py\r\n", "350 \r\n"}, {"RNTO boot.py\r\n", "250 \r\n"},
	{"RNFR sys\r\n", "350 \r\n"}, {"RNTO sys2\r\n", "250 \r\n"},
	{"RNFR sys2\r\n", "350 \r\n"}, {"RNTO sys2/x\r\n", "550 \r\n"},
	{"RNTO sys\r\n", "250 \r\n"}, {"RNFR /flash\r\n", "550 \r\n"}, {NULL, NULL}};

#define N96                                                                            \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"                             \
	"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

static const struct ftp_row long_names[] = {{"CWD /flash\r\n", "250 \r\n"},
	{"MKD " N96 "\r\n", "250 \r\n"}, {"CWD " N96 "\r\n", "250 \r\n"},
	{"PWD\r\n", "257 /flash/" N96 "\r\n"},
	{"MKD 012345678901234567890123\r\n", "250 \r\n"},
	/* one more makes the path too long, which spoils nothing */
	{"MKD 0123456789012345678901234\r\n", "550 \r\n"},
	{"STOR 0123456789012345678901234\r\n", "550 \r\n"},
	{"RETR 0123456789012345678901234\r\n", "550 \r\n"},
	{"CWD 0123456789012345678901234\r\n", "550 \r\n"},
	{"CWD 012345678901234567890123\r\n", "250 \r\n"},
	{"PWD\r\n", "257 /flash/" N96 "/012345678901234567890123\r\n"},
	{"CDUP\r\n", "250 \r\n"}, {"RMD 012345678901234567890123\r\n", "250 \r\n"},
	{"CDUP\r\n", "250 \r\n"}, {"RMD " N96 "\r\n", "250 \r\n"}, {NULL, NULL}};

static void hold_logged_in(const struct ftp_row *rows)
{
	struct machine *machine = ftp_board();

	hold(machine, ftp_log_in(machine), rows);
	machine_free(machine);
}

/* ---- what families do differently ----------------------------------------------- */

static const struct ftp_row other_family[] = {{"FEAT\r\n", "211 no-features\r\n"},
	{"SYST\r\n", "332 \r\n"}, {"USER micro\r\n", "331 \r\n"},
	{"PASS python x\r\n", "230 \r\n"}, {"PWD\r\n", "257 \"/\"\r\n"},
	{"CWD /flash\r\n", "250 \r\n"}, {"MKD a b\r\n", "250 \r\n"},
	{"CWD a b\r\n", "250 \r\n"}, {"PWD\r\n", "257 \"/flash/a b\"\r\n"},
	{"CDUP\r\n", "250 \r\n"}, {"RMD a\r\n", "550 \r\n"},
	{"RMD a b\r\n", "250 \r\n"}, {NULL, NULL}};

static void test_other_family(void)
{
	struct wipy_personality other = wipy_personality_wipy;
	struct machine *machine = ftp_board();
	int conn = machine_connect(machine, 21);

	other.pwd_quoted = other.feat_before_login = other.names_with_blanks = true;
	other.data_ms = 10010;
	machine->board.personality = &other;
	machine_run(machine, 5);
	machine_hear(machine, conn);
	hold(machine, conn, other_family);
	ftp_ask(machine, conn, "PASV\r\n");
	EQ_STR(ftp_ask(machine, conn, "NOOP\r\n"), "", "nothing is read behind PASV");
	machine_run(machine, 9900);
	EQ_STR(machine_hear(machine, conn), "", "for ten seconds");
	machine_run(machine, 110);
	EQ_STR(machine_hear(machine, conn), "200 \r\n", "then it is");
	machine_free(machine);
}

/* ---- clients -------------------------------------------------------------------- */

static void test_second_client(void)
{
	struct machine *machine = ftp_board();
	int first = ftp_log_in(machine), second = machine_connect(machine, 21);

	machine_run(machine, 6000);
	EQ_STR(machine_hear(machine, second), "", "a second client waits");
	ftp_ask(machine, first, "QUIT\r\n");
	EQ_STR(machine_hear(machine, second), FTP_GREETING, "until the first has left");
	EQ_STR(ftp_ask(machine, second, "PWD\r\n"), "332 \r\n",
		"the login of the first does not count");
	machine_free(machine);
}

/* How long a client that goes away without QUIT keeps the next one waiting. */
static const struct {
	const char *name;
	bool pasv, connects, resets;
	int waits_ms;
} drops[] = {
	{"FIN", false, false, false, 0},
	{"RST", false, false, true, 0},
	{"FIN with PASV unused", true, false, false, 4980},
	{"RST with PASV unused", true, false, true, 4980},
	{"FIN with a data connection", true, true, false, 4980},
};

static void test_drops(void)
{
	for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++) {
		struct machine *machine = ftp_board();
		int first = ftp_log_in(machine), second;
		const char *name = drops[i].name;

		if (drops[i].pasv)
			ftp_ask(machine, first, "PASV\r\n");
		if (drops[i].connects)
			machine_connect(machine, 2024);
		machine_run(machine, 5);
		if (drops[i].resets)
			machine_reset_conn(machine, first);
		else
			machine_shut(machine, first);
		second = machine_connect(machine, 21);
		if (drops[i].waits_ms > 0)
			machine_run(machine, drops[i].waits_ms);
		if (drops[i].waits_ms > 0)
			EQ_STR(machine_hear(machine, second), "", name);
		machine_run(machine, 40);
		EQ_STR(machine_hear(machine, second), FTP_GREETING, name);
		OK(!machine->hal.misused, name);
		machine_free(machine);
	}
}

/* A 550 ends the data connection and not its timer; LIST ends that as well. */
static void test_drop_behind_550(void)
{
	for (int lists = 0; lists < 2; lists++) {
		struct machine *machine = ftp_board();
		int first = ftp_log_in(machine), second;

		ftp_open_data(machine, first);
		EQ_STR(ftp_ask(machine, first, "SIZE none\r\n"), "550 \r\n", "550");
		if (lists)
			ftp_ask(machine, first, "LIST\r\n");
		machine_shut(machine, first);
		second = machine_connect(machine, 21);
		machine_run(machine, 10);
		EQ_STR(machine_hear(machine, second), lists ? FTP_GREETING : "",
			"the next client");
		machine_run(machine, 5000);
		EQ_STR(machine_hear(machine, second), lists ? "" : FTP_GREETING,
			"5 s later");
		machine_free(machine);
	}
}

/* A client that takes no replies is cut, and the server starts anew. */
static void test_deaf_client(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine);

	machine->hal.handles[conn].full = true;
	machine_say(machine, conn, "NOOP\r\n");
	machine_run(machine, 90);
	OK(!machine_ended(machine, conn), "a reply waits for a moment");
	machine_run(machine, 20);
	OK(machine_ended(machine, conn), "and no longer");
	machine_run(machine, 10);
	conn = machine_connect(machine, 21);
	machine_run(machine, 5);
	EQ_STR(machine_hear(machine, conn), FTP_GREETING, "the next one is served");
	machine_free(machine);
}

static void test_idle(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine);

	for (int i = 0; i < 14; i++) {
		machine_run(machine, 20000);
		EQ_STR(ftp_ask(machine, conn, "NOOP\r\n"), "200 \r\n",
			"NOOP each 20 s");
	}
	machine_run(machine, 19970);
	EQ_STR(machine_hear(machine, conn), "", "for 300.05 s");
	machine_run(machine, 100);
	EQ_STR(machine_hear(machine, conn), "221 \r\n",
		"does not keep a session alive");
	OK(machine_ended(machine, conn), "it ends after 300.1 s");
	machine_free(machine);
}

/* The shortest limit that can be set: data keeps a session, waiting for data does not
 * count. */
static void test_idle_data(void)
{
	struct machine *machine = ftp_board();
	int conn;

	machine->board.servers.timeout_ms = 5000;
	conn = ftp_log_in(machine);
	for (int i = 0; i < 4; i++) {
		machine_run(machine, 4000);
		ftp_fetch(machine, conn, "LIST\r\n");
	}
	machine_run(machine, 4900);
	EQ_STR(machine_hear(machine, conn), "", "LIST keeps a session");
	machine_run(machine, 120);
	EQ_STR(machine_hear(machine, conn), "221 \r\n", "5.01 s");
	machine_free(machine);
	machine = ftp_board();
	machine->board.servers.timeout_ms = 5000;
	conn = ftp_log_in(machine);
	machine_run(machine, 2000);
	ftp_ask(machine, conn, "PASV\r\n");
	machine_run(machine, 7900);
	EQ_STR(machine_hear(machine, conn), "", "the wait behind PASV comes on top");
	machine_run(machine, 120);
	EQ_STR(machine_hear(machine, conn), "221 \r\n", "of the idle limit");
	machine_free(machine);
}

static void test_quit_with_data(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data = ftp_open_data(machine, conn);

	EQ_STR(ftp_ask(machine, conn, "QUIT\r\n"), "221 \r\n", "QUIT");
	OK(machine_ended(machine, data), "ends the data connection");
	EQ_INT(machine_connect(machine, 2024), -1, "and closes its port");
	machine_free(machine);
}

static void test_quit_behind_pasv(void)
{
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine);

	ftp_ask(machine, conn, "PASV\r\n");
	EQ_STR(ftp_ask(machine, conn, "QUIT\r\n"), "", "QUIT is not read");
	machine_run(machine, 4980);
	EQ_STR(machine_hear(machine, conn), "", "as long as PASV waits");
	machine_run(machine, 20);
	EQ_STR(machine_hear(machine, conn), "221 \r\n", "then it is");
	OK(machine_ended(machine, conn), "and ends the session");
	machine_free(machine);
}

int main(void)
{
	hold_session("before login", before_login);
	hold_session("simple commands", simple);
	hold_session("framing", framing);
	hold_logged_in(folders);
	hold_logged_in(renames);
	hold_logged_in(long_names);
	test_other_family();
	test_second_client();
	test_drops();
	test_drop_behind_550();
	test_deaf_client();
	test_idle();
	test_idle_data();
	test_quit_with_data();
	test_quit_behind_pasv();
	return tap_done();
}
