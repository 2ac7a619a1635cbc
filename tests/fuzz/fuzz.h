/* SPDX-License-Identifier: MIT
 *
 * What the fuzz targets share. A target is one function; it is linked with libFuzzer
 * or, in every `make check`, with replay.c.
 */
#ifndef WIPY_TESTS_FUZZ_H
#define WIPY_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Takes any bytes; ends the process if something that must always hold does not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(cond)                                                               \
	do {                                                                           \
		if (!(cond)) {                                                         \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__,        \
				__LINE__, #cond);                                      \
			abort();                                                       \
		}                                                                      \
	} while (0)

#endif
