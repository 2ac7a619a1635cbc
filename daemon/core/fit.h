/* SPDX-License-Identifier: MIT
 *
 * Whether an image belongs on a board: what the board's type accepts, what the release says
 * of the boards that may get it. Asked by the plan and again right before each push. Pure.
 */
#ifndef WIPY_CORE_FIT_H
#define WIPY_CORE_FIT_H

#include "daemon/core/model.h"

#define FIT_ENTRIES_MAX 8

/* What an owner accepts for a type of boards (images have told: WIRE.md 5.3;
 * wipyd-inventory(5)). */
struct fit_rules {
	size_t entry_count; /* 0: any */
	uint32_t entry_point[FIT_ENTRIES_MAX];
	struct version_ranges version;
	int64_t size; /* what a slot holds, in bytes; 0: as much as the family's */
};

struct fit_facts {
	const struct release_image *image;
	const struct fit_rules *accept; /* of the board's type; NULL: anything */
	const char *runs;               /* the tag that was seen; NULL: none was */
	bool may_one_way; /* a person accepts that the board is out of reach then */
};

enum fit {
	FIT_GOOD,
	FIT_ENTRY_POINT, /* the type does not run images with it */
	FIT_VERSION,     /* the type does not accept it */
	FIT_SIZE,        /* the type's slots do not hold it */
	FIT_ONE_WAY,     /* it has no telnet and no FTP, and nobody said that it may */
	FIT_FROM,        /* not from what the board runs, or that is not known */
	FIT_THROUGH,     /* another version has to run there first */
};

/* The plainest cause first. */
enum fit fit_judge(const struct fit_facts *facts);

#endif
