/* SPDX-License-Identifier: MIT
 *
 * Options as a table: name, kind, place, range.
 */
#include "config.h"

#include "firmware/ports/linux/options.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

#define BOOT_MS         300 /* without a profile; that of the recorded boards */
#define ARENA_KB        24
#define FAULTS_RATE_MAX 3600

const char options_help[] =
	"usage: wipyboard --address ADDRESS --flash DIR --image FILE [OPTION]...\n"
	"       wipyboard ctl SOCKET COMMAND [ARGUMENT]...\n"
	"       wipyboard image --tag TAG --date DATE [OPTION]... OUT\n"
	"\n"
	"Runs virtual WiPy boards, each with a telnet and an FTP server on an address "
	"of\n"
	"its own, counted up from ADDRESS.\n"
	"\n"
	"  --count N           boards, 1 to 8000 (default 1)\n"
	"  --address ADDRESS   IPv4 address of board 1 (default 127.77.0.1)\n"
	"  --telnet-port PORT  (default 2323)\n"
	"  --ftp-port PORT     (default 2121)\n"
	"  --pasv-port PORT    data connections (default 20240)\n"
	"  --flash DIR         folder that keeps the boards' flash; made if missing\n"
	"  --image FILE        factory image of a new folder\n"
	"  --control SOCKET    where `wipyboard ctl` finds this process\n"
	"  --clock KIND        real (default), or virtual: time stands still until\n"
	"                      `wipyboard ctl SOCKET clock +MS` lets it pass\n"
	"  --user NAME         login of the boards (default micro)\n"
	"  --password WORD     (default python)\n"
	"  --arena KB          the interpreter's memory of each board (default 24)\n"
	"  --faults seed=S,rate=R  draws faults at random, R a board and hour\n"
	"  --profile NAME      fast, real, or a YAML file of the settings that "
	"follow;\n"
	"                      single options override it\n"
	"  --family NAME       wipy (default), pycom, esp32 or esp8266\n"
	"  --boot-ms N         from reset until the servers listen (default 300)\n"
	"  --rejoin-ms N       from then on until the radio has joined (default 0)\n"
	"  --erase-ms N        erasing a sector of flash (default 0)\n"
	"  --write-us N        writing a block of 512 bytes (default 0)\n"
	"  --latency-ms N, --jitter-ms N  until a board sees what clients do (default "
	"0)\n"
	"  --rate BYTES        bytes a second that a board takes (default: no limit)\n"
	"  --seed N            of the randomness of jitter (default 1)\n"
	"  --help, --version\n"
	"\n"
	"ctl commands (K is a board's number or `all`):\n"
	"  status [K], power-off K, power-on K, reset K, pin K high|low, wlan-event "
	"K,\n"
	"  rtc K 2015-08-09T00:00:00, record K HEX|none, slot K SLOT "
	"FILE|absent|torn,\n"
	"  clock [+250|+10s|+5m], fault K WORD, quit\n"
	"Faults: power-cut, power-cut-at=N, rst-after=N, drop-after=N, no-226, "
	"no-quit,\n"
	"  stall=PHASE:S, wrong-banner, garbage, silent, refuse-telnet, refuse-login,\n"
	"  busy, wlan-event, hog-repl, eat-interrupt, corrupt-image, crash-at-boot,\n"
	"  never-join, crash-after=S, swap, move=ADDRESS, clear; PHASE is connect,\n"
	"  banner, login, repl, user, pass, pasv, stor, data, 226 or quit.\n"
	"Exit codes: 0 done, 1 failed or refused by the boards, 2 wrong command line.\n"
	"\n"
	"image options: --family wipy|pycom|esp32|esp8266, --board NAME, --size "
	"BYTES,\n"
	"  --md5 right|wrong|none, --checksum right|wrong,\n"
	"  --mark right|none\n";

enum kind { NUMBER32, PORT, COUNT, TEXT, ADDRESS, CLOCK, FAULTS };

struct option_row {
	const char *name;
	enum kind kind;
	size_t offset;
	uint64_t min, max;
};

