/* SPDX-License-Identifier: MIT
 *
 * The tables of rollouts and waves. The first row that matches state, event and guard
 * wins.
 */
#include "daemon/core/rollout_fsm.h"

#include <errno.h>

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ANY              NULL, "-"
#define G(fn)            fn, #fn

/* ---- rollouts -------------------------------------------------------------------- */

static bool cut_off(const struct rollout_facts *facts)
{
	return facts->cut_off;
}

static bool all_well(const struct rollout_facts *facts)
{
	return facts->all_well;
}

static bool undone(const struct rollout_facts *facts)
{
	return facts->undone;
}

#define WAS(name, state)                                                               \
	static bool name(const struct rollout_facts *facts)                            \
	{                                                                              \
		return facts->undo_from == (state);                                    \
	}
WAS(was_aborted, ROLLOUT_ABORTED)
WAS(was_expired, ROLLOUT_EXPIRED)

static bool as_completed(const struct rollout_facts *facts)
{
	return facts->undo_from == ROLLOUT_COMPLETED && !facts->reverted;
}

#define ROW(from, event, guard, to)                                                    \
	{                                                                              \
		ROLLOUT_##from, ROLLOUT_EV_##event, guard, ROLLOUT_##to                \
	}

/* A row back into its own state says that the wish is fulfilled already. */
/* clang-format off */
static const struct {
	enum rollout_state from;
	enum rollout_event event;
	bool (*guard)(const struct rollout_facts *facts);
	const char *guard_text;
	enum rollout_state to;
} rollout_rows[] = {
	ROW(AWAITING_APPROVAL, APPROVE,    ANY,         RUNNING),
	ROW(AWAITING_APPROVAL, ABORT,      ANY,         ABORTING),
	ROW(AWAITING_APPROVAL, SETTLED,    G(cut_off),  EXPIRED),

	ROW(RUNNING,           PAUSE,      ANY,         PAUSED),
	ROW(RUNNING,           ABORT,      ANY,         ABORTING),
	ROW(RUNNING,           RESUME,     ANY,         RUNNING),
	ROW(RUNNING,           APPROVE,    ANY,         RUNNING),
	ROW(RUNNING,           BRAKE,      ANY,         HALTED),
	ROW(RUNNING,           NO_RELEASE, ANY,         HALTED),
	ROW(RUNNING,           SETTLED,    G(cut_off),  EXPIRED),
	ROW(RUNNING,           SETTLED,    G(all_well), COMPLETED),
	ROW(RUNNING,           SETTLED,    ANY,         COMPLETED_WITH_EXCEPTIONS),

	ROW(PAUSED,            RESUME,     ANY,         RUNNING),
	ROW(PAUSED,            ABORT,      ANY,         ABORTING),
	ROW(PAUSED,            EXPIRED,    ANY,         ABORTING),
	ROW(PAUSED,            PAUSE,      ANY,         PAUSED),

	ROW(HALTED,            RESUME,     ANY,         RUNNING),
	ROW(HALTED,            ABORT,      ANY,         ABORTING),
	ROW(HALTED,            EXPIRED,    ANY,         ABORTING),

	ROW(ABORTING,          SETTLED,    G(cut_off),  EXPIRED),
	ROW(ABORTING,          SETTLED,    ANY,         ABORTED),
	ROW(ABORTING,          ABORT,      ANY,         ABORTING),
	ROW(ABORTED,           ABORT,      ANY,         ABORTED),

	/* Taken back by a rollout of its own, from each of its ends. */
	ROW(COMPLETED,         UNDO,       ANY,         UNDOING),
	ROW(COMPLETED_WITH_EXCEPTIONS, UNDO, ANY,       UNDOING),
	ROW(ABORTED,           UNDO,       ANY,         UNDOING),
	ROW(EXPIRED,           UNDO,       ANY,         UNDOING),
	ROW(UNDONE,            UNDO,       ANY,         UNDOING),
	ROW(UNDOING,           UNDO,       ANY,         UNDOING),
	ROW(UNDOING,           UNDO_ENDED, G(undone),   UNDONE),
	ROW(UNDOING,           UNDO_ENDED, G(as_completed), COMPLETED),
	ROW(UNDOING,           UNDO_ENDED, G(was_aborted), ABORTED),
	ROW(UNDOING,           UNDO_ENDED, G(was_expired), EXPIRED),
	ROW(UNDOING,           UNDO_ENDED, ANY,         COMPLETED_WITH_EXCEPTIONS),
	/* The undo was undone: its boards run again what it has brought. */
	ROW(UNDONE,            REDONE,     G(as_completed), COMPLETED),
	ROW(UNDONE,            REDONE,     G(was_aborted), ABORTED),
	ROW(UNDONE,            REDONE,     G(was_expired), EXPIRED),
	ROW(UNDONE,            REDONE,     ANY,         COMPLETED_WITH_EXCEPTIONS),
	ROW(COMPLETED_WITH_EXCEPTIONS, REDONE, G(as_completed), COMPLETED),
};
/* clang-format on */
#undef ROW

int rollout_fsm_find(enum rollout_state from, enum rollout_event event,
	const struct rollout_facts *facts)
{
	for (size_t i = 0; i < ARRAY_LEN(rollout_rows); i++)
		if (rollout_rows[i].from == from && rollout_rows[i].event == event &&
			(!rollout_rows[i].guard || rollout_rows[i].guard(facts)))
			return (int)i;
	return -EPERM;
}

int rollout_fsm_step(enum rollout_state from, enum rollout_event event,
	const struct rollout_facts *facts, enum rollout_state *ret_to)
{
	int at = rollout_fsm_find(from, event, facts);

	if (at < 0)
		return at;
	*ret_to = rollout_rows[at].to;
	return 0;
}

