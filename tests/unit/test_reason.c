/* SPDX-License-Identifier: MIT
 *
 * Reason codes: each has a word and three sentences of its own, also where nothing comes
 * by itself or nothing is to be done.
 */
#include "daemon/core/reason.h"
#include "daemon/core/task_fsm.h"
#include "tests/tap.h"

static bool is_code_word(const char *word)
{
	if (strlen(word) == 0 || strlen(word) > 31)
		return false;
	return strspn(word, "abcdefghijklmnopqrstuvwxyz-") == strlen(word) &&
	       word[0] != '-' && word[strlen(word) - 1] != '-';
}

/* A whole sentence, or several: not a word or two, and nothing that hangs over. */
static bool is_sentence(const char *text)
{
	size_t len = strlen(text);

	return len > 12 && text[0] >= 'A' && text[0] <= 'Z' && text[len - 1] == '.' &&
	       strchr(text, ' ') && !strstr(text, "  ") && !strstr(text, " .");
}

static bool what_is_its_own(enum reason reason)
{
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		if (i != (int)reason &&
			strcmp(reason_what((enum reason)i), reason_what(reason)) == 0)
			return false;
	return true;
}

static void test_texts(void)
{
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		enum reason reason = (enum reason)i;
		const char *code = reason_code(reason);

		OK(is_code_word(code), code);
		EQ_INT(reason_by_code(code), i, code);
		tap_ok(is_sentence(reason_what(reason)), "%s: what happened", code);
		tap_ok(is_sentence(reason_next_auto(reason)), "%s: by itself", code);
		tap_ok(is_sentence(reason_next_at_end(reason)), "%s: at its end", code);
		tap_ok(is_sentence(reason_next_human(reason)), "%s: a person", code);
		tap_ok(what_is_its_own(reason), "%s: no other says the same", code);
	}
}

/* The word of a task that goes on would be a false hope at its end. */
static void test_ends(void)
{
	struct fsm_row row;

	for (size_t i = 0; task_fsm_row(i, &row); i++) {
		enum reason reason = reason_by_code(row.reason);
		const char *next = reason_next_at_end(reason);

		if (reason == REASON_NONE ||
			!task_state_is_end(task_state_by_name(row.to)))
			continue;
		tap_ok(!strstr(next, "attempts are left") && !strstr(next, "tried") &&
				!strstr(next, "pushed over"),
			"%s at the end %s", row.reason, row.to);
	}
	EQ_STR(reason_next_at_end(REASON_TRAP_SPRUNG), REASON_NOTHING_AUTO,
		"a trap that was sprung for the last time");
	EQ_STR(reason_next_at_end(REASON_NO_RETURN), reason_next_auto(REASON_NO_RETURN),
		"a lost board is looked for");
}

/* A broken push leaves a trap that the next reset springs: both texts must say so. */
static void test_dirty_warning(void)
{
	static const enum reason warned[] = {REASON_PUSH_BROKEN,
		REASON_PUSH_NOT_REPAIRED, REASON_HELD_ARMED, REASON_ARMED_ON_ABORT};

	for (size_t i = 0; i < sizeof(warned) / sizeof(warned[0]); i++)
		OK(strstr(reason_next_human(warned[i]), "not power-cycle"),
			reason_code(warned[i]));
}

int main(void)
{
	test_texts();
	test_ends();
	test_dirty_warning();
	EQ_STR(reason_code(REASON_NONE), "-", "no reason");
	EQ_STR(reason_what(REASON_NONE), "", "no reason says nothing");
	EQ_INT(reason_by_code("-"), REASON_NONE, "no reason comes back");
	EQ_INT(reason_by_code("nonsense"), REASON_COUNT, "an unknown code");
	EQ_INT(reason_by_code(""), REASON_COUNT, "an empty code");
	EQ_STR(reason_code(REASON_COUNT), "-", "out of range");
	return tap_done();
}
