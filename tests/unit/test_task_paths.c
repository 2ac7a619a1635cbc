/* SPDX-License-Identifier: MIT
 *
 * What becomes of a task's record: the important paths as data, and everything that a
 * record can become, searched to the end.
 */
#include <errno.h>

#include "daemon/core/reason.h"
#include "tests/tap.h"
#include "tests/unit/task_driver.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- the paths ------------------------------------------------------------------- */

#define CANCELLED     0x01u
#define STANDING      0x02u
#define EARLY         0x04u
#define ABSENT        0x08u
#define WRONG         0x10u
#define BUSY          0x20u
#define TRAPPED       0x40u
#define SOAKS         0x80u
#define PROBED        0x1000u
#define AGAIN         0x200u /* another round of probes is left */
#define TRIAL         0x400u
#define NO_CURE       0x2000u /* a Pycom board */
#define UNCLEAR       0x800u
#define CLOSED        0x100u
#define ASKED         0x4000u  /* for the mark, as often as may be */
#define GONE          0x8000u  /* in the soak */
#define BACK          0x10000u /* the image before can be pushed back */
#define REFUSES       0x20000u
#define KILLS         0x40000u
#define KNOWN_BAD     0x80000u
#define HALTED        0x100000u
#define RESET_BY_HAND 0x400000u
#define FROZEN        0x200000u
#define MOVED_ON      0x800000u  /* others have changed it since it was planned */
#define BURNS         0x2000000u /* its last known-good image */
#define SPRINGS       0x1000000u /* armed with what an undo takes back */
#define DIRTY         0x4000000u /* left so by an earlier rollout */
#define STRAYS        0x8000000u /* started by a hand: no push, no reset */

enum shown { NOTHING, OLD, NEW, OTHER };

#define STEPS_MAX 20

struct path_step {
	enum task_event event;
	enum shown shown;
	unsigned int around;
	enum task_state to;
	enum task_action action;
	enum reason reason;
};

/* What the record holds at the end of a path. */
struct path_end {
	bool attempted, touched, pushed;
	enum proof proof;
	int attempt, resets;
	bool marked;
	enum shown before;
};

#define S(event, shown, around, to, action, reason)                                    \
	{                                                                              \
		TASK_EV_##event, shown, around, TASK_##to, TASK_ACT_##action,          \
			REASON_##reason                                                \
	}
/* The event has no row: nothing may change. */
#define DROPPED TASK_STATE_COUNT
#define D(event, around)                                                               \
	{                                                                              \
		TASK_EV_##event, NOTHING, around, DROPPED, TASK_ACT_NONE, REASON_NONE  \
	}
#define FREEZES (CANCELLED | FROZEN)
/* clang-format off */
#define OPENED                                                                       \
	S(OPEN, NOTHING, 0, WAITING, NONE, NONE),                                    \
	S(GRANT, NOTHING, 0, CHECKING, LOOK, NONE)
#define PUSHING                                                                      \
	OPENED,                                                                      \
	S(LOOKED, OLD, 0, PUSHING, PUSH, NONE)
#define RESETTING                                                                    \
	PUSHING,                                                                     \
	S(PUSHED, NOTHING, 0, STAGED, PROCEED, NONE),                                \
	S(PROCEED, NOTHING, 0, RESETTING, RESET, NONE)
#define RETURNING                                                                    \
	RESETTING,                                                                   \
	S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE)
#define SOAKING                                                                      \
	RETURNING,                                                                   \
	S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),                     \
	S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE),                                   \
	S(NAMED, NOTHING, 0, SOAKING, SOAK, NONE)
#define BROKEN                                                                       \
	PUSHING,                                                                     \
	S(PUSH_BROKEN, NOTHING, 0, BACKOFF, BACK_OFF, PUSH_BROKEN)

