/* SPDX-License-Identifier: MIT
 *
 * Telnet server: filter, login conversations, the single client, timers. The
 * conversations are held twice, once with single bytes.
 */
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/repl_session.h"

#define BANNER  SESSION_BANNER
#define OPTIONS "\xff\xfc\x01\xff\xfc\x03\xff\xfb\""
#define HELLO   BANNER OPTIONS "Login as: "
#define ASK     "Password: \xff\xfb\x01\xff\xfc\x03\xff\xfb\""
#define WELCOME                                                                        \
	"\xff\xfb\x01\xff\xfb\x03\xff\xfc\"\r\nLogin succeeded!\r\n"                   \
	"Type \"help()\" for more information.\r\n"
#define REFUSED "\r\nInvalid credentials, try again.\r\n"
#define PROMPT  "\r\n>>> "
#define LONG_31 "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm"

static struct machine *new_board(void)
{
	struct machine *machine = session_machine();

	machine_boot(machine);
	return machine;
}

struct filter_row {
	const char *name, *in, *out;
	size_t in_len;
	bool logged_in, running;
	bool interrupted, ctrl_f; /* expected */
	const char *reply;        /* the same; NULL: none */
};

static const struct filter_row cc_rows[] = {
	{"plain", "abc\r\n", "abc\r\n", .in_len = 5, .logged_in = true},
	{"NUL is dropped", "1\0+\0001", "1+1", .in_len = 5},
	{"a high byte eats two more",
		"len('a\xc3\xa9"
		"bcd')",
		"len('acd')", .in_len = 13},
	{"high byte last takes two back", "1+1\xe9", "1", .in_len = 4},
	{"and not more than there is", "ab\xff", "", .in_len = 3},
	{"high byte last of six", "abcde\xff", "abc", .in_len = 6},
	{"high byte last but one", "abcde\xff\xfd", "abcd", .in_len = 7},
	{"FF FF is no escape",
		"a\xff\xff"
		"bc\r",
		"ac\r", .in_len = 6},
	{"three high bytes",
		"\x80\x81\x82"
		"1+2\r",
		"1+2\r", .in_len = 7},
	{"an option", "\xff\xfd\x03", "", .in_len = 3, .running = true},
	{"two options", "\xff\xfe\x01\xff\xfe\x03x", "x", .in_len = 7},
	{"AYT eats a character",
		"\xff\xf6"
		"abc",
		"bc", .in_len = 5, .logged_in = true},
	{"a sub-negotiation leaks", "\xff\xfa\x22\x01\x03\xff\xf0z", "\x01\x03",
		.in_len = 8},
	{"Ctrl-C is a key at the prompt", "a\x03", "a\x03", .in_len = 2,
		.logged_in = true},
	{"and none while a program runs", "a\x03\x03z", "az", .in_len = 4,
		.logged_in = true, .running = true, .interrupted = true},
	{"Ctrl-F is a key", "\x06", "\x06", .in_len = 1, .logged_in = true},
};

static const struct filter_row py_rows[] = {
	{"plain", "abc\r\n", "abc\r\n", .in_len = 5, .logged_in = true},
	{"NUL is dropped", "1\0+\0001", "1+1", .in_len = 5},
	{"a high byte is dropped", "a\xc3\xa9z", "az", .in_len = 4},
	{"FF FF is FF", "a\xff\xffz", "a\xffz", .in_len = 4},
	{"AYT is echoed", "a\xff\xf6z", "az", .in_len = 4, .logged_in = true,
		.reply = "\xff\xf6"},
	{"not before the login", "a\xff\xf6z", "az", .in_len = 4},
	{"an option", "a\xff\xfd\x03z", "az", .in_len = 5, .logged_in = true},
	{"NOP", "a\xff\xf1z", "az", .in_len = 4, .logged_in = true},
	{"DO BINARY is mirrored", "\xff\xfd\x00\x80z", "z", .in_len = 5,
		.logged_in = true, .reply = "\xff\xfb"},
	{"WILL BINARY: all is data", "\xff\xfb\x00\x80\x03\x06z", "\x80\x03\x06z",
		.in_len = 7, .logged_in = true, .running = true, .reply = "\xff\xfd"},
	{"WONT BINARY ends it", "\xff\xfb\x00\x80\xff\xfc\x00\x80z", "\x80z",
		.in_len = 9},
	{"Ctrl-C while a program runs", "a\x03z", "az", .in_len = 3, .logged_in = true,
		.running = true, .interrupted = true},
	{"Ctrl-C at the prompt", "\x03", "\x03", .in_len = 1, .logged_in = true},
	{"Ctrl-F", "a\x06", "a", .in_len = 2, .logged_in = true, .ctrl_f = true},
	{"Ctrl-F before the login", "a\x06", "a\x06", .in_len = 2},
};

