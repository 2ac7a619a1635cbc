/* SPDX-License-Identifier: MIT
 *
 * What holds a board, the gravest first, and the steps of a person that go with it.
 */
#include <string.h>

#include "daemon/core/reason.h"
#include "daemon/core/why_private.h"

/* Opens a hold; NULL: there is no room, which no board gets to. */
static struct why_hold *hold_new(
	struct why *why, const char *code, struct wipy_text *ret_text)
{
	struct why_hold *hold;

	if (why->hold_count == WHY_HOLDS_MAX)
		return NULL;
	hold = &why->hold[why->hold_count++];
	hold->code = code;
	hold->until_s = 0;
	wipy_text_init(ret_text, hold->text, sizeof(hold->text));
	return hold;
}

/* ---- the board itself ------------------------------------------------------------ */

/* "It is offline since 2026-...: several polls in a row did not meet it." */
static void hold_state(const struct why_facts *facts, struct why *why,
	const char *machine, const char *state, const char *said, int64_t since_s)
{
	struct machine_state buffer;
	const struct machine_state *words = why_state(machine, state, &buffer);
	struct wipy_text text;

	if (!words || !hold_new(why, words->name, &text))
		return;
	wipy_text_str(&text, said);
	if (since_s > 0) {
		wipy_text_str(&text, " since ");
		wait_say_time(since_s, &text);
	}
	wipy_text_str(&text, ": ");
	wipy_text_str(&text, words->meaning);
	wipy_text_char(&text, '.');
	/* Of a condition the card's first step says it better. */
	if (strcmp(machine, "condition") != 0 || !facts->to_do[0])
		why_add_step(facts, why, words->human, "");
}

static void hold_conditions(const struct why_facts *facts, struct why *why)
{
	const struct board *board = facts->board;

	if (facts->to_do[0])
		why_add_step(facts, why, facts->to_do, "wipyctl rescue card NAME");
	if (board->conditions & CONDITION_DIRTY)
		hold_state(facts, why, "condition", "dirty", "It is dirty", 0);
	if (board->conditions & CONDITION_ARMED)
		hold_state(facts, why, "condition", "armed", "It is armed", 0);
	if (!(board->conditions & CONDITION_NEEDS_HANDS))
		return;
	hold_state(facts, why, "condition", "needs-hands", "It needs a hand",
		board->hands_since_s);
	why_add_step(facts, why, reason_next_human(board->hands_reason), "");
}

static void hold_axes(const struct why_facts *facts, struct why *why)
{
	static const char *const reach[REACH_COUNT] = {
		[REACH_NEVER_SEEN] = "It was never seen",
		[REACH_FLAPPING] = "It is flapping",
		[REACH_OFFLINE] = "It is offline",
		[REACH_RETIRED] = "It is retired",
	};
	static const char *const access[ACCESS_COUNT] = {
		[ACCESS_LOGIN_REFUSED] = "Its login is refused",
		[ACCESS_BUSY] = "It is busy",
		[ACCESS_WRONG_BOARD] = "It is the wrong board",
		[ACCESS_SAFE_BOOT] = "It is in safe boot",
	};
	const struct board *board = facts->board;

	if (reach[board->reach])
		hold_state(facts, why, "reach", reach_name(board->reach),
			reach[board->reach],
			board->reach == REACH_NEVER_SEEN ? 0 : board->since_s);
	if (access[board->access])
		hold_state(facts, why, "access", access_name(board->access),
			access[board->access], 0);
}

/* ---- its rollout ----------------------------------------------------------------- */

static void step_rollout(const struct why_facts *facts, struct why *why,
	enum rollout_state drive, enum reason reason)
{
	struct machine_state buffer;
	const struct machine_state *words =
		why_state("rollout", rollout_state_name(drive), &buffer);

	if (drive == ROLLOUT_HALTED)
		why_add_step(facts, why, reason_next_human(reason),
			"wipyctl rollout resume ID --reason TEXT");
	else if (drive == ROLLOUT_PAUSED)
		why_add_step(facts, why, reason_next_human(REASON_PAUSED),
			"wipyctl rollout resume ID");
	else if (drive == ROLLOUT_AWAITING_APPROVAL)
		why_add_step(facts, why, words->human, "wipyctl rollout approve ID");
	if (drive == ROLLOUT_HALTED || drive == ROLLOUT_PAUSED)
		why_add_step(facts, why,
			"Or end it: nothing more is pushed or reset then.",
			"wipyctl rollout abort ID");
}

