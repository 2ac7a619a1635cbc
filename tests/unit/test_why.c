/* SPDX-License-Identifier: MIT
 *
 * `why BOARD`: what is said word by word for what owners ask most, and for every state of
 * every axis, of a task and of a rollout that the answer is whole sentences that name it.
 */
#include "daemon/core/why.h"
#include "daemon/core/reason.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SEEN_S       1700000000 /* 2023-11-14T22:13:20Z */
#define OPENS_S      (SEEN_S + 3600)

static const struct zone zone = {.first_offset_s = 3600};

struct scene {
	struct board board;
	struct task task;
	struct rollout rollout;
	struct wait wait;
	struct wipy_fingerprint target;
	struct why_facts facts;
};

/* Online, behind, its target known to the inventory's type; no task. */
static void set(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	strcpy(s->board.name, "b-01");
	s->board.reach = REACH_ONLINE;
	s->board.version = VERSION_BEHIND;
	s->board.has_fingerprint = true;
	strcpy(s->board.fingerprint.tag, "v1.8.6");
	strcpy(s->board.fingerprint.date, "2016-11-10");
	s->board.seen_s = s->board.since_s = SEEN_S;
	strcpy(s->target.tag, "v1.8.7");
	strcpy(s->target.date, "2017-01-08");
	s->rollout.state = ROLLOUT_RUNNING;
	s->rollout.since_s = SEEN_S;
	s->rollout.wave_count = 3;
	s->rollout.attempts_max = 3;
	s->rollout.wave_state[0] = WAVE_OPEN;
	strcpy(s->rollout.release, "v1.8.7");
	s->task.rollout.byte[0] = 0xab;
	s->task.since_s = SEEN_S;
	s->task.attempt = 2;
	s->facts = (struct why_facts){.board = &s->board,
		.runs_release = "v1.8.6",
		.from = TARGET_TYPE,
		.target = "v1.8.7",
		.target_place = "phat",
		.target_known = true,
		.target_shows = &s->target,
		.place = {.name = "site berlin",
			.zone = &zone,
			.zone_name = "Europe/Berlin"},
		.brake = "",
		.to_do = ""};
}

static void with_task(struct scene *s, enum task_state state)
{
	s->task.state = state;
	s->facts.task = &s->task;
	s->facts.rollout = &s->rollout;
}

static void with_wait(struct scene *s, enum wait_why why, int64_t until_s)
{
	s->wait = (struct wait){
		.why = why, .domain = -1, .until_s = until_s, .boards = 1};
	s->facts.wait = &s->wait;
}

/* ---- word by word ---------------------------------------------------------------- */

static void is_idle(struct scene *s)
{
	s->facts.next_poll_s = SEEN_S + 60;
}

static void is_in_sync(struct scene *s)
{
	s->board.version = VERSION_IN_SYNC;
	s->board.fingerprint = s->target;
	s->facts.runs_release = "spring";
	s->facts.runs_since_s = SEEN_S - 60;
	s->facts.from = TARGET_CONFIRMED;
	with_task(s, TASK_CONFIRMED);
	s->rollout.state = ROLLOUT_COMPLETED;
}

static void waits_for_window(struct scene *s)
{
	with_task(s, TASK_WAITING);
	s->task.reason = REASON_WINDOW;
	with_wait(s, WAIT_WINDOW, OPENS_S);
}

static void is_behind_a_halt(struct scene *s)
{
	with_task(s, TASK_PLANNED);
	s->task.wave = 2;
	s->rollout.state = ROLLOUT_HALTED;
	s->rollout.reason = REASON_BRAKE_LOST;
	s->rollout.wave_state[0] = WAVE_PASSED;
	s->rollout.wave_state[1] = WAVE_TRIPPED;
	s->facts.brake = "2 of 31 attempted were lost, budget 1";
}

static void is_offline(struct scene *s)
{
	s->board.reach = REACH_OFFLINE;
	with_task(s, TASK_DEFERRED);
	s->task.reason = REASON_OFFLINE;
}

static void is_another(struct scene *s)
{
	with_task(s, TASK_REFUSED);
	s->task.reason = REASON_WRONG_BOARD;
	s->rollout.state = ROLLOUT_COMPLETED_WITH_EXCEPTIONS;
	s->board.access = ACCESS_WRONG_BOARD;
	s->facts.forbidden = REASON_WRONG_BOARD;
}

