/* SPDX-License-Identifier: MIT
 *
 * What the doctor makes of facts.
 */
#include "daemon/core/doctor.h"

#include "tests/tap.h"

#define MIB ((uint64_t)1024 * 1024)

static void is(const struct doctor_finding *finding, enum doctor_grade grade,
	const char *has, const char *name)
{
	EQ_INT(finding->grade, grade, name);
	OK(strstr(finding->text, has) != NULL, name);
	OK((finding->hint[0] == '\0') == (grade == DOCTOR_OK), name);
}

static void test_yaml(void)
{
	struct doctor_yaml facts = {"settings", NULL, 0, NULL};
	struct doctor_finding finding;

	doctor_yaml(&facts, &finding);
	is(&finding, DOCTOR_OK, "no file of settings", "no file");
	facts.path = "/etc/wipyd/wipyd.yaml";
	doctor_yaml(&facts, &finding);
	is(&finding, DOCTOR_OK, "no faults", "a good file");
	facts.faults = 1;
	facts.fault = "wipyd.yaml:1:1: unknown key 'x'";
	doctor_yaml(&facts, &finding);
	is(&finding, DOCTOR_BAD, "1 fault: wipyd.yaml:1:1: unknown key 'x'", "a fault");
	facts.faults = 7;
	doctor_yaml(&facts, &finding);
	is(&finding, DOCTOR_BAD, "7 faults, the first: wipyd.yaml:1:1", "faults");
}

static void test_files(void)
{
	static const struct {
		const char *name, *fault;
		unsigned int mode, forbidden;
		bool ours;
		enum doctor_grade grade;
		const char *has, *hint;
	} rows[] = {
		{"good", NULL, 0700, 0077, true, DOCTOR_OK, "(mode 0700)", ""},
		{"group may read", NULL, 0750, 0077, true, DOCTOR_BAD, "(mode 0750)",
			"chmod 0700 /x"},
		{"everybody may write", NULL, 0666, 0002, true, DOCTOR_BAD,
			"(mode 0666)", "chmod 0664 /x"},
		{"the group may", NULL, 0660, 0007, true, DOCTOR_OK, "(mode 0660)", ""},
		{"of somebody else", NULL, 0600, 0077, false, DOCTOR_BAD,
			"another user", "chown"},
		{"gone", "no such file", 0, 0077, false, DOCTOR_BAD, "/x: no such file",
			"removed"},
	};
	struct doctor_finding finding;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct doctor_file facts = {"state", "/x", rows[i].fault,
			rows[i].mode, rows[i].forbidden, rows[i].ours};

		doctor_file(&facts, &finding);
		is(&finding, rows[i].grade, rows[i].has, rows[i].name);
		OK(strstr(finding.hint, rows[i].hint) != NULL, rows[i].name);
	}
}

static void test_disk(void)
{
	static const struct {
		const char *name;
		struct doctor_disk facts;
		enum doctor_grade grade;
		const char *has;
	} rows[] = {
		{"room", {"/s", NULL, NULL, false, 512 * MIB, 9000 * MIB}, DOCTOR_OK,
			"512 of 9000 MiB"},
		{"little", {"/s", NULL, NULL, false, 512 * MIB - 1, 9000 * MIB},
			DOCTOR_WARN, "511 of"},
		{"nearly none", {"/s", NULL, NULL, false, 64 * MIB - 1, 9000 * MIB},
			DOCTOR_BAD, "63 of"},
		{"all there is", {"/s", NULL, NULL, false, UINT64_MAX, UINT64_MAX},
			DOCTOR_OK, "MiB free"},
		{"read-only", {"/s", NULL, NULL, true, 900 * MIB, 9000 * MIB},
			DOCTOR_BAD, "read-only"},
		{"not written", {"/s", NULL, "disk full", false, 900 * MIB, 9000 * MIB},
			DOCTOR_BAD, "/s: disk full"},
		{"not there", {"/s", "gone", NULL, false, 0, 0}, DOCTOR_BAD,
			"/s: gone"},
	};
	struct doctor_finding finding;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		doctor_disk(&rows[i].facts, &finding);
		is(&finding, rows[i].grade, rows[i].has, rows[i].name);
	}
}

