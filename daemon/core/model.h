/* SPDX-License-Identifier: MIT
 *
 * The plain records that decisions are made on and that the store keeps: boards,
 * releases, rollouts, waves, tasks, events. No behaviour but names of enums.
 *
 * Times: `_ms` monotonic milliseconds (never stored), `_s` wall-clock seconds since
 * 1970 (stored; 0: never).
 */
#ifndef WIPY_CORE_MODEL_H
#define WIPY_CORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/family.h"
#include "common/fingerprint.h"
#include "common/ledger.h"
#include "daemon/core/probe.h"
#include "daemon/core/version_range.h"

#define ID_LEN          16 /* random 128-bit ids */
#define ID_TEXT_MAX     33 /* 32 lower-case hex digits and NUL */
#define NAME_MAX_LEN    64 /* names of boards, sites, types, releases; with NUL */
#define SHA256_HEX_MAX  65
#define WAVES_MAX       16
#define MARK_MAX        24
#define STATEMENT_MAX   48   /* of a switch to another slot; with NUL */
#define PLACE_MAX       264  /* the longest host name, a blank and a port; with NUL */
#define BANNER_TEXT_MAX 192  /* a banner as it came; with NUL */
#define PUSH_REPLY_MAX  160  /* what an upload has come to; with NUL */
#define SELECTOR_MAX    1024 /* characters of a selector, with NUL */
#define UNIQUE_ID_MAX   33 /* machine.unique_id() in hex, at most 16 bytes; with NUL */

struct id {
	uint8_t byte[ID_LEN];
};

bool id_equal(const struct id *a, const struct id *b);
bool id_is_zero(const struct id *id);
void id_format(const struct id *id, char ret_text[ID_TEXT_MAX]);
/* 32 hex digits, nothing else. Returns 0 or -EINVAL. */
int id_parse(const char *text, struct id *ret_id) WARN_UNUSED;

/* Reason codes: stable words, each with a sentence, what comes next by itself and what
 * a person can do (core/reason.h). */
enum reason {
	REASON_NONE,
	REASON_OFFLINE,
	REASON_NO_BANNER,
	REASON_TELNET_BUSY,
	REASON_GARBAGE,
	REASON_LOGIN_REFUSED,
	REASON_WRONG_BOARD,
	REASON_NO_IMAGE,
	REASON_ALREADY_RUNNING,
	REASON_PUSH_REFUSED,
	REASON_PUSH_BROKEN,
	REASON_PUSH_NOT_REPAIRED,
	REASON_RESET_FAILED,
	REASON_RESET_NOT_PROVEN,
	REASON_FELL_BACK,
	REASON_FOREIGN_IMAGE,
	REASON_NO_RETURN,
	REASON_LOST_IN_SOAK,
	REASON_LOST_IN_UPDATE,
	REASON_PAUSED,
	REASON_HELD_ARMED,
	REASON_ABORTED,
	REASON_ARMED_ON_ABORT,
	REASON_BRAKE_LOST,
	REASON_BRAKE_CANARY,
	REASON_BRAKE_FELL_BACK,
	REASON_BRAKE_FAILED,
	REASON_NO_CONFIRMED_BOARD,
	REASON_BY_OPERATOR,
	REASON_VANISHED,
	REASON_NO_RELEASE,
	REASON_BLIND,
	REASON_DISARM,
	REASON_DISARMED,
	REASON_PUSH_BROKEN_RESET,
	REASON_TRAP_SPRUNG,
	REASON_NOT_CONFIRMED,
	REASON_WINDOW,
	REASON_KNOWN_BAD,
	REASON_EXPIRED,
	REASON_BURNS_LAST_GOOD,
	REASON_PROBE_FAILED,
	REASON_PROBE_UNCLEAR,
	REASON_BRAKE_PROBE,
	REASON_UNDONE,
	REASON_UNDO_NO_IMAGE,
	REASON_UNDO_BY_HAND,
	REASON_FROZEN_DIRTY,
	REASON_SUPERSEDED,
	REASON_BRAKE_CATCH_UP,
	REASON_FTP_BUSY,
	REASON_NOT_RESET,
	REASON_RESET_FIRST,
	REASON_WENT_AWAY,
	REASON_NOT_LASTING,
	REASON_RESTARTED,
	REASON_IN_ROLLOUT,
	REASON_CONFIRMED_SINCE,
	REASON_CHANGED_BY_OTHERS,
	REASON_UNDO_ARMED,
	REASON_TRIAL_ENDED,
	REASON_ENTRY_POINT,
	REASON_VERSION_NOT_ACCEPTED,
	REASON_NO_ENDPOINTS,
	REASON_FROM_VERSION,
	REASON_PASS_THROUGH,
	/* Of plans alone: what is risky about a board in it (core/verdict.h). */
	REASON_NO_WAY_BACK,
	REASON_ONLY_OF_ITS_TYPE,
	REASON_NEVER_CONFIRMED,
	REASON_MODIFIED_BUILD,
	REASON_SLOT_SIZE,
	REASON_RELEASE_WITHDRAWN,
	REASON_COUNT
};