static void is_lost(struct scene *s)
{
	is_in_sync(s);
	with_task(s, TASK_LOST);
	s->task.reason = REASON_NO_RETURN;
	s->board.conditions = CONDITION_NEEDS_HANDS;
	s->board.hands_reason = REASON_NO_RETURN;
	s->facts.to_do = "Press its reset switch.";
}

static void was_known_bad(struct scene *s)
{
	with_task(s, TASK_REFUSED);
	s->task.reason = REASON_KNOWN_BAD;
	s->rollout.state = ROLLOUT_COMPLETED_WITH_EXCEPTIONS;
	s->facts.forbidden = REASON_KNOWN_BAD;
}

static void wants_approval(struct scene *s)
{
	with_task(s, TASK_PLANNED);
	s->rollout.state = ROLLOUT_AWAITING_APPROVAL;
	s->rollout.wave_state[0] = WAVE_CLOSED;
}

static void is_dirty(struct scene *s)
{
	s->board.conditions = CONDITION_DIRTY;
	s->facts.to_do = "Do not reset it.";
}

static void nobody_knows(struct scene *s)
{
	s->board.has_fingerprint = false;
	s->board.reach = REACH_NEVER_SEEN;
	s->board.version = VERSION_UNKNOWN;
	s->facts.from = TARGET_NONE;
	s->facts.target = s->facts.runs_release = "";
	s->facts.target_shows = NULL;
}

static void was_waiting(struct scene *s)
{
	with_task(s, TASK_WAITING);
	s->facts.as_of_s = SEEN_S;
}

#define RUNS   "b-01 runs v1.8.6 (2016-11-10), last seen 2023-11-14T22:13:20Z. "
#define SHOULD "It should run release v1.8.7 (2017-01-08), as its type phat says; "
#define BEHIND SHOULD "it is behind: it runs an older version than its target. "

