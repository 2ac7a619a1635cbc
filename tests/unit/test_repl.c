/* SPDX-License-Identifier: MIT
 *
 * REPL: lines and what they print, keys and their echo, names and their lives.
 */
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/fw_machine.h"

#define IMAGE_LEN 3044
#define TRACE     "Traceback (most recent call last):\r\n  File \"<stdin>\", line "
#define ERROR     TRACE "1, in <module>\r\n"
#define SYNTAX    TRACE "1\r\nSyntaxError: "
#define UNAME                                                                          \
	"(sysname='WiPy', nodename='WiPy', release='1.2.0', version='v1.8.7 on "       \
	"2017-01-08', machine='WiPy with CC3200')\r\n"

static struct machine *new_board(int *ret_conn)
{
	static uint8_t image[IMAGE_LEN];
	struct machine *machine = machine_new();
	int conn;

	machine_make_image(image, sizeof(image), "v1.8.7");
	machine_install(machine, HAL_AREA_FACTORY, image, sizeof(image));
	machine_boot(machine);
	conn = machine_connect(machine, 23);
	machine_run(machine, 50);
	machine_say(machine, conn, "micro\r");
	machine_run(machine, 50);
	machine_say(machine, conn, "python\r");
	machine_run(machine, 50);
	machine_hear(machine, conn);
	*ret_conn = conn;
	return machine;
}

static const char *type(struct machine *machine, int conn, const char *keys)
{
	machine_say(machine, conn, keys);
	machine_run(machine, 20);
	return machine_hear(machine, conn);
}

struct row {
	const char *line;
	const char *prints; /* behind the echo, before the prompt */
};

