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
	"  --boot-ms N         from reset until the servers listen (default 300)\n"
	"  --rate BYTES        bytes a second that a board takes (default: no limit)\n"
	"  --user NAME         login of the boards (default micro)\n"
	"  --password WORD     (default python)\n"
	"  --help, --version\n"
	"\n"
	"ctl commands: status [K], power-off K, power-on K, reset K, pin K high|low,\n"
	"  fault K power-cut|drop-after=N|corrupt-image|silent|refuse-telnet|\n"
	"  crash-at-boot|garbage|clear, quit. K is a board's number or `all`.\n"
	"\n"
	"image options: --board NAME (default WiPy), --size BYTES, --md5 "
	"right|wrong|none\n";

enum kind { NUMBER32, PORT, COUNT, TEXT, ADDRESS };

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
	{"boot-ms", NUMBER32, offsetof(struct options, boot_ms), 0, 600000},
	{"rate", NUMBER32, offsetof(struct options, rate), 0, 1000000000},
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

enum options_result options_parse(
	int argc, char **argv, struct options *ret_options, struct errtext *ret_error)
{
	struct options options = {.count = 1,
		.address.s_addr = htonl(0x7F4D0001),
		.telnet_port = 2323,
		.ftp_port = 2121,
		.pasv_port = 20240,
		.boot_ms = 300,
		.user = "micro",
		.password = "python"};

	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		const char *value = strchr(word, '=');
		const struct option_row *row;

		if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
			return OPTIONS_HELP;
		if (strcmp(word, "--version") == 0)
			return OPTIONS_VERSION;
		row = strncmp(word, "--", 2) != 0
			      ? NULL
			      : find_row(word + 2, value ? (size_t)(value - word - 2)
							 : strlen(word + 2));
		if (!row) {
			fail(ret_error, "unknown option '%s': see wipyboard --help",
				word);
			return OPTIONS_BAD;
		}
		value = value ? value + 1 : argv[++i];
		if (!value) {
			fail(ret_error, "--%s wants a value", row->name);
			return OPTIONS_BAD;
		}
		if (!set(row, value, &options, ret_error))
			return OPTIONS_BAD;
	}
	if (!check(&options, ret_error))
		return OPTIONS_BAD;
	*ret_options = options;
	return OPTIONS_RUN;
}
