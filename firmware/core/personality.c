/* SPDX-License-Identifier: MIT
 *
 * Finding rows: the families themselves are in family_*.c.
 */
#include "firmware/core/personality.h"

#include <string.h>

const struct wipy_personality *wipy_personality_by_name(const char *name)
{
	static const struct wipy_personality *const rows[] = {&wipy_personality_wipy,
		&wipy_personality_pycom, &wipy_personality_esp32,
		&wipy_personality_esp8266};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i]->name, name) == 0)
			return rows[i];
	return NULL;
}

const struct wipy_special *wipy_personality_special(
	const struct wipy_personality *personality, const char *path)
{
	const struct wipy_special *row = personality->specials;

	while (row->path && strcmp(row->path, path) != 0)
		row++;
	return row->path ? row : NULL;
}