static void test_time(void)
{
	struct doctor_clock clock = {1795172400, 0};
	struct doctor_zones zones = {NULL, 3, 2};
	struct doctor_finding finding;

	doctor_clock(&clock, &finding);
	is(&finding, DOCTOR_OK, "is set", "a new fleet");
	clock.latest_s = clock.now_s + 60;
	doctor_clock(&clock, &finding);
	is(&finding, DOCTOR_OK, "is set", "within the slack");
	clock.latest_s++;
	doctor_clock(&clock, &finding);
	is(&finding, DOCTOR_BAD, "gone back", "seen in the future");
	clock.now_s = 0;
	doctor_clock(&clock, &finding);
	is(&finding, DOCTOR_BAD, "not set", "no clock");
	doctor_zones(&zones, &finding);
	is(&finding, DOCTOR_OK, "2 of 3 sites have", "zones");
	zones.fault = "no such file";
	doctor_zones(&zones, &finding);
	is(&finding, DOCTOR_BAD, "no such file", "no data, and it is needed");
	zones.zoned = 0;
	doctor_zones(&zones, &finding);
	is(&finding, DOCTOR_WARN, "no such file", "no data, and nobody needs it");
	zones = (struct doctor_zones){NULL, 0, 0};
	doctor_zones(&zones, &finding);
	is(&finding, DOCTOR_OK, "no sites", "no sites");
}

static void test_signatures(void)
{
	static const struct {
		const char *name;
		struct doctor_signatures facts;
		enum doctor_grade grade;
		const char *has;
	} rows[] = {
		{"required", {SIGNATURES_REQUIRED, 3, 2, 1}, DOCTOR_OK,
			"only if 2 of 3 trusted keys"},
		{"warn", {SIGNATURES_WARN, 1, 1, 1}, DOCTOR_OK, "whether 1 of 1"},
		{"too few keys", {SIGNATURES_REQUIRED, 1, 2, 0}, DOCTOR_BAD,
			"no release can be taken"},
		{"no keys", {SIGNATURES_WARN, 0, 1, 0}, DOCTOR_WARN, "nobody has to"},
		{"off", {SIGNATURES_OFF, 3, 1, 0}, DOCTOR_WARN, "nobody has to"},
		{"off, with channels", {SIGNATURES_OFF, 3, 1, 1}, DOCTOR_BAD,
			"from channels, and nobody"},
	};
	struct doctor_finding finding;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		doctor_signatures(&rows[i].facts, &finding);
		is(&finding, rows[i].grade, rows[i].has, rows[i].name);
	}
}

static void test_sites(void)
{
	static const struct {
		const char *name;
		struct doctor_site facts;
		enum doctor_grade grade;
		const char *has;
	} rows[] = {
		{"all", {"berlin", 4, 4, 0, 0, 0}, DOCTOR_OK,
			"site berlin: 4 of 4 boards answer"},
		{"one", {"", 1, 1, 0, 0, 0}, DOCTOR_OK,
			"without a site: 1 of 1 board answers"},
		{"a quarter away", {"berlin", 4, 3, 0, 0, 0}, DOCTOR_OK, "3 of 4"},
		{"half away", {"berlin", 4, 2, 1, 0, 0}, DOCTOR_WARN, "never seen: 1"},
		{"none", {"berlin", 4, 0, 4, 0, 0}, DOCTOR_BAD, "0 of 4"},
		{"a password", {"berlin", 40, 40, 0, 1, 0}, DOCTOR_WARN,
			"login refused: 1"},
		{"another board", {"berlin", 40, 40, 0, 0, 2}, DOCTOR_BAD,
			"wrong board: 2"},
	};
	struct doctor_finding finding;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		doctor_site(&rows[i].facts, &finding);
		is(&finding, rows[i].grade, rows[i].has, rows[i].name);
	}
}

int main(void)
{
	test_yaml();
	test_files();
	test_disk();
	test_time();
	test_signatures();
	test_sites();
	EQ_STR(doctor_grade_name(DOCTOR_BAD), "bad", "grades have names");
	return tap_done();
}
