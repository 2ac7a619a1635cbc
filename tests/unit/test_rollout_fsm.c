/* SPDX-License-Identifier: MIT
 *
 * The machines of rollouts and waves: every state against every event and every fact.
 */
#include <errno.h>

#include "daemon/core/rollout_fsm.h"
#include "tests/tap.h"

/* What moves; every other pair is refused. `facts` must hold, or not where a ! stands
 * before: c cut off, w all well, u undone, r some board is back on what ran before; a
 * digit: the end before the undo. */
static const struct {
	const char *from;
	enum rollout_event event;
	const char *facts;
	const char *to;
} moves[] = {
	{"awaiting-approval", ROLLOUT_EV_APPROVE, "", "running"},
	{"awaiting-approval", ROLLOUT_EV_ABORT, "", "aborting"},
	{"awaiting-approval", ROLLOUT_EV_SETTLED, "c", "expired"},
	{"running", ROLLOUT_EV_APPROVE, "", "running"},
	{"running", ROLLOUT_EV_PAUSE, "", "paused"},
	{"running", ROLLOUT_EV_RESUME, "", "running"},
	{"running", ROLLOUT_EV_ABORT, "", "aborting"},
	{"running", ROLLOUT_EV_BRAKE, "", "halted"},
	{"running", ROLLOUT_EV_NO_RELEASE, "", "halted"},
	{"running", ROLLOUT_EV_SETTLED, "c", "expired"},
	{"running", ROLLOUT_EV_SETTLED, "!cw", "completed"},
	{"running", ROLLOUT_EV_SETTLED, "!c!w", "completed-with-exceptions"},
	{"paused", ROLLOUT_EV_PAUSE, "", "paused"},
	{"paused", ROLLOUT_EV_RESUME, "", "running"},
	{"paused", ROLLOUT_EV_ABORT, "", "aborting"},
	{"paused", ROLLOUT_EV_EXPIRED, "", "aborting"},
	{"halted", ROLLOUT_EV_RESUME, "", "running"},
	{"halted", ROLLOUT_EV_ABORT, "", "aborting"},
	{"halted", ROLLOUT_EV_EXPIRED, "", "aborting"},
	{"aborting", ROLLOUT_EV_ABORT, "", "aborting"},
	{"aborting", ROLLOUT_EV_SETTLED, "c", "expired"},
	{"aborting", ROLLOUT_EV_SETTLED, "!c", "aborted"},
	{"aborted", ROLLOUT_EV_ABORT, "", "aborted"},
	{"completed", ROLLOUT_EV_UNDO, "", "undoing"},
	{"completed-with-exceptions", ROLLOUT_EV_UNDO, "", "undoing"},
	{"aborted", ROLLOUT_EV_UNDO, "", "undoing"},
	{"expired", ROLLOUT_EV_UNDO, "", "undoing"},
	{"undone", ROLLOUT_EV_UNDO, "", "undoing"},
	{"undoing", ROLLOUT_EV_UNDO, "", "undoing"},
	{"undoing", ROLLOUT_EV_UNDO_ENDED, "u", "undone"},
	{"undoing", ROLLOUT_EV_UNDO_ENDED, "!u!r0", "completed"},
	{"undoing", ROLLOUT_EV_UNDO_ENDED, "!ur0", "completed-with-exceptions"},
	{"undoing", ROLLOUT_EV_UNDO_ENDED, "!u1", "completed-with-exceptions"},
	{"undoing", ROLLOUT_EV_UNDO_ENDED, "!u2", "aborted"},
	{"undoing", ROLLOUT_EV_UNDO_ENDED, "!u3", "expired"},
	{"undoing", ROLLOUT_EV_UNDO_ENDED, "!u4", "completed-with-exceptions"},
	{"undone", ROLLOUT_EV_REDONE, "!r0", "completed"},
	{"undone", ROLLOUT_EV_REDONE, "r0", "completed-with-exceptions"},
	{"undone", ROLLOUT_EV_REDONE, "1", "completed-with-exceptions"},
	{"undone", ROLLOUT_EV_REDONE, "2", "aborted"},
	{"undone", ROLLOUT_EV_REDONE, "3", "expired"},
	{"undone", ROLLOUT_EV_REDONE, "4", "completed-with-exceptions"},
	{"completed-with-exceptions", ROLLOUT_EV_REDONE, "!r0", "completed"},
};

static const enum rollout_state ends[] = {ROLLOUT_COMPLETED,
	ROLLOUT_COMPLETED_WITH_EXCEPTIONS, ROLLOUT_ABORTED, ROLLOUT_EXPIRED,
	ROLLOUT_UNDONE};

static bool fact_holds(char letter, const struct rollout_facts *facts)
{
	if (letter >= '0' && letter <= '4')
		return facts->undo_from == ends[letter - '0'];
	return letter == 'c'   ? facts->cut_off
	       : letter == 'w' ? facts->all_well
	       : letter == 'r' ? facts->reverted
			       : facts->undone;
}

static bool all_hold(const char *wanted, const struct rollout_facts *facts)
{
	for (; *wanted; wanted++) {
		bool not = *wanted == '!';

		wanted += not ;
		if (fact_holds(*wanted, facts) == not )
			return false;
	}
	return true;
}

