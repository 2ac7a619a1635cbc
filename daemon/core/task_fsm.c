/* SPDX-License-Identifier: MIT
 *
 * The table of the task machine. The first row that matches state, event and guard wins,
 * so the order carries meaning: refusals and repairs stand before the ordinary way on.
 */
#include <errno.h>

#include "daemon/core/reason.h"
#include "daemon/core/task_fsm.h"

typedef bool (*task_guard)(const struct task_facts *facts);

struct task_row {
	enum task_state from;
	enum task_event event;
	task_guard guard;
	const char *guard_text;
	enum task_state to;
	enum task_action action;
	enum reason reason;
};

#define GUARD(name, expr)                                                              \
	static bool name(const struct task_facts *f)                                   \
	{                                                                              \
		return (expr);                                                         \
	}

/* A broken upload, ours or an earlier rollout's, where a whole one cures it and a reset
 * springs it: no such board is reset by us (DESIGN.md 1.4). */
#define DIRTY_FOR_GOOD(f) ((f)->cures && ((f)->touched || (f)->dirty))

/* Nothing of ours is on the board yet: leaving now leaves no trace. */
GUARD(untouched, !f->touched && !f->pushed)
GUARD(wrong_untouched, f->wrong_board && !f->touched && !f->pushed)
GUARD(wrong_board, f->wrong_board)
GUARD(wrong_touched, f->wrong_board && f->touched)
GUARD(wanted, f->seen == TASK_SEEN_WANTED)
GUARD(wanted_by_us, f->seen == TASK_SEEN_WANTED && f->attempted)
GUARD(wanted_free, f->seen == TASK_SEEN_WANTED && !f->trapped)
GUARD(same_image, f->same_image)
GUARD(before, f->seen == TASK_SEEN_BEFORE)
GUARD(before_gone, f->seen == TASK_SEEN_BEFORE && f->reset_known && f->gone)
GUARD(before_early, f->seen == TASK_SEEN_BEFORE && f->reset_known && f->early)
GUARD(before_sprung_again,
	f->seen == TASK_SEEN_BEFORE && f->proven && !f->pushed && f->attempts_left)
GUARD(before_sprung, f->seen == TASK_SEEN_BEFORE && f->proven && !f->pushed)
GUARD(before_proven, f->seen == TASK_SEEN_BEFORE && f->proven)
GUARD(before_markable, f->seen == TASK_SEEN_BEFORE && f->reset_known)
GUARD(before_disarm,
	f->seen == TASK_SEEN_BEFORE && f->disarms && (f->pushed || f->touched))
/* Without a mark only a board returns that was pushed to and not seen then. */
GUARD(before_cancelled, f->seen == TASK_SEEN_BEFORE && f->cancelled)
GUARD(before_standing, f->seen == TASK_SEEN_BEFORE && f->standing)
GUARD(before_again, f->seen == TASK_SEEN_BEFORE && f->resets_left && !DIRTY_FOR_GOOD(f))
GUARD(before_give_up, f->seen == TASK_SEEN_BEFORE && f->pushes_back)
GUARD(cancelled, f->cancelled)
GUARD(cancelled_untouched, f->cancelled && !f->touched && !f->pushed)
GUARD(cancelled_pushed, f->cancelled && f->pushed && !f->touched)
GUARD(frozen, f->frozen)
GUARD(frozen_touched, f->frozen && f->touched)
GUARD(standing, f->standing)
/* Nothing begins that cannot finish in time; a repair is no start. */
GUARD(closed_clean, f->closed && !f->touched && !f->dirty && !f->cancelled)
GUARD(running, !f->standing && !f->cancelled)
GUARD(running_or_dirty, (!f->standing && !f->cancelled) || f->touched || f->dirty)
GUARD(standing_untouched, f->standing && !f->touched && !f->pushed && !f->dirty)
GUARD(standing_pushed, f->standing && f->pushed && !f->touched)
GUARD(pushed_other, f->pushed && f->seen == TASK_SEEN_OTHER)
GUARD(pushed_only, f->pushed && !f->touched)
GUARD(reset_since, f->pushed && !f->frozen && f->reset_since)
GUARD(cancelled_reset_since, f->cancelled && f->pushed && !f->frozen && f->reset_since)
GUARD(touched, f->touched)
GUARD(attempts_left, f->attempts_left)
GUARD(reset_again, f->resets_left && !DIRTY_FOR_GOOD(f))
GUARD(asks_left, f->asks_left)
/* It stays armed otherwise, and its next power cycle would spring what nobody watches. */
GUARD(give_up, f->pushed && !f->touched && f->pushes_back)
GUARD(gives_up, f->gives_up)
GUARD(disarms, f->disarms)
GUARD(disarm, f->disarms && (f->pushed || f->touched))
GUARD(reset_cures, !f->cures)
GUARD(reset_cures_again, !f->cures && f->attempts_left)
/* What is or may be in the other slot is boot's to judge, not ours to overwrite. */
#define TRAP_TO_SPRING(f) (!f->cures && (f->touched || (f->trapped && !f->pushed)))
GUARD(must_reset, TRAP_TO_SPRING(f))
GUARD(reset_first, !f->touched && !f->pushed && (f->refuses || f->kills) &&
			   f->resets_left && !DIRTY_FOR_GOOD(f))