/* The rollout, or its catch-up, stands or ends. */
static void hold_rollout(const struct why_facts *facts, struct why *why)
{
	const struct rollout *rollout = facts->rollout;
	bool late = rollout_catches_up(rollout);
	enum reason reason = late ? rollout->catch_up_reason : rollout->reason;
	enum rollout_state drive = why_drive(facts);
	struct machine_state buffer;
	const struct machine_state *words;
	struct wipy_text text;

	if (drive == ROLLOUT_RUNNING)
		return;
	words = why_state("rollout", rollout_state_name(drive), &buffer);
	if (!words || !hold_new(why, words->name, &text))
		return;
	wipy_text_str(&text, late ? "The catch-up of " : "Its ");
	why_say_rollout(facts, &text);
	wipy_text_str(&text, " is ");
	wipy_text_str(&text, words->name);
	wipy_text_str(&text, " since ");
	wait_say_time(late ? rollout->catch_up_since_s : rollout->since_s, &text);
	wipy_text_str(&text, " (");
	wipy_text_str(
		&text, drive == ROLLOUT_HALTED ? reason_code(reason) : words->meaning);
	wipy_text_str(&text, ").");
	if (drive == ROLLOUT_HALTED) {
		wipy_text_char(&text, ' ');
		wipy_text_str(&text, reason_what(reason));
		wipy_text_str(&text, facts->brake[0] ? " Counted: " : "");
		wipy_text_str(&text, facts->brake);
		wipy_text_str(&text, facts->brake[0] ? "." : "");
	}
	step_rollout(facts, why, drive, reason);
}

static void hold_wave(const struct why_facts *facts, struct why *why)
{
	const struct rollout *rollout = facts->rollout;
	int now = rollout_wave_now(rollout);
	struct wipy_text text;

	if (!hold_new(why, "wave", &text))
		return;
	wipy_text_str(&text, "It is in wave ");
	wipy_text_int(&text, facts->task->wave + 1);
	wipy_text_str(&text, " of ");
	wipy_text_int(&text, rollout->wave_count);
	wipy_text_str(&text, " of ");
	why_say_rollout(facts, &text);
	if (now >= 0 && now < facts->task->wave) {
		wipy_text_str(&text, ", and wave ");
		wipy_text_int(&text, now + 1);
		wipy_text_str(&text, " is ");
		wipy_text_str(&text, wave_state_name(rollout->wave_state[now]));
	}
	wipy_text_char(&text, '.');
}

/* It waits for a window, a place, a back-off, a soak. */
static void hold_wait(const struct why_facts *facts, struct why *why)
{
	const struct task *task = facts->task;
	const struct wait *wait = facts->wait;
	bool begins = wait->why == WAIT_TURN;
	struct why_hold *hold;
	struct wipy_text text;

	hold = hold_new(why, wait_why_name(wait->why), &text);
	if (!hold)
		return;
	hold->until_s = wait->until_s == WINDOW_NEVER ? 0 : wait->until_s;
	wipy_text_str(&text, begins ? "In " : "It waits in ");
	why_say_rollout(facts, &text);
	wipy_text_str(&text, begins ? " it is " : " ");
	wait_say(wait, &facts->place, &text);
	if (wait->why == WAIT_BACKOFF) {
		wipy_text_str(&text, ", attempt ");
		wipy_text_int(&text, task->attempt);
		wipy_text_str(&text, " of ");
		wipy_text_int(&text, facts->rollout->attempts_max);
	}
	wipy_text_char(&text, '.');
	if (task->reason != REASON_NONE && wait->why != WAIT_WINDOW) {
		wipy_text_char(&text, ' ');
		wipy_text_str(&text, reason_what(task->reason));
		why_add_step(facts, why, task_next_human(task, false), "");
	} else if (wait->why == WAIT_WINDOW) {
		why_add_step(facts, why, reason_next_human(REASON_WINDOW), "");
	}
}