/* All in one session, in this order: names stay. */
static const struct row rows[] = {
	/* what boards were recorded to print */
	{"4 / 2", ERROR "TypeError: unsupported type for operator\r\n"},
	{"4 // 2", "2\r\n"},
	{"1.5", SYNTAX "decimal numbers not supported\r\n"},
	{"nothere", ERROR "NameError: name not defined\r\n"},
	{"x = = 1", SYNTAX "invalid syntax\r\n"},
	{"1/0", ERROR "TypeError: unsupported type for operator\r\n"},
	{"1//0", ERROR "ZeroDivisionError: division by zero\r\n"},
	{"float(1)", ERROR "NameError: name not defined\r\n"},
	{"import math", ERROR "ImportError: module not found\r\n"},
	{"int(\"a\")", ERROR "ValueError: invalid syntax for integer\r\n"},
	{"None.x", ERROR "AttributeError: no such attribute\r\n"},
	{"(1).y", ERROR "AttributeError: no such attribute\r\n"},
	{"'abc' + 1", ERROR "TypeError: unsupported type for operator\r\n"},
	{"f\"x\"", SYNTAX "invalid syntax\r\n"},
	{"(x:=1)", SYNTAX "invalid syntax\r\n"},
	{"print(\"a\",\"b\",sep=\"-\")", "a-b\r\n"},
	{"del zz", ERROR "KeyError: zz\r\n"},
	{"  1", TRACE "1\r\nIndentationError: unexpected indent\r\n"},
	{"'abc", SYNTAX "invalid syntax\r\n"},
	{"import machine; machine.reset_cause()", "0\r\n"},
	{"import sys", ""},
	{"sys.version", "'3.4.0'\r\n"},
	{"sys.platform", "'WiPy'\r\n"},
	/* os and its names */
	{"os.uname()", ERROR "NameError: name not defined\r\n"},
	{"import os", ""},
	{"os.uname()", UNAME},
	{"print(os.uname())", UNAME},
	{"os.uname().sysname", "'WiPy'\r\n"},
	{"os.uname().nodename", "'WiPy'\r\n"},
	{"os.uname().release", "'1.2.0'\r\n"},
	{"os.uname().version", "'v1.8.7 on 2017-01-08'\r\n"},
	{"os.uname().machine", "'WiPy with CC3200'\r\n"},
	{"print(os.uname().version)", "v1.8.7 on 2017-01-08\r\n"},
	{"os.uname().length", ERROR "AttributeError: no such attribute\r\n"},
	{"os.nothere", ERROR "AttributeError: no such attribute\r\n"},
	{"import os as o, sys as s", ""},
	{"o.uname().release; s.platform", "'1.2.0'\r\n'WiPy'\r\n"},
	{"os", "<module 'os'>\r\n"},
	{"machine.unique_id()", "b'\\xd09r\\x124V'\r\n"},
	{"machine.HARD_RESET", "1\r\n"},
	/* values */
	{"1", "1\r\n"},
	{"-5", "-5\r\n"},
	{"0x10; 0o17; 0b101", "16\r\n15\r\n5\r\n"},
	{"1073741823", "1073741823\r\n"},
	{"1073741824", TRACE "1, in <module>\r\n"
			     "OverflowError: long int not supported in this build\r\n"},
	{"1073741823 + 1", ERROR "OverflowError: small int overflow\r\n"},
	{"-1073741823 - 1", "-1073741824\r\n"},
	{"None", ""},
	{"True; False", "True\r\nFalse\r\n"},
	{"'a'; \"b\"; 'it\\'s'; 'q\"'", "'a'\r\n'b'\r\n\"it's\"\r\n'q\"'\r\n"},
	{"'\\'\"'", "'\\'\"'\r\n"},
	{"'\\n\\x01\\\\'", "'\\n\\x01\\\\'\r\n"},
	{"'a' 'b'", "'ab'\r\n"},
	{"b'a' 'b'", SYNTAX "invalid syntax\r\n"},
	{"print('a\\nb')", "a\r\nb\r\n"},
	{"print()", "\r\n"},
	{"print(1, None, 'x', end='.')", "1 None x."},
	{"len('abc'), 1", SYNTAX "invalid syntax\r\n"},
	{"len('abc')", "3\r\n"},
	{"len(1)", ERROR "TypeError: object has no len\r\n"},
	{"str(5) + repr('a')", "\"5'a'\"\r\n"},
	{"int('12') + int(True)", "13\r\n"},
	{"len()", ERROR "TypeError: argument num/types mismatch\r\n"},
	{"1()", ERROR "TypeError: object not callable\r\n"},
	/* operators */
	{"1 + 2 * 3", "7\r\n"},
	{"(1 + 2) * 3", "9\r\n"},
	{"2 ** 3 ** 2", "512\r\n"},
	{"-2 ** 2", "-4\r\n"},
	{"-7 // 2; -7 % 2; 7 // -2", "-4\r\n1\r\n-4\r\n"},
	{"2 ** -1", ERROR "TypeError: unsupported type for operator\r\n"},
	{"2 ** 31", ERROR "OverflowError: small int overflow\r\n"},
	{"1 < 2; 2 <= 1; 'a' == 'a'; 'a' != 'b'", "True\r\nFalse\r\nTrue\r\nTrue\r\n"},
	{"'a' < 1", ERROR "TypeError: unsupported type for operator\r\n"},
	{"not 1; not not 1", "False\r\nTrue\r\n"},
	{"0 or 'x'; 1 and 2; 0 and nothere", "'x'\r\n2\r\n0\r\n"},
	{"1 or nothere or nothere", "1\r\n"},
	{"1 +", SYNTAX "invalid syntax\r\n"},
	{"1 2", SYNTAX "invalid syntax\r\n"},
	{")", SYNTAX "invalid syntax\r\n"},
	{"$", SYNTAX "invalid syntax\r\n"},
	{"0x", SYNTAX "invalid syntax for integer\r\n"},
	{"12ab", SYNTAX "invalid syntax for integer\r\n"},
	/* a syntax error stops the whole line before it does anything */
	{"print(1); x = = 1", SYNTAX "invalid syntax\r\n"},
	{"print(1); nothere; print(2)",
		"1\r\n" ERROR "NameError: name not defined\r\n"},
	/* names */
	{"a = b = 'text'", ""},
	{"a + b", "'texttext'\r\n"},
	{"a = 1; b", "'text'\r\n"},
	{"a = a + 1; a", "2\r\n"},
	{"del a; a", ERROR "NameError: name not defined\r\n"},
	{"None = 1", SYNTAX "invalid syntax\r\n"},
	{"import = 1", SYNTAX "invalid syntax\r\n"},
	{"__name__", "'__main__'\r\n"},
	{"print = 5; print", "5\r\n"},
	{"del print; print(6)", "6\r\n"},
	{"# nothing", ""},
	{"7 # seven", "7\r\n"},
	{"pass", ""},
	{";", SYNTAX "invalid syntax\r\n"},
	{"raise OSError(5)", SYNTAX "invalid syntax\r\n"},
	{"((((((((((((((((((((((((((((1))))))))))))))))))))))))))))",
		ERROR "RuntimeError: maximum recursion depth exceeded\r\n"},
	{"1**1**1**1**1**1**1**1**1**1**1**1**1**1**1**1",
		ERROR "RuntimeError: maximum recursion depth exceeded\r\n"},
	{"----------------1",
		ERROR "RuntimeError: maximum recursion depth exceeded\r\n"},
	{"a=b=c=d=e=f=g=h=i=j=k=l=m=n=o=p=1",
		ERROR "RuntimeError: maximum recursion depth exceeded\r\n"},
	{"not not not not not not not not not not not not not not 1", "True\r\n"},
	{"1", "1\r\n"},
};

