/* SPDX-License-Identifier: MIT
 *
 * The axes of a board. In each table the first row that matches wins.
 */
#include "daemon/core/axes.h"

#define FLAP_FORGET_S 600 /* one reach change is forgotten each ten quiet minutes */

#define REPAIR_PAUSE_S 600 /* after the first that failed */

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
#define ANY              NULL, "-"
#define G(fn)            fn, #fn

/* ---- reach ----------------------------------------------------------------------- */

#define REACH_GUARD(name)                                                              \
	static bool name(const struct reach_facts *f)                                  \
	{                                                                              \
		return f->name;                                                        \
	}
REACH_GUARD(missed_enough)
REACH_GUARD(flaps)
REACH_GUARD(quiet)

#define REACH_ANY REACH_COUNT

static const struct {
	enum reach from;
	enum reach_event event;
	bool (*guard)(const struct reach_facts *facts);
	const char *guard_text;
	enum reach to;
} reach_rows[] = {
	{REACH_ANY, REACH_EV_REMOVED, ANY, REACH_RETIRED},
	{REACH_ANY, REACH_EV_MOVED, ANY, REACH_NEVER_SEEN},
	{REACH_NEVER_SEEN, REACH_EV_SEEN, ANY, REACH_ONLINE},
	{REACH_ONLINE, REACH_EV_MISSED, G(missed_enough), REACH_OFFLINE},
	{REACH_FLAPPING, REACH_EV_SEEN, G(quiet), REACH_ONLINE},
	{REACH_FLAPPING, REACH_EV_MISSED, G(missed_enough), REACH_OFFLINE},
	{REACH_OFFLINE, REACH_EV_SEEN, G(flaps), REACH_FLAPPING},
	{REACH_OFFLINE, REACH_EV_SEEN, ANY, REACH_ONLINE},
};

enum reach reach_step(
	enum reach from, enum reach_event event, const struct reach_facts *facts)
{
	for (size_t i = 0; i < ARRAY_LEN(reach_rows); i++)
		if ((reach_rows[i].from == from || reach_rows[i].from == REACH_ANY) &&
			reach_rows[i].event == event &&
			(!reach_rows[i].guard || reach_rows[i].guard(facts)))
			return reach_rows[i].to;
	return from;
}

bool reach_row(size_t index, struct fsm_row *ret_row)
{
	if (index >= ARRAY_LEN(reach_rows))
		return false;
	*ret_row = (struct fsm_row){
		.from = reach_rows[index].from == REACH_ANY
				? "any"
				: reach_name(reach_rows[index].from),
		.event = reach_event_name(reach_rows[index].event),
		.guard = reach_rows[index].guard_text,
		.to = reach_name(reach_rows[index].to),
		.action = "-",
		.reason = "-",
	};
	return true;
}

const char *reach_event_name(enum reach_event event)
{
	static const char *const names[REACH_EVENT_COUNT] = {
		[REACH_EV_SEEN] = "seen",
		[REACH_EV_MISSED] = "missed",
		[REACH_EV_MOVED] = "moved",
		[REACH_EV_REMOVED] = "removed",
	};

	return event < REACH_EVENT_COUNT ? names[event] : "invalid";
}

/* ---- access ---------------------------------------------------------------------- */

#define ACCESS_ANY ACCESS_COUNT

static const struct {
	enum access from;
	enum access_event event;
	enum access to;
} access_rows[] = {
	{ACCESS_ANY, ACCESS_EV_MOVED, ACCESS_OPEN},
	{ACCESS_ANY, ACCESS_EV_ACCEPTED, ACCESS_OPEN},
	{ACCESS_ANY, ACCESS_EV_WRONG_BOARD, ACCESS_WRONG_BOARD},
	{ACCESS_ANY, ACCESS_EV_LOGIN_REFUSED, ACCESS_LOGIN_REFUSED},
	{ACCESS_ANY, ACCESS_EV_LOGGED_IN, ACCESS_LOGIN_OK},
	/* It stays wrong until a banner says otherwise. */
	{ACCESS_WRONG_BOARD, ACCESS_EV_BUSY, ACCESS_WRONG_BOARD},
	{ACCESS_ANY, ACCESS_EV_BUSY, ACCESS_BUSY},
	{ACCESS_WRONG_BOARD, ACCESS_EV_BANNER, ACCESS_OPEN},
	{ACCESS_BUSY, ACCESS_EV_BANNER, ACCESS_OPEN},
};

enum access access_step(enum access from, enum access_event event)
{
	for (size_t i = 0; i < ARRAY_LEN(access_rows); i++)
		if ((access_rows[i].from == from ||
			    access_rows[i].from == ACCESS_ANY) &&
			access_rows[i].event == event)
			return access_rows[i].to;
	return from;
}

bool access_row(size_t index, struct fsm_row *ret_row)
{
	if (index >= ARRAY_LEN(access_rows))
		return false;
	*ret_row = (struct fsm_row){
		.from = access_rows[index].from == ACCESS_ANY
				? "any"
				: access_name(access_rows[index].from),
		.event = access_event_name(access_rows[index].event),
		.guard = "-",
		.to = access_name(access_rows[index].to),
		.action = "-",
		.reason = "-",
	};
	return true;
}

const char *access_event_name(enum access_event event)
{
	static const char *const names[ACCESS_EVENT_COUNT] = {
		[ACCESS_EV_BANNER] = "banner",
		[ACCESS_EV_LOGGED_IN] = "logged-in",
		[ACCESS_EV_LOGIN_REFUSED] = "login-refused",
		[ACCESS_EV_BUSY] = "busy",
		[ACCESS_EV_WRONG_BOARD] = "wrong-board",
		[ACCESS_EV_NOTHING] = "nothing",
		[ACCESS_EV_ACCEPTED] = "accepted",
		[ACCESS_EV_MOVED] = "moved",
	};

	return event < ACCESS_EVENT_COUNT ? names[event] : "invalid";
}

