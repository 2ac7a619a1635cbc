/* SPDX-License-Identifier: MIT
 *
 * Polls: the time to the next look, and what a look or a miss says of a board's axes.
 */
#include "daemon/core/poll_plan.h"
#include "tests/tap.h"

#define MINUTE_MS 60000
#define HOUR_S    3600
#define MISSES    3

static const struct wipy_fingerprint old_image = {
	"v1.8.6", "2016-11-10", "WiPy", "CC3200"};
static const struct wipy_fingerprint new_image = {
	"v1.8.7", "2017-01-08", "WiPy", "CC3200"};
static const struct wipy_fingerprint rebuilt = {
	"v1.8.6", "2016-11-18", "WiPy", "CC3200"};
static const struct wipy_fingerprint hash_only = {
	"c28fed6", "2016-11-18", "WiPy", "CC3200"};

/* ---- times ----------------------------------------------------------------------- */

static const struct {
	const char *name;
	int64_t every_ms, retry_ms;
	int misses;
	int64_t want_ms; /* without jitter */
} waits[] = {
	{"seen", 5 * MINUTE_MS, MINUTE_MS, 0, 5 * MINUTE_MS},
	{"the first miss", 5 * MINUTE_MS, MINUTE_MS, 1, MINUTE_MS},
	{"the last miss before it is offline", 5 * MINUTE_MS, MINUTE_MS, 2, MINUTE_MS},
	{"offline", 5 * MINUTE_MS, MINUTE_MS, 3, 5 * MINUTE_MS},
	{"a retry longer than the interval", MINUTE_MS, 5 * MINUTE_MS, 1, MINUTE_MS},
	{"a short interval", 1000, 500, 0, 1000},
};

static void test_times(void)
{
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		int64_t low = INT64_MAX, high = 0, want = waits[i].want_ms;

		for (uint32_t r = 0; r < 5000; r++) {
			int64_t ms = poll_next_ms(waits[i].every_ms, waits[i].retry_ms,
				waits[i].misses, MISSES, r * 858993u);

			low = ms < low ? ms : low;
			high = ms > high ? ms : high;
		}
		OK(low >= want - want / 10 && high <= want + want / 10, waits[i].name);
		OK(low < want - want / 20 && high > want + want / 20,
			"the jitter uses its room");
	}
	for (uint32_t r = 0; r < 4; r++)
		OK(poll_next_ms(10, 10, 0, MISSES, UINT32_MAX - r) > 0,
			"never at once, whatever the random number");
}

static void test_first(void)
{
	static const int64_t every_ms[] = {1000, 30000, MINUTE_MS, 24 * 60 * MINUTE_MS};

	for (size_t i = 0; i < sizeof(every_ms) / sizeof(every_ms[0]); i++) {
		int64_t room = every_ms[i] < MINUTE_MS ? every_ms[i] : MINUTE_MS;
		int64_t low = INT64_MAX, high = -1;

		for (uint32_t r = 0; r < 3000; r++) {
			int64_t ms = poll_first_ms(every_ms[i], r);

			low = ms < low ? ms : low;
			high = ms > high ? ms : high;
		}
		OK(low >= 0 && high < room, "the first look is within the interval");
		OK(low < room / 10 && high > room - room / 10,
			"first looks are spread over all of it");
	}
}

/* ---- reach ----------------------------------------------------------------------- */

/* A story in letters: s seen, m missed, each 30 s after the last; + an hour passes. */
static const struct {
	const char *name, *story;
	enum reach want;
	int misses;
} stories[] = {
	{"nothing yet", "", REACH_NEVER_SEEN, 0},
	{"seen once", "s", REACH_ONLINE, 0},
	{"never there", "mmmmm", REACH_NEVER_SEEN, 3},
	{"seen after misses", "mmms", REACH_ONLINE, 0},
	{"one miss", "sm", REACH_ONLINE, 1},
	{"two misses", "smm", REACH_ONLINE, 2},
	{"three misses", "smmm", REACH_OFFLINE, 3},
	{"misses that are no row", "smmsmm", REACH_ONLINE, 2},
	{"misses stop counting", "smmmmmm", REACH_OFFLINE, 3},
	{"back again", "smmms", REACH_ONLINE, 0},
	{"twice away", "smmmsmmms", REACH_ONLINE, 0},
	{"the third time is flapping", "smmmsmmmsmmms", REACH_FLAPPING, 0},
	{"flapping and seen again", "smmmsmmmsmmmsss", REACH_FLAPPING, 0},
	{"flapping and then gone", "smmmsmmmsmmmsmmm", REACH_OFFLINE, 3},
	{"gone and back is flapping still", "smmmsmmmsmmmsmmms", REACH_FLAPPING, 0},
	{"a quiet hour calms it", "smmmsmmmsmmms++s", REACH_ONLINE, 0},
	{"changes hours apart are forgotten", "smmms+smmms+smmms+smmms", REACH_ONLINE,
		0},
	{"calmed, it may go away again", "smmmsmmmsmmms++smmms", REACH_ONLINE, 0},
};

static struct board told(const char *story)
{
	struct board board = {.name = "lab-01"};
	int64_t now_s = 1500000000;

	for (; *story; story++) {
		now_s += 30;
		if (*story == 's')
			(void)board_note_seen(&board, &old_image, false, now_s);
		else if (*story == 'm')
			(void)board_note_miss(&board, MISSES, now_s);
		else
			now_s += HOUR_S;
	}
	return board;
}

static void test_reach(void)
{
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++) {
		struct board board = told(stories[i].story);

		EQ_STR(reach_name(board.reach), reach_name(stories[i].want),
			stories[i].name);
		EQ_INT(board.misses, stories[i].misses, stories[i].name);
	}
}