static void test_rows(bool single_bytes)
{
	int conn;
	struct machine *machine = new_board(&conn);

	machine->hal.single_bytes = single_bytes;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char keys[200], want[600];

		snprintf(keys, sizeof(keys), "%s\r", rows[i].line);
		snprintf(want, sizeof(want), "%s\r\n%s>>> ", rows[i].line,
			rows[i].prints);
		EQ_STR(type(machine, conn, keys), want, rows[i].line);
	}
	machine_free(machine);
}

static const struct {
	const char *name, *keys, *hears;
} keys[] = {
	{"backspace",
		"5\x7f"
		"6\r",
		"5\b\x1b[K6\r\n6\r\n>>> "},
	{"backspace on an empty line", "\b\x7f\r", "\r\n>>> "},
	{"LF is ignored", "2+2\n\r", "2+2\r\n4\r\n>>> "},
	{"Ctrl-C", "abc\x03", "abc\r\n>>> "},
	{"other control keys in a line", "12\x02\x04\x06\x0b\x15\r",
		"12\r\n12\r\n>>> "},
	{"home, insert, end",
		"12\x01"
		"3\x05"
		"4\r",
		"12\b\b312\b\b124\r\n3124\r\n>>> "},
	{"cursor keys", "ab\x1b[D\x1b[Dx\x1b[C\x03", "ab\b\bxab\b\ba\r\n>>> "},
	{"a far cursor", "123456\x01\r", "123456\x1b[6D\r\n123456\r\n>>> "},
	{"unknown escapes", "\x1b[5~\x1bOP1\r", "1\r\n1\r\n>>> "},
	{"raw mode and paste mode keys", "\x01\x05\r", "\r\n>>> "},
	{"open bracket", "len(\r'ab'\r)\r", "len(\r\n... 'ab'\r\n... )\r\n2\r\n>>> "},
	{"open bracket given up", "f(\r\x03", "f(\r\n... \r\n>>> "},
	{"triple quotes", "'''a\rb'''\r", "'''a\r\n... b'''\r\n'a\\nb'\r\n>>> "},
	{"backslash", "1 + \\\r2\r", "1 + \\\r\n... 2\r\n3\r\n>>> "},
	{"a block is indented", "if a:\r1\r\x03",
		"if a:\r\n...     1\r\n...     \r\n>>> "},
	{"indentation goes in one step", "if a:\r\b1\x03",
		"if a:\r\n...     \b\b\b\b\x1b[K1\r\n>>> "},
	{"quotes hide brackets", "len('(')\r", "len('(')\r\n1\r\n>>> "},
	{"error in the second line", "len(\r=)\r",
		"len(\r\n... =)\r\n" TRACE "2\r\nSyntaxError: invalid syntax\r\n>>> "},
};

static void test_keys(void)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		int conn;
		struct machine *machine = new_board(&conn);

		EQ_STR(type(machine, conn, keys[i].keys), keys[i].hears, keys[i].name);
		machine_free(machine);
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
		{"a\\", true}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		EQ_INT(repl_needs_more(texts[i].text, strlen(texts[i].text)),
			texts[i].more, texts[i].text);
}

static int reconnect(struct machine *machine, int conn)
{
	machine_shut(machine, conn);
	machine_run(machine, 1000);
	machine_drop(machine, conn);
	conn = machine_connect(machine, 23);
	machine_run(machine, 50);
	machine_say(machine, conn, "micro\r");
	machine_run(machine, 50);
	machine_say(machine, conn, "python\r");
	machine_run(machine, 50);
	machine_hear(machine, conn);
	return conn;
}

