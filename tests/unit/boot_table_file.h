/* SPDX-License-Identifier: MIT
 *
 * Reads the tables of boot and update that were recorded from boards or are kept under
 * tests/data: lines of fields between `|`, `#` in front of remarks.
 */
#ifndef WIPY_TESTS_BOOT_TABLE_FILE_H
#define WIPY_TESTS_BOOT_TABLE_FILE_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fw_machine.h"

#define TABLE_FIELDS 8
#define TABLE_LINE   300

struct table_line {
	bool remark;
	int count;
	char *field[TABLE_FIELDS];
	char text[TABLE_LINE];
};

static char *table_trim(char *at)
{
	char *end = at + strlen(at);

	while (isspace((unsigned char)*at))
		at++;
	while (end > at && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return at;
}

/* The next line that says something. A remark is whole in field 0. */
static bool table_next(FILE *file, struct table_line *ret_line)
{
	struct table_line *line = ret_line;
	char *at = line->text;

	do
		if (!fgets(line->text, sizeof(line->text), file))
			return false;
	while (table_trim(line->text)[0] == '\0');
	line->remark = line->text[0] == '#';
	for (line->count = 0; at && line->count < TABLE_FIELDS; line->count++) {
		char *bar = line->remark ? NULL : strchr(at, '|');

		if (bar)
			*bar = '\0';
		line->field[line->count] = table_trim(at);
		at = bar ? bar + 1 : NULL;
	}
	return true;
}

/* "01 00 02 00"; false where no record is meant. Bytes behind the fourth do not
 * count. */
__attribute__((unused)) static bool table_record(
	const char *text, struct boot_record *ret_record)
{
	uint8_t bytes[BOOT_RECORD_LEN];
	size_t len = 0;
	unsigned int byte;
	int used;

	for (; len < sizeof(bytes) && sscanf(text, "%2x%n", &byte, &used) == 1; len++) {
		bytes[len] = (uint8_t)byte;
		text += used;
	}
	if (len == 0)
		return false;
	boot_record_decode(bytes, len, ret_record);
	return true;
}

/* "F", "U1*", "U2 ..."; BOOT_SLOT_COUNT for anything else. */
__attribute__((unused)) static enum boot_slot table_slot(const char *text)
{
	static const char *const names[] = {"F", "U1", "U2"};
	size_t len = strcspn(text, "* ");

	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		if (len == strlen(names[i]) && strncmp(text, names[i], len) == 0)
			return (enum boot_slot)i;
	return BOOT_SLOT_COUNT;
}

/* Opens NAME of the project's own tables (place 0) or of the recorded ones (place
 * 1). */
__attribute__((unused)) static FILE *table_open(int place, const char *name)
{
	const char *top = getenv("top_srcdir"), *shared = getenv("WIPY_SHARED");
	char path[1000];

	if (!top)
		top = ".";
	if (place == 0)
		snprintf(path, sizeof(path), "%s/tests/data/%s.txt", top, name);
	else
		snprintf(path, sizeof(path), "%s%s/boards/transcripts/%s.txt",
			shared ? shared : top, shared ? "" : "/../shared", name);
	return fopen(path, "r");
}

#endif
