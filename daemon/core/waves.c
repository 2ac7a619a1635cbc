/* SPDX-License-Identifier: MIT
 *
 * Waves: parsing, sizes, dealing out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "daemon/core/waves.h"

static int fail(
	struct errtext *ret_error, const char *what, const char *part, size_t len)
{
	struct wipy_text text;

	wipy_text_init(&text, ret_error->text, sizeof(ret_error->text));
	wipy_text_str(&text, "waves: ");
	wipy_text_str(&text, what);
	if (part) {
		wipy_text_str(&text, ", found '");
		wipy_text_bytes(&text, part, len < 40 ? len : 40);
		wipy_text_str(&text, "'");
	}
	wipy_text_str(&text, "; write for example 1,10%,50%,100%");
	return -EINVAL;
}

static int parse_one(const char *part, size_t len, struct waves *waves,
	uint32_t *covered, struct errtext *ret_error)
{
	bool percent = len > 0 && part[len - 1] == '%';
	uint64_t value;

	if (waves->count == WAVES_MAX)
		return fail(ret_error, "at most 16 waves", NULL, 0);
	if (wipy_text_parse_u64(part, percent ? len - 1 : len, 1000000, &value) < 0 ||
		value == 0)
		return fail(ret_error, "expected a number of boards or a percentage",
			part, len);
	if (percent && (value > 100 || value <= *covered))
		return fail(ret_error, "percentages must grow up to 100%", part, len);
	if (percent)
		*covered = (uint32_t)value;
	waves->wave[waves->count].percent = percent;
	waves->wave[waves->count].value = (uint32_t)value;
	waves->count++;
	return 0;
}

int waves_parse(const char *text, struct waves *ret_waves, struct errtext *ret_error)
{
	struct waves waves = {0};
	uint32_t covered = 0;
	const char *part = text;

	for (;;) {
		size_t len = strcspn(part, ",");
		int rc = parse_one(part, len, &waves, &covered, ret_error);

		if (rc < 0)
			return rc;
		if (part[len] == '\0')
			break;
		part += len + 1;
	}
	if (!waves.wave[waves.count - 1].percent ||
		waves.wave[waves.count - 1].value != 100)
		return fail(
			ret_error, "the last wave must be 100%", part, strlen(part));
	*ret_waves = waves;
	return 0;
}

int waves_sizes(const struct waves *waves, size_t total, size_t ret_sizes[WAVES_MAX])
{
	size_t covered = 0;
	int count = 0;

	for (int i = 0; i < waves->count && covered < total; i++) {
		size_t value = waves->wave[i].value;
		size_t upto = waves->wave[i].percent ? (total * value + 99) / 100
						     : covered + value;

		if (upto > total)
			upto = total;
		if (upto <= covered)
			continue;
		ret_sizes[count++] = upto - covered;
		covered = upto;
	}
	return count;
}

/* FNV-1a, 64 bits: spread, not security. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 1099511628211u;
	return (hash ^ 0xffu) * 1099511628211u;
}

/* Spreads each bit over all: without it names that differ in their last letter would keep
 * their order (a finalizer of the splitmix64 kind). */
static uint64_t mix(uint64_t hash)
{
	hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
	hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
	return hash ^ (hash >> 31);
}

static int compare(const void *va, const void *vb)
{
	const struct wave_candidate *a = va, *b = vb;

	if (a->canary != b->canary)
		return a->canary ? -1 : 1;
	if (a->seen != b->seen)
		return a->seen ? -1 : 1;
	if (a->scarcity != b->scarcity)
		return a->scarcity < b->scarcity ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return strcmp(a->board, b->board);
}

/* How much the board adds to the sample: a type, a site, both. */
static int gain_of(const struct wave_strata *strata, const struct wave_candidate *c)
{
	return (strata->of_type[c->type] == 0) +
	       (strata->domain[c->domains.index[0]].in_flight == 0);
}