static const struct {
	const char *name;
	void (*make)(struct scene *s);
	const char *text, *codes, *commands; /* the last two joined by ';' */
} cases[] = {
	{"no rollout works on it", is_idle,
		RUNS BEHIND
		"No rollout works on it. Nothing happens by itself. The next poll is "
		"due at 2023-11-14T22:14:20Z. Start a rollout: "
		"a target alone starts none.",
		"no-rollout;", "wipyctl rollout --release v1.8.7 --select name=b-01;"},
	{"it is as it should be", is_in_sync,
		"b-01 runs v1.8.7 (2017-01-08), release spring, since "
		"2023-11-14T22:12:20Z, last seen 2023-11-14T22:13:20Z. It should run "
		"release v1.8.7 (2017-01-08), as the last rollout that was "
		"confirmed on it left it; it is in-sync: it shows the fingerprint of "
		"its "
		"target. Nothing holds it. Nothing happens by itself.",
		"", ""},
	{"a window", waits_for_window,
		RUNS BEHIND
		"It waits in rollout ab000000 of release v1.8.7 for the window of site "
		"berlin, which opens at 2023-11-15 00:13 Europe/Berlin "
		"(2023-11-14T23:13:20Z). It goes on when the window opens. Change the "
		"windows or the blackout of the site in the inventory if it must not "
		"wait.",
		"window;", ";"},
	{"behind a wave that was halted", is_behind_a_halt,
		RUNS BEHIND
		"Its rollout ab000000 of release v1.8.7 is halted since "
		"2023-11-14T22:13:20Z (brake-lost). So many boards were lost that the "
		"brake has halted the rollout. Counted: 2 of 31 attempted were lost, "
		"budget 1. It is in wave 3 of 3 of rollout ab000000 of release v1.8.7, "
		"and wave 2 is tripped. What is under way is finished, armed boards "
		"are "
		"disarmed where that can be done, and nothing new begins until a "
		"person "
		"resumes or aborts. Look at the lost boards (`wipyctl report`); then "
		"resume with a reason, or abort. Or end it: nothing more is pushed or "
		"reset then.",
		"halted;wave;",
		"wipyctl rollout resume ab000000 --reason TEXT;"
		"wipyctl rollout abort ab000000;"},
	{"offline and deferred", is_offline,
		"b-01 was last seen 2023-11-14T22:13:20Z, running v1.8.6 "
		"(2016-11-10). " SHOULD "when it was last seen it was behind. "
		"It is offline since 2023-11-14T22:13:20Z: several polls in a row did "
		"not "
		"meet it. In rollout ab000000 of release v1.8.7 its task is deferred "
		"since "
		"2023-11-14T22:13:20Z. The board does not answer. It is updated when a "
		"poll sees it again while the rollout runs; later it catches up. Check "
		"its power and its network.",
		"offline;deferred;", ";"},
	{"lost, and silent since its reset", is_lost,
		"b-01 was last seen 2023-11-14T22:13:20Z, running v1.8.7 (2017-01-08), "
		"release spring, since 2023-11-14T22:12:20Z. It should run release "
		"v1.8.7 (2017-01-08), as the last rollout that was confirmed on it "
		"left it; when it was last seen it was in-sync. It needs a hand: it "
		"cannot be helped from here. Polls go on looking for it: it ends when "
		"the board is seen well. Press its reset switch.",
		"needs-hands;", "wipyctl rescue card b-01;"},
	{"another board answers", is_another,
		RUNS BEHIND
		"It is the wrong board: another board answers there than the inventory "
		"describes. In rollout ab000000 of release v1.8.7 its task ended as "
		"refused at 2023-11-14T22:13:20Z. The board that answers is not the "
		"one "
		"that the inventory describes. It is never pushed to. Correct the "
		"inventory; or, if it belongs there, `wipyctl boards accept b-01 "
		"--reason TEXT`.",
		"wrong-board;wrong-board;",
		"wipyctl boards accept b-01 --reason TEXT;"},
	{"refused", was_known_bad,
		RUNS BEHIND
		"In rollout ab000000 of release v1.8.7 its task ended as refused at "
		"2023-11-14T22:13:20Z. The release's image has lost or rolled back a "
		"board of this type, or somebody has added it to those that do. It is "
		"not pushed to boards of this type. Look at it with "
		"`wipyctl release known-bad list`; once the cause is found clear "
		"it with `wipyctl release known-bad clear`.",
		"known-bad;", "wipyctl release known-bad list;"},
	{"nobody has approved it", wants_approval,
		RUNS BEHIND
		"Its rollout ab000000 of release v1.8.7 is awaiting-approval since "
		"2023-11-14T22:13:20Z (another person must agree (policy.approval)). "
		"It "
		"is in wave 1 of 3 of rollout ab000000 of release v1.8.7. Nothing "
		"happens by itself. Say `wipyctl rollout approve`, by another person "
		"than the one who asked; or `wipyctl rollout abort`.",
		"awaiting-approval;wave;", "wipyctl rollout approve ab000000;"},
	{"dirty comes first", is_dirty,
		RUNS BEHIND
		"It is dirty: a broken upload has left a trap that its next reset "
		"springs. No rollout works on it. A complete upload cures it, and a "
		"proven reset shows what became of it; "
		"a rollout repairs such a board first. Do not reset it. Start a "
		"rollout: a target alone starts none.",
		"dirty;no-rollout;",
		"wipyctl rescue card b-01;wipyctl rollout --release v1.8.7 --select "
		"name=b-01;"},
	{"nothing is known", nobody_knows,
		"Nobody knows what b-01 runs. Nothing says what it should run; it is "
		"unknown: no fingerprint of it is known. It was never seen: no poll "
		"has "
		"met it yet. Polls go on looking for it. Check its power, its network "
		"and its address.",
		"never-seen;", ";"},
	{"of the past", was_waiting,
		"As of 2023-11-14T22:13:20Z: " RUNS BEHIND
		"It waited for its turn; which window or limit held it then is not "
		"kept. It begins by itself as soon as there is a place for it.",
		"waiting;", ""},
};

static void test_words(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		char codes[256] = "", commands[1024] = "";
		struct scene s;
		struct why why;

		set(&s);
		cases[i].make(&s);
		why_answer(&s.facts, &why);
		for (size_t k = 0; k < why.hold_count; k++)
			strcat(strcat(codes, why.hold[k].code), ";");
		for (size_t k = 0; k < why.step_count; k++)
			strcat(strcat(commands, why.step[k].command), ";");
		EQ_STR(why.text, cases[i].text, cases[i].name);
		EQ_STR(codes, cases[i].codes, cases[i].name);
		EQ_STR(commands, cases[i].commands, cases[i].name);
	}
}

