/* SPDX-License-Identifier: MIT
 *
 * How a person gets at the boot loader of a board, kind by kind (WIRE.md 3.3, 3.5). For
 * card.c alone.
 */
#ifndef WIPY_CORE_CARD_BENCH_H
#define WIPY_CORE_CARD_BENCH_H

#include "common/family.h"

struct card_bench {
	const char *pin, *led;
	int debounce_ms;
	const char *ap, *key, *address;
	const char *beat,
		*fatal;     /* what the LED shows when it runs, and when it cannot */
	const char *serial; /* the last resort */
};

/* `board` is the text in its fingerprint. */
const struct card_bench *card_bench_of(enum wipy_family family, const char *board);

#endif