/* ---- boards: three independent axes (DESIGN.md 5) -------------------------------- */

enum reach {
	REACH_NEVER_SEEN,
	REACH_ONLINE,
	REACH_FLAPPING,
	REACH_OFFLINE,
	REACH_RETIRED,
	REACH_COUNT
};
enum access {
	ACCESS_OPEN, /* banner seen; nothing is known of the login */
	ACCESS_LOGIN_OK,
	ACCESS_LOGIN_REFUSED,
	ACCESS_BUSY,
	ACCESS_WRONG_BOARD,
	ACCESS_SAFE_BOOT,
	ACCESS_COUNT
};
enum version_state {
	VERSION_UNKNOWN,
	VERSION_UNMANAGED, /* no target: nothing is behind (DESIGN.md 2) */
	VERSION_IN_SYNC,
	VERSION_BEHIND,
	VERSION_AHEAD,
	VERSION_FOREIGN,
	VERSION_CHANGED_BY_OTHERS,
	VERSION_COUNT
};

const char *reach_name(enum reach reach);
const char *access_name(enum access access);
const char *version_name(enum version_state state);
/* The value of that name, or the COUNT of the enum. */
enum reach reach_by_name(const char *name);
enum access access_by_name(const char *name);
enum version_state version_by_name(const char *name);

/* Conditions of a board: they stay until it is seen healed (DESIGN.md 1.4). */
#define CONDITION_DIRTY       0x1u /* a broken push: the next reset springs the trap */
#define CONDITION_ARMED       0x2u /* pushed, not yet reset */
#define CONDITION_NEEDS_HANDS 0x4u /* only a hand can help */
/* Of bit `index`: "dirty", ...; NULL beyond the last one. */
const char *condition_name(size_t index);

/* What says which release a board should run (DESIGN.md 2). */
enum target_from {
	TARGET_NONE,
	TARGET_BOARD, /* its own entry in the inventory */
	TARGET_TYPE,
	TARGET_SITE,
	TARGET_DEFAULTS,
	TARGET_CONFIRMED, /* the last rollout that confirmed one on it */
	TARGET_FROM_COUNT
};

/* What the daemon knows of a board: changes as it is watched. What the owner says of
 * it is in struct board_spec (edge/inventory.h). */
struct board {
	char name[NAME_MAX_LEN];
	char place
		[PLACE_MAX]; /* where it was last listed: "ADDRESS PORT"; "": nowhere */
	char seen_place[PLACE_MAX]; /* where it, and no other board, was last seen */
	enum reach reach;
	enum access access;
	enum version_state version;
	uint32_t conditions;
	bool has_fingerprint;
	struct wipy_fingerprint fingerprint; /* the last one seen */
	int64_t seen_s;                      /* the last time its banner was seen */
	int64_t since_s;                     /* of the present reach */
	int misses;                          /* polls in a row without a banner */
	int flaps;                           /* reach changes not yet forgotten */
	int64_t intrusions; /* logins, and each Ctrl-B and Ctrl-C (DESIGN.md 1.2) */
	char uname_release[32];
	char uname_version[96];
	char uname_machine[80];
	char confirmed_release
		[NAME_MAX_LEN]; /* the last release that a rollout confirmed */
	struct ledger ledger;   /* its slots and boot record */
	char unique_id
		[UNIQUE_ID_MAX]; /* of the board that belongs here; "": not known */
	char other_id[UNIQUE_ID_MAX]; /* the one that the latest login read instead */
	/* The latest time that only a hand could help (docs/decisions/0021). */
	enum reason hands_reason; /* REASON_NONE: it never came to that */
	int64_t hands_since_s;    /* of the reason */
	bool hands_away;          /* ... and nobody has seen it since */
	bool has_hands_wanted;
	struct wipy_fingerprint hands_wanted; /* of the image that it was to run then */
	char hands_outcome[16];               /* "rescued", "reverted"; "": open */
	int64_t hands_ended_s;
	int failed_repairs; /* pushes of the daemon's own since, that came to nothing */
	int64_t next_repair_s; /* not before that */
	/* The latest card that was saved for a bench (docs/decisions/0031). */
	char bench_code
		[SHA256_HEX_MAX]; /* SHA-256 of its one-time code; "": none was */
	char bench_image[SHA256_HEX_MAX]; /* of the image that it brings */
	int64_t bench_spent_s;            /* its receipt came then; 0: it has not */
	bool bench_said; /* ... and the board has not been seen since */
};

