/* SPDX-License-Identifier: MIT
 *
 * Finding bytes in bytes, in time that grows with the sum of both lengths, not with their
 * product, and without memory: 16 KiB of 'a' searched for 8 KiB of them and a 'b' would
 * else take 64 million steps of one instruction, which nothing interrupts.
 *
 * What is looked for is cut in two where its greatest suffix begins, by one or the other
 * order of the bytes, whichever is shorter. Its right part is compared first, forwards:
 * a mismatch there moves it by as much as was equal. Then its left part, backwards: a
 * mismatch there moves it by its period. (Two-way string matching, Crochemore and Perrin
 * 1991.)
 */
#include <string.h>

#include "firmware/core/py_native.h"

/* Read backwards, the last occurrence is the first one. */
struct reader {
	const uint8_t *at;
	size_t len;
	bool backwards;
};

static uint8_t get(const struct reader *reader, size_t i)
{
	return reader->at[reader->backwards ? reader->len - 1 - i : i];
}

/* Where the greatest suffix begins, and its period. */
static size_t greatest_suffix(const struct reader *what, bool least, size_t *ret_period)
{
	size_t best = 0, other = 1, equal = 0, period = 1;

	while (other + equal < what->len) {
		uint8_t a = get(what, other + equal);
		uint8_t b = get(what, best + equal);

		if (a == b) {
			equal++;
			if (equal == period) {
				other += period;
				equal = 0;
			}
		} else if ((a < b) != least) {
			other += equal + 1;
			equal = 0;
			period = other - best;
		} else {
			best = other;
			other++;
			equal = 0;
			period = 1;
		}
	}
	*ret_period = period;
	return best;
}

/* Where to cut. `*ret_period`: of all of it, or, if *ret_repeats is false, a safe move. */
static size_t cut_in_two(
	const struct reader *what, size_t *ret_period, bool *ret_repeats)
{
	size_t period, other_period, i = 0;
	size_t cut = greatest_suffix(what, false, &period);
	size_t other = greatest_suffix(what, true, &other_period);

	if (other > cut) {
		cut = other;
		period = other_period;
	}
	while (i < cut && i + period < what->len &&
		get(what, i) == get(what, i + period))
		i++;
	*ret_repeats = i == cut;
	if (!*ret_repeats)
		period = (cut > what->len - cut ? cut : what->len - cut) + 1;
	*ret_period = period;
	return cut;
}

static size_t search(const struct reader *in, const struct reader *what)
{
	size_t period,
		known = 0; /* bytes of its beginning that are known to be equal */
	bool repeats;
	size_t cut = cut_in_two(what, &period, &repeats);

	for (size_t at = 0; at + what->len <= in->len;) {
		size_t i = cut > known ? cut : known;

		while (i < what->len && get(what, i) == get(in, at + i))
			i++;
		if (i < what->len) {
			at += i - cut + 1;
			known = 0;
			continue;
		}
		for (i = cut; i > known && get(what, i - 1) == get(in, at + i - 1);)
			i--;
		if (i <= known)
			return at;
		at += period;
		known = repeats ? what->len - period : 0;
	}
	return PY_NOWHERE;
}

size_t py_find(const char *in, size_t in_len, const char *what, size_t len, bool last)
{
	const struct reader text = {(const uint8_t *)in, in_len, last};
	const struct reader wanted = {(const uint8_t *)what, len, last};
	size_t at;

	if (len > in_len)
		return PY_NOWHERE;
	if (len == 0)
		return last ? in_len : 0;
	at = search(&text, &wanted);
	return last && at != PY_NOWHERE ? in_len - at - len : at;
}
