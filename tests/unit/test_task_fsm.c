/* SPDX-License-Identifier: MIT
 *
 * The task machine: every state x event x facts against the rules that no row may break;
 * all that a record can become, walked as a graph; the important paths as data.
 */
#include <errno.h>

#include "daemon/core/push_rule.h"
#include "daemon/core/reason.h"
#include "daemon/core/task_fsm.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- facts as bits --------------------------------------------------------------- */

#define F_ATTEMPTS    0x0001u
#define F_RESETS      0x0002u
#define F_ATTEMPTED   0x0004u
#define F_TOUCHED     0x0008u
#define F_PUSHED      0x0010u
#define F_RESET_KNOWN 0x0020u
#define F_GONE        0x0040u
#define F_EARLY       0x0080u
#define F_CANCELLED   0x0100u
#define F_STANDING    0x0200u
#define F_ABSENT      0x0400u
#define F_WRONG       0x0800u
#define F_BUSY        0x1000u
#define F_CURES       0x2000u
#define F_DISARMS     0x4000u
#define F_TRIAL       0x8000u
#define F_CLOSED      0x10000u
#define F_STOPS       0x20000u /* halted, or given up */
#define F_END         0x40000u
#define SEEN_COUNT    3
/* Facts in all: the bits, then which image was seen. */
#define FACTS_COUNT (F_END * SEEN_COUNT)

/* A soak asks for none of what attempts, resets, early and absent say, and nothing else
 * asks for what a soak does: they share their bits. So do what only a first look asks
 * for and what only the way back does. */
static struct task_facts facts_of(unsigned int index)
{
	unsigned int bits = index % F_END;

	return (struct task_facts){
		.attempts_left = bits & F_ATTEMPTS,
		.resets_left = bits & F_RESETS,
		.attempted = bits & F_ATTEMPTED,
		.touched = bits & F_TOUCHED,
		.pushed = bits & F_PUSHED,
		.reset_known = bits & F_RESET_KNOWN,
		.gone = bits & F_GONE,
		.proven = bits & F_STOPS,
		.early = bits & F_EARLY,
		.cancelled = bits & F_CANCELLED,
		.standing = bits & F_STANDING,
		.absent = bits & F_ABSENT,
		.wrong_board = bits & F_WRONG,
		.was_busy = bits & F_BUSY,
		.cures = bits & F_CURES,
		.pushes_back = bits & F_DISARMS,
		.gives_up = bits & F_STOPS,
		.disarms = (bits & F_DISARMS) && (bits & (F_STOPS | F_CANCELLED)),
		.asks_left = bits & F_ABSENT,
		.refuses = bits & F_EARLY,
		.kills = bits & F_GONE,
		.forbidden = bits & F_RESET_KNOWN ? REASON_KNOWN_BAD : REASON_NONE,
		.went_away = bits & F_RESET_KNOWN,
		.was_cut = bits & F_TOUCHED,
		.trial = bits & F_TRIAL,
		.dirty = bits & F_TRIAL,
		.soak_over = bits & F_RESETS,
		.probes = bits & F_EARLY,
		.probes_again = bits & F_ATTEMPTS,
		.unclear = bits & F_ABSENT,
		.closed = bits & F_CLOSED,
		.moved_on = (bits & F_TRIAL) &&
			    !(bits & (F_ATTEMPTED | F_TOUCHED | F_PUSHED)),
		.springs = bits & F_ABSENT,
		.seen = (enum task_seen)(index / F_END),
	};
}

/* Disarming is for boards that a push cures. */
static bool facts_can_be(unsigned int index)
{
	unsigned int bits = index % F_END;

	return !(bits & F_DISARMS) || (bits & F_CURES);
}

static void show_facts(const struct task_facts *f)
{
	printf("#   facts: attempts_left=%d resets_left=%d attempted=%d touched=%d "
	       "pushed=%d reset_known=%d gone=%d early=%d\n"
	       "#          cancelled=%d standing=%d absent=%d wrong_board=%d "
	       "was_busy=%d "
	       "cures=%d disarms=%d trial=%d closed=%d seen=%d\n",
		f->attempts_left, f->resets_left, f->attempted, f->touched, f->pushed,
		f->reset_known, f->gone, f->early, f->cancelled, f->standing, f->absent,
		f->wrong_board, f->was_busy, f->cures, f->disarms, f->trial, f->closed,
		(int)f->seen);
}