/* A hand has brought it back, and its next plain reset may boot another image: it is listed
 * as armed, though no push of ours waits there. */
bool board_is_not_lasting(const struct board *board);

/* ---- releases -------------------------------------------------------------------- */

#define RELEASE_IMAGES_MAX  16
#define RELEASE_SIGNERS_MAX 8
#define RELEASE_SIGNER_MAX  17 /* a key's id: 16 hex digits */
#define RELEASE_NOTES_MAX   2048

/* How the flash is to be run, by an ESP image's header; as esptool takes it: "dio", "40m",
 * "4MB". "": not known. */
struct release_flash {
	char mode[8], frequency[8], size[8];
};

struct release_image {
	enum wipy_family family;
	char type[NAME_MAX_LEN]; /* of boards; "": any of the family */
	char sha256[SHA256_HEX_MAX];
	int64_t size;         /* of the file */
	uint32_t entry_point; /* wipy: the reset vector; 0: not recorded */
	struct wipy_fingerprint fingerprint;
	uint32_t warnings; /* WIPY_IMAGE_WARN_* */
	struct release_flash flash;
	struct version_ranges from; /* what a board may run to get it */
	char through[WIPY_TAG_MAX]; /* what an older board has to run first; "" */
};

/* What a signed or unsigned manifest says of a release. */
struct release_manifest {
	char series[NAME_MAX_LEN]; /* serials are counted in each; "": no manifest */
	int64_t serial;
	int64_t created_s, expires_s; /* 0: it does not expire */
	size_t signer_count;          /* keys that are trusted today and signed it */
	bool broken; /* a signature in the name of one does not fit: tampered with */
	char signer[RELEASE_SIGNERS_MAX][RELEASE_SIGNER_MAX];
	char notes[RELEASE_NOTES_MAX];
};
struct release {
	char name[NAME_MAX_LEN];
	int64_t added_s;
	int64_t retired_s; /* 0: it may be rolled out */
	struct release_manifest manifest;
	size_t image_count;
	struct release_image
		image[RELEASE_IMAGES_MAX]; /* at most one a family and type */
};

/* The release's image for boards of that family and type: the one of the type, else the
 * one of the family; NULL without either. */
const struct release_image *release_image_for(
	const struct release *release, enum wipy_family family, const char *type);

/* ---- tasks: one board in one rollout --------------------------------------------- */

/* Order matters to nobody; the names are stored. */
enum task_state {
	TASK_PLANNED,  /* its wave is not open yet */
	TASK_WAITING,  /* for a place within the limits */
	TASK_CHECKING, /* looking before touching */
	TASK_PUSHING,
	TASK_STAGED,    /* pushed, armed, not yet reset */
	TASK_DISARMING, /* the image that it runs goes into the slot that waits */
	TASK_RESETTING,
	TASK_RETURNING, /* watched for the way back */
	TASK_VERIFYING, /* os.uname() after the update */
	TASK_SOAKING,
	TASK_CONFIRMING, /* a trial boot is told that it may stay */
	TASK_HELD,       /* staged, and the rollout is paused or halted */
	TASK_DEFERRED,   /* offline: not a failure, holds no wave */
	TASK_BACKOFF,    /* attempt n of m, due later */
	/* the ends */
	TASK_CONFIRMED,
	TASK_ALREADY,
	TASK_REFUSED,
	TASK_SKIPPED,
	TASK_FELL_BACK,
	TASK_FAILED,
	TASK_LOST,
	TASK_REVERTED,
	TASK_CANCELLED,
	TASK_STATE_COUNT
};

