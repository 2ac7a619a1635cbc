/* SPDX-License-Identifier: MIT
 *
 * The edit distance with swaps of neighbours, over three rows of a small table.
 */
#include "common/nearest.h"

#include <limits.h>
#include <string.h>

#define WORD_LEN_MAX 32
#define NEAR         2

static int least(int a, int b)
{
	return a < b ? a : b;
}

int nearest_distance(const char *a, const char *b)
{
	int rows[3][WORD_LEN_MAX + 1];
	size_t a_len = strlen(a), b_len = strlen(b);

	if (a_len >= WORD_LEN_MAX || b_len >= WORD_LEN_MAX)
		return INT_MAX;
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= a_len; i++) {
		int *row = rows[i % 3];
		const int *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

		row[0] = (int)i;
		for (size_t j = 1; j <= b_len; j++) {
			int changed = above[j - 1] + (a[i - 1] != b[j - 1]);

			row[j] = least(changed, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
				a[i - 2] == b[j - 1])
				row[j] = least(row[j], above2[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

void nearest_init(struct nearest *nearest, const char *typed)
{
	nearest->typed = typed;
	nearest->best[0] = '\0';
	nearest->distance = NEAR + 1;
}

void nearest_try(struct nearest *nearest, const char *word)
{
	char candidate[WORD_LEN_MAX];
	size_t len = strcspn(word, " ");
	int distance;

	if (len >= sizeof(candidate))
		return;
	memcpy(candidate, word, len);
	candidate[len] = '\0';
	distance = nearest_distance(nearest->typed, candidate);
	/* A word of three letters is two changes away from far too many others. */
	if (distance < nearest->distance && distance * 2 <= (int)len) {
		memcpy(nearest->best, candidate, len + 1);
		nearest->distance = distance;
	}
}
