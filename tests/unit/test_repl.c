/* SPDX-License-Identifier: MIT
 *
 * REPL: modes, programs that run while keys arrive, what one client leaves to the next,
 * scripts at the start. The conversations are those that boards were recorded in; they
 * are held twice, once with single bytes. What Python does is tested in test_py*.c.
 */
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/repl_session.h"

#define TRACE     "Traceback (most recent call last):\r\n  File \"<stdin>\", line "
#define ERROR     TRACE "1, in <module>\r\n"
#define INTERRUPT ERROR "KeyboardInterrupt: \r\n"
#define NO_NAME   "NameError: name not defined\r\n"
#define RAW       "raw REPL; CTRL-B to exit\r\n>"
#define FRIENDLY  SESSION_BANNER SESSION_HELP ">>> "
#define PASTE     "\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== "
#define SOFT      "PYB: soft reboot\r\n"
#define BS_32     "\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b"
#define RELOGIN   "\n" /* instead of keys: the client leaves, another one logs in */

struct line {
	const char *say; /* NULL: nothing, only listen */
	const char *hear;
	int64_t ms; /* how long to listen; 0: 50 ms */
};

struct talk {
	const char *name;
	bool whole_only; /* what counts as one segment matters */
	struct line lines[10];
};

static const struct talk talks[] = {
	{"prompt", false,
		{{"\r", "\r\n>>> ", 0}, {"\x03\x03", "\r\n>>> \r\n>>> ", 0},
			{"abc\x03", "abc\r\n>>> ", 0}, {"1\r", "1\r\n1\r\n>>> ", 0},
			{"\r\x02", "\r\n>>> \r\n" FRIENDLY, 0}}},
	{"statements of several lines", false,
		{{"len(\r'ab'\r)\r", "len(\r\n... 'ab'\r\n... )\r\n2\r\n>>> ", 0},
			{"f(\r\x03", "f(\r\n... \r\n>>> ", 0},
			{"'''a\rb'''\r", "'''a\r\n... b'''\r\n'a\\nb'\r\n>>> ", 0},
			{"1 + \\\r2\r", "1 + \\\r\n... 2\r\n3\r\n>>> ", 0},
			{"def g():\r    return 5\r\rg()\r\x03",
				"def g():\r\n...         return 5\r\n...         \r\n"
				"...         g()\r\n...         \r\n>>> ",
				200},
			{"def h():\rreturn 6\r\x08\rh()\r",
				"def h():\r\n...     return 6\r\n"
				"...     \b\b\b\b\x1b[K\r\n>>> h()\r\n6\r\n>>> ",
				200}}},
	{"raw mode", false,
		{{"\r\x01", "\r\n>>> \r\n" RAW, 0},
			{"print(1+1)\x04", "OK2\r\n\x04\x04>", 0},
			{"print(\"a\")\nprint(\"b\")\n\x04", "OKa\r\nb\r\n\x04\x04>",
				200},
			{"1/0\x04",
				"OK\x04" ERROR
				"TypeError: unsupported type for operator\r\n\x04>",
				0},
			{"x=\x04",
				"OK\x04" TRACE
				"2\r\nSyntaxError: invalid syntax\r\n\x04>",
				0},
			{"nothere\x04", "OK\x04" ERROR NO_NAME "\x04>", 0},
			{"abc\x03print(3)\x04", "OK3\r\n\x04\x04>", 100},
			{"\x01", RAW, 0},
			{"print(1)\r\nprint(2)\r\n\x04", "OK1\r\n2\r\n\x04\x04>", 100},
			{"\x02", "\r\n" FRIENDLY, 0}}},
	{"raw mode without raw paste", false,
		{{"\x01", "\r\n" RAW, 0},
			{"\x05"
			 "A\x01",
				RAW, 0},
			{"\x02", "\r\n" FRIENDLY, 0}}},
	{"an interrupt in raw mode", false,
		{{"\x01", "\r\n" RAW, 0}, {"while True:\n    pass\n\x04", "OK", 1000},
			{"\x03",
				"\x04" TRACE
				"2, in <module>\r\nKeyboardInterrupt: \r\n\x04>",
				0},
			{"print(1)\x04", "OK1\r\n\x04\x04>", 0}}},
	{"raw mode is left on", false,
		{{"\x01", "\r\n" RAW, 0}, {RELOGIN, SESSION_WELCOME, 0},
			{"print(7)\r", "", 0},
			{"\x04",
				"OK\x04" TRACE
				"1\r\nSyntaxError: invalid syntax\r\n\x04>",
				0},
			{"print(8)\r\x04", "OK8\r\n\x04\x04>", 0}, {"\x03", "", 0},
			{"\x02", "\r\n" FRIENDLY, 0}}},
	{"paste mode", false,
		{{"\x05", PASTE, 0},
			{"a = 5\rif a:\r", "a = 5\r\n=== if a:\r\n=== ", 0},
			{"  print(a)\r\x04", "  print(a)\r\n=== \r\n5\r\n>>> ", 0},
			{"\x05"
			 "a = 6\r\x03",
				PASTE "a = 6\r\n=== \r\n>>> ", 0},
			{"a\r", "a\r\n5\r\n>>> ", 0}}},
	{"paste mode is left on", false,
		{{"\x05"
		  "a=1",
			 PASTE "a=1", 0},
			{RELOGIN,
				SESSION_WELCOME BS_32 BS_32 BS_32 BS_32 "\r\n=== ", 0},
			{NULL, "", 3000}, {"\x03", "\r\n>>> ", 0}}},
	{"a half line is left", false,
		{{"abc", "abc", 0}, {RELOGIN,
					    SESSION_WELCOME "\b\x1b[K\b\x1b[K\b\x1b[K"
							    "\r\n>>> ",
					    0}}},
	{"an open block is left", false,
		{{"def f():\r", "def f():\r\n...     ", 0},
			{RELOGIN,
				SESSION_WELCOME
				"\b\b\b\b\x1b[K\r\n" TRACE
				"2\r\nSyntaxError: invalid syntax\r\n>>> ",
				0},
			{"1+1\r", "1+1\r\n2\r\n>>> ", 0}}},
	{"a program is left", true,
		{{"import time\r", "import time\r\n>>> ", 0},
			{"while 1: time.sleep(1)\r", "while 1: time.sleep(1)\r\n... ",
				100},
			{"\r", "\r\n", 0}, {RELOGIN, SESSION_WELCOME, 500},
			{"\r\x03\x03", INTERRUPT ">>> \r\n>>> \r\n>>> ", 1100},
			{"\r\x02", "\r\n>>> \r\n" FRIENDLY, 0}}},
	{"Ctrl-C while a program runs", true,
		{{"while True: pass\r", "while True: pass\r\n... ", 100},
			{"\r", "\r\n", 1000}, {"\x03", INTERRUPT ">>> ", 0},
			{"while 1: pass\r\r", "while 1: pass\r\n... \r\n", 600},
			{"\r\x03\x03", INTERRUPT ">>> \r\n>>> ", 0}}},
	{"Ctrl-C waits for the end of a sleep", true,
		{{"import time\r", "import time\r\n>>> ", 100},
			{"time.sleep(3)\r", "time.sleep(3)\r\n", 1000},
			{"\x03", "", 1900}, {NULL, INTERRUPT ">>> ", 200}}},
	{"soft reset", false,
		{{"a = 1\r", "a = 1\r\n>>> ", 0}, {"\x04", "\r\n" SOFT FRIENDLY, 0},
			{"a\r", "a\r\n" ERROR NO_NAME ">>> ", 0},
			{"\x1b[A\x03", "a\r\n>>> ", 0}}},
	{"soft reset in raw mode", false,
		{{"\x01", "\r\n" RAW, 0}, {"a = 1\x04", "OK\x04\x04>", 0},
			{"\x04", "OK\r\n" SOFT RAW, 0},
			{"a\x04", "OK\x04" ERROR NO_NAME "\x04>", 0}}},
};

