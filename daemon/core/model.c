/* SPDX-License-Identifier: MIT
 *
 * Names of the model's enums, and ids as text. The names are stored and shown, so they
 * never change.
 */
#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "daemon/core/model.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

static const char *const reach_names[REACH_COUNT] = {
	[REACH_NEVER_SEEN] = "never-seen",
	[REACH_ONLINE] = "online",
	[REACH_FLAPPING] = "flapping",
	[REACH_OFFLINE] = "offline",
	[REACH_RETIRED] = "retired",
};
static const char *const access_names[ACCESS_COUNT] = {
	[ACCESS_OPEN] = "open",
	[ACCESS_LOGIN_OK] = "login-ok",
	[ACCESS_LOGIN_REFUSED] = "login-refused",
	[ACCESS_BUSY] = "busy",
	[ACCESS_WRONG_BOARD] = "wrong-board",
	[ACCESS_SAFE_BOOT] = "safe-boot",
};
static const char *const version_names[VERSION_COUNT] = {
	[VERSION_UNKNOWN] = "unknown",
	[VERSION_UNMANAGED] = "unmanaged",
	[VERSION_IN_SYNC] = "in-sync",
	[VERSION_BEHIND] = "behind",
	[VERSION_AHEAD] = "ahead",
	[VERSION_FOREIGN] = "foreign",
	[VERSION_CHANGED_BY_OTHERS] = "changed-by-others",
};
static const char *const task_state_names[TASK_STATE_COUNT] = {
	[TASK_PLANNED] = "planned",
	[TASK_WAITING] = "waiting",
	[TASK_CHECKING] = "checking",
	[TASK_PUSHING] = "pushing",
	[TASK_STAGED] = "staged",
	[TASK_DISARMING] = "disarming",
	[TASK_RESETTING] = "resetting",
	[TASK_RETURNING] = "returning",
	[TASK_VERIFYING] = "verifying",
	[TASK_SOAKING] = "soaking",
	[TASK_CONFIRMING] = "confirming",
	[TASK_HELD] = "held",
	[TASK_DEFERRED] = "deferred",
	[TASK_BACKOFF] = "backoff",
	[TASK_CONFIRMED] = "confirmed",
	[TASK_ALREADY] = "already",
	[TASK_REFUSED] = "refused",
	[TASK_SKIPPED] = "skipped",
	[TASK_FELL_BACK] = "fell-back",
	[TASK_FAILED] = "failed",
	[TASK_LOST] = "lost",
	[TASK_REVERTED] = "reverted",
	[TASK_CANCELLED] = "cancelled",
};
static const char *const proof_names[PROOF_COUNT] = {
	[PROOF_NONE] = "none",
	[PROOF_OUTAGE] = "outage",
	[PROOF_FINGERPRINT] = "fingerprint",
	[PROOF_MARK] = "mark",
};
static const char *const rollout_state_names[ROLLOUT_STATE_COUNT] = {
	[ROLLOUT_DRAFT] = "draft",
	[ROLLOUT_AWAITING_APPROVAL] = "awaiting-approval",
	[ROLLOUT_SCHEDULED] = "scheduled",
	[ROLLOUT_RUNNING] = "running",
	[ROLLOUT_PAUSED] = "paused",
	[ROLLOUT_HALTED] = "halted",
	[ROLLOUT_ABORTING] = "aborting",
	[ROLLOUT_ABORTED] = "aborted",
	[ROLLOUT_UNDOING] = "undoing",
	[ROLLOUT_UNDONE] = "undone",
	[ROLLOUT_COMPLETED] = "completed",
	[ROLLOUT_COMPLETED_WITH_EXCEPTIONS] = "completed-with-exceptions",
	[ROLLOUT_EXPIRED] = "expired",
};
static const char *const wave_state_names[WAVE_STATE_COUNT] = {
	[WAVE_CLOSED] = "closed",
	[WAVE_OPEN] = "open",
	[WAVE_SOAKING] = "soaking",
	[WAVE_PASSED] = "passed",
	[WAVE_TRIPPED] = "tripped",
	[WAVE_SKIPPED] = "skipped",
};

