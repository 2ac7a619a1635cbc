/* SPDX-License-Identifier: MIT
 *
 * An inventory of what was found.
 */
#include "config.h"

#include "cli/scan_yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/scan_range.h"

#define LAST_BYTE 0xffu

enum wipy_family scan_family(const struct wipy_fingerprint *seen)
{
	/* Two families have this MCU. Pycom's boards have names of their own, ours say
	 * which module they are. */
	if (strcmp(seen->mcu, wipy_family_facts(WIPY_FAMILY_ESP32)->mcu) == 0)
		return strstr(seen->board, "module") != NULL ? WIPY_FAMILY_ESP32
							     : WIPY_FAMILY_PYCOM;
	for (int family = WIPY_FAMILY_WIPY; family < WIPY_FAMILY_COUNT; family++)
		if (strcmp(seen->mcu,
			    wipy_family_facts((enum wipy_family)family)->mcu) == 0)
			return (enum wipy_family)family;
	return WIPY_FAMILY_UNKNOWN;
}

/* "wipy-10-1-2-": all but the last byte of the address. */
static void name_begin(const struct scan_entry *entry, char ret_text[SCAN_NAME_MAX])
{
	snprintf(ret_text, SCAN_NAME_MAX, "%s-%u-%u-%u-",
		wipy_family_facts(entry->family)->name, entry->address >> 24,
		entry->address >> 16 & LAST_BYTE, entry->address >> 8 & LAST_BYTE);
}

void scan_name(const struct scan_entry *entry, char ret_name[SCAN_NAME_MAX])
{
	size_t len;

	name_begin(entry, ret_name);
	len = strlen(ret_name);
	snprintf(ret_name + len, SCAN_NAME_MAX - len, "%u%s",
		entry->address & LAST_BYTE, entry->taken ? "-new" : "");
}

/* How many entries, this one included, are one range: neighbours alike in all but the last
 * byte of the address. */
static size_t run_length(const struct scan_entry *entry, size_t count)
{
	size_t run = 1;

	while (run < count && !entry->taken && !entry[run].taken &&
		entry[run].address == entry->address + run &&
		entry[run].address >> 8 == entry->address >> 8 &&
		entry[run].family == entry->family)
		run++;
	return run;
}

static void yaml_run(FILE *stream, const struct scan_entry *entry, size_t run)
{
	unsigned int from = entry->address & LAST_BYTE;
	unsigned int to = from + (unsigned int)run - 1;
	char name[SCAN_NAME_MAX], address[SCAN_ADDRESS_MAX];

	if (run == 1) {
		scan_name(entry, name);
		scan_address_format(entry->address, address);
		fprintf(stream, "  - {name: %s, address: %s", name, address);
		return;
	}
	name_begin(entry, name);
	scan_address_format(entry->address, address);
	*strrchr(address, '.') = '\0';
	fprintf(stream, "  - {name: \"%s[%u:%u]\", address: \"%s.[%u:%u]\"", name, from,
		to, address, from, to);
}

static void yaml_end(FILE *stream, const struct scan_entry *entry, uint16_t telnet_port,
	uint16_t ftp_port)
{
	const struct wipy_family_facts *facts = wipy_family_facts(entry->family);

	fprintf(stream, ", family: %s", facts->name);
	if (telnet_port != facts->telnet_port || ftp_port != facts->ftp_port)
		fprintf(stream, ", ports: {telnet: %u, ftp: %u}", telnet_port,
			ftp_port);
	fputs("}\n", stream);
}

char *scan_yaml(const struct scan_entry *entries, size_t count, uint16_t telnet_port,
	uint16_t ftp_port)
{
	char *text = NULL;
	size_t len, run;
	FILE *stream = open_memstream(&text, &len);

	if (stream == NULL)
		return NULL;
	fprintf(stream, "version: 1\nboards:%s\n", count == 0 ? " []" : "");
	for (size_t i = 0; i < count; i += run) {
		run = run_length(&entries[i], count - i);
		yaml_run(stream, &entries[i], run);
		yaml_end(stream, &entries[i], telnet_port, ftp_port);
	}
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}
