/* SPDX-License-Identifier: MIT
 *
 * wipyboard's command line: what is taken, what is refused, and that refusals name it.
 */
#include "config.h"

#include <arpa/inet.h>

#include "firmware/ports/linux/options.h"
#include "tests/tap.h"

#define WORDS 8

struct row {
	const char *name;
	const char *words[WORDS];
	enum options_result result;
	const char *names; /* what the refusal must name */
};

static const struct row rows[] = {
	{"least", {"--flash", "d"}, OPTIONS_RUN, NULL},
	{"joined by =", {"--flash=d", "--count=3"}, OPTIONS_RUN, NULL},
	{"largest count", {"--flash", "d", "--count", "8000"}, OPTIONS_RUN, NULL},
	{"help", {"--help"}, OPTIONS_HELP, NULL},
	{"help behind others", {"--flash", "d", "-h"}, OPTIONS_HELP, NULL},
	{"version", {"--version"}, OPTIONS_VERSION, NULL},
	{"no flash", {"--count", "3"}, OPTIONS_BAD, "--flash"},
	{"empty flash", {"--flash", ""}, OPTIONS_BAD, "--flash"},
	{"unknown", {"--flsh", "d"}, OPTIONS_BAD, "--flsh"},
	{"a bare word", {"board"}, OPTIONS_BAD, "board"},
	{"no value", {"--flash"}, OPTIONS_BAD, "--flash"},
	{"count 0", {"--flash", "d", "--count", "0"}, OPTIONS_BAD, "--count"},
	{"count too large", {"--flash", "d", "--count", "8001"}, OPTIONS_BAD, "8000"},
	{"count no number", {"--flash", "d", "--count", "x"}, OPTIONS_BAD, "'x'"},
	{"port 0", {"--flash", "d", "--ftp-port", "0"}, OPTIONS_BAD, "--ftp-port"},
	{"port 65536", {"--flash", "d", "--ftp-port", "65536"}, OPTIONS_BAD, "65535"},
	{"same ports", {"--flash", "d", "--ftp-port", "2323"}, OPTIONS_BAD, "differ"},
	{"no address", {"--flash", "d", "--address", "host"}, OPTIONS_BAD, "'host'"},
	{"last loopback address", {"--flash", "d", "--address", "127.255.255.254"},
		OPTIONS_RUN, NULL},
	{"beyond the loopback addresses",
		{"--flash", "d", "--address", "127.255.255.254", "--count", "2"},
		OPTIONS_BAD, "--address"},
	{"beyond all addresses",
		{"--flash", "d", "--address", "255.255.255.255", "--count", "2"},
		OPTIONS_BAD, "--address"},
	{"virtual clock", {"--flash", "d", "--clock", "virtual", "--control", "s"},
		OPTIONS_RUN, NULL},
	{"virtual clock that nobody can send", {"--flash", "d", "--clock", "virtual"},
		OPTIONS_BAD, "--control"},
	{"a clock of what kind", {"--flash", "d", "--clock", "sun"}, OPTIONS_BAD,
		"'sun'"},
	{"faults", {"--flash", "d", "--faults", "rate=0.25,seed=9"}, OPTIONS_RUN, NULL},
	{"faults without a rate", {"--flash", "d", "--faults", "seed=9"}, OPTIONS_BAD,
		"--faults"},
	{"no faults an hour", {"--flash", "d", "--faults", "rate=0"}, OPTIONS_BAD,
		"--faults"},
	{"too fine a rate", {"--flash", "d", "--faults", "rate=0.0001"}, OPTIONS_BAD,
		"'rate=0.0001'"},
	{"a rate that ends", {"--flash", "d", "--faults", "rate=1."}, OPTIONS_BAD,
		"'rate=1.'"},
	{"faults of nothing", {"--flash", "d", "--faults", "s"}, OPTIONS_BAD, "'s'"},
	{"family", {"--flash", "d", "--family", "wipy"}, OPTIONS_RUN, NULL},
	{"no family", {"--flash", "d", "--family=cat"}, OPTIONS_BAD, "'cat'"},
	{"no profile", {"--flash", "d", "--profile", "/no/such"}, OPTIONS_BAD,
		"/no/such"},
	{"profile without a name", {"--flash", "d", "--profile="}, OPTIONS_BAD,
		"profile"},
	{"a setting's range", {"--flash", "d", "--boot-ms=600001"}, OPTIONS_BAD,
		"--boot-ms wants a number from 0 to 600000"},
	{"arena", {"--flash", "d", "--arena", "1025"}, OPTIONS_BAD, "--arena"},
	{"long password",
		{"--flash", "d", "--password", "12345678901234567890123456789012"},
		OPTIONS_BAD, "--password"},
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *argv[WORDS + 2] = {(char *)"wipyboard"};
		struct errtext error = {.text = ""};
		struct options options;
		int argc = 1;

		for (int k = 0; k < WORDS && rows[i].words[k]; k++)
			argv[argc++] = (char *)rows[i].words[k];
		EQ_INT(options_parse(argc, argv, &options, &error), rows[i].result,
			rows[i].name);
		OK(!rows[i].names || strstr(error.text, rows[i].names), rows[i].name);
		OK(!strstr(error.text, "1234567890"), "no secret is repeated");
	}
}

static void test_values(void)
{
	char *argv[] = {(char *)"wipyboard", (char *)"--flash", (char *)"d",
		(char *)"--count", (char *)"24", (char *)"--rate=1000",
		(char *)"--boot-ms=0", NULL};
	struct errtext error;
	struct options options;

	EQ_INT(options_parse(7, argv, &options, &error), OPTIONS_RUN, "values");
	EQ_INT(options.count, 24, "values");
	EQ_INT(options.profile.rate, 1000, "values");
	EQ_INT(options.profile.boot_ms, 0, "values");
	EQ_INT(options.arena_kb, 24, "default arena");
	EQ_INT(options.telnet_port, 2323, "default port");
	EQ_INT(ntohl(options.address.s_addr), 0x7F4D0001, "default address");
	EQ_STR(options.user, "micro", "default user");
}

/* Wherever the profile stands, single options override it. */
static void test_profile(void)
{
	char *argv[] = {(char *)"wipyboard", (char *)"--boot-ms=7",
		(char *)"--profile=real", (char *)"--flash=d", (char *)"--rate=5",
		(char *)"--faults=seed=4,rate=1.5", NULL};
	struct errtext error;
	struct options options;

	EQ_INT(options_parse(6, argv, &options, &error), OPTIONS_RUN, "profile");
	EQ_INT(options.profile.boot_ms, 7, "overridden before it");
	EQ_INT(options.profile.rate, 5, "overridden behind it");
	OK(options.profile.rejoin_ms > 0, "the rest is the profile's");
	EQ_INT(options.faults_seed, 4, "seed");
	EQ_INT(options.faults_rate, 1500, "rate");
	EQ_INT(options_parse(1, argv, &options, &error), OPTIONS_BAD, "no flash");
	argv[1] = argv[3];
	EQ_INT(options_parse(2, argv, &options, &error), OPTIONS_RUN, "no profile");
	EQ_INT(options.profile.boot_ms, 300, "default boot time");
	EQ_INT(options.profile.rejoin_ms, 0, "nothing else takes time");
}

int main(void)
{
	test_rows();
	test_values();
	test_profile();
	return tap_done();
}
