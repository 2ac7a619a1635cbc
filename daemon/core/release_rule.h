/* SPDX-License-Identifier: MIT
 *
 * Whether a release may be taken into the catalogue, and whether boards may still get it:
 * who signed it, whether it is still good, whether it goes back (docs/decisions/0027). Pure.
 */
#ifndef WIPY_CORE_RELEASE_RULE_H
#define WIPY_CORE_RELEASE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum signature_policy {
	SIGNATURES_OFF, /* nobody is asked */
	SIGNATURES_WARN,
	SIGNATURES_REQUIRED,
};

struct release_facts {
	bool has_manifest;
	enum signature_policy policy;
	size_t threshold; /* so many trusted keys have to sign, at least 1 */
	size_t trusted; /* keys that are trusted today and signed, each counted once */
	bool broken;    /* a signature in the name of such a key does not fit */
	int64_t now_s;
	int64_t expires_s; /* 0: never */
	/* Of one that is offered: */
	int64_t serial;      /* of the manifest */
	int64_t most_serial; /* of its series, of what is known; 0: nothing is */
	bool unsure; /* files of releases could not be read, and their serials are not known */
	bool may_go_back; /* a person says so, with a reason */
	/* Of one that is in the catalogue: */
	bool retired;
	bool begun; /* asked for a board of a rollout that runs: it does not begin now */
};

enum release_verdict {
	RELEASE_GOOD,
	RELEASE_UNSIGNED, /* taken: too few trusted signatures, or none could be */
	/* Refused: */
	RELEASE_NO_MANIFEST, /* there is nothing that could be signed */
	RELEASE_TAMPERED,    /* manifest or signature was changed */
	RELEASE_TOO_FEW,     /* signatures by trusted keys */
	RELEASE_EXPIRED,
	RELEASE_RETIRED,
	RELEASE_OLDER,  /* its serial is not newer than one that is known */
	RELEASE_UNSURE, /* ... or nobody can say */
};

/* Whether boards may get a release that is in the catalogue, by the keys and the settings of
 * today. One that has expired or was retired begins no rollout; what has begun goes on.
 * Returns the gravest one. */
enum release_verdict release_judge_use(const struct release_facts *facts);

/* The same of one that is offered to the catalogue. A manifest that expired is never taken:
 * an attacker who holds back what is new offers what is old. */
enum release_verdict release_judge(const struct release_facts *facts);

static inline bool release_is_refused(enum release_verdict verdict)
{
	return verdict >= RELEASE_NO_MANIFEST;
}

#endif