/* What changed is what must be stored: polls that change nothing cost no row. */
static void test_changes(void)
{
	struct board board = {.name = "lab-01"};

	OK(!board_note_miss(&board, MISSES, 10), "a miss of a board never seen");
	OK(board_note_seen(&board, &old_image, false, 100), "seen for the first time");
	EQ_INT(board.since_s, 100, "since when it is online");
	OK(!board_note_seen(&board, &old_image, false, 200), "seen again");
	EQ_INT(board.seen_s, 200, "the time of the last look is kept");
	EQ_INT(board.since_s, 100, "but it is online since the first");
	OK(!board_note_miss(&board, MISSES, 300), "the first miss");
	OK(!board_note_miss(&board, MISSES, 310), "the second miss");
	OK(board_note_miss(&board, MISSES, 320), "the third miss");
	EQ_INT(board.since_s, 320, "since when it is offline");
	EQ_INT(board.seen_s, 200, "a miss is not a look");
	OK(!board_note_miss(&board, MISSES, 330), "one more miss");
	OK(board_note_seen(&board, &old_image, false, 340), "back");
	OK(board_note_seen(&board, &new_image, true, 350), "another image");
	OK(!board_note_seen(&board, &new_image, true, 360), "the same image");
}

/* ---- access ---------------------------------------------------------------------- */

static const struct {
	enum access from, want;
} seen_access[] = {
	{ACCESS_OPEN, ACCESS_OPEN},
	{ACCESS_LOGIN_OK, ACCESS_LOGIN_OK},
	{ACCESS_LOGIN_REFUSED, ACCESS_LOGIN_REFUSED},
	{ACCESS_BUSY, ACCESS_OPEN},
	{ACCESS_WRONG_BOARD, ACCESS_WRONG_BOARD}, /* identity.h tells */
	{ACCESS_SAFE_BOOT, ACCESS_SAFE_BOOT},
};

static void test_access(void)
{
	for (size_t i = 0; i < sizeof(seen_access) / sizeof(seen_access[0]); i++) {
		struct board board = told("s");
		bool changed;

		board.access = seen_access[i].from;
		changed = board_note_seen(&board, &old_image, false, 1500000100);
		EQ_STR(access_name(board.access), access_name(seen_access[i].want),
			access_name(seen_access[i].from));
		EQ_INT(changed, seen_access[i].from != seen_access[i].want,
			access_name(seen_access[i].from));
	}
}

/* ---- version --------------------------------------------------------------------- */

static const struct {
	const char *name;
	const struct wipy_fingerprint *shown, *target;
	enum version_state want;
} versions[] = {
	{"never seen, no target", NULL, NULL, VERSION_UNKNOWN},
	{"never seen", NULL, &new_image, VERSION_UNKNOWN},
	{"no target", &old_image, NULL, VERSION_UNMANAGED},
	{"the target", &new_image, &new_image, VERSION_IN_SYNC},
	{"an older one", &old_image, &new_image, VERSION_BEHIND},
	{"a newer one", &new_image, &old_image, VERSION_AHEAD},
	{"the same tag of another day", &rebuilt, &old_image, VERSION_FOREIGN},
	{"a bare hash", &hash_only, &new_image, VERSION_FOREIGN},
};

static void test_versions(void)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct board board = {.name = "lab-01"};

		if (versions[i].shown)
			(void)board_note_seen(&board, versions[i].shown, false, 100);
		EQ_STR(version_name(board_version_state(&board, versions[i].target)),
			version_name(versions[i].want), versions[i].name);
	}
}

/* What the version axis says after each look, as the daemon keeps it. */
static enum version_state look(struct board *board, const struct wipy_fingerprint *fp,
	bool ours, const struct wipy_fingerprint *target)
{
	(void)board_note_seen(board, fp, ours, 1000);
	board->version = board_version_state(board, target);
	return board->version;
}

static void test_changed_by_others(void)
{
	struct board board = {.name = "lab-01"};

	EQ_INT(look(&board, &old_image, false, &old_image), VERSION_IN_SYNC,
		"enrolled");
	EQ_INT(look(&board, &new_image, false, &old_image), VERSION_CHANGED_BY_OTHERS,
		"somebody else has changed it");
	EQ_INT(look(&board, &new_image, false, &old_image), VERSION_CHANGED_BY_OTHERS,
		"that is said until it is what it should be");
	EQ_INT(look(&board, &new_image, false, NULL), VERSION_CHANGED_BY_OTHERS,
		"also without a target");
	EQ_INT(look(&board, &old_image, false, &old_image), VERSION_IN_SYNC,
		"somebody has put it right");
	EQ_INT(look(&board, &new_image, false, &new_image), VERSION_IN_SYNC,
		"changed by others to what it should be");
	EQ_INT(look(&board, &old_image, false, &new_image), VERSION_CHANGED_BY_OTHERS,
		"and away again");
	EQ_INT(look(&board, &new_image, true, &new_image), VERSION_IN_SYNC,
		"a rollout has changed it");
}

static void test_changed_by_us(void)
{
	struct board board = {.name = "lab-01"};

	(void)look(&board, &old_image, false, NULL);
	EQ_INT(look(&board, &new_image, true, NULL), VERSION_UNMANAGED,
		"our own change is no news");
	(void)look(&board, &rebuilt, false, &new_image);
	EQ_INT(board.version, VERSION_CHANGED_BY_OTHERS, "then somebody else's");
	EQ_INT(look(&board, &old_image, true, &new_image), VERSION_BEHIND,
		"a rollout of another release ends it");
}

int main(void)
{
	test_times();
	test_first();
	test_reach();
	test_changes();
	test_access();
	test_versions();
	test_changed_by_others();
	test_changed_by_us();
	return tap_done();
}
