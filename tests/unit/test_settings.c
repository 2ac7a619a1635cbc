/* SPDX-License-Identifier: MIT
 *
 * wipyd.yaml: defaults, every key, ranges, paths; and the example that is installed says
 * of each key what its default is.
 */
#include "config.h"

#include "daemon/edge/settings.h"
#include "tests/tap.h"
#include "tests/unit/config_fixture.h"

struct number_row {
	const char *yaml;
	size_t offset;
	int64_t expected;
};

#define AT(field) offsetof(struct settings, field)

static const struct number_row defaults[] = {
	{"poll.every", AT(poll_every_ms), 300000},
	{"poll.in-flight", AT(polls_max), 256},
	{"poll.retry", AT(poll_miss_retry_ms), 10000},
	{"poll.misses", AT(poll_misses), 3},
	{"update.attempts", AT(attempts), 3},
	{"update.back-off", AT(backoff_ms), 30000},
	{"update.return", AT(return_ms), 90000},
	{"update.look-every", AT(return_every_ms), 2000},
	{"update.soak", AT(soak_ms), 300000},
	{"update.in-flight", AT(pushes_max), 16},
	{"update.domain-share", AT(domain_share), 25},
	{"brakes.lost", AT(brake_lost.value), 1},
	{"brakes.fell-back", AT(brake_fell_back.value), 5},
	{"brakes.failed", AT(brake_failed.value), 5},
	{"brakes.probe", AT(brake_probe.value), 5},
	{"update.expires", AT(expires_ms), 2592000000},
	{"update.catch-up", AT(catch_up_ms), 2592000000},
	{"update.catch-up-in-flight", AT(catch_up_max), 4},
};

static const struct number_row set_rows[] = {
	{"poll: {every: 1s}", AT(poll_every_ms), 1000},
	{"poll: {every: 1d}", AT(poll_every_ms), 86400000},
	{"poll: {in-flight: 4096}", AT(polls_max), 4096},
	{"poll: {retry: 100ms}", AT(poll_miss_retry_ms), 100},
	{"poll: {misses: 100}", AT(poll_misses), 100},
	{"update: {attempts: 10}", AT(attempts), 10},
	{"update: {back-off: 1h}", AT(backoff_ms), 3600000},
	{"update: {return: 1h}", AT(return_ms), 3600000},
	{"update: {look-every: 1m}", AT(return_every_ms), 60000},
	{"update: {soak: 0s}", AT(soak_ms), 0},
	{"update: {soak: 7d}", AT(soak_ms), 604800000},
	{"update: {in-flight: 1}", AT(pushes_max), 1},
	{"update: {domain-share: 100%}", AT(domain_share), 100},
	{"brakes: {lost: 1000000}", AT(brake_lost.value), 1000000},
	{"brakes: {fell-back: 0%}", AT(brake_fell_back.value), 0},
	{"brakes: {failed: 100%}", AT(brake_failed.value), 100},
	{"brakes: {probe: 20%}", AT(brake_probe.value), 20},
	{"brakes: {failed: '3'}", AT(brake_failed.value), 3},
	{"brakes: {lost: 10%}", AT(brake_lost.value), 10},
	{"update: {bandwidth: 16kB/s}", AT(bandwidth), 16000},
	{"update: {bandwidth: 1GB}", AT(bandwidth), 1000000000},
	{"update: {expires: 12h}", AT(expires_ms), 43200000},
	{"update: {catch-up: 0s}", AT(catch_up_ms), 0},
	{"update: {catch-up-in-flight: 1}", AT(catch_up_max), 1},
	{"poll:\nupdate:\nbrakes:\nenrolment:\n", AT(polls_max), 256},
};

static int64_t number_at(const struct settings *settings, size_t offset)
{
	return *(const int64_t *)((const char *)settings + offset);
}

static void test_defaults(void)
{
	struct yaml_problems problems;
	struct settings *settings = NULL;

	unsetenv("STATE_DIRECTORY");
	unsetenv("RUNTIME_DIRECTORY");
	yaml_problems_init(&problems);
	EQ_INT(settings_read(NULL, &problems, &settings), 0, "defaults");
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		EQ_INT(number_at(settings, defaults[i].offset), defaults[i].expected,
			defaults[i].yaml);
	OK(settings->login_at_enrolment, "enrolment.login");
	EQ_STR(settings->state_dir, "/var/lib/wipyd", "defaults");
	EQ_STR(settings->socket, "/run/wipyd/wipyd.sock", "defaults");
	EQ_STR(settings->inventory, "/etc/wipyd/inventory.yaml", "defaults");
	OK(settings_free(settings) == NULL, "defaults");
	OK(settings_free(NULL) == NULL, "NULL");
}

