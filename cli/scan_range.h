/* SPDX-License-Identifier: MIT
 *
 * What a scan is told on the command line: which addresses, and how fast. Pure.
 */
#ifndef WIPY_CLI_SCAN_RANGE_H
#define WIPY_CLI_SCAN_RANGE_H

#include <stdint.h>

#include "common/err.h"

#define SCAN_ADDRESS_MAX 16 /* an IPv4 address as text, and NUL */
#define SCAN_PREFIX_MIN  16 /* no more than so many addresses in one scan */
#define SCAN_RATE_MAX    1000

/* Addresses in the byte order of this machine. */
struct scan_range {
	uint32_t first, last;
};

/* "10.1.2.0/24": IPv4, SCAN_PREFIX_MIN to 32 bits. Of a network with room for hosts its own
 * address and the broadcast address are left out. Returns 0, or -EINVAL with the sentence in
 * *ret_error. */
int scan_range_parse(const char *text, struct scan_range *ret_range,
	struct errtext *ret_error) WARN_UNUSED;
uint32_t scan_range_count(const struct scan_range *range);

/* "50/s", from 1 to SCAN_RATE_MAX. Returns 0, or -EINVAL. */
int scan_rate_parse(const char *text, int *ret_rate) WARN_UNUSED;

void scan_address_format(uint32_t address, char ret_text[SCAN_ADDRESS_MAX]);
/* Returns 0, or -EINVAL: not an IPv4 address. */
int scan_address_parse(const char *text, uint32_t *ret_address) WARN_UNUSED;

#endif
