/* SPDX-License-Identifier: MIT
 *
 * The command line of wipyboard.
 */
#ifndef WIPY_PORT_LINUX_OPTIONS_H
#define WIPY_PORT_LINUX_OPTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"
#include "firmware/ports/linux/profile.h"

#define OPTIONS_COUNT_MAX 8000 /* boards a process (DESIGN.md 9) */

struct options {
	int count;
	struct in_addr address; /* of board 1 */
	uint16_t telnet_port;
	uint16_t ftp_port;
	uint16_t pasv_port;
	const char *flash_dir;
	const char *image;   /* NULL: the flash folder has one */
	const char *control; /* NULL: no control socket */
	bool virtual_clock;
	const char *profile_name; /* NULL: none was given */
	struct profile profile;
	uint32_t arena_kb;    /* of the interpreter of each board */
	uint32_t faults_seed; /* faults that come by themselves */
	uint32_t faults_rate; /* thousandths a board and hour; 0: none */
	const char *user;
	const char *password;
};

enum options_result { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_BAD };

/* Reads the command line; the strings are borrowed from argv. OPTIONS_BAD: `ret_error`
 * says why; the mistakes in a profile go to stderr, a line each. */
enum options_result options_parse(
	int argc, char **argv, struct options *ret_options, struct errtext *ret_error);

/* One of the words behind the first is --help or -h. */
bool options_ask_help(int argc, char **argv);

/* The text of --help. */
extern const char options_help[];

#endif
