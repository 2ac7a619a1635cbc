/* SPDX-License-Identifier: MIT
 *
 * Whether a release may be taken into the catalogue: who signed it, whether it is still
 * good, whether it goes back (docs/decisions/0026). Pure.
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
	size_t trusted;   /* keys of the settings that signed, each counted once */
	bool broken;      /* a signature in the name of such a key does not fit */
	int64_t now_s;
	int64_t expires_s;   /* 0: never */
	int64_t serial;      /* of the manifest */
	int64_t most_serial; /* of its series, of what is known; 0: nothing is */
	bool may_go_back;    /* a person says so, with a reason */
};

enum release_verdict {
	RELEASE_GOOD,
	RELEASE_UNSIGNED,  /* taken: too few trusted signatures, and the policy warns */
	RELEASE_GOES_BACK, /* taken, since a person says so */
	/* Refused: */
	RELEASE_NO_MANIFEST, /* there is nothing that could be signed */
	RELEASE_TAMPERED,    /* manifest or signature was changed */
	RELEASE_TOO_FEW,     /* signatures by trusted keys */
	RELEASE_EXPIRED,
	RELEASE_OLDER, /* its serial is not newer than one that is known */
};

/* The gravest one. A manifest that expired is never taken: an attacker who holds back
 * what is new offers what is old. */
enum release_verdict release_judge(const struct release_facts *facts);

static inline bool release_is_refused(enum release_verdict verdict)
{
	return verdict >= RELEASE_NO_MANIFEST;
}

#endif
