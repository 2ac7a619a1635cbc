/* SPDX-License-Identifier: MIT
 *
 * wipyd: options, the two files, exit code. No logic.
 */
#include "config.h"

#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "daemon/edge/log.h"
#include "daemon/service.h"

#define DEFAULT_SETTINGS "/etc/wipyd/wipyd.yaml"
#define DESCRIPTORS_MAX  20000 /* as the unit allows */

struct options {
	const char *settings, *inventory, *socket, *state_dir;
	bool check, debug;
};

/* What the two files say. */
struct files {
	struct settings *settings;
	struct inventory *inventory;
};

static const char usage[] =
	"usage: wipyd [-c FILE] [-i FILE] [-S SOCKET] [-s DIR] [-t] [-d] [-V] [-h]\n"
	"  -c FILE    settings (default " DEFAULT_SETTINGS " if it is there)\n"
	"  -i FILE    inventory, instead of the one that the settings name\n"
	"  -S SOCKET  socket, instead of the one that the settings name\n"
	"  -s DIR     state folder, instead of the one that the settings name\n"
	"  -t         check settings and inventory, say what is wrong, and exit\n"
	"  -d         log more\n"
	"  -V, -h     version, this text\n";

static int parse_options(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "c:i:S:s:tdVh")) != -1) {
		if (option == 'c')
			options->settings = optarg;
		else if (option == 'i')
			options->inventory = optarg;
		else if (option == 'S')
			options->socket = optarg;
		else if (option == 's')
			options->state_dir = optarg;
		else if (option == 't')
			options->check = true;
		else if (option == 'd')
			options->debug = true;
		else if (option == 'V' || option == 'h') {
			fputs(option == 'V' ? "wipyd " PACKAGE_VERSION "\n" : usage,
				stdout);
			exit(EXIT_DONE);
		} else
			return -1;
	}
	return optind == argc ? 0 : -1;
}

static void override(char **setting, const char *value)
{
	if (!value)
		return;
	free(*setting);
	*setting = strdup(value);
	if (!*setting)
		abort();
}

/* A check speaks to a person, a start to the log. */
static void show(const struct options *options, const char *line)
{
	if (options->check)
		fprintf(stderr, "%s\n", line);
	else
		log_error("wipyd", "%s", line);
}

/* Reads both files; every fault of both is shown. */
static int read_files(struct files *files, const struct options *options)
{
	struct yaml_problems problems;
	const char *path = options->settings;
	int rc;

	if (!path && access(DEFAULT_SETTINGS, F_OK) == 0)
		path = DEFAULT_SETTINGS;
	yaml_problems_init(&problems);
	rc = settings_read(path, &problems, &files->settings);
	if (rc == 0) {
		override(&files->settings->inventory, options->inventory);
		override(&files->settings->socket, options->socket);
		override(&files->settings->state_dir, options->state_dir);
		rc = inventory_read(files->settings->inventory,
			getenv("CREDENTIALS_DIRECTORY"), files->settings->poll_every_ms,
			&problems, &files->inventory);
	}
	for (size_t i = 0; i < problems.count; i++)
		show(options, problems.line[i]);
	if (problems.more > 0) {
		char more[64];

		snprintf(more, sizeof(more), "and %zu more", problems.more);
		show(options, more);
	}
	yaml_problems_done(&problems);
	return rc;
}

/* Passwords are in this process: no core file, no tracing by others. */
static void harden(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* a file size limit is one more full disk */
	umask(077);
}

/* Thousands of boards are looked at together, and hundreds may follow the events. */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS_MAX)
		return;
	limit.rlim_cur =
		limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct files files = {0};
	int code;

	if (parse_options(argc, argv, &options) < 0) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	harden();
	allow_descriptors();
	log_init(options.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
		getenv("JOURNAL_STREAM") != NULL);
	if (sodium_init() < 0)
		return EXIT_INTERNAL;
	if (read_files(&files, &options) < 0)
		code = EXIT_USAGE;
	else if (options.check)
		code = EXIT_DONE;
	else
		code = service_run(files.settings, &files.inventory);
	if (options.check && code == EXIT_DONE)
		printf("%s: %zu boards, no errors\n", files.settings->inventory,
			files.inventory->board_count);
	inventory_free(files.inventory);
	settings_free(files.settings);
	return code;
}
