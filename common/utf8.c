/* SPDX-License-Identifier: MIT
 *
 * By the table of the Unicode standard: what is longer than needed, a surrogate, or beyond
 * the last character is none.
 */
#include "common/utf8.h"

#include <stddef.h>

/* The length of the character at `at`, 0 if it is none. */
static size_t character_len(const unsigned char *at)
{
	size_t len = at[0] < 0x80   ? 1
		     : at[0] < 0xc2 ? 0
		     : at[0] < 0xe0 ? 2
		     : at[0] < 0xf0 ? 3
		     : at[0] < 0xf5 ? 4
				    : 0;

	for (size_t i = 1; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than needed, a surrogate, or beyond the last one. */
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
		(at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return len;
}

void wipy_utf8_mend(char *text)
{
	while (*text) {
		size_t len = character_len((const unsigned char *)text);

		if (len == 0)
			*text = '?';
		text += len ? len : 1;
	}
}