const char *task_state_name(enum task_state state);
enum task_state task_state_by_name(const char *name);
/* Asked of every task at each plan: inline. */
static inline bool task_state_is_end(enum task_state state)
{
	return state >= TASK_CONFIRMED;
}
/* Something of it is under way on the board: checking ... soaking, backoff. */
static inline bool task_state_in_flight(enum task_state state)
{
	return (state >= TASK_CHECKING && state <= TASK_CONFIRMING) ||
	       state == TASK_BACKOFF;
}

/* How the reset was proven (DESIGN.md 1.1). */
enum proof {
	PROOF_NONE,
	PROOF_OUTAGE,      /* the board was seen gone after the reset was sent */
	PROOF_FINGERPRINT, /* it shows another fingerprint than just before the push */
	PROOF_MARK,        /* the name set in the REPL is gone */
	PROOF_COUNT
};
const char *proof_name(enum proof proof);
enum proof proof_by_name(const char *name);

/* An image that lost or rolled back a board, or that a person has warned of, is not pushed to
 * boards of that type again until a person clears it (DESIGN.md 3). Rows are never removed. */
struct known_bad {
	int64_t number; /* 1, 2, ... in the order of time */
	char sha256[SHA256_HEX_MAX];
	char type[NAME_MAX_LEN]; /* the board's type, or its family where it has none */
	char board[NAME_MAX_LEN]; /* the one that it happened to; "" */
	char release
		[NAME_MAX_LEN]; /* that was rolled out, or is known to hold it; "" */
	struct id rollout;
	enum reason reason; /* how the task ended; REASON_NONE: a person added it */
	int64_t since_s;
	char added_by[64]; /* "" where a task did */
	char added_reason[128];
	int64_t cleared_s; /* 0: it stands */
	char cleared_by[64];
	char cleared_reason[128];
};

struct task {
	struct id rollout;
	char board[NAME_MAX_LEN];
	int wave; /* from 0; -1: settled by the plan, in no wave */
	enum task_state state;
	enum reason reason; /* of the present state */
	int64_t since_s;    /* of the present state */
	int attempt;        /* 1 is the first */
	int resets;         /* times that a reset was sent */
	bool attempted;     /* its push was begun: counts in denominators */
	bool touched;       /* STOR went out, nothing complete since: maybe dirty */
	bool pushed;        /* complete: armed until the reset is proven */
	bool late;          /* deferred when the waves were over: it catches up */
	uint32_t
		inherited; /* CONDITION_DIRTY, _ARMED: left by an earlier rollout, and not
			     * yet overwritten by a push of this one */
	enum proof proof;
	int64_t due_s; /* backoff, soaking: when the state's timer ends; waiting for a
			* window: when it opens, WINDOW_NEVER if it does not */
	bool has_before;
	struct wipy_fingerprint before; /* read just before the push */
	/* The board's type when its latest push was begun that was no repair: whose image of
	 * the release it got. */
	char type[NAME_MAX_LEN];
	char mark[MARK_MAX]; /* the name set before the reset */
	int64_t bytes_taken;
	char evidence[256]; /* what the latest look or upload has come to */
	/* The banner just before the push, and the latest one since (of a board that was
	 * not pushed to: the latest one). */
	char banner_before[BANNER_TEXT_MAX], banner_after[BANNER_TEXT_MAX];
	char push_reply
		[PUSH_REPLY_MAX]; /* the latest upload: bytes taken, FTP reply, end */
	/* Of its latest outage: the first look that it did not answer, and the first that it
	 * answered again. Its reset begins anew: 0, none was seen gone; 0, not yet back. */
	int64_t lost_s, returned_s;
	char probes[PROBE_RECORD_MAX]; /* the answers of the soak (core/probe.h) */
	bool gives_up;  /* its reset has failed for good: it is disarmed, then failed */
	int outages;    /* in its soak: it was seen gone and came back */
	int trials_cut; /* ... a reset has ended its trial, and it was pushed to again */
	/* Of an undo: what the board is brought back to, in place of the release's image. */
	bool has_wanted;
	struct wipy_fingerprint wanted;
	/* What is said at its prompt to start an image that sits in another slot; "": the
	 * image is pushed. */
	char statement[STATEMENT_MAX];
};

/* It was seen gone, and not since. */
bool task_is_gone(const struct task *task);

/* ---- rollouts and waves ---------------------------------------------------------- */