static const struct option_row rows[] = {
	{"count", COUNT, offsetof(struct options, count), 1, OPTIONS_COUNT_MAX},
	{"address", ADDRESS, offsetof(struct options, address), 0, 0},
	{"telnet-port", PORT, offsetof(struct options, telnet_port), 1, 65535},
	{"ftp-port", PORT, offsetof(struct options, ftp_port), 1, 65535},
	{"pasv-port", PORT, offsetof(struct options, pasv_port), 1, 65535},
	{"flash", TEXT, offsetof(struct options, flash_dir), 1, 4000},
	{"image", TEXT, offsetof(struct options, image), 1, 4000},
	{"control", TEXT, offsetof(struct options, control), 1, 100},
	{"clock", CLOCK, offsetof(struct options, virtual_clock), 0, 0},
	{"profile", TEXT, offsetof(struct options, profile_name), 1, 4000},
	{"arena", NUMBER32, offsetof(struct options, arena_kb), 0, 1024},
	{"faults", FAULTS, 0, 0, 0},
	{"user", TEXT, offsetof(struct options, user), 1, 31},
	{"password", TEXT, offsetof(struct options, password), 1, 31},
};

__attribute__((format(printf, 2, 3))) static bool fail(
	struct errtext *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return false;
}

static bool set_number(const struct option_row *row, const char *text, void *place,
	struct errtext *error)
{
	uint64_t value;

	if (wipy_text_parse_u64(text, strlen(text), row->max, &value) < 0 ||
		value < row->min)
		return fail(error, "--%s wants a number from %llu to %llu, not '%s'",
			row->name, (unsigned long long)row->min,
			(unsigned long long)row->max, text);
	if (row->kind == PORT)
		*(uint16_t *)place = (uint16_t)value;
	else if (row->kind == COUNT)
		*(int *)place = (int)value;
	else
		*(uint32_t *)place = (uint32_t)value;
	return true;
}

/* A number with up to three decimals, in thousandths. */
static bool parse_rate(const char *text, uint32_t *ret_rate)
{
	size_t digits = strspn(text, "0123456789");
	size_t decimals = text[digits] == '.' ? strlen(text + digits + 1) : 0;
	uint64_t whole, part = 0;

	if (wipy_text_parse_u64(text, digits, FAULTS_RATE_MAX, &whole) < 0 ||
		(text[digits] != '\0' && (decimals < 1 || decimals > 3)))
		return false;
	if (decimals > 0 &&
		wipy_text_parse_u64(text + digits + 1, decimals, 999, &part) < 0)
		return false;
	for (; decimals < 3; decimals++)
		part *= 10;
	*ret_rate = (uint32_t)(whole * 1000 + part);
	return *ret_rate > 0;
}

/* "seed=S,rate=R" in any order. */
static bool set_faults(const char *text, struct options *options)
{
	char word[64];
	char *rest = word;
	const char *part;
	uint64_t seed;
	bool good = wipy_text_copy(word, sizeof(word), text, strlen(text));

	while (good && (part = strsep(&rest, ",")) != NULL) {
		if (strncmp(part, "rate=", 5) == 0) {
			good = parse_rate(part + 5, &options->faults_rate);
		} else if (strncmp(part, "seed=", 5) == 0) {
			good = wipy_text_parse_u64(part + 5, strlen(part + 5),
				       UINT32_MAX, &seed) == 0;
			options->faults_seed = good ? (uint32_t)seed : 0;
		} else {
			good = false;
		}
	}
	return good && options->faults_rate > 0;
}

static bool set(const struct option_row *row, const char *text, struct options *options,
	struct errtext *error)
{
	void *place = (char *)options + row->offset;

	switch (row->kind) {
	case ADDRESS:
		if (inet_pton(AF_INET, text, place) != 1)
			return fail(error, "--%s wants an IPv4 address, not '%s'",
				row->name, text);
		return true;
	case TEXT:
		if (strlen(text) < row->min)
			return fail(error, "--%s must not be empty", row->name);
		/* the text itself may be a password: it is not repeated */
		if (strlen(text) > row->max)
			return fail(error, "--%s is too long", row->name);
		*(const char **)place = text;
		return true;
	case CLOCK:
		if (strcmp(text, "real") != 0 && strcmp(text, "virtual") != 0)
			return fail(error, "--%s is real or virtual, not '%s'",
				row->name, text);
		*(bool *)place = strcmp(text, "virtual") == 0;
		return true;
	case FAULTS:
		if (!set_faults(text, options))
			return fail(error,
				"--%s reads seed=S,rate=R, faults a board "
				"and hour, 0.001 to %d, not '%s'",
				row->name, FAULTS_RATE_MAX, text);
		return true;
	case NUMBER32:
	case PORT:
	case COUNT:
		break;
	}
	return set_number(row, text, place, error);
}

static const struct option_row *find_row(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
			return &rows[i];
	return NULL;
}