/* ---- rules that hold for every row, whatever the facts ---------------------------- */

struct stepped {
	enum task_state from;
	enum task_event event;
	struct task_facts facts;
	struct task_move move;
};

static bool ends_stay(const struct stepped *s)
{
	return !task_state_is_end(s->from);
}

static bool no_reset_of_dirty(const struct stepped *s)
{
	return s->move.action != TASK_ACT_RESET ||
	       !(s->facts.touched || s->facts.dirty) || s->facts.pushed ||
	       !s->facts.cures;
}

static bool no_push_once_cancelled(const struct stepped *s)
{
	return s->move.action != TASK_ACT_PUSH || !s->facts.cancelled ||
	       s->facts.touched;
}

/* What it needs is no start, whoever has left it so. */
static bool is_dirty(const struct stepped *s)
{
	return s->facts.touched || s->facts.dirty;
}

/* Where a push would not cure, a reset is the repair, and no start. */
static bool reset_repairs(const struct stepped *s)
{
	return !s->facts.cures && (is_dirty(s) || s->event == TASK_EV_PUSH_BROKEN);
}

static bool no_reset_once_cancelled(const struct stepped *s)
{
	return s->move.action != TASK_ACT_RESET || !s->facts.cancelled ||
	       reset_repairs(s);
}

static bool pushed_back_to_disarm(const struct stepped *s)
{
	return s->move.action != TASK_ACT_PUSH_BACK ||
	       (s->facts.pushes_back && s->move.to == TASK_DISARMING);
}

/* Left armed, its next power cycle would boot what nobody watches. */
static bool no_armed_board_is_given_up(const struct stepped *s)
{
	bool gives_up =
		s->move.reason == REASON_RESET_FAILED ||
		s->move.reason == REASON_RESET_NOT_PROVEN ||
		(s->move.reason == REASON_LOGIN_REFUSED && s->from != TASK_PUSHING);

	return s->move.to != TASK_FAILED || !gives_up || s->from == TASK_DISARMING ||
	       !s->facts.pushed || s->facts.touched || !s->facts.pushes_back ||
	       (s->event == TASK_EV_LOOKED && s->facts.seen != TASK_SEEN_BEFORE);
}

static bool forbidden_is_not_pushed(const struct stepped *s)
{
	return s->move.action != TASK_ACT_PUSH || s->from != TASK_CHECKING ||
	       s->facts.forbidden == REASON_NONE || s->facts.touched || s->facts.pushed;
}

static bool changes_of_others_stay(const struct stepped *s)
{
	return s->from != TASK_CHECKING || !s->facts.moved_on ||
	       (s->move.action != TASK_ACT_PUSH && s->move.action != TASK_ACT_RESET);
}

static bool nothing_taken_back_is_started(const struct stepped *s)
{
	return s->from != TASK_CHECKING || !s->facts.springs || s->facts.touched ||
	       s->facts.pushed || s->facts.seen != TASK_SEEN_WANTED ||
	       s->move.action != TASK_ACT_RESET;
}

static bool no_look_loses_a_board(const struct stepped *s)
{
	return s->move.to != TASK_LOST || s->event == TASK_EV_DEADLINE;
}

static bool no_second_push_that_kills(const struct stepped *s)
{
	bool pushes =
		s->move.action == TASK_ACT_PUSH || s->move.action == TASK_ACT_PUSH_BACK;

	return !pushes || s->facts.cures ||
	       (!s->facts.touched && !s->facts.pushed && !s->facts.kills);
}

static bool fell_back_is_proven(const struct stepped *s)
{
	if (s->move.to != TASK_FELL_BACK || s->event == TASK_EV_MARK_GONE)
		return true;
	/* A board that soaks had shown the wanted image: its reset was proven by that. */
	return s->event == TASK_EV_LOOKED && s->facts.seen == TASK_SEEN_BEFORE &&
	       (s->from == TASK_SOAKING || s->from == TASK_CONFIRMING ||
		       (s->from == TASK_RETURNING && s->facts.proven));
}

static bool confirmed_is_seen(const struct stepped *s)
{
	bool by_look = s->event == TASK_EV_LOOKED &&
		       s->facts.seen == TASK_SEEN_WANTED && !s->facts.probes &&
		       !s->facts.gone;

	return s->move.to != TASK_CONFIRMED ||
	       (s->from == TASK_CONFIRMING && s->event == TASK_EV_PUSHED) ||
	       (s->from == TASK_SOAKING && by_look && !s->facts.trial &&
		       s->facts.soak_over);
}

