/* SPDX-License-Identifier: MIT
 *
 * Counts first, then whatever a person has to see to, the most dangerous in front.
 */
#include "daemon/core/fleet_text.h"

#include "common/text.h"
#include "daemon/core/reason.h"

static void say_count(
	struct wipy_text *text, size_t count, const char *one, const char *many)
{
	wipy_text_int(text, (int64_t)count);
	wipy_text_str(text, count == 1 ? one : many);
}

static void say_versions(struct wipy_text *text, const struct fleet_counts *counts)
{
	size_t of = counts->in_sync + counts->behind;

	if (of == 0)
		return;
	wipy_text_str(text, "; ");
	wipy_text_int(text, (int64_t)counts->in_sync);
	wipy_text_str(text, " of ");
	say_count(text, of, " runs what it should", " run what they should");
}

/* One thing to see to; *any: another one stands before it. */
static void say_need(struct wipy_text *text, bool *any, size_t count, const char *one,
	const char *many)
{
	if (count == 0)
		return;
	wipy_text_str(text, *any ? ", " : "; ");
	say_count(text, count, one, many);
	*any = true;
}

void fleet_say(const struct fleet_counts *counts, char ret_text[FLEET_TEXT_MAX])
{
	struct wipy_text text;
	bool any = false;

	wipy_text_init(&text, ret_text, FLEET_TEXT_MAX);
	if (counts->boards == 0) {
		wipy_text_str(&text, "There is no board in the inventory");
	} else {
		say_count(&text, counts->boards, " board, ", " boards, ");
		wipy_text_int(&text, (int64_t)counts->online);
		wipy_text_str(&text, " online");
		say_versions(&text, counts);
	}
	say_need(&text, &any, counts->dirty, " is dirty", " are dirty");
	say_need(&text, &any, counts->needs_hands, " needs hands", " need hands");
	say_need(&text, &any, counts->halted, " rollout is halted",
		" rollouts are halted");
	say_need(&text, &any, counts->unapproved, " rollout waits for approval",
		" rollouts wait for approval");
	say_need(
		&text, &any, counts->locked_out, " keeps wipyd out", " keep wipyd out");
	if (counts->read_only)
		wipy_text_str(&text,
			any ? ", and nothing can be saved" : "; nothing can be saved");
	else if (!any)
		wipy_text_str(&text, "; nothing needs a person");
	wipy_text_str(&text, ".");
}

/* ---- a rollout ------------------------------------------------------------------- */

void rollout_counts_add(struct rollout_counts *counts, enum task_state state)
{
	counts->tasks++;
	counts->confirmed += state == TASK_CONFIRMED;
	counts->already += state == TASK_ALREADY;
	counts->hurt +=
		state == TASK_FELL_BACK || state == TASK_FAILED || state == TASK_LOST;
	counts->deferred += state == TASK_DEFERRED;
	counts->refused += state == TASK_REFUSED;
}

static void say_rollout(struct wipy_text *text, const struct rollout *rollout)
{
	char id[ID_TEXT_MAX];

	if (id_is_zero(&rollout->undo_of)) {
		wipy_text_str(text, "Rollout of ");
		wipy_text_str(text, rollout->release);
	} else {
		id_format(&rollout->undo_of, id);
		wipy_text_str(text, "The undo of rollout ");
		wipy_text_bytes(text, id, 8);
		wipy_text_str(text, " (release ");
		wipy_text_str(text, rollout->release);
		wipy_text_char(text, ')');
	}
	wipy_text_str(text, " is ");
	wipy_text_str(text, rollout_state_name(rollout->state));
	wipy_text_str(text, ": ");
}

void rollout_say(const struct rollout *rollout, const struct rollout_counts *counts,
	char ret_text[ROLLOUT_TEXT_MAX])
{
	bool undo = !id_is_zero(&rollout->undo_of);
	struct wipy_text text;

	wipy_text_init(&text, ret_text, ROLLOUT_TEXT_MAX);
	say_rollout(&text, rollout);
	wipy_text_int(&text, (int64_t)counts->confirmed);
	wipy_text_str(&text, " of ");
	wipy_text_int(&text, (int64_t)counts->tasks);
	wipy_text_str(&text,
		undo ? " boards were taken back, " : " boards were confirmed on it, ");
	if (counts->already > 0) {
		wipy_text_int(&text, (int64_t)counts->already);
		wipy_text_str(
			&text, undo ? " were back already, " : " ran it already, ");
	}
	wipy_text_int(&text, (int64_t)counts->hurt);
	wipy_text_str(&text, " fell back, failed or were lost, ");
	wipy_text_int(&text, (int64_t)counts->deferred);
	wipy_text_str(&text, " deferred, ");
	wipy_text_int(&text, (int64_t)counts->refused);
	wipy_text_str(&text, undo ? " cannot be taken back." : " refused.");
	if (rollout->state == ROLLOUT_HALTED) {
		wipy_text_char(&text, ' ');
		wipy_text_str(&text, reason_what(rollout->reason));
	} else if (rollout->state == ROLLOUT_EXPIRED) {
		wipy_text_str(
			&text, " Its time was over before every board had its turn.");
	}
}
