/* SPDX-License-Identifier: MIT
 *
 * Line editor: what each key draws, history, indentation, completion. The rows are as
 * boards were recorded to echo them, each in an empty line.
 */
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/repl_session.h"

#define CANCEL "\r\n>>> "

struct row {
	const char *name, *keys, *echo;
};

static const struct row rows[] = {
	{"characters", "12", "12"},
	{"keys without a meaning in a line", "12\x02\x04\x06\x0b\x15", "12"},
	{"keys without a meaning at all", "\x06\x1a\x07\x0c", ""},
	{"Ctrl-A goes home", "12\x01", "12\b\b"},
	{"inserted at home",
		"12\x01"
		"3",
		"12\b\b312\b\b"},
	{"Ctrl-E goes to the end",
		"12\x01\x05"
		"4",
		"12\b\b124"},
	{"cursor keys", "ab\x1b[D\x1b[Dx\x1b[C", "ab\b\bxab\b\ba"},
	{"not left of the line", "a\x1b[D\x1b[D", "a\b"},
	{"not right of the line", "a\x1b[C", "a"},
	{"a long way back", "abcdefg\x01", "abcdefg\x1b[7D"},
	{"ESC [ H, ESC [ F", "ab\x1b[H\x1b[F", "ab\b\bab"},
	{"ESC O H, ESC O F", "ab\x1bOH\x1bOF", "ab\b\bab"},
	{"ESC [ 1 ~, ESC [ 4 ~", "ab\x1b[1~\x1b[4~", "ab\b\bab"},
	{"ESC [ 7 ~, ESC [ 8 ~", "ab\x1b[7~\x1b[8~", "ab\b\bab"},
	{"delete", "abc\x01\x1b[3~", "abc\b\b\b\x1b[Kbc\b\b"},
	{"delete at the end", "a\x1b[3~", "a"},
	{"other sequences are swallowed", "a\x1b[Z\x1b[5~\x1bOQ\x1bzb", "ab"},
	{"DEL",
		"5\x7f"
		"6",
		"5\b\x1b[K6"},
	{"BS in the middle", "abc\x1b[D\b", "abc\b\b\x1b[Kc\b"},
	{"BS at the start", "\b\x7f", ""},
	{"BS takes four blanks", "    \b", "    \b\b\b\b\x1b[K"},
	{"BS takes four of six", "      \b", "      \b\b\b\b\x1b[K"},
	{"BS takes one of three", "   \b", "   \b\x1b[K"},
	{"BS behind more than blanks", "    a    \b", "    a    \b\x1b[K"},
	{"LF is ignored", "1+1\n", "1+1"},
	{"a high byte eats two more",
		"a\xc3\xa9"
		"bc",
		"ac"},
	{"TAB completes import", "impo\t", "import "},
	{"TAB knows no such name", "zzz\t", "zzz"},
};

static void test_rows(void)
{
	struct machine *machine = session_machine();
	int conn;

	machine_boot(machine);
	conn = session_login(machine);
	machine_hear(machine, conn);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		EQ_STR(session_type(machine, conn, rows[i].keys, 20), rows[i].echo,
			rows[i].name);
		if (strcmp(session_type(machine, conn, "\x03", 20), CANCEL) != 0)
			tap_ok(false, "%s: Ctrl-C gives a prompt", rows[i].name);
	}
	machine_free(machine);
}

/* The same keys, each in a segment of its own and each byte of the answer as well. */
static void test_single_bytes(void)
{
	struct machine *machine = session_machine();
	int conn;

	machine_boot(machine);
	conn = session_login(machine);
	machine_hear(machine, conn);
	machine->hal.single_bytes = true;
	EQ_STR(session_type(machine, conn, "ab\x1b[D\x1b[Dx\x1b[C\x03", 100),
		"ab\b\bxab\b\ba" CANCEL, "a line of single bytes");
	machine_free(machine);
}

static const struct row history[] = {
	{"nothing yet", "\x1b[A\x1b[B", ""},
	{"a line", "1\r", "1\r\n1\r\n>>> "},
	{"comes back", "\x1b[A", "1"},
	{"and goes", "\x1b[B", "\b\x1b[K"},
	{"nothing below", "\x1b[B", ""},
	{"it is edited", "\x1b[A2\r", "12\r\n12\r\n>>> "},
	{"the same line twice is kept once", "12\r", "12\r\n12\r\n>>> "},
	{"back two", "\x1b[A\x1b[A", "12\b\b\x1b[K1"},
	{"no more", "\x1b[A", ""},
	{"an empty line is not kept", "\x03\r\x1b[A", "\r\n>>> \r\n>>> 12"},
	{"Ctrl-C is not kept",
		"\x03"
		"7\x03\x1b[A",
		"\r\n>>> 7\r\n>>> 12"},
	{"cursor is at the end", "\x1b[D\x03", "\b\r\n>>> "},
	{"six more", "2\r3\r4\r5\r6\r7\r",
		"2\r\n2\r\n>>> 3\r\n3\r\n>>> 4\r\n4\r\n>>> 5\r\n5\r\n>>> 6\r\n6\r\n>>> "
		"7\r\n7\r\n>>> "},
	{"a ninth pushes the first out", "8\r", "8\r\n8\r\n>>> "},
	{"eight are kept", "\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A",
		"8\b7\b6\b5\b4\b3\b2\b12"},
	{"and no more", "\x1b[A", ""},
};

static const struct row indentation[] = {
	{"a block begins", "if 0:\r", "if 0:\r\n...     "},
	{"goes on", "if 0:\r", "if 0:\r\n...         "},
	{"keeps its indentation", "1\r", "1\r\n...         "},
	{"BS goes back a step", "\b", "\b\b\b\b\x1b[K"},
	{"also there", "2\r", "2\r\n...     "},
	{"a line of blanks", "\r", "\r\n...     "},
	{"after two of them nothing is indented", "\r", "\r\n... "},
	{"an empty line ends it", "\r", "\r\n>>> "},
	{"brackets need no indentation", "(1,\r", "(1,\r\n... "},
	{"Ctrl-A in an empty line goes on", "\x01", "... "},
	{"Ctrl-C gives up", "\x03", "\r\n>>> "},
	{"history holds single lines", "(3\r)\r\x1b[A", "(3\r\n... )\r\n3\r\n>>> )"},
	{"and puts them into others", "\x03(\r\x1b[A\x1b[A\x1b[A",
		"\r\n>>> (\r\n... (\b)\b(3"},
};

static void test_talk(const char *what, const struct row *table, size_t count)
{
	struct machine *machine = session_machine();
	int conn;

	machine_boot(machine);
	conn = session_login(machine);
	machine_hear(machine, conn);
	for (size_t i = 0; i < count; i++) {
		const char *heard = session_type(machine, conn, table[i].keys, 40);
		bool right = strcmp(heard, table[i].echo) == 0;

		if (!right)
			printf("# got \"%s\"\n# want \"%s\"\n", heard, table[i].echo);
		tap_ok(right, "%s: %s", what, table[i].name);
	}
	OK(!machine->hal.misused, what);
	machine_free(machine);
}

int main(void)
{
	test_rows();
	test_single_bytes();
	test_talk("history", history, sizeof(history) / sizeof(history[0]));
	test_talk("indentation", indentation,
		sizeof(indentation) / sizeof(indentation[0]));
	return tap_done();
}
