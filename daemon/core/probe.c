/* SPDX-License-Identifier: MIT
 *
 * Probes: outcomes of a round, their verdict, their text in the store.
 *
 * A line of that text: the outcome's first letter, the time, the name, the evidence,
 * blanks between them. Names hold no blank.
 */
#include "daemon/core/probe.h"

#include <errno.h>
#include <string.h>

static const char *const outcome_names[PROBE_OUTCOME_COUNT] = {
	[PROBE_UNASKED] = "unasked",
	[PROBE_PASS] = "pass",
	[PROBE_FAIL] = "fail",
	[PROBE_INCONCLUSIVE] = "inconclusive",
};

const char *probe_outcome_name(enum probe_outcome outcome)
{
	return outcome < PROBE_OUTCOME_COUNT ? outcome_names[outcome] : "invalid";
}

static void copy_printable(char *to, size_t cap, const char *from, size_t len)
{
	size_t at = 0;

	for (; at + 1 < cap && at < len && from[at]; at++)
		to[at] = from[at] >= ' ' && from[at] <= '~' ? from[at] : '?';
	to[at] = '\0';
}

void probe_result_set(struct probe_result *result, enum probe_outcome outcome,
	int64_t time_s, const char *evidence)
{
	result->outcome = outcome;
	result->time_s = time_s;
	copy_printable(
		result->evidence, sizeof(result->evidence), evidence, strlen(evidence));
}

static const struct probe_result *find_result(
	const struct probe_results *results, const char *name)
{
	for (size_t i = 0; i < results->count; i++)
		if (strcmp(results->result[i].name, name) == 0)
			return &results->result[i];
	return NULL;
}

static bool is_answer(const struct probe_result *result)
{
	return result->outcome == PROBE_PASS || result->outcome == PROBE_FAIL;
}

bool probe_results_merge(struct probe_results *known, const struct probe_results *round)
{
	struct probe_results merged = *round;
	bool changed = known->count != round->count;

	for (size_t i = 0; i < merged.count; i++) {
		const struct probe_result *old =
			find_result(known, merged.result[i].name);

		if (old && is_answer(old) && !is_answer(&merged.result[i]))
			merged.result[i] = *old;
		changed |= !old || old->outcome != merged.result[i].outcome;
	}
	*known = merged;
	return changed;
}

enum probe_outcome probe_verdict(const struct probe_results *results)
{
	enum probe_outcome verdict = results->count ? PROBE_PASS : PROBE_UNASKED;

	for (size_t i = 0; i < results->count; i++) {
		if (results->result[i].outcome == PROBE_FAIL)
			return PROBE_FAIL;
		if (results->result[i].outcome != PROBE_PASS)
			verdict = PROBE_INCONCLUSIVE;
	}
	return verdict;
}

/* ---- the text ---------------------------------------------------------------------- */

struct writing {
	char *text;
	size_t cap, len;
	bool full;
};

static void put(struct writing *w, const char *part, size_t len)
{
	if (w->len + len >= w->cap) {
		w->full = true;
		return;
	}
	memcpy(w->text + w->len, part, len);
	w->len += len;
	w->text[w->len] = '\0';
}

static void put_number(struct writing *w, int64_t number)
{
	uint64_t left = number > 0 ? (uint64_t)number : 0;
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	put(w, digits + at, sizeof(digits) - at);
}

static void put_line(struct writing *w, const struct probe_result *result)
{
	size_t before = w->len;

	put(w, outcome_names[result->outcome], 1);
	put(w, " ", 1);
	put_number(w, result->time_s);
	put(w, " ", 1);
	put(w, result->name, strlen(result->name));
	put(w, " ", 1);
	put(w, result->evidence, strlen(result->evidence));
	put(w, "\n", 1);
	if (w->full) /* a line is there whole, or not at all */
		w->text[w->len = before] = '\0';
}

void probe_record_write(
	const struct probe_results *results, char ret_text[PROBE_RECORD_MAX])
{
	struct writing w = {.text = ret_text, .cap = PROBE_RECORD_MAX};

	ret_text[0] = '\0';
	for (size_t i = 0; i < results->count && !w.full; i++)
		put_line(&w, &results->result[i]);
}

/* The word up to the next blank; NULL: there is none. */
static const char *take_word(const char **at, const char *end, size_t *ret_len)
{
	const char *word = *at;
	const char *blank = memchr(word, ' ', (size_t)(end - word));

	if (!blank)
		return NULL;
	*ret_len = (size_t)(blank - word);
	*at = blank + 1;
	return word;
}

static enum probe_outcome outcome_of(const char *word, size_t len)
{
	for (int i = 0; i < PROBE_OUTCOME_COUNT; i++)
		if (len == 1 && word[0] == outcome_names[i][0])
			return (enum probe_outcome)i;
	return PROBE_OUTCOME_COUNT;
}

static int64_t number_of(const char *word, size_t len)
{
	int64_t number = 0;

	for (size_t i = 0; i < len && i < 18; i++)
		if (word[i] >= '0' && word[i] <= '9')
			number = number * 10 + (word[i] - '0');
	return number;
}

static bool read_line(const char *at, const char *end, struct probe_result *ret_result)
{
	size_t outcome_len, time_len, name_len;
	const char *outcome = take_word(&at, end, &outcome_len);
	const char *time = outcome ? take_word(&at, end, &time_len) : NULL;
	const char *name = time ? take_word(&at, end, &name_len) : NULL;

	if (!name || outcome_of(outcome, outcome_len) == PROBE_OUTCOME_COUNT)
		return false;
	ret_result->outcome = outcome_of(outcome, outcome_len);
	ret_result->time_s = number_of(time, time_len);
	copy_printable(ret_result->name, sizeof(ret_result->name), name, name_len);
	copy_printable(ret_result->evidence, sizeof(ret_result->evidence), at,
		(size_t)(end - at));
	return true;
}

void probe_record_read(const char *text, struct probe_results *ret_results)
{
	const char *end;

	ret_results->count = 0;
	while (ret_results->count < PROBES_MAX && (end = strchr(text, '\n'))) {
		if (read_line(text, end, &ret_results->result[ret_results->count]))
			ret_results->count++;
		text = end + 1;
	}
}

/* ---- words in braces --------------------------------------------------------------- */

static int put_word(struct writing *w, const char *word, size_t len, const char *name,
	const char *address, bool brackets)
{
	if (len == strlen("name") && memcmp(word, "name", len) == 0) {
		put(w, name, strlen(name));
		return 0;
	}
	if (len != strlen("address") || memcmp(word, "address", len) != 0)
		return -EINVAL;
	brackets = brackets && strchr(address, ':');
	put(w, "[", brackets ? 1 : 0);
	put(w, address, strlen(address));
	put(w, "]", brackets ? 1 : 0);
	return 0;
}

int probe_expand(const char *text, const char *name, const char *address, bool brackets,
	char *ret_text, size_t cap)
{
	struct writing w = {.text = ret_text, .cap = cap};
	int rc;

	if (cap == 0)
		return -E2BIG;
	ret_text[0] = '\0';
	while (*text) {
		size_t plain = strcspn(text, "{");
		const char *close;

		put(&w, text, plain);
		text += plain;
		if (!*text)
			break;
		close = strchr(text, '}');
		if (!close)
			return -EINVAL;
		rc = put_word(&w, text + 1, (size_t)(close - text - 1), name, address,
			brackets);
		if (rc < 0)
			return rc;
		text = close + 1;
	}
	return w.full ? -E2BIG : 0;
}