/* What the options mean together. */
static bool check(const struct options *options, struct errtext *error)
{
	uint32_t first = ntohl(options->address.s_addr);

	if (!options->flash_dir)
		return fail(error, "--flash is missing: name a folder");
	if (options->virtual_clock && !options->control)
		return fail(error, "--clock virtual wants --control: nothing else lets "
				   "time pass");
	if (options->telnet_port == options->ftp_port ||
		options->telnet_port == options->pasv_port ||
		options->ftp_port == options->pasv_port)
		return fail(
			error, "--telnet-port, --ftp-port and --pasv-port must differ");
	/* each board's address must be a loopback address like the first one */
	if (first >> 24 == 127 && (uint32_t)options->count - 1 > 0x7FFFFFFEu - first)
		return fail(error,
			"--address leaves too few loopback addresses for --count: "
			"begin lower or run fewer boards");
	if ((uint32_t)options->count - 1 > UINT32_MAX - first)
		return fail(error, "--address leaves too few addresses for --count");
	return true;
}

/* One option out of argv at *at, which moves to its last word. */
struct given {
	const char *name;
	size_t name_len;
	const char *value;
};

static bool take(
	int argc, char **argv, int *at, struct given *ret_given, struct errtext *error)
{
	const char *word = argv[*at];
	const char *equals = strchr(word, '=');
	struct given given = {.name = word + 2};

	if (strncmp(word, "--", 2) != 0)
		return fail(error, "unknown option '%s': see wipyboard --help", word);
	given.name_len = equals ? (size_t)(equals - given.name) : strlen(given.name);
	if (!find_row(given.name, given.name_len) &&
		!profile_has(given.name, given.name_len))
		return fail(error, "unknown option '%s': see wipyboard --help", word);
	given.value = equals ? equals + 1 : argv[++*at];
	if (*at >= argc || !given.value)
		return fail(
			error, "--%.*s wants a value", (int)given.name_len, given.name);
	*ret_given = given;
	return true;
}

static bool apply(
	const struct given *given, struct options *options, struct errtext *error)
{
	const struct option_row *row = find_row(given->name, given->name_len);
	char name[32];
	struct errtext why;

	if (row)
		return set(row, given->value, options, error);
	(void)wipy_text_copy(name, sizeof(name), given->name, given->name_len);
	return profile_set(&options->profile, name, given->value, &why) ||
	       fail(error, "--%s", why.text);
}

static bool is_option(const struct given *given, const char *name)
{
	return given->name_len == strlen(name) &&
	       memcmp(given->name, name, given->name_len) == 0;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

bool options_ask_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (is_help(argv[i]))
			return true;
	return false;
}

/* Reads all words once: for --help, and for the profile, which comes first wherever it
 * stands, so that single options override it. */
static enum options_result look_through(
	int argc, char **argv, struct options *options, struct errtext *error)
{
	struct given given;

	for (int i = 1; i < argc; i++) {
		if (is_help(argv[i]))
			return OPTIONS_HELP;
		if (strcmp(argv[i], "--version") == 0)
			return OPTIONS_VERSION;
		if (!take(argc, argv, &i, &given, error))
			return OPTIONS_BAD;
		if (is_option(&given, "profile"))
			options->profile_name = given.value;
	}
	profile_default(&options->profile);
	options->profile.boot_ms = BOOT_MS;
	if (options->profile_name &&
		profile_load(options->profile_name, stderr, &options->profile) > 0) {
		fail(error, "cannot use the profile %s", options->profile_name);
		return OPTIONS_BAD;
	}
	return OPTIONS_RUN;
}

enum options_result options_parse(
	int argc, char **argv, struct options *ret_options, struct errtext *ret_error)
{
	struct options options = {.count = 1,
		.address.s_addr = htonl(0x7F4D0001),
		.telnet_port = 2323,
		.ftp_port = 2121,
		.pasv_port = 20240,
		.arena_kb = ARENA_KB,
		.user = "micro",
		.password = "python"};
	enum options_result result = look_through(argc, argv, &options, ret_error);
	struct given given;

	if (result != OPTIONS_RUN)
		return result;
	for (int i = 1; i < argc; i++)
		if (!take(argc, argv, &i, &given, ret_error) ||
			!apply(&given, &options, ret_error))
			return OPTIONS_BAD;
	if (!check(&options, ret_error))
		return OPTIONS_BAD;
	*ret_options = options;
	return OPTIONS_RUN;
}
