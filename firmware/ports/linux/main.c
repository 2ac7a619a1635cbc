/* SPDX-License-Identifier: MIT
 *
 * wipyboard: virtual boards on Linux. Subcommands and exit codes; 1 is a failure, 2 a
 * wrong command line.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "firmware/ports/linux/ctl.h"
#include "firmware/ports/linux/fleet.h"
#include "firmware/ports/linux/mkimage.h"
#include "firmware/ports/linux/options.h"

static int run_fleet(const struct options *options)
{
	struct errtext error = {.text = ""};

	if (fleet_run(options, &error) == 0)
		return 0;
	fprintf(stderr, "wipyboard: %s\n", error.text);
	return 1;
}

static int show_help(void)
{
	fputs(options_help, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {{"ctl", ctl_main}, {"image", mkimage_main}};

int main(int argc, char **argv)
{
	struct options options;
	struct errtext error;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (argc > 1 && strcmp(argv[1], commands[i].name) == 0)
			return options_ask_help(argc - 1, argv + 1)
				       ? show_help()
				       : commands[i].run(argc - 1, argv + 1);
	switch (options_parse(argc, argv, &options, &error)) {
	case OPTIONS_RUN:
		return run_fleet(&options);
	case OPTIONS_HELP:
		return show_help();
	case OPTIONS_VERSION:
		puts("wipyboard " PACKAGE_VERSION);
		return 0;
	case OPTIONS_BAD:
		break;
	}
	fprintf(stderr, "wipyboard: %s\n", error.text);
	return 2;
}
