/* SPDX-License-Identifier: MIT
 *
 * Lines, one behind the other.
 */
#include "daemon/core/card_line.h"

#include "common/text.h"

const char *card_part_name(enum card_part part)
{
	static const char *const names[CARD_PART_COUNT] = {
		[CARD_WHY] = "why",
		[CARD_POWER] = "power-cycle",
		[CARD_IMAGE] = "image",
		[CARD_CHECK] = "check",
		[CARD_STEP] = "step",
		[CARD_LED] = "led",
		[CARD_CONSOLE] = "console",
		[CARD_SAFE] = "safe-boot",
		[CARD_BACK] = "back",
		[CARD_MAKER] = "maker",
		[CARD_NEXT] = "next",
	};

	return part < CARD_PART_COUNT ? names[part] : "invalid";
}

struct card_line *card_say_all(
	struct card_lines *lines, enum card_part part, const char *const *pieces)
{
	struct card_line *line = &lines->line[lines->count];
	struct wipy_text text;

	if (lines->count + 1 < CARD_LINES_MAX)
		lines->count++;
	line->part = part;
	line->seen = "";
	line->command = false;
	wipy_text_init(&text, line->text, sizeof(line->text));
	while (*pieces)
		wipy_text_str(&text, *pieces++);
	return line;
}

struct card_line *card_say(
	struct card_lines *lines, enum card_part part, const char *sentence)
{
	return CARD_SAY(lines, part, sentence);
}