enum rollout_state {
	ROLLOUT_DRAFT,
	ROLLOUT_AWAITING_APPROVAL,
	ROLLOUT_SCHEDULED,
	ROLLOUT_RUNNING,
	ROLLOUT_PAUSED, /* by a person */
	ROLLOUT_HALTED, /* by a brake */
	ROLLOUT_ABORTING,
	ROLLOUT_ABORTED,
	ROLLOUT_UNDOING,
	ROLLOUT_UNDONE,
	ROLLOUT_COMPLETED,
	ROLLOUT_COMPLETED_WITH_EXCEPTIONS,
	ROLLOUT_EXPIRED,
	ROLLOUT_STATE_COUNT
};
const char *rollout_state_name(enum rollout_state state);
enum rollout_state rollout_state_by_name(const char *name);
bool rollout_state_is_end(enum rollout_state state);

enum wave_state {
	WAVE_CLOSED,
	WAVE_OPEN,
	WAVE_SOAKING,
	WAVE_PASSED,
	WAVE_TRIPPED,
	WAVE_SKIPPED,
	WAVE_STATE_COUNT
};
const char *wave_state_name(enum wave_state state);
enum wave_state wave_state_by_name(const char *name);

/* What an abort does to boards that it meets halfway (docs/decisions/0020). */
enum abort_mode {
	ABORT_KEEP,   /* what runs on boards ends, armed ones are disarmed */
	ABORT_REVERT, /* as keep, then the rollout is undone */
	ABORT_FREEZE, /* nothing more is done to any board */
	ABORT_MODE_COUNT
};
const char *abort_mode_name(enum abort_mode mode);
enum abort_mode abort_mode_by_name(const char *name);

struct rollout {
	struct id id;
	char release[NAME_MAX_LEN];
	/* As given, saved ones written out; "" is the whole fleet. */
	char selector[SELECTOR_MAX];
	char waves[128]; /* as given: "1,10%,50%,100%" */
	enum rollout_state state;
	enum reason reason;
	int64_t since_s; /* of the present state */
	int64_t created_s;
	int64_t soak_s;
	int64_t expires_s; /* from then on nothing begins any more; 0: never, of
			    * an old one that has ended */
	int wave_count;
	enum wave_state wave_state[WAVES_MAX];
	/* Failures that a resume has acknowledged: only new ones can trip again. */
	int acked_lost, acked_fell_back, acked_failed, acked_probe;
	int attempts_max;
	bool burn_last_good; /* boards may lose their last image that is known to be good */
	bool allow_one_way;         /* boards may get an image without telnet and FTP */
	char actor[64];             /* who started it: "uid 1000" */
	enum abort_mode abort_mode; /* of the abort under way, or that ended it */
	/* Once it has completed with boards deferred these catch up, as a rollout of their
	 * own in all but name: DRAFT, nobody has to; its states are those of a rollout. */
	enum rollout_state catch_up;
	enum reason catch_up_reason;
	int64_t catch_up_since_s;
	int64_t valid_until_s; /* who has not come back by then does not catch up */
	int acked_catch_up;    /* hurt boards that a resume has acknowledged */
	/* It takes that rollout back (not zero: an undo; its release is the one that is
	 * left), which had ended in this state. */
	struct id undo_of;
	enum rollout_state undo_from;
};

/* The state that says what may be done to its boards now: that of the catch-up, once the
 * rollout itself has completed and left boards to catch up; otherwise its own. */
enum rollout_state rollout_drive(const struct rollout *rollout);
/* Its waves are over: all that may be left is the catch-up. */
bool rollout_catches_up(const struct rollout *rollout);
/* Neither it nor its catch-up does anything any more. */
bool rollout_is_over(const struct rollout *rollout);
/* The daemon's own: it makes lasting what a hand has started on one board. No brake can
 * stop it, no window and no approval holds it (docs/decisions/0021). */
bool rollout_is_repair(const struct rollout *rollout);

/* ---- events ---------------------------------------------------------------------- */

struct event {
	int64_t seq; /* given by the store: 1, 2, ... in the order of the commits */
	int64_t time_s;
	char actor[80]; /* who did it: "wipyd", "uid 1000", "board lab-01" */
	char board[NAME_MAX_LEN];
	bool has_rollout;
	struct id rollout;
	char name[32]; /* stable: "task-state", "rollout-state", "board-reach", ... */
	char detail[384]; /* "pushing -> staged; 226" */
	char cause[32]; /* why, one stable word: "poll", "wish", "brake-lost"; or "" */
};

#endif