/* In any other state of an active task, and in an end: the state, and the reason. */
static void hold_task(const struct why_facts *facts, struct why *why, bool over)
{
	const struct task *task = facts->task;
	const char *state = task_state_name(task->state);
	struct machine_state buffer;
	const struct machine_state *words = why_state("task", state, &buffer);
	bool said = task->reason != REASON_NONE;
	bool by_reason = said && task->state != TASK_DEFERRED;
	struct wipy_text text;

	if (!words ||
		!hold_new(why, by_reason ? reason_code(task->reason) : words->name,
			&text))
		return;
	wipy_text_str(&text, "In ");
	why_say_rollout(facts, &text);
	wipy_text_str(&text, over ? " its task ended as " : " its task is ");
	wipy_text_str(&text, words->name);
	wipy_text_str(&text, over ? " at " : " since ");
	wait_say_time(task->since_s, &text);
	wipy_text_str(&text, said ? ". " : ": ");
	wipy_text_str(&text, said ? reason_what(task->reason) : words->meaning);
	wipy_text_str(&text, said ? "" : ".");
	why_add_step(facts, why, said ? task_next_human(task, over) : words->human, "");
}

static void hold_active(const struct why_facts *facts, struct why *why)
{
	const struct task *task = facts->task;
	bool stands = why_drive(facts) != ROLLOUT_RUNNING;
	struct wipy_text text;

	hold_rollout(facts, why);
	if (task->state == TASK_PLANNED) {
		hold_wave(facts, why);
		return;
	}
	if (task->state == TASK_WAITING && facts->as_of_s) {
		if (hold_new(why, "waiting", &text))
			wipy_text_str(&text, "It waited for its turn; which window or "
					     "limit held it then is not kept.");
		return;
	}
	if (facts->wait &&
		(task->state == TASK_WAITING || task->state == TASK_BACKOFF ||
			task->state == TASK_SOAKING)) {
		/* Where nothing begins no place is waited for. */
		if (!stands || facts->wait->why != WAIT_TURN)
			hold_wait(facts, why);
		return;
	}
	hold_task(facts, why, false);
}

/* ---- no rollout ------------------------------------------------------------------ */

static void hold_forbidden(const struct why_facts *facts, struct why *why)
{
	struct wipy_text text;

	if (!hold_new(why, reason_code(facts->forbidden), &text))
		return;
	wipy_text_str(&text, "A rollout of ");
	wipy_text_str(&text, facts->target);
	wipy_text_str(&text, " would refuse it: ");
	wipy_text_str(&text, reason_what(facts->forbidden));
	why_add_step(facts, why, reason_next_human(facts->forbidden), "");
}

static void hold_no_rollout(const struct why_facts *facts, struct why *why)
{
	char command[WHY_COMMAND_MAX];
	struct machine_state buffer;
	const struct machine_state *words =
		why_state("version", version_name(facts->board->version), &buffer);
	struct wipy_text text;

	if (!hold_new(why, "no-rollout", &text))
		return;
	wipy_text_str(&text, "No rollout works on it.");
	wipy_text_init(&text, command, sizeof(command));
	wipy_text_str(&text, "wipyctl rollout --release ");
	wipy_text_str(&text, facts->target);
	wipy_text_str(&text, " --select name=");
	wipy_text_str(&text, facts->board->name);
	if (facts->board->version == VERSION_CHANGED_BY_OTHERS)
		why_add_step(facts, why, words->human, "");
	else
		why_add_step(facts, why, words->human, command);
}

static void hold_idle(const struct why_facts *facts, struct why *why)
{
	struct wipy_text text;

	if (facts->task && why_ended_badly(facts->task))
		hold_task(facts, why, true);
	if (facts->from == TARGET_NONE || facts->board->version == VERSION_UNKNOWN)
		return;
	if (!facts->target_known) {
		if (hold_new(why, reason_code(REASON_NO_RELEASE), &text)) {
			wipy_text_str(&text, "The catalogue has no release ");
			wipy_text_str(&text, facts->target);
			wipy_text_char(&text, '.');
		}
		why_add_step(facts, why,
			"Add that release, or name another one in the inventory.",
			"wipyctl release list");
	} else if (facts->forbidden != REASON_NONE &&
		   facts->forbidden != REASON_ALREADY_RUNNING) {
		/* What its latest task said is not said again. */
		if (!facts->task || !why_ended_badly(facts->task) ||
			facts->task->reason != facts->forbidden)
			hold_forbidden(facts, why);
	} else {
		hold_no_rollout(facts, why);
	}
}

void why_find_holds(const struct why_facts *facts, struct why *why)
{
	hold_conditions(facts, why);
	hold_axes(facts, why);
	if (why_is_active(facts))
		hold_active(facts, why);
	else if (!why_is_right(facts))
		hold_idle(facts, why);
}