static void test_times(void)
{
	struct scene s;
	struct why why;

	set(&s);
	waits_for_window(&s);
	why_answer(&s.facts, &why);
	EQ_INT(why.hold[0].until_s, OPENS_S, "a window: until");
	EQ_INT(why.next_s, OPENS_S, "a window: next");
	with_wait(&s, WAIT_WINDOW, WINDOW_NEVER);
	why_answer(&s.facts, &why);
	EQ_INT(why.hold[0].until_s, 0, "a window that never opens: until");
	OK(strstr(why.text, "does not open within 400 days"), "... and it says so");
}

static void test_trouble(void)
{
	static const struct {
		const char *name, *want;
		uint32_t conditions;
		enum reach reach;
		enum access access;
		enum version_state version;
		enum task_state task;
	} rows[] = {
		{"well", NULL, 0, REACH_ONLINE, ACCESS_OPEN, VERSION_IN_SYNC,
			TASK_CONFIRMED},
		{"behind is none", NULL, 0, REACH_ONLINE, ACCESS_OPEN, VERSION_BEHIND,
			TASK_CONFIRMED},
		{"dirty before all", "dirty", CONDITION_DIRTY | CONDITION_NEEDS_HANDS,
			REACH_OFFLINE, ACCESS_OPEN, VERSION_BEHIND, TASK_FAILED},
		{"hands before armed", "needs-hands",
			CONDITION_ARMED | CONDITION_NEEDS_HANDS, REACH_ONLINE,
			ACCESS_OPEN, VERSION_BEHIND, TASK_LOST},
		{"offline", "offline", 0, REACH_OFFLINE, ACCESS_WRONG_BOARD,
			VERSION_BEHIND, TASK_LOST},
		{"wrong board", "wrong-board", 0, REACH_ONLINE, ACCESS_WRONG_BOARD,
			VERSION_BEHIND, TASK_REFUSED},
		{"by others", "changed-by-others", 0, REACH_ONLINE, ACCESS_OPEN,
			VERSION_CHANGED_BY_OTHERS, TASK_CONFIRMED},
		{"refused", "known-bad", 0, REACH_ONLINE, ACCESS_OPEN, VERSION_BEHIND,
			TASK_REFUSED},
		{"refused, and right since", NULL, 0, REACH_ONLINE, ACCESS_OPEN,
			VERSION_IN_SYNC, TASK_REFUSED},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct board board = {.conditions = rows[i].conditions,
			.reach = rows[i].reach,
			.access = rows[i].access,
			.version = rows[i].version};
		struct task task = {.state = rows[i].task, .reason = REASON_KNOWN_BAD};
		const char *got = why_trouble(&board, &task);

		EQ_STR(got ? got : "-", rows[i].want ? rows[i].want : "-",
			rows[i].name);
	}
}

/* ---- every state ----------------------------------------------------------------- */

static bool is_sentence(const char *text)
{
	size_t len = strlen(text);

	return len > 8 && text[len - 1] == '.' && !strstr(text, "  ") &&
	       !strstr(text, " .") && !strstr(text, "..") && !strstr(text, "-.");
}

/* Nothing cut, nothing hanging; no name left open in what is to be typed. */
static bool is_whole(const struct why *why)
{
	bool whole = is_sentence(why->text) && is_sentence(why->runs) &&
		     is_sentence(why->should) && is_sentence(why->next) &&
		     strlen(why->text) < WHY_TEXT_MAX - 1;

	for (size_t i = 0; i < why->hold_count; i++)
		whole = whole && is_sentence(why->hold[i].text) &&
			strlen(why->hold[i].text) < WHY_PART_MAX - 1 &&
			why->hold[i].code[0];
	for (size_t i = 0; i < why->step_count; i++) {
		const struct why_step *step = &why->step[i];

		whole = whole && is_sentence(step->text) &&
			strlen(step->text) < WHY_PART_MAX - 1 &&
			(!step->command[0] ||
				strncmp(step->command, "wipyctl ", 8) == 0) &&
			!strstr(step->command, " ID") && !strstr(step->command, "NAME");
	}
	if (!whole)
		printf("# %s\n", why->text);
	return whole;
}

