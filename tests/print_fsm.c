/* SPDX-License-Identifier: MIT
 *
 * Prints the machines from the very tables that the daemon runs on, so that prose and
 * table cannot drift apart: docs/fsm.md, or with --explain the C source of what
 * `wipyctl explain` says.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/core/machines.h"
#include "daemon/core/reason.h"
#include "daemon/core/rollout_places.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const opening[] = {
	"# State machines\n",
	"This page is printed by `tests/print_fsm` from the tables in `daemon/core`, "
	"and",
	"`make check` compares the two. Do not edit it: change the table, then run",
	"`tests/print_fsm > docs/fsm.md` in the build folder. `wipyctl explain WORD` "
	"says the",
	"same of one state, event or code, and needs no daemon.\n",
	"How to read it: each machine has its states, with what ends them at the "
	"latest and what",
	"a person can do, and its rows. A row says: in state *from*, when *event* "
	"happens and",
	"*guard* holds, it moves to *to*; this is stored, and only then *action* is "
	"carried out.",
	"For one state and event the first row whose guard holds wins, so order "
	"carries meaning;",
	"a guard of `-` always holds. An event without a row means nothing in that "
	"state, or is",
	"refused if a person asked for it; a row back into its own state says that a "
	"wish is",
	"fulfilled already. *reason* is what a person is shown for the new state; "
	"*Reason codes*",
	"explains each.",
};

/* ---- docs/fsm.md ----------------------------------------------------------------- */

static const char *task_kind(enum task_state state)
{
	struct task task = {.state = state};

	if (task_state_is_end(state))
		return "end";
	if (task_takes_place(&task))
		return "in flight";
	return task_state_in_flight(state) ? "under way" : "waits";
}

static const char *kind_of(const struct machine *machine, const char *state)
{
	if (strcmp(machine->name, "task") == 0)
		return task_kind(task_state_by_name(state));
	/* An undo leaves the end of a rollout again. */
	if (strcmp(machine->name, "rollout") == 0 &&
		rollout_state_is_end(rollout_state_by_name(state)))
		return "end";
	if (strcmp(machine->name, "rescue") == 0)
		return "end";
	if (!machine->row || machine_leaves(machine, state))
		return "-";
	return machine_enters(machine, state) ? "end" : "not entered";
}

static void print_machine(const struct machine *machine)
{
	struct machine_state state;
	struct fsm_row row;

	printf("\n## %s\n\n", machine->title);
	if (strcmp(machine->name, "task") == 0)
		printf("*In flight* counts against the limits; *under way* does "
		       "not.\n\n");
	printf("| state | kind | meaning | deadline | by a person |\n"
	       "|---|---|---|---|---|\n");
	for (size_t i = 0; machine->state(i, &state); i++)
		printf("| %s | %s | %s%s%s | %s | %s |\n", state.name,
			kind_of(machine, state.name), state.meaning,
			state.next ? "; " : "", state.next ? state.next : "",
			state.deadline, state.human);
	if (!machine->row)
		return;
	printf("\n| from | event | guard | to | action | reason |\n"
	       "|---|---|---|---|---|---|\n");
	for (size_t i = 0; machine->row(i, &row); i++)
		printf("| %s | %s | %s | %s | %s | %s |\n", row.from, row.event,
			row.guard, row.to, row.action, row.reason);
}

static void print_words(
	const char *title, bool (*word)(size_t index, struct machine_word *ret_word))
{
	struct machine_word entry;

	printf("\n## %s\n\n| word | it says |\n|---|---|\n", title);
	for (size_t i = 0; word(i, &entry); i++)
		printf("| %s | %s |\n", entry.word, entry.meaning);
}

static void print_reasons(void)
{
	printf("\n## Reason codes\n\n");
	printf("| code | what happened | next, by itself | next, by a person |\n");
	printf("|---|---|---|---|\n");
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		enum reason reason = (enum reason)i;

		printf("| %s | %s | %s | %s |\n", reason_code(reason),
			reason_what(reason), reason_next_auto(reason),
			reason_next_human(reason));
	}
}

static void print_document(void)
{
	const struct machine *machine;

	for (size_t i = 0; i < COUNT(opening); i++)
		printf("%s\n", opening[i]);
	for (size_t i = 0; (machine = machine_at(i)); i++)
		print_machine(machine);
	print_words("Events", machine_event);
	print_words("Words in guards", machine_guard);
	print_reasons();
}

/* ---- the source behind `wipyctl explain` ----------------------------------------- */

static void print_string(const char *text, const char *behind)
{
	putchar('"');
	for (; text && strcmp(text, "-") != 0 && *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	printf("\"%s", behind);
}

static void print_entry(const char *kind, const char *machine, const char *word,
	const char *meaning, const char *deadline, const char *next, const char *human)
{
	printf("\t{");
	print_string(kind, ", ");
	print_string(machine, ", ");
	print_string(word, ",\n\t\t");
	print_string(meaning, ",\n\t\t");
	print_string(deadline, ",\n\t\t");
	print_string(next, ",\n\t\t");
	print_string(human, "},\n");
}

static void print_source_words(void)
{
	const struct machine *machine;
	struct machine_state state;
	struct machine_word word;

	printf("const struct explain_word explain_words[] = {\n");
	for (size_t m = 0; (machine = machine_at(m)); m++)
		for (size_t i = 0; machine->state(i, &state); i++)
			print_entry("state", machine->name, state.name, state.meaning,
				state.deadline, state.next, state.human);
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		enum reason reason = (enum reason)i;

		print_entry("reason", "", reason_code(reason), reason_what(reason), "",
			reason_next_auto(reason), reason_next_human(reason));
	}
	for (size_t i = 0; machine_event(i, &word); i++)
		print_entry("event", "", word.word, word.meaning, "", "", "");
	for (size_t i = 0; machine_guard(i, &word); i++)
		print_entry("guard", "", word.word, word.meaning, "", "", "");
	printf("\t{0},\n};\n");
}

static void print_source(void)
{
	const struct machine *machine;
	struct fsm_row row;

	printf("/* SPDX-License-Identifier: MIT */\n"
	       "/* Made by tests/print_fsm --explain. */\n"
	       "/* clang-format off */\n"
	       "#include \"cli/explain.h\"\n\n");
	print_source_words();
	printf("\nconst struct explain_row explain_rows[] = {\n");
	for (size_t m = 0; (machine = machine_at(m)); m++)
		for (size_t i = 0; machine->row && machine->row(i, &row); i++) {
			printf("\t{");
			print_string(machine->name, ", ");
			print_string(row.from, ", ");
			print_string(row.event, ", ");
			print_string(row.guard, ", ");
			print_string(row.to, ", ");
			print_string(row.action, ", ");
			print_string(row.reason, "},\n");
		}
	printf("\t{0},\n};\n");
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--explain") == 0)
		print_source();
	else
		print_document();
	return 0;
}
