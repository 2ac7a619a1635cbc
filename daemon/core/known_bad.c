/* SPDX-License-Identifier: MIT
 *
 * Known-bad images.
 */
#include "daemon/core/known_bad.h"

#include <string.h>

/* It runs, or ran, the pushed image: the states behind a proven reset. */
static bool ran_it(enum task_state state)
{
	return state == TASK_VERIFYING || state == TASK_SOAKING ||
	       state == TASK_CONFIRMING;
}

/* The board itself has run it: what befell it now befell a board that was ill already. */
static bool ran_before(const struct task *task, const struct wipy_fingerprint *image)
{
	return task->has_wanted ||
	       (task->has_before && wipy_fingerprint_equal(&task->before, image));
}

bool known_bad_speaks(const struct task *was, const struct task *now,
	const struct wipy_fingerprint *image)
{
	if (now->state == was->state ||
		(now->state != TASK_FELL_BACK && now->state != TASK_LOST) ||
		ran_before(now, image))
		return false;
	if (ran_it(was->state))
		return true;
	/* Before that it takes a complete push, nothing torn since, and the proof that the
	 * board was reset with it: it went and never came back, or the mark is gone. */
	return was->state == TASK_RETURNING && was->pushed && !was->touched &&
	       now->proof == (now->state == TASK_LOST ? PROOF_OUTAGE : PROOF_MARK);
}

const struct known_bad *known_bad_find_but(const struct known_bad *list, size_t count,
	const char *sha256, const char *type, const struct id *rollout)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].cleared_s == 0 && strcmp(list[i].sha256, sha256) == 0 &&
			strcmp(list[i].type, type) == 0 &&
			!(rollout && id_equal(&list[i].rollout, rollout)))
			return &list[i];
	return NULL;
}

const struct known_bad *known_bad_find(const struct known_bad *list, size_t count,
	const char *sha256, const char *type)
{
	return known_bad_find_but(list, count, sha256, type, NULL);
}

bool known_bad_is_meant(
	const struct known_bad *entry, const char *sha256, const char *type)
{
	size_t len = strlen(sha256);

	return entry->cleared_s == 0 && (!type || strcmp(entry->type, type) == 0) &&
	       len >= KNOWN_BAD_DIGITS && strncmp(entry->sha256, sha256, len) == 0;
}
