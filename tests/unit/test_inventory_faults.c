/* SPDX-License-Identifier: MIT
 *
 * Every fault of an inventory with its words and place, and that nothing secret is in any
 * of them.
 */
#include "config.h"

#include "tests/tap.h"
#include "tests/unit/inventory_fixture.h"

struct fault_row {
	const char *name, *yaml, *expected;
};

#define A_WINDOW                                                                       \
	"a window is written as Mon-Fri 01:00-05:00, Sat,Sun 00:00-24:00 or "          \
	"22:00-02:00, found "
#define A_BLACKOUT                                                                     \
	"a blackout is written as 2026-12-24, 2026-12-24..2027-01-02 or "              \
	"12-24..01-02, found "
#define NO_ZONE(name)                                                                  \
	"unknown time zone '" name "': write a name as under /usr/share/zoneinfo, "    \
	"such as Europe/Berlin or Etc/UTC"

static const struct fault_row fault_rows[] = {
	{"empty", "", "F: missing key 'version'\nF: missing key 'boards'"},
	{"another version", "version: 2\nboards:\n",
		"F:1:10: 'version' must be 1, found '2'"},
	{"boards is no list", V "boards: {a: 1}\n",
		"F:2:9: 'boards': expected a list (- name: ...), one entry for a board "
		"or a "
		"range of them"},
	{"board that is a text", V "boards: [a]\n",
		"F:2:10: expected keys with values (key: value), found a text"},
	{"typing errors, all of them",
		WIPY "boards:\n- {name: a, adress: 10.0.0.1}\n- {nam: b, address: x}\n",
		"F:4:3: missing key 'address'\n"
		"F:4:13: unknown key 'adress' (did you mean 'address'?)\n"
		"F:5:3: missing key 'name'\n"
		"F:5:4: unknown key 'nam' (did you mean 'name'?)"},
	{"no family", V BOARDS(""),
		"F:2:10: no family: write 'family' here, at the board's type or under "
		"'defaults'"},
	{"unknown family", V BOARDS(", family: wipi"),
		"F:2:47: 'family': unknown family 'wipi', the known ones are wipy, "
		"pycom, "
		"esp32, esp8266"},
	{"the word unknown is no family", V BOARDS(", family: unknown"),
		"F:2:47: 'family': unknown family 'unknown', the known ones are wipy, "
		"pycom, esp32, esp8266"},
	{"unknown family of the defaults is told once",
		V "defaults: {family: x}\n" BOARDS(""),
		"F:2:20: 'family': unknown family 'x', the known ones are wipy, pycom, "
		"esp32, esp8266"},
	{"unknown type is not also a missing family", V BOARDS(", type: t"),
		"F:2:45: unknown type 't': there is no such key under 'types'"},
	{"unknown site", WIPY BOARDS(", site: berln"),
		"F:3:45: unknown site 'berln': there is no such key under 'sites'"},
	{"saved selectors",
		WIPY BOARDS(", labels: {room: b12}") "sets:\n  a: \"@b\"\n  b: "
						     "\"room=b12 | @a\"\n  c: [x]\n  "
						     "d: \"romo=b12\"\n  e: \"\"\n  a: "
						     "\"\"\n",
		"F:5:6: selector: in @b, column 13: 'a': a saved selector contains "
		"itself\n"
		"F:6:6: selector: in @a, column 2: 'b': a saved selector contains "
		"itself\n"
		"F:7:6: 'c': expected a selector of 1 to 1023 characters, such as "
		"\"site=berlin, room=b12\"\n"
		"F:8:6: selector: in @d, column 1: no board has a label 'romo' (did "
		"you "
		"mean 'room'?)\n"
		"F:9:6: 'e': expected a selector of 1 to 1023 characters, such as "
		"\"site=berlin, room=b12\"\n"
		"F:10:3: repeated key 'a': the first one is in line 5"},
	{"saved selectors are no list", WIPY BOARDS("") "sets: [a]\n",
		"F:4:7: 'sets': expected keys with values (key: value)"},
	{"method", WIPY BOARDS(", poll: {method: look}"),
		"F:3:54: 'method': expected banner or uname, found 'look'"},
	{"poll too often", WIPY BOARDS(", poll: {every: 999ms}"),
		"F:3:53: 'every' must be between 1s and 1d, found '999ms'"},
	{"port out of range", WIPY BOARDS(", ports: {telnet: 0, ftp: 65536}"),
		"F:3:55: 'telnet' must be between 1 and 65535, found '0'\n"
		"F:3:63: 'ftp' must be between 1 and 65535, found '65536'"},
	{"limits, each fault",
		WIPY
		"sites: {s: {bandwidth: 15999B/s, max-pushes: 0}}\n"
		"access-points: {ap1: {bandwidth: 2GB/s, max-pushes: 4097}, 'a b': "
		"{}}\n" BOARDS(", access-point: ap2"),
		"F:3:24: 'bandwidth' must be between 16kB and 1GB, found '15999B/s'\n"
		"F:3:46: 'max-pushes' must be between 1 and 4096, found '0'\n"
		"F:4:34: 'bandwidth' must be between 16kB and 1GB, found '2GB/s'\n"
		"F:4:53: 'max-pushes' must be between 1 and 4096, found '4097'\n"
		"F:4:60: 'access-points': a key must be a name of letters, digits, "
		"'-', '_' and '.', at most 63\n"
		"F:5:53: unknown access point 'ap2': there is no such key under "
		"'access-points'"},
	{"windows without a time zone",
		WIPY "sites:\n  s: {windows: ['01:00-05:00'], blackout: [2026-12-24]}\n"
		     "boards:\n",
		"F:4:16: the site has no 'timezone': write one such as Europe/Berlin "
		"or Etc/UTC, which its windows and blackouts are in"},
	{"windows, each fault",
		WIPY "sites:\n"
		     "  s:\n"
		     "    timezone: Etc/UTC\n"
		     "    windows: [Mon-Fri 1-5, 01:00-05:00, {a: b}, 03:00-03:00]\n"
		     "    blackout: [2026-02-30, 2026-12-24..2026-12-23, '']\n"
		     "boards:\n",
		"F:6:15: " A_WINDOW "'Mon-Fri 1-5'\n"
		"F:6:41: " A_WINDOW "''\n"
		"F:6:49: window '03:00-03:00' ends as it begins: the whole day is "
		"00:00-24:00\n"
		"F:7:16: " A_BLACKOUT "'2026-02-30'\n"
		"F:7:28: blackout '2026-12-24..2026-12-23' ends before it begins\n"
		"F:7:52: " A_BLACKOUT "''"},
	{"windows that are no list, and none",
		WIPY "sites:\n"
		     "  s: {timezone: Etc/UTC, windows: 01:00-05:00, blackout: 1}\n"
		     "  t: {timezone: Etc/UTC, windows: []}\n"
		     "boards:\n",
		"F:4:35: 'windows': expected a list, in [ ] or one a line with -\n"
		"F:4:58: 'blackout': expected a list, in [ ] or one a line with -\n"
		"F:5:35: 'windows': there can be 1 to 16, found 0"},
	{"blackouts is a typing error",
		WIPY "sites:\n  s: {timezone: Etc/UTC, blackouts: []}\nboards:\n",
		"F:4:26: unknown key 'blackouts' (did you mean 'blackout'?)"},
	{"time zones that are not there",
		WIPY "sites:\n"
		     "  a: {timezone: Europe/Berln}\n"
		     "  b: {timezone: ../../../etc/passwd}\n"
		     "  c: {timezone: /etc/passwd}\n"
		     "  d: {timezone: Europe}\n"
		     "  e: {timezone: Europe/}\n"
		     "  f: {timezone: [UTC]}\n"
		     "  g: {timezone: zone.tab}\n"
		     "boards:\n",
		"F:4:17: " NO_ZONE(
			"Europe/Berln") "\n"
					"F:5:17: " NO_ZONE(
						"../../../etc/passwd") "\n"
								       "F:6:17:"
								       " " NO_ZONE(
									       "/et"
									       "c/"
									       "pas"
									       "sw"
									       "d") "\n"
										    "F:"
										    "7:"
										    "17"
										    ":"
										    " " NO_ZONE(
											    "Europe") "\n"
												      "F:8:17: " NO_ZONE(
													      "Europe/") "\n"
															 "F:9:17: 'timezone': expected a name such as Europe/Berlin\n"
															 "F:10:17: " NO_ZONE(
																 "zone.tab")},
	{"repeated site", WIPY "sites:\n  b: {}\n  a: {}\n  b: {}\nboards:\n",
		"F:6:3: repeated key 'b': the first one is in line 4"},
	{"types is a list", WIPY "types: [a]\nboards:\n",
		"F:3:8: 'types': expected keys with values (key: value)"},
	{"site name", WIPY "sites: {'a b': {}}\nboards:\n",
		"F:3:9: 'sites': a key must be a name of letters, digits, '-', '_' and "
		"'.', at most 63"},
	{"board name", WIPY "boards: [{name: 'a b', address: x}]\n",
		"F:3:17: 'a b': a board's name has 1 to 63 letters, digits, '-', '_' "
		"and "
		"'.'"},
	{"board name too long by its range",
		WIPY
		"boards: [{name: "
		"'a23456789012345678901234567890123456789012345678901234567890123[9:"
		"10]', address: 'x[1:2]'}]\n",
		"F:3:17: "
		"'a23456789012345678901234567890123456789012345678901234567890123["
		"9:10]': a board's name has 1 to 63 letters, digits, '-', '_' and '.'"},
	{"address", WIPY "boards: [{name: a, address: 'x y'}]\n",
		"F:3:29: 'x y' is neither an IPv4 or IPv6 address nor a host name"},
	{"address wrong at the end of its range",
		WIPY "boards: [{name: 'a[1:300]', address: '10.0.0.[1:300]'}]\n",
		"F:3:38: '10.0.0.256' is neither an IPv4 or IPv6 address nor a host "
		"name"},
	{"ranges of different length",
		WIPY "boards: [{name: 'a[1:3]', address: '10.0.0.[1:4]'}]\n",
		"F:3:17: the name stands for 3 and the address for 4 boards: both "
		"ranges "
		"must have the same length"},
	{"a range and one address",
		WIPY "boards: [{name: 'a[1:3]', address: 10.0.0.1}]\n",
		"F:3:17: the name stands for 3 and the address for 1 boards: both "
		"ranges "
		"must have the same length"},
	{"both ranges bad",
		WIPY "boards: [{name: 'a[1:2][3:4]', address: '10.0.[2:1].1'}]\n",
		"F:3:17: 'a[1:2][3:4]': only one range is allowed\n"
		"F:3:41: '10.0.[2:1].1': the range runs backwards, write [1:2]"},
	{"too many boards",
		WIPY "boards:\n- {name: 'a[1:600000]', address: 'a[1:600000]'}\n"
		     "- {name: 'b[1:600000]', address: 'b[1:600000]'}\n"
		     "- {name: 'c[1:600000]', address: 'c[1:600000]'}\n",
		"F:5:10: an inventory can have 1000000 boards, this entry is the one "
		"too "
		"many"},
	{"name twice",
		WIPY "boards:\n- {name: a, address: 10.0.0.1}\n- {name: b, address: "
		     "10.0.0.2}\n- {name: a, address: 10.0.0.3}\n",
		"F:6:10: board 'a' is there already, in line 4"},
	{"name twice by a range",
		WIPY
		"boards:\n- {name: a2, address: 10.0.0.9}\n- {name: 'a[1:3]', address: "
		"'10.0.0.[1:3]'}\n",
		"F:5:10: board 'a2' is there already, in line 4"},
	{"address twice is told once",
		WIPY
		"boards:\n- {name: a, address: Roof}\n- {name: b, address: rooF}\n",
		"F:5:10: board 'b': telnet port 23 at roof is the telnet port of board "
		"'a' "
		"in line 4"},
	{"FTP port twice",
		WIPY "boards:\n- {name: a, address: h}\n- {name: b, address: h, ports: "
		     "{telnet: 24}}\n",
		"F:5:10: board 'b': FTP port 21 at h is the FTP port of board 'a' in "
		"line "
		"4"},
	{"two different boards in the way",
		WIPY "boards:\n"
		     "- {name: a, address: h}\n"
		     "- {name: b, address: h, ports: {telnet: 1, ftp: 2}}\n"
		     "- {name: c, address: h, ports: {ftp: 2}}\n",
		"F:6:10: board 'c': telnet port 23 at h is the telnet port of board "
		"'a' in "
		"line 4\n"
		"F:6:10: board 'c': FTP port 2 at h is the FTP port of board 'b' in "
		"line 5"},
	{"one port for both",
		WIPY "boards: [{name: a, address: h, ports: {telnet: 21}}]\n",
		"F:3:17: board 'a': FTP port 21 at h is the telnet port of board 'a' "
		"in "
		"line 3"},
	{"duplicates are told beside other faults",
		WIPY
		"boards:\n- {name: a, address: h, site: x}\n- {name: a, address: i, "
		"labels: {r: [1]}}\n",
		"F:4:31: unknown site 'x': there is no such key under 'sites'\n"
		"F:5:10: board 'a' is there already, in line 4\n"
		"F:5:37: label 'r': expected a text of 1 to 255 characters in one "
		"line"},
	{"labels", WIPY BOARDS(", labels: {a: , a: 1, 'b c': 1}"),
		"F:3:51: label 'a': expected a text of 1 to 255 characters in one "
		"line\n"
		"F:3:53: repeated key 'a': the first one is in line 3\n"
		"F:3:59: 'labels': a key must be a name of letters, digits, '-', '_' "
		"and "
		"'.', at most 63"},
	{"anchors", WIPY BOARDS(", labels: &l {a: b}"),
		"F:3:47: anchors (&name) are not allowed: write the value out at each "
		"place"},
	{"password in the file",
		WIPY BOARDS(", login: {user: joe, password: " SECRET "}"),
		"F:3:68: passwords do not belong into the inventory: put it into a "
		"file and "
		"name it with password-file"},
	{"no password file", WIPY BOARDS(", login: {user: joe}"),
		"F:3:46: a login needs 'password-file', the file that holds its "
		"password"},
	{"login as a text", WIPY BOARDS(", login: " SECRET),
		"F:3:46: expected keys with values (key: value), found a text"},
	{"user with a blank", WIPY BOARDS(", login: {user: a b, password-file: pw}"),
		"F:3:46: 'user' must be printable ASCII characters without blanks"},
	{"user too long",
		WIPY BOARDS(", login: {user: a2345678901234567890123456789012, "
			    "password-file: pw}"),
		"F:3:53: 'user' must have 1 to 31 characters, it has 32"},
};