static void test_environment(void)
{
	struct yaml_problems problems;
	struct settings *settings = NULL;

	setenv("STATE_DIRECTORY", "/var/lib/a:/var/lib/b", 1);
	setenv("RUNTIME_DIRECTORY", "/run/a", 1);
	yaml_problems_init(&problems);
	EQ_INT(settings_read(NULL, &problems, &settings), 0, "environment");
	EQ_STR(settings->state_dir, "/var/lib/a", "environment: the first of the list");
	EQ_STR(settings->socket, "/run/a/wipyd.sock", "environment");
	settings_free(settings);
	unsetenv("STATE_DIRECTORY");
	unsetenv("RUNTIME_DIRECTORY");
}

static struct settings *read_text(struct fixture *fixture, const char *yaml)
{
	const char *path = fixture_write(fixture, "wipyd.yaml", yaml, strlen(yaml));
	struct settings *settings = NULL;
	struct yaml_problems problems;

	yaml_problems_init(&problems);
	(void)!settings_read(path, &problems, &settings);
	for (size_t i = 0; i < problems.count; i++)
		printf("# %s\n", problems.line[i]);
	yaml_problems_done(&problems);
	return settings;
}

static void test_set(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(set_rows) / sizeof(set_rows[0]); i++) {
		struct settings *settings = read_text(fixture, set_rows[i].yaml);

		tap_ok(settings && number_at(settings, set_rows[i].offset) ==
					   set_rows[i].expected,
			"set: %s", set_rows[i].yaml);
		settings_free(settings);
	}
}

static void test_paths(struct fixture *fixture)
{
	char expected[256];
	struct settings *settings = read_text(fixture,
		"state-dir: /a/b\nsocket: s/x.sock\ninventory: i.yaml\n"
		"enrolment: {login: false}\n");

	if (!OK(settings != NULL, "paths"))
		return;
	EQ_STR(settings->state_dir, "/a/b", "paths: absolute");
	snprintf(expected, sizeof(expected), "%s/s/x.sock", fixture->folder);
	EQ_STR(settings->socket, expected, "paths: relative to the file");
	snprintf(expected, sizeof(expected), "%s/i.yaml", fixture->folder);
	EQ_STR(settings->inventory, expected, "paths: relative to the file");
	OK(!settings->login_at_enrolment, "enrolment");
	settings_free(settings);
}

struct fault_row {
	const char *name, *yaml, *expected;
};

