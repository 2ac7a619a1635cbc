/* SPDX-License-Identifier: MIT
 *
 * What the catalogue's files share.
 */
#ifndef WIPYD_EDGE_CATALOGUE_PRIVATE_H
#define WIPYD_EDGE_CATALOGUE_PRIVATE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/err.h"

/* Writes the sentence and returns the code. */
__attribute__((format(printf, 3, 4))) static inline int fault(
	struct errtext *error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code;
}

/* What only want of memory could refuse: then the process ends. */
static inline void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

#endif