static const char *hold_line(
	struct machine *machine, int *conn, const struct line *line)
{
	if (line->say && strcmp(line->say, RELOGIN) == 0) {
		session_leave(machine, *conn);
		*conn = session_login(machine);
	} else if (line->say) {
		machine_say(machine, *conn, line->say);
	}
	machine_run(machine, line->ms > 0 ? line->ms : 50);
	return machine_hear(machine, *conn);
}

static void hold(const struct talk *talk, bool single_bytes)
{
	struct machine *machine = session_machine();
	bool right = true;
	int conn;

	machine_boot(machine);
	conn = session_login(machine);
	machine_hear(machine, conn);
	machine->hal.single_bytes = single_bytes;
	for (int i = 0; right && i < 10 && talk->lines[i].hear; i++) {
		struct line line = talk->lines[i];
		const char *heard;

		if (single_bytes && line.say)
			line.ms += 50 + 8 * (int64_t)strlen(line.say);
		heard = hold_line(machine, &conn, &line);
		right = strcmp(heard, line.hear) == 0;
		if (!right)
			printf("# line %d: got \"%s\"\n# want \"%s\"\n", i, heard,
				line.hear);
	}
	tap_ok(right && !machine->hal.misused, "%s%s", talk->name,
		single_bytes ? ", single bytes" : "");
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

static void test_needs_more(void)
{
	static const struct {
		const char *text;
		bool more;
	} texts[] = {{"", false}, {"1", false}, {"(", true}, {"(\n)", false},
		{"'('", false}, {"'''", true}, {"''''''", false}, {"'a", false},
		{"for x in y: z", true}, {"for x in y: z\n", false}, {"format", false},
		{"if", true}, {"@x", true}, {"'\\''", false}, {"[{", true},
		{"a\\", true}, {"len(')", true}, {"(]", true}, {"\"'\"(", true},
		{"'''a\n'b'\n", true}, {"try:", true}, {"class_x", false},
		{"x = 'a\\\\'", false}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		EQ_INT(repl_needs_more(texts[i].text, strlen(texts[i].text)),
			texts[i].more, texts[i].text);
}

/* 400 keys while a program runs: 255 wait in the ring, the others in the net, and a
 * Ctrl-C behind them is not seen before the program has ended (WIRE.md 1.8). */
static void test_full_ring(void)
{
	struct machine *machine = session_machine();
	char keys[401], want[420];
	int conn;

	machine_boot(machine);
	conn = session_login(machine);
	session_type(machine, conn, "import time\r", 50);
	session_type(machine, conn, "for i in range(8): time.sleep(1)\r", 50);
	session_type(machine, conn, "\r", 500);
	memset(keys, '#', 400);
	keys[400] = '\0';
	EQ_STR(session_type(machine, conn, keys, 500), "", "nothing while it runs");
	EQ_INT(machine->board.telnet.in.len, 255, "the ring is full");
	EQ_STR(session_type(machine, conn, "\x03", 5000), "", "Ctrl-C is not seen");
	machine_run(machine, 4000);
	snprintf(want, sizeof(want), ">>> %s\r\n>>> ", keys);
	EQ_STR(machine_hear(machine, conn), want, "then all keys come");
	session_type(machine, conn, "time.sleep(3)\r", 50);
	keys[200] = '\0';
	session_type(machine, conn, keys, 50);
	EQ_STR(session_type(machine, conn, "\x03", 2500), "",
		"with room in the ring it is seen, when the sleep ends");
	machine_run(machine, 1000);
	snprintf(want, sizeof(want), INTERRUPT ">>> %s", keys);
	EQ_STR(machine_hear(machine, conn), want, "and the keys stay");
	machine_free(machine);
}

/* A line as long as the heap takes, and one that it does not. */
static void test_long_line(void)
{
	struct machine *machine = session_machine();
	static char line[40000], want[40100];
	int conn;

	machine_boot(machine);
	conn = session_login(machine);
	machine_hear(machine, conn);
	memset(line, '5', 2993);
	memcpy(line, "len('", 5);
	strcpy(line + 2993, "')\r");
	snprintf(want, sizeof(want), "%s\n2988\r\n>>> ", line);
	EQ_STR(session_type(machine, conn, line, 200), want, "a line of 3000");
	snprintf(want, sizeof(want), "%.2995s", line);
	EQ_STR(session_type(machine, conn, "\x1b[A", 50), want, "comes back");
	session_type(machine, conn, "\x03", 50);
	memset(line, '#', 39000);
	line[39000] = '\0';
	machine_say(machine, conn, line);
	machine_run(machine, 2000);
	OK(strlen(machine_hear(machine, conn)) < 39000, "39000 do not fit");
	EQ_STR(session_type(machine, conn, "\r", 50), "\r\n>>> ", "a comment it is");
	EQ_STR(session_type(machine, conn, "1\r", 50), "1\r\n1\r\n>>> ",
		"the board goes on");
	machine_free(machine);
}

/* Three texts of a program are lost in 5 s that the client does not read, the rest
 * comes (WIRE.md 1.7). */
static void test_slow_reader(void)
{
	static const char program[] = "for i in range(900): print(i)\r\r";
	struct machine *machine = session_machine();
	const char *heard;
	size_t all = 10 * 3 + 90 * 4 + 800 * 5, len;
	int conn;

	machine_boot(machine);
	conn = session_login(machine);
	session_type(machine, conn, "1\r", 50);
	machine_say(machine, conn, program);
	machine->hal.handles[conn].full = true;
	machine_run(machine, 5000);
	machine->hal.handles[conn].full = false;
	machine_run(machine, 500);
	heard = machine_hear(machine, conn);
	len = strlen(heard) - strlen("for i in range(900): print(i)\r\n... \r\n>>> ");
	OK(len < all && all - len >= 3 * 2 && all - len <= 3 * 3,
		"three texts are lost");
	OK(strstr(heard, "\r\n899\r\n>>> ") != NULL, "the rest comes");
	machine_free(machine);
}

static void test_reset(void)
{
	struct machine *machine = session_machine();
	int conn;

	machine_boot(machine);
	conn = session_login(machine);
	session_type(machine, conn, "mark = 1\r", 50);
	EQ_STR(session_type(machine, conn,
		       "import machine; machine.reset(); print(1)\r", 100),
		"import machine; machine.reset(); print(1)\r\n",
		"nothing is printed behind a reset");
	OK(machine_ended(machine, conn), "and the connection ends");
	machine_run(machine, 1000);
	machine_drop(machine, conn);
	conn = session_login(machine);
	machine_hear(machine, conn);
	EQ_STR(session_type(machine, conn, "mark\r", 50),
		"mark\r\n" ERROR NO_NAME ">>> ", "the names are gone");
	machine_free(machine);
}

/* Writes a file of one line by hand. */
static void write_file(
	struct machine *machine, int conn, const char *path, const char *line)
{
	char keys[200];

	snprintf(keys, sizeof(keys),
		"f = open('%s', 'w'); n = f.write(%s); f.close()\r", path, line);
	session_type(machine, conn, keys, 200);
}

#define MAIN_TRACE                                                                     \
	"Traceback (most recent call last):\r\n  File \"main.py\", line 2, in "        \
	"<module>\r\nKeyboardInterrupt: \r\n"
#define BOOT_TRACE                                                                     \
	"Traceback (most recent call last):\r\n  File \"boot.py\", line 2, in "        \
	"<module>\r\n" NO_NAME

/* boot.py and main.py run at each start, unless it is a safe one; main.py not where raw
 * mode is on. While they run nothing else does. */
/* A watchdog that a program made bites when the program does not feed it, although the
 * servers live (WIRE.md 3.6). */
static void test_watchdog(void)
{
	struct machine *machine = session_machine();
	int conn;

	machine_boot(machine);
	conn = session_login(machine);
	machine_say(machine, conn, "import machine; w = machine.WDT(timeout=1500)\r");
	machine_run(machine, 500);
	machine_say(machine, conn, "w.feed()\r");
	machine_run(machine, 1300);
	EQ_INT(machine->hal.cause, HAL_RESET_POWER, "fed: it does not bite");
	machine_run(machine, 1000);
	EQ_INT(machine->hal.cause, HAL_RESET_WATCHDOG, "not fed: it bites");
	machine_free(machine);
}

static void test_scripts(void)
{
	struct machine *machine = session_machine();
	int conn;

	machine_boot(machine);
	conn = session_login(machine);
	write_file(machine, conn, "/flash/boot.py", "'b = 1\\nnothere\\n'");
	write_file(
		machine, conn, "/flash/main.py", "'print(b, 2)\\nwhile True: pass\\n'");
	EQ_STR(session_type(machine, conn, "\x04", 200),
		"\r\n" SOFT BOOT_TRACE "1 2\r\n", "both run after a soft reset");
	EQ_INT(machine->board.led.pattern, LED_SCRIPT_ERROR, "the LED shows the error");
	EQ_STR(session_type(machine, conn, "7\r", 500), "", "main.py holds the REPL");
	EQ_STR(session_type(machine, conn, "\x03", 100),
		MAIN_TRACE FRIENDLY "7\r\n7\r\n>>> ",
		"Ctrl-C ends it, what was typed follows");
	session_type(machine, conn, "\x01", 50);
	EQ_STR(session_type(machine, conn, "\x04", 200), "OK\r\n" SOFT BOOT_TRACE RAW,
		"raw mode: no main.py");
	session_type(machine, conn, "\x02", 50);
	write_file(machine, conn, "/flash/boot.py",
		"'import machine\\nmachine.main(\"other.py\")\\n'");
	EQ_STR(session_type(machine, conn, "\x04", 200),
		"\r\n" SOFT "could not open file 'other.py' for reading\r\n" FRIENDLY,
		"machine.main() names another, which is not there");
	machine->board.safe_boot = true;
	EQ_STR(session_type(machine, conn, "\x04", 200), "\r\n" SOFT FRIENDLY,
		"a safe boot runs none");
	machine_free(machine);
}

/* An idle board wants to be called for nothing but its client's silence. */
static void test_idle(void)
{
	struct machine *machine = session_machine();
	int64_t due;
	int conn;

	machine->settings.led_by_asking = true;
	machine_boot(machine);
	machine_run(machine, 10000);
	due = wipy_board_step(&machine->board, machine->hal.now_ms);
	OK(due > machine->hal.now_ms + 3000, "nothing is due without a client");
	conn = session_login(machine);
	session_type(machine, conn, "1\r", 1000);
	due = telnet_srv_settle(&machine->board, machine->hal.now_ms);
	OK(due > machine->hal.now_ms + 200000, "nor at the prompt");
	machine_free(machine);
}

int main(void)
{
	test_talks();
	test_needs_more();
	test_full_ring();
	test_long_line();
	test_slow_reader();
	test_reset();
	test_watchdog();
	test_scripts();
	test_idle();
	return tap_done();
}
