/* SPDX-License-Identifier: MIT
 *
 * The task machine: one board in one rollout, from planned to an end, as one table.
 * Pure: facts in, the next state and the action out. docs/fsm.md is printed from it.
 */
#ifndef WIPY_CORE_TASK_FSM_H
#define WIPY_CORE_TASK_FSM_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/core/fsm.h"
#include "daemon/core/model.h"

enum task_event {
	TASK_EV_OPEN,         /* its wave was opened */
	TASK_EV_GRANT,        /* the limits have room for it */
	TASK_EV_LOOKED,       /* a banner was read; facts.seen says which */
	TASK_EV_UNSEEN,       /* no banner */
	TASK_EV_BUSY,         /* another client holds the telnet line */
	TASK_EV_GARBAGE,      /* what came is no banner */
	TASK_EV_BLIND,        /* we could not look: says nothing of the board */
	TASK_EV_PUSHED,       /* every byte taken and 226 */
	TASK_EV_PUSH_REFUSED, /* ended before STOR: nothing was touched */
	TASK_EV_PUSH_BROKEN,  /* ended after STOR: the board may be dirty */
	TASK_EV_FTP_BUSY,     /* the FTP line is taken or shut: nothing was touched */
	TASK_EV_LOGIN_REFUSED,
	TASK_EV_PROCEED, /* the state before is durable: go on */
	TASK_EV_RESET_SENT,
	TASK_EV_RESET_FAILED,  /* machine.reset() could not be sent */
	TASK_EV_MARK_GONE,     /* the name set before the reset is gone: it did reset */
	TASK_EV_MARK_THERE,    /* it still exists: no reset has happened */
	TASK_EV_MARK_UNKNOWN,  /* could not be asked */
	TASK_EV_NAMED,         /* os.uname() was read and agrees with the banner */
	TASK_EV_MISNAMED,      /* os.uname() names another image than the banner */
	TASK_EV_UNNAMED,       /* os.uname() could not be read: the banner stands */
	TASK_EV_TIMER,         /* back-off or soak is over */
	TASK_EV_DEADLINE,      /* the state took too long */
	TASK_EV_SEEN,          /* a deferred board answered a poll */
	TASK_EV_RELEASE,       /* the rollout runs again */
	TASK_EV_HALT,          /* a brake has halted the rollout */
	TASK_EV_CANCEL,        /* the rollout is aborted */
	TASK_EV_EXPIRE,        /* the time of the rollout is over */
	TASK_EV_SUPERSEDE,     /* a newer rollout takes the board over */
	TASK_EV_VANISHED,      /* the board has left the inventory */
	TASK_EV_WINDOW_CLOSED, /* the window of its site has no room for it */
	TASK_EV_WINDOW_OPEN,   /* ... has room again */
	TASK_EV_PROBES_PASSED, /* every probe of the soak has passed, at its latest answer */
	TASK_EV_PROBES_FAILED,  /* one has not */
	TASK_EV_PROBES_UNCLEAR, /* none has failed, one could not be asked */
	TASK_EV_RESTARTED,      /* the daemon has started anew: look first */
	TASK_EVENT_COUNT
};

/* Carried out by the engine once the new state is durable. */
enum task_action {
	TASK_ACT_NONE,
	TASK_ACT_LOOK,
	TASK_ACT_LOOK_LATER, /* after the look interval */
	TASK_ACT_PUSH,
	TASK_ACT_PUSH_BACK, /* the image that ran before the push */
	TASK_ACT_PROCEED,   /* feed TASK_EV_PROCEED */
	TASK_ACT_RESET,
	TASK_ACT_ASK_MARK,
	TASK_ACT_LOGIN,
	TASK_ACT_BACK_OFF, /* TIMER at task.due_s */
	TASK_ACT_SOAK,     /* TIMER at task.due_s */
	TASK_ACT_PROBE,    /* a round of the board's probes */
	TASK_ACT_CONFIRM,  /* the fingerprint goes to the family's confirm path */
	TASK_ACTION_COUNT
};