static bool within_share(
	const struct wave_strata *strata, const struct wave_candidate *c)
{
	for (int i = 0; i < TASK_DOMAINS; i++) {
		const struct domain *domain = &strata->domain[c->domains.index[i]];

		if (c->domains.index[i] >= 0 &&
			domain->in_flight >= domain_share(domain, strata->domain_share))
			return false;
	}
	return true;
}

static void pick(const struct wave_strata *strata, struct wave_candidate *c)
{
	c->canary = true;
	strata->of_type[c->type]++;
	for (int i = 0; i < TASK_DOMAINS; i++)
		if (c->domains.index[i] >= 0)
			strata->domain[c->domains.index[i]].in_flight++;
}

/* The rarer of type and site, by the boards that answer. Only a first wave that has room
 * for each of them needs it; elsewhere the smallest site would always go first. */
static void note_scarcity(const struct wave_strata *strata,
	struct wave_candidate *candidate, size_t count, size_t room)
{
	size_t types = 0, sites = 0;

	for (size_t i = 0; i < count; i++) {
		const struct wave_candidate *c = &candidate[i];

		if (!c->seen)
			continue;
		types += strata->of_type[c->type]++ == 0;
		sites += strata->domain[c->domains.index[0]].in_flight++ == 0;
	}
	for (size_t i = 0; i < count; i++) {
		struct wave_candidate *c = &candidate[i];
		int of_type = strata->of_type[c->type];
		int at_site = strata->domain[c->domains.index[0]].in_flight;

		c->scarcity = of_type < at_site ? of_type : at_site;
		if (room < types || room < sites)
			c->scarcity = 0;
	}
	for (size_t i = 0; i < count; i++) {
		strata->of_type[candidate[i].type] = 0;
		strata->domain[candidate[i].domains.index[0]].in_flight = 0;
	}
}

struct pass {
	int gain;
	bool seen, shared; /* only boards that answer; only within the share */
};

/* In the order of the candidates. Returns what of the wave is left. */
static size_t pick_canaries(const struct wave_strata *strata, const struct pass *pass,
	struct wave_candidate *candidate, size_t count, size_t left)
{
	for (size_t i = 0; i < count && left > 0; i++) {
		struct wave_candidate *c = &candidate[i];

		if (c->canary || (pass->seen && !c->seen) ||
			gain_of(strata, c) < pass->gain ||
			(pass->shared && !within_share(strata, c)))
			continue;
		pick(strata, c);
		left--;
	}
	return left;
}

static void deal_first(const struct wave_strata *strata,
	struct wave_candidate *candidate, size_t count, size_t left)
{
	static const struct pass cover[] = {{2, true, true}, {1, true, true}};
	static const struct pass fill[] = {
		{0, true, true}, {0, true, false}, {0, false, false}};

	note_scarcity(strata, candidate, count, left);
	qsort(candidate, count, sizeof(*candidate), compare);
	for (size_t i = 0; i < sizeof(cover) / sizeof(cover[0]); i++)
		left = pick_canaries(strata, &cover[i], candidate, count, left);
	for (size_t i = 0; i < count; i++)
		candidate[i].scarcity = 0;
	qsort(candidate, count, sizeof(*candidate), compare);
	for (size_t i = 0; i < sizeof(fill) / sizeof(fill[0]); i++)
		left = pick_canaries(strata, &fill[i], candidate, count, left);
}

int waves_deal(const struct waves *waves, const char *release,
	const struct wave_strata *strata, struct wave_candidate *candidate,
	size_t count)
{
	size_t sizes[WAVES_MAX], at = 0;
	int wave_count = waves_sizes(waves, count, sizes);

	for (size_t i = 0; i < count; i++) {
		candidate[i].canary = false;
		candidate[i].rank = mix(hash_text(
			hash_text(14695981039346656037u, release), candidate[i].board));
	}
	if (wave_count > 0)
		deal_first(strata, candidate, count, sizes[0]);
	qsort(candidate, count, sizeof(*candidate), compare);
	for (int wave = 0; wave < wave_count; wave++)
		for (size_t i = 0; i < sizes[wave]; i++)
			candidate[at++].wave = wave;
	return wave_count;
}
