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
	EQ_INT(options.rate, 1000, "values");
	EQ_INT(options.boot_ms, 0, "values");
	EQ_INT(options.telnet_port, 2323, "default port");
	EQ_INT(ntohl(options.address.s_addr), 0x7F4D0001, "default address");
	EQ_STR(options.user, "micro", "default user");
}

int main(void)
{
	test_rows();
	test_values();
	return tap_done();
}
