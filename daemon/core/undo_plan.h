/* SPDX-License-Identifier: MIT
 *
 * Undoing a rollout, board by board: whether there is anything to take back, the way that
 * puts the board at the least risk, and how much that is (docs/decisions/0019). Pure.
 */
#ifndef WIPY_CORE_UNDO_PLAN_H
#define WIPY_CORE_UNDO_PLAN_H

#include "daemon/core/model.h"

/* How a board is brought back. */
enum undo_method {
	UNDO_NOT,     /* not at all: state and reason say why */
	UNDO_RESTART, /* a reset: its next start goes back by itself */
	UNDO_SWITCH,  /* it is told to start the image from another slot */
	UNDO_PUSH,    /* the image is pushed again */
	UNDO_METHOD_COUNT
};
const char *undo_method_name(enum undo_method method);

/* What may go wrong, the least first: boards go in this order. */
enum undo_risk {
	UNDO_RISK_NONE,
	UNDO_RISK_RESTART,
	UNDO_RISK_TRIAL_SWITCH,
	UNDO_RISK_TRIAL_PUSH,
	UNDO_RISK_SWITCH,
	UNDO_RISK_PUSH,
	UNDO_RISK_ONE_PUSH,
	UNDO_RISK_BURNS,
	UNDO_RISK_COUNT
};
/* A sentence; "" for UNDO_RISK_NONE. */
const char *undo_risk_text(enum undo_risk risk);

struct undo_facts {
	enum wipy_family family;
	const struct ledger *ledger;
	uint32_t conditions;
	const struct task *task; /* of the board, in the rollout that is undone */
	const struct wipy_fingerprint *brought; /* the image that it brought */
	const struct wipy_fingerprint *runs;    /* the last one seen; NULL: none */
	bool wrong_board;
	bool held;      /* another active rollout has the board */
	bool newer;     /* a newer one has confirmed it, and was not undone */
	bool image;     /* the catalogue has the one that ran before */
	bool known_bad; /* ... which is known-bad for the board's type */
	bool burn_last_good;
	bool not_lasting; /* a hand has started what it runs (board_is_not_lasting()) */
	bool strays; /* ... and neither push nor reset is safe (core/push_rule.h) */
};

struct undo_step {
	enum task_state state; /* TASK_PLANNED, TASK_ALREADY, TASK_REFUSED */
	enum reason reason;
	enum undo_method method;
	enum undo_risk risk;
	char statement[STATEMENT_MAX]; /* what is typed; "": it is pushed */
};

void undo_decide(const struct undo_facts *facts, struct undo_step *ret_step);

/* A board that is brought back, among the others. */
struct undo_turn {
	const char *board;
	enum undo_risk risk;
	bool away;    /* it does not answer now */
	int wave;     /* 0..WAVES_MAX - 1, as dealt */
	size_t index; /* the caller's */
};

/* Puts them in the order in which they go: who is away last, then the least risk first,
 * whatever wave they were dealt. The waves keep their sizes. */
void undo_order(struct undo_turn *turn, size_t count);

#endif