/* Nor is a trial told that it may stay. */
static bool failed_probe_confirms_nothing(const struct stepped *s)
{
	return s->event != TASK_EV_PROBES_FAILED ||
	       (s->move.to != TASK_CONFIRMED && s->move.to != TASK_CONFIRMING);
}

static bool probes_have_their_rounds(const struct stepped *s)
{
	return s->event != TASK_EV_PROBES_FAILED || s->move.to != TASK_FAILED ||
	       (s->facts.soak_over && !s->facts.probes_again);
}

static bool missing_answer_is_said(const struct stepped *s)
{
	return s->move.to != TASK_CONFIRMED || !s->facts.unclear ||
	       s->move.reason == REASON_PROBE_UNCLEAR;
}

static bool already_is_seen(const struct stepped *s)
{
	return s->move.to != TASK_ALREADY ||
	       (s->event == TASK_EV_LOOKED && s->facts.seen == TASK_SEEN_WANTED &&
		       !s->facts.attempted);
}

static bool no_reset_while_standing(const struct stepped *s)
{
	return s->move.action != TASK_ACT_RESET || !s->facts.standing ||
	       reset_repairs(s);
}

static bool no_push_while_standing(const struct stepped *s)
{
	return s->move.action != TASK_ACT_PUSH || !s->facts.standing || is_dirty(s);
}

/* A restart looks first at whatever was under way: that begins nothing. */
static bool no_look_begins_while_standing(const struct stepped *s)
{
	if (s->move.action != TASK_ACT_LOOK || s->move.to != TASK_CHECKING)
		return true;
	return !s->facts.standing || is_dirty(s) || s->facts.pushed ||
	       s->event == TASK_EV_RESTARTED || s->from == TASK_HELD ||
	       s->from == TASK_RETURNING;
}

/* What is under way goes on; a board that is found while it is looked at, or whose
 * back-off is over, has to begin. A repair is no start. */
static bool nothing_begins_once_closed(const struct stepped *s)
{
	bool begins = (s->from == TASK_CHECKING && s->event == TASK_EV_LOOKED &&
			      (s->move.action == TASK_ACT_PUSH ||
				      s->move.action == TASK_ACT_RESET)) ||
		      (s->from == TASK_BACKOFF && s->event == TASK_EV_TIMER &&
			      s->move.action == TASK_ACT_LOOK);

	return !begins || !s->facts.closed || is_dirty(s) || s->facts.cancelled ||
	       s->facts.disarms;
}

static bool no_harm_to_a_wrong_board(const struct stepped *s)
{
	return s->event != TASK_EV_LOOKED || !s->facts.wrong_board ||
	       (s->move.action != TASK_ACT_PUSH && s->move.action != TASK_ACT_RESET &&
		       s->move.action != TASK_ACT_ASK_MARK) ||
	       s->from == TASK_SOAKING;
}

/* An end asks for nothing more; every other way in is waited for by somebody. */
static bool actions_fit_states(const struct stepped *s)
{
	enum task_action action = s->move.action;

	if (task_state_is_end(s->move.to))
		return action == TASK_ACT_NONE;
	if (task_state_in_flight(s->move.to))
		return action != TASK_ACT_NONE;
	return action == TASK_ACT_NONE;
}

static bool bad_ends_have_reasons(const struct stepped *s)
{
	return !task_state_is_end(s->move.to) || s->move.to == TASK_CONFIRMED ||
	       s->move.reason != REASON_NONE;
}

