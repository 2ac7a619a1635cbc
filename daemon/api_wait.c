/* SPDX-License-Identifier: MIT
 *
 * JSON of what a rollout waits for: which boards hold it and why, as a sentence for people
 * and in groups for programs; and of its catch-up.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/core/reason.h"
#include "daemon/core/wait_text.h"

#define NAMES_MAX 5 /* of a group */
#define TEXT_MAX  1024

struct waiting {
	const struct engine_rollout *rollout;
	struct wait wait[WAITS_MAX];
	size_t count;
	unsigned char *of; /* the group of each task */
};

static const struct engine_task *first_of(const struct waiting *w, size_t group)
{
	size_t i = 0;

	while (w->of[i] != group)
		i++;
	return &w->rollout->task[i];
}

static void add_text(char *text, const char *more)
{
	size_t len = strlen(text);

	snprintf(text + len, TEXT_MAX - len, "%s", more);
}

static void add_names(const struct waiting *w, size_t group, char *text)
{
	size_t left = w->wait[group].boards, said = 0;

	add_text(text, " (");
	for (size_t i = 0; i < w->rollout->task_count && said < 3; i++) {
		if (w->of[i] != group)
			continue;
		add_text(text, said++ > 0 ? ", " : "");
		add_text(text, w->rollout->task[i].task.board);
	}
	add_text(text, left > said ? ", ...)" : ")");
}

static void say_group(const struct waiting *w, size_t group, char *text)
{
	const struct wait *wait = &w->wait[group];
	size_t len = strlen(text);
	struct wait_place place;
	char count[48], name[ENGINE_DOMAIN_MAX];
	struct wipy_text words;

	snprintf(count, sizeof(count), "%zu %s ", wait->boards,
		wait->boards == 1 ? "board" : "boards");
	engine_wait_place(first_of(w, group), wait, name, &place);
	wipy_text_init(&words, text + len, TEXT_MAX - len);
	wipy_text_str(&words, count);
	wait_say(wait, &place, &words);
	add_names(w, group, text);
}

static void say_undo(const struct engine_rollout *undo, char *text)
{
	char part[96], id[ID_TEXT_MAX];

	add_text(text, "It waits for its undo");
	if (!undo)
		return;
	id_format(&undo->rollout.id, id);
	snprintf(part, sizeof(part), ", rollout %.8s, which is %s", id,
		rollout_state_name(undo->rollout.state));
	add_text(text, part);
}

/* "Wave 1 of 4 waits: 2 boards for the window of site berlin, ..." */
static void say_who(const struct engine_rollout *er, bool for_boards, char *text)
{
	const struct rollout *rollout = &er->rollout;
	int wave = rollout_wave_now(rollout);
	char part[160];

	text[0] = '\0';
	switch (rollout_drive(rollout)) {
	case ROLLOUT_AWAITING_APPROVAL:
		add_text(text, "It waits for another person to approve it");
		return;
	case ROLLOUT_PAUSED:
		add_text(text, "It is paused and waits for a person to resume it");
		break;
	case ROLLOUT_HALTED:
		snprintf(part, sizeof(part),
			"It is halted (%s) and waits for a person to resume or abort "
			"it",
			reason_code(rollout_state_is_end(rollout->state)
					    ? rollout->catch_up_reason
					    : rollout->reason));
		add_text(text, part);
		break;
	case ROLLOUT_ABORTING:
		add_text(text,
			for_boards ? "The abort waits" : "The abort is about to end");
		break;
	case ROLLOUT_UNDOING:
		say_undo(engine_undo_of(er), text);
		return;
	case ROLLOUT_DRAFT:
	case ROLLOUT_SCHEDULED:
	case ROLLOUT_RUNNING:
	case ROLLOUT_ABORTED:
	case ROLLOUT_UNDONE:
	case ROLLOUT_COMPLETED:
	case ROLLOUT_COMPLETED_WITH_EXCEPTIONS:
	case ROLLOUT_EXPIRED:
	case ROLLOUT_STATE_COUNT:
		snprintf(part, sizeof(part), "Wave %d of %d waits", wave + 1,
			rollout->wave_count);
		if (rollout_state_is_end(rollout->state))
			snprintf(part, sizeof(part), "The catch-up waits");
		else if (wave < 0)
			snprintf(part, sizeof(part), "It waits");
		add_text(text, part);
		break;
	}
}

static json_t *json_group(const struct waiting *w, size_t group)
{
	const struct wait *wait = &w->wait[group];
	json_t *names = json_array();
	char place[ENGINE_DOMAIN_MAX];

	for (size_t i = 0;
		i < w->rollout->task_count && json_array_size(names) < NAMES_MAX; i++)
		if (w->of[i] == group)
			json_array_append_new(
				names, json_string(w->rollout->task[i].task.board));
	engine_domain_name(w->rollout->engine, wait->domain, place);
	return json_pack("{s:s, s:I, s:o, s:o, s:o, s:b}", "why",
		wait_why_name(wait->why), "boards", (json_int_t)wait->boards, "names",
		names, "place", wait->domain < 0 ? json_null() : json_text(place),
		"until",
		wait->until_s == WINDOW_NEVER ? json_null() : json_time(wait->until_s),
		"bandwidth",
		(wait->why == WAIT_PLACE || wait->why == WAIT_DOMAIN) &&
			engine_domain_is_fed(w->rollout->engine, wait->domain));
}

json_t *json_waits_for(const struct engine_rollout *er)
{
	struct waiting w = {.rollout = er};
	int wave = rollout_wave_now(&er->rollout);
	char text[TEXT_MAX];
	json_t *on;

	/* One that is shown as it was has no boards to wait for. */
	if (rollout_is_over(&er->rollout) || !er->domains)
		return json_null();
	w.of = calloc(er->task_count + 1, 1);
	if (!w.of)
		abort();
	w.count = engine_rollout_waits(er, w.wait, w.of);
	on = json_array();
	say_who(er, w.count > 0, text);
	for (size_t i = 0; i < w.count; i++) {
		add_text(text, i == 0 ? ": " : "; ");
		say_group(&w, i, text);
		json_array_append_new(on, json_group(&w, i));
	}
	add_text(text, ".");
	free(w.of);
	return json_pack("{s:o, s:o, s:o}", "text", json_text(text), "wave",
		wave < 0 ? json_null() : json_integer(wave + 1), "on", on);
}

json_t *json_catch_up(const struct engine_rollout *er)
{
	const struct rollout *rollout = &er->rollout;
	json_int_t boards = 0, confirmed = 0, hurt = 0, left = 0;

	if (rollout->catch_up == ROLLOUT_DRAFT)
		return json_null();
	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;

		if (!task->late)
			continue;
		boards++;
		confirmed +=
			task->state == TASK_CONFIRMED || task->state == TASK_ALREADY;
		hurt += task->state == TASK_LOST || task->state == TASK_FELL_BACK ||
			task->state == TASK_FAILED;
		left += !task_state_is_end(task->state);
	}
	return json_pack("{s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "state",
		rollout_state_name(rollout->catch_up), "reason",
		rollout->catch_up_reason == REASON_NONE
			? json_null()
			: json_string(reason_code(rollout->catch_up_reason)),
		"since", json_time(rollout->catch_up_since_s), "until",
		json_time(rollout->valid_until_s), "boards", boards, "confirmed",
		confirmed, "hurt", hurt, "left", left);
}