static void test_faults(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(fault_rows) / sizeof(fault_rows[0]); i++) {
		const struct fault_row *row = &fault_rows[i];
		struct outcome got = read_as(fixture, row->yaml, NULL);

		if (!tap_ok(got.rc == WIPY_E_CONFIG && !got.inventory &&
				    strcmp(got.faults, row->expected) == 0,
			    "fault: %s", row->name))
			printf("# got  %s\n# want %s\n", got.faults, row->expected);
		OK(!strstr(got.faults, SECRET), "no secret shown");
		outcome_done(&got);
	}
}

#define ZONED WIPY "sites:\n  s: {timezone: Europe/Berlin}\nboards:\n"

static void test_zone_folder(struct fixture *fixture)
{
	const char *empty = fixture_write(fixture, "Europe", "", 0);
	struct outcome got;
	char *folder = strdup(empty);

	setenv("TZDIR", "/nonexistent", 1);
	got = read_as(fixture, ZONED, NULL);
	EQ_STR(got.faults,
		"F:4:17: time zone 'Europe/Berlin': there is no folder /nonexistent: "
		"install the package tzdata",
		"no tzdata");
	outcome_done(&got);
	*strrchr(folder, '/') = '\0';
	setenv("TZDIR", folder, 1);
	got = read_as(fixture, WIPY "sites: {s: {timezone: Europe}}\nboards:\n", NULL);
	OK(strstr(got.faults, "is no time zone file that can be understood: install "
			      "the package tzdata anew") != NULL,
		"a faulty file");
	outcome_done(&got);
	unsetenv("TZDIR");
	free(folder);
}

