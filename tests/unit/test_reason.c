/* SPDX-License-Identifier: MIT
 *
 * Reason codes: each has a word of its own and a sentence; a person is never left without
 * a next step where none comes by itself.
 */
#include "daemon/core/reason.h"
#include "tests/tap.h"

static bool is_code_word(const char *word)
{
	if (strlen(word) == 0 || strlen(word) > 31)
		return false;
	return strspn(word, "abcdefghijklmnopqrstuvwxyz-") == strlen(word) &&
	       word[0] != '-' && word[strlen(word) - 1] != '-';
}

/* Empty, or whole sentences. */
static bool is_sentence(const char *text)
{
	size_t len = strlen(text);

	return len == 0 || (text[0] >= 'A' && text[0] <= 'Z' && text[len - 1] == '.' &&
				   !strstr(text, "  "));
}

/* Codes that need no next step: all is well, or a person has just decided. */
static bool needs_no_step(enum reason reason)
{
	return reason == REASON_ALREADY_RUNNING || reason == REASON_ABORTED ||
	       reason == REASON_BY_OPERATOR || reason == REASON_DISARMED ||
	       reason == REASON_UNDONE;
}

static void test_texts(void)
{
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		enum reason reason = (enum reason)i;
		const char *code = reason_code(reason);

		OK(is_code_word(code), code);
		EQ_INT(reason_by_code(code), i, code);
		OK(reason_what(reason)[0] && is_sentence(reason_what(reason)), code);
		OK(is_sentence(reason_next_auto(reason)), code);
		OK(is_sentence(reason_next_human(reason)), code);
		OK(needs_no_step(reason) || reason_next_auto(reason)[0] ||
				reason_next_human(reason)[0],
			code);
	}
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
	test_dirty_warning();
	EQ_STR(reason_code(REASON_NONE), "-", "no reason");
	EQ_STR(reason_what(REASON_NONE), "", "no reason says nothing");
	EQ_INT(reason_by_code("-"), REASON_NONE, "no reason comes back");
	EQ_INT(reason_by_code("nonsense"), REASON_COUNT, "an unknown code");
	EQ_INT(reason_by_code(""), REASON_COUNT, "an empty code");
	EQ_STR(reason_code(REASON_COUNT), "-", "out of range");
	return tap_done();
}
