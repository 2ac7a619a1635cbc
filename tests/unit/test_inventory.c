/* SPDX-License-Identifier: MIT
 *
 * The inventory: who inherits what from whom, ranges, windows, domains, size.
 */
#include "config.h"

#include "daemon/core/why.h"
#include "tests/tap.h"
#include "tests/unit/inventory_fixture.h"

/* ---- what a board becomes --------------------------------------------------------- */

/* One line a board: everything but the labels. */
static void describe(const struct inventory *inventory, const struct board_spec *spec,
	char *buf, size_t cap)
{
	snprintf(buf, cap,
		"%s %s %s type=%s site=%s %u/%u/%u %s:%s %s %d %s release=%s%s%s",
		spec->name, spec->address, wipy_family_facts(spec->family)->name,
		spec->type, inventory_site_name(inventory, spec), spec->telnet_port,
		spec->ftp_port, spec->data_port, spec->user, spec->password,
		spec->poll_method == POLL_UNAME ? "uname" : "banner",
		(int)(spec->poll_every_ms / 1000), spec->may_interrupt ? "yes" : "no",
		spec->release, spec->release[0] ? " by " : "",
		spec->release[0] ? target_from_name(spec->release_from) : "");
}

struct board_row {
	const char *name, *yaml, *expected;
};

#define BUILT_IN "23/21/0 micro:python banner 300 yes release="

static const struct board_row board_rows[] = {
	{"built in", V BOARDS(", family: wipy"),
		"a 10.0.0.1 wipy type= site= " BUILT_IN},
	{"pycom parses", V BOARDS(", family: pycom"),
		"a 10.0.0.1 pycom type= site= " BUILT_IN},
	{"esp8266 parses", V BOARDS(", family: esp8266"),
		"a 10.0.0.1 esp8266 type= site= " BUILT_IN},
	{"family from the defaults", WIPY BOARDS(""),
		"a 10.0.0.1 wipy type= site= " BUILT_IN},
	{"family from the type",
		WIPY "types: {t: {family: esp32}}\n" BOARDS(", type: t"),
		"a 10.0.0.1 esp32 type=t site= " BUILT_IN},
	{"family of the board before its type",
		V "types: {t: {family: esp32}}\n" BOARDS(", type: t, family: wipy"),
		"a 10.0.0.1 wipy type=t site= " BUILT_IN},
	{"a type without a family", WIPY "types: {t: }\n" BOARDS(", type: t"),
		"a 10.0.0.1 wipy type=t site= " BUILT_IN},
	{"release from the defaults",
		V "defaults: {family: wipy, release: d}\n" BOARDS(""),
		"a 10.0.0.1 wipy type= site= " BUILT_IN "d by defaults"},
	{"release from the site",
		V "defaults: {family: wipy, release: d}\n"
		  "sites: {s: {release: s1}}\n" BOARDS(", site: s"),
		"a 10.0.0.1 wipy type= site=s " BUILT_IN "s1 by site"},
	{"release from the type before the site",
		V "defaults: {family: wipy, release: d}\n"
		  "sites: {s: {release: s1}}\n"
		  "types: {t: {release: t1}}\n" BOARDS(", site: s, type: t"),
		"a 10.0.0.1 wipy type=t site=s " BUILT_IN "t1 by type"},
	{"release of the board before all",
		V
		"defaults: {family: wipy, release: d}\n"
		"sites: {s: {release: s1}}\n"
		"types: {t: {release: t1}}\n" BOARDS(", site: s, type: t, release: b1"),
		"a 10.0.0.1 wipy type=t site=s " BUILT_IN "b1 by board"},
	{"ports from the defaults and the board, each alone",
		V
		"defaults: {family: wipy, ports: {telnet: 2323, data: 2024}}\n" BOARDS(
			", ports: {ftp: 2121, data: 65535}"),
		"a 10.0.0.1 wipy type= site= 2323/2121/65535 micro:python banner 300 "
		"yes "
		"release="},
	{"poll from the defaults and the board, each alone",
		V "defaults: {family: wipy, poll: {every: 1m, method: uname}}\n" BOARDS(
			", poll: {every: 1h}"),
		"a 10.0.0.1 wipy type= site= 23/21/0 micro:python uname 3600 yes "
		"release="},
	{"poll method back to the banner",
		V "defaults: {family: wipy, poll: {method: uname}}\n" BOARDS(
			", poll: {method: banner}"),
		"a 10.0.0.1 wipy type= site= " BUILT_IN},
	{"interrupt from the defaults",
		V "defaults: {family: wipy, interrupt: false}\n" BOARDS(""),
		"a 10.0.0.1 wipy type= site= 23/21/0 micro:python banner 300 no "
		"release="},
	{"interrupt of the board",
		V "defaults: {family: wipy, interrupt: false}\n" BOARDS(
			", interrupt: true"),
		"a 10.0.0.1 wipy type= site= " BUILT_IN},
	{"login of the defaults",
		V "defaults: {family: wipy, login: {user: joe, password-file: "
		  "pw}}\n" BOARDS(""),
		"a 10.0.0.1 wipy type= site= 23/21/0 joe:" SECRET " banner 300 yes "
		"release="},
	{"login of the board replaces the whole",
		V "defaults: {family: wipy, login: {user: joe, password-file: "
		  "pw}}\n" BOARDS(", login: {password-file: ./other}"),
		"a 10.0.0.1 wipy type= site= 23/21/0 micro:other banner 300 yes "
		"release="},
	{"addresses are written in one way",
		WIPY "boards: [{name: a, address: 'FD00::0:1'}]\n",
		"a fd00::1 wipy type= site= " BUILT_IN},
};

