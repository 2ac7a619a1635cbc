/* SPDX-License-Identifier: MIT
 *
 * Whether what is offered may come into the catalogue: the facts for the rule
 * (core/release_rule.h), and its answer as a sentence.
 */
#include "config.h"

#include <string.h>

#include "common/utc.h"
#include "daemon/edge/catalogue_private.h"

/* Whoever needs no keys must not be able to hold back what the owners of keys have signed,
 * with a serial that nothing exceeds. */
static bool counts_for(const struct catalogue *catalogue, const struct release *known,
	const struct release *offered)
{
	size_t threshold = catalogue->trust.threshold;

	return catalogue->trust.policy == SIGNATURES_OFF ||
	       known->manifest.signer_count >= threshold ||
	       offered->manifest.signer_count < threshold;
}

/* The newest other one of its series. */
static const struct release *newest_of(
	const struct catalogue *catalogue, const struct release *offered)
{
	const struct release *newest = NULL;

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct release *release = catalogue->release[i];

		if (strcmp(release->manifest.series, offered->manifest.series) == 0 &&
			strcmp(release->name, offered->name) != 0 &&
			counts_for(catalogue, release, offered) &&
			(!newest || release->manifest.serial > newest->manifest.serial))
			newest = release;
	}
	return newest;
}

/* What cannot be read may hold any serial. */
static int refuse_unsure(const struct catalogue *catalogue, struct errtext *ret_error)
{
	bool more = catalogue->damaged_count > 1;

	return fault(ret_error, WIPY_E_RELEASE_OLDER,
		"%zu file%s in %.80s/releases could not be read (%.80s%s): nobody "
		"knows "
		"which serials are there; mend or remove what is damaged and start "
		"wipyd again, or take this one with --allow-downgrade REASON",
		catalogue->damaged_count, more ? "s" : "", catalogue->dir,
		catalogue->damaged[0], more ? ", ..." : "");
}

static int refuse(const struct catalogue *catalogue, const struct release *release,
	enum release_verdict verdict, const struct release *newest,
	struct errtext *ret_error)
{
	const struct release_manifest *said = &release->manifest;
	char when[WIPY_UTC_MAX] = "";

	switch (verdict) {
	case RELEASE_TAMPERED:
		return WIPY_E_RELEASE_TAMPERED; /* the sentence is there already */
	case RELEASE_NO_MANIFEST:
		return fault(ret_error, WIPY_E_RELEASE_UNTRUSTED,
			"the settings ask for signatures, and there is no manifest "
			"that could be signed: `wipyctl release manifest FILE...` "
			"writes one, minisign -S signs it");
	case RELEASE_TOO_FEW:
		return fault(ret_error, WIPY_E_RELEASE_UNTRUSTED,
			"%zu trusted key%s signed the manifest, the settings ask for "
			"%zu",
			said->signer_count, said->signer_count == 1 ? " has" : "s have",
			catalogue->trust.threshold);
	case RELEASE_EXPIRED:
		if (wipy_utc_format(said->expires_s, when) < 0)
			when[0] = '\0';
		return fault(ret_error, WIPY_E_RELEASE_EXPIRED,
			"the manifest expired at %s: get a newer one from its maker",
			when);
	case RELEASE_OLDER:
		return fault(ret_error, WIPY_E_RELEASE_OLDER,
			"serial %lld is not newer than %lld of release %s in the same "
			"series (%s): going back needs --allow-downgrade REASON",
			(long long)said->serial, (long long)newest->manifest.serial,
			newest->name, said->series);
	case RELEASE_UNSURE:
		return refuse_unsure(catalogue, ret_error);
	case RELEASE_GOOD:
	case RELEASE_UNSIGNED:
	case RELEASE_RETIRED: /* of one that is there only */
	default:
		return 0;
	}
}

static void say_untrusted(const struct catalogue *catalogue,
	const struct release *release, struct errtext *warning)
{
	if (!*release->manifest.series)
		fault(warning, 0,
			"nobody has signed this release: it was made of the files as "
			"they are");
	else
		fault(warning, 0,
			"%zu trusted keys have signed the manifest, the settings ask "
			"for %zu",
			release->manifest.signer_count, catalogue->trust.threshold);
}

int catalogue_judge(const struct catalogue *catalogue, const struct release *release,
	bool may_go_back, struct errtext *warning, struct errtext *ret_error)
{
	const struct release_manifest *said = &release->manifest;
	const struct release *newest = newest_of(catalogue, release);
	struct release_facts facts = {
		.has_manifest = *said->series,
		.policy = catalogue->trust.policy,
		.threshold = catalogue->trust.threshold,
		.trusted = said->signer_count,
		.broken = said->broken,
		.now_s = release->added_s,
		.expires_s = said->expires_s,
		.serial = said->serial,
		.most_serial = newest ? newest->manifest.serial : 0,
		.unsure = catalogue->damaged_count > 0,
		.may_go_back = may_go_back,
	};
	enum release_verdict verdict = release_judge(&facts);

	if (verdict == RELEASE_UNSIGNED)
		say_untrusted(catalogue, release, warning);
	return refuse(catalogue, release, verdict, newest, ret_error);
}