static const struct rule {
	const char *name;
	bool (*holds)(const struct stepped *stepped);
} rules[] = {
	{"an end has no successor", ends_stay},
	{"no reset of a dirty board", no_reset_of_dirty},
	{"no push to an untouched board once cancelled", no_push_once_cancelled},
	{"no reset once cancelled", no_reset_once_cancelled},
	{"fell-back only with proof", fell_back_is_proven},
	{"confirmed only from soaking, showing the image", confirmed_is_seen},
	{"already only if never pushed to", already_is_seen},
	{"no reset while the rollout stands", no_reset_while_standing},
	{"no push to an untouched board while it stands", no_push_while_standing},
	{"no look begins while it stands", no_look_begins_while_standing},
	{"no harm to a wrong board", no_harm_to_a_wrong_board},
	{"actions fit their states", actions_fit_states},
	{"every bad end has a reason", bad_ends_have_reasons},
	{"pushed back only to disarm", pushed_back_to_disarm},
	{"no second push where it could kill", no_second_push_that_kills},
	{"nothing begins in a closed window", nothing_begins_once_closed},
	{"a failed probe confirms nothing", failed_probe_confirms_nothing},
	{"no probe fails a board before its last round", probes_have_their_rounds},
	{"confirmed without an answer says so", missing_answer_is_said},
	{"no armed board is given up that can be disarmed", no_armed_board_is_given_up},
	{"what is forbidden is not pushed", forbidden_is_not_pushed},
	{"no look alone loses a board", no_look_loses_a_board},
	{"what others have changed is left alone", changes_of_others_stay},
	{"an undo does not start what it takes back", nothing_taken_back_is_started},
};

#define RULES COUNT(rules)

static void show_step(const char *rule, const struct stepped *s)
{
	printf("# broken: %s\n#   row: %s, %s -> %s, %s, %s\n", rule,
		task_state_name(s->from), task_event_name(s->event),
		task_state_name(s->move.to), task_action_name(s->move.action),
		reason_code(s->move.reason));
	show_facts(&s->facts);
}

/* Counts the breaches of each rule; the first of each state and event is shown. */
static void judge(const struct stepped *stepped, int broken[RULES], bool shown[RULES])
{
	for (size_t r = 0; r < RULES; r++) {
		if (rules[r].holds(stepped))
			continue;
		broken[r]++;
		if (!shown[r])
			show_step(rules[r].name, stepped);
		shown[r] = true;
	}
}

static bool has_rows[TASK_STATE_COUNT][TASK_EVENT_COUNT];

static void find_rows(void)
{
	struct fsm_row row;

	for (size_t i = 0; task_fsm_row(i, &row); i++)
		for (int event = 0; event < TASK_EVENT_COUNT; event++)
			if (strcmp(row.event,
				    task_event_name((enum task_event)event)) == 0)
				has_rows[task_state_by_name(row.from)][event] = true;
}

static void test_every_combination(void)
{
	int broken[RULES] = {0}, wrong_drops = 0, touched_out = 0;

	for (int state = 0; state < TASK_STATE_COUNT; state++)
		for (int event = 0; event < TASK_EVENT_COUNT; event++) {
			bool shown[RULES] = {false};

			for (unsigned int i = 0; i < FACTS_COUNT; i++) {
				if (!facts_can_be(i))
					continue;
				struct stepped s = {(enum task_state)state,
					(enum task_event)event, facts_of(i),
					{TASK_STATE_COUNT, TASK_ACTION_COUNT,
						REASON_COUNT}};
				int rc = task_fsm_step(
					s.from, s.event, &s.facts, &s.move);

				wrong_drops += rc == 0 ? !has_rows[state][event]
						       : rc != -ENOENT;
				if (rc == 0)
					judge(&s, broken, shown);
				else
					touched_out += s.move.to != TASK_STATE_COUNT;
				if (rc < 0 && !has_rows[state][event] && i > 63)
					break; /* no guard can make a row */
			}
		}
	for (size_t r = 0; r < RULES; r++)
		EQ_INT(broken[r], 0, rules[r].name);
	EQ_INT(wrong_drops, 0, "an event is dropped exactly where no row is");
	EQ_INT(touched_out, 0, "a dropped event leaves the move alone");
}

/* Whatever the plan refuses a board for is asked again right before its push: the file may
 * have changed since, or what the board runs. */
