/* SPDX-License-Identifier: MIT
 *
 * The probes of an inventory: what boards get from where, and every fault with its place.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/inventory_fixture.h"

static void describe(const struct probe_list *list, char *buf, size_t cap)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; list && i < list->count; i++) {
		const struct probe_spec *probe = &list->probe[i];

		len += (size_t)snprintf(buf + len, cap - len, "%s%s %d %u %d %s %s",
			i ? "; " : "", probe->name, (int)probe->deadline_ms,
			probe->port, probe->status, probe->text ? probe->text : "-",
			probe->expect ? probe->expect : "-");
		for (char *const *arg = probe->args; *arg; arg++)
			len += (size_t)snprintf(buf + len, cap - len, " <%s>", *arg);
	}
}

static const struct {
	const char *name, *yaml, *expected;
} rows[] = {
	{"none", WIPY BOARDS(""), ""},
	{"every kind",
		WIPY BOARDS(", probes: [{tcp: 8080}, {banner: true}, "
			    "{repl: '1 + 1', expect: '2', deadline: 9s}, "
			    "{http: 'http://{address}/health'}, "
			    "{command: [/bin/true, '{name}', -v], deadline: 100ms}]"),
		"tcp:8080 5000 8080 0 - -; banner 5000 0 0 - -; repl 9000 0 0 1 + 1 2; "
		"http 5000 0 200 http://{address}/health -; "
		"command 100 0 0 - - </bin/true> <{name}> <-v>"},
	{"a status of its own, and two of a kind",
		WIPY BOARDS(", probes: [{http: 'https://a/%41%2f', expect: 204}, "
			    "{http: 'http://b/'}, {tcp: 80}, {tcp: 8080}, {tcp: 80}]"),
		"http 5000 0 204 https://a/%41%2f -; http-2 5000 0 200 http://b/ -; "
		"tcp:80 5000 80 0 - -; tcp:8080 5000 8080 0 - -; tcp:80-2 5000 80 0 - "
		"-"},
	{"of the defaults",
		V "defaults: {family: wipy, probes: [{tcp: 1}]}\n" BOARDS(""),
		"tcp:1 5000 1 0 - -"},
	{"of the type before the defaults",
		V "defaults: {family: wipy, probes: [{tcp: 1}]}\n"
		  "types: {t: {probes: [{tcp: 2}]}}\n" BOARDS(", type: t"),
		"tcp:2 5000 2 0 - -"},
	{"of the board before all",
		V "defaults: {family: wipy, probes: [{tcp: 1}]}\n"
		  "types: {t: {probes: [{tcp: 2}]}}\n" BOARDS(
			  ", type: t, probes: [{tcp: 3}]"),
		"tcp:3 5000 3 0 - -"},
	{"none of its own",
		V
		"defaults: {family: wipy, probes: [{tcp: 1}]}\n" BOARDS(", probes: []"),
		""},
};

static void test_rows(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome got = read_as(fixture, rows[i].yaml, NULL);
		char buf[512] = "";

		EQ_STR(got.faults, "", rows[i].name);
		if (got.rc == 0)
			describe(got.inventory->board[0].probes, buf, sizeof(buf));
		EQ_STR(buf, rows[i].expected, rows[i].name);
		outcome_done(&got);
	}
}

#define PROBE(x) WIPY "boards:\n- {name: a, address: 10.0.0.1, probes: [" x "]}\n"
#define SEVEN    "{tcp: 1}, {tcp: 2}, {tcp: 3}, {tcp: 4}, {tcp: 5}, {tcp: 6}, {tcp: 7}"

static const struct {
	const char *name, *yaml, *faults;
} faults[] = {
	{"no list", WIPY BOARDS(", probes: {tcp: 80}"),
		"'probes': expected a list (- {tcp: 8080}), or [] for none"},
	{"no kind", PROBE("{deadline: 5s}"),
		"a probe is one of tcp, banner, repl, http and command"},
	{"two kinds", PROBE("{tcp: 80, banner: true}"),
		"a probe is one of tcp, banner, repl, http and command"},
	{"banner: false", PROBE("{banner: false}"),
		"a probe is one of tcp, banner, repl, http and command"},
	{"an unknown key", PROBE("{tpc: 80}"), "unknown key 'tpc'"},
	{"port 0", PROBE("{tcp: 0}"), "'tcp' must be"},
	{"a deadline too long", PROBE("{tcp: 80, deadline: 2m}"), "'deadline' must be"},
	{"repl without expect", PROBE("{repl: '1'}"),
		"a 'repl' probe needs 'expect', what the prompt prints"},
	{"two lines for the prompt", PROBE("{repl: \"1\\n2\", expect: '1'}"),
		"'repl': expected a text, found control characters"},
	{"letters that cannot be typed", PROBE("{repl: '\xc3\xa4', expect: '1'}"),
		"'repl': expected one line of printable ASCII characters"},
	{"expect of another kind", PROBE("{tcp: 80, expect: 200}"),
		"'expect' belongs to a repl or http probe"},
	{"no URL", PROBE("{http: 'ftp://a/'}"),
		"'http': expected a URL that begins with http:// or https://"},
	{"a password in a URL", PROBE("{http: 'http://joe:secret@a/'}"),
		"'http': user names and passwords do not belong into a URL"},
	{"a percent sign alone", PROBE("{http: 'http://a/100%'}"),
		"'http': '%' begins two hex digits that are not 00"},
	{"a percent sign and one digit", PROBE("{http: 'http://a/%a/'}"),
		"'http': '%' begins two hex digits that are not 00"},
	{"a NUL in a URL", PROBE("{http: 'http://a/%00'}"),
		"'http': '%' begins two hex digits that are not 00"},
	{"an unknown word in a URL", PROBE("{http: 'http://{ip}/'}"),
		"'http://{ip}/': in braces only {name} and {address} are known"},
	{"no status", PROBE("{http: 'http://a/', expect: ok}"),
		"'expect' of an http probe is a status such as 200"},
	{"a line for a shell", PROBE("{command: /bin/true it}"),
		"'command': expected a list, the program and its arguments"},
	{"an empty command", PROBE("{command: []}"),
		"'command': expected a list, the program and its arguments"},
	{"a program without a path", PROBE("{command: [check]}"),
		"'command': the program needs its whole path, from / on"},
	{"a program that is not there", PROBE("{command: [/no/such/program]}"),
		"'command': cannot run /no/such/program: No such file"},
	{"a file that is no program", PROBE("{command: [/etc/passwd]}"),
		"'command': cannot run /etc/passwd: Permission denied"},
	{"a folder", PROBE("{command: [/bin]}"), "'command': /bin is no program"},
	{"a list as argument", PROBE("{command: [/bin/true, [a]]}"),
		"'command': at most 16 texts of at most 255 characters"},
	{"an unknown word in an argument", PROBE("{command: [/bin/true, '{x}']}"),
		"'{x}': in braces only {name} and {address} are known"},
	{"too many", PROBE(SEVEN), "'probes': a board can have 6"},
};

static void test_faults(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct outcome got = read_as(fixture, faults[i].yaml, NULL);
		const char *place = strchr(got.faults, ':');

		OK(got.rc < 0, faults[i].name);
		OK(place && place[1] >= '1' && place[1] <= '9', faults[i].name);
		if (!strstr(got.faults, faults[i].faults) || strchr(got.faults, '\n'))
			EQ_STR(got.faults, faults[i].faults, faults[i].name);
		outcome_done(&got);
	}
}

static void test_same(struct fixture *fixture)
{
	static const char yaml[] = WIPY
		"boards:\n"
		"- {name: a, address: 10.0.0.1, probes: [{command: [/bin/true, x]}]}\n"
		"- {name: b, address: 10.0.0.2, probes: [{command: [/bin/true, x]}]}\n"
		"- {name: c, address: 10.0.0.3, probes: [{command: [/bin/true, y]}]}\n"
		"- {name: d, address: 10.0.0.4, probes: [{command: [/bin/true, x, "
		"x]}]}\n"
		"- {name: e, address: 10.0.0.5, probes: []}\n"
		"- {name: f, address: 10.0.0.6}\n";
	struct outcome got = read_as(fixture, yaml, NULL);
	const struct board_spec *board = got.inventory->board;

	OK(inventory_same_probes(&board[0], &board[1]), "the same");
	OK(!inventory_same_probes(&board[0], &board[2]), "another argument");
	OK(!inventory_same_probes(&board[0], &board[3]), "one argument more");
	OK(!inventory_same_probes(&board[0], &board[5]), "none");
	OK(inventory_same_probes(&board[4], &board[5]), "no list, and an empty one");
	outcome_done(&got);
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	test_rows(&fixture);
	test_faults(&fixture);
	test_same(&fixture);
	fixture_done(&fixture);
	return tap_done();
}