GUARD(kills, f->kills)
#define FORBIDDEN(f, why)                                                              \
	(!(f)->touched && !(f)->pushed && (f)->forbidden == REASON_##why)
GUARD(no_image, FORBIDDEN(f, NO_IMAGE))
GUARD(withdrawn, FORBIDDEN(f, RELEASE_WITHDRAWN))
GUARD(known_bad, FORBIDDEN(f, KNOWN_BAD))
GUARD(entry_point, FORBIDDEN(f, ENTRY_POINT))
GUARD(version, FORBIDDEN(f, VERSION_NOT_ACCEPTED))
GUARD(slot_size, FORBIDDEN(f, SLOT_SIZE))
GUARD(no_endpoints, FORBIDDEN(f, NO_ENDPOINTS))
GUARD(from_version, FORBIDDEN(f, FROM_VERSION))
GUARD(pass_through, FORBIDDEN(f, PASS_THROUGH))
GUARD(not_lasting, FORBIDDEN(f, NOT_LASTING))
GUARD(burns, FORBIDDEN(f, BURNS_LAST_GOOD))
/* A board on its way back that is not armed was reset to clear it before a push. */
GUARD(sprung, !f->pushed)
GUARD(sprung_again, !f->pushed && f->attempts_left)
GUARD(sprung_other, !f->pushed && !f->touched && f->seen == TASK_SEEN_OTHER)
GUARD(switches, f->switches)
GUARD(moved_on, f->moved_on)
GUARD(wanted_springs,
	f->seen == TASK_SEEN_WANTED && f->springs && !f->touched && !f->pushed)
GUARD(switches_other, f->switches && f->seen == TASK_SEEN_OTHER)
GUARD(not_attempted, !f->attempted)
GUARD(absent_untried, f->absent && !f->attempted)
GUARD(was_busy, f->was_busy)
GUARD(was_blind, f->was_blind)
GUARD(unsaid_touched, f->touched && (f->was_blind || f->was_busy))
GUARD(wanted_probed, f->seen == TASK_SEEN_WANTED && f->probes)
GUARD(gone_again, f->seen == TASK_SEEN_WANTED && f->gone && f->went_away)
GUARD(came_back, f->seen == TASK_SEEN_WANTED && f->gone)
/* One that was seen gone first may have hung, and been reset by a hand. */
GUARD(trial_cut, f->seen == TASK_SEEN_BEFORE && f->trial && !f->gone && !f->was_cut &&
			 f->attempts_left && !f->cancelled)
GUARD(soaked, f->soak_over)
GUARD(soaked_probes_again, f->soak_over && f->probes_again)
GUARD(unclear, f->unclear)
GUARD(trial_over, f->trial && f->seen == TASK_SEEN_WANTED && f->soak_over)
GUARD(unclear_over, f->seen == TASK_SEEN_WANTED && f->soak_over && f->unclear)
GUARD(wanted_over, f->seen == TASK_SEEN_WANTED && f->soak_over)

#define ANY   NULL, "-"
#define G(fn) fn, #fn
#define ROW(from, event, guard, to, action, reason)                                    \
	{                                                                              \
		TASK_##from, TASK_EV_##event, guard, TASK_##to, TASK_ACT_##action,     \
			REASON_##reason                                                \
	}

/* clang-format off */
static const struct task_row rows[] = {
	ROW(PLANNED,   OPEN,          ANY,                    WAITING,   NONE,       NONE),
	ROW(PLANNED,   CANCEL,        ANY,                    CANCELLED, NONE,       ABORTED),
	ROW(PLANNED,   EXPIRE,        ANY,                    CANCELLED, NONE,       EXPIRED),
	ROW(PLANNED,   VANISHED,      ANY,                    SKIPPED,   NONE,       VANISHED),
	/* A wish may have been stored before the daemon died, and not what follows from it. */
	ROW(PLANNED,   RESTARTED,     G(cancelled),           CANCELLED, NONE,       ABORTED),
	ROW(PLANNED,   RESTARTED,     ANY,                    PLANNED,   NONE,       NONE),

	/* Neither to disarm nor to repair is a start: both run while the rollout stands,
	 * through the limits. */
	ROW(WAITING,   GRANT,         G(disarm),              CHECKING,  LOOK,       DISARM),
	ROW(WAITING,   GRANT,         G(running_or_dirty),    CHECKING,  LOOK,       NONE),
	ROW(WAITING,   WINDOW_CLOSED, G(running),             WAITING,   NONE,       WINDOW),
	ROW(WAITING,   WINDOW_OPEN,   G(running),             WAITING,   NONE,       NONE),
	ROW(WAITING,   HALT,          G(disarm),              WAITING,   NONE,       DISARM),
	ROW(WAITING,   HALT,          G(pushed_only),         HELD,      NONE,       HELD_ARMED),
	ROW(WAITING,   RELEASE,       G(pushed_only),         WAITING,   NONE,       NONE),
	ROW(WAITING,   CANCEL,        G(disarm),              WAITING,   NONE,       DISARM),
	ROW(WAITING,   CANCEL,        G(reset_since),         CHECKING,  LOOK,       NONE),
	ROW(WAITING,   CANCEL,        G(pushed_only),         CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(WAITING,   CANCEL,        ANY,                    CANCELLED, NONE,       ABORTED),
	ROW(WAITING,   SUPERSEDE,     G(untouched),           CANCELLED, NONE,       SUPERSEDED),
	ROW(WAITING,   VANISHED,      G(untouched),           SKIPPED,   NONE,       VANISHED),
	ROW(WAITING,   EXPIRE,        G(untouched),           CANCELLED, NONE,       EXPIRED),
	ROW(WAITING,   RESTARTED,     G(disarm),              WAITING,   NONE,       DISARM),
	ROW(WAITING,   RESTARTED,     G(cancelled_reset_since), CHECKING, LOOK,      NONE),
	ROW(WAITING,   RESTARTED,     G(cancelled_pushed),    CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(WAITING,   RESTARTED,     G(cancelled),           CANCELLED, NONE,       ABORTED),
	ROW(WAITING,   RESTARTED,     ANY,                    WAITING,   NONE,       NONE),

	ROW(CHECKING,  LOOKED,        G(wrong_untouched),     REFUSED,   NONE,       WRONG_BOARD),
	ROW(CHECKING,  LOOKED,        G(wrong_touched),       FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(CHECKING,  LOOKED,        G(wrong_board),         FAILED,    NONE,       WRONG_BOARD),
	/* Ours, from before a restart or a back-off: another hand has reset the board. */
	ROW(CHECKING,  LOOKED,        G(wanted_by_us),        VERIFYING, LOGIN,      NONE),
	/* Not if an earlier push still waits in another slot: this one cures that. */
	ROW(CHECKING,  LOOKED,        G(wanted_free),         ALREADY,   NONE,       ALREADY_RUNNING),
	ROW(CHECKING,  LOOKED,        G(before_disarm),       DISARMING, PUSH_BACK,  DISARM),
	ROW(CHECKING,  LOOKED,        G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(CHECKING,  LOOKED,        G(cancelled_untouched), CANCELLED, NONE,       ABORTED),
	ROW(CHECKING,  LOOKED,        G(cancelled_pushed),    CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(CHECKING,  LOOKED,        G(standing_untouched),  WAITING,   NONE,       PAUSED),
	ROW(CHECKING,  LOOKED,        G(standing_pushed),     HELD,      NONE,       HELD_ARMED),
	/* Neither image: others have reset it since our push. */
	ROW(CHECKING,  LOOKED,        G(pushed_other),        FAILED,    NONE,       FOREIGN_IMAGE),
	/* Whoever has put it there since wants it there: for a person to say. */
	ROW(CHECKING,  LOOKED,        G(moved_on),            REFUSED,   NONE,       CHANGED_BY_OTHERS),
	/* It is where it should be, and its reset would start what is taken back. */
	ROW(CHECKING,  LOOKED,        G(wanted_springs),      REFUSED,   NONE,       UNDO_ARMED),
	/* Its reset would take back what a hand has done there, and a push may kill it. */
	ROW(CHECKING,  LOOKED,        G(not_lasting),         REFUSED,   NONE,       NOT_LASTING),
	/* The daemon may have been away until the window was over. */
	ROW(CHECKING,  LOOKED,        G(closed_clean),        WAITING,   NONE,       WINDOW),
	ROW(CHECKING,  LOOKED,        G(pushed_only),         RESETTING, RESET,      NONE),
	/* An undo that needs no push: the reset is the statement that switches. */
	ROW(CHECKING,  LOOKED,        G(switches),            RESETTING, RESET,      NONE),
	/* The plan's rule once more: much may have happened since. */
	ROW(CHECKING,  LOOKED,        G(no_image),            REFUSED,   NONE,       NO_IMAGE),
	ROW(CHECKING,  LOOKED,        G(withdrawn),           REFUSED,   NONE,       RELEASE_WITHDRAWN),
	ROW(CHECKING,  LOOKED,        G(known_bad),           REFUSED,   NONE,       KNOWN_BAD),
	ROW(CHECKING,  LOOKED,        G(entry_point),         REFUSED,   NONE,       ENTRY_POINT),
	ROW(CHECKING,  LOOKED,        G(version),             REFUSED,   NONE,       VERSION_NOT_ACCEPTED),
	ROW(CHECKING,  LOOKED,        G(slot_size),           REFUSED,   NONE,       SLOT_SIZE),
	ROW(CHECKING,  LOOKED,        G(no_endpoints),        REFUSED,   NONE,       NO_ENDPOINTS),
	ROW(CHECKING,  LOOKED,        G(from_version),        REFUSED,   NONE,       FROM_VERSION),
	ROW(CHECKING,  LOOKED,        G(pass_through),        REFUSED,   NONE,       PASS_THROUGH),
	ROW(CHECKING,  LOOKED,        G(burns),               REFUSED,   NONE,       BURNS_LAST_GOOD),
	/* A second push could kill it, its loader checks what it boots: reset first. */
	ROW(CHECKING,  LOOKED,        G(must_reset),          RESETTING, RESET,      PUSH_BROKEN_RESET),
	/* By the ledger: what somebody else, or an earlier rollout, has left there. */
	ROW(CHECKING,  LOOKED,        G(reset_first),         RESETTING, RESET,      RESET_FIRST),
	ROW(CHECKING,  LOOKED,        G(kills),               FAILED,    NONE,       RESET_NOT_PROVEN),
	/* A dirty board comes here too, also while the rollout stands still: a repair is
	 * no start (DESIGN.md 1.4). */
	ROW(CHECKING,  LOOKED,        ANY,                    PUSHING,   PUSH,       NONE),
	/* Its reset may be under way: watch, do not give up early. */
	ROW(CHECKING,  UNSEEN,        G(pushed_only),         RETURNING, LOOK_LATER, NO_BANNER),
	ROW(CHECKING,  UNSEEN,       G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(CHECKING,  UNSEEN,       G(cancelled_untouched), CANCELLED, NONE,       ABORTED),
	ROW(CHECKING,  UNSEEN,        G(absent_untried),      DEFERRED,  NONE,       OFFLINE),
	ROW(CHECKING,  UNSEEN,        G(attempts_left),       BACKOFF,   BACK_OFF,   NO_BANNER),
	ROW(CHECKING,  UNSEEN,        G(not_attempted),       DEFERRED,  NONE,       OFFLINE),
	/* It had been pushed to or reset: one look is too little to give it up. */
	ROW(CHECKING,  UNSEEN,        ANY,                    CHECKING,  LOOK_LATER, NO_BANNER),
	ROW(CHECKING,  DEADLINE,      ANY,                    LOST,      NONE,       LOST_IN_UPDATE),
	ROW(CHECKING,  BUSY,         G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(CHECKING,  BUSY,         G(cancelled_untouched), CANCELLED, NONE,       ABORTED),
	ROW(CHECKING,  BUSY,          G(attempts_left),       BACKOFF,   BACK_OFF,   TELNET_BUSY),
	ROW(CHECKING,  BUSY,          G(cancelled_pushed),    CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(CHECKING,  BUSY,          G(not_attempted),       DEFERRED,  NONE,       TELNET_BUSY),
	ROW(CHECKING,  BUSY,          G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(CHECKING,  BUSY,          ANY,                    FAILED,    NONE,       TELNET_BUSY),
	ROW(CHECKING,  GARBAGE,      G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(CHECKING,  GARBAGE,      G(cancelled_untouched), CANCELLED, NONE,       ABORTED),
	ROW(CHECKING,  GARBAGE,       G(attempts_left),       BACKOFF,   BACK_OFF,   GARBAGE),
	ROW(CHECKING,  GARBAGE,       G(cancelled_pushed),    CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(CHECKING,  GARBAGE,       G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(CHECKING,  GARBAGE,       ANY,                    FAILED,    NONE,       GARBAGE),
	ROW(CHECKING,  BLIND,         G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(CHECKING,  BLIND,         G(cancelled_untouched), CANCELLED, NONE,       ABORTED),
	ROW(CHECKING,  BLIND,         G(cancelled_pushed),    CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(CHECKING,  BLIND,         G(attempts_left),       BACKOFF,   BACK_OFF,   BLIND),
	ROW(CHECKING,  BLIND,         G(not_attempted),       DEFERRED,  NONE,       BLIND),
	ROW(CHECKING,  BLIND,         G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(CHECKING,  BLIND,         ANY,                    FAILED,    NONE,       BLIND),
	ROW(CHECKING,  CANCEL,        G(untouched),           CANCELLED, NONE,       ABORTED),
	ROW(CHECKING,  SUPERSEDE,     G(untouched),           CANCELLED, NONE,       SUPERSEDED),
	ROW(CHECKING,  VANISHED,      G(untouched),           SKIPPED,   NONE,       VANISHED),
	ROW(CHECKING,  RESTARTED,     ANY,                    CHECKING,  LOOK,       NONE),

	/* No CANCEL here: a push that is cut short makes the board dirty. */
	ROW(PUSHING,   PUSHED,        G(disarms),             DISARMING, PUSH_BACK,  DISARM),
	ROW(PUSHING,   PUSHED,        G(cancelled),           CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(PUSHING,   PUSHED,        G(standing),            HELD,      NONE,       HELD_ARMED),
	ROW(PUSHING,   PUSHED,        ANY,                    STAGED,    PROCEED,    NONE),
	ROW(PUSHING,   PUSH_BROKEN,   G(frozen),              CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(PUSHING,   PUSH_BROKEN,   G(reset_cures_again),   BACKOFF,   BACK_OFF,   PUSH_BROKEN_RESET),
	ROW(PUSHING,   PUSH_BROKEN,   G(reset_cures),         RESETTING, RESET,      PUSH_BROKEN_RESET),
	ROW(PUSHING,   PUSH_BROKEN,   G(attempts_left),       BACKOFF,   BACK_OFF,   PUSH_BROKEN),
	ROW(PUSHING,   PUSH_BROKEN,   ANY,                    FAILED,    NONE,       PUSH_NOT_REPAIRED),
	/* Nothing was touched, and nothing speaks against the board: no failure. */
	ROW(PUSHING,   FTP_BUSY,      G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(PUSHING,   FTP_BUSY,      G(cancelled_untouched), CANCELLED, NONE,       ABORTED),
	ROW(PUSHING,   FTP_BUSY,      G(attempts_left),       BACKOFF,   BACK_OFF,   FTP_BUSY),
	ROW(PUSHING,   FTP_BUSY,      G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(PUSHING,   FTP_BUSY,      ANY,                    DEFERRED,  NONE,       FTP_BUSY),
	ROW(PUSHING,   PUSH_REFUSED,  G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(PUSHING,   PUSH_REFUSED,  G(cancelled_untouched), CANCELLED, NONE,       ABORTED),
	ROW(PUSHING,   PUSH_REFUSED,  G(attempts_left),       BACKOFF,   BACK_OFF,   PUSH_REFUSED),
	ROW(PUSHING,   PUSH_REFUSED,  G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(PUSHING,   PUSH_REFUSED,  ANY,                    FAILED,    NONE,       PUSH_REFUSED),
	ROW(PUSHING,   LOGIN_REFUSED, G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(PUSHING,   LOGIN_REFUSED, ANY,                    FAILED,    NONE,       LOGIN_REFUSED),
	ROW(PUSHING,   RESTARTED,     ANY,                    CHECKING,  LOOK,       NONE),

	/* No CANCEL: it proceeds in a moment, and an abort is seen then. */
	ROW(STAGED,    PROCEED,       G(disarms),             DISARMING, PUSH_BACK,  DISARM),
	ROW(STAGED,    PROCEED,       G(cancelled),           CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(STAGED,    PROCEED,       G(standing),            HELD,      NONE,       HELD_ARMED),
	ROW(STAGED,    PROCEED,       G(pushed_only),         RESETTING, RESET,      NONE),
	ROW(STAGED,    RESTARTED,     ANY,                    CHECKING,  LOOK,       NONE),

	ROW(DISARMING, PUSHED,        G(gives_up),            FAILED,    NONE,       NOT_RESET),
	ROW(DISARMING, PUSHED,        G(cancelled),           CANCELLED, NONE,       DISARMED),
	ROW(DISARMING, PUSHED,        G(standing),            WAITING,   NONE,       PAUSED),
	ROW(DISARMING, PUSHED,        ANY,                    WAITING,   NONE,       NONE),
	ROW(DISARMING, PUSH_BROKEN,   G(frozen),              CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(DISARMING, PUSH_BROKEN,   G(attempts_left),       BACKOFF,   BACK_OFF,   PUSH_BROKEN),
	ROW(DISARMING, PUSH_BROKEN,   ANY,                    FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(DISARMING, PUSH_REFUSED,  G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(DISARMING, PUSH_REFUSED,  G(frozen),              CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(DISARMING, PUSH_REFUSED,  G(attempts_left),       BACKOFF,   BACK_OFF,   PUSH_REFUSED),
	ROW(DISARMING, PUSH_REFUSED,  G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(DISARMING, PUSH_REFUSED,  G(gives_up),            FAILED,    NONE,       RESET_FAILED),
	ROW(DISARMING, PUSH_REFUSED,  G(cancelled),           CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(DISARMING, PUSH_REFUSED,  G(standing),            HELD,      NONE,       HELD_ARMED),
	ROW(DISARMING, PUSH_REFUSED,  ANY,                    WAITING,   NONE,       NONE),
	ROW(DISARMING, LOGIN_REFUSED, G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(DISARMING, LOGIN_REFUSED, G(gives_up),            FAILED,    NONE,       LOGIN_REFUSED),
	ROW(DISARMING, LOGIN_REFUSED, G(cancelled),           CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(DISARMING, LOGIN_REFUSED, G(standing),            HELD,      NONE,       HELD_ARMED),
	ROW(DISARMING, LOGIN_REFUSED, ANY,                    FAILED,    NONE,       LOGIN_REFUSED),
	ROW(DISARMING, RESTARTED,     ANY,                    CHECKING,  LOOK,       DISARM),

	/* Through the limits again, as everybody. */
	ROW(HELD,      RELEASE,       G(running),             WAITING,   NONE,       NONE),
	ROW(HELD,      CANCEL,        G(disarm),              WAITING,   NONE,       DISARM),
	/* Not armed any more: it has to be seen what it runs. */
	ROW(HELD,      CANCEL,        G(reset_since),         CHECKING,  LOOK,       NONE),
	ROW(HELD,      CANCEL,        ANY,                    CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(HELD,      RESTARTED,     G(disarm),              WAITING,   NONE,       DISARM),
	ROW(HELD,      RESTARTED,     G(cancelled_reset_since), CHECKING, LOOK,      NONE),
	ROW(HELD,      RESTARTED,     G(cancelled),           CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(HELD,      RESTARTED,     G(standing),            HELD,      NONE,       HELD_ARMED),
	ROW(HELD,      RESTARTED,     ANY,                    WAITING,   NONE,       NONE),

	/* No CANCEL from here to the end: the board must be seen back first. */
	ROW(RESETTING, RESET_SENT,    ANY,                    RETURNING, LOOK_LATER, NONE),
	/* A reset interrupts what holds the prompt, so it also asks what could not be asked
	 * before it: the earlier one did happen. */
	ROW(RESETTING, MARK_GONE,     ANY,                    RETURNING, LOOK_LATER, NONE),
	ROW(RESETTING, RESET_FAILED,  G(attempts_left),       BACKOFF,   BACK_OFF,   RESET_FAILED),
	ROW(RESETTING, RESET_FAILED,  G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	/* FTP may work all the same: no board is left armed that can be disarmed. */
	ROW(RESETTING, RESET_FAILED,  G(give_up),             DISARMING, PUSH_BACK,  RESET_FAILED),
	ROW(RESETTING, RESET_FAILED,  ANY,                    FAILED,    NONE,       RESET_FAILED),
	ROW(RESETTING, LOGIN_REFUSED, G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(RESETTING, LOGIN_REFUSED, G(give_up),             DISARMING, PUSH_BACK,  LOGIN_REFUSED),
	ROW(RESETTING, LOGIN_REFUSED, ANY,                    FAILED,    NONE,       LOGIN_REFUSED),
	ROW(RESETTING, RESTARTED,     ANY,                    CHECKING,  LOOK,       NONE),

	ROW(RETURNING, LOOKED,        G(wrong_touched),       FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(RETURNING, LOOKED,        G(wrong_board),         FAILED,    NONE,       WRONG_BOARD),
	ROW(RETURNING, LOOKED,        G(wanted),              VERIFYING, LOGIN,      NONE),
	/* An outage proves nothing: networks have them too. But it tells when to ask. */
	ROW(RETURNING, LOOKED,        G(before_gone),         RETURNING, ASK_MARK,   NONE),
	ROW(RETURNING, LOOKED,        G(before_early),        RETURNING, LOOK_LATER, NONE),
	ROW(RETURNING, LOOKED,        G(before_sprung_again), BACKOFF,   BACK_OFF,   TRAP_SPRUNG),
	ROW(RETURNING, LOOKED,        G(before_sprung),       FAILED,    NONE,       TRAP_SPRUNG),
	ROW(RETURNING, LOOKED,        G(before_proven),       FELL_BACK, NONE,       FELL_BACK),
	ROW(RETURNING, LOOKED,        G(before_markable),     RETURNING, ASK_MARK,   NONE),
	ROW(RETURNING, LOOKED,        G(before_disarm),       DISARMING, PUSH_BACK,  DISARM),
	ROW(RETURNING, LOOKED,        G(before_cancelled),    CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(RETURNING, LOOKED,        G(before_standing),     HELD,      NONE,       HELD_ARMED),
	ROW(RETURNING, LOOKED,        G(before_again),        RESETTING, RESET,      NONE),
	ROW(RETURNING, LOOKED,        G(before_give_up),      DISARMING, PUSH_BACK,  RESET_NOT_PROVEN),
	ROW(RETURNING, LOOKED,        G(before),              FAILED,    NONE,       RESET_NOT_PROVEN),
	ROW(RETURNING, LOOKED,        G(switches_other),      FAILED,    NONE,       FOREIGN_IMAGE),
	/* What an earlier rollout, or somebody else, had left there. */
	ROW(RETURNING, LOOKED,        G(sprung_other),        CHECKING,  LOOK,       TRAP_SPRUNG),
	ROW(RETURNING, LOOKED,        ANY,                    FAILED,    NONE,       FOREIGN_IMAGE),
	ROW(RETURNING, MARK_GONE,     G(switches),            FELL_BACK, NONE,       FELL_BACK),
	ROW(RETURNING, MARK_GONE,     G(sprung_again),        BACKOFF,   BACK_OFF,   TRAP_SPRUNG),
	ROW(RETURNING, MARK_GONE,     G(sprung),              FAILED,    NONE,       TRAP_SPRUNG),
	ROW(RETURNING, MARK_GONE,     G(same_image),          VERIFYING, LOGIN,      NONE),
	ROW(RETURNING, MARK_GONE,     ANY,                    FELL_BACK, NONE,       FELL_BACK),
	ROW(RETURNING, MARK_THERE,    G(disarm),              DISARMING, PUSH_BACK,  DISARM),
	ROW(RETURNING, MARK_THERE,    G(cancelled_pushed),    CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(RETURNING, MARK_THERE,    G(standing_pushed),           HELD,      NONE,       HELD_ARMED),
	ROW(RETURNING, MARK_THERE,    G(cancelled_untouched), CANCELLED, NONE,       ABORTED),
	ROW(RETURNING, MARK_THERE,    G(standing_untouched),  WAITING,   NONE,       PAUSED),
	ROW(RETURNING, MARK_THERE,    G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(RETURNING, MARK_THERE,    G(reset_again),         RESETTING, RESET,      NONE),
	ROW(RETURNING, MARK_THERE,    G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(RETURNING, MARK_THERE,    G(give_up),             DISARMING, PUSH_BACK,  RESET_NOT_PROVEN),
	ROW(RETURNING, MARK_THERE,    ANY,                    FAILED,    NONE,       RESET_NOT_PROVEN),
	/* Whether it has been reset stays open, outage or not: nothing is claimed. */
	ROW(RETURNING, MARK_UNKNOWN,  G(asks_left),           RETURNING, LOOK_LATER, NONE),
	ROW(RETURNING, MARK_UNKNOWN,  G(disarm),              DISARMING, PUSH_BACK,  DISARM),
	ROW(RETURNING, MARK_UNKNOWN,  G(cancelled_pushed),    CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(RETURNING, MARK_UNKNOWN,  G(standing_pushed),           HELD,      NONE,       HELD_ARMED),
	ROW(RETURNING, MARK_UNKNOWN,  G(cancelled_untouched), CANCELLED, NONE,       ABORTED),
	ROW(RETURNING, MARK_UNKNOWN,  G(standing_untouched),  WAITING,   NONE,       PAUSED),
	ROW(RETURNING, MARK_UNKNOWN,  G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(RETURNING, MARK_UNKNOWN,  G(reset_again),         RESETTING, RESET,      NONE),
	ROW(RETURNING, MARK_UNKNOWN,  G(touched),             FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(RETURNING, MARK_UNKNOWN,  G(give_up),             DISARMING, PUSH_BACK,  RESET_NOT_PROVEN),
	ROW(RETURNING, MARK_UNKNOWN,  ANY,                    FAILED,    NONE,       RESET_NOT_PROVEN),
	ROW(RETURNING, UNSEEN,        ANY,                    RETURNING, LOOK_LATER, NO_BANNER),
	ROW(RETURNING, BUSY,          ANY,                    RETURNING, LOOK_LATER, TELNET_BUSY),
	ROW(RETURNING, GARBAGE,       ANY,                    RETURNING, LOOK_LATER, GARBAGE),
	ROW(RETURNING, BLIND,         ANY,                    RETURNING, LOOK_LATER, BLIND),
	ROW(RETURNING, DEADLINE,      G(unsaid_touched),      FAILED,    NONE,       PUSH_NOT_REPAIRED),
	ROW(RETURNING, DEADLINE,      G(was_blind),           FAILED,    NONE,       BLIND),
	ROW(RETURNING, DEADLINE,      G(was_busy),            FAILED,    NONE,       TELNET_BUSY),
	ROW(RETURNING, DEADLINE,      ANY,                    LOST,      NONE,       NO_RETURN),
	ROW(RETURNING, RESTARTED,     ANY,                    RETURNING, LOOK,       NONE),

	ROW(VERIFYING, NAMED,         ANY,                    SOAKING,   SOAK,       NONE),
	ROW(VERIFYING, UNNAMED,       ANY,                    SOAKING,   SOAK,       NONE),
	/* Its unique id says so: a twin with the same banner. */
	ROW(VERIFYING, MISNAMED,      G(wrong_board),         FAILED,    NONE,       WRONG_BOARD),
	ROW(VERIFYING, MISNAMED,      ANY,                    FAILED,    NONE,       FOREIGN_IMAGE),
	/* Gone again: the look at the end of the soak decides. */
	ROW(VERIFYING, UNSEEN,        ANY,                    SOAKING,   SOAK,       NO_BANNER),
	ROW(VERIFYING, BUSY,          ANY,                    SOAKING,   SOAK,       TELNET_BUSY),
	ROW(VERIFYING, GARBAGE,       ANY,                    SOAKING,   SOAK,       GARBAGE),
	ROW(VERIFYING, BLIND,         ANY,                    SOAKING,   SOAK,       BLIND),
	ROW(VERIFYING, RESTARTED,     ANY,                    VERIFYING, LOGIN,      NONE),

	ROW(SOAKING,   TIMER,         ANY,                    SOAKING,   LOOK,       NONE),
	ROW(SOAKING,   LOOKED,        G(wrong_board),         FAILED,    NONE,       WRONG_BOARD),
	/* It restarts by itself, or its network comes and goes: once is forgiven. */
	ROW(SOAKING,   LOOKED,        G(gone_again),          FAILED,    NONE,       WENT_AWAY),
	ROW(SOAKING,   LOOKED,        G(came_back),           SOAKING,   SOAK,       WENT_AWAY),
	ROW(SOAKING,   LOOKED,        G(wanted_probed),       SOAKING,   PROBE,      NONE),
	ROW(SOAKING,   LOOKED,        G(trial_over),          CONFIRMING, CONFIRM,   NONE),
	ROW(SOAKING,   LOOKED,        G(unclear_over),        CONFIRMED, NONE,       PROBE_UNCLEAR),
	ROW(SOAKING,   LOOKED,        G(wanted_over),         CONFIRMED, NONE,       NONE),
	ROW(SOAKING,   LOOKED,        G(wanted),              SOAKING,   SOAK,       NONE),
	/* On trial any reset takes it back, also a short power cut: once is forgiven. It has
	 * given its place away: through the limits again, as everybody. */
	ROW(SOAKING,   LOOKED,        G(trial_cut),           WAITING,   NONE,       TRIAL_ENDED),
	ROW(SOAKING,   LOOKED,        G(before),              FELL_BACK, NONE,       FELL_BACK),
	ROW(SOAKING,   LOOKED,        ANY,                    FAILED,    NONE,       FOREIGN_IMAGE),
	/* A new program may need a while: only what is so at the end of the soak counts,
	 * and it is asked more than once there. Probes can hurt: a look comes last. */
	ROW(SOAKING,   PROBES_PASSED, G(soaked),              SOAKING,   LOOK,       NONE),
	ROW(SOAKING,   PROBES_PASSED, ANY,                    SOAKING,   SOAK,       NONE),
	ROW(SOAKING,   PROBES_FAILED, G(soaked_probes_again), SOAKING,   SOAK,       PROBE_FAILED),
	ROW(SOAKING,   PROBES_FAILED, G(soaked),              FAILED,    NONE,       PROBE_FAILED),
	ROW(SOAKING,   PROBES_FAILED, ANY,                    SOAKING,   SOAK,       PROBE_FAILED),
	ROW(SOAKING,   PROBES_UNCLEAR, G(soaked_probes_again), SOAKING,  SOAK,       PROBE_UNCLEAR),
	ROW(SOAKING,   PROBES_UNCLEAR, G(soaked),             SOAKING,   LOOK,       PROBE_UNCLEAR),
	ROW(SOAKING,   PROBES_UNCLEAR, ANY,                   SOAKING,   SOAK,       PROBE_UNCLEAR),
	ROW(SOAKING,   UNSEEN,        ANY,                    SOAKING,   LOOK_LATER, NO_BANNER),
	ROW(SOAKING,   BUSY,          ANY,                    SOAKING,   LOOK_LATER, TELNET_BUSY),
	ROW(SOAKING,   GARBAGE,       ANY,                    SOAKING,   LOOK_LATER, GARBAGE),
	ROW(SOAKING,   BLIND,         ANY,                    SOAKING,   LOOK_LATER, BLIND),
	ROW(SOAKING,   DEADLINE,      G(was_blind),           FAILED,    NONE,       BLIND),
	ROW(SOAKING,   DEADLINE,      G(was_busy),            FAILED,    NONE,       TELNET_BUSY),
	ROW(SOAKING,   DEADLINE,      ANY,                    LOST,      NONE,       LOST_IN_SOAK),
	ROW(SOAKING,   RESTARTED,     ANY,                    SOAKING,   SOAK,       NONE),

	/* What it is told changes no slot, so it may be told again. */
	ROW(CONFIRMING, PUSHED,       G(unclear),             CONFIRMED, NONE,       PROBE_UNCLEAR),
	ROW(CONFIRMING, PUSHED,       ANY,                    CONFIRMED, NONE,       NONE),
	ROW(CONFIRMING, PUSH_BROKEN,  ANY,                    CONFIRMING, LOOK_LATER, NOT_CONFIRMED),
	ROW(CONFIRMING, PUSH_REFUSED, ANY,                    CONFIRMING, LOOK_LATER, NOT_CONFIRMED),
	ROW(CONFIRMING, LOGIN_REFUSED, ANY,                   FAILED,    NONE,       NOT_CONFIRMED),
	ROW(CONFIRMING, LOOKED,       G(wrong_board),         FAILED,    NONE,       WRONG_BOARD),
	ROW(CONFIRMING, LOOKED,       G(wanted),              CONFIRMING, CONFIRM,   NONE),
	ROW(CONFIRMING, LOOKED,       G(trial_cut),           WAITING,   NONE,       TRIAL_ENDED),
	ROW(CONFIRMING, LOOKED,       G(before),              FELL_BACK, NONE,       FELL_BACK),
	ROW(CONFIRMING, LOOKED,       ANY,                    FAILED,    NONE,       FOREIGN_IMAGE),
	ROW(CONFIRMING, UNSEEN,       ANY,                    CONFIRMING, LOOK_LATER, NO_BANNER),
	ROW(CONFIRMING, BUSY,         ANY,                    CONFIRMING, LOOK_LATER, TELNET_BUSY),
	ROW(CONFIRMING, GARBAGE,      ANY,                    CONFIRMING, LOOK_LATER, GARBAGE),
	ROW(CONFIRMING, BLIND,        ANY,                    CONFIRMING, LOOK_LATER, BLIND),
	ROW(CONFIRMING, DEADLINE,     ANY,                    FAILED,    NONE,       NOT_CONFIRMED),
	ROW(CONFIRMING, RESTARTED,    ANY,                    CONFIRMING, LOOK,      NONE),

	ROW(DEFERRED,  SUPERSEDE,     ANY,                    CANCELLED, NONE,       SUPERSEDED),
	ROW(DEFERRED,  VANISHED,      ANY,                    SKIPPED,   NONE,       VANISHED),
	ROW(DEFERRED,  SEEN,          ANY,                    WAITING,   NONE,       NONE),
	/* It had been moved to a later wave, which opens now. */
	ROW(DEFERRED,  OPEN,          ANY,                    WAITING,   NONE,       NONE),
	ROW(DEFERRED,  CANCEL,        ANY,                    CANCELLED, NONE,       ABORTED),
	ROW(DEFERRED,  EXPIRE,        ANY,                    CANCELLED, NONE,       EXPIRED),
	ROW(DEFERRED,  RESTARTED,     G(cancelled),           CANCELLED, NONE,       ABORTED),
	ROW(DEFERRED,  RESTARTED,     ANY,                    DEFERRED,  NONE,       OFFLINE),

	ROW(BACKOFF,   TIMER,         G(standing_untouched),  WAITING,   NONE,       PAUSED),
	ROW(BACKOFF,   TIMER,         G(disarm),              CHECKING,  LOOK,       DISARM),
	ROW(BACKOFF,   TIMER,         G(standing_pushed),     HELD,      NONE,       HELD_ARMED),
	ROW(BACKOFF,   TIMER,         G(closed_clean),        WAITING,   NONE,       WINDOW),
	ROW(BACKOFF,   TIMER,         ANY,                    CHECKING,  LOOK,       NONE),
	ROW(BACKOFF,   CANCEL,        G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(BACKOFF,   SUPERSEDE,     G(untouched),           CANCELLED, NONE,       SUPERSEDED),
	ROW(BACKOFF,   VANISHED,      G(untouched),           SKIPPED,   NONE,       VANISHED),
	ROW(BACKOFF,   CANCEL,        G(untouched),           CANCELLED, NONE,       ABORTED),
	ROW(BACKOFF,   EXPIRE,        G(untouched),           CANCELLED, NONE,       EXPIRED),
	ROW(BACKOFF,   CANCEL,        G(disarm),              CHECKING,  LOOK,       DISARM),
	ROW(BACKOFF,   CANCEL,        G(pushed_only),         CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(BACKOFF,   RESTARTED,     G(frozen_touched),      CANCELLED, NONE,       FROZEN_DIRTY),
	ROW(BACKOFF,   RESTARTED,     G(disarm),              CHECKING,  LOOK,       DISARM),
	ROW(BACKOFF,   RESTARTED,     G(cancelled_untouched), CANCELLED, NONE,       ABORTED),
	ROW(BACKOFF,   RESTARTED,     G(cancelled_pushed),    CANCELLED, NONE,       ARMED_ON_ABORT),
	ROW(BACKOFF,   RESTARTED,     ANY,                    BACKOFF,   BACK_OFF,   RESTARTED),
};
/* clang-format on */

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

int task_fsm_find(
	enum task_state from, enum task_event event, const struct task_facts *facts)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct task_row *row = &rows[i];

		if (row->from == from && row->event == event &&
			(!row->guard || row->guard(facts)))
			return (int)i;
	}
	return -ENOENT;
}

int task_fsm_step(enum task_state from, enum task_event event,
	const struct task_facts *facts, struct task_move *ret_move)
{
	int at = task_fsm_find(from, event, facts);

	if (at < 0)
		return at;
	ret_move->to = rows[at].to;
	ret_move->action = rows[at].action;
	ret_move->reason = rows[at].reason;
	return 0;
}

static const char *const event_names[TASK_EVENT_COUNT] = {
	[TASK_EV_OPEN] = "open",
	[TASK_EV_GRANT] = "grant",
	[TASK_EV_LOOKED] = "looked",
	[TASK_EV_UNSEEN] = "unseen",
	[TASK_EV_BUSY] = "busy",
	[TASK_EV_GARBAGE] = "garbage",
	[TASK_EV_BLIND] = "blind",
	[TASK_EV_PUSHED] = "pushed",
	[TASK_EV_PUSH_REFUSED] = "push-refused",
	[TASK_EV_PUSH_BROKEN] = "push-broken",
	[TASK_EV_FTP_BUSY] = "ftp-busy",
	[TASK_EV_LOGIN_REFUSED] = "login-refused",
	[TASK_EV_PROCEED] = "proceed",
	[TASK_EV_RESET_SENT] = "reset-sent",
	[TASK_EV_RESET_FAILED] = "reset-failed",
	[TASK_EV_MARK_GONE] = "mark-gone",
	[TASK_EV_MARK_THERE] = "mark-there",
	[TASK_EV_MARK_UNKNOWN] = "mark-unknown",
	[TASK_EV_NAMED] = "named",
	[TASK_EV_MISNAMED] = "misnamed",
	[TASK_EV_UNNAMED] = "unnamed",
	[TASK_EV_TIMER] = "timer",
	[TASK_EV_DEADLINE] = "deadline",
	[TASK_EV_SEEN] = "seen",
	[TASK_EV_RELEASE] = "release",
	[TASK_EV_HALT] = "halt",
	[TASK_EV_CANCEL] = "cancel",
	[TASK_EV_EXPIRE] = "expire",
	[TASK_EV_SUPERSEDE] = "supersede",
	[TASK_EV_VANISHED] = "vanished",
	[TASK_EV_WINDOW_CLOSED] = "window-closed",
	[TASK_EV_WINDOW_OPEN] = "window-open",
	[TASK_EV_PROBES_PASSED] = "probes-passed",
	[TASK_EV_PROBES_FAILED] = "probes-failed",
	[TASK_EV_PROBES_UNCLEAR] = "probes-unclear",
	[TASK_EV_RESTARTED] = "restarted",
};
static const char *const action_names[TASK_ACTION_COUNT] = {
	[TASK_ACT_NONE] = "-",
	[TASK_ACT_LOOK] = "look",
	[TASK_ACT_LOOK_LATER] = "look later",
	[TASK_ACT_PUSH] = "push",
	[TASK_ACT_PUSH_BACK] = "push back",
	[TASK_ACT_PROCEED] = "proceed",
	[TASK_ACT_RESET] = "reset",
	[TASK_ACT_ASK_MARK] = "ask for the mark",
	[TASK_ACT_LOGIN] = "log in",
	[TASK_ACT_BACK_OFF] = "back off",
	[TASK_ACT_SOAK] = "soak",
	[TASK_ACT_PROBE] = "probe",
	[TASK_ACT_CONFIRM] = "confirm",
};

const char *task_event_name(enum task_event event)
{
	return event < TASK_EVENT_COUNT ? event_names[event] : "invalid";
}

const char *task_action_name(enum task_action action)
{
	return action < TASK_ACTION_COUNT ? action_names[action] : "invalid";
}

bool task_fsm_row(size_t index, struct fsm_row *ret_row)
{
	if (index >= ROW_COUNT)
		return false;
	ret_row->from = task_state_name(rows[index].from);
	ret_row->event = task_event_name(rows[index].event);
	ret_row->guard = rows[index].guard_text;
	ret_row->to = task_state_name(rows[index].to);
	ret_row->action = task_action_name(rows[index].action);
	ret_row->reason = reason_code(rows[index].reason);
	return true;
}
