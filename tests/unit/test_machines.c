/* SPDX-License-Identifier: MIT
 *
 * The machines as words: nothing is left without a meaning, a way out, a next step.
 */
#include "daemon/core/machines.h"

#include "daemon/core/model.h"
#include "daemon/core/reason.h"
#include "tests/tap.h"

static bool has_state(const struct machine *machine, const char *name)
{
	struct machine_state state;

	for (size_t i = 0; machine->state(i, &state); i++)
		if (strcmp(state.name, name) == 0)
			return true;
	return strcmp(name, "any") == 0;
}

static void test_states(const struct machine *machine)
{
	struct machine_state state;

	for (size_t i = 0; machine->state(i, &state); i++) {
		OK(strcmp(state.name, "invalid") != 0, machine->name);
		OK(state.meaning && state.meaning[0], state.name);
		OK(state.deadline && state.deadline[0], state.name);
		OK(state.human && state.human[0], state.name);
		OK(!state.next || state.next[0], state.name);
	}
	OK(!has_state(machine, "nonsense"), machine->name);
}

static bool is_known(
	bool (*word)(size_t index, struct machine_word *ret_word), const char *text)
{
	struct machine_word entry;

	for (size_t i = 0; word(i, &entry); i++)
		if (strcmp(entry.word, text) == 0)
			return true;
	return false;
}

/* "before_cancelled" is made of two words; "attempts_left" is one. */
static bool is_made_of_words(const char *guard)
{
	struct machine_word word;

	if (*guard == '\0')
		return true;
	for (size_t i = 0; machine_guard(i, &word); i++) {
		size_t len = strlen(word.word);

		if (strncmp(guard, word.word, len) != 0)
			continue;
		if (guard[len] == '\0' ||
			(guard[len] == '_' && is_made_of_words(guard + len + 1)))
			return true;
	}
	return false;
}

static void test_rows(const struct machine *machine)
{
	struct fsm_row row;

	for (size_t i = 0; machine->row && machine->row(i, &row); i++) {
		OK(has_state(machine, row.from) && has_state(machine, row.to),
			row.from);
		OK(is_known(machine_event, row.event), row.event);
		OK(strcmp(row.guard, "-") == 0 || is_made_of_words(row.guard),
			row.guard);
	}
}

/* A row leads into it, or out of it by its name. */
static bool is_used(const struct machine *machine, const char *state)
{
	struct fsm_row row;

	for (size_t i = 0; machine->row && machine->row(i, &row); i++)
		if (strcmp(row.from, state) == 0)
			return true;
	return !machine->row || machine_enters(machine, state);
}

static bool is_end(const struct machine *machine, const char *state)
{
	if (strcmp(machine->name, "task") == 0)
		return task_state_is_end(task_state_by_name(state));
	if (strcmp(machine->name, "rollout") == 0)
		return rollout_state_is_end(rollout_state_by_name(state));
	if (strcmp(machine->name, "wave") == 0)
		return strcmp(state, "passed") == 0 || strcmp(state, "skipped") == 0;
	if (strcmp(machine->name, "reach") == 0)
		return strcmp(state, "retired") == 0;
	return strcmp(machine->name, "rescue") == 0;
}

/* DESIGN.md 5: every state but the ends has a deadline and a way out of it. */
static void test_ways_out(const struct machine *machine)
{
	struct machine_state state;

	for (size_t i = 0; machine->state(i, &state); i++) {
		bool none = strcmp(state.deadline, "-") == 0;
		bool leaves = machine_leaves(machine, state.name) || state.next;

		if (is_end(machine, state.name))
			tap_ok(none, "%s %s is an end", machine->name, state.name);
		else if (is_used(machine, state.name) || !none)
			tap_ok(!none && strncmp(state.deadline, "none", 4) != 0 &&
					leaves,
				"%s %s has a deadline and a way out", machine->name,
				state.name);
		else
			tap_ok(!machine_enters(machine, state.name),
				"%s %s is in no use", machine->name, state.name);
	}
}

/* No way leads out of the end of a task. */
static void test_task_ends(const struct machine *machine)
{
	for (int i = 0; i < TASK_STATE_COUNT; i++)
		OK(machine_leaves(machine, task_state_name((enum task_state)i)) !=
				task_state_is_end((enum task_state)i),
			task_state_name((enum task_state)i));
}

/* What is ended, held or put off says why. */
static void test_task_reasons(const struct machine *machine)
{
	struct fsm_row row;

	for (size_t i = 0; machine->row(i, &row); i++) {
		enum task_state to = task_state_by_name(row.to);
		bool says = task_state_is_end(to) || to == TASK_HELD ||
			    to == TASK_DEFERRED || to == TASK_BACKOFF;

		if (says && to != TASK_CONFIRMED)
			tap_ok(reason_by_code(row.reason) > REASON_NONE &&
					reason_by_code(row.reason) < REASON_COUNT,
				"%s on %s, %s -> %s says why", row.from, row.event,
				row.guard, row.to);
	}
}

/* A word that no row uses any more is a leftover. */
static bool event_is_used(const char *word)
{
	const struct machine *machine;
	struct fsm_row row;

	for (size_t m = 0; (machine = machine_at(m)); m++)
		for (size_t i = 0; machine->row && machine->row(i, &row); i++)
			if (strcmp(row.event, word) == 0)
				return true;
	return false;
}

static bool guard_is_used(const char *word)
{
	const struct machine *machine;
	struct fsm_row row;

	for (size_t m = 0; (machine = machine_at(m)); m++)
		for (size_t i = 0; machine->row && machine->row(i, &row); i++)
			if (strstr(row.guard, word))
				return true;
	return false;
}

static void test_words(void)
{
	struct machine_word word;

	for (size_t i = 0; machine_event(i, &word); i++)
		OK(word.meaning[0] && event_is_used(word.word), word.word);
	for (size_t i = 0; machine_guard(i, &word); i++)
		OK(word.meaning[0] && guard_is_used(word.word), word.word);
	OK(!is_made_of_words("nonsense") && !is_made_of_words("touched_nonsense"),
		"an unknown guard is found");
	OK(!is_known(machine_event, "nonsense"), "an unknown event is found");
}

int main(void)
{
	const struct machine *machine;
	size_t count = 0;

	for (; (machine = machine_at(count)); count++) {
		test_states(machine);
		test_rows(machine);
		test_ways_out(machine);
	}
	EQ_INT((int64_t)count, 8,
		"task, rollout, wave, reach, access, version, condition, rescue");
	test_task_ends(machine_at(0));
	test_task_reasons(machine_at(0));
	test_words();
	return tap_done();
}
