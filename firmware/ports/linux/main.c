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

int main(int argc, char **argv)
{
	struct options options;
	struct errtext error;

	if (argc > 1 && strcmp(argv[1], "ctl") == 0)
		return ctl_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "image") == 0)
		return mkimage_main(argc - 1, argv + 1);
	switch (options_parse(argc, argv, &options, &error)) {
	case OPTIONS_RUN:
		return run_fleet(&options);
	case OPTIONS_HELP:
		fputs(options_help, stdout);
		return 0;
	case OPTIONS_VERSION:
		puts("wipyboard " PACKAGE_VERSION);
		return 0;
	case OPTIONS_BAD:
		break;
	}
	fprintf(stderr, "wipyboard: %s\n", error.text);
	return 2;
}