static void test_names_live(void)
{
	int conn;
	struct machine *machine = new_board(&conn);

	type(machine, conn, "mark_7f3a = 1\r");
	conn = reconnect(machine, conn);
	EQ_STR(type(machine, conn, "mark_7f3a\r"), "mark_7f3a\r\n1\r\n>>> ",
		"a later client sees the name");
	EQ_STR(type(machine, conn, "import machine; machine.reset(); print(1)\r"),
		"import machine; machine.reset(); print(1)\r\n",
		"nothing is printed by a reset");
	OK(machine_ended(machine, conn), "and the connection ends");
	machine_run(machine, 1000);
	conn = reconnect(machine, conn);
	EQ_STR(type(machine, conn, "mark_7f3a\r"),
		"mark_7f3a\r\n" ERROR "NameError: name not defined\r\n>>> ",
		"the reset has lost it");
	EQ_STR(type(machine, conn, "import machine; machine.reset_cause()\r"),
		"import machine; machine.reset_cause()\r\n1\r\n>>> ", "reset cause");
	machine_free(machine);
}

static void test_soft_reset(void)
{
	int conn;
	struct machine *machine = new_board(&conn);
	const char *want = "\r\nPYB: soft reboot\r\n"
			   "MicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n"
			   "Type \"help()\" for more information.\r\n>>> ";

	type(machine, conn, "a = 1\r");
	EQ_STR(type(machine, conn, "\x04"), want, "Ctrl-D");
	EQ_STR(type(machine, conn, "a\r"),
		"a\r\n" ERROR "NameError: name not defined\r\n>>> ", "names are gone");
	OK(!machine_ended(machine, conn), "telnet stays open");
	machine_free(machine);
}

/* The pool of texts is compacted, and full at some time. */
static void test_pool(void)
{
	int conn, wrong = 0;
	struct machine *machine = new_board(&conn);

	type(machine, conn, "keep = 'kept'\r");
	for (int i = 0; i < 40; i++) {
		char line[120];

		snprintf(line, sizeof(line), "n = '%0100d'\r", i);
		wrong += strstr(type(machine, conn, line), "Error") != NULL;
	}
	EQ_INT(wrong, 0, "forty texts of 100 characters in one name");
	EQ_STR(type(machine, conn, "keep\r"), "keep\r\n'kept'\r\n>>> ",
		"the other name is whole");
	for (int i = 0; i < PY_NAMES + 1; i++) {
		char line[32];

		snprintf(line, sizeof(line), "v%d = %d\r", i, i);
		wrong += strstr(type(machine, conn, line), "MemoryError: \r\n") != NULL;
	}
	OK(wrong > 0, "too many names: MemoryError");
	EQ_STR(type(machine, conn, "v0; keep\r"), "v0; keep\r\n0\r\n'kept'\r\n>>> ",
		"and the board goes on");
	machine_free(machine);
}

/* Lines put together from tokens at random: every one ends in a prompt. */
static void test_noise(void)
{
	static const char *const words[] = {"a", "1", "'x'", "(", ")", "+", "-", "*",
		"**", "//", "=", "==", ",", ".", ";", "not ", " and ", " or ", "print",
		"len", "os", "import ", "del ", "None", "\"", "0x", "\\", "b''",
		"uname", "str"};
	int conn, wrong = 0;
	struct machine *machine = new_board(&conn);
	uint32_t seed = 99;

	for (int round = 0; round < 3000; round++) {
		char line[300] = "";
		const char *heard;

		for (int i = 0; i < 12; i++) {
			seed = seed * 1664525u + 1013904223u;
			strcat(line, words[(seed >> 16) %
					     (sizeof(words) / sizeof(words[0]))]);
		}
		strcat(line, "\r");
		heard = type(machine, conn, line);
		/* a line that is not complete is given up */
		if (strcmp(heard + strlen(heard) - 4, "... ") == 0)
			heard = type(machine, conn, "\x03");
		wrong += strcmp(heard + strlen(heard) - 4, ">>> ") != 0;
		machine->hal.handles[conn].in_len = machine->hal.handles[conn].in_at =
			0;
		machine->hal.handles[conn].segment_at = 0;
		machine->hal.handles[conn].segment_count = 0;
	}
	EQ_INT(wrong, 0, "3000 random lines, seed 99");
	machine_free(machine);
}

int main(void)
{
	test_rows(false);
	test_rows(true);
	test_keys();
	test_needs_more();
	test_names_live();
	test_soft_reset();
	test_pool();
	test_noise();
	return tap_done();
}
