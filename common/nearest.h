/* SPDX-License-Identifier: MIT
 *
 * "Did you mean": the nearest known word to a mistyped one.
 */
#ifndef WIPY_COMMON_NEAREST_H
#define WIPY_COMMON_NEAREST_H

#include <stddef.h>

/* How many letters must be added, removed, replaced or swapped with their neighbour to
 * make b of a; words of 32 and more bytes are always far apart. */
int nearest_distance(const char *a, const char *b);

/* A search over candidates, fed one by one. */
struct nearest {
	const char *typed; /* borrowed */
	char best[32];     /* "" while nothing is near enough */
	int distance;
};

void nearest_init(struct nearest *nearest, const char *typed);
/* The word ends at a blank or a NUL. Near is a distance of at most 2, and at most half of
 * the word. */
void nearest_try(struct nearest *nearest, const char *word);

#endif