bool rollout_fsm_row(size_t index, struct fsm_row *ret_row)
{
	if (index >= ARRAY_LEN(rollout_rows))
		return false;
	*ret_row = (struct fsm_row){
		.from = rollout_state_name(rollout_rows[index].from),
		.event = rollout_event_name(rollout_rows[index].event),
		.guard = rollout_rows[index].guard_text,
		.to = rollout_state_name(rollout_rows[index].to),
		.action = "-",
		.reason = "-",
	};
	return true;
}

const char *rollout_event_name(enum rollout_event event)
{
	static const char *const names[ROLLOUT_EVENT_COUNT] = {
		[ROLLOUT_EV_APPROVE] = "approve",
		[ROLLOUT_EV_PAUSE] = "pause",
		[ROLLOUT_EV_RESUME] = "resume",
		[ROLLOUT_EV_ABORT] = "abort",
		[ROLLOUT_EV_BRAKE] = "brake",
		[ROLLOUT_EV_EXPIRED] = "expired",
		[ROLLOUT_EV_NO_RELEASE] = "no-release",
		[ROLLOUT_EV_UNDO] = "undo",
		[ROLLOUT_EV_UNDO_ENDED] = "undo-ended",
		[ROLLOUT_EV_REDONE] = "redone",
		[ROLLOUT_EV_SETTLED] = "settled",
	};

	return event < ROLLOUT_EVENT_COUNT ? names[event] : "invalid";
}

/* ---- waves ----------------------------------------------------------------------- */

static bool left_over(const struct wave_facts *facts)
{
	return facts->left_over;
}

static bool shown(const struct wave_facts *facts)
{
	return facts->shown;
}

static bool last(const struct wave_facts *facts)
{
	return facts->last;
}

static bool spent(const struct wave_facts *facts)
{
	return facts->spent;
}

#define ROW(from, event, guard, to)                                                    \
	{                                                                              \
		WAVE_##from, WAVE_EV_##event, guard, WAVE_##to                         \
	}

/* clang-format off */
static const struct {
	enum wave_state from;
	enum wave_event event;
	bool (*guard)(const struct wave_facts *facts);
	const char *guard_text;
	enum wave_state to;
} wave_rows[] = {
	ROW(CLOSED,  TURN,    G(left_over), SKIPPED),
	ROW(CLOSED,  TURN,    ANY,      OPEN),
	ROW(CLOSED,  ENDED,   ANY,      SKIPPED),
	ROW(OPEN,    SETTLED, G(shown), PASSED),
	ROW(OPEN,    SETTLED, G(last),  SKIPPED),
	/* It confirmed nobody, so it has shown nothing: the next must not open. */
	ROW(OPEN,    SETTLED, ANY,      TRIPPED),
	ROW(OPEN,    BRAKE,   ANY,      TRIPPED),
	ROW(OPEN,    ENDED,   ANY,      SKIPPED),
	ROW(TRIPPED, RESUME,  G(spent), SKIPPED),
	ROW(TRIPPED, RESUME,  ANY,      OPEN),
};
/* clang-format on */
#undef ROW

int wave_fsm_find(
	enum wave_state from, enum wave_event event, const struct wave_facts *facts)
{
	for (size_t i = 0; i < ARRAY_LEN(wave_rows); i++)
		if (wave_rows[i].from == from && wave_rows[i].event == event &&
			(!wave_rows[i].guard || wave_rows[i].guard(facts)))
			return (int)i;
	return -ENOENT;
}

enum wave_state wave_fsm_step(
	enum wave_state from, enum wave_event event, const struct wave_facts *facts)
{
	int at = wave_fsm_find(from, event, facts);

	return at < 0 ? from : wave_rows[at].to;
}

bool wave_fsm_row(size_t index, struct fsm_row *ret_row)
{
	if (index >= ARRAY_LEN(wave_rows))
		return false;
	*ret_row = (struct fsm_row){
		.from = wave_state_name(wave_rows[index].from),
		.event = wave_event_name(wave_rows[index].event),
		.guard = wave_rows[index].guard_text,
		.to = wave_state_name(wave_rows[index].to),
		.action = "-",
		.reason = "-",
	};
	return true;
}

const char *wave_event_name(enum wave_event event)
{
	static const char *const names[WAVE_EVENT_COUNT] = {
		[WAVE_EV_TURN] = "turn",
		[WAVE_EV_SETTLED] = "settled",
		[WAVE_EV_BRAKE] = "brake",
		[WAVE_EV_RESUME] = "resume",
		[WAVE_EV_ENDED] = "ended",
	};

	return event < WAVE_EVENT_COUNT ? names[event] : "invalid";
}

/* ---- wishes ---------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum rollout_event event;
} wishes[WISH_COUNT] = {
	[WISH_PAUSE] = {"pause", ROLLOUT_EV_PAUSE},
	[WISH_RESUME] = {"resume", ROLLOUT_EV_RESUME},
	[WISH_ABORT] = {"abort", ROLLOUT_EV_ABORT},
	[WISH_APPROVE] = {"approve", ROLLOUT_EV_APPROVE},
};

int rollout_wish(
	enum rollout_state from, enum rollout_wish wish, enum rollout_state *ret_to)
{
	static const struct rollout_facts none;
	enum rollout_state to;
	int rc = rollout_fsm_step(from, wishes[wish].event, &none, &to);

	if (rc == 0 && to == from)
		return -EALREADY;
	if (rc == 0)
		*ret_to = to;
	return rc;
}

const char *rollout_wish_name(enum rollout_wish wish)
{
	return wish < WISH_COUNT ? wishes[wish].name : "invalid";
}