static void test_axes(void)
{
	for (int r = 0; r < REACH_COUNT; r++)
		for (int a = 0; a < ACCESS_COUNT; a++)
			for (int v = 0; v < VERSION_COUNT * 8; v++) {
				struct scene s;
				struct why why;
				bool ok;

				set(&s);
				s.board.reach = (enum reach)r;
				s.board.access = (enum access)a;
				s.board.version = (enum version_state)(v / 8);
				s.board.conditions = (uint32_t)(v % 8);
				s.board.hands_reason = REASON_NO_RETURN;
				why_answer(&s.facts, &why);
				ok = is_whole(&why) &&
				     strstr(why.should, version_name(s.board.version));
				/* What can still do damage stands in front. */
				if (s.board.conditions & CONDITION_DIRTY)
					ok = ok &&
					     strcmp(why.hold[0].code, "dirty") == 0;
				if (s.board.conditions == 0 && r != REACH_ONLINE)
					ok = ok &&
					     strcmp(why.hold[0].code,
						     reach_name(s.board.reach)) == 0;
				if (!ok)
					tap_ok(false, "%s %s %s %d",
						reach_name(s.board.reach),
						access_name(s.board.access),
						version_name(s.board.version), v % 8);
			}
	OK(true, "every state of every axis");
}

static void test_tasks(void)
{
	int bad = 0;

	for (int state = 0; state < TASK_STATE_COUNT; state++)
		for (int reason = 0; reason < REASON_COUNT; reason++)
			for (int drive = 0; drive < ROLLOUT_STATE_COUNT; drive++) {
				struct scene s;
				struct why why;
				bool ok;

				set(&s);
				with_task(&s, (enum task_state)state);
				s.task.reason = (enum reason)reason;
				s.rollout.state = (enum rollout_state)drive;
				s.rollout.reason = (enum reason)reason;
				if (reason == REASON_NONE) /* no brake is nameless */
					s.rollout.reason = REASON_BRAKE_LOST;
				s.facts.forbidden = (enum reason)reason;
				why_answer(&s.facts, &why);
				ok = is_whole(&why) && why.hold_count > 0;
				if (!ok && bad++ < 5)
					tap_ok(false, "%s %s %s",
						task_state_name(s.task.state),
						reason_code(s.task.reason),
						rollout_state_name(s.rollout.state));
			}
	EQ_INT(bad, 0, "every state of a task, with every reason, in every rollout");
}

static void test_waits(void)
{
	for (int why_so = 0; why_so < WAIT_COUNT; why_so++) {
		struct scene s;
		struct why why;

		set(&s);
		with_task(&s, why_so == WAIT_BACKOFF ? TASK_BACKOFF
			      : why_so == WAIT_SOAK  ? TASK_SOAKING
						     : TASK_WAITING);
		with_wait(&s, (enum wait_why)why_so, SEEN_S);
		why_answer(&s.facts, &why);
		tap_ok(is_whole(&why) && why.hold_count == 1 &&
				strcmp(why.hold[0].code,
					wait_why_name((enum wait_why)why_so)) == 0,
			"waits: %s", wait_why_name((enum wait_why)why_so));
	}
}

static void test_targets(void)
{
	for (int from = 0; from < TARGET_FROM_COUNT; from++) {
		struct scene s;
		struct why why;

		set(&s);
		s.facts.from = (enum target_from)from;
		why_answer(&s.facts, &why);
		tap_ok(is_whole(&why), "target by %s", target_from_name(s.facts.from));
		s.facts.target_known = false;
		s.facts.target_shows = NULL;
		why_answer(&s.facts, &why);
		OK(is_whole(&why) &&
				(from == TARGET_NONE ||
					strcmp(why.hold[0].code, "no-release") == 0),
			"... that is in no catalogue");
	}
}

int main(void)
{
	test_words();
	test_times();
	test_trouble();
	test_axes();
	test_tasks();
	test_waits();
	test_targets();
	return tap_done();
}