/* `pieces`: byte by byte, which makes no difference to PY. */
static void filter_one(
	enum wipy_telnet_kind kind, const struct filter_row *row, bool pieces)
{
	struct telnet_moment moment = {row->logged_in, row->running, true};
	struct telnet_filter filter;
	struct telnet_notes notes;
	uint8_t bytes[64], kept[64];
	char reply[16] = "";
	bool interrupted = false, ctrl_f = false;
	size_t len = 0;

	telnet_filter_start(&filter, kind);
	for (size_t at = 0; at < row->in_len;) {
		size_t n = pieces ? 1 : row->in_len;

		memcpy(bytes, row->in + at, n);
		at += n;
		n = telnet_filter(&filter, &moment, bytes, n, &notes);
		memcpy(kept + len, bytes, n);
		len += n;
		interrupted = interrupted || notes.interrupted;
		ctrl_f = ctrl_f || notes.ctrl_f;
		strncat(reply, (char *)notes.reply, notes.reply_len);
	}
	kept[len] = '\0';
	tap_ok(strcmp((char *)kept, row->out) == 0 && interrupted == row->interrupted &&
			ctrl_f == row->ctrl_f &&
			strcmp(reply, row->reply ? row->reply : "") == 0,
		"%s filter: %s%s", kind == WIPY_TELNET_PY ? "PY" : "CC", row->name,
		pieces ? ", byte by byte" : "");
}

static void test_filter(void)
{
	for (size_t i = 0; i < sizeof(cc_rows) / sizeof(cc_rows[0]); i++)
		filter_one(WIPY_TELNET_CC, &cc_rows[i], false);
	for (size_t i = 0; i < sizeof(py_rows) / sizeof(py_rows[0]); i++) {
		filter_one(WIPY_TELNET_PY, &py_rows[i], false);
		filter_one(WIPY_TELNET_PY, &py_rows[i], true);
	}
}

struct line {
	const char *say; /* NULL: only listen */
	const char *hear;
};

struct talk {
	const char *name;
	bool ends;       /* the board closes at the end */
	bool whole_only; /* what counts as one segment matters */
	struct line lines[8];
};

static const struct talk talks[] = {
	{"banner", false, false, {{NULL, HELLO}}},
	{"login, CR LF", false, false,
		{{NULL, HELLO}, {"micro\r\n", ASK}, {"python\r\n", WELCOME PROMPT}}},
	{"login, CR", false, false,
		{{NULL, HELLO}, {"micro\r", ASK}, {"python\r", WELCOME PROMPT}}},
	{"login in pieces", false, false,
		{{NULL, HELLO}, {"mi", ""}, {"cro", ""}, {"\r", ASK}, {"pyth", ""},
			{"on\r", WELCOME PROMPT}}},
	{"option bytes are swallowed", false, true,
		{{NULL, HELLO}, {"\xff\xfe\x01\xff\xfe\x03\xff\xfe\"", ""},
			{"micro\r", ASK}, {"python\r", WELCOME PROMPT}}},
	{"three wrong passwords", true, false,
		{{NULL, HELLO}, {"micro\r", ASK}, {"x\r", REFUSED OPTIONS "Login as: "},
			{"micro\r", ASK}, {"x\r", REFUSED OPTIONS "Login as: "},
			{"micro\r", ASK}, {"x\r", REFUSED}}},
	{"wrong, then right", false, false,
		{{NULL, HELLO}, {"micro\r", ASK},
			{"wrong\r", REFUSED OPTIONS "Login as: "}, {"micro\r", ASK},
			{"python\r", WELCOME PROMPT}}},
	{"wrong user, right password", false, false,
		{{NULL, HELLO}, {"Micro\r", ASK},
			{"python\r", REFUSED OPTIONS "Login as: "}}},
	{"empty password", false, false,
		{{NULL, HELLO}, {"micro\r", ASK},
			{"\r", REFUSED OPTIONS "Login as: "}}},
	{"user and password in one segment", false, true,
		{{NULL, HELLO}, {"micro\r\npython\r\n", ASK},
			{"python\r", WELCOME PROMPT}}},
	{"LF alone spoils the name", false, false,
		{{NULL, HELLO}, {"micro\n", ""}, {"\r", ASK},
			{"python\r", REFUSED OPTIONS "Login as: "}}},
	{"31 characters end with their CR", false, false,
		{{NULL, HELLO}, {LONG_31 "\r", ASK}}},
	{"32 characters end at once", false, false,
		{{NULL, HELLO}, {LONG_31 "m", ASK}}},
	{"a key at the prompt", false, false,
		{{NULL, HELLO}, {"micro\r", ASK}, {"python\r", WELCOME PROMPT},
			{"1+1\r", "1+1\r\n2\r\n>>> "}}},
	{"the vendor's recipe", false, false,
		{{NULL, HELLO}, {"micro\r", ASK}, {"python\r", WELCOME PROMPT},
			{"\r\x03\x03", "\r\n>>> \r\n>>> \r\n>>> "},
			{"\r\x02", "\r\n>>> \r\n" BANNER
				   "Type \"help()\" for more information.\r\n>>> "}}},
};