static void test_boards(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(board_rows) / sizeof(board_rows[0]); i++) {
		struct outcome got = read_as(fixture, board_rows[i].yaml, NULL);
		char buf[512] = "";

		if (got.rc == 0 && got.inventory->board_count == 1)
			describe(got.inventory, &got.inventory->board[0], buf,
				sizeof(buf));
		EQ_STR(buf, board_rows[i].expected, board_rows[i].name);
		EQ_STR(got.faults, "", board_rows[i].name);
		outcome_done(&got);
	}
}

static void test_ranges(struct fixture *fixture)
{
	static const char yaml[] = WIPY
		"sites: {z: {max-pushes: 8}, b: {}}\n"
		"boards:\n"
		"- {name: roof, address: roof.example.net, site: b}\n"
		"- {name: 'lab-[01:40]', address: '10.1.2.[1:40]', site: z, labels: "
		"{room: b12, floor: 3}}\n";
	struct outcome got = read_as(fixture, yaml, NULL);
	const struct board_spec *spec;
	bool sorted = true;

	EQ_STR(got.faults, "", "ranges");
	if (!OK(got.rc == 0, "ranges"))
		return;
	EQ_INT(got.inventory->board_count, 41, "ranges");
	for (size_t i = 1; i < got.inventory->board_count; i++)
		sorted = sorted && strcmp(got.inventory->board[i - 1].name,
					   got.inventory->board[i].name) < 0;
	OK(sorted, "ranges: by name");
	spec = inventory_find(got.inventory, "lab-07");
	if (OK(spec != NULL, "ranges: found")) {
		EQ_STR(spec->address, "10.1.2.7", "ranges: pairwise");
		EQ_STR(inventory_site_name(got.inventory, spec), "z", "ranges");
		EQ_INT(got.inventory->site[spec->site].max_pushes, 8, "ranges");
		EQ_INT(spec->label_count, 2, "labels");
		EQ_STR(spec->label[0].key, "floor", "labels: by key");
		EQ_STR(spec->label[0].value, "3", "labels: numbers are texts");
		EQ_STR(spec->label[1].value, "b12", "labels");
	}
	spec = inventory_find(got.inventory, "roof");
	EQ_INT(got.inventory->site[spec->site].max_pushes, 0, "site without a limit");
	OK(inventory_find(got.inventory, "lab-41") == NULL, "not there");
	OK(inventory_find(got.inventory, "") == NULL, "no name");
	outcome_done(&got);
}

