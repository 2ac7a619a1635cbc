/* SPDX-License-Identifier: MIT
 *
 * The answer to `why BOARD`, put together.
 */
#include "daemon/core/why.h"

#include <string.h>

#include "daemon/core/reason.h"
#include "daemon/core/why_private.h"

const char *target_from_name(enum target_from from)
{
	static const char *const names[TARGET_FROM_COUNT] = {
		[TARGET_NONE] = "none",
		[TARGET_BOARD] = "board",
		[TARGET_TYPE] = "type",
		[TARGET_SITE] = "site",
		[TARGET_DEFAULTS] = "defaults",
		[TARGET_CONFIRMED] = "confirmed",
	};

	return from < TARGET_FROM_COUNT ? names[from] : "invalid";
}

const char *task_next_auto(const struct task *task, bool over)
{
	if (task->state == TASK_DEFERRED)
		return over ? REASON_NOTHING_AUTO : reason_next_auto(REASON_OFFLINE);
	return task_state_is_end(task->state) ? reason_next_at_end(task->reason)
					      : reason_next_auto(task->reason);
}

const char *task_next_human(const struct task *task, bool over)
{
	if (task->state == TASK_DEFERRED && over)
		return "See to it that it answers again, then start a rollout for it.";
	return reason_next_human(task->reason);
}

bool why_ended_badly(const struct task *task)
{
	return task->state != TASK_CONFIRMED && task->state != TASK_ALREADY &&
	       task->state != TASK_REVERTED;
}

const char *why_trouble(const struct board *board, const struct task *task)
{
	if (board->conditions & CONDITION_DIRTY)
		return "dirty";
	if (board->conditions & CONDITION_NEEDS_HANDS)
		return "needs-hands";
	if (board->conditions & CONDITION_ARMED)
		return "armed";
	if (board->reach == REACH_OFFLINE || board->reach == REACH_FLAPPING)
		return reach_name(board->reach);
	if (board->access == ACCESS_WRONG_BOARD ||
		board->access == ACCESS_LOGIN_REFUSED)
		return access_name(board->access);
	if (board->version == VERSION_CHANGED_BY_OTHERS)
		return version_name(board->version);
	if (board->version != VERSION_IN_SYNC && task &&
		task_state_is_end(task->state) && why_ended_badly(task))
		return reason_code(task->reason);
	return NULL;
}

/* ---- what the facts say ---------------------------------------------------------- */

bool why_is_active(const struct why_facts *facts)
{
	return facts->task && facts->rollout &&
	       !task_state_is_end(facts->task->state) &&
	       !rollout_is_over(facts->rollout);
}

enum rollout_state why_drive(const struct why_facts *facts)
{
	return rollout_drive(facts->rollout);
}

bool why_is_right(const struct why_facts *facts)
{
	return facts->board->version == VERSION_IN_SYNC;
}

const struct machine_state *why_state(
	const char *machine, const char *state, struct machine_state *buffer)
{
	const struct machine *found;

	for (size_t i = 0; (found = machine_at(i)); i++)
		for (size_t k = 0;
			strcmp(found->name, machine) == 0 && found->state(k, buffer);
			k++)
			if (strcmp(buffer->name, state) == 0)
				return buffer;
	return NULL;
}

void why_say_sentence(const char *words, struct wipy_text *text)
{
	size_t len = strlen(words);
	char first = words[0];

	if (len == 0)
		return;
	if (first == '`')
		wipy_text_str(text, "Say ");
	wipy_text_char(
		text, first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : first);
	wipy_text_str(text, words + 1);
	if (words[len - 1] != '.')
		wipy_text_char(text, '.');
}

/* ---- what it runs, what it should ------------------------------------------------ */

static void say_image(const struct wipy_fingerprint *shown, struct wipy_text *text)
{
	wipy_text_str(text, shown->tag);
	wipy_text_str(text, " (");
	wipy_text_str(text, shown->date);
	wipy_text_char(text, ')');
}

/* Silent: what it runs now is not known. A dirty one goes on with what it ran. */
static bool is_away(const struct board *board)
{
	return board->reach == REACH_OFFLINE ||
	       ((board->conditions & CONDITION_NEEDS_HANDS) &&
		       !(board->conditions & CONDITION_DIRTY) &&
		       !board_is_not_lasting(board));
}

