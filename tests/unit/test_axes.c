/* SPDX-License-Identifier: MIT
 *
 * The axes of a board: every state against every event, and what looks, misses and people
 * make of a board's record.
 */
#include "daemon/core/axes.h"
#include "tests/tap.h"

#define HOUR_S 3600
#define MISSES 3

static const struct wipy_fingerprint old_image = {
	"v1.8.6", "2016-11-10", "WiPy", "CC3200"};
static const struct wipy_fingerprint new_image = {
	"v1.8.7", "2017-01-08", "WiPy", "CC3200"};
static const struct wipy_fingerprint rebuilt = {
	"v1.8.6", "2016-11-18", "WiPy", "CC3200"};
static const struct wipy_fingerprint hash_only = {
	"c28fed6", "2016-11-18", "WiPy", "CC3200"};

/* ---- the tables: every state x event, as one would say it ------------------------ */

/* In the order of the enums; "=" stays. The facts of a reach event: m missed enough,
 * f flaps, q quiet. */
static const struct {
	enum reach_event event;
	const char *facts;
	const char *to
		[REACH_COUNT]; /* from never-seen, online, flapping, offline, retired */
} reach_steps[] = {
	{REACH_EV_SEEN, "", {"online", "=", "=", "online", "="}},
	{REACH_EV_SEEN, "f", {"online", "=", "=", "flapping", "="}},
	{REACH_EV_SEEN, "q", {"online", "=", "online", "online", "="}},
	{REACH_EV_SEEN, "fq", {"online", "=", "online", "flapping", "="}},
	{REACH_EV_MISSED, "", {"=", "=", "=", "=", "="}},
	{REACH_EV_MISSED, "m", {"=", "offline", "offline", "=", "="}},
	{REACH_EV_MISSED, "mfq", {"=", "offline", "offline", "=", "="}},
	{REACH_EV_MOVED, "",
		{"=", "never-seen", "never-seen", "never-seen", "never-seen"}},
	{REACH_EV_REMOVED, "", {"retired", "retired", "retired", "retired", "="}},
};

static void test_reach_steps(void)
{
	for (size_t i = 0; i < sizeof(reach_steps) / sizeof(reach_steps[0]); i++)
		for (int from = 0; from < REACH_COUNT; from++) {
			struct reach_facts facts = {
				.missed_enough = strchr(reach_steps[i].facts, 'm'),
				.flaps = strchr(reach_steps[i].facts, 'f'),
				.quiet = strchr(reach_steps[i].facts, 'q'),
			};
			const char *was = reach_name((enum reach)from);
			const char *want = reach_steps[i].to[from];

			EQ_STR(reach_name(reach_step(
				       (enum reach)from, reach_steps[i].event, &facts)),
				want[0] == '=' ? was : want, was);
		}
}

static const struct {
	enum access_event event;
	/* from open, login-ok, login-refused, busy, wrong-board, safe-boot */
	const char *to[ACCESS_COUNT];
} access_steps[] = {
	{ACCESS_EV_BANNER, {"=", "=", "=", "open", "open", "="}},
	{ACCESS_EV_LOGGED_IN,
		{"login-ok", "=", "login-ok", "login-ok", "login-ok", "login-ok"}},
	{ACCESS_EV_LOGIN_REFUSED,
		{"login-refused", "login-refused", "=", "login-refused",
			"login-refused", "login-refused"}},
	{ACCESS_EV_BUSY, {"busy", "busy", "busy", "=", "=", "busy"}},
	{ACCESS_EV_WRONG_BOARD, {"wrong-board", "wrong-board", "wrong-board",
					"wrong-board", "=", "wrong-board"}},
	{ACCESS_EV_NOTHING, {"=", "=", "=", "=", "=", "="}},
	{ACCESS_EV_ACCEPTED, {"=", "open", "open", "open", "open", "open"}},
	{ACCESS_EV_MOVED, {"=", "open", "open", "open", "open", "open"}},
};
_Static_assert(sizeof(access_steps) / sizeof(access_steps[0]) == ACCESS_EVENT_COUNT,
	"an access event is not tested");