static const char *move_of(enum rollout_state from, enum rollout_event event,
	const struct rollout_facts *facts)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (strcmp(moves[i].from, rollout_state_name(from)) == 0 &&
			moves[i].event == event && all_hold(moves[i].facts, facts))
			return moves[i].to;
	return "refused";
}

static bool steps_right(enum rollout_state from, enum rollout_event event,
	const struct rollout_facts *facts)
{
	enum rollout_state to = ROLLOUT_STATE_COUNT;
	int rc = rollout_fsm_step(from, event, facts, &to);
	const char *got = rc == 0 ? rollout_state_name(to) : "refused";
	const char *want = move_of(from, event, facts);

	if (strcmp(got, want) != 0)
		printf("# got %s, want %s\n", got, want);
	return strcmp(got, want) == 0 &&
	       (rc == 0 || (rc == -EPERM && to == ROLLOUT_STATE_COUNT));
}

static void test_rollouts(void)
{
	for (int from = 0; from < ROLLOUT_STATE_COUNT; from++)
		for (int event = 0; event < ROLLOUT_EVENT_COUNT; event++) {
			bool right = true;

			for (int bits = 0; bits < 80; bits++) {
				struct rollout_facts facts = {
					.cut_off = bits & 1,
					.all_well = bits & 2,
					.undone = bits & 4,
					.reverted = bits & 8,
					.undo_from = ends[bits / 16],
				};

				right &= steps_right((enum rollout_state)from,
					(enum rollout_event)event, &facts);
			}
			tap_ok(right, "%s on %s",
				rollout_state_name((enum rollout_state)from),
				rollout_event_name((enum rollout_event)event));
		}
}

/* From closed, open, soaking, passed, tripped, skipped; "=" stays. The facts: s shown, l
 * last, p spent, o left over. */
static const struct {
	enum wave_event event;
	const char *facts;
	const char *to[WAVE_STATE_COUNT];
} waves[] = {
	{WAVE_EV_TURN, "", {"open", "=", "=", "=", "=", "="}},
	{WAVE_EV_TURN, "o", {"skipped", "=", "=", "=", "=", "="}},
	{WAVE_EV_SETTLED, "s", {"=", "passed", "=", "=", "=", "="}},
	{WAVE_EV_SETTLED, "sl", {"=", "passed", "=", "=", "=", "="}},
	{WAVE_EV_SETTLED, "l", {"=", "skipped", "=", "=", "=", "="}},
	{WAVE_EV_SETTLED, "", {"=", "tripped", "=", "=", "=", "="}},
	{WAVE_EV_BRAKE, "", {"=", "tripped", "=", "=", "=", "="}},
	{WAVE_EV_BRAKE, "slpo", {"=", "tripped", "=", "=", "=", "="}},
	{WAVE_EV_RESUME, "p", {"=", "=", "=", "=", "skipped", "="}},
	{WAVE_EV_RESUME, "", {"=", "=", "=", "=", "open", "="}},
	{WAVE_EV_ENDED, "", {"skipped", "skipped", "=", "=", "=", "="}},
	{WAVE_EV_ENDED, "slpo", {"skipped", "skipped", "=", "=", "=", "="}},
};

static void test_waves(void)
{
	for (size_t i = 0; i < sizeof(waves) / sizeof(waves[0]); i++)
		for (int from = 0; from < WAVE_STATE_COUNT; from++) {
			const char *was = wave_state_name((enum wave_state)from);
			const char *want = waves[i].to[from];
			struct wave_facts facts = {
				.shown = strchr(waves[i].facts, 's'),
				.last = strchr(waves[i].facts, 'l'),
				.spent = strchr(waves[i].facts, 'p'),
				.left_over = strchr(waves[i].facts, 'o'),
			};

			EQ_STR(wave_state_name(wave_fsm_step(
				       (enum wave_state)from, waves[i].event, &facts)),
				want[0] == '=' ? was : want,
				wave_event_name(waves[i].event));
		}
}

/* Only an undo, or its own undo, leaves an end; every other state that a rollout can be in has a way out. */
static void test_rows(void)
{
	struct fsm_row row;
	bool left[ROLLOUT_STATE_COUNT] = {false},
	     entered[ROLLOUT_STATE_COUNT] = {false};

	for (size_t i = 0; rollout_fsm_row(i, &row); i++) {
		enum rollout_state from = rollout_state_by_name(row.from);
		enum rollout_state to = rollout_state_by_name(row.to);

		OK(from < ROLLOUT_STATE_COUNT && to < ROLLOUT_STATE_COUNT, row.event);
		if (from == to)
			continue;
		OK(!rollout_state_is_end(from) || strcmp(row.event, "undo") == 0 ||
				strcmp(row.event, "redone") == 0,
			row.from);
		left[from] = entered[to] = true;
	}
	for (int i = 0; i < ROLLOUT_STATE_COUNT; i++)
		OK(!entered[i] || left[i] ||
				rollout_state_is_end((enum rollout_state)i),
			rollout_state_name((enum rollout_state)i));
	for (size_t i = 0; wave_fsm_row(i, &row); i++)
		OK(wave_state_by_name(row.to) < WAVE_STATE_COUNT, row.event);
	EQ_STR(rollout_event_name(ROLLOUT_EVENT_COUNT), "invalid", "no such event");
	EQ_STR(wave_event_name(WAVE_EVENT_COUNT), "invalid", "no such event");
}

int main(void)
{
	test_rollouts();
	test_waves();
	test_rows();
	return tap_done();
}