/* ---- version --------------------------------------------------------------------- */

#define VERSION_GUARD(name, expr)                                                      \
	static bool name(const struct version_facts *f)                                \
	{                                                                              \
		return (expr);                                                         \
	}
VERSION_GUARD(not_shown, !f->shown)
VERSION_GUARD(right, f->right)
VERSION_GUARD(others, f->others)
VERSION_GUARD(no_target, !f->target)
VERSION_GUARD(older, f->order == WIPY_ORDER_OLDER)
VERSION_GUARD(newer, f->order == WIPY_ORDER_NEWER)

static const struct {
	bool (*guard)(const struct version_facts *facts);
	const char *guard_text;
	enum version_state to;
} version_rows[] = {
	{G(not_shown), VERSION_UNKNOWN},
	{G(right), VERSION_IN_SYNC},
	/* Said until it is what it should be again, or a rollout has changed it. */
	{G(others), VERSION_CHANGED_BY_OTHERS},
	{G(no_target), VERSION_UNMANAGED},
	{G(older), VERSION_BEHIND},
	{G(newer), VERSION_AHEAD},
	{ANY, VERSION_FOREIGN},
};

enum version_state version_derive(const struct version_facts *facts)
{
	size_t i = 0;

	while (version_rows[i].guard && !version_rows[i].guard(facts))
		i++;
	return version_rows[i].to;
}

bool version_row(size_t index, struct fsm_row *ret_row)
{
	if (index >= ARRAY_LEN(version_rows))
		return false;
	*ret_row = (struct fsm_row){
		.from = "any",
		.event = "looked",
		.guard = version_rows[index].guard_text,
		.to = version_name(version_rows[index].to),
		.action = "-",
		.reason = "-",
	};
	return true;
}

/* ---- a board's record ------------------------------------------------------------ */

static int flaps_of(const struct board *board, int64_t now_s)
{
	int64_t forgotten =
		board->since_s > 0 ? (now_s - board->since_s) / FLAP_FORGET_S : 0;

	return forgotten >= board->flaps ? 0 : board->flaps - (int)forgotten;
}

static bool change_reach(
	struct board *board, enum reach_event event, bool missed_enough, int64_t now_s)
{
	int flaps = flaps_of(board, now_s) + 1;
	struct reach_facts facts = {
		.missed_enough = missed_enough,
		.flaps = flaps >= AXES_FLAPS,
		.quiet = now_s - board->since_s > FLAP_FORGET_S * AXES_FLAPS,
	};
	enum reach to = reach_step(board->reach, event, &facts);

	if (to == board->reach)
		return false;
	if (board->reach != REACH_NEVER_SEEN)
		board->flaps = flaps < AXES_FLAPS ? flaps : AXES_FLAPS;
	board->reach = to;
	board->since_s = now_s;
	return true;
}

bool board_note_seen(struct board *board, const struct wipy_fingerprint *fp, bool ours,
	int64_t now_s)
{
	bool changed = change_reach(board, REACH_EV_SEEN, false, now_s);

	board->misses = 0;
	board->seen_s = now_s;
	if (board->has_fingerprint && wipy_fingerprint_equal(&board->fingerprint, fp))
		return changed;
	if (board->has_fingerprint)
		board->version = ours ? VERSION_UNKNOWN : VERSION_CHANGED_BY_OTHERS;
	board->fingerprint = *fp;
	board->has_fingerprint = true;
	return true;
}

bool board_note_miss(struct board *board, int misses_max, int64_t now_s)
{
	if (board->misses < misses_max)
		board->misses++;
	return change_reach(board, REACH_EV_MISSED, board->misses >= misses_max, now_s);
}

void board_note_access(struct board *board, enum access_event event)
{
	board->access = access_step(board->access, event);
}

void board_note_moved(struct board *board)
{
	static const struct reach_facts none;

	board->reach = reach_step(board->reach, REACH_EV_MOVED, &none);
	board_note_access(board, ACCESS_EV_MOVED);
	board->misses = 0;
	board->has_fingerprint = false;
}

void board_note_removed(struct board *board, int64_t now_s)
{
	(void)change_reach(board, REACH_EV_REMOVED, false, now_s);
}

void board_note_repair_failed(struct board *board, int64_t now_s)
{
	if (board->failed_repairs < AXES_REPAIRS_MAX)
		board->failed_repairs++;
	board->next_repair_s = now_s + (REPAIR_PAUSE_S << (board->failed_repairs - 1));
}

bool board_may_be_repaired(const struct board *board, int64_t now_s)
{
	int64_t wait_s = board->next_repair_s - now_s;

	/* A clock that was set back must not put it off for years. */
	return board->failed_repairs < AXES_REPAIRS_MAX &&
	       (wait_s <= 0 || wait_s > REPAIR_PAUSE_S << AXES_REPAIRS_MAX);
}

enum version_state board_version_state(
	const struct board *board, const struct wipy_fingerprint *target)
{
	struct version_facts facts = {
		.shown = board->has_fingerprint,
		.target = target != NULL,
		.others = board->version == VERSION_CHANGED_BY_OTHERS,
	};

	if (facts.shown && facts.target) {
		facts.right = wipy_fingerprint_equal(&board->fingerprint, target);
		facts.order = wipy_version_compare(board->fingerprint.tag, target->tag);
	}
	return version_derive(&facts);
}
