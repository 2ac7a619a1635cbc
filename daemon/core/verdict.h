/* SPDX-License-Identifier: MIT
 *
 * A board in a plan, as a person reads it: what would become of it if the rollout began
 * now, and what is risky about it. Pure.
 */
#ifndef WIPY_CORE_VERDICT_H
#define WIPY_CORE_VERDICT_H

#include "daemon/core/model.h"

enum verdict {
	VERDICT_UPDATE,
	VERDICT_HELD,     /* waits for the window of its site first */
	VERDICT_DEFERRED, /* does not answer: it is updated when it does */
	VERDICT_ALREADY,
	VERDICT_REFUSED,
	VERDICT_COUNT
};
const char *verdict_name(enum verdict verdict);
/* Or VERDICT_COUNT. */
enum verdict verdict_by_name(const char *name);
/* What it rests on, without whether the board is there and its window open now: UPDATE,
 * ALREADY or REFUSED. */
enum verdict verdict_settled(enum verdict verdict);

struct verdict_facts {
	enum task_state state; /* TASK_PLANNED, TASK_ALREADY or TASK_REFUSED */
	enum reason reason;    /* of a refusal */
	bool answers;          /* it is seen by polls */
	bool closed;           /* its window is */
};

/* *ret_reason: why, REASON_NONE for UPDATE. */
enum verdict verdict_of(const struct verdict_facts *facts, enum reason *ret_reason);

/* What is risky about a push; bits of a set. */
enum risk {
	RISK_BURNS,
	RISK_ONE_WAY,
	RISK_NO_WAY_BACK,
	RISK_ONLY_OF_TYPE,
	RISK_NEVER_CONFIRMED,
	RISK_MODIFIED,
	RISK_OFFLINE,
	RISK_COUNT
};
/* Its code and its sentences. */
enum reason risk_reason(enum risk risk);

struct risk_facts {
	bool answers;
	bool burns;      /* over its last image that is known to be good */
	bool one_way;    /* the image has no telnet and no FTP */
	bool modified;   /* the image is a modified build */
	bool confirmed;  /* the release has been, on a board of its type */
	bool alone;      /* in the plan, of its type */
	bool runs_known; /* what it runs was seen */
	bool back_image; /* ... and a release has it */
	bool keeps_slot; /* the family can start what it ran from another slot */
};

/* 1u << RISK_... */
uint32_t risks_of(const struct risk_facts *facts);

#endif
