/* SPDX-License-Identifier: MIT
 *
 * What a board must not be pushed to for: one rule, asked by the plan before a rollout
 * starts and by each task again right before its push.
 */
#ifndef WIPY_CORE_PUSH_RULE_H
#define WIPY_CORE_PUSH_RULE_H

#include "daemon/core/fit.h"
#include "daemon/core/model.h"

struct push_facts {
	bool has_image;   /* the release has one for the board's family */
	bool wrong_board; /* another one answers than belongs there */
	bool runs_it;   /* it is seen running the image, and nothing else waits in it */
	bool withdrawn; /* the release may not begin on it any more (release_rule.h) */
	bool known_bad; /* the image has hurt a board of its type (decisions/0017) */
	bool burns;     /* the upload may overwrite its last known-good image */
	bool may_burn;  /* a person has said that it may */
	enum fit fit;   /* whether the image belongs on it at all */
	bool dirty;     /* the upload repairs it */
	bool strays; /* a hand has started what it runs; no upload can make that stay, and its
		      * reset may boot what it was lost with */
};

/* REASON_NONE: it fits. */
enum reason push_unfit(enum fit fit);

/* REASON_NONE: it may be pushed to. Otherwise why not, the plainest cause first. */
enum reason push_forbidden(const struct push_facts *facts);

#endif
