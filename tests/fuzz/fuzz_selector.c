/* SPDX-License-Identifier: MIT
 *
 * Any text as a selector, with two saved ones (its second and third line): what is taken
 * can be written anew and means the same then; what is not has a sentence.
 */
#include <string.h>

#include "daemon/core/selector.h"
#include "tests/fuzz/fuzz.h"

#define LINES    3
#define LINE_MAX 1200

static const char *value_of(
	void *arg, enum selector_key key, const char *label, size_t index)
{
	static const char *const values[] = {"berlin", "v1.8.7-219-g0c821f7", "lab-07",
		"", "online", "b12", "dirty"};
	size_t board = *(const size_t *)arg;

	if (index > board || (key == SELECTOR_LABEL && label[0] == 'n'))
		return NULL;
	return values[((size_t)key + board + index) %
		      (sizeof(values) / sizeof(values[0]))];
}

static void check_meaning(const struct selector *selector, const struct selector *again)
{
	static bool each[SELECTOR_NODES];

	for (size_t board = 0; board < 4; board++) {
		bool holds = selector_match(selector, value_of, &board);

		FUZZ_CHECK(selector_match(again, value_of, &board) == holds);
		selector_match_each(selector, value_of, &board, each);
		FUZZ_CHECK(selector->count == 0 || each[selector->count - 1] == holds);
	}
}

static void check(const char *text, const struct selector_words *words)
{
	static struct selector selector, again;
	static char written[4 * SELECTOR_TEXT_MAX], twice[4 * SELECTOR_TEXT_MAX];
	struct errtext error = {""};

	if (selector_parse(text, words, &selector, &error) < 0) {
		FUZZ_CHECK(strncmp(error.text, "selector: ", 10) == 0);
		return;
	}
	FUZZ_CHECK(error.text[0] == '\0');
	FUZZ_CHECK(selector_format(&selector, written, sizeof(written)) == 0);
	/* Written anew it may be longer than what can be typed. */
	if (selector_parse(written, NULL, &again, &error) < 0) {
		FUZZ_CHECK(strlen(written) >= SELECTOR_MAX ||
			   strstr(error.text, "at most"));
		return;
	}
	FUZZ_CHECK(selector_format(&again, twice, sizeof(twice)) == 0);
	FUZZ_CHECK(strcmp(written, twice) == 0);
	check_meaning(&selector, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char line[LINES][LINE_MAX];
	struct selector_set set[LINES - 1] = {{"a", line[1]}, {"b", line[2]}};
	const struct selector_words words = {.set = set, .set_count = LINES - 1};
	size_t at = 0;

	for (size_t i = 0; i < LINES; i++) {
		size_t len = 0;

		for (; at < size && data[at] != '\n' && data[at]; at++)
			if (len + 1 < LINE_MAX)
				line[i][len++] = (char)data[at];
		line[i][len] = '\0';
		at += at < size;
	}
	check(line[0], &words);
	return 0;
}