static void test_access_steps(void)
{
	for (int i = 0; i < ACCESS_EVENT_COUNT; i++)
		for (int from = 0; from < ACCESS_COUNT; from++) {
			const char *was = access_name((enum access)from);
			const char *want = access_steps[i].to[from];

			EQ_STR(access_name(access_step(
				       (enum access)from, access_steps[i].event)),
				want[0] == '=' ? was : want, was);
		}
}

/* A board whose axis has no way out, or a word that no table takes, is a fault. */
static bool always(size_t index)
{
	struct fsm_row row;

	return version_row(index, &row) && strcmp(row.guard, "-") == 0;
}

static void test_rows(void)
{
	struct fsm_row row;
	size_t count = 0;

	while (version_row(count, &row))
		count++;
	OK(always(count - 1), "the last row of the version axis always holds");
	for (size_t i = 0; reach_row(i, &row); i++)
		OK(strcmp(row.from, "any") == 0 ||
				reach_by_name(row.from) != REACH_COUNT,
			row.from);
	for (size_t i = 0; access_row(i, &row); i++)
		OK(access_by_name(row.to) != ACCESS_COUNT, row.to);
	EQ_STR(reach_event_name(REACH_EVENT_COUNT), "invalid", "no such event");
	EQ_STR(access_event_name(ACCESS_EVENT_COUNT), "invalid", "no such event");
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

/* A board that comes and goes is not pushed to without end. */
static void test_repairs(void)
{
	struct board board = {.name = "lab-01"};
	int64_t now_s = 1500000000;

	OK(board_may_be_repaired(&board, now_s), "at once, the first time");
	board_note_repair_failed(&board, now_s);
	OK(!board_may_be_repaired(&board, now_s + 599), "not in the first pause");
	OK(board_may_be_repaired(&board, now_s + 600), "after it");
	OK(board_may_be_repaired(&board, now_s - 90000), "a clock that was set back");
	board_note_repair_failed(&board, now_s);
	OK(!board_may_be_repaired(&board, now_s + 1199), "not in the second pause");
	OK(board_may_be_repaired(&board, now_s + 1200), "which is longer");
	board_note_repair_failed(&board, now_s);
	OK(!board_may_be_repaired(&board, now_s + 90000), "no fourth time");
	board_note_repair_failed(&board, now_s);
	EQ_INT(board.failed_repairs, AXES_REPAIRS_MAX, "and no count beyond");
}

/* Changes are forgotten one by one, and never more than there were. */
static void test_flaps(void)
{
	struct board board = told("smmmsmmm");

	EQ_INT(board.flaps, 3, "three changes");
	(void)board_note_seen(&board, &old_image, false, board.since_s + 1200);
	EQ_INT(board.flaps, 2, "two are forgotten, one is new");
	(void)board_note_miss(&board, 1, board.since_s + 86400);
	EQ_INT(board.flaps, 1, "all are forgotten, one is new");
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

static void test_moved(void)
{
	struct board board = told("sm");

	board_note_access(&board, ACCESS_EV_LOGIN_REFUSED);
	board.conditions = CONDITION_DIRTY;
	board_note_moved(&board);
	EQ_STR(reach_name(board.reach), "never-seen", "nobody has seen it there");
	EQ_STR(access_name(board.access), "open", "nothing is known of its login");
	EQ_INT(board.misses, 0, "no miss there yet");
	OK(!board.has_fingerprint, "its version is not known");
	EQ_INT(board.conditions, CONDITION_DIRTY, "what we did to it stays");
	board = told("s");
	board_note_removed(&board, 1600000000);
	EQ_STR(reach_name(board.reach), "retired", "it left the inventory");
	EQ_INT(board.since_s, 1600000000, "since then");
	board_note_removed(&board, 1700000000);
	EQ_INT(board.since_s, 1600000000, "and no later");
}

int main(void)
{
	test_reach_steps();
	test_access_steps();
	test_rows();
	test_reach();
	test_repairs();
	test_flaps();
	test_changes();
	test_versions();
	test_changed_by_others();
	test_changed_by_us();
	test_moved();
	return tap_done();
}