static void say_runs(const struct why_facts *facts, struct why *why)
{
	const struct board *board = facts->board;
	bool away = is_away(board);
	struct wipy_text text;

	wipy_text_init(&text, why->runs, sizeof(why->runs));
	if (facts->as_of_s) {
		wipy_text_str(&text, "As of ");
		wait_say_time(facts->as_of_s, &text);
		wipy_text_str(&text, ": ");
	}
	if (!board->has_fingerprint) {
		wipy_text_str(&text, "nobody knows what ");
		wipy_text_str(&text, board->name);
		wipy_text_str(&text, " runs.");
		why->runs[0] = why->runs[0] == 'n' ? 'N' : why->runs[0];
		return;
	}
	wipy_text_str(&text, board->name);
	if (away && board->seen_s) {
		wipy_text_str(&text, " was last seen ");
		wait_say_time(board->seen_s, &text);
		wipy_text_str(&text, ", running ");
	} else {
		wipy_text_str(&text, away ? " was last seen running " : " runs ");
	}
	say_image(&board->fingerprint, &text);
	if (facts->runs_release[0] &&
		strcmp(facts->runs_release, board->fingerprint.tag) != 0) {
		wipy_text_str(&text, ", release ");
		wipy_text_str(&text, facts->runs_release);
	}
	if (facts->runs_since_s) {
		wipy_text_str(&text, ", since ");
		wait_say_time(facts->runs_since_s, &text);
	}
	if (board->seen_s && !away) {
		wipy_text_str(&text, ", last seen ");
		wait_say_time(board->seen_s, &text);
	}
	wipy_text_char(&text, '.');
}

static void say_target_from(const struct why_facts *facts, struct wipy_text *text)
{
	static const char *const from[TARGET_FROM_COUNT] = {
		[TARGET_NONE] = "",
		[TARGET_BOARD] = "its own entry in the inventory says",
		[TARGET_TYPE] = "its type ",
		[TARGET_SITE] = "its site ",
		[TARGET_DEFAULTS] = "the defaults of the inventory say",
		[TARGET_CONFIRMED] =
			"the last rollout that was confirmed on it left it",
	};

	wipy_text_str(text, ", as ");
	wipy_text_str(text, from[facts->from]);
	if (facts->from == TARGET_TYPE || facts->from == TARGET_SITE) {
		wipy_text_str(text, facts->target_place);
		wipy_text_str(text, " says");
	}
}

/* A release is often called like the tag of its image. */
static void say_target_image(const struct why_facts *facts, struct wipy_text *text)
{
	const struct wipy_fingerprint *image = facts->target_shows;

	if (!image)
		return;
	if (strcmp(image->tag, facts->target) != 0) {
		wipy_text_str(text, ", ");
		say_image(image, text);
		return;
	}
	wipy_text_str(text, " (");
	wipy_text_str(text, image->date);
	wipy_text_char(text, ')');
}

static void say_should(const struct why_facts *facts, struct why *why)
{
	const char *state = version_name(facts->board->version);
	struct machine_state buffer;
	const struct machine_state *words = why_state("version", state, &buffer);
	struct wipy_text text;

	wipy_text_init(&text, why->should, sizeof(why->should));
	if (facts->from == TARGET_NONE) {
		wipy_text_str(&text, "Nothing says what it should run");
	} else {
		wipy_text_str(&text, "It should run release ");
		wipy_text_str(&text, facts->target);
		say_target_image(facts, &text);
		say_target_from(facts, &text);
	}
	if (is_away(facts->board) && facts->board->has_fingerprint) {
		wipy_text_str(&text, "; when it was last seen it was ");
		wipy_text_str(&text, state);
	} else {
		wipy_text_str(&text, "; it is ");
		wipy_text_str(&text, state);
		wipy_text_str(&text, ": ");
		wipy_text_str(&text, words ? words->meaning : "");
	}
	wipy_text_char(&text, '.');
}

/* ---- what comes next ------------------------------------------------------------- */

static void next_in_flight(const struct why_facts *facts, struct wipy_text *text)
{
	struct machine_state buffer;
	const struct machine_state *words =
		why_state("task", task_state_name(facts->task->state), &buffer);

	wipy_text_str(text, "Its update goes on by itself.");
	if (!words || strcmp(words->deadline, "-") == 0)
		return;
	wipy_text_str(text, " The deadline of this state: ");
	wipy_text_str(text, words->deadline);
	wipy_text_char(text, '.');
}