static void test_plan_is_asked_again(void)
{
	static const struct push_facts plan[] = {
		{.has_image = false},
		{.has_image = true, .known_bad = true},
		{.has_image = true, .fit = FIT_ENTRY_POINT},
		{.has_image = true, .fit = FIT_VERSION},
		{.has_image = true, .fit = FIT_SIZE},
		{.has_image = true, .fit = FIT_ONE_WAY},
		{.has_image = true, .fit = FIT_FROM},
		{.has_image = true, .fit = FIT_THROUGH},
		{.has_image = true, .strays = true},
		{.has_image = true, .burns = true},
	};

	for (size_t i = 0; i < COUNT(plan); i++) {
		struct task_facts facts = {.attempts_left = true,
			.resets_left = true,
			.cures = true,
			.forbidden = push_forbidden(&plan[i]),
			.seen = TASK_SEEN_OTHER};
		const char *why = reason_code(facts.forbidden);
		struct task_move move;

		EQ_INT(task_fsm_step(TASK_CHECKING, TASK_EV_LOOKED, &facts, &move), 0,
			why);
		EQ_INT(move.to, TASK_REFUSED, why);
		EQ_STR(reason_code(move.reason), why, "for the same reason");
	}
}

/* The rules themselves can fail: each finds its planted row. */
static const struct {
	size_t rule;
	struct stepped stepped;
} planted[] = {
	{0, {TASK_LOST, TASK_EV_SEEN, {0}, {TASK_WAITING, TASK_ACT_NONE, REASON_NONE}}},
	{1, {TASK_CHECKING, TASK_EV_LOOKED, {.touched = true, .cures = true},
		    {TASK_RESETTING, TASK_ACT_RESET, REASON_NONE}}},
	{2, {TASK_CHECKING, TASK_EV_LOOKED, {.cancelled = true},
		    {TASK_PUSHING, TASK_ACT_PUSH, REASON_NONE}}},
	{3, {TASK_STAGED, TASK_EV_PROCEED, {.cancelled = true, .pushed = true},
		    {TASK_RESETTING, TASK_ACT_RESET, REASON_NONE}}},
	{4, {TASK_RETURNING, TASK_EV_MARK_UNKNOWN,
		    {.seen = TASK_SEEN_BEFORE, .gone = true, .reset_known = true},
		    {TASK_FELL_BACK, TASK_ACT_NONE, REASON_FELL_BACK}}},
	{5, {TASK_SOAKING, TASK_EV_PROBES_PASSED, {.soak_over = true},
		    {TASK_CONFIRMED, TASK_ACT_NONE, REASON_NONE}}},
	{6, {TASK_CHECKING, TASK_EV_LOOKED, {.attempted = true},
		    {TASK_ALREADY, TASK_ACT_NONE, REASON_ALREADY_RUNNING}}},
	{7, {TASK_STAGED, TASK_EV_PROCEED, {.standing = true, .pushed = true},
		    {TASK_RESETTING, TASK_ACT_RESET, REASON_NONE}}},
	{8, {TASK_CHECKING, TASK_EV_LOOKED, {.standing = true},
		    {TASK_PUSHING, TASK_ACT_PUSH, REASON_NONE}}},
	{9, {TASK_WAITING, TASK_EV_GRANT, {.standing = true},
		    {TASK_CHECKING, TASK_ACT_LOOK, REASON_NONE}}},
	{10, {TASK_CHECKING, TASK_EV_LOOKED, {.wrong_board = true},
		     {TASK_PUSHING, TASK_ACT_PUSH, REASON_NONE}}},
	{11, {TASK_PUSHING, TASK_EV_PUSHED, {0},
		     {TASK_STAGED, TASK_ACT_NONE, REASON_NONE}}},
	{12, {TASK_RETURNING, TASK_EV_DEADLINE, {0},
		     {TASK_LOST, TASK_ACT_NONE, REASON_NONE}}},
	{13, {TASK_CHECKING, TASK_EV_LOOKED, {.pushed = true, .standing = true},
		     {TASK_DISARMING, TASK_ACT_PUSH_BACK, REASON_DISARM}}},
	{15, {TASK_CHECKING, TASK_EV_LOOKED, {.closed = true},
		     {TASK_PUSHING, TASK_ACT_PUSH, REASON_NONE}}},
	{14, {TASK_CHECKING, TASK_EV_LOOKED, {.touched = true},
		     {TASK_PUSHING, TASK_ACT_PUSH, REASON_NONE}}},
	{16, {TASK_SOAKING, TASK_EV_PROBES_FAILED, {.soak_over = true, .trial = true},
		     {TASK_CONFIRMING, TASK_ACT_CONFIRM, REASON_NONE}}},
	{17, {TASK_SOAKING, TASK_EV_PROBES_FAILED,
		     {.soak_over = true, .probes_again = true},
		     {TASK_FAILED, TASK_ACT_NONE, REASON_PROBE_FAILED}}},
	{18, {TASK_CONFIRMING, TASK_EV_PUSHED, {.unclear = true},
		     {TASK_CONFIRMED, TASK_ACT_NONE, REASON_NONE}}},
	{19, {TASK_RETURNING, TASK_EV_MARK_THERE, {.pushed = true, .pushes_back = true},
		     {TASK_FAILED, TASK_ACT_NONE, REASON_RESET_NOT_PROVEN}}},
	{20, {TASK_CHECKING, TASK_EV_LOOKED, {.forbidden = REASON_KNOWN_BAD},
		     {TASK_PUSHING, TASK_ACT_PUSH, REASON_NONE}}},
	{21, {TASK_CHECKING, TASK_EV_UNSEEN, {.attempted = true},
		     {TASK_LOST, TASK_ACT_NONE, REASON_LOST_IN_UPDATE}}},
	{22, {TASK_CHECKING, TASK_EV_LOOKED, {.moved_on = true},
		     {TASK_PUSHING, TASK_ACT_PUSH, REASON_NONE}}},
	{23, {TASK_CHECKING, TASK_EV_LOOKED,
		     {.springs = true, .seen = TASK_SEEN_WANTED},
		     {TASK_RESETTING, TASK_ACT_RESET, REASON_PUSH_BROKEN_RESET}}},
};