static void test_absent(void)
{
	struct inventory *inventory = NULL;
	struct yaml_problems problems;

	yaml_problems_init(&problems);
	EQ_INT(inventory_read(
		       "/nonexistent/i.yaml", NULL, POLL_MS, &problems, &inventory),
		WIPY_E_CONFIG, "absent");
	EQ_STR(problems.line[0],
		"/nonexistent/i.yaml: the file cannot be read: No such file or "
		"directory",
		"absent");
	OK(inventory == NULL, "absent");
	yaml_problems_done(&problems);
	OK(inventory_free(NULL) == NULL, "NULL");
}

/* The faults that the manual shows are those of this file, to the letter. */
static void test_manual(struct fixture *fixture)
{
	static const char yaml[] = "version: 1\n"
				   "defaults: {family: wipy}\n"
				   "sites: {berlin: {}}\n"
				   "boards:\n"
				   "  - name: roof\n"
				   "    adress: roof.example.net\n"
				   "    poll: {every: fast}\n"
				   "    site: berln\n"
				   "    labels: {room: b12}\n"
				   "  - name: lab-[01:40]\n"
				   "    address: 10.1.2.[1:39]\n"
				   "  - name: roof\n"
				   "    address: 10.0.0.1\n"
				   "    login: {password: x}\n";
	char *manual = fixture_source("docs/inventory.md", false);
	struct outcome got = read_as(fixture, yaml, NULL);
	char shown[512];
	int lines = 0;

	for (char *line = strtok(got.faults, "\n"); line; line = strtok(NULL, "\n")) {
		snprintf(shown, sizeof(shown), "\n    inventory.yaml%s\n", line + 1);
		OK(strstr(manual, shown) != NULL, line);
		lines++;
	}
	EQ_INT(lines, 7, "faults of the manual");
	outcome_done(&got);
	free(manual);
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	fixture_write(&fixture, "pw", SECRET "\n", strlen(SECRET) + 1);
	fixture_write(&fixture, "other", "other", 5);
	test_faults(&fixture);
	test_zone_folder(&fixture);
	test_absent();
	test_manual(&fixture);
	fixture_done(&fixture);
	return tap_done();
}