/* What a banner showed, against what the task knows. */
enum task_seen {
	TASK_SEEN_WANTED, /* the fingerprint of the pushed image */
	TASK_SEEN_BEFORE, /* the one read just before the push */
	TASK_SEEN_OTHER,
};

struct task_facts {
	bool attempts_left; /* another attempt is allowed */
	bool resets_left;   /* another reset is allowed */
	bool attempted;     /* a push was begun at some time */
	bool touched;       /* STOR went out, nothing complete since */
	bool dirty; /* an earlier rollout has left it so, and nothing was pushed since */
	bool pushed;      /* complete, and no reset proven */
	bool reset_since; /* the polls have seen another image since the push */
	bool reset_known; /* machine.reset() went out with the mark that the task holds */
	bool proven;      /* the name that an earlier reset had to take away is gone */
	bool gone; /* it was seen gone since that reset; in a soak: since its latest look
		    * that was answered */
	bool asks_left; /* the mark may be asked for again after this reset */
	bool early;     /* the reset is so fresh that the board may not have begun */
	bool cancelled; /* the rollout is aborting */
	bool frozen;    /* ... and nothing more may be done to any board */
	bool standing;  /* the rollout is paused or halted: nothing new begins */
	bool closed;    /* the window of its site has no room for what it would begin */
	bool absent;    /* the polls have not seen it either */
	bool wrong_board; /* another family or board text than expected */
	bool was_busy;    /* the last look met another client */
	bool switches; /* it is not pushed to: a statement at its prompt makes it start the
			* wanted image from where that is */
	bool trapped; /* dirty or armed by an earlier rollout: its next reset springs
			   * what that one left, whatever runs now */
	bool moved_on; /* others have changed what it runs since it was planned, and nothing
			* was done to it since */
	bool springs; /* an undo, and the board is armed with what is taken back: no push
			* can take its place, its reset would start it */
	bool cures; /* a second push is what this family needs (WIRE.md 3.2 row 10); if not
			 * it can kill the board, and a reset is (WIRE.md 3.4) */
	bool trial;       /* this family starts a new image on trial */
	bool pushes_back; /* the image that it runs can be pushed over the one that waits */
	bool gives_up; /* its resets, or its login, have failed for good */
	bool disarms;  /* halted, aborted or given up, and it can be pushed back */
	bool refuses; /* it runs an image on trial and takes no upload before a reset */
	bool kills;   /* an upload could overwrite the image that it executes */
	enum reason forbidden; /* why it must not be pushed to (core/push_rule.h), or
				* REASON_NONE */
	bool soak_over;        /* it has run the new image for its whole soak */
	bool probes; /* its owner lets it be probed while it soaks, and it still has to be */
	bool probes_again; /* after the soak: another round may bring a better answer */
	bool went_away;    /* it has gone away in a soak, and come back, once before */
	bool was_cut;      /* its trial was ended by a reset once before */
	bool unclear;      /* its probes have ended without an answer of each */
	bool was_blind;    /* at the last look we could not look at all */
	bool same_image;   /* what ran before the push and what was pushed look alike */
	enum task_seen seen;
};

struct task_move {
	enum task_state to;
	enum task_action action;
	enum reason reason;
};

/* The number of the row that an event takes, or -ENOENT: without one it is dropped. */
int task_fsm_find(enum task_state from, enum task_event event,
	const struct task_facts *facts) WARN_UNUSED;

/* What that row says. Returns 0 or -ENOENT. */
int task_fsm_step(enum task_state from, enum task_event event,
	const struct task_facts *facts, struct task_move *ret_move) WARN_UNUSED;

/* The table, for the printed document and the tests: row `index`, false past the end. */
bool task_fsm_row(size_t index, struct fsm_row *ret_row);

const char *task_event_name(enum task_event event);
const char *task_action_name(enum task_action action);

#endif
