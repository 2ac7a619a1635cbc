/* SPDX-License-Identifier: MIT
 *
 * Measured times: means of what was counted.
 */
#include "daemon/core/pace.h"

static void fade(int64_t *samples, int64_t *a, int64_t *b)
{
	if (*samples < PACE_SAMPLES_MAX)
		return;
	*samples /= 2;
	*a /= 2;
	*b /= 2;
}

void pace_note_push(struct pace *pace, int64_t bytes, int64_t ms)
{
	if (bytes <= 0 || ms < 0)
		return;
	fade(&pace->pushes, &pace->push_bytes, &pace->push_ms);
	pace->pushes++;
	pace->push_bytes += bytes;
	pace->push_ms += ms > 0 ? ms : 1;
}

void pace_note_reset(struct pace *pace, int64_t ms)
{
	int64_t none = 0;

	if (ms < 0)
		return;
	fade(&pace->resets, &pace->reset_ms, &none);
	pace->resets++;
	pace->reset_ms += ms;
}

void pace_note_return(struct pace *pace, int64_t ms)
{
	int64_t none = 0;

	if (ms < 0)
		return;
	fade(&pace->returns, &pace->return_ms, &none);
	pace->returns++;
	pace->return_ms += ms;
}

const char *pace_from_name(enum pace_from from)
{
	static const char *const names[PACE_FROM_COUNT] = {
		[PACE_SITE] = "site",
		[PACE_FAMILY] = "family",
		[PACE_ASSUMED] = "assumed",
	};

	return from < PACE_FROM_COUNT ? names[from] : "invalid";
}

/* Whose samples count; the weakest source of all is kept in *from. */
static const struct pace *source(const struct pace *site, const struct pace *family,
	bool of_site, bool of_family, enum pace_from *from)
{
	if (of_site)
		return site;
	if (*from < PACE_FAMILY)
		*from = PACE_FAMILY;
	if (of_family)
		return family;
	*from = PACE_ASSUMED;
	return 0;
}

void pace_times(const struct pace *site, const struct pace *family,
	struct pace_times *ret_times)
{
	enum pace_from from = PACE_SITE;
	const struct pace *push =
		source(site, family, site->pushes > 0, family->pushes > 0, &from);
	const struct pace *reset =
		source(site, family, site->resets > 0, family->resets > 0, &from);
	const struct pace *back =
		source(site, family, site->returns > 0, family->returns > 0, &from);
	int64_t rate =
		push ? push->push_bytes * 1000 / push->push_ms : PACE_RATE_ASSUMED;

	*ret_times = (struct pace_times){
		.rate = rate > 0 ? rate : 1,
		.reset_ms =
			reset ? reset->reset_ms / reset->resets : PACE_RESET_ASSUMED,
		.return_ms =
			back ? back->return_ms / back->returns : PACE_RETURN_ASSUMED,
		.from = from,
		.pushes = push ? push->pushes : 0,
	};
}