static void test_empty(struct fixture *fixture, const char *yaml)
{
	struct outcome got = read_as(fixture, yaml, NULL);

	EQ_STR(got.faults, "", yaml);
	if (OK(got.rc == 0, yaml)) {
		EQ_INT(got.inventory->board_count, 0, yaml);
		OK(inventory_find(got.inventory, "a") == NULL, yaml);
	}
	outcome_done(&got);
}

static void test_windows(struct fixture *fixture)
{
	static const char yaml[] =
		WIPY "sites:\n"
		     "  a: {}\n"
		     "  b: {timezone: Europe/Berlin, windows: ['Mon-Fri 01:00-05:00', "
		     "22:00-02:00], blackout: [2026-12-24..2027-01-02]}\n"
		     "boards:\n- {name: x, address: h1, site: b}\n"
		     "- {name: y, address: h2, site: a}\n- {name: z, address: h3}\n";
	struct outcome got = read_as(fixture, yaml, NULL);
	const struct site_windows *windows;

	EQ_STR(got.faults, "", "windows");
	if (!OK(got.rc == 0, "windows"))
		return;
	windows = inventory_find(got.inventory, "x")->windows;
	if (OK(windows != NULL, "windows: of the board's site")) {
		EQ_STR(windows->zone_name, "Europe/Berlin", "windows");
		EQ_INT(windows->windows.count, 2, "windows");
		EQ_INT(windows->windows.blackout_count, 1, "windows");
		/* 2026-06-15 03:00 and 2026-12-24 06:00 in Berlin. */
		EQ_INT(windows_next(&windows->windows, 1781485200, 60), 1781485200,
			"windows: in summer time");
		EQ_INT(windows_next(&windows->windows, 1798088400, 60), 1798930800,
			"windows: after the blackout");
	}
	OK(!inventory_find(got.inventory, "y")->windows, "a site without windows");
	OK(!inventory_find(got.inventory, "z")->windows, "no site");
	outcome_done(&got);
}

/* ---- size, and the installed example ---------------------------------------------- */

/* One entry each, in no order: what libyaml does not do must not be felt. */
static void test_many(struct fixture *fixture)
{
	enum { MANY = 20000 };
	char *yaml = NULL, name[16];
	struct outcome got;
	size_t len;
	FILE *out = open_memstream(&yaml, &len);
	bool found = true;

	fputs(WIPY "boards:\n", out);
	for (unsigned i = 0; i < MANY; i++) {
		unsigned k = i * 7919u % MANY;

		fprintf(out, "- {name: b%u, address: 10.%u.%u.%u}\n", k, k >> 16,
			k >> 8 & 255, k & 255);
	}
	fclose(out);
	got = read_as(fixture, yaml, NULL);
	EQ_STR(got.faults, "", "many boards");
	if (OK(got.rc == 0, "many boards")) {
		EQ_INT(got.inventory->board_count, MANY, "many boards");
		for (unsigned i = 0; i < MANY; i++) {
			snprintf(name, sizeof(name), "b%u", i);
			found = found && inventory_find(got.inventory, name);
		}
		OK(found, "many boards: each is found");
	}
	outcome_done(&got);
	free(yaml);
}

/* The owner's program, of which the example speaks, has to be there. */
static void put_program(char *text)
{
	static const char program[] = "/usr/local/lib/wipyd/check",
			  here[] = "/bin/true";
	char *at = strstr(text, program);

	if (!OK(at != NULL, "the example shows a probe by a program"))
		return;
	memcpy(at, here, strlen(here));
	memmove(at + strlen(here), at + strlen(program),
		strlen(at + strlen(program)) + 1);
}

static void test_example(struct fixture *fixture, bool uncomment, size_t count)
{
	const char *name = uncomment ? "example, uncommented" : "example";
	char *text = fixture_source("etc/inventory.yaml", uncomment);
	struct outcome got;

	put_program(text);
	fixture_write(fixture, "boards.password", SECRET, strlen(SECRET));
	got = read_as(fixture, text, NULL);
	EQ_STR(got.faults, "", name);
	if (OK(got.rc == 0, name))
		EQ_INT(got.inventory->board_count, count, name);
	outcome_done(&got);
	free(text);
}