static const struct path {
	const char *name;
	struct path_step step[STEPS_MAX];
	struct path_end end;
} paths[] = {
	/* Maintenance windows. */
	{"it waits for the window, and is told that it is open",
		{S(OPEN, NOTHING, 0, WAITING, NONE, NONE),
		 S(WINDOW_CLOSED, NOTHING, CLOSED, WAITING, NONE, WINDOW),
		 S(WINDOW_OPEN, NOTHING, 0, WAITING, NONE, NONE),
		 S(GRANT, NOTHING, 0, CHECKING, LOOK, NONE)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"what waits for a window can be aborted",
		{S(OPEN, NOTHING, 0, WAITING, NONE, NONE),
		 S(WINDOW_CLOSED, NOTHING, CLOSED, WAITING, NONE, WINDOW),
		 S(CANCEL, NOTHING, CANCELLED | CLOSED, CANCELLED, NONE, ABORTED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"the daemon was away until the window was over",
		{OPENED, S(RESTARTED, NOTHING, CLOSED, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, CLOSED, WAITING, NONE, WINDOW)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"the same, and it was armed",
		{RESETTING, S(RESTARTED, NOTHING, CLOSED, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, CLOSED, WAITING, NONE, WINDOW),
		 S(GRANT, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, RESETTING, RESET, NONE)},
		{true, false, true, PROOF_NONE, 1, 0, true, OLD}},
	{"a window that closes stops nothing that has begun",
		{PUSHING, S(PUSHED, NOTHING, CLOSED, STAGED, PROCEED, NONE),
		 S(PROCEED, NOTHING, CLOSED, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, CLOSED, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, NEW, CLOSED, VERIFYING, LOGIN, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"the second attempt waits for the next window, and is the second",
		{PUSHING, S(PUSH_REFUSED, NOTHING, CLOSED, BACKOFF, BACK_OFF, PUSH_REFUSED),
		 S(TIMER, NOTHING, CLOSED, WAITING, NONE, WINDOW),
		 S(GRANT, NOTHING, 0, CHECKING, LOOK, NONE)},
		{true, false, false, PROOF_NONE, 2, 0, false, OLD}},
	{"a repair waits for no window",
		{BROKEN, S(TIMER, NOTHING, CLOSED, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, CLOSED, PUSHING, PUSH, NONE)},
		{true, true, false, PROOF_NONE, 2, 0, false, OLD}},
	/* The FTP line is taken: the board has no part in it. */
	{"it stays taken: deferred, and nothing was attempted",
		{PUSHING, S(FTP_BUSY, NOTHING, 0, BACKOFF, BACK_OFF, FTP_BUSY),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE), S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(FTP_BUSY, NOTHING, 0, BACKOFF, BACK_OFF, FTP_BUSY),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE), S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(FTP_BUSY, NOTHING, 0, DEFERRED, NONE, FTP_BUSY),
		 S(SEEN, NOTHING, 0, WAITING, NONE, NONE)},
		{false, false, false, PROOF_NONE, 1, 0, false, OLD}},
	{"taken, and then the board is gone: it is not lost",
		{PUSHING, S(FTP_BUSY, NOTHING, 0, BACKOFF, BACK_OFF, FTP_BUSY),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, ABSENT, DEFERRED, NONE, OFFLINE)},
		{false, false, false, PROOF_NONE, 1, 0, false, OLD}},
	{"taken when a broken push was to be repaired",
		{BROKEN, S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(FTP_BUSY, NOTHING, 0, BACKOFF, BACK_OFF, FTP_BUSY),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE), S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(FTP_BUSY, NOTHING, 0, FAILED, NONE, PUSH_NOT_REPAIRED)},
		{true, true, false, PROOF_NONE, 3, 0, false, OLD}},
	{"taken, and aborted",
		{PUSHING, S(FTP_BUSY, NOTHING, CANCELLED, CANCELLED, NONE, ABORTED)},
		{false, false, false, PROOF_NONE, 1, 0, false, OLD}},
	/* Frozen: nothing more is done to the board. */
	{"frozen while dirty",
		{BROKEN, S(CANCEL, NOTHING, FREEZES, CANCELLED, NONE, FROZEN_DIRTY)},
		{true, true, false, PROOF_NONE, 1, 0, false, OLD}},
	{"frozen while dirty, and nobody heard it",
		{BROKEN, S(RESTARTED, NOTHING, FREEZES, CANCELLED, NONE, FROZEN_DIRTY)},
		{true, true, false, PROOF_NONE, 1, 0, false, OLD}},
	{"frozen when a repair was about to begin",
		{BROKEN, S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE), D(CANCEL, FREEZES),
		 S(LOOKED, OLD, FREEZES, CANCELLED, NONE, FROZEN_DIRTY)},
		{true, true, false, PROOF_NONE, 2, 0, false, OLD}},
	{"the same, and the board does not answer",
		{BROKEN, S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, FREEZES, CANCELLED, NONE, FROZEN_DIRTY)},
		{true, true, false, PROOF_NONE, 2, 0, false, OLD}},
	{"frozen in a push: that ends, the board stays armed",
		{PUSHING, D(CANCEL, FREEZES),
		 S(PUSHED, NOTHING, FREEZES | BACK, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"frozen in a push that breaks",
		{PUSHING, D(CANCEL, FREEZES),
		 S(PUSH_BROKEN, NOTHING, FREEZES, CANCELLED, NONE, FROZEN_DIRTY)},
		{true, true, false, PROOF_NONE, 1, 0, false, OLD}},
	{"frozen in a push, and the daemon died in it",
		{PUSHING, S(RESTARTED, NOTHING, FREEZES, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, FREEZES, CANCELLED, NONE, FROZEN_DIRTY)},
		{true, true, false, PROOF_NONE, 1, 0, false, OLD}},
	{"frozen while it is held armed: it is not disarmed",
		{PUSHING, S(PUSHED, NOTHING, STANDING, HELD, NONE, HELD_ARMED),
		 S(CANCEL, NOTHING, FREEZES | BACK, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"frozen while it is disarmed: that push ends",
		{PUSHING, S(PUSHED, NOTHING, STANDING | HALTED | BACK, DISARMING, PUSH_BACK, DISARM),
		 D(CANCEL, FREEZES), S(PUSHED, NOTHING, FREEZES | BACK, CANCELLED, NONE, DISARMED)},
		{true, false, false, PROOF_NONE, 1, 0, false, OLD}},
	{"the same, and it breaks",
		{PUSHING, S(PUSHED, NOTHING, STANDING | HALTED | BACK, DISARMING, PUSH_BACK, DISARM),
		 S(PUSH_BROKEN, NOTHING, FREEZES | BACK, CANCELLED, NONE, FROZEN_DIRTY)},
		{true, true, false, PROOF_NONE, 1, 0, false, OLD}},
	{"the same, and it is refused: not again",
		{PUSHING, S(PUSHED, NOTHING, STANDING | HALTED | BACK, DISARMING, PUSH_BACK, DISARM),
		 S(PUSH_REFUSED, NOTHING, FREEZES | BACK, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"frozen after the reset: that is watched to its end",
		{RETURNING, D(CANCEL, FREEZES), S(LOOKED, NEW, FREEZES, VERIFYING, LOGIN, NONE),
		 S(NAMED, NOTHING, FREEZES, SOAKING, SOAK, NONE),
		 S(TIMER, NOTHING, FREEZES, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, FREEZES, CONFIRMED, NONE, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"frozen after a reset that did not happen: not again",
		{RETURNING, S(LOOKED, OLD, FREEZES, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, FREEZES | BACK, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 1, false, OLD}},
	{"frozen when a Pycom board was reset to clear it",
		{PUSHING, S(PUSH_BROKEN, NOTHING, NO_CURE, BACKOFF, BACK_OFF, PUSH_BROKEN_RESET),
		 S(TIMER, NOTHING, NO_CURE, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, NO_CURE, RESETTING, RESET, PUSH_BROKEN_RESET),
		 S(RESET_SENT, NOTHING, NO_CURE, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, FREEZES | NO_CURE, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, FREEZES | NO_CURE, CANCELLED, NONE, FROZEN_DIRTY)},
		{true, true, false, PROOF_NONE, 2, 1, false, OLD}},
	/* A newer rollout takes the board over. */
	{"it rested", {OPENED, S(UNSEEN, NOTHING, ABSENT, DEFERRED, NONE, OFFLINE),
		 S(SUPERSEDE, NOTHING, 0, CANCELLED, NONE, SUPERSEDED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"it was looked at",
		{OPENED, S(SUPERSEDE, NOTHING, 0, CANCELLED, NONE, SUPERSEDED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"it was pushed to: that ends first", {PUSHING, D(SUPERSEDE, 0)},
		{true, false, false, PROOF_NONE, 1, 0, false, OLD}},
	{"dirty: that is repaired first", {BROKEN, D(SUPERSEDE, 0)},
		{true, true, false, PROOF_NONE, 1, 0, false, OLD}},
	/* The ways to an end. */
	{"everything goes well",
		{SOAKING, S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, 0, CONFIRMED, NONE, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"no outage was seen: the fingerprint proves the reset",
		{RETURNING, S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"os.uname() could not be read: the banner stands",
		{RETURNING, S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE),
		 S(UNNAMED, NOTHING, 0, SOAKING, SOAK, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"os.uname() names another image",
		{RETURNING, S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE),
		 S(MISNAMED, NOTHING, 0, FAILED, NONE, FOREIGN_IMAGE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"it runs the image already",
		{OPENED, S(LOOKED, NEW, 0, ALREADY, NONE, ALREADY_RUNNING)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"another board answers",
		{OPENED, S(LOOKED, OLD, WRONG, REFUSED, NONE, WRONG_BOARD)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"an outage is no proof: asked again, reset again, and the mark decides",
		{RETURNING, S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_UNKNOWN, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_UNKNOWN, NOTHING, ASKED, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_GONE, NOTHING, 0, FELL_BACK, NONE, FELL_BACK)},
		{true, false, false, PROOF_MARK, 1, 2, true, OLD}},
	{"a program holds the prompt: the second reset interrupts it and finds out",
		{RETURNING, S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_UNKNOWN, NOTHING, ASKED, RESETTING, RESET, NONE),
		 S(MARK_GONE, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, EARLY, RETURNING, LOOK_LATER, NONE),
		 S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, FELL_BACK, NONE, FELL_BACK)},
		{true, false, false, PROOF_MARK, 1, 2, true, OLD}},
	{"gone after every reset, and never told whether it did: armed, nothing is claimed",
		{RETURNING, S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_UNKNOWN, NOTHING, ASKED, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_UNKNOWN, NOTHING, ASKED, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_UNKNOWN, NOTHING, ASKED, FAILED, NONE, RESET_NOT_PROVEN)},
		{true, false, true, PROOF_NONE, 1, 3, false, OLD}},
	{"the same, and it is disarmed before it is given up",
		{RETURNING, S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, BACK, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, BACK, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, BACK, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, BACK, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, BACK, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, BACK, RETURNING, ASK_MARK, NONE),
		 S(MARK_UNKNOWN, NOTHING, ASKED | BACK, DISARMING, PUSH_BACK, RESET_NOT_PROVEN),
		 S(PUSHED, NOTHING, BACK, FAILED, NONE, NOT_RESET)},
		{true, false, false, PROOF_NONE, 1, 3, false, OLD}},
	{"given up: a push back that breaks is pushed again, through a halt too",
		{RESETTING, S(LOGIN_REFUSED, NOTHING, BACK, DISARMING, PUSH_BACK, LOGIN_REFUSED),
		 S(PUSH_BROKEN, NOTHING, BACK, BACKOFF, BACK_OFF, PUSH_BROKEN),
		 S(RESTARTED, NOTHING, BACK, CHECKING, LOOK, DISARM),
		 S(LOOKED, OLD, BACK | STANDING | HALTED, DISARMING, PUSH_BACK, DISARM),
		 S(PUSHED, NOTHING, BACK | STANDING | HALTED, FAILED, NONE, NOT_RESET)},
		{true, false, false, PROOF_NONE, 1, 0, false, OLD}},
	{"given up, and it takes no upload either: it stays armed and says so",
		{RESETTING, S(LOGIN_REFUSED, NOTHING, BACK, DISARMING, PUSH_BACK, LOGIN_REFUSED),
		 S(LOGIN_REFUSED, NOTHING, BACK, FAILED, NONE, LOGIN_REFUSED)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"given up, and a hand resets it before it is disarmed: the new image runs",
		{RESETTING, S(LOGIN_REFUSED, NOTHING, BACK, DISARMING, PUSH_BACK, LOGIN_REFUSED),
		 S(PUSH_REFUSED, NOTHING, BACK, BACKOFF, BACK_OFF, PUSH_REFUSED),
		 S(TIMER, NOTHING, BACK, CHECKING, LOOK, DISARM),
		 S(LOOKED, NEW, BACK, VERIFYING, LOGIN, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 2, 0, false, OLD}},
	{"a board that was pushed to is not lost for one look",
		{PUSHING, S(PUSH_REFUSED, NOTHING, 0, BACKOFF, BACK_OFF, PUSH_REFUSED),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, BACKOFF, BACK_OFF, NO_BANNER),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, CHECKING, LOOK_LATER, NO_BANNER),
		 S(UNSEEN, NOTHING, 0, CHECKING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE)},
		{true, false, false, PROOF_NONE, 3, 0, false, OLD}},
	{"it is lost at the deadline",
		{PUSHING, S(PUSH_BROKEN, NOTHING, 0, BACKOFF, BACK_OFF, PUSH_BROKEN),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, BACKOFF, BACK_OFF, NO_BANNER),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, CHECKING, LOOK_LATER, NO_BANNER),
		 S(DEADLINE, NOTHING, 0, LOST, NONE, LOST_IN_UPDATE)},
		{true, true, false, PROOF_NONE, 3, 0, false, OLD}},
	{"it went away in its soak and came back: the soak begins again, once",
		{SOAKING, S(TIMER, NOTHING, SOAKS, SOAKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, SOAKS, SOAKING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, NEW, GONE, SOAKING, SOAK, WENT_AWAY),
		 S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, 0, CONFIRMED, NONE, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"its trial ends in the soak: it is pushed to again, once",
		{SOAKING, S(TIMER, NOTHING, SOAKS | TRIAL, SOAKING, LOOK, NONE),
		 S(LOOKED, OLD, SOAKS | TRIAL, WAITING, NONE, TRIAL_ENDED),
		 S(GRANT, NOTHING, TRIAL, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, TRIAL, PUSHING, PUSH, NONE),
		 S(PUSHED, NOTHING, TRIAL, STAGED, PROCEED, NONE),
		 S(PROCEED, NOTHING, TRIAL, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, TRIAL, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, NEW, TRIAL, VERIFYING, LOGIN, NONE),
		 S(NAMED, NOTHING, TRIAL, SOAKING, SOAK, NONE),
		 S(TIMER, NOTHING, SOAKS | TRIAL, SOAKING, LOOK, NONE),
		 S(LOOKED, OLD, SOAKS | TRIAL, FELL_BACK, NONE, FELL_BACK)},
		{true, false, false, PROOF_FINGERPRINT, 1, 2, true, OLD}},
	{"its trial ends while it was gone: it may have hung",
		{SOAKING, S(TIMER, NOTHING, SOAKS | TRIAL, SOAKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, SOAKS | TRIAL, SOAKING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, SOAKS | TRIAL | GONE, FELL_BACK, NONE, FELL_BACK)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"it goes away a second time: it has failed",
		{SOAKING, S(TIMER, NOTHING, SOAKS, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, GONE, SOAKING, SOAK, WENT_AWAY),
		 S(TIMER, NOTHING, SOAKS, SOAKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, SOAKS, SOAKING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, NEW, GONE | SOAKS, FAILED, NONE, WENT_AWAY)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"it went away and fell back",
		{SOAKING, S(TIMER, NOTHING, SOAKS, SOAKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, SOAKS, SOAKING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, GONE, FELL_BACK, NONE, FELL_BACK)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"the board goes while it is probed: the look after the probes finds out",
		{SOAKING, S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, PROBED, SOAKING, PROBE, NONE),
		 S(PROBES_PASSED, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, SOAKING, LOOK_LATER, NO_BANNER),
		 S(DEADLINE, NOTHING, 0, LOST, NONE, LOST_IN_SOAK)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"an unconfirmed trial takes no upload: reset, it falls back, then it is pushed to",
		{OPENED, S(LOOKED, OTHER, REFUSES | TRIAL, RESETTING, RESET, RESET_FIRST),
		 S(RESET_SENT, NOTHING, TRIAL, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, TRIAL, CHECKING, LOOK, TRAP_SPRUNG),
		 S(LOOKED, OLD, TRIAL, PUSHING, PUSH, NONE)},
		{true, false, false, PROOF_NONE, 1, 1, true, OLD}},
	{"dirty by an earlier rollout, and refuses: it is not reset all the same",
		{OPENED, S(LOOKED, OTHER, DIRTY | TRAPPED | REFUSES | TRIAL, PUSHING, PUSH, NONE),
		 S(PUSH_REFUSED, NOTHING, TRIAL, BACKOFF, BACK_OFF, PUSH_REFUSED)},
		{true, false, false, PROOF_NONE, 1, 0, false, OTHER}},
	{"... and its repair goes on while the rollout stands",
		{OPENED, S(LOOKED, OLD, DIRTY | TRAPPED | STANDING | CLOSED, PUSHING, PUSH, NONE)},
		{true, false, false, PROOF_NONE, 1, 0, false, OLD}},
	{"pycom, started by a hand: neither reset nor pushed to",
		{OPENED, S(LOOKED, OLD, STRAYS | TRAPPED | KILLS | NO_CURE, REFUSED, NONE, NOT_LASTING)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"the same, and it falls back to what it should run",
		{OPENED, S(LOOKED, OTHER, REFUSES | TRIAL, RESETTING, RESET, RESET_FIRST),
		 S(RESET_SENT, NOTHING, TRIAL, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, NEW, TRIAL, VERIFYING, LOGIN, NONE)},
		{false, false, false, PROOF_FINGERPRINT, 1, 1, true, OTHER}},
	{"an upload could kill it: reset first",
		{OPENED, S(LOOKED, OLD, KILLS | NO_CURE, RESETTING, RESET, RESET_FIRST),
		 S(RESET_SENT, NOTHING, NO_CURE, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, NO_CURE, RETURNING, ASK_MARK, NONE),
		 S(MARK_GONE, NOTHING, NO_CURE, BACKOFF, BACK_OFF, TRAP_SPRUNG),
		 S(TIMER, NOTHING, NO_CURE, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, NO_CURE, PUSHING, PUSH, NONE)},
		{true, false, false, PROOF_NONE, 2, 1, true, OLD}},
	{"held, and a hand resets it: an abort sees what it runs now",
		{PUSHING, S(PUSHED, NOTHING, STANDING, HELD, NONE, HELD_ARMED),
		 S(CANCEL, NOTHING, CANCELLED | RESET_BY_HAND, CHECKING, LOOK, NONE),
		 S(LOOKED, NEW, CANCELLED, VERIFYING, LOGIN, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 0, false, OLD}},
	{"the rule of the plan decides again right before the push",
		{OPENED, S(LOOKED, OLD, KNOWN_BAD, REFUSED, NONE, KNOWN_BAD)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"... and so it does of the last good image",
		{OPENED, S(LOOKED, OLD, BURNS, REFUSED, NONE, BURNS_LAST_GOOD)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"but a repair is made",
		{BROKEN, S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, KNOWN_BAD, PUSHING, PUSH, NONE)},
		{true, true, false, PROOF_NONE, 2, 0, false, OLD}},
	{"changed by others before it caught up: no upload",
		{OPENED, S(LOOKED, OTHER, MOVED_ON, REFUSED, NONE, CHANGED_BY_OTHERS)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"... nor does it wait for a window",
		{OPENED, S(LOOKED, OTHER, MOVED_ON | CLOSED, REFUSED, NONE, CHANGED_BY_OTHERS)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"what others have put there is what is wanted",
		{OPENED, S(LOOKED, NEW, MOVED_ON, ALREADY, NONE, ALREADY_RUNNING)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"a lost packet is no outage: the mark is still there",
		{RETURNING, S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, 0, RESETTING, RESET, NONE)},
		{true, false, true, PROOF_NONE, 1, 1, true, OLD}},
	{"we could not look: that proves nothing and loses nobody",
		{RETURNING, S(BLIND, NOTHING, 0, RETURNING, LOOK_LATER, BLIND),
		 S(LOOKED, OLD, EARLY, RETURNING, LOOK_LATER, NONE)},
		{true, false, true, PROOF_NONE, 1, 1, true, OLD}},
	{"looked at while it soaks",
		{SOAKING, S(TIMER, NOTHING, SOAKS, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, SOAKS, SOAKING, SOAK, NONE),
		 S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, 0, CONFIRMED, NONE, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"probed while it soaks: a probe that fails first may pass later",
		{SOAKING, S(TIMER, NOTHING, SOAKS, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, SOAKS | PROBED, SOAKING, PROBE, NONE),
		 S(PROBES_FAILED, NOTHING, SOAKS, SOAKING, SOAK, PROBE_FAILED),
		 S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, PROBED, SOAKING, PROBE, NONE),
		 S(PROBES_PASSED, NOTHING, AGAIN, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, 0, CONFIRMED, NONE, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"a probe fails in all rounds after the soak",
		{SOAKING, S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, PROBED, SOAKING, PROBE, NONE),
		 S(PROBES_FAILED, NOTHING, AGAIN, SOAKING, SOAK, PROBE_FAILED),
		 S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, PROBED, SOAKING, PROBE, NONE),
		 S(PROBES_FAILED, NOTHING, 0, FAILED, NONE, PROBE_FAILED)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"a probe cannot be asked: confirmed, and it says so",
		{SOAKING, S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, PROBED, SOAKING, PROBE, NONE),
		 S(PROBES_UNCLEAR, NOTHING, AGAIN, SOAKING, SOAK, PROBE_UNCLEAR),
		 S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, PROBED, SOAKING, PROBE, NONE),
		 S(PROBES_UNCLEAR, NOTHING, 0, SOAKING, LOOK, PROBE_UNCLEAR),
		 S(LOOKED, NEW, UNCLEAR, CONFIRMED, NONE, PROBE_UNCLEAR)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"on trial, a probe fails: it is never told to stay",
		{SOAKING, S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, PROBED | TRIAL, SOAKING, PROBE, NONE),
		 S(PROBES_FAILED, NOTHING, TRIAL, FAILED, NONE, PROBE_FAILED)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"on trial, a probe cannot be asked",
		{SOAKING, S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, PROBED | TRIAL, SOAKING, PROBE, NONE),
		 S(PROBES_UNCLEAR, NOTHING, TRIAL, SOAKING, LOOK, PROBE_UNCLEAR),
		 S(LOOKED, NEW, TRIAL | UNCLEAR, CONFIRMING, CONFIRM, NONE),
		 S(PUSHED, NOTHING, TRIAL | UNCLEAR, CONFIRMED, NONE, PROBE_UNCLEAR)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"fell back, by the mark",
		{RETURNING, S(LOOKED, OLD, EARLY, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_GONE, NOTHING, 0, FELL_BACK, NONE, FELL_BACK)},
		{true, false, false, PROOF_MARK, 1, 1, true, OLD}},
	{"fell back in the soak",
		{SOAKING, S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, FELL_BACK, NONE, FELL_BACK)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"a busy line is no outage: the mark is asked",
		{RETURNING, S(BUSY, NOTHING, 0, RETURNING, LOOK_LATER, TELNET_BUSY),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE)},
		{true, false, true, PROOF_NONE, 1, 1, true, OLD}},
	{"not reset yet: told again, three times in all",
		{RETURNING, S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, 0, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_UNKNOWN, NOTHING, ASKED, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, 0, FAILED, NONE, RESET_NOT_PROVEN)},
		{true, false, true, PROOF_NONE, 1, 3, false, OLD}},
	{"told to reset a second time",
		{RESETTING, S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, 0, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE)},
		{true, false, true, PROOF_NONE, 1, 2, true, OLD}},
	{"lost: it never came back",
		{RETURNING, S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(DEADLINE, NOTHING, 0, LOST, NONE, NO_RETURN)},
		{true, false, true, PROOF_OUTAGE, 1, 1, true, OLD}},
	{"busy to the end is not lost",
		{RETURNING, S(BUSY, NOTHING, 0, RETURNING, LOOK_LATER, TELNET_BUSY),
		 S(DEADLINE, NOTHING, BUSY, FAILED, NONE, TELNET_BUSY)},
		{true, false, true, PROOF_NONE, 1, 1, true, OLD}},
	{"lost in the soak",
		{SOAKING, S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, SOAKING, LOOK_LATER, NO_BANNER),
		 S(DEADLINE, NOTHING, 0, LOST, NONE, LOST_IN_SOAK)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"an image that nobody pushed",
		{RETURNING, S(LOOKED, OTHER, 0, FAILED, NONE, FOREIGN_IMAGE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"the login is refused at the push",
		{PUSHING, S(LOGIN_REFUSED, NOTHING, 0, FAILED, NONE, LOGIN_REFUSED)},
		{true, false, false, PROOF_NONE, 1, 0, false, OLD}},
	{"the login is refused at the reset: armed",
		{RESETTING, S(LOGIN_REFUSED, NOTHING, 0, FAILED, NONE, LOGIN_REFUSED)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"the REPL is held: tried again, then armed",
		{RESETTING, S(RESET_FAILED, NOTHING, 0, BACKOFF, BACK_OFF, RESET_FAILED),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, RESETTING, RESET, NONE),
		 S(RESET_FAILED, NOTHING, 0, BACKOFF, BACK_OFF, RESET_FAILED),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, RESETTING, RESET, NONE),
		 S(RESET_FAILED, NOTHING, 0, FAILED, NONE, RESET_FAILED)},
		{true, false, true, PROOF_NONE, 3, 0, false, OLD}},
	{"pushed, and the way back is seen only after a back-off",
		{RESETTING, S(RESET_FAILED, NOTHING, 0, BACKOFF, BACK_OFF, RESET_FAILED),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, RESETTING, RESET, NONE)},
		{true, false, true, PROOF_NONE, 2, 0, true, OLD}},
	{"reset by hand before we did",
		{RESETTING, S(RESET_FAILED, NOTHING, 0, BACKOFF, BACK_OFF, RESET_FAILED),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 2, 0, false, OLD}},

	/* The dirty board. */
	{"a broken push is repaired before anything else",
		{BROKEN, S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(PUSHED, NOTHING, 0, STAGED, PROCEED, NONE),
		 S(PROCEED, NOTHING, 0, RESETTING, RESET, NONE)},
		{true, false, true, PROOF_NONE, 2, 0, true, OLD}},
	{"Pycom: a broken push is cleared by a reset, then pushed again",
		{PUSHING, S(PUSH_BROKEN, NOTHING, NO_CURE, BACKOFF, BACK_OFF, PUSH_BROKEN_RESET),
		 S(TIMER, NOTHING, NO_CURE, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, NO_CURE, RESETTING, RESET, PUSH_BROKEN_RESET),
		 S(RESET_SENT, NOTHING, NO_CURE, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, OLD, NO_CURE, RETURNING, ASK_MARK, NONE),
		 S(MARK_GONE, NOTHING, NO_CURE, BACKOFF, BACK_OFF, TRAP_SPRUNG)},
		{true, false, false, PROOF_NONE, 2, 1, true, OLD}},
	{"Pycom: an outage clears no trap, it is reset again",
		{PUSHING, S(PUSH_BROKEN, NOTHING, NO_CURE, BACKOFF, BACK_OFF, PUSH_BROKEN_RESET),
		 S(TIMER, NOTHING, NO_CURE, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, NO_CURE, RESETTING, RESET, PUSH_BROKEN_RESET),
		 S(RESET_SENT, NOTHING, NO_CURE, RETURNING, LOOK_LATER, NONE),
		 S(UNSEEN, NOTHING, NO_CURE, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, NO_CURE, RETURNING, ASK_MARK, NONE),
		 S(MARK_UNKNOWN, NOTHING, NO_CURE | ASKED, RESETTING, RESET, NONE)},
		{true, true, false, PROOF_NONE, 2, 1, true, OLD}},
	{"another board answers in the soak",
		{SOAKING, S(TIMER, NOTHING, SOAKS, SOAKING, LOOK, NONE),
		 S(LOOKED, OTHER, SOAKS | WRONG, FAILED, NONE, WRONG_BOARD)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"a broken push that cannot be repaired",
		{BROKEN, S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(PUSH_REFUSED, NOTHING, 0, BACKOFF, BACK_OFF, PUSH_REFUSED),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(PUSH_BROKEN, NOTHING, 0, FAILED, NONE, PUSH_NOT_REPAIRED)},
		{true, true, false, PROOF_NONE, 3, 0, false, OLD}},
	{"a repair that is refused at the end says so",
		{BROKEN, S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(LOGIN_REFUSED, NOTHING, 0, FAILED, NONE, PUSH_NOT_REPAIRED)},
		{true, true, false, PROOF_NONE, 2, 0, false, OLD}},
	{"a repair runs while the rollout stands",
		{BROKEN, S(TIMER, NOTHING, STANDING, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, STANDING, PUSHING, PUSH, NONE),
		 S(PUSHED, NOTHING, STANDING, HELD, NONE, HELD_ARMED)},
		{true, false, true, PROOF_NONE, 2, 0, false, OLD}},
	{"a repair runs while the rollout is aborted",
		{BROKEN, D(CANCEL, CANCELLED),
		 S(TIMER, NOTHING, CANCELLED, CHECKING, LOOK, NONE), D(CANCEL, CANCELLED),
		 S(LOOKED, OLD, CANCELLED, PUSHING, PUSH, NONE), D(CANCEL, CANCELLED),
		 S(PUSHED, NOTHING, CANCELLED, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 2, 0, false, OLD}},
	{"the second push reads the fingerprint again",
		{BROKEN, S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OTHER, 0, PUSHING, PUSH, NONE)},
		{true, true, false, PROOF_NONE, 2, 0, false, OTHER}},
	{"a dirty board whose line stays busy says that it is dirty",
		{BROKEN, S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(BUSY, NOTHING, 0, BACKOFF, BACK_OFF, TELNET_BUSY),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(BUSY, NOTHING, 0, FAILED, NONE, PUSH_NOT_REPAIRED)},
		{true, true, false, PROOF_NONE, 3, 0, false, OLD}},
	{"a board that takes nothing",
		{PUSHING, S(PUSH_REFUSED, NOTHING, 0, BACKOFF, BACK_OFF, PUSH_REFUSED),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(PUSH_REFUSED, NOTHING, 0, BACKOFF, BACK_OFF, PUSH_REFUSED),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(PUSH_REFUSED, NOTHING, 0, FAILED, NONE, PUSH_REFUSED)},
		{true, false, false, PROOF_NONE, 3, 0, false, OLD}},

	/* An earlier rollout left its image in the other slot. */
	{"runs the image already, and the next reset would boot another: pushed, reset, proven",
		{OPENED, S(LOOKED, NEW, TRAPPED, PUSHING, PUSH, NONE),
		 S(PUSHED, NOTHING, 0, STAGED, PROCEED, NONE),
		 S(PROCEED, NOTHING, 0, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, NEW, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_GONE, NOTHING, 0, VERIFYING, LOGIN, NONE),
		 S(NAMED, NOTHING, 0, SOAKING, SOAK, NONE),
		 S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, 0, CONFIRMED, NONE, NONE)},
		{true, false, false, PROOF_MARK, 1, 1, true, NEW}},
	{"alike images: an outage proves nothing, the mark does",
		{OPENED, S(LOOKED, NEW, TRAPPED, PUSHING, PUSH, NONE),
		 S(PUSHED, NOTHING, 0, STAGED, PROCEED, NONE),
		 S(PROCEED, NOTHING, 0, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, NEW, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_UNKNOWN, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, NEW, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_GONE, NOTHING, 0, VERIFYING, LOGIN, NONE),
		 S(NAMED, NOTHING, 0, SOAKING, SOAK, NONE),
		 S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, 0, CONFIRMED, NONE, NONE)},
		{true, false, false, PROOF_MARK, 1, 1, true, NEW}},
	{"alike images: a lost packet proves nothing while the mark is there",
		{RETURNING, S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, 0, RESETTING, RESET, NONE)},
		{true, false, true, PROOF_NONE, 1, 1, true, OLD}},
	{"the line is taken before the login: the soak decides",
		{RETURNING, S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE),
		 S(BUSY, NOTHING, 0, SOAKING, SOAK, TELNET_BUSY)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"garbage before the login: the soak decides",
		{RETURNING, S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE),
		 S(GARBAGE, NOTHING, 0, SOAKING, SOAK, GARBAGE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"we cannot look at all: tried again, then deferred",
		{OPENED, S(BLIND, NOTHING, 0, BACKOFF, BACK_OFF, BLIND),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(BLIND, NOTHING, 0, BACKOFF, BACK_OFF, BLIND),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(BLIND, NOTHING, 0, DEFERRED, NONE, BLIND)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"alike images: restarted in the push proves nothing",
		{OPENED, S(LOOKED, NEW, TRAPPED, PUSHING, PUSH, NONE),
		 S(RESTARTED, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, NEW, 0, PUSHING, PUSH, NONE)},
		{true, true, false, PROOF_NONE, 1, 0, false, NEW}},

	/* Boards that are not there. */
	{"offline, and back",
		{OPENED, S(UNSEEN, NOTHING, ABSENT, DEFERRED, NONE, OFFLINE),
		 S(SEEN, NOTHING, 0, WAITING, NONE, NONE),
		 S(GRANT, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE)},
		{true, false, false, PROOF_NONE, 1, 0, false, OLD}},
	{"offline, moved to a later wave, and that wave opens",
		{OPENED, S(UNSEEN, NOTHING, ABSENT, DEFERRED, NONE, OFFLINE),
		 S(OPEN, NOTHING, 0, WAITING, NONE, NONE)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"deferred after its attempts, it comes back with all of them",
		{OPENED, S(BUSY, NOTHING, 0, BACKOFF, BACK_OFF, TELNET_BUSY),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(BUSY, NOTHING, 0, BACKOFF, BACK_OFF, TELNET_BUSY),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(BUSY, NOTHING, 0, DEFERRED, NONE, TELNET_BUSY),
		 S(SEEN, NOTHING, 0, WAITING, NONE, NONE),
		 S(GRANT, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE),
		 S(PUSH_BROKEN, NOTHING, 0, BACKOFF, BACK_OFF, PUSH_BROKEN)},
		{true, true, false, PROOF_NONE, 1, 0, false, OLD}},
	{"seen by the polls but not by us: tried again, then deferred",
		{OPENED, S(UNSEEN, NOTHING, 0, BACKOFF, BACK_OFF, NO_BANNER),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, BACKOFF, BACK_OFF, NO_BANNER),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, DEFERRED, NONE, OFFLINE)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"busy to the end: deferred, it was never touched",
		{OPENED, S(BUSY, NOTHING, 0, BACKOFF, BACK_OFF, TELNET_BUSY),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(BUSY, NOTHING, 0, BACKOFF, BACK_OFF, TELNET_BUSY),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(BUSY, NOTHING, 0, DEFERRED, NONE, TELNET_BUSY)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"no board that we know",
		{OPENED, S(GARBAGE, NOTHING, 0, BACKOFF, BACK_OFF, GARBAGE),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(GARBAGE, NOTHING, 0, BACKOFF, BACK_OFF, GARBAGE),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(GARBAGE, NOTHING, 0, FAILED, NONE, GARBAGE)},
		{false, false, false, PROOF_NONE, 3, 0, false, NOTHING}},

	/* Pause and halt, in each state. */
	{"paused while it is looked at",
		{OPENED, S(LOOKED, OLD, STANDING, WAITING, NONE, PAUSED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"paused in a back-off",
		{OPENED, S(BUSY, NOTHING, 0, BACKOFF, BACK_OFF, TELNET_BUSY),
		 S(TIMER, NOTHING, STANDING, WAITING, NONE, PAUSED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"paused while it is pushed to, and on again",
		{PUSHING, S(PUSHED, NOTHING, STANDING, HELD, NONE, HELD_ARMED),
		 S(RELEASE, NOTHING, 0, WAITING, NONE, NONE),
		 S(GRANT, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, RESETTING, RESET, NONE)},
		{true, false, true, PROOF_NONE, 1, 0, true, OLD}},
	{"paused between push and reset",
		{PUSHING, S(PUSHED, NOTHING, 0, STAGED, PROCEED, NONE),
		 S(PROCEED, NOTHING, STANDING, HELD, NONE, HELD_ARMED)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"paused while it resets: it is seen back",
		{RESETTING, S(RESET_SENT, NOTHING, STANDING, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, NEW, STANDING, VERIFYING, LOGIN, NONE),
		 S(NAMED, NOTHING, STANDING, SOAKING, SOAK, NONE),
		 S(TIMER, NOTHING, STANDING, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, STANDING, CONFIRMED, NONE, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"paused, and the reset has not happened",
		{RETURNING, S(LOOKED, OLD, STANDING, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, STANDING, HELD, NONE, HELD_ARMED)},
		{true, false, true, PROOF_NONE, 1, 1, false, OLD}},
	{"a reset that did not happen is proven by no later outage",
		{RETURNING, S(LOOKED, OLD, STANDING, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, STANDING, HELD, NONE, HELD_ARMED),
		 S(RELEASE, NOTHING, 0, WAITING, NONE, NONE),
		 S(GRANT, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, 0, RESETTING, RESET, NONE)},
		{true, false, true, PROOF_NONE, 1, 1, true, OLD}},
	{"planned, waiting and deferred boards take no notice of a release",
		{D(RELEASE, 0), S(OPEN, NOTHING, 0, WAITING, NONE, NONE), D(RELEASE, 0),
		 S(GRANT, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, ABSENT, DEFERRED, NONE, OFFLINE), D(RELEASE, 0)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},

	/* Abort, in each state. */
	{"aborted while planned", {S(CANCEL, NOTHING, CANCELLED, CANCELLED, NONE, ABORTED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"aborted while waiting",
		{S(OPEN, NOTHING, 0, WAITING, NONE, NONE),
		 S(CANCEL, NOTHING, CANCELLED, CANCELLED, NONE, ABORTED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"aborted while it is looked at",
		{OPENED, S(CANCEL, NOTHING, CANCELLED, CANCELLED, NONE, ABORTED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"aborted while it is pushed to",
		{PUSHING, D(CANCEL, CANCELLED),
		 S(PUSHED, NOTHING, CANCELLED, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"aborted while the push is refused",
		{PUSHING, D(CANCEL, CANCELLED),
		 S(PUSH_REFUSED, NOTHING, CANCELLED, CANCELLED, NONE, ABORTED)},
		{true, false, false, PROOF_NONE, 1, 0, false, OLD}},
	{"aborted between push and reset",
		{PUSHING, S(PUSHED, NOTHING, 0, STAGED, PROCEED, NONE), D(CANCEL, CANCELLED),
		 S(PROCEED, NOTHING, CANCELLED, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"aborted while held",
		{PUSHING, S(PUSHED, NOTHING, STANDING, HELD, NONE, HELD_ARMED),
		 S(CANCEL, NOTHING, CANCELLED, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"aborted while it resets: it must be seen back",
		{RESETTING, D(CANCEL, CANCELLED),
		 S(RESET_SENT, NOTHING, CANCELLED, RETURNING, LOOK_LATER, NONE),
		 D(CANCEL, CANCELLED), S(LOOKED, NEW, CANCELLED, VERIFYING, LOGIN, NONE),
		 D(CANCEL, CANCELLED), S(NAMED, NOTHING, CANCELLED, SOAKING, SOAK, NONE),
		 D(CANCEL, CANCELLED), S(TIMER, NOTHING, CANCELLED, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, CANCELLED, CONFIRMED, NONE, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"aborted, and the reset has not happened: it is not told again",
		{RETURNING, S(LOOKED, OLD, CANCELLED, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, CANCELLED, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 1, false, OLD}},
	{"aborted while deferred",
		{OPENED, S(UNSEEN, NOTHING, ABSENT, DEFERRED, NONE, OFFLINE),
		 S(CANCEL, NOTHING, CANCELLED, CANCELLED, NONE, ABORTED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"aborted while it waits, held before",
		{PUSHING, S(PUSHED, NOTHING, STANDING, HELD, NONE, HELD_ARMED),
		 S(RELEASE, NOTHING, 0, WAITING, NONE, NONE),
		 S(CANCEL, NOTHING, CANCELLED, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"aborted in a back-off, untouched",
		{OPENED, S(BUSY, NOTHING, 0, BACKOFF, BACK_OFF, TELNET_BUSY),
		 S(CANCEL, NOTHING, CANCELLED, CANCELLED, NONE, ABORTED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"aborted in a back-off, armed",
		{RESETTING, S(RESET_FAILED, NOTHING, 0, BACKOFF, BACK_OFF, RESET_FAILED),
		 S(CANCEL, NOTHING, CANCELLED, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},

	/* A restart of the daemon, in each state. */
	{"restarted while planned", {S(RESTARTED, NOTHING, 0, PLANNED, NONE, NONE)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"restarted while waiting",
		{S(OPEN, NOTHING, 0, WAITING, NONE, NONE),
		 S(RESTARTED, NOTHING, 0, WAITING, NONE, NONE)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"restarted while it is looked at",
		{OPENED, S(RESTARTED, NOTHING, 0, CHECKING, LOOK, NONE)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"restarted while it is pushed to: maybe dirty, so pushed again",
		{PUSHING, S(RESTARTED, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, PUSHING, PUSH, NONE)},
		{true, true, false, PROOF_NONE, 1, 0, false, OLD}},
	{"restarted while it is pushed to, and aborted: repaired first",
		{PUSHING, S(RESTARTED, NOTHING, CANCELLED, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, CANCELLED, PUSHING, PUSH, NONE),
		 S(PUSHED, NOTHING, CANCELLED, CANCELLED, NONE, ARMED_ON_ABORT)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"restarted between push and reset",
		{PUSHING, S(PUSHED, NOTHING, 0, STAGED, PROCEED, NONE),
		 S(RESTARTED, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, RESETTING, RESET, NONE)},
		{true, false, true, PROOF_NONE, 1, 0, true, OLD}},
	{"restarted while it resets: whether it was told is not known",
		{RESETTING, S(RESTARTED, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 0, false, OLD}},
	{"restarted while it returns",
		{RETURNING, S(RESTARTED, NOTHING, 0, RETURNING, LOOK, NONE),
		 S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER)},
		{true, false, true, PROOF_OUTAGE, 1, 1, true, OLD}},
	{"restarted while it is verified",
		{RETURNING, S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE),
		 S(RESTARTED, NOTHING, 0, VERIFYING, LOGIN, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"restarted in the soak",
		{SOAKING, S(RESTARTED, NOTHING, 0, SOAKING, SOAK, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"restarted while held",
		{PUSHING, S(PUSHED, NOTHING, STANDING, HELD, NONE, HELD_ARMED),
		 S(RESTARTED, NOTHING, STANDING, HELD, NONE, HELD_ARMED)},
		{true, false, true, PROOF_NONE, 1, 0, false, OLD}},
	{"restarted while deferred",
		{OPENED, S(UNSEEN, NOTHING, ABSENT, DEFERRED, NONE, OFFLINE),
		 S(RESTARTED, NOTHING, ABSENT, DEFERRED, NONE, OFFLINE)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"restarted in a back-off: that is no new attempt",
		{BROKEN, S(RESTARTED, NOTHING, 0, BACKOFF, BACK_OFF, RESTARTED)},
		{true, true, false, PROOF_NONE, 1, 0, false, OLD}},
};
/* clang-format on */

static const struct wipy_fingerprint *fingerprint_of(enum shown shown)
{
	static const struct wipy_fingerprint *const all[] = {
		NULL, &driver_old, &driver_new, &driver_other};

	return all[shown];
}

/* clang-format off */
#define SWITCHED                                                                     \
	OPENED,                                                                      \
	S(LOOKED, OLD, 0, RESETTING, RESET, NONE),                                   \
	S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE)

/* Tasks of an undo that need no push: the reset is a statement. */
static const struct path switches[] = {
	{"switched and confirmed",
		{SWITCHED, S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE),
		 S(NAMED, NOTHING, 0, SOAKING, SOAK, NONE),
		 S(TIMER, NOTHING, 0, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, 0, CONFIRMED, NONE, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"a trial board is told that it may stay",
		{SWITCHED, S(LOOKED, NEW, TRIAL, VERIFYING, LOGIN, NONE),
		 S(NAMED, NOTHING, TRIAL, SOAKING, SOAK, NONE),
		 S(TIMER, NOTHING, TRIAL, SOAKING, LOOK, NONE),
		 S(LOOKED, NEW, TRIAL, CONFIRMING, CONFIRM, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"Pycom: the loader did not take it",
		{SWITCHED, S(UNSEEN, NOTHING, NO_CURE, RETURNING, LOOK_LATER, NO_BANNER),
		 S(LOOKED, OLD, NO_CURE, RETURNING, ASK_MARK, NONE),
		 S(MARK_GONE, NOTHING, NO_CURE, FELL_BACK, NONE, FELL_BACK)},
		{true, false, false, PROOF_MARK, 1, 1, true, OLD}},
	{"not heard: it is told again, and is not said to have fallen back",
		{SWITCHED, S(LOOKED, OLD, 0, RETURNING, ASK_MARK, NONE),
		 S(MARK_THERE, NOTHING, 0, RESETTING, RESET, NONE),
		 S(RESET_SENT, NOTHING, 0, RETURNING, LOOK_LATER, NONE),
		 S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 2, true, OLD}},
	{"the board says that it cannot",
		{OPENED, S(LOOKED, OLD, 0, RESETTING, RESET, NONE),
		 S(RESET_FAILED, NOTHING, 0, BACKOFF, BACK_OFF, RESET_FAILED),
		 S(TIMER, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, RESETTING, RESET, NONE)},
		{true, false, false, PROOF_NONE, 2, 0, true, OLD}},
	{"a third image is nobody's trap to spring",
		{SWITCHED, S(LOOKED, OTHER, 0, FAILED, NONE, FOREIGN_IMAGE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 1, true, OLD}},
	{"the daemon died in the reset: looked at, and told again",
		{OPENED, S(LOOKED, OLD, 0, RESETTING, RESET, NONE),
		 S(RESTARTED, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, OLD, 0, RESETTING, RESET, NONE)},
		{true, false, false, PROOF_NONE, 1, 0, true, OLD}},
	{"the daemon died in the reset, which had happened",
		{OPENED, S(LOOKED, OLD, 0, RESETTING, RESET, NONE),
		 S(RESTARTED, NOTHING, 0, CHECKING, LOOK, NONE),
		 S(LOOKED, NEW, 0, VERIFYING, LOGIN, NONE)},
		{true, false, false, PROOF_FINGERPRINT, 1, 0, false, OLD}},
	{"aborted before it was told",
		{OPENED, S(LOOKED, OLD, CANCELLED, CANCELLED, NONE, ABORTED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"it runs that already",
		{OPENED, S(LOOKED, NEW, 0, ALREADY, NONE, ALREADY_RUNNING)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"no rule for pushes holds it up",
		{OPENED, S(LOOKED, OLD, KNOWN_BAD | REFUSES | KILLS, RESETTING, RESET, NONE)},
		{true, false, false, PROOF_NONE, 1, 0, true, OLD}},
	{"others have changed it since: it is left alone",
		{OPENED, S(LOOKED, OTHER, MOVED_ON, REFUSED, NONE, CHANGED_BY_OTHERS)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"armed with what is taken back: its reset would start that",
		{OPENED, S(LOOKED, NEW, TRAPPED | NO_CURE | SPRINGS, REFUSED, NONE, UNDO_ARMED)},
		{false, false, false, PROOF_NONE, 1, 0, false, NOTHING}},
	{"it did not come back",
		{SWITCHED, S(UNSEEN, NOTHING, 0, RETURNING, LOOK_LATER, NO_BANNER),
		 S(DEADLINE, NOTHING, 0, LOST, NONE, NO_RETURN)},
		{true, false, false, PROOF_OUTAGE, 1, 1, true, OLD}},
};
/* clang-format on */

static struct surroundings around_of(unsigned int bits)
{
	return (struct surroundings){
		.cancelled = bits & CANCELLED,
		.standing = bits & STANDING,
		.closed = bits & CLOSED,
		.early = bits & EARLY,
		.absent = bits & ABSENT,
		.wrong_board = bits & WRONG,
		.was_busy = bits & BUSY,
		.trapped = bits & TRAPPED,
		.no_cure = bits & NO_CURE,
		.soak_goes_on = bits & SOAKS,
		.probes = bits & PROBED,
		.probes_again = bits & AGAIN,
		.trial = bits & TRIAL,
		.unclear = bits & UNCLEAR,
		.asked = bits & ASKED,
		.gone = bits & GONE,
		.disarms = bits & BACK,
		.halted = bits & HALTED,
		.reset_since = bits & RESET_BY_HAND,
		.frozen = bits & FROZEN,
		.refuses = bits & REFUSES,
		.kills = bits & KILLS,
		.moved_on = bits & MOVED_ON,
		.springs = bits & SPRINGS,
		.dirty = bits & DIRTY,
		.forbidden = bits & KNOWN_BAD ? REASON_KNOWN_BAD
			     : bits & BURNS   ? REASON_BURNS_LAST_GOOD
			     : bits & STRAYS  ? REASON_NOT_LASTING
					      : REASON_NONE,
	};
}

/* One step of a path; says on failure which. */
static bool step_holds(struct task *task, const struct path_step *step, size_t number)
{
	struct surroundings around = around_of(step->around);
	struct task_move move = {TASK_STATE_COUNT, TASK_ACT_NONE, REASON_NONE};
	struct task was;
	int rc;

	memcpy(&was, task, sizeof(was));
	rc = driver_event(task, step->event, fingerprint_of(step->shown), &around,
		1000 + (int64_t)number, &move);

	if (step->to == DROPPED && rc == -ENOENT &&
		memcmp(&was, task, sizeof(was)) == 0)
		return true;
	if (rc == 0 && move.to == step->to && move.action == step->action &&
		move.reason == step->reason && task->state == step->to &&
		task->reason == step->reason)
		return true;
	printf("# step %zu: %s, %s -> %s, %s, %s\n", number + 1,
		task_state_name(was.state), task_event_name(step->event),
		rc < 0 ? "dropped" : task_state_name(move.to),
		task_action_name(move.action), reason_code(move.reason));
	return false;
}

static bool end_holds(const struct task *task, const struct path_end *want)
{
	const struct wipy_fingerprint *before = fingerprint_of(want->before);
	bool before_ok = task->has_before == (before != NULL) &&
			 (!before || wipy_fingerprint_equal(before, &task->before));

	if (task->attempted == want->attempted && task->touched == want->touched &&
		task->pushed == want->pushed && task->proof == want->proof &&
		task->attempt == want->attempt && task->resets == want->resets &&
		(task->mark[0] != '\0') == want->marked && before_ok)
		return true;
	printf("# at the end: attempted=%d touched=%d pushed=%d proof=%s attempt=%d "
	       "resets=%d mark='%s' before=%s\n",
		task->attempted, task->touched, task->pushed, proof_name(task->proof),
		task->attempt, task->resets, task->mark,
		task->has_before ? task->before.tag : "-");
	return false;
}

static void run_paths(const struct path *path, size_t count, const char *statement)
{
	for (size_t p = 0; p < count; p++) {
		struct task task = {.state = TASK_PLANNED, .attempt = 1};
		bool ok = true;

		strcpy(task.statement, statement);
		for (size_t i = 0; i < STEPS_MAX && ok; i++) {
			/* OPEN to PLANNED is no step of any path: the rest is empty. */
			if (path[p].step[i].event == TASK_EV_OPEN &&
				path[p].step[i].to == TASK_PLANNED)
				break;
			ok = step_holds(&task, &path[p].step[i], i);
		}
		tap_ok(ok && end_holds(&task, &path[p].end), "%s", path[p].name);
	}
}

static void test_paths(void)
{
	run_paths(paths, COUNT(paths), "");
	run_paths(switches, COUNT(switches), "wipy.safeboot(2, safe=False)");
}

/* ---- a restart that comes between a wish and its tasks ----------------------------- */

/* The rollout's wish is durable, but the daemon died before its tasks heard of it: the
 * restart is all that they hear. */
static const struct {
	const char *name;
	enum task_state from;
	bool pushed;
	unsigned int around;
	enum task_state to;
} lost_wishes[] = {
	{"aborted and restarted while planned", TASK_PLANNED, false, CANCELLED,
		TASK_CANCELLED},
	{"aborted and restarted while waiting", TASK_WAITING, false, CANCELLED,
		TASK_CANCELLED},
	{"aborted and restarted while deferred", TASK_DEFERRED, false, CANCELLED,
		TASK_CANCELLED},
	{"aborted and restarted while held", TASK_HELD, true, CANCELLED,
		TASK_CANCELLED},
	{"aborted and restarted while held back and waiting", TASK_WAITING, true,
		CANCELLED, TASK_CANCELLED},
	{"resumed and restarted while held", TASK_HELD, true, 0, TASK_WAITING},
};

static void test_lost_wishes(void)
{
	for (size_t i = 0; i < COUNT(lost_wishes); i++) {
		struct task task = {.state = lost_wishes[i].from,
			.attempt = 1,
			.attempted = lost_wishes[i].pushed,
			.pushed = lost_wishes[i].pushed};
		struct surroundings around = around_of(lost_wishes[i].around);
		struct task_move move;

		if (driver_event(&task, TASK_EV_RESTARTED, NULL, &around, 1, &move) < 0)
			task.state = TASK_STATE_COUNT;
		EQ_STR(task_state_name(task.state), task_state_name(lost_wishes[i].to),
			lost_wishes[i].name);
	}
}

/* ---- times ----------------------------------------------------------------------- */

static void test_times(void)
{
	struct task task = {.state = TASK_RETURNING, .pushed = true, .since_s = 5};
	struct surroundings around = {0};
	struct task_move move;

	OK(driver_event(&task, TASK_EV_BUSY, NULL, &around, 9, &move) == 0 &&
			task.since_s == 5,
		"staying in a state keeps its time");
	OK(driver_event(&task, TASK_EV_DEADLINE, NULL, &around, 12, &move) == 0 &&
			task.since_s == 12,
		"a new state begins now");
}

static void test_new_reset(void)
{
	struct task task = {.state = TASK_RESETTING,
		.pushed = true,
		.mark = "wipyd_mark",
		.proof = PROOF_OUTAGE};
	struct surroundings around = {0};
	struct task_move move;

	OK(driver_event(&task, TASK_EV_RESET_SENT, NULL, &around, 9, &move) == 0 &&
			task.proof == PROOF_NONE && task.resets == 1,
		"a new reset needs a proof of its own");
}

int main(void)
{
	test_paths();
	test_lost_wishes();
	test_times();
	test_new_reset();
	return tap_done();
}