static void test_rules_can_fail(void)
{
	bool found[RULES] = {false};

	for (size_t i = 0; i < COUNT(planted); i++)
		found[planted[i].rule] =
			!rules[planted[i].rule].holds(&planted[i].stepped);
	for (size_t r = 0; r < RULES; r++)
		tap_ok(found[r], "finds a planted breach of: %s", rules[r].name);
}

/* ---- the table as a graph -------------------------------------------------------- */

static void test_ends_are_reachable(void)
{
	bool reaches[TASK_STATE_COUNT], grown = true;
	bool has_restart[TASK_STATE_COUNT] = {false};
	struct fsm_row row;

	for (int i = 0; i < TASK_STATE_COUNT; i++)
		reaches[i] = task_state_is_end((enum task_state)i);
	while (grown) {
		grown = false;
		for (size_t i = 0; task_fsm_row(i, &row); i++) {
			enum task_state from = task_state_by_name(row.from);

			if (strcmp(row.event, "restarted") == 0)
				has_restart[from] = true;
			if (!reaches[from] && reaches[task_state_by_name(row.to)])
				grown = reaches[from] = true;
		}
	}
	for (int i = 0; i < TASK_STATE_COUNT; i++) {
		const char *name = task_state_name((enum task_state)i);

		tap_ok(reaches[i], "%s: an end is reachable", name);
		tap_ok(has_restart[i] == !task_state_is_end((enum task_state)i),
			"%s: the table says what a restart means", name);
	}
}

static void test_row_texts(void)
{
	bool from_end = false, known = true, guarded = true;
	struct fsm_row row, past = {"untouched", 0, 0, 0, 0, 0};
	size_t count = 0;

	for (; task_fsm_row(count, &row); count++) {
		from_end |= task_state_is_end(task_state_by_name(row.from));
		known = known && task_state_by_name(row.from) < TASK_STATE_COUNT &&
			task_state_by_name(row.to) < TASK_STATE_COUNT &&
			reason_by_code(row.reason) < REASON_COUNT;
		guarded = guarded && row.guard[0] != '\0';
	}
	OK(count > 60 && !from_end, "ends have no rows");
	OK(known && guarded, "every row can be printed");
	OK(!task_fsm_row(count, &past) && strcmp(past.from, "untouched") == 0,
		"past the end there is nothing");
	for (int i = 0; i <= TASK_EVENT_COUNT; i++)
		OK((strcmp(task_event_name((enum task_event)i), "invalid") == 0) ==
				(i == TASK_EVENT_COUNT),
			task_event_name((enum task_event)i));
	for (int i = 0; i <= TASK_ACTION_COUNT; i++)
		OK((strcmp(task_action_name((enum task_action)i), "invalid") == 0) ==
				(i == TASK_ACTION_COUNT),
			task_action_name((enum task_action)i));
}

int main(void)
{
	find_rows();
	test_every_combination();
	test_plan_is_asked_again();
	test_rules_can_fail();
	test_ends_are_reachable();
	test_row_texts();
	return tap_done();
}