/* Where boards can go down together. */
static void test_domains(struct fixture *fixture)
{
	static const char yaml[] = WIPY
		"sites: {s: {bandwidth: 500kB/s}, t: {max-pushes: 3}}\n"
		"access-points: {ap9: {}, ap1: {max-pushes: 2, bandwidth: 1MB/s}, ap2: "
		"{}}\n"
		"boards:\n"
		"- {name: a, address: 10.0.0.1, site: s, access-point: ap2, labels: "
		"{room: x}}\n"
		"- {name: b, address: 10.0.0.2, site: t, access-point: ap1, labels: "
		"{room: x}}\n"
		"- {name: c, address: 10.0.0.3, site: s, access-point: ap1, labels: "
		"{floor: x, room: x}}\n"
		"- {name: d, address: 10.0.0.4}\n";
	static const int places[4][2] = {{1, 0}, {0, 1}, {0, 0}, {-1, -1}};
	struct outcome got = read_as(fixture, yaml, NULL);
	const struct inventory *inventory = got.inventory;

	OK(inventory != NULL, "domains: read");
	if (inventory) {
		EQ_INT(inventory->site[0].bandwidth, 500000, "a site's bandwidth");
		EQ_INT(inventory->site[1].bandwidth, 0, "none");
		EQ_INT((int64_t)inventory->access_point_count, 2, "those with boards");
		EQ_STR(inventory->access_point[0].name, "ap1", "by name");
		EQ_INT(inventory->access_point[0].max_pushes, 2, "its limit");
		EQ_INT(inventory->access_point[0].bandwidth, 1000000, "its bandwidth");
		EQ_INT(inventory->access_point[1].bandwidth, 0, "another's");
		EQ_INT((int64_t)inventory->room_count, 2, "a room is one of its site");
		for (int i = 0; i < 4; i++) {
			EQ_INT(inventory->board[i].access_point_at, places[i][0],
				inventory->board[i].name);
			EQ_INT(inventory->board[i].room_at, places[i][1],
				inventory->board[i].name);
		}
	}
	outcome_done(&got);
}

/* Saved selectors by name, and the keys of labels, each once. */
static void test_sets(struct fixture *fixture)
{
	static const char yaml[] = WIPY
		"sets: {roof: \"rack=r1\", all: \"@roof | floor in (1, 2)\"}\n"
		"boards:\n"
		"- {name: a, address: 10.0.0.1, labels: {rack: r1, floor: \"1\"}}\n"
		"- {name: b, address: 10.0.0.2, labels: {floor: \"2\", door: x}}\n";
	static const char *const labels[] = {"door", "floor", "rack"};
	struct outcome got = read_as(fixture, yaml, NULL);
	struct selector_words words;

	if (OK(got.rc == 0, "sets: read")) {
		words = inventory_selector_words(got.inventory);
		EQ_INT((int64_t)words.set_count, 2, "two of them");
		EQ_STR(words.set[0].name, "all", "by name");
		EQ_STR(words.set[1].text, "rack=r1", "its text");
		EQ_INT((int64_t)words.label_count, 3, "labels, each once");
		for (size_t i = 0; i < 3; i++)
			EQ_STR(words.label[i], labels[i], "in order");
	}
	outcome_done(&got);
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	fixture_write(&fixture, "pw", SECRET "\n", strlen(SECRET) + 1);
	fixture_write(&fixture, "other", "other", 5);
	test_boards(&fixture);
	test_ranges(&fixture);
	test_empty(&fixture, V "boards: []\n");
	test_empty(&fixture, V "boards:\ndefaults:\ntypes:\nsites:\n");
	test_windows(&fixture);
	test_many(&fixture);
	test_example(&fixture, false, 0);
	test_example(&fixture, true, 41);
	test_domains(&fixture);
	test_sets(&fixture);
	fixture_done(&fixture);
	return tap_done();
}