static const char *const condition_names[] = {"dirty", "armed", "needs-hands"};
static const char *const abort_mode_names[ABORT_MODE_COUNT] = {
	[ABORT_KEEP] = "keep",
	[ABORT_REVERT] = "revert",
	[ABORT_FREEZE] = "freeze",
};

static const char *name_of(const char *const *names, size_t count, size_t value)
{
	return value < count ? names[value] : "invalid";
}

static size_t by_name(const char *const *names, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			break;
	return i;
}

const char *condition_name(size_t index)
{
	return index < ARRAY_LEN(condition_names) ? condition_names[index] : NULL;
}

#define NAMED_ENUM(prefix, type)                                                       \
	const char *prefix##_name(enum type value)                                     \
	{                                                                              \
		return name_of(                                                        \
			prefix##_names, ARRAY_LEN(prefix##_names), (size_t)value);     \
	}                                                                              \
	enum type prefix##_by_name(const char *name)                                   \
	{                                                                              \
		return (enum type)by_name(                                             \
			prefix##_names, ARRAY_LEN(prefix##_names), name);              \
	}

NAMED_ENUM(reach, reach)
NAMED_ENUM(access, access)
NAMED_ENUM(version, version_state)
NAMED_ENUM(task_state, task_state)
NAMED_ENUM(proof, proof)
NAMED_ENUM(rollout_state, rollout_state)
NAMED_ENUM(wave_state, wave_state)
NAMED_ENUM(abort_mode, abort_mode)

bool task_is_gone(const struct task *task)
{
	return task->lost_s != 0 && task->returned_s == 0;
}

bool rollout_state_is_end(enum rollout_state state)
{
	return state == ROLLOUT_ABORTED || state == ROLLOUT_UNDONE ||
	       state == ROLLOUT_COMPLETED ||
	       state == ROLLOUT_COMPLETED_WITH_EXCEPTIONS || state == ROLLOUT_EXPIRED;
}

enum rollout_state rollout_drive(const struct rollout *rollout)
{
	return rollout->state == ROLLOUT_COMPLETED_WITH_EXCEPTIONS &&
			       rollout->catch_up != ROLLOUT_DRAFT
		       ? rollout->catch_up
		       : rollout->state;
}

bool rollout_catches_up(const struct rollout *rollout)
{
	return rollout_state_is_end(rollout->state);
}

bool rollout_is_over(const struct rollout *rollout)
{
	return rollout_state_is_end(rollout_drive(rollout));
}

bool rollout_is_repair(const struct rollout *rollout)
{
	return strcmp(rollout->actor, "wipyd") == 0 && id_is_zero(&rollout->undo_of);
}

bool board_is_not_lasting(const struct board *board)
{
	return (board->conditions & CONDITION_NEEDS_HANDS) &&
	       !(board->conditions & CONDITION_DIRTY) &&
	       board->hands_reason == REASON_NOT_LASTING;
}

const struct release_image *release_image_for(
	const struct release *release, enum wipy_family family, const char *type)
{
	const struct release_image *any = NULL;

	for (size_t i = 0; i < release->image_count; i++) {
		const struct release_image *image = &release->image[i];

		if (image->family != family)
			continue;
		if (strcmp(image->type, type) == 0)
			return image;
		if (!*image->type)
			any = image;
	}
	return any;
}

bool id_equal(const struct id *a, const struct id *b)
{
	return memcmp(a->byte, b->byte, ID_LEN) == 0;
}

bool id_is_zero(const struct id *id)
{
	static const struct id zero;

	return id_equal(id, &zero);
}

void id_format(const struct id *id, char ret_text[ID_TEXT_MAX])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, ID_TEXT_MAX);
	for (size_t i = 0; i < ID_LEN; i++)
		wipy_text_hex(&text, id->byte[i], 2);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int id_parse(const char *text, struct id *ret_id)
{
	struct id id;

	if (strlen(text) != 2 * ID_LEN)
		return -EINVAL;
	for (size_t i = 0; i < ID_LEN; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		id.byte[i] = (uint8_t)(high * 16 + low);
	}
	*ret_id = id;
	return 0;
}