static void hold(const struct talk *talk, bool single_bytes)
{
	struct machine *machine = new_board();
	int conn = machine_connect(machine, 23);
	bool right = conn >= 0;

	machine->hal.single_bytes = single_bytes;
	for (int i = 0; right && i < 8 && talk->lines[i].hear; i++) {
		const char *heard;

		if (talk->lines[i].say)
			machine_say(machine, conn, talk->lines[i].say);
		machine_run(machine, single_bytes ? 200 : 100);
		heard = machine_hear(machine, conn);
		right = strcmp(heard, talk->lines[i].hear) == 0;
		if (!right)
			printf("# line %d: got \"%s\"\n# want \"%s\"\n", i, heard,
				talk->lines[i].hear);
	}
	tap_ok(right && machine_ended(machine, conn) == talk->ends &&
			!machine->hal.misused,
		"%s%s", talk->name, single_bytes ? ", single bytes" : "");
	machine_free(machine);
}

static void test_talks(void)
{
	for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		hold(&talks[i], false);
		if (!talks[i].whole_only)
			hold(&talks[i], true);
	}
}

static int log_in(struct machine *machine)
{
	int conn = machine_connect(machine, 23);

	machine_run(machine, 50);
	machine_say(machine, conn, "micro\r");
	machine_run(machine, 50);
	machine_say(machine, conn, "python\r");
	machine_run(machine, 50);
	return conn;
}

/* What is typed before a prompt is lost (WIRE.md 1.3). */
static void test_discard(void)
{
	struct machine *machine = new_board();
	int conn = machine_connect(machine, 23);

	machine_say(machine, conn, "micro\r");
	machine_run(machine, 100);
	EQ_STR(machine_hear(machine, conn), HELLO, "typed before the prompt: lost");
	machine_say(machine, conn, "micro\r");
	/* into the gap between the prompt and the options */
	while (machine->board.telnet.state != TELNET_SRV_PASSWORD_OPTIONS)
		machine_run(machine, 1);
	machine_say(machine, conn, "python\r");
	machine_run(machine, 100);
	EQ_STR(machine_hear(machine, conn), ASK, "typed before the options: lost");
	machine_say(machine, conn, "python\r");
	machine_run(machine, 100);
	EQ_STR(machine_hear(machine, conn), WELCOME PROMPT, "typed behind them: good");
	machine_free(machine);
}

/* A receive of 256 bytes is ignored; the rest goes on (WIRE.md 0.4). */
static void test_full_segment(void)
{
	struct machine *machine = new_board();
	int conn = machine_connect(machine, 23);
	char bytes[258];

	memset(bytes, 'm', 255);
	memcpy(bytes + 255, "\r\n", 3);
	machine_run(machine, 50);
	machine_hear(machine, conn);
	machine_say(machine, conn, bytes);
	machine_run(machine, 50);
	EQ_STR(machine_hear(machine, conn), "", "255 characters and CR LF: no answer");
	machine_say(machine, conn, "python\r");
	machine_run(machine, 50);
	EQ_STR(machine_hear(machine, conn), ASK, "then the field begins with the LF");
	machine_free(machine);
}

static void test_one_client(void)
{
	struct machine *machine = new_board();
	int conn = machine_connect(machine, 23);

	machine_run(machine, 1);
	EQ_INT(machine_connect(machine, 23), -1, "refused before the first one is in");
	machine_shut(machine, conn);
	machine_run(machine, 40);
	OK(machine_ended(machine, conn), "the first one left");
	machine_drop(machine, conn);
	conn = log_in(machine);
	EQ_INT(machine_connect(machine, 23), -1, "refused while one is logged in");
	machine_shut(machine, conn);
	machine_run(machine, 1);
	machine_run(machine, 7);
	EQ_INT(machine_connect(machine, 23), -1, "still refused 8 ms after its end");
	machine_run(machine, 4);
	OK(machine_connect(machine, 23) >= 0, "and listening 12 ms after it");
	machine_free(machine);
}

