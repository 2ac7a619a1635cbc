/* SPDX-License-Identifier: MIT
 *
 * Addresses and rates as people type them.
 */
#include "config.h"

#include "cli/scan_range.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

void scan_address_format(uint32_t address, char ret_text[SCAN_ADDRESS_MAX])
{
	const struct in_addr in = {.s_addr = htonl(address)};

	(void)inet_ntop(AF_INET, &in, ret_text, SCAN_ADDRESS_MAX);
}

int scan_address_parse(const char *text, uint32_t *ret_address)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return -EINVAL;
	*ret_address = ntohl(in.s_addr);
	return 0;
}

static int refuse(struct errtext *ret_error, const char *text, const char *why)
{
	snprintf(ret_error->text, sizeof(ret_error->text), "'%.40s': %s", text, why);
	return -EINVAL;
}

/* Takes "ADDRESS/BITS" apart. */
static int range_split(const char *text, uint32_t *ret_address, uint64_t *ret_bits)
{
	const char *slash = strchr(text, '/');
	char address[SCAN_ADDRESS_MAX];

	if (slash == NULL ||
		!wipy_text_copy(address, sizeof(address), text, (size_t)(slash - text)))
		return -EINVAL;
	if (scan_address_parse(address, ret_address) < 0)
		return -EINVAL;
	return wipy_text_parse_u64(slash + 1, strlen(slash + 1), 32, ret_bits);
}

int scan_range_parse(
	const char *text, struct scan_range *ret_range, struct errtext *ret_error)
{
	uint32_t address, hosts;
	uint64_t bits;
	char begins[SCAN_ADDRESS_MAX];

	if (range_split(text, &address, &bits) < 0)
		return refuse(
			ret_error, text, "expected IPv4 addresses such as 10.1.2.0/24");
	if (bits < SCAN_PREFIX_MIN)
		return refuse(ret_error, text,
			"these are too many addresses for one scan, which takes a /16 "
			"at "
			"most");
	hosts = bits == 32 ? 0 : UINT32_MAX >> bits;
	if ((address & hosts) != 0) {
		scan_address_format(address & ~hosts, begins);
		snprintf(ret_error->text, sizeof(ret_error->text),
			"'%.40s' does not begin at a network's own address (did you "
			"mean %s/%d?)",
			text, begins, (int)bits);
		return -EINVAL;
	}
	ret_range->first = address + (hosts > 1);
	ret_range->last = address + hosts - (hosts > 1);
	return 0;
}

uint32_t scan_range_count(const struct scan_range *range)
{
	return range->last - range->first + 1;
}

int scan_rate_parse(const char *text, int *ret_rate)
{
	const char *slash = strchr(text, '/');
	uint64_t rate;

	if (slash == NULL || strcmp(slash, "/s") != 0)
		return -EINVAL;
	if (wipy_text_parse_u64(text, (size_t)(slash - text), SCAN_RATE_MAX, &rate) < 0)
		return -EINVAL;
	if (rate == 0)
		return -EINVAL;
	*ret_rate = (int)rate;
	return 0;
}
