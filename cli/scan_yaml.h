/* SPDX-License-Identifier: MIT
 *
 * Boards that a scan has found as an inventory: one after another at the same network in one
 * range. Pure but for memory.
 */
#ifndef WIPY_CLI_SCAN_YAML_H
#define WIPY_CLI_SCAN_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/family.h"
#include "common/fingerprint.h"

#define SCAN_NAME_MAX 64

struct scan_entry {
	uint32_t address; /* in the byte order of this machine */
	enum wipy_family family;
	bool taken; /* another board has the name that it would get */
};

/* By the MCU and board text of its banner; UNKNOWN if that is none of ours. */
enum wipy_family scan_family(const struct wipy_fingerprint *seen);

/* The name that is proposed for it: "wipy-10-1-2-7". */
void scan_name(const struct scan_entry *entry, char ret_name[SCAN_NAME_MAX]);

/* A whole inventory of boards in ascending order of their addresses, whose telnet and FTP
 * servers are at those ports; malloc'ed, NULL without memory. */
char *scan_yaml(const struct scan_entry *entries, size_t count, uint16_t telnet_port,
	uint16_t ftp_port);

#endif