static const struct fault_row fault_rows[] = {
	{"unknown key", "pol: {}", "F:1:1: unknown key 'pol' (did you mean 'poll'?)"},
	{"unknown key in a group", "poll:\n  evry: 5m",
		"F:2:3: unknown key 'evry' (did you mean 'every'?)"},
	{"group that is a text", "update: yes",
		"F:1:9: expected keys with values (key: value), found a text"},
	{"all groups in one run, in order",
		"brakes: {lost: 0}\n"
		"poll: {every: 2d, retry: 99ms, misses: 101, in-flight: 0}\n"
		"update: {attempts: 11, back-off: 2h, return: 0s, look-every: 2m}\n"
		"enrolment: {login: yes}\n",
		"F:1:16: 'lost' must be between 1 and 1000000, found '0'\n"
		"F:2:15: 'every' must be between 1s and 1d, found '2d'\n"
		"F:2:26: 'retry' must be between 100ms and 1h, found '99ms'\n"
		"F:2:40: 'misses' must be between 1 and 100, found '101'\n"
		"F:2:56: 'in-flight' must be between 1 and 4096, found '0'\n"
		"F:3:20: 'attempts' must be between 1 and 10, found '11'\n"
		"F:3:34: 'back-off' must be between 100ms and 1h, found '2h'\n"
		"F:3:46: 'return' must be between 1s and 1h, found '0s'\n"
		"F:3:62: 'look-every' must be between 100ms and 1m, found '2m'\n"
		"F:4:20: 'login': expected true or false, found 'yes'"},
	{"the other ranges",
		"update:\n  soak: 8d\n  in-flight: 4097\n  domain-share: 0%\n"
		"brakes:\n  fell-back: 101%\n  failed: -1%\n  lost: x%\n",
		"F:2:9: 'soak' must be between 0s and 7d, found '8d'\n"
		"F:3:14: 'in-flight' must be between 1 and 4096, found '4097'\n"
		"F:4:17: 'domain-share' must be between 1% and 100%, found '0%'\n"
		"F:6:14: 'fell-back' must be between 0% and 100%, found '101%'\n"
		"F:7:11: 'failed' must be between 0% and 100%, found '-1%'\n"
		"F:8:9: 'lost': expected a percentage such as 25%, found 'x%'"},
	{"limits, expiry and policy",
		"update: {bandwidth: 15kB/s, expires: 59s}\n"
		"brakes: {fell-back: 0, failed: few}\npolicy: {approval: me}\n",
		"F:1:21: 'bandwidth' must be between 16kB and 1GB, found '15kB/s'\n"
		"F:1:38: 'expires' must be between 1m and 365d, found '59s'\n"
		"F:2:21: 'fell-back' must be between 1 and 1000000, found '0'\n"
		"F:2:32: 'failed': expected a number such as 3 or a percentage such as "
		"5%, found 'few'\n"
		"F:3:9: 'approval': expected none or other-person, found 'me'"},
	{"malformed", "poll: {every: 5m",
		"F:2:1: malformed YAML: did not find expected ',' or '}' (while "
		"parsing a "
		"flow mapping that begins in line 1)"},
	{"socket path too long",
		"socket: "
		"/1234567890123456789012345678901234567890123456789012345678901234"
		"5678901234567890123456789012345678901234567\n",
		"F: 'socket': the path "
		"'/"
		"1234567890123456789012345678901234567890123456789012345678901234567890"
		"12"
		"34567890123456789012345678901234567' is too long, a socket's has at "
		"most "
		"107 characters"},
};

static void test_faults(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(fault_rows) / sizeof(fault_rows[0]); i++) {
		const struct fault_row *row = &fault_rows[i];
		const char *path = fixture_write(
			fixture, "wipyd.yaml", row->yaml, strlen(row->yaml));
		struct settings *settings = NULL;
		struct yaml_problems problems;
		char *faults;
		int rc;

		yaml_problems_init(&problems);
		rc = settings_read(path, &problems, &settings);
		faults = fixture_faults(&problems, path);
		if (!tap_ok(rc == WIPY_E_CONFIG && !settings &&
				    strcmp(faults, row->expected) == 0,
			    "fault: %s", row->name))
			printf("# got  %s\n# want %s\n", faults, row->expected);
		free(faults);
		yaml_problems_done(&problems);
	}
}

static void test_absent(void)
{
	struct yaml_problems problems;
	struct settings *settings = NULL;

	yaml_problems_init(&problems);
	EQ_INT(settings_read("/nonexistent/w.yaml", &problems, &settings),
		WIPY_E_CONFIG, "absent");
	EQ_STR(problems.line[0],
		"/nonexistent/w.yaml: the file cannot be read: No such file or "
		"directory",
		"absent");
	OK(settings == NULL, "absent");
	yaml_problems_done(&problems);
}

/* The installed example: as it is, and with every key uncommented, it is the defaults. */
static void test_example(struct fixture *fixture, bool uncomment)
{
	const char *name = uncomment ? "example, uncommented" : "example";
	char *text = fixture_source("etc/wipyd.yaml", uncomment);
	struct settings *settings = read_text(fixture, text);

	EQ_INT(strstr(text, "\npoll:\n  every: 5m") != NULL, uncomment, name);
	if (OK(settings != NULL, name)) {
		for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
			const char *key = strchr(defaults[i].yaml, '.') + 1;

			tap_ok(number_at(settings, defaults[i].offset) ==
						defaults[i].expected &&
					strstr(text, key),
				"%s: %s", name, defaults[i].yaml);
		}
		OK(settings->login_at_enrolment, name);
		EQ_STR(settings->state_dir, "/var/lib/wipyd", name);
		EQ_STR(settings->socket, "/run/wipyd/wipyd.sock", name);
		EQ_STR(settings->inventory, "/etc/wipyd/inventory.yaml", name);
	}
	settings_free(settings);
	free(text);
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	test_defaults();
	test_environment();
	test_set(&fixture);
	test_paths(&fixture);
	test_faults(&fixture);
	test_absent();
	test_example(&fixture, false);
	test_example(&fixture, true);
	fixture_done(&fixture);
	return tap_done();
}
