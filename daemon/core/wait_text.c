/* SPDX-License-Identifier: MIT
 *
 * Waits as words.
 */
#include "daemon/core/wait_text.h"

#include "common/utc.h"

void wait_say_time(int64_t time_s, struct wipy_text *text)
{
	char utc[WIPY_UTC_MAX];

	if (wipy_utc_format(time_s, utc) == 0)
		wipy_text_str(text, utc);
}

static void say_window(
	const struct wait *wait, const struct wait_place *place, struct wipy_text *text)
{
	char local[ZONE_TEXT_MAX];

	wipy_text_str(text, "for the window of ");
	wipy_text_str(text, place->name);
	if (wait->until_s == WINDOW_NEVER) {
		wipy_text_str(text, ", which does not open within 400 days");
		return;
	}
	wipy_text_str(text, ", which opens at ");
	if (!place->zone) {
		wait_say_time(wait->until_s, text);
		return;
	}
	zone_format(place->zone, wait->until_s, local);
	wipy_text_str(text, local);
	wipy_text_char(text, ' ');
	wipy_text_str(text, place->zone_name);
	wipy_text_str(text, " (");
	wait_say_time(wait->until_s, text);
	wipy_text_char(text, ')');
}

static void say_room(
	const struct wait *wait, const struct wait_place *place, struct wipy_text *text)
{
	if (wait->why == WAIT_PLACE)
		wipy_text_str(text, "for one of the places in flight in all");
	else if (wait->why == WAIT_DOMAIN)
		wipy_text_str(text, "for one of the places in flight of ");
	else
		wipy_text_str(text, "for others of ");
	if (wait->why != WAIT_PLACE)
		wipy_text_str(text, place->name);
	if (wait->why == WAIT_SHARE)
		wipy_text_str(text, ", since only a share of it may be down at once");
	else if (place->fed)
		wipy_text_str(text, ", as many as the bandwidth feeds");
}

void wait_say(
	const struct wait *wait, const struct wait_place *place, struct wipy_text *text)
{
	static const char *const words[WAIT_COUNT] = {
		[WAIT_CATCH_UP] = "for others to catch up first",
		[WAIT_TURN] = "about to begin",
		[WAIT_UNDER_WAY] = "under way",
		[WAIT_BACKOFF] = "to be tried again at ",
		[WAIT_SOAK] = "to soak until ",
		[WAIT_HELD] = "armed and held",
		[WAIT_SEEN] = "to be seen again",
	};

	if (wait->why == WAIT_WINDOW) {
		say_window(wait, place, text);
	} else if (wait->why == WAIT_PLACE || wait->why == WAIT_DOMAIN ||
		   wait->why == WAIT_SHARE) {
		say_room(wait, place, text);
	} else if (wait->why < WAIT_COUNT) {
		wipy_text_str(text, words[wait->why]);
		if (wait->why == WAIT_BACKOFF || wait->why == WAIT_SOAK)
			wait_say_time(wait->until_s, text);
	}
}