static void next_running(const struct why_facts *facts, struct wipy_text *text)
{
	const struct task *task = facts->task;

	if (task->state == TASK_PLANNED) {
		wipy_text_str(text, "It begins by itself after wave ");
		wipy_text_int(text, task->wave + 1);
		wipy_text_str(text, " has opened.");
	} else if (task->reason != REASON_NONE || task->state == TASK_DEFERRED) {
		wipy_text_str(text, task_next_auto(task, false));
	} else if (facts->wait && facts->wait->why == WAIT_WINDOW) {
		wipy_text_str(text, reason_next_auto(REASON_WINDOW));
	} else if (task->state == TASK_WAITING) {
		wipy_text_str(text,
			"It begins by itself as soon as there is a place for it.");
	} else {
		next_in_flight(facts, text);
	}
}

static void next_active(const struct why_facts *facts, struct wipy_text *text)
{
	const struct rollout *rollout = facts->rollout;
	bool under_way = task_state_in_flight(facts->task->state);

	/* What is under way on a board is finished, whatever the rollout does. */
	if (under_way || why_drive(facts) == ROLLOUT_RUNNING)
		next_running(facts, text);
	else if (why_drive(facts) == ROLLOUT_PAUSED)
		wipy_text_str(text, reason_next_auto(REASON_PAUSED));
	else if (why_drive(facts) == ROLLOUT_HALTED)
		wipy_text_str(text, reason_next_auto(rollout_catches_up(rollout)
							     ? rollout->catch_up_reason
							     : rollout->reason));
	else if (facts->task->reason != REASON_NONE)
		wipy_text_str(text, task_next_auto(facts->task, false));
	else
		wipy_text_str(text, REASON_NOTHING_AUTO);
}

/* Nothing works on it: what becomes of the gravest thing. */
static void next_idle(const struct why_facts *facts, struct wipy_text *text)
{
	const struct board *board = facts->board;
	uint32_t grave = board->conditions & ~(uint32_t)CONDITION_ARMED;
	struct machine_state buffer;
	const struct machine_state *words;

	if (board_is_not_lasting(board)) {
		wipy_text_str(text, reason_next_auto(REASON_NOT_LASTING));
	} else if (grave) {
		words = why_state("condition",
			grave & CONDITION_DIRTY ? "dirty" : "needs-hands", &buffer);
		why_say_sentence(words ? words->next : "", text);
	} else if (facts->task && !why_is_right(facts) &&
		   reason_next_at_end(facts->task->reason)[0]) {
		wipy_text_str(text, task_next_auto(facts->task, true));
	} else if (board->reach == REACH_OFFLINE || board->reach == REACH_NEVER_SEEN) {
		wipy_text_str(text, reason_next_auto(REASON_NO_RETURN));
	} else if (facts->next_poll_s == 0 || !why_is_right(facts)) {
		wipy_text_str(text, REASON_NOTHING_AUTO);
	}
}

static void say_next(const struct why_facts *facts, struct why *why)
{
	bool active = why_is_active(facts);
	struct wipy_text text;

	wipy_text_init(&text, why->next, sizeof(why->next));
	if (active)
		next_active(facts, &text);
	else
		next_idle(facts, &text);
	for (size_t i = 0; i < why->hold_count && why->next_s == 0; i++)
		why->next_s = why->hold[i].until_s;
	if (facts->next_poll_s == 0 ||
		(active && task_state_in_flight(facts->task->state)))
		return;
	wipy_text_str(&text, text.len ? " " : "");
	wipy_text_str(&text, "The next poll is due at ");
	wait_say_time(facts->next_poll_s, &text);
	wipy_text_char(&text, '.');
	if (why->next_s == 0)
		why->next_s = facts->next_poll_s;
}

/* ---- the paragraph --------------------------------------------------------------- */

static void say_part(struct wipy_text *text, const char *part)
{
	if (text->len > 0)
		wipy_text_char(text, ' ');
	wipy_text_str(text, part);
}

static void say_all(struct why *why)
{
	struct wipy_text text;

	wipy_text_init(&text, why->text, sizeof(why->text));
	say_part(&text, why->runs);
	say_part(&text, why->should);
	for (size_t i = 0; i < why->hold_count; i++)
		say_part(&text, why->hold[i].text);
	if (why->hold_count == 0)
		say_part(&text, "Nothing holds it.");
	say_part(&text, why->next);
	for (size_t i = 0; i < why->step_count; i++)
		say_part(&text, why->step[i].text);
}

void why_answer(const struct why_facts *facts, struct why *ret_why)
{
	memset(ret_why, 0, sizeof(*ret_why));
	say_runs(facts, ret_why);
	say_should(facts, ret_why);
	why_find_holds(facts, ret_why);
	say_next(facts, ret_why);
	say_all(ret_why);
}