static void test_backlog(void)
{
	struct machine *machine = new_board();
	int first = machine_connect(machine, 23);
	int second = machine_connect(machine, 23);

	machine_run(machine, 50);
	EQ_STR(machine_hear(machine, first), HELLO, "the first in the queue is served");
	OK(machine_ended(machine, second), "the second is reset with the listener");
	machine_free(machine);
}

static void test_half_line(void)
{
	struct machine *machine = new_board();
	int conn = log_in(machine);

	machine_say(machine, conn, "abc");
	machine_run(machine, 10);
	machine_shut(machine, conn);
	machine_run(machine, 30);
	machine_drop(machine, conn);
	conn = machine_connect(machine, 23);
	machine_run(machine, 50);
	machine_say(machine, conn, "micro\r");
	machine_run(machine, 50);
	machine_hear(machine, conn);
	machine_say(machine, conn, "python\r");
	machine_run(machine, 50);
	EQ_STR(machine_hear(machine, conn), WELCOME "\b\x1b[K\b\x1b[K\b\x1b[K" PROMPT,
		"the half line of the client before is erased");
	machine_free(machine);
}

/* Cut at 300.1 s without a byte received; output does not count, ignored bytes do. */
static void test_idle(void)
{
	struct machine *machine = new_board();
	int conn = log_in(machine);

	machine_run(machine, 299000);
	OK(!machine_ended(machine, conn), "299 s of silence");
	machine_send(machine, conn, "\xff\xfd\x03", 3);
	machine_run(machine, 300000);
	OK(!machine_ended(machine, conn), "300 s after an option");
	machine_run(machine, 200);
	OK(machine_ended(machine, conn), "cut at 300.2 s");
	machine_drop(machine, conn);
	conn = machine_connect(machine, 23);
	machine_run(machine, 300200);
	OK(machine_ended(machine, conn), "a client that never logs in is cut as well");
	machine_free(machine);
}

/* A login that makes no progress for 50 cycles is given up (WIRE.md 1.3). */
static void test_slow_login(void)
{
	struct machine *machine = new_board();
	int conn = machine_connect(machine, 23);

	machine->hal.handles[conn].full = true;
	machine_run(machine, 150);
	OK(!machine_ended(machine, conn), "150 ms without progress");
	machine_run(machine, 150);
	OK(machine_ended(machine, conn), "given up after 300 ms");
	machine_free(machine);
}

static void test_broken(void)
{
	struct machine *machine = new_board();
	int conn = machine_connect(machine, 23);

	machine_run(machine, 5);
	machine_reset_conn(machine, conn);
	machine_run(machine, 30);
	OK(machine_ended(machine, conn), "a reset ends the session");
	OK(machine_connect(machine, 23) >= 0, "and the next client gets in");
	machine_free(machine);
}

/* Random bytes at every stage: no rule broken, the board still answers afterwards. */
static void test_noise(void)
{
	uint32_t seed = 12345;
	int wrong = 0;

	for (int round = 0; round < 200; round++) {
		struct machine *machine = new_board();
		int conn = round % 2 ? log_in(machine) : machine_connect(machine, 23);

		for (int i = 0; i < 20 && !machine_ended(machine, conn); i++) {
			uint8_t bytes[40];

			for (size_t k = 0; k < sizeof(bytes); k++) {
				seed = seed * 1664525u + 1013904223u;
				bytes[k] = (uint8_t)(seed >> 24);
			}
			machine_send(machine, conn, bytes, 1 + seed % sizeof(bytes));
			machine_run(machine, 5);
		}
		machine_shut(machine, conn);
		machine_run(machine, 600);
		machine_drop(machine, conn);
		conn = machine_connect(machine, 23);
		machine_run(machine, 50);
		wrong += conn < 0 || strcmp(machine_hear(machine, conn), HELLO) != 0 ||
			 machine->hal.misused;
		machine_free(machine);
	}
	EQ_INT(wrong, 0, "200 rounds of noise, seed 12345");
}

int main(void)
{
	test_filter();
	test_talks();
	test_discard();
	test_full_segment();
	test_one_client();
	test_backlog();
	test_half_line();
	test_idle();
	test_slow_login();
	test_broken();
	test_noise();
	return tap_done();
}
