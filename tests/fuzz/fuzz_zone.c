/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a time zone file, as the rule of one and as the texts of windows: what is
 * taken has changes in order, offsets of a day at most, and answers that agree.
 */
#include <string.h>

#include "daemon/core/window.h"
#include "daemon/core/zone_tzif.h"
#include "tests/fuzz/fuzz.h"

#define TEXT_MAX     64
#define OFFSET_MAX_S (26 * 3600)
#define LATEST_S     253402300799 /* the end of the year 9999 */

static const int64_t moments[] = {
	INT64_MIN, -1, 0, 1764547200, 4102444800, LATEST_S, INT64_MAX};

static void check_moment(const struct zone *zone, int64_t at_s)
{
	int64_t next_s = zone_next_change(zone, at_s);
	int32_t offset_s = zone_offset_at(zone, at_s);

	FUZZ_CHECK(offset_s >= -OFFSET_MAX_S && offset_s <= OFFSET_MAX_S);
	FUZZ_CHECK(next_s > at_s || at_s == INT64_MAX);
	/* The rule's years are those from 1970 to 9999; it begins and ends on its own. */
	if (next_s != ZONE_NEVER && (at_s >= 0 || next_s <= 0) && next_s <= LATEST_S)
		FUZZ_CHECK(zone_offset_at(zone, next_s - 1) == offset_s);
}

static void check_zone(const struct zone *zone)
{
	struct windows windows = {.zone = zone, .count = 1};
	int64_t begin_s;

	FUZZ_CHECK(zone->count <= ZONE_CHANGES_MAX);
	for (size_t i = 1; i < zone->count; i++)
		FUZZ_CHECK(zone->change_s[i - 1] < zone->change_s[i]);
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++)
		check_moment(zone, moments[i]);
	FUZZ_CHECK(window_parse("Mon,Thu 01:00-05:00", &windows.window[0]) == 0);
	begin_s = windows_next(&windows, moments[3], 3600);
	FUZZ_CHECK(begin_s >= moments[3]);
	FUZZ_CHECK(begin_s == WINDOW_NEVER ||
		   windows_next(&windows, begin_s, 3600) == begin_s);
}

static void check_text(const char *text)
{
	struct blackout blackout;
	struct window window;

	if (window_parse(text, &window) == 0) {
		FUZZ_CHECK(window.days != 0 && window.days < 0x80);
		FUZZ_CHECK(window.begin_s >= 0 && window.begin_s < window.end_s);
		FUZZ_CHECK(window.end_s <= 2 * ZONE_DAY_S);
	}
	if (blackout_parse(text, &blackout) == 0)
		FUZZ_CHECK(blackout.yearly || blackout.first <= blackout.last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct zone zone;
	char text[TEXT_MAX];
	size_t len = size < sizeof(text) ? size : sizeof(text) - 1;

	if (zone_read_tzif(data, size, &zone) == 0)
		check_zone(&zone);
	if (size > 0)
		memcpy(text, data, len);
	text[len] = '\0';
	zone = (struct zone){0};
	if (zone_read_rule(text, strlen(text), &zone.rule) == 0)
		check_zone(&zone);
	check_text(text);
	return 0;
}
